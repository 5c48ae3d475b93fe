"""The stages of a month, each ready to be timed: a stage reads what it needs, then returns the work alone.

Belongs here: which function of the house a stage calls, on what, and the plain peer it is compared with.
Does not belong here: timing and the table (__main__.py). `python -m benchmarks.stages STAGE FOLDER CHILDREN` runs
one stage in this process and prints its figures as one JSON line.
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl

from assets.benefit import rules as benefit_rules
from assets.calendar import days_of, key_of, keys_between, last_day, next_month
from assets.eligibility import rules as eligibility_rules
from assets.notices import rules as notice_rules
from assets.payment import rules as payment_rules
from assets.register import rules as register_rules
from assets.register.intervals import merged
from assets.second_engine.benefit import PAID_KEY
from assets.second_engine.benefit import benefit as second_benefit
from assets.second_engine.eligibility import RESULT
from assets.second_engine.eligibility import eligibility as second_eligibility
from pipelines.city.city import generate
from reports.letters.addressee import address_letters
from reports.letters.batch import render
from reports.letters.context import letter_context
from reports.letters.fonts import installed_fonts
from reports.letters.kinds import KINDS
from reports.zengin.agreement import LINE_ENDS, BankProfile, Originator
from reports.zengin.masters import bank_branches
from reports.zengin.orders import spelled_orders, spelled_originator
from reports.zengin.transfer_file import transfer_file
from resources.home import home
from resources.house import MUNICIPALITY, House
from resources.inbox import AcceptedDelivery, Inbox
from resources.keys import KeyRing, key_file
from resources.shelf import content_digest
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import DAILY, FEEDS
from schemas.records.register import KEPT, PERSONS, known

MONTH = date(2026, 10, 1)
KEY = key_of(MONTH)
LAW = Law.load(MUNICIPALITY)
LETTERS_AT_MOST = 1_000
JUDGED = ("subject", "feed", "delivery", "line_no", "judgement", "reason", "amount_yen")


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage made: how many of which unit, frames for later stages, a digest its peer must reach too."""

    count: int
    unit: str
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of one stage, as the parent reads it."""

    seconds: float
    peak_mb: float
    count: int
    unit: str
    digest: str


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the frames of earlier stages lie, and how large the city is."""

    folder: Path
    children: int

    def frame(self, name: str) -> pl.DataFrame:
        """A frame an earlier stage kept."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def frames(self, *names: str) -> list[pl.DataFrame]:
        """Several of them, in that order."""
        return [self.frame(name) for name in names]


Work = Callable[[], Made]


def city(bench: Bench) -> Work:
    """The synthetic city's deliveries of one month."""
    shutil.rmtree(bench.folder / "city", ignore_errors=True)
    (bench.folder / "city").mkdir()

    def work() -> Made:
        made = generate(bench.folder / "city", children=bench.children, first=MONTH, last=MONTH, seed=1, defects=0.01)
        return Made(sum(made.rows.values()), "rows")

    return work


def gate(bench: Bench) -> Work:
    """Every feed through the gate, every day of the month."""
    inbox = Inbox(bench.folder / "city" / "inbox", MUNICIPALITY)

    def taken(feed: str, keys: list[str]) -> tuple[pl.DataFrame, int]:
        before: list[AcceptedDelivery] = []
        frames, rows = [], 0
        for key in keys:
            result = inbox.gate(feed, days_of(key), before)
            before += result.deliveries
            rows += result.counts.rows
            frames.append(result.accepted)
        return pl.concat(frames), rows

    def work() -> Made:
        days = keys_between(MONTH, last_day(MONTH))
        daily = {feed.name for feed in DAILY}
        through = {name: taken(name, days if name in daily else [KEY]) for name in FEEDS}
        frames = {name: frame for name, (frame, _) in through.items()}
        return Made(sum(rows for _, rows in through.values()), "rows", frames)

    return work


def register(bench: Bench) -> Work:
    """What is known at the end of the month, and the register read off it."""
    arrivals = {feed.name: bench.frame(feed.name) for feed in KEPT}

    def work() -> Made:
        told = {known(feed).name: register_rules.known(feed, known(feed).empty(), arrivals[feed.name]) for feed in KEPT}
        people = (told[f"{name}_known"] for name in ("residents", "nonresidents", "protected_persons"))
        others = ("public_assistance", "severe_disability", "single_parent", "facilities")
        applications = House().numbered(told["applications_known"])
        frames = told | {
            "persons": register_rules.persons(*people, last_day(MONTH)),
            "residences": register_rules.residences(told["residents_known"]),
            "schemes": register_rules.schemes(*(told[f"{name}_known"] for name in others)),
            "registration_periods": register_rules.registration_periods(applications, LAW),
            "registrations": register_rules.registrations(applications, LAW),
        }
        return Made(sum(frame.height for frame in told.values()), "rows", frames)

    return work


