"""Paid, ordered again, asked about, in doubt, open: each payment is one of them, and any fault in a table is named."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.certificate.rules import Frames, equations
from schemas.records.feeds import BANK_RESULTS, accepted
from schemas.records.notices import LETTERS
from schemas.records.payment import RESULTS_ENTERED, RESULTS_WORK
from tests.assets.certificate.test_equations_over_months import LEDGER, months

OCTOBER = date(2026, 10, 1)
DAY, EARLIER = date(2026, 10, 30), date(2026, 9, 30)
OF_ANSWERS = ("results", "moved", "answered", "returned")
NUMBERS = [f"{number:010d}" for number in range(1, 7)]
PAID, AGAIN, ASKED, DOUBTED, OPEN, SECOND = NUMBERS
YEN = {number: 100 + at for at, number in enumerate(NUMBERS)} | {SECOND: 101}


def answer(payment_no: str, result: str, line_no: int, delivery: str = "october", **more: Any) -> dict[str, Any]:
    known = DAY if delivery == "october" else EARLIER
    return {
        "payment_no": payment_no, "bank_code": "0017", "branch_code": "350", "account_type": "1",
        "account_number": "0000001", "amount_yen": YEN[payment_no], "result": result, "reason_text": None,
        "value_date": EARLIER, "delivery": delivery, "line_no": line_no, "known_date": known,
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def frames() -> Frames:
    """October: in September one payment came back; now one is paid, two more come back, one is doubted."""
    now = [answer(PAID, "0", 1), answer(ASKED, "2", 2), answer(DOUBTED, "9", 3)]
    doubt = answer(DOUBTED, "0", 4)
    orders = [
        {
            "payment_no": number, "subject_kind": "claim", "subject_key": number, "amount_yen": YEN[number],
            "value_date": EARLIER, "decided_month": date(2026, 8, 1), "attempt": 1, "replaces_no": None,
        }
        for number in NUMBERS[:5]
    ]  # fmt: skip
    second = orders[1] | {
        "payment_no": SECOND, "attempt": 2, "replaces_no": AGAIN, "value_date": date(2026, 11, 30),
        "decided_month": OCTOBER,
    }  # fmt: skip
    letter = {
        "document_no": "AC-1", "kind": "account", "child_resident_code": "1", "guardian_resident_code": "2",
        "subject_key": ASKED, "decided_month": OCTOBER,
    }  # fmt: skip
    events = [("decided", PAID), ("paid", PAID), ("returned", AGAIN), ("returned", ASKED), ("returned", DOUBTED)]
    told = [(PAID, "0"), (AGAIN, "2"), (ASKED, "2"), (DOUBTED, "9")]
    drawn = months(20)[0]
    lines = accepted(BANK_RESULTS)
    return replace(
        drawn,
        month=OCTOBER,
        accepted={**drawn.accepted, "bank_results": pl.DataFrame([*now, doubt], schema=lines.schema)},
        entered=pl.DataFrame(now, schema=RESULTS_ENTERED.schema),
        entered_before=pl.DataFrame([answer(AGAIN, "2", 1, "september")], schema=RESULTS_ENTERED.schema),
        work=pl.DataFrame([doubt | {"trouble": "振込不能の後の振込済"}], schema=RESULTS_WORK.schema),
        work_before=RESULTS_WORK.empty(),
        ledger=pl.DataFrame([*orders, second], schema=LEDGER.schema),
        sent=pl.DataFrame(orders, schema=LEDGER.schema),
        asked=pl.DataFrame([letter], schema=LETTERS.schema),
        results=pl.DataFrame(
            [(number, EARLIER, result) for number, result in told], orient="row",
            schema={"payment_no": pl.String, "value_date": pl.Date, "result": pl.String},
        ),
        journal=pl.DataFrame(
            [(event, number, YEN[number]) for event, number in events], orient="row",
            schema={"event": pl.String, "reference": pl.String, "amount_yen": pl.Int64},
        ),
    )  # fmt: skip


def broken(frames: Frames) -> dict[str, set[str]]:
    """The rows that break each equation about the bank's answers."""
    found = {each.name: {key for key, _, _ in each.broken()} for each in equations(frames) if each.name in OF_ANSWERS}
    return {name: keys for name, keys in found.items() if keys}


