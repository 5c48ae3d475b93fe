"""The month's demands of the reviewing bodies beside the receipts and their decisions, and what differs."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.demands import rules
from assets.described import table
from resources.house import House
from schemas.records.benefit import RECEIPTS_OPEN
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES


@table(DEMAND_LINES, DEMAND_DIFFERENCES, group="payment", partitions=MONTHLY, deps=["law_of_month"])
def demands_compared(
    context: dg.AssetExecutionContext,
    house: House,
    review_body_demands: pl.DataFrame,
    receipts: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    still_open = house.of_month_before(RECEIPTS_OPEN, month_of(context.partition_key))
    waiting = rules.never_settled(still_open, benefit_reopened)
    return rules.compared(review_body_demands, receipts, waiting, benefit_decisions, house.law)


DEMAND_ASSETS: list[dg.AssetsDefinition] = [demands_compared]
