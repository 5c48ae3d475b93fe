"""The differences of demands as the city's truth states them: for tests only."""

import polars as pl

from schemas.records.demands import LINE_KEY

DIFFERENCE = [*LINE_KEY, "difference"]


def demand_differences(told: pl.DataFrame) -> pl.DataFrame:
    """DEMAND_DIFFERENCES added up by line and kind, in the columns and order of truth_demands."""
    return (
        told.group_by(DIFFERENCE)
        .agg(
            pl.len().cast(pl.Int64).alias("cases"),
            pl.col("receipts").sum(),
            pl.col("difference_yen").sum().alias("yen"),
            pl.col("fee_difference_yen").sum().alias("fee_yen"),
        )
        .sort(DIFFERENCE)
    )
