"""Who is entitled, from when to when, why and under which article.

Belongs here: the tests of a day (residence, age, guardian, other schemes, registration), their order, and the
intervals they make. Certificates, letters' changes and 別添1 are read off the intervals in their own modules.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.eligibility.annex1 import annex1_register
from assets.eligibility.reading import certificates, changes
from assets.register.dated import dated
from assets.register.intervals import covering, last_begun, last_day_of_age, merged, next_to_begin
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY

__all__ = [
    "annex1_register",
    "certificates",
    "changes",
    "eligibility",
    "first_day_after_age",
    "last_eligible_day",
]

_CHILD = "child_resident_code"
_LEFT = {"51": "02", "52": "02", "53": "03"}
"""住民でなくなった事由 → 決定理由; any other is 13 住民登録なし."""
_ABROAD = "52"
_DECIDER = ("feed", "delivery", "line_no")


def last_eligible_day(birth_date: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """The last day of age: 31 March on or after the day `years` are reached. Source: 条例 (対象者), 民法143条2項."""
    return last_day_of_age(birth_date, years)


def first_day_after_age(birth_date: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """1 April after the last day of age."""
    return last_eligible_day(birth_date, years).dt.offset_by("1d")


def _of_age(registrations: pl.DataFrame, persons: pl.DataFrame, law: Law) -> pl.DataFrame:
    """(child, start_date, end_date) of each registered child and each age limit the law has had."""
    limits = law.table("age.entitled_until_years").select("from_date", "until_date", pl.col("value").alias("years"))
    births = persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    children = registrations.select(_CHILD).unique().join(births, on=_CHILD)
    return (
        children.join(limits, how="cross")
        .select(
            _CHILD,
            pl.max_horizontal("birth_date", "from_date").alias("start_date"),
            pl.min_horizontal(first_day_after_age(pl.col("birth_date"), pl.col("years")), "until_date").alias(
                "end_date"
            ),
        )
        .filter(pl.col("start_date") < pl.col("end_date"))
    )


def _residence(residences: pl.DataFrame) -> pl.DataFrame:
    return residences.rename({"resident_code": _CHILD}).with_columns(pl.lit("residents").alias("feed"))


def _schemes(schemes: pl.DataFrame) -> pl.DataFrame:
    return schemes.rename({"resident_code": _CHILD})


def _registered(registrations: pl.DataFrame, residences: pl.DataFrame, schemes: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Registrations as periods: until the child's next one, or until the child leaves the city.

    Where the law says so, until another scheme begins.
    """
    begun = registrations.sort(_CHILD, "registered_from_date").with_columns(
        pl.col("registered_from_date").alias("start_date"),
        pl.col("registered_from_date").shift(-1).over(_CHILD).alias("next_date"),
        pl.lit("applications").alias("feed"),
        pl.col("registered_from_date").dt.offset_by("1d").alias("day_after"),
    )
    moved = dated(schemes, "start_date", law, {"registration.ends_when_other_scheme_begins": "ends"}).filter("ends")
    losses = pl.concat(
        [
            residences.filter(pl.col("end_date").is_not_null()).select(_CHILD, pl.col("end_date").alias("start_date")),
            moved.select(_CHILD, "start_date"),
        ]
    ).with_columns(pl.lit(None, dtype=pl.Date).alias("end_date"), pl.col("start_date").alias("lost"))
    ended = next_to_begin(begun, "day_after", losses, _CHILD, {"lost": "lost_date"})
    return ended.with_columns(pl.min_horizontal("next_date", "lost_date").alias("end_date"))


