"""Who is entitled, from when to when and why; the certificates; and the 158 items of 別添1.

A month decides only the children its news touches; what stood for the others stands.
"""

import dagster as dg
import polars as pl

from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from assets.eligibility import again, annex1, reading, reviews, rules
from assets.eligibility import means as means_rules
from assets.eligibility import restrictions as restriction_rules
from assets.eligibility.known import Known
from assets.months import last_day
from assets.payment.reading import answers_until
from assets.register.identities import as_person
from resources.house import House
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, FEEDS, RECEIPTS, accepted
from schemas.records.matching import MATCHES
from schemas.records.payment import ORDERS
from schemas.records.register import (
    CARDS,
    CERTIFICATES,
    ELIGIBILITY,
    ELIGIBILITY_DECISIONS,
    GUARDIAN_REVIEWS,
    MEANS,
    RESTRICTIONS,
    TOUCHED,
    known,
)
from schemas.records.statistics import LAW_BOOK
from schemas.records.subsidy import SUBSIDIES

_RESTING_ON = [known(FEEDS[name]).name for name in again.RESTS_ON]


@table(GUARDIAN_REVIEWS, group="eligibility", partitions=MONTHLY, deps=["law_of_month"])
def guardian_reviews(
    context: dg.AssetExecutionContext,
    house: House,
    guardians: pl.DataFrame,
    persons: pl.DataFrame,
    taxes: pl.DataFrame,
    identities: pl.DataFrame,
) -> pl.DataFrame:
    day = last_day(month_of(context.partition_key))
    return reviews.guardian_reviews(guardians, persons, taxes, identities, house.law, day)


@table(MEANS, group="eligibility", partitions=MONTHLY, deps=["law_of_month"])
def means(house: House, taxes: pl.DataFrame, arrears_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return means_rules.means(taxes, arrears_known, identities, house.law)


@table(RESTRICTIONS, group="eligibility", partitions=MONTHLY, deps=["law_of_month"])
def restrictions(house: House, guardians: pl.DataFrame, persons: pl.DataFrame, means: pl.DataFrame) -> pl.DataFrame:
    return restriction_rules.restrictions(guardians, persons, means, house.law)


@table(TOUCHED, group="eligibility", partitions=MONTHLY, deps=_RESTING_ON)
def touched(
    context: dg.AssetExecutionContext,
    house: House,
    identities: pl.DataFrame,
    matches: pl.DataFrame,
    law_book: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    decided = house.all_before(ELIGIBILITY_DECISIONS, month)["child_resident_code"].unique()
    stood = house.of_month_before(LAW_BOOK, month)
    rematched = again.rematched(house.of_month_before(MATCHES, month), matches)
    amended = not stood.is_empty() and _digest(house, stood) != _digest(house, law_book)
    news = again.Month(month, last_day(month), rematched, amended)
    return again.touched(Known.of(house, month), identities, decided, news)


def _digest(house: House, book: pl.DataFrame) -> str:
    return Law.from_frame(house.municipality, book).eligibility_digest()


@table(
    ELIGIBILITY,
    ELIGIBILITY_DECISIONS,
    group="eligibility",
    partitions=MONTHLY,
    deps=["law_of_month", dg.AssetDep(ELIGIBILITY.name, partition_mapping=MONTH_BEFORE)],
)
def eligibility(
    context: dg.AssetExecutionContext,
    house: House,
    touched: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registration_periods: pl.DataFrame,
    restrictions: pl.DataFrame,
    overrides_known: pl.DataFrame,
    law_book: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    before = house.of_month_before(ELIGIBILITY, month)
    asked = registration_periods.join(touched, on="child_resident_code", how="semi", maintain_order="left")
    overrides = as_person(overrides_known, identities, "child_resident_code")
    law = Law.from_frame(house.municipality, law_book)
    decided = rules.eligibility(persons, residences, schemes, asked, restrictions, overrides, law)
    stands = again.replaced(before, decided, touched["child_resident_code"], identities)
    earlier = house.all_before(ELIGIBILITY_DECISIONS, month)
    return stands, again.recorded(touched, before, decided, earlier, month)


@table(CERTIFICATES, group="eligibility", partitions=MONTHLY)
def certificates(
    context: dg.AssetExecutionContext,
    house: House,
    eligibility: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    return reading.certificates(eligibility, registrations, persons, house.law, month)


@table(
    CARDS,
    group="eligibility",
    partitions=MONTHLY,
    deps=[dg.AssetDep(CARDS.name, partition_mapping=MONTH_BEFORE)],
)
def cards(
    context: dg.AssetExecutionContext,
    house: House,
    certificates: pl.DataFrame,
    eligibility: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    identities: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    before = house.of_month_before(ELIGIBILITY, month)
    changed = reading.changes(before, eligibility, registrations, applications_known, identities, month)
    return reading.cards(house.of_month_before(CARDS, month), changed, certificates, eligibility, identities, month)


@table(ANNEX1, group="eligibility", partitions=MONTHLY, deps=["law_of_month"])
def annex1_register(
    context: dg.AssetExecutionContext,
    house: House,
    persons: pl.DataFrame,
    residents_known: pl.DataFrame,
    identities: pl.DataFrame,
    addresses: pl.DataFrame,
    guardians: pl.DataFrame,
    insurances: pl.DataFrame,
    eligibility: pl.DataFrame,
    eligibility_decisions: pl.DataFrame,
    cards: pl.DataFrame,
    applications_known: pl.DataFrame,
    taxes: pl.DataFrame,
    arrears_known: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
    claims: pl.DataFrame,
    receipts: pl.DataFrame,
    payment_orders: pl.DataFrame,
    subsidies: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)

    def ever(record: Record, now: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([house.all_before(record, month), now])

    return annex1.annex1_register(
        persons=persons,
        residents_known=residents_known,
        identities=identities,
        addresses=addresses,
        guardians=guardians,
        insurances=insurances,
        eligibility=eligibility,
        eligibility_decisions=ever(ELIGIBILITY_DECISIONS, eligibility_decisions),
        cards=cards,
        applications_known=house.numbered(applications_known),
        resident_taxes_known=taxes,
        arrears_known=arrears_known,
        decisions=ever(DECISIONS, benefit_decisions),
        claims=ever(accepted(CLAIMS), claims),
        receipts=ever(accepted(RECEIPTS), receipts),
        orders=ever(ORDERS, payment_orders),
        answers=answers_until(house, month)[0],
        subsidies=ever(SUBSIDIES, subsidies),
        law=house.law,
        day=last_day(month),
    )


ELIGIBILITY_ASSETS = [guardian_reviews, means, restrictions, touched, eligibility, certificates, cards, annex1_register]
