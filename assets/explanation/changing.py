"""What would change a refusal: the smallest set of facts, and the register with exactly these laid into it.

Belongs here: from the requirements a child misses on a day to the facts that would meet them, and those facts as
rows. Does not belong here: deciding (rules.py) and the words of an explanation (grounds.py).
Nothing made here is ever published: it answers "what if".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import polars as pl

from assets.eligibility.deciding import Register
from assets.eligibility.facts import standing_overrides
from assets.eligibility.restrictions import restrictions
from assets.explanation.sentences import NEVER, judged_year
from assets.register.dated import dated
from assets.register.intervals import covering, last_begun, next_to_begin, year_end
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.register import MEANS, PERSONS, REGISTRATION_PERIODS, RESIDENCES

_CHILD = "child_resident_code"
_GUARDIAN = "guardian_resident_code"
WANTED = pl.Schema({_CHILD: pl.String(), "day": pl.Date(), "fact": pl.String(), "code": pl.String()})
"""One fact a child would need on a day, and the 決定理由 it answers."""

_FACTS: Final = {
    "02": "residence",
    "03": "residence",
    "13": "residence",
    "01": "birth",
    "14": "guardian",
    "12": "abroad",
    "11": "registration",
}
"""決定理由 → fact; that of another scheme is its code, those of 09, 10 and 15 depend on what is known."""
_MEANS_CODES = ("09", "10", "15")
_STAND_IN = "想定の受給資格者"
"""A guardian who is known and lives in Japan; no resident code, so nobody's."""


def what_would_change(rows: pl.DataFrame, register: Register, law: Law) -> pl.DataFrame:
    """WANTED: for each refusal of `rows` (ELIGIBILITY with `day`, a day inside it) every fact it needs.

    All of them make the child entitled on that day; leaving one out does not. 01 asks for another birth date.
    """
    refused = rows.filter(pl.col("entitled") == "0")
    faults = (
        refused.drop_nulls("faults")
        .select(_CHILD, "day", pl.col("faults").str.split(" ").alias("code"))
        .explode("code")
    )
    means = pl.col("code").is_in(_MEANS_CODES)
    plain = faults.filter(~means).with_columns(pl.col("code").replace(_FACTS).alias("fact"))
    ruled = refused.filter(pl.col("ruled_reason").is_not_null()).select(
        _CHILD, "day", pl.lit("override").alias("fact"), pl.col("reason").alias("code")
    )
    parts = [plain, ruled, _means_wanted(faults.filter(means), register, law)]
    return pl.concat([part.select(WANTED.names()) for part in parts]).unique(
        [_CHILD, "day", "fact"], keep="first", maintain_order=True
    )


def _means_wanted(faults: pl.DataFrame, register: Register, law: Law) -> pl.DataFrame:
    """Of children under a restriction: income within the limit, no arrears, or both, by the mode of the day."""
    asked = faults.group_by(_CHILD, "day", maintain_order=True).agg(
        pl.col("code").first(), (pl.col("code") == "09").any().alias("over")
    )
    parents = _parents(asked.select(_CHILD, "day"), register, law)
    told = parents.group_by(_CHILD, "day").agg(
        pl.col("over_limit").is_null().any().alias("income_unknown"),
        pl.col("in_arrears").ne_missing(pl.lit("0")).any().alias("owing"),
    )
    known = dated(asked.join(told, on=[_CHILD, "day"], maintain_order="left"), "day", law, {"restriction.mode": "mode"})
    either = pl.col("mode") == "income_or_arrears"
    wanted = {"income": either & (pl.col("over") | pl.col("income_unknown")), "arrears": ~either | pl.col("owing")}
    return pl.concat(known.filter(needed).with_columns(pl.lit(fact).alias("fact")) for fact, needed in wanted.items())


def _parents(asked: pl.DataFrame, register: Register, law: Law) -> pl.DataFrame:
    """Guardian and spouse of each (child, day) with the judged year and what MEANS says; null where nothing."""
    reads = {name: name for name in (_GUARDIAN, "spouse_resident_code")}
    held = covering(asked, "day", register.guardians, _CHILD, reads)
    parents = held.unpivot(list(reads), index=[_CHILD, "day"], value_name="resident_code").drop_nulls("resident_code")
    years = pl.DataFrame(
        [(day, judged_year(day, law).first) for day in asked["day"].unique()],
        schema={"day": pl.Date, "year_from_date": pl.Date},
        orient="row",
    )
    seen = register.means.select("resident_code", "year_from_date", "over_limit", "in_arrears")
    return parents.join(years, on="day").join(seen, on=["resident_code", "year_from_date"], how="left")


