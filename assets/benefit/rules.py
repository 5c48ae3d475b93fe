"""One decision per receipt and per claim of a month, the steps that explain it, and what stays open.

Belongs here: the order of the two kinds and the tables they fill. The tests are in receipts.py and claims.py.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.benefit import claims as claim_rules
from assets.benefit import receipts as receipt_rules
from assets.benefit.deciding import paid_keys
from assets.benefit.facts import CHILD
from assets.benefit.steps import WORDS_OF_ENTITLEMENT, explained, with_sentences
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
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS) of accepted or open RECEIPTS. `paid_before`: PAID_KEY of everything paid earlier."""
    facts = receipt_rules.with_facts(receipts, beneficiary_numbers, registrations, eligibility, persons, law)
    rows = with_sentences(receipt_rules.decided(facts, paid_before, pl.lit(month)), law, month)
    words = (*WORDS_OF_ENTITLEMENT, *receipt_rules.WORDS_OF_RECEIPT)
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
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS) of accepted or open CLAIMS. A cell left blank on the form is 0 yen.

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
    words = (*WORDS_OF_ENTITLEMENT, *claim_rules.WORDS_OF_CLAIM)
    return rows.select(DECISIONS.names), explained(rows, claim_rules.STEPS_OF_CLAIM, words)


def still_open(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The rows whose decision is 保留; the next month decides them again."""
    held = decisions.filter(pl.col("judgement") == "4").select("delivery", "line_no")
    return rows.join(held, on=["delivery", "line_no"], how="semi", maintain_order="left")


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
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(DECISIONS, STEPS, RECEIPTS_OPEN, CLAIMS_OPEN) of a month: receipts first, then claims.

    `receipts` and `claims` are the month's and the open ones of the month before; `decided_before` the DECISIONS
    of all earlier months, under the numbers of their time, as `insurer_answers_known` is under those of its rows.
    """
    who = (beneficiary_numbers, registrations, eligibility, persons)
    paid = paid_keys(decided_before, identities)
    of_receipts, receipt_steps = decide_receipts(receipts, *who, paid, law, month)
    of_claims, claim_steps = decide_claims(
        claims,
        *who,
        as_person(insurer_answers_known, identities, CHILD),
        insurances,
        high_cost_estimates,
        pl.concat([paid, paid_keys(of_receipts, identities)]),
        law,
        month,
    )
    return (
        pl.concat([of_receipts, of_claims]),
        pl.concat([receipt_steps, claim_steps]),
        still_open(receipts, of_receipts).select(RECEIPTS_OPEN.names),
        still_open(claims, of_claims).select(CLAIMS_OPEN.names),
    )
