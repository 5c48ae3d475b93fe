"""名寄せ: whose number stands for the person, and periods of one person told under two numbers."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.register.identities import as_person, identities
from assets.register.intervals import united
from assets.register.rules import addresses, residences, schemes
from schemas.records.register import ADDRESSES, IDENTITIES, RESIDENCES, SCHEMES
from tests.support.cases import known_rows, resident
from tests.support.draws import draws

A, B, C, D = (f"{number:015d}" for number in (11, 12, 13, 14))
BORN = date(2010, 4, 2)


def _named(pairs: dict[str, str | None], **more: object) -> pl.DataFrame:
    rows: list[dict[str, object]] = [
        {"resident_code": code, "same_person_code": other, "latest_flag": "1"} | more for code, other in pairs.items()
    ]
    return known_rows("nonresidents", rows)


def _pairs(found: pl.DataFrame) -> dict[str, str]:
    return dict(IDENTITIES.validated(found).select("resident_code", "person_code").iter_rows())


def test_a_chain_of_numbers_ends_at_its_last() -> None:
    assert _pairs(identities(_named({A: B, B: C, C: None, D: None}))) == {A: C, B: C}


def test_a_circle_of_numbers_is_the_smallest_of_them() -> None:
    assert _pairs(identities(_named({D: B, B: C, C: A, A: B}))) == {B: A, C: A, D: A}


def test_a_number_that_names_itself_is_nobody_else() -> None:
    assert identities(_named({A: A})).is_empty()


def test_a_named_number_need_not_be_known_itself() -> None:
    assert _pairs(identities(_named({A: D}))) == {A: D}


def test_a_name_taken_back_or_deleted_no_longer_holds() -> None:
    first = _named({A: B, C: B})
    taken_back = _named({A: None}, history_no=2, delivery="nonresidents_2")
    deleted = _named({C: B}, history_branch_no=1, deleted_flag="1", delivery="nonresidents_2")
    assert identities(pl.concat([first, taken_back, deleted])).is_empty()


def test_the_row_that_said_it_is_named() -> None:
    found = identities(_named({A: B}, delivery="nonresidents_7", line_no=5))
    assert found.select("delivery", "line_no").rows() == [("nonresidents_7", 5)]


@draws(40)
@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"), max_size=7))
def test_every_number_of_a_person_reads_as_one_number(names: dict[str, str]) -> None:
    code = {letter: f"{at:015d}" for at, letter in enumerate("abcdefg", 1)}
    found = _pairs(identities(_named({code[one]: code[other] for one, other in names.items()})))
    for one, other in names.items():
        assert found.get(code[one], code[one]) == found.get(code[other], code[other])
    assert not set(found) & set(found.values())


def test_reading_by_person_loses_no_row_and_keeps_the_order() -> None:
    same = identities(_named({A: B}))
    frame = pl.DataFrame({"child": [C, A, None, B], "guardian": [A, None, A, D], "other": [A, A, A, A]})
    read = as_person(frame, same, "child", "guardian")
    assert read.rows() == [(C, B, A), (B, None, A), (None, B, A), (B, D, A)]
    assert as_person(frame, IDENTITIES.empty(), "child", "guardian", "other").equals(frame)


def _returned() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Registered as A until the mistake was seen, as B from before that."""
    old = resident(A, BORN, resident_to_date=date(2020, 5, 1), resident_to_reason="54", change_date=BORN)
    new = resident(B, BORN, date(2020, 3, 1), change_date=date(2020, 3, 1), household_no="7" * 15)
    return known_rows("residents", [old, new]), identities(_named({A: B}))


def test_overlapping_stays_of_two_numbers_are_one_stay() -> None:
    found = RESIDENCES.validated(residences(*_returned()))
    assert found.select("resident_code", "start_date", "end_date", "end_reason", "line_no").rows() == [
        (B, BORN, None, None, 2)
    ]


