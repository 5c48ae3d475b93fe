"""Households: what is added together, who says the class, when it is the fourth month, and how it is divided."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.high_cost.checks import misdivided
from tests.assets.high_cost.families import (
    AUGUST,
    CARD,
    INSURER,
    JULY,
    SIBLINGS,
    STRANGERS,
    Family,
    bill,
    child,
    children,
    hospital,
    number,
    told,
)
from tests.support.cases import law_with
from tests.support.draws import draws

OTHERS = children((INSURER, CARD), ("06110026", CARD))
CLASS_OF_JULY = told(0, 0, income_class="ウ")
"""An answer that tells the class of the household's July."""


def sums(about: Family) -> list[tuple[int, int]]:
    """(lines, self pay) of the household of each line, in order."""
    found = about.estimates().sort("feed", "line_no")
    return list(found.select("household_lines", "household_self_yen").iter_rows())


def test_lines_of_one_card_and_month_are_added_whole_from_21000_yen() -> None:
    bills = [bill(0, 70_000), bill(1, 69_990, line_no=2), bill(0, 100_000, 2, line_no=3)]
    assert sums(Family(bills=bills)) == [(2, 51_000), (2, 51_000)]


@pytest.mark.parametrize(
    ("case", "about", "bills"),
    [
        ("another card", STRANGERS, [bill(0, 100_000), bill(1, 100_000, line_no=2)]),
        ("another month", SIBLINGS, [bill(0, 100_000), bill(1, 100_000, month=AUGUST, line_no=2)]),
        ("another kind of claim", SIBLINGS, [bill(0, 100_000), bill(1, 100_000, claim_class="2", line_no=2)]),
        ("another insurer", OTHERS, [bill(0, 100_000), bill(1, 100_000, line_no=2)]),
    ],
)  # fmt: skip
def test_what_differs_is_not_added(case: str, about: object, bills: list[dict[str, object]]) -> None:
    assert sums(Family(about, bills)) == [(1, 30_000), (1, 30_000)], case  # type: ignore[arg-type]


@pytest.mark.parametrize("care", ["1", "4", "5"])
def test_in_and_outpatient_dentist_and_pharmacy_are_lines_of_their_own(care: str) -> None:
    bills = [bill(0, 60_000), bill(0, 60_000, inpatient_outpatient_code=care, line_no=2)]
    assert Family(bills=bills).estimates().is_empty()


def test_the_same_care_is_counted_once_whoever_bills_it() -> None:
    """A receipt above the limit of 現物 is held and claimed: one line, and the claim's word."""
    seen = {
        "rcpt_patient_beneficiary_no": number(0), "service_month": JULY, "rcpt_institution_code": hospital(0),
        "rcpt_total_medical_cost_yen": 100_000, "rcpt_self_pay_yen": 30_000, "rcpt_public_expense_yen": 30_000,
    }  # fmt: skip
    found = Family(bills=[bill(0, 100_000), bill(0, 100_000, line_no=2)], receipts=[seen]).estimates()
    assert found["household_self_yen"].to_list() == [30_000] * 3
    assert found["counted"].to_list() == ["1", "0", "0"]


def test_the_same_care_is_counted_under_each_card_of_a_month() -> None:
    """The child comes into 国保 on 10 July; both parts of the month are said by the same institution."""
    bills = [bill(0, 100_000), bill(0, 100_000, first_visit_date=date(2026, 7, 20), line_no=2)]
    found = Family(bills=bills, nhi=[NHI | {"start_date": date(2026, 7, 10)}]).estimates().sort("line_no")
    assert found.select("counted", "household_self_yen", "class_source", "expected_high_yen").rows() == [
        ("1", 30_000, None, None), ("1", 30_000, "nhi", 0),
    ]  # fmt: skip


def test_care_without_an_institution_is_never_the_same() -> None:
    bills = [bill(0, 100_000, institution_code=None, claim_class="3", line_no=at) for at in (1, 2)]
    assert sums(Family(bills=bills)) == [(2, 60_000), (2, 60_000)]


def test_a_law_that_pools_kinds_of_claims_adds_them() -> None:
    pools = [{"claim_class": kind, "pool": "すべて"} for kind in "1234"]
    law = law_with(high_cost__pools=pools)
    bills = [bill(0, 100_000), bill(1, 100_000, claim_class="2", line_no=2)]
    assert sums(Family(bills=bills, law=law)) == [(2, 60_000), (2, 60_000)]


