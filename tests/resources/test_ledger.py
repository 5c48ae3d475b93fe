"""Nothing is entered twice, nothing is changed, nothing is sealed over two files."""

import random
import signal
from collections.abc import Callable
from datetime import date
from subprocess import Popen
from traceback import format_exception

import polars as pl
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from resources.ledger import EnterResult, Ledger
from resources.ledger_checks import LedgerError
from resources.ledger_tables import ORDER_SCHEMA
from schemas.records.feeds import BANK_RESULTS
from tests.resources.children import CITY, payment_entries

Start = Callable[..., "Popen[str]"]
DAY = date(2026, 10, 30)
DIGEST = "a" * 64


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, CITY)


def enter(ledger: Ledger, rows: pl.DataFrame) -> EnterResult:
    return ledger.enter_orders(rows, run_id="r1")


def sealed(ledger: Ledger, rows: int) -> str:
    enter(ledger, payment_entries(rows))
    batch = ledger.open_batch(DAY)
    assert batch is not None
    return ledger.seal(batch.batch_no, DIGEST, batch.orders, batch.total_yen).batch_no


def answers(ledger: Ledger) -> pl.DataFrame:
    """The bank paid everything."""
    return ledger.orders().select(
        "payment_no",
        "bank_code",
        "branch_code",
        "account_type",
        "account_number",
        "amount_yen",
        "value_date",
        result=pl.lit("0"),
        reason_text=pl.lit(None, pl.String),
    )


def test_orders_are_numbered_in_the_order_of_their_subjects(ledger: Ledger) -> None:
    assert enter(ledger, payment_entries(5).sample(fraction=1, shuffle=True, seed=3)) == EnterResult(5, 0)
    orders = ledger.orders()
    assert orders.schema == ORDER_SCHEMA
    assert orders["payment_no"].to_list() == [f"{number:010d}" for number in range(1, 6)]
    assert orders["subject_key"].is_sorted()


def test_entering_again_changes_nothing_and_later_orders_follow(ledger: Ledger) -> None:
    enter(ledger, payment_entries(5))
    before = ledger.orders()
    assert enter(ledger, payment_entries(8)) == EnterResult(3, 5)
    assert ledger.orders().head(5).equals(before)
    assert ledger.orders()["payment_no"].max() == "0000000008"


@pytest.mark.parametrize(
    "change",
    [
        {"amount_yen": pl.lit(1)},
        {"account_number": pl.lit("9999999")},
        {"account_holder_kana": pl.lit("ﾍﾞﾂｼﾞﾝ")},
        {"bank_code": pl.lit("0001")},
    ],
    ids=lambda change: str(next(iter(change))),
)
def test_another_amount_or_payee_for_the_same_subject_writes_nothing(
    ledger: Ledger, change: dict[str, pl.Expr]
) -> None:
    enter(ledger, payment_entries(5))
    second = pl.col("subject_key") == "C00000002-1"
    changed = payment_entries(9).with_columns(
        **{name: pl.when(second).then(value).otherwise(name) for name, value in change.items()}
    )
    with pytest.raises(LedgerError, match="claim/C00000002-1") as caught:
        enter(ledger, changed)
    assert "9999999" not in str(caught.value)
    assert "ﾍﾞﾂｼﾞﾝ" not in str(caught.value)
    assert ledger.orders().height == 5


@pytest.mark.parametrize("amount", [0, -1])
def test_a_payment_below_one_yen_is_refused(ledger: Ledger, amount: int) -> None:
    with pytest.raises(LedgerError, match="1円未満"):
        enter(ledger, payment_entries(2).with_columns(amount_yen=pl.lit(amount, pl.Int64)))
    assert ledger.orders().is_empty()


def test_one_subject_twice_in_a_call_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="重複した支払が2件"):
        enter(ledger, pl.concat([payment_entries(2), payment_entries(1)]))


