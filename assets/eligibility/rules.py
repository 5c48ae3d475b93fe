"""Who is entitled, from when to when, why and under which article.

Belongs here: the order of the requirements, the first one missed as the reason, and what an operator decided
over it. What each requirement rests on is in facts.py; certificates, changes and 別添1 have their own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from assets.eligibility import facts
from assets.eligibility.facts import Sources, first_day_after_age
from assets.eligibility.timeline import Children, Days, begun, events, joined, turning
from assets.register.dated import versions_on
from assets.register.intervals import last_day_of_age as last_eligible_day
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY

__all__ = ["OVERRIDDEN", "eligibility", "first_day_after_age", "last_eligible_day"]

_CHILD = "child_resident_code"
_SCHEMES = "exclusions.schemes_in_order"
_LEFT = {"51": "02", "52": "02", "53": "03"}
"""住民でなくなった事由 → 決定理由; any other is 13 住民登録なし."""
_BEFORE_SCHEMES = ("02", "03", "13", "01", "14", "12")
_AFTER_SCHEMES = ("11", "09", "10", "15")
OVERRIDDEN = {"1": ("1", "00", "1"), "2": ("0", "99", "0"), "3": ("0", "16", "0")}
"""強制修正の内容 → (資格, 理由, 給付区分)."""


@dataclass(frozen=True)
class _Fault:
    """A requirement that may be missed: the reason it gives, on which days it is, and the row it rests on, if any."""

    reason: str
    missed: pl.Expr
    row: pl.Expr | None


def _beside(rows: pl.DataFrame, told: pl.DataFrame, on: str | list[str]) -> pl.DataFrame:
    """`rows` in their order, each with what is told of it; null for nothing."""
    return rows.join(told, on=on, how="left", maintain_order="left")


def _schemes(law: Law) -> list[str]:
    """The reason of every scheme that has ever stood in the order of the law."""
    return law.table(_SCHEMES)["value"].unique().to_list()


def _orders(law: Law) -> dict[date, tuple[str, ...]]:
    """Every order of reasons the law has had, by its first day: schemes stand between guardian and registration."""
    listed = law.table(_SCHEMES).group_by("from_date").agg("value").sort("from_date")
    return {since: (*_BEFORE_SCHEMES, *codes, *_AFTER_SCHEMES) for since, codes in listed.iter_rows()}


def _faults(schemes: list[str]) -> list[_Fault]:
    """Every requirement, over the facts of a day (rows by name, null where no period covers it)."""
    away = pl.col("home").is_null()
    left = pl.col("end_reason").replace_strict(_LEFT, default="13")
    missing = pl.when(away).then("registered_if_home").otherwise("registered").is_null()
    either = pl.coalesce("dead", "unknown")
    return [
        *(_Fault(code, away & (left == code), pl.col("last_home")) for code in ("02", "03", "13")),
        _Fault("01", pl.col("inpatient").is_null(), None),
        _Fault("14", either.is_not_null(), either),
        _Fault("12", pl.col("abroad").is_not_null(), pl.col("abroad")),
        *(_Fault(code, pl.col(f"s{code}").is_not_null(), pl.col(f"s{code}")) for code in schemes),
        _Fault("11", missing, pl.col("asked")),
        *(_Fault(code, pl.col(f"r{code}").is_not_null(), pl.col(f"r{code}")) for code in ("09", "10", "15")),
    ]


def _judged(days: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`days` with reason (of the first fault in the order of the law on that day), faults and row."""
    faults = _faults(_schemes(law))
    bits = [fault.missed * (1 << place) for place, fault in enumerate(faults)]
    masked = versions_on(days.with_columns(reduce(or_, bits).alias("mask")), "start_date", law.table(_SCHEMES))
    said = _said(masked.select("mask", "from_date").unique(), [fault.reason for fault in faults], _orders(law))
    row = pl.col("registered")
    for fault in faults:
        row = pl.when(pl.col("reason") == fault.reason).then(fault.row).otherwise(row)
    told = _beside(masked, said, ["mask", "from_date"])
    return told.with_columns(row.alias("row")).drop("from_date")


def _said(masks: pl.DataFrame, codes: list[str], orders: dict[date, tuple[str, ...]]) -> pl.DataFrame:
    """(mask, from_date, reason, faults) of every combination that occurs."""
    places = {code: place for place, code in enumerate(codes)}
    missed = [[code for code in orders[since] if mask >> places[code] & 1] for mask, since in masks.iter_rows()]
    return masks.with_columns(
        pl.Series("reason", [said[0] if said else "00" for said in missed], pl.String),
        pl.Series("faults", [" ".join(said) or None for said in missed], pl.String),
    )


def _with_overrides(judged: pl.DataFrame) -> pl.DataFrame:
    """entitled, reason and benefit_class; where an operator decided, his, and ruled_reason keeps the rules'."""
    good = pl.col("reason") == "00"
    scope = pl.when(pl.col("outpatient").is_null()).then(pl.lit("2")).otherwise(pl.lit("1"))
    decided = pl.col("override").is_not_null()
    ruled = {
        "entitled": pl.when(good).then(pl.lit("1")).otherwise(pl.lit("0")),
        "reason": pl.col("reason"),
        "benefit_class": pl.when(good).then(scope).otherwise(pl.lit("0")),
    }
    said = []
    for place, (name, rule) in enumerate(ruled.items()):
        his = pl.col("outcome").replace_strict({code: outcome[place] for code, outcome in OVERRIDDEN.items()})
        said.append(pl.when(decided).then(his).otherwise(rule).alias(name))
    return judged.with_columns(
        *said,
        pl.when(decided).then("reason").alias("ruled_reason"),
        pl.when(decided).then("override").otherwise("row").alias("row"),
    )


