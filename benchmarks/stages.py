"""The stages of a month. Each one reads what it needs, yields, and then does the work that is timed.

Belongs here: what a stage calls and on what, and the plain peer beside it. Does not belong here: the table
(__main__.py). `python -m benchmarks.stages STAGE FOLDER CHILDREN` runs one stage in this process and prints
its figures as one JSON line.
"""

import json
import resource
import shutil
import sys
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from assets.benefit import rules as benefit_rules
from assets.benefit.facts import beneficiary_numbers
from assets.calendar import days_of, key_of, keys_between
from assets.eligibility import again, deciding
from assets.eligibility import rules as eligibility_rules
from assets.eligibility.annex1 import annex1_register
from assets.eligibility.known import Known
from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from assets.high_cost.entries import entries as high_cost_entries
from assets.high_cost.rules import estimates as high_cost_estimates
from assets.months import last_day, next_month
from assets.notices import rules as notice_rules
from assets.payment import rules as payment_rules
from assets.register import rules as register_rules
from assets.register.identities import as_person
from assets.register.intervals import merged
from assets.second_engine import benefit as second_benefit
from assets.second_engine import eligibility as second_eligibility
from assets.second_engine import high_cost as second_high_cost
from assets.settlement.rules import settle
from pipelines.city.city import generate
from reports.letters.addressee import address_letters
from reports.letters.batch import render
from reports.letters.context import letter_context
from reports.letters.fonts import installed_fonts
from reports.letters.kinds import KINDS
from resources.home import home
from resources.house import House
from resources.inbox import AcceptedDelivery, Inbox
from resources.keys import KeyRing, key_file
from resources.shelf import content_digest
from schemas.law.book import Law
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import DECISIONS, REOPENED
from schemas.records.feeds import DAILY, FEEDS
from schemas.records.matching import MATCHES
from schemas.records.payment import ORDERS, RESULTS_ENTERED
from schemas.records.register import CARDS, ELIGIBILITY_DECISIONS, KEPT, PERSONS, known
from schemas.records.settlement import DEBTS
from schemas.records.subsidy import SUBSIDIES

MONTH = date(2026, 10, 1)
KEY = key_of(MONTH)
CITY = House().municipality
LAW = Law.load(CITY)
LETTERS_AT_MOST = 1_000
DECIDED = ["child_resident_code", "entitled", "benefit_class", "reason", "ruled_reason"]
REGISTER = (
    "persons",
    "residences",
    "schemes",
    "registration_periods",
    "guardians",
    "taxes",
    "identities",
    "overrides",
)
ACCOUNTS = ("registrations", "applications_known")
MOVED, NIGHT = 500, date(2026, 11, 1)
LINES = (
    "receipts",
    "claims",
    "beneficiary_numbers",
    "registrations",
    "eligibility",
    "persons",
    "identities",
    "insurer_answers_known",
)


@dataclass(frozen=True)
class Made:
    """How many of what, the frames later stages read, and the result that a peer must reach too (not timed)."""

    count: int
    unit: str
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    result: Callable[[], str] = str


@dataclass(frozen=True)
class Bench:
    """Where the frames of earlier stages lie, and how large the city is."""

    folder: Path
    children: int

    def frame(self, name: str) -> pl.DataFrame:
        """A frame an earlier stage made."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    def frames(self, *names: str) -> dict[str, pl.DataFrame]:
        """Several of them by name."""
        return {name: self.frame(name) for name in names}


Stage = Generator[None, None, Made]


def city(bench: Bench) -> Stage:
    """The synthetic city's deliveries of one month."""
    place = bench.folder / "city"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    yield
    made = generate(place, children=bench.children, first=MONTH, last=MONTH, seed=1, defects=0.01)
    return Made(sum(made.rows.values()), "rows")


def gate(bench: Bench) -> Stage:
    """Every feed of every day of the month, row by row."""
    inbox = Inbox(bench.folder / "city" / "inbox", CITY)
    days = keys_between(MONTH, last_day(MONTH))
    keys = {name: days if name in {feed.name for feed in DAILY} else [KEY] for name in FEEDS}
    yield
    taken = {name: _taken(inbox, name, keys[name]) for name in FEEDS}
    frames = {name: frame for name, (frame, _) in taken.items()}
    return Made(sum(rows for _, rows in taken.values()), "rows", frames)


def _taken(inbox: Inbox, feed: str, keys: list[str]) -> tuple[pl.DataFrame, int]:
    """Accepted rows of all partitions, and how many rows were read."""
    before: list[AcceptedDelivery] = []
    frames, rows = [], 0
    for key in keys:
        result = inbox.gate(feed, days_of(key), before)
        before += result.deliveries
        frames.append(result.accepted)
        rows += result.counts.rows
    return pl.concat(frames), rows


