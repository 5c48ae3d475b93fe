"""Months with late news, offsets and debts: the equations hold in each, and a yen changed anywhere breaks one."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from assets.certificate.frames import Frames
from assets.certificate.rules import equations
from schemas.records.benefit import RECEIPTS_OPEN
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES
from schemas.records.feeds import BANK_RESULTS, CLAIMS, RECEIPTS, REVIEW_BODY_DEMANDS, accepted, refused
from schemas.records.notices import LETTERS
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, RESULTS_ENTERED, RESULTS_WORK
from schemas.records.settlement import DEBTS
from tests.assets.benefit.drawn_news import lived_once
from tests.support.cases import LAW
from tests.support.months import Life, Month, settlements

pytestmark = pytest.mark.xdist_group("drawn_money")

OF_MONEY = ("lines", "outcomes", "steps", "differences", "payables", "debts")
LEDGER = pl.DataFrame(
    schema={
        "payment_no": pl.String,
        "subject_kind": pl.String,
        "subject_key": pl.String,
        "amount_yen": pl.Int64,
        "value_date": pl.Date,
        "decided_month": pl.Date,
        "attempt": pl.Int64,
        "replaces_no": pl.String,
    }
)
RESULTS = pl.DataFrame(schema={"payment_no": pl.String, "value_date": pl.Date, "result": pl.String})
JOURNAL = pl.DataFrame(schema={"event": pl.String, "reference": pl.String, "amount_yen": pl.Int64})
MEMBERS = pl.DataFrame(schema={"batch_no": pl.String, "payment_no": pl.String, "amount_yen": pl.Int64})
SENT = MEMBERS.with_columns(pl.lit(None, pl.Date).alias("value_date"))
TRAILERS = pl.DataFrame(schema={"batch_no": pl.String, "orders": pl.Int64, "total_yen": pl.Int64})
DELIVERED = pl.DataFrame(schema={"feed": pl.String, "delivery": pl.String, "rows": pl.Int64, "yen": pl.Int64})


def arrived(life: Life, month: Month) -> dict[str, pl.DataFrame]:
    """The claims and receipts of a month; no demand and no answer of a bank comes."""
    new = pl.col("known_date").is_between(month.month, month.month.replace(day=28))
    none = {feed.name: accepted(feed).empty() for feed in (BANK_RESULTS, REVIEW_BODY_DEMANDS)}
    return {"receipts": life.receipts.filter(new), "claims": life.claims.filter(new)} | none


def months(seed: int) -> list[Frames]:
    """What the certificates of a drawn city's months are about, up to its settlement."""
    life, before, found = lived_once(seed, 7), DEBTS.empty(), []
    for month, made in zip(life.months, settlements(life, LAW), strict=True):
        held = month.reopened.filter(pl.col("judgement") == "4")
        frames = Frames(
            month=month.month,
            value_date=date(2030, 1, 31),
            delivered=DELIVERED,
            accepted=arrived(life, month),
            refused={
                feed.name: refused(feed).empty() for feed in (BANK_RESULTS, CLAIMS, RECEIPTS, REVIEW_BODY_DEMANDS)
            },
            open_before=held.select("feed", "delivery", "line_no", pl.col("demand_yen").alias("yen")),
            reopened=month.reopened,
            decisions=month.decisions,
            steps=month.steps,
            differences=made.differences,
            offsets=made.offsets,
            payables=made.payables,
            debts=made.debts,
            debts_before=before,
            orders=ORDERS.empty(),
            orders_before=ORDERS.empty(),
            ledger=LEDGER,
            preflight=PREFLIGHT.empty(),
            bank_files=BANK_FILES.empty(),
            trailers=TRAILERS,
            members=MEMBERS,
            filed=BANK_FILES.empty(),
            sent=SENT,
            handed_over=SENT.select("batch_no", "value_date"),
            lapsed=SENT.select("payment_no"),
            results=RESULTS,
            receipts_open=RECEIPTS_OPEN.empty(),
            demand_lines=DEMAND_LINES.empty(),
            demand_differences=DEMAND_DIFFERENCES.empty(),
            journal=JOURNAL,
            entered=RESULTS_ENTERED.empty(),
            entered_before=RESULTS_ENTERED.empty(),
            entered_after=RESULTS_ENTERED.empty(),
            work=RESULTS_WORK.empty(),
            work_before=RESULTS_WORK.empty(),
            asked=LETTERS.empty(),
        )
        found.append(frames)
        before = made.debts
    return found


@pytest.fixture(scope="module")
def lived_months() -> list[Frames]:
    return [frames for seed in (20, 22, 24) for frames in months(seed)]


def broken(frames: Frames) -> dict[str, set[str]]:
    """The rows that break each equation up to the settlement."""
    found = {each.name: {key for key, _, _ in each.broken()} for each in equations(frames) if each.name in OF_MONEY}
    return {name: keys for name, keys in found.items() if keys}


def test_every_month_balances(lived_months: list[Frames]) -> None:
    assert [broken(frames) for frames in lived_months] == [{}] * len(lived_months)
    assert sum(frames.reopened.height for frames in lived_months) > 0
    assert sum(frames.offsets.height for frames in lived_months) > 0
    assert sum(frames.debts_before.height for frames in lived_months) > 0


@pytest.mark.parametrize(
    ("table", "column", "key", "equation"),
    [
        ("offsets", "offset_yen", "debt_no", "debts"),
        ("offsets", "offset_yen", "decision_no", "payables"),
        ("debts", "open_yen", "debt_no", "debts"),
        ("debts_before", "open_yen", "debt_no", "debts"),
        ("differences", "difference_yen", "decision_no", "differences"),
        ("payables", "payable_yen", "decision_no", "payables"),
        ("decisions", "amount_yen", "decision_no", "steps"),
    ],
)
def test_a_yen_more_or_a_row_less_is_named(
    lived_months: list[Frames], table: str, column: str, key: str, equation: str
) -> None:
    looked_at = 0
    for frames in lived_months:
        rows = getattr(frames, table).filter(pl.col(column) > 0)
        for at in range(min(rows.height, 4)):
            row = rows.row(at, named=True)
            here = pl.all_horizontal(pl.col(name).eq_missing(pl.lit(row[name])) for name in {key, column})
            more = pl.when(here).then(pl.col(column) + 1).otherwise(column).alias(column)
            whole = getattr(frames, table)
            for wrong in (whole.with_columns(more), whole.filter(~here)):
                assert row[key] in broken(replace(frames, **{table: wrong}))[equation]
                looked_at += 1
    assert looked_at > 3
