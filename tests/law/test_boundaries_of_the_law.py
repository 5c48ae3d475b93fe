"""Boundary tables made from the law book: every date on which it changes, every age it counts to, for children born
around every edge of the year, against the plain reading in plain_law.py. A new dated line is tested by being there."""

from datetime import date

import polars as pl
import pytest

from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from assets.eligibility.rules import eligibility
from schemas.codes import ARREARS_ITEM
from schemas.record import Record
from schemas.records.feeds import FEEDS
from schemas.records.register import (
    GUARDIANS,
    IDENTITIES,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    SCHEMES,
    known,
)
from tests.law.plain_law import DAY, FIRST, Child, decided, last_day_of_age
from tests.support.cases import LAW, MOTHER, frame

_DATED = ("age.", "restriction.", "registration.")
_EDGES = [(3, 30), (3, 31), (4, 1), (4, 2), (4, 3), (2, 28), (2, 29), (9, 30), (10, 1), (10, 2)]
_YEARS = range(1993, 2025)
_LEFT, _BACK = date(2015, 6, 10), date(2016, 2, 1)
Row = dict[str, object]


def _changes() -> set[date]:
    """Every day on which an enacted value of age, restriction or registration begins or ends."""
    versions = [one for name, every in LAW.versions.items() if name.startswith(_DATED) for one in every if one.enacted]
    return {day for one in versions for day in (one.from_date, one.until_date) if day is not None}


def _ages() -> set[int]:
    """Every age the law counts to."""
    names = [name for name in LAW.versions if name.startswith(_DATED) and LAW.of(name)[0].unit == "years"]
    return {version.value for name in names for version in LAW.of(name)}


def _births() -> list[date]:
    leap = [year for year in _YEARS if year % 4 == 0]
    return [
        date(year, month, day)
        for year in _YEARS
        for month, day in _EDGES
        if (month, day) != (2, 29) or year in leap
    ]  # fmt: skip


def _octobers(birth: date) -> tuple[date, ...]:
    return tuple(date(year, 10, 1) for year in range(2009, 2026) if date(year, 10, 1) > birth)


def _entry(birth: date) -> date:
    return last_day_of_age(birth, 6) + DAY


def _kinds(birth: date) -> list[Child]:
    """The same child in four lives: everything filed; registered once; a parent owes; away for some months."""
    filed = tuple(sorted({birth, _entry(birth), *_octobers(birth)}))
    home = ((birth, None),)
    away = ((birth, _LEFT), (_BACK, None)) if birth < _LEFT else home
    return [
        Child(birth, home, filed, owing=False),
        Child(birth, home, (birth,), owing=False),
        Child(birth, home, filed, owing=True),
        Child(birth, away, filed, owing=False),
    ]


CHILDREN = {f"{number:015d}": child for number, child in enumerate((c for b in _births() for c in _kinds(b)), 100)}


def _days(child: Child) -> set[date]:
    """The eve, the day and the day after of every change of the law, every age, the stays and some Octobers."""
    ends = {last_day_of_age(child.birth, years) + DAY for years in _ages()}
    stays = {day for stay in child.stays for day in stay if day is not None}
    days = _changes() | ends | stays | {child.birth, date(2011, 10, 1), date(2015, 10, 1), date(2023, 10, 1)}
    return {day + step * DAY for day in days for step in (-1, 0, 1) if day > date(2009, 3, 1)}


def _rows(record: Record, rows: list[Row]) -> pl.DataFrame:
    return frame(record, rows)


def _parent(code: str, child: Child) -> str:
    return f"9{code[1:]}" if child.owing else MOTHER


def _register() -> dict[str, pl.DataFrame]:
    """The children, their stays and registrations as the register says them."""
    parents = {_parent(code, child) for code, child in CHILDREN.items()}
    births = {code: child.birth for code, child in CHILDREN.items()} | dict.fromkeys(parents, date(1970, 1, 1))
    people: list[Row] = [{"resident_code": code, "birth_date": birth} for code, birth in births.items()]
    homes: list[Row] = [
        {"resident_code": code, "start_date": start, "end_date": end, "end_reason": end and "51"}
        for code, child in CHILDREN.items()
        for start, end in child.stays
    ]
    homes += [{"resident_code": code, "start_date": date(1990, 1, 1)} for code in parents]
    periods: list[Row] = [
        {
            "child_resident_code": code, "guardian_resident_code": _parent(code, child),
            "registered_from_date": start, "begun_date": start,
        }
        for code, child in CHILDREN.items()
        for start in child.registered
    ]  # fmt: skip
    return {
        "persons": _rows(PERSONS, people),
        "residences": _rows(RESIDENCES, homes),
        "registrations": _rows(REGISTRATION_PERIODS, periods),
    }


