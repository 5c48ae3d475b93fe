"""Estimates worked out by hand: siblings on one card, what is added, whose class, the fourth month, the year."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from assets.high_cost.households import classes, fourth_months, pooled, refunded_months
from assets.high_cost.rules import estimates
from assets.high_cost.years import expected_refunds
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_ENTRIES, HIGH_COST_ESTIMATES, HIGH_COST_YEARS
from schemas.records.register import BENEFICIARY_NUMBERS, INSURANCES, PERSONS, REGISTRATIONS
from tests.support.cases import LAW, answer, frame, known_rows, law_with

Row = dict[str, object]
FIRST, SECOND, THIRD = (f"{100 + at:015d}" for at in range(3))
NUMBERS = {FIRST: "1000100", SECOND: "1000101", THIRD: "1000102"}
INSURER, OTHER_INSURER, CARD, OTHER_CARD = "06110018", "06110026", "1・1", "2・2"
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
BORN = date(2018, 6, 15)
ARTICLE = "健康保険法施行令42条1項"


def entry(line: int, own: int, child: str = FIRST, month: date = JULY, **more: object) -> Row:
    """A claim of this self pay, 30 % of the cost, at an institution of its own."""
    return {
        "feed": "claims", "delivery": "claims_1", "line_no": line, "beneficiary_no": NUMBERS[child],
        "service_month": month, "visit_date": month, "institution_code": f"{line:010d}", "care": "2",
        "claim_class": "1", "copay_yen": own, "other_payer_yen": 0, "total_yen": own * 10 // 3,
    } | more  # fmt: skip


def told(line: int, high: int, child: str = FIRST, month: date = JULY, **more: object) -> Row:
    """The insurer's answer about the claim of a line."""
    return answer(
        answer_no=f"R{line}", child_resident_code=child, service_month=month, institution_code=f"{line:010d}",
        insurer_no=INSURER, high_cost_benefit_yen=high, supplementary_benefit_yen=0, many_times="0", line_no=line,
    ) | more  # fmt: skip


def card(child: str, **more: object) -> Row:
    return {
        "child_resident_code": child, "start_date": BORN, "insurance_type_code": "06", "insurer_no": INSURER,
        "symbol_number": CARD, "feed": "applications", "delivery": "applications_1", "line_no": int(child),
    } | more  # fmt: skip


CARDS = (card(FIRST), card(SECOND), card(THIRD, symbol_number=OTHER_CARD))


def estimated(
    *rows: Row, answers: tuple[Row, ...] = (), cards: tuple[Row, ...] = CARDS, law: Law = LAW
) -> pl.DataFrame:  # fmt: skip
    """HIGH_COST_ESTIMATES of three children, the first two on one card."""
    whole = [{"child_resident_code": child, "beneficiary_no": number} for child, number in NUMBERS.items()]
    found = estimates(
        frame(HIGH_COST_ENTRIES, list(rows)),
        frame(BENEFICIARY_NUMBERS, list(whole)),
        frame(REGISTRATIONS, list(whole)),
        frame(PERSONS, [{"resident_code": child, "birth_date": BORN} for child in NUMBERS]),
        frame(INSURANCES, list(cards)),
        known_rows("insurer_answers", list(answers)),
        law,
    )
    return HIGH_COST_ESTIMATES.validated(found)


def of_lines(found: pl.DataFrame, *names: str) -> dict[int, tuple[object, ...]]:
    return {row[0]: row[1:] for row in found.select("line_no", *names).iter_rows()}


SUMS = ("household_children", "household_lines", "household_self_yen", "household_total_yen")


def test_siblings_on_one_card_are_added_and_each_line_has_its_share() -> None:
    """医療費20万円と10万円: 9万円の合計から限度額80,430円を引いた9,570円を、6対3で分ける。"""
    found = estimated(entry(1, 60_000), entry(2, 30_000, SECOND), answers=(told(1, 0, income_class="ウ"),))
    assert of_lines(found, *SUMS) == {1: (2, 2, 90_000, 300_000), 2: (2, 2, 90_000, 300_000)}
    said = ("income_class", "class_source", "class_feed", "class_delivery", "class_line_no", "many_times", "limit_yen",
            "lowest_yen", "limit_article", "expected_high_yen", "decided_by_nhi", "counted")  # fmt: skip
    same = ("ウ", "answer", "insurer_answers", "insurer_answers_1", 1, "0", 80_430, 35_400, ARTICLE)
    assert of_lines(found, *said) == {1: (*same, 6_380, "0", "1"), 2: (*same, 3_190, "0", "1")}
    assert found["line_no"].to_list() == [1, 2]


