"""Ages, fiscal years and the fifteen days, day by day around every edge, against a plain reading of the law."""

import calendar
from datetime import date, timedelta

import polars as pl
import pytest

from assets.benefit.claims import last_claim_day
from assets.eligibility.reading import subsidy_class
from assets.eligibility.rules import first_day_after_age, last_eligible_day
from assets.register.intervals import fiscal_year, fiscal_year_of_age, last_day_of_age, reach_date
from assets.register.registrations import application_deadline
from schemas.businessdays import is_office_day
from tests.support.cases import LAW

_DAY = timedelta(days=1)


def _reached(birth: date, years: int) -> date:
    """民法143条2項: the eve of the corresponding day; without one, the last day of the month."""
    if birth.day > calendar.monthrange(birth.year + years, birth.month)[1]:
        return date(birth.year + years, birth.month, calendar.monthrange(birth.year + years, birth.month)[1])
    return birth.replace(year=birth.year + years) - _DAY


def _next_year_end(day: date) -> date:
    while (day.month, day.day) != (3, 31):
        day += _DAY
    return day


def _births() -> list[date]:
    edges = [(year, month, day) for year in range(2004, 2013) for month, day in ((3, 31), (2, 28), (12, 31), (6, 15))]
    return sorted({date(*edge) + timedelta(days=step) for edge in edges for step in range(-2, 4)})


@pytest.mark.parametrize("years", [6, 12, 15, 18, 20])
def test_an_age_is_reached_on_the_eve_and_lasts_to_the_next_31_march(years: int) -> None:
    births = _births()
    found = pl.DataFrame({"birth": births}).select(
        reach_date(pl.col("birth"), years).alias("reached"),
        last_eligible_day(pl.col("birth"), years).alias("last"),
        first_day_after_age(pl.col("birth"), years).alias("after"),
    )
    reached = [_reached(birth, years) for birth in births]
    ends = [_next_year_end(day) for day in reached]
    assert found["reached"].to_list() == reached
    assert found["last"].to_list() == ends
    assert found["after"].to_list() == [end + _DAY for end in ends]


def test_who_is_born_on_29_february_reaches_every_age_on_the_28th() -> None:
    found = pl.DataFrame({"years": [15, 16, 18, 20]}).select(
        reach_date(pl.lit(date(2008, 2, 29)), pl.col("years")).alias("reached")
    )
    assert found["reached"].to_list() == [date(year, 2, 28) for year in (2023, 2024, 2026, 2028)]


def test_the_last_day_to_apply_is_the_fifteenth_after_the_event_or_the_next_open_day() -> None:
    events = [date(2025, 1, 1) + timedelta(days=step) for step in range(900)]
    due = application_deadline(pl.Series(events), pl.Series([15] * 900), pl.Series([True] * 900))
    expected = []
    for event in events:
        day = event + timedelta(days=15)
        while not is_office_day(day):
            day += _DAY
        expected.append(day)
    assert due.to_list() == expected
    assert date(2025, 5, 25).weekday() == 6
    assert due.to_list()[events.index(date(2025, 5, 10))] == date(2025, 5, 26)


def test_without_extension_the_fifteenth_day_is_the_last_even_when_closed() -> None:
    due = application_deadline(pl.Series([date(2025, 5, 10)]), pl.Series([15]), pl.Series([False]))
    assert due.to_list() == [date(2025, 5, 25)]


@pytest.mark.parametrize(
    ("ended", "last"),
    [
        (date(2021, 3, 31), date(2026, 3, 31)),
        (date(2021, 4, 1), date(2026, 4, 1)),
        (date(2020, 2, 28), date(2025, 2, 28)),
        (date(2020, 2, 29), date(2025, 2, 28)),
    ],
)
def test_five_years_from_the_day_after_the_treatment_end_on_its_eve(ended: date, last: date) -> None:
    assert pl.select(last_claim_day(pl.lit(ended), pl.lit(5))).item() == last


def test_the_class_of_the_certificate_changes_with_the_school_year() -> None:
    days = [
        date(2025, 3, 31),
        date(2025, 4, 1),
        date(2031, 3, 31),
        date(2031, 4, 1),
        date(2034, 4, 1),
        date(2037, 4, 1),
    ]
    asked = pl.DataFrame({"birth": [date(2019, 4, 1)] * 6, "day": days})
    classes = LAW.at(date(2026, 4, 1)).rows("ages.subsidy_classes")
    assert asked.select(subsidy_class("birth", "day", classes)).to_series().to_list() == ["1", "2", "2", "3", "4", None]


def test_the_fiscal_year_of_an_age_ends_on_its_last_day_for_every_birth() -> None:
    births = pl.DataFrame({"birth": pl.date_range(date(1995, 12, 31), date(2009, 1, 1), eager=True)})
    for years in (6, 15, 18, 70):
        last = births.select(last_day_of_age(pl.col("birth"), years).alias("last"))["last"]
        of_age = births.select(fiscal_year_of_age(pl.col("birth"), years).alias("year"))["year"]
        found = pl.DataFrame({"last": last, "of_age": of_age, "morrow": last + timedelta(days=1)})
        years_of_days = found.select(fiscal_year(pl.col("last")), fiscal_year(pl.col("morrow")).alias("next"))
        assert years_of_days["last"].to_list() == of_age.to_list()
        assert years_of_days["next"].to_list() == [year + 1 for year in of_age]
