"""A month decided twice in memory, without and with its news: what a delivery of taxes or a changed law would change.

Belongs here: gathering what the month would be decided from, and deciding it as its assets do, nothing published,
entered or taken. Does not belong here: the rules (assets), and the words (drift.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from assets.benefit import reopening, rules
from assets.benefit.assets import KNOWLEDGE, decided_now
from assets.benefit.facts import CHILD, beneficiary_numbers
from assets.benefit.standing import LINE, standing
from assets.calendar import days_of, key_of
from assets.eligibility import deciding
from assets.eligibility.known import Known
from assets.explanation.comparing import compared
from assets.high_cost.entries import entries
from assets.high_cost.rules import estimates
from assets.months import last_day
from assets.register import rules as register_rules
from assets.register.identities import as_person
from assets.subsidy import rules as subsidy_rules
from resources.house import House
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN
from schemas.records.feeds import CLAIMS, DAILY, MONTHLY, RECEIPTS, RESIDENT_TAXES, accepted
from schemas.records.high_cost import HIGH_COST_ENTRIES
from schemas.records.register import KEPT, TOUCHED, known
from schemas.records.statistics import LAW_BOOK
from schemas.records.subsidy import SUBSIDIES

_SHARES = ("amount_yen", "prefecture_yen", "city_yen")


@dataclass(frozen=True)
class Decided:
    """What a month would decide: every child's intervals, how every line and every 支給 stands after it."""

    eligibility: pl.DataFrame
    lines: pl.DataFrame
    shares: pl.DataFrame


@dataclass(frozen=True)
class Trial:
    """A month without its news and with it. `missing`: the monthly feeds of which nothing was delivered yet."""

    without: Decided
    within: Decided
    missing: tuple[str, ...]

    @cached_property
    def eligibility(self) -> pl.DataFrame:
        """COMPARED: the days on which a child's entitlement differs."""
        return compared(self.without.eligibility, self.within.eligibility)

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Lines whose judgement, reason or yen differ: was_… and is_…, difference_yen."""
        said = ("judgement", "reason", "amount_yen")
        names = [*LINE, CHILD, "subject", "service_month", "care"]
        found = _beside(self.without.lines, self.within.lines, names, said)
        return found.with_columns(_difference("amount_yen").alias("difference_yen"))

    @cached_property
    def shares(self) -> pl.DataFrame:
        """支給 of which the prefecture's or the city's yen differ, or why: was_… and is_…, difference_yen of 県費."""
        found = _beside(
            self.without.shares,
            self.within.shares,
            ["decision_no", CHILD, "service_month", "care"],
            ("reason", *_SHARES),
        )
        return found.with_columns(_difference("prefecture_yen").alias("difference_yen"))


def _difference(name: str) -> pl.Expr:
    return pl.col(f"is_{name}").fill_null(0) - pl.col(f"was_{name}").fill_null(0)


def _beside(was: pl.DataFrame, now: pl.DataFrame, names: list[str], said: tuple[str, ...]) -> pl.DataFrame:
    """The rows of which two tables say something different, side by side; null where one has no such row."""
    sides = [
        table.select(*names, *(pl.col(name).alias(f"{when}_{name}") for name in said))
        for when, table in (("was", was), ("is", now))
    ]
    both = sides[0].join(sides[1], on=names, how="full", coalesce=True, nulls_equal=True)
    return both.filter(pl.any_horizontal(pl.col(f"was_{name}").ne_missing(pl.col(f"is_{name}")) for name in said))


@dataclass(frozen=True)
class Arrived:
    """The accepted rows of every feed in a month: what its nights took, and what the gate would let in."""

    month: date
    rows: dict[str, pl.DataFrame]
    missing: tuple[str, ...]

    @classmethod
    def of(cls, house: House, month: date) -> Arrived:
        """Raises DeliveryError for a delivery the gate refuses as a whole."""
        nights = {feed.name: _of_nights(house, feed, month) for feed in DAILY}
        monthly = {feed.name: _of_month(house, feed, month) for feed in MONTHLY}
        rows = nights | {name: accepted_rows for name, accepted_rows in monthly.items() if accepted_rows is not None}
        missing = [feed for feed in MONTHLY if feed.name not in rows]
        nothing = {feed.name: accepted(feed).empty() for feed in missing}
        return cls(month, rows | nothing, tuple(feed.label for feed in missing))

    def known(self, house: House, without: frozenset[str]) -> Known:
        """Everything known with these rows, but those of some feeds."""
        frames = {feed.name: self._known(house, feed, feed.name in without) for feed in KEPT}
        return Known(frames | {"applications": house.numbered(frames["applications"], enter=False)})

    def _known(self, house: House, feed: Record, left_out: bool) -> pl.DataFrame:
        now = self.rows[feed.name]
        before = house.of_month_before(known(feed), self.month)
        return register_rules.known(feed, before, now.clear() if left_out else now)


def _of_nights(house: House, feed: Record, month: date) -> pl.DataFrame:
    record = accepted(feed)
    return house.shelf.read_many(record, [key for key in house.shelf.partitions(record.name) if _in_month(key, month)])


def _in_month(key: str, month: date) -> bool:
    """Whether a daily key is of a month."""
    return key.startswith(f"{key_of(month)}-")


def _of_month(house: House, feed: Record, month: date) -> pl.DataFrame | None:
    """A monthly feed's rows from the shelf, else as the gate sorts them now; None where nothing was delivered."""
    key, record = key_of(month), accepted(feed)
    if key in house.shelf.partitions(record.name):
        return house.shelf.read(record, key)
    if house.inbox.told(feed.name, days_of(key)).rows == 0:
        return None
    return house.inbox.gate(feed.name, days_of(key), house.registry.accepted(house.municipality, feed.name)).accepted