def test_estimates_stand_in_the_order_of_their_lines_whenever_they_came() -> None:
    late, early = date(2026, 9, 2), date(2026, 9, 1)
    found = estimated(
        entry(3, 30_000, known_date=late), entry(1, 30_000, delivery="claims_2", known_date=early),
        entry(2, 30_000, feed="receipts", delivery="receipts_1", known_date=early), entry(4, 30_000, known_date=early),
    )  # fmt: skip
    assert found["line_no"].to_list() == [3, 4, 1, 2]


def test_what_is_of_another_card_month_or_kind_is_not_added() -> None:
    found = estimated(
        entry(1, 60_000), entry(2, 30_000, THIRD), entry(3, 40_000, month=AUGUST), entry(4, 50_000, claim_class="2")
    )
    assert of_lines(found, *SUMS) == {
        1: (1, 1, 60_000, 200_000), 2: (1, 1, 30_000, 100_000), 3: (1, 1, 40_000, 133_333), 4: (1, 1, 50_000, 166_666),
    }  # fmt: skip
    assert found["expected_high_yen"].to_list() == [None] * 4
    assert found["limit_yen"].to_list() == [None] * 4
    assert of_lines(found, "lowest_yen") == {1: (35_400,), 2: (35_400,), 3: (36_900,), 4: (35_400,)}


def test_care_is_counted_once_and_a_line_below_21000_yen_not_at_all() -> None:
    twice = {"institution_code": "0000000001"}
    found = estimated(
        entry(1, 60_000), entry(2, 60_000, **twice), entry(3, 20_999), entry(4, 41_000, other_payer_yen=20_001),
        entry(5, 41_000, SECOND, other_payer_yen=20_000), answers=(told(1, 0, income_class="オ"),),
    )  # fmt: skip
    assert of_lines(found, "counted", "self_yen", "household_lines", "household_self_yen", "expected_high_yen") == {
        1: ("1", 60_000, 2, 81_000, 33_777), 2: ("0", 60_000, 2, 81_000, 33_777), 5: ("1", 21_000, 2, 81_000, 11_823),
    }  # fmt: skip


def test_care_under_the_next_card_of_a_month_is_of_another_household() -> None:
    cards = (card(FIRST, end_date=date(2026, 7, 10)), card(FIRST, start_date=date(2026, 7, 10), symbol_number="9・9"))
    again = entry(2, 60_000, institution_code="0000000001", visit_date=date(2026, 7, 20))
    found = estimated(entry(1, 60_000), again, cards=cards)
    assert of_lines(found, "symbol_number", "counted", "household_lines", "household_self_yen") == {
        1: (CARD, "1", 1, 60_000), 2: ("9・9", "1", 1, 60_000),
    }  # fmt: skip


def test_below_its_limit_a_household_expects_nothing() -> None:
    found = estimated(entry(1, 60_000), answers=(told(1, 0, income_class="ア"),))
    assert of_lines(found, "limit_yen", "expected_high_yen") == {1: (252_600, 0)}


def test_the_supplementary_benefit_is_that_of_what_is_left() -> None:
    """D11: 20万円、区分ウ、87,430円が残り、附加給付62,400円。"""
    about = entry(1, 200_000, total_yen=1_000_000)
    found = estimated(about, answers=(told(1, 0, income_class="ウ"),))
    assert of_lines(found, "limit_yen", "expected_high_yen", "expected_supplementary_yen") == {
        1: (87_430, 112_570, 62_400)
    }
    assert of_lines(estimated(about), "expected_supplementary_yen") == {1: (None,)}


NHI = card(FIRST, feed="national_health_insurance", insurer_no="00110023", income_class="エ", delivery="nhi_1")


