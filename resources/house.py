"""The house of one municipality as a Dagster resource: every door behind one name.

Belongs here: opening the doors, and the few sentences that need two of them. Does not belong here: rules.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import dagster as dg
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field
from sqlalchemy import URL, Engine

from resources.acceptances import Acceptances
from resources.database import database_url, open_engine
from resources.home import home, municipality, production
from resources.inbox import GateResult, Inbox
from resources.keys import KeyRing
from resources.ledger import Ledger
from resources.outbox import Outbox
from resources.payees import Payees
from resources.registry import Registry, RegistryError
from resources.release import Releases
from resources.shelf import Shelf
from resources.witness import Witness, witness_directory
from schemas.law.book import Law
from schemas.record import Record


class House(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The doors of one municipality."""

    municipality: str = Field(default_factory=municipality)

    @property
    def engine(self) -> Engine:
        """The one database."""
        return _engine(database_url())

    @property
    def registry(self) -> Registry:
        """Volumes, deliveries and beneficiary numbers."""
        return _registry(database_url())

    @property
    def shelf(self) -> Shelf:
        """The tables."""
        return _shelf(home(), database_url(), self.municipality)

    @property
    def inbox(self) -> Inbox:
        """What the offices delivered."""
        return Inbox(home() / "inbox", self.municipality)

    @property
    def outbox(self) -> Outbox:
        """What goes out."""
        return _outbox(home(), database_url(), self.municipality)

    @property
    def ledger(self) -> Ledger:
        """The payments."""
        return _ledger(database_url(), self.municipality, "production" if production() else "test")

    @property
    def releases(self) -> Releases:
        """The bank files on their way out."""
        return Releases(self.ledger, self.outbox, Witness(witness_directory(), self.municipality), home())

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """What certificates are signed with."""
        return self.signing_keys[0]

    @property
    def signing_keys(self) -> list[Ed25519PrivateKey]:
        """That one, then those that certificates of before a rotation are signed with."""
        return KeyRing.open().signing_keys()

    @property
    def acceptances(self) -> Acceptances:
        """What people have seen and let pass."""
        return _acceptances(database_url(), self.municipality)

    @property
    def payees(self) -> Payees:
        """Payees whom two people let pass."""
        return _payees(database_url(), self.municipality)

    @property
    def law(self) -> Law:
        """The law book."""
        return Law.load(self.municipality)

    def take(self, feed: str, partition: str, days: tuple[date, date]) -> GateResult:
        """Let the deliveries of a partition through the gate and remember them. Raises DeliveryError."""
        result = self.inbox.gate(feed, days, self.registry.accepted(self.municipality, feed))
        self.registry.accept(self.municipality, result.deliveries)
        return result

    def of_month_before(self, record: Record, month: date) -> pl.DataFrame:
        """A monthly table of the month before `month`; empty where no earlier month exists at all.

        Raises ShelfError when earlier months exist but that one is missing.
        """
        key = f"{month.replace(day=1) - timedelta(days=1):%Y-%m}"
        earlier = [partition for partition in self.shelf.partitions(record.name) if partition <= key]
        return self.shelf.read(record, key) if earlier else record.empty()

    def numbered(self, applications: pl.DataFrame, *, enter: bool = True) -> pl.DataFrame:
        """Applications with every child's beneficiary number: the one given at the window, else the next free one;
        `enter`: what is new is entered in the registry.

        Raises RegistryError when a given number is another child's.
        """
        given = (
            applications.sort("known_date", "delivery", "line_no")
            .group_by("child_resident_code")
            .agg(pl.col("beneficiary_no").drop_nulls().first())
        )
        numbers = self.registry.beneficiary_numbers(self.municipality, given, enter=enter)
        contradicting = int(numbers["contradicts"].sum())
        if contradicting:
            raise RegistryError(
                "beneficiary_no",
                f"申請の受給者番号が、登録済みの番号と食い違う子どもが{contradicting}人います。",
                "applications の納品の受給者番号を窓口に確認してください。",
            )
        own = numbers.select("child_resident_code", pl.col("beneficiary_no").alias("own"))
        numbered = applications.join(own, on="child_resident_code", how="left", maintain_order="left")
        return numbered.with_columns(pl.col("own").alias("beneficiary_no")).drop("own")

    def all_before(self, record: Record, month: date) -> pl.DataFrame:
        """A monthly table of all months before one."""
        return pl.concat([record.empty(), *self.each_before(record, month)])

    def each_before(self, record: Record, month: date) -> Iterator[pl.DataFrame]:
        """A monthly table of all months before one, month by month in their order: one is in memory at a time."""
        key = f"{month:%Y-%m}"
        return (self.shelf.read(record, found) for found in self.shelf.partitions(record.name) if found < key)

    def rows_of(self, record: Record, lines: pl.DataFrame) -> pl.DataFrame:
        """The rows of a monthly feed that `lines` (arrived_month, delivery, line_no) name, month by month."""
        found = [
            self.shelf.read(record, f"{month:%Y-%m}").join(named, on=["delivery", "line_no"], how="semi")
            for (month,), named in sorted(lines.group_by("arrived_month"))
        ]
        return pl.concat([record.empty(), *found])


@lru_cache(maxsize=8)
def _engine(url: URL) -> Engine:
    return open_engine(url)


@lru_cache(maxsize=8)
def _registry(url: URL) -> Registry:
    return Registry(_engine(url))


@lru_cache(maxsize=8)
def _ledger(url: URL, municipality: str, environment: str) -> Ledger:
    return Ledger(_engine(url), municipality, environment=environment)


@lru_cache(maxsize=8)
def _acceptances(url: URL, municipality: str) -> Acceptances:
    return Acceptances(_engine(url), municipality)


@lru_cache(maxsize=8)
def _payees(url: URL, municipality: str) -> Payees:
    return Payees(_engine(url), municipality)


@lru_cache(maxsize=8)
def _shelf(place: Path, url: URL, municipality: str) -> Shelf:
    return Shelf(place / "shelf", _registry(url), KeyRing.open(), municipality)


@lru_cache(maxsize=8)
def _outbox(place: Path, url: URL, municipality: str) -> Outbox:
    return Outbox(place / "outbox", _engine(url), municipality)
