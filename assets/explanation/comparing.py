"""Two ELIGIBILITYs day by day: where they say something different, from when to when.

Belongs here: the comparison. Does not belong here: why they differ (the caller changes one thing at a time).
"""

from __future__ import annotations

import polars as pl

from assets.register.intervals import covering, merged

_CHILD = "child_resident_code"
_SAID = ("entitled", "benefit_class", "reason")
COMPARED = pl.Schema(
    {_CHILD: pl.String(), "start_date": pl.Date(), "end_date": pl.Date()}
    | {f"{when}_{name}": pl.String() for when in ("was", "is") for name in _SAID}
)
"""A child's days [start_date, end_date) on which two ELIGIBILITYs differ; nulls: one of them has no such day."""


def compared(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """COMPARED: the days on which `after` says something else than `before`, neighbours that agree made one."""
    days = pl.concat(
        table.select(_CHILD, pl.col(bound).alias("start_date"))
        for table in (before, after)
        for bound in ("start_date", "end_date")
    )
    cut = days.unique().sort(_CHILD, "start_date")
    found = cut.with_columns(pl.col("start_date").shift(-1).over(_CHILD).alias("end_date")).drop_nulls("end_date")
    for when, table in (("was", before), ("is", after)):
        found = covering(found, "start_date", table, _CHILD, {name: f"{when}_{name}" for name in _SAID})
    same = pl.all_horizontal(pl.col(f"was_{name}").eq_missing(pl.col(f"is_{name}")) for name in _SAID)
    told = [name for name in COMPARED if name not in ("start_date", "end_date")]
    return merged(found.filter(~same).select(COMPARED.names()), told)
