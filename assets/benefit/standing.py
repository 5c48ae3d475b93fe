"""Which decision of a line stands: the last one, whatever was decided before.

Belongs here: reading DECISIONS of several months by line. Does not belong here: deciding anything.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from schemas.records.benefit import DECISIONS

LINE = ["feed", "delivery", "line_no"]
"""What names a receipt or a claim for ever: the row it came in."""


def standing(decisions: pl.DataFrame) -> pl.DataFrame:
    """The last decision of each line, with arrived_month (of its first) and paid (whether it was ever paid)."""
    ordered = decisions.sort("decided_month", "decision_no")
    history = ordered.group_by(LINE).agg(
        pl.col("decided_month").first().alias("arrived_month"), (pl.col("judgement") == "1").any().alias("paid")
    )
    last = ordered.unique(LINE, keep="last", maintain_order=True)
    return last.join(history, on=LINE, maintain_order="left")


def standing_of(months: Iterable[pl.DataFrame], lines: pl.DataFrame) -> pl.DataFrame:
    """The standing decisions of these lines, from the DECISIONS of months in their order."""
    found = (part.join(lines, on=LINE, how="semi") for part in months)
    return standing(pl.concat([DECISIONS.empty(), *found]))
