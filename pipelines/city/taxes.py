"""Resident taxes and arrears of the parents: full loads, with people who did not file.

Belongs here: the current years, and the years by which pupils were judged while the restrictions stood (base
dates 31 March, tax year of that calendar year). What follows from them is in truth_restriction.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import RESTRICTED_FROM, TEENS_FROM, month_end
from pipelines.city.chance import Chance, after, key
from schemas.codes import ARREARS_ITEM
from schemas.records.feeds import RESIDENT_TAXES

JUNE = 6
_NO_MONEY = [name for name in RESIDENT_TAXES.names if name.endswith("_yen")]
_COUNTS = [name for name in RESIDENT_TAXES.names if name.endswith("_count")]
_INCOME_YEN = {"ア": 11_000_000, "イ": 7_200_000, "ウ": 3_600_000, "エ": 1_500_000, "オ": 300_000}
_RARE_YEN = {
    "medical_expense_deduction_yen": (0.05, 180_000),
    "small_business_mutual_deduction_yen": (0.03, 276_000),
    "casualty_loss_deduction_yen": (0.003, 900_000),
    "retirement_income_yen": (0.004, 3_000_000),
    "capital_gain_before_deduction_1_yen": (0.004, 2_000_000),
}
"""Column → how often it is there, and up to how much."""
_RARE_COUNTS = {
    "elderly_dependents_count": 0.02,
    "specified_dependents_count": 0.03,
    "dependent_ordinary_disability_count": 0.01,
    "dependent_special_disability_count": 0.005,
}
_SINGLE_PARENT_CLASS_FROM = 2021
"""課税年度 from which the class ひとり親 (4) exists."""


def tax_year(month: date) -> int:
    """The newest tax year (年度) delivered in a month: that of the calendar year from June on."""
    return month.year if month.month >= JUNE else month.year - 1


def judged_years(kids: pl.DataFrame) -> pl.DataFrame:
    """(family_no, year): the years from October for which a child of the family was a pupil of the city."""
    here = pl.coalesce("first_from", "resident_from")
    first = _year_before(pl.max_horizontal("school_from", here)).clip(RESTRICTED_FROM.year)
    last = _year_before(after("fifteen_end", pl.lit(-1))).clip(upper_bound=TEENS_FROM.year - 1)
    years = kids.select("family_no", pl.int_ranges(first, last + 1, dtype=pl.Int64).alias("year"))
    return years.explode("year").drop_nulls().unique().sort("family_no", "year")


def _year_before(day: pl.Expr) -> pl.Expr:
    """The calendar year in which the judged year of a day begins."""
    return day.dt.year().cast(pl.Int64) - (day.dt.month() < 10).cast(pl.Int64)


def _number_then(year: str) -> pl.Expr:
    """The number a parent had in a year."""
    before = pl.col(year) < pl.col("code_since").dt.year()
    return pl.when(before).then("old_code").otherwise("resident_code").alias("resident_code")


def tax_rows(grown: pl.DataFrame, judged: pl.DataFrame, chance: Chance, month: date, first: date) -> pl.DataFrame:
    """Full rows of resident_taxes: every parent known by the end of the month, each year from the first delivery's
    to this month's, and the judged years (family_no, year)."""
    known = grown.filter(pl.col("entry_known") <= pl.lit(month_end(month)))
    years = pl.DataFrame({"year": list(range(tax_year(first), tax_year(month) + 1))}, schema={"year": pl.Int64})
    current = known.select("family_no").unique().join(years, how="cross")
    return declared(known, pl.concat([current, judged]), chance).sort("resident_code", "tax_year", "revision_no")