def register(bench: Bench) -> Stage:
    """What is known at the end of the month, and the register read off it."""
    arrivals = bench.frames(*(feed.name for feed in KEPT))
    yield
    told = {feed.name: register_rules.known(feed, known(feed).empty(), arrivals[feed.name]) for feed in KEPT}
    told["applications"] = House().numbered(told["applications"])
    found = deciding.register(Known(told), LAW, last_day(MONTH))
    frames = {f"{name}_known": frame for name, frame in told.items()} | vars(found)
    frames["insurances"] = register_rules.insurances(
        told["national_health_insurance"], told["applications"], found.identities
    )
    frames["registrations"] = register_rules.registrations(told["applications"], found.identities, LAW)
    frames["beneficiary_numbers"] = beneficiary_numbers(told["applications"], found.identities)
    return Made(sum(frame.height for frame in told.values()), "rows", frames)


def _known(bench: Bench) -> Known:
    return Known({feed.name: bench.frame(f"{feed.name}_known") for feed in KEPT})


def eligibility(bench: Bench) -> Stage:
    """Income, arrears, restrictions and eligibility since 2009 in Polars, with article, faults and source line."""
    persons, residences, schemes, periods, guardians, taxes, same, overrides = bench.frames(*REGISTER).values()
    arrears = bench.frame("arrears_known")
    yield
    judged = means(taxes, arrears, same, LAW)
    stopped = restrictions(guardians, persons, judged, LAW)
    found = eligibility_rules.eligibility(persons, residences, schemes, periods, stopped, overrides, LAW)
    return Made(found.height, "intervals", {"eligibility": found}, lambda: _intervals(merged(found, DECIDED)))


def eligibility_in_duckdb(bench: Bench) -> Stage:
    """The same in the second engine."""
    persons, residences, schemes, periods, guardians, taxes, same, overrides = bench.frames(*REGISTER).values()
    arrears = bench.frame("arrears_known")
    yield
    found = second_eligibility.eligibility(
        persons, residences, schemes, periods, guardians, taxes, arrears, same, overrides, LAW
    )
    return Made(found.height, "intervals", result=lambda: _intervals(found))


def _intervals(found: pl.DataFrame) -> str:
    return content_digest(found.select(second_eligibility.RESULT).sort(second_eligibility.RESULT))


def _night(bench: Bench) -> Known:
    """What is known after a night on which MOVED children are told to have left the city."""
    before = _known(bench)
    children = bench.frame("registrations").head(MOVED).select(pl.col("child_resident_code").alias("resident_code"))
    rows = before["residents"].join(children, on="resident_code", how="semi").sort("resident_code", "history_no")
    moved = rows.unique("resident_code", keep="last", maintain_order=True).with_columns(
        pl.col("history_branch_no") + 1,
        pl.lit(last_day(MONTH)).alias("resident_to_date"),
        pl.lit("51").alias("resident_to_reason"),
        pl.lit(NIGHT).alias("known_date"),
    )
    return Known(before.frames | {"residents": pl.concat([before["residents"], moved])})


def night(bench: Bench) -> Stage:
    """One night's change of MOVED children: whom it touches, their register, their decisions, and all the others'."""
    now, stood = _night(bench), bench.frame("eligibility")
    decided = bench.frame("registrations")["child_resident_code"]
    news = again.Month(NIGHT, NIGHT, again.rematched(MATCHES.empty(), MATCHES.empty()))
    yield
    touched = again.touched(now, now.same, decided, news)
    about = now.about(touched["child_resident_code"])
    part = deciding.decided(deciding.register(about, LAW, NIGHT), LAW)
    again_decided = part.join(touched, on="child_resident_code", how="semi", maintain_order="left")
    found = again.replaced(stood, again_decided, touched["child_resident_code"], now.same)
    return Made(touched.height, "children", result=lambda: _intervals(merged(found, DECIDED)))


def night_from_the_start(bench: Bench) -> Stage:
    """The same night, everybody decided again from everything known."""
    now = _night(bench)
    yield
    found = deciding.decided(deciding.register(now, LAW, NIGHT), LAW)
    children = found["child_resident_code"].n_unique()
    return Made(children, "children", result=lambda: _intervals(merged(found, DECIDED)))


def benefit(bench: Bench) -> Stage:
    """Decisions and every step that explains them, in Polars."""
    tables = bench.frames(*LINES, "insurances")
    who = [tables[name] for name in ("beneficiary_numbers", "registrations", "persons", "insurances")]
    yield
    lines = high_cost_entries(tables["receipts"], tables["claims"], LAW)
    answers = as_person(tables["insurer_answers_known"], tables["identities"], "child_resident_code")
    expected = high_cost_estimates(lines, *who, answers, LAW)
    found, steps, *_ = benefit_rules.benefit(
        **tables, high_cost_estimates=expected, decided_before=DECISIONS.empty(), law=LAW, month=MONTH
    )
    made = {"benefit_decisions": found, "benefit_steps": steps}
    return Made(found.height, "decisions", made, lambda: _decisions(found))