def _guardians_abroad(persons: pl.DataFrame, residences: pl.DataFrame, guardians: pl.Series) -> pl.DataFrame:
    """Periods without a residence in Japan, by guardian_resident_code: after a move abroad until the return to
    the city; for who lives outside the city, for as long as 住登外 says so. 名寄せ先 counts as the same person."""
    people = persons.filter(pl.col("resident_code").is_in(guardians.implode())).select(
        pl.col("resident_code").alias("guardian_resident_code"),
        pl.coalesce("same_person_code", "resident_code").alias("resident_code"),
        "in_japan",
        *(pl.col(name).alias(f"person_{name}") for name in ("delivery", "line_no")),
    )
    stays = people.join(residences, on="resident_code", how="left").sort("guardian_resident_code", "start_date")
    back = pl.col("start_date").shift(-1).over("guardian_resident_code")
    left = pl.col("end_reason") == _ABROAD
    told = (
        back.is_null()
        & (pl.col("in_japan") == "0")
        & (pl.col("end_date").is_not_null() | pl.col("start_date").is_null())
    )
    away = stays.with_columns(back.alias("back_date"), left.fill_null(False).alias("left")).filter(
        pl.col("left") | told
    )
    return away.select(
        "guardian_resident_code",
        pl.col("end_date").fill_null(date(1900, 1, 1)).alias("start_date"),
        pl.col("back_date").alias("end_date"),
        pl.when("left").then(pl.lit("residents")).otherwise(pl.lit("nonresidents")).alias("feed"),
        pl.when("left").then("delivery").otherwise("person_delivery").alias("delivery"),
        pl.when("left").then("line_no").otherwise("person_line_no").alias("line_no"),
    )


def _boundaries(spans: pl.DataFrame, periods: list[pl.DataFrame]) -> pl.DataFrame:
    """(child, start_date, end_date): every span cut at every start and end that falls inside it."""
    bounds = [
        period.select(_CHILD, pl.col(bound).alias("start_date"))
        for period in periods
        for bound in ("start_date", "end_date")
    ]
    cut = (
        pl.concat([spans.select(_CHILD, "start_date"), *bounds])
        .unique()
        .join(spans.rename({"start_date": "first", "end_date": "last"}), on=_CHILD)
    )
    inside = cut.filter(pl.col("start_date").is_between("first", "last", closed="left")).sort(_CHILD, "start_date")
    following = pl.col("start_date").shift(-1).over(_CHILD)
    return inside.select(_CHILD, "start_date", following.fill_null(pl.col("last")).alias("end_date"))


def _reads(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}_{name}" for name in (*names, *_DECIDER)}


def _fault(holds: pl.Expr, reason: pl.Expr, prefix: str | None) -> tuple[pl.Expr, pl.Expr]:
    """(a test that fails, what it says: the reason and the row that decided it)."""
    decider = (
        [pl.col(f"{prefix}_{name}").alias(name) for name in _DECIDER]
        if prefix
        else [
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in zip(_DECIDER, (pl.String, pl.String, pl.Int64), strict=True)
        ]
    )
    return holds, pl.struct(reason.alias("reason"), *decider)


