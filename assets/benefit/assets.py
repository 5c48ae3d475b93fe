"""Whose number is whose; what is decided again; one decision per receipt and per claim, and what stays open."""

from datetime import date

import dagster as dg
import polars as pl

from assets.benefit import facts, reopening, rules
from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from resources.house import House
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, REOPENED, STEPS
from schemas.records.feeds import CLAIMS, INSURER_ANSWERS, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ESTIMATES
from schemas.records.register import (
    BENEFICIARY_NUMBERS,
    ELIGIBILITY,
    IDENTITIES,
    INSURANCES,
    PERSONS,
    REGISTRATIONS,
    known,
)
from schemas.records.statistics import LAW_BOOK


@table(BENEFICIARY_NUMBERS, group="register", partitions=MONTHLY)
def beneficiary_numbers(house: House, applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return facts.beneficiary_numbers(house.numbered(applications_known), identities)


KNOWLEDGE = {
    "eligibility": ELIGIBILITY,
    "insurances": INSURANCES,
    "registrations": REGISTRATIONS,
    "persons": PERSONS,
    "identities": IDENTITIES,
    "beneficiary_numbers": BENEFICIARY_NUMBERS,
    "insurer_answers_known": known(INSURER_ANSWERS),
    "high_cost_estimates": HIGH_COST_ESTIMATES,
}
"""What decisions on money rest on, by the names of reopening.Knowledge."""


@table(REOPENED, group="benefit", partitions=MONTHLY)
def reopened(
    context: dg.AssetExecutionContext,
    house: House,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    touched: pl.DataFrame,
    eligibility: pl.DataFrame,
    insurances: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    high_cost_estimates: pl.DataFrame,
    law_book: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    people = (eligibility, insurances, registrations, persons, identities, beneficiary_numbers)
    law = Law.from_frame(house.municipality, law_book)
    now = reopening.Knowledge(*people, insurer_answers_known, high_cost_estimates, law)
    stood = {name: house.of_month_before(record, month) for name, record in KNOWLEDGE.items()}
    before = reopening.Knowledge(**stood, law=_law_before(house, month) or law)
    lines = reopening.Lines(
        pl.concat([house.of_month_before(RECEIPTS_OPEN, month), receipts]),
        pl.concat([house.of_month_before(CLAIMS_OPEN, month), claims]),
    )
    news = reopening.news(before, now, touched, lines)
    return reopening.reopened(house.each_before(DECISIONS, month), news, lines)


def _law_before(house: House, month: date) -> Law | None:
    book = house.of_month_before(LAW_BOOK, month)
    return None if book.is_empty() else Law.from_frame(house.municipality, book)


def decided_now(
    house: House, feed: Record, still_open: Record, arrived: pl.DataFrame, reopened: pl.DataFrame, month: date
) -> pl.DataFrame:
    """The rows of a feed a month decides: open ones of the month before, new ones, and reopened ones."""
    again = reopened.filter((pl.col("feed") == feed.name) & (pl.col("judgement") != "4"))
    waiting = house.of_month_before(still_open, month)
    return pl.concat([waiting, arrived, house.rows_of(accepted(feed), again)])


@table(
    DECISIONS,
    STEPS,
    RECEIPTS_OPEN,
    CLAIMS_OPEN,
    group="benefit",
    partitions=MONTHLY,
    deps=["law_of_month", dg.AssetDep(DECISIONS.name, partition_mapping=MONTH_BEFORE)],
)
def benefit(
    context: dg.AssetExecutionContext,
    house: House,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    insurances: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    high_cost_estimates: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    return rules.benefit(
        receipts=decided_now(house, RECEIPTS, RECEIPTS_OPEN, receipts, benefit_reopened, month),
        claims=decided_now(house, CLAIMS, CLAIMS_OPEN, claims, benefit_reopened, month),
        beneficiary_numbers=beneficiary_numbers,
        registrations=registrations,
        eligibility=eligibility,
        persons=persons,
        identities=identities,
        insurer_answers_known=insurer_answers_known,
        insurances=insurances,
        high_cost_estimates=high_cost_estimates,
        decided_before=DECISIONS.empty(),
        law=house.law,
        month=month,
        reopened=benefit_reopened,
    )


BENEFIT_ASSETS = [beneficiary_numbers, reopened, benefit]
