"""Which decision of a line stands: the last one, whatever was decided before.

Belongs here: reading DECISIONS of several months by line. Does not belong here: deciding anything.
"""

from __future__ import annotations

import polars as pl

LINE = ["feed", "delivery", "line_no"]
"""What names a receipt or a claim for ever: the row it came in."""


def standing(decisions: pl.DataFrame) -> pl.DataFrame:
    """The last decision of each line, with what its history adds: arrived_month (of its first decision), paid
    (whether it was ever paid), payee (the guardian last paid), and settled_no and settled_yen of the last decision
    that was not held: only such a one is paid or claimed back."""
    ordered = decisions.sort("decided_month", "decision_no")
    final, paid = pl.col("judgement") != "4", pl.col("judgement") == "1"
    history = ordered.group_by(LINE).agg(
        pl.col("decided_month").first().alias("arrived_month"),
        paid.any().alias("paid"),
        pl.col("guardian_resident_code").filter(paid).last().alias("payee"),
        pl.col("decision_no").filter(final).last().alias("settled_no"),
        pl.col("amount_yen").filter(final).last().fill_null(0).alias("settled_yen"),
    )
    last = ordered.unique(LINE, keep="last", maintain_order=True)
    return last.join(history, on=LINE, maintain_order="left")
