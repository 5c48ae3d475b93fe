"""高額療養費 of persons under 70: the monthly limit of a class, the lowest of a month, the yearly cap.

Belongs here: 健康保険法施行令42条 as expressions. Does not belong here: what counts towards a limit (households.py),
and whether a claim waits for the insurer (precedence.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.dated import versions_on
from schemas.law.book import Law

TABLE = "high_cost.limits"
UNTIL_2014 = "high_cost.limits_until_2014"


def limits(law: Law) -> pl.DataFrame:
    """Both tables of the law as one: the three classes until 2014 and ア to オ after; what is not enacted is not in."""
    return pl.concat([law.table(UNTIL_2014), law.table(TABLE)], how="diagonal").sort("from_date")


def rounded_percent(amount_yen: pl.Expr, percent: pl.Expr) -> pl.Expr:
    """`percent` % of an amount: under 50 銭 dropped, 50 銭 and more raised. Source: 健康保険法施行令42条1項1号."""
    return (amount_yen * percent + 50) // 100


def limit_yen(total_yen: pl.Expr) -> pl.Expr:
    """The monthly limit for 10割 medical cost `total_yen`, of the columns fixed_yen, threshold_yen, rate_percent."""
    above = (total_yen - pl.col("threshold_yen")).clip(lower_bound=0)
    return pl.col("fixed_yen") + rounded_percent(above, pl.col("rate_percent"))


def _of_class(frame: pl.DataFrame, month: str, income_class: str, law: Law) -> pl.DataFrame:
    """`frame` beside the row of its class in the law of its month; nulls where class or month is not in the law."""
    table = limits(law).rename({"income_class": income_class})
    kept = versions_on(frame, month, table)
    return kept.join(table, on=["from_date", income_class], how="left", maintain_order="left")


def monthly_limit(frame: pl.DataFrame, month: str, income_class: str, total_yen: str, law: Law) -> pl.Series:
    """The limit of each row's class in its service month; null where class or month is not in the law."""
    rows = _of_class(frame.select(month, income_class, total_yen), month, income_class, law)
    return rows.select(limit_yen(pl.col(total_yen)).alias("limit_yen")).to_series()


def fourth_limit(frame: pl.DataFrame, month: str, income_class: str, law: Law) -> pl.Series:
    """The limit of each row's class from the fourth month on (多数回該当)."""
    rows = _of_class(frame.select(month, income_class), month, income_class, law)
    return rows["many_times_yen"].alias("limit_yen")


def yearly_cap(frame: pl.DataFrame, month: str, income_class: str, law: Law) -> pl.Series:
    """The yearly cap of each row's class; null in months without one."""
    rows = _of_class(frame.select(month, income_class), month, income_class, law)
    return rows["yearly_cap_yen"].cast(pl.Int64).alias("cap_yen")


def limit_basis(frame: pl.DataFrame, month: str, law: Law) -> pl.Series:
    """The article of the limits of each row's month."""
    return _lowest(frame, month, law)["basis"].alias("limit_article")


def _lowest(frame: pl.DataFrame, month: str, law: Law) -> pl.DataFrame:
    table = limits(law)
    lowest = table.group_by("from_date").agg(
        pl.col("fixed_yen").min().alias("lowest_yen"),
        pl.col("many_times_yen").min().alias("lowest_fourth_yen"),
        pl.col("basis").first(),
    )
    kept = versions_on(frame.select(month), month, table)
    return kept.join(lowest, on="from_date", how="left", maintain_order="left")


def lowest_limit(frame: pl.DataFrame, month: str, law: Law) -> pl.Series:
    """The smallest limit any class has in each row's service month: below it no 高額療養費 can arise."""
    return _lowest(frame, month, law)["lowest_yen"]


def lowest_fourth_limit(frame: pl.DataFrame, month: str, law: Law) -> pl.Series:
    """The smallest limit any class has from the fourth month on."""
    return _lowest(frame, month, law)["lowest_fourth_yen"]


def tax_year(month: date, law: Law) -> int:
    """The tax year whose 非課税 makes a month 区分オ: until July that of the year before.

    Source: 健康保険法施行令42条1項5号.
    """
    begins = law.at(month).number("high_cost.tax_year_from_month")
    fiscal = month.year if month.month >= 4 else month.year - 1
    return fiscal - 1 if 4 <= month.month < begins else fiscal