def eligibility(bench: Bench) -> Work:
    """Eligibility in Polars."""
    tables = bench.frames("persons", "residences", "schemes", "registration_periods")

    def work() -> Made:
        decided = eligibility_rules.eligibility(*tables, LAW)
        return Made(decided.height, "intervals", {"eligibility": decided}, _same_intervals(decided))

    return work


def eligibility_in_duckdb(bench: Bench) -> Work:
    """Eligibility in the second engine, DuckDB."""
    tables = bench.frames("persons", "residences", "schemes", "registration_periods")

    def work() -> Made:
        decided = second_eligibility(*tables, LAW)
        return Made(decided.height, "intervals", {}, _same_intervals(decided))

    return work


def _same_intervals(decided: pl.DataFrame) -> str:
    kept = merged(decided, ["child_resident_code", "entitled", "reason"]).select(RESULT)
    return content_digest(kept.sort(RESULT))


def annex1(bench: Bench) -> Work:
    """Certificates and the 158 items of 別添1."""
    persons, registrations, decided = bench.frames("persons", "registrations", "eligibility")
    more = bench.frames("applications_known", "resident_taxes_known", "arrears_known")

    def work() -> Made:
        cards = eligibility_rules.certificates(decided, registrations, persons, LAW, MONTH)
        items = eligibility_rules.annex1_register(persons, registrations, decided, cards, *more, MONTH)
        return Made(items.height, "children", {"certificates": cards})

    return work


_ASKED = ("receipts", "claims", "registrations", "eligibility", "persons")
_ANSWERED = ("insurer_answers_known", "national_health_insurance_known")


def benefit(bench: Bench) -> Work:
    """Decisions with their steps, in Polars."""
    tables = {name: bench.frame(name) for name in _ASKED + _ANSWERED}

    def work() -> Made:
        decisions, steps, *_ = benefit_rules.benefit(**tables, decided_before=DECISIONS.empty(), law=LAW, month=MONTH)
        kept = {"benefit_decisions": decisions, "benefit_steps": steps}
        return Made(decisions.height, "decisions", kept, _same_yen(decisions))

    return work


def benefit_in_duckdb(bench: Bench) -> Work:
    """The same decisions in the second engine, without steps."""
    tables = {name: bench.frame(name) for name in _ASKED + _ANSWERED}
    nothing = DECISIONS.empty().select(PAID_KEY)

    def work() -> Made:
        decided = second_benefit(**tables, paid_before=nothing, law=LAW, month=MONTH)
        return Made(decided.height, "decisions", {}, _same_yen(decided))

    return work


def _same_yen(decided: pl.DataFrame) -> str:
    return content_digest(decided.select(JUDGED).sort(JUDGED))


def _orders(bench: Bench) -> pl.DataFrame:
    """The month's orders, numbered here instead of in a ledger, as the bank file takes them."""
    decisions, registrations, applications = bench.frames("benefit_decisions", "registrations", "applications_known")
    accounts = payment_rules.payees(registrations, applications)
    wanted = payment_rules.orders(decisions, accounts, LAW, MONTH).with_row_index("payment_no", offset=1)
    return wanted.with_columns(pl.col("payment_no").cast(pl.String).str.zfill(10))


def _bank(bench: Bench, write: Callable[..., bytes]) -> Work:
    orders = payment_rules.with_names(_orders(bench), bank_branches())
    law = LAW.at(MONTH)
    originator = Originator.from_mapping(law.value("bank.originator"))
    profile = BankProfile.from_mapping(law.value("bank.profile"))
    value_date = payment_rules.last_business_day(next_month(MONTH))

    def work() -> Made:
        data = write(orders, originator, value_date, profile)
        return Made(orders.height, "records", digest=sha256(data).hexdigest())

    return work


def bank_file(bench: Bench) -> Work:
    """The 総合振込 file with its pre-flight."""
    return _bank(bench, transfer_file)


