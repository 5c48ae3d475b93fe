"""Every yen a reviewing body demands was decided, or a difference says why not."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.demands.rules import KEY, never_settled, standing
from assets.described import check
from resources.house import House
from schemas.records.benefit import RECEIPTS_OPEN

_INPUTS = {
    name: dg.AssetIn(name) for name in ("review_body_demands", "receipts", "benefit_reopened", "benefit_decisions")
}


def left_over(
    demands: pl.DataFrame,
    receipts: pl.DataFrame,
    waiting: pl.DataFrame,
    decisions: pl.DataFrame,
    differences: pl.DataFrame,
) -> pl.DataFrame:
    """The lines (KEY) whose demanded receipts and yen, with those waiting, are not the ones decided plus the
    differences: added up again from the accepted rows, with what is left over."""
    amounts = decisions.filter(pl.col("feed") == "receipts").select("delivery", "line_no", "amount_yen")
    decided = pl.concat([receipts, waiting]).join(amounts, on=["delivery", "line_no"], how="left")
    one, yen = pl.lit(1, pl.Int64), pl.col("amount_yen").fill_null(0)
    key = {"receipt_change": "demand_class", "rcpt_inpatient_outpatient_code": "care"}
    parts = [
        standing(demands).select(*KEY, pl.col("receipts").alias("rows"), pl.col("amount_yen").alias("yen")),
        waiting.rename(key).select(*KEY, one.alias("rows"), pl.col("rcpt_public_expense_yen").alias("yen")),
        decided.rename(key).select(*KEY, (-one).alias("rows"), (-yen).alias("yen")),
        differences.select(*KEY, (-pl.col("receipts")).alias("rows"), (-pl.col("difference_yen")).alias("yen")),
    ]
    sums = pl.concat(parts).group_by(KEY).agg(pl.col("rows", "yen").sum())
    return sums.filter((pl.col("rows") != 0) | (pl.col("yen") != 0)).sort(KEY)


@check("demand_differences", MONTHLY, "どの行も 請求 + 前月からの保留 = 判定 + 違い(件数・円)", more=_INPUTS)
def every_demanded_yen_was_decided_or_is_told(
    context: dg.AssetCheckExecutionContext,
    house: House,
    demand_differences: pl.DataFrame,
    review_body_demands: pl.DataFrame,
    receipts: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
) -> dg.AssetCheckResult:
    still_open = house.of_month_before(RECEIPTS_OPEN, month_of(context.partition_key))
    waiting = never_settled(still_open, benefit_reopened)
    over = left_over(review_body_demands, receipts, waiting, benefit_decisions, demand_differences)
    return dg.AssetCheckResult(
        passed=over.is_empty(), metadata={"lines": over.height, "left_over_yen": int(over["yen"].abs().sum())}
    )


@check(
    "demand_lines",
    MONTHLY,
    "請求の手数料 = 受理した件数による手数料 + 違い(円)",
    more={"differences": dg.AssetIn("demand_differences"), "demands": dg.AssetIn("review_body_demands")},
)
def every_demanded_fee_is_due_or_is_told(
    demand_lines: pl.DataFrame, differences: pl.DataFrame, demands: pl.DataFrame
) -> dg.AssetCheckResult:
    demanded, due = int(standing(demands)["fee_yen"].sum()), int(demand_lines["fee_due_yen"].sum())
    over = demanded - due - int(differences["fee_difference_yen"].sum())
    return dg.AssetCheckResult(passed=over == 0, metadata={"left_over_yen": over})


DEMAND_CHECKS = [every_demanded_yen_was_decided_or_is_told, every_demanded_fee_is_due_or_is_told]
