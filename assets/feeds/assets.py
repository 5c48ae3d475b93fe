"""One asset per feed: the gate lets a delivery in whole, row by row, or not at all."""

import dagster as dg
import polars as pl

from assets.calendar import days_of, of_feed
from assets.described import table
from resources.house import House
from schemas.record import Record
from schemas.records.feeds import FEEDS, accepted, refused


def _feed_asset(feed: Record) -> dg.AssetsDefinition:
    @table(accepted(feed), refused(feed), group="feeds", partitions=of_feed(feed), name=f"take_{feed.name}")
    def take(context: dg.AssetExecutionContext, house: House) -> tuple[pl.DataFrame, pl.DataFrame]:
        result = house.take(feed.name, context.partition_key, days_of(context.partition_key))
        context.add_output_metadata(result.figures(), output_name=feed.name)
        return result.accepted, result.refused

    return take


FEED_ASSETS = [_feed_asset(feed) for feed in FEEDS.values()]
