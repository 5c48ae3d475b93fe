"""What must be true of every month's decisions."""

import dagster as dg
import polars as pl

from assets.benefit.checker import unexplained, unfaithful
from assets.calendar import MONTHLY, month_of
from assets.described import check
from assets.second_engine.benefit import benefit as second
from assets.second_engine.differences import differences
from assets.second_engine.high_cost import estimates as second_estimates
from resources.house import House
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN
from schemas.records.high_cost import HIGH_COST_ENTRIES

_INPUTS = {
    name: dg.AssetIn(name)
    for name in (
        "receipts",
        "claims",
        "beneficiary_numbers",
        "registrations",
        "eligibility",
        "persons",
        "identities",
        "insurer_answers_known",
        "national_health_insurance_known",
        "insurances",
        "high_cost_entries",
    )
}


@check(
    "benefit_decisions",
    MONTHLY,
    "判定の根拠を足し直すと、どの判定の支給額にもなる",
    more={"steps": dg.AssetIn("benefit_steps")},
)
def every_yen_is_explained_by_its_steps(benefit_decisions: pl.DataFrame, steps: pl.DataFrame) -> dg.AssetCheckResult:
    found = unexplained(benefit_decisions, steps)
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"unexplained": found.height})


@check(
    "benefit_decisions",
    MONTHLY,
    "どの判定も元の行と同じ請求額・受給者番号をもち、どの行にも判定がちょうど1つある",
    more={name: dg.AssetIn(name) for name in ("receipts", "claims")},
)
def every_row_has_one_decision_about_what_it_demands(
    context: dg.AssetCheckExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
) -> dg.AssetCheckResult:
    month = month_of(context.partition_key)
    found = unfaithful(
        benefit_decisions,
        pl.concat([house.of_month_before(RECEIPTS_OPEN, month), receipts]),
        pl.concat([house.of_month_before(CLAIMS_OPEN, month), claims]),
    )
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"unfaithful": found.height})


@check("benefit_decisions", MONTHLY, "DuckDBで計算し直した判定と1円も違わない", more=_INPUTS)
def both_engines_decide_the_same_yen(
    context: dg.AssetCheckExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    national_health_insurance_known: pl.DataFrame,
    insurances: pl.DataFrame,
    high_cost_entries: pl.DataFrame,
) -> dg.AssetCheckResult:
    month = month_of(context.partition_key)
    earlier = house.all_before(DECISIONS, month).filter(pl.col("judgement") == "1")
    again = second(
        pl.concat([house.of_month_before(RECEIPTS_OPEN, month), receipts]),
        pl.concat([house.of_month_before(CLAIMS_OPEN, month), claims]),
        beneficiary_numbers,
        registrations,
        eligibility,
        persons,
        identities,
        insurer_answers_known,
        national_health_insurance_known,
        second_estimates(
            pl.concat([house.all_before(HIGH_COST_ENTRIES, month), high_cost_entries]),
            beneficiary_numbers,
            registrations,
            insurances,
            insurer_answers_known,
            identities,
            house.law,
        ),
        earlier.select("child_resident_code", "service_month", "institution_code", "care"),
        house.law,
        month,
    )
    keys = ["subject", "feed", "delivery", "line_no"]
    found = differences(benefit_decisions, again, keys, ["judgement", "reason", "amount_yen"])
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"differences": found.height})


BENEFIT_CHECKS = [
    every_yen_is_explained_by_its_steps,
    every_row_has_one_decision_about_what_it_demands,
    both_engines_decide_the_same_yen,
]
