"""A household's 高額療養費 divided over its lines: by self pay, each yen once.

Belongs here: the shares and the rule for the last yen. Does not belong here: how large the whole is.
"""

from __future__ import annotations

import polars as pl

LARGEST = "largest"
_ORDER = ("visit_date", "feed", "delivery", "line_no")


def prorated(lines: pl.DataFrame, pool: list[str], refund_yen: str, rule: str) -> pl.Series:
    """Each line's part of its pool's refund: refund × self pay ÷ sum, whole yen; what is left goes to the last line
    of the pool, or to the one of the largest self pay, as `rule` says, and beyond its self pay to the next.

    `lines` has one refund and one rule per pool; columns self_yen and _ORDER. Null where the refund is unknown.
    """
    first = pl.when(pl.col(rule) == LARGEST).then("self_yen").otherwise(0)
    ordered = lines.with_row_index("_at").sort(*pool, first, *_ORDER, descending=[False] * len(pool) + [True] * 5)
    part = pl.col(refund_yen) * pl.col("self_yen") // pl.col("self_yen").sum().over(pool)
    parts = ordered.with_columns(part.alias("_part")).with_columns(
        (pl.col("self_yen") - pl.col("_part")).alias("_room")
    )
    left = pl.col(refund_yen) - pl.col("_part").sum().over(pool)
    given = pl.col("_room").cum_sum().over(pool) - pl.col("_room")
    more = pl.min_horizontal((left - given).clip(0), "_room")
    known = pl.when(pl.col(refund_yen).is_not_null()).then(pl.col("_part") + more)
    return parts.with_columns(known.alias("share_yen")).sort("_at")["share_yen"]
