"""Where two tables disagree. How many, and on which rows: never for logs or metadata but as a count."""

from collections.abc import Sequence

import polars as pl


def differences(ours: pl.DataFrame, theirs: pl.DataFrame, keys: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """Every row (keys, values, side "ours" or "theirs") without an equal row on the other side.

    A row that differs stands there twice, once per side; null equals null, and a row doubled on one side only
    counts as different. Empty where the tables agree.
    """
    columns = [*keys, *values]
    counted = {side: _counted(frame, columns) for side, frame in (("ours", ours), ("theirs", theirs))}
    return pl.concat(
        [
            counted[side].join(counted[other], on=[*columns, "times"], how="anti", nulls_equal=True)
            .select(*columns, pl.lit(side).alias("side"))
            for side, other in (("ours", "theirs"), ("theirs", "ours"))
        ]
    ).sort(*keys, "side")  # fmt: skip


def _counted(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return frame.group_by(columns).agg(pl.len().alias("times"))
