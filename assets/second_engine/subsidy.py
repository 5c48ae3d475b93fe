"""県補助 once more: decisions, lines, births, tax rows and the law go in, who bears each benefit comes out.

Belongs here: which columns and law values the SQL sees. What follows from them is subsidy.sql.
"""

from collections.abc import Iterator
from datetime import date

import polars as pl

from assets.second_engine.desk import answer
from schemas.law.book import Law
from schemas.records.subsidy import SUBSIDIES

RESULT = ("decision_no", "amount_yen", "reason", "subsidised_yen", "prefecture_yen", "city_yen", "funding_class")
_IN_FORCE = ("from_date", "until_date")
_INCOME = {"tax_year": pl.Int64, "item": pl.String}
_DEDUCTION = _INCOME | {"kind": pl.String, "value": pl.String, "yen": pl.Int64}


def subsidies(
    decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    persons: pl.DataFrame,
    taxes: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """RESULT columns, one row per 支給1件 that ever had yen, by its first decision that paid.

    decisions: of every month so far. Source: 乳幼児医療費支給事業補助金交付要綱.
    """
    frames = {
        "decisions": decisions,
        "receipts": receipts.select("delivery", "line_no", "receipt_change", "rcpt_treatment_days"),
        "claims": claims.select("delivery", "line_no", "treatment_days"),
        "persons": persons.select("resident_code", "birth_date"),
        "taxes": taxes,
        "identities": identities.select("resident_code", "person_code"),
        **_law_tables(law),
    }
    schema = {name: SUBSIDIES.schema[name] for name in RESULT}
    return answer("subsidy.sql", frames).cast(schema).select(RESULT)  # type: ignore[arg-type]


def _scalars(law: Law, name: str) -> pl.DataFrame:
    return law.table(name).select(*_IN_FORCE, "value")


def _law_tables(law: Law) -> dict[str, pl.DataFrame]:
    judged = [(year, law.at(day)) for year, day in _judged(law)]
    deductions = [{"tax_year": year, **row} for year, now in judged for row in now.value("income.deductions")]
    parts = [{"tax_year": year, "item": item} for year, now in judged for item in now.codes("income.parts")]
    return {
        "ages": pl.concat(
            [
                _scalars(law, "subsidy.inpatient_until_years").with_columns(pl.lit("1").alias("visit")),
                _scalars(law, "subsidy.outpatient_until_years").with_columns(pl.lit("2").alias("visit")),
            ]
        ).with_columns(pl.col("value").cast(pl.Int32)),
        "copays": law.table("subsidy.copay").select(*_IN_FORCE, "visit", "per", "yen"),
        "monthly_cares": _scalars(law, "subsidy.copay_outpatient_care"),
        "exemptions": _scalars(law, "subsidy.untaxed_exempt"),
        "income_limits": _scalars(law, "subsidy.income_limit_yen"),
        "roundings": _scalars(law, "subsidy.rounding"),
        "rates": _scalars(law, "subsidy.rate").unnest("value"),
        "tax_years": _scalars(law, "subsidy.year").unnest("value"),
        "income_parts": pl.DataFrame(parts, schema=_INCOME),
        "deductions": pl.DataFrame(deductions, schema=_DEDUCTION),
    }


def _judged(law: Law) -> Iterator[tuple[int, date]]:
    """(tax year, the day whose law says what its income is): the first day of the judged year that uses it."""
    for version in law.of("restriction.year"):
        for year in range(version.from_date.year, version.from_date.year + 100):
            first = date(year, version.value["begins_month"], 1)
            if version.stands_on(first):
                yield year + version.value["tax_year_offset"], first
