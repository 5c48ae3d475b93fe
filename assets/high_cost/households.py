"""Households: what the lines of one card add up to in a month, its class, and whether it is the fourth month.

Belongs here: 世帯合算, 適用区分 and 多数回該当 as far as this city knows them. The adults of a household and their
care are not known here, so nothing of this pays.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD
from assets.high_cost.limits import fourth_limit, limit_basis, lowest_fourth_limit, lowest_limit, monthly_limit
from schemas.law.book import Law

HOUSEHOLD_MONTH = ["household", "service_month"]
POOL = [*HOUSEHOLD_MONTH, "pool"]
_RULE = "high_cost.many_times"


def pooled(lines: pl.DataFrame) -> pl.DataFrame:
    """Sums over the counted lines of each household, month and pool."""
    return (
        lines.filter("counted")
        .group_by(POOL)
        .agg(
            pl.col(CHILD).n_unique().cast(pl.Int64).alias("household_children"),
            pl.len().cast(pl.Int64).alias("household_lines"),
            pl.col("self_yen").sum().alias("household_self_yen"),
            pl.col("total_yen").sum().alias("household_total_yen"),
        )
    )


def classes(answered: pl.DataFrame) -> pl.DataFrame:
    """household, service_month, income_class and where it comes from: an answer about the household in that month,
    else its 国保, else what a receipt says; of one kind the latest."""
    kinds = (
        ("answer", "answered_class", "answered_date", "answer_feed", "answer_delivery", "answer_line_no"),
        ("nhi", "nhi_income_class", "visit_date", "nhi_feed", "nhi_delivery", "nhi_line_no"),
        ("receipt", "income_class", "known_date", "feed", "delivery", "line_no"),
    )
    told = [
        answered.select(
            *HOUSEHOLD_MONTH,
            pl.lit(rank).alias("rank"),
            pl.col(day).alias("told_date"),
            pl.col(name).alias("income_class"),
            pl.lit(source).alias("class_source"),
            pl.col(feed).alias("class_feed"),
            pl.col(delivery).alias("class_delivery"),
            pl.col(line).alias("class_line_no"),
        )
        for rank, (source, name, day, feed, delivery, line) in enumerate(kinds)
    ]
    known = pl.concat(told).filter(pl.col("income_class").is_not_null())
    latest = known.sort(
        "rank", "told_date", "class_delivery", "class_line_no", descending=[False, True, True, True]
    ).unique(HOUSEHOLD_MONTH, keep="first", maintain_order=True)
    return latest.drop("rank", "told_date")


def refunded_months(answered: pl.DataFrame) -> pl.DataFrame:
    """household, refunded_month: months in which the household's own insurer answered with 高額療養費."""
    paid = (pl.col("answered_high_yen") > 0) & pl.col("answer_insurer_no").eq_missing(pl.col("insurer_no"))
    return answered.filter(paid).select("household", pl.col("service_month").alias("refunded_month")).unique()


def _rules(law: Law) -> pl.DataFrame:
    table = law.table(_RULE).select("from_date", "until_date", "value")
    return table.unnest("value")


def _in_window() -> pl.Expr:
    """Whether a refunded month lies in the months that count for a service month."""
    apart = (
        (pl.col("service_month").dt.year().cast(pl.Int64) - pl.col("refunded_month").dt.year()) * 12
        + pl.col("service_month").dt.month()
        - pl.col("refunded_month").dt.month()
    )
    reach = pl.col("window_months") - pl.col("this_month_counts").cast(pl.Int64)
    return (apart >= 1) & (apart <= reach)


def fourth_months(answered: pl.DataFrame, law: Law) -> pl.DataFrame:
    """household, service_month of 多数回該当: so many months of 高額療養費 lie in the window before, or the insurer's
    answer or a receipt says so. Source: 健康保険法施行令42条1項."""
    asked = answered.select(HOUSEHOLD_MONTH).unique()
    pairs = asked.join(refunded_months(answered), on="household").join(_rules(law), how="cross")
    stands = (pl.col("service_month") >= pl.col("from_date")) & (
        pl.col("until_date").is_null() | (pl.col("service_month") < pl.col("until_date"))
    )
    counted = (
        pairs.filter(stands & _in_window())
        .group_by(*HOUSEHOLD_MONTH, "months")
        .agg(pl.col("refunded_month").n_unique().cast(pl.Int64).alias("count"))
    )
    said = answered.filter((pl.col("answered_many_times") == "1") | (pl.col("many_times") == "1"))
    enough = counted.filter(pl.col("count") >= pl.col("months"))
    return pl.concat([enough.select(HOUSEHOLD_MONTH), said.select(HOUSEHOLD_MONTH)]).unique()


def with_household(lines: pl.DataFrame, answered: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Lines that count, with their household's sums, class, 多数回該当 and limit.

    `answered`: every placed line with the answer about it, those too that do not count.
    """
    fourth = fourth_months(answered, law).with_columns(pl.lit("1").alias("fourth"))
    found = (
        lines.drop("income_class", "many_times")
        .join(pooled(lines), on=POOL, how="left", maintain_order="left")
        .join(classes(answered), on=HOUSEHOLD_MONTH, how="left", maintain_order="left")
        .join(fourth, on=HOUSEHOLD_MONTH, how="left", maintain_order="left")
        .with_columns(pl.col("fourth").fill_null("0").alias("many_times"))
    )
    often = pl.col("many_times") == "1"
    once = monthly_limit(found, "service_month", "income_class", "household_total_yen", law)
    later = fourth_limit(found, "service_month", "income_class", law)
    least = lowest_limit(found, "service_month", law)
    least_later = lowest_fourth_limit(found, "service_month", law)
    return found.with_columns(
        pl.when(often).then(later).otherwise(once).alias("limit_yen"),
        pl.when(often).then(least_later).otherwise(least).alias("lowest_yen"),
        limit_basis(found, "service_month", law),
    ).with_columns((pl.col("household_self_yen") - pl.col("limit_yen")).clip(0).alias("refund_yen"))
