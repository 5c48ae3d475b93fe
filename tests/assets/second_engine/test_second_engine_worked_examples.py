"""The worked examples of the city's rules, section by section: A ages, B the law of the month, C application
and other schemes, D yen, E in kind or in cash. In our own words; a case before 2024-10 moves a year on."""

from datetime import date
from typing import Any

import pytest

from assets.second_engine.eligibility import eligibility
from schemas.law.book import Law
from tests.assets.second_engine.small_city import CHILD, CLINIC, Decide, claim, insurer_answer, receipt, register

PRESCHOOL, PUPIL = date(2021, 6, 1), date(2017, 6, 1)


@pytest.mark.parametrize(
    ("case", "birth_date", "month", "points", "rate", "expected"),
    [
        ("A1 born on 1 April, last month before school", date(2019, 4, 1), date(2025, 3, 1), 1000, 20, ("P0", 2000)),
        ("A2 the same child, first month at school", date(2019, 4, 1), date(2025, 4, 1), 1000, 30, ("P0", 3000)),
        ("A2 the same month at the old rate", date(2019, 4, 1), date(2025, 4, 1), 1000, 20, ("H3", 0)),
        ("A2 born a day later: a year later at school", date(2019, 4, 2), date(2025, 4, 1), 1000, 20, ("P0", 2000)),
        ("A4 eighteen on 31 March, that month", date(2007, 4, 1), date(2025, 3, 1), 1000, 30, ("P0", 3000)),
        ("A4 eighteen on 31 March, the month after", date(2007, 4, 1), date(2025, 4, 1), 1000, 30, ("E1", 0)),
        ("A8 eighteen before the law reached that age", date(2006, 4, 1), date(2024, 10, 1), 2000, 30, ("E1", 0)),
        ("A9 a day younger", date(2006, 4, 2), date(2024, 10, 1), 2000, 30, ("P0", 6000)),
        ("A10 fifteen at the end of the year", date(2009, 4, 2), date(2025, 3, 1), 1000, 30, ("P0", 3000)),
        ("A10 the month after", date(2009, 4, 2), date(2025, 4, 1), 1000, 30, ("P0", 3000)),
        ("B7 no arrears and no income asked for", PUPIL, date(2024, 10, 1), 1000, 30, ("P0", 3000)),
        ("B7 the month before, not registered yet", PUPIL, date(2024, 9, 1), 1000, 30, ("E1", 0)),
        ("D1 in kind, whole yen", PRESCHOOL, date(2026, 6, 1), 287, 20, ("P0", 574)),
        ("E1 one step below the limit", PUPIL, date(2026, 6, 1), 6999, 30, ("P0", 20997)),
        ("E2 at the limit", PUPIL, date(2026, 6, 1), 7000, 30, ("H4", 0)),
    ],
)
def test_a_receipt_of_the_worked_examples_is_decided_as_written(
    decide: Decide, case: str, birth_date: date, month: date, points: int, rate: int, expected: tuple[str, int]
) -> None:
    assert decide(register(birth_date), receipts=[receipt(month, points, rate)]) == [expected], case


@pytest.mark.parametrize(
    ("case", "birth_date", "last_end"),
    [
        ("A4 born on 1 April", date(2007, 4, 1), date(2025, 4, 1)),
        ("A4 born on 2 April", date(2007, 4, 2), date(2026, 4, 1)),
        ("A7 born on 29 February", date(2008, 2, 29), date(2026, 4, 1)),
        ("A7 born on 1 March", date(2008, 3, 1), date(2026, 4, 1)),
        ("A born on 1 January", date(2009, 1, 1), date(2027, 4, 1)),
    ],
)
def test_entitlement_ends_with_the_fiscal_year_in_which_eighteen_is_reached(
    law: Law, case: str, birth_date: date, last_end: date
) -> None:
    found = eligibility(**vars(register(birth_date)), law=law)
    assert found["end_date"].to_list()[-1] == last_end, case
    assert found["reason"].to_list()[-1] == "00"


def reasons(law: Law, birth_date: date, **changes: Any) -> list[tuple[date, date, str, str]]:
    """The child's intervals with reason and benefit class."""
    found = eligibility(**vars(register(birth_date, **changes)), law=law)
    return list(found.select("start_date", "end_date", "reason", "benefit_class").iter_rows())


