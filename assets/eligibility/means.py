"""What each parent earns and owes, for the years in which the law looks at it.

Belongs here: 児童手当法施行令2条・3条 (income), 扶養親族等の数, the limit, 完納要件 per person and judged year.
Does not belong here: the years themselves (judged_years.py) and whom it stops (restrictions.py).
Unknown stays unknown: 未申告 and 未照会 are null, never 0.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.eligibility.judged_years import RestrictedSpan, judged_years, restricted_spans
from assets.register.histories import doubled, last_of
from assets.register.identities import as_person
from schemas.law.book import Law, LawOfMonth
from schemas.records.register import MEANS

_LEARNED = ("known_date", "delivery", "line_no")
_FILED = pl.col("filing") == "1"
_DEPENDANTS = (
    "dependents_0_15_count",
    "other_dependents_count",
    "specified_dependents_count",
    "elderly_dependents_count",
)
_SPOUSES = ("1", "2")
"""控除対象配偶者 that count among the 扶養親族等; 同一生計配偶者 (3) does not."""
_ELDERLY_SPOUSE = "2"
_OWES, _NOT_ASKED = "1", "9"
_INCOMES = pl.Schema(
    {
        "resident_code": pl.String(),
        "tax_year": pl.Int64(),
        "income_yen": pl.Int64(),
        "dependants": pl.Int64(),
        "elderly": pl.Int64(),
        "delivery": pl.String(),
        "line_no": pl.Int64(),
    }
)
_WORSE = pl.col("arrears").replace_strict({_OWES: 2, _NOT_ASKED: 1}, default=0, return_dtype=pl.Int8)


def _deduction(row: dict[str, str | int]) -> pl.Expr:
    """The yen one line of income.deductions takes off. Raises KeyError for a kind the law book does not know."""
    column, yen = pl.col(str(row["item"])), pl.lit(row["yen"], dtype=pl.Int64)
    kinds = {
        "actual": column.fill_null(0),
        "flag": pl.when(column == row["value"]).then(yen).otherwise(0),
        "count": column.fill_null(0) * yen,
        "flat": yen,
    }
    return kinds[str(row["kind"])]


def _income_yen(now: LawOfMonth) -> pl.Expr:
    """Income of a filed row: the parts less the deductions, not below 0. Source: 児童手当法施行令2条・3条."""
    parts = pl.sum_horizontal(pl.col(name).fill_null(0) for name in now.codes("income.parts"))
    taken = pl.sum_horizontal(_deduction(row) for row in now.rows("income.deductions").iter_rows(named=True))
    return (parts - taken).clip(lower_bound=0)


def _dependants() -> pl.Expr:
    spouse = pl.col("spouse_deduction_class").is_in(_SPOUSES).fill_null(False).cast(pl.Int64)
    return spouse + pl.sum_horizontal(pl.col(name).fill_null(0) for name in _DEPENDANTS)


def _elderly() -> pl.Expr:
    spouse = (pl.col("spouse_deduction_class") == _ELDERLY_SPOUSE).fill_null(False).cast(pl.Int64)
    return spouse + pl.col("elderly_dependents_count").fill_null(0)


def _earned(rows: pl.DataFrame, now: LawOfMonth) -> pl.DataFrame:
    said = {"income_yen": _income_yen(now), "dependants": _dependants(), "elderly": _elderly()}
    return rows.with_columns(pl.when(_FILED).then(value).alias(name) for name, value in said.items()).select(
        pl.col(name).cast(dtype) for name, dtype in _INCOMES.items()
    )


def incomes(resident_taxes_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """(resident_code, tax_year, income_yen, dependants, elderly, delivery, line_no), one row per person and year.

    Whole yen after deductions; income, dependants and elderly are null when 未申告. The highest revision stands; of
    equal ones the higher number of the person, and under one number the last learned. The law is that of the first
    day of the judged year that uses the tax year; tax years before the first judged year are left out.
    Source: 児童手当法施行令2条・3条.
    """
    keys = ["resident_code", "tax_year"]
    people = as_person(resident_taxes_known.with_columns(number="resident_code"), identities, "resident_code")
    rows = last_of(people, keys, "revision_no", "number", *_LEARNED)
    by_year = {int(year): part for (year,), part in rows.group_by("tax_year")}  # type: ignore[call-overload]
    until = date(max(by_year, default=0) + 2, 1, 1)
    used = {year.tax_year: year.first for year in reversed(judged_years(law, until))}
    parts = [_earned(part, law.at(used[year])) for year, part in by_year.items() if year in used]
    return pl.concat([pl.DataFrame(schema=_INCOMES), *parts]).sort(keys)


def _judged(spans: list[RestrictedSpan]) -> list[RestrictedSpan]:
    """One span per judged year: the first that looks at income, else the first."""
    income_first = sorted(spans, key=lambda span: (span.limits is None, span.start))
    chosen = {span.year.first: span for span in reversed(income_first)}
    return [chosen[first] for first in sorted(chosen)]


def _earners(taxed: pl.DataFrame, span: RestrictedSpan) -> pl.DataFrame:
    """Income, limit and 限度額超過 of everybody in one judged year; equal to the limit is not over it."""
    found = taxed.filter(pl.col("tax_year") == span.year.tax_year)
    limit = span.limits.yen(pl.col("dependants"), pl.col("elderly")) if span.limits else pl.lit(None, dtype=pl.Int64)
    over = (pl.col("income_yen") > pl.col("limit_yen")).cast(pl.Int8).cast(pl.String)
    return found.with_columns(limit.alias("limit_yen")).select(
        "resident_code",
        "income_yen",
        "limit_yen",
        over.alias("over_limit"),
        pl.col("delivery").alias("tax_delivery"),
        pl.col("line_no").alias("tax_line_no"),
    )


def _asked(arrears: pl.DataFrame, span: RestrictedSpan) -> pl.DataFrame:
    """Per person the row that decides one judged year (in arrears, else not asked, else the first) and `complete`.

    `arrears`: those by the day the judged year looks at.
    """
    items = {item: place for place, item in enumerate(sorted(set(span.arrears_items)))}
    place = pl.col("arrears_item").replace_strict(items, default=None, return_dtype=pl.Int64)
    asked = arrears.with_columns(place.alias("place"))
    rows = asked.filter(pl.col("place").is_not_null()).with_row_index("row")
    first = pl.col("row").get((pl.col("place") - _WORSE * len(items)).arg_min())
    found = rows.group_by("resident_code").agg((pl.len() == len(items)).alias("complete"), first)
    return found.join(rows.drop("resident_code"), on="row")


def _debtors(arrears: pl.DataFrame, span: RestrictedSpan) -> pl.DataFrame:
    """滞納 of everybody by the day of one judged year, with the row that decides it. 完納要件.

    Any item in arrears is arrears; else an item not asked about is unknown; 2 (除外事由) is none.
    """
    none = pl.col("complete") & (pl.col("arrears") != _NOT_ASKED)
    said = pl.when(pl.col("arrears") == _OWES).then(pl.lit("1")).when(none).then(pl.lit("0"))
    return _asked(arrears, span).select(
        "resident_code",
        said.alias("in_arrears"),
        pl.col("delivery").alias("arrears_delivery"),
        pl.col("line_no").alias("arrears_line_no"),
    )


def _standing_arrears(arrears_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Arrears per person, item and day: as last learned of each number, the worst of a person's numbers."""
    what = ["arrears_item", "base_date"]
    people = as_person(arrears_known.with_columns(number="resident_code"), identities, "resident_code")
    again = doubled(people, ["resident_code", *what])
    last = people.filter(again).sort(_LEARNED).unique(["number", *what], keep="last", maintain_order=True)
    worst = last.sort(_WORSE, *_LEARNED).unique(["resident_code", *what], keep="last", maintain_order=True)
    names = ("resident_code", *what, "arrears", "delivery", "line_no")
    return pl.concat([people.filter(~again).select(names), worst.select(names)])


