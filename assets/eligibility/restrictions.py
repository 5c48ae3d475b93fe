"""支給制限: on which days the income or the arrears of the parents stop a child, or keep it waiting.

Belongs here: whose means decide, the modes (所得か滞納, 所得も滞納も, 滞納), the periods they make.
Does not belong here: what a parent earns or owes (means.py), the order of reasons (rules.py).
Null is unknown: comparisons follow Kleene's logic, so one certain answer is enough where the law says so.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.eligibility.judged_years import ARREARS, BOTH, EITHER, HIGHER, restricted_spans
from assets.register.intervals import last_day_of_age, merged
from schemas.law.book import Law
from schemas.records.register import RESTRICTIONS

_CHILD = "child_resident_code"
_PARENTS = ("guardian", "spouse")
_OVER_INCOME, _IN_ARREARS, _UNKNOWN = "09", "10", "15"
_READ = (
    "income_yen",
    "over_limit",
    "in_arrears",
    "tax_delivery",
    "tax_line_no",
    "arrears_delivery",
    "arrears_line_no",
)
_SPENT = ("birth_date", "grown_date", "span_start", "span_end", "after_years", "school_from_date", "school_to_date")
_FEEDS = {"tax": "resident_taxes", "arrears": "arrears"}
_MODE = pl.col("mode")
_HIGHER = pl.col("income_persons") == HIGHER
_NOBODY = pl.col("spouse_resident_code").is_null()


def _day_after_age(years: pl.Expr | int) -> pl.Expr:
    return last_day_of_age(pl.col("birth_date"), years).dt.offset_by("1d")


def _spans(law: Law, until: date) -> pl.DataFrame:
    """The restricted spans of the law before `until`, one row each."""
    rows = [
        {
            "year_from_date": span.year.first,
            "span_start": span.start,
            "span_end": span.end,
            "mode": span.mode,
            "after_years": span.after_years,
            "income_persons": span.income_persons,
        }
        for span in restricted_spans(law, until)
    ]
    days = dict.fromkeys(("year_from_date", "span_start", "span_end"), pl.Date)
    said = {"mode": pl.String, "after_years": pl.Int64, "income_persons": pl.String}
    return pl.DataFrame(rows, schema={**days, **said})


def _oldest(law: Law) -> int:
    """The highest age the law has ever paid to, in years."""
    return int(law.table("age.inpatient_until_years")["value"].max())  # type: ignore[arg-type]


def _school_days(persons: pl.DataFrame, spans: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Birth dates × spans of the law: the restricted days past entry to school and before the end of every age."""
    births = persons.lazy().select("birth_date").unique().with_columns(_day_after_age(_oldest(law)).alias("grown_date"))
    days = births.join(spans.lazy(), how="cross").with_columns(
        pl.max_horizontal("span_start", _day_after_age(pl.col("after_years"))).alias("school_from_date"),
        pl.min_horizontal("span_end", "grown_date").alias("school_to_date"),
    )
    return days.filter(pl.col("school_from_date") < pl.col("school_to_date")).collect()


def _pupils(guardians: pl.DataFrame, persons: pl.DataFrame, school_days: pl.DataFrame) -> pl.DataFrame:
    """The parents as periods, of children who enter school before the last restricted day."""
    births = persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    pupils = births.join(school_days.select("birth_date").unique(), on="birth_date", how="semi")
    names = [_CHILD, "guardian_resident_code", "spouse_resident_code", "birth_date"]
    return merged(guardians.join(pupils, on=_CHILD).select(*names, "start_date", "end_date"), names)


def _restricted_days(pupils: pl.DataFrame, school_days: pl.DataFrame) -> pl.DataFrame:
    """Parents × spans of the law: the days that fall in both."""
    days = (
        pupils.lazy()
        .join(school_days.lazy(), on="birth_date")
        .with_columns(
            pl.max_horizontal("start_date", "school_from_date").alias("start_date"),
            pl.min_horizontal("end_date", "school_to_date").alias("end_date"),
        )
    )
    return days.filter(pl.col("start_date") < pl.col("end_date")).drop(*_SPENT).collect()


def _with_means(days: pl.DataFrame, means: pl.DataFrame) -> pl.DataFrame:
    """The means of guardian and spouse beside the days, their flags as true, false or null (unknown)."""
    for parent in _PARENTS:
        flags = [(pl.col(name) == "1").alias(name) for name in ("over_limit", "in_arrears")]
        read = means.with_columns(flags).select(
            pl.col("resident_code").alias(f"{parent}_resident_code"),
            "year_from_date",
            *(pl.col(name).alias(f"{parent}_{name}") for name in _READ),
        )
        days = days.join(read, on=[f"{parent}_resident_code", "year_from_date"], how="left")
    return days


