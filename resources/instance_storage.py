"""Where Dagster keeps its own history: SQLite in the home by default, PostgreSQL when KODOMO_DATABASE_URL is set.

Belongs here: the one class that dagster.yaml names. Does not belong here: the city's data, which Dagster's
history never holds.
"""

import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster import DagsterInstance
from dagster_postgres import DagsterPostgresStorage
from sqlalchemy import Engine, event

from resources.database import database_url
from resources.durable import make_directory
from resources.home import home


@event.listens_for(Engine, "connect")
def _history_without_fsync(connection: Any, _record: object) -> None:
    """Dagster's SQLite history is no record of the city's: it outlives a killed process without an fsync per event."""
    if isinstance(connection, sqlite3.Connection):
        (file,) = (row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main")
        if Path(file).is_relative_to(home() / "dagster"):
            connection.execute("PRAGMA synchronous=OFF")


class InstanceStorage(DagsterPostgresStorage):
    """Chooses the storage when an instance opens, so that one dagster.yaml serves both without a variable."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No setting of its own: the environment decides."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> Any:
        """Dagster's storage in PostgreSQL, or in SQLite under <home>/dagster."""
        if os.environ.get("KODOMO_DATABASE_URL"):
            return DagsterPostgresStorage(database_url().render_as_string(hide_password=False), inst_data=inst_data)
        directory = home() / "dagster"
        make_directory(directory)
        (directory / "dagster.yaml").touch()
        with DagsterInstance.local_temp(str(directory)) as instance:
            return instance.get_ref().storage
