"""Histories of the city's systems: which of their rows stand, and the periods they state.

Belongs here: 履歴番号・枝番・最新フラグ・削除フラグ of any feed, and periods of one number that do not overlap.
Does not belong here: what a period is a period of, and persons with several numbers (assets/register/identities).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.records.feeds.items import HISTORY

LEARNED = ("known_date", "delivery", "line_no")
"""The order in which rows were learned."""
SOURCE = ("delivery", "line_no", "known_date")
NUMBERED = ("resident_code", *(item.name for item in HISTORY))
"""Whose row it is, and which of a history."""
_NUMBER = ["resident_code", "history_no"]


def doubled(rows: pl.DataFrame, keys: list[str]) -> pl.Series:
    """Which rows share their `keys` with another: all that do, and seldom one that does not (told by a hash)."""
    return rows.select(pl.struct(keys).hash().is_duplicated()).to_series()


def last_of(rows: pl.DataFrame, keys: list[str], *order: str) -> pl.DataFrame:
    """One row per `keys`, the last in `order`. The rows come in no particular order: only doubled keys are sorted."""
    again = doubled(rows, keys)
    if not again.any():
        return rows
    last = rows.filter(again).sort(order).unique(keys, keep="last", maintain_order=True)
    return pl.concat([rows.filter(~again), last])


def standing(history: pl.DataFrame) -> pl.DataFrame:
    """One row per (resident_code, history_no): its last branch, as last operated; deleted ones left out.

    Only rows of one branch operated on the same day are told apart by the day they were learned.
    """
    last = last_of(history, _NUMBER, "history_branch_no", "operated_date", *LEARNED)
    return last.filter(pl.col("deleted_flag") == "0")


def latest(history: pl.DataFrame) -> pl.DataFrame:
    """One row per resident_code, in their order: the standing row flagged latest with the highest history_no."""
    return last_of(standing(history), ["resident_code"], "latest_flag", "history_no").sort("resident_code")


def periods(history: pl.DataFrame) -> pl.DataFrame:
    """Standing rows with start_date and end_date as periods that do not overlap, the later history_no winning."""
    rows = standing(history).filter(pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("start_date")))
    told = last_of(rows, ["resident_code", "start_date"], "history_no")
    several = told["resident_code"].is_duplicated()
    return told.join(_overtaken(told.filter(several)), on=_NUMBER, how="anti") if several.any() else told


def _overtaken(told: pl.DataFrame) -> pl.DataFrame:
    """(resident_code, history_no) of the periods that a later history_no of the same number overlaps."""
    several = told.lazy().select(*_NUMBER, "start_date", pl.col("end_date").fill_null(date.max))
    pairs = several.join(several, on="resident_code", suffix="_later")
    overlap = (pl.col("start_date") < pl.col("end_date_later")) & (pl.col("start_date_later") < pl.col("end_date"))
    later = pl.col("history_no_later") > pl.col("history_no")
    return pairs.filter(overlap & later).select(_NUMBER).unique().collect()
