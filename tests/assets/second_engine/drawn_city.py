"""Small hostile cities for hypothesis: children born around every age of the law since 2009, with doubled, empty,
overlapping and touching intervals, guardians who die, leave and return, one person under two numbers, taxes and
arrears with every answer, overrides upon overrides, and the law read in several ways."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from hypothesis import strategies as st

from schemas.law.book import Law
from tests.assets.second_engine.days import City, Row, last_day_of_age, timeline

CITY_LAW = Law.load("112038")
ITEMS = ("151", "152", "153", "154", "155", "156", "157", "158")
PARENTS = 3
TAX_YEARS = (2013, 2014, 2015)
JUDGED = range(2013, 2024)
DAY = timedelta(days=1)
SAYINGS = date(2026, 10, 31)


def amended(law: Law, name: str, *values: tuple[date, Any]) -> Law:
    """The law with other versions of one parameter: each from its day until the next."""
    pattern = law.of(name)[0]
    ends = [*(day for day, _ in values[1:]), None]
    versions = tuple(
        replace(pattern, from_date=day, until_date=end, value=value)
        for (day, value), end in zip(values, ends, strict=True)
    )
    return replace(law, versions={**law.versions, name: versions})


def read_otherwise(law: Law, mode: str, persons: str) -> Law:
    """The reading of October 2014 in which the income still counts, with the limits of 2013."""
    limits = ("restriction.income_limits", "restriction.income_limit_more_yen", "restriction.income_limit_elderly_yen")
    begun, eased, ended = date(2013, 10, 1), date(2014, 10, 1), date(2024, 10, 1)
    for name in limits:
        law = amended(law, name, (begun, law.of(name)[0].value))
    law = amended(law, "restriction.income_persons", (begun, persons))
    first = law.at(begun).value("restriction.mode")
    modes = ((date(2009, 4, 1), "none"), (begun, first), (eased, mode), (ended, "none"))
    return amended(law, "restriction.mode", *modes)


def strict(law: Law) -> Law:
    """Other readings of what the city has not yet confirmed."""
    day = date(2009, 4, 1)
    law = amended(law, "registration.ends_when_other_scheme_begins", (day, False), (date(2016, 7, 1), True))
    yearly = ((day, False), (date(2011, 3, 1), True), (date(2019, 12, 1), False))
    law = amended(law, "registration.ends_every_october", *yearly)
    return amended(law, "guardian.death_suspends", (day, True), (date(2018, 5, 10), False))


LAWS = (
    CITY_LAW,
    strict(CITY_LAW),
    read_otherwise(CITY_LAW, "income_or_arrears", "each"),
    read_otherwise(strict(CITY_LAW), "income_and_arrears", "higher"),
)

_TURNS = [
    *(date(year, month, day) for year in (2009, 2012, 2013, 2014, 2024) for month, day in ((4, 1), (10, 1))),
    *(date(year, 9, 30) for year in (2012, 2013, 2024)),
    *(date(year, 4, 1) for year in (2010, 2015, 2016, 2019)),
]
days = st.one_of(st.sampled_from(_TURNS), st.dates(date(2008, 10, 1), date(2027, 12, 31)))
lengths = st.one_of(st.none(), st.integers(0, 40), st.integers(0, 3000))
births = st.one_of(
    st.sampled_from(
        [
            date(1994, 4, 1),
            date(1994, 4, 2),
            date(2003, 4, 1),
            date(2003, 4, 2),
            date(2006, 4, 1),
            date(2006, 4, 2),
            date(2008, 2, 29),
            date(2009, 4, 1),
            date(2009, 4, 2),
        ]
    ),
    st.dates(date(1993, 1, 1), date(2021, 12, 31)),
)


def interval(start: date, length: int | None) -> Row:
    return {"start_date": start, "end_date": None if length is None else start + length * DAY}


def stay(start: date, length: int | None, reason: str | None) -> Row:
    return interval(start, length) | {"end_reason": None if length is None else reason}


AT_HOME = stay(date(1993, 1, 1), None, None)
_one_stay = st.builds(
    stay,
    st.one_of(st.just(date(2000, 1, 1)), days),
    st.one_of(st.none(), st.integers(0, 9000)),
    st.sampled_from(["51", "52", "53", "54", None]),
)
_moving = st.lists(_one_stay, max_size=3, unique_by=lambda row: row["start_date"])
stays = st.one_of(st.just([AT_HOME]), st.just([AT_HOME]), _moving)
scheme = st.builds(lambda one, reason: one | {"reason": reason}, st.builds(interval, days, lengths),
                   st.sampled_from(["04", "05", "06", "07"]))  # fmt: skip
guardian = st.sampled_from([0, 0, 1, 2, PARENTS])
entry = st.fixed_dictionaries({"registered_from_date": days, "guardian": guardian, "goes_on": st.booleans()})
override = st.builds(
    dict,
    st.builds(interval, days, lengths),
    override_no=st.sampled_from(["M-1", "M-2"]),
    revision_no=st.integers(1, 2),
    outcome=st.sampled_from("123"),
    entered_date=st.sampled_from([date(2026, 1, 5), date(2026, 1, 6)]),
    withdrawn=st.sampled_from("0001"),
    known_date=st.sampled_from([SAYINGS, SAYINGS - DAY]),
    line_no=st.integers(1, 9),
)
overrides = st.lists(override, max_size=3, unique_by=lambda row: (row["override_no"], row["revision_no"]))
family = st.tuples(
    st.one_of(st.just(date(2009, 4, 1)), days),
    st.integers(0, PARENTS - 1),
    st.one_of(st.none(), st.integers(0, PARENTS - 1)),
)
children = st.fixed_dictionaries(
    {
        "birth_date": births,
        "stays": stays,
        "schemes": st.one_of(st.just([]), st.lists(scheme, max_size=3)),
        "entries": st.lists(entry, min_size=1, max_size=3, unique_by=lambda row: row["registered_from_date"]),
        "renews": st.sampled_from([None, 0, 1]),
        "families": st.lists(family, min_size=1, max_size=3, unique_by=lambda row: row[0]),
        "overrides": st.one_of(st.just([]), overrides),
        "alias": st.booleans(),
    }
)
pupils = st.fixed_dictionaries(
    {
        "birth_date": st.dates(date(1998, 4, 2), date(2014, 4, 1)),
        "stays": st.just([AT_HOME]),
        "schemes": st.just([]),
        "entries": st.just([{"registered_from_date": date(2009, 4, 1), "guardian": 0, "goes_on": False}]),
        "renews": st.just(0),
        "families": st.lists(family, min_size=1, max_size=2, unique_by=lambda row: row[0]),
        "overrides": st.just([]),
        "alias": st.just(False),
    }
)
"""Children with whom nothing is wrong but, perhaps, their parents' income and arrears."""

