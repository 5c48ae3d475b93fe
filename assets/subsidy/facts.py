"""What the prefecture's share rests on: the child's age, the guardian's income and tax, the law of the service month.

Belongs here: facts beside 支給1件, one column each; what is not known is null.
Does not belong here: the yen (rules.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.benefit.facts import CHILD
from assets.eligibility.means import incomes
from assets.register.dated import dated, listed, versions_on
from assets.register.intervals import last_day_of_age
from assets.subsidy.units import GUARDIAN
from schemas.law.book import Law, LawError

LAW = {
    "subsidy.inpatient_until_years": "inpatient_until_years",
    "subsidy.outpatient_until_years": "outpatient_until_years",
    "subsidy.income_limit_yen": "limit_yen",
    "subsidy.untaxed_exempt": "untaxed_exempt",
    "subsidy.rate": "rate",
    "subsidy.rounding": "rounding",
    "subsidy.year": "year",
}
_COPAY = "subsidy.copay"
_CARE = "subsidy.copay_outpatient_care"
_PER = {"outpatient": "month", "inpatient": "day"}


def _copay_unit_yen(rows: pl.DataFrame, law: Law, place: str) -> pl.Series:
    """What the prefecture leaves to the patient per day (inpatient) or month (outpatient) on each service month.

    Raises LawError for a copay counted in another way.
    """
    table = law.table(_COPAY).filter(pl.col("visit") == place)
    if set(table["per"]) != {_PER[place]}:
        raise LawError(f"{_COPAY} の {place} は {_PER[place]} ごとの額だけを扱います")
    found = versions_on(rows.select("service_month"), "service_month", table)
    return found.join(table.select("from_date", "yen"), on="from_date", how="left", maintain_order="left")["yen"]


def in_class(birth_date: str, day: str, law: Law) -> pl.Expr:
    """助成区分 (SUBSIDY_CLASS) on a day by the law of that day; null after all classes."""
    versions = law.table("ages.subsidy_classes").group_by("from_date", "until_date", maintain_order=True)
    found = pl.lit(None, dtype=pl.String)
    for start, end, classes, ages in versions.agg("subsidy_class", "until_years").iter_rows():
        steps = [
            pl.when(pl.col(day) <= last_day_of_age(pl.col(birth_date), years)).then(pl.lit(one))
            for years, one in sorted(zip(ages, classes, strict=True))
        ]
        stands = (pl.col(day) >= start) & (pl.col(day) < (end or date.max))
        found = pl.when(stands).then(pl.coalesce(steps)).otherwise(found)
    return found


def _earned(taxes: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """(guardian, tax_year, income_yen, taxed, tax_delivery, tax_line_no) of the revision that stands."""
    said = taxes.select("delivery", "line_no", "taxed").unique(["delivery", "line_no"])
    return (
        incomes(taxes, identities, law)
        .join(said, on=["delivery", "line_no"], how="left")
        .select(
            pl.col("resident_code").alias(GUARDIAN),
            "tax_year",
            "income_yen",
            "taxed",
            pl.col("delivery").alias("tax_delivery"),
            pl.col("line_no").alias("tax_line_no"),
        )
    )


def _tax_year() -> pl.Expr:
    """The tax year a service month is judged by. Source: subsidy.year, 児童手当法5条1項の例."""
    begun = pl.col("service_month").dt.month() >= pl.col("year").struct.field("begins_month")
    first = pl.col("service_month").dt.year().cast(pl.Int64) - (~begun).cast(pl.Int64)
    return first + pl.col("year").struct.field("tax_year_offset")


def with_facts(
    units: pl.DataFrame, persons: pl.DataFrame, taxes: pl.DataFrame, identities: pl.DataFrame, law: Law
) -> pl.DataFrame:
    """支給1件 with birth_date, subsidy_class, in_age, income_yen, taxed, and the law of their service month.

    Age is that of the service month's last day. Source: 乳幼児医療費支給事業補助金交付要綱.
    """
    births = persons.select(pl.col("resident_code").alias(CHILD), "birth_date")
    rows = units.join(births, on=CHILD, how="left", maintain_order="left")
    rows = dated(rows, "service_month", law, LAW).with_columns(
        pl.col("service_month").dt.month_end().alias("last_day"),
        pl.when(pl.col("visit") == "1")
        .then("inpatient_until_years")
        .otherwise("outpatient_until_years")
        .alias("until_years"),
        _copay_unit_yen(rows, law, "inpatient").alias("copay_day_yen"),
        _copay_unit_yen(rows, law, "outpatient").alias("copay_month_yen"),
        listed("care", "service_month", law, _CARE).alias("bears_monthly"),
        pl.when(pl.col("year").is_not_null()).then(_tax_year()).alias("tax_year"),
    )
    found = rows.join(_earned(taxes, identities, law), on=[GUARDIAN, "tax_year"], how="left", maintain_order="left")
    return found.with_columns(
        in_class("birth_date", "last_day", law).alias("subsidy_class"),
        (pl.col("last_day") <= last_day_of_age(pl.col("birth_date"), pl.col("until_years"))).alias("in_age"),
    )
