"""Resident taxes and arrears of the parents: full loads, with people who did not file."""

from datetime import date

import polars as pl

from pipelines.city.calendar import month_end
from pipelines.city.chance import Chance, key
from schemas.codes import ARREARS_ITEM
from schemas.records.feeds import RESIDENT_TAXES

JUNE = 6
_NO_MONEY = [name for name in RESIDENT_TAXES.names if name.endswith("_yen")]
_FLAGS = ("self_special_disability", "working_student", "elderly_self_flag")
_COUNTS = [name for name in RESIDENT_TAXES.names if name.endswith("_count")]
_INCOME_YEN = {"ア": 11_000_000, "イ": 7_200_000, "ウ": 3_600_000, "エ": 1_500_000, "オ": 300_000}


def tax_year(month: date) -> int:
    """The newest tax year (年度) delivered in a month: that of the calendar year from June on."""
    return month.year if month.month >= JUNE else month.year - 1


def tax_rows(grown: pl.DataFrame, chance: Chance, month: date, first: date) -> pl.DataFrame:
    """Full rows of resident_taxes: every parent, each year from the first delivery's to this month's."""
    years = pl.DataFrame({"tax_year": list(range(tax_year(first), tax_year(month) + 1))}, schema={"tax_year": pl.Int64})
    known = grown.filter(pl.col("entry_known") <= pl.lit(month_end(month)))
    return (
        known.join(years, how="cross")
        .with_columns(key("person_no", "tax_year").alias("tax_key"))
        .with_columns(*_declared(chance))
        .sort("resident_code", "tax_year")
    )


def _declared(chance: Chance) -> list[pl.Expr]:
    filed = ~chance.happens("tax/silent", "tax_key", 0.04)
    earner = pl.col("slot") == 0
    typical = pl.when(earner).then(pl.col("income_class").replace_strict(_INCOME_YEN)).otherwise(900_000)
    income = (typical * (0.25 * chance.normal("tax/income", "tax_key")).exp() / 1000).round(0).cast(pl.Int64) * 1000
    drawn = {"total_income_yen": income, "social_insurance_deduction_yen": income * 14 // 100}
    untaxed = pl.col("income_class") == "オ"
    return [
        pl.lit(1, dtype=pl.Int64).alias("revision_no"),
        pl.when(filed).then(pl.lit("1")).otherwise(pl.lit("0")).alias("filing"),
        pl.when(filed).then(pl.when(untaxed).then(pl.lit("2")).otherwise(pl.lit("1"))).alias("taxed"),
        *(pl.when(filed).then(drawn.get(name, pl.lit(0, dtype=pl.Int64))).alias(name) for name in _NO_MONEY),
        *(pl.lit("0").alias(name) for name in _FLAGS),
        pl.when(chance.happens("tax/disabled", "person_no", 0.01))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0"))
        .alias("self_ordinary_disability"),
        pl.when(pl.col("two_parents")).then(pl.lit("0")).otherwise(pl.lit("4")).alias("widow_class"),
        pl.when(earner & pl.col("two_parents") & chance.happens("tax/spouse", "person_no", 0.3))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0"))
        .alias("spouse_deduction_class"),
        *(
            pl.when(earner & (pl.lit(name) == "dependents_0_15_count"))
            .then("child_count")
            .otherwise(0)
            .cast(pl.Int64)
            .alias(name)
            for name in _COUNTS
        ),
    ]


def arrears_rows(grown: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Full rows of arrears: every parent × item, at the end of the fiscal year before."""
    items = pl.DataFrame({"arrears_item": list(ARREARS_ITEM.labels)})
    base = date(month.year if month.month > 3 else month.year - 1, 3, 31)
    known = grown.filter(pl.col("entry_known") <= pl.lit(month)).select("resident_code", "person_no")
    drawn = key("person_no", pl.col("arrears_item").cast(pl.Int64))
    return (
        known.join(items, how="cross")
        .with_columns(drawn.alias("arrears_key"))
        .with_columns(
            chance.pick("arrears", "arrears_key", ["0", "1", "2"], [975, 22, 3]).alias("arrears"),
            pl.lit(base, dtype=pl.Date).alias("base_date"),
        )
        .sort("resident_code", "arrears_item")
    )
