"""What decides 高額療養費 and 附加給付 of a claim: the answer, 国保 where the city says so, never an estimate."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.checker import unexplained
from assets.high_cost.checks import unnamed
from assets.high_cost.differences import differences
from assets.high_cost.years import expected_refunds
from schemas.records.high_cost import HIGH_COST_DIFFERENCES, HIGH_COST_YEARS
from tests.assets.high_cost.families import (
    AUGUST,
    CARD,
    INSURER,
    JULY,
    SIBLINGS,
    Family,
    bill,
    child,
    children,
    hospital,
    number,
    told,
)
from tests.support.cases import law_with, whose

NHI = {"resident_code": child(0), "start_date": date(2020, 1, 1), "insurer_no": "00110023", "symbol_number": "川1",
       "income_class": "エ"}  # fmt: skip
ALONE = children((INSURER, CARD))
NHI_DECIDES = law_with(high_cost__nhi_decides=True)


def words(about: Family, label: str, month: date = date(2026, 11, 1)) -> list[str]:
    _, steps = about.decided(month)
    return steps.filter(pl.col("label") == label)["text"].to_list()


def test_two_lines_of_a_household_wait_together_though_each_alone_is_below() -> None:
    bills = [bill(0, 70_000), bill(1, 70_000, line_no=2)]
    assert Family(bills=bills).outcomes() == [("H1", 0), ("H1", 0)]
    assert Family(bills=bills[:1]).outcomes() == [("P0", 21_000)]


def test_one_answer_of_a_household_frees_its_own_line_only() -> None:
    bills = [bill(0, 100_000), bill(1, 100_000, line_no=2)]
    about = Family(bills=bills, answers=[told(0, 1_200, income_class="ウ")])
    assert about.outcomes() == [("P0", 28_800), ("H1", 0)]


def test_in_the_fourth_month_a_line_below_every_ordinary_limit_waits() -> None:
    """INC-04: 27,000 yen are below 35,400 and above 24,600."""
    line = bill(0, 90_000)
    assert Family(bills=[line]).outcomes()[0] == ("H1", 0)
    spring = [date(2026, month, 1) for month in (4, 5, 6)]
    bills = [line, *(bill(0, 300_000, month=month, line_no=at) for at, month in enumerate(spring, 2))]
    plain = children((INSURER, CARD), insurance="01")
    assert Family(plain, [line]).outcomes() == [("P0", 27_000)]
    assert Family(plain, bills, [told(0, 9_000, month=month) for month in spring]).outcomes()[0] == ("H1", 0)


def test_nhi_decides_only_where_the_law_of_the_city_says_so() -> None:
    about = Family(bills=[bill(0, 300_000)], nhi=[NHI])
    assert about.outcomes() == [("H1", 0)]
    decided = Family(bills=[bill(0, 300_000)], nhi=[NHI], law=NHI_DECIDES)
    assert decided.outcomes() == [("P0", 57_600)]
    decisions, steps = decided.decided()
    assert unexplained(decisions, steps).is_empty()
    assert steps.filter(pl.col("label") == "高額療養費").select("yen", "feed").rows() == [
        (-32_400, "national_health_insurance")
    ]


def test_where_nhi_may_decide_an_answer_still_goes_before_it_and_an_unknown_class_waits() -> None:
    answered = Family(bills=[bill(0, 300_000)], nhi=[NHI], law=NHI_DECIDES, answers=[told(0, 45_600)])
    assert answered.outcomes() == [("P0", 44_400)]
    unknown = Family(bills=[bill(0, 300_000)], nhi=[NHI | {"income_class": None}], law=NHI_DECIDES)
    assert unknown.outcomes() == [("H1", 0)]
    elsewhere = Family(bills=[bill(0, 300_000)], law=NHI_DECIDES)
    assert elsewhere.outcomes() == [("H1", 0)]


def test_a_claim_that_waits_says_the_class_the_limit_and_that_adults_are_unknown() -> None:
    about = Family(bills=[bill(0, 1_000_000), bill(1, 100_000, line_no=2)], answers=[told(0, 0, 9, income_class="ウ")])
    assert (
        words(about, "世帯合算") == ["同じ保険証の子ども2人の明細2件、自己負担額330000円。大人の明細は分かりません"] * 2
    )
    most = "適用区分が分かりません。あっても合わせて294600円まで(最も低い限度額35400円)。"
    assert words(about, "高額療養費の見込み") == [f"{most}非課税かは2025年度の課税によります"] * 2


def test_a_class_told_for_a_sibling_is_named_with_its_source() -> None:
    bills = [bill(0, 1_000_000), bill(1, 100_000, line_no=2)]
    about = Family(bills=bills, answers=[told(0, 200_000, income_class="ウ")])
    assert words(about, "高額療養費の見込み") == ["保険者の回答の適用区分ウ、限度額88430円、見込額21961円"]


def test_an_estimate_names_the_supplementary_benefit_of_the_general_rule() -> None:
    """D11: 附加給付 62,400円、支給 25,030円 (医療費100万円、自己負担20万円、区分ウ、2026年7月)."""
    stay = bill(0, 1_000_000, copay_yen=200_000, partial_payment_yen=200_000, claim_class="2")
    waiting = Family(ALONE, [stay, bill(0, 80_000, 9, line_no=2)], [told(0, 0, 9, income_class="ウ")])
    assert words(waiting, "附加給付の見込み") == ["見込額62400円"]
    assert waiting.estimates()["expected_supplementary_yen"].to_list() == [62_400, 0]
    paid = Family(ALONE, [stay], [told(0, 112_570, supplementary_benefit_yen=62_400)])
    assert paid.outcomes() == [("P0", 25_030)]


@pytest.mark.parametrize(
    ("month", "lapsed"), [(date(2028, 7, 1), []), (date(2028, 8, 1), ["保険者に請求できる期限を過ぎています。"])]
)
def test_after_two_years_of_the_insurer_the_steps_say_so_and_nothing_else_changes(
    month: date, lapsed: list[str]
) -> None:
    about = Family(bills=[bill(0, 300_000)])
    assert [
        text[: len("保険者に請求できる期限を過ぎています。")] for text in words(about, "保険者への請求の期限", month)
    ] == lapsed
    assert about.decided(month)[0].select("reason", "amount_yen").rows() == [("H1", 0)]


def test_a_refund_answered_later_lowers_the_claim_by_exactly_that_refund() -> None:
    """G4: 30,000 yen of the yearly cap."""
    september = date(2026, 9, 1)
    first = told(0, 207_060, month=AUGUST, answered_date=september)
    revised = told(0, 237_060, month=AUGUST, answered_date=date(2027, 10, 1), answer_no="R-again")
    before = Family(bills=[bill(0, 1_000_000, month=AUGUST)], answers=[first])
    after = Family(bills=before.bills, answers=[first, revised])
    assert (before.outcomes(), after.outcomes()) == ([("P0", 92_940)], [("P0", 62_940)])


def yearly(months: int, income_class: str | None = "ウ", start: date = AUGUST) -> list[tuple[object, ...]]:
    """(year_from, months, paid, cap, expected) after so many months of 92,940 yen."""
    days = [date(start.year + (start.month - 1 + at) // 12, (start.month - 1 + at) % 12 + 1, 1) for at in range(months)]
    bills = [
        bill(0, 1_000_000, month=day, application_date=date(2027, 8, 1), line_no=at) for at, day in enumerate(days)
    ]
    answers = [told(0, 207_060, month=day, income_class=income_class) for day in days]
    about = Family(ALONE, bills, answers)
    found = HIGH_COST_YEARS.validated(expected_refunds(about.estimates(), about.told, about.law))
    return found.select("year_from", "months", "paid_yen", "cap_yen", "expected_yen").rows()


def test_a_household_above_the_yearly_cap_is_listed_with_what_the_insurer_should_refund() -> None:
    assert yearly(5) == []
    assert yearly(6) == [(AUGUST, 6, 557_640, 530_000, 27_640)]
    assert yearly(6, income_class=None) == []
    assert yearly(12, start=AUGUST)[0][:2] == (AUGUST, 12)


def test_months_before_the_cap_count_in_no_year() -> None:
    assert yearly(6, start=date(2026, 5, 1)) == []


# ---- differences --------------------------------------------------------------------------------------------------


def queue(about: Family) -> list[dict[str, object]]:
    numbers, registrations, _, persons = whose(about.about)
    found = differences(
        about.claims, numbers, registrations, persons, about.told, about.estimates(), about.insured, about.law
    )
    assert unnamed(HIGH_COST_DIFFERENCES.validated(found)).is_empty()
    return found.to_dicts()


SAID = {
    "rcpt_patient_beneficiary_no": number(0), "service_month": JULY, "rcpt_institution_code": hospital(0),
    "rcpt_total_medical_cost_yen": 300_000, "rcpt_self_pay_yen": 90_000, "rcpt_public_expense_yen": 60_000,
    "rcpt_high_cost_benefit_yen": 30_000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("case", "about", "expected"),
    [
        ("nothing differs", Family(bills=[bill(0, 300_000, high_cost_benefit_yen=9_570)],
                                   answers=[told(0, 9_570, income_class="ウ")]), []),
        ("only one speaks", Family(bills=[bill(0, 300_000)], answers=[told(0, 9_000)]), []),
        ("the claim says less", Family(bills=[bill(0, 300_000, high_cost_benefit_yen=9_000)],
                                       answers=[told(0, 9_570, income_class="ウ")]),
         [(9_000, 9_570, None, 9_570, "answer", 9_570)]),
        ("the insurer says more than expected", Family(bills=[bill(0, 300_000)],
                                                       answers=[told(0, 20_000, income_class="ウ")]),
         [(None, 20_000, None, 9_570, "answer", 20_000)]),
        ("nobody decides yet", Family(bills=[bill(0, 300_000, high_cost_benefit_yen=100)], nhi=[NHI]),
         [(100, None, None, 32_400, "waiting", None)]),
        ("国保 decides", Family(bills=[bill(0, 300_000, high_cost_benefit_yen=100)], nhi=[NHI], law=NHI_DECIDES),
         [(100, None, None, 32_400, "nhi", 32_400)]),
        ("the receipt says more", Family(bills=[bill(0, 300_000, high_cost_benefit_yen=100)], receipts=[SAID]),
         [(100, None, 30_000, None, "waiting", None)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_sources_that_differ_are_queued_with_the_one_used(
    case: str, about: Family, expected: list[tuple[object, ...]]
) -> None:
    names = ("claim_yen", "answer_yen", "receipt_yen", "estimate_yen", "used_source", "used_yen")
    found = [row for row in queue(about) if row["deduction"] == "high"]
    assert [tuple(row[name] for name in names) for row in found] == expected, case


def test_what_a_claim_states_of_supplementary_benefit_is_queued_against_the_answer() -> None:
    about = Family(SIBLINGS, [bill(0, 300_000, supplementary_benefit_yen=500)], [told(0, 9_000)])
    assert [(row["deduction"], row["claim_yen"], row["used_yen"]) for row in queue(about)] == [
        ("supplementary", 500, 0)
    ]


def test_a_row_that_names_no_source_or_another_sources_yen_is_found() -> None:
    good = pl.DataFrame(queue(Family(bills=[bill(0, 300_000)], answers=[told(0, 20_000, income_class="ウ")])))
    good = good.filter(pl.col("deduction") == "high")
    for wrong in ({"used_source": None}, {"used_yen": 9_570}, {"used_source": "claim"}):
        bad = good.with_columns(pl.lit(value).alias(name) for name, value in wrong.items())
        assert unnamed(bad).height == 1
