"""One digit of one yen changed, anywhere in decisions, steps or settlement: the checker always finds it."""

import random

import polars as pl
import pytest

from assets.benefit.checker import unchained, unexplained, unfaithful, unsettled
from schemas.records.benefit import DECISIONS, STEPS
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES
from tests.assets.benefit.drawn_news import lived_once
from tests.support.cases import LAW
from tests.support.months import Life, Month, settlements

pytestmark = pytest.mark.xdist_group("drawn_money")

FALSIFICATIONS = 200
TABLES = (DECISIONS, STEPS, DIFFERENCES, OFFSETS, PAYABLES, DEBTS)
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    """Families with everything a settlement can hold."""
    return [lived_once(seed, 7) for seed in (20, 22, 24)]


def months(lives: list[Life]) -> list[tuple[Life, Month, Tables, pl.DataFrame]]:
    """Every month: its life, what it made, its tables by name, the debts of the month before."""
    found = []
    for life in lives:
        before = DEBTS.empty()
        for month, made in zip(life.months, settlements(life, LAW), strict=True):
            tables = (month.decisions, month.steps, *made)
            found.append((life, month, {each.name: table for each, table in zip(TABLES, tables, strict=True)}, before))
            before = made.debts
    return found


def faults(life: Life, month: Month, tables: Tables, before: pl.DataFrame) -> int:
    """What the checker finds in a month."""
    decisions, steps, *settled = (tables[record.name] for record in TABLES)
    decided = month.reopened.filter(pl.col("feed") == "receipts"), month.reopened.filter(pl.col("feed") == "claims")
    new = pl.col("known_date").is_between(month.month, month.month.replace(day=28))
    receipts, claims = (
        pl.concat([rows.filter(new), rows.join(again, on=["delivery", "line_no"], how="semi")]).unique()
        for rows, again in zip((life.receipts, life.claims), decided, strict=True)
    )
    return (
        unexplained(decisions, steps).height
        + unchained(decisions, month.reopened).height
        + unfaithful(decisions, receipts, claims, month.reopened).height
        + unsettled(decisions, month.reopened, *settled, before).height
    )


def falsified(frame: pl.DataFrame, column: str, row: int, lot: random.Random) -> pl.DataFrame:
    """The frame with one digit of one yen changed."""
    digits = list(str(frame[column][row]))
    places = [at for at, digit in enumerate(digits) if digit.isdigit()]
    at = lot.choice(places)
    digits[at] = lot.choice([digit for digit in "0123456789" if digit != digits[at]])
    wrong = pl.when(pl.int_range(pl.len()) == row).then(int("".join(digits))).otherwise(column)
    return frame.with_columns(wrong.alias(column))


def test_the_checker_finds_nothing_in_the_true_tables(lives: list[Life]) -> None:
    assert [faults(*month) for month in months(lives)] == [0] * 12


def test_the_checker_finds_every_single_digit_that_is_changed(lives: list[Life]) -> None:
    lot, every = random.Random(4), months(lives)
    cells = [
        (at, record.name, item.name, row)
        for at, (_, _, tables, _) in enumerate(every)
        for record in TABLES
        for item in record.items
        if item.type.name == "yen"
        for row in tables[record.name][item.name].is_not_null().arg_true()
    ]
    by_column: dict[tuple[str, str], list[tuple[int, str, str, int]]] = {}
    for cell in cells:
        by_column.setdefault(cell[1:3], []).append(cell)
    assert len(by_column) == 15
    chosen = [lot.choice(found) for found in by_column.values()]
    chosen += lot.sample(cells, FALSIFICATIONS - len(chosen))
    missed = []
    for at, name, column, row in chosen:
        life, month, tables, before = every[at]
        wrong = tables | {name: falsified(tables[name], column, row, lot)}
        if faults(life, month, wrong, before) == 0:
            missed.append((name, column))
    assert missed == []
