"""Dates and yen as a Japanese official letter writes them.

Here: the era table and its formats. Not here: which date a letter shows.
"""

from datetime import date

import polars as pl

ERAS: tuple[tuple[date, str], ...] = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),
)
"""First day of each era (元号法, 改元の政令), newest first; Meiji from the solar calendar on."""


def era_year(day: date) -> str:
    """Era and year of a day: 2019-05-01 → 令和元年. Raises ValueError before 1873."""
    for first_day, era in ERAS:
        if day >= first_day:
            year = day.year - (1868 if era == "明治" else first_day.year) + 1
            return f"{era}{'元' if year == 1 else year}年"
    raise ValueError("明治6年1月1日より前の日付は和暦にできません")


def era_date(day: date) -> str:
    """2026-11-23 → 令和8年11月23日."""
    return f"{era_year(day)}{day.month}月{day.day}日"


def era_month(day: date) -> str:
    """2026-11-01 → 令和8年11月."""
    return f"{era_year(day)}{day.month}月"


def yen(amount_yen: int) -> str:
    """12345 → 12,345円; negative amounts carry ▲ as municipal accounts write them."""
    return f"{'▲' if amount_yen < 0 else ''}{abs(amount_yen):,}円"


def _mapped(column: pl.Series, texts: dict[date, str]) -> pl.Series:
    return column.replace_strict(texts, default=None, return_dtype=pl.String)


def era_dates(column: pl.Series, *, month: bool = False) -> pl.Series:
    """A Date column → its Japanese text; null stays null. Each distinct day is formatted once."""
    say = era_month if month else era_date
    return _mapped(column, {day: say(day) for day in column.unique().drop_nulls().to_list()})