def test_the_class_of_nhi_decides_only_where_the_law_says_so_and_an_amount_is_known() -> None:
    decides = law_with(high_cost__nhi_decides=True)
    said = ("income_class", "class_source", "class_feed", "class_delivery", "decided_by_nhi", "expected_high_yen")
    ee = ("エ", "nhi", "national_health_insurance", "nhi_1")
    assert of_lines(estimated(entry(1, 90_000), cards=(NHI,)), *said) == {1: (*ee, "0", 32_400)}
    assert of_lines(estimated(entry(1, 90_000), cards=(NHI,), law=decides), *said) == {1: (*ee, "1", 32_400)}
    unknown = NHI | {"income_class": None}
    assert of_lines(estimated(entry(1, 90_000), cards=(unknown,), law=decides), "decided_by_nhi") == {1: ("0",)}
    company = estimated(entry(1, 90_000), law=decides, answers=(told(1, 0, income_class="エ"),))
    assert of_lines(company, "decided_by_nhi", "expected_high_yen") == {1: ("0", 32_400)}


def test_where_the_law_does_not_say_whether_nhi_decides_it_does_not() -> None:
    name = "high_cost.nhi_decides"
    from_august = (replace(LAW.of(name)[0], from_date=AUGUST, value=True),)
    law = Law(LAW.municipality, {**LAW.versions, name: from_august})
    found = estimated(entry(1, 90_000), entry(2, 90_000, month=AUGUST), cards=(NHI,), law=law)
    assert of_lines(found, "decided_by_nhi") == {1: ("0",), 2: ("1",)}


def test_the_law_says_to_which_line_the_last_yen_goes() -> None:
    lines = (
        entry(1, 60_000, total_yen=200_001),
        entry(2, 30_000, SECOND, total_yen=99_999, visit_date=date(2026, 7, 9)),
    )
    answers = (told(1, 0, income_class="ウ", many_times="1"),)
    odd = (lines[0] | {"copay_yen": 60_001}, lines[1])
    last = of_lines(estimated(*odd, answers=answers), "limit_yen", "expected_high_yen")
    assert last == {1: (44_400, 30_400), 2: (44_400, 15_201)}
    largest = estimated(*odd, answers=answers, law=law_with(high_cost__proration="largest"))
    assert of_lines(largest, "expected_high_yen") == {1: (30_401,), 2: (15_200,)}


def test_in_the_fourth_month_its_own_limits_stand() -> None:
    often = estimated(entry(1, 90_000), answers=(told(1, 0, income_class="ウ", many_times="1"),))
    assert of_lines(often, "many_times", "limit_yen", "lowest_yen") == {1: ("1", 44_400, 24_600)}
    on_paper = estimated(entry(1, 90_000, many_times="1", income_class="ア"))
    assert of_lines(on_paper, "many_times", "class_source", "limit_yen") == {1: ("1", "receipt", 140_100)}


# ---- who tells the class ------------------------------------------------------------------------------------------

NAMES = {
    "household": pl.String, "service_month": pl.Date, "answered_class": pl.String, "answered_date": pl.Date,
    "answer_feed": pl.String, "answer_delivery": pl.String, "answer_line_no": pl.Int64, "nhi_income_class": pl.String,
    "visit_date": pl.Date, "nhi_feed": pl.String, "nhi_delivery": pl.String, "nhi_line_no": pl.Int64,
    "income_class": pl.String, "known_date": pl.Date, "feed": pl.String, "delivery": pl.String, "line_no": pl.Int64,
    "answered_high_yen": pl.Int64, "answer_insurer_no": pl.String, "insurer_no": pl.String,
    "answered_many_times": pl.String, "many_times": pl.String, "child_resident_code": pl.String,
}  # fmt: skip


def placed(*rows: Row) -> pl.DataFrame:
    usual: Row = {"household": "h", "service_month": JULY, "insurer_no": INSURER}
    return pl.DataFrame([dict.fromkeys(NAMES) | usual | row for row in rows], NAMES)


def by_answer(name: str, day: int, delivery: str = "a", line: int = 1) -> Row:
    return {"answered_class": name, "answered_date": date(2026, 9, day), "answer_feed": "insurer_answers",
            "answer_delivery": delivery, "answer_line_no": line}  # fmt: skip


