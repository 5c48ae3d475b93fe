"""Orders from the ledger, the 総合振込 file of the month's value date, and each night the bank's answers."""

from datetime import date
from hashlib import sha256

import dagster as dg
import polars as pl

from assets.calendar import DAILY, MONTHLY, key_of, month_of
from assets.described import table
from assets.months import next_month
from assets.payment import returns, rules
from assets.payment.reading import answers_until
from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.masters import bank_branches, branch_successors
from reports.zengin.preflight import problems
from reports.zengin.transfer_file import transfer_file
from resources.house import House
from resources.ledger_batches import Batch, refuse_another_file
from resources.ledger_states import State
from resources.release import file_name_of
from schemas.law.book import LawOfMonth
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, RESULTS_ENTERED, RESULTS_WORK

MACHINE = "kodomo"
"""Who prepares a batch in the monthly run: nobody who could approve it."""


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
    """ORDERS of what came back from the bank and can be paid now."""
    back = returns.came_back(*answers_until(house, month))
    if back.is_empty():
        return ORDERS.empty()
    ordered = house.all_before(ORDERS, month)
    wait = returns.waiting(back, house.ledger.orders(), house.ledger.contradicted(), month)
    wanted = returns.ordered_again(wait, ordered, accounts, month)
    house.ledger.order_again(wanted, run_id=run_id)
    return returns.numbered_again(wanted, ordered, house.ledger.orders())


@table(RESULTS_ENTERED, RESULTS_WORK, group="payment", partitions=DAILY)
def answers_of_the_bank(
    context: dg.AssetExecutionContext, house: House, bank_results: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    judged = house.ledger.record_results(bank_results, run_id=context.run.run_id)
    entered, work = rules.sorted_out(bank_results, judged.work_list)
    context.add_output_metadata({"new": judged.new, "same": judged.same}, output_name=RESULTS_ENTERED.name)
    return entered, work


@table(PREFLIGHT, BANK_FILES, group="payment", partitions=MONTHLY, deps=["law_of_month"])
def bank_file(
    context: dg.AssetExecutionContext,
    house: House,
    payment_orders: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    value_date = rules.last_business_day(next_month(month))
    known = pl.concat([house.all_before(ORDERS, month), payment_orders])
    bank = _Bank(house, house.law.at(month), value_date, known, registrations, persons)
    found = bank.problems(house.ledger.orders().filter(pl.col("value_date") == value_date))
    bank.prepare(rules.faulty(found))
    files = [bank.laid_out(batch, key_of(month)) for batch in house.ledger.standing_batches(value_date)]
    return found.select(PREFLIGHT.names), pl.DataFrame(files, schema=BANK_FILES.schema)


class _Bank:
    """What the file of one value date is written with."""

    def __init__(
        self,
        house: House,
        law: LawOfMonth,
        value_date: date,
        known: pl.DataFrame,
        registrations: pl.DataFrame,
        persons: pl.DataFrame,
    ) -> None:
        self.house = house
        self.value_date = value_date
        self.originator = Originator.from_mapping(law.value("bank.originator"))
        self.profile = BankProfile.from_mapping(law.value("bank.profile"))
        relations = rules.payee_relations(known, registrations, persons, self.profile)
        self.payees = known.select("payment_no", "beneficiary_no").join(relations, on="payment_no")

    def spelled(self, orders: pl.DataFrame) -> pl.DataFrame:
        """Ledger orders as reports.zengin takes them."""
        return rules.with_names(orders.join(self.payees, on="payment_no"), bank_branches())

    def problems(self, orders: pl.DataFrame) -> pl.DataFrame:
        """What pre-flight says of orders not yet in a batch."""
        if orders.is_empty():
            return PREFLIGHT.empty()
        masters = bank_branches(), branch_successors()
        return problems(self.spelled(orders), self.originator, self.value_date, self.profile, *masters)

    def prepare(self, faulty: list[str]) -> None:
        """Close a batch over the file of every order of the day that is in none and not faulty."""
        loose = self.house.ledger.loose_orders(self.value_date)
        members = loose.filter(~pl.col("payment_no").is_in(faulty))
        if members.height:
            digest = sha256(self.data(members)).hexdigest()
            self.house.ledger.prepare(self.value_date, members["payment_no"].to_list(), digest, person=MACHINE)

    def data(self, orders: pl.DataFrame) -> bytes:
        """The file of ledger orders; outside production a trial, which no bank takes."""
        trial = self.house.ledger.environment != "production"
        return transfer_file(self.spelled(orders), self.originator, self.value_date, self.profile, trial=trial)

    def laid_out(self, batch: Batch, key: str) -> dict[str, object]:
        """The file of a batch, laid in the outbox unless its plaintext was erased. Raises LedgerError when it is
        no longer the one prepared."""
        data = self.data(self.house.ledger.batch_orders(batch.batch_no))
        name = file_name_of(batch.batch_no)
        refuse_another_file(batch, sha256(data).hexdigest())
        if batch.state is not State.ERASED:
            self.house.outbox.write(key, name, data, purpose="総合振込", sealed=True)
        return {
            "file_name": name,
            "batch_no": batch.batch_no,
            "value_date": self.value_date,
            "orders": batch.orders,
            "total_yen": batch.total_yen,
            "bytes": len(data),
            "sha256": batch.digest,
        }


PAYMENT_ASSETS = [payment_orders, bank_file, answers_of_the_bank]