def _restricted(persons: pl.DataFrame) -> pl.DataFrame:
    """RESTRICTIONS of the children whose parent owes one item by every 31 March and earns little."""
    owing = {code: _parent(code, child) for code, child in CHILDREN.items() if child.owing}
    raised: list[Row] = [
        {"child_resident_code": code, "start_date": date(1990, 1, 1), "guardian_resident_code": parent}
        for code, parent in owing.items()
    ]
    years = range(2009, 2027)
    taxed = known(FEEDS["resident_taxes"])
    earned: list[Row] = [
        {"resident_code": code, "tax_year": year, "revision_no": 1, "filing": "1", "total_income_yen": 0}
        for code in owing.values()
        for year in years
    ]
    said: list[Row] = [
        {
            "resident_code": code,
            "base_date": date(year, 3, 31),
            "arrears_item": item,
            "arrears": str(int(item == "154")),
        }
        for code in owing.values()
        for year in years
        for item in ARREARS_ITEM.labels
    ]
    found = means(_rows(taxed, earned), _rows(known(FEEDS["arrears"]), said), IDENTITIES.empty(), LAW)
    return restrictions(_rows(GUARDIANS, raised), persons, found, LAW)


@pytest.fixture(scope="module")
def standing() -> dict[str, list[Row]]:
    """ELIGIBILITY of every child, in order."""
    register = _register()
    found = eligibility(
        **register,
        schemes=SCHEMES.empty(),
        restrictions=_restricted(register["persons"]),
        overrides=known(FEEDS["overrides"]).empty(),
        law=LAW,
    )
    rows: dict[str, list[Row]] = {code: [] for code in CHILDREN}
    for row in found.iter_rows(named=True):
        rows[row["child_resident_code"]].append(row)
    return rows


def _said(rows: list[Row], day: date) -> tuple[object, ...] | None:
    for row in rows:
        if row["start_date"] <= day < row["end_date"]:  # type: ignore[operator]
            return row["benefit_class"], row["reason"], row["faults"] or ""
    return None


@pytest.mark.parametrize("life", range(4), ids=["everything filed", "registered once", "in arrears", "away and back"])
def test_every_day_beside_a_date_of_the_law_is_decided_as_a_plain_reading_says(
    standing: dict[str, list[Row]], life: int
) -> None:
    wrong = [
        (child.birth, day, _said(standing[code], day), expected)
        for code, child in list(CHILDREN.items())[life::4]
        for day in sorted(_days(child))
        if _said(standing[code], day) != (expected := decided(child, day))
    ]
    assert wrong == []


def test_the_tables_stand_at_the_amendments_a_lawyer_would_name() -> None:
    amended = {FIRST, date(2012, 10, 1), date(2013, 10, 1), date(2014, 10, 1), date(2024, 10, 1)}
    assert amended <= _changes()
    assert {6, 15, 18} <= _ages()
    seen = {
        decided(child, day) for child in CHILDREN.values() for day in (*amended, date(2015, 6, 11), date(2023, 4, 1))
    }
    assert {said[1] for said in seen if said} == {"00", "01", "02", "10", "11"}
    assert {said[0] for said in seen if said} == {"0", "1", "2"}


def test_the_last_day_of_a_timeline_is_the_end_of_an_age_or_the_eve_of_an_amendment(
    standing: dict[str, list[Row]],
) -> None:
    lasts = {code: rows[-1]["end_date"] for code, rows in standing.items() if rows}
    ends = {code: {last_day_of_age(CHILDREN[code].birth, years) + DAY for years in _ages()} for code in lasts}
    assert all(last in ends[code] | _changes() for code, last in lasts.items())
    assert len(lasts) < len(CHILDREN)
