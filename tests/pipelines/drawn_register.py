"""A register drawn by lot since 2009, in which every requirement is missed by somebody: for tests only.

Not a likely city: stays, schemes, registrations, means and overrides are laid without regard to each other, so that
requirements fall together in every way.
"""

import random
from datetime import date, timedelta

import polars as pl

from assets.eligibility.deciding import Register
from assets.eligibility.restrictions import restrictions
from assets.register.guardians import guardians
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.feeds import OVERRIDES, RESIDENT_TAXES
from schemas.records.register import (
    ADDRESSES,
    IDENTITIES,
    MEANS,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    SCHEMES,
    known,
)

_FIRST, _LAST = date(2009, 4, 1), date(2026, 10, 31)
_SCHEMES = (("07", "facilities"), ("04", "public_assistance"), ("06", "severe_disability"), ("05", "single_parent"))


def _frame(record: Record, rows: list[dict[str, object]]) -> pl.DataFrame:
    lines = [
        {name: None for name in record.names} | row | {"delivery": f"{record.name}_drawn", "line_no": at}
        for at, row in enumerate(rows, start=1)
    ]
    return pl.DataFrame(lines, schema=record.schema).select(record.names) if lines else record.empty()


def drawn_register(law: Law, families: int, seed: int) -> Register:
    """A register of that many families with one to three children each; the same for the same seed."""
    lot = random.Random(seed)
    people: list[dict[str, object]] = []
    stays: list[dict[str, object]] = []
    schemes: list[dict[str, object]] = []
    registered: list[dict[str, object]] = []
    means: list[dict[str, object]] = []
    overrides: list[dict[str, object]] = []
    for family in range(families):
        parents = [f"{family:06d}{no:09d}" for no in (1, 2)]
        _parents(lot, parents, people, stays, means)
        for no in range(lot.randint(1, 3)):
            child = f"{family:06d}{no + 3:09d}"
            birth = _FIRST + timedelta(lot.randint(-5500, 6000))
            people.append({"resident_code": child, "birth_date": birth, "in_japan": "1"})
            stays += _spans(lot, child, birth, ("51", "52", "53", "54"), 0.3)
            for reason, feed in _SCHEMES:
                if lot.random() < 0.3:
                    schemes += [one | {"reason": reason, "feed": feed} for one in _spans(lot, child, birth, (), 0.8)]
            registered += _registrations(lot, child, birth, parents)
            overrides += _overrides(lot, child, birth)
    homes, none = _frame(RESIDENCES, stays), IDENTITIES.empty()
    periods, persons = _frame(REGISTRATION_PERIODS, registered), _frame(PERSONS, people)
    parents_of, judged = guardians(periods, ADDRESSES.empty()), _frame(MEANS, means)
    return Register(
        persons=persons,
        identities=none,
        residences=homes.sort(RESIDENCES.key),
        addresses=ADDRESSES.empty(),
        schemes=_frame(SCHEMES, schemes).sort(SCHEMES.key),
        registration_periods=periods.sort(REGISTRATION_PERIODS.key),
        guardians=parents_of,
        taxes=known(RESIDENT_TAXES).empty(),
        means=judged,
        restrictions=restrictions(parents_of, persons, judged, law),
        overrides=_frame(known(OVERRIDES), overrides),
    )


def _parents(
    lot: random.Random,
    parents: list[str],
    people: list[dict[str, object]],
    stays: list[dict[str, object]],
    means: list[dict[str, object]],
) -> None:
    for parent in parents:
        if lot.random() < 0.1:
            continue
        people.append(
            {"resident_code": parent, "birth_date": date(1975, 1, 1), "in_japan": "0" if lot.random() < 0.1 else "1"}
        )
        if lot.random() < 0.85:
            stays += _spans(lot, parent, date(1990, 1, 1), ("51", "52", "53"), 0.25)
        for year in range(2013, 2024):
            if lot.random() < 0.9:
                income = lot.choice((None, 3_000_000, 9_000_000))
                means.append(
                    {
                        "resident_code": parent,
                        "year_from_date": date(year, 10, 1),
                        "tax_year": year,
                        "income_yen": income,
                        "over_limit": None if income is None else str(int(income > 6_220_000)),
                        "in_arrears": lot.choice((None, "0", "0", "1")),
                    }
                )


def _spans(lot: random.Random, code: str, start: date, ends: tuple[str, ...], chance: float) -> list[dict[str, object]]:
    """Spans of a person that do not overlap; with `ends`, an ended one has one of these reasons."""
    found: list[dict[str, object]] = []
    day = start if lot.random() < 0.7 else start + timedelta(lot.randint(1, 3000))
    while day < _LAST:
        end = day + timedelta(lot.randint(30, 4000)) if lot.random() < max(chance, 0.5 if found else 0) else None
        row: dict[str, object] = {"resident_code": code, "start_date": day, "end_date": end}
        found.append(row | ({"end_reason": lot.choice(ends) if end else None} if ends else {}))
        if end is None or lot.random() < 0.4:
            break
        day = end + timedelta(lot.choice((0, 1, 200, 900)))
    return found


def _registrations(lot: random.Random, child: str, birth: date, parents: list[str]) -> list[dict[str, object]]:
    day = max(birth, _FIRST - timedelta(2000)) + timedelta(lot.choice((0, 0, 20, 900)))
    found: list[dict[str, object]] = []
    while day < _LAST and (not found or lot.random() < 0.9):
        guardian, spouse = parents if lot.random() < 0.8 else parents[::-1]
        found.append(
            {
                "child_resident_code": child,
                "registered_from_date": day,
                "begun_date": found[-1]["begun_date"] if found and lot.random() < 0.1 else day,
                "guardian_resident_code": guardian,
                "spouse_resident_code": spouse if lot.random() < 0.7 else None,
                "application_no": f"{child}{len(found)}",
                "beneficiary_no": "0000000",
                "insurance_type_code": "00",
            }
        )
        day = lot.choice((date(day.year + 1, 10, 1), date(day.year + 1, 4, 1), day + timedelta(lot.randint(30, 1500))))
    return found


def _overrides(lot: random.Random, child: str, birth: date) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for no in range(lot.choice((0, 0, 0, 1, 2))):
        start = birth + timedelta(lot.randint(0, 5000))
        for revision in range(1, lot.choice((2, 2, 3))):
            found.append(
                {
                    "override_no": f"{child[-9:]}{child[:6]}{no}",
                    "revision_no": revision,
                    "child_resident_code": child,
                    "start_date": start,
                    "end_date": lot.choice((None, start + timedelta(lot.randint(1, 900)))),
                    "outcome": lot.choice(("1", "2", "3")),
                    "why": "試験",
                    "operator_code": "A01",
                    "approver_code": "B02",
                    "entered_date": start,
                    "withdrawn": "1" if revision == 2 and lot.random() < 0.5 else "0",
                    "known_date": start,
                }
            )
    return found
