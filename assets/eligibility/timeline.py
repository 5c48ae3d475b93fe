"""Many periods of many children laid side by side: one sorted integer for (child, day), one pass per fact.

Belongs here: numbering children, turning periods into events, reading which period covers a day.
Does not belong here: what a period means (facts.py) and what follows from it (rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.register.intervals import runs

_SPAN = 4_000_000
_BEFORE_ALL = 1_000_000
NONE = -1
"""The id of no row."""


def _key(day: pl.Expr) -> pl.Expr:
    return pl.col("child").cast(pl.Int64) * _SPAN + day.cast(pl.Int32).cast(pl.Int64) + _BEFORE_ALL


@dataclass(frozen=True)
class Children:
    """The children decided about, in the order of their codes: code, birth_date and the number `child`."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, codes: pl.Series, persons: pl.DataFrame) -> Children:
        """The codes that the register knows, once each."""
        births = persons.select("resident_code", "birth_date")
        known = codes.unique().to_frame("code").join(births, left_on="code", right_on="resident_code")
        return cls(known.sort("code").with_row_index("child"))

    def number(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """The rows of these children, with `child` instead of the code in `column`."""
        numbers = self.frame.select(pl.col("code").alias(column), "child")
        return frame.join(numbers, on=column, how="inner", maintain_order="left").drop(column)


def turning(children: pl.DataFrame, day: date) -> pl.DataFrame:
    """(key) of a day on which something can change for every child."""
    return children.select(_key(pl.lit(day)).alias("key"))


def events(periods: pl.DataFrame) -> pl.LazyFrame:
    """(key, row) in order: `row` from each start_date on, NONE from each end_date on. Null start: from ever.

    `periods` (child, start_date, end_date, row) of one child must not overlap; where one ends and the next
    begins on the same day, the next counts. Periods without a day count for nothing.
    """
    day = pl.col("start_date").fill_null(pl.date(1, 1, 1))
    lasting = periods.lazy().filter(pl.col("end_date").is_null() | (day < pl.col("end_date")))
    starts = lasting.select(_key(day).alias("key"), pl.col("row").cast(pl.Int64))
    ends = lasting.drop_nulls("end_date").select(
        _key(pl.col("end_date")).alias("key"), pl.lit(NONE, dtype=pl.Int64).alias("row")
    )
    ordered = pl.concat([ends, starts]).sort("key", maintain_order=True)
    return ordered.filter(pl.col("key").ne_missing(pl.col("key").shift(-1)))


def begun(periods: pl.DataFrame) -> pl.LazyFrame:
    """As `events`, but a period counts until the next one begins, whether or not it has ended."""
    return events(periods.with_columns(pl.lit(None, dtype=pl.Date).alias("end_date")))


@dataclass(frozen=True)
class Days:
    """The days on which something can change for a child, in order: key, child, start_date, end_date."""

    frame: pl.DataFrame

    @classmethod
    def within(cls, spans: pl.DataFrame, turning: list[pl.DataFrame]) -> Days:
        """Each span (child, start_date, end_date; one per child) cut at the events that fall inside it."""
        first, last = (
            _key(pl.col(bound)).alias(name) for bound, name in (("start_date", "first"), ("end_date", "last"))
        )
        whole = spans.lazy().select("child", first, last)
        keys = pl.concat([whole.select(pl.col("first").alias("key")), *(one.lazy().select("key") for one in turning)])
        cut = keys.sort("key").filter(pl.col("key").ne_missing(pl.col("key").shift()))
        of = cut.with_columns((pl.col("key") // _SPAN).cast(pl.UInt32).alias("child"))
        inside = of.join(whole, on="child", maintain_order="left").filter(
            pl.col("key").is_between("first", "last", closed="left")
        )
        same = (pl.col("child") == pl.col("child").shift(-1)).fill_null(False)
        end = pl.when(same).then(pl.col("key").shift(-1)).otherwise("last")
        days = inside.select("key", "child", _day(pl.col("key")).alias("start_date"), _day(end).alias("end_date"))
        return cls(days.collect())

    def read(self, told: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """The days, each with the row of the last of the events of each name of its child; null where none stands."""
        found = pl.collect_all([self._last(events).select(pl.col("row").alias(name)) for name, events in told.items()])
        return pl.concat([self.frame, *found], how="horizontal")

    def _last(self, told: pl.DataFrame) -> pl.LazyFrame:
        """For each day the `row` of the last of these events of the same child."""
        events = told.lazy().with_columns(pl.col("key").alias("of")).set_sorted("key")
        found = self.frame.lazy().select("key").join_asof(events, on="key", check_sortedness=False)
        own = (pl.col("of") // _SPAN == pl.col("key") // _SPAN) & (pl.col("row") != NONE)
        return found.select(pl.when(own).then("row").alias("row"))


def _day(key: pl.Expr) -> pl.Expr:
    return (key % _SPAN - _BEFORE_ALL).cast(pl.Int32).cast(pl.Date)


def joined(days: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Days in order (child, start_date, end_date without gaps) with neighbours that agree in `same` made one."""
    agree = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in ["child", *same])
    return runs(days, ~agree.fill_null(False))
