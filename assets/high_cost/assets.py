"""高額療養費: the lines that may count, what is expected of each, where the sources differ, the yearly cap."""

import dagster as dg
import polars as pl

from assets.benefit.facts import CHILD
from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from assets.high_cost import differences, entries, rules, years
from assets.register.identities import as_person
from resources.house import House
from schemas.records.benefit import CLAIMS_OPEN
from schemas.records.high_cost import (
    HIGH_COST_DIFFERENCES,
    HIGH_COST_ENTRIES,
    HIGH_COST_ESTIMATES,
    HIGH_COST_YEARS,
)


@table(HIGH_COST_ENTRIES, group="benefit", partitions=MONTHLY, deps=["law_of_month"])
def high_cost_entries(house: House, receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    return entries.entries(receipts, claims, house.law)


@table(
    HIGH_COST_ESTIMATES,
    group="benefit",
    partitions=MONTHLY,
    deps=[dg.AssetDep(HIGH_COST_ENTRIES.name, partition_mapping=MONTH_BEFORE)],
)
def high_cost_estimates(
    context: dg.AssetExecutionContext,
    house: House,
    high_cost_entries: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    insurances: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
) -> pl.DataFrame:
    earlier = house.all_before(HIGH_COST_ENTRIES, month_of(context.partition_key))
    return rules.estimates(
        pl.concat([earlier, high_cost_entries]),
        beneficiary_numbers,
        registrations,
        persons,
        insurances,
        as_person(insurer_answers_known, identities, CHILD),
        house.law,
    )


@table(
    HIGH_COST_DIFFERENCES,
    group="benefit",
    partitions=MONTHLY,
    deps=[dg.AssetDep(CLAIMS_OPEN.name, partition_mapping=MONTH_BEFORE)],
)
def high_cost_differences(
    context: dg.AssetExecutionContext,
    house: House,
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    high_cost_estimates: pl.DataFrame,
    insurances: pl.DataFrame,
) -> pl.DataFrame:
    return differences.differences(
        pl.concat([house.of_month_before(CLAIMS_OPEN, month_of(context.partition_key)), claims]),
        beneficiary_numbers,
        registrations,
        persons,
        as_person(insurer_answers_known, identities, CHILD),
        high_cost_estimates,
        insurances,
        house.law,
    )


@table(HIGH_COST_YEARS, group="benefit", partitions=MONTHLY)
def high_cost_years(
    house: House, high_cost_estimates: pl.DataFrame, insurer_answers_known: pl.DataFrame, identities: pl.DataFrame
) -> pl.DataFrame:
    answers = as_person(insurer_answers_known, identities, CHILD)
    return years.expected_refunds(high_cost_estimates, answers, house.law)


HIGH_COST_ASSETS = [high_cost_entries, high_cost_estimates, high_cost_differences, high_cost_years]
