"""in = accepted + refused, in rows and in yen, per delivery, counted again from what was published."""

from datetime import date

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of, of_feed
from assets.described import check
from assets.feeds.drift import drifted, seal
from resources.balance import imbalances
from resources.house import House
from schemas.record import Record
from schemas.records.feeds import FEEDS, RESIDENT_TAXES, accepted


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


def tax_drift(house: House, month: date, delivered: pl.DataFrame) -> pl.DataFrame:
    """What moved in a month's taxes against the deliveries before, unless somebody let exactly that pass."""
    before = house.all_before(accepted(RESIDENT_TAXES), month)
    found = drifted(before, delivered, house.law.at(month))
    let_pass = found.is_empty() or house.acceptances.accepted(RESIDENT_TAXES.name, seal(found))
    return found.clear() if let_pass else found


@check("resident_taxes", MONTHLY, "同じ課税年度の前の納品から、割合や額が大きく動いていないか、人が確かめている")
def no_meaning_of_the_taxes_moved_unseen(
    context: dg.AssetCheckExecutionContext, house: House, resident_taxes: pl.DataFrame
) -> dg.AssetCheckResult:
    found = tax_drift(house, month_of(context.partition_key), resident_taxes)
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"moved": found["figure"].unique().sort().to_list()})


FEED_CHECKS = [*(_balance(feed) for feed in FEEDS.values()), no_meaning_of_the_taxes_moved_unseen]
