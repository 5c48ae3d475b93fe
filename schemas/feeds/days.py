"""Days in files that leave out the year or the era: which day is meant, and back.

Belongs here: the two short forms of 全銀 records. Whole days belong to sorting.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

YEARLESS_DAY, ERA_DAY = "MMDD", "和暦YYMMDD"
REIWA_FROM = date(2019, 5, 1)
_BEFORE_REIWA, _BEFORE_HEISEI = 2018, 1988


def nearest_yearless_day(text: pl.Expr, known_date: date) -> pl.Expr:
    """The day MMDD that lies nearest to a day; null where the text is none."""
    years = [known_date.year, known_date.year - 1, known_date.year + 1]
    whole = pl.when(text.str.contains("^[0-9]{4}$")).then(text)
    days = [pl.concat_str(pl.lit(f"{year}"), whole).str.to_date("%Y%m%d", strict=False) for year in years]
    return _nearest(days, known_date)


def nearest_era_day(text: pl.Expr, known_date: date) -> pl.Expr:
    """The day YYMMDD of 令和 or 平成 that lies nearest to a day; null where the text is none."""
    year = text.str.slice(0, 2).cast(pl.Int64, strict=False)
    rest = text.str.slice(2)
    whole = text.str.contains("^[0-9]{6}$")
    days = [
        pl.when(whole & (year > 0)).then(pl.format("{}{}", year + before, rest)).str.to_date("%Y%m%d", strict=False)
        for before in (_BEFORE_REIWA, _BEFORE_HEISEI)
    ]
    reiwa, heisei = days
    told = [pl.when(reiwa >= REIWA_FROM).then(reiwa), pl.when(heisei < REIWA_FROM).then(heisei)]
    return _nearest(told, known_date)


def era_text(day: pl.Expr) -> pl.Expr:
    """A day of 令和 or 平成 as YYMMDD."""
    before = pl.when(day >= REIWA_FROM).then(_BEFORE_REIWA).otherwise(_BEFORE_HEISEI)
    year = (day.dt.year().cast(pl.Int64) - before).cast(pl.String).str.zfill(2)
    return pl.concat_str(year, day.dt.strftime("%m%d"))


def _nearest(days: Sequence[pl.Expr], known_date: date) -> pl.Expr:
    best = days[0]
    for day in days[1:]:
        nearer = (day - known_date).abs() < (best - known_date).abs()
        best = pl.when(nearer.fill_null(best.is_null())).then(day).otherwise(best)
    return best
