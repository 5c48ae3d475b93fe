"""One decision per receipt and per claim, and what stays open for the next month."""

import dagster as dg
import polars as pl

from assets.benefit import rules
from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from resources.house import House
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, STEPS


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
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    national_health_insurance_known: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    return rules.benefit(
        receipts=pl.concat([house.of_month_before(RECEIPTS_OPEN, month), receipts]),
        claims=pl.concat([house.of_month_before(CLAIMS_OPEN, month), claims]),
        registrations=registrations,
        eligibility=eligibility,
        persons=persons,
        insurer_answers_known=insurer_answers_known,
        national_health_insurance_known=national_health_insurance_known,
        decided_before=house.all_before(DECISIONS, month),
        law=house.law,
        month=month,
    )


BENEFIT_ASSETS = [benefit]