def _with_article(said: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Each interval with the article of its reason on its first day."""
    articles = law.table("reasons.eligibility")
    texts = articles.select("from_date", pl.col("code").alias("reason"), "article")
    return _beside(versions_on(said, "start_date", articles), texts, ["from_date", "reason"])


@dataclass(frozen=True)
class _Table:
    """The register's rows of the children decided about, numbered, and where each row came from."""

    rows: Mapping[str, pl.DataFrame]
    sources: Sources


def _numbered(
    children: Children,
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registrations: pl.DataFrame,
    restrictions: pl.DataFrame,
    overrides: pl.DataFrame,
) -> _Table:
    def of(frame: pl.DataFrame, feed: str) -> pl.DataFrame:
        return frame.with_columns(pl.lit(feed).alias("feed"))

    sources, rows = Sources.of(
        {
            "persons": of(persons, "nonresidents"),
            "residences": of(residences, "residents"),
            "schemes": schemes,
            "registrations": of(registrations, "applications"),
            "restrictions": restrictions,
            "overrides": of(overrides, "overrides"),
        },
        said={"residences": "end_reason", "registrations": "guardian_resident_code", "overrides": "outcome"},
    )
    mine = {
        "homes": children.number(rows["residences"], "resident_code"),
        "schemes": children.number(rows["schemes"], "resident_code"),
        "restrictions": children.number(rows["restrictions"], _CHILD),
        "overrides": children.number(facts.standing_overrides(rows["overrides"]), _CHILD),
        "registrations": _beside(
            children.number(rows["registrations"], _CHILD), children.frame.select("child", "birth_date"), "child"
        ).rename({"registered_from_date": "start_date"}),
    }
    return _Table(rows | mine, sources)


def _periods(children: Children, table: _Table, law: Law) -> dict[str, pl.DataFrame]:
    """Every fact by name, as periods of a child."""
    rows = table.rows
    registered, if_home = facts.registered(rows["registrations"], rows["homes"], rows["schemes"], law)
    guardians = facts.guardians(rows["registrations"])
    stays = facts.guardian_stays(guardians, rows["persons"], rows["residences"])
    return {
        "inpatient": facts.of_age(children, law, "age.inpatient_until_years"),
        "outpatient": facts.of_age(children, law, "age.outpatient_until_years"),
        "home": rows["homes"],
        "asked": guardians,
        "unknown": facts.guardian_unknown(guardians, rows["persons"]),
        "dead": facts.guardian_dead(guardians, stays, law),
        "abroad": facts.guardian_abroad(guardians, stays),
        "registered": registered,
        "registered_if_home": if_home,
        "override": facts.overridden(rows["overrides"]),
        **{f"s{code}": rows["schemes"].filter(pl.col("reason") == code) for code in _schemes(law)},
        **{f"r{code}": rows["restrictions"].filter(pl.col("reason") == code) for code in ("09", "10", "15")},
    }


def _days(children: Children, periods: Mapping[str, pl.DataFrame], table: _Table, law: Law) -> pl.DataFrame:
    """The turning days of every child with the row of each fact that stands on them."""
    found = {name: events(period) for name, period in periods.items()} | {"last_home": begun(periods["home"])}
    told = dict(zip(found, pl.collect_all(list(found.values())), strict=True))
    spans = pl.concat([periods[name].select("child", "start_date", "end_date") for name in ("inpatient", "outpatient")])
    spans = spans.group_by("child").agg(pl.col("start_date").min(), pl.col("end_date").max())
    amended = [turning(children.frame, day) for day in list(_orders(law))[1:]]
    return _with_rows(Days.within(spans, [*told.values(), *amended]).read(told), table)


def _with_rows(days: pl.DataFrame, table: _Table) -> pl.DataFrame:
    """`days` with end_reason of the last stay, the guardian asked for, and the outcome of the override."""
    said = table.sources.said
    return days.with_columns(
        end_reason=said(days["last_home"]), guardian_resident_code=said(days["asked"]), outcome=said(days["override"])
    )


def eligibility(
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registrations: pl.DataFrame,
    restrictions: pl.DataFrame,
    overrides: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """ELIGIBILITY of every registered child from birth or the first day of the law book to the end of its ages.

    `registrations`: REGISTRATION_PERIODS; `overrides`: known rows of OVERRIDES; all under the person's number.
    The intervals are half open, do not overlap and leave no gap. A child the register does not know, or past its
    ages before the law book begins, has none. `faults`: every requirement missed, in the order of the law.
    """
    children = Children.of(registrations[_CHILD], persons)
    table = _numbered(children, persons, residences, schemes, registrations, restrictions, overrides)
    days = _days(children, _periods(children, table, law), table, law)
    judged = _with_article(_with_overrides(_judged(days, law)), law)
    same = ["entitled", "benefit_class", "reason", "article", "faults", "ruled_reason", "guardian_resident_code", "row"]
    merged = joined(judged.select("child", "start_date", "end_date", *same), same)
    named = _beside(merged, children.frame.select("child", pl.col("code").alias(_CHILD)), "child")
    return pl.concat([named, table.sources.read(merged["row"])], how="horizontal").select(ELIGIBILITY.names)
