"""Law values beside rows: each row gets the value that stands on its own day.

Belongs here: the join of a frame with the versions of a parameter. Does not belong here: what follows from it.
"""

from __future__ import annotations

import polars as pl

from schemas.law.book import Law


def versions_on(frame: pl.DataFrame, day: str, table: pl.DataFrame) -> pl.DataFrame:
    """`frame` in its order with from_date of the version that stands on `day`; null where none does."""
    return _with_version(frame.lazy(), day, table).collect()


def _with_version(frame: pl.LazyFrame, day: str, table: pl.DataFrame) -> pl.LazyFrame:
    versions = table.lazy().select("from_date", "until_date").unique().sort("from_date")
    days = frame.select(pl.col(day).alias("_day")).unique().sort("_day", nulls_last=True)
    found = days.join_asof(versions, left_on="_day", right_on="from_date", coalesce=False, check_sortedness=False)
    stands = pl.col("until_date").is_null() | (pl.col("_day") < pl.col("until_date"))
    kept = found.select("_day", pl.when(stands).then(pl.col("from_date")).alias("from_date"))
    return frame.join(kept, left_on=day, right_on="_day", how="left", maintain_order="left")


def dated(frame: pl.DataFrame, day: str, law: Law, columns: dict[str, str]) -> pl.DataFrame:
    """`frame` in its order with each scalar parameter (name → column) standing on `day`; null where none does."""
    return _standing(frame, day, law, "value", columns)


def with_basis(frame: pl.DataFrame, day: str, law: Law, columns: dict[str, str]) -> pl.DataFrame:
    """`frame` in its order with the basis of each parameter (name → column) standing on `day`."""
    return _standing(frame, day, law, "basis", columns)


def _standing(frame: pl.DataFrame, day: str, law: Law, source: str, columns: dict[str, str]) -> pl.DataFrame:
    """What stands is found once per day that occurs, then laid beside the rows."""
    days = frame.select(pl.col(day).alias("day")).unique()
    for name, column in columns.items():
        table = law.table(name)
        values = table.lazy().unique("from_date").select("from_date", pl.col(source).alias(column))
        asked = _with_version(days.lazy(), "day", table)
        days = asked.join(values, on="from_date", how="left").drop("from_date").collect()
    beside = frame.select(pl.col(day).alias("day")).join(days, on="day", how="left", maintain_order="left")
    return frame.with_columns(beside.drop("day").get_columns())


def listed(column: str, day: str, law: Law, name: str) -> pl.Expr:
    """Whether a code stands in the list of the parameter on the row's day."""
    versions = law.table(name).group_by("from_date", "until_date", maintain_order=True).agg("value")
    inside = [
        pl.col(column).is_in(values) & (pl.col(day) >= start) & (pl.lit(True) if end is None else pl.col(day) < end)
        for start, end, values in versions.iter_rows()
    ]
    return pl.any_horizontal(inside).fill_null(False)
