"""A batch is exactly the orders written with it: the databases let nothing in before, beside or after it."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from resources.database import open_engine
from resources.ledger import Ledger
from resources.ledger_states import State
from resources.ledger_tables import BATCH_ORDERS, BATCHES
from tests.resources.children import CITY, clock, payment_entries, prepare, releases
from tests.support.postgres import on_both_databases

DAY = date(2026, 10, 30)
NUMBER = "112038-20261030-01"


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Three orders of the day (100, 101, 102 yen) and one of another day."""
    ledger = Ledger(engine, CITY, clock, "production")
    entries = payment_entries(4).with_columns(
        value_date=pl.when(pl.col("amount_yen") == 103).then(date(2026, 11, 2)).otherwise("value_date")
    )
    ledger.enter_orders(entries, run_id="r")
    return ledger


def join(connection: Connection, *numbers: int) -> None:
    rows = [{"payment_no": f"{number:010d}", "turn": 1, "batch_no": NUMBER} for number in numbers]
    connection.execute(insert(BATCH_ORDERS), rows)


def close(connection: Connection, orders: int, total_yen: int, **other: Any) -> None:
    stated = {"environment": "production", "digest": "a" * 64, "orders": orders, "total_yen": total_yen}
    row = {"batch_no": NUMBER, "municipality": CITY, "value_date": DAY, "number": 1}
    stamp = {"prepared_by": "甲", "prepared_at": clock()}
    connection.execute(insert(BATCHES).values(**{**row, **stated, **stamp, **other}))


@on_both_databases
def test_orders_and_then_their_batch_are_taken(ledger: Ledger, engine: Engine) -> None:
    with engine.begin() as connection:
        join(connection, 1, 2)
        close(connection, 2, 201)
    assert ledger.batch_orders(NUMBER)["amount_yen"].to_list() == [100, 101]


@on_both_databases
@pytest.mark.parametrize(
    ("numbers", "orders", "total_yen", "other"),
    [
        ((1, 2, 3), 2, 201, {}),
        ((1,), 2, 201, {}),
        ((1, 2), 2, 202, {}),
        ((1, 4), 2, 203, {}),
        ((1, 2), 2, 201, {"municipality": "112089"}),
        ((), 1, 1, {}),
    ],
    ids=["one_more", "one_less", "another_total", "another_day", "another_city", "nothing"],
)
def test_a_batch_that_is_not_its_orders_is_refused(
    ledger: Ledger, engine: Engine, numbers: tuple[int, ...], orders: int, total_yen: int, other: dict[str, Any]
) -> None:
    def written() -> None:
        with engine.begin() as connection:
            if numbers:
                join(connection, *numbers)
            close(connection, orders, total_yen, **other)

    with pytest.raises(DBAPIError, match="exactly its orders"):
        written()
    assert ledger.batches() == []


@on_both_databases
def test_orders_of_no_batch_do_not_outlive_their_transaction(ledger: Ledger, engine: Engine) -> None:
    with pytest.raises(IntegrityError), engine.begin() as connection:
        join(connection, 1, 2)
    assert ledger.batched_orders().is_empty()


@on_both_databases
@pytest.mark.parametrize("state", [State.PREPARED, State.APPROVED])
def test_nothing_joins_a_batch_that_stands(engine: Engine, tmp_path: Path, state: State) -> None:
    hand = releases(engine, tmp_path)
    hand.ledger.enter_orders(payment_entries(2), run_id="r")
    number = prepare(hand, DAY)
    assert number == NUMBER
    if state is State.APPROVED:
        hand.approve(number, person="乙")
    hand.ledger.enter_orders(payment_entries(3), run_id="r")
    with pytest.raises(DBAPIError, match="batch is closed"), engine.begin() as connection:
        join(connection, 3)
    assert hand.ledger.batch(number).state is state
    assert hand.ledger.batch_orders(number).height == 2


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> URL:
    return request.getfixturevalue("postgres_cluster").fresh()


def test_nothing_joins_a_batch_that_another_is_writing(postgres: URL) -> None:
    engine = open_engine(postgres)
    Ledger(engine, CITY, clock, "production").enter_orders(payment_entries(3), run_id="r")
    with engine.connect() as first, engine.connect() as second:
        join(first, 1, 2)
        close(first, 2, 201)
        second.execute(text("SET lock_timeout = '200ms'"))
        second.commit()
        with pytest.raises(DBAPIError, match="lock timeout"):
            join(second, 3)
        second.rollback()
        first.commit()
        with pytest.raises(DBAPIError, match="batch is closed"):
            join(second, 3)
    engine.dispose()


def test_a_transaction_that_does_not_see_the_others_writes_no_batch(postgres: URL) -> None:
    engine = open_engine(postgres)
    Ledger(engine, CITY, clock, "production").enter_orders(payment_entries(1), run_id="r")
    blind = engine.execution_options(isolation_level="REPEATABLE READ")
    with pytest.raises(DBAPIError, match="read committed"), blind.begin() as connection:
        join(connection, 1)
    engine.dispose()
