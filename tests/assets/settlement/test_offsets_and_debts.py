"""Who owes what to whom: which debt is offset first, what is left to pay, what waits, what is claimed back."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.replacing import AGAIN
from assets.settlement.rules import Settlement, settle
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS, REOPENED, STEPS
from schemas.records.register import IDENTITIES
from schemas.records.settlement import DEBTS
from tests.assets.second_engine.drawn_city import amended
from tests.support.cases import LAW, frame

OCTOBER = date(2026, 10, 1)
CHILD, MOTHER, FATHER = (f"{number:015d}" for number in (1, 2, 3))
NONE = IDENTITIES.empty()


def decided(no: str, amount: int, before: int | None = None, **more: object) -> tuple[dict[str, object], ...]:
    """(DECISIONS row, REOPENED row or none): a claim of so many yen, and the yen it had been paid."""
    claims = more.get("subject", "claim") == "claim"
    usual: dict[str, object] = {
        "decision_no": f"{no}-10", "subject": "claim", "subject_key": no, "decided_month": OCTOBER,
        "child_resident_code": CHILD, "guardian_resident_code": MOTHER, "service_month": date(2026, 6, 1),
        "demand_yen": 9_000, "amount_yen": amount, "judgement": "1" if amount > 0 else "2",
        "reason": "P0" if amount > 0 else "E3", "feed": "claims" if claims else "receipts", "delivery": "d",
        "line_no": sum(map(ord, no)), "care": "2", "institution_code": "1110000008",
        "cause": "1", "before_yen": 0, "replaces_no": None,
    }  # fmt: skip
    row = usual | more
    if before is None:
        return (row,)
    stood = {
        "decision_no": f"{no}-09", "judgement": "1", "reason": "P0", "amount_yen": before, "paid": "1",
        "settled_no": f"{no}-09", "settled_yen": before, "guardian_resident_code": MOTHER,
    }  # fmt: skip
    line = {name: row[name] for name in ("feed", "delivery", "line_no", "child_resident_code")}
    return row | {"cause": "3", "replaces_no": f"{no}-09", "before_yen": before}, line | stood


def settled(
    *rows: tuple[dict[str, object], ...], owed: pl.DataFrame | None = None, law: Law = LAW, month: date = OCTOBER
) -> Settlement:
    """The settlement of these decisions with the debts of the month before."""
    decisions = frame(DECISIONS, [row[0] for row in rows])
    steps = frame(
        STEPS,
        [
            {"decision_no": row[0]["decision_no"], "step_no": 1, "label": AGAIN, "feed": "residents", "delivery": "n"}
            for row in rows
            if len(row) > 1
        ],
    )
    reopened = frame(REOPENED, [row[1] for row in rows if len(row) > 1])
    return settle(decisions, steps, reopened, DEBTS.empty() if owed is None else owed, NONE, law, month)


def debt(no: str, yen: int, since: date = date(2026, 9, 1), **more: object) -> dict[str, object]:
    """A debt open since September."""
    return {
        "debt_no": no, "paid_no": f"{no}-paid", "guardian_resident_code": MOTHER, "child_resident_code": CHILD,
        "since_month": since, "first_yen": yen, "owed_yen": yen, "open_yen": yen, "offset_yen": 0,
        "claim_month": date(2027, 9, 1), "cause": "3", "service_month": date(2026, 6, 1),
    } | more  # fmt: skip


def test_a_first_payment_is_about_its_claim_and_more_is_about_its_own_decision() -> None:
    made = settled(decided("C1", 900), decided("C2", 1_500, 900))
    subjects = made.payables.select("subject_kind", "subject_key", "payable_yen").rows()
    assert subjects == [("claim", "C1", 900), ("difference", "C2-10", 600)]
    assert made.differences["kind"].to_list() == ["1", "2"]


def test_a_claim_paid_again_after_it_was_taken_back_is_no_first_payment() -> None:
    row, stood = decided("C1", 900, 0)
    made = settled((row, stood | {"settled_yen": 0, "judgement": "2", "reason": "E3"}))
    assert made.payables["subject_kind"].to_list() == ["difference"]


def test_the_oldest_debt_is_offset_first_then_by_number_and_across_months_and_kinds() -> None:
    owed = frame(DEBTS, [debt("B", 300), debt("A", 400), debt("C", 500, date(2026, 8, 1))])
    made = settled(decided("C1", 800), decided("C2", 250), owed=owed)
    assert made.offsets.select("debt_no", "decision_no", "offset_yen").rows() == [
        ("A", "C1-10", 300),
        ("A", "C2-10", 100),
        ("B", "C2-10", 150),
        ("C", "C1-10", 500),
    ]
    assert dict(made.debts.select("debt_no", "open_yen").iter_rows()) == {"A": 0, "B": 150, "C": 0}
    assert made.payables["payable_yen"].to_list() == [0, 0]


def test_only_the_guardian_who_owes_is_offset() -> None:
    owed = frame(DEBTS, [debt("A", 400, guardian_resident_code=FATHER)])
    made = settled(decided("C1", 800), owed=owed)
    assert made.offsets.is_empty()
    assert made.payables["payable_yen"].to_list() == [800]
    assert made.debts["open_yen"].to_list() == [400]


def test_a_debt_is_owed_by_who_was_paid_under_the_persons_number() -> None:
    row, stood = decided("C1", 0, 900, guardian_resident_code=None)
    same = frame(IDENTITIES, [{"resident_code": MOTHER, "person_code": FATHER}])
    steps = frame(STEPS, [{"decision_no": "C1-10", "step_no": 1, "label": AGAIN, "feed": "residents"}])
    made = settle(frame(DECISIONS, [row]), steps, frame(REOPENED, [stood]), DEBTS.empty(), same, LAW, OCTOBER)
    assert made.debts["guardian_resident_code"].to_list() == [FATHER]


def test_nothing_is_claimed_back_while_a_paid_line_is_held() -> None:
    held, stood = decided("C1", 0, 900, judgement="4", reason="H9")
    made = settled((held, stood))
    assert made.differences.is_empty()
    assert made.debts.is_empty()
    after, again = decided("C1", 0, 900)
    waited = again | {"decision_no": "C1-10", "judgement": "4", "reason": "H9", "amount_yen": 0}
    assert settled((after, waited)).debts["first_yen"].to_list() == [900]


def test_inc_03_a_debt_names_the_payment_and_the_row_of_the_news() -> None:
    """仙台市: after double payments, refunds were claimed of 15 people who owed nothing."""
    (owed,) = settled(decided("C1", 0, 900)).debts.to_dicts()
    assert owed["paid_no"] == "C1-09"
    assert (owed["news_feed"], owed["news_delivery"], owed["news_line_no"]) == ("residents", "n", 1)


def test_inc_22_ten_yen_of_many_receipts_are_offset_and_nobody_is_sent_a_bill() -> None:
    """浦添市: a pharmacy's error left ¥10 to be refunded by very many families."""
    back = [decided(f"R{at}", 890, 900, subject="receipt", line_no=at) for at in range(30)]
    made = settled(*back)
    assert made.debts["open_yen"].to_list() == [10] * 30
    ripe = made.debts.with_columns(claim_month=pl.lit(OCTOBER))
    waiting = settled(owed=ripe)
    assert waiting.debts["claimed_month"].null_count() == 30
    paid = settled(decided("C1", 900), owed=ripe)
    assert paid.payables["payable_yen"].to_list() == [600]
    assert paid.debts["open_yen"].sum() == 0


