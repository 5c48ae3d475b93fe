"""What each parent earns and owes, for the years in which the law looks at it.

Belongs here: 児童手当法施行令2条・3条 (income), 扶養親族等の数, the limit, 完納要件 per person and judged year.
Does not belong here: the years themselves (judged_years.py) and whom it stops (restrictions.py).
Unknown stays unknown: 未申告 and 未照会 are null, never 0.
"""

from __future__ import annotations

from datetime import date
from functools import reduce

import polars as pl

from assets.eligibility.judged_years import RestrictedSpan, judged_years, restricted_spans
from assets.register.histories import LEARNED, doubled, last_of
from assets.register.identities import as_person
from schemas.law.book import Law, LawOfMonth
from schemas.records.register import MEANS

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
_INCOME_LAW = ("income.parts", "income.deductions")
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
_WORSE = pl.when(pl.col("arrears") == _OWES).then(2).when(pl.col("arrears") == _NOT_ASKED).then(1).otherwise(0)
_ROWS, _DAYS = 2**32, 2**24
"""More than there are rows, and days."""


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


def _earned(rows: pl.DataFrame, years: list[int], now: LawOfMonth) -> pl.DataFrame:
    """The rows of some tax years with what the law of a day makes of them; null when 未申告."""
    said = {"income_yen": _income_yen(now), "dependants": _dependants(), "elderly": _elderly()}
    told = (pl.when(_FILED).then(value).cast(pl.Int64).alias(name) for name, value in said.items())
    order = ("resident_code", "tax_year", "revision_no", *LEARNED)
    return rows.lazy().filter(pl.col("tax_year").is_in(years)).select(*order, *told).collect()


def _years_by_law(law: Law, years: list[int]) -> list[tuple[LawOfMonth, list[int]]]:
    """The tax years that judged years use, together where one law of incomes stands, with that law."""
    until = date(max(years, default=0) + 2, 1, 1)
    used = {year.tax_year: law.at(year.first) for year in reversed(judged_years(law, until)) if year.tax_year in years}
    found: dict[tuple[date, ...], tuple[LawOfMonth, list[int]]] = {}
    for year, now in used.items():
        found.setdefault(tuple(now.version(name).from_date for name in _INCOME_LAW), (now, []))[1].append(year)
    return list(found.values())


