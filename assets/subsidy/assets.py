"""県費 and 市費 of every benefit, the report to the prefecture, and the figures for 国保課."""

import dagster as dg
import polars as pl

from assets.calendar import MONTH_BEFORE, MONTHLY, month_of
from assets.described import table
from assets.subsidy import report, rules
from resources.house import House
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.subsidy import KOKUHO_FIGURES, PREFECTURE_REPORT, SUBSIDIES


@table(
    SUBSIDIES,
    PREFECTURE_REPORT,
    group="subsidy",
    partitions=MONTHLY,
    deps=["law_of_month", dg.AssetDep(SUBSIDIES.name, partition_mapping=MONTH_BEFORE)],
)
def prefecture_subsidy(
    context: dg.AssetExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    persons: pl.DataFrame,
    taxes: pl.DataFrame,
    identities: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    before = rules.standing(house.all_before(SUBSIDIES, month))
    found = rules.subsidies(
        decisions=pl.concat([house.all_before(DECISIONS, month), benefit_decisions]),
        receipts=pl.concat([house.all_before(accepted(RECEIPTS), month), receipts]),
        claims=pl.concat([house.all_before(accepted(CLAIMS), month), claims]),
        persons=persons,
        taxes=taxes,
        identities=identities,
        before=before,
        law=house.law,
        month=month,
    )
    return found, report.prefecture_report(found, before, month)


@table(KOKUHO_FIGURES, group="subsidy", partitions=MONTHLY, deps=["law_of_month"])
def kokuho_figures(
    context: dg.AssetExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
) -> pl.DataFrame:
    month = month_of(context.partition_key)
    return report.kokuho_figures(
        benefit_decisions,
        house.all_before(DECISIONS, month),
        pl.concat([house.all_before(accepted(RECEIPTS), month), receipts]),
        persons,
        identities,
        house.law,
        month,
    )


SUBSIDY_ASSETS = [prefecture_subsidy, kokuho_figures]
