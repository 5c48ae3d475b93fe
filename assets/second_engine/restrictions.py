"""支給制限 once more: from the tax and arrears rows themselves, not from what the rules made of them.

Belongs here: the judged years, cut into spans on which the law stands still, and the law values of each span.
What follows from them is restrictions.sql.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

import polars as pl

from assets.second_engine.desk import answer
from schemas.law.book import Law, LawOfMonth
from schemas.records.register import RESTRICTIONS

RESULT = ("child_resident_code", "start_date", "end_date", "reason")
_NONE, _ARREARS = "none", "arrears"
_SPANS = {
    "span_no": pl.Int64,
    "from_date": pl.Date,
    "until_date": pl.Date,
    "mode": pl.String,
    "looks_at_income": pl.Boolean,
    "income_persons": pl.String,
    "after_years": pl.Int32,
    "base_date": pl.Date,
    "tax_year": pl.Int64,
    "more_yen": pl.Int64,
    "elderly_yen": pl.Int64,
}
_ITEMS = {"span_no": pl.Int64, "item": pl.String}
_LIMITS = {"span_no": pl.Int64, "dependants": pl.Int64, "limit_yen": pl.Int64}
_DEDUCTIONS = _ITEMS | {"kind": pl.String, "value": pl.String, "yen": pl.Int64}
_Row = dict[str, object]
_JudgedSpan = tuple[date, date, date, int]


def restrictions(
    guardians: pl.DataFrame,
    over_ages: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    arrears_known: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
    horizon: date,
) -> pl.DataFrame:
    """RESULT columns: half-open periods before `horizon` with reason 09, 10 or 15; two reasons may cover one day.

    over_ages: (child_resident_code, years, over_date). Raises LawGap where the income counts and has no limit.
    Source: 条例・支給制限, 児童手当法施行令2条・3条の例.
    """
    frames = {
        "guardians": guardians.select(
            "child_resident_code", "start_date", "end_date", "guardian_resident_code", "spouse_resident_code"
        ),
        "over_ages": over_ages,
        "taxes": resident_taxes_known,
        "arrears": arrears_known,
        "identities": identities.select("resident_code", "person_code"),
        **_law_tables(law, horizon),
    }
    schema = {name: RESTRICTIONS.schema[name] for name in RESULT}
    return answer("restrictions.sql", frames).cast(schema).select(RESULT)  # type: ignore[arg-type]


def restricted_ages(law: Law) -> pl.DataFrame:
    """(from_date, until_date, years): restrictions begin after these ages, with the entry to school."""
    versions = law.table("restriction.after_years")
    return versions.select("from_date", "until_date", pl.col("value").cast(pl.Int32).alias("years"))


def _law_tables(law: Law, horizon: date) -> dict[str, pl.DataFrame]:
    spans = [
        (span_no, law.at(judged[0]), judged)
        for span_no, judged in enumerate(_judged_spans(law, horizon))
        if law.at(judged[0]).text("restriction.mode") != _NONE
    ]
    by_income = [(span_no, now) for span_no, now, _ in spans if _looks_at_income(now)]
    return {
        "spans": pl.DataFrame([_span(*span) for span in spans], schema=_SPANS),
        "arrears_items": _placed(_listed([(span_no, now) for span_no, now, _ in spans], "restriction.arrears_items")),
        "income_parts": _listed(by_income, "income.parts"),
        "limits": _tables(by_income, "restriction.income_limits", _LIMITS),
        "deductions": _tables(by_income, "income.deductions", _DEDUCTIONS),
    }


def _judged_spans(law: Law, horizon: date) -> Iterator[_JudgedSpan]:
    """(first day, day after the last, base date of arrears, tax year) of every part of every judged year."""
    changes = {
        day
        for name in law.versions
        if name.startswith("restriction.")
        for one in law.of(name)
        if one.enacted
        for day in (one.from_date, one.until_date)
    }
    for version in law.of("restriction.year"):
        how = version.value
        for year in range(version.from_date.year, horizon.year + 1):
            first, last = (date(begins, how["begins_month"], 1) for begins in (year, year + 1))
            if version.stands_on(first) and first < horizon:
                cuts = sorted({first, last} | {day for day in changes if day is not None and first < day < last})
                base_date = date(year, how["arrears_month"], how["arrears_day"])
                yield from ((*cut, base_date, year + how["tax_year_offset"]) for cut in pairwise(cuts))


def _looks_at_income(now: LawOfMonth) -> bool:
    return now.text("restriction.mode") != _ARREARS


def _span(span_no: int, now: LawOfMonth, judged: _JudgedSpan) -> _Row:
    from_date, until_date, base_date, tax_year = judged
    by_income = _looks_at_income(now)
    return {
        "span_no": span_no,
        "from_date": from_date,
        "until_date": until_date,
        "mode": now.text("restriction.mode"),
        "looks_at_income": by_income,
        "income_persons": now.text("restriction.income_persons") if by_income else None,
        "after_years": now.number("restriction.after_years"),
        "base_date": base_date,
        "tax_year": tax_year,
        "more_yen": now.yen("restriction.income_limit_more_yen") if by_income else None,
        "elderly_yen": now.yen("restriction.income_limit_elderly_yen") if by_income else None,
    }


def _listed(spans: list[tuple[int, LawOfMonth]], name: str) -> pl.DataFrame:
    rows = [{"span_no": span_no, "item": item} for span_no, now in spans for item in now.codes(name)]
    return pl.DataFrame(rows, schema=_ITEMS)


def _placed(items: pl.DataFrame) -> pl.DataFrame:
    """`items` with their place from 0 and their number in the span."""
    place = pl.int_range(pl.len(), dtype=pl.Int32).over("span_no").alias("place")
    return items.with_columns(place, pl.len().over("span_no").cast(pl.Int32).alias("items"))


def _tables(spans: list[tuple[int, LawOfMonth]], name: str, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    rows = [{"span_no": span_no, **row} for span_no, now in spans for row in now.value(name)]
    return pl.DataFrame(rows, schema=schema)