def _of_year(taxed: pl.DataFrame, arrears: pl.DataFrame, span: RestrictedSpan) -> pl.DataFrame:
    """MEANS of one judged year: whoever has a tax row or an arrears row."""
    both = _earners(taxed, span).join(_debtors(arrears, span), on="resident_code", how="full", coalesce=True)
    return both.with_columns(
        pl.lit(span.year.first).alias("year_from_date"), pl.lit(span.year.tax_year, dtype=pl.Int64).alias("tax_year")
    ).select(MEANS.names)


def _horizon(resident_taxes_known: pl.DataFrame, arrears_known: pl.DataFrame) -> date:
    """A day after every judged year that the rows can speak of."""
    years = pl.concat([resident_taxes_known["tax_year"], arrears_known["base_date"].dt.year().cast(pl.Int64)])
    return date(int(years.max() or 0) + 2, 1, 1)  # type: ignore[arg-type]


def means(
    resident_taxes_known: pl.DataFrame, arrears_known: pl.DataFrame, identities: pl.DataFrame, law: Law
) -> pl.DataFrame:
    """MEANS: per person and restricted judged year what is known of income (yen) and arrears; null is unknown.

    A judged year is judged once, by the limits and items of its first day that looks at income (else its first
    restricted day). limit_yen and over_limit are null in years that do not look at income.
    Raises LawGap when a day looks at income and no limits stand.
    """
    spans = _judged(restricted_spans(law, _horizon(resident_taxes_known, arrears_known)))
    taxed = incomes(resident_taxes_known, identities, law)
    arrears = _standing_arrears(arrears_known, identities)
    by_day = arrears.partition_by("base_date", as_dict=True)
    nothing = arrears.clear()
    found = [_of_year(taxed, by_day.get((span.year.base_date,), nothing), span) for span in spans]
    return pl.concat([MEANS.empty(), *found]).sort(MEANS.key)