def test_a_child_was_in_scope_until_fifteen_and_is_again_until_eighteen(law: Law) -> None:
    assert reasons(law, date(2008, 4, 2), registered_from_date=date(2023, 10, 1)) == [
        (date(2009, 4, 1), date(2023, 10, 1), "11", "0"),
        (date(2023, 10, 1), date(2024, 4, 1), "00", "1"),
        (date(2024, 4, 1), date(2024, 10, 1), "01", "0"),
        (date(2024, 10, 1), date(2027, 4, 1), "00", "1"),
    ]


def test_a_pupil_was_entitled_in_hospital_only_until_2012(law: Law) -> None:
    assert reasons(law, date(2001, 6, 1), registered_from_date=date(2009, 5, 1)) == [
        (date(2009, 4, 1), date(2009, 5, 1), "11", "0"),
        (date(2009, 5, 1), date(2012, 10, 1), "00", "2"),
        (date(2012, 10, 1), date(2017, 4, 1), "11", "0"),
    ]


@pytest.mark.parametrize(
    ("case", "birth_date", "end_date"),
    [
        ("A7 born on 29 February", date(2004, 2, 29), date(2019, 4, 1)),
        ("A8 eighteen before the law reached that age", date(2006, 4, 1), date(2021, 4, 1)),
        ("fifteen the day before the law began", date(1994, 4, 1), None),
        ("a day younger", date(1994, 4, 2), date(2010, 4, 1)),
    ],
)
def test_who_was_too_old_for_the_next_law_ends_with_the_last_one(
    law: Law, case: str, birth_date: date, end_date: date | None
) -> None:
    found = eligibility(**vars(register(birth_date)), law=law)
    assert found["end_date"].max() == end_date, case


LATE = {"registered_from_date": date(2025, 5, 27)}
MOVED_IN = {"residences": [{"start_date": date(2025, 7, 1)}]}
PROTECTED = {"schemes": [{"reason": "04", "start_date": date(2025, 9, 15)}]}
SINGLE_PARENT = {"schemes": [{"reason": "05", "start_date": date(2025, 8, 1)}]}


@pytest.mark.parametrize(
    ("case", "changes", "month", "first_day", "expected"),
    [
        ("C1 from birth", {}, date(2025, 5, 1), date(2025, 5, 10), "P0"),
        ("C1 the first visit was before birth", {}, date(2025, 5, 1), date(2025, 5, 9), "E1"),
        ("C2 late: from the application", LATE, date(2025, 5, 1), date(2025, 5, 26), "E1"),
        ("C2 on the day of the application", LATE, date(2025, 5, 1), date(2025, 5, 27), "P0"),
        ("C4 the month before moving in", MOVED_IN, date(2025, 6, 1), None, "E1"),
        ("C4 the month of moving in", MOVED_IN, date(2025, 7, 1), None, "P0"),
        ("C10 before protection", PROTECTED, date(2025, 9, 1), date(2025, 9, 10), "P0"),
        ("C10 under protection", PROTECTED, date(2025, 9, 1), date(2025, 9, 20), "E3"),
        ("C10 nobody knows the day", PROTECTED, date(2025, 9, 1), None, "H6"),
        ("C11 July before the other scheme", SINGLE_PARENT, date(2025, 7, 1), None, "P0"),
        ("C11 August under it", SINGLE_PARENT, date(2025, 8, 1), None, "E3"),
    ],
)
def test_a_visit_is_paid_only_on_an_entitled_day(
    decide: Decide, case: str, changes: dict[str, Any], month: date, first_day: date | None, expected: str
) -> None:
    known = register(date(2025, 5, 10), **changes)
    reasons = [reason for reason, _ in decide(known, receipts=[receipt(month, 100, 20, first_day=first_day)])]
    assert reasons == [expected], case


@pytest.mark.parametrize(("registered", "reason"), [(date(2024, 10, 1), "P0"), (date(2024, 11, 5), "E1")])
def test_c8_a_teenager_who_applied_late_is_paid_from_the_application(
    decide: Decide, registered: date, reason: str
) -> None:
    known = register(date(2008, 6, 1), registered_from_date=registered)
    [(found, _)] = decide(known, receipts=[receipt(date(2024, 10, 1), 100, 30)])
    assert found == reason


JULY, AUGUST = date(2026, 7, 10), date(2026, 8, 10)


def stay(day: date) -> dict[str, Any]:
    """A claim for a stay of a million yen in hospital."""
    return claim(day, 1_000_000, 200_000, inpatient_outpatient_code="1", treatment_days=20)


def answer(day: date, high_cost_yen: int, supplementary_yen: int = 0) -> list[dict[str, Any]]:
    """The insurer's answer for that stay."""
    return [insurer_answer(day.replace(day=1), high_cost_yen, supplementary_yen, care="1")]


