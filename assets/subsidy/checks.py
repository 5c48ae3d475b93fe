"""What must be true of a month's 県補助."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import check
from assets.second_engine.differences import differences
from assets.second_engine.subsidy import RESULT
from assets.second_engine.subsidy import subsidies as second
from assets.subsidy.rules import standing
from assets.subsidy.units import standing_lines
from resources.house import House
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.subsidy import PREFECTURE_REPORT, SUBSIDIES

_DECISIONS = {"decisions": dg.AssetIn("benefit_decisions")}
_INPUTS = {name: dg.AssetIn(name) for name in ("receipts", "claims", "persons", "taxes", "identities")}


def _ever(house: House, record: Record, context: dg.AssetCheckExecutionContext, now: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([house.all_before(record, month_of(context.partition_key)), now])


def _yen(frame: pl.DataFrame, *names: str) -> int:
    return int(frame.select(pl.sum_horizontal(pl.col(name).fill_null(0).sum() for name in names)).item())


@check("subsidies", MONTHLY, "これまでの支給額 = 県費 + 市費 + 未確認", more=_DECISIONS)
def every_paid_yen_is_the_prefectures_the_citys_or_waiting(
    context: dg.AssetCheckExecutionContext, house: House, subsidies: pl.DataFrame, decisions: pl.DataFrame
) -> dg.AssetCheckResult:
    split = standing(_ever(house, SUBSIDIES, context, subsidies))
    waiting = split.filter(pl.col("prefecture_yen").is_null())
    paid = _yen(standing_lines(_ever(house, DECISIONS, context, decisions)), "amount_yen")
    over = paid - _yen(split, "prefecture_yen", "city_yen") - _yen(waiting, "amount_yen")
    return dg.AssetCheckResult(passed=over == 0, metadata={"left_over_yen": over, "waiting": waiting.height})


@check(
    "prefecture_report",
    MONTHLY,
    "これまでの報告の県費・市費・未確認の合計 = いま立っている県補助の合計",
    more={"split": dg.AssetIn("subsidies")},
)
def the_reports_add_up_to_what_stands(
    context: dg.AssetCheckExecutionContext, house: House, prefecture_report: pl.DataFrame, split: pl.DataFrame
) -> dg.AssetCheckResult:
    stands = standing(_ever(house, SUBSIDIES, context, split))
    told = _ever(house, PREFECTURE_REPORT, context, prefecture_report)
    parts = ("amount_yen", "subsidised_yen", "prefecture_yen", "city_yen")
    over = {name: _yen(told, name) - _yen(stands, name) for name in parts}
    return dg.AssetCheckResult(passed=not any(over.values()), metadata=over)


@check("subsidies", MONTHLY, "DuckDBで計算し直した県補助と1円も違わない", more=_DECISIONS | _INPUTS)
def both_engines_split_the_same_yen(
    context: dg.AssetCheckExecutionContext,
    house: House,
    subsidies: pl.DataFrame,
    decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    persons: pl.DataFrame,
    taxes: pl.DataFrame,
    identities: pl.DataFrame,
) -> dg.AssetCheckResult:
    again = second(
        _ever(house, DECISIONS, context, decisions),
        _ever(house, accepted(RECEIPTS), context, receipts),
        _ever(house, accepted(CLAIMS), context, claims),
        persons,
        taxes,
        identities,
        house.law,
    )
    ours = standing(_ever(house, SUBSIDIES, context, subsidies))
    gone = ours.filter(pl.col("amount_yen") == 0).join(again, on="decision_no", how="anti")
    found = differences(ours.join(gone, on="decision_no", how="anti"), again, ["decision_no"], RESULT[1:])
    return dg.AssetCheckResult(passed=found.is_empty(), metadata={"differences": found.height})


SUBSIDY_CHECKS = [
    every_paid_yen_is_the_prefectures_the_citys_or_waiting,
    the_reports_add_up_to_what_stands,
    both_engines_split_the_same_yen,
]
