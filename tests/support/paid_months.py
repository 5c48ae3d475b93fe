"""September and October 2026 of a small production home: a month paid, answered in every way, and answered again later.

Belongs here: making such a home, and the nights of the bank. Does not belong here: what must be true of it (the
tests). The ledger's clock stands on the days of the story; the machine keeps its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import dagster as dg
import polars as pl
import pyrage
import pytest
from rich.console import Console

from assets.calendar import key_of, keys_between
from assets.months import last_day, next_month
from assets.payment.rules import last_business_day
from pipelines.batch import approved, erased, released, sealed
from pipelines.city.city import generate
from pipelines.definitions import defs
from pipelines.runs import QUIET, Outcome, run_all
from resources.house import House
from resources.keys import OPERATOR, KeyRing, key_file
from resources.release import JAPAN
from schemas.records.feeds import APPLICATIONS, BANK_RESULTS, DAILY, FEEDS, accepted
from schemas.records.payment import ORDERS
from tests.support.deliveries import Office
from tests.support.month import CITY, living_in, take_nights

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
CHILDREN, SEED, RATE = 240, 4, 0.02
FIRST, VALUE_DATE, SECOND = date(2026, 10, 29), date(2026, 10, 30), date(2026, 10, 31)
THIRD, FOURTH = date(2026, 11, 4), date(2026, 11, 24)
"""The nights on which the bank answers: the day before the value date, that day and the next, two of November."""
_NIGHT = ["bank_results", "bank_results_refused", "bank_results_entered", "bank_results_work"]
_REASONS = {"2": "該当口座なし", "9": "受取人名相違", "K": "組戻済"}
_YUCHO = "9900"
_BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Told:
    """The payments of September by what the bank says of them: ordered again after a return, recalled after it was
    paid, doubted (paid after a return), not answered in October, paid in October and recalled in November."""

    again: str
    recalled: str
    doubted: str
    open: str
    late: str


@dataclass
class Story:
    """The home and what happened in it."""

    place: Path
    house: House
    now: datetime

    def until(self, day: date) -> None:
        """The ledger's clock on the evening of a day."""
        self.now = datetime.combine(day, time(20, tzinfo=JAPAN))

    def nights_pass(self, month: date) -> None:
        """What the nights of a month with a delivery do for the feeds."""
        days = keys_between(month, last_day(month))
        laid = {day for record in DAILY for day in _days_laid(self.place / "inbox" / CITY / record.name)}
        take_nights(self.house, [day for day in days if day in laid])

    def month_ends(self, month: date) -> Outcome:
        """The whole month, through Dagster."""
        return run_all("monthly", [key_of(month)], Console(stderr=True))

    def hand_over(self, month: date, *, erase: bool) -> None:
        """Two other people bring the file of a month to the bank."""
        (batch,) = self.house.ledger.standing_batches(last_business_day(next_month(month)))
        approved(self.house, batch.batch_no, "乙")
        sealed(self.house, batch.batch_no, "乙")
        released(self.house, batch.batch_no, "丙", str(_BANK.to_public()))
        if erase:
            erased(self.house, batch.batch_no, "乙")

    def lay_answers(self, day: date, results: dict[str, str], other_yen: str = "") -> None:
        """A delivery of the bank: a result for each of these payments; of `other_yen` it names a yen too much."""
        told = self.house.ledger.orders().filter(pl.col("payment_no").is_in([*results]))
        result = pl.col("payment_no").replace_strict(results, return_dtype=pl.String)
        yen = pl.col("amount_yen") + (pl.col("payment_no") == other_yen).cast(pl.Int64)
        rows = told.with_columns(result.alias("result"), yen.alias("amount_yen")).with_columns(
            pl.col("result").replace_strict(_REASONS, default=None, return_dtype=pl.String).alias("reason_text")
        )
        office = Office(self.place / "inbox", BANK_RESULTS.name)
        laid = _days_laid(office.folder) if office.folder.exists() else []
        office.lay(rows.select(BANK_RESULTS.names), sequence=len(laid) + 1, as_of=day)

    def bank_night(self, day: date) -> bool:
        """The bank's part of a night; whether it ended well with every check."""
        return _ran("nightly", f"{day}", _NIGHT)

    def certified_again(self, month: date) -> bool:
        """The certificate of a month alone, once more."""
        return _ran("monthly", key_of(month), ["certificate"])

    def lay_new_account(self, payment_no: str) -> None:
        """On the last day of October the guardian of a payment applies with another account at the same branch."""
        (order,) = self.house.shelf.read(ORDERS, key_of(SEPTEMBER)).filter(payment_no=payment_no).to_dicts()
        nights = self.house.shelf.partitions(accepted(APPLICATIONS).name)
        known = self.house.shelf.read_many(accepted(APPLICATIONS), [day for day in nights if day < "2026-10"])
        stated = known.filter(pl.col("account_number") == order["account_number"]).tail(1).with_columns(
            pl.lit("N00000001").alias("application_no"),
            pl.lit("03").alias("application_type"),
            pl.lit("99").alias("application_reason"),
            pl.lit(SECOND).alias("application_date"),
            pl.lit(SECOND).alias("event_date"),
            pl.lit(f"{int(order['account_number']) + 1:07d}").alias("account_number"),
        )  # fmt: skip
        office = Office(self.place / "inbox", APPLICATIONS.name)
        rows = stated.select(FEEDS[APPLICATIONS.name].names)
        office.lay(rows, sequence=len(_days_laid(office.folder)) + 1, as_of=SECOND)

    def told(self) -> Told:
        """Five payments of September; the first of a guardian with only this one, at a bank with plain accounts."""
        orders = self.house.shelf.read(ORDERS, key_of(SEPTEMBER)).filter(value_date=VALUE_DATE)
        plain = (pl.len().over("guardian_resident_code") == 1) & (pl.col("bank_code") != _YUCHO)
        first = orders.filter(plain)["payment_no"].min()
        rest = orders.filter(pl.col("payment_no") != first)["payment_no"].sort().head(4).to_list()
        return Told(str(first), *rest)


@contextmanager
def story(place: Path) -> Iterator[Story]:
    """A city of two months in an empty production home, nothing of which has been taken."""
    generate(place, municipality=CITY, children=CHILDREN, first=SEPTEMBER, last=OCTOBER, seed=SEED, defects=RATE)
    with living_in(place) as house, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KODOMO_MODE", "production")
        KeyRing.create(key_file(), OPERATOR)
        lived = Story(place, house, datetime.combine(SEPTEMBER, time(20, tzinfo=JAPAN)))
        patch.setattr(house.ledger, "_clock", lambda: lived.now)
        yield lived


def _days_laid(folder: Path) -> list[str]:
    stamps = [path.stem.split("_")[-2] for path in folder.glob("*") if path.suffix != ".json"]
    return [f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:]}" for stamp in stamps]


def _ran(job: str, key: str, assets: list[str]) -> bool:
    """Whether these assets of a job's partition ended well with every check of theirs."""
    with dg.DagsterInstance.ephemeral() as instance:
        ended = defs.resolve_job_def(job).execute_in_process(
            partition_key=key,
            instance=instance,
            raise_on_error=False,
            run_config=QUIET,
            asset_selection=[dg.AssetKey(name) for name in assets],
        )
        checks = ended.get_asset_check_evaluations()
        return ended.success and bool(checks) and all(check.passed for check in checks)
