"""Nothing is entered twice, nothing is changed, nothing is sealed over two files."""

import random
import signal
from collections.abc import Callable
from datetime import date
from subprocess import Popen
from traceback import format_exception

import polars as pl
import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.engine import URL

from resources.ledger import EnterResult, Ledger
from resources.ledger_batches import Batch, Release
from resources.ledger_checks import LedgerError
from resources.ledger_states import State
from resources.ledger_tables import ENTRY_SCHEMA, JOURNAL, ORDER_SCHEMA, PAYEE, PAYMENT_ORDERS
from schemas.records.feeds import BANK_RESULTS
from tests.resources.children import CITY, payment_entries
from tests.support.postgres import on_both_databases

Start = Callable[..., "Popen[str]"]
DAY = date(2026, 10, 30)
DIGEST = "a" * 64


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine, CITY, environment="production")


def enter(ledger: Ledger, rows: pl.DataFrame) -> EnterResult:
    return ledger.enter_orders(rows, run_id="r1")


def prepared(ledger: Ledger, digest: str = DIGEST) -> Batch:
    """A batch of every loose order of the day."""
    return ledger.prepare(DAY, ledger.loose_orders(DAY)["payment_no"].to_list(), digest, person="甲")


def released(ledger: Ledger, rows: int) -> str:
    """The number of a batch of so many orders, recorded as handed over."""
    enter(ledger, payment_entries(rows))
    return hand_over(ledger, prepared(ledger))


def hand_over(ledger: Ledger, batch: Batch) -> str:
    """The rows of a batch that was handed over."""
    ledger.approve(batch.batch_no, batch.digest, batch.orders, batch.total_yen, person="乙")
    ledger.seal(batch.batch_no, batch.digest, person="乙")
    with ledger.writing() as connection:
        ledger.enter_release(
            connection, Release(batch.batch_no, batch.digest, "age1", batch.digest, "丙", ledger.now())
        )
    return batch.batch_no


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


@on_both_databases
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


