"""Paid, ordered again, asked about, in doubt, open: each payment is one of them, and any fault in a table is named."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.certificate.frames import Frames
from assets.certificate.rules import equations
from schemas.records.feeds import BANK_RESULTS, accepted
from schemas.records.notices import LETTERS
from schemas.records.payment import BANK_FILES, RESULTS_ENTERED, RESULTS_WORK
from tests.assets.certificate.test_equations_over_months import LEDGER, SENT, months

OCTOBER = date(2026, 10, 1)
DAY, EARLIER, LATER = date(2026, 10, 30), date(2026, 9, 30), date(2026, 11, 30)
OF_ANSWERS = ("owed", "batches", "handed_over", "results", "recorded", "moved", "answered", "returned")
NUMBERS = [f"{number:010d}" for number in range(1, 7)]
PAID, AGAIN, ASKED, DOUBTED, OPEN, SECOND = NUMBERS
YEN = {number: 100 + at for at, number in enumerate(NUMBERS)} | {SECOND: 101}


def answer(payment_no: str, result: str, line_no: int, delivery: str = "october", **more: Any) -> dict[str, Any]:
    known = {"september": EARLIER, "october": DAY, "november": LATER}[delivery]
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
    batch = {
        "file_name": "zengin_B1.txt", "batch_no": "B1", "value_date": EARLIER, "orders": 5, "total_yen": 510,
        "bytes": 1, "sha256": "a" * 64,
    }  # fmt: skip
    answers = [("paid", PAID), ("returned", AGAIN), ("returned", ASKED), ("returned", DOUBTED)]
    events = [*(("decided", number) for number in NUMBERS[:5]), *answers]
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
        handed_over=pl.DataFrame({"batch_no": ["B1"], "value_date": [EARLIER]}),
        filed=pl.DataFrame([batch], schema=BANK_FILES.schema),
        sent=pl.DataFrame([order | {"batch_no": "B1"} for order in orders], schema=SENT.schema),
        asked=pl.DataFrame([letter], schema=LETTERS.schema),
        results=pl.DataFrame(
            [(number, EARLIER, result) for number, result in told], orient="row", schema=RESULTS,
        ),
        journal=pl.DataFrame(
            [("released", "B1", 510), *((event, number, YEN[number]) for event, number in events)],
            schema=JOURNAL, orient="row",
        ),
    )  # fmt: skip


RESULTS = {"payment_no": pl.String, "value_date": pl.Date, "result": pl.String}
JOURNAL = {"event": pl.String, "reference": pl.String, "amount_yen": pl.Int64}


@pytest.fixture(scope="module")
def later(frames: Frames) -> Frames:
    """The same month after November: what was paid is recalled, what was open is paid, one came back once more, and
    the next file was handed over."""
    told = [answer(PAID, "K", 1, "november"), answer(OPEN, "0", 2, "november"), answer(ASKED, "9", 3, "november")]
    results = [(each["payment_no"], each["value_date"], each["result"]) for each in told]
    moved = [("recalled", PAID, YEN[PAID]), ("paid", OPEN, YEN[OPEN]), ("released", "B2", 900)]
    next_file = pl.DataFrame({"batch_no": ["B2"], "value_date": [LATER]})
    return replace(
        frames,
        handed_over=pl.concat([frames.handed_over, next_file]),
        entered_after=pl.DataFrame(told, schema=RESULTS_ENTERED.schema),
        results=pl.concat([frames.results, pl.DataFrame(results, schema=RESULTS, orient="row")]),
        journal=pl.concat([frames.journal, pl.DataFrame(moved, schema=JOURNAL, orient="row")]),
    )


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


def test_answers_of_later_nights_change_no_equation_of_the_month(frames: Frames, later: Frames) -> None:
    assert equations(later) == equations(frames)


@pytest.mark.parametrize("table", ["results", "journal"])
@pytest.mark.parametrize("fault", ["lost", "doubled"])
def test_a_later_answer_covers_no_fault_in_one_of_the_month(later: Frames, table: str, fault: str) -> None:
    """The first answer is the one whose payment also has a later one."""
    at = {"results": 0, "journal": 6}[table]
    name, key = {"results": ("recorded", f"{PAID}/0/{EARLIER}"), "journal": ("moved", f"{PAID}/振込済")}[table]
    assert key in broken(replace(later, **{table: wrong(getattr(later, table), at, fault, "")}))[name]


def test_a_file_in_the_journal_that_was_never_handed_over_is_named(later: Frames) -> None:
    for number in ("B2", "B9"):
        entry = pl.DataFrame([("released", "B9", 1)], schema=JOURNAL, orient="row")
        known = later.handed_over.filter(pl.col("batch_no") != number)
        faulty = replace(later, journal=pl.concat([later.journal, entry]), handed_over=known)
        assert broken(faulty) == {"handed_over": {number, "B9"}}


def test_what_missed_its_day_is_counted_once_and_did_not_come_back(frames: Frames) -> None:
    """Two orders of the month's value date: one in its file, one whose file was withdrawn, ordered again since."""
    late, again = "0000000008", "0000000009"
    due = [
        {
            "payment_no": number, "subject_kind": "claim", "subject_key": subject, "amount_yen": 200 + attempt,
            "value_date": LATER, "decided_month": OCTOBER, "attempt": attempt, "replaces_no": replaces,
        }
        for number, subject, attempt, replaces in (("0000000007", "7", 1, None), (late, "8", 1, None))
    ]  # fmt: skip
    next_try = due[1] | {
        "payment_no": again, "attempt": 2, "replaces_no": late, "value_date": date(2026, 12, 30),
        "decided_month": date(2026, 11, 1),
    }  # fmt: skip
    ledger = pl.concat([frames.ledger.filter(attempt=1), pl.DataFrame([*due, next_try], schema=LEDGER.schema)])
    members = pl.DataFrame([{**due[0], "batch_no": "B2"}]).select(SENT.columns)
    month = replace(frames, value_date=LATER, ledger=ledger, members=members)
    gone = pl.DataFrame({"payment_no": [late]})
    told = {each.name: each for each in equations(replace(month, lapsed=gone))}
    assert told["due"].broken() == []
    assert [(term.label, term.rows) for term in told["due"].right][2] == ("取り下げ、日を過ぎて出し直したもの", 1)
    unknown = {each.name: each for each in equations(month)}
    assert [key for key, *_ in unknown["due"].broken()] == [late]
    later = replace(frames, ledger=ledger.with_columns(decided_month=pl.lit(OCTOBER)))
    assert again not in {key for term in rights(replace(later, lapsed=gone)) for key, *_ in term}
    assert late in {key for term in rights(later) for key, *_ in term}


