"""What other cities lost over 高額療養費. Beside each rule stands the naive one, which pays what it should not."""

from datetime import date

import polars as pl

from assets.high_cost.limits import monthly_limit
from tests.assets.high_cost.families import (
    CARD,
    INSURER,
    JULY,
    Family,
    bill,
    children,
    hospital,
    number,
    told,
)
from tests.support.cases import LAW, law_with

SPRING = [date(2026, month, 1) for month in (4, 5, 6)]
ASSOCIATION = children((INSURER, CARD), (INSURER, CARD), insurance="01")
LOWEST = 35_400


def expected(about: Family) -> list[int]:
    """高額療養費 expected of each line."""
    return about.estimates().sort("feed", "line_no")["expected_high_yen"].to_list()


def above_limit(self_yen: int, total_yen: int) -> int:
    """区分ウ of one line on July's table."""
    asked = pl.DataFrame({"month": [JULY], "class": ["ウ"], "total": [total_yen]})
    return max(0, self_yen - int(monthly_limit(asked, "month", "class", "total", LAW).item()))


def naive_always_first_time(self_yen: int, total_yen: int) -> int:
    """Knows no fourth month."""
    return above_limit(self_yen, total_yen)


def test_inc_04_the_fourth_month_has_the_lower_limit() -> None:
    """仙台市 2007–16: 130人413万円、多数回該当を適用していなかった。"""
    bills = [bill(0, 300_000, month=month, line_no=at) for at, month in enumerate([*SPRING, JULY], 1)]
    answers = [told(0, 9_570, month=month, income_class="ウ") for month in SPRING]
    known = told(0, 0, 9, income_class="ウ")
    other = bill(0, 70_000, 9, line_no=9)
    about = Family(ASSOCIATION, [*bills, other], [*answers, known])
    july = about.estimates().filter((pl.col("service_month") == JULY) & (pl.col("line_no") == 4))
    assert july.select("many_times", "limit_yen").rows() == [("1", 44_400)]
    right = 90_000 + 21_000 - 44_400
    assert july["household_self_yen"].item() - july["limit_yen"].item() == right
    assert naive_always_first_time(90_000 + 21_000, 370_000) == 29_870 < right


def naive_after_this_benefit(self_yen: int, total_yen: int, paid_by_city: int) -> int:
    """Takes what is left at the window after this benefit as the self pay."""
    return above_limit(self_yen - paid_by_city, total_yen)


def naive_each_line_alone(lines: list[tuple[int, int]]) -> int:
    """Adds nothing together."""
    return sum(above_limit(self_yen, total_yen) for self_yen, total_yen in lines)


def test_inc_09_high_cost_is_computed_before_this_benefit_pays_and_over_the_household() -> None:
    """加西市 2018–22: 福祉医療の後の窓口負担で計算し、同じ月の2人・いくつもの医療機関を合算しなかった。"""
    bills = [bill(0, 300_000), bill(0, 200_000, 2, line_no=2), bill(1, 250_000, line_no=3)]
    about = Family(ASSOCIATION, bills, [told(0, 0, income_class="ウ")])
    right = 90_000 + 60_000 + 75_000 - (80_100 + 4_830)
    assert sum(expected(about)) == right == 140_070
    assert naive_each_line_alone([(90_000, 300_000), (60_000, 200_000), (75_000, 250_000)]) == 9_570
    assert naive_after_this_benefit(225_000, 750_000, 225_000) == 0


def naive_pays_now(self_yen: int, lowest_yen: int | None) -> int:
    """Pays what was asked for, or asks only about the line itself."""
    return self_yen if lowest_yen is None or self_yen <= lowest_yen else 0


def test_inc_10_nothing_is_paid_while_high_cost_is_undecided() -> None:
    """延岡市 2024: 高額療養費の決定の前に支出した。"""
    about = Family(ASSOCIATION, [bill(0, 300_000)])
    assert about.outcomes() == [("H1", 0)]
    assert naive_pays_now(90_000, None) == 90_000


def test_inc_11_lines_that_reach_a_limit_together_wait_together() -> None:
    """山元町 H27–R1: 高額療養費と連動せず、世帯員も見誤った。"""
    pairs = [
        [bill(0, 110_000), bill(1, 110_000, line_no=2)],
        [bill(0, 110_000), bill(0, 110_000, 2, line_no=2)],
        [bill(0, 110_000), bill(0, 110_000, inpatient_outpatient_code="1", line_no=2)],
    ]
    for bills in pairs:
        assert Family(ASSOCIATION, bills).outcomes() == [("H1", 0), ("H1", 0)]
        assert sum(naive_pays_now(33_000, LOWEST) for _ in bills) == 66_000
    answered = Family(ASSOCIATION, pairs[0], [told(0, 15_300), told(1, 15_300)])
    assert answered.outcomes() == [("P0", 17_700), ("P0", 17_700)]


def test_inc_12_care_and_braces_are_not_pooled() -> None:
    """由布市: 診療分と補装具分を合算していた6年間。"""
    bills = [bill(0, 300_000), bill(0, 200_000, 2, claim_class="2", inpatient_outpatient_code="8", line_no=2)]
    about = Family(ASSOCIATION, bills, [told(0, 0, income_class="ウ")])
    assert expected(about) == [9_570, 0]
    naive = law_with(high_cost__pools=[{"claim_class": kind, "pool": "すべて"} for kind in "1234"])
    assert sum(expected(Family(ASSOCIATION, bills, about.answers, law=naive))) == 67_570


def naive_before_other_payers(copay_yen: int, total_yen: int) -> int:
    """Adds up self pay that another public payer bears."""
    return above_limit(copay_yen, total_yen)


def test_inc_13_what_another_public_payer_bears_is_not_self_pay() -> None:
    """木更津市 2022: 合算から公費分を除いていなかった。"""
    line = bill(0, 300_000, other_public_item_code="52", other_public_expense_yen=65_000, partial_payment_yen=90_000)
    about = Family(ASSOCIATION, [line], [told(0, 0, 9, income_class="ウ")])
    assert about.estimates().select("self_yen", "household_self_yen").rows() == [(25_000, 25_000)]
    assert about.outcomes() == [("P0", 25_000)]
    assert naive_before_other_payers(90_000, 300_000) == 9_570
    under = Family(ASSOCIATION, [line | {"other_public_expense_yen": 69_001}])
    assert under.estimates().is_empty()
    billed = {
        "rcpt_patient_beneficiary_no": number(0), "service_month": JULY, "rcpt_institution_code": hospital(0),
        "rcpt_total_medical_cost_yen": 300_000, "rcpt_self_pay_yen": 90_000, "rcpt_public_expense_yen": 22_000,
        "rcpt_other_public_payer_no": "52110000", "rcpt_other_public_copay_yen": 22_000,
    }  # fmt: skip
    assert Family(ASSOCIATION, receipts=[billed]).estimates()["self_yen"].to_list() == [22_000]
