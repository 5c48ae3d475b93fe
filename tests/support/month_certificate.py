"""The tables of a month's certificate, and faults in them.

Belongs here: which rows of which tables an equation watches, drawing a fault and laying it into one table. Does not
belong here: what must find it (the tests).
"""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from assets.certificate.assets import gathered
from assets.certificate.frames import Frames
from assets.certificate.rules import equations
from resources.house import House
from resources.ledger_attempts import AFTER_RETURN
from schemas.record import Record
from schemas.records.benefit import DECISIONS, REOPENED, STEPS
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES, LINE_KEY
from schemas.records.feeds import DEMAND_TOTAL
from schemas.records.notices import LETTERS
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES

MADE: dict[str, Record] = {
    "reopened": REOPENED,
    "decisions": DECISIONS,
    "steps": STEPS,
    "differences": DIFFERENCES,
    "offsets": OFFSETS,
    "payables": PAYABLES,
    "debts": DEBTS,
    "orders": ORDERS,
    "preflight": PREFLIGHT,
    "bank_files": BANK_FILES,
    "demand_lines": DEMAND_LINES,
    "demand_differences": DEMAND_DIFFERENCES,
    "asked": LETTERS,
}
LOST, DOUBLED, CHANGED, MOVED, PAID_TWICE = "lost", "doubled", "changed by a yen", "moved", "paid from two months"
KINDS = (LOST, DOUBLED, CHANGED, MOVED, PAID_TWICE)
_ELSEWHERE = date(2026, 8, 1)
_DEMAND = "review_body_demands"

Row = dict[str, Any]
Names = set[tuple[str, str]]
"""Equations, each with what it may call a row."""


def frames_of(house: House, month: date) -> Frames:
    """Everything the certificate of a month is about, read from the shelf and the ledger."""
    made = {name: house.shelf.read(record, f"{month:%Y-%m}") for name, record in MADE.items()}
    return gathered(house, month, made)


@dataclass(frozen=True)
class Place:
    """A column of a table of the certificate, the changes drawn there, and the names of a row that an equation watches:
    none for a row that says nothing of money there."""

    table: str
    column: str
    kinds: tuple[str, ...]
    names: Callable[[Row, Frames, str], Names]
    month: str = "decided_month"
    feed: str = ""


@dataclass(frozen=True)
class Fault:
    """One row of a place gone wrong, and what it may be called by which equation."""

    place: Place
    kind: str
    row: int
    names: frozenset[tuple[str, str]]


def _by(column: str, *equations: str, but: Callable[[Row, Frames], bool] | None = None) -> Callable[..., Names]:
    """The row is called by a column in these equations; `but`: not where this holds."""
    return lambda row, frames, _: (
        set() if but is not None and but(row, frames) else {(name, str(row[column])) for name in equations}
    )


def _line(row: Row, feed: str = "") -> str:
    return "/".join(str(row[name]) for name in (*(() if feed else ("feed",)), "delivery", "line_no"))


def _ever(frames: Frames) -> pl.DataFrame:
    return pl.concat([frames.entered_before, frames.entered])


def _has(frame: pl.DataFrame, row: Row, *columns: str) -> bool:
    return not frame.filter(pl.all_horizontal(pl.col(name) == row[name] for name in columns)).is_empty()


def _refused(row: Row, frames: Frames, kind: str, feed: str) -> Names:
    """A line refused for several reasons is still refused without one of them that has no yen."""
    lines = frames.refused[feed].filter(delivery=row["delivery"], line_no=row["line_no"])
    watched = kind == CHANGED or row["yen"] != 0 or (kind == LOST and lines.height == 1)
    return {(f"feed_{feed}", row["delivery"])} if watched else set()


def _delivered(row: Row, _: Frames, kind: str) -> Names:
    """A delivery without a row has nothing to lose."""
    return {(f"feed_{row['feed']}", row["delivery"])} if row["rows"] or kind == CHANGED else set()


def _demand_line(row: Row) -> str:
    return "/".join(str(row[name]) for name in LINE_KEY)


def _demand(column: str, equation: str) -> Callable[..., Names]:
    def names(row: Row, _: Frames, __: str) -> Names:
        watched = row.get("demand_class") != DEMAND_TOTAL and row[column] != 0
        return {(equation, _demand_line(row))} if watched else set()

    return names