@on_both_databases
def test_what_the_database_refuses_is_told_without_values(
    ledger: Ledger, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resources.ledger.entries_of", lambda frame: frame)
    unpaid = payment_entries(2).with_columns(amount_yen=pl.lit(0, pl.Int64))
    with pytest.raises(LedgerError, match="書き込めませんでした") as caught:
        enter(ledger, unpaid)
    assert "ﾀﾛｳ" not in "".join(format_exception(caught.value))
    assert ledger.orders().is_empty()


@on_both_databases
def test_cities_do_not_see_each_others_payments_but_share_no_number(ledger: Ledger, engine: Engine) -> None:
    other = Ledger(engine, "111007")
    enter(ledger, payment_entries(2))
    enter(other, payment_entries(2))
    assert ledger.orders()["payment_no"].to_list() == ["0000000001", "0000000002"]
    assert other.orders()["payment_no"].to_list() == ["0000000003", "0000000004"]


def test_a_batch_holds_the_orders_it_was_prepared_over_for_ever(ledger: Ledger) -> None:
    later = payment_entries(6).tail(2).with_columns(value_date=pl.date(2026, 11, 30))
    enter(ledger, pl.concat([payment_entries(4), later]))
    batch = prepared(ledger)
    assert (batch.batch_no, batch.orders, batch.digest) == ("112038-20261030-01", 4, DIGEST)
    assert batch.total_yen == payment_entries(4)["amount_yen"].sum()
    assert (batch.state, batch.prepared_by, batch.environment) == (State.PREPARED, "甲", "production")
    assert ledger.batch_orders(batch.batch_no).height == 4
    assert ledger.loose_orders(DAY).is_empty()


def test_preparing_the_same_again_is_the_same_batch(ledger: Ledger) -> None:
    enter(ledger, payment_entries(3))
    numbers = ledger.loose_orders(DAY)["payment_no"].to_list()
    first = ledger.prepare(DAY, numbers, DIGEST, person="甲")
    assert ledger.prepare(DAY, numbers, DIGEST, person="乙") == first
    for again, digest in ((numbers, "b" * 64), (numbers[:2], DIGEST)):
        with pytest.raises(LedgerError, match="すでに別の振込データ"):
            ledger.prepare(DAY, again, digest, person="甲")
    assert ledger.batches(DAY) == [first]


def test_orders_that_came_later_go_in_a_batch_of_their_own(ledger: Ledger) -> None:
    enter(ledger, payment_entries(3))
    first = prepared(ledger)
    enter(ledger, payment_entries(5))
    successor = prepared(ledger, "b" * 64)
    assert (successor.batch_no, successor.orders) == ("112038-20261030-02", 2)
    assert ledger.batch(first.batch_no) == first
    assert ledger.batches() == ledger.batches(DAY) == [first, successor]
    mixed = ["0000000001", *ledger.batch_orders(successor.batch_no)["payment_no"]]
    with pytest.raises(LedgerError, match="すでに別の振込データ"):
        ledger.prepare(DAY, mixed, "c" * 64, person="甲")


@pytest.mark.parametrize(
    "numbers", [[], ["0000000009"], ["0000000001", "0000000009"]], ids=["none", "unknown", "mixed"]
)
def test_a_batch_of_orders_the_day_does_not_know_is_refused(ledger: Ledger, numbers: list[str]) -> None:
    enter(ledger, payment_entries(3))
    with pytest.raises(LedgerError, match="台帳のその日の支払"):
        ledger.prepare(DAY, numbers, DIGEST, person="甲")
    assert ledger.batches() == []


def test_an_order_in_no_batch_is_told_until_one_holds_it(ledger: Ledger) -> None:
    enter(ledger, payment_entries(3))
    ledger.prepare(DAY, ["0000000001", "0000000003"], DIGEST, person="甲")
    assert ledger.loose_orders(DAY)["payment_no"].to_list() == ["0000000002"]
    assert ledger.unbatched(DAY)["payment_no"].to_list() == ["0000000002"]
    assert ledger.unbatched(DAY.replace(day=29)).is_empty()
    assert ledger.batched_orders()["payment_no"].to_list() == ["0000000001", "0000000003"]


def test_an_unknown_batch_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="番号"):
        ledger.batch("112038-20261030-09")


@on_both_databases
def test_results_that_fit_are_entered_once(ledger: Ledger) -> None:
    released(ledger, 5)
    entered = ledger.record_results(answers(ledger), run_id="r2")
    assert (entered.new, entered.same, entered.work_list.height) == (5, 0, 0)
    again = ledger.record_results(answers(ledger), run_id="r3")
    assert (again.new, again.same) == (0, 5)
    assert ledger.results()["result"].to_list() == ["0"] * 5


def test_a_later_recall_is_one_more_answer(ledger: Ledger) -> None:
    released(ledger, 1)
    ledger.record_results(answers(ledger), run_id="r2")
    ledger.record_results(answers(ledger).with_columns(result=pl.lit("K")), run_id="r3")
    assert ledger.results()["result"].to_list() == ["0", "K"]


def test_a_payment_that_came_back_cannot_be_paid_by_a_later_answer(ledger: Ledger) -> None:
    released(ledger, 2)
    ledger.record_results(answers(ledger).with_columns(result=pl.lit("2")), run_id="r2")
    entered = ledger.record_results(answers(ledger), run_id="r3")
    assert entered.work_list["trouble"].to_list() == ["振込不能の後の振込済"] * 2
    assert ledger.results()["result"].to_list() == ["2", "2"]


def test_an_answer_entered_stands_whatever_came_later_and_a_contradiction_is_told_each_time(ledger: Ledger) -> None:
    released(ledger, 2)
    paid, back = answers(ledger).head(1), answers(ledger).tail(1).with_columns(result=pl.lit("9"))
    first = ledger.record_results(pl.concat([paid, back]), run_id="r2")
    ledger.record_results(paid.with_columns(result=pl.lit("K")), run_id="r3")
    late = back.with_columns(result=pl.lit("0"))
    contradiction = ledger.record_results(late, run_id="r4")
    moved = ledger.journal()
    again = ledger.record_results(pl.concat([paid, back]), run_id="r5")
    assert (again.new, again.same, again.work_list.height) == (0, 2, 0)
    assert again.entered.equals(first.entered)
    assert ledger.record_results(late, run_id="r6").work_list.equals(contradiction.work_list)
    assert contradiction.work_list["trouble"].to_list() == ["振込不能の後の振込済"]
    assert ledger.journal().equals(moved)


