"""Who is entitled, from when to when, why and under which article.

Belongs here: the order of the requirements, the first one missed as the reason, and what an operator decided
over it. What each requirement rests on is in facts.py; certificates, changes and 別添1 have their own modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from assets.eligibility import facts
from assets.eligibility.facts import Sources, first_day_after_age
from assets.eligibility.timeline import Children, Days, begun, events, joined
from assets.register.dated import versions_on
from assets.register.intervals import last_day_of_age as last_eligible_day
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY

__all__ = ["OVERRIDDEN", "eligibility", "first_day_after_age", "last_eligible_day"]

_CHILD = "child_resident_code"
_LEFT = {"51": "02", "52": "02", "53": "03"}
"""住民でなくなった事由 → 決定理由; any other is 13 住民登録なし."""
_BEFORE_SCHEMES = ("02", "03", "13", "01", "14", "12")
_AFTER_SCHEMES = ("11", "09", "10", "15")
OVERRIDDEN = {"1": ("1", "00", "1"), "2": ("0", "99", "0"), "3": ("0", "16", "0")}
"""強制修正の内容 → (資格, 理由, 給付区分)."""


@dataclass(frozen=True)
class _Fault:
    """A requirement that may be missed: the reason it gives, on which days it is, and the row it rests on."""

    reason: str
    missed: pl.Expr
    row: pl.Expr


def _orders(law: Law) -> list[tuple[str, ...]]:
    """Every order of reasons the law has had: other schemes stand between guardian and registration."""
    table = law.table("exclusions.schemes_in_order")
    listed = table.group_by("from_date", maintain_order=True).agg("value").sort("from_date")["value"]
    return [(*_BEFORE_SCHEMES, *codes, *_AFTER_SCHEMES) for codes in listed]


def _faults(schemes: tuple[str, ...]) -> list[_Fault]:
    """Every requirement, over the facts of a day (rows by name, null where no period covers it)."""
    away = pl.col("home").is_null()
    left = pl.col("end_reason").replace_strict(_LEFT, default="13").fill_null("13")
    missing = pl.when(away).then("registered_if_home").otherwise("registered").is_null()
    either = pl.coalesce("dead", "unknown")
    return [
        *(_Fault(code, away & (left == code), pl.col("last_home")) for code in ("02", "03", "13")),
        _Fault("01", pl.col("inpatient").is_null(), pl.lit(None, dtype=pl.Int64)),
        _Fault("14", either.is_not_null(), either),
        _Fault("12", pl.col("abroad").is_not_null(), pl.col("abroad")),
        *(_Fault(code, pl.col(f"s{code}").is_not_null(), pl.col(f"s{code}")) for code in schemes),
        _Fault("11", missing, pl.col("asked")),
        *(_Fault(code, pl.col(f"r{code}").is_not_null(), pl.col(f"r{code}")) for code in ("09", "10", "15")),
    ]


def _judged(days: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`days` with reason (of the first fault in the order of the law on that day), faults and row."""
    faults = _faults(tuple(law.table("exclusions.schemes_in_order")["value"].unique().sort()))
    bits = [fault.missed.cast(pl.Int32) * (1 << place) for place, fault in enumerate(faults)]
    masked = versions_on(days.with_columns(reduce(or_, bits).alias("mask")), "start_date", _order_versions(law))
    said = _said(masked.select("mask", "from_date").unique(), [fault.reason for fault in faults], law)
    row = pl.col("registered")
    for fault in faults:
        row = pl.when(pl.col("reason") == fault.reason).then(fault.row).otherwise(row)
    told = masked.join(said, on=["mask", "from_date"], how="left", maintain_order="left")
    return told.with_columns(row.alias("row")).drop("mask", "from_date")


def _order_versions(law: Law) -> pl.DataFrame:
    return law.table("exclusions.schemes_in_order").select("from_date", "until_date").unique().sort("from_date")


