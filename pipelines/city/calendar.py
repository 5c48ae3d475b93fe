"""The months a run of the city covers, and the days its office is closed.

Month arithmetic and the table of open days live here; what happens on a day belongs to the events.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import jpholiday
import polars as pl

LAW_FROM = date(2009, 4, 1)
"""入院が小・中学生に広がった日。これより前の資格は扱わない."""
OUTPATIENT_FROM = date(2012, 10, 1)
"""通院も小・中学生に広がり、登録が毎年10月1日に改まるようになった日."""
RESTRICTED_FROM = date(2013, 10, 1)
"""小・中学生に支給制限が入った日."""
TEENS_FROM = date(2024, 10, 1)
"""診療分の対象年齢が18歳年度末までになり、支給制限と年次の更新がなくなった日."""
_SATURDAY = 5
_YEAR_END = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}


def month_after(month: date, months: int) -> date:
    """The first day of the month that many months later."""
    at = month.year * 12 + month.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def month_end(month: date) -> date:
    """The last day of the month."""
    return month_after(month, 1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Run:
    """First and last processing month (dates on day 1)."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The last day of the run."""
        return month_end(self.last)

    @property
    def months(self) -> list[date]:
        """Every processing month, in order."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [month_after(self.first, step) for step in range(count)]

    @property
    def days(self) -> list[date]:
        """Every day of the run, in order."""
        return [self.first + timedelta(days=step) for step in range((self.end - self.first).days + 1)]


@cache
def _is_open(day: date) -> bool:
    closed = day.weekday() >= _SATURDAY or (day.month, day.day) in _YEAR_END
    return not closed and not jpholiday.is_holiday(day)


@cache
def open_days(run: Run) -> pl.Series:
    """Days the office is open, from the winter before the law to half a year after the run, ascending."""
    first, last = date(2008, 12, 1), month_end(month_after(run.last, 6))
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return pl.Series("open_day", [day for day in days if _is_open(day)], dtype=pl.Date)


def next_open(frame: pl.DataFrame, column: str, days: pl.Series) -> pl.DataFrame:
    """The frame with `column` moved to the day itself or the next open day; days before the first of `days` stay."""
    at = days.search_sorted(frame[column].fill_null(days[0]), side="left").cast(pl.UInt32)
    moved = days.gather(at.clip(0, len(days) - 1))
    told = pl.col(column) >= days[0]
    return frame.with_columns(pl.when(told).then(moved).otherwise(column).alias(column))


def day_after_age(age: int) -> pl.Expr:
    """The day after the 31 March that ends the fiscal year in which a child (birth_date) reaches an age, which it
    does on the day before its birthday."""
    born = pl.col("birth_date")
    early = (born.dt.month() < 4) | ((born.dt.month() == 4) & (born.dt.day() == 1))
    return pl.date(born.dt.year() + age + pl.when(early).then(0).otherwise(1), 4, 1)
