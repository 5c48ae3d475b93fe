"""Orders from the ledger, and the 総合振込 file of the month's value date."""

from datetime import date
from hashlib import sha256

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, key_of, month_of
from assets.described import table
from assets.months import next_month
from assets.payment import rules
from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.masters import bank_branches
from reports.zengin.preflight import problems
from reports.zengin.transfer_file import transfer_file
from resources.house import House
from resources.ledger import Batch
from schemas.law.book import LawOfMonth
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT


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


@table(PREFLIGHT, BANK_FILES, group="payment", partitions=MONTHLY, deps=["law_of_month"])
def bank_file(
    context: dg.AssetExecutionContext, house: House, payment_orders: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    value_date = rules.last_business_day(next_month(month))
    bank = _Bank(house, house.law.at(month), value_date, pl.concat([house.all_before(ORDERS, month), payment_orders]))
    found = bank.problems(house.ledger.orders().filter(pl.col("value_date") == value_date))
    house.ledger.open_batch(value_date, without=rules.faulty(found))
    files = [bank.sealed(batch, key_of(month)) for batch in house.ledger.batches(value_date)]
    return found.select(PREFLIGHT.names), pl.DataFrame(files, schema=BANK_FILES.schema)


class _Bank:
    """What the file of one value date is written with."""

    def __init__(self, house: House, law: LawOfMonth, value_date: date, known: pl.DataFrame) -> None:
        self.house = house
        self.value_date = value_date
        self.numbers = known.select("payment_no", "beneficiary_no")
        self.originator = Originator.from_mapping(law.value("bank.originator"))
        self.profile = BankProfile.from_mapping(law.value("bank.profile"))

    def spelled(self, orders: pl.DataFrame) -> pl.DataFrame:
        """Ledger orders as reports.zengin takes them."""
        return rules.with_names(orders.join(self.numbers, on="payment_no"), bank_branches())

    def problems(self, orders: pl.DataFrame) -> pl.DataFrame:
        """What pre-flight says of orders not yet in a batch."""
        if orders.is_empty():
            return PREFLIGHT.empty()
        return problems(self.spelled(orders), self.originator, self.value_date, self.profile, bank_branches())

    def sealed(self, batch: Batch, key: str) -> dict[str, object]:
        """The file of a batch, sealed in the ledger and laid in the outbox."""
        orders = self.spelled(self.house.ledger.batch_orders(batch.batch_no))
        data = transfer_file(orders, self.originator, self.value_date, self.profile)
        name = f"zengin_{batch.batch_no}.txt"
        digest = sha256(data).hexdigest()
        self.house.ledger.seal(batch.batch_no, digest, orders.height, int(orders["amount_yen"].sum()))
        self.house.outbox.write(key, name, data, purpose="総合振込", sealed=True)
        return {
            "file_name": name,
            "batch_no": batch.batch_no,
            "value_date": self.value_date,
            "orders": orders.height,
            "total_yen": int(orders["amount_yen"].sum()),
            "bytes": len(data),
            "sha256": digest,
        }


PAYMENT_ASSETS = [payment_orders, bank_file]
