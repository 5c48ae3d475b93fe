"""The worked examples of the scheme, by article, as a lawyer would check them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from assets.benefit.facts import legal_rate
from assets.eligibility.rules import last_eligible_day
from assets.high_cost.limits import monthly_limit
from schemas.law.book import Law, LawGap
from schemas.records.register import ELIGIBILITY
from tests.assets.eligibility.parents import law_edited, law_read_as
from tests.law.families import PARENTS, USUAL, family, person_of, village
from tests.support.cases import (
    CHILD,
    INSTITUTION,
    LAW,
    answer,
    application,
    claim,
    decided_claims,
    decided_receipts,
    receipt,
    register,
)

CASES = yaml.safe_load((Path(__file__).parent / "worked_examples.yaml").read_text(encoding="utf-8"))


Standing = Callable[[dict[str, Any]], tuple[int, dict[str, object]]]


def _of(ask: str) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if case["ask"] == ask]
    assert chosen, f"no case asks for {ask}"
    return pytest.mark.parametrize(
        "case", chosen, ids=[f"{case['example']} {case['article']} {at}" for at, case in enumerate(chosen)]
    )


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


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Law]:
    """The book as it stands, and in the other readings of October 2014 with the limits of 2013 kept."""
    modes = ("income_or_arrears", "income_and_arrears")
    return {"as it stands": LAW} | {mode: law_read_as(tmp_path_factory.mktemp("law"), mode) for mode in modes}


_ABOUT_CHILDREN = [case for case in CASES if case["ask"] in ("reason", "class", "guardian")]


@pytest.fixture(scope="module")
def standing(readings: dict[str, Law]) -> Standing:
    """What an example's child is on the day asked for, and its place: the examples of a reading share a village."""
    places = {reading: [case for case in _ABOUT_CHILDREN if _reading(case) == reading] for reading in readings}
    villages = {reading: village(cases, readings[reading]) for reading, cases in places.items()}

    def asked(case: dict[str, Any]) -> tuple[int, dict[str, object]]:
        home = places[_reading(case)].index(case)
        return home, villages[_reading(case)].standing_on(case["on"], person_of(CHILD, home))

    return asked


def _reading(case: dict[str, Any]) -> str:
    return str(case.get("reading", "as it stands"))


@_of("reason")
def test_the_reason_on_a_day_is_that_of_the_example(case: dict[str, Any], standing: Standing) -> None:
    _, stands = standing(case)
    assert stands.get("reason", "01") == case["gives"]


def test_a_family_is_decided_alone_as_in_the_village(standing: Standing) -> None:
    alike = [
        name for name in ELIGIBILITY.names if name not in ("line_no", "child_resident_code", "guardian_resident_code")
    ]
    for case in _ABOUT_CHILDREN[:3]:
        _, stands = standing(case)
        alone = family(case).standing_on(case["on"])
        assert [stands.get(name) for name in alike] == [alone.get(name) for name in alike]


_B10 = {"birth": date(2002, 8, 1), "income": ["父", 2014, 9_000_000]}


def test_a_reading_of_2014_that_looks_at_income_needs_its_limits(tmp_path: Path) -> None:
    """B10 (h2): 限度額の表がなければ、0円とも無制限とも読まない。"""
    with pytest.raises(LawGap):
        family(_B10, law_read_as(tmp_path, "income_or_arrears", with_limits=False))


def test_a_reading_of_2014_with_raised_limits_lets_the_same_family_through(tmp_path: Path) -> None:
    """B10 (h2): 限度額の引上げ。"""

    def raised(book: dict[str, Any]) -> None:
        book["restriction.mode"]["versions"][2]["value"] = "income_or_arrears"
        for name in ("income_persons", "income_limits", "income_limit_more_yen", "income_limit_elderly_yen"):
            (version,) = book[f"restriction.{name}"]["versions"]
            value = [{"dependants": 0, "limit_yen": 9_000_000}] if name == "income_limits" else version["value"]
            later = {key: said for key, said in version.items() if key != "until"}
            book[f"restriction.{name}"]["versions"].append(later | {"from": "2014-10", "value": value})

    about = family(_B10, law_edited(tmp_path, raised))
    assert [about.reason_on(day) for day in (date(2014, 9, 30), date(2015, 6, 10))] == ["00", "00"]
    richer = _B10 | {"income": ["父", 2014, 9_080_001]}
    assert family(richer, law_edited(tmp_path / "again", raised)).reason_on(date(2015, 6, 10)) == "09"


def test_without_extension_over_closed_days_the_sixteenth_day_is_late(tmp_path: Path) -> None:
    """C2: 閉庁日の延長がなければ、15日目の日曜の翌日は申請日から。"""

    def closed(book: dict[str, Any]) -> None:
        book["registration.extends_over_closed_days"]["versions"][0]["value"] = False

    filed = application(application_date=date(2025, 5, 26), event_date=date(2025, 5, 10))
    days = [
        register(law, applications=[filed]).registrations["registered_from_date"].item()
        for law in (LAW, law_edited(tmp_path, closed))
    ]
    assert days == [date(2025, 5, 10), date(2025, 5, 26)]


@_of("class")
def test_the_kind_of_care_on_a_day_is_that_of_the_example(case: dict[str, Any], standing: Standing) -> None:
    _, stands = standing(case)
    assert stands.get("benefit_class") == case["gives"]


@_of("guardian")
def test_the_guardian_on_a_day_is_that_of_the_example(case: dict[str, Any], standing: Standing) -> None:
    home, stands = standing(case)
    guardian = person_of(PARENTS[case["gives"]], home)
    assert (stands["guardian_resident_code"], stands["reason"]) == (guardian, "00")


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
        rcpt_patient_birth_date=case.get("birth", USUAL),
        rcpt_other_public_payer_no=other[0],
        rcpt_other_public_copay_yen=other[1],
        **stated,
    )
    decisions, _ = decided_receipts([row], family(case))
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
    decisions, _ = decided_claims([row], family(case), answered)
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
        [claim()], paid=paid.select("child_resident_code", "service_month", "institution_code", "care")
    )
    assert decisions["reason"].to_list() == ["D1"]
