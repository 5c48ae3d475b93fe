"""What must be true of every month's eligibility."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY
from assets.described import check
from assets.register.intervals import merged
from assets.second_engine.differences import differences
from assets.second_engine.eligibility import eligibility as second
from resources.house import House

_INPUTS = {
    name: dg.AssetIn(name)
    for name in (
        "persons",
        "residences",
        "schemes",
        "registration_periods",
        "guardians",
        "taxes",
        "arrears_known",
        "identities",
        "overrides_known",
    )
}
_SAID = ["entitled", "benefit_class", "reason", "ruled_reason"]


@check("eligibility", MONTHLY, "子どもの資格の期間は重ならず、すき間がない")
def intervals_neither_overlap_nor_leave_gaps(eligibility: pl.DataFrame) -> dg.AssetCheckResult:
    ordered = eligibility.sort("child_resident_code", "start_date")
    before = pl.col("end_date").shift().over("child_resident_code")
    broken = ordered.filter((before != pl.col("start_date")) | (pl.col("end_date") <= pl.col("start_date"))).height
    return dg.AssetCheckResult(passed=broken == 0, metadata={"broken": broken})


@check("eligibility", MONTHLY, "DuckDBで全員を初めから計算し直した資格と1行も違わない", more=_INPUTS)
def both_engines_decide_the_same_eligibility(
    house: House,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    residences: pl.DataFrame,
    schemes: pl.DataFrame,
    registration_periods: pl.DataFrame,
    guardians: pl.DataFrame,
    taxes: pl.DataFrame,
    arrears_known: pl.DataFrame,
    identities: pl.DataFrame,
    overrides_known: pl.DataFrame,
) -> dg.AssetCheckResult:
    again = second(
        persons,
        residences,
        schemes,
        registration_periods,
        guardians,
        taxes,
        arrears_known,
        identities,
        overrides_known,
        house.law,
    )
    ours = merged(eligibility, ["child_resident_code", *_SAID])
    found = differences(ours, again, ["child_resident_code", "start_date"], ["end_date", *_SAID])
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"differences": found.height})


ELIGIBILITY_CHECKS = [intervals_neither_overlap_nor_leave_gaps, both_engines_decide_the_same_eligibility]