def benefit_in_duckdb(bench: Bench) -> Stage:
    """Decisions in the second engine, without steps."""
    tables = bench.frames(*LINES, "national_health_insurance_known")
    known = ("beneficiary_numbers", "registrations", "insurances", "insurer_answers_known", "identities")
    about = bench.frames(*known)
    nothing = DECISIONS.empty().select(second_benefit.PAID_KEY)
    yield
    lines = second_high_cost.entries(tables["receipts"], tables["claims"], LAW)
    expected = second_high_cost.estimates(lines, **about, law=LAW)
    found = second_benefit.benefit(**tables, high_cost=expected, paid_before=nothing, law=LAW, month=MONTH)
    return Made(found.height, "decisions", result=lambda: _decisions(found))


def _decisions(found: pl.DataFrame) -> str:
    return content_digest(found.select(second_benefit.RESULT).sort(second_benefit.RESULT))


def annex1(bench: Bench) -> Stage:
    """The 158 items of 別添1 at the end of the month, validated."""
    tables = bench.frames(
        "persons", "identities", "addresses", "guardians", "insurances", "eligibility", "applications_known",
        "arrears_known", "claims", "receipts",
    )  # fmt: skip
    yield
    items = annex1_register(
        **tables,
        residents_known=bench.frame("residents_known"),
        resident_taxes_known=bench.frame("taxes"),
        eligibility_decisions=ELIGIBILITY_DECISIONS.empty(),
        cards=CARDS.empty(),
        decisions=bench.frame("benefit_decisions"),
        orders=ORDERS.empty(),
        answers=RESULTS_ENTERED.empty(),
        subsidies=SUBSIDIES.empty(),
        law=LAW,
        day=last_day(MONTH),
    )
    return Made(ANNEX1.validated(items).height, "children")


def _payables(bench: Bench) -> pl.DataFrame:
    """What the month owes guardians, nothing having been settled before."""
    decisions, steps, identities = bench.frames("benefit_decisions", "benefit_steps", "identities").values()
    return settle(decisions, steps, REOPENED.empty(), DEBTS.empty(), identities, LAW, MONTH).payables


def letters(bench: Bench) -> Stage:
    """Payment letters, at most LETTERS_AT_MOST: addressed, then typeset as PDF/A-2a."""
    everyone = notice_rules.people(*bench.frames("registrations", "applications_known", "persons").values())
    payables, accounts = _payables(bench), payment_rules.payees(*bench.frames(*ACCOUNTS).values())
    orders = payment_rules.orders(payables, accounts, LAW, MONTH)
    payments = notice_rules.payments(everyone, bench.frame("benefit_decisions"), payables, orders)
    rows = notice_rules.letters({"payment": payments}, MONTH)["payment"].head(LETTERS_AT_MOST)
    context, fonts = letter_context(CITY, next_month(MONTH), "PA-202610"), installed_fonts()
    yield
    addressed, _ = address_letters(rows, KINDS["payment"].columns)
    batch = render(addressed, KINDS["payment"], context, fonts, datetime(2026, 11, 2, 12, tzinfo=UTC))
    return Made(sum(volume.pages for volume in batch.volumes), "pages")


def shelf_publish(bench: Bench) -> Stage:
    """The table persons validated, encrypted and entered in the registry."""
    KeyRing.create(key_file())
    shelf, persons = House().shelf, bench.frame("persons")
    yield
    return Made(shelf.publish(PERSONS, KEY, persons, run_id="bench").rows, "rows")


def parquet_write(bench: Bench) -> Stage:
    """The same table as plain Parquet."""
    persons = bench.frame("persons")
    yield
    persons.write_parquet(home() / "persons.parquet")
    return Made(persons.height, "rows")


def shelf_read(bench: Bench) -> Stage:
    """The table persons back from the shelf."""
    KeyRing.create(key_file())
    shelf = House().shelf
    shelf.publish(PERSONS, KEY, bench.frame("persons"), run_id="bench")
    yield
    return Made(shelf.read(PERSONS, KEY).height, "rows")


def parquet_read(bench: Bench) -> Stage:
    """The same table from plain Parquet."""
    bench.frame("persons").write_parquet(home() / "persons.parquet")
    yield
    return Made(pl.read_parquet(home() / "persons.parquet").height, "rows")


def measured(name: str, bench: Bench) -> dict[str, Any]:
    """Prepare, work and say: seconds of the work, peak memory of this whole process, and what was made."""
    stage: Stage = globals()[name](bench)
    next(stage)
    start = time.perf_counter()
    try:
        next(stage)
    except StopIteration as done:
        seconds, made = time.perf_counter() - start, done.value
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for table, frame in made.frames.items():
        frame.write_parquet(bench.folder / f"{table}.parquet")
    return {"seconds": seconds, "peak_mb": peak_mb, "count": made.count, "unit": made.unit, "result": made.result()}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Bench(Path(sys.argv[2]), int(sys.argv[3])))))
