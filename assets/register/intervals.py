"""Half-open periods and the ages counted in them: who stands where on a day.

Belongs here: finding the period that covers a day, joining periods that touch, 年齢計算.
Does not belong here: what a period is a period of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl

from assets.register.places import back, gathered

Direction = Literal["backward", "forward"]

_DAYS = 100_000_000
_BEFORE_ALL = 10_000_000


def _ordered(periods: pl.DataFrame, by: str) -> pl.DataFrame:
    """`periods` (by, start_date …) by person and start, with `_who`, the person's number in that order."""
    whose = periods[by]
    known = periods if whose.is_sorted() and not whose.has_nulls() else periods.drop_nulls(by).sort(by)
    numbered = known.with_columns(pl.col(by).rle_id().alias("_who"))
    keyed = numbered.with_columns(_at("start_date")).drop_nulls("_at")
    return keyed if keyed["_at"].is_sorted() else keyed.sort("_at", maintain_order=True)


def _at(day: str) -> pl.Expr:
    """One sortable integer for (person, day); null where either is unknown."""
    days = pl.col(day).cast(pl.Int32).cast(pl.Int64) + _BEFORE_ALL
    return (pl.col("_who").cast(pl.Int64) * _DAYS + days).alias("_at")


@dataclass(frozen=True)
class Timelines:
    """The periods of many persons, in the order of person and start, ready to be asked about days.

    `ordered` has `_who`, the number of the person; `people` says which number is whose.
    """

    ordered: pl.DataFrame
    people: pl.DataFrame
    by: str

    @classmethod
    def of(cls, periods: pl.DataFrame, by: str) -> Timelines:
        """The timelines of periods (by, start_date, end_date; null: open)."""
        ordered = _ordered(periods, by).rechunk()
        first = (pl.col("_who") != pl.col("_who").shift()).fill_null(True)
        return cls(ordered, ordered.select(by, "_who").filter(first), by)

    def of_some(self, who: pl.Series) -> Timelines:
        """The timelines of these persons only."""
        asked = pl.col("_who").is_in(who.unique().implode())
        return Timelines(self.ordered.filter(asked).rechunk(), self.people.filter(asked), self.by)

    def whose(self, rows: pl.DataFrame) -> pl.Series:
        """The number of each row's person; null where it has no period."""
        return rows.select(self.by).join(self.people, on=self.by, how="left", maintain_order="left")["_who"]

    def nearest(self, who: pl.Series, days: pl.Series, strategy: Direction = "backward") -> pl.Series:
        """The place in `ordered` of each person's period begun nearest to the day; null where there is none."""
        asked = pl.DataFrame({"_who": who, "_day": days}).select("_who", _at("_day"))
        order = asked["_at"].arg_sort(nulls_last=True)
        begun = self.ordered.select("_at", pl.col("_who").alias("_whose")).with_row_index("_place")
        found = asked.select(pl.all().gather(order)).join_asof(
            begun, on="_at", strategy=strategy, check_sortedness=False
        )
        return back(found.select(pl.when(pl.col("_whose") == pl.col("_who")).then("_place")).to_series(), order)

    def covering(self, who: pl.Series, days: pl.Series) -> pl.Series:
        """The place in `ordered` of the person's period that covers the day; null where none does."""
        near = self.nearest(who, days)
        ends = gathered(self.ordered.select("end_date"), near)["end_date"]
        found = pl.DataFrame({"place": near, "day": days, "end": ends})
        stands = (pl.col("day") < pl.col("end")) | pl.col("end").is_null()
        return found.select(pl.when(stands).then("place")).to_series()

    def covering_near(self, who: pl.Series, days: pl.Series, near: pl.Series) -> pl.Series:
        """As `covering`, where for most rows `near` is the place of that period already: only the others search."""
        bounds = gathered(self.ordered.select("start_date", "end_date"), near).with_columns(days.alias("day"))
        stands = (pl.col("start_date") <= pl.col("day")) & (pl.col("day") < pl.col("end_date"))
        others = bounds.select((~stands.fill_null(False)).arg_true()).to_series()
        return near.clone().scatter(others, self.covering(who.gather(others), days.gather(others)))

    def said(self, places: pl.Series, columns: dict[str, str]) -> list[pl.Series]:
        """Columns (source → new name) of the periods at these places; null where there is none."""
        return gathered(
            self.ordered.select(pl.col(source).alias(name) for source, name in columns.items()), places
        ).get_columns()


def _told(periods: pl.DataFrame, by: str, columns: dict[str, str]) -> Timelines:
    needed = list(dict.fromkeys((by, "start_date", "end_date", *columns)))
    return Timelines.of(periods.select(needed), by)


def covering(frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]) -> pl.DataFrame:
    """`frame` in its order, with columns (source → new name) of the period of `by` that covers `day`.

    Nulls where none does. The periods (start_date, end_date; null: open) of one `by` must not overlap.
    """
    told = _told(periods, by, columns)
    return frame.with_columns(told.said(told.covering(told.whose(frame), frame[day]), columns))


