"""The truth about 支給制限: what the income and the arrears of the parents meant for their pupils, year by year.

Belongs here: the income of the year from October 2013, the limits, and the arrears of every judged year, reckoned
from the imagined rows. It shares no code with the system under test.
"""

import polars as pl

from pipelines.city.calendar import RESTRICTED_FROM

_PARTS = (
    "forestry_income_yen", "commodity_futures_income_1_yen", "commodity_futures_income_2_yen", "total_income_yen",
    "retirement_income_yen", "capital_gain_before_deduction_1_yen", "capital_gain_before_deduction_2_yen",
    "land_business_income_yen",
)  # fmt: skip
_ACTUAL = ("casualty_loss_deduction_yen", "medical_expense_deduction_yen", "small_business_mutual_deduction_yen")
_DEPENDANTS = (
    "dependents_0_15_count", "other_dependents_count", "specified_dependents_count", "elderly_dependents_count",
)  # fmt: skip
_WIDOW_YEN = {"0": 0, "1": 270_000, "2": 350_000, "3": 270_000, "4": 350_000}
_ITEMS = 8
_SOCIAL_INSURANCE_YEN = 80_000
_LIMIT_YEN, _MORE_YEN, _ELDERLY_YEN = 6_220_000, 380_000, 60_000


def income_yen() -> pl.Expr:
    """所得 after 控除 (児童手当法施行令3条); null for who did not file."""
    gross = pl.sum_horizontal(pl.col(name).fill_null(0) for name in _PARTS)
    taken = pl.sum_horizontal(pl.col(name).fill_null(0) for name in _ACTUAL) + _SOCIAL_INSURANCE_YEN
    personal = (
        270_000 * (pl.col("self_ordinary_disability") == "1").cast(pl.Int64)
        + 400_000 * (pl.col("self_special_disability") == "1").cast(pl.Int64)
        + 270_000 * (pl.col("working_student") == "1").cast(pl.Int64)
        + 270_000 * pl.col("dependent_ordinary_disability_count")
        + 400_000 * pl.col("dependent_special_disability_count")
        + pl.col("widow_class").replace_strict(_WIDOW_YEN, return_dtype=pl.Int64)
    )
    return pl.when(pl.col("filing") == "1").then((gross - taken - personal).clip(0))


def _limit_yen() -> pl.Expr:
    spouse = pl.col("spouse_deduction_class").is_in(["1", "2"]).cast(pl.Int64)
    old_spouse = (pl.col("spouse_deduction_class") == "2").cast(pl.Int64)
    dependants = spouse + pl.sum_horizontal(_DEPENDANTS)
    return _LIMIT_YEN + _MORE_YEN * dependants + _ELDERLY_YEN * (old_spouse + pl.col("elderly_dependents_count"))


def _over(parents: pl.DataFrame, taxes: pl.DataFrame) -> pl.DataFrame:
    """family_no, over: whether the parent with more income is over the limit; null when one income is unknown."""
    year = RESTRICTED_FROM.year
    told = taxes.filter(pl.col("tax_year") == year).sort("revision_no").unique("person_no", keep="last")
    means = told.select("person_no", income_yen().alias("income_yen"), _limit_yen().alias("limit_yen"))
    both = parents.join(means, on="person_no", how="left").sort("family_no", "slot")
    highest = pl.col("income_yen") == pl.col("income_yen").max()
    decides = (pl.col("income_yen") > pl.col("limit_yen")).filter(highest).first()
    unknown = pl.col("income_yen").is_null().any()
    return (
        both.group_by("family_no")
        .agg(unknown.alias("unknown"), decides.alias("decides"))
        .select("family_no", pl.when(~pl.col("unknown")).then("decides").alias("over"))
    )


def judged(years: pl.DataFrame, grown: pl.DataFrame, taxes: pl.DataFrame, arrears: pl.DataFrame) -> pl.DataFrame:
    """family_no, year (from October), over, owes, unsure: what stops or holds the pupils of a family.

    years: family_no, year. taxes and arrears: the imagined rows with person_no (and tax_year, year).
    """
    parents = grown.select("family_no", "slot", "person_no")
    told = arrears.group_by("person_no", "year").agg(
        (pl.col("arrears") == "1").any().alias("owes"),
        ((pl.col("arrears") == "9").any() | (pl.len() < _ITEMS)).alias("unasked"),
    )
    each = years.join(parents, on="family_no").join(told, on=["person_no", "year"], how="left")
    family = each.group_by("family_no", "year").agg(
        pl.col("owes").fill_null(False).any(),
        (~pl.col("owes") & pl.col("unasked")).fill_null(True).any().alias("unsure"),
    )
    first = pl.col("year") == RESTRICTED_FROM.year
    looked = family.join(_over(parents, taxes), on="family_no", how="left").sort("family_no", "year")
    over = (first & pl.col("over")).fill_null(False)
    unknown = pl.col("unsure") | (first & pl.col("over").is_null())
    return looked.select(
        "family_no", "year", over.alias("over"), "owes", (unknown & ~over & ~pl.col("owes")).alias("unsure")
    )
