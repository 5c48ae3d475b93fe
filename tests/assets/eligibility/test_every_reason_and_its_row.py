"""Every reason by itself, over a register written by hand: what is said of the day, and which row it rests on."""

from datetime import date

import polars as pl
import pytest

from assets.eligibility.rules import eligibility
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.feeds import FEEDS
from schemas.records.register import (
    ELIGIBILITY,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    RESTRICTIONS,
    SCHEMES,
    known,
)
from tests.assets.second_engine.drawn_city import amended
from tests.support.cases import LAW, frame

Row = dict[str, object]
Lives = dict[str, dict[str, list[Row]]]
BIRTH, GONE, DAY, LATER = date(2018, 6, 15), date(2020, 4, 1), date(2020, 5, 1), date(2021, 4, 1)
MOTHER, ABROAD, DEAD, OUTSIDE, STRANGER = (f"{number:015d}" for number in range(901, 906))
TABLES: dict[str, tuple[Record, str]] = {
    "persons": (PERSONS, "resident_code"),
    "residences": (RESIDENCES, "resident_code"),
    "schemes": (SCHEMES, "resident_code"),
    "registrations": (REGISTRATION_PERIODS, "child_resident_code"),
    "restrictions": (RESTRICTIONS, "child_resident_code"),
    "overrides": (known(FEEDS["overrides"]), "child_resident_code"),
}


def _stay(end: date | None = None, reason: str | None = None, start: date = BIRTH) -> list[Row]:
    return [{"start_date": start, "end_date": end, "end_reason": reason}]


def _registered(guardian: str = MOTHER, start: date = BIRTH) -> list[Row]:
    return [{"guardian_resident_code": guardian, "registered_from_date": start, "begun_date": start}]


def _scheme(reason: str) -> list[Row]:
    return [{"reason": reason, "start_date": GONE, "end_date": LATER, "feed": f"scheme {reason}"}]


def _restricted(reason: str, feed: str | None) -> list[Row]:
    return [{"reason": reason, "start_date": GONE, "end_date": LATER, "feed": feed}]


def _override(outcome: str, start: date = GONE, end: date = LATER, number: str = "") -> Row:
    return {
        "override_no": f"O{outcome}{number}", "revision_no": 1, "outcome": outcome, "start_date": start,
        "end_date": end, "withdrawn": "0", "entered_date": start,
    }  # fmt: skip


LIVES: Lives = {
    "nothing happens": {},
    "moves away within Japan": {"residences": _stay(GONE, "51")},
    "moves abroad": {"residences": _stay(GONE, "52")},
    "dies": {"residences": _stay(GONE, "53")},
    "is struck off": {"residences": _stay(GONE, "54")},
    "has come back": {"residences": [*_stay(date(2019, 5, 1), "52"), *_stay(start=date(2020, 2, 1))]},
    "was never here": {"residences": []},
    "comes later": {"residences": _stay(start=LATER)},
    "nobody knows the guardian": {"registrations": _registered(STRANGER)},
    "the guardian died": {"registrations": _registered(DEAD)},
    "the guardian moved abroad": {"registrations": _registered(ABROAD)},
    "the guardian lives abroad": {"registrations": _registered(OUTSIDE)},
    "public assistance": {"schemes": _scheme("04")},
    "single parent": {"schemes": _scheme("05")},
    "severe disability": {"schemes": _scheme("06")},
    "a facility": {"schemes": _scheme("07")},
    "registers later": {"registrations": _registered(start=LATER)},
    "earns too much": {"restrictions": _restricted("09", "resident_taxes")},
    "owes": {"restrictions": _restricted("10", "arrears")},
    "nobody knows what it earns": {"restrictions": _restricted("15", None)},
    "granted over a facility": {"schemes": _scheme("07"), "overrides": [_override("1")]},
    "refused by an operator": {"overrides": [_override("2")]},
    "held by an operator": {"overrides": [_override("3")]},
    "gone, of an unknown guardian, in a facility, owing": {
        "residences": _stay(GONE, "51"),
        "registrations": _registered(STRANGER),
        "schemes": _scheme("07"),
        "restrictions": _restricted("10", "arrears"),
    },
}
CODES = {name: f"{number:015d}" for number, name in enumerate(LIVES, 101)}
ADULTS: dict[str, list[Row]] = {
    "persons": [
        {"resident_code": MOTHER, "birth_date": date(1990, 1, 1), "in_japan": "1", "line_no": 1},
        {"resident_code": ABROAD, "birth_date": date(1990, 1, 1), "in_japan": "1", "line_no": 2},
        {"resident_code": DEAD, "birth_date": date(1990, 1, 1), "in_japan": "1", "line_no": 3},
        {"resident_code": OUTSIDE, "birth_date": date(1990, 1, 1), "in_japan": "0", "line_no": 4},
    ],
    "residences": [
        {"resident_code": MOTHER, "start_date": date(1990, 1, 1), "line_no": 1},
        {"resident_code": ABROAD, "line_no": 2, **_stay(GONE, "52")[0]},
        {"resident_code": DEAD, "line_no": 3, **_stay(GONE, "53")[0]},
    ],
}


