"""Business days: on which days a Japanese bank, and the city office, is open.

Belongs here: closed days stated by law, the step to the nearest open day, and the horizon after which
nobody knows the holidays yet. Does not belong here: payment calendars (how many days before, which day of the
month); those are parameters of the city.

National holidays come from `jpholiday` (国民の祝日に関する法律: 祝日, 振替休日, 国民の休日). The two
equinoxes are announced one year ahead, so a date after the last announced year raises.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import jpholiday

from schemas.errors import CityError

LAST_PUBLISHED_HOLIDAY_YEAR = 2027
"""Source: 内閣府「国民の祝日について」 syukujitsu.csv, which in November 2026 ends with 2027."""

BANK_YEAR_END: frozenset[tuple[int, int]] = frozenset({(12, 31), (1, 1), (1, 2), (1, 3)})
"""(month, day) a bank is closed. Source: 銀行法施行令5条1項2号 (12月31日から翌年の1月3日まで)."""

OFFICE_YEAR_END: frozenset[tuple[int, int]] = BANK_YEAR_END | {(12, 29), (12, 30)}
"""(month, day) the city office is closed. Source: 地方自治法4条の2第2項3号 leaves these days to the city's
条例; 12月29日から1月3日まで, as for the State (行政機関の休日に関する法律1条1項3号)."""

_SATURDAY = 5


class HolidaysNotPublished(CityError):
    """The date lies in a year whose national holidays have not been announced."""


def _is_open(day: date, year_end: frozenset[tuple[int, int]]) -> bool:
    if day.year > LAST_PUBLISHED_HOLIDAY_YEAR:
        raise HolidaysNotPublished(
            f"{day.year}年の祝日は未公表です（公表済みは{LAST_PUBLISHED_HOLIDAY_YEAR}年まで）。"
            "祝日の公表後に jpholiday と LAST_PUBLISHED_HOLIDAY_YEAR を更新してください。"
        )
    return day.weekday() < _SATURDAY and (day.month, day.day) not in year_end and not jpholiday.is_holiday(day)


def _nearest(day: date, step_days: int, is_open: Callable[[date], bool]) -> date:
    while not is_open(day):
        day += timedelta(days=step_days)
    return day


def is_bank_business_day(day: date) -> bool:
    """Whether banks are open on `day`. Source: 銀行法15条1項, 銀行法施行令5条1項.

    Raises HolidaysNotPublished after LAST_PUBLISHED_HOLIDAY_YEAR.
    """
    return _is_open(day, BANK_YEAR_END)


def is_office_day(day: date) -> bool:
    """Whether the city office is open on `day`. Source: 地方自治法4条の2.

    Raises HolidaysNotPublished after LAST_PUBLISHED_HOLIDAY_YEAR.
    """
    return _is_open(day, OFFICE_YEAR_END)


def bank_business_day_on_or_before(day: date) -> date:
    """`day` if banks are open on it, else the last open day before it. Raises HolidaysNotPublished."""
    return _nearest(day, -1, is_bank_business_day)


def bank_business_day_on_or_after(day: date) -> date:
    """`day` if banks are open on it, else the next open day. Raises HolidaysNotPublished."""
    return _nearest(day, 1, is_bank_business_day)


def office_day_on_or_after(day: date) -> date:
    """`day` if the city office is open on it, else the next. Raises HolidaysNotPublished."""
    return _nearest(day, 1, is_office_day)
