"""Eligibility once more: the register's tables and the law go in, the same intervals come out.

Belongs here: which columns and law values the SQL sees. What follows from them is ages.sql, restrictions.sql
(through restrictions.py) and, last, eligibility.sql.
"""

from datetime import date

import polars as pl

from assets.second_engine.desk import answer
from assets.second_engine.restrictions import restricted_ages, restrictions
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY

RESULT = ("child_resident_code", "start_date", "end_date", "entitled", "benefit_class", "reason", "ruled_reason")
_VISITS = {"inpatient": "age.inpatient_until_years", "outpatient": "age.outpatient_until_years"}
_IN_FORCE = ("from_date", "until_date")


def eligibility(
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registrations: pl.DataFrame,
    guardians: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    arrears_known: pl.DataFrame,
    identities: pl.DataFrame,
    overrides_known: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """RESULT columns per registered child: merged half-open intervals without gap or overlap, from birth (or
    the first day of the law) to the day after the last day of an age in scope. Source: 条例・対象者, 支給制限.

    `registrations`: REGISTRATION_PERIODS, several rows per child: each stands from its registered_from_date until
    the child's next one, or until the law or a move ends it. The `_known` tables hold every row known, under any
    number of a person. Raises LawGap on a day whose restriction has no income limit.
    """
    children = _children(registrations, persons)
    over_ages = answer("ages.sql", {"children": children, "ages": _ages(law)})
    horizon: date = max(over_ages["over_date"].unique(), default=date.min)
    limited = restrictions(guardians, over_ages, resident_taxes_known, arrears_known, identities, law, horizon)
    frames = {
        "children": children,
        "over_ages": over_ages,
        "persons": persons.select("resident_code", "in_japan"),
        "residences": residences.select("resident_code", "start_date", "end_date", "end_reason"),
        "schemes": schemes.select("resident_code", "reason", "start_date", "end_date"),
        "registrations": registrations.select(
            "child_resident_code", "guardian_resident_code", "registered_from_date", "begun_date"
        ),
        "restrictions": limited,
        "overrides": overrides_known,
        "identities": identities.select("resident_code", "person_code"),
        **_law_tables(law, horizon),
    }
    schema = {name: ELIGIBILITY.schema[name] for name in RESULT}
    return answer("eligibility.sql", frames).cast(schema).select(RESULT)  # type: ignore[arg-type]


def scheme_order(law: Law) -> pl.DataFrame:
    """(from_date, until_date, reason, place): the schemes that come before this one, the first in place 0."""
    versions = law.table("exclusions.schemes_in_order")
    place = pl.int_range(pl.len()).over("from_date")
    return versions.select("from_date", "until_date", pl.col("value").alias("reason"), place.alias("place"))


def _children(registrations: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    births = persons.select(pl.col("resident_code").alias("child_resident_code"), "birth_date")
    return registrations.select("child_resident_code").unique().join(births, on="child_resident_code")


def _age_limits(law: Law) -> pl.DataFrame:
    """(care, from_date, until_date, years)."""
    years = pl.col("value").cast(pl.Int32).alias("years")
    return pl.concat(
        [law.table(name).select(pl.lit(care).alias("care"), *_IN_FORCE, years) for care, name in _VISITS.items()]
    )


def _school_ages(law: Law) -> pl.DataFrame:
    """(from_date, until_date, years): school begins after these ages; the first also before the law book begins."""
    versions = law.table("age.school_entry_years")
    from_date = pl.when(pl.col("from_date") > pl.col("from_date").min()).then("from_date").alias("from_date")
    return versions.select(from_date, "until_date", pl.col("value").cast(pl.Int32).alias("years"))


def _ages(law: Law) -> pl.DataFrame:
    """(years): every age at whose end something changes."""
    return pl.concat([ages(law).select("years") for ages in (_age_limits, _school_ages, restricted_ages)]).unique()


def _law_tables(law: Law, horizon: date) -> dict[str, pl.DataFrame]:
    return {
        "age_limits": _age_limits(law),
        "school_ages": _school_ages(law),
        "scheme_order": scheme_order(law),
        "scheme_ends": _while(law, "registration.ends_when_other_scheme_begins"),
        "school_ends": _while(law, "registration.ends_at_school_entry"),
        "deaths_suspend": _while(law, "guardian.death_suspends"),
        "octobers": _octobers(law, horizon),
    }


def _while(law: Law, name: str) -> pl.DataFrame:
    """(from_date, until_date) of the versions of a flag that is set."""
    return law.table(name).filter("value").select(_IN_FORCE)


def _octobers(law: Law, horizon: date) -> pl.DataFrame:
    """(day): every 1 October before `horizon` on which registrations end."""
    flags = law.of("registration.ends_every_october")
    days = (date(year, 10, 1) for year in range(min(one.from_date for one in flags).year, horizon.year + 1))
    ended = [day for day in days if any(one.value and one.stands_on(day) for one in flags)]
    return pl.DataFrame({"day": ended}, schema={"day": pl.Date})
