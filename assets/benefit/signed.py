"""Signed rows (返戻・過誤・再審査): the receipt each one changes, and by how many yen.

Belongs here: finding the original, and the yen of several changes of one original. Whether the original is paid is
told by the tests of receipts. A row of change 0 is an original; `yen` is 公費負担額.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD

_KEY = ("review_body", "institution_code", CHILD, "service_month", "care")
_AT, _ORIGINAL = "_at", "original_at"
_NUMBER, _YEN = "rcpt_search_no", "rcpt_public_expense_yen"
_REVIEWED = "3"
FOUND = {
    _ORIGINAL: pl.UInt32,
    "change_yen": pl.Int64,
    "original_feed": pl.String,
    "original_delivery": pl.String,
    "original_line_no": pl.Int64,
    "original_yen": pl.Int64,
    "withdrawn": pl.Boolean,
}
"""What `with_originals` adds."""


def is_signed() -> pl.Expr:
    """Whether a row changes another one."""
    return pl.col("receipt_change") != "0"


def _pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Each signed row beside every original of its key. A withdrawal that adds yen has none."""
    understood = (pl.col(_YEN) <= 0) | (pl.col("receipt_change") == _REVIEWED)
    said = [pl.col(name) for name in (_AT, _NUMBER, _YEN)]
    changes = rows.filter(is_signed() & understood).select(*_KEY, *said)
    originals = rows.filter(~is_signed()).select(
        *_KEY, pl.col(_AT).alias(_ORIGINAL), pl.col(_NUMBER).alias("number"), pl.col(_YEN).alias("original_yen")
    )
    return changes.join(originals, on=list(_KEY)).sort(_AT, _ORIGINAL)


def _single(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs of rows that have only one."""
    return pairs.filter(~pl.col(_AT).is_duplicated())


def _by_yen(pairs: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    """The originals whose whole yen a row takes back, but for those another row takes by number: the first such row
    of a key and yen takes the first of them, the next the next, all further ones the last."""
    whole = pairs.filter(pl.col("original_yen") == -pl.col(_YEN))
    free = whole.join(taken.filter(pl.col("original_yen") == -pl.col(_YEN)), on=_ORIGINAL, how="anti")
    turns = free.with_columns(
        pl.col(_AT).rank("dense").over(*_KEY, _YEN).alias("turn"),
        pl.col(_ORIGINAL).rank("dense").over(_AT).alias("place"),
    )
    last = pl.col("place").max().over(_AT)
    return turns.filter(pl.col("place") == pl.min_horizontal("turn", last)).select(pairs.columns)


def _found(pairs: pl.DataFrame) -> pl.DataFrame:
    """One pair per signed row whose original is known: by 検索番号 where both have it, else by its yen, else the
    only one there is."""
    named = pairs.filter(pl.col(_NUMBER) == pl.col("number"))
    unnamed = pairs.filter(pl.col(_NUMBER).is_null() | pl.col("number").is_null())
    rest = unnamed.join(named, on=_AT, how="anti")
    by_yen = _by_yen(rest, named)
    return pl.concat([_single(named), by_yen, _single(rest.join(by_yen, on=_AT, how="anti"))])


def _changes(found: pl.DataFrame) -> pl.DataFrame:
    """`found` with change_yen, each after the one before it and none below 0, and left_yen after the last."""
    ordered = found.sort(_ORIGINAL, _AT)
    stated = (pl.col("original_yen") + pl.col(_YEN).cum_sum()).over(_ORIGINAL)
    left = stated - stated.cum_min().clip(upper_bound=0).over(_ORIGINAL)
    before = pl.col("after_yen").shift(1).over(_ORIGINAL)
    return ordered.with_columns(left.alias("after_yen")).with_columns(
        (pl.col("after_yen") - pl.coalesce(before, "original_yen")).alias("change_yen"),
        pl.col("after_yen").last().over(_ORIGINAL).alias("left_yen"),
    )


def with_originals(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`, in the order of arrival, with FOUND: the original of each signed row (place, source, yen) and the yen it
    changes it by; null where no single one is found. `withdrawn`: an original of which nothing is left."""
    if not rows.select(is_signed().any()).item():
        return rows.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in FOUND.items())
    counted = rows.with_row_index(_AT)
    changes = _changes(_found(_pairs(counted)))
    gone = changes.filter(pl.col("left_yen") == 0).select(pl.col(_ORIGINAL).alias(_AT)).unique()
    found = counted.join(changes.select(_AT, _ORIGINAL, "change_yen"), on=_AT, how="left", maintain_order="left").join(
        gone.with_columns(pl.lit(True).alias("withdrawn")), on=_AT, how="left", maintain_order="left"
    )
    there = pl.col(_ORIGINAL).is_not_null()
    return found.with_columns(
        pl.when(there).then(pl.lit("receipts")).alias("original_feed"),
        pl.col("delivery").gather(_ORIGINAL).alias("original_delivery"),
        pl.col("line_no").gather(_ORIGINAL).alias("original_line_no"),
        pl.col(_YEN).gather(_ORIGINAL).alias("original_yen"),
    ).drop(_AT)


def changed() -> pl.Expr:
    """The reason of each row once those of the originals stand: R0 with a paid original, R1 while it is held or not
    found, R2 where it is not paid. E2 stays E2."""
    original = pl.col("reason").gather(_ORIGINAL)
    waits = original.is_null() | original.str.starts_with("H")
    found = pl.when(waits).then(pl.lit("R1")).when(original == "P0").then(pl.lit("R0")).otherwise(pl.lit("R2"))
    return pl.when(is_signed() & (pl.col("reason") == "R1")).then(found).otherwise("reason").alias("reason")
