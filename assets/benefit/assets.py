"""Whose number is whose; one decision per receipt and per claim, and what stays open for the next month."""

import dagster as dg
import polars as pl

from assets.benefit import facts, rules
from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from resources.house import House
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, STEPS
from schemas.records.register import BENEFICIARY_NUMBERS


@table(BENEFICIARY_NUMBERS, group="register", partitions=MONTHLY)
def beneficiary_numbers(house: House, applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    return facts.beneficiary_numbers(house.numbered(applications_known), identities)


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
    high_cost_estimates: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    return rules.benefit(
        receipts=pl.concat([house.of_month_before(RECEIPTS_OPEN, month), receipts]),
        claims=pl.concat([house.of_month_before(CLAIMS_OPEN, month), claims]),
        beneficiary_numbers=beneficiary_numbers,
        registrations=registrations,
        eligibility=eligibility,
        persons=persons,
        identities=identities,
        insurer_answers_known=insurer_answers_known,
        insurances=insurances,
        high_cost_estimates=high_cost_estimates,
        decided_before=house.all_before(DECISIONS, month),
        law=house.law,
        month=month,
    )


BENEFIT_ASSETS = [beneficiary_numbers, benefit]
