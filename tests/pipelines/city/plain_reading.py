"""The law of eligibility read day by day in plain Python over the story of one child: slow, and easy to believe."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import jpholiday

LAW, OUTPATIENT, TEENS = date(2009, 4, 1), date(2012, 10, 1), date(2024, 10, 1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Child:
    """What is known of a child: rows of the story, and its family's years and parents who are gone."""

    kid: Row
    stays: list[Row]
    schemes: list[Row]
    forms: list[Row]
    gone: list[Row]
    years: list[Row]
    overrides: list[Row]


def school_day(birth: date, age: int) -> date:
    """The 1 April after the 31 March on or after the day before the birthday."""
    reached = date(birth.year + age, birth.month, min(birth.day, 28) if birth.month == 2 else birth.day)
    reached -= timedelta(days=1)
    return date(reached.year + (reached > date(reached.year, 3, 31)), 4, 1)


@cache
def _open(day: date) -> bool:
    new_year = (day.month, day.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
    return day.weekday() < 5 and not new_year and not jpholiday.is_holiday(day)


def _counts_from(form: Row) -> date | None:
    filed, event = form["app_date"], form["app_event"]
    types = ("01", "02", "06") if filed < TEENS else ("01", "06")
    if form["app_type"] not in types:
        return None
    if form["app_type"] in ("02", "06") or form["app_reason"] == "03" or filed < LAW:
        return max(filed, event)
    last = event + timedelta(days=15)
    while not _open(last):
        last += timedelta(days=1)
    return event if filed <= last else filed


def rows_of_registration(child: Child) -> list[Row]:
    """{start, slot}: registrations and changes of guardian, in order; of one day the last filed."""
    began = [(start, form) for form in child.forms if (start := _counts_from(form)) is not None]
    if not began:
        return []
    first = min(start for start, _ in began)
    changed = [
        (max(first, form["app_event"]), form)
        for form in child.forms
        if form["app_reason"] == "08" and _counts_from(form) is None and form["app_type"] != "05"
    ]
    ordered = sorted(began + changed, key=lambda one: (one[0], one[1]["app_date"], one[1]["application_no"]))
    return [{"start": start, "slot": form["guardian_slot"]} for start, form in {s: (s, f) for s, f in ordered}.values()]


def _lost(child: Child, day: date, entry: date) -> bool:
    """Whether a registration standing the day before is lost on this day."""
    if any(stay["end"] == day for stay in child.stays):
        return True
    if day == entry and LAW <= day < TEENS:
        return True
    return (day.month, day.day) == (10, 1) and day >= entry and OUTPATIENT <= day < TEENS


def registered_days(child: Child, last: date) -> set[date]:
    """Every day up to `last` on which a registration stands."""
    starts = [row["start"] for row in rows_of_registration(child)]
    entry = school_day(child.kid["birth_date"], 6)
    found: set[date] = set()
    for start, following in pairwise([*starts, last]):
        day = start
        while day < following and not (day > start and _lost(child, day, entry)):
            found.add(day)
            day += timedelta(days=1)
    return found


def _in(rows: list[Row], day: date) -> list[Row]:
    return [row for row in rows if row["start"] <= day and (row["end"] is None or day < row["end"])]


def ruled(child: Child, day: date, registered: set[date]) -> tuple[str, str]:
    """(reason, benefit class) of a day by the rules."""
    begun = sorted((stay for stay in child.stays if stay["start"] <= day), key=lambda stay: stay["start"])
    if not begun:
        return "13", "0"
    if not _in(child.stays, day):
        return ("03" if begun[-1]["end_reason"] == "53" else "02"), "0"
    birth = child.kid["birth_date"]
    entry = school_day(birth, 6)
    if day >= school_day(birth, 15 if day < TEENS else 18):
        return "01", "0"
    rows = rows_of_registration(child)
    standing = [row for row in rows if row["start"] <= day][-1:] or rows[:1]
    for lost in child.gone:
        if standing and lost["slot"] == standing[0]["slot"] and day >= lost["gone_from"]:
            return lost["gone_reason"], "0"
    for code in ("07", "04", "06", "05"):
        if any(row["reason"] == code for row in _in(child.schemes, day)):
            return code, "0"
    if day not in registered:
        return "11", "0"
    year = day.year - (day.month < 10)
    for row in child.years:
        if row["year"] == year and day >= entry:
            return next(code for name, code in {"over": "09", "owes": "10", "unsure": "15"}.items() if row[name]), "0"
    return "00", "2" if entry <= day < OUTPATIENT else "1"


def decided(child: Child, day: date, registered: set[date]) -> tuple[str, str, str | None]:
    """(reason, benefit class, what the rules said where an override stands)."""
    reason, scope = ruled(child, day, registered)
    over = sorted(_in(child.overrides, day), key=lambda row: (row["entered_date"], row["override_no"]))
    if not over:
        return reason, scope, None
    said = {"1": ("00", "1"), "2": ("99", "0"), "3": ("16", "0")}[over[-1]["outcome"]]
    return (*said, reason)
