"""Orders from the ledger, the 総合振込 file of the month's value date with its pre-flight report, and each night the
bank's answers."""

from datetime import date

import dagster as dg
import polars as pl

from assets.calendar import DAILY, MONTHLY, month_of
from assets.described import table
from assets.months import next_month
from assets.payment import returns, rules
from assets.payment.bank import Bank
from assets.payment.reading import answers_until
from resources.house import House
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, RESULTS_ENTERED, RESULTS_WORK, WORK


@table(ORDERS, group="payment", partitions=MONTHLY, deps=["law_of_month"])
def payment_orders(
    context: dg.AssetExecutionContext,
    house: House,
    settlement_payables: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
) -> pl.DataFrame:
    accounts = rules.payees(registrations, applications_known)
    wanted = rules.orders(settlement_payables, accounts, house.law, month_of(context.partition_key))
    house.ledger.enter_orders(wanted, run_id=context.run.run_id)
    first = rules.numbered(wanted, house.ledger.orders())
    return pl.concat([first, _ordered_again(house, accounts, month_of(context.partition_key), context.run.run_id)])


def _ordered_again(house: House, accounts: pl.DataFrame, month: date, run_id: str) -> pl.DataFrame:
    """ORDERS of what came back from the bank, or missed its day, and can be paid now."""
    ordered, known = house.all_before(ORDERS, month), house.ledger.orders()
    back = returns.came_back(*answers_until(house, month))
    doubted = house.ledger.contradicted()
    wait = returns.waiting(back, known, doubted, month)
    overdue = returns.missed(house.ledger.overdue(), known, doubted, month)
    for wanted in (
        returns.ordered_again(wait, ordered, accounts, month),
        returns.ordered_after_their_day(overdue, ordered, accounts, month),
    ):
        house.ledger.order_again(wanted, run_id=run_id)
    return returns.numbered_again(ordered, house.ledger.orders(), month)


@table(RESULTS_ENTERED, RESULTS_WORK, group="payment", partitions=DAILY)
def answers_of_the_bank(
    context: dg.AssetExecutionContext, house: House, bank_results: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    judged = house.ledger.record_results(bank_results, run_id=context.run.run_id)
    entered, work = rules.sorted_out(bank_results, judged.work_list)
    context.add_output_metadata({"new": judged.new, "same": judged.same}, output_name=RESULTS_ENTERED.name)
    return entered, work


@table(PREFLIGHT, WORK, BANK_FILES, group="payment", partitions=MONTHLY, deps=["law_of_month"])
def bank_file(
    context: dg.AssetExecutionContext,
    house: House,
    payment_orders: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    value_date = rules.last_business_day(next_month(month))
    known = pl.concat([house.all_before(ORDERS, month), payment_orders])
    bank = Bank(house, month, value_date, known, registrations, persons)
    bank.prepare()
    files = bank.lay_out()
    return bank.found.select(PREFLIGHT.names), bank.work, pl.DataFrame(files, schema=BANK_FILES.schema)


PAYMENT_ASSETS = [payment_orders, bank_file, answers_of_the_bank]