def declared(grown: pl.DataFrame, years: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Rows of resident_taxes of the parents for these years of their families (family_no, year), some with a second
    revision. A parent who came from abroad has none for the year of arrival."""
    abroad = (pl.col("arrival_reason") == "03") & (pl.col("tax_year") == pl.col("moved_in").dt.year())
    asked = grown.join(years.rename({"year": "tax_year"}), on="family_no").filter(~abroad)
    rows = asked.with_columns(key("person_no", "tax_year").alias("tax_key")).with_columns(
        pl.lit(1, dtype=pl.Int64).alias("revision_no"), _number_then("tax_year"), *_declared(chance)
    )
    again = rows.filter((pl.col("filing") == "1") & chance.happens("tax/revised", "tax_key", 0.01))
    corrected = again.with_columns(pl.lit(2, dtype=pl.Int64).alias("revision_no"), pl.col("total_income_yen") * 5 // 4)
    return pl.concat([rows, corrected])


def _rare(chance: Chance, name: str, share: float, most: int) -> pl.Expr:
    there = chance.happens(f"tax/{name}", "tax_key", share)
    return pl.when(there).then(chance.whole(f"tax/{name}/how", "tax_key", most) + 1).otherwise(0).cast(pl.Int64)


def _declared(chance: Chance) -> list[pl.Expr]:
    filed = ~chance.happens("tax/silent", "tax_key", 0.04)
    earner = pl.col("slot") == 0
    typical = pl.when(earner).then(pl.col("income_class").replace_strict(_INCOME_YEN)).otherwise(900_000)
    income = (typical * (0.25 * chance.normal("tax/income", "tax_key")).exp() / 1000).round(0).cast(pl.Int64) * 1000
    drawn = {"total_income_yen": income, "social_insurance_deduction_yen": income * 14 // 100}
    drawn |= {name: _rare(chance, name, share, most) for name, (share, most) in _RARE_YEN.items()}
    untaxed = pl.col("income_class") == "オ"
    return [
        pl.when(filed).then(pl.lit("1")).otherwise(pl.lit("0")).alias("filing"),
        pl.when(filed).then(pl.when(untaxed).then(pl.lit("2")).otherwise(pl.lit("1"))).alias("taxed"),
        *(pl.when(filed).then(drawn.get(name, pl.lit(0, dtype=pl.Int64))).alias(name) for name in _NO_MONEY),
        *_circumstances(chance),
        *(_count(chance, name) for name in _COUNTS),
    ]


def _circumstances(chance: Chance) -> list[pl.Expr]:
    disabled, spouse = chance.unit("tax/disabled", "person_no"), chance.unit("tax/spouse", "person_no")
    alone_then = pl.when(pl.col("sex") == "1").then(pl.lit("3")).otherwise(pl.lit("2"))
    alone = pl.when(pl.col("tax_year") < _SINGLE_PARENT_CLASS_FROM).then(alone_then).otherwise(pl.lit("4"))
    class_code = pl.when(spouse < 0.3).then(pl.lit("1")).when(spouse < 0.31).then(pl.lit("2"))
    depends = (pl.col("slot") == 0) & pl.col("two_parents")
    student = chance.happens("tax/student", "person_no", 0.002)
    return [
        pl.when(disabled < 0.01).then(pl.lit("1")).otherwise(pl.lit("0")).alias("self_ordinary_disability"),
        pl.when(disabled > 0.997).then(pl.lit("1")).otherwise(pl.lit("0")).alias("self_special_disability"),
        pl.when(student).then(pl.lit("1")).otherwise(pl.lit("0")).alias("working_student"),
        pl.lit("0").alias("elderly_self_flag"),
        pl.when(pl.col("two_parents")).then(pl.lit("0")).otherwise(alone).alias("widow_class"),
        pl.when(depends & (spouse < 0.35))
        .then(class_code.otherwise(pl.lit("3")))
        .otherwise(pl.lit("0"))
        .alias("spouse_deduction_class"),
    ]


def _count(chance: Chance, name: str) -> pl.Expr:
    earner = pl.col("slot") == 0
    if name == "dependents_0_15_count":
        return pl.when(earner).then("child_count").otherwise(0).cast(pl.Int64).alias(name)
    there = earner & chance.happens(f"tax/{name}", "person_no", _RARE_COUNTS.get(name, 0.0))
    return there.cast(pl.Int64).alias(name)


def arrears_rows(grown: pl.DataFrame, judged: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Full rows of arrears, parent × item: at the end of the fiscal year before, and at the base date of every
    judged year (family_no, year)."""
    last = month.year if month.month > 3 else month.year - 1
    columns = ["resident_code", "old_code", "code_since", "person_no", "family_no"]
    known = grown.filter(pl.col("entry_known") <= pl.lit(month)).select(columns)
    current = known.with_columns(pl.lit(last, dtype=pl.Int64).alias("year"))
    dated = pl.concat([current, known.join(judged, on="family_no").select(current.columns)])
    items = pl.DataFrame({"arrears_item": list(ARREARS_ITEM.labels)})
    return (
        dated.sort("resident_code", "year")
        .select(
            "person_no",
            "year",
            _number_then("year"),
            pl.date("year", 3, 31).alias("base_date"),
            key("person_no", "year").alias("year_key"),
            _in_trouble(chance).alias("trouble"),
        )
        .join(items, how="cross", maintain_order="left_right")
        .with_columns(key("year_key", pl.col("arrears_item").cast(pl.Int64)).alias("arrears_key"))
        .with_columns(_status(chance).alias("arrears"))
        .drop("year_key", "trouble")
    )


def _in_trouble(chance: Chance) -> pl.Expr:
    """Years in which a parent owes: every ninth, for one to three years, then it is resolved."""
    began = 2005 + chance.whole("arrears/began", "person_no", 22)
    years = pl.col("year") - began
    return chance.happens("arrears/parent", "person_no", 0.35) & years.is_between(
        0, chance.whole("arrears/years", "person_no", 3)
    )


def _status(chance: Chance) -> pl.Expr:
    """滞納の有無: a parent in trouble owes one item for sure."""
    certain = 151 + chance.whole("arrears/item", "person_no", len(ARREARS_ITEM.labels))
    owes = pl.col("trouble") & (
        (pl.col("arrears_item").cast(pl.Int64) == certain) | chance.happens("arrears/more", "arrears_key", 0.3)
    )
    other = chance.pick("arrears", "arrears_key", ["0", "2", "9"], [9950, 35, 15])
    return pl.when(owes).then(pl.lit("1")).otherwise(other)
