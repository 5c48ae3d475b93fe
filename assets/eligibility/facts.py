"""What entitlement rests on, as periods of a child: residence, age, guardian, other schemes, registration.

Belongs here: from when to when each requirement is met or missed, and by which row. Each function returns
(child, start_date, end_date, row), where `row` is a line of the Sources. Does not belong here: their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.eligibility.timeline import Children
from assets.register.dated import dated
from assets.register.intervals import following, last_day_of_age, next_to_begin
from schemas.law.book import Law

PERIOD = ("child", "start_date", "end_date", "row")
_ABROAD, _DEATH = "52", "53"
_FAR = date(9999, 12, 31)


@dataclass(frozen=True)
class Sources:
    """Every row a decision can rest on: (row, feed, delivery, line_no), and what it `said`."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, tables: dict[str, pl.DataFrame], said: dict[str, str]) -> tuple[Sources, dict[str, pl.DataFrame]]:
        """The tables' sources under one numbering, and the tables with their `row`. `said`: a column by table."""
        numbered, parts, first = {}, [], 0
        for name, table in tables.items():
            numbered[name] = table.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("row"))
            word = pl.col(said[name]) if name in said else pl.lit(None, dtype=pl.String)
            line_no = pl.col("line_no").cast(pl.Int64)
            parts.append(numbered[name].select("row", "feed", "delivery", line_no, word.alias("said")))
            first += table.height
        return cls(pl.concat(parts)), numbered

    def read(self, rows: pl.Series) -> pl.DataFrame:
        """feed, delivery and line_no of each row; null for none."""
        return self.frame.select(pl.col("feed", "delivery", "line_no").gather(rows))

    def said(self, rows: pl.Series) -> pl.Series:
        """What each row said; null for none."""
        return self.frame["said"].gather(rows)


