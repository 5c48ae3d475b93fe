"""The law of a month as assets: what stands, and the whole book the month is decided by.

The data version of what stands is a digest of the values in force: an amendment makes stale exactly the months
from it on. The book is kept so that a decision can be made again after the files have been amended.
"""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import table, versioned
from resources.house import House
from schemas.records.statistics import LAW_BOOK, LAW_IN_FORCE


@table(LAW_IN_FORCE, LAW_BOOK, group="law", partitions=MONTHLY)
def law_of_month(context: dg.AssetExecutionContext, house: House) -> tuple[dg.Output[pl.DataFrame], pl.DataFrame]:
    month = month_of(context.partition_key)
    standing = house.law.frame(month).rename({"from": "from_date"})
    frame = standing.with_columns(pl.lit(month).alias("month")).select(LAW_IN_FORCE.names)
    return versioned(frame, house.law.digest(month)), house.law.as_frame()
