"""Why a child is entitled or not on a day: every requirement with the row it rests on and the law behind it.

Belongs here: finding the rows of a day. Does not belong here: deciding (ELIGIBILITY says which requirements are
missed) and the words (sentences.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.eligibility import facts
from assets.eligibility.deciding import Register
from assets.explanation.sentences import RESTRICTED, Said, said
from assets.register.dated import dated
from assets.register.intervals import covering, last_begun, last_day_of_age, next_to_begin
from schemas.law.book import Law

_CHILD = "child_resident_code"
_GUARDIAN = "guardian_resident_code"
_SOURCE = ("delivery", "line_no")
GROUNDS = pl.Schema(
    {
        _CHILD: pl.String(),
        "day": pl.Date(),
        "place": pl.Int64(),
        "label": pl.String(),
        "code": pl.String(),
        "holds": pl.Boolean(),
        "sentence": pl.String(),
        "article": pl.String(),
        "parameter": pl.String(),
        "confirmed": pl.Boolean(),
        "feed": pl.String(),
        "delivery": pl.String(),
        "line_no": pl.Int64(),
    }
)
"""One requirement of a child on a day, in the order of the law; `code` is the 決定理由 it gives when missed."""


def on_day(eligibility: pl.DataFrame, day: date) -> pl.DataFrame:
    """The rows of ELIGIBILITY that cover `day`, with `day` and `unregistered_from_date`."""
    return _lapsed(eligibility).filter((pl.col("start_date") <= day) & (day < pl.col("end_date"))).with_columns(
        pl.lit(day).alias("day")
    )  # fmt: skip


def on_first_days(eligibility: pl.DataFrame) -> pl.DataFrame:
    """Every row of ELIGIBILITY with its first day as `day`, and `unregistered_from_date`."""
    return _lapsed(eligibility).with_columns(pl.col("start_date").alias("day"))


def _lapsed(eligibility: pl.DataFrame) -> pl.DataFrame:
    """`eligibility` with the day from which the child has been without a registration, where it is."""
    missing = pl.col("faults").str.split(" ").list.contains("11").fill_null(False)
    rows = eligibility.sort(_CHILD, "start_date").with_columns(missing.alias("missing"))
    begins = (pl.col("missing") != pl.col("missing").shift()).fill_null(True) | (
        pl.col(_CHILD) != pl.col(_CHILD).shift()
    ).fill_null(True)
    runs = rows.with_columns(begins.cum_sum().alias("run"))
    since = pl.when("missing").then(pl.col("start_date").first().over("run"))
    return runs.with_columns(since.alias("unregistered_from_date")).drop("missing", "run")


def grounds(rows: pl.DataFrame, register: Register, law: Law) -> pl.DataFrame:
    """GROUNDS of every row of `on_day` or `on_first_days`: each requirement on its day, met or missed."""
    found = _with_age(_with_restrictions(_with_schemes(_with_register(rows, register), register, law), register), law)
    told = _with_overrides(found, register)
    lines = [
        (row[_CHILD], row["day"], place, *_line(row, one))
        for row in told.iter_rows(named=True)
        for place, one in enumerate(said(row, law), start=1)
    ]
    return pl.DataFrame(lines, schema=GROUNDS, orient="row")


def _line(row: dict[str, object], one: Said) -> tuple[object, ...]:
    source = (row[f"{one.source}_{name}"] if one.source else None for name in _SOURCE)
    return (
        one.label,
        one.code,
        one.holds,
        one.sentence,
        one.article,
        one.parameter,
        one.confirmed,
        one.feed if one.source else None,
        *source,
    )


def _reads(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}_{name}" for name in (*names, *_SOURCE)}


def _with_register(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    """The stay and the registration that cover the day, the last and the next ones, and who the guardian is."""
    homes = register.residences.rename({"resident_code": _CHILD})
    asked = register.registration_periods.with_columns(
        pl.col("registered_from_date").alias("start_date"), pl.lit(None, dtype=pl.Date).alias("end_date")
    )
    found = covering(rows, "day", homes, _CHILD, _reads("home", "start_date"))
    found = last_begun(found, "day", homes, _CHILD, _reads("left", "end_date", "end_reason"))
    found = next_to_begin(found, "day", homes, _CHILD, _reads("coming", "start_date"))
    found = last_begun(found, "day", asked, _CHILD, _reads("registered", "begun_date"))
    found = next_to_begin(found, "day", asked, _CHILD, _reads("registering", "start_date"))
    stays = register.residences.rename({"resident_code": _GUARDIAN})
    found = last_begun(found, "day", stays, _GUARDIAN, _reads("parent", "end_date", "end_reason"))
    sources = (pl.col(name).alias(f"person_{name}") for name in _SOURCE)
    people = register.persons.select(pl.col("resident_code").alias(_GUARDIAN), "in_japan", *sources)
    births = register.persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    return found.join(people, on=_GUARDIAN, how="left", maintain_order="left").join(
        births, on=_CHILD, how="left", maintain_order="left"
    )


def _with_schemes(rows: pl.DataFrame, register: Register, law: Law) -> pl.DataFrame:
    schemes = register.schemes.rename({"resident_code": _CHILD})
    for code in law.table("exclusions.schemes_in_order")["value"].unique().sort():
        one = schemes.filter(pl.col("reason") == code)
        rows = covering(rows, "day", one, _CHILD, _reads(f"s{code}", "start_date", "end_date", "feed"))
    return rows


def _with_restrictions(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    for code in RESTRICTED:
        one = register.restrictions.filter(pl.col("reason") == code)
        rows = covering(rows, "day", one, _CHILD, _reads(f"r{code}", "feed"))
    return rows


def _with_age(rows: pl.DataFrame, law: Law) -> pl.DataFrame:
    """The last day of each age the law of the day names, from the child's birth date."""
    ages = {
        "age.inpatient_until_years": "inpatient",
        "age.outpatient_until_years": "outpatient",
        "age.school_entry_years": "preschool",
        "restriction.after_years": "unrestricted",
    }
    found = dated(rows, "day", law, {name: f"{age}_years" for name, age in ages.items()})
    return found.with_columns(
        last_day_of_age(pl.col("birth_date"), pl.col(f"{age}_years")).alias(f"{age}_last") for age in ages.values()
    )


def _with_overrides(rows: pl.DataFrame, register: Register) -> pl.DataFrame:
    """The override that stands on the day."""
    numbered = (
        facts.standing_overrides(register.overrides).with_row_index("row").with_columns(pl.col(_CHILD).alias("child"))
    )
    standing = facts.overridden(numbered).rename({"child": _CHILD, "outcome": "override"})
    sources = standing.join(numbered.select("row", *_SOURCE), on="row", maintain_order="left")
    return covering(rows, "day", sources, _CHILD, {"override": "override"} | _reads("override"))
