"""An order whose day passed in no file lapses once for ever, one new order takes its place, and no batch takes both."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine, insert

from resources.ledger import EnterResult, Ledger
from resources.ledger_batches import Batch
from resources.ledger_checks import LedgerError
from resources.ledger_states import State
from resources.ledger_tables import BATCH_ORDERS, PAYEE, PAYMENT_ORDERS
from tests.resources.children import CITY, payment_entries
from tests.support.postgres import on_both_databases

DAY, NEXT_DAY = date(2026, 10, 30), date(2026, 11, 30)
OLD, NEW = "0000000001", "0000000002"


def ledger_on(engine: Engine, day: date) -> Ledger:
    return Ledger(engine, CITY, lambda: datetime(day.year, day.month, day.day, 3, tzinfo=UTC), "production")


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """One order of 30 October on the morning of that day, in no batch."""
    ledger = ledger_on(engine, DAY)
    ledger.enter_orders(payment_entries(1), run_id="r1")
    return ledger


def again(ledger: Ledger, account: str = "7654321") -> EnterResult:
    """Order the first order again for the end of November."""
    return ledger.order_again(
        ledger.orders().head(1).select(
            pl.col("payment_no").alias("replaces_no"),
            *(name for name in PAYEE if name != "account_number"),
            pl.lit(account).alias("account_number"),
            pl.lit(NEXT_DAY).alias("value_date"),
            pl.lit(date(2026, 10, 1)).alias("decided_month"),
        ),
        run_id="r2",
    )  # fmt: skip


def prepared(ledger: Ledger, number: str = OLD, day: date = DAY) -> Batch:
    return ledger.prepare(day, [number], number[-1] * 64, person="甲")


def withdraw(ledger: Ledger, batch: Batch) -> None:
    with ledger.writing() as connection:
        ledger.enter_withdrawal(connection, batch.batch_no, "間に合わない", person="乙")


@on_both_databases
def test_a_lapsed_order_is_replaced_by_one_and_is_nobodys_concern_any_more(ledger: Ledger) -> None:
    assert ledger.overdue()["payment_no"].to_list() == [OLD]
    journal = ledger.journal()
    assert again(ledger) == EnterResult(1, 0)
    assert again(ledger) == EnterResult(0, 1)
    first, second = ledger.orders().to_dicts()
    assert (second["attempt"], second["replaces_no"], second["amount_yen"]) == (2, OLD, first["amount_yen"])
    assert (second["account_number"], second["value_date"]) == ("7654321", NEXT_DAY)
    assert ledger.lapsed() == {OLD}
    assert ledger.overdue().is_empty()
    assert ledger.loose_orders(DAY).is_empty()
    assert ledger.unbatched(date.max)["payment_no"].to_list() == [NEW]
    assert ledger.batched_orders().is_empty()
    assert ledger.journal().equals(journal)


@on_both_databases
def test_a_lapsed_order_comes_into_no_batch(ledger: Ledger) -> None:
    again(ledger)
    with pytest.raises(LedgerError) as caught:
        prepared(ledger)
    assert caught.value.code == "lapsed"
    assert ledger.batches() == []
    assert prepared(ledger, NEW, NEXT_DAY).orders == 1


def test_an_order_does_not_lapse_before_its_day(engine: Engine) -> None:
    early = ledger_on(engine, date(2026, 10, 29))
    early.enter_orders(payment_entries(1), run_id="r1")
    assert early.overdue().is_empty()
    with pytest.raises(LedgerError, match="振込不能・組戻しの結果がない"):
        again(early)
    assert again(ledger_on(engine, DAY)).new == 1


@pytest.mark.parametrize("state", [State.PREPARED, State.APPROVED, State.SEALED])
def test_an_order_in_a_standing_batch_lapses_only_when_that_was_withdrawn(ledger: Ledger, state: State) -> None:
    batch = prepared(ledger)
    if state is not State.PREPARED:
        ledger.approve(batch.batch_no, batch.digest, batch.orders, batch.total_yen, person="乙")
    if state is State.SEALED:
        ledger.seal(batch.batch_no, batch.digest, person="乙")
    assert ledger.overdue().is_empty()
    with pytest.raises(LedgerError, match="出し直せません"):
        again(ledger)
    withdraw(ledger, batch)
    assert again(ledger).new == 1
    assert ledger.lapsed() == {OLD}
    with pytest.raises(LedgerError, match="日を過ぎて出し直し"):
        prepared(ledger)


def test_what_lapsed_twice_has_a_third_order(engine: Engine, ledger: Ledger) -> None:
    again(ledger)
    later = ledger_on(engine, NEXT_DAY)
    second = later.orders().tail(1)
    wanted = second.select(
        pl.col("payment_no").alias("replaces_no"),
        *PAYEE,
        pl.lit(date(2026, 12, 30)).alias("value_date"),
        pl.lit(date(2026, 11, 1)).alias("decided_month"),
    )
    assert later.order_again(wanted, run_id="r3").new == 1
    assert later.orders()["attempt"].to_list() == [1, 2, 3]
    assert later.lapsed() == {OLD, NEW}


def turn(**change: Any) -> dict[str, Any]:
    lapse = {"payment_no": OLD, "turn": 1, "batch_no": None, "lapsed_no": OLD, "turn_before": None}
    return {**lapse, "batch_before": None, **change}


REFUSED: dict[str, dict[str, Any]] = {
    "neither_in_a_batch_nor_lapsed": turn(lapsed_no=None),
    "for_another_order": turn(lapsed_no=NEW),
    "after_a_batch_that_stands": turn(turn=2, turn_before=1, batch_before="B"),
    "beside_a_batch_that_stands": turn(),
    "in_a_batch_too": turn(turn=2, batch_no="B"),
}


@on_both_databases
@pytest.mark.parametrize("case", REFUSED)
def test_the_database_itself_refuses_a_lapse(ledger: Ledger, case: str) -> None:
    batch = prepared(ledger) if "stands" in case or "too" in case else None
    row = {name: batch.batch_no if value == "B" and batch else value for name, value in REFUSED[case].items()}
    with pytest.raises(LedgerError, match="IntegrityError"), ledger.writing() as connection:
        connection.execute(insert(BATCH_ORDERS).values(**row))


@pytest.mark.parametrize(
    "change",
    [
        {"replaces_lapse": None},
        {"replaces_lapse": NEW},
        {"replaces_no": None},
        {"replaces_event": "returned"},
        {"amount_yen": 101},
        {"attempt": 1},
    ],
    ids=str,
)
def test_the_database_itself_refuses_an_order_that_replaces_no_lapse(ledger: Ledger, change: dict[str, Any]) -> None:
    (first,) = ledger.orders().to_dicts()
    row = {
        **{**first, "payment_no": NEW, "attempt": 2, "replaces_no": OLD, "replaces_lapse": OLD},
        **{"municipality": CITY, "run_id": "r", "created_at": ledger.now()},
    }
    lapse, replacement = insert(BATCH_ORDERS).values(**turn()), insert(PAYMENT_ORDERS)
    wrong = (replacement.values(**row),), (lapse, replacement.values(**{**row, **change}))
    for statements in wrong:
        with pytest.raises(LedgerError, match="IntegrityError"):
            write(ledger, *statements)
    write(ledger, lapse, replacement.values(**row))
    with pytest.raises(LedgerError, match="IntegrityError"):
        write(ledger, insert(BATCH_ORDERS).values(**turn(turn=2, turn_before=1)))


def write(ledger: Ledger, *statements: Any) -> None:
    """All of it in one transaction."""
    with ledger.writing() as connection:
        for statement in statements:
            connection.execute(statement)