def test_every_payment_is_in_exactly_one_place(frames: Frames) -> None:
    assert broken(frames) == {}
    told = {each.name: [(term.label, term.rows, term.yen) for term in each.right] for each in equations(frames)}
    assert told["answered"] == [("振込済", 1, 100), ("銀行から戻ったもの", 3, 306), ("結果を待つもの", 1, 104)]
    assert told["returned"] == [
        ("出し直したもの", 1, 101),
        ("口座の回答を待つもの", 1, 102),
        ("職員が調べるもの", 1, 103),
    ]
    assert told["results"] == [("台帳に入力", 3, 305), ("職員が調べるもの", 1, 103)]


def wrong(rows: pl.DataFrame, at: int, fault: str, column: str) -> pl.DataFrame:
    here = pl.int_range(pl.len()) == at
    if fault == "lost":
        return rows.filter(~here)
    if fault == "doubled":
        return pl.concat([rows, rows[at]])
    return rows.with_columns(pl.when(here).then(pl.col(column) + 1).otherwise(column).alias(column))


FAULTS = [
    ("entered", 0, "lost", "results", "october/1"),
    ("entered", 1, "lost", "returned", ASKED),
    ("entered", 0, "doubled", "results", "october/1"),
    ("entered", 0, "changed", "answered", PAID),
    ("entered", 2, "changed", "returned", DOUBTED),
    ("entered_before", 0, "lost", "returned", AGAIN),
    ("entered_before", 0, "changed", "answered", AGAIN),
    ("work", 0, "lost", "results", "october/4"),
    ("work", 0, "lost", "returned", DOUBTED),
    ("work", 0, "doubled", "results", "october/4"),
    ("work", 0, "changed", "results", "october/4"),
    ("asked", 0, "lost", "returned", ASKED),
    ("asked", 0, "doubled", "returned", ASKED),
    ("ledger", 5, "lost", "returned", AGAIN),
    ("ledger", 5, "doubled", "returned", AGAIN),
    ("ledger", 5, "changed", "returned", AGAIN),
    ("ledger", 0, "changed", "moved", f"{PAID}/振込済"),
    ("sent", 0, "lost", "answered", PAID),
    ("sent", 1, "changed", "answered", AGAIN),
    ("sent", 4, "doubled", "answered", OPEN),
    ("journal", 1, "lost", "moved", f"{PAID}/振込済"),
    ("journal", 2, "doubled", "moved", f"{AGAIN}/戻り"),
    ("journal", 3, "changed", "moved", f"{ASKED}/戻り"),
    ("results", 0, "lost", "moved", f"{PAID}/振込済"),
    ("results", 1, "lost", "moved", f"{AGAIN}/戻り"),
]


@pytest.mark.parametrize(("table", "row", "fault", "equation", "key"), FAULTS)
def test_a_fault_in_a_table_is_named_by_equation_and_row(
    frames: Frames, table: str, row: int, fault: str, equation: str, key: str
) -> None:
    faulty = wrong(getattr(frames, table), row, fault, "amount_yen")
    assert key in broken(replace(frames, **{table: faulty}))[equation]


@pytest.mark.parametrize("fault", ["lost", "doubled", "changed"])
def test_a_fault_in_what_the_bank_delivered_is_named(frames: Frames, fault: str) -> None:
    for row in range(4):
        lines = wrong(frames.accepted["bank_results"], row, fault, "amount_yen")
        faulty = {**frames.accepted, "bank_results": lines}
        assert f"october/{row + 1}" in broken(replace(frames, accepted=faulty))["results"]