def rights(frames: Frames) -> list[Any]:
    """The entries of what became of the payments that came back."""
    (found,) = (each for each in equations(frames) if each.name == "returned")
    return [term.entries for term in found.right]


def test_an_answer_that_no_night_entered_is_named(later: Frames) -> None:
    """As if somebody had written it into the ledger by hand."""
    result = pl.DataFrame([(OPEN, LATER, "0")], schema=RESULTS, orient="row")
    entry = pl.DataFrame([("returned", OPEN, YEN[OPEN])], schema=JOURNAL, orient="row")
    assert broken(replace(later, results=pl.concat([later.results, result]))) == {"recorded": {f"{OPEN}/0/{LATER}"}}
    assert broken(replace(later, journal=pl.concat([later.journal, entry]))) == {"moved": {f"{OPEN}/戻り"}}


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
    ("sent", 4, "lost", "batches", "B1"),
    ("filed", 0, "lost", "batches", "B1"),
    ("filed", 0, "doubled", "batches", "B1"),
    ("ledger", 4, "lost", "answered", OPEN),
    ("journal", 0, "lost", "handed_over", "B1"),
    ("journal", 0, "changed", "handed_over", "B1"),
    ("journal", 5, "lost", "owed", OPEN),
    ("journal", 3, "changed", "owed", ASKED),
    ("journal", 6, "lost", "moved", f"{PAID}/振込済"),
    ("journal", 7, "doubled", "moved", f"{AGAIN}/戻り"),
    ("journal", 8, "changed", "moved", f"{ASKED}/戻り"),
    ("results", 0, "lost", "recorded", f"{PAID}/0/{EARLIER}"),
    ("results", 1, "lost", "recorded", f"{AGAIN}/2/{EARLIER}"),
    ("results", 3, "doubled", "recorded", f"{DOUBTED}/9/{EARLIER}"),
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