yen = st.one_of(st.none(), st.integers(0, 9_999_999))
near_the_limit = st.integers(-3, 3).map(lambda steps: 6_220_000 + 80_000 + steps * 190_000)
counts = st.sampled_from([None, 0, 1, 2, 4])
tax = st.fixed_dictionaries(
    {
        "tax_year": st.sampled_from(TAX_YEARS),
        "revision_no": st.integers(1, 2),
        "filing": st.sampled_from("0111111111"),
        "total_income_yen": near_the_limit,
        "retirement_income_yen": yen,
        "land_business_income_yen": st.one_of(st.none(), st.integers(-500_000, 0)),
        "medical_expense_deduction_yen": st.one_of(st.none(), st.integers(0, 200_000)),
        "self_special_disability": st.sampled_from([None, "0", "1"]),
        "widow_class": st.sampled_from([None, "0", "1", "2", "3", "4"]),
        "dependent_special_disability_count": counts,
        "spouse_deduction_class": st.sampled_from([None, "0", "1", "2", "3"]),
        "dependents_0_15_count": counts,
        "specified_dependents_count": counts,
        "elderly_dependents_count": counts,
        "known_date": st.sampled_from([SAYINGS, SAYINGS - DAY]),
        "line_no": st.integers(1, 9),
        "alias": st.booleans(),
    }
)
answers = st.sampled_from(["0", "0", "0", "0", "1", "2", "9", None])
"""What the one item that is not "0" says; None: it has no row."""
adult = st.fixed_dictionaries(
    {
        "in_japan": st.sampled_from("1110"),
        "stays": stays,
        "taxes": st.tuples(*[tax.map(lambda row, year=year: row | {"tax_year": year}) for year in TAX_YEARS]),
        "revised": st.lists(tax, max_size=2),
        "arrears": st.lists(st.tuples(st.sampled_from(JUDGED), answers, st.sampled_from(ITEMS)), max_size=4),
        "asked": st.sampled_from([True, True, True, False]),
    }
)
cities = st.builds(
    lambda law, parents, family: city(law, parents, family),
    st.sampled_from(LAWS),
    st.tuples(*[adult] * PARENTS),
    st.lists(st.one_of(children, pupils), min_size=6, max_size=12),
)


