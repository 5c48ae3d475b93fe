"""高額療養費 of persons under 70: the monthly limit of a class, and the lowest limit of a month.

Belongs here: 健康保険法施行令42条 as expressions. Does not belong here: whether a claim waits for the insurer.
"""

from __future__ import annotations

import polars as pl

from assets.register.dated import versions_on
from schemas.law.book import Law

TABLE = "high_cost.limits"


def rounded_percent(amount_yen: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """`percent` % of an amount: under 50 銭 dropped, 50 銭 and more raised. Source: 健康保険法施行令42条1項1号."""
    return (amount_yen * percent + 50) // 100


def limit_yen(total_yen: pl.Expr) -> pl.Expr:
    """The monthly limit for 10割 medical cost `total_yen`, of the columns fixed_yen, threshold_yen, rate_percent."""
    above = (total_yen - pl.col("threshold_yen")).clip(lower_bound=0)
    return pl.col("fixed_yen") + rounded_percent(above, pl.col("rate_percent"))


def monthly_limit(frame: pl.DataFrame, month: str, income_class: str, total_yen: str, law: Law) -> pl.Series:
    """The limit of each row's class in its service month; null where class or month is not in the law."""
    table = law.table(TABLE).rename({"income_class": income_class})
    kept = versions_on(frame.select(month, income_class, total_yen), month, table)
    rows = kept.join(table, on=["from_date", income_class], how="left", maintain_order="left")
    return rows.select(limit_yen(pl.col(total_yen)).alias("limit_yen")).to_series()


def lowest_limit(frame: pl.DataFrame, month: str, law: Law) -> pl.Series:
    """The smallest limit any class has in each row's service month: below it no 高額療養費 can arise."""
    table = law.table(TABLE)
    lowest = table.group_by("from_date").agg(pl.col("fixed_yen").min().alias("lowest_yen"))
    kept = versions_on(frame.select(month), month, table)
    return kept.join(lowest, on="from_date", how="left", maintain_order="left")["lowest_yen"]
