"""Histories: what is known, which row stands, and which periods follow."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from assets.register.rules import absent, known, latest, persons, residences, schemes, standing
from schemas.records.feeds import RESIDENTS, accepted
from schemas.records.register import IDENTITIES, PERSONS, RESIDENCES, SCHEMES
from tests.support.cases import CHILD, FATHER, MOTHER, frame, known_rows, register, resident

BIRTH = date(2018, 6, 15)
NOBODY = IDENTITIES.empty()


def _arrived(*rows: dict[str, object]) -> pl.DataFrame:
    return frame(accepted(RESIDENTS), list(rows))


def _said(day: int, **more: object) -> dict[str, object]:
    told = date(2026, 4, day)
    return resident(CHILD, BIRTH, history_no=1, known_date=told, delivery=f"residents_{told:%Y%m%d}", **more)


def test_a_row_said_again_is_kept_once_as_first_learned() -> None:
    first = known(RESIDENTS, _arrived(), _arrived(_said(1)))
    again = known(RESIDENTS, first, _arrived(_said(5)))
    assert again.equals(first)
    assert again["known_date"].to_list() == [date(2026, 4, 1)]


def test_a_corrected_row_stands_beside_the_one_it_corrects_and_wins() -> None:
    rows = known(RESIDENTS, _arrived(_said(1)), _arrived(_said(5, name="い")))
    assert rows.height == 2
    assert latest(rows)["name"].to_list() == ["い"]


def test_a_row_that_returns_to_what_it_first_said_is_known_again() -> None:
    rows = known(RESIDENTS, known(RESIDENTS, _arrived(_said(1)), _arrived(_said(5, name="い"))), _arrived(_said(9)))
    assert latest(rows)["name"].to_list() == ["あ"]


def test_the_order_in_which_rows_of_a_month_lie_changes_nothing() -> None:
    rows = [_said(day, history_branch_no=day % 3, name="あい"[day % 2]) for day in range(1, 13)]
    straight = known(RESIDENTS, _arrived(), _arrived(*rows)).drop("line_no")
    for seed in range(5):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert known(RESIDENTS, _arrived(), _arrived(*shuffled)).drop("line_no").equals(straight)


def test_a_full_load_deletes_nothing_and_what_it_lacks_is_reported() -> None:
    other = _said(1) | {"resident_code": MOTHER}
    rows = known(RESIDENTS, _arrived(), _arrived(_said(1), other))
    full = _arrived(_said(8))
    assert known(RESIDENTS, rows, full).height == 2
    assert absent(RESIDENTS, rows, full)["resident_code"].to_list() == [MOTHER]


def test_a_deleted_branch_takes_its_history_number_away() -> None:
    rows = _arrived(
        _said(1, name="旧"),
        _said(2, name="誤") | {"history_no": 2},
        _said(3, name="誤", deleted_flag="1") | {"history_no": 2, "history_branch_no": 1},
    )
    assert standing(rows)["history_no"].to_list() == [1]
    assert latest(rows)["name"].to_list() == ["旧"]


def test_of_one_branch_the_row_operated_last_stands_whichever_was_learned_last() -> None:
    newer = _said(1, name="新", operated_date=date(2026, 4, 1))
    older = _said(9, name="旧", operated_date=date(2026, 3, 1))
    assert standing(_arrived(newer, older))["name"].to_list() == ["新"]


def test_a_correction_of_the_past_is_not_the_latest_state() -> None:
    rows = _arrived(
        _said(1, name="旧"),
        _said(2, name="今") | {"history_no": 2},
        _said(3, name="訂", latest_flag="0", history_branch_no=1),
    )
    assert latest(rows)["name"].to_list() == ["今"]


def _leaves(day: date, reason: str) -> pl.DataFrame:
    return residences(
        known_rows("residents", [resident(CHILD, BIRTH, resident_to_date=day, resident_to_reason=reason)]), NOBODY
    )


@pytest.mark.parametrize(("reason", "first_day_out"), [("51", date(2026, 5, 10)), ("53", date(2026, 5, 11))])
def test_who_moves_out_is_out_that_day_and_who_dies_the_day_after(reason: str, first_day_out: date) -> None:
    assert RESIDENCES.validated(_leaves(date(2026, 5, 10), reason))["end_date"].to_list() == [first_day_out]


def test_who_comes_back_has_two_residences() -> None:
    left = resident(CHILD, BIRTH, history_no=2, resident_to_date=date(2025, 5, 1), resident_to_reason="51")
    back = resident(CHILD, BIRTH, date(2026, 2, 1), history_no=3)
    found = residences(known_rows("residents", [resident(CHILD, BIRTH), left, back]), NOBODY)
    assert found.select("start_date", "end_date").rows() == [(BIRTH, date(2025, 5, 1)), (date(2026, 2, 1), None)]


def test_a_moving_out_that_is_taken_back_leaves_one_residence() -> None:
    left = resident(CHILD, BIRTH, history_no=2, resident_to_date=date(2025, 5, 1), resident_to_reason="51")
    taken_back = resident(CHILD, BIRTH, history_no=3)
    found = residences(known_rows("residents", [left, taken_back]), NOBODY)
    assert found.select("start_date", "end_date").rows() == [(BIRTH, None)]


def test_a_corrected_start_replaces_the_period_it_overlaps() -> None:
    moved = resident(CHILD, BIRTH, date(2018, 7, 1), history_no=2)
    found = residences(known_rows("residents", [resident(CHILD, BIRTH), moved]), NOBODY)
    assert found["start_date"].to_list() == [date(2018, 7, 1)]


def _empty(feed: str) -> pl.DataFrame:
    return known_rows(feed, [])


def test_a_suspended_protection_is_still_protection() -> None:
    row: dict[str, object] = {
        "resident_code": CHILD,
        "start_date": date(2025, 1, 1),
        "suspended_from_date": date(2025, 6, 1),
        "end_date": date(2026, 5, 1),
    }
    found = schemes(
        known_rows("public_assistance", [row]),
        _empty("severe_disability"),
        _empty("single_parent"),
        _empty("facilities"),
        NOBODY,
    )
    assert SCHEMES.validated(found).select("reason", "start_date", "end_date").rows() == [
        ("04", date(2025, 1, 1), date(2026, 5, 1))
    ]


def test_who_left_is_shown_where_they_live_now_and_abroad_is_not_in_japan() -> None:
    left = {"resident_to_date": date(2026, 3, 1)}
    rows = [
        resident(CHILD, BIRTH),
        resident(FATHER, date(1988, 1, 1), **left, resident_to_reason="51"),
        resident(MOTHER, date(1989, 1, 1), **left, resident_to_reason="52"),
    ]
    elsewhere: list[dict[str, object]] = [
        {"resident_code": FATHER, "address": "東京都", "in_japan": "1", "latest_flag": "1"}
    ]
    found = persons(
        known_rows("residents", rows),
        known_rows("nonresidents", elsewhere),
        _empty("protected_persons"),
        date(2026, 4, 30),
    )
    shown = PERSONS.validated(found).select("resident_code", "address", "in_japan", "resident_from_date").rows()
    assert shown == [
        (CHILD, "あ", "1", BIRTH),
        (MOTHER, "あ", "0", date(1989, 1, 1)),
        (FATHER, "東京都", "1", date(1988, 1, 1)),
    ]


STAYS = {
    "resident": {},
    "to move within Japan": {"resident_to_date": date(2026, 9, 1), "resident_to_reason": "51"},
    "to move abroad": {"resident_to_date": date(2026, 9, 1), "resident_to_reason": "52"},
    "died": {"resident_to_date": date(2026, 2, 1), "resident_to_reason": "53"},
}


@pytest.mark.parametrize(
    ("stay", "elsewhere", "in_japan"),
    [
        ("resident", None, "1"),
        ("resident", "0", "1"),
        ("to move within Japan", None, "1"),
        ("to move within Japan", "0", "0"),
        ("to move abroad", None, "0"),
        ("to move abroad", "1", "1"),
        ("died", None, "0"),
    ],
)
def test_who_is_in_japan_does_not_depend_on_the_month_that_asks(
    stay: str, elsewhere: str | None, in_japan: str
) -> None:
    told: list[dict[str, object]] = [{"resident_code": MOTHER, "in_japan": elsewhere, "latest_flag": "1"}]
    rows = known_rows("residents", [resident(MOTHER, BIRTH, **STAYS[stay])])
    others = known_rows("nonresidents", told if elsewhere else [])
    for month_end in (date(2026, 1, 31), date(2026, 8, 31), date(2026, 9, 30)):
        found = persons(rows, others, _empty("protected_persons"), month_end)
        assert PERSONS.validated(found)["in_japan"].to_list() == [in_japan]


def test_a_month_decides_only_how_a_person_is_addressed() -> None:
    moving = resident(MOTHER, BIRTH, resident_to_date=date(2026, 9, 1), resident_to_reason="51", address="川口市")
    told: list[dict[str, object]] = [
        {"resident_code": MOTHER, "address": "東京都", "in_japan": "1", "birth_date": date(1990, 1, 1)}
    ]
    before, after = (
        persons(known_rows("residents", [moving]), known_rows("nonresidents", told), _empty("protected_persons"), end)
        for end in (date(2026, 8, 31), date(2026, 9, 30))
    )
    shown = ["name", "name_kana", "postal_code", "address", "katagaki", "delivery", "line_no", "known_date"]
    assert before["address"].to_list() + after["address"].to_list() == ["川口市", "東京都"]
    assert before.drop(shown).equals(after.drop(shown))


def test_who_never_lived_in_the_city_is_where_the_other_register_says() -> None:
    told: list[dict[str, object]] = [{"resident_code": MOTHER, "in_japan": "0"}]
    found = persons(_empty("residents"), known_rows("nonresidents", told), _empty("protected_persons"), BIRTH)
    assert PERSONS.validated(found).select("in_japan", "resident_class").rows() == [("0", "03")]


@pytest.mark.parametrize(("end", "flag"), [(None, "1"), (date(2026, 5, 1), "1"), (date(2026, 4, 30), "0")])
def test_protection_holds_until_its_end(end: date | None, flag: str) -> None:
    held: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 1, 1), "end_date": end}]
    found = persons(
        known_rows("residents", [resident(CHILD, BIRTH)]),
        _empty("nonresidents"),
        known_rows("protected_persons", held),
        date(2026, 4, 30),
    )
    assert found["protected"].to_list() == [flag]


def test_reading_a_register_twice_gives_the_same() -> None:
    first, second = register(), register()
    assert first.eligibility.equals(second.eligibility)
    assert first.registrations.equals(second.registrations)
    assert timedelta(0) < first.eligibility.select(pl.col("end_date").max() - pl.col("start_date").min()).item()