def _usual() -> dict[str, list[Row]]:
    """A child at home with its mother, registered since its birth."""
    return {"persons": [{"birth_date": BIRTH, "in_japan": "1"}], "residences": _stay(), "registrations": _registered()}


def _decided(lives: Lives, law: Law = LAW) -> pl.DataFrame:
    """ELIGIBILITY of children in these lives; the rows of a child have its number as their line."""
    rows: dict[str, list[Row]] = {name: list(ADULTS.get(name, [])) for name in TABLES}
    for life, told in lives.items():
        for name, some in (_usual() | told).items():
            code = CODES[life]
            rows[name] += [{TABLES[name][1]: code, "delivery": f"{name}_1", "line_no": int(code)} | row for row in some]
    return eligibility(**{name: frame(record, rows[name]) for name, (record, _) in TABLES.items()}, law=law)


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    return _decided(LIVES)


SAID = {
    "nothing happens": ("1", "1", "00", None, None, "applications", ""),
    "moves away within Japan": ("0", "0", "02", "02", None, "residents", ""),
    "moves abroad": ("0", "0", "02", "02", None, "residents", ""),
    "dies": ("0", "0", "03", "03", None, "residents", ""),
    "is struck off": ("0", "0", "13", "13", None, "residents", ""),
    "has come back": ("0", "0", "11", "11", None, "applications", ""),
    "was never here": ("0", "0", "13", "13", None, None, None),
    "comes later": ("0", "0", "13", "13", None, None, None),
    "nobody knows the guardian": ("0", "0", "14", "14", None, "applications", ""),
    "the guardian died": ("0", "0", "14", "14", None, "residents", 3),
    "the guardian moved abroad": ("0", "0", "12", "12", None, "residents", 2),
    "the guardian lives abroad": ("0", "0", "12", "12", None, "nonresidents", 4),
    "public assistance": ("0", "0", "04", "04", None, "scheme 04", ""),
    "single parent": ("0", "0", "05", "05", None, "scheme 05", ""),
    "severe disability": ("0", "0", "06", "06", None, "scheme 06", ""),
    "a facility": ("0", "0", "07", "07", None, "scheme 07", ""),
    "registers later": ("0", "0", "11", "11", None, "applications", ""),
    "earns too much": ("0", "0", "09", "09", None, "resident_taxes", ""),
    "owes": ("0", "0", "10", "10", None, "arrears", ""),
    "nobody knows what it earns": ("0", "0", "15", "15", None, None, ""),
    "granted over a facility": ("1", "1", "00", "07", "07", "overrides", ""),
    "refused by an operator": ("0", "0", "99", None, "00", "overrides", ""),
    "held by an operator": ("0", "0", "16", None, "00", "overrides", ""),
    "gone, of an unknown guardian, in a facility, owing": ("0", "0", "02", "02 14 07 10", None, "residents", ""),
}
"""資格, 給付区分, 理由, 満たさない要件, 強制修正がないときの理由, 取込元, 行 (empty: the child's own)."""
ARTICLES = {row["code"]: row["article"] for row in LAW.at(DAY).value("reasons.eligibility")}


@pytest.mark.parametrize("life", LIVES)
def test_a_day_is_decided_for_the_first_requirement_missed_and_names_its_row(found: pl.DataFrame, life: str) -> None:
    standing = found.filter(
        (pl.col("child_resident_code") == CODES[life]) & (pl.col("start_date") <= DAY) & (pl.col("end_date") > DAY)
    )
    *said, feed, line = SAID[life]
    expected = (*said, ARTICLES[said[2]], feed, int(CODES[life]) if line == "" else line)
    names = ["entitled", "benefit_class", "reason", "faults", "ruled_reason", "article", "feed", "line_no"]
    assert standing.select(names).rows() == [expected]


