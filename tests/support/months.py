"""Months decided one after another by the rules alone, without shelf and Dagster.

Belongs here: what a month's assets do with frames. Does not belong here: what arrives, and what must be true of it.
"""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from assets.benefit import reopening, rules
from assets.benefit.facts import beneficiary_numbers
from assets.benefit.standing import standing
from assets.eligibility import deciding
from assets.eligibility.known import Known
from assets.high_cost.entries import entries
from assets.high_cost.rules import estimates
from assets.months import last_day
from assets.register.identities import as_person
from assets.register.insurances import insurances
from assets.register.registrations import registrations
from assets.settlement.rules import Settlement, settle
from schemas.law.book import Law
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, REOPENED, STEPS
from schemas.records.feeds import CLAIMS, INSURER_ANSWERS, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ENTRIES, HIGH_COST_ESTIMATES
from schemas.records.register import (
    BENEFICIARY_NUMBERS,
    ELIGIBILITY,
    IDENTITIES,
    INSURANCES,
    KEPT,
    PERSONS,
    REGISTRATIONS,
    TOUCHED,
    known,
)
from schemas.records.settlement import DEBTS

_ROW = ["delivery", "line_no"]


def nothing_known(law: Law) -> reopening.Knowledge:
    """Before the first month."""
    people = (ELIGIBILITY, INSURANCES, REGISTRATIONS, PERSONS, IDENTITIES, BENEFICIARY_NUMBERS)
    records = (*people, known(INSURER_ANSWERS), HIGH_COST_ESTIMATES)
    return reopening.Knowledge(*(record.empty() for record in records), law)


def knowledge(frames: dict[str, pl.DataFrame], lines: pl.DataFrame, law: Law, month: date) -> reopening.Knowledge:
    """What decisions rest on, read off everything known at the end of a month. `lines`: HIGH_COST_ENTRIES so far."""
    known_now = Known(frames)
    found = deciding.register(known_now, law, last_day(month))
    same, forms = found.identities, known_now["applications"]
    numbers, insured = beneficiary_numbers(forms, same), insurances(known_now["national_health_insurance"], forms, same)
    registered = registrations(forms, same, law)
    answers = as_person(known_now["insurer_answers"], same, "child_resident_code")
    return reopening.Knowledge(
        eligibility=deciding.decided(found, law),
        insurances=insured,
        registrations=registered,
        persons=found.persons,
        identities=same,
        beneficiary_numbers=numbers,
        insurer_answers_known=known_now["insurer_answers"],
        high_cost_estimates=estimates(lines, numbers, registered, found.persons, insured, answers, law),
        law=law,
    )


def arrivals(news: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """TOUCHED of news about children themselves."""
    parts = [
        rows.select(
            pl.col("resident_code" if "resident_code" in rows.columns else "child_resident_code").alias(
                "child_resident_code"
            ),
            pl.lit("2").alias("cause"),
            pl.lit(None, dtype=pl.Date).alias("from_date"),
            pl.lit(feed).alias("feed"),
            "delivery",
            "line_no",
        )
        for feed, rows in sorted(news.items())
        if feed != "insurer_answers"
    ]
    return pl.concat([TOUCHED.empty(), *parts]).unique("child_resident_code", keep="last", maintain_order=True)


@dataclass(frozen=True)
class Month:
    """What one month made."""

    month: date
    reopened: pl.DataFrame
    decisions: pl.DataFrame
    steps: pl.DataFrame
    known: reopening.Knowledge


@dataclass
class Life:
    """A city's money, month by month."""

    known: dict[str, pl.DataFrame] = field(default_factory=lambda: {feed.name: known(feed).empty() for feed in KEPT})
    receipts: pl.DataFrame = field(default_factory=accepted(RECEIPTS).empty)
    claims: pl.DataFrame = field(default_factory=accepted(CLAIMS).empty)
    entries: pl.DataFrame = field(default_factory=HIGH_COST_ENTRIES.empty)
    waiting: tuple[pl.DataFrame, pl.DataFrame] = field(
        default_factory=lambda: (RECEIPTS_OPEN.empty(), CLAIMS_OPEN.empty())
    )
    months: list[Month] = field(default_factory=list)

    def live(
        self, month: date, news: dict[str, pl.DataFrame], receipts: pl.DataFrame, claims: pl.DataFrame, law: Law
    ) -> Month:
        """Decide a month: its arrivals, what waits, and what its news touches."""
        before = self.months[-1].known if self.months else nothing_known(law)
        self.known = self.known | {feed: pl.concat([self.known[feed], rows]) for feed, rows in news.items()}
        self.entries = pl.concat([self.entries, entries(receipts, claims, law)])
        now = knowledge(self.known, self.entries, law, month)
        open_receipts, open_claims = self.waiting
        lines = reopening.Lines(pl.concat([open_receipts, receipts]), pl.concat([open_claims, claims]))
        told = reopening.news(before, now, arrivals(news), lines)
        again = reopening.reopened((each.decisions for each in self.months), told, lines)
        decisions, steps, *self.waiting = decide(  # type: ignore[assignment]
            pl.concat([lines.receipts, self._rows_of(self.receipts, again, "receipts")]),
            pl.concat([lines.claims, self._rows_of(self.claims, again, "claims")]),
            now,
            month,
            again,
        )
        self.receipts, self.claims = pl.concat([self.receipts, receipts]), pl.concat([self.claims, claims])
        self.months.append(Month(month, again, decisions, steps, now))
        return self.months[-1]

    @staticmethod
    def _rows_of(rows: pl.DataFrame, again: pl.DataFrame, feed: str) -> pl.DataFrame:
        closed = again.filter((pl.col("feed") == feed) & (pl.col("judgement") != "4"))
        return rows.join(closed, on=_ROW, how="semi")

    @property
    def decisions(self) -> pl.DataFrame:
        """Everything ever decided."""
        return pl.concat([DECISIONS.empty(), *(each.decisions for each in self.months)])

    @property
    def steps(self) -> pl.DataFrame:
        """Every step ever told."""
        return pl.concat([STEPS.empty(), *(each.steps for each in self.months)])

    def stands(self) -> pl.DataFrame:
        """How every line stands after the last month."""
        return standing(self.decisions)

    def known_from_the_start(self) -> pl.DataFrame:
        """DECISIONS of all lines so far, decided once with everything known by now."""
        last = self.months[-1]
        return decide(self.receipts, self.claims, last.known, last.month, REOPENED.empty())[0]


def settlements(life: Life, law: Law) -> list[Settlement]:
    """The settlement of every month, each with what the month before left open."""
    made: list[Settlement] = []
    for each in life.months:
        owed = made[-1].debts if made else DEBTS.empty()
        made.append(settle(each.decisions, each.steps, each.reopened, owed, each.known.identities, law, each.month))
    return made


def decide(
    receipts: pl.DataFrame, claims: pl.DataFrame, now: reopening.Knowledge, month: date, reopened: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """rules.benefit with what is known."""
    return rules.benefit(
        receipts=receipts,
        claims=claims,
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
        reopened=reopened,
    )
