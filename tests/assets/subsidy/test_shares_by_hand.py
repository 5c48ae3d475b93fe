"""The prefecture's and the city's share worked out by hand from ready facts: no register, no tax row, no decision."""

from datetime import date

import polars as pl
import pytest

from assets.subsidy.rules import above, booked, funding_class, split, standing, subsidised_difference
from schemas.law.book import LawError
from schemas.records.subsidy import SUBSIDIES
from tests.support.cases import LAW, frame
from tests.support.subsidies import booked as booked_from
from tests.support.subsidies import paid, taxed

CHILD, OTHER, MOTHER = "000000000000001", "000000000000009", "000000000000002"
JUNE, AUGUST, OCTOBER = date(2026, 6, 1), date(2026, 8, 1), date(2026, 10, 1)
FACTS = {
    "decision_no": pl.String, "child_resident_code": pl.String, "service_month": pl.Date, "institution_code": pl.String,
    "amount_yen": pl.Int64, "visit": pl.String, "treatment_days": pl.Int64, "until_years": pl.Int64,
    "birth_date": pl.Date, "in_age": pl.Boolean, "limit_yen": pl.Int64, "untaxed_exempt": pl.Boolean,
    "rate": pl.Struct({"numerator": pl.Int64, "denominator": pl.Int64}), "rounding": pl.String,
    "copay_day_yen": pl.Int64, "copay_month_yen": pl.Int64, "tax_year": pl.Int64, "income_yen": pl.Int64,
    "taxed": pl.String, "bears_monthly": pl.Boolean,
}  # fmt: skip
USUAL: dict[str, object] = {
    "child_resident_code": CHILD, "service_month": JUNE, "visit": "2", "treatment_days": 1, "until_years": 9,
    "birth_date": date(2021, 4, 2), "in_age": True, "limit_yen": 6_980_000, "untaxed_exempt": True,
    "rate": {"numerator": 1, "denominator": 2}, "rounding": "down_per_decision", "copay_day_yen": 1_200,
    "copay_month_yen": 1_000, "tax_year": 2026, "income_yen": 3_000_000, "taxed": "1", "bears_monthly": True,
}  # fmt: skip
Fact = dict[str, object]


def shared(*facts: Fact) -> pl.DataFrame:
    """The shares of facts, each at an institution of its own unless it says otherwise; the first is A, then B, C …"""
    rows = [
        USUAL | {"decision_no": chr(65 + at), "institution_code": f"{at:010d}"} | fact for at, fact in enumerate(facts)
    ]
    found = split(pl.DataFrame(rows, FACTS), LAW)
    assert found["decision_no"].is_sorted()
    return found


def yen(*facts: Fact) -> list[tuple[object, ...]]:
    """(県対象額, 県費, 市費, 除く自己負担, 理由, 費用区分)."""
    names = ("subsidised_yen", "prefecture_yen", "city_yen", "copay_yen", "reason", "funding_class")
    return shared(*facts).select(names).rows()


def amount(of: int, **more: object) -> Fact:
    return {"amount_yen": of} | more


def test_what_is_above_the_copay_and_what_a_change_adds_to_it() -> None:
    asked = pl.DataFrame({"before": [0, 4_200, 500, 1_300, 1_000], "after": [4_200, 0, 1_300, 1_500, 1_001]})
    copay = pl.lit(1_000)
    assert asked.select(above(pl.col("after"), copay)).to_series().to_list() == [3_200, 0, 300, 500, 1]
    change = subsidised_difference(pl.col("before"), pl.col("after"), copay)
    assert asked.select(change).to_series().to_list() == [3_200, -3_200, 300, 200, 1]


def test_half_of_what_is_above_the_copay_rounded_down() -> None:
    """F1、F4: 4,200円は県1,600円、入院3日30,000円は県13,200円。"""
    assert yen(
        amount(4_200), amount(1_001), amount(1_000), amount(30_000, visit="1", treatment_days=3),
        amount(3_600, visit="1", treatment_days=3), amount(4_201, taxed="2"), amount(1_003),
        amount(900, bears_monthly=False), amount(1, untaxed_exempt=False, taxed="2"),
        amount(4_200, rate={"numerator": 2, "denominator": 3}), amount(5_000, taxed="2", visit="1"),
        amount(4_200, untaxed_exempt=False, taxed=None),
    ) == [
        (3_200, 1_600, 2_600, 1_000, "S1", "3"),
        (1, 0, 1_001, 1_000, "S1", "3"),
        (0, 0, 1_000, 1_000, "S4", "2"),
        (26_400, 13_200, 16_800, 3_600, "S1", "3"),
        (0, 0, 3_600, 3_600, "S4", "2"),
        (4_201, 2_100, 2_101, 0, "S1", "1"),
        (3, 1, 1_002, 1_000, "S1", "3"),
        (900, 450, 450, 0, "S1", "1"),
        (0, 0, 1, 1, "S4", "2"),
        (3_200, 2_133, 2_067, 1_000, "S1", "3"),
        (5_000, 2_500, 2_500, 0, "S1", "1"),
        (3_200, 1_600, 2_600, 1_000, "S1", "3"),
    ]  # fmt: skip