def _first(tests: list[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    said = otherwise
    for fails, words in reversed(tests):
        said = pl.when(fails).then(words).otherwise(said)
    return said


def _tested(days: pl.DataFrame, order: tuple[str, ...]) -> pl.DataFrame:
    """Each interval with reason and decider of the first test that fails: residence, age, guardian, other
    schemes in their order, registration; 00 and the registration where none does."""
    left = pl.col("left_end_reason").replace_strict(_LEFT, default="13").fill_null("13")
    tests = [
        _fault(pl.col("home_feed").is_null(), left, "left"),
        _fault(pl.col("of_age").is_null(), pl.lit("01"), None),
        _fault(~pl.col("guardian_known"), pl.lit("14"), "last"),
        _fault(pl.col("abroad_feed").is_not_null(), pl.lit("12"), "abroad"),
        *(_fault(pl.col(f"s{code}_feed").is_not_null(), pl.lit(code), f"s{code}") for code in order),
        _fault(pl.col("registered_feed").is_null(), pl.lit("11"), "last"),
    ]
    entitled = _fault(pl.lit(True), pl.lit("00"), "registered")[1]
    return days.with_columns(_first(tests, entitled).alias("said")).unnest("said")


def _facts(
    days: pl.DataFrame,
    windows: pl.DataFrame,
    homes: pl.DataFrame,
    others: pl.DataFrame,
    registered: pl.DataFrame,
    order: tuple[str, ...],
) -> pl.DataFrame:
    """Each interval with what covers its first day."""
    facts = covering(days, "start_date", windows.with_columns(pl.lit(True).alias("yes")), _CHILD, {"yes": "of_age"})
    facts = covering(facts, "start_date", homes, _CHILD, _reads("home"))
    facts = last_begun(facts, "start_date", homes, _CHILD, _reads("left", "end_reason"))
    for code in order:
        facts = covering(facts, "start_date", others.filter(pl.col("reason") == code), _CHILD, _reads(f"s{code}"))
    facts = covering(facts, "start_date", registered, _CHILD, _reads("registered"))
    guardian = {"guardian_resident_code": "guardian_resident_code"}
    facts = last_begun(facts, "start_date", registered, _CHILD, guardian | _reads("last"))
    coming = {name: f"coming_{name}" for name in ("guardian_resident_code", *_DECIDER)}
    facts = next_to_begin(facts, "start_date", registered, _CHILD, coming)
    return facts.with_columns(
        pl.coalesce("guardian_resident_code", "coming_guardian_resident_code").alias("guardian_resident_code"),
        *(
            pl.when(pl.col("last_feed").is_null())
            .then(f"coming_{name}")
            .otherwise(f"last_{name}")
            .alias(f"last_{name}")
            for name in _DECIDER
        ),
    )


def _with_article(said: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Each interval with the article of its reason on its first day."""
    articles = law.table("reasons.eligibility").select(
        "from_date", "until_date", pl.col("code").alias("reason"), "article"
    )
    found = said.join(articles, on="reason").filter(
        (pl.col("start_date") >= pl.col("from_date"))
        & (pl.col("until_date").is_null() | (pl.col("start_date") < pl.col("until_date")))
    )
    return found.with_columns(
        pl.when(pl.col("reason") == "00").then(pl.lit("1")).otherwise(pl.lit("0")).alias("entitled")
    )


def _abroad_of_children(abroad: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    pairs = registered.select(_CHILD, "guardian_resident_code").unique()
    return pairs.join(abroad, on="guardian_resident_code").select(_CHILD, "start_date", "end_date")


def eligibility(
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registrations: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """ELIGIBILITY of every registered child from birth or the first day of the law book to the end of its age.

    `registrations`: REGISTRATIONS, or REGISTRATION_PERIODS for the history of registrations and guardians; a row
    stands from its registered_from_date until the child's next one. The intervals are half open, do not overlap
    and leave no gap. A child the register does not know, or past its age, has none.
    """
    order = _precedence(law)
    windows, homes, others = _of_age(registrations, persons, law), _residence(residences), _schemes(schemes)
    registered = _registered(registrations, homes, others, law)
    abroad = _guardians_abroad(persons, residences, registrations["guardian_resident_code"].unique())
    spans = windows.group_by(_CHILD).agg(pl.col("start_date").min(), pl.col("end_date").max())
    cuts = [windows, homes, others, registered, _abroad_of_children(abroad, registered)]
    facts = _facts(_boundaries(spans, cuts), windows, homes, others, registered, order)
    facts = covering(facts, "start_date", abroad, "guardian_resident_code", _reads("abroad"))
    known = pl.col("guardian_resident_code").is_in(persons["resident_code"].implode())
    said = _with_article(_tested(facts.with_columns(known.fill_null(False).alias("guardian_known")), order), law)
    same = [name for name in ELIGIBILITY.names if name not in ("start_date", "end_date")]
    return merged(said.select(ELIGIBILITY.names), same)


def _precedence(law: Law) -> tuple[str, ...]:
    """Other schemes in the order in which one gives the reason. Source: exclusions.schemes_in_order."""
    return tuple(
        law.table("exclusions.schemes_in_order")
        .sort("from_date", maintain_order=True)["value"]
        .unique(maintain_order=True)
    )
