"""The tables of a month's certificate, and faults in them.

Belongs here: drawing a fault and laying it into one table. Does not belong here: what must find it (the tests).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from assets.certificate.assets import gathered
from assets.certificate.rules import Frames
from resources.house import House
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
_ELSEWHERE = date(2026, 9, 1)


def frames_of(house: House, month: date) -> Frames:
    """Everything the certificate of a month is about, read from the shelf and the ledger."""
    made = {name: house.shelf.read(record, f"{month:%Y-%m}") for name, record in MADE.items()}
    return gathered(house, month, made)


@dataclass(frozen=True)
class Place:
    """A table of the certificate: its yen, its month, what its rows may be called, which equations watch it."""

    table: str
    yen: str
    month: str | None
    names: tuple[Callable[[dict[str, object]], str], ...]
    watched_by: frozenset[str]
    feed: str = ""


def _named(column: str) -> Callable[[dict[str, object]], str]:
    return lambda row: str(row[column])


def _own_line(row: dict[str, object]) -> str:
    return f"{row['feed']}/{row['delivery']}/{row['line_no']}"


def _line(feed: str) -> Callable[[dict[str, object]], str]:
    return lambda row: f"{feed}/{row['delivery']}/{row['line_no']}"


def _subject(row: dict[str, object]) -> str:
    return f"{row['subject_kind']}:{row['subject_key']}"


def _demand_line(row: dict[str, object]) -> str:
    return "/".join(str(row[name]) for name in LINE_KEY)


_DECISION = (_named("decision_no"), _own_line)
_DEMAND = "review_body_demands"
_ONCE = {"orders": "once_over_months", "ledger": "once_in_the_ledger"}
PLACES = (
    Place("accepted", "partial_payment_yen", None, (_line("claims"),), frozenset({"lines"}), "claims"),
    Place("accepted", "rcpt_public_expense_yen", None, (_line("receipts"),), frozenset({"lines"}), "receipts"),
    Place("refused", "yen", None, (_named("delivery"),), frozenset({"feed_receipts"}), "receipts"),
    Place("delivered", "yen", None, (_named("delivery"),), frozenset({"feed_claims", "feed_receipts"})),
    Place("decisions", "demand_yen", "decided_month", _DECISION, frozenset({"lines", "outcomes", "steps"})),
    Place("decisions", "amount_yen", "decided_month", _DECISION, frozenset({"lines", "steps"})),
    Place("steps", "yen", None, (_named("decision_no"),), frozenset({"steps"})),
    Place("differences", "difference_yen", "decided_month", (_named("decision_no"),), frozenset({"differences"})),
    Place("payables", "payable_yen", "decided_month", (_named("decision_no"),), frozenset({"payables"})),
    Place(
        "orders", "amount_yen", "decided_month", (_named("payment_no"), _named("subject_key")), frozenset({"orders"})
    ),
    Place("ledger", "amount_yen", "decided_month", (_subject,), frozenset({"ordered"})),
    Place("members", "amount_yen", None, (_named("payment_no"),), frozenset({"due"})),
    Place("bank_files", "total_yen", "value_date", (_named("batch_no"),), frozenset({"trailer", "batch"})),
    Place("trailers", "total_yen", None, (_named("batch_no"),), frozenset({"trailer"})),
    Place("accepted", "amount_yen", None, (_demand_line,), frozenset({"demanded"}), _DEMAND),
    Place("accepted", "fee_yen", None, (_demand_line,), frozenset({"demanded_fees"}), _DEMAND),
    Place("demand_lines", "fee_due_yen", None, (_demand_line,), frozenset({"demanded_fees"})),
    Place("demand_differences", "difference_yen", None, (_demand_line,), frozenset({"demanded"})),
)


@dataclass(frozen=True)
class Fault:
    """One row of a place gone wrong, and what it may be called."""

    place: Place
    kind: str
    row: int
    names: frozenset[str]

    @property
    def watched_by(self) -> frozenset[str]:
        """The equations of which one must name it."""
        return frozenset({_ONCE[self.place.table]}) if self.kind == PAID_TWICE else self.place.watched_by


def rows_at(frames: Frames, place: Place) -> pl.DataFrame:
    """The table of a place."""
    table = getattr(frames, place.table)
    return table[place.feed] if place.feed else table


def _watched(place: Place, row: dict[str, object]) -> bool:
    """Whether a row says anything of money there: a step that only tells a judgement does not."""
    if place.table == "delivered":
        return row["feed"] in ("claims", "receipts")
    if place.feed == _DEMAND:
        return row["demand_class"] != DEMAND_TOTAL and row[place.yen] != 0
    if place.table in ("demand_lines", "demand_differences"):
        return row[place.yen] != 0
    return place.table != "steps" or row["yen"] not in (None, 0)


def faults(frames: Frames, number: int, seed: int) -> list[Fault]:
    """`number` faults, each place and kind as often as any other that can be."""
    lot = random.Random(seed)
    kinds = [(place, kind) for place in PLACES for kind in (LOST, DOUBLED, CHANGED, MOVED) if _can(place, kind)]
    kinds += [(place, PAID_TWICE) for place in PLACES if place.table in _ONCE]
    found = []
    for at in range(number):
        place, kind = kinds[at % len(kinds)]
        rows = rows_at(frames, place)
        row = lot.choice([n for n, row in enumerate(rows.iter_rows(named=True)) if _watched(place, row)])
        names = frozenset(name(rows.row(row, named=True)) for name in place.names)
        found.append(Fault(place, kind, row, names))
    return found


def _can(place: Place, kind: str) -> bool:
    if place.table == "refused":
        return kind == CHANGED
    return kind != MOVED or place.month is not None


def faulty(frames: Frames, fault: Fault) -> Frames:
    """The tables with the fault in them."""
    place, rows = fault.place, rows_at(frames, fault.place)
    here = pl.int_range(pl.len()) == fault.row
    if fault.kind == PAID_TWICE:
        return _paid_twice(frames, fault)
    if fault.kind == LOST:
        wrong = rows.filter(~here)
    elif fault.kind == DOUBLED:
        wrong = pl.concat([rows, rows[fault.row]])
    elif fault.kind == CHANGED:
        wrong = rows.with_columns(pl.when(here).then(pl.col(place.yen) + 1).otherwise(place.yen).alias(place.yen))
    else:
        month = str(place.month)
        wrong = rows.with_columns(pl.when(here).then(pl.lit(_ELSEWHERE)).otherwise(month).alias(month))
    if place.feed:
        return replace(frames, **{place.table: {**getattr(frames, place.table), place.feed: wrong}})
    return replace(frames, **{place.table: wrong})


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