def _reopened(row: Row, frames: Frames, _: str) -> Names:
    """Only where it was decided again: what stands unchanged says nothing of this month's yen."""
    again = row["judgement"] != "4" and _has(frames.decisions, row, "feed", "delivery", "line_no")
    return {("lines", _line(row))} if again else set()


def _settled(row: Row, frames: Frames, _: str) -> Names:
    """Only what is settled with the guardian or once more: a receipt paid the first time has no earlier yen."""
    mine = frames.decisions.filter(feed=row["feed"], delivery=row["delivery"], line_no=row["line_no"])
    final = mine.filter(pl.col("judgement") != "4")
    first = (pl.col("subject") == "receipt") & (pl.col("reason") == "P0") & pl.lit(row["paid"] != "1")
    return {("differences", number) for number in final.filter(~first)["decision_no"]}


def _decision(row: Row, _: Frames, __: str) -> Names:
    return {("lines", _line(row)), ("outcomes", row["decision_no"]), ("steps", row["decision_no"])}


def _step(row: Row, _: Frames, kind: str) -> Names:
    """A step that only tells a judgement has no yen; the first one stands for the decision."""
    watched = row["yen"] is not None if kind == CHANGED else row["yen"] or row["step_no"] == 1
    return {("steps", row["decision_no"])} if watched else set()


def _ledger(row: Row, _: Frames, __: str) -> Names:
    number, subject = row["payment_no"], f"{row['subject_kind']}:{row['subject_key']}"
    told = {("ordered", subject), ("orders", number), ("owed", number)}
    return told | {("orders_before", f"{number}/{row['decided_month']}"), ("returned", str(row["replaces_no"]))}


def _due(row: Row, frames: Frames, _: str) -> Names:
    return {("due", row["payment_no"])} if row["value_date"] == frames.value_date else set()


def _paid_twice_in_the_ledger(row: Row, frames: Frames, _: str) -> Names:
    first = row["attempt"] == 1 and row["decided_month"] == frames.month
    return {("once_in_the_ledger", f"{row['subject_kind']}:{row['subject_key']}")} if first else set()


def _paid_twice_in_the_table(row: Row, _: Frames, __: str) -> Names:
    return {("once_over_months", row["subject_key"])} if row["attempt"] == 1 else set()


def _held_back(row: Row, frames: Frames, _: str) -> Names:
    held = row["severity"] == "error" and not _has(frames.members, row, "payment_no")
    return {("due", row["payment_no"])} if held else set()


def _answer(row: Row) -> str:
    return f"{row['payment_no']}/{row['result']}/{row['value_date']}"


def _recorded(row: Row, frames: Frames, _: str) -> Names:
    """What later nights told is for the certificates of their months."""
    mine = _has(_ever(frames), row, "payment_no", "result", "value_date")
    return {("recorded", _answer(row))} if mine else set()


def _later(row: Row, frames: Frames, kind: str) -> Names:
    return set() if _recorded(row, frames, kind) else {("recorded", _answer(row))}


def _entered(row: Row, _: Frames, __: str) -> Names:
    number = row["payment_no"]
    told = {("results", _line(row, "bank_results")), ("answered", number), ("returned", number)}
    return told | {("recorded", _answer(row))}


def _journal(row: Row, frames: Frames, _: str) -> Names:
    """Entries of the months up to this one: of orders, of files for their days, of their nights' answers."""
    number, event = row["reference"], row["event"]
    if event == "decided":
        mine = frames.ledger.filter(pl.col("decided_month") <= frames.month)["payment_no"]
        return {("owed", number)} if number in mine.to_list() else set()
    if event == "released":
        later = frames.handed_over.filter(pl.col("value_date") >= frames.value_date)["batch_no"]
        return set() if number in later.to_list() else {("handed_over", number)}
    is_back = (pl.col("result") == "0") == (event != "paid")
    told = _ever(frames).filter(pl.col("payment_no") == number, ~is_back)
    word = "振込済" if event == "paid" else "戻り"
    return {("moved", f"{number}/{word}")} if told.height else set()


