"""The limits of each class: the month, the fourth month, the year, the lowest of all, straight from the law."""

from datetime import date

import polars as pl
import pytest

from assets.high_cost.limits import (
    fourth_limit,
    limit_basis,
    limits,
    lowest_fourth_limit,
    lowest_limit,
    monthly_limit,
    tax_year,
    yearly_cap,
)
from tests.support.cases import LAW

JULY = date(2026, 7, 1)


def limit(month: date, income_class: str, total: int) -> int | None:
    asked = pl.DataFrame({"month": [month], "class": [income_class], "total": [total]})
    found: int | None = monthly_limit(asked, "month", "class", "total", LAW).item()
    return found


@pytest.mark.parametrize(
    ("total", "more"), [(267_000, 0), (267_049, 0), (267_050, 1), (267_149, 1), (267_150, 2), (1, 0)]
)
def test_the_one_percent_is_rounded_at_fifty_sen_and_never_below_zero(total: int, more: int) -> None:
    assert limit(JULY, "ウ", total) == 80_100 + more


@pytest.mark.parametrize(
    ("month", "income_class", "expected"),
    [
        (date(2014, 12, 1), "上位", 150_000 + 5_000), (date(2014, 12, 1), "一般", 87_430),
        (date(2014, 12, 1), "低所得", 35_400), (date(2009, 4, 1), "一般", 87_430), (date(2014, 12, 1), "ウ", None),
        (date(2015, 1, 1), "上位", None), (date(2015, 1, 1), "ア", 252_600 + 1_580), (date(2027, 7, 1), "エ", 61_500),
        (date(2027, 8, 1), "エ", None), (date(2009, 3, 1), "一般", None),
    ],
)  # fmt: skip
def test_a_month_has_the_classes_of_its_table_and_no_other(
    month: date, income_class: str, expected: int | None
) -> None:
    assert limit(month, income_class, 1_000_000) == expected


def test_the_lowest_limits_are_those_of_the_month_and_end_where_the_law_ends() -> None:
    months = [
        date(2009, 3, 1),
        date(2014, 12, 1),
        date(2015, 1, 1),
        date(2026, 7, 1),
        date(2026, 8, 1),
        date(2027, 8, 1),
    ]
    asked = pl.DataFrame({"month": months})
    assert lowest_limit(asked, "month", LAW).to_list() == [None, 35_400, 35_400, 35_400, 36_900, None]
    assert lowest_fourth_limit(asked, "month", LAW).to_list() == [None, 24_600, 24_600, 24_600, 24_600, None]
    assert limit_basis(asked, "month", LAW).null_count() == 2


@pytest.mark.parametrize(
    ("month", "income_class", "fourth", "cap"),
    [
        (date(2014, 1, 1), "上位", 83_400, None), (JULY, "ア", 140_100, None),
        (date(2026, 8, 1), "ア", 140_100, 1_680_000),
        (date(2026, 8, 1), "イ", 93_000, 1_110_000), (date(2026, 8, 1), "ウ", 44_400, 530_000),
        (date(2026, 8, 1), "エ", 44_400, 530_000), (date(2027, 7, 1), "オ", 24_600, 290_000),
    ],
)  # fmt: skip
def test_the_fourth_month_and_the_year_have_their_own_limits(
    month: date, income_class: str, fourth: int, cap: int | None
) -> None:
    asked = pl.DataFrame({"month": [month], "class": [income_class]})
    assert fourth_limit(asked, "month", "class", LAW).to_list() == [fourth]
    assert yearly_cap(asked, "month", "class", LAW).to_list() == [cap]


@pytest.mark.parametrize(
    ("month", "year"),
    [(date(2026, 3, 1), 2025), (date(2026, 4, 1), 2025), (date(2026, 7, 1), 2025), (date(2026, 8, 1), 2026),
     (date(2027, 3, 1), 2026)],
)  # fmt: skip
def test_who_pays_no_tax_is_judged_until_july_by_the_year_before(month: date, year: int) -> None:
    """健康保険法施行令42条1項5号。"""
    begins = LAW.at(month).number("high_cost.tax_year_from_month")
    asked = pl.DataFrame({"month": [month], "begins": [begins]})
    assert asked.select(tax_year(pl.col("month"), pl.col("begins"))).item() == year


def test_rows_keep_their_order_whatever_their_months_and_classes() -> None:
    asked = pl.DataFrame(
        {
            "month": [JULY, date(2014, 12, 1), date(2026, 8, 1), JULY],
            "class": ["オ", "上位", "ウ", "ア"],
            "total": [1_000_000, 600_000, 286_100, 842_000],
        }
    )
    once = monthly_limit(asked, "month", "class", "total", LAW)
    assert (once.name, once.to_list()) == ("limit_yen", [35_400, 151_000, 85_801, 252_600])
    later = fourth_limit(asked, "month", "class", LAW)
    assert (later.name, later.to_list()) == ("limit_yen", [24_600, 83_400, 44_400, 140_100])
    cap = yearly_cap(asked, "month", "class", LAW)
    assert (cap.name, cap.dtype, cap.to_list()) == ("cap_yen", pl.Int64, [None, None, 530_000, None])
    assert lowest_limit(asked, "month", LAW).to_list() == [35_400, 35_400, 36_900, 35_400]
    basis = limit_basis(asked, "month", LAW)
    article = "健康保険法施行令42条1項"
    assert (basis.name, basis.to_list()) == (
        "limit_article",
        [article, f"{article}（平成26年12月まで）", f"{article}（令和8年8月1日施行）", article],
    )


def test_months_before_the_yearly_cap_have_none_even_where_no_other_month_is_asked() -> None:
    cap = yearly_cap(pl.DataFrame({"month": [date(2014, 1, 1)], "class": ["上位"]}), "month", "class", LAW)
    assert (cap.dtype, cap.to_list()) == (pl.Int64, [None])


def test_the_two_tables_follow_each_other_and_what_is_not_enacted_is_not_among_them() -> None:
    starts = limits(LAW)["from_date"].unique(maintain_order=True).to_list()
    assert starts == [date(2009, 4, 1), date(2015, 1, 1), date(2026, 8, 1)]