def test_a_missing_column_or_an_empty_payee_is_refused_by_name(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="account_number"):
        enter(ledger, payment_entries(2).drop("account_number"))
    with pytest.raises(LedgerError, match="account_holder_kana"):
        enter(ledger, payment_entries(2).with_columns(account_holder_kana=pl.lit(None, pl.String)))


def test_what_the_database_refuses_is_told_without_values(
    ledger: Ledger, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.ledger.entries_of", lambda frame: frame)
    unpaid = payment_entries(2).with_columns(amount_yen=pl.lit(0, pl.Int64))
    with pytest.raises(LedgerError, match="書き込めませんでした") as caught:
        enter(ledger, unpaid)
    assert "ﾀﾛｳ" not in "".join(format_exception(caught.value))
    assert ledger.orders().is_empty()


def test_cities_do_not_see_each_others_payments_but_share_no_number(ledger: Ledger, engine: Engine) -> None:
    other = Ledger(engine, "111007")
    enter(ledger, payment_entries(2))
    enter(other, payment_entries(2))
    assert ledger.orders()["payment_no"].to_list() == ["0000000001", "0000000002"]
    assert other.orders()["payment_no"].to_list() == ["0000000003", "0000000004"]


def test_a_batch_holds_every_order_of_its_day_once(ledger: Ledger) -> None:
    later = payment_entries(6).tail(2).with_columns(value_date=pl.date(2026, 11, 30))
    enter(ledger, pl.concat([payment_entries(4), later]))
    batch = ledger.open_batch(DAY)
    assert batch is not None
    assert (batch.batch_no, batch.orders, batch.digest) == ("112038-20261030-01", 4, None)
    assert batch.total_yen == payment_entries(4)["amount_yen"].sum()
    assert ledger.open_batch(DAY) == batch
    assert ledger.batch_orders(batch.batch_no).height == 4


def test_a_day_without_payments_has_no_batch(ledger: Ledger) -> None:
    assert ledger.open_batch(DAY) is None


def test_orders_join_the_open_batch_and_a_sealed_one_gets_a_successor(ledger: Ledger) -> None:
    enter(ledger, payment_entries(2))
    ledger.open_batch(DAY)
    number = sealed(ledger, 3)
    assert ledger.batch(number).orders == 3
    assert ledger.open_batch(DAY) == ledger.batch(number)
    enter(ledger, payment_entries(5))
    successor = ledger.open_batch(DAY)
    assert successor is not None
    assert (successor.batch_no, successor.orders) == ("112038-20261030-02", 2)
    assert ledger.batch(number).orders == 3


def test_a_faulty_order_stays_loose_until_it_is_mended(ledger: Ledger) -> None:
    enter(ledger, payment_entries(3))
    batch = ledger.open_batch(DAY, without=["0000000002"])
    assert batch is not None
    assert batch.orders == 2
    assert ledger.loose_orders(DAY)["payment_no"].to_list() == ["0000000002"]
    ledger.seal(batch.batch_no, DIGEST, 2, batch.total_yen)
    ledger.open_batch(DAY)
    assert [(each.orders, each.digest) for each in ledger.batches(DAY)] == [(2, DIGEST), (1, None)]
    assert ledger.sealed_orders()["payment_no"].to_list() == ["0000000001", "0000000003"]


def test_a_day_of_only_faulty_orders_opens_no_batch(ledger: Ledger) -> None:
    enter(ledger, payment_entries(1))
    assert ledger.open_batch(DAY, without=["0000000001"]) is None
    assert ledger.batches(DAY) == []


def test_sealing_again_is_no_change_and_sealing_another_file_is_refused(ledger: Ledger) -> None:
    number = sealed(ledger, 3)
    batch = ledger.batch(number)
    assert ledger.seal(number, DIGEST, batch.orders, batch.total_yen) == batch
    with pytest.raises(LedgerError, match="別の内容で確定"):
        ledger.seal(number, "b" * 64, batch.orders, batch.total_yen)
    assert ledger.batch(number).digest == DIGEST


def test_a_file_that_does_not_add_up_is_not_sealed(ledger: Ledger) -> None:
    enter(ledger, payment_entries(3))
    batch = ledger.open_batch(DAY)
    assert batch is not None
    for count, total in ((2, batch.total_yen), (3, batch.total_yen - 1)):
        with pytest.raises(LedgerError, match="件数または合計が台帳と違います"):
            ledger.seal(batch.batch_no, DIGEST, count, total)
    assert ledger.batch(batch.batch_no).digest is None


def test_what_is_due_and_not_sealed_is_listed(ledger: Ledger) -> None:
    sealed(ledger, 3)
    enter(ledger, payment_entries(4))
    assert ledger.unsealed(DAY)["subject_key"].to_list() == ["C00000003-1"]
    assert ledger.unsealed(date(2026, 10, 29)).is_empty()


def test_an_unknown_batch_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="番号"):
        ledger.batch("112038-20261030-09")