def came_back(ledger: Ledger, rows: int, result: str = "2") -> pl.DataFrame:
    """So many orders handed over and answered; what `order_again` is asked for the first of them."""
    released(ledger, rows)
    ledger.record_results(answers(ledger).with_columns(result=pl.lit(result)), run_id="r2")
    return next_attempt(ledger.orders().head(1))


def next_attempt(orders: pl.DataFrame, account: str = "7654321") -> pl.DataFrame:
    """Orders to be paid again at the end of November."""
    return orders.select(
        pl.col("payment_no").alias("replaces_no"),
        *(name for name in PAYEE if name != "account_number"),
        pl.lit(account).alias("account_number"),
        pl.lit(date(2026, 11, 30)).alias("value_date"),
        pl.lit(date(2026, 10, 1)).alias("decided_month"),
    )


def test_what_came_back_is_ordered_again_once_for_what_was_owed(ledger: Ledger) -> None:
    wanted = came_back(ledger, 3)
    assert ledger.order_again(wanted, run_id="r3") == EnterResult(1, 0)
    assert ledger.order_again(wanted, run_id="r4") == EnterResult(0, 1)
    first, *_, second = ledger.orders().to_dicts()
    assert (second["attempt"], second["replaces_no"], second["account_number"]) == (2, first["payment_no"], "7654321")
    for same in ("subject_kind", "subject_key", "amount_yen"):
        assert second[same] == first[same]
    assert [event for event, *_ in ledger.journal().rows()].count("decided") == 3
    enter(ledger, payment_entries(3))
    assert ledger.orders().height == 4


def test_what_comes_back_again_is_ordered_a_third_time(ledger: Ledger) -> None:
    ledger.order_again(came_back(ledger, 1, "K"), run_id="r3")
    second = ledger.orders().tail(1)
    hand_over(ledger, ledger.prepare(date(2026, 11, 30), second["payment_no"].to_list(), "b" * 64, person="甲"))
    ledger.record_results(answers(ledger).tail(1).with_columns(result=pl.lit("R")), run_id="r4")
    assert ledger.order_again(next_attempt(second, "1111111"), run_id="r5").new == 1
    assert ledger.orders()["attempt"].to_list() == [1, 2, 3]


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (["0"], "振込不能・組戻しの結果がない"),
        ([], "振込不能・組戻しの結果がない"),
        (["2", "0"], "振込不能の後の振込済の結果がある"),
    ],
    ids=["paid", "unanswered", "contradicted"],
)
def test_nothing_else_is_ordered_again(ledger: Ledger, told: list[str], sentence: str) -> None:
    released(ledger, 1)
    for result in told:
        ledger.record_results(answers(ledger).with_columns(result=pl.lit(result)), run_id="r2")
    with pytest.raises(LedgerError, match=sentence):
        ledger.order_again(next_attempt(ledger.orders()), run_id="r3")
    assert ledger.orders().height == 1


def test_an_order_is_replaced_by_one_account_only_and_an_unknown_one_not_at_all(ledger: Ledger) -> None:
    ledger.order_again(came_back(ledger, 1), run_id="r3")
    first = ledger.orders().head(1)
    with pytest.raises(LedgerError, match="別の口座へ出し直した支払1件"):
        ledger.order_again(next_attempt(first, "1111111"), run_id="r4")
    with pytest.raises(LedgerError, match="台帳にない"):
        ledger.order_again(next_attempt(first.with_columns(payment_no=pl.lit("0000000009"))), run_id="r4")
    assert ledger.orders().height == 2


