"""Deciding again: only whom the news touches, and always to the same end."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.eligibility import again
from assets.eligibility.deciding import decided, register
from assets.eligibility.known import Known
from assets.months import last_day
from assets.register.identities import identities
from assets.register.intervals import merged
from schemas.records.matching import MATCHES
from schemas.records.register import ELIGIBILITY, ELIGIBILITY_DECISIONS, TOUCHED
from tests.support.cases import CHILD, LAW, MOTHER, application, known_rows, resident
from tests.support.cases import register as case
from tests.support.lives import MONTHS, cities, learned, said

_SAID = [
    "child_resident_code",
    "entitled",
    "benefit_class",
    "reason",
    "faults",
    "ruled_reason",
    "guardian_resident_code",
]


NO_MATCHES = again.rematched(MATCHES.empty(), MATCHES.empty())
MAY = again.Month(date(2026, 5, 1), date(2026, 5, 31), NO_MATCHES)
NOBODY = pl.Series([], dtype=pl.String)
CITIES = 150
"""Small cities side by side in one table: a rule runs once over all of them."""


def _all(known: Known) -> pl.DataFrame:
    return decided(register(known, LAW, date(2026, 7, 31)), LAW)


def _months(known: Known) -> tuple[pl.DataFrame, pl.DataFrame]:
    """ELIGIBILITY and ELIGIBILITY_DECISIONS after deciding month by month only what each month touches."""
    stands, record = ELIGIBILITY.empty(), ELIGIBILITY_DECISIONS.empty()
    for month in MONTHS:
        now = known.learned_by(last_day(month))
        same = identities(now["nonresidents"])
        before = record["child_resident_code"].unique()
        touched = again.touched(now, same, before, again.Month(month, last_day(month), NO_MATCHES))
        part = decided(register(now.about(touched["child_resident_code"]), LAW, last_day(month)), LAW)
        new = part.join(touched, on="child_resident_code", how="semi", maintain_order="left")
        record = pl.concat([record, again.recorded(touched, stands, new, record, month)])
        stands = again.replaced(stands, new, touched["child_resident_code"], same)
    return stands, record


@pytest.mark.parametrize("seed", range(3))
def test_deciding_only_whom_the_news_touches_gives_what_deciding_everyone_gives(seed: int) -> None:
    known = learned(cities(seed, CITIES), seed)
    step_by_step, record = _months(known)
    assert_frame_equal(merged(said(step_by_step), _SAID), merged(said(_all(known)), _SAID))
    assert record["cause"].n_unique() > 3
    ELIGIBILITY.validated(step_by_step)
    ELIGIBILITY_DECISIONS.validated(record)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_arrival_never_changes_what_is_decided(seed: int) -> None:
    rows = cities(seed, CITIES)
    assert_frame_equal(said(_all(learned(rows, seed))), said(_all(learned(rows, -seed - 1))))


def test_deciding_twice_changes_nothing() -> None:
    known = learned(cities(7, CITIES), 7)
    once = _all(known)
    assert_frame_equal(_all(known), once)
    assert again.changed_from(once, _all(known)).is_empty()


@pytest.mark.parametrize("seed", range(2))
def test_intervals_never_overlap_and_leave_no_gap(seed: int) -> None:
    found = _all(learned(cities(seed, CITIES), seed))
    assert found["reason"].n_unique() > 12
    following = found.with_columns(pl.col("start_date").shift(-1).over("child_resident_code").alias("next"))
    assert following.filter(pl.col("end_date") != pl.col("next")).is_empty()
    assert found.filter(pl.col("start_date") >= pl.col("end_date")).is_empty()
    assert found["start_date"].min() is None or found["start_date"].min() >= date(2009, 4, 1)


def _touched(before: dict[str, pl.DataFrame], feed: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    now = dict(before) | {feed: pl.concat([before[feed], known_rows(feed, rows)])}
    known = Known(now)
    return TOUCHED.validated(
        again.touched(known, identities(known["nonresidents"]), pl.Series([CHILD]), MAY)
    )  # fmt: skip


def test_a_row_without_bearing_on_a_child_touches_nobody() -> None:
    stranger = resident(
        "000000000000077", date(1960, 1, 1), known_date=date(2026, 5, 3), household_no="000000000000900"
    )
    assert _touched(dict(case().known.frames), "residents", [stranger]).is_empty()


def test_the_guardians_move_touches_the_child_as_late_when_it_happened_before_the_month() -> None:
    moved = resident(
        MOTHER, date(1990, 1, 1), history_no=2, change_date=date(2026, 3, 3), resident_to_date=date(2026, 3, 3),
        resident_to_reason="52", known_date=date(2026, 5, 3),
    )  # fmt: skip
    found = _touched(dict(case().known.frames), "residents", [moved])
    assert found.select("child_resident_code", "cause", "from_date", "feed").rows() == [
        (CHILD, "3", date(2026, 3, 3), "residents")
    ]


def test_a_second_branch_of_a_history_is_a_correction_and_an_override_weighs_more() -> None:
    frames = dict(case().known.frames)
    corrected = resident(CHILD, date(2018, 6, 16), history_no=1, history_branch_no=1, known_date=date(2026, 5, 4))
    assert _touched(frames, "residents", [corrected])["cause"].to_list() == ["4"]
    frames["residents"] = pl.concat([frames["residents"], known_rows("residents", [corrected])])
    override = {"child_resident_code": CHILD, "start_date": date(2026, 5, 1), "known_date": date(2026, 5, 9)}
    assert _touched(frames, "overrides", [override])["cause"].to_list() == ["6"]


def test_a_new_application_is_a_first_decision_and_an_amended_law_touches_everyone() -> None:
    frames = dict(case().known.frames)
    other = application(child="000000000000055", known_date=date(2026, 5, 9), application_no="B")
    assert _touched(frames, "applications", [other]).select("child_resident_code", "cause").rows() == [
        ("000000000000055", "1")
    ]
    known = Known(frames)
    everyone = again.touched(known, identities(known["nonresidents"]), pl.Series([CHILD]), replace(MAY, amended=True))
    assert everyone["cause"].to_list() == ["5"]


def test_a_child_decided_about_is_not_new_under_its_other_number() -> None:
    other, known_date = "000000000000055", date(2026, 4, 1)
    alias = {"resident_code": other, "same_person_code": CHILD, "latest_flag": "1", "known_date": known_date}
    filed = [application(), application(child=other, application_no="B", known_date=known_date)]
    frames = dict(case(nonresidents=[alias], applications=filed).known.frames)
    assert _touched(frames, "nonresidents", []).is_empty()


def test_a_decision_names_the_one_it_takes_the_place_of_and_the_first_day_that_changed() -> None:
    first = case()
    known_now = Known(dict(first.known.frames))
    touched = again.touched(
        known_now, identities(known_now["nonresidents"]), NOBODY, replace(MAY, first=date(2026, 4, 1))
    )
    one = again.recorded(
        touched, ELIGIBILITY.empty(), first.eligibility, ELIGIBILITY_DECISIONS.empty(), date(2026, 4, 1)
    )
    moved = resident(
        CHILD, date(2018, 6, 15), history_no=2, resident_to_date=date(2026, 5, 20), resident_to_reason="51",
        change_date=date(2026, 5, 20), known_date=date(2026, 5, 21),
    )  # fmt: skip
    later = case(residents=[resident(CHILD, date(2018, 6, 15)), moved, resident(MOTHER, date(1990, 1, 1), sex="2")])
    named = _touched(dict(first.known.frames), "residents", [moved])
    two = again.recorded(named, first.eligibility, later.eligibility, one, date(2026, 5, 1))
    assert two.select("decision_no", "previous_no", "changed", "changed_from_date", "feed").row(0) == (
        f"E202605-{CHILD}", f"E202604-{CHILD}", "1", date(2026, 5, 20), "residents",
    )  # fmt: skip
