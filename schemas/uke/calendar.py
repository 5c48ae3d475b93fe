"""Days and months of a UKE file: 西暦 (6 and 8 digits) or 和暦 with its era digit (5 and 7), told by their length.

Belongs here: the two calendars as expressions over text. What is no such day stays as it stands, for the feed's own
rule to refuse it.
"""

import polars as pl

ERA_BEFORE = {"1": 1867, "2": 1911, "3": 1925, "4": 1988, "5": 2018}
"""年号区分コード → the year before its first: 明治 大正 昭和 平成 令和. Source: ERL, UKEPY (記録条件仕様 別表4)."""


def day_text(text: pl.Expr) -> pl.Expr:
    """YYYYMMDD of GYYMMDD or YYYYMMDD."""
    return _western(text, r"^[1-5](?:0[1-9]|[1-9][0-9])[0-9]{4}$")


def month_text(text: pl.Expr) -> pl.Expr:
    """YYYYMM of GYYMM or YYYYMM."""
    return _western(text, r"^[1-5](?:0[1-9]|[1-9][0-9])[0-9]{2}$")


def _western(text: pl.Expr, japanese: str) -> pl.Expr:
    before = text.str.slice(0, 1).replace_strict(ERA_BEFORE, default=None, return_dtype=pl.Int64)
    year = before + text.str.slice(1, 2).cast(pl.Int64, strict=False)
    western = pl.format("{}{}", year, text.str.slice(3))
    return pl.when(text.str.contains(japanese)).then(western).otherwise(text)
