"""Each reason of a receipt and of a claim, its edge, and which of two reasons comes first."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assets.second_engine.small_city import (
    CHILD,
    CLINIC,
    NUMBER,
    Decide,
    Judge,
    claim,
    insurer_answer,
    receipt,
    register,
)
from tests.support.draws import draws

PUPIL = date(2017, 6, 1)
JUNE, JULY, AUGUST = date(2026, 6, 10), date(2026, 7, 10), date(2026, 8, 10)
MONTH = date(2026, 6, 1)
MOVED = {"residences": [{"end_date": date(2026, 6, 20), "end_reason": "51"}]}
DIED = {"residences": [{"end_date": date(2026, 6, 20), "end_reason": "53"}]}
FACILITY = {"schemes": [{"reason": "07", "start_date": date(2026, 1, 1)}]}
LEFT_FACILITY = {"schemes": [{"reason": "07", "start_date": date(2026, 1, 1), "end_date": date(2026, 6, 15)}]}
LATE = date(2032, 1, 1)
DEDUCTIONS = {
    "claim_class": "2",
    "high_cost_benefit_yen": 1_000,
    "supplementary_benefit_yen": 200,
    "other_public_expense_yen": 30,
    "other_adjustment_yen": 4,
}
PART_STATED = {"claim_class": "4", "other_adjustment_yen": 3_500}
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("E2", {"rcpt_patient_beneficiary_no": "7654321"}),
    ("R1", {"receipt_change": "2"}),
    ("H7", {"rcpt_public_payer_no": "81112047"}),
    ("H5", {"rcpt_patient_sex": "2"}),
    ("H6", {"first_day": None}),
    ("H3", {"rcpt_copay_rate": 20}),
    ("H2", {"rcpt_self_pay_yen": 21_001}),
    ("H4", {}),
]
"""Reasons of a receipt in the order in which they are tried, each with what brings it about."""


def faulty(*reasons: str) -> dict[str, Any]:
    """A receipt of 21,000 yen, begun on 10 June by a child who moves away on the 20th, with these faults."""
    changes = {name: value for reason, fault in FAULTS if reason in reasons for name, value in fault.items()}
    return receipt(MONTH, 7_000, 30) | {"first_day": JUNE} | changes


def apart(rows: list[dict[str, Any]], institution: str) -> list[dict[str, Any]]:
    """The same rows, each at a clinic of its own and on its own line, so that none doubles another."""
    return [row | {"line_no": n, institution: f"11100{n:05}"} for n, row in enumerate(rows, 1)]


def test_of_several_faults_of_a_receipt_the_first_in_order_is_the_reason(decide: Decide) -> None:
    order = [reason for reason, _ in FAULTS]
    alone = [faulty(reason) for reason in order]
    with_every_later_one = [faulty(*order[at:]) for at in range(len(order))]
    rows = apart([*alone, *with_every_later_one], "rcpt_institution_code")
    assert decide(register(PUPIL, **MOVED), receipts=rows) == [(reason, 0) for reason in [*order, *order]]


RECEIPTS_OF_900_YEN: list[tuple[str, dict[str, Any], tuple[str, int]]] = [
    ("another birth date", {"rcpt_patient_birth_date": date(2017, 6, 2)}, ("H5", 0)),
    ("paid at the counter", {"rcpt_counter_yen": 500, "rcpt_public_expense_yen": 400}, ("P0", 400)),
    ("paid at the counter and asked for all", {"rcpt_counter_yen": 500}, ("H2", 0)),
    ("paid at the counter in full", {"rcpt_counter_yen": 900, "rcpt_public_expense_yen": 0}, ("N1", 0)),
    ("high cost taken off", {"rcpt_high_cost_benefit_yen": 100, "rcpt_public_expense_yen": 800}, ("P0", 800)),
    ("supplementary taken off", {"rcpt_supplementary_benefit_yen": 1, "rcpt_public_expense_yen": 899}, ("P0", 899)),
    ("self pay off by one", {"rcpt_self_pay_yen": 901, "rcpt_public_expense_yen": 901}, ("H2", 0)),
    ("public expense off by one", {"rcpt_public_expense_yen": 899}, ("H2", 0)),
    ("another payer without a copay", {"rcpt_other_public_payer_no": "52118013"}, ("H2", 0)),
]


def test_a_receipt_of_900_yen_is_checked_to_the_yen(decide: Decide) -> None:
    rows = [receipt(MONTH, 300, 30) | changes for _, changes, _ in RECEIPTS_OF_900_YEN]
    found = decide(register(PUPIL), receipts=apart(rows, "rcpt_institution_code"))
    cases = [case for case, _, _ in RECEIPTS_OF_900_YEN]
    assert dict(zip(cases, found, strict=True)) == {case: expected for case, _, expected in RECEIPTS_OF_900_YEN}


@pytest.mark.parametrize(
    ("case", "changes", "first_day", "reason"),
    [
        ("left on the day of the visit", MOVED, date(2026, 6, 20), "E1"),
        ("left the day after", MOVED, date(2026, 6, 19), "P0"),
        ("died on the day of the visit", DIED, date(2026, 6, 19), "P0"),
        ("guardian abroad", {"guardian": {"in_japan": "0"}}, None, "E1"),
        ("in a facility all month", FACILITY, None, "E3"),
        ("in a facility until the 15th", LEFT_FACILITY, date(2026, 6, 14), "E3"),
        ("out of it on the 15th", LEFT_FACILITY, date(2026, 6, 15), "P0"),
        ("not registered", {"registered_from_date": date(2026, 7, 1)}, None, "E1"),
    ],
)
def test_an_unentitled_receipt_says_whether_another_scheme_pays(
    decide: Decide, case: str, changes: dict[str, Any], first_day: date | None, reason: str
) -> None:
    [(found, _)] = decide(register(PUPIL, **changes), receipts=[receipt(MONTH, 300, 30, first_day=first_day)])
    assert found == reason, case


BORN = date(2026, 6, 10)
GONE = {"residences": [{"end_date": date(2026, 6, 25), "end_reason": "51"}]}


@pytest.mark.parametrize(
    ("case", "changes", "month", "first_day", "reason"),
    [
        ("entitled from birth", {}, MONTH, None, "P0"),
        ("on the day of birth", {}, MONTH, BORN, "P0"),
        ("the day before birth", {}, MONTH, date(2026, 6, 9), "E1"),
        ("registered the day after", {"registered_from_date": date(2026, 6, 11)}, MONTH, None, "H6"),
        ("gone before the month's end", GONE, MONTH, None, "H6"),
        ("the month before birth", {}, date(2026, 5, 1), None, "E1"),
        ("the month after birth", {}, date(2026, 7, 1), None, "P0"),
    ],
)
def test_the_month_of_birth_counts_from_the_birth(
    decide: Decide, case: str, changes: dict[str, Any], month: date, first_day: date | None, reason: str
) -> None:
    [(found, _)] = decide(register(BORN, **changes), receipts=[receipt(month, 300, 20, first_day=first_day)])
    assert found == reason, case


CLAIMS_OF_A_PUPIL: list[tuple[str, date, int, int, dict[str, Any], tuple[str, int]]] = [
    ("unknown number first", JULY, 50_000, 15_000, {"beneficiary_no": "7654321", "accident": "2"}, ("E2", 0)),
    ("third party before time", JULY, 5_000, 1_500, {"accident": "2", "application_date": LATE}, ("A2", 0)),
    ("accident at school at the minimum", JULY, 5_000, 1_500, {"accident": "1"}, ("A1", 0)),
    ("accident at school below it", JULY, 4_990, 1_500, {"accident": "1"}, ("P0", 1_500)),
    ("the last day of five years", JULY, 5_000, 1_500, {"application_date": date(2031, 7, 10)}, ("P0", 1_500)),
    ("the day after it", JULY, 5_000, 1_500, {"application_date": date(2031, 7, 11)}, ("T1", 0)),
    ("time before entitlement", date(2019, 1, 5), 5_000, 1_500, {"application_date": LATE}, ("T1", 0)),
    ("limits not yet enacted", date(2027, 8, 10), 5_000, 1_500, {}, ("H8", 0)),
    ("five yen away on one day", JULY, 5_000, 1_505, {}, ("P0", 1_505)),
    ("six yen away on one day", JULY, 5_000, 1_494, {}, ("H2", 0)),
    ("six yen away on two days", JULY, 5_000, 1_494, {"treatment_days": 2}, ("P0", 1_494)),
    ("half a unit rounds up", JULY, 4_850, 1_460, {"treatment_days": 0}, ("P0", 1_460)),
    ("all of a brace", JULY, 5_000, 5_000, {"claim_class": "2"}, ("H2", 0)),
    ("all of care abroad", JULY, 5_000, 5_000, {"claim_class": "3"}, ("H2", 0)),
    ("all of it, advanced", JULY, 5_000, 5_000, {"claim_class": "4"}, ("H2", 0)),
    ("the share of a brace and five yen", JULY, 5_000, 1_505, {"claim_class": "2"}, ("P0", 1_505)),
    ("the share of a brace and six yen", JULY, 5_000, 1_506, {"claim_class": "2"}, ("H2", 0)),
    ("less than the share of a brace", JULY, 5_000, 1_000, {"claim_class": "2"}, ("P0", 1_000)),
    ("all of it, the insurer's part stated", JULY, 5_000, 5_000, PART_STATED, ("P0", 1_500)),
    ("all of it, one yen stated", JULY, 5_000, 5_000, PART_STATED | {"other_adjustment_yen": 1}, ("H2", 0)),
    ("all of it, another payer without yen", JULY, 5_000, 5_000, {"other_public_item_code": "52"}, ("H2", 0)),
    ("the rate of a younger child", JULY, 5_000, 1_000, {}, ("H3", 0)),
    ("nothing left", JULY, 5_000, 1_500, {"supplementary_benefit_yen": 1_600}, ("N1", 0)),
    ("every deduction", date(2026, 5, 10), 100_000, 25_000, DEDUCTIONS, ("P0", 23_766)),
    ("an adjustment upwards", JULY, 5_000, 1_500, {"other_adjustment_yen": -100}, ("P0", 1_600)),
    ("at the lowest limit until July", JUNE, 118_000, 35_400, {}, ("P0", 35_400)),
    ("above it", JULY, 118_033, 35_410, {}, ("H1", 0)),
    ("at the lowest limit from August", date(2026, 9, 10), 123_000, 36_900, {}, ("P0", 36_900)),
    ("above that", AUGUST, 123_033, 36_910, {}, ("H1", 0)),
    ("no table after July 2027", date(2027, 8, 2), 5_000, 1_500, {}, ("H8", 0)),
]


def test_a_claim_of_an_entitled_pupil_is_checked_in_order_and_to_the_yen(decide: Decide) -> None:
    rows = [claim(day, total, paid, **changes) for _, day, total, paid, changes, _ in CLAIMS_OF_A_PUPIL]
    found = decide(register(PUPIL), claims=apart(rows, "institution_code"))
    cases = [case for case, *_ in CLAIMS_OF_A_PUPIL]
    assert dict(zip(cases, found, strict=True)) == {case: expected for case, *_, expected in CLAIMS_OF_A_PUPIL}


def test_who_paid_all_of_it_at_the_counter_gets_the_share_of_the_insured(decide: Decide) -> None:
    row = claim(JULY, 5_000, 5_000, claim_class="4", partial_payment_yen=1_500)
    assert decide(register(PUPIL), claims=[row]) == [("P0", 1_500)]


@pytest.mark.parametrize(("answered_yen", "expected"), [(3_500, ("P0", 1_500)), (3_494, ("H2", 0)), (0, ("H2", 0))])
def test_an_answer_that_brings_the_whole_cost_down_to_the_share_frees_it(
    decide: Decide, answered_yen: int, expected: tuple[str, int]
) -> None:
    row = claim(JULY, 5_000, 5_000, claim_class="4")
    answers = [insurer_answer(date(2026, 7, 1), answered_yen)]
    assert decide(register(PUPIL), claims=[row], answers=answers) == [expected]


NHI = {"resident_code": "000000000000001", "history_no": 1, "history_branch_no": 0, "deleted_flag": "0"}


@pytest.mark.parametrize(
    ("insurance", "paid", "nhi", "reason"),
    [
        ("06", 25_000, [], "P0"),
        ("06", 25_010, [], "H1"),
        ("32", 25_010, [], "H1"),
        ("63", 25_010, [], "H1"),
        ("75", 25_010, [], "H1"),
        ("01", 25_010, [], "P0"),
        ("06", 25_010, [NHI | {"start_date": date(2026, 7, 1)}], "P0"),
        ("06", 25_010, [NHI | {"start_date": date(2026, 7, 1), "end_date": JULY}], "H1"),
        ("06", 25_010, [NHI | {"start_date": date(2026, 7, 1), "deleted_flag": "1"}], "H1"),
    ],
)
def test_insurers_with_supplementary_benefit_are_waited_for_above_25000_yen(
    decide: Decide, insurance: str, paid: int, nhi: list[dict[str, Any]], reason: str
) -> None:
    row = claim(JULY, paid * 10 // 3, paid, treatment_days=2)
    [(found, _)] = decide(register(PUPIL, insurance_type_code=insurance), claims=[row], nhi=nhi)
    assert found == reason


def test_an_answer_replaces_what_the_claim_says_even_with_zero(decide: Decide) -> None:
    row = claim(JULY, 200_000, 60_000, high_cost_benefit_yen=9_000, supplementary_benefit_yen=100)
    assert decide(register(PUPIL), claims=[row], answers=[insurer_answer(date(2026, 7, 1), 0)]) == [("P0", 60_000)]


def test_a_corrected_answer_stands_and_one_for_another_clinic_does_not_count(decide: Decide) -> None:
    month = date(2026, 7, 1)
    first = insurer_answer(month, 20_000, known_date=date(2026, 10, 5))
    corrected = insurer_answer(month, 21_000, 300, known_date=date(2026, 11, 5))
    elsewhere = insurer_answer(month, 22_000, answer_no="A-2", institution_code="1110000028")
    moved = insurer_answer(month, 21_000, known_date=date(2026, 11, 5), institution_code="1110000028")
    row = claim(JULY, 200_000, 60_000)
    assert decide(register(PUPIL), claims=[row], answers=[corrected, first]) == [("P0", 38_700)]
    assert decide(register(PUPIL), claims=[row], answers=[elsewhere]) == [("H1", 0)]
    assert decide(register(PUPIL), claims=[row], answers=[first, moved]) == [("H1", 0)]


def test_each_row_keeps_its_place_and_is_paid_refused_or_held(judged: Judge) -> None:
    paid, doubled = receipt(MONTH, 300, 30), receipt(MONTH, 300, 30, line_no=2)
    held = receipt(MONTH, 300, 20, line_no=3, rcpt_institution_code="1110000028")
    corrected = receipt(MONTH, 300, 30, line_no=4, receipt_change="1")
    found = judged(register(PUPIL), receipts=[corrected, held, doubled, paid], claims=[claim(JULY, 5_000, 1_500)])
    assert found.select("subject", "feed", "delivery", "line_no", "reason", "judgement", "amount_yen").rows() == [
        ("receipt", "receipts", "見本", 1, "P0", "1", 900),
        ("receipt", "receipts", "見本", 2, "D1", "2", 0),
        ("receipt", "receipts", "見本", 3, "H3", "4", 0),
        ("receipt", "receipts", "見本", 4, "R1", "4", 0),
        ("claim", "claims", "見本", 1, "P0", "1", 1_500),
    ]


rows = st.lists(
    st.tuples(
        st.sampled_from(["receipt", "claim"]),
        st.sampled_from([CLINIC, "1110000028", None]),
        st.sampled_from(["P0", "P0", "N1", "H3", "E2"]),
    ),
    max_size=8,
)


def made(subject: str, clinic: str | None, reason: str, line_no: int) -> dict[str, Any]:
    """A receipt or claim of 990 yen that would get this reason if it stood alone."""
    number = "7654321" if reason == "E2" else NUMBER
    rate = 20 if reason == "H3" else 30
    if subject == "receipt":
        row = receipt(MONTH, 330, rate, line_no, rcpt_institution_code=clinic, rcpt_patient_beneficiary_no=number)
        return row | ({"rcpt_counter_yen": 990, "rcpt_public_expense_yen": 0} if reason == "N1" else {})
    nothing = {"high_cost_benefit_yen": 990} if reason == "N1" else {}
    return claim(JUNE, 3_300, 33 * rate, line_no, institution_code=clinic, beneficiary_no=number) | nothing


def oracle(lines: list[tuple[str, str | None, str]], paid: set[str | None]) -> list[str]:
    """One after the other: what was paid before is paid no more. Without an institution nothing is alike."""
    found, seen = [], set(paid)
    for _, clinic, reason in lines:
        late = reason != "E2" and clinic is not None and clinic in seen
        found.append("D1" if late else reason)
        if found[-1] == "P0":
            seen.add(clinic)
    return found


@draws(15)
@given(rows, st.sets(st.sampled_from([CLINIC, "1110000028", None]), max_size=1))
def test_nothing_is_paid_twice_and_every_row_is_decided_once(
    decide: Decide, drawn: list[tuple[str, str | None, str]], paid: set[str | None]
) -> None:
    numbered = sorted(enumerate(drawn, 1), key=lambda row: row[1][0] == "claim")
    lines = [row for _, row in numbered]
    built = [(row[0], made(*row, line_no)) for line_no, row in numbered]
    found = decide(
        register(PUPIL),
        receipts=[row for subject, row in reversed(built) if subject == "receipt"],
        claims=[row for subject, row in reversed(built) if subject == "claim"],
        paid_before=[(CHILD, MONTH, clinic, "2") for clinic in paid],
    )
    reasons = oracle(lines, paid)
    assert found == [(reason, 990 if reason == "P0" else 0) for reason in reasons]