def _any_parent(name: str) -> pl.Expr:
    """Whether it holds for the guardian or for the spouse, if there is one."""
    return pl.col(f"guardian_{name}") | (pl.col(f"spouse_{name}") & ~_NOBODY)


def _spouse_earns_more() -> pl.Expr:
    """Null unless both incomes are known; a tie is the guardian's. Source: 児童手当法4条3項の例."""
    return (pl.col("spouse_income_yen") > pl.col("guardian_income_yen")) & ~_NOBODY


def _over() -> pl.Expr:
    """所得が限度額を超える: of the parent with the higher income, or of any parent."""
    more = _spouse_earns_more()
    higher = pl.when(more).then("spouse_over_limit").when(~more).then("guardian_over_limit")
    return pl.when(_HIGHER).then(higher).otherwise(_any_parent("over_limit"))


def _row(*choices: tuple[pl.Expr, str, str]) -> pl.Expr:
    """The decider (feed, delivery, line_no): the first choice (when, parent, tax or arrears) with a row, else nulls."""
    said = pl.struct(
        pl.lit(None, pl.String).alias("feed"),
        pl.lit(None, pl.String).alias("delivery"),
        pl.lit(None, pl.Int64).alias("line_no"),
    )
    for holds, parent, means in reversed(choices):
        delivery, line_no = (f"{parent}_{means}_{name}" for name in ("delivery", "line_no"))
        row = pl.struct(pl.lit(_FEEDS[means]).alias("feed"), delivery=delivery, line_no=line_no)
        said = pl.when(holds & pl.col(delivery).is_not_null()).then(row).otherwise(said)
    return said


def _over_decider() -> pl.Expr:
    guardian = pl.when(_HIGHER).then(~_spouse_earns_more()).otherwise(pl.col("guardian_over_limit"))
    return _row((guardian, "guardian", "tax"), (pl.lit(True), "spouse", "tax"))


def _arrears_decider() -> pl.Expr:
    return _row((pl.col("guardian_in_arrears"), "guardian", "arrears"), (pl.lit(True), "spouse", "arrears"))


def _unknown_decider() -> pl.Expr:
    income = _MODE != ARREARS
    return _row(
        *((pl.col(f"{parent}_in_arrears").is_null(), parent, "arrears") for parent in _PARENTS),
        *((pl.col(f"{parent}_income_yen").is_null() & income, parent, "tax") for parent in _PARENTS),
    )


def _verdicts() -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """reason → (whether it stands, its decider). Source: restriction.mode, its three readings."""
    over, owes = _over(), _any_parent("in_arrears")
    stopped = pl.when(_MODE == BOTH).then(over & owes).when(_MODE == EITHER).then(over | owes).otherwise(owes)
    return {
        _OVER_INCOME: ((_MODE == EITHER) & over, _over_decider()),
        _IN_ARREARS: (pl.when(_MODE == EITHER).then(owes).otherwise(stopped), _arrears_decider()),
        _UNKNOWN: (stopped.is_null(), _unknown_decider()),
    }


def _periods(days: pl.DataFrame, reason: str, stands: pl.Expr, decider: pl.Expr) -> pl.DataFrame:
    found = days.filter(stands.fill_null(False)).with_columns(decider.alias("row"))
    rows = found.unnest("row").with_columns(pl.lit(reason).alias("reason")).select(RESTRICTIONS.names)
    return merged(rows, [name for name in RESTRICTIONS.names if name not in ("start_date", "end_date")])


def restrictions(guardians: pl.DataFrame, persons: pl.DataFrame, means: pl.DataFrame, law: Law) -> pl.DataFrame:
    """RESTRICTIONS: half-open periods in which means stop a child (09, 10) or keep it waiting (15).

    Only days in judged years with a mode, after entry to school and before the end of every age of the law.
    Periods of one child and reason do not overlap; neighbours with the same decider are one.
    Raises LawGap when a day looks at income and no limits stand.
    """
    youngest = persons["birth_date"].max()
    if not isinstance(youngest, date):
        return RESTRICTIONS.empty()
    spans = _spans(law, date(youngest.year + _oldest(law) + 2, 1, 1))
    school_days = _school_days(persons, spans, law)
    judged = _with_means(_restricted_days(_pupils(guardians, persons, school_days), school_days), means)
    found = [_periods(judged, reason, *verdict) for reason, verdict in _verdicts().items()]
    return pl.concat(found).sort(RESTRICTIONS.key)
