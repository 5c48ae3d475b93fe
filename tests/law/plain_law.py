"""The law of eligibility read day by day in plain Python: no Polars, no intervals, nothing of the rules' code.

It covers what the boundary tables need: age, residence, one known guardian, registration and its ends, a parent who
is in arrears. The values are those the law book states for the day.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.support.cases import LAW

DAY = timedelta(days=1)
FIRST = date(2009, 4, 1)


@dataclass(frozen=True)
class Child:
    """A child: its stays in the city [from, until), the days its registrations begin, whether a parent owes."""

    birth: date
    stays: tuple[tuple[date, date | None], ...]
    registered: tuple[date, ...]
    owing: bool


@cache
def value(name: str, day: date) -> Any:
    """What the law book says on a day."""
    return LAW.at(day).value(name)


@cache
def last_day_of_age(birth: date, years: int) -> date:
    """The first 31 March on or after the day the years are reached: the eve of the birthday (民法143条2項)."""
    year = birth.year + years
    birthday_exists = birth.day <= calendar.monthrange(year, birth.month)[1]
    reached = birth.replace(year=year) - DAY if birthday_exists else date(year, 2, 28)
    end = date(reached.year, 3, 31)
    return end if reached <= end else end.replace(year=reached.year + 1)


def of_age(birth: date, day: date, care: str) -> bool:
    """Whether a day is within the age of a kind of care."""
    return birth <= day <= last_day_of_age(birth, value(f"age.{care}_until_years", day))


def timeline(birth: date) -> tuple[date, date] | None:
    """The first and the last day that are decided; none for a child past every age before the book begins."""
    days = [day for day in _could_be_last(birth) if day >= max(birth, FIRST) and of_age(birth, day, "inpatient")]
    return (max(birth, FIRST), max(days)) if days else None


def _could_be_last(birth: date) -> Iterator[date]:
    """The last days of every age of the law, and the eves of its changes."""
    for version in LAW.of("age.inpatient_until_years"):
        yield last_day_of_age(birth, version.value)
        if version.until_date is not None:
            yield version.until_date - DAY


def at_home(child: Child, day: date) -> bool:
    """Whether the child lives in the city."""
    return any(start <= day and (end is None or day < end) for start, end in child.stays)


def _registration_ends(child: Child, start: date) -> Iterator[date]:
    """Every first day on which the registration begun on `start` no longer stands, but for leaving the city."""
    yield from (other for other in child.registered if other > start)
    entry = last_day_of_age(child.birth, 6) + DAY
    if entry > start and entry >= FIRST and value("registration.ends_at_school_entry", entry):
        yield entry
    for october in (date(year, 10, 1) for year in range(FIRST.year, 2027)):
        if october > start and october >= entry and value("registration.ends_every_october", october):
            yield october


def registered(child: Child, day: date, leaving_counts: bool) -> bool:
    """Whether a registration stands on a day."""
    for start in child.registered:
        ends = list(_registration_ends(child, start))
        if leaving_counts:
            ends += [end for _, end in child.stays if end is not None and end > start]
        if start <= day and all(day < end for end in ends):
            return True
    return False


def owes(child: Child, day: date) -> bool:
    """Whether the arrears of a parent stop the child: past entry to school, in a mode that looks at them."""
    return (
        child.owing
        and value("restriction.mode", day) != "none"
        and day > last_day_of_age(child.birth, value("restriction.after_years", day))
    )


def faults(child: Child, day: date) -> list[str]:
    """Every requirement missed on a day, in the order of the law."""
    home = at_home(child, day)
    missed = {
        "02": not home,
        "01": not of_age(child.birth, day, "inpatient"),
        "11": not registered(child, day, leaving_counts=home),
        "10": owes(child, day),
    }
    return [code for code, holds in missed.items() if holds]


def decided(child: Child, day: date) -> tuple[str, str, str] | None:
    """(給付区分, 理由, 満たさない要件) of a day; None outside the child's timeline."""
    span = timeline(child.birth)
    if span is None or not span[0] <= day <= span[1]:
        return None
    missed = faults(child, day)
    if missed:
        return "0", missed[0], " ".join(missed)
    return ("1" if of_age(child.birth, day, "outpatient") else "2"), "00", ""