def _doubt(row: Row, _: Frames, __: str) -> Names:
    """Of the work of earlier nights this month rests only on what is doubted; the rest is in its own month's."""
    return {("returned", row["payment_no"])} if row["trouble"] == AFTER_RETURN else set()


def _gone(row: Row, frames: Frames) -> bool:
    """An order asked about that was made again since is in its own place."""
    return row["subject_key"] in frames.ledger["replaces_no"].to_list()


_ROWS = (LOST, DOUBLED)
_YEN = (*_ROWS, CHANGED)
_ALL = (*_YEN, MOVED)


def _feeds(frames: Frames) -> list[Place]:
    """Every feed of which something came: its rows, and what was refused of it."""
    came = [
        Place("accepted", "", _ROWS, _by("delivery", f"feed_{feed}"), feed=feed)
        for feed, rows in frames.accepted.items()
        if rows.height
    ]
    turned = [
        Place("refused", "yen", _YEN, lambda row, told, kind, feed=feed: _refused(row, told, kind, feed), feed=feed)
        for feed, rows in frames.refused.items()
        if rows.height
    ]
    return [*came, *turned]


def _lines(feed: str, column: str) -> Place:
    return Place("accepted", column, _YEN, lambda row, _, __: {("lines", f"{feed}/{_line(row, feed)}")}, feed=feed)


_MONEY = (
    Place("orders", "amount_yen", (PAID_TWICE,), _paid_twice_in_the_table),
    Place("ledger", "amount_yen", (PAID_TWICE,), _paid_twice_in_the_ledger),
    Place("delivered", "yen", _YEN, _delivered),
    _lines("claims", "partial_payment_yen"),
    _lines("receipts", "rcpt_public_expense_yen"),
    Place("accepted", "amount_yen", _YEN, _demand("amount_yen", "demanded"), feed=_DEMAND),
    Place("accepted", "fee_yen", _YEN, _demand("fee_yen", "demanded_fees"), feed=_DEMAND),
    Place(
        "accepted",
        "amount_yen",
        _YEN,
        lambda row, _, __: {("results", _line(row, "bank_results"))},
        feed="bank_results",
    ),
    Place("open_before", "yen", _YEN, lambda row, _, __: {("lines", _line(row))}),
    Place("reopened", "demand_yen", _YEN, _reopened),
    Place("reopened", "settled_yen", (CHANGED,), _settled),
    Place("decisions", "demand_yen", _ALL, _decision),
    Place("decisions", "amount_yen", _ALL, _decision),
    Place("steps", "yen", _YEN, _step),
    Place("differences", "difference_yen", _ALL, _by("decision_no", "differences")),
    Place("payables", "payable_yen", _ALL, _by("decision_no", "payables")),
    Place("offsets", "offset_yen", _ALL, _by("decision_no", "payables")),
    Place("offsets", "offset_yen", _YEN, _by("debt_no", "debts")),
    Place("debts", "open_yen", _YEN, _by("debt_no", "debts")),
    Place("debts_before", "open_yen", _YEN, _by("debt_no", "debts", but=lambda row, _: row["open_yen"] == 0)),
    Place("orders", "amount_yen", _ALL, _by("payment_no", "orders")),
    Place(
        "orders_before",
        "amount_yen",
        _ALL,
        lambda row, _, __: {("orders_before", f"{row['payment_no']}/{row['decided_month']}")},
    ),
    Place("ledger", "amount_yen", _ALL, _ledger),
    Place("ledger", "amount_yen", (MOVED,), _due, month="value_date"),
    Place("preflight", "", (LOST,), _held_back),
    Place("members", "amount_yen", _YEN, _by("payment_no", "due")),
    Place("bank_files", "total_yen", _ALL, _by("batch_no", "trailer", "batch"), month="value_date"),
    Place("trailers", "total_yen", _YEN, _by("batch_no", "trailer")),
    Place("filed", "total_yen", _YEN, _by("batch_no", "batches")),
    Place("sent", "amount_yen", _YEN, _by("batch_no", "batches")),
    Place("handed_over", "", (LOST,), _by("batch_no", "handed_over")),
    Place("results", "result", _YEN, _recorded),
    Place("journal", "amount_yen", _YEN, _journal),
    Place("entered", "amount_yen", _YEN, _entered),
    Place("entered_before", "amount_yen", (LOST, CHANGED), _entered),
    Place("entered_after", "", (LOST,), _later),
    Place("work", "amount_yen", _YEN, lambda row, _, __: {("results", _line(row, "bank_results"))}),
    Place("work_before", "", (LOST,), _doubt),
    Place("asked", "", _ROWS, _by("subject_key", "returned", but=_gone)),
    Place("demand_lines", "fee_due_yen", _YEN, _demand("fee_due_yen", "demanded_fees")),
    Place("demand_differences", "difference_yen", _YEN, _demand("difference_yen", "demanded")),
    Place("demand_differences", "fee_difference_yen", _YEN, _demand("fee_difference_yen", "demanded_fees")),
)


