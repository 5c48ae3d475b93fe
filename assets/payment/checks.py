"""The bank file is what the ledger says, and the ledger what was decided."""

import dagster as dg
import polars as pl

from assets.calendar import DAILY, MONTHLY, month_of
from assets.described import check
from assets.months import next_month
from assets.payment.rules import last_business_day
from resources.house import House


@check(
    "payment_orders",
    MONTHLY,
    "1回目の支払命令の合計 = 精算で支払うとした額の合計",
    more={"payables": dg.AssetIn("settlement_payables")},
)
def order_total_equals_settlement_total(payment_orders: pl.DataFrame, payables: pl.DataFrame) -> dg.AssetCheckResult:
    paid = payables.filter(pl.col("payable_yen") > 0)
    first = payment_orders.filter(pl.col("attempt") == 1)
    difference = int(first["amount_yen"].sum()) - int(paid["payable_yen"].sum())
    return dg.AssetCheckResult(
        passed=difference == 0 and first.height == paid.height, metadata={"difference_yen": difference}
    )


@check("bank_file", MONTHLY, "振込データの件数と合計 = 台帳の束の件数と合計")
def bank_file_equals_its_batch_in_the_ledger(house: House, bank_file: pl.DataFrame) -> dg.AssetCheckResult:
    batches = [house.ledger.batch(row["batch_no"]) for row in bank_file.to_dicts()]
    told = [(batch.orders, batch.total_yen, batch.digest) for batch in batches]
    filed = list(bank_file.select("orders", "total_yen", "sha256").iter_rows())
    return dg.AssetCheckResult(passed=told == filed, metadata={"files": len(filed)})


@check("payment_orders", MONTHLY, "この月に台帳へ入れた支払命令は、どれもいまの判定にある")
def every_order_in_the_ledger_is_still_decided(
    context: dg.AssetCheckExecutionContext, house: House, payment_orders: pl.DataFrame
) -> dg.AssetCheckResult:
    entered = house.ledger.orders().filter(pl.col("decided_month") == month_of(context.partition_key))
    orphans = entered.join(payment_orders, on="payment_no", how="anti").height
    return dg.AssetCheckResult(passed=orphans == 0, metadata={"orphans": orphans})


@check(
    "bank_file",
    MONTHLY,
    "振込指定日までの支払命令は、振込データか点検の誤りのどちらかにある",
    more={"found": dg.AssetIn("bank_file_problems")},
)
def no_order_due_is_forgotten(
    context: dg.AssetCheckExecutionContext, house: House, bank_file: pl.DataFrame, found: pl.DataFrame
) -> dg.AssetCheckResult:
    waiting = house.ledger.unbatched(last_business_day(next_month(month_of(context.partition_key))))
    faulty = found.filter(pl.col("severity") == "error")
    forgotten = waiting.join(faulty, on="payment_no", how="anti").height
    return dg.AssetCheckResult(passed=forgotten == 0, metadata={"files": bank_file.height, "forgotten": forgotten})


@check(
    "bank_results_entered",
    DAILY,
    "届いた振込結果は、どの行も台帳に入力したか職員が調べる表にあるかのどちらか(件数・円)",
    more={"arrived": dg.AssetIn("bank_results"), "work": dg.AssetIn("bank_results_work")},
)
def every_answer_is_in_the_ledger_or_on_the_work_list(
    house: House, bank_results_entered: pl.DataFrame, arrived: pl.DataFrame, work: pl.DataFrame
) -> dg.AssetCheckResult:
    line, answer = ["delivery", "line_no", "amount_yen"], ["payment_no", "value_date", "result"]
    ended = pl.concat([bank_results_entered.select(line), work.select(line)]).sort(line)
    missing = bank_results_entered.join(house.ledger.results(), on=answer, how="anti").height
    passed = ended.equals(arrived.select(line).sort(line)) and missing == 0
    figures = {"arrived": arrived.height, "for_a_person": work.height, "not_in_the_ledger": missing}
    return dg.AssetCheckResult(passed=passed, metadata=figures)


PAYMENT_CHECKS = [
    every_answer_is_in_the_ledger_or_on_the_work_list,
    order_total_equals_settlement_total,
    every_order_in_the_ledger_is_still_decided,
    bank_file_equals_its_batch_in_the_ledger,
    no_order_due_is_forgotten,
]