def test_results_that_fit_are_entered_once(ledger: Ledger) -> None:
    sealed(ledger, 5)
    entered = ledger.record_results(answers(ledger), run_id="r2")
    assert (entered.new, entered.same, entered.work_list.height) == (5, 0, 0)
    again = ledger.record_results(answers(ledger), run_id="r3")
    assert (again.new, again.same) == (0, 5)
    assert ledger.results()["result"].to_list() == ["0"] * 5


def test_a_later_recall_is_one_more_answer(ledger: Ledger) -> None:
    sealed(ledger, 1)
    ledger.record_results(answers(ledger), run_id="r2")
    ledger.record_results(answers(ledger).with_columns(result=pl.lit("K")), run_id="r3")
    assert ledger.results()["result"].to_list() == ["0", "K"]


def test_results_that_do_not_fit_go_to_the_work_list(ledger: Ledger) -> None:
    sealed(ledger, 5)
    enter(ledger, payment_entries(6))
    row = pl.col("payment_no").cast(pl.Int64)
    told = answers(ledger).with_columns(
        payment_no=pl.when(row == 1).then(pl.lit("9999999999")).otherwise("payment_no"),
        amount_yen=pl.when(row == 2).then(pl.col("amount_yen") + 1).otherwise("amount_yen"),
        account_number=pl.when(row == 3).then(pl.lit("7654321")).otherwise("account_number"),
        bank_code=pl.when(row == 4).then(pl.lit("0001")).otherwise("bank_code"),
    )
    entered = ledger.record_results(told, run_id="r2")
    assert entered.work_list["trouble"].to_list() == [
        "支払番号が台帳にない",
        "金額が違う",
        "口座が違う",
        "口座が違う",
        "確定した振込データにない支払",
    ]
    assert entered.new == 1
    assert ledger.results().height == 1


def test_the_banks_record_is_what_the_ledger_takes(ledger: Ledger) -> None:
    assert ledger.record_results(BANK_RESULTS.empty(), run_id="r").new == 0


def test_writers_of_the_same_orders_some_killed_enter_each_order_once(
    ledger: Ledger, database: URL, start: Start
) -> None:
    address = database.render_as_string(hide_password=False)
    places = ["whole", "before_commit", "after_commit"]
    random.Random(7).shuffle(places)
    children = [start("enter", address, place, 2000) for place in places]
    codes = dict(zip(places, (child.wait(timeout=60) for child in children), strict=True))
    assert codes["whole"] == 0
    assert codes["before_commit"] in {0, -signal.SIGKILL}
    assert codes["after_commit"] in {0, -signal.SIGKILL}
    assert enter(ledger, payment_entries(2000)) == EnterResult(0, 2000)
    orders = ledger.orders()
    assert orders["payment_no"].to_list() == [f"{number:010d}" for number in range(1, 2001)]
    assert orders.drop("payment_no").equals(payment_entries(2000).select(orders.columns[1:]))