def code(no: int) -> str:
    return f"{no:015}"


CHILD, PARENT, ALIAS = 1000, 2000, 5000
"""Numbers: child n is 1000 + n, parent n is 2000 + n; the other number of a person is 5000 more."""


def _said(number: int, alias: bool) -> str:
    return code(number + ALIAS) if alias else code(number)


def _families(number: int, families: list[tuple[date, int, int | None]]) -> list[Row]:
    ordered = sorted(families, key=lambda row: row[0])
    ends = [*(start for start, _, _ in ordered[1:]), None]
    return [
        {
            "child_resident_code": code(number),
            "start_date": start,
            "end_date": end,
            "guardian_resident_code": code(PARENT + guardian),
            "spouse_resident_code": None if spouse in (None, guardian) else code(PARENT + spouse),
            "spouse_declared": "1",
        }
        for (start, guardian, spouse), end in zip(ordered, ends, strict=True)
    ]


def _entries(child: Mapping[str, Any]) -> list[Row]:
    """The registrations drawn and, for a child whose guardian renews them, one of every October.

    One that goes on is a change of guardian: it goes on with the registration before it.
    """
    renewed = [date(year, 10, 1) for year in range(2011, 2024) if child["renews"] is not None]
    every = {day: (child["renews"], False) for day in renewed}
    every |= {row["registered_from_date"]: (row["guardian"], row["goes_on"]) for row in child["entries"]}
    rows: list[Row] = []
    for day, (who, goes_on) in sorted(every.items()):
        begun = rows[-1]["begun_date"] if goes_on and rows else day
        rows.append({"registered_from_date": day, "begun_date": begun, "guardian_resident_code": code(PARENT + who)})
    return rows


def _child_rows(number: int, child: Mapping[str, Any]) -> dict[str, list[Row]]:
    mine, own = {"resident_code": code(number)}, {"child_resident_code": code(number)}
    told = {"delivery": "見本", "why": "見本", "operator_code": "A", "approver_code": "B"}
    return {
        "persons": [mine | {"birth_date": child["birth_date"], "in_japan": "1"}],
        "residences": [mine | row for row in child["stays"]],
        "schemes": [mine | row for row in child["schemes"]],
        "registrations": [own | row for row in _entries(child)],
        "guardians": _families(number, child["families"]),
        "overrides_known": [
            {"child_resident_code": _said(number, child["alias"])}
            | told
            | row
            | {"override_no": f"{number}-{row['override_no']}"}
            for row in child["overrides"]
        ],
    }  # fmt: skip


