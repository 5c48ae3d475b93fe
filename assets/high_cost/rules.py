"""The estimate of every line that counts: household, class, limit, what may be expected. It never pays.

Belongs here: the order of the parts. The parts are in entries, households, proration, supplementary and limits.
"""

from __future__ import annotations

import polars as pl

from assets.high_cost.answers import with_answers
from assets.high_cost.entries import counted_once, placed
from assets.high_cost.households import POOL, with_household
from assets.high_cost.proration import prorated
from assets.high_cost.supplementary import expected_supplementary
from assets.register.dated import dated
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_ESTIMATES

_LAW = {"high_cost.proration": "proration", "high_cost.nhi_decides": "nhi_decides"}


def _flag(holds: pl.Expr) -> pl.Expr:
    return pl.when(holds.fill_null(False)).then(pl.lit("1")).otherwise(pl.lit("0"))


def _with_shares(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with their part of the refund; a line about care already counted has that of the counted one."""
    counted = lines.filter("counted")
    shares = counted.select("care_line", prorated(counted, POOL, "refund_yen", "proration").alias("expected_high_yen"))
    return lines.join(shares, on="care_line", how="left", maintain_order="left")


def estimates(
    entries: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    insurances: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """HIGH_COST_ESTIMATES of all entries known. `insurer_answers_known` under the person's number.

    Computed before this benefit pays anything. Source: 健康保険法施行令41条1項.
    """
    answered = with_answers(
        placed(entries, beneficiary_numbers, registrations, persons, insurances, law), insurer_answers_known
    )
    lines = with_household(counted_once(answered.filter("counts")), answered, law)
    lines = _with_shares(dated(lines, "service_month", law, _LAW))
    expected = expected_supplementary(lines, pl.col("self_yen") - pl.col("expected_high_yen"), law)
    insured = pl.col("nhi_feed").is_not_null() & pl.col("expected_high_yen").is_not_null()
    found = lines.with_columns(
        expected,
        _flag(pl.col("nhi_decides") & insured).alias("decided_by_nhi"),
        _flag(pl.col("counted")).alias("counted"),
    )
    return found.select(HIGH_COST_ESTIMATES.names).sort(HIGH_COST_ESTIMATES.key)
