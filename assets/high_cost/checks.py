"""What must be true of every month's estimates of 高額療養費, and of the queue of differences."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import check
from assets.second_engine import high_cost as second
from assets.second_engine.differences import differences
from resources.house import House
from schemas.records.high_cost import HIGH_COST_ENTRIES

_MONTHS_LINES = {name: dg.AssetIn(name) for name in ("receipts", "claims")}
_KNOWN = {
    name: dg.AssetIn(name)
    for name in (
        "high_cost_entries",
        "beneficiary_numbers",
        "registrations",
        "insurances",
        "insurer_answers_known",
        "identities",
    )
}


@check("high_cost_entries", MONTHLY, "DuckDBで選び直した高額療養費の明細と1行も違わない", more=_MONTHS_LINES)
def both_engines_list_the_same_lines(
    house: House, high_cost_entries: pl.DataFrame, receipts: pl.DataFrame, claims: pl.DataFrame
) -> dg.AssetCheckResult:
    again = second.entries(receipts, claims, house.law)
    values = [name for name in HIGH_COST_ENTRIES.names if name not in HIGH_COST_ENTRIES.key]
    found = differences(high_cost_entries, again, list(HIGH_COST_ENTRIES.key), values)
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"differences": found.height})


@check("high_cost_estimates", MONTHLY, "DuckDBで計算し直した高額療養費の見込みと1円も違わない", more=_KNOWN)
def both_engines_expect_the_same_yen(
    context: dg.AssetCheckExecutionContext,
    house: House,
    high_cost_estimates: pl.DataFrame,
    high_cost_entries: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    insurances: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    identities: pl.DataFrame,
) -> dg.AssetCheckResult:
    earlier = house.all_before(HIGH_COST_ENTRIES, month_of(context.partition_key))
    again = second.estimates(
        pl.concat([earlier, high_cost_entries]),
        beneficiary_numbers,
        registrations,
        insurances,
        insurer_answers_known,
        identities,
        house.law,
    )
    found = differences(high_cost_estimates, again, list(second.LINE), list(second.ESTIMATED))
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"differences": found.height})


@check(
    "high_cost_estimates", MONTHLY, "合算した高額療養費を明細に分けた額の和は元の額で、どの明細の自己負担額も超えない"
)
def shares_add_up_and_never_exceed_the_self_pay(high_cost_estimates: pl.DataFrame) -> dg.AssetCheckResult:
    found = misdivided(high_cost_estimates)
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"misdivided": found.height})


def misdivided(estimates: pl.DataFrame) -> pl.DataFrame:
    """Lines above their self pay, and lines of households whose shares are not the sum above the limit."""
    known = estimates.filter((pl.col("counted") == "1") & pl.col("limit_yen").is_not_null())
    household = ["insurer_no", "symbol_number", "service_month", "pool"]
    whole = (pl.col("household_self_yen") - pl.col("limit_yen")).clip(0)
    lone = pl.when(pl.col("insurer_no").is_null()).then("child_resident_code").alias("lone")
    shared = pl.col("expected_high_yen").sum().over(*household, lone)
    return known.filter((pl.col("expected_high_yen") > pl.col("self_yen")) | (shared != whole))


@check("high_cost_differences", MONTHLY, "相違のどの行にも、使った額の出どころがあり、その額を使っている")
def every_difference_names_the_source_used(high_cost_differences: pl.DataFrame) -> dg.AssetCheckResult:
    found = unnamed(high_cost_differences)
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"unnamed": found.height})


def unnamed(queue: pl.DataFrame) -> pl.DataFrame:
    """Rows without a source, without a reason, or whose yen is not that of the source named."""
    source = pl.col("used_source")
    of_source = (
        pl.when(source == "answer")
        .then("answer_yen")
        .when(source == "nhi")
        .then("estimate_yen")
        .when(source == "claim")
        .then(pl.col("claim_yen").fill_null(0))
    )
    return queue.filter(source.is_null() | (pl.col("why") == "") | pl.col("used_yen").ne_missing(of_source))


HIGH_COST_CHECKS = [
    both_engines_list_the_same_lines,
    both_engines_expect_the_same_yen,
    shares_add_up_and_never_exceed_the_self_pay,
    every_difference_names_the_source_used,
]
