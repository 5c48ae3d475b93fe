"""Eligibility against a plain reading of each day, over random registers, and its lasting properties."""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest

from assets.eligibility.rules import eligibility
from schemas.businessdays import is_office_day
from schemas.records.register import ELIGIBILITY
from tests.support.cases import (
    CHILD,
    FATHER,
    HISTORIES,
    LAW,
    MOTHER,
    Register,
    application,
    known_rows,
    register,
    register_of,
    resident,
)

DAY = timedelta(days=1)
LAW_FROM = date(2024, 10, 1)
CHILDREN = 40
Rows = dict[str, list[dict[str, object]]]
_SCHEMES = {"facilities": "07", "public_assistance": "04", "severe_disability": "06", "single_parent": "05"}


def _code(number: int) -> str:
    return f"{number:015d}"


def _stays(source: random.Random, birth: date) -> list[tuple[date, date | None, str | None]]:
    """One or two stays: (from, 住民でなくなった日, 事由)."""
    first = max(birth, date(2024, 1, 1) + timedelta(source.randrange(600)))
    if source.random() < 0.5:
        return [(first, None, None)]
    left = first + timedelta(source.randrange(30, 400))
    stays: list[tuple[date, date | None, str | None]] = [(first, left, source.choice(["51", "52", "53", "54"]))]
    if stays[0][2] != "53" and source.random() < 0.5:
        stays.append((left + timedelta(source.randrange(1, 200)), None, None))
    return stays


def _periods(source: random.Random) -> list[tuple[date, date | None]]:
    start = date(2024, 6, 1) + timedelta(source.randrange(700))
    end = start + timedelta(source.randrange(1, 300)) if source.random() < 0.7 else None
    again = [(end + timedelta(source.randrange(0, 60)), None)] if end and source.random() < 0.3 else []
    return [(start, end), *again]


def _lives(seed: int) -> list[dict[str, Any]]:
    """Children with what happens to them."""
    source = random.Random(seed)
    return [
        {
            "code": _code(100 + at),
            "birth": (
                birth := date(2006, 3, 25) + timedelta(source.choice([source.randrange(14), source.randrange(7000)]))
            ),
            "stays": _stays(source, birth),
            "schemes": {feed: _periods(source) for feed in _SCHEMES if source.random() < 0.3},
            "guardian": source.choice([MOTHER, FATHER, _code(4), _code(5), _code(6)]),
            "lag": source.choice([0, 10, 14, 15, 16, 17, 18, 40]),
            "registered": source.random() < 0.95,
        }
        for at in range(CHILDREN)
    ]


PARENTS = [
    resident(MOTHER, date(1988, 1, 1), sex="2"),
    resident(FATHER, date(1986, 1, 1), resident_to_date=date(2025, 9, 1), resident_to_reason="52"),
    resident(_code(6), date(1986, 1, 1), resident_to_date=date(2025, 3, 1), resident_to_reason="52"),
    resident(_code(6), date(1986, 1, 1), date(2025, 8, 1), history_no=2),
]
"""MOTHER stays; FATHER goes abroad; 6 goes abroad and comes back; 4 lives elsewhere in Japan; 5 always abroad."""
OUTSIDE: list[dict[str, object]] = [
    {"resident_code": _code(4), "in_japan": "1", "latest_flag": "1"},
    {"resident_code": _code(5), "in_japan": "0", "latest_flag": "1"},
]


def _feeds(lives: list[dict[str, Any]], order: random.Random | None = None) -> dict[str, pl.DataFrame]:
    rows: Rows = {feed: [] for feed in HISTORIES} | {"residents": list(PARENTS), "nonresidents": OUTSIDE}
    for at, life in enumerate(lives):
        for number, (start, end, reason) in enumerate(life["stays"], 1):
            rows["residents"].append(
                resident(
                    life["code"],
                    life["birth"],
                    start,
                    history_no=number,
                    resident_to_date=end,
                    resident_to_reason=reason,
                )
            )
            if life["registered"]:
                rows["applications"].append(_filed(life, start, at, number))
        for feed, periods in life["schemes"].items():
            for number, (start, end) in enumerate(periods, 1):
                rows[feed].append(
                    {"resident_code": life["code"], "history_no": number, "start_date": start, "end_date": end}
                )
    if order:
        rows = {feed: order.sample(found, len(found)) for feed, found in rows.items()}
    return {feed: known_rows(feed, found) for feed, found in rows.items()}


def _filed(life: dict[str, Any], start: date, at: int, number: int) -> dict[str, object]:
    return application(
        life["code"],
        life["guardian"],
        f"{at:07d}",
        application_no=f"A{at}-{number}",
        event_date=start,
        application_date=start + timedelta(life["lag"]),
        application_reason="02",
    )


def _register(lives: list[dict[str, Any]], order: random.Random | None = None) -> Register:
    return register_of(_feeds(lives, order))


def _start(life: dict[str, Any], event: date) -> date:
    applied, due = event + timedelta(life["lag"]), event + timedelta(15)
    while not is_office_day(due):
        due += DAY
    if applied < LAW_FROM:
        return applied
    return event if applied <= due else applied


def _guardian_abroad(guardian: str, day: date) -> bool:
    if guardian == _code(6):
        return date(2025, 3, 1) <= day < date(2025, 8, 1)
    return guardian == _code(5) or (guardian == FATHER and day >= date(2025, 9, 1))


