"""The register at the end of a month, read off everything known by then."""

import dagster as dg
import polars as pl

from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from assets.months import last_day
from assets.register import rules
from resources.house import House
from schemas.record import Record
from schemas.records.register import (
    ADDRESSES,
    GUARDIANS,
    IDENTITIES,
    INSURANCES,
    KEPT,
    PERSONS,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
    RESIDENCES,
    SCHEMES,
    known,
)


def _known_asset(feed: Record) -> dg.AssetsDefinition:
    record = known(feed)

    @table(
        record,
        group="register",
        partitions=MONTHLY,
        ins={"arrivals": dg.AssetIn(feed.name)},
        deps=[dg.AssetDep(record.name, partition_mapping=MONTH_BEFORE)],
        name=f"remember_{feed.name}",
    )
    def remember(context: dg.AssetExecutionContext, house: House, arrivals: pl.DataFrame) -> pl.DataFrame:
        before = house.of_month_before(record, month_of(context.partition_key))
        return rules.known(feed, before, arrivals)

    return remember


KNOWN_ASSETS = [_known_asset(feed) for feed in KEPT]


@table(PERSONS, group="register", partitions=MONTHLY)
def persons(
    context: dg.AssetExecutionContext,
    residents_known: pl.DataFrame,
    nonresidents_known: pl.DataFrame,
    protected_persons_known: pl.DataFrame,
) -> pl.DataFrame:
    month_end = last_day(month_of(context.partition_key))
    return rules.persons(residents_known, nonresidents_known, protected_persons_known, month_end)


@table(IDENTITIES, group="register", partitions=MONTHLY)
def identities(nonresidents_known: pl.DataFrame) -> pl.DataFrame:
    return rules.identities(nonresidents_known)


@table(RESIDENCES, group="register", partitions=MONTHLY)
def residences(residents_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return rules.residences(residents_known, identities)


@table(ADDRESSES, group="register", partitions=MONTHLY)
def addresses(residents_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return rules.addresses(residents_known, identities)


@table(SCHEMES, group="register", partitions=MONTHLY)
def schemes(
    public_assistance_known: pl.DataFrame,
    severe_disability_known: pl.DataFrame,
    single_parent_known: pl.DataFrame,
    facilities_known: pl.DataFrame,
    identities: pl.DataFrame,
) -> pl.DataFrame:
    return rules.schemes(
        public_assistance_known, severe_disability_known, single_parent_known, facilities_known, identities
    )


@table(INSURANCES, group="register", partitions=MONTHLY)
def insurances(
    national_health_insurance_known: pl.DataFrame, applications_known: pl.DataFrame, identities: pl.DataFrame
) -> pl.DataFrame:
    return rules.insurances(national_health_insurance_known, applications_known, identities)


@table(REGISTRATION_PERIODS, group="register", partitions=MONTHLY, deps=["law_of_month"])
def registration_periods(house: House, applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return rules.registration_periods(house.numbered(applications_known), identities, house.law)


@table(REGISTRATIONS, group="register", partitions=MONTHLY, deps=["law_of_month"])
def registrations(house: House, applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return rules.registrations(house.numbered(applications_known), identities, house.law)


@table(GUARDIANS, group="register", partitions=MONTHLY)
def guardians(registration_periods: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    return rules.guardians(registration_periods, addresses)


REGISTER_ASSETS = [
    *KNOWN_ASSETS,
    persons,
    identities,
    residences,
    addresses,
    schemes,
    insurances,
    registration_periods,
    registrations,
    guardians,
]
