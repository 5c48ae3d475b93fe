"""Everybody who must be told has a letter, and every letter was printed or withheld, once."""

from datetime import date

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, month_of
from assets.described import check
from assets.eligibility.reading import changes
from assets.notices.debts import claimed, misclaimed
from assets.notices.rules import owed
from assets.payment.reading import answers_until
from assets.payment.returns import came_back
from resources.house import House
from schemas.records.notices import LETTERS
from schemas.records.payment import ORDERS
from schemas.records.register import ELIGIBILITY

_PARTS = {"withheld": dg.AssetIn("letters_withheld"), "pieces": dg.AssetIn("letter_pieces")}
_DEBTS = {"debts": dg.AssetIn("debts")}
_DECIDED = {
    name: dg.AssetIn(name)
    for name in (
        "eligibility",
        "identities",
        "registrations",
        "applications_known",
        "benefit_decisions",
        "settlement_payables",
    )
}


@check("letters", MONTHLY, "作った通知 = 印刷した通知 + 差し止めた通知(1通ずつ)", more=_PARTS)
def every_letter_is_printed_or_withheld_once(
    letters: pl.DataFrame, withheld: pl.DataFrame, pieces: pl.DataFrame
) -> dg.AssetCheckResult:
    ended = pl.concat([withheld.select("document_no"), pieces.select("document_no")])
    lost = letters.join(ended, on="document_no", how="anti").height
    passed = lost == 0 and ended.height == letters.height and ended["document_no"].is_unique().all()
    return dg.AssetCheckResult(passed=passed, metadata={"letters": letters.height, "lost": lost})


@check("letters", MONTHLY, "この月に認定した子どもには、通知と受給資格証がちょうど1通ずつある")
def everyone_recognised_gets_one_notice_and_one_card(letters: pl.DataFrame) -> dg.AssetCheckResult:
    notices = letters.filter(pl.col("kind") == "recognition")["child_resident_code"].sort()
    cards = letters.filter(pl.col("kind") == "card")["child_resident_code"].sort()
    return dg.AssetCheckResult(passed=notices.equals(cards) and notices.is_unique().all())


@check("letters", MONTHLY, "認定・却下・消滅・支給・不支給を知らせるべき子どもに、もれなく通知がある", more=_DECIDED)
def everyone_owed_a_letter_has_one(
    context: dg.AssetCheckExecutionContext,
    house: House,
    letters: pl.DataFrame,
    eligibility: pl.DataFrame,
    identities: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    benefit_decisions: pl.DataFrame,
    settlement_payables: pl.DataFrame,
) -> dg.AssetCheckResult:
    month = month_of(context.partition_key)
    before = house.of_month_before(ELIGIBILITY, month)
    changed = changes(before, eligibility, registrations, applications_known, identities, month)
    wanted = owed(changed, benefit_decisions, settlement_payables)
    forgotten = wanted.join(letters, on=["kind", "child_resident_code"], how="anti").height
    return dg.AssetCheckResult(passed=forgotten == 0, metadata={"owed": wanted.height, "forgotten": forgotten})


@check(
    "letters",
    MONTHLY,
    "この月に請求する返還には、請求書がちょうど1通ずつある。前に請求した返還には、もう作らない",
    more=_DEBTS,
)
def every_debt_is_claimed_by_one_letter_ever(
    context: dg.AssetCheckExecutionContext, house: House, letters: pl.DataFrame, debts: pl.DataFrame
) -> dg.AssetCheckResult:
    return one_letter_ever(house, letters, debts, month_of(context.partition_key))


def one_letter_ever(house: House, letters: pl.DataFrame, debts: pl.DataFrame, month: date) -> dg.AssetCheckResult:
    """Whether every debt claimed in a month has its one letter, against the letters of all months before."""
    wrong = misclaimed(debts, letters, house.all_before(LETTERS, month), month)
    wanted = claimed(debts, month).height
    return dg.AssetCheckResult(passed=wrong.is_empty(), metadata={"claimed": wanted, "wrong": wrong.height})


@check(
    "letters",
    MONTHLY,
    "銀行から戻った支払は、出し直したか、口座を確かめる通知が1通だけあるか、職員が調べているかのどれか",
    more={"payment_orders": dg.AssetIn("payment_orders")},
)
def every_returned_payment_is_ordered_again_or_asked_about_once(
    context: dg.AssetCheckExecutionContext, house: House, letters: pl.DataFrame, payment_orders: pl.DataFrame
) -> dg.AssetCheckResult:
    month = month_of(context.partition_key)
    back = came_back(*answers_until(house, month))
    of_accounts = pl.col("kind") == "account"
    asked = pl.concat([house.all_before(LETTERS, month), letters]).filter(of_accounts)["subject_key"]
    again = pl.concat([house.all_before(ORDERS, month), payment_orders])["replaces_no"].drop_nulls()
    settled = pl.concat([asked, again, back.filter("contradicted")["payment_no"]])
    forgotten = back.filter(~pl.col("payment_no").is_in(settled.implode())).height
    passed = forgotten == 0 and asked.is_unique().all() and again.is_unique().all()
    return dg.AssetCheckResult(passed=passed, metadata={"returned": back.height, "forgotten": forgotten})


NOTICE_CHECKS = [
    every_returned_payment_is_ordered_again_or_asked_about_once,
    every_debt_is_claimed_by_one_letter_ever,
    every_letter_is_printed_or_withheld_once,
    everyone_recognised_gets_one_notice_and_one_card,
    everyone_owed_a_letter_has_one,
]
