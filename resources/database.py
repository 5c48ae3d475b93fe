"""The one way to the database: SQLite in the home by default, PostgreSQL when KODOMO_DATABASE_URL is set.

Belongs here: engine, transactions, instants in UTC. Does not belong here: any table (registry.py, ledger_tables.py and
outbox.py own theirs), the revisions of the schema (schema.py).
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator

from resources.durable import locked, make_directory
from resources.errors import ResourceError
from resources.home import home

BUSY_MILLISECONDS = 60_000
"""How long a SQLite writer waits for another one."""

POSTGRES = "postgresql+psycopg2"
metadata = MetaData()


class DatabaseError(ResourceError):
    """The database setting cannot be used. The address is never repeated: it may hold a password."""


class Utc(TypeDecorator[datetime]):
    """An instant. Aware in Python, UTC in both databases; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant needs its time zone")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    """The clock of the doors; tests hand in their own."""
    return datetime.now(UTC)


def database_url(environ: Mapping[str, str] = os.environ) -> URL:
    """KODOMO_DATABASE_URL with the psycopg2 driver, else the SQLite file in the home."""
    given = environ.get("KODOMO_DATABASE_URL")
    return postgres_url(given) if given else sqlite_url(home(environ) / "kodomo.sqlite")


def sqlite_url(file: Path) -> URL:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(file))


def postgres_url(given: str) -> URL:
    """A PostgreSQL address under the one driver that Dagster and SQLAlchemy share. Raises DatabaseError."""
    try:
        url = make_url(given)
    except ArgumentError:
        url = URL.create("none")
    if url.drivername not in {"postgres", "postgresql", POSTGRES}:
        raise DatabaseError(
            "database_url",
            "KODOMO_DATABASE_URL が PostgreSQL の接続先になっていません。",
            "postgresql://利用者@ホスト/データベース の形で設定するか、設定を外して SQLite を使ってください。",
        )
    return url.set(drivername=POSTGRES)


def open_engine(url: URL | None = None) -> Engine:
    """An engine for `url` (default: database_url()). Statements' values never reach its errors."""
    url = url or database_url()
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        executemany_mode="values_plus_batch",
        executemany_batch_page_size=1_000,
        connect_args={"options": "-c synchronous_commit=on -c timezone=UTC", "client_encoding": "utf8"},
    )


def _sqlite_engine(url: URL) -> Engine:
    file = Path(str(url.database))
    make_directory(file.parent)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            with locked(file.with_name(file.name + ".lock")):
                connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA recursive_triggers=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("kodomo_writes", False)
        if connection.get_execution_options().get("kodomo_rebuilds", False):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine, lock: str) -> Iterator[Connection]:
    """One transaction that excludes every other writer under the same lock name. All of it or nothing."""
    with engine.execution_options(kodomo_writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            number = int.from_bytes(sha256(lock.encode()).digest()[:8], "big", signed=True)
            connection.execute(select(func.pg_advisory_xact_lock(number)))
        yield connection


def insert_or_leave(connection: Connection, table: Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING without a target: any unique rule that already holds leaves the row."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def rebuilding(engine: Engine) -> Engine:
    """An engine that may rebuild tables: in SQLite its transactions do not hold foreign keys."""
    return engine.execution_options(kodomo_rebuilds=True)


def append_only(table: Table) -> Table:
    """The table, marked as one whose rows both databases refuse to change (migrations/guards.py)."""
    table.info["append_only"] = True
    return table