def test_the_intervals_are_those_of_the_record_in_its_order(found: pl.DataFrame) -> None:
    assert found.schema == ELIGIBILITY.schema
    assert found.equals(found.sort(*ELIGIBILITY.key))
    assert found["child_resident_code"].n_unique() == len(LIVES)


def test_a_register_of_children_without_a_fault_has_the_columns_of_the_record() -> None:
    found = _decided({"nothing happens": {}})
    assert (found.schema, found["faults"].null_count()) == (ELIGIBILITY.schema, found.height)


def test_a_register_without_children_decides_nothing_and_has_the_columns_of_the_record() -> None:
    found = _decided({})
    assert (found.schema, found.height) == (ELIGIBILITY.schema, 0)


def test_the_guardian_of_a_day_is_the_one_who_asked_whatever_is_decided(found: pl.DataFrame) -> None:
    asked = {CODES[life]: _guardian(told) for life, told in LIVES.items()}
    said = found.select("child_resident_code", "guardian_resident_code").unique().rows()
    assert dict(said) == asked
    assert len(said) == len(asked)


def _guardian(told: dict[str, list[Row]]) -> object:
    return told.get("registrations", _registered())[0]["guardian_resident_code"]


def test_an_override_interrupted_by_another_counts_before_and_after_it() -> None:
    short = _override("3", date(2020, 5, 1), date(2020, 6, 1))
    found = _decided({"nothing happens": {"overrides": [_override("2"), short]}})
    assert found.select("start_date", "reason").rows() == [
        (BIRTH, "00"),
        (GONE, "99"),
        (date(2020, 5, 1), "16"),
        (date(2020, 6, 1), "99"),
        (LATER, "00"),
    ]


def _born(birth: date, registered: date) -> pl.DataFrame:
    """What is decided of a child at home since its birth with one registration."""
    person: list[Row] = [{"birth_date": birth, "in_japan": "1"}]
    told = {"persons": person, "residences": _stay(start=birth), "registrations": _registered(start=registered)}
    return _decided({"nothing happens": told})


def test_between_two_ages_of_the_law_there_is_no_row_to_rest_on() -> None:
    found = _born(date(2007, 6, 1), registered=date(2007, 6, 1))
    names = ["start_date", "end_date", "benefit_class", "reason", "faults", "feed", "line_no"]
    assert found.select(names).rows()[-2:] == [
        (date(2023, 4, 1), date(2024, 10, 1), "0", "01", "01 11", None, None),
        (date(2024, 10, 1), date(2026, 4, 1), "0", "11", "11", "applications", 101),
    ]
    assert found["start_date"].min() == date(2009, 4, 1)


def test_a_pupil_has_only_the_hospital_from_the_first_day_of_the_law_book_until_october_2012() -> None:
    found = _born(date(2001, 5, 5), registered=date(2009, 3, 1))
    first = (date(2009, 4, 1), date(2012, 10, 1), "1", "2", "00")
    assert found.select("start_date", "end_date", "entitled", "benefit_class", "reason").row(0) == first


def test_a_reason_the_law_gives_no_article_for_is_decided_all_the_same() -> None:
    said = LAW.of("reasons.eligibility")[0]
    others = [row for row in said.value if row["code"] != "07"]
    law = amended(LAW, said.parameter, (said.from_date, others))
    found = _decided({"a facility": LIVES["a facility"]}, law)
    assert found.select("start_date", "reason").rows() == [(BIRTH, "00"), (GONE, "07"), (LATER, "00")]
    assert found["article"].to_list() == [ARTICLES["00"], None, ARTICLES["00"]]


def test_every_amended_order_of_schemes_counts_from_its_day() -> None:
    both = {"schemes": [*_scheme("04"), *_scheme("05")]}
    months = [date(2020, month, 1) for month in range(5, 13)]
    turned = [(day, [["04", "05"], ["05", "04"]][at % 2]) for at, day in enumerate(months)]
    law = amended(LAW, "exclusions.schemes_in_order", (date(2009, 4, 1), ["05", "04"]), *turned)
    found = _decided({"nothing happens": both}, law)
    first = [(BIRTH, None), (GONE, "05 04")]
    assert found.select("start_date", "faults").rows() == [
        *first,
        *((day, " ".join(order)) for day, order in turned),
        (LATER, None),
    ]
