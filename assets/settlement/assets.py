"""The settlement of a month as tables."""

import dagster as dg
import polars as pl

from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from assets.settlement import rules
from resources.house import House
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES


@table(
    DEBTS,
    DIFFERENCES,
    OFFSETS,
    PAYABLES,
    group="settlement",
    partitions=MONTHLY,
    deps=["law_of_month", dg.AssetDep(DEBTS.name, partition_mapping=MONTH_BEFORE)],
)
def settlement(
    context: dg.AssetExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    benefit_steps: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    identities: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    owed = house.of_month_before(DEBTS, month)
    found = rules.settle(benefit_decisions, benefit_steps, benefit_reopened, owed, identities, house.law, month)
    return found.debts, found.differences, found.offsets, found.payables


SETTLEMENT_ASSETS = [settlement]