@on_both_databases
@pytest.mark.parametrize(
    "change",
    [
        {"amount_yen": 101},
        {"replaces_no": None, "replaces_event": None},
        {"replaces_event": None},
        {"replaces_event": "paid"},
        {"replaces_event": "recalled"},
        {"replaces_no": "0000000002"},
        {"attempt": 1},
        {"attempt": 0},
        {"subject_key": "C00000001-1", "amount_yen": 101},
        {"subject_key": "C00000009-1"},
    ],
    ids=str,
)
def test_the_database_refuses_an_attempt_that_replaces_nothing_that_came_back(
    ledger: Ledger, change: dict[str, object]
) -> None:
    came_back(ledger, 1)
    row = {
        **{name: value for name, value in ledger.orders().row(0, named=True).items()},
        "payment_no": "0000000009",
        "municipality": CITY,
        "attempt": 2,
        "replaces_no": "0000000001",
        "replaces_event": "returned",
        "run_id": "r",
        "created_at": ledger.now(),
    }
    with pytest.raises(LedgerError, match="IntegrityError"), ledger.writing() as connection:
        connection.execute(insert(PAYMENT_ORDERS).values(**{**row, **change}))
    with ledger.writing() as connection:
        connection.execute(insert(PAYMENT_ORDERS).values(**row))
    with pytest.raises(LedgerError, match="IntegrityError"), ledger.writing() as connection:
        connection.execute(insert(PAYMENT_ORDERS).values(**{**row, "payment_no": "0000000010", "attempt": 3}))


def test_what_was_handed_over_waits_for_its_answer(ledger: Ledger) -> None:
    released(ledger, 3)
    assert ledger.unanswered(DAY).height == 3
    assert ledger.unanswered(DAY.replace(day=29)).is_empty()
    ledger.record_results(answers(ledger).head(2), run_id="r2")
    assert ledger.unanswered(DAY)["payment_no"].to_list() == ["0000000003"]


@on_both_databases
def test_every_event_is_one_balanced_entry_and_repeating_it_adds_none(ledger: Ledger) -> None:
    number = released(ledger, 3)
    paid = answers(ledger).head(2)
    for told in (paid, paid, answers(ledger).tail(1).with_columns(result=pl.lit("9"))):
        ledger.record_results(told, run_id="r2")
    for _ in range(2):
        ledger.record_results(paid.head(1).with_columns(result=pl.lit("K")), run_id="r3")
    enter(ledger, payment_entries(3))
    yen = {row["payment_no"]: row["amount_yen"] for row in ledger.orders().to_dicts()}
    one, two, three = yen
    assert ledger.journal().rows() == [
        *(("decided", payment, "扶助費", "未払金", yen[payment]) for payment in yen),
        ("released", number, "未払金", "振込中", sum(yen.values())),
        ("paid", one, "振込中", "預金", yen[one]),
        ("paid", two, "振込中", "預金", yen[two]),
        ("returned", three, "振込中", "未払金", yen[three]),
        ("recalled", one, "預金", "未払金", yen[one]),
    ]


@on_both_databases
@pytest.mark.parametrize(
    "change",
    [
        {"credit_account": "扶助費"},
        {"amount_yen": 0},
        {"amount_yen": -1},
        {"debit_account": "雑費"},
        {"event": "decided"},
    ],
    ids=["one_side", "nothing", "negative", "unknown_account", "twice"],
)
def test_the_database_refuses_an_entry_that_does_not_balance(ledger: Ledger, change: dict[str, object]) -> None:
    enter(ledger, payment_entries(1))
    row = {
        "municipality": CITY,
        "sequence": 2,
        "event": "paid",
        "reference": "0000000001",
        "debit_account": "扶助費",
        "credit_account": "未払金",
        "amount_yen": 100,
        "at": ledger.now(),
    }
    with pytest.raises(LedgerError, match="IntegrityError"), ledger.writing() as connection:
        connection.execute(insert(JOURNAL).values(**{**row, **change}))
    assert ledger.journal().height == 1


def test_results_that_do_not_fit_go_to_the_work_list(ledger: Ledger) -> None:
    released(ledger, 5)
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
        "引き渡した振込データにない支払",
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
    assert orders.select(ENTRY_SCHEMA.names()).equals(payment_entries(2000).select(ENTRY_SCHEMA.names()))
