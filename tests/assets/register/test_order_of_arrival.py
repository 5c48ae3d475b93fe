"""Whatever order the news arrives in, the register ends the same."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.eligibility.reviews import guardian_reviews
from assets.register.histories import SOURCE
from assets.register.rules import (
    addresses,
    guardians,
    identities,
    insurances,
    known,
    persons,
    registration_periods,
    registrations,
    residences,
    schemes,
)
from schemas.records.feeds import FEEDS, accepted
from tests.support.cases import LAW, NUMBER, frame
from tests.support.draws import draws

CODES = [f"{number:015d}" for number in (1, 2, 3, 4)]
HOMES = ["1" * 15, "2" * 15]
FIRST = date(2013, 9, 1)
NIGHT = date(2026, 4, 1)
NIGHTS = 3
Rows = list[dict[str, object]]

_code = st.sampled_from(CODES)
_day = st.integers(0, 400).map(lambda days: FIRST + timedelta(days))
_later = st.one_of(st.none(), st.integers(401, 900).map(lambda days: FIRST + timedelta(days)))
_history = {
    "resident_code": _code,
    "history_no": st.integers(1, 4),
    "history_branch_no": st.integers(0, 1),
    "operated_date": st.integers(0, 20).map(lambda days: NIGHT + timedelta(days)),
    "latest_flag": st.sampled_from(["0", "1"]),
    "deleted_flag": st.sampled_from(["0", "0", "0", "1"]),
}


def _drawn(of: Mapping[str, st.SearchStrategy[object]], *key: str) -> st.SearchStrategy[Rows]:
    """Rows that differ in `key`."""
    return st.lists(st.fixed_dictionaries(of), max_size=7, unique_by=lambda row: tuple(str(row[name]) for name in key))


_HISTORY_KEY = ("resident_code", "history_no", "history_branch_no", "operated_date")
_residents = _drawn(
    _history
    | {
        "change_date": _day,
        "household_no": st.sampled_from(HOMES),
        "household_role": st.sampled_from(["01", "02", "03"]),
        "name": st.sampled_from(["あ", "い"]),
        "resident_from_date": _day,
        "resident_to_date": _later,
        "resident_to_reason": st.sampled_from(["51", "52", "53"]),
    },
    *_HISTORY_KEY,
)
_nonresidents = _drawn(
    _history | {"same_person_code": st.one_of(st.none(), _code), "in_japan": st.sampled_from(["0", "1"])},
    *_HISTORY_KEY,
)
_periods = _drawn(_history | {"start_date": _day, "end_date": _later}, *_HISTORY_KEY)
_applications = _drawn(
    {
        "application_no": st.integers(1, 99).map(lambda at: f"A{at:02d}"),
        "application_type": st.sampled_from(["01", "02", "03", "05"]),
        "application_reason": st.sampled_from(["01", "08", "09"]),
        "application_date": _day,
        "event_date": _day,
        "child_resident_code": _code,
        "guardian_resident_code": _code,
        "spouse_resident_code": st.one_of(st.none(), _code),
        "beneficiary_no": st.sampled_from([NUMBER, None]),
        "insurance_symbol_number": st.sampled_from(["記号1", "記号2"]),
    },
    "application_no",
)
_taxes = _drawn(
    {
        "resident_code": _code,
        "tax_year": st.sampled_from([2013, 2014]),
        "revision_no": st.integers(1, 3),
        "filing": st.sampled_from(["0", "1"]),
        "total_income_yen": st.integers(0, 9_000_000),
    },
    "resident_code",
    "tax_year",
    "revision_no",
)
_NEWS = {
    "residents": _residents,
    "nonresidents": _nonresidents,
    "protected_persons": _periods,
    "public_assistance": _periods,
    "facilities": _periods,
    "national_health_insurance": _periods,
    "applications": _applications,
    "resident_taxes": _taxes,
}


def _told(feed: str, rows: Rows, nights: list[int]) -> pl.DataFrame:
    """What is known after rows arrived, each on its night, folded night by night."""
    record = accepted(FEEDS[feed])
    sent = [
        row | {"known_date": NIGHT + timedelta(night), "delivery": f"{feed}_{night}"}
        for row, night in zip(rows, nights, strict=True)
    ]
    so_far = frame(record, [])
    for night in sorted(set(nights)):
        arrived = frame(record, sent).filter(pl.col("known_date") == NIGHT + timedelta(night))
        so_far = known(FEEDS[feed], so_far, arrived)
    return so_far


def _register(told: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Every table of the register, without where its rows came from."""
    same = identities(told["nonresidents"])
    day = date(2014, 10, 1)
    homes, stays = addresses(told["residents"], same), residences(told["residents"], same)
    people = persons(told["residents"], told["nonresidents"], told["protected_persons"], day)
    periods = registration_periods(told["applications"], same, LAW)
    parents = guardians(periods, homes)
    schemes_told = [
        told["public_assistance"],
        told["facilities"].clear(),
        told["facilities"].clear(),
        told["facilities"],
    ]
    tables = {
        "identities": same,
        "persons": people,
        "residences": stays,
        "addresses": homes,
        "schemes": schemes(*schemes_told, same),
        "registration_periods": periods,
        "registrations": registrations(told["applications"], same, LAW),
        "guardians": parents,
        "reviews": guardian_reviews(parents, people, told["resident_taxes"], same, LAW, day),
        "insurances": insurances(told["national_health_insurance"], told["applications"], same),
    }
    return {name: table.drop(SOURCE, strict=False) for name, table in tables.items()}


@draws(25, shrink=False)
@given(st.data())
def test_the_order_of_arrival_never_changes_the_final_register(data: st.DataObject) -> None:
    rows = {feed: data.draw(news, feed) for feed, news in _NEWS.items()}
    straight = {feed: _told(feed, sent, [0] * len(sent)) for feed, sent in rows.items()}
    mixed = {}
    for feed, sent in rows.items():
        shuffled = data.draw(st.permutations(sent), f"{feed} in order")
        nights = data.draw(st.lists(st.integers(0, NIGHTS - 1), min_size=len(sent), max_size=len(sent)), "nights")
        mixed[feed] = _told(feed, shuffled, nights)
    wanted, found = _register(straight), _register(mixed)
    for table, frame_ in wanted.items():
        assert found[table].equals(frame_), table


def test_a_row_sent_again_every_night_changes_nothing() -> None:
    rows: Rows = [{"resident_code": CODES[0], "history_no": 1, "resident_from_date": FIRST, "change_date": FIRST}]
    once, often = _told("residents", rows, [0]), _told("residents", rows * NIGHTS, list(range(NIGHTS)))
    assert once.height == 1
    assert often.drop("line_no").equals(once.drop("line_no"))