def tried(house: House, arrived: Arrived, law: Law) -> Trial:
    """The month decided without its delivery of taxes and by the law the month before was decided by, and with both.

    Raises ShelfError, LawGap.
    """
    stood = house.of_month_before(LAW_BOOK, arrived.month)
    old_law = law if stood.is_empty() else Law.from_frame(house.municipality, stood)
    without = _decided(house, arrived, arrived.known(house, frozenset({RESIDENT_TAXES.name})), old_law)
    within = _decided(house, arrived, arrived.known(house, frozenset()), law)
    return Trial(without, within, arrived.missing)


def _decided(house: House, arrived: Arrived, known_now: Known, law: Law) -> Decided:
    """What the month decides from what is known, by a law book."""
    month = arrived.month
    found = deciding.register(known_now, law, last_day(month))
    now = _knowledge(house, arrived, known_now, found, law)
    decisions = pl.concat([house.all_before(DECISIONS, month), _decisions(house, arrived, now)])
    before = subsidy_rules.standing(house.all_before(SUBSIDIES, month))
    booked = subsidy_rules.subsidies(
        decisions=decisions,
        receipts=_ever(house, RECEIPTS, arrived),
        claims=_ever(house, CLAIMS, arrived),
        persons=found.persons,
        taxes=found.taxes,
        identities=found.identities,
        before=before,
        law=law,
        month=month,
    )
    return Decided(now.eligibility, standing(decisions), subsidy_rules.standing(pl.concat([before, booked])))


def _ever(house: House, feed: Record, arrived: Arrived) -> pl.DataFrame:
    record = accepted(feed)
    return pl.concat([house.all_before(record, arrived.month), arrived.rows[feed.name].select(record.names)])


def _knowledge(
    house: House, arrived: Arrived, known_now: Known, found: deciding.Register, law: Law
) -> reopening.Knowledge:
    """What decisions on money rest on at the end of the month."""
    forms, same = known_now["applications"], found.identities
    numbers, insured = (
        beneficiary_numbers(forms, same),
        register_rules.insurances(known_now["national_health_insurance"], forms, same),
    )
    registered = register_rules.registrations(forms, same, law)
    answers = known_now["insurer_answers"]
    lines = pl.concat(
        [
            house.all_before(HIGH_COST_ENTRIES, arrived.month),
            entries(arrived.rows[RECEIPTS.name], arrived.rows[CLAIMS.name], law),
        ]
    )
    expected = estimates(lines, numbers, registered, found.persons, insured, as_person(answers, same, CHILD), law)
    return reopening.Knowledge(
        deciding.decided(found, law), insured, registered, found.persons, same, numbers, answers, expected, law
    )


def _decisions(house: House, arrived: Arrived, now: reopening.Knowledge) -> pl.DataFrame:
    """DECISIONS of the month: its arrivals, what waits, and what differs from what was known a month ago."""
    month = arrived.month
    stood = {name: house.of_month_before(record, month) for name, record in KNOWLEDGE.items()}
    book = house.of_month_before(LAW_BOOK, month)
    law = now.law if book.is_empty() else Law.from_frame(house.municipality, book)
    new = {feed.name: arrived.rows[feed.name].select(accepted(feed).names) for feed in (RECEIPTS, CLAIMS)}
    lines = reopening.Lines(
        pl.concat([house.of_month_before(RECEIPTS_OPEN, month), new[RECEIPTS.name]]),
        pl.concat([house.of_month_before(CLAIMS_OPEN, month), new[CLAIMS.name]]),
    )
    told = reopening.news(reopening.Knowledge(**stood, law=law), now, TOUCHED.empty(), lines)
    again = reopening.reopened(house.each_before(DECISIONS, month), told, lines)
    return rules.benefit(
        receipts=decided_now(house, RECEIPTS, RECEIPTS_OPEN, new[RECEIPTS.name], again, month),
        claims=decided_now(house, CLAIMS, CLAIMS_OPEN, new[CLAIMS.name], again, month),
        beneficiary_numbers=now.beneficiary_numbers,
        registrations=now.registrations,
        eligibility=now.eligibility,
        persons=now.persons,
        identities=now.identities,
        insurer_answers_known=now.insurer_answers_known,
        insurances=now.insurances,
        high_cost_estimates=now.high_cost_estimates,
        decided_before=DECISIONS.empty(),
        law=now.law,
        month=month,
        reopened=again,
    )[0]
