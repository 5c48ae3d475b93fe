"""保護者の確認: is the guardian of a child the parent who mainly supports the household?

Belongs here: what the city's own registers say for or against it. Does not belong here: a change of guardian, which
needs an application, and what income decides of entitlement (assets/eligibility/restrictions).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.eligibility.means import incomes
from schemas.law.book import Law
from schemas.records.register import GUARDIAN_REVIEWS

_GUARDIAN = "guardian_resident_code"
_SPOUSE = "spouse_resident_code"


def _income(resident_taxes_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """(person, tax_year, income_yen): the income of each person and year; null where it was not declared."""
    found = incomes(resident_taxes_known, identities, law)
    return found.select(pl.col("resident_code").alias("person"), "tax_year", "income_yen")


def _newest_year(parents: pl.DataFrame, income: pl.DataFrame) -> pl.DataFrame:
    """`parents` with tax_year: the newest year for which anything is known of one of the two."""
    years = income.group_by("person").agg(pl.col("tax_year").max())
    for parent in (_GUARDIAN, _SPOUSE):
        parents = parents.join(
            years.rename({"person": parent, "tax_year": f"{parent}_year"}), on=parent, how="left", maintain_order="left"
        )
    return parents.with_columns(pl.max_horizontal(f"{_GUARDIAN}_year", f"{_SPOUSE}_year").alias("tax_year"))


def _review(known: pl.Expr) -> pl.Expr:
    """GUARDIAN_REVIEW: the first that holds."""
    spouse = pl.col(_SPOUSE).is_not_null()
    unknown = pl.col("guardian_income_yen").is_null() | (spouse & pl.col("spouse_income_yen").is_null())
    return (
        pl.when(~known)
        .then(pl.lit("5"))
        .when(spouse & (pl.col("spouse_declared") == "0"))
        .then(pl.lit("4"))
        .when(unknown)
        .then(pl.lit("3"))
        .when(pl.col("spouse_income_yen") > pl.col("guardian_income_yen"))
        .then(pl.lit("2"))
        .otherwise(pl.lit("1"))
    )


def guardian_reviews(
    guardians: pl.DataFrame,
    persons: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
    day: date,
) -> pl.DataFrame:
    """GUARDIAN_REVIEWS on `day`: is the guardian the parent who mainly supports the household? A person decides.

    Both parents' income of the newest tax year known of either, 住登外 parents included. Source: 市の案内
    (父母のうち主に生計を支えている者), 児童手当法4条の例による.
    """
    open_or_later = pl.col("end_date").is_null() | (pl.col("end_date") > day)
    today = guardians.filter((pl.col("start_date") <= day) & open_or_later)
    income = _income(resident_taxes_known, identities, law)
    found = _newest_year(today, income)
    for parent, column in ((_GUARDIAN, "guardian_income_yen"), (_SPOUSE, "spouse_income_yen")):
        told = income.rename({"person": parent, "income_yen": column})
        found = found.join(told, on=[parent, "tax_year"], how="left", maintain_order="left")
    known = pl.col(_GUARDIAN).is_in(persons["resident_code"].implode())
    reviewed = found.with_columns(_review(known).alias("review"))
    return reviewed.select(GUARDIAN_REVIEWS.names).sort(GUARDIAN_REVIEWS.key)
