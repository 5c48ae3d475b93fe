"""The law of a month as an asset. Its data version is a digest of the values in force."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import table, versioned
from resources.house import House
from schemas.records.statistics import LAW_IN_FORCE


@table(LAW_IN_FORCE, group="law", partitions=MONTHLY)
def law_of_month(context: dg.AssetExecutionContext, house: House) -> dg.Output[pl.DataFrame]:
    month = month_of(context.partition_key)
    standing = house.law.frame(month).rename({"from": "from_date"})
    frame = standing.with_columns(pl.lit(month).alias("month")).select(LAW_IN_FORCE.names)
    return versioned(frame, house.law.digest(month))
