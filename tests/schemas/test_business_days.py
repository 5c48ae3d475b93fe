"""Bank and office days around the days people get wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.businessdays import (
    LAST_PUBLISHED_HOLIDAY_YEAR,
    HolidaysNotPublished,
    bank_business_day_on_or_after,
    bank_business_day_on_or_before,
    is_bank_business_day,
    is_office_day,
    office_day_on_or_after,
)

GOLDEN = [
    (date(2026, 12, 28), True, True),
    (date(2026, 12, 29), True, False),
    (date(2026, 12, 30), True, False),
    (date(2026, 12, 31), False, False),
    (date(2027, 1, 1), False, False),
    (date(2026, 1, 2), False, False),
    (date(2027, 1, 4), True, True),
    (date(2026, 5, 3), False, False),
    (date(2026, 5, 6), False, False),
    (date(2026, 5, 7), True, True),
    (date(2026, 9, 21), False, False),
    (date(2026, 9, 22), False, False),
    (date(2026, 9, 23), False, False),
    (date(2027, 3, 21), False, False),
    (date(2027, 3, 22), False, False),
    (date(2026, 11, 21), False, False),
    (date(2026, 11, 22), False, False),
    (date(2026, 11, 23), False, False),
    (date(2026, 11, 24), True, True),
]
"""年末年始; 5/6 and 3/22 振替休日; 9/22 国民の休日; 11/23 勤労感謝の日 after a weekend."""


@pytest.mark.parametrize(("day", "bank", "office"), GOLDEN)
def test_banks_and_the_office_are_open_as_the_calendar_says(day, bank, office):
    assert (is_bank_business_day(day), is_office_day(day)) == (bank, office)


def test_a_closed_day_moves_to_the_nearest_open_day():
    new_year = date(2027, 1, 1)
    assert bank_business_day_on_or_before(new_year) == date(2026, 12, 30)
    assert bank_business_day_on_or_after(new_year) == date(2027, 1, 4)
    assert office_day_on_or_after(date(2026, 12, 29)) == date(2027, 1, 4)


def test_an_open_day_stays():
    day = date(2026, 11, 30)
    for move in (bank_business_day_on_or_before, bank_business_day_on_or_after, office_day_on_or_after):
        assert move(day) == day


def test_no_open_day_is_skipped_over_a_whole_year():
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(360)]
    open_days = [day for day in days if is_bank_business_day(day)]
    assert [bank_business_day_on_or_before(day) for day in days] == [
        max(o for o in open_days if o <= day) for day in days
    ]


def test_a_day_after_the_published_holidays_raises():
    last = date(LAST_PUBLISHED_HOLIDAY_YEAR, 12, 30)
    assert is_bank_business_day(last)
    for ask in (is_bank_business_day, is_office_day, bank_business_day_on_or_before):
        with pytest.raises(HolidaysNotPublished, match="未公表"):
            ask(date(LAST_PUBLISHED_HOLIDAY_YEAR + 1, 2, 1))
    with pytest.raises(HolidaysNotPublished):
        bank_business_day_on_or_after(last + timedelta(days=1))
