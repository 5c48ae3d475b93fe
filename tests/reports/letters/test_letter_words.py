"""Dates, check digits and contexts of letters."""

from datetime import date

import polars as pl
import pytest

from reports.letters.context import letter_context
from reports.letters.kinds import KINDS
from reports.letters.pieces import check_digits
from reports.letters.wareki import era_date, era_dates, era_month


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(2026, 11, 30), "令和8年11月30日"),
    ],
)
def test_a_day_is_written_in_its_era(day: date, text: str) -> None:
    assert era_date(day) == text
    assert era_dates(pl.Series([day, None])).to_list() == [text, None]


def test_a_month_is_written_without_its_day() -> None:
    assert era_month(date(2026, 10, 1)) == "令和8年10月"
    assert era_dates(pl.Series([date(2026, 10, 1)]), month=True).item() == "令和8年10月"


def test_a_day_before_the_solar_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="明治6年"):
        era_date(date(1872, 12, 31))


def test_any_single_wrong_digit_of_a_piece_number_is_caught_by_its_check_digits() -> None:
    number = "112038-D20261130-01-000123"
    right = check_digits(number)
    for place, character in enumerate(number):
        for other in "0123456789":
            if character.isdigit() and other != character:
                assert check_digits(number[:place] + other + number[place + 1 :]) != right


@pytest.mark.parametrize("batch_no", ["", "束1", "a b", "a/b"])
def test_a_batch_number_of_other_characters_is_refused(batch_no: str) -> None:
    with pytest.raises(ValueError, match="バッチ番号"):
        letter_context("112038", date(2026, 11, 30), batch_no)


def test_a_city_without_wording_is_refused() -> None:
    with pytest.raises(ValueError, match="999999"):
        letter_context("999999", date(2026, 11, 30), "B1")


def test_the_closed_list_of_kinds_is_these_eight() -> None:
    assert set(KINDS) == {"recognition", "refusal", "termination", "payment", "nonpayment", "card", "debt", "account"}
    assert [kind.title for kind in KINDS.values() if not kind.disposition] == [
        "子ども医療費受給資格証",
        "子ども医療費振込口座確認のお願い",
    ]
