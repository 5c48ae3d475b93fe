"""Dagster's SQLite history in the fast suite: one engine a file, where Dagster makes one for every event.

An engine remembers the statements it has compiled; connections are opened and closed as ever. The slow suite runs
Dagster as it is.
"""

from collections.abc import Callable

from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy import Engine

Opening = Callable[..., Engine]


def _remembering(opened: Opening) -> Opening:
    engines: dict[str, Engine] = {}

    def create_engine(address: str, **settings: object) -> Engine:
        if address not in engines:
            engines[address] = opened(address, **settings)
        return engines[address]

    return create_engine


def one_engine_a_file() -> None:
    """From now on, in this process."""
    for module in (sqlite_event_log, sqlite_run_storage):
        module.create_engine = _remembering(module.create_engine)
