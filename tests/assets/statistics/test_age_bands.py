"""A child's band of the statistics, against a reading of the School Education Act by hand."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.statistics.rules import age_band
from tests.support.draws import draws


def school_year_by_hand(birth: date, day: date) -> int:
    """Year of school on a day; a child born on 1 April belongs to the year before."""
    born = birth.year if (birth.month, birth.day) >= (4, 2) else birth.year - 1
    now = day.year if day.month >= 4 else day.year - 1
    return now - born - 6


def by_hand(birth: date, day: date) -> str:
    year = school_year_by_hand(birth, day)
    if year >= 1:
        return "小学生" if year <= 6 else "中学生" if year <= 9 else "高校生年代"
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return "0〜2歳" if day.year - birth.year - (0 if had_birthday else 1) <= 2 else "3〜5歳"


def banded(birth: date, day: date) -> str:
    frame = pl.DataFrame({"birth": [birth], "day": [day]})
    return frame.select(age_band(pl.col("birth"), pl.col("day"))).item()


@draws(300)
@given(st.dates(date(2006, 4, 2), date(2026, 12, 31)), st.integers(0, 6500))
def test_the_band_is_the_one_counted_by_hand(birth: date, days: int) -> None:
    day = date.fromordinal(birth.toordinal() + days)
    assert banded(birth, day) == by_hand(birth, day)


def test_a_child_born_on_the_first_of_april_starts_school_a_year_before_one_born_on_the_second() -> None:
    assert banded(date(2018, 4, 1), date(2024, 4, 1)) == "小学生"
    assert banded(date(2018, 4, 2), date(2024, 4, 1)) == "3〜5歳"
    assert banded(date(2018, 4, 2), date(2025, 4, 1)) == "小学生"
