"""One engine factory, two databases, the same promises."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, delete, insert, select, text, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError as Refused
from sqlalchemy.exc import StatementError

from resources.database import DatabaseError, Utc, database_url, open_engine, postgres_url, sqlite_url, writing
from resources.ledger import Ledger
from resources.ledger_tables import BATCHES, PAYMENT_ORDERS
from resources.registry import Registry
from tests.resources.children import CITY, payment_entries
from tests.support.postgres import on_both_databases


def test_sqlite_in_the_home_is_the_default() -> None:
    url = database_url({"KODOMO_HOME": "/srv/kodomo"})
    assert url.get_backend_name() == "sqlite"
    assert url.database == "/srv/kodomo/kodomo.sqlite"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_postgresql_gets_the_one_driver(scheme: str) -> None:
    url = database_url({"KODOMO_DATABASE_URL": f"{scheme}://u:p@h:5432/d"})
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg2://u:p@h:5432/d"


@pytest.mark.parametrize("given", ["mysql://u:hunter2@h/d", "hunter2", "postgresql+psycopg://u:hunter2@h/d"])
def test_another_database_is_refused_without_repeating_the_password(given: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        postgres_url(given)
    assert "hunter2" not in str(caught.value)


@on_both_databases
def test_the_connection_is_as_safe_as_promised(engine: Engine) -> None:
    asked = (
        {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}
        if engine.dialect.name == "sqlite"
        else {"synchronous_commit": "on", "timezone": "UTC", "client_encoding": "UTF8"}
    )
    verb = "PRAGMA" if engine.dialect.name == "sqlite" else "SHOW"
    with engine.connect() as connection:
        told = {name: connection.exec_driver_sql(f"{verb} {name}").scalar() for name in asked}
    assert told == asked


@on_both_databases
def test_an_instant_comes_back_in_utc_and_a_naive_one_is_refused(engine: Engine) -> None:
    instants = Table("instants", MetaData(), Column("at", Utc), Column("no", Integer))
    japan = datetime(2026, 10, 1, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=9)))
    with engine.begin() as connection:
        instants.create(connection)
        connection.execute(insert(instants), [{"at": japan, "no": 1}, {"at": None, "no": 2}])
        read = connection.scalars(select(instants.c.at).order_by(instants.c.no)).all()
    assert read == [datetime(2026, 10, 1, 0, 0, 0, 5, tzinfo=UTC), None]
    with pytest.raises(StatementError), engine.begin() as connection:
        connection.execute(insert(instants).values(at=japan.replace(tzinfo=None)))


@on_both_databases
def test_tables_may_be_made_twice(database: URL) -> None:
    for _ in range(2):
        engine = open_engine(database)
        Registry(engine)
        assert Ledger(engine, CITY).orders().is_empty()
        engine.dispose()


@on_both_databases
def test_an_error_inside_a_transaction_leaves_nothing(engine: Engine) -> None:
    Ledger(engine, CITY)
    row = {"batch_no": "b", "municipality": CITY, "value_date": date(2026, 10, 1), "number": 1}
    stated = {"environment": "test", "digest": "a" * 64, "orders": 1, "total_yen": 1, "prepared_by": "p"}
    opened = insert(BATCHES).values(**row, **stated, prepared_at=datetime.now(UTC))

    def open_twice() -> None:
        with writing(engine, "ledger") as connection:
            connection.execute(opened)
            connection.execute(opened)

    with pytest.raises(Refused):
        open_twice()
    with engine.connect() as connection:
        assert connection.execute(select(BATCHES)).all() == []


@on_both_databases
def test_money_rows_can_be_neither_changed_nor_removed(engine: Engine) -> None:
    ledger = Ledger(engine, CITY)
    ledger.enter_orders(payment_entries(3), run_id="r")
    verbs = [update(PAYMENT_ORDERS).values(amount_yen=1), delete(PAYMENT_ORDERS)]
    if engine.dialect.name == "postgresql":
        verbs.append(text("TRUNCATE payment_orders CASCADE"))
    for verb in verbs:
        with pytest.raises(Refused, match="append only"), engine.begin() as connection:
            connection.execute(verb)
    assert ledger.orders().height == 3


def test_no_row_is_replaced_by_another_of_its_key(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "kodomo.sqlite"))
    ledger = Ledger(engine, CITY)
    ledger.enter_orders(payment_entries(1), run_id="r")
    with engine.connect() as connection:
        row = dict(connection.execute(select(PAYMENT_ORDERS)).mappings().one())
    with pytest.raises(Refused, match="append only"), engine.begin() as connection:
        connection.execute(insert(PAYMENT_ORDERS).prefix_with("OR REPLACE").values(row | {"amount_yen": 1}))