def with_facts(register: Register, facts: pl.DataFrame, law: Law) -> Register:
    """The register with exactly these facts (WANTED; one day per child) as if they had been known."""
    for fact, lay in _LAID.items():
        asked = facts.filter(pl.col("fact") == fact).select(_CHILD, "day")
        if not asked.is_empty():
            register = lay(register, asked, law)
    schemes = facts.filter(~pl.col("fact").is_in([*_LAID, "income", "arrears"]))
    return _with_means(_without_schemes(register, schemes), facts, law)


def with_the_unregistered(register: Register, children: pl.Series) -> Register:
    """The register in which these children, if nobody ever applied for them, will be registered one day (NEVER).

    So the rules say of them what they say of everybody: residence, age, other schemes, and 11 未申請.
    """
    asked = children.unique().to_frame(_CHILD).join(register.registration_periods, on=_CHILD, how="anti")
    if asked.is_empty():
        return register
    never = (pl.lit(NEVER).alias(name) for name in ("registered_from_date", "begun_date"))
    rows = asked.with_columns(*never, pl.lit(_STAND_IN).alias(_GUARDIAN))
    return replace(
        register,
        registration_periods=pl.concat([register.registration_periods, _rows(REGISTRATION_PERIODS, rows)]),
        persons=_with_stand_in(register.persons),
    )


def _with_stand_in(persons: pl.DataFrame) -> pl.DataFrame:
    somebody = _rows(PERSONS, pl.DataFrame({"resident_code": [_STAND_IN], "in_japan": ["1"]}))
    return pl.concat([persons, somebody]).unique("resident_code", keep="first", maintain_order=True)


