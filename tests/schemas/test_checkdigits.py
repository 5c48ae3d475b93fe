"""Check digits against published numbers and an independent oracle."""

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.checkdigits import (
    broken,
    institution_code_broken,
    institution_code_holds,
    is_my_number,
    m10w21,
    m10w21_broken,
    m10w21_holds,
    my_number_check_digit,
)
from tests.support.draws import draws

PUBLISHED = ("06130488", "3410712362", "88138243", "88131248", "89131247", "81136244", "81137242")


def luhn(number: str) -> bool:
    """The same rule as the card industry states it, by table."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    digits = [int(digit) for digit in number][::-1]
    return (sum(digits[0::2]) + sum(doubled[digit] for digit in digits[1::2])) % 10 == 0


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_hold_and_every_other_last_digit_does_not(number: str) -> None:
    holding = [digit for digit in "0123456789" if m10w21_holds(number[:-1] + digit)]
    assert holding == [number[-1]]


@given(st.text("0123456789", min_size=2, max_size=12))
@draws(100)
def test_the_scalar_rule_agrees_with_the_luhn_table(number: str) -> None:
    assert m10w21_holds(number) == luhn(number)


@given(st.lists(st.text("0123456789", min_size=10, max_size=10), min_size=1, max_size=30))
@draws(50)
def test_the_expressions_agree_with_the_scalars(numbers: list[str]) -> None:
    frame = pl.DataFrame({"code": numbers, "payer": [number[:8] for number in numbers]})
    found = frame.select(code=broken("code", 10), payer=broken("payer", 8))
    assert found["code"].to_list() == [not institution_code_holds(number) for number in numbers]
    assert found["payer"].to_list() == [not m10w21_holds(number[:8]) for number in numbers]


def test_an_old_saitama_code_holds_over_its_six_digits_and_an_old_osaka_code_does_not() -> None:
    body = "110123"
    seven = body + m10w21(body)
    saitama, osaka = (prefecture + "1" + seven for prefecture in ("11", "27"))
    assert [m10w21_holds(code) for code in (saitama, osaka)] == [False, False]
    assert [institution_code_holds(code) for code in (saitama, osaka)] == [True, False]
    frame = pl.DataFrame({"code": [saitama, osaka]})
    assert frame.select(institution_code_broken("code")).to_series().to_list() == [False, True]


def test_an_absent_or_unreadable_number_is_not_a_wrong_check_digit() -> None:
    frame = pl.DataFrame({"no": [None, "", "12x4567", "0000018", "0000019"]}, schema={"no": pl.String})
    assert frame.select(m10w21_broken("no", 7)).to_series().to_list() == [False, False, False, False, True]


def test_a_my_number_check_digit_follows_the_ministry_ordinance() -> None:
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    source = random.Random(7)
    for _ in range(200):
        body = "".join(source.choice("0123456789") for _ in range(11))
        rest = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True)) % 11
        assert my_number_check_digit(body) == str((11 - rest) % 11 % 10)
        holding = [digit for digit in "0123456789" if is_my_number(body + digit)]
        assert holding == [my_number_check_digit(body)]


@pytest.mark.parametrize("number", ["", "12345678901", "１２３４５６７８９０１８", "12345678901x"])
def test_what_is_not_twelve_ascii_digits_is_no_my_number(number: str) -> None:
    assert not is_my_number(number)


def test_letters_have_no_check_digit() -> None:
    with pytest.raises(ValueError, match="digits"):
        m10w21("12a")
    with pytest.raises(ValueError, match="11 digits"):
        my_number_check_digit("1234567890")