NHI = {"resident_code": child(0), "start_date": date(2020, 1, 1), "insurer_no": "00110023", "symbol_number": "川1",
       "income_class": "エ"}  # fmt: skip


def test_the_class_is_that_of_the_answer_then_of_nhi() -> None:
    both = Family(bills=[bill(0, 300_000)], nhi=[NHI], answers=[told(0, 5_000, income_class="ウ")])
    assert both.estimates().select("income_class", "class_source").rows() == [("ウ", "answer")]
    alone = Family(bills=[bill(0, 300_000)], nhi=[NHI])
    assert alone.estimates().select("income_class", "class_source", "class_feed").rows() == [
        ("エ", "nhi", "national_health_insurance")
    ]
    unknown = Family(bills=[bill(0, 300_000)])
    assert unknown.estimates().select("income_class", "limit_yen", "expected_high_yen").rows() == [(None, None, None)]


def on_paper(own: int = 900, **more: object) -> dict[str, object]:
    """A receipt of the first child in July."""
    return {
        "rcpt_patient_beneficiary_no": number(0), "service_month": JULY, "rcpt_institution_code": hospital(5),
        "rcpt_total_medical_cost_yen": own * 10 // 3, "rcpt_self_pay_yen": own, "rcpt_public_expense_yen": own,
    } | more  # fmt: skip


def test_a_small_receipt_tells_the_class_and_the_fourth_month_but_is_not_added() -> None:
    """特記事項."""
    said = on_paper(rcpt_income_class="イ", rcpt_many_times="1")
    found = Family(bills=[bill(0, 400_000)], receipts=[said]).estimates()
    assert found.select("income_class", "class_source", "many_times", "limit_yen", "household_lines").rows() == [
        ("イ", "receipt", "1", 93_000, 1)
    ]
    named = Family(bills=[bill(0, 400_000)], receipts=[said], nhi=[NHI]).estimates()
    assert named["class_source"].to_list() == ["nhi"]


@pytest.mark.parametrize(
    ("payers", "left"),
    [
        ({"_": "52110000", "_2": None}, 40_000),
        ({"_": "52110000", "_2": "16110000"}, 30_000),
        ({"_": "52110000", "_4": "16110000"}, 25_000),
        ({}, 53_000),
    ],
)
def test_only_what_the_last_other_payer_leaves_is_self_pay(payers: dict[str, str | None], left: int) -> None:
    copay = {"_": 40_000, "_2": 30_000, "_4": 25_000}
    stated = {f"rcpt_other_public_payer_no{at.removesuffix('_')}": no for at, no in payers.items()}
    stated |= {f"rcpt_other_public_copay_yen{at.removesuffix('_')}": copay[at] for at in payers}
    taken = {} if payers else {"rcpt_other_public_yen": 7_000}
    found = Family(receipts=[on_paper(60_000, **stated, **taken)]).estimates()
    assert found["self_yen"].to_list() == [left]


def test_an_answer_about_a_sibling_tells_the_class_of_the_household() -> None:
    found = Family(bills=[bill(0, 300_000), bill(1, 300_000, line_no=2)], answers=[CLASS_OF_JULY]).estimates()
    assert found["income_class"].to_list() == ["ウ", "ウ"]


def paid_in(*months: date) -> list[dict[str, object]]:
    return [told(0, 1_000, month=month, income_class="ウ") for month in months]


def fourth(*months: date, **values: object) -> list[str]:
    """many_times of July 2026 after 高額療養費 in these months."""
    bills = [bill(0, 300_000, month=month, line_no=at) for at, month in enumerate(months, 2)]
    law = law_with(**values) if values else law_with()
    found = Family(bills=[bill(0, 300_000), *bills], answers=paid_in(*months), law=law).estimates()
    return found.filter(pl.col("service_month") == JULY)["many_times"].to_list()


SPRING = [date(2026, month, 1) for month in (4, 5, 6)]
PREVIOUS = {"months": 3, "window_months": 12, "this_month_counts": False}