def test_each_reason_of_which_nothing_is_the_prefectures_or_nothing_is_known() -> None:
    nothing, waits = (0, 0, 4_200, 0), (None, None, None, None)
    said: list[tuple[Fact, tuple[object, ...]]] = [
        (amount(0), (0, 0, 0, 0, "S0", None)),
        (amount(-1), (0, 0, -1, 0, "S0", None)),
        (amount(1, taxed="2"), (1, 0, 1, 0, "S1", "1")),
        (amount(4_200, until_years=None, in_age=None), (*waits, "U3", None)),
        (amount(4_200, birth_date=None, in_age=None), (*waits, "U4", None)),
        (amount(4_200, in_age=False), (*nothing, "S2", "2")),
        (amount(4_200, income_yen=None), (*waits, "U1", None)),
        (amount(4_200, income_yen=6_980_000), (3_200, 1_600, 2_600, 1_000, "S1", "3")),
        (amount(4_200, income_yen=6_980_001), (*nothing, "S3", "2")),
        (amount(4_200, taxed=None), (*waits, "U2", None)),
    ]
    assert yen(*(fact for fact, _ in said)) == [row for _, row in said]


@pytest.mark.parametrize(
    "name", ["limit_yen", "untaxed_exempt", "rate", "rounding", "copay_day_yen", "copay_month_yen", "tax_year"]
)
def test_a_value_the_law_does_not_say_is_waited_for(name: str) -> None:
    assert yen(amount(4_200, **{name: None}), amount(4_200)) == [
        (None, None, None, None, "U3", None),
        (3_200, 1_600, 2_600, 1_000, "S1", "3"),
    ]


def test_the_earlier_of_two_reasons_is_the_reason() -> None:
    order: list[tuple[str, Fact]] = [
        ("S0", {"amount_yen": 0}), ("U3", {"until_years": None}), ("U4", {"birth_date": None}),
        ("S2", {"in_age": False}), ("U3", {"rate": None}), ("U1", {"income_yen": None}), ("U2", {"taxed": None}),
    ]  # fmt: skip
    pairs = [(first, one | other) for at, (first, one) in enumerate(order) for _, other in order[at + 1 :]]
    found = shared(*(amount(4_200) | facts for _, facts in pairs))
    assert found["reason"].to_list() == [first for first, _ in pairs]


def test_the_copay_of_an_institution_and_month_is_used_up_in_the_order_of_the_numbers() -> None:
    one: Fact = {"institution_code": "1110000008"}
    apart: list[Fact] = [
        {"service_month": date(2026, 7, 1)}, {"child_resident_code": OTHER}, {"institution_code": "1110000016"},
        {"institution_code": None}, {"visit": "1", "copay_day_yen": 1_000},
    ]  # fmt: skip
    found = yen(
        amount(600) | one, amount(900) | one, amount(700) | one, *(amount(1_500) | one | fact for fact in apart)
    )
    assert [row[:4] for row in found] == [
        (0, 0, 600, 600), (500, 250, 650, 400), (700, 350, 350, 0), *[(500, 250, 1_250, 1_000)] * 5,
    ]  # fmt: skip
    late_first = shared(amount(900, decision_no="Z") | one, amount(600, decision_no="A") | one)
    assert late_first.select("decision_no", "copay_yen").rows() == [("A", 600), ("Z", 400)]
    nowhere: Fact = {"institution_code": None}
    assert [row[3] for row in yen(amount(1_500) | nowhere, amount(1_500) | nowhere)] == [1_000, 1_000]
    free = yen(amount(1_500) | one, amount(1_500, bears_monthly=False) | one, amount(1_500) | one)
    assert [row[3] for row in free] == [1_000, 0, 0]


def test_odd_yen_are_dropped_at_each_decision_or_once_a_child_and_month() -> None:
    by_month: Fact = {"rounding": "down_per_child_month", "bears_monthly": False}
    odd = [amount(501) | by_month, amount(501) | by_month, amount(1) | by_month, amount(1) | by_month]
    assert [row[1] for row in yen(*odd)] == [250, 251, 0, 1]
    apart = [odd[0], odd[1] | {"child_resident_code": OTHER}, odd[1] | {"service_month": date(2026, 7, 1)}]
    assert [row[1] for row in yen(*apart)] == [250, 250, 250]
    each = [amount(501, bears_monthly=False)] * 2
    assert [row[1] for row in yen(*each)] == [250, 250]
    with pytest.raises(
        LawError, match=r"^subsidy\.rounding の値は down_per_decision・down_per_child_month のどれかです"
    ):
        shared(amount(501, rounding="up"))


def test_the_parameter_and_article_are_those_of_the_reason() -> None:
    found = shared(
        amount(4_200), amount(500), amount(4_200, income_yen=7_000_000), amount(4_200, in_age=False),
        amount(4_200, in_age=False, visit="1"), amount(4_200, income_yen=None), amount(4_200, taxed=None), amount(0),
        amount(4_200, birth_date=None, in_age=None),
    )  # fmt: skip
    names = [
        "subsidy.rate", "subsidy.copay", "subsidy.income_limit_yen", "subsidy.outpatient_until_years",
        "subsidy.inpatient_until_years", "subsidy.income_limit_yen", "subsidy.untaxed_exempt", None, None,
    ]  # fmt: skip
    assert found["parameter"].to_list() == names
    standing_law = [name and LAW.at(JUNE).version(name).basis for name in names]
    assert found["article"].to_list() == standing_law
    assert found["tax_status"].to_list() == ["1", "1", "1", "1", "1", "1", "0", "1", "1"]


