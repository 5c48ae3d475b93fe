"""高額療養費 by the tables of the law, and as published examples compute it.

The ministry's examples (厚生労働省「高額療養費制度を利用される皆さまへ」, 令和8年8月からの参考資料) are taken as public
pages repeat them; 世帯合算 and 多数回該当 from pages that are named at the example.
"""

from datetime import date

import polars as pl
import pytest

from assets.high_cost.limits import (
    monthly_limit,
)
from tests.assets.high_cost.families import INSURER, SIBLINGS, Family, bill, told
from tests.support.cases import LAW

PUBLISHED = [
    ("厚生労働省 100万円、窓口30万円", date(2026, 7, 1), 1_000_000, 300_000, 87_430, 212_570),
    ("厚生労働省 令和8年8月から 100万円", date(2026, 8, 1), 1_000_000, 300_000, 92_940, 207_060),
    ("厚生労働省 令和8年8月から 200万円", date(2026, 8, 1), 2_000_000, 600_000, 102_940, 497_060),
    ("厚生労働省 令和8年8月から 300万円", date(2026, 8, 1), 3_000_000, 900_000, 112_940, 787_060),
]


def limit(month: date, income_class: str, total: int) -> int | None:
    asked = pl.DataFrame({"month": [month], "class": [income_class], "total": [total]})
    found: int | None = monthly_limit(asked, "month", "class", "total", LAW).item()
    return found


@pytest.mark.parametrize(("case", "month", "total", "paid", "stays", "refund"), PUBLISHED)
def test_an_example_of_the_ministry(case: str, month: date, total: int, paid: int, stays: int, refund: int) -> None:
    assert (limit(month, "ウ", total), paid - stays) == (stays, refund), case
    known_class = told(0, 0, month=month, income_class="ウ")
    about = Family(bills=[bill(0, total, month=month)], answers=[known_class])
    assert about.estimates()["expected_high_yen"].to_list() == [refund]


def test_an_example_of_two_members_of_a_household() -> None:
    """夫6万円・妻6万円、医療費40万円: 8万1,430円を超えた3万8,570円 (diamond.jp/articles/-/13608)."""
    about = Family(bills=[bill(0, 200_000), bill(1, 200_000, line_no=2)], answers=[told(0, 0, income_class="ウ")])
    found = about.estimates()
    assert found["limit_yen"].to_list() == [81_430, 81_430]
    assert found["expected_high_yen"].to_list() == [19_285, 19_285]
    assert found["expected_high_yen"].sum() == 38_570


@pytest.mark.parametrize(("total", "refund"), [(200_000, 15_600), (273_340, 37_602)])
def test_an_example_of_the_fourth_month(total: int, refund: int) -> None:
    """60,000円 − 44,400円 = 15,600円、82,000円なら37,600円 (kogaku.umin.jp/tasuu.html; here 82,002 yen)."""
    said = told(0, 0, income_class="ウ", many_times="1")
    assert Family(bills=[bill(0, total)], answers=[said]).estimates()["expected_high_yen"].to_list() == [refund]


def test_a_month_the_law_does_not_cover_is_held_and_no_limit_stands_in() -> None:
    about = Family(SIBLINGS, [bill(0, 300_000, month=date(2027, 8, 1), application_date=date(2027, 9, 1))])
    assert about.estimates().select("limit_yen", "lowest_yen", "expected_high_yen").rows() == [(None, None, None)]
    assert about.outcomes() == [("H8", 0)]
    assert about.insured["insurer_no"][0] == INSURER
