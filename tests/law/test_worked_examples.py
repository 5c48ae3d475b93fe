"""The worked examples of the scheme, by article, as a lawyer would check them."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from assets.benefit.facts import legal_rate
from assets.benefit.high_cost import monthly_limit
from assets.eligibility.rules import last_eligible_day
from tests.support.cases import (
    CHILD,
    INSTITUTION,
    LAW,
    MOTHER,
    Register,
    answer,
    application,
    claim,
    decided_claims,
    decided_receipts,
    receipt,
    register,
    resident,
)

CASES = yaml.safe_load((Path(__file__).parent / "worked_examples.yaml").read_text(encoding="utf-8"))
_USUAL = date(2018, 6, 15)


def _of(ask: str) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if case["ask"] == ask]
    assert chosen, f"no case asks for {ask}"
    return pytest.mark.parametrize(
        "case", chosen, ids=[f"{case['example']} {case['article']} {at}" for at, case in enumerate(chosen)]
    )


def _register(case: dict[str, Any]) -> Register:
    birth = case.get("birth", _USUAL)
    gone = {"resident_to_date": case["moved"], "resident_to_reason": "51"} if "moved" in case else {}
    rows: dict[str, list[dict[str, object]]] = {
        "residents": [resident(CHILD, birth, **gone), resident(MOTHER, date(1985, 1, 1), sex="2")],
        "applications": [
            application(application_date=birth, event_date=birth, insurance_type_code=case.get("insurance", "01"))
        ],
    }
    if "scheme" in case:
        feed, start = case["scheme"]
        rows[feed] = [{"resident_code": CHILD, "start_date": start}]
    return register(**rows)


def _outcome(decisions: pl.DataFrame) -> list[object]:
    return [decisions["reason"].item(), decisions["amount_yen"].item()]


@_of("rate")
def test_the_rate_of_a_day_is_that_of_the_example(case: dict[str, Any]) -> None:
    asked = pl.DataFrame({"birth": [case["birth"]], "on": [case["on"]]})
    assert asked.select(legal_rate("birth", "on", LAW)).item() == case["gives"]


@_of("age_end")
def test_the_last_day_of_age_is_that_of_the_example(case: dict[str, Any]) -> None:
    asked = pl.DataFrame({"birth": [case["birth"]]})
    assert asked.select(last_eligible_day(pl.col("birth"), case["years"])).item() == case["gives"]


@_of("reason")
def test_the_reason_on_a_day_is_that_of_the_example(case: dict[str, Any]) -> None:
    assert _register(case).reason_on(case["on"]) == case["gives"]


@_of("start")
def test_the_registration_begins_as_in_the_example(case: dict[str, Any]) -> None:
    filed = application(
        application_date=case["applied"],
        event_date=case["event"],
        application_type=case.get("type", "01"),
        application_reason=case.get("reason", "01"),
    )
    assert register(applications=[filed]).registrations["registered_from_date"].to_list() == [case["gives"]]


@_of("limit")
def test_the_limit_of_a_class_is_that_of_the_example(case: dict[str, Any]) -> None:
    asked = pl.DataFrame({"month": [case["month"]], "class": [case["class"]], "total": [case["total"]]})
    assert monthly_limit(asked, "month", "class", "total", LAW).to_list() == [case["gives"]]


@_of("receipt")
def test_a_receipt_pays_what_the_example_says(case: dict[str, Any]) -> None:
    other = case.get("other", [None, None])
    stated = {"rcpt_public_expense_yen": case["public"]} if "public" in case else {}
    row = receipt(
        total=case["total"],
        own=case.get("own", case["total"] * case.get("rate", 30) // 100),
        rcpt_copay_rate=case.get("rate", 30),
        service_month=case.get("month", date(2026, 6, 1)),
        first_day=case.get("day"),
        rcpt_patient_birth_date=case.get("birth", _USUAL),
        rcpt_other_public_payer_no=other[0],
        rcpt_other_public_copay_yen=other[1],
        **stated,
    )
    decisions, _ = decided_receipts([row], _register(case))
    assert _outcome(decisions) == case["gives"]


@_of("claim")
def test_a_claim_pays_what_the_example_says(case: dict[str, Any]) -> None:
    visit = case.get("visit", date(2026, 6, 10))
    row = claim(
        first_visit_date=visit,
        application_date=case.get("applied", date(2026, 9, 20)),
        total_medical_cost_yen=case["total"],
        partial=case["partial"],
        inpatient_outpatient_code=case.get("care", "2"),
        claim_class=case.get("class", "1"),
        accident=case.get("accident", "0"),
        other_public_item_code=case.get("payer"),
        beneficiary_no=case.get("number", "1000009"),
    )
    answered = (
        [
            answer(
                service_month=visit.replace(day=1),
                care=case.get("care", "2"),
                institution_code=INSTITUTION,
                high_cost_benefit_yen=case["high"],
                supplementary_benefit_yen=case.get("more", 0),
            )
        ]
        if "high" in case
        else []
    )
    decisions, _ = decided_claims([row], _register(case), answered)
    assert _outcome(decisions) == case["gives"]


def test_two_institutions_of_a_month_are_each_below_the_ceiling() -> None:
    """E5: 病院12,000円と薬局10,000円は、どちらも現物。"""
    rows = [
        receipt(total=40_000),
        receipt(total=33_330, rcpt_institution_code="1140000002", rcpt_inpatient_outpatient_code="5"),
    ]
    decisions, _ = decided_receipts(rows)
    assert decisions["amount_yen"].to_list() == [12_000, 9_999]


def test_a_claim_for_care_already_paid_in_kind_is_a_duplicate() -> None:
    """E9: 同じ受給者・年月・機関・入外の現物と償還。"""
    paid, _ = decided_receipts([receipt()])
    decisions, _ = decided_claims(
        [claim()], paid=paid.select("beneficiary_no", "service_month", "institution_code", "care")
    )
    assert decisions["reason"].to_list() == ["D1"]
