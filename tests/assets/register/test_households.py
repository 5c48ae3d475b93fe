"""住民基本台帳 through time: addresses, and husband and wife by 続柄."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.register.households import addresses, residences, spouses
from schemas.records.register import ADDRESSES, IDENTITIES
from tests.support.cases import FATHER, MOTHER, known_rows, resident
from tests.support.draws import draws

NOBODY = IDENTITIES.empty()
BORN = date(1988, 4, 2)
CAME = date(2015, 4, 1)
HOME, AWAY = "1" * 15, "2" * 15
AUNT = "9" * 15


def _at(code: str, day: date, role: str, household: str = HOME, **more: object) -> dict[str, object]:
    """A history row of somebody in the city since CAME."""
    return resident(code, BORN, CAME, change_date=day, household_role=role, household_no=household, **more)


def _found(*rows: dict[str, object]) -> list[tuple[object, ...]]:
    found = ADDRESSES.validated(addresses(known_rows("residents", list(rows)), NOBODY))
    return found.select("start_date", "end_date", "household_no", "household_role").rows()


def test_each_change_opens_an_address_that_lasts_until_the_next() -> None:
    moved = _at(MOTHER, date(2020, 6, 1), "01", AWAY, history_no=2)
    assert _found(_at(MOTHER, CAME, "03"), moved) == [
        (CAME, date(2020, 6, 1), HOME, "03"),
        (date(2020, 6, 1), None, AWAY, "01"),
    ]


def test_a_move_reported_late_finds_its_place_by_its_day() -> None:
    late = _at(MOTHER, date(2018, 6, 1), "03", AWAY, history_no=3)
    assert [
        row[:3] for row in _found(_at(MOTHER, CAME, "03"), _at(MOTHER, date(2020, 6, 1), "03", history_no=2), late)
    ] == [
        (CAME, date(2018, 6, 1), HOME),
        (date(2018, 6, 1), date(2020, 6, 1), AWAY),
        (date(2020, 6, 1), None, HOME),
    ]


def test_of_two_changes_on_a_day_the_higher_history_number_stands() -> None:
    assert _found(_at(MOTHER, CAME, "03", AWAY, history_no=2), _at(MOTHER, CAME, "03"))[0][2] == AWAY


def test_an_address_ends_with_the_stay_and_begins_again_with_the_next() -> None:
    left = date(2019, 5, 1)
    gone = _at(MOTHER, left, "03", history_no=2, resident_to_date=left, resident_to_reason="51")
    back = resident(MOTHER, BORN, date(2022, 3, 1), history_no=3, change_date=date(2022, 3, 1), household_no=AWAY)
    found = [row[:3] for row in _found(_at(MOTHER, CAME, "03"), gone, back)]
    assert found == [(CAME, left, HOME), (date(2022, 3, 1), None, AWAY)]


def test_an_address_left_is_not_that_of_a_later_stay() -> None:
    left = date(2019, 5, 1)
    gone = _at(MOTHER, CAME, "03", resident_to_date=left, resident_to_reason="51")
    back = resident(MOTHER, BORN, date(2022, 3, 1), history_no=2, change_date=date(2022, 6, 1), household_no=AWAY)
    assert [row[:3] for row in _found(gone, back)] == [(CAME, left, HOME), (date(2022, 6, 1), None, AWAY)]


def test_the_address_of_who_dies_holds_on_the_day_of_death() -> None:
    died = date(2019, 5, 1)
    gone = _at(MOTHER, died, "03", history_no=2, resident_to_date=died, resident_to_reason="53")
    assert _found(_at(MOTHER, CAME, "03"), gone)[-1][:2] == (died, date(2019, 5, 2))


_ROW = st.tuples(
    st.integers(0, 40), st.sampled_from([HOME, AWAY]), st.sampled_from([0, 20]), st.sampled_from([None, 15, 19, 35])
)


@draws(60)
@given(st.lists(_ROW, min_size=1, max_size=6))
def test_addresses_never_overlap_and_never_leave_the_stays(
    drawn: list[tuple[int, str, int, int | None]],
) -> None:
    rows = [
        resident(
            MOTHER,
            BORN,
            CAME + timedelta(start),
            history_no=at,
            change_date=CAME + timedelta(change),
            household_no=home,
            resident_to_date=None if end is None or end < start else CAME + timedelta(end),
            resident_to_reason=None if end is None or end < start else "51",
        )
        for at, (change, home, start, end) in enumerate(drawn, 1)
    ]
    told = known_rows("residents", rows)
    stays, homes = residences(told, NOBODY), ADDRESSES.validated(addresses(told, NOBODY))
    for offset in range(60):
        day = CAME + timedelta(offset)
        holds = (pl.col("start_date") <= day) & (pl.col("end_date").is_null() | (pl.col("end_date") > day))
        assert homes.filter(holds).height <= stays.filter(holds).height <= 1


def _spouses(*rows: dict[str, object], of: str = MOTHER) -> list[tuple[object, ...]]:
    homes = addresses(known_rows("residents", list(rows)), NOBODY)
    return spouses(homes, pl.Series([of])).select("start_date", "end_date", "spouse").rows()


def test_the_head_and_the_wife_of_a_household_are_each_others_spouse() -> None:
    both = (_at(FATHER, CAME, "01"), _at(MOTHER, CAME, "03"))
    assert _spouses(*both) == [(CAME, None, FATHER)]
    assert _spouses(*both, of=FATHER) == [(CAME, None, MOTHER)]


def test_a_spouse_is_one_only_while_both_live_in_the_household() -> None:
    apart = date(2020, 1, 1)
    rows = (_at(FATHER, CAME, "01"), _at(FATHER, apart, "01", AWAY, history_no=2), _at(MOTHER, date(2017, 1, 1), "03"))
    assert _spouses(*rows) == [(date(2017, 1, 1), apart, FATHER)]


def test_a_housemate_or_a_spouse_of_another_household_is_no_spouse() -> None:
    assert _spouses(_at(FATHER, CAME, "09"), _at(MOTHER, CAME, "01")) == []
    assert _spouses(_at(FATHER, CAME, "01", AWAY), _at(MOTHER, CAME, "03")) == []


def test_two_who_could_be_the_spouse_are_none_while_both_are_there() -> None:
    apart = date(2020, 1, 1)
    rows = (
        _at(MOTHER, CAME, "01"),
        _at(FATHER, CAME, "02"),
        _at(AUNT, date(2018, 1, 1), "03"),
        _at(AUNT, apart, "09", history_no=2),
    )
    assert _spouses(*rows) == [(CAME, date(2018, 1, 1), FATHER), (apart, None, FATHER)]
