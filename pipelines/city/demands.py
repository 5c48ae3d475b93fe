"""The reviewing bodies' monthly demands for the receipts they delivered, some of them wrong.

Belongs here: the lines, fees and totals of a demand, and what is planted in it. What the city must find in it belongs
to truth_demands.
"""

from datetime import date

import polars as pl

from pipelines.city.chance import Chance, key
from schemas.records.feeds import REVIEW_BODY_DEMANDS

DEMAND_DAY = 20
FEE_SEN = 10_000
"""The fee of a receipt billed the first time; nothing public states the real one."""
LINE = ["review_body", "billing_month", "demand_class", "service_month", "care"]
PLANTED = ("more", "other yen", "other unit")
"""A receipt that never came, yen of no receipt, a fee of another unit."""
_MORE_YEN, _OTHER_YEN, _OTHER_SEN = 1_230, 100, 50


def demand_lines(receipts: pl.DataFrame) -> pl.DataFrame:
    """Lines of honest demands for rows of the receipts feed."""
    first = pl.col("demand_class") == "0"
    return (
        receipts.select(
            "review_body",
            "billing_month",
            pl.col("receipt_change").alias("demand_class"),
            "service_month",
            pl.col("rcpt_inpatient_outpatient_code").alias("care"),
            "rcpt_public_expense_yen",
        )
        .group_by(LINE)
        .agg(pl.len().cast(pl.Int64).alias("receipts"), pl.col("rcpt_public_expense_yen").sum().alias("amount_yen"))
        .with_columns(pl.when(first).then(FEE_SEN).otherwise(0).cast(pl.Int64).alias("fee_unit_sen"))
        .sort(LINE)
    )


def planted(lines: pl.DataFrame, chance: Chance, month: date, rate: float) -> pl.DataFrame:
    """`lines` with `plant`: one line of a first bill for each kind of PLANTED, none in a city without defects."""
    place = key(pl.col("review_body").cast(pl.UInt64), pl.col("care").cast(pl.UInt64), pl.lit(month.toordinal()))
    drawn = pl.when(pl.col("demand_class") == "0").then(chance.bits("demand/plant", place))
    nth = drawn.rank("ordinal") - 1
    kinds = pl.lit(pl.Series(PLANTED))
    kind = pl.when((nth < len(PLANTED)) & pl.lit(rate > 0)).then(kinds.gather(nth.fill_null(0) % len(PLANTED)))
    plant = pl.col("plant")
    return lines.with_columns(kind.alias("plant")).with_columns(
        pl.col("receipts") + (plant == "more").fill_null(False).cast(pl.Int64),
        pl.col("amount_yen")
        + pl.when(plant == "more").then(_MORE_YEN).when(plant == "other yen").then(_OTHER_YEN).otherwise(0),
        pl.col("fee_unit_sen") + pl.when(plant == "other unit").then(_OTHER_SEN).otherwise(0),
    )


def demand_rows(lines: pl.DataFrame) -> pl.DataFrame:
    """Rows of the feed: the lines with their fees, then a total of each body and billing month."""
    charged = lines.with_columns((pl.col("receipts") * pl.col("fee_unit_sen") // 100).alias("fee_yen"))
    totals = (
        charged.group_by("review_body", "billing_month")
        .agg(pl.col("receipts", "amount_yen", "fee_yen").sum())
        .with_columns(
            pl.lit("9").alias("demand_class"),
            pl.lit(None, pl.Date).alias("service_month"),
            pl.lit(None, pl.String).alias("care"),
            pl.lit(None, pl.Int64).alias("fee_unit_sen"),
        )
    )
    names = REVIEW_BODY_DEMANDS.names
    return pl.concat([charged.select(names), totals.select(names)]).sort(LINE, nulls_last=True)
