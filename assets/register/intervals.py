"""Half-open periods and the ages counted in them: who stands where on a day.

Belongs here: finding the period that covers a day, joining periods that touch, 年齢計算.
Does not belong here: what a period is a period of.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

Direction = Literal["backward", "forward"]

_DAYS = 100_000_000
_BEFORE_ALL = 10_000_000


def _keyed(frame: pl.DataFrame, who: pl.DataFrame, by: str, day: str) -> pl.DataFrame:
    """`frame` with `_at`, one sortable integer for (person, day); null where either is unknown."""
    numbered = frame.join(who, on=by, how="left", maintain_order="left")
    days = pl.col(day).cast(pl.Int32).cast(pl.Int64) + _BEFORE_ALL
    return numbered.with_columns((pl.col("_who").cast(pl.Int64) * _DAYS + days).alias("_at"))


def _nearest(asked: pl.DataFrame, periods: pl.DataFrame, by: str, strategy: Direction) -> pl.DataFrame:
    """`asked` (by, _day) in its order beside the period begun nearest; `_same`: it is one of the same `by`."""
    who = periods.select(pl.col(by).drop_nulls().unique(maintain_order=True)).with_row_index("_who")
    begun = _keyed(periods, who, by, "_start").drop_nulls("_at").rename({"_who": "_whose"}).drop(by)
    found = (
        _keyed(asked, who, by, "_day")
        .with_row_index("_row")
        .sort("_at", nulls_last=True)
        .join_asof(begun.sort("_at"), on="_at", strategy=strategy, check_sortedness=False)
        .sort("_row")
    )
    return found.with_columns((pl.col("_whose") == pl.col("_who")).fill_null(False).alias("_same"))


def _read(
    frame: pl.DataFrame,
    day: str,
    periods: pl.DataFrame,
    by: str,
    columns: dict[str, str],
    strategy: Direction,
    holds: pl.Expr,
) -> pl.DataFrame:
    bounds = (pl.col("start_date").alias("_start"), pl.col("end_date").alias("_end"))
    new = (pl.col(source).alias(f"_new_{name}") for source, name in columns.items())
    asked = frame.select(pl.col(by), pl.col(day).alias("_day"))
    found = _nearest(asked, periods.select(by, *bounds, *new), by, strategy)
    read = found.select(pl.when(holds).then(pl.col(f"_new_{name}")).alias(name) for name in columns.values())
    return frame.with_columns(read.get_columns())


def covering(frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]) -> pl.DataFrame:
    """`frame` in its order, with columns (source → new name) of the period of `by` that covers `day`.

    Nulls where none does. The periods (start_date, end_date; null: open) of one `by` must not overlap.
    """
    holds = pl.col("_same") & ((pl.col("_day") < pl.col("_end")) | pl.col("_end").is_null())
    return _read(frame, day, periods, by, columns, "backward", holds)


def last_begun(frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]) -> pl.DataFrame:
    """As `covering`, but the period that began last on or before `day`, whether or not it has ended."""
    return _read(frame, day, periods, by, columns, "backward", pl.col("_same"))


def next_to_begin(
    frame: pl.DataFrame, day: str, periods: pl.DataFrame, by: str, columns: dict[str, str]
) -> pl.DataFrame:
    """As `covering`, but the period that begins on `day` or first after it."""
    return _read(frame, day, periods, by, columns, "forward", pl.col("_same"))


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
