"""What the files of one value date are written with: the law of the month, the accounts, the ledger's batches.

Belongs here: judging the day's orders, preparing a batch, laying file and report in the outbox. Does not belong here:
the rules (rules.py), the format and the words (reports/zengin, reports/preflight).
"""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from hashlib import sha256

import polars as pl

from assets.calendar import key_of
from assets.months import last_day, next_month
from assets.payment import rules
from reports.letters.context import letter_context
from reports.preflight.page import page
from reports.preflight.pdf import pdf
from reports.preflight.report import FileFacts, Preflight
from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.faults import no_faults
from reports.zengin.lookup import read_against_master
from reports.zengin.masters import bank_branches, branch_successors, published_date
from reports.zengin.preflight import FINDING_SCHEMA, findings
from reports.zengin.transfer_file import transfer_file
from reports.zengin.worklist import work_list
from resources.house import House
from resources.ledger_batches import Batch, refuse_another_file
from resources.ledger_states import State
from resources.release import file_name_of
from schemas.businessdays import office_day_on_or_after

MACHINE = "kodomo"
"""Who prepares a batch in the monthly run: nobody who could approve it."""

PURPOSE = "総合振込の点検"


class Bank:
    """The orders of a value date, judged by the law of `month`. known: ORDERS of all months up to it."""

    def __init__(
        self,
        house: House,
        month: date,
        value_date: date,
        known: pl.DataFrame,
        registrations: pl.DataFrame,
        persons: pl.DataFrame,
    ) -> None:
        law = house.law.at(month)
        self.house = house
        self.month = month
        self.value_date = value_date
        self.originator = Originator.from_mapping(law.value("bank.originator"))
        self.profile = BankProfile.from_mapping(law.value("bank.profile"))
        relations = rules.payee_relations(known, registrations, persons, self.profile)
        self.payees = known.select("payment_no", "beneficiary_no").join(relations, on="payment_no")
        self.orders = house.ledger.orders().filter(pl.col("value_date") == value_date)

    def spelled(self, orders: pl.DataFrame) -> pl.DataFrame:
        """Ledger orders as reports.zengin takes them."""
        told = orders.join(self.payees, on="payment_no")
        passed = told.join(self.house.payees.accepted(told), on="payment_no", how="left")
        return rules.with_names(passed, bank_branches())

    @cached_property
    def found(self) -> pl.DataFrame:
        """What pre-flight says of the day's orders."""
        if self.orders.is_empty():
            return pl.DataFrame(schema=FINDING_SCHEMA)
        masters = bank_branches(), branch_successors()
        return findings(self.spelled(self.orders), self.originator, self.value_date, self.profile, *masters)

    @cached_property
    def work(self) -> pl.DataFrame:
        """What a clerk has to do about them."""
        return work_list(self.found, self.spelled(self.orders), self.profile, branch_successors(), self.value_date)

    def prepare(self) -> None:
        """Close a batch over the file of every order of the day that is in none and not faulty.

        Raises BankFileRefused for faults of the whole file, after the report that tells them.
        """
        if rules.whole_file_faults(self.found):
            self._report(None, no_faults())
        loose = self.house.ledger.loose_orders(self.value_date)
        members = loose.filter(~pl.col("payment_no").is_in(rules.faulty(self.found)))
        if members.height:
            digest = sha256(self.data(members)).hexdigest()
            self.house.ledger.prepare(self.value_date, members["payment_no"].to_list(), digest, person=MACHINE)

    def data(self, orders: pl.DataFrame) -> bytes:
        """The file of ledger orders; outside production a trial, which no bank takes."""
        return transfer_file(self.spelled(orders), self.originator, self.value_date, self.profile, trial=self._trial)

    def lay_out(self) -> list[dict[str, object]]:
        """The file and the report of every batch of the day in the outbox, as rows of BANK_FILES; without a batch the
        report of the day, which goes once there is one."""
        batches = self.house.ledger.standing_batches(self.value_date)
        if not batches:
            self._report(None, no_faults())
        files = list(self._laid_out(batches))
        if files:
            self._remove_the_days_report()
        return files

    def _laid_out(self, batches: list[Batch]) -> Iterator[dict[str, object]]:
        """Raises LedgerError when a file is no longer the one prepared. One erased stays erased."""
        for batch in batches:
            data, name = self.data(self.house.ledger.batch_orders(batch.batch_no)), file_name_of(batch.batch_no)
            refuse_another_file(batch, sha256(data).hexdigest())
            if batch.state is not State.ERASED:
                self.house.outbox.write(key_of(self.month), name, data, purpose="総合振込", sealed=True)
            facts = FileFacts(
                name, batch.batch_no, batch.orders, batch.total_yen, len(data), batch.digest, self._trial
            )  # fmt: skip
            self._report(facts, self._read_again(data))
            stated = {name: value for name, value in vars(facts).items() if name not in ("name", "trial")}
            yield {"file_name": name, "value_date": self.value_date, **stated}

    @property
    def _trial(self) -> bool:
        return self.house.ledger.environment != "production"

    def _read_again(self, data: bytes) -> pl.DataFrame:
        """The faults of the file as a bank's intake reads it; that a trial is one is no fault here."""
        masters = bank_branches(), branch_successors()
        read = read_against_master(data, self.profile, self.value_date, *masters)
        return rules.without_the_trial(read.faults) if read.file is not None and read.file.trial else read.faults

    def _report(self, file: FileFacts | None, reread: pl.DataFrame) -> None:
        """Page and PDF in the outbox, named by the batch, without one by the day."""
        report = self._preflight(file, reread)
        for name, content in zip(self._report_names(file), (page(report), pdf(report)), strict=True):
            self.house.outbox.write(key_of(self.month), name, content, purpose=PURPOSE)

    def _remove_the_days_report(self) -> None:
        for name in self._report_names(None):
            self.house.outbox.remove(key_of(self.month), name)

    def _report_names(self, file: FileFacts | None) -> tuple[str, str]:
        about = file.batch_no if file else f"{self.house.municipality}-{self.value_date:%Y%m%d}"
        return f"preflight_{about}.html", f"preflight_{about}.pdf"

    def _preflight(self, file: FileFacts | None, reread: pl.DataFrame) -> Preflight:
        ledger = self.house.ledger
        members = ledger.batch_orders(file.batch_no) if file else self.orders.clear()
        loose = ledger.loose_orders(self.value_date)
        return Preflight(
            city=letter_context(self.house.municipality, last_day(self.month), "REPORT").value("city"),
            value_date=self.value_date,
            made_on=office_day_on_or_after(next_month(self.month)),
            master_date=published_date(),
            originator=self.originator,
            profile=self.profile,
            file=file,
            members=rules.accounts(members),
            held=rules.accounts(loose),
            found=self.found,
            work=self.work,
            reread=reread,
        )