def by_nhi(name: str, day: int, delivery: str = "n", line: int = 1) -> Row:
    return {"nhi_income_class": name, "visit_date": date(2026, 7, day), "nhi_feed": "national_health_insurance",
            "nhi_delivery": delivery, "nhi_line_no": line}  # fmt: skip


def by_receipt(name: str, day: int, delivery: str = "r", line: int = 1) -> Row:
    return {"income_class": name, "known_date": date(2026, 8, day), "feed": "receipts", "delivery": delivery,
            "line_no": line}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([by_receipt("ア", 30), by_nhi("イ", 20), by_answer("ウ", 1)], ("ウ", "answer", "insurer_answers", "a", 1)),
        ([by_receipt("ア", 30), by_nhi("イ", 20, line=3)], ("イ", "nhi", "national_health_insurance", "n", 3)),
        ([by_receipt("ア", 2, line=7)], ("ア", "receipt", "receipts", "r", 7)),
        ([by_answer("ア", 2), by_answer("イ", 3), by_answer("ウ", 1)], ("イ", "answer", "insurer_answers", "a", 1)),
        ([by_answer("ア", 2, "a"), by_answer("イ", 2, "b")], ("イ", "answer", "insurer_answers", "b", 1)),
        ([by_answer("ア", 2, "b", 1), by_answer("イ", 2, "b", 2)], ("イ", "answer", "insurer_answers", "b", 2)),
        ([by_nhi("ア", 2), by_nhi("イ", 3)], ("イ", "nhi", "national_health_insurance", "n", 1)),
        ([by_receipt("ア", 3), by_receipt("イ", 2)], ("ア", "receipt", "receipts", "r", 1)),
    ],
)  # fmt: skip
def test_the_answer_then_nhi_then_a_receipt_tells_the_class_and_of_one_kind_the_latest(
    rows: list[Row], expected: tuple[object, ...]
) -> None:
    for given in (rows, rows[::-1]):
        found = classes(placed(*given))
        assert found.columns == [
            "household", "service_month", "income_class", "class_source", "class_feed", "class_delivery",
            "class_line_no",
        ]  # fmt: skip
        assert found.rows() == [("h", JULY, *expected)]


def test_each_household_and_month_has_its_own_class_and_one_of_which_nothing_is_told_has_none() -> None:
    told_apart = [
        by_answer("ア", 1), by_answer("イ", 1) | {"household": "g"}, by_answer("ウ", 1) | {"service_month": AUGUST},
        {"household": "f"},
    ]  # fmt: skip
    found = classes(placed(*told_apart)).select("household", "service_month", "income_class")
    assert sorted(found.rows()) == [("g", JULY, "イ"), ("h", JULY, "ア"), ("h", AUGUST, "ウ")]


def test_only_counted_lines_are_added_and_children_not_twice() -> None:
    lines = pl.DataFrame(
        {
            "household": ["h"] * 4, "service_month": [JULY] * 4, "pool": ["1", "1", "1", "2"],
            "counted": [True, True, False, True], "child_resident_code": ["a", "a", "b", "a"],
            "self_yen": [1, 20, 300, 4_000], "total_yen": [10, 200, 3_000, 40_000],
        }
    )  # fmt: skip
    found = pooled(lines).sort("pool")
    assert found.rows() == [("h", JULY, "1", 1, 2, 21, 210), ("h", JULY, "2", 1, 1, 4_000, 40_000)]
    assert found.columns == ["household", "service_month", "pool", *SUMS]
    assert set(found.select(SUMS).dtypes) == {pl.Int64}


# ---- the fourth month ---------------------------------------------------------------------------------------------


def refund(month: date, yen: int = 1, **more: object) -> Row:
    return {"service_month": month, "answered_high_yen": yen, "answer_insurer_no": INSURER} | more


def test_a_refunded_month_is_one_in_which_the_own_insurer_paid() -> None:
    rows = placed(
        refund(JULY), refund(JULY), refund(AUGUST, 0), refund(date(2026, 5, 1), answer_insurer_no=OTHER_INSURER),
        {"service_month": date(2026, 4, 1)}, refund(date(2026, 3, 1), insurer_no=None, answer_insurer_no=None),
        refund(date(2026, 2, 1), answer_insurer_no=None),
    )  # fmt: skip
    assert sorted(refunded_months(rows).rows()) == [("h", date(2026, 3, 1)), ("h", JULY)]


