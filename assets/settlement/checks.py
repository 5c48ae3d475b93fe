"""Every yen of a difference is paid, offset, owed, or in the review body's account."""

import dagster as dg
import polars as pl

from assets.benefit.checker import unsettled
from assets.calendar import MONTHLY, month_of
from assets.described import check
from resources.house import House
from schemas.records.settlement import DEBTS

_TABLES = {
    name: dg.AssetIn(name)
    for name in ("benefit_decisions", "benefit_reopened", "settlement_offsets", "settlement_payables", "debts")
}


@check(
    "settlement_differences",
    MONTHLY,
    "差額の合計 = 支払う額 + 相殺額 + 残っている返還の増減 + 審査支払機関との差額(1件ずつ)",
    more=_TABLES,
)
def every_difference_is_paid_offset_or_owed(
    context: dg.AssetCheckExecutionContext,
    house: House,
    settlement_differences: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    settlement_offsets: pl.DataFrame,
    settlement_payables: pl.DataFrame,
    debts: pl.DataFrame,
) -> dg.AssetCheckResult:
    found = unsettled(
        benefit_decisions,
        benefit_reopened,
        settlement_differences,
        settlement_offsets,
        settlement_payables,
        debts,
        house.of_month_before(DEBTS, month_of(context.partition_key)),
    )
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"unsettled": found.height})


@check("debts", MONTHLY, "どの返還も、支給した判定と、法の改正でなければきっかけの行を示す")
def every_debt_names_the_payment_and_the_news(debts: pl.DataFrame) -> dg.AssetCheckResult:
    silent = debts.filter(pl.col("news_delivery").is_null() & (pl.col("cause") != "7"))
    return dg.AssetCheckResult(passed=silent.is_empty(), metadata={"silent": silent.height})


SETTLEMENT_CHECKS = [every_difference_is_paid_offset_or_owed, every_debt_names_the_payment_and_the_news]
