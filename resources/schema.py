"""The schema of the database: which revision stands, which one this program needs, and the way from one to the other.

Belongs here: opening, upgrading and telling. Does not belong here: the revisions (migrations/versions).
"""

import os
from collections.abc import Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, column, create_engine, inspect, select, table

from resources.database import metadata, open_engine, rebuilding, writing
from resources.errors import ResourceError

MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "kodomo_version"
"""Beside Dagster's own alembic_version in the same database."""

_VERSION = table(VERSION_TABLE, column("version_num"))
_COMMAND = "kodomo database upgrade を実行してください。控えを先に取ってください。"


class SchemaError(ResourceError):
    """The tables of this database are not those this program was written for."""


def revisions() -> Sequence[str]:
    """Every revision this program knows, in order. Raises OSError for a directory that cannot be read."""
    names = os.listdir(MIGRATIONS / "versions")
    return sorted(name[:4] for name in names if fnmatch(name, "[0-9][0-9][0-9][0-9]_*.py"))


def standing(connection: Connection) -> str | None:
    """The revision of this database; None where it holds none of our tables."""
    inspector = inspect(connection)
    if inspector.has_table(VERSION_TABLE):
        revision = connection.scalar(select(_VERSION.c.version_num))
        if revision is not None:
            return str(revision)
    if set(inspector.get_table_names()) & set(metadata.tables):
        raise SchemaError(
            "unversioned",
            "データベースに、版の記録のない表があります。",
            "空のデータベースを使うか、情報システム担当に連絡してください。",
        )
    return None


def open_schema(engine: Engine) -> None:
    """The newest revision: an empty database gets it, one that has it is left alone, any other is refused."""
    with engine.connect() as connection:
        revision = standing(connection)
    if revision is None:
        revision = _migrated(engine, "head", from_nothing_only=True)
    _refuse_another(revision)


def upgrade(engine: Engine, to: str = "head") -> str:
    """Bring the database to a revision, the newest; the revision it has then. Data stays as it is."""
    with engine.connect() as connection:
        revision = standing(connection)
    if revision is not None and revision not in revisions():
        _refuse_another(revision)
    return _migrated(engine, to, from_nothing_only=False)


def _migrated(engine: Engine, to: str, *, from_nothing_only: bool) -> str:
    own = rebuilding(open_engine(engine.url))
    try:
        with writing(own, "schema") as connection:
            revision = standing(connection)
            if (revision, to, connection.dialect.name) == (None, "head", "sqlite"):
                for statement in _sqlite_schema():
                    connection.exec_driver_sql(statement)
            elif revision is None or not from_nothing_only:
                _run(connection, to)
                _refuse_loose_ends(connection)
            return str(standing(connection))
    finally:
        own.dispose()


@cache
def _sqlite_schema() -> Sequence[str]:
    """What the revisions make of an empty SQLite, as statements: run once a process, not once a database."""
    with create_engine("sqlite://").connect() as connection:
        _run(connection, "head")
        wanted = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type <> 'table', type <> 'view', rowid"
        return (
            *connection.exec_driver_sql(wanted).scalars(),
            f"INSERT INTO {VERSION_TABLE} VALUES ('{standing(connection)}')",
        )


def _run(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, revision)


def _refuse_loose_ends(connection: Connection) -> None:
    """SQLite rebuilds tables with foreign keys off: none may point nowhere afterwards."""
    if connection.dialect.name == "sqlite":
        loose: Sequence[Any] = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if loose:
            raise SchemaError(
                "loose_ends",
                f"版を上げると、{len(loose)}行が参照先を失います。",
                "何も変えていません。情報システム担当に連絡してください。",
            )


def _refuse_another(revision: str) -> None:
    newest = revisions()[-1]
    if revision == newest:
        return
    if revision in revisions():
        raise SchemaError("behind", f"データベースの版({revision})が、この版({newest})より古いです。", _COMMAND)
    raise SchemaError(
        "ahead",
        f"データベースの版({revision})を、この版({newest})は知りません。",
        "データベースを上げた版の kodomo を使ってください。",
    )
