"""The yearly cap: what a household's months leave after 高額療養費, against the cap of its class.

Belongs here: the sum of a year from August. The insurer refunds after the year; its answers then lower the claims.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD
from assets.high_cost.answers import with_answers
from assets.high_cost.limits import yearly_cap
from assets.register.dated import dated
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_YEARS


def expected_refunds(estimates: pl.DataFrame, insurer_answers_known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """HIGH_COST_YEARS: households whose counted lines exceed the cap of the class last known in the year.

    A line's 高額療養費 is the insurer's answer, else the estimate, else none. Months without a cap count in no year.
    """
    counted = with_answers(estimates.filter(pl.col("counted") == "1"), insurer_answers_known)
    begun = dated(counted, "service_month", law, {"high_cost.year_from_month": "first"}).filter(
        pl.col("first").is_not_null()
    )
    refund = pl.coalesce("answered_high_yen", "expected_high_yen").fill_null(0)
    card = pl.concat_str("insurer_no", "symbol_number", separator="|")
    lines = begun.with_columns(
        pl.coalesce(card, CHILD).alias("household"),
        _year_from().alias("year_from"),
        (pl.col("self_yen") - refund).clip(0).alias("left_yen"),
        yearly_cap(begun, "service_month", "income_class", law),
    )
    years = (
        lines.sort("service_month", "feed", "delivery", "line_no")
        .group_by("household", "pool", "year_from", maintain_order=True)
        .agg(
            pl.col("income_class").drop_nulls().last(),
            pl.col("service_month").n_unique().cast(pl.Int64).alias("months"),
            pl.col("left_yen").sum().alias("paid_yen"),
            pl.col("cap_yen").drop_nulls().last(),
        )
        .with_columns((pl.col("paid_yen") - pl.col("cap_yen")).alias("expected_yen"))
    )
    return years.filter(pl.col("expected_yen") > 0).select(HIGH_COST_YEARS.names).sort(HIGH_COST_YEARS.key)


def _year_from() -> pl.Expr:
    """The first month of the year, `first` being the number of the month in which years begin."""
    month = pl.col("service_month")
    return pl.date(month.dt.year() - (month.dt.month() < pl.col("first")).cast(pl.Int32), "first", 1)