def places(frames: Frames) -> list[Place]:
    """Every place of the certificate's tables."""
    return [*_MONEY, *_feeds(frames)]


def rows_at(frames: Frames, place: Place) -> pl.DataFrame:
    """The table of a place."""
    table = getattr(frames, place.table)
    rows = table[place.feed] if place.feed else table
    assert isinstance(rows, pl.DataFrame)
    return rows


def watched(frames: Frames, place: Place, kind: str) -> dict[int, Names]:
    """The rows of a place that an equation watches for a change of that kind."""
    told = enumerate(rows_at(frames, place).iter_rows(named=True))
    return {at: names for at, row in told if (names := place.names(row, frames, kind))}


def faults(frames: Frames, number: int, seed: int, tables: Collection[str] = ()) -> list[Fault]:
    """`number` faults (in some tables only), each place and kind with a row that is watched as often as any other."""
    lot = random.Random(seed)
    here = [place for place in places(frames) if not tables or place.table in tables]
    drawn = [(place, kind, watched(frames, place, kind)) for place in here for kind in place.kinds]
    can = [each for each in drawn if each[2]]
    found = []
    for at in range(number):
        place, kind, rows = can[at % len(can)]
        row = lot.choice(list(rows))
        found.append(Fault(place, kind, row, frozenset(rows[row])))
    return found


def newly_broken(frames: Frames, fault: Fault) -> set[tuple[str, str]]:
    """The equations that the fault breaks, each with each row it names."""
    return broken(faulty(frames, fault)) - broken(frames)


def broken(frames: Frames) -> set[tuple[str, str]]:
    """Each broken equation with each row it names."""
    return {(each.name, key) for each in equations(frames) for key, _, _ in each.broken()}


def faulty(frames: Frames, fault: Fault) -> Frames:
    """The tables with the fault in them."""
    if fault.kind == PAID_TWICE:
        return _paid_twice(frames, fault)
    place, wrong = fault.place, _wrong(rows_at(frames, fault.place), fault)
    if place.feed:
        return replace(frames, **{place.table: {**getattr(frames, place.table), place.feed: wrong}})
    return replace(frames, **{place.table: wrong})


def _wrong(rows: pl.DataFrame, fault: Fault) -> pl.DataFrame:
    here = pl.int_range(pl.len()) == fault.row
    if fault.kind == LOST:
        return rows.filter(~here)
    if fault.kind == DOUBLED:
        return pl.concat([rows, rows[fault.row]])
    month, column = fault.place.month, fault.place.column
    if fault.kind == MOVED:
        return rows.with_columns(pl.when(here).then(pl.lit(_ELSEWHERE)).otherwise(month).alias(month))
    other = pl.col(column) + ("x" if rows.schema[column] == pl.String else 1)
    return rows.with_columns(pl.when(here).then(other).otherwise(column).alias(column))


def _paid_twice(frames: Frames, fault: Fault) -> Frames:
    """The order of a row was there in an earlier month already, under another number."""
    rows = rows_at(frames, fault.place)
    earlier = rows[fault.row].with_columns(
        pl.lit("9000000001").alias("payment_no"),
        pl.lit(_ELSEWHERE).alias("decided_month"),
        pl.lit(_ELSEWHERE).alias("value_date"),
    )
    if fault.place.table == "orders":
        return replace(frames, orders_before=pl.concat([frames.orders_before, earlier]))
    return replace(frames, ledger=pl.concat([frames.ledger, earlier]))
