"""One schema, two databases: the revisions lead to the tables the program knows, and data stays as it is."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, inspect, select, text
from sqlalchemy.engine import URL

from resources import acceptances, ledger_roles, ledger_tables, outbox, payees, registry
from resources.database import metadata, open_engine, sqlite_url
from resources.ledger import Ledger
from resources.ledger_checks import LedgerError
from resources.ledger_states import State
from resources.ledger_tables import OBLIGATIONS, VERDICTS
from resources.schema import VERSION_TABLE, SchemaError, open_schema, revisions, standing, upgrade
from tests.resources.children import payment_entries
from tests.resources.conftest import Start
from tests.support.postgres import on_both_databases

HOMES = (acceptances, ledger_roles, ledger_tables, outbox, payees, registry)
"""Every module that has tables."""


def shape(connection: Connection) -> dict[str, dict[str, Any]]:
    """What a database says of our tables."""
    inspector = inspect(connection)
    asked: dict[str, Callable[..., Any]] = {
        "columns": lambda name: {
            each["name"]: {**each, "type": str(each["type"])} for each in inspector.get_columns(name)
        },
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


@on_both_databases
@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
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


@on_both_databases
def test_every_append_only_table_is_guarded(engine: Engine) -> None:
    open_schema(engine)
    verbs = ("DELETE", "UPDATE") if engine.dialect.name == "sqlite" else ("row", "statement")
    guarded = [name for name, table in metadata.tables.items() if table.info.get("append_only")]
    assert set(metadata.tables) - set(guarded) == {"database_logins"}
    with engine.connect() as connection:
        for name in guarded:
            assert {f"{name}_no_{verb}" for verb in verbs} <= set(triggers(connection, name))


@on_both_databases
def test_an_empty_database_gets_the_newest_revision_and_keeps_it(engine: Engine) -> None:
    for _ in range(2):
        open_schema(engine)
        with engine.connect() as connection:
            assert standing(connection) == revisions()[-1]


@on_both_databases
@pytest.mark.parametrize(("revision", "code"), [("0000", "ahead"), ("9999", "ahead")])
def test_a_revision_nobody_knows_is_refused(engine: Engine, revision: str, code: str) -> None:
    open_schema(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))
    for door in (open_schema, upgrade):
        with pytest.raises(SchemaError) as caught:
            door(engine)
        assert caught.value.code == code


@on_both_databases
def test_a_database_of_an_older_program_is_refused_until_it_is_upgraded(engine: Engine) -> None:
    upgrade(engine, revisions()[0])
    with pytest.raises(SchemaError, match="kodomo database upgrade") as caught:
        open_schema(engine)
    assert caught.value.code == "behind"
    assert upgrade(engine) == revisions()[-1]
    open_schema(engine)


FIRST_ROWS = (
    "INSERT INTO payment_orders VALUES ('0000000001', '112038', 'claim', 'C1', 500, '0017', '123', '1', '0000001',"
    " 'ｼｹﾝ', '2026-10-30', '2026-09-01', 'r', '2026-10-20 03:00:00')",
    "INSERT INTO payment_orders VALUES ('0000000002', '112038', 'claim', 'C2', 700, '0017', '123', '1', '0000002',"
    " 'ｼｹﾝ', '2026-10-30', '2026-09-01', 'r', '2026-10-20 03:00:00')",
    "INSERT INTO batch_orders VALUES ('0000000001', 'b')",
    f"INSERT INTO batches VALUES ('b', '112038', 'test', '2026-10-30', 1, '{'a' * 64}', 1, 500, '甲',"
    " '2026-10-20 03:00:00')",
    f"INSERT INTO approvals VALUES ('b', '{'a' * 64}', 1, 500, '甲', '乙', '2026-10-20 03:00:00')",
    f"INSERT INTO seals VALUES ('b', '{'a' * 64}', '乙', '2026-10-20 03:00:00')",
    "INSERT INTO bank_results VALUES ('0000000001', '2026-10-30', '0', NULL, 'r', '2026-10-20 03:00:00')",
    "INSERT INTO batch_orders VALUES ('0000000002', 'c')",
    f"INSERT INTO batches VALUES ('c', '112038', 'production', '2026-10-30', 2, '{'c' * 64}', 1, 700, '甲',"
    " '2026-10-20 03:00:00')",
    f"INSERT INTO approvals VALUES ('c', '{'c' * 64}', 1, 700, '甲', '乙', '2026-10-20 03:00:00')",
    f"INSERT INTO seals VALUES ('c', '{'c' * 64}', '乙', '2026-10-20 03:00:00')",
    f"INSERT INTO releases VALUES ('c', '{'c' * 64}', 'production', '乙', 'age1', '{'d' * 64}', '丙',"
    " '2026-10-20 03:00:00')",
)


@on_both_databases
def test_what_was_written_under_the_first_revision_stands_under_the_newest(engine: Engine) -> None:
    upgrade(engine, "0001")
    with engine.begin() as connection:
        for row in FIRST_ROWS:
            connection.exec_driver_sql(row)
    upgrade(engine)
    ledger = Ledger(engine, "112038", environment="test")
    told = ledger.orders().select("payment_no", "subject_key", "amount_yen", "attempt", "replaces_no").rows()
    assert told == [("0000000001", "C1", 500, 1, None), ("0000000002", "C2", 700, 1, None)]
    assert ledger.batch("b").state == State.SEALED
    assert ledger.batch_orders("b")["payment_no"].to_list() == ["0000000001"]
    assert ledger.results().rows() == [("0000000001", date(2026, 10, 30), "0", None)]
    with engine.connect() as connection:
        owed = connection.execute(select(OBLIGATIONS.c.subject_key, OBLIGATIONS.c.amount_yen)).all()
        assert sorted(map(tuple, owed)) == [("C1", 500), ("C2", 700)]
        assert connection.execute(select(VERDICTS)).all() == [("c", "released")]
    assert ledger.batch("c").state == State.RELEASED
    for number, code in (("c", "state"), ("b", "")):
        assert withdrawn(ledger, number) == code
    assert ledger.loose_orders(date(2026, 10, 30))["payment_no"].to_list() == ["0000000001"]
    assert ledger.enter_orders(payment_entries(1), run_id="r").new == 1
    assert ledger.orders()["payment_no"].to_list() == ["0000000001", "0000000002", "0000000003"]


@on_both_databases
def withdrawn(ledger: Ledger, batch_no: str) -> str:
    """The code of the refusal, none where the batch is taken back."""
    try:
        with ledger.writing() as connection:
            ledger.enter_withdrawal(connection, batch_no, "誤り", person="乙")
    except LedgerError as refused:
        return str(refused.code)
    return ""


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