def last_begun(frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]) -> pl.DataFrame:
    """As `covering`, but the period that began last on or before `day`, whether or not it has ended."""
    told = _told(periods, by, columns)
    return frame.with_columns(told.said(told.nearest(told.whose(frame), frame[day]), columns))


def next_to_begin(
    frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]
) -> pl.DataFrame:
    """As `covering`, but the period that begins on `day` or first after it."""
    told = _told(periods, by, columns)
    return frame.with_columns(told.said(told.nearest(told.whose(frame), frame[day], "forward"), columns))


def merged(periods: pl.DataFrame, same: list[str]) -> pl.DataFrame:
    """Periods (start_date, end_date; no overlap) with those that touch and agree in `same` made one."""
    ordered = periods.sort(same[0], "start_date")
    agree = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in same)
    joined = agree & (pl.col("start_date") == pl.col("end_date").shift())
    return runs(ordered, (~joined).fill_null(True))


def following(by: str, column: str) -> pl.Expr:
    """`column` of the next row, where that is of the same `by`; else null."""
    return pl.when(pl.col(by) == pl.col(by).shift(-1)).then(pl.col(column).shift(-1))


def runs(ordered: pl.DataFrame, begins: pl.Expr) -> pl.DataFrame:
    """The rows with which runs of rows begin, each with the end_date of the last of its run."""
    first = ordered.select(begins).to_series()
    ends = ordered["end_date"].filter(first.shift(-1, fill_value=True))
    return ordered.filter(first).with_columns(ends)


def united(periods: pl.DataFrame, by: str) -> pl.DataFrame:
    """Periods of one `by` that overlap made one, from the first start; else as the one that ends last says.

    Open ends last; of two that end together the one begun later is kept. Periods that only touch stay apart.
    """
    several = periods[by].is_duplicated()
    return pl.concat([periods.filter(~several), _united(periods.filter(several), by)]) if several.any() else periods


def _united(periods: pl.DataFrame, by: str) -> pl.DataFrame:
    ended = periods.lazy().with_columns(pl.col("end_date").fill_null(date.max).alias("_end"))
    ordered = ended.sort(by, "start_date", "_end")
    before = pl.col("_end").cum_max().shift().over(by)
    runs = ordered.with_columns((pl.col("start_date") >= before).fill_null(True).cum_sum().alias("_run"))
    first = runs.with_columns(pl.col("start_date").first().over("_run").alias("_first"))
    last = first.sort("_run", "_end", maintain_order=True).unique("_run", keep="last", maintain_order=True)
    return last.with_columns(pl.col("_first").alias("start_date")).select(periods.columns).collect()


def pieces(days: pl.DataFrame, by: str) -> pl.DataFrame:
    """(by, start_date, end_date): the stretches between the turning days (by, day) of each `by`; the last is open."""
    turning = days.lazy().drop_nulls("day").unique().sort(by, "day").rename({"day": "start_date"})
    return turning.with_columns(following(by, "start_date").alias("end_date")).collect()


def turning_days(by: str, *tables: pl.DataFrame) -> pl.DataFrame:
    """(by, day): every day on which a period of one of the tables begins or ends."""
    return pl.concat(
        table.select(by, pl.col(bound).alias("day")) for table in tables for bound in ("start_date", "end_date")
    )


def reach_date(start: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """The day on which a period of `years` from `start` is complete: the eve of the same day `years` later.

    Counted from 29 February it is always 28 February. Source: 年齢計算ニ関スル法律, 民法143条2項.
    """
    leap_day = (start.dt.month() == 2) & (start.dt.day() == 29)
    eve = pl.date(start.dt.year() + years, start.dt.month(), pl.when(leap_day).then(28).otherwise(start.dt.day()))
    return pl.when(leap_day).then(eve).otherwise(eve.dt.offset_by("-1d"))


def year_end(day: pl.Expr) -> pl.Expr:
    """The first 31 March on or after `day`: the end of its fiscal year."""
    return pl.date(day.dt.year() + (day.dt.month() > 3).cast(pl.Int32), 3, 31)


def last_day_of_age(birth_date: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """The first 31 March on or after the day `years` are reached. Source: 学校教育法17条 and the 条例."""
    return year_end(reach_date(birth_date, years))


def fiscal_year(day: pl.Expr) -> pl.Expr:
    """The year in which the fiscal year of a day began, on 1 April."""
    return day.dt.year() - (day.dt.month() < 4).cast(pl.Int32)


def fiscal_year_of_age(birth_date: pl.Expr, years: pl.Expr | int) -> pl.Expr:
    """The fiscal year on whose last day `last_day_of_age` falls: of who is born by 1 April, the one before."""
    by_april_1 = (birth_date.dt.month() < 4) | ((birth_date.dt.month() == 4) & (birth_date.dt.day() == 1))
    return birth_date.dt.year() + years - by_april_1.cast(pl.Int32)