def months(*numbers: tuple[int, int]) -> list[Row]:
    return [refund(date(year, month, 1)) for year, month in numbers]


def fourth(*rows: Row, month: date = JULY, law: Law = LAW) -> bool:
    asked = placed({"service_month": month}, *rows)
    return ("h", month) in fourth_months(asked, law).rows()


def test_three_refunded_months_of_the_eleven_before_make_the_fourth() -> None:
    """健康保険法施行令42条1項: 療養のあった月以前の12月以内に3月以上。"""
    assert fourth(*months((2026, 4), (2026, 5), (2026, 6)))
    assert not fourth(*months((2026, 5), (2026, 6)))
    assert fourth(*months((2025, 8), (2025, 9), (2026, 6)))
    assert not fourth(*months((2025, 7), (2025, 9), (2026, 6)))
    assert not fourth(*months((2026, 5), (2026, 6), (2026, 7)))
    assert not fourth(*months((2026, 5), (2026, 6), (2026, 8)))
    assert not fourth(*months((2026, 5), (2026, 6)), *months((2026, 6)))
    assert not fourth(*months((2026, 5), (2026, 6)), refund(date(2026, 4, 1), household="g"))
    assert fourth(*months((2024, 12), (2025, 1), (2025, 10)), month=date(2025, 11, 1))
    assert not fourth(*months((2024, 11), (2025, 1), (2025, 10)), month=date(2025, 11, 1))


def test_a_law_may_count_the_twelve_months_before_this_one() -> None:
    previous = law_with(high_cost__many_times={"months": 2, "window_months": 12, "this_month_counts": False})
    assert fourth(*months((2025, 7), (2026, 6)), law=previous)
    assert not fourth(*months((2025, 6), (2026, 6)), law=previous)


def test_from_the_month_of_a_new_law_only_the_new_law_counts() -> None:
    name = "high_cost.many_times"
    old, until = LAW.of(name)[-1], {"months": 3, "window_months": 12, "this_month_counts": True}
    versions = (replace(old, until_date=JULY, value=until), replace(old, from_date=JULY, value=until | {"months": 4}))
    law = Law(LAW.municipality, {**LAW.versions, name: versions})
    three = months((2026, 3), (2026, 4), (2026, 5))
    assert fourth(*three, month=date(2026, 6, 1), law=law)
    assert not fourth(*three, law=law)
    assert fourth(*three, *months((2026, 6)), law=law)


def test_an_answer_or_a_receipt_that_says_so_makes_it_the_fourth_month_and_is_told_once() -> None:
    assert fourth({"answered_many_times": "1"})
    assert fourth({"many_times": "1"})
    assert not fourth({"many_times": "0", "answered_many_times": "0"})
    several = placed({"many_times": "1"}, {"answered_many_times": "1"}, *months((2026, 4), (2026, 5), (2026, 6)))
    assert fourth_months(several, LAW).rows().count(("h", JULY)) == 1


def test_before_the_law_of_the_fourth_month_there_is_none() -> None:
    early = months((2008, 10), (2008, 11), (2008, 12))
    assert not fourth(*early, month=date(2009, 3, 1))
    assert fourth(*months((2009, 1), (2009, 2), (2009, 3)), month=date(2009, 4, 1))


# ---- the year -----------------------------------------------------------------------------------------------------


def left(line: int, month: date, yen: int, high: int | None = 0, **more: object) -> Row:
    """An estimate of a line of which so many yen are left after 高額療養費."""
    return {
        "feed": "claims", "delivery": "claims_1", "line_no": line, "child_resident_code": FIRST, "service_month": month,
        "institution_code": f"{line:010d}", "care": "2", "pool": "1", "insurer_no": INSURER, "symbol_number": CARD,
        "counted": "1", "self_yen": yen + (high or 0), "income_class": "オ", "expected_high_yen": high,
    } | more  # fmt: skip


def years(*rows: Row, answers: tuple[Row, ...] = (), law: Law = LAW) -> list[tuple[object, ...]]:
    """(household, pool, from, class, months, paid, cap, expected) of the years above their cap."""
    found = expected_refunds(
        frame(HIGH_COST_ESTIMATES, list(rows)), known_rows("insurer_answers", list(answers)), law
    )  # fmt: skip
    return HIGH_COST_YEARS.validated(found).rows()


