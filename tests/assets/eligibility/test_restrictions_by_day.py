"""支給制限 against a plain reading of the law, one child and one day at a time, over families drawn at random."""

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.law.book import Law
from tests.assets.eligibility.parents import (
    ALIAS,
    CHILD,
    FATHER,
    MOTHER,
    OCTOBER_2013,
    OCTOBER_2014,
    Row,
    aliases,
    children,
    on_day,
    owing,
    raised,
    restricted,
    tax,
)
from tests.support.draws import draws

POOR, RICH = 1_080_000, 9_080_000
PARENTS = (MOTHER, FATHER)
YEARS = (2013, 2014, 2015)
Family = dict[str, Any]


@st.composite
def _families(draw: st.DrawFn) -> Family:
    """Two parents (the mother perhaps under two numbers), their taxes and arrears of three years, one child."""
    alias = draw(st.booleans())
    numbers = {MOTHER: [MOTHER, ALIAS] if alias else [MOTHER], FATHER: [FATHER]}
    taxed, owed = [], []
    for number in [*numbers[MOTHER], FATHER]:
        for year in YEARS:
            for revision in range(draw(st.integers(0, 2))):
                income = draw(st.sampled_from([None, POOR, 6_300_000, 6_300_001, RICH]))
                count = draw(st.integers(0, 1))
                taxed.append(
                    tax(number, year, income, revision_no=draw(st.integers(1, 2)), dependents_0_15_count=count)
                    | {"known_date": date(2016, 1, 1 + revision), "delivery": f"t{revision}"}
                )
            for time in range(draw(st.integers(0, 2))):
                said = draw(st.sampled_from(["0", "0", "0", "1", "2", "9"]))
                other = {f"i{draw(st.sampled_from(['151', '155', '158']))}": draw(st.sampled_from(["", "0", "1", "9"]))}
                at = {"known_date": date(2016, 1, 1 + time), "delivery": f"a{time}"}
                owed += [row | at for row in owing(number, year, said, **other)]
    cut = date(2013, 10, 1) + timedelta(draw(st.integers(0, 900)))
    spouse = draw(st.sampled_from([None, FATHER]))
    first = raised(spouse=spouse, end=cut)
    second = raised(guardian=draw(st.sampled_from(PARENTS)), start=cut)
    return {
        "alias": alias,
        "taxed": [row | {"line_no": at} for at, row in enumerate(taxed, 1)],
        "owed": [row | {"line_no": at} for at, row in enumerate(owed, 1)],
        "raised": [first, second],
        "birth": date(2007, 3, 30) + timedelta(draw(st.integers(0, 4))),
    }


def _person(number: object) -> object:
    return MOTHER if number == ALIAS else number


def _learned(row: Row) -> Any:
    return (row["known_date"], row["delivery"], row["line_no"])


def _plain_tax(family: Family, person: str, year: int) -> Row | None:
    rows = [row for row in family["taxed"] if _person(row["resident_code"]) == person and row["tax_year"] == year]
    return max(rows, key=lambda row: (row["revision_no"], row["resident_code"], _learned(row)), default=None)


def _plain_income(family: Family, person: str, year: int) -> tuple[int | None, bool | None]:
    """(income, over the limit) of a person, null where not known."""
    row = _plain_tax(family, person, year)
    if row is None or row["filing"] == "0":
        return None, None
    income = int(str(row["total_income_yen"])) - 80_000
    return income, income > 6_220_000 + 380_000 * int(str(row["dependents_0_15_count"]))


def _plain_arrears(family: Family, person: str, year: int) -> bool | None:
    last: dict[tuple[object, object], Row] = {}
    rows = [row for row in family["owed"] if _person(row["resident_code"]) == person]
    for row in sorted((row for row in rows if row["base_date"] == date(year, 3, 31)), key=_learned):
        last[row["resident_code"], row["arrears_item"]] = row
    said = [(item, row["arrears"]) for (_, item), row in last.items()]
    if any(flag == "1" for _, flag in said):
        return True
    asked = {item for item, _ in said}
    return None if len(asked) < 8 or any(flag == "9" for _, flag in said) else False