def bank_file_in_a_loop(bench: Bench) -> Work:
    """The same bytes from a plain Python loop over the same spelled orders, without pre-flight."""
    return _bank(bench, _written_in_a_loop)


def _written_in_a_loop(orders: pl.DataFrame, originator: Originator, day: date, profile: BankProfile) -> bytes:
    payer = spelled_originator(originator, profile).row(0, named=True)
    head = f"1210{originator.originator_code}{payer['party_name'][:40]:<40}{day:%m%d}{_branch(payer)}"
    lines = [f"{head}{payer['account_type']}{payer['account_no']:0>7}{'':17}"]
    total = 0
    for row in spelled_orders(orders, profile).iter_rows(named=True):
        total += row["amount_yen"]
        lines.append(
            f"2{_branch(row)}0000{row['account_type']}{row['account_no']:0>7}{row['party_name'][:30]:<30}"
            f"{row['amount_yen']:010d}0{row['payment_no']}{row['beneficiary_no']:0>10}"
            f"{profile.transfer_designation_code}{'':8}"
        )
    lines += [f"8{len(lines) - 1:06d}{total:012d}{'':101}", f"9{'':119}"]
    return "".join(line + LINE_ENDS[profile.line_end] for line in lines).encode("cp932")


def _branch(row: Mapping[str, str]) -> str:
    return f"{row['bank_code']}{row['bank_name'][:15]:<15}{row['branch_code']}{row['branch_name'][:15]:<15}"


def letters(bench: Bench) -> Work:
    """Payment letters, at most LETTERS_AT_MOST of them: addressed and typeset as PDF/A-2a."""
    registrations, applications, persons, decisions = bench.frames(
        "registrations", "applications_known", "persons", "benefit_decisions"
    )
    everyone = notice_rules.people(registrations, applications, persons)
    told = notice_rules.letters({"payment": notice_rules.payments(everyone, decisions, _orders(bench))}, MONTH)
    rows = told["payment"].head(LETTERS_AT_MOST)
    context = letter_context(MUNICIPALITY, next_month(MONTH), f"PA-{KEY.replace('-', '')}")

    def work() -> Made:
        addressed, _ = address_letters(rows, KINDS["payment"].columns)
        noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
        batch = render(addressed, KINDS["payment"], context, installed_fonts(), noon)
        return Made(sum(volume.pages for volume in batch.volumes), "pages")

    return work


def shelf_publish(bench: Bench) -> Work:
    """The table persons validated, encrypted and entered in the registry."""
    KeyRing.create(key_file())
    shelf, persons = House().shelf, bench.frame("persons")

    def work() -> Made:
        return Made(shelf.publish(PERSONS, KEY, persons, run_id="bench").rows, "rows")

    return work


def parquet_write(bench: Bench) -> Work:
    """The same table as plain Parquet."""
    persons = bench.frame("persons")

    def work() -> Made:
        persons.write_parquet(home() / "persons.parquet")
        return Made(persons.height, "rows")

    return work


def shelf_read(bench: Bench) -> Work:
    """The table persons back from the shelf, byte for byte what was published."""
    KeyRing.create(key_file())
    shelf = House().shelf
    shelf.publish(PERSONS, KEY, bench.frame("persons"), run_id="bench")

    def work() -> Made:
        return Made(shelf.read(PERSONS, KEY).height, "rows")

    return work


def parquet_read(bench: Bench) -> Work:
    """The same table from plain Parquet."""

    def work() -> Made:
        return Made(bench.frame("persons").height, "rows")

    return work


STAGES: dict[str, Callable[[Bench], Work]] = {
    stage.__name__: stage
    for stage in (
        city, gate, register, eligibility, eligibility_in_duckdb, annex1, benefit, benefit_in_duckdb,
        bank_file, bank_file_in_a_loop, letters, shelf_publish, parquet_write, shelf_read, parquet_read,
    )
}  # fmt: skip


def measured(stage: str, bench: Bench) -> Figures:
    """Run one stage here: seconds of its work, peak memory of this whole process."""
    work = STAGES[stage](bench)
    start = time.perf_counter()
    made = work()
    seconds = time.perf_counter() - start
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, frame in made.frames.items():
        frame.write_parquet(bench.folder / f"{name}.parquet")
    return Figures(seconds, peak_mb, made.count, made.unit, made.digest)


if __name__ == "__main__":
    print(json.dumps(asdict(measured(sys.argv[1], Bench(Path(sys.argv[2]), int(sys.argv[3]))))))