HOUSEHOLD = f"{INSURER}|{CARD}"


def test_what_a_year_from_august_leaves_above_its_cap_is_expected_back() -> None:
    """区分オの年間上限は29万円。"""
    one = [left(1, AUGUST, 200_000), left(2, date(2027, 7, 1), 90_000)]
    assert years(*one) == []
    more = left(3, date(2027, 7, 1), 1)
    assert years(*one, more) == [(HOUSEHOLD, "1", AUGUST, "オ", 2, 290_001, 290_000, 1)]
    assert years(one[0], left(2, date(2027, 1, 1), 90_001))[0][4:6] == (2, 290_001)
    assert years(one[0], left(2, date(2026, 12, 1), 90_001))[0][2] == AUGUST
    assert years(left(1, JULY, 200_000), *one) == []


def test_a_refund_answered_goes_before_the_estimate_and_none_known_is_none() -> None:
    line = left(1, AUGUST, 300_000, 50_000)
    assert years(line)[0][5:] == (300_000, 290_000, 10_000)
    assert years(line, answers=(told(1, 55_000, month=AUGUST),))[0][5:] == (295_000, 290_000, 5_000)
    unknown = left(1, AUGUST, 300_000, None)
    assert years(unknown)[0][5] == 300_000
    paid_more = left(2, AUGUST, 100, 0)
    assert years(line, paid_more, answers=(told(2, 500, month=AUGUST),))[0][5] == 300_000


def test_households_pools_and_lines_not_counted_are_apart() -> None:
    big = left(1, AUGUST, 200_000)
    second = left(2, AUGUST, 200_000)
    assert years(big, second)[0][5] == 400_000
    for more in ({"counted": "0"}, {"pool": "2"}, {"symbol_number": OTHER_CARD}, {"insurer_no": OTHER_INSURER},
                 {"insurer_no": None}):  # fmt: skip
        assert years(big, second | more) == []
    alone = {"insurer_no": None, "symbol_number": None}
    assert [row[:2] for row in years(big | alone, second | alone)] == [(FIRST, "1")]
    two = years(left(1, AUGUST, 300_000), left(2, AUGUST, 300_000, pool="2"), left(3, AUGUST, 300_000, insurer_no="01"))
    assert [row[:2] for row in two] == [("01|1・1", "1"), (HOUSEHOLD, "1"), (HOUSEHOLD, "2")]


def test_the_class_last_known_in_the_year_says_the_cap() -> None:
    first, second = left(1, AUGUST, 300_000, income_class="オ"), left(2, date(2026, 10, 1), 300_000, income_class="エ")
    assert years(second, first)[0][3:7] == ("エ", 2, 600_000, 530_000)
    assert years(second | {"line_no": 1}, first | {"line_no": 2})[0][3:7] == ("エ", 2, 600_000, 530_000)
    assert years(second | {"income_class": None}, first)[0][3:7] == ("オ", 2, 600_000, 290_000)
    assert years(first | {"income_class": None}) == []
    same_month = [left(at, AUGUST, 300_000, income_class=kind) for at, kind in ((2, "オ"), (1, "エ"))]
    assert years(*same_month)[0][3] == "オ"
    later = left(1, AUGUST, 300_000, income_class="エ", delivery="claims_2")
    assert years(later, left(2, AUGUST, 300_000))[0][3] == "エ"
    by_feed = left(1, AUGUST, 300_000, income_class="エ", feed="receipts")
    assert years(by_feed, left(2, AUGUST, 300_000))[0][3] == "エ"


def test_a_month_of_which_the_law_does_not_say_when_its_year_begins_counts_in_none() -> None:
    name = "high_cost.year_from_month"
    from_september = (replace(LAW.of(name)[-1], from_date=date(2026, 9, 1)),)
    law = Law(LAW.municipality, {**LAW.versions, name: from_september})
    lines = (left(1, AUGUST, 300_000), left(2, date(2026, 9, 1), 290_001))
    assert [row[2:] for row in years(*lines, law=law)] == [(AUGUST, "オ", 1, 290_001, 290_000, 1)]