def first_day_after_age(birth_date: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """1 April after the last day of age: 31 March on or after the day `years` are reached. Source: 民法143条2項."""
    return last_day_of_age(birth_date, years).dt.offset_by("1d")


def of_age(children: Children, law: Law, parameter: str) -> pl.DataFrame:
    """When each child is within an age limit, for each version of it. Source: 条例（対象者）."""
    limits = law.table(parameter).select("from_date", "until_date", pl.col("value").alias("years"))
    over = first_day_after_age(pl.col("birth_date"), pl.col("years"))
    born = children.frame.lazy().select("child", "birth_date")
    within = (
        born.select("birth_date")
        .unique()
        .join(limits.lazy(), how="cross")
        .select(
            "birth_date",
            pl.max_horizontal("birth_date", "from_date").alias("start_date"),
            pl.min_horizontal(over, "until_date").alias("end_date"),
            pl.lit(0, dtype=pl.Int64).alias("row"),
        )
        .filter(pl.col("start_date") < pl.col("end_date"))
    )
    return born.join(within, on="birth_date").select(PERIOD).collect()


def _flag_windows(law: Law, parameter: str) -> pl.DataFrame:
    """(open_from, open_until) of each version of a flag that is true."""
    return law.table(parameter).filter("value").select(
        pl.col("from_date").alias("open_from"), pl.col("until_date").fill_null(_FAR).alias("open_until")
    )  # fmt: skip


def _entry_date(law: Law) -> pl.Expr:
    """1 April of entry into school, by the version of the law that stands on that day; null before the law book."""
    found = pl.lit(None, dtype=pl.Date)
    versions = law.table("age.school_entry_years").select("from_date", "until_date", "value")
    for since, until, years in versions.iter_rows():
        entry = first_day_after_age(pl.col("birth_date"), years)
        stands = (entry >= since) & (pl.lit(True) if until is None else entry < until)
        found = pl.when(stands).then(entry).otherwise(found)
    return found


def _school_entry(begun: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`begun` with entry_date, and entry_end: the entry into school that ends the registration, or null."""
    births = begun.select("birth_date").unique().with_columns(_entry_date(law).alias("entry_date"))
    entries = dated(births, "entry_date", law, {"registration.ends_at_school_entry": "ends"})
    asked = begun.join(entries, on="birth_date", how="left", maintain_order="left")
    after = pl.col("ends").fill_null(False) & (pl.col("entry_date") > pl.col("begun_date"))
    return asked.with_columns(pl.when(after).then("entry_date").alias("entry_end")).drop("ends")


def _octobers(law: Law, last_year: int) -> pl.Series:
    """Every 1 October on which renewal is asked for, to the first one after `last_year`; then null."""
    windows = _flag_windows(law, "registration.ends_every_october")
    days = [
        date(year, 10, 1)
        for opens, closes in windows.iter_rows()
        for year in range(opens.year, min(closes.year, max(opens.year, last_year) + 1) + 1)
        if opens <= date(year, 10, 1) < closes
    ]
    return pl.Series([*sorted(days), None], dtype=pl.Date)


def _october(begun: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`begun` with october_end: the first 1 October after it began, of a pupil, on which renewal is asked for."""
    first = begun.select(pl.max_horizontal(pl.col("begun_date").dt.offset_by("1d"), "entry_date")).to_series()
    octobers = _octobers(law, first.dt.year().max() or 0)  # type: ignore[arg-type]
    place = octobers.drop_nulls().search_sorted(first)
    return begun.with_columns(octobers.gather(place).alias("october_end"))


def registered(
    registrations: pl.DataFrame, homes: pl.DataFrame, others: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(when each registration stands; when it would stand had the child never left the city).

    It ends with the child's next one, entry into school, the October renewal, where the law says so another
    scheme, and with leaving the city. A change of guardian goes on with the registration begun on begun_date: where
    that has ended it begins nothing.
    """
    ordered = registrations.select("child", "start_date", "begun_date", "birth_date", "row").sort("child", "start_date")
    begun = ordered.with_columns(
        following("child", "start_date").alias("next_date"), pl.col("begun_date").dt.offset_by("1d").alias("day_after")
    )
    begun = _october(_school_entry(begun, law), law)
    moved = dated(others, "start_date", law, {"registration.ends_when_other_scheme_begins": "ends"}).filter("ends")
    begun = _first_after(begun, moved.select("child", pl.col("start_date").alias("lost")), "scheme_end")
    left = homes.filter(pl.col("end_date").is_not_null()).select("child", pl.col("end_date").alias("lost"))
    begun = _first_after(begun, left, "left_end")
    ends = ("next_date", "entry_end", "october_end", "scheme_end")
    return _lasting(begun, pl.min_horizontal(*ends, "left_end")), _lasting(begun, pl.min_horizontal(*ends))


def _lasting(begun: pl.DataFrame, end: pl.Expr) -> pl.DataFrame:
    periods = begun.with_columns(end.alias("end_date")).select(PERIOD)
    return periods.filter(pl.col("end_date").is_null() | (pl.col("start_date") < pl.col("end_date")))


def _first_after(begun: pl.DataFrame, losses: pl.DataFrame, name: str) -> pl.DataFrame:
    if losses.is_empty():
        return begun.with_columns(pl.lit(None, dtype=pl.Date).alias(name))
    periods = losses.with_columns(pl.col("lost").alias("start_date"), pl.lit(None, dtype=pl.Date).alias("end_date"))
    return next_to_begin(begun, "day_after", periods, "child", {"lost": name})


def guardians(registrations: pl.DataFrame) -> pl.DataFrame:
    """Whose child it is: each registration's guardian until the next one, the first one's from ever."""
    ordered = registrations.select("child", "start_date", "row", "guardian_resident_code").sort("child", "start_date")
    first = (pl.col("child") != pl.col("child").shift()).fill_null(True)
    return ordered.select(
        "child",
        pl.when(~first).then("start_date").alias("start_date"),
        following("child", "start_date").alias("end_date"),
        "row",
        "guardian_resident_code",
    )


def guardian_unknown(guardians: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """When the guardian is not in the register of persons."""
    known = persons.select(pl.col("resident_code").alias("guardian_resident_code"))
    return guardians.join(known, on="guardian_resident_code", how="anti").select(PERIOD)


def guardian_stays(guardians: pl.DataFrame, persons: pl.DataFrame, residences: pl.DataFrame) -> pl.DataFrame:
    """The stays in the city of each guardian who ever left it or is not in Japan, with in_japan and the start of the
    next stay; one null stay for none."""
    ended = residences.filter(pl.col("end_date").is_not_null())["resident_code"].unique().implode()
    away = persons.filter((pl.col("in_japan") == "0") | pl.col("resident_code").is_in(ended))
    people = away.select(
        pl.col("resident_code").alias("guardian_resident_code"), "in_japan", pl.col("row").alias("person_row")
    ).join(guardians.select("guardian_resident_code").unique(), on="guardian_resident_code", how="semi")
    stays = residences.rename({"resident_code": "guardian_resident_code"})
    both = people.join(stays, on="guardian_resident_code", how="left").sort("guardian_resident_code", "start_date")
    return both.with_columns(following("guardian_resident_code", "start_date").alias("back_date"))


def _of_children(guardians: pl.DataFrame, away: pl.DataFrame) -> pl.DataFrame:
    """Periods of guardians as periods of their children, for as long as they are the guardian."""
    pairs = guardians.rename({"start_date": "from", "end_date": "to"}).drop("row")
    return (
        pairs.join(away, on="guardian_resident_code")
        .with_columns(
            pl.max_horizontal("start_date", "from").alias("start_date"),
            pl.min_horizontal("end_date", "to").alias("end_date"),
        )
        .filter(
            pl.col("end_date").is_null() | pl.col("start_date").is_null() | (pl.col("start_date") < pl.col("end_date"))
        )
        .select(PERIOD)
    )


def guardian_dead(guardians: pl.DataFrame, stays: pl.DataFrame, law: Law) -> pl.DataFrame:
    """When the guardian has died and no other has come in his place, on days on which that suspends."""
    died = stays.filter(pl.col("end_reason") == _DEATH)
    dead = died.join(_flag_windows(law, "guardian.death_suspends"), how="cross").select(
        "guardian_resident_code",
        pl.max_horizontal("end_date", "open_from").alias("start_date"),
        pl.min_horizontal("back_date", pl.col("open_until").replace({_FAR: None})).alias("end_date"),
        "row",
    )
    return _of_children(guardians, dead)


def guardian_abroad(guardians: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """When the guardian has no residence in Japan: after a move abroad until the return to the city; for who
    lives outside the city for good, for as long as 住登外 says so. The dead are not abroad."""
    left = pl.col("end_reason").eq_missing(pl.lit(_ABROAD))
    dead = pl.col("end_reason").eq_missing(pl.lit(_DEATH))
    elsewhere = pl.col("end_date").is_not_null() | pl.col("start_date").is_null()
    told = pl.col("back_date").is_null() & (pl.col("in_japan") == "0") & elsewhere & ~dead
    away = stays.filter(left | told).select(
        "guardian_resident_code",
        pl.col("end_date").alias("start_date"),
        pl.col("back_date").alias("end_date"),
        pl.when(left).then("row").otherwise("person_row").alias("row"),
    )
    return _of_children(guardians, away)


def standing_overrides(overrides: pl.DataFrame) -> pl.DataFrame:
    """The last revision of every override, whomever an earlier one was about; withdrawn ones left out."""
    last = overrides.sort("override_no", "revision_no", "known_date", "line_no").unique("override_no", keep="last")
    return last.filter(pl.col("withdrawn") == "0")


def overridden(overrides: pl.DataFrame) -> pl.DataFrame:
    """What operators decided: of several on a day, the last entered. `overrides`: child, row and OVERRIDES."""
    ends = overrides.with_columns(pl.col("end_date").fill_null(_FAR))
    cuts = pl.concat([ends.select("child", pl.col(bound).alias("day")) for bound in ("start_date", "end_date")])
    days = cuts.unique().sort("child", "day")
    pieces = days.with_columns(following("child", "day").alias("until")).drop_nulls("until")
    covered = pieces.join(ends, on="child").filter(
        (pl.col("start_date") <= pl.col("day")) & (pl.col("day") < pl.col("end_date"))
    )
    winning = covered.sort("child", "day", "entered_date", "override_no").unique(["child", "day"], keep="last")
    return winning.select(
        "child",
        pl.col("day").alias("start_date"),
        pl.when(pl.col("until") < _FAR).then("until").alias("end_date"),
        "row",
        "outcome",
    )


__all__ = [
    "PERIOD",
    "Sources",
    "first_day_after_age",
    "guardian_abroad",
    "guardian_dead",
    "guardian_stays",
    "guardian_unknown",
    "guardians",
    "of_age",
    "overridden",
    "registered",
    "standing_overrides",
]
