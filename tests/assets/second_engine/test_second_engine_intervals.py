"""Intervals against an oracle that asks every single day, with hostile registers: doubled, empty, overlapping
and touching intervals, schemes on top of each other, several registrations, guardians who leave Japan and come
back, children almost too old."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from types import SimpleNamespace
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.second_engine.eligibility import eligibility
from schemas.law.book import Law
from schemas.records.register import PERSONS, REGISTRATION_PERIODS, RESIDENCES, SCHEMES
from tests.assets.second_engine.small_city import table

FIRST, DAY = date(2024, 10, 1), timedelta(days=1)
CITY_LAW = Law.load("112038")
PRECEDENCE = ("07", "04", "06", "05")
LEFT = {"51": "02", "52": "02", "53": "03", "54": "13", "55": "13"}

births = st.sampled_from(
    [date(2006, 4, 1), date(2006, 4, 2), date(2006, 9, 30), date(2007, 1, 1), date(2007, 2, 28), date(2007, 4, 1)]
)
days = st.dates(date(2024, 9, 20), date(2025, 4, 5))
lengths = st.one_of(st.none(), st.integers(0, 60))


def interval(start: date, length: int | None) -> dict[str, Any]:
    return {"start_date": start, "end_date": None if length is None else start + length * DAY}


stays = st.builds(
    lambda start, length, reason: interval(start, length) | {"end_reason": reason if length is not None else None},
    st.one_of(st.just(date(2020, 1, 1)), days),
    st.one_of(st.none(), st.integers(0, 2000)),
    st.sampled_from(sorted(LEFT)),
)
others = st.builds(
    lambda start, length, reason: interval(start, length) | {"reason": reason},
    days,
    lengths,
    st.sampled_from([*PRECEDENCE, "09"]),
)
guardians = st.one_of(
    st.none(),
    *[
        st.builds(
            SimpleNamespace,
            in_japan=st.sampled_from(["1", "1", "0"]),
            stays=st.lists(stays, max_size=2, unique_by=lambda row: row["start_date"]),
        )
    ]
    * 3,
)
registered = st.tuples(st.one_of(st.just(FIRST), days), st.sampled_from([0, 1]))
children = st.builds(
    SimpleNamespace,
    birth_date=births,
    stays=st.lists(stays, min_size=0, max_size=3, unique_by=lambda row: row["start_date"]),
    schemes=st.lists(others, max_size=3),
    guardians=st.tuples(guardians, guardians),
    registrations=st.lists(registered, min_size=1, max_size=3, unique_by=lambda row: row[0]),
)
AT_HOME = (SimpleNamespace(in_japan="1", stays=[]), None)


def oracle_last_day(birth_date: date) -> date:
    """The 31 March on or after the day before the eighteenth birthday."""
    reached = date(birth_date.year + 18, birth_date.month, birth_date.day) - DAY
    while (reached.month, reached.day) != (3, 31):
        reached += DAY
    return reached


def holds(row: dict[str, Any], day: date) -> bool:
    return bool(row["start_date"] <= day and (row["end_date"] is None or day < row["end_date"]))


def oracle_registration(child: SimpleNamespace, day: date) -> tuple[bool, SimpleNamespace | None]:
    """(registered on the day, guardian of the day): the last registration begun, or the first one to come."""
    begun = [row for row in sorted(child.registrations) if row[0] <= day]
    start, guardian = begun[-1] if begun else min(child.registrations)
    left = any(stay["end_date"] is not None and start < stay["end_date"] <= day for stay in child.stays)
    return bool(begun) and not left, child.guardians[guardian]


def oracle_abroad(guardian: SimpleNamespace, day: date) -> bool:
    begun = [stay for stay in guardian.stays if stay["start_date"] <= day]
    last = max(begun, key=lambda stay: stay["start_date"], default=None)
    gone = last is not None and last["end_date"] is not None and last["end_date"] <= day
    if gone and last["end_reason"] == "52":
        return True
    for_good = len(begun) == len(guardian.stays) and (gone or not begun)
    return guardian.in_japan == "0" and for_good


def oracle_reason(child: SimpleNamespace, day: date) -> str:
    if not any(holds(stay, day) for stay in child.stays):
        ended = [stay for stay in child.stays if stay["end_date"] is not None and stay["end_date"] <= day]
        last = max(ended, key=lambda stay: (stay["end_date"], stay["start_date"]), default=None)
        return LEFT[last["end_reason"]] if last else "13"
    registered, guardian = oracle_registration(child, day)
    if guardian is None:
        return "14"
    if oracle_abroad(guardian, day):
        return "12"
    standing = {row["reason"] for row in child.schemes if holds(row, day)}
    for reason in PRECEDENCE:
        if reason in standing:
            return reason
    return "00" if registered else "11"


def oracle(child: SimpleNamespace) -> Iterator[tuple[date, date, str, str]]:
    first, last = max(FIRST, child.birth_date), oracle_last_day(child.birth_date)
    every_day = [first + n * DAY for n in range((last - first).days + 1)]
    for reason, run in groupby(every_day, key=lambda day: oracle_reason(child, day)):
        spell = list(run)
        yield spell[0], spell[-1] + DAY, "1" if reason == "00" else "0", reason


def code(no: int) -> str:
    return f"{no:015}"


def tables(family: list[SimpleNamespace]) -> dict[str, pl.DataFrame]:
    """The register of these children; the guardians of child n have the numbers 1000 + n and 2000 + n."""
    numbered = list(enumerate(family))
    people = [{"resident_code": code(n), "birth_date": c.birth_date, "in_japan": "1"} for n, c in numbered]
    adults = [(code(1000 * (at + 1) + n), one) for n, c in numbered for at, one in enumerate(c.guardians) if one]
    parents = [{"resident_code": number, "in_japan": one.in_japan} for number, one in adults]
    homes = [(code(n), c.stays) for n, c in numbered] + [(number, one.stays) for number, one in adults]
    entries = [
        {
            "child_resident_code": code(n),
            "guardian_resident_code": code(1000 * (guardian + 1) + n),
            "registered_from_date": start,
        }
        for n, c in numbered
        for start, guardian in c.registrations
    ]
    return {
        "persons": table(PERSONS, *people, *parents),
        "residences": table(RESIDENCES, *({"resident_code": one, **row} for one, rows in homes for row in rows)),
        "schemes": table(SCHEMES, *({"resident_code": code(n), **row} for n, c in numbered for row in c.schemes)),
        "registrations": table(REGISTRATION_PERIODS, *entries),
    }


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(children, min_size=1, max_size=12))
def test_every_interval_is_what_asking_each_day_gives(family: list[SimpleNamespace]) -> None:
    found = eligibility(**tables(family), law=CITY_LAW)
    expected = [(code(n), *spell) for n, child in enumerate(family) for spell in oracle(child)]
    assert found.rows() == expected


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.lists(children, min_size=6, max_size=12), st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(family: list[SimpleNamespace], seed: int) -> None:
    known = tables(family)
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in known.items()}
    assert eligibility(**shuffled, law=CITY_LAW).equals(eligibility(**known, law=CITY_LAW))


def test_a_child_born_and_dead_in_the_city_has_one_entitled_interval() -> None:
    born, died = date(2025, 2, 10), date(2025, 6, 3)
    child = SimpleNamespace(
        birth_date=born,
        stays=[{"start_date": born, "end_date": died + DAY, "end_reason": "53"}],
        schemes=[],
        guardians=AT_HOME,
        registrations=[(born, 0)],
    )
    found = eligibility(**tables([child]), law=CITY_LAW)
    assert found.rows() == [
        (code(0), born, died + DAY, "1", "00"),
        (code(0), died + DAY, date(2043, 4, 1), "0", "03"),
    ]


def test_touching_intervals_of_one_scheme_are_one(law: Law) -> None:
    child = SimpleNamespace(
        birth_date=date(2007, 1, 1),
        stays=[{"start_date": date(2007, 1, 1), "end_date": None}],
        schemes=[
            {"reason": "05", "start_date": date(2024, 11, 1), "end_date": date(2024, 12, 1)},
            {"reason": "05", "start_date": date(2024, 12, 1), "end_date": date(2025, 1, 1)},
        ],
        guardians=AT_HOME,
        registrations=[(FIRST, 0)],
    )
    found = eligibility(**tables([child]), law=law)
    assert found.select("start_date", "end_date", "reason").rows() == [
        (FIRST, date(2024, 11, 1), "00"),
        (date(2024, 11, 1), date(2025, 1, 1), "05"),
        (date(2025, 1, 1), date(2025, 4, 1), "00"),
    ]


def test_an_age_raised_too_late_leaves_the_months_between_without_an_interval(law: Law) -> None:
    name = "age.entitled_until_years"
    [eighteen] = law.of(name)
    raised = date(2025, 10, 1)
    versions = (replace(eighteen, value=15, until_date=raised), replace(eighteen, from_date=raised))
    child = SimpleNamespace(
        birth_date=date(2009, 10, 5),
        stays=[{"start_date": date(2009, 10, 5), "end_date": None}],
        schemes=[],
        guardians=AT_HOME,
        registrations=[(FIRST, 0)],
    )
    found = eligibility(**tables([child]), law=replace(law, versions={**law.versions, name: versions}))
    assert found.select("start_date", "end_date", "reason").rows() == [
        (FIRST, date(2025, 4, 1), "00"),
        (raised, date(2028, 4, 1), "00"),
    ]
