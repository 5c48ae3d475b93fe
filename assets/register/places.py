"""Where each code of one column stands in another: codes in order are merged, not hashed.

Belongs here: finding places by key. Does not belong here: what stands there.
"""

from __future__ import annotations

import polars as pl


def places(sought: pl.Series, among: pl.Series) -> pl.Series:
    """The place of each code in `among`, in which none stands twice; null where it does not stand.

    Codes of digits of one length (宛名番号, 受給者番号), compared as whole numbers.
    """
    there = pl.DataFrame({"code": among.cast(pl.Int64)}).with_row_index("place").drop_nulls("code")
    asked = pl.DataFrame({"sought": sought.cast(pl.Int64)})
    order = None if asked["sought"].is_sorted(nulls_last=True) else asked["sought"].arg_sort(nulls_last=True)
    ordered = asked if order is None else asked.select(pl.all().gather(order))
    found = ordered.join_asof(
        there if there["code"].is_sorted() else there.sort("code"),
        left_on="sought", right_on="code", coalesce=False, check_sortedness=False,
    ).select(pl.when(pl.col("code") == pl.col("sought")).then("place")).to_series()  # fmt: skip
    return found if order is None else back(found, order)


def back(found: pl.Series, order: pl.Series) -> pl.Series:
    """`found`, told in an order (places of the rows), in the order of the rows."""
    return pl.repeat(None, found.len(), dtype=found.dtype, eager=True).scatter(order, found)


def gathered(frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """The rows of `frame` at these places; null rows where there is no place. In one piece, as gathering from many is
    slow; null is the place of one more row, as gathering at null is slow too."""
    whole = pl.concat([frame, frame.clear(1)], rechunk=True)
    return whole.select(pl.all().gather(at.fill_null(frame.height)))