CHRONIC = claim(JULY, 100_000, 30_000, other_public_item_code="52", other_public_expense_yen=20_000)
PREMATURE = claim(JULY, 400_000, 8_700, other_public_item_code="23")
ABROAD = claim(JULY, 20_000, 6_000, claim_class="3", institution_code=None)


@pytest.mark.parametrize(
    ("case", "birth_date", "row", "answers", "expected"),
    [
        ("D2 outside the prefecture, rounded at the counter", PUPIL, claim(JULY, 3_720, 1_120), [], ("P0", 1_120)),
        ("D4 nine years old", PUPIL, claim(JULY, 33_000, 9_900), [], ("P0", 9_900)),
        ("D5 class ウ until July", PRESCHOOL, stay(JULY), answer(JULY, 112_570), ("P0", 87_430)),
        ("D5 without the answer", PRESCHOOL, stay(JULY), [], ("H1", 0)),
        ("D6 class ウ from August", PRESCHOOL, stay(AUGUST), answer(AUGUST, 107_060), ("P0", 92_940)),
        ("D7 class ア: no high cost", PRESCHOOL, stay(AUGUST), answer(AUGUST, 0), ("P0", 200_000)),
        ("D9 class オ, many times", PRESCHOOL, stay(AUGUST), answer(AUGUST, 175_400), ("P0", 24_600)),
        ("D11 with supplementary benefit", PRESCHOOL, stay(JULY), answer(JULY, 112_570, 62_400), ("P0", 25_030)),
        ("D14 a chronic disease: 20,000 by its own scheme", PUPIL, CHRONIC, [], ("P0", 10_000)),
        ("D16 what the State's scheme left to pay", PRESCHOOL, PREMATURE, [], ("P0", 8_700)),
        ("D17 an accident at school", PUPIL, claim(JULY, 30_000, 9_000, accident="1"), [], ("A1", 0)),
        ("D18 a small accident at school", PUPIL, claim(JULY, 4_900, 1_470, accident="1"), [], ("P0", 1_470)),
        ("D19 a traffic accident", PUPIL, claim(JULY, 50_000, 15_000, accident="2"), [], ("A2", 0)),
        ("D24 abroad, as the insurer valued it", PUPIL, ABROAD, [], ("P0", 6_000)),
    ],
)
def test_a_claim_of_the_worked_examples_is_decided_as_written(
    decide: Decide,
    case: str,
    birth_date: date,
    row: dict[str, Any],
    answers: list[dict[str, Any]],
    expected: tuple[str, int],
) -> None:
    assert decide(register(birth_date), claims=[row], answers=answers) == [expected], case


def test_another_public_payer_on_a_receipt_leaves_its_own_copay_to_the_city(decide: Decide) -> None:
    row = receipt(
        date(2026, 6, 1),
        6_000,
        30,
        rcpt_other_public_payer_no="52118013",
        rcpt_other_public_yen=8_000,
        rcpt_other_public_copay_yen=10_000,
        rcpt_public_expense_yen=10_000,
    )
    assert decide(register(PUPIL), receipts=[row]) == [("P0", 10_000)]
    assert decide(register(PUPIL), receipts=[row | {"rcpt_public_expense_yen": 9_999}]) == [("H2", 0)]


def test_e5_hospital_and_pharmacy_are_counted_apart(decide: Decide) -> None:
    month = date(2026, 6, 1)
    pharmacy = {"rcpt_institution_code": "1140000017", "rcpt_inpatient_outpatient_code": "5"}
    rows = [receipt(month, 4_000, 30), receipt(month, 3_000, 30, line_no=2) | pharmacy]
    assert decide(register(PUPIL), receipts=rows) == [("P0", 12_000), ("P0", 9_000)]


def test_e7_a_visit_outside_the_prefecture_above_the_limit_is_paid_on_claim(decide: Decide) -> None:
    assert decide(register(PUPIL), claims=[claim(JULY, 80_000, 24_000)]) == [("P0", 24_000)]


def test_e9_a_claim_for_what_was_paid_in_kind_is_a_duplicate(decide: Decide) -> None:
    both = {"receipts": [receipt(date(2026, 7, 1), 330, 30)], "claims": [claim(JULY, 3_300, 990)]}
    assert decide(register(PUPIL), **both) == [("P0", 990), ("D1", 0)]
    paid = [(CHILD, date(2026, 7, 1), CLINIC, "2")]
    assert decide(register(PUPIL), **both, paid_before=paid) == [("D1", 0), ("D1", 0)]
