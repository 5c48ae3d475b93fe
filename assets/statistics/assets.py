"""The month in numbers, its equations, and the report in the outbox."""

from datetime import date

import dagster as dg
import polars as pl

from assets.benefit.assets import decided_now
from assets.calendar import MONTHLY, days_of, month_of
from assets.described import table
from assets.eligibility.reading import changes
from assets.months import last_day, next_month
from assets.payment.rules import last_business_day
from assets.statistics import rules
from assets.statistics.subsidy import subsidies_of_month, subsidy_figures
from assets.subsidy.rules import standing
from reports.letters.context import letter_context
from reports.monthly.amounts import Amount
from reports.monthly.report import monthly_report
from resources.house import House
from schemas.businessdays import office_day_on_or_after
from schemas.records.benefit import CLAIMS_OPEN, RECEIPTS_OPEN
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.register import ELIGIBILITY
from schemas.records.settlement import DEBTS
from schemas.records.statistics import EQUATIONS, FIGURES
from schemas.records.subsidy import SUBSIDIES


@table(
    FIGURES,
    EQUATIONS,
    group="statistics",
    partitions=MONTHLY,
    deps=["bank_file", "law_of_month"],
)
def statistics(
    context: dg.AssetExecutionContext,
    house: House,
    receipts: pl.DataFrame,
    receipts_refused: pl.DataFrame,
    claims: pl.DataFrame,
    claims_refused: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    settlement_differences: pl.DataFrame,
    settlement_offsets: pl.DataFrame,
    settlement_payables: pl.DataFrame,
    debts: pl.DataFrame,
    payment_orders: pl.DataFrame,
    eligibility: pl.DataFrame,
    identities: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    persons: pl.DataFrame,
    subsidies: pl.DataFrame,
    prefecture_report: pl.DataFrame,
    kokuho_figures: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    month = month_of(context.partition_key)
    before = house.of_month_before(ELIGIBILITY, month)
    changed = changes(before, eligibility, registrations, applications_known, identities, month)
    shared = subsidies_of_month(
        subsidies,
        standing(house.all_before(SUBSIDIES, month)),
        persons,
        identities,
        benefit_decisions,
        prefecture_report,
        kokuho_figures,
    )
    numbers = rules.figures(
        [
            rules.people(eligibility, changed, last_day(month)),
            rules.decided(benefit_decisions, benefit_reopened, persons),
            rules.refusals(receipts_refused, RECEIPTS),
            rules.refusals(claims_refused, CLAIMS),
            subsidy_figures(shared),
        ],
        month,
    )
    flow = rules.reconciliation(
        told=_told(house, context.partition_key),
        again=_again(house, month, benefit_reopened),
        accepted=rules.of_feed("receipts", receipts) + rules.of_feed("claims", claims),
        refused=rules.of_refused(receipts_refused) + rules.of_refused(claims_refused),
        decisions=benefit_decisions,
        reopened=benefit_reopened,
        payables=settlement_payables,
        settled=rules.settled(
            settlement_differences,
            settlement_offsets,
            settlement_payables,
            debts,
            house.of_month_before(DEBTS, month),
        ),
        orders=payment_orders.filter(pl.col("attempt") == 1),
        transferred=rules.filed_until(house.ledger.batched_orders(), last_business_day(next_month(month))),
    )
    report = rules.monthly_figures(
        letter_context(house.municipality, last_day(month), "REPORT").value("city"),
        month,
        office_day_on_or_after(next_month(month)),
        rules.standing_people(eligibility, last_day(month)),
        numbers,
        flow,
        shared,
        tuple(version.label for version in house.law.at(month).unconfirmed),
    )
    house.outbox.write(
        context.partition_key, "monthly_report.html", monthly_report(report).encode(), purpose="月次報告"
    )
    return numbers, rules.equations((*flow.equations(), *shared.equations()), month)


def _told(house: House, key: str) -> Amount:
    told = [house.inbox.told(feed, days_of(key)) for feed in ("receipts", "claims")]
    return Amount(sum(each.rows for each in told), sum(each.yen for each in told))


def _again(house: House, month: date, reopened: pl.DataFrame) -> Amount:
    """The rows of earlier months that are decided again: what waited, and what late news touches."""
    feeds = ((RECEIPTS, RECEIPTS_OPEN), (CLAIMS, CLAIMS_OPEN))
    amounts = [
        rules.of_feed(feed.name, decided_now(house, feed, waiting, accepted(feed).empty(), reopened, month))
        for feed, waiting in feeds
    ]
    return amounts[0] + amounts[1]


STATISTICS_ASSETS = [statistics]