def test_of_two_stays_that_overlap_the_last_to_end_says_why() -> None:
    first = resident(A, BORN, resident_to_date=date(2021, 5, 1), resident_to_reason="52")
    inside = resident(B, BORN, date(2020, 3, 1), resident_to_date=date(2021, 1, 1), resident_to_reason="51")
    found = residences(known_rows("residents", [first, inside]), identities(_named({A: B})))
    assert found.select("resident_code", "start_date", "end_date", "end_reason").rows() == [
        (B, BORN, date(2021, 5, 1), "52")
    ]


def test_a_return_under_a_new_number_is_a_second_stay_of_the_same_person() -> None:
    left = resident(A, BORN, resident_to_date=date(2020, 3, 1), resident_to_reason="51")
    back = resident(B, BORN, date(2022, 6, 1))
    found = residences(known_rows("residents", [left, back]), identities(_named({A: B})))
    assert found.select("resident_code", "start_date", "end_date").rows() == [
        (B, BORN, date(2020, 3, 1)),
        (B, date(2022, 6, 1), None),
    ]


def test_two_stays_that_only_touch_stay_two() -> None:
    moved_out = resident(A, BORN, resident_to_date=date(2020, 3, 1), resident_to_reason="51")
    same_day = resident(B, BORN, date(2020, 3, 1))
    found = residences(known_rows("residents", [moved_out, same_day]), identities(_named({A: B})))
    assert found.select("start_date", "end_reason").rows() == [(BORN, "51"), (date(2020, 3, 1), None)]


def test_addresses_of_two_numbers_are_one_history() -> None:
    found = ADDRESSES.validated(addresses(*_returned()))
    assert found.select("resident_code", "start_date", "end_date", "household_no").rows() == [
        (B, BORN, date(2020, 3, 1), "0" * 15),
        (B, date(2020, 3, 1), None, "7" * 15),
    ]


def test_the_end_of_one_number_does_not_end_the_address_of_the_other() -> None:
    ended = {"resident_to_date": date(2020, 5, 1), "resident_to_reason": "54"}
    rows = [
        resident(A, BORN, change_date=BORN),
        resident(A, BORN, history_no=2, change_date=date(2020, 5, 1), **ended),
        resident(B, BORN, date(2020, 3, 1), change_date=date(2020, 3, 1), household_no="7" * 15),
    ]
    found = addresses(known_rows("residents", rows), identities(_named({A: B})))
    assert found.select("start_date", "end_date").rows() == [(BORN, date(2020, 3, 1)), (date(2020, 3, 1), None)]


def test_one_scheme_told_under_two_numbers_is_one_period_and_two_schemes_stay_two() -> None:
    told: list[dict[str, object]] = [
        {"resident_code": A, "start_date": date(2020, 1, 1), "end_date": date(2021, 1, 1)},
        {"resident_code": B, "start_date": date(2020, 6, 1)},
    ]
    nobody = known_rows("facilities", [])
    found = schemes(
        known_rows("public_assistance", told),
        known_rows("severe_disability", told[:1]),
        known_rows("single_parent", []),
        nobody,
        identities(_named({A: B})),
    )
    assert SCHEMES.validated(found).select("resident_code", "reason", "start_date", "end_date").rows() == [
        (B, "04", date(2020, 1, 1), None),
        (B, "06", date(2020, 1, 1), date(2021, 1, 1)),
    ]


@draws(40)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.booleans()), max_size=8))
def test_united_periods_cover_the_same_days_and_never_overlap(drawn: list[tuple[int, int, bool]]) -> None:
    horizon = 60
    spans = [(start, horizon if is_open else start + days) for start, days, is_open in drawn]
    frame = pl.DataFrame(
        {
            "who": ["x"] * len(spans),
            "start_date": [BORN + timedelta(start) for start, _ in spans],
            "end_date": [None if end == horizon else BORN + timedelta(end) for _, end in spans],
        },
        schema={"who": pl.String, "start_date": pl.Date, "end_date": pl.Date},
    )
    found = united(frame, "who")
    rows = [(start, end or BORN + timedelta(horizon)) for _, start, end in found.iter_rows()]
    assert all(end <= start for (_, end), (start, _) in pairwise(rows))
    covered = {(day - BORN).days + at for day, end in rows for at in range((end - day).days)}
    assert covered == {day for start, end in spans for day in range(start, end)}