@pytest.mark.parametrize(
    ("yen", "claim_month", "claimed"),
    [(999, OCTOBER, None), (1_000, OCTOBER, OCTOBER), (1_000, date(2026, 11, 1), None)],
)
def test_a_debt_is_claimed_once_it_has_waited_and_reaches_the_least_yen(
    yen: int, claim_month: date, claimed: date | None
) -> None:
    made = settled(owed=frame(DEBTS, [debt("A", yen, claim_month=claim_month)]))
    assert made.debts["claimed_month"].to_list() == [claimed]


def test_debts_of_a_guardian_reach_the_least_yen_together_and_the_month_of_the_claim_stays() -> None:
    owed = frame(DEBTS, [debt("A", 600, claim_month=OCTOBER), debt("B", 400, claim_month=OCTOBER)])
    first = settled(owed=owed)
    assert first.debts["claimed_month"].to_list() == [OCTOBER, OCTOBER]
    second = settled(owed=first.debts, month=date(2026, 11, 1))
    assert second.debts["claimed_month"].to_list() == [OCTOBER, OCTOBER]


def test_a_new_debt_may_be_claimed_after_the_months_of_waiting() -> None:
    law = amended(LAW, "settlement.offset_wait_months", (date(2009, 4, 1), 2))
    assert settled(decided("C1", 0, 900), law=law).debts["claim_month"].to_list() == [date(2026, 12, 1)]


def test_the_first_yen_of_a_receipt_are_the_review_bodys_demand_and_no_difference() -> None:
    assert settled(decided("R1", 900, subject="receipt")).differences.is_empty()
    row, stood = decided("R1", 900, 0, subject="receipt")
    never = stood | {"paid": "0", "settled_yen": 0, "judgement": "2", "reason": "E1"}
    assert settled((row, never)).differences.is_empty()


