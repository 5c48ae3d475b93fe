"""Eligibility once more: the register's tables and the law go in, the same intervals come out.

Belongs here: which columns and law values the SQL sees. What follows from them is eligibility.sql.
"""

import polars as pl

from assets.second_engine.desk import answer
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY

RESULT = ("child_resident_code", "start_date", "end_date", "entitled", "reason")


def eligibility(
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registrations: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """RESULT columns per registered child: merged half-open intervals without gap or overlap, from birth (or
    the first day of the law) to the day after the last entitled age. Source: 条例・対象者, domain rules 2024-10.

    `registrations`: REGISTRATION_PERIODS, several rows per child: each stands from its registered_from_date until
    the child's next one, or until the child leaves the city.
    """
    frames = {
        "persons": persons.select("resident_code", "birth_date", "in_japan", "same_person_code"),
        "residences": residences.select("resident_code", "start_date", "end_date", "end_reason"),
        "schemes": schemes.select("resident_code", "reason", "start_date", "end_date"),
        "registrations": registrations.select("child_resident_code", "guardian_resident_code", "registered_from_date"),
        "age_scope": _age_scope(law),
        "scheme_order": scheme_order(law),
        "scheme_ends_registration": _scheme_ends_registration(law),
    }
    schema = {name: ELIGIBILITY.schema[name] for name in RESULT}
    return answer("eligibility.sql", frames).cast(schema).select(RESULT)  # type: ignore[arg-type]


def _age_scope(law: Law) -> pl.DataFrame:
    versions = law.table("age.entitled_until_years")
    return versions.select("from_date", "until_date", pl.col("value").cast(pl.Int32).alias("years"))


def _scheme_ends_registration(law: Law) -> pl.DataFrame:
    versions = law.table("registration.ends_when_other_scheme_begins")
    return versions.select("from_date", "until_date", pl.col("value").alias("ends"))


def scheme_order(law: Law) -> pl.DataFrame:
    """(from_date, until_date, reason, place): the schemes that come before this one, the first in place 0."""
    versions = law.table("exclusions.schemes_in_order")
    place = pl.int_range(pl.len()).over("from_date")
    return versions.select("from_date", "until_date", pl.col("value").alias("reason"), place.alias("place"))