def _arrears(number: int, parent: Mapping[str, Any]) -> list[Row]:
    """Every item of every year is "0" if the offices were asked at all; then what was drawn is said instead."""
    told = {"resident_code": code(number), "delivery": "見本", "line_no": 1, "known_date": SAYINGS - DAY}
    rows = {
        (year, item): told | {"arrears_item": item, "base_date": date(year, 3, 31), "arrears": "0"}
        for year in JUDGED
        for item in ITEMS
        if parent["asked"]
    }
    later: list[Row] = []
    for at, (year, answer, item) in enumerate(parent["arrears"]):
        key = {"arrears_item": item, "base_date": date(year, 3, 31), "arrears": answer}
        if answer is None:
            rows.pop((year, item), None)
        else:
            later.append(told | key | {"resident_code": _said(number, at == 1), "known_date": SAYINGS, "line_no": at})
    return [*rows.values(), *later]


def _parent_rows(number: int, parent: Mapping[str, Any]) -> dict[str, list[Row]]:
    mine = {"resident_code": code(number)}
    other = {"resident_code": code(number + ALIAS), "person_code": code(number), "delivery": "見本"}
    taxes = [
        {name: value for name, value in row.items() if name != "alias"}
        | {"resident_code": _said(number, row["alias"]), "delivery": f"見本{at}"}
        for at, row in enumerate([*parent["taxes"], *parent["revised"]])
    ]
    return {
        "persons": [mine | {"birth_date": date(1980, 1, 1), "in_japan": parent["in_japan"]}],
        "residences": [mine | row for row in parent["stays"]],
        "identities": [other],
        "resident_taxes_known": taxes,
        "arrears_known": _arrears(number, parent),
    }


def city(law: Law, parents: tuple[Mapping[str, Any], ...], family: list[Mapping[str, Any]]) -> City:
    """The rows of these people. The parent numbered PARENTS is nobody the register knows."""
    parts = [_child_rows(CHILD + n, child) for n, child in enumerate(family)]
    parts += [_parent_rows(PARENT + n, parent) for n, parent in enumerate(parents)]
    known_as = [{"resident_code": code(CHILD + n + ALIAS), "person_code": code(CHILD + n)} for n in range(len(family))]
    rows: dict[str, list[Row]] = {"identities": known_as}
    for part in parts:
        for name, more in part.items():
            rows.setdefault(name, []).extend(more)
    return City(law, rows)


def turning_days(city: City, child: str) -> list[date]:
    """Days of the child's timeline on which something may change, each with its eve and its morrow."""
    span = timeline(city, child)
    if span is None:
        return []
    birth_date = city.people[child]["birth_date"]
    told = [value for rows in city.rows.values() for row in rows for value in row.values() if type(value) is date]
    of_law = [
        day
        for name in city.law.versions
        if name.startswith(("age.", "restriction.", "exclusions.", "registration.", "guardian."))
        for one in city.law.of(name)
        for day in (one.from_date, one.until_date)
    ]
    ages = [last_day_of_age(birth_date, years) for years in (6, 15, 18)]
    yearly = [date(year, month, 1) for year in range(span[0].year, span[1].year + 1) for month in (4, 10)]
    around = {day + n * DAY for day in (*told, *of_law, *ages, *yearly, *span) if day is not None for n in (-1, 0, 1)}
    return sorted(day for day in around if span[0] <= day < span[1])


def settled(drawn: City) -> City:
    """The same city with stays, and schemes of one kind, as the register gives them: none is empty, none
    begins before the last one has ended."""
    kinds = {"residences": ("resident_code",), "schemes": ("resident_code", "reason")}
    apart = {name: _apart(drawn.rows[name], keys) for name, keys in kinds.items() if name in drawn.rows}
    return City(drawn.law, drawn.rows | apart)


def _apart(rows: list[Row], keys: tuple[str, ...]) -> list[Row]:
    ends: dict[tuple[str, ...], date] = {}
    kept = []
    for row in sorted(rows, key=itemgetter("start_date")):
        owner = tuple(row[key] for key in keys)
        end = row["end_date"] or date.max
        if ends.get(owner, date.min) <= row["start_date"] < end:
            ends[owner] = end
            kept.append(row)
    return kept