def _any(known: list[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False


def _plain_over(family: Family, parents: list[str], year: int, persons: str) -> bool | None:
    found = [_plain_income(family, parent, year) for parent in parents]
    if persons == "each":
        return _any([over for _, over in found])
    if any(income is None for income, _ in found):
        return None
    return max(found, key=lambda one: one[0] or 0)[1]


def _plain_mode(day: date, reading: str) -> str:
    if not OCTOBER_2013 <= day < date(2024, 10, 1):
        return "none"
    return "income_or_arrears" if day < OCTOBER_2014 else reading


def _school(birth: date) -> date:
    """就学: 6 years are complete on the eve of the birthday, school begins on the 1 April after."""
    complete = birth.replace(year=birth.year + 6) - timedelta(1)
    return date(complete.year + (complete > date(complete.year, 3, 31)), 4, 1)


def _plain(family: Family, day: date, reading: str, persons: str) -> set[str]:
    """The reasons of a day, read straight off the law."""
    mode = _plain_mode(day, reading)
    if mode == "none" or day < _school(family["birth"]):
        return set()
    year = day.year if day.month >= 10 else day.year - 1
    (now,) = (row for row in family["raised"] if row["start_date"] <= day and (row["end_date"] or date.max) > day)
    parents = [one for one in (now["guardian_resident_code"], now["spouse_resident_code"]) if one]
    owes = _any([_plain_arrears(family, parent, year) for parent in parents])
    over = _plain_over(family, parents, year, persons)
    if mode == "arrears":
        return {"10"} if owes else {"15"} if owes is None else set()
    if mode == "income_or_arrears":
        broken = ({"09"} if over else set()) | ({"10"} if owes else set())
        return broken or ({"15"} if None in (over, owes) else set())
    if False in (over, owes):
        return set()
    return {"15"} if None in (over, owes) else {"10"}


_WORDS = ("arrears", "income_or_arrears", "income_and_arrears")
_MODES = [f"{mode}/{who}" for mode in _WORDS for who in ("higher", "each")]


@draws(60)
@given(_families(), st.sampled_from(_MODES))
def test_every_day_is_restricted_as_a_plain_reading_says(
    readings: dict[str, Law], family: Family, reading: str
) -> None:
    law, (mode, persons) = readings[reading], reading.split("/")
    who = aliases(**{f"n{ALIAS}": MOTHER}) if family["alias"] else None
    births = children(**{f"n{CHILD}": family["birth"]})
    found = restricted(family["raised"], family["taxed"], family["owed"], law, births, who)
    turns = {date(year, month, 1) for year in range(2013, 2017) for month in (4, 10)}
    turns |= {family["raised"][0]["end_date"], date(2024, 10, 1)}
    days = sorted({turn + timedelta(step) for turn in turns for step in (-1, 0, 1)})
    assert {day: on_day(found, day) for day in days} == {day: _plain(family, day, mode, persons) for day in days}


@draws(25)
@given(_families(), st.sampled_from(_MODES), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing_and_periods_of_a_reason_never_overlap(
    readings: dict[str, Law], family: Family, reading: str, order: Any
) -> None:
    law = readings[reading]
    births = children(**{f"n{CHILD}": family["birth"]})
    once = restricted(family["raised"], family["taxed"], family["owed"], law, births)
    mixed = [order.sample(family[name], len(family[name])) for name in ("raised", "taxed", "owed")]
    assert once.equals(restricted(*mixed, law, births))
    for (_, _), part in once.group_by("child_resident_code", "reason"):
        apart = part.sort("start_date").select((pl.col("end_date") <= pl.col("start_date").shift(-1)).all()).item()
        assert apart
    assert (once["start_date"] < once["end_date"]).all()