def test_the_funding_class_is_whole_none_or_part() -> None:
    asked = pl.DataFrame({"amount_yen": [5, 5, 5, 0, -1, 5], "subsidised_yen": [5, 0, 3, 0, 0, None]})
    assert asked.select(funding_class()).to_series().to_list() == ["1", "2", "3", None, None, None]


# ---- what a month books -------------------------------------------------------------------------------------------

YEN = {"amount_yen": 4_200, "copay_yen": 1_000, "subsidised_yen": 3_200, "prefecture_yen": 1_600, "city_yen": 2_600}


def row(no: str = "A", **more: object) -> dict[str, object]:
    """A 支給 as it is split now, or as it was booked in August."""
    return YEN | {
        "decision_no": no, "standing_no": no, "booked_month": AUGUST, "subject": "receipt", "service_month": JUNE,
        "child_resident_code": CHILD, "guardian_resident_code": MOTHER, "care": "2", "visit": "2", "tax_status": "1",
        "treatment_days": 1, "subsidy_class": "1", "funding_class": "3", "reason": "S1",
    } | more  # fmt: skip


BEFORE = ("before_amount_yen", "before_prefecture_yen", "before_city_yen")


def booked_now(now: list[dict[str, object]], before: list[dict[str, object]]) -> pl.DataFrame:
    split_now = frame(SUBSIDIES, now).drop("booked_month", *BEFORE)
    return SUBSIDIES.validated(booked(split_now, standing(frame(SUBSIDIES, before)), OCTOBER))


def test_decisions_lines_and_taxes_lead_to_shares_and_the_next_month_adds_nothing() -> None:
    """F1、F4。"""
    decided = [paid(1, 4_200), paid(2, 30_000, 3, care="1")]
    found = booked_from(decided, [taxed()])
    names = ("treatment_days", "subsidised_yen", "prefecture_yen", "city_yen", "before_city_yen", "booked_month")
    assert found.select(names).rows() == [
        (1, 3_200, 1_600, 2_600, 0, AUGUST),
        (3, 26_400, 13_200, 16_800, 0, AUGUST),
    ]
    assert booked_from(decided, [taxed()], before=found, month=OCTOBER).is_empty()


def test_a_new_payment_is_booked_with_nothing_before_it() -> None:
    found = booked_now([row()], [])
    assert found.select("decision_no", "booked_month", *YEN, *BEFORE).rows() == [
        ("A", OCTOBER, 4_200, 1_000, 3_200, 1_600, 2_600, 0, 0, 0)
    ]
    waiting = dict.fromkeys(("copay_yen", "subsidised_yen", "prefecture_yen", "city_yen")) | {"reason": "U1"}
    assert booked_now([row(**waiting)], []).select("reason", "city_yen", *BEFORE).rows() == [("U1", None, 0, 0, 0)]
    assert booked_now([row()], [row(**waiting)]).select(BEFORE).rows() == [(4_200, 0, 0)]


@pytest.mark.parametrize(
    "other",
    [{"amount_yen": 4_201}, {"reason": "S3"}, {"tax_status": "2"}, {"subsidy_class": "2"}, {"subsidy_class": None},
     {"treatment_days": 2}, {"copay_yen": 1}, {"subsidised_yen": 1}, {"prefecture_yen": 1}, {"city_yen": None},
     {"guardian_resident_code": OTHER}],
)  # fmt: skip
def test_only_what_differs_is_booked_again(other: dict[str, object]) -> None:
    assert booked_now([row(), row("B")], [row(), row("B", **other)])["decision_no"].to_list() == ["B"]
    same = {"care": "4", "standing_no": "B-2", "funding_class": "1"}
    assert booked_now([row(**same)], [row()]).is_empty()


def test_a_payment_of_which_nothing_stands_any_more_is_taken_back() -> None:
    found = booked_now([row("B")], [row("A"), row("B")])
    names = ("decision_no", "reason", "funding_class", *YEN, *BEFORE)
    assert found.select(names).rows() == [("A", "S0", None, 0, 0, 0, 0, 0, 4_200, 1_600, 2_600)]
    none = {name: 0 for name in YEN} | {"reason": "S0", "funding_class": None}
    assert booked_now([], [row(**none)]).is_empty()


def test_the_last_booked_row_of_a_payment_stands() -> None:
    rows = [row("B", booked_month=OCTOBER, amount_yen=1), row("A", amount_yen=2), row("B", amount_yen=3),
            row("A", booked_month=date(2026, 7, 1), amount_yen=4)]  # fmt: skip
    assert standing(frame(SUBSIDIES, rows)).select("decision_no", "amount_yen").rows() == [("A", 2), ("B", 1)]