def _rows(record: Record, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` in the shape of a record; what it does not say is null."""
    missing = [name for name in record.names if name not in frame.columns]
    return frame.with_columns(pl.lit(None, dtype=record.schema[name]).alias(name) for name in missing).select(
        record.names
    )


def _at_home(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """The child lives in the city without a break from its first stay up to the day."""
    stays = register.residences.join(asked, left_on="resident_code", right_on=_CHILD, how="left", maintain_order="left")
    earlier = (pl.col("start_date") <= pl.col("day")).fill_null(False)
    first = stays.filter(earlier).group_by("resident_code").agg(pl.col("start_date").min())
    unbroken = asked.rename({_CHILD: "resident_code"}).join(first, on="resident_code", how="left")
    unbroken = unbroken.with_columns(
        pl.coalesce("start_date", "day").alias("start_date"), pl.col("day").dt.offset_by("1d").alias("end_date")
    )
    kept = stays.filter(~earlier).select(RESIDENCES.names)
    return replace(register, residences=pl.concat([kept, _rows(RESIDENCES, unbroken)]).sort(RESIDENCES.key))


def _of_age(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """The child is born on the earliest day that still falls within the age of the day."""
    years = dated(asked, "day", law, {"age.inpatient_until_years": "years"})
    born = years.select(
        pl.col(_CHILD).alias("resident_code"),
        pl.date(year_end(pl.col("day")).dt.year() - pl.col("years") - 1, 4, 2).alias("born"),
    )
    people = register.persons.join(born, on="resident_code", how="left", maintain_order="left")
    return replace(
        register, persons=people.with_columns(pl.coalesce("born", "birth_date").alias("birth_date")).drop("born")
    )


def _standing_registrations(register: Register, asked: pl.DataFrame) -> pl.DataFrame:
    """`asked` with registered_from_date of the registration whose guardian counts: the last begun, else the first."""
    begun = register.registration_periods.with_columns(
        pl.col("registered_from_date").alias("start_date"), pl.lit(None, dtype=pl.Date).alias("end_date")
    )
    found = last_begun(asked, "day", begun, _CHILD, {"registered_from_date": "begun"})
    found = next_to_begin(found, "day", begun, _CHILD, {"registered_from_date": "coming"})
    return found.select(_CHILD, "day", pl.coalesce("begun", "coming").alias("registered_from_date"))


def _with_guardian(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """A guardian who is known and lives in Japan takes the place of the one of that day."""
    standing = _standing_registrations(register, asked).with_columns(pl.lit(True).alias("replaced"))
    rows = register.registration_periods.join(
        standing.drop("day"), on=[_CHILD, "registered_from_date"], how="left", maintain_order="left"
    )
    guardian = pl.when("replaced").then(pl.lit(_STAND_IN)).otherwise(_GUARDIAN)
    return replace(
        register,
        registration_periods=rows.with_columns(guardian.alias(_GUARDIAN)).drop("replaced"),
        persons=_with_stand_in(register.persons),
    )


def _guardian_home(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """The guardian lives in the city on that day."""
    standing = _standing_registrations(register, asked)
    guardians = standing.join(register.registration_periods, on=[_CHILD, "registered_from_date"])
    stays = guardians.select(
        pl.col(_GUARDIAN).alias("resident_code"),
        pl.col("day").alias("start_date"),
        pl.col("day").dt.offset_by("1d").alias("end_date"),
    ).unique()
    return replace(register, residences=pl.concat([register.residences, _rows(RESIDENCES, stays)]).sort(RESIDENCES.key))


def _registered(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """The guardian of that day registers the child with effect from it."""
    standing = _standing_registrations(register, asked)
    filed = standing.join(register.registration_periods, on=[_CHILD, "registered_from_date"]).with_columns(
        pl.col("day").alias("registered_from_date"), pl.col("day").alias("begun_date")
    )
    rows = pl.concat([register.registration_periods, filed.select(REGISTRATION_PERIODS.names)])
    one_a_day = rows.unique(REGISTRATION_PERIODS.key, keep="last", maintain_order=True)
    return replace(register, registration_periods=one_a_day.sort(REGISTRATION_PERIODS.key))


def _without_overrides(register: Register, asked: pl.DataFrame, law: Law) -> Register:
    """Every override of the child that covers the day is withdrawn."""
    stands = standing_overrides(register.overrides)
    covers = (pl.col("start_date") <= pl.col("day")) & (
        pl.col("end_date").is_null() | (pl.col("day") < pl.col("end_date"))
    )
    dropped = stands.join(asked, on=_CHILD).filter(covers)
    return replace(register, overrides=register.overrides.join(dropped, on="override_no", how="anti"))


def _without_schemes(register: Register, wanted: pl.DataFrame) -> Register:
    """The other schemes of `wanted` (fact: their code) have ended by the day."""
    ended = wanted.select(pl.col(_CHILD).alias("resident_code"), pl.col("fact").alias("reason"), "day")
    rows = register.schemes.join(ended, on=["resident_code", "reason"], how="left", maintain_order="left")
    covers = (pl.col("start_date") <= pl.col("day")) & (
        pl.col("end_date").is_null() | (pl.col("day") < pl.col("end_date"))
    )
    end = pl.when(covers).then("day").otherwise("end_date").alias("end_date")
    kept = rows.with_columns(end).filter(pl.col("end_date").is_null() | (pl.col("start_date") < pl.col("end_date")))
    return replace(register, schemes=kept.drop("day"))


def _with_means(register: Register, facts: pl.DataFrame, law: Law) -> Register:
    """Both parents' income is within the limit, or both owe nothing, in the judged year of the day."""
    wanted = facts.filter(pl.col("fact").is_in(["income", "arrears"]))
    if wanted.is_empty():
        return register
    of = {fact: pl.col("fact") == fact for fact in ("income", "arrears")}
    asked = wanted.group_by(_CHILD, "day").agg(*(said.any().alias(fact) for fact, said in of.items()))
    parents = _parents(asked.select(_CHILD, "day"), register, law).join(asked, on=[_CHILD, "day"])
    laid = parents.group_by("resident_code", "year_from_date").agg(pl.col("income").any(), pl.col("arrears").any())
    means = _means_laid(register.means, laid)
    return replace(register, means=means, restrictions=restrictions(register.guardians, register.persons, means, law))


def _means_laid(means: pl.DataFrame, laid: pl.DataFrame) -> pl.DataFrame:
    """MEANS with income 0 and no arrears where `laid` says so; a person without a row gets one."""
    rows = means.join(laid, on=["resident_code", "year_from_date"], how="full", coalesce=True)
    no, nothing = pl.lit("0"), pl.lit(0, dtype=pl.Int64)
    return rows.with_columns(
        pl.when("income").then(nothing).otherwise("income_yen").alias("income_yen"),
        pl.when("income").then(no).otherwise("over_limit").alias("over_limit"),
        pl.when("arrears").then(no).otherwise("in_arrears").alias("in_arrears"),
        pl.col("tax_year").fill_null(pl.col("year_from_date").dt.year()),
    ).select(MEANS.names)


_LAID: Final[dict[str, Callable[[Register, pl.DataFrame, Law], Register]]] = {
    "residence": _at_home,
    "birth": _of_age,
    "guardian": _with_guardian,
    "abroad": _guardian_home,
    "registration": _registered,
    "override": _without_overrides,
}
"""How each fact is laid, in this order: a registration takes the guardian laid before it."""