@pytest.mark.parametrize(("owed_by", "counterpart"), [("guardian", "1"), ("review_body", "2")])
def test_what_a_paid_receipt_loses_goes_to_whom_the_law_says(owed_by: str, counterpart: str) -> None:
    law = amended(LAW, "settlement.receipts_owed_by", (date(2009, 4, 1), owed_by))
    made = settled(decided("R1", 0, 900, subject="receipt"), law=law)
    assert made.differences["counterpart"].to_list() == [counterpart]
    assert made.debts.height == (1 if counterpart == "1" else 0)


def test_a_signed_row_stands_in_the_review_bodys_account() -> None:
    made = settled(decided("R1", -900, subject="receipt", reason="R0", judgement="3"))
    assert made.differences.select("counterpart", "difference_yen").rows() == [("2", -900)]
    assert made.debts.is_empty()


def test_a_receipt_and_the_row_that_withdrew_it_lose_their_child_without_anybody_owing_a_yen() -> None:
    withdrawn, stood = decided("R2", 0, -900, subject="receipt", reason="R2")
    signed = stood | {"judgement": "3", "reason": "R0", "paid": "0"}
    made = settled(decided("R1", 0, 900, subject="receipt"), (withdrawn, signed))
    assert made.differences["difference_yen"].to_list() == [-900, 900]
    assert made.differences["counterpart"].to_list() == ["1", "1"]
    assert made.debts["open_yen"].to_list() == [0]
    assert made.payables["payable_yen"].to_list() == [0]


def test_a_single_yen_is_a_difference_and_is_offset_in_the_month_of_the_run() -> None:
    made = settled(decided("C1", 901, 900), owed=frame(DEBTS, [debt("A", 1)]))
    assert made.differences["difference_yen"].to_list() == [1]
    assert made.offsets.select("offset_yen", "decided_month").rows() == [(1, OCTOBER)]
    assert settled(decided("C1", 900)).differences["settled_yen"].to_list() == [0]


def test_a_new_debt_says_its_month_of_care_its_cause_and_since_when() -> None:
    made = settled(decided("C1", 0, 900)).debts
    assert made.select("service_month", "cause", "since_month").rows() == [(date(2026, 6, 1), "3", OCTOBER)]


def test_a_debt_carried_on_owes_what_was_left_and_is_about_the_person_its_child_is_now() -> None:
    owed = frame(DEBTS, [debt("A", 900, open_yen=400, offset_yen=500, child_resident_code=FATHER)])
    same = frame(IDENTITIES, [{"resident_code": FATHER, "person_code": CHILD}])
    made = settle(DECISIONS.empty(), STEPS.empty(), REOPENED.empty(), owed, same, LAW, OCTOBER)
    assert made.debts.select("owed_yen", "open_yen", "child_resident_code").rows() == [(400, 400, CHILD)]


def test_a_debt_that_is_all_offset_is_not_claimed_with_the_others() -> None:
    owed = frame(DEBTS, [debt("A", 300, claim_month=OCTOBER), debt("B", 1_000, claim_month=OCTOBER)])
    made = settled(decided("C1", 300), owed=owed)
    assert dict(made.debts.select("debt_no", "claimed_month").iter_rows()) == {"A": None, "B": OCTOBER}


def lowered() -> tuple[dict[str, object], ...]:
    """A signed row that took 900 yen and now takes 600."""
    row, stood = decided("R2", -600, -900, subject="receipt", reason="R0", judgement="3")
    return row, stood | {"judgement": "3", "reason": "R0", "paid": "0"}


def test_a_signed_row_goes_where_its_paid_receipt_goes_though_another_is_paid_first() -> None:
    law = amended(LAW, "settlement.receipts_owed_by", (date(2009, 4, 1), "guardian"))
    paid, first = decided("R1", 600, 900, subject="receipt"), decided("R3", 900, subject="receipt")
    assert settled(paid, first, lowered(), law=law).differences["counterpart"].to_list() == ["1", "1"]


def test_a_claim_of_the_same_care_says_nothing_of_where_a_signed_row_goes() -> None:
    made = settled(decided("C1", 600, 900), lowered()).differences
    assert made.select("subject", "counterpart").rows() == [("claim", "1"), ("receipt", "2")]


def test_a_new_signed_row_stands_in_the_review_bodys_account_though_its_receipt_changes_too() -> None:
    law = amended(LAW, "settlement.receipts_owed_by", (date(2009, 4, 1), "guardian"))
    new = decided("R2", -900, subject="receipt", reason="R0", judgement="3")
    made = settled(decided("R1", 600, 900, subject="receipt"), new, law=law)
    assert made.differences["counterpart"].to_list() == ["1", "2"]
