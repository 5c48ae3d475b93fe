"""One decision per receipt and per claim of a month, the steps that explain it, and what stays open.

Belongs here: the order of the two kinds and the tables they fill. The tests are in receipts.py and claims.py.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.benefit import claims as claim_rules
from assets.benefit import receipts as receipt_rules
from assets.benefit.deciding import PAID_KEY, paid_keys
from assets.benefit.facts import CHILD
from assets.benefit.replacing import NOTHING_BEFORE, WORDS_OF_REPLACING, replacing, unchanged
from assets.benefit.standing import LINE
from assets.benefit.steps import WORDS_OF_ENTITLEMENT, explained, with_sentences
from assets.high_cost.words import WORDS_OF_CLAIM
from assets.register.identities import as_person
from schemas.law.book import Law
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN


def decide_receipts(
    receipts: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    paid_before: pl.DataFrame,
    law: Law,
    month: date,
    reopened: pl.DataFrame = NOTHING_BEFORE,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS) of accepted, open or reopened RECEIPTS. `paid_before`: PAID_KEY of everything paid earlier."""
    facts = receipt_rules.with_facts(receipts, beneficiary_numbers, registrations, eligibility, persons, law)
    rows = with_sentences(receipt_rules.decided(facts, paid_before, pl.lit(month)), law, month)
    rows = replacing(rows, reopened)
    words = (*WORDS_OF_ENTITLEMENT, *receipt_rules.WORDS_OF_RECEIPT, *WORDS_OF_REPLACING)
    return rows.select(DECISIONS.names), explained(rows, receipt_rules.STEPS_OF_RECEIPT, words)


def decide_claims(
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    insurances: pl.DataFrame,
    high_cost_estimates: pl.DataFrame,
    paid_before: pl.DataFrame,
    law: Law,
    month: date,
    reopened: pl.DataFrame = NOTHING_BEFORE,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS) of accepted, open or reopened CLAIMS. A cell left blank on the form is 0 yen.

    `insurer_answers_known` under the person's number; `paid_before`: PAID_KEY of everything paid earlier, this
    month's receipts included.
    """
    facts = claim_rules.with_facts(
        claims,
        beneficiary_numbers,
        registrations,
        eligibility,
        persons,
        insurer_answers_known,
        insurances,
        high_cost_estimates,
        law,
    )
    rows = with_sentences(claim_rules.decided(facts, paid_before, pl.lit(month)), law, month)
    rows = replacing(rows, reopened)
    words = (*WORDS_OF_ENTITLEMENT, *WORDS_OF_CLAIM, *WORDS_OF_REPLACING)
    return rows.select(DECISIONS.names), explained(rows, claim_rules.STEPS_OF_CLAIM, words)


def still_open(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The rows whose decision is 保留; the next month decides them again."""
    held = decisions.filter(pl.col("judgement") == "4").select("delivery", "line_no")
    return rows.join(held, on=["delivery", "line_no"], how="semi", maintain_order="left")


def _taken(decisions: pl.DataFrame, rows: pl.DataFrame, identities: pl.DataFrame, after: str) -> pl.DataFrame:
    """The paid keys of decisions, with the day from which on another kind of line finds them taken: `after` the first
    of the month in which the row that pays was learned. Of several the last pays: the others were withdrawn."""
    learned = rows.select("delivery", "line_no", pl.col("known_date").dt.month_start().alias("month"))
    paid = decisions.filter(pl.col("judgement") == "1").join(learned, on=["delivery", "line_no"])
    since = paid.group_by(PAID_KEY).agg(pl.col("month").max().dt.offset_by(after).alias("taken_from"))
    return paid_keys(decisions, identities).join(since, on=list(PAID_KEY))


def benefit(
    *,
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
    decided_before: pl.DataFrame,
    law: Law,
    month: date,
    reopened: pl.DataFrame = NOTHING_BEFORE,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS, RECEIPTS_OPEN, CLAIMS_OPEN) of a month.

    `receipts` and `claims` are the month's, the open ones of the month before and the reopened ones; `reopened` says
    how the latter two stand (REOPENED). `decided_before`: the DECISIONS that stand and are not decided again, under
    the numbers of their time, as `insurer_answers_known` is under those of its rows. A key goes to the line that came
    in the earliest month, in a month to receipts before claims. What did not change leaves no row.
    """
    who = (beneficiary_numbers, registrations, eligibility, persons)
    answered = (as_person(insurer_answers_known, identities, CHILD), insurances, high_cost_estimates)
    paid = paid_keys(decided_before, identities)
    earlier = claims.filter(pl.col("known_date") < month)
    of_earlier, _ = decide_claims(earlier, *who, *answered, paid, law, month)
    before_receipts = pl.concat([paid, _taken(of_earlier, earlier, identities, "1mo")], how="diagonal")
    of_receipts, receipt_steps = decide_receipts(receipts, *who, before_receipts, law, month, reopened)
    before_claims = pl.concat([paid, _taken(of_receipts, receipts, identities, "0mo")], how="diagonal")
    of_claims, claim_steps = decide_claims(claims, *who, *answered, before_claims, law, month, reopened)
    decisions, steps = pl.concat([of_receipts, of_claims]), pl.concat([receipt_steps, claim_steps])
    same = unchanged(decisions, reopened)
    told = decisions.join(same, on=LINE, how="anti", maintain_order="left")
    return (
        told,
        steps.join(told, on="decision_no", how="semi", maintain_order="left"),
        still_open(receipts, of_receipts).select(RECEIPTS_OPEN.names),
        still_open(claims, of_claims).select(CLAIMS_OPEN.names),
    )