def incomes(resident_taxes_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """(resident_code, tax_year, income_yen, dependants, elderly, delivery, line_no), one row per person and year.

    Whole yen after deductions; income, dependants and elderly are null when 未申告. The highest revision stands; of
    equal ones the higher number of the person, and under one number the last learned. The law is that of the first
    day of the judged year that uses the tax year; tax years before the first judged year are left out.
    Source: 児童手当法施行令2条・3条.
    """
    by_law = _years_by_law(law, resident_taxes_known["tax_year"].unique().to_list())
    earned = [_earned(resident_taxes_known, years, now) for now, years in by_law]
    if not earned:
        return pl.DataFrame(schema=_INCOMES)
    people = as_person(pl.concat(earned).with_columns(number="resident_code"), identities, "resident_code")
    return last_of(people, ["resident_code", "tax_year"], "revision_no", "number", *LEARNED).select(_INCOMES.names())


def _judged(spans: list[RestrictedSpan]) -> list[RestrictedSpan]:
    """One span per judged year: the first that looks at income, else the first."""
    income_first = sorted(spans, key=lambda span: (span.limits is None, span.start))
    chosen = {span.year.first: span for span in reversed(income_first)}
    return [chosen[first] for first in sorted(chosen)]


def _years(spans: list[RestrictedSpan]) -> pl.DataFrame:
    """(year_from_date, tax_year, base_date) of every judged year."""
    rows = [(span.year.first, span.year.tax_year, span.year.base_date) for span in spans]
    return pl.DataFrame(rows, {"year_from_date": pl.Date, "tax_year": pl.Int64, "base_date": pl.Date}, orient="row")


def _limit_yen(spans: list[RestrictedSpan]) -> pl.Expr:
    """The limit of each judged year; null in years that do not look at income."""

    def of_year(others: pl.Expr, span: RestrictedSpan) -> pl.Expr:
        limit = span.limits.yen(pl.col("dependants"), pl.col("elderly")) if span.limits else None
        return (
            others
            if limit is None
            else pl.when(pl.col("year_from_date") == span.year.first).then(limit).otherwise(others)
        )

    return reduce(of_year, spans, pl.lit(None, dtype=pl.Int64))


def _earners(taxed: pl.DataFrame, spans: list[RestrictedSpan]) -> pl.DataFrame:
    """Income, limit and 限度額超過 of everybody in every judged year; equal to the limit is not over it."""
    found = taxed.join(_years(spans), on="tax_year").with_columns(_limit_yen(spans).alias("limit_yen"))
    over = (pl.col("income_yen") > pl.col("limit_yen")).cast(pl.Int8).cast(pl.String)
    return found.select(
        "resident_code",
        "year_from_date",
        "income_yen",
        "limit_yen",
        over.alias("over_limit"),
        pl.col("delivery").alias("tax_delivery"),
        pl.col("line_no").alias("tax_line_no"),
    )


def _told(arrears: pl.DataFrame, items: list[str], days: list[date]) -> pl.DataFrame:
    """Per person and day the row that decides (in arrears, else not asked, else the first item), and `complete`:
    whether each item is told just once. Rows of one person that do not stand together are counted apart."""
    place = pl.col("arrears_item").cast(pl.Enum(items), strict=False).to_physical().cast(pl.Int64)
    rows = arrears.lazy().select(
        (pl.col("resident_code").rle_id().cast(pl.Int64) * _DAYS + pl.col("base_date").cast(pl.Int32)).alias("of"),
        pl.lit(2, pl.Int64).pow(place).alias("bit"),
        ((place + (2 - _WORSE) * len(items)) * _ROWS + pl.int_range(pl.len())).alias("first"),
        "base_date",
    )
    asked = rows.filter(pl.col("bit").is_not_null() & pl.col("base_date").is_in(days)).group_by("of")
    once = (pl.len() == len(items)) & (pl.col("bit").sum() == 2 ** len(items) - 1)
    found = asked.agg(once.alias("complete"), pl.col("first").min() % _ROWS).collect()
    return arrears[found["first"]].with_columns(found["complete"])


def _standing(arrears: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Arrears per person, item and day: as last learned of each number, the worst of a person's numbers."""
    what = ["arrears_item", "base_date"]
    last = arrears.sort(LEARNED).unique(["resident_code", *what], keep="last", maintain_order=True)
    people = as_person(last, identities, "resident_code").sort("resident_code", _WORSE, *LEARNED)
    return people.unique(["resident_code", *what], keep="last", maintain_order=True)


def _debtors(arrears_known: pl.DataFrame, identities: pl.DataFrame, items: list[str], days: list[date]) -> pl.DataFrame:
    """As `_told`, of persons: as told of whom every day tells each item once, as what stands of all others."""
    told = _told(arrears_known, items, days)
    several = pl.col("resident_code").is_in(
        pl.concat([identities["resident_code"], identities["person_code"]]).implode()
    )
    uneven = told.filter(~pl.col("complete") | several | doubled(told, ["resident_code", "base_date"]))
    again = pl.col("resident_code").is_in(uneven["resident_code"].unique().implode())
    standing = _standing(arrears_known.filter(again), identities)
    return pl.concat([told.filter(~again), _told(standing, items, days)])


def _owing(debtors: pl.DataFrame, spans: list[RestrictedSpan]) -> pl.DataFrame:
    """滞納 of everybody in each judged year, with the row that decides it. 完納要件.

    Any item in arrears is arrears; else an item not asked about is unknown; 2 (除外事由) is none.
    """
    none = pl.col("complete") & (pl.col("arrears") != _NOT_ASKED)
    said = pl.when(pl.col("arrears") == _OWES).then(pl.lit("1")).when(none).then(pl.lit("0"))
    return debtors.join(_years(spans), on="base_date").select(
        "resident_code",
        "year_from_date",
        said.alias("in_arrears"),
        pl.col("delivery").alias("arrears_delivery"),
        pl.col("line_no").alias("arrears_line_no"),
    )


def _arrears(arrears_known: pl.DataFrame, identities: pl.DataFrame, spans: list[RestrictedSpan]) -> pl.DataFrame:
    """`_owing` of all judged years, those that ask about the same items together."""
    by_items: dict[tuple[str, ...], list[RestrictedSpan]] = {}
    for span in spans:
        by_items.setdefault(tuple(sorted(set(span.arrears_items))), []).append(span)
    found = [
        _owing(_debtors(arrears_known, identities, list(items), [span.year.base_date for span in years]), years)
        for items, years in by_items.items()
    ]
    return pl.concat(found)


def _horizon(resident_taxes_known: pl.DataFrame, arrears_known: pl.DataFrame) -> date:
    """A day after every judged year that the rows can speak of."""
    last = arrears_known["base_date"].max()
    years = [resident_taxes_known["tax_year"].max(), last and last.year]  # type: ignore[union-attr]
    return date(max(int(year) for year in (*years, 0) if year is not None) + 2, 1, 1)  # type: ignore[arg-type]


def means(
    resident_taxes_known: pl.DataFrame, arrears_known: pl.DataFrame, identities: pl.DataFrame, law: Law
) -> pl.DataFrame:
    """MEANS: per person and restricted judged year what is known of income (yen) and arrears; null is unknown.

    A judged year is judged once, by the limits and items of its first day that looks at income (else its first
    restricted day). limit_yen and over_limit are null in years that do not look at income.
    Raises LawGap when a day looks at income and no limits stand.
    """
    spans = _judged(restricted_spans(law, _horizon(resident_taxes_known, arrears_known)))
    if not spans:
        return MEANS.empty()
    taxed = _earners(incomes(resident_taxes_known, identities, law), spans)
    owed = _arrears(arrears_known, identities, spans)
    both = taxed.join(owed, on=["resident_code", "year_from_date"], how="full", coalesce=True)
    return both.join(_years(spans), on="year_from_date").select(MEANS.names)