def _no_residence(life: dict[str, Any], day: date) -> str | None:
    said = "13"
    for start, end, reason in life["stays"]:
        last = None if end is None else end if reason == "53" else end - DAY
        if start <= day and (last is None or day <= last):
            return None
        if start <= day:
            said = {"51": "02", "52": "02", "53": "03"}.get(reason, "13")
    return said


def _expected(life: dict[str, Any], day: date) -> str:
    """The reason of a day, read straight off the life."""
    gone = _no_residence(life, day)
    if gone:
        return gone
    if _guardian_abroad(life["guardian"], day):
        return "12"
    for feed, reason in _SCHEMES.items():
        if any(start <= day and (end is None or day < end) for start, end in life["schemes"].get(feed, [])):
            return reason
    stay = max(start for start, _, _ in life["stays"] if start <= day)
    return "00" if day >= _start(life, stay) else "11"


def _age_end(birth: date) -> date:
    return date(birth.year + 18 + ((birth.month, birth.day) > (4, 1)), 4, 1)


@pytest.mark.parametrize("seed", range(6))
def test_every_day_has_the_reason_a_plain_reading_gives(seed: int) -> None:
    lives = _lives(seed)
    decided = ELIGIBILITY.validated(_register(lives).eligibility)
    by_child = {
        code: part.select("start_date", "end_date", "reason").rows()
        for (code,), part in decided.group_by("child_resident_code", maintain_order=True)
    }
    days = 0
    for life in lives:
        first, last = max(LAW_FROM, life["birth"]), _age_end(life["birth"])
        rows = by_child.get(life["code"], [])
        assert bool(rows) == (life["registered"] and first < last)
        for start, end, reason in rows:
            edges = {start, end - DAY, start + (end - start) // 2}
            assert {_expected(life, day) for day in edges if day < date(2027, 12, 1)} <= {reason}
            days += len(edges)
    assert days > 100


@pytest.mark.parametrize("seed", range(3))
def test_intervals_neither_overlap_nor_leave_a_gap(seed: int) -> None:
    lives = _lives(seed)
    births = {life["code"]: life["birth"] for life in lives}
    decided = _register(lives).eligibility
    for (code,), part in decided.group_by("child_resident_code"):
        rows = part.sort("start_date").select("start_date", "end_date").rows()
        assert rows[0][0] == max(LAW_FROM, births[code])
        assert rows[-1][1] == _age_end(births[code])
        assert all(before[1] == after[0] for before, after in pairwise(rows))
        assert all(start < end for start, end in rows)


def test_neighbouring_intervals_differ() -> None:
    decided = _register(_lives(1)).eligibility
    same = [name for name in ELIGIBILITY.names if name not in ("start_date", "end_date")]
    ordered = decided.sort("child_resident_code", "start_date")
    repeated = ordered.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in same))
    assert not repeated.to_series()[1:].any()


@pytest.mark.parametrize("seed", range(3))
def test_the_order_in_which_the_rows_arrive_changes_nothing(seed: int) -> None:
    lives = _lives(seed)
    straight = _register(lives).eligibility.drop("line_no")
    shuffled = _register(lives, random.Random(seed)).eligibility.drop("line_no")
    assert shuffled.equals(straight)


def test_deciding_twice_changes_nothing_and_touches_no_input() -> None:
    about = _register(_lives(2))
    inputs = (about.persons, about.residences, about.schemes, about.registrations)
    copies = [part.clone() for part in inputs]
    assert eligibility(*inputs, LAW).equals(about.eligibility)
    assert all(part.equals(copy) for part, copy in zip(inputs, copies, strict=True))


def test_two_schemes_at_once_give_the_one_that_comes_first() -> None:
    held: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 5, 1)}]
    about = register(single_parent=held, severe_disability=held, public_assistance=held)
    assert about.reason_on(date(2026, 5, 1)) == "04"
    assert register(single_parent=held, severe_disability=held).reason_on(date(2026, 5, 1)) == "06"
    assert about.reason_on(date(2026, 4, 30)) == "00"


def test_each_interval_names_the_row_that_decided_it() -> None:
    held: list[dict[str, object]] = [
        {"resident_code": CHILD, "start_date": date(2026, 5, 1), "end_date": date(2026, 6, 1)}
    ]
    found = register(facilities=held).eligibility.select("start_date", "reason", "feed", "delivery", "line_no")
    assert found.rows() == [
        (LAW_FROM, "00", "applications", "applications_1", 1),
        (date(2026, 5, 1), "07", "facilities", "facilities_1", 1),
        (date(2026, 6, 1), "00", "applications", "applications_1", 1),
    ]


def test_a_guardian_nobody_knows_is_to_be_ascertained() -> None:
    stranger = application(guardian=_code(77), application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))
    assert register(applications=[stranger]).reason_on(date(2026, 5, 1)) == "14"


def test_an_earlier_number_of_the_same_guardian_counts_as_the_same_person() -> None:
    filed = application(guardian=_code(8), application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))
    alias: list[dict[str, object]] = [
        {"resident_code": _code(8), "in_japan": "1", "same_person_code": FATHER, "latest_flag": "1"}
    ]
    people = [resident(CHILD, date(2018, 6, 15)), PARENTS[1]]
    about = register(applications=[filed], nonresidents=alias, residents=people)
    assert [about.reason_on(day) for day in (date(2025, 8, 31), date(2025, 9, 1))] == ["00", "12"]
