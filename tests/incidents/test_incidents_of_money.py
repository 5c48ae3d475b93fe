"""What happened to other cities' payments, replayed against the rules that pay ours."""

from datetime import date

import polars as pl

from assets.benefit.replacing import NOTHING_BEFORE
from assets.payment.rules import orders
from assets.settlement.rules import settle
from schemas.records.register import IDENTITIES
from schemas.records.settlement import DEBTS
from tests.support.cases import CHILD, LAW, answer, claim, decided_claims

AUGUST = date(2026, 8, 1)
ACCOUNTS = pl.DataFrame(
    {
        "child_resident_code": [CHILD],
        "application_no": ["A-1"],
        "bank_code": ["0017"],
        "branch_code": ["350"],
        "account_type": ["1"],
        "account_number": ["0000001"],
        "account_holder_kana": ["ミホン タロウ"],
    }
)
COSTLY = {"partial": 90_000, "total_medical_cost_yen": 300_000}


def ordered(decisions: pl.DataFrame, steps: pl.DataFrame, owed: pl.DataFrame | None = None) -> pl.DataFrame:
    """The orders of first decisions; `owed`: DEBTS of the month before."""
    before = DEBTS.empty() if owed is None else owed
    settled = settle(decisions, steps, NOTHING_BEFORE, before, IDENTITIES.empty(), LAW, AUGUST)
    return orders(settled.payables, ACCOUNTS, LAW, AUGUST)


def test_inc_17_a_held_claim_is_in_no_order_until_it_is_decided() -> None:
    """延岡市 R3: the extraction of a 給付金 included people on 保留."""
    held, steps = decided_claims([claim(**COSTLY), claim(claim_no="C2", institution_code="1110000016")])
    paid = ordered(held, steps)
    assert dict(held.select("subject_key", "judgement").iter_rows()) == {"C1": "4", "C2": "1"}
    assert paid["subject_key"].to_list() == ["C2"]

    told = answer(high_cost_benefit_yen=10_000, supplementary_benefit_yen=0)
    decided, steps = decided_claims([claim(**COSTLY)], answers=[told])
    (order,) = ordered(decided, steps).to_dicts()
    assert order["amount_yen"] == decided["amount_yen"].item() == 80_000


def test_inc_17_no_held_decision_carries_any_yen() -> None:
    """延岡市 R3: what is on 保留 must not be worth money anywhere downstream."""
    held, steps = decided_claims([claim(**COSTLY)])
    assert held["amount_yen"].to_list() == [0]
    assert steps["yen"].drop_nulls().sum() == 0
