"""県補助と市単独の設例(F)。乳幼児医療費支給事業補助金交付要綱を、条文を読む人が確かめるように並べたもの。"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.law.book import LawError
from tests.support.subsidies import booked, claimed, law_reading, paid, taxed

CASES = yaml.safe_load((Path(__file__).parent / "subsidy_examples.yaml").read_text(encoding="utf-8"))
_CARE = {"入院": "1", "通院": "2"}


@pytest.mark.parametrize("case", CASES, ids=[case["example"] for case in CASES])
def test_the_prefecture_and_the_city_bear_what_the_example_says(case: dict[str, Any]) -> None:
    month = case["month"]
    year = month.year - (month.month < 6)
    income, status = case.get("income", 3_000_000), case.get("taxed", "1")
    row = booked(
        [paid(1, case["amount"], case.get("days", 1), care=_CARE[case["visit"]], service_month=month)],
        [] if income == "なし" else [taxed(income, status, year)],
        birth=case["birth"],
    ).row(0, named=True)
    said = [row[name] for name in ("subsidised_yen", "prefecture_yen", "city_yen", "reason", "funding_class")]
    assert said == case["gives"]
    assert row["parameter"] == case.get("parameter")
    assert bool(row["article"]) == bool(case.get("parameter"))


def test_one_institution_leaves_out_its_1000_yen_once_a_month_in_the_order_of_the_numbers() -> None:
    """1医療機関1か月1,000円: 同じ月の2件は、判定番号の順に1,000円を使い切る。"""
    rows = booked([paid(1, 600), paid(2, 900, care="4"), claimed(3, 700, care="8")])
    assert rows.select("decision_no", "copay_yen", "subsidised_yen", "prefecture_yen", "reason").rows() == [
        ("C-003-202608", 700, 0, 0, "S4"),
        ("R-001-202608", 300, 300, 150, "S1"),
        ("R-002-202608", 0, 900, 450, "S1"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"institution_code": "1140000002", "care": "5"},
        {"service_month": date(2026, 7, 1)},
        {"institution_code": None},
    ],
)
def test_another_institution_or_month_leaves_out_its_own_1000_yen(other: dict[str, object]) -> None:
    rows = booked([paid(1, 1_500), paid(2, 1_500) | other])
    assert rows["copay_yen"].to_list() == [1_000, 1_000]


def test_a_stay_leaves_out_each_of_its_days_and_not_the_month() -> None:
    """入院1日1,200円: 通院の1,000円とは別。"""
    rows = booked([paid(1, 30_000, 3, care="1"), paid(2, 1_500)])
    assert rows["copay_yen"].to_list() == [3_600, 1_000]


def test_care_that_the_law_takes_out_of_the_copay_is_the_prefectures_in_full(tmp_path: Path) -> None:
    """調剤から1,000円を除かない、と読むとき。"""
    rows = [paid(1, 900), paid(2, 900, care="5")]
    assert booked(rows)["subsidised_yen"].to_list() == [0, 800]
    read = law_reading(tmp_path, "subsidy.copay_outpatient_care", ["2", "4"])
    assert booked(rows, law=read)["subsidised_yen"].to_list() == [0, 900]


@pytest.mark.parametrize(
    ("rule", "shares"), [("down_per_decision", [0, 250, 250]), ("down_per_child_month", [0, 250, 251])]
)
def test_the_odd_yen_goes_where_the_named_rounding_says(tmp_path: Path, rule: str, shares: list[int]) -> None:
    """県費の端数: 1件ごとに切り捨てると1円、合計で切り捨てると0円が市に残る。"""
    law = law_reading(tmp_path, "subsidy.rounding", rule)
    rows = booked([paid(1, 1_000), paid(2, 501, care="4"), paid(3, 501, care="7")], law=law)
    assert rows["prefecture_yen"].to_list() == shares
    assert (rows["prefecture_yen"] + rows["city_yen"]).to_list() == [1_000, 501, 501]


def test_a_rounding_without_a_rule_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LawError):
        booked([paid()], law=law_reading(tmp_path, "subsidy.rounding", "half_up"))
