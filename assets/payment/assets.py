"""Orders from the ledger, and the 総合振込 file of the month's value date with its pre-flight report."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import table
from assets.months import next_month
from assets.payment import rules
from assets.payment.bank import Bank
from resources.house import House
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, WORK


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
    return rules.numbered(wanted, house.ledger.orders())


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


PAYMENT_ASSETS = [payment_orders, bank_file]
