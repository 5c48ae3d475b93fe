"""in = accepted + refused, in rows and in yen, per delivery, counted again from what was published."""

import dagster as dg
import polars as pl

from assets.calendar import of_feed
from assets.described import check
from resources.balance import imbalances
from resources.house import House
from schemas.record import Record
from schemas.records.feeds import FEEDS


def _balance(feed: Record) -> dg.AssetChecksDefinition:
    @check(
        feed.name,
        of_feed(feed),
        f"{feed.label}: 送付票の件数・金額 = 受理 + 拒否(納品ごと)",
        more={"refused_rows": dg.AssetIn(f"{feed.name}_refused")},
    )
    def rows_and_yen_in_equal_accepted_plus_refused(
        context: dg.AssetCheckExecutionContext, house: House, accepted_rows: pl.DataFrame, refused_rows: pl.DataFrame
    ) -> dg.AssetCheckResult:
        remembered = house.registry.accepted(house.municipality, feed.name)
        mine = [delivery for delivery in remembered if delivery.partition == context.partition_key]
        found = imbalances(feed.name, accepted_rows, refused_rows, mine)
        return dg.AssetCheckResult(passed=not found, metadata={"deliveries": len(mine), "imbalances": found})

    return rows_and_yen_in_equal_accepted_plus_refused


FEED_CHECKS = [_balance(feed) for feed in FEEDS.values()]