def test_the_fourth_month_comes_after_three_in_the_twelve_that_end_with_it() -> None:
    assert fourth(*SPRING) == ["1"]
    assert fourth(*SPRING[:2]) == ["0"]
    assert fourth(date(2025, 8, 1), *SPRING[:2]) == ["1"]
    assert fourth(date(2025, 7, 1), *SPRING[:2]) == ["0"]
    assert fourth(date(2025, 7, 1), *SPRING[:2], high_cost__many_times=PREVIOUS) == ["1"]
    assert fourth(date(2025, 6, 1), *SPRING[:2], high_cost__many_times=PREVIOUS) == ["0"]


def test_months_of_another_insurer_or_without_a_refund_do_not_count() -> None:
    bills = [bill(0, 300_000, month=month, line_no=at) for at, month in enumerate([JULY, *SPRING], 1)]
    for change in ({"insurer_no": "06110026"}, {"high_cost_benefit_yen": 0}):
        answers = [*paid_in(*SPRING[:2]), paid_in(SPRING[2])[0] | change]
        found = Family(bills=bills, answers=answers).estimates()
        assert set(found["many_times"]) == {"0"}


def test_a_siblings_months_count_for_the_household() -> None:
    bills = [bill(0, 300_000), *(bill(1, 300_000, month=month, line_no=at) for at, month in enumerate(SPRING, 2))]
    answers = [told(1, 1_000, month=month) for month in SPRING]
    found = Family(bills=bills, answers=answers).estimates()
    assert found.filter(pl.col("service_month") == JULY)["many_times"].to_list() == ["1"]


BILLS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([69_990, 70_000, 70_010, 120_000, 123_000, 400_010, 1_234_560]),
        st.integers(0, 2),
        st.sampled_from([date(2014, 12, 1), date(2025, 8, 1), *SPRING, JULY, AUGUST, date(2027, 8, 1)]),
        st.sampled_from(["1", "1", "1", "2", "3", "4"]),
        st.sampled_from([0, 0, 0, 15_000]),
    ),
    min_size=1,
    max_size=8,
)
ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 2),
        st.sampled_from([date(2014, 12, 1), date(2025, 8, 1), *SPRING, JULY, AUGUST]),
        st.sampled_from([0, 1_000]),
        st.sampled_from([None, "ア", "ウ", "オ", "一般"]),
        st.sampled_from(["0", "0", "1"]),
        st.integers(1, 28),
    ),
    max_size=6,
)
FOUR = children((INSURER, CARD), (INSURER, CARD), (INSURER, "2・2"), ("06110026", CARD))
LAWS = [
    law_with(),
    law_with(high_cost__proration="largest", high_cost__nhi_decides=True, high_cost__many_times=PREVIOUS),
    law_with(high_cost__pools=[{"claim_class": kind, "pool": "1"} for kind in "1234"]),
    law_with(
        supplementary__insurers=[
            {"insurer_no": INSURER, "insurance_type": None, "deduct_yen": 20_000, "unit_yen": 1_000, "least_yen": 500},
            {"insurer_no": None, "insurance_type": "06", "deduct_yen": 25_000, "unit_yen": 100, "least_yen": 1_000},
        ]
    ),
]


@draws(24)
@given(BILLS, ANSWERS, st.sampled_from(LAWS), st.booleans(), st.integers(0, 20_999))
def test_both_engines_expect_the_same_and_a_line_under_21000_yen_changes_nothing(
    drawn: list[tuple[int, int, int, date, str, int]],
    answered: list[tuple[int, int, date, int, str | None, str, int]],
    law: object,
    in_nhi: bool,
    small_yen: int,
) -> None:
    bills = [
        bill(who, total, where, month, claim_class=kind, other_public_expense_yen=other, line_no=at,
             institution_code=None if kind == "3" else hospital(where))
        for at, (who, total, where, month, kind, other) in enumerate(drawn, 1)
    ]  # fmt: skip
    answers = [
        told(who, high, where, month, income_class=kind, many_times=many, answered_date=date(2026, 9, day),
             answer_no=f"R{at}")
        for at, (who, where, month, high, kind, many, day) in enumerate(answered)
    ]  # fmt: skip
    about = Family(FOUR, bills, answers, nhi=[NHI] if in_nhi else [], law=law)  # type: ignore[arg-type]
    found = about.estimates()
    assert misdivided(found).is_empty()
    small = bill(drawn[0][0], 10, 9, drawn[0][3], copay_yen=small_yen, line_no=99)
    more = Family(FOUR, [*bills, small], answers, nhi=about.nhi, law=about.law).estimates()
    assert more.equals(found)
