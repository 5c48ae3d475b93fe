"""One schema, two databases: the revisions lead to the tables the program knows, and data stays as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.engine import URL

from resources import acceptances, ledger_roles, ledger_tables, outbox, registry
from resources.database import metadata, open_engine, sqlite_url
from resources.schema import VERSION_TABLE, SchemaError, open_schema, revisions, standing, upgrade
from tests.resources.conftest import Start

HOMES = (acceptances, ledger_roles, ledger_tables, outbox, registry)
"""Every module that has tables."""


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """What a database says of our tables."""
    inspector = inspect(connection)
    asked: dict[str, Callable[..., Any]] = {
        "columns": lambda name: [{**each, "type": str(each["type"])} for each in inspector.get_columns(name)],
        "key": lambda name: inspector.get_pk_constraint(name)["constrained_columns"],
        "unique": lambda name: sorted(each["column_names"] for each in inspector.get_unique_constraints(name)),
        "foreign": lambda name: sorted(
            (
                each["constrained_columns"],
                each["referred_table"],
                each["referred_columns"],
                sorted(each["options"].items()),
            )
            for each in inspector.get_foreign_keys(name)
        ),
        "checks": lambda name: sorted(
            (each["name"], each["sqltext"]) for each in inspector.get_check_constraints(name)
        ),
        "indexes": lambda name: sorted(each["column_names"] for each in inspector.get_indexes(name)),
    }
    return {name: {what: ask(name) for what, ask in asked.items()} for name in sorted(metadata.tables)}


def triggers(connection: Connection, table: str) -> list[str]:
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal"
    )
    return sorted(connection.execute(text(asked), {"table": table}).scalars())


@pytest.fixture
def other(database: URL, request: pytest.FixtureRequest, tmp_path: Any) -> Engine:
    """A second empty database of the same kind."""
    if database.get_backend_name() == "sqlite":
        return open_engine(sqlite_url(tmp_path / "other.sqlite"))
    return open_engine(request.getfixturevalue("postgres_cluster").fresh())


def test_the_revisions_lead_to_the_tables_the_program_knows(engine: Engine, other: Engine) -> None:
    assert {each.name for home in HOMES for each in vars(home).values() if isinstance(each, Table)} == set(
        metadata.tables
    )
    open_schema(engine)
    metadata.create_all(other)
    ours = {"version_table": VERSION_TABLE, "compare_type": True, "include_name": known}
    with engine.connect() as migrated, other.connect() as created:
        assert compare_metadata(MigrationContext.configure(migrated, opts=ours), metadata) == []
        assert shape(migrated) == shape(created)


def known(name: str | None, kind: str, _parents: object) -> bool:
    """What the comparison looks at: our tables, not what Dagster keeps beside them."""
    return kind != "table" or name in metadata.tables


def test_every_append_only_table_is_guarded(engine: Engine) -> None:
    open_schema(engine)
    verbs = ("DELETE", "UPDATE") if engine.dialect.name == "sqlite" else ("row", "statement")
    guarded = [name for name, table in metadata.tables.items() if table.info.get("append_only")]
    assert set(metadata.tables) - set(guarded) == {"database_logins"}
    with engine.connect() as connection:
        for name in guarded:
            assert {f"{name}_no_{verb}" for verb in verbs} <= set(triggers(connection, name))


def test_an_empty_database_gets_the_newest_revision_and_keeps_it(engine: Engine) -> None:
    for _ in range(2):
        open_schema(engine)
        with engine.connect() as connection:
            assert standing(connection) == revisions()[-1]


@pytest.mark.parametrize(("revision", "code"), [("0000", "ahead"), ("9999", "ahead")])
def test_a_revision_nobody_knows_is_refused(engine: Engine, revision: str, code: str) -> None:
    open_schema(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))
    for door in (open_schema, upgrade):
        with pytest.raises(SchemaError) as caught:
            door(engine)
        assert caught.value.code == code


def test_tables_without_a_revision_are_refused(engine: Engine) -> None:
    metadata.create_all(engine)
    with pytest.raises(SchemaError) as caught:
        open_schema(engine)
    assert caught.value.code == "unversioned"


def test_three_processes_that_open_an_empty_database_make_it_once(start: Start, database: URL) -> None:
    address = database.render_as_string(hide_password=False)
    children = [start("open_house", address) for _ in range(3)]
    told = [child.communicate(timeout=120)[1] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], told
    engine = open_engine(database)
    with engine.connect() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all() == [revisions()[-1]]
        assert shape(connection)["payment_orders"]["key"] == ["payment_no"]
    engine.dispose()