def _said(masks: pl.DataFrame, codes: list[str], law: Law) -> pl.DataFrame:
    """(mask, from_date, reason, faults) of every combination that occurs."""
    orders = dict(zip(_order_versions(law)["from_date"], _orders(law), strict=True))
    rows = []
    for mask, since in masks.iter_rows():
        missed = {code for place, code in enumerate(codes) if mask >> place & 1}
        ordered = [code for code in orders[since] if code in missed]
        rows.append((mask, since, ordered[0] if ordered else "00", " ".join(ordered) or None))
    schema = masks.schema | {"reason": pl.String(), "faults": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _with_overrides(judged: pl.DataFrame) -> pl.DataFrame:
    """entitled, reason and benefit_class; where an operator decided, his, and ruled_reason keeps the rules'."""
    good = pl.col("reason") == "00"
    scope = pl.when(pl.col("outpatient").is_null()).then(pl.lit("2")).otherwise(pl.lit("1"))
    decided = pl.col("override").is_not_null()
    ruled = (
        pl.when(good).then(pl.lit("1")).otherwise(pl.lit("0")),
        pl.col("reason"),
        pl.when(good).then(scope).otherwise(pl.lit("0")),
    )
    outcome = pl.col("outcome")
    names = ("entitled", "reason", "benefit_class")
    said = [
        pl.when(decided).then(outcome.replace_strict(codes, return_dtype=pl.String)).otherwise(rule).alias(name)
        for name, rule, codes in zip(names, ruled, _by_column(), strict=True)
    ]
    return judged.with_columns(
        *said,
        pl.when(decided).then("reason").alias("ruled_reason"),
        pl.when(decided).then("override").otherwise("row").alias("row"),
    )


def _by_column() -> list[dict[str, str]]:
    return [{outcome: said[place] for outcome, said in OVERRIDDEN.items()} for place in range(3)]


def _with_article(said: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Each interval with the article of its reason on its first day."""
    articles = law.table("reasons.eligibility")
    versions = versions_on(said, "start_date", articles.select("from_date", "until_date"))
    texts = articles.select("from_date", pl.col("code").alias("reason"), "article")
    return versions.join(texts, on=["from_date", "reason"], how="left", maintain_order="left").drop("from_date")


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
        }
    )
    mine = {
        "homes": children.number(rows["residences"], "resident_code"),
        "schemes": children.number(rows["schemes"], "resident_code"),
        "restrictions": children.number(rows["restrictions"], _CHILD),
        "overrides": children.number(facts.standing_overrides(rows["overrides"]), _CHILD),
        "registrations": children.number(rows["registrations"], _CHILD)
        .join(children.frame.select("child", "birth_date"), on="child", maintain_order="left")
        .rename({"registered_from_date": "start_date"})
        .sort("child", "start_date"),
    }
    return _Table(rows | mine, sources)


def _periods(children: Children, table: _Table, law: Law) -> dict[str, pl.DataFrame]:
    """Every fact by name, as periods of a child."""
    rows = table.rows
    registered, if_home = facts.registered(rows["registrations"], rows["homes"], rows["schemes"], law)
    guardians = facts.guardians(rows["registrations"])
    stays = facts.guardian_stays(guardians, rows["persons"], rows["residences"])
    schemes = law.table("exclusions.schemes_in_order")["value"].unique().sort()
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
        **{f"s{code}": rows["schemes"].filter(pl.col("reason") == code) for code in schemes},
        **{f"r{code}": rows["restrictions"].filter(pl.col("reason") == code) for code in ("09", "10", "15")},
    }


def _days(children: Children, periods: Mapping[str, pl.DataFrame], table: _Table, law: Law) -> pl.DataFrame:
    """The turning days of every child with the row of each fact that stands on them."""
    told = {name: events(period.select(facts.PERIOD)) for name, period in periods.items()}
    last = {"last_home": begun(periods["home"].select(facts.PERIOD))}
    spans = pl.concat([periods[name].select("child", "start_date", "end_date") for name in ("inpatient", "outpatient")])
    spans = spans.group_by("child").agg(pl.col("start_date").min(), pl.col("end_date").max())
    amended = _order_versions(law)["from_date"][1:].to_list()
    cuts = [
        events(facts.ever(children.frame, pl.lit(0)).with_columns(pl.lit(day).alias("start_date"))) for day in amended
    ]
    days = Days.within(spans, [*told.values(), *last.values(), *cuts])
    return _with_rows(days.read(told | last), table, periods)


def _with_rows(days: pl.DataFrame, table: _Table, periods: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """`days` with end_reason of the last stay, the guardian asked for, and the outcome of the override."""
    stays = table.rows["residences"].select(pl.col("row").alias("last_home"), "end_reason")
    guardian = table.rows["registrations"].select(pl.col("row").alias("asked"), "guardian_resident_code")
    outcome = periods["override"].select(pl.col("row").alias("override"), "outcome").unique("override")
    read = [
        days.select(key).join(facts_of, on=key, how="left", maintain_order="left").drop(key)
        for facts_of, key in ((stays, "last_home"), (guardian, "asked"), (outcome, "override"))
    ]
    return pl.concat([days, *read], how="horizontal")


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
    named = merged.join(children.frame.select("child", pl.col("code").alias(_CHILD)), on="child", maintain_order="left")
    return pl.concat([named, table.sources.read(merged["row"])], how="horizontal").select(ELIGIBILITY.names)
