"""Who is entitled, from when to when and why; the certificates; and the 158 items of 別添1."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import table
from assets.eligibility import rules
from resources.house import House
from schemas.records.annex1 import ANNEX1
from schemas.records.register import CERTIFICATES, ELIGIBILITY


@table(ELIGIBILITY, group="eligibility", partitions=MONTHLY, deps=["law_of_month"])
def eligibility(
    house: House,
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registration_periods: pl.DataFrame,
) -> pl.DataFrame:
    return rules.eligibility(persons, residences, schemes, registration_periods, house.law)


@table(CERTIFICATES, group="eligibility", partitions=MONTHLY)
def certificates(
    context: dg.AssetExecutionContext,
    house: House,
    eligibility: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    return rules.certificates(eligibility, registrations, persons, house.law, month)


@table(ANNEX1, group="eligibility", partitions=MONTHLY)
def annex1_register(
    context: dg.AssetExecutionContext,
    persons: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    certificates: pl.DataFrame,
    applications_known: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    arrears_known: pl.DataFrame,
) -> pl.DataFrame:
    return rules.annex1_register(
        persons,
        registrations,
        eligibility,
        certificates,
        applications_known,
        resident_taxes_known,
        arrears_known,
        month_of(context.partition_key),
    )


ELIGIBILITY_ASSETS = [eligibility, certificates, annex1_register]
