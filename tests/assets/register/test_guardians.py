"""The parents of a child on each day, and what speaks against the guardian that applied."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.eligibility.reviews import guardian_reviews
from assets.register.rules import addresses, guardians, persons, registration_periods
from schemas.records.register import ADDRESSES, GUARDIAN_REVIEWS, GUARDIANS, IDENTITIES, REGISTRATION_PERIODS
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, application, frame, known_rows, resident
from tests.support.draws import draws

NOBODY = IDENTITIES.empty()
BORN = date(1988, 4, 2)
CAME = date(2012, 4, 1)
TODAY = date(2026, 10, 31)
HOME = "1" * 15
FILED = application(application_no="A1", application_date=date(2015, 5, 20), event_date=date(2015, 5, 10))


def _homes(*people: tuple[str, date, str]) -> list[dict[str, object]]:
    """Rows of people in one household: (code, since, 続柄)."""
    return [
        resident(code, BORN, CAME, change_date=since, household_role=role, household_no=HOME, history_no=at)
        for at, (code, since, role) in enumerate(people, 1)
    ]


def _guardians(applications: list[dict[str, object]], homes: list[dict[str, object]]) -> pl.DataFrame:
    told = known_rows("residents", homes)
    periods = registration_periods(known_rows("applications", applications), NOBODY, LAW)
    return GUARDIANS.validated(guardians(periods, addresses(told, NOBODY)))


def _shown(found: pl.DataFrame) -> list[tuple[object, ...]]:
    return found.drop("child_resident_code", "delivery", "line_no", "known_date").rows()


def test_a_declared_spouse_stands_whatever_the_household_says() -> None:
    declared = FILED | {"spouse_resident_code": FATHER}
    assert _shown(_guardians([declared], _homes((MOTHER, CAME, "01")))) == [
        (date(2015, 5, 10), None, MOTHER, FATHER, "1")
    ]


def test_a_spouse_not_declared_is_found_in_the_household() -> None:
    """INC-14: the income test must not use one parent when 住民基本台帳 knows two."""
    found = _guardians([FILED], _homes((MOTHER, CAME, "03"), (FATHER, CAME, "01")))
    assert _shown(found) == [(date(2015, 5, 10), None, MOTHER, FATHER, "0")]


def test_a_spouse_who_comes_later_is_one_from_that_day() -> None:
    found = _guardians([FILED], _homes((MOTHER, CAME, "03"), (FATHER, date(2018, 4, 1), "01")))
    assert _shown(found) == [
        (date(2015, 5, 10), date(2018, 4, 1), MOTHER, None, "0"),
        (date(2018, 4, 1), None, MOTHER, FATHER, "0"),
    ]


def test_a_change_of_guardian_begins_a_new_interval() -> None:
    changed = application(
        application_no="A2",
        application_type="03",
        application_reason="08",
        application_date=date(2020, 1, 10),
        event_date=date(2020, 1, 5),
        guardian=FATHER,
        spouse_resident_code=MOTHER,
    )
    assert _shown(_guardians([FILED, changed], [])) == [
        (date(2015, 5, 10), date(2020, 1, 5), MOTHER, None, "0"),
        (date(2020, 1, 5), None, FATHER, MOTHER, "1"),
    ]


def test_a_renewal_with_the_same_parents_is_the_same_interval() -> None:
    renewal = application(
        application_no="R1",
        application_type="02",
        application_date=date(2022, 7, 1),
        event_date=date(2022, 10, 1),
    )
    found = _guardians([FILED, renewal], _homes((MOTHER, CAME, "03"), (FATHER, CAME, "01")))
    assert _shown(found) == [(date(2015, 5, 10), None, MOTHER, FATHER, "0")]


def test_without_registrations_there_are_no_guardians() -> None:
    found = guardians(REGISTRATION_PERIODS.empty(), ADDRESSES.empty())
    assert found.schema == GUARDIANS.schema


_PEOPLE = [f"{number:015d}" for number in (21, 22, 23)]
_STAY = st.tuples(
    st.sampled_from(_PEOPLE), st.integers(0, 30), st.integers(1, 20), st.sampled_from(["01", "02", "03", "09"])
)


@draws(60)
@given(
    st.lists(_STAY, max_size=5, unique_by=lambda one: one[0]),
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(_PEOPLE), st.sampled_from([None, *_PEOPLE])),
        min_size=1,
        max_size=3,
        unique_by=lambda one: one[0],
    ),
)
def test_every_day_has_the_parents_a_plain_reading_of_that_day_finds(
    stays: list[tuple[str, int, int, str]], filed: list[tuple[int, str, str | None]]
) -> None:
    day = {at: CAME + timedelta(at) for at in range(60)}
    homes = frame(
        ADDRESSES,
        [
            {
                "resident_code": who,
                "start_date": day[start],
                "end_date": day[start + days],
                "household_no": HOME,
                "household_role": role,
            }
            for who, start, days, role in stays
        ],
    )
    periods = frame(
        REGISTRATION_PERIODS,
        [
            {
                "child_resident_code": CHILD,
                "registered_from_date": day[start],
                "guardian_resident_code": guardian,
                "spouse_resident_code": spouse,
            }
            for start, guardian, spouse in filed
        ],
    )
    found = GUARDIANS.validated(guardians(periods, homes))
    for at in range(min(start for start, _, _ in filed), 60):
        _, guardian, declared = max(row for row in filed if row[0] <= at)
        roles = {who: role for who, start, days, role in stays if start <= at < start + days}
        wanted = {"01": ("02", "03"), "02": ("01",), "03": ("01",)}.get(roles.get(guardian, ""), ())
        mates = [who for who, role in roles.items() if who != guardian and role in wanted]
        spouse = declared or (mates[0] if len(mates) == 1 else None)
        holds = (pl.col("start_date") <= day[at]) & (pl.col("end_date").is_null() | (pl.col("end_date") > day[at]))
        assert found.filter(holds).select(
            "guardian_resident_code", "spouse_resident_code", "spouse_declared"
        ).rows() == [(guardian, spouse, "1" if declared else "0")]


def _tax(code: str, income: int | None, year: int = 2026, **more: object) -> dict[str, object]:
    return {
        "resident_code": code,
        "tax_year": year,
        "filing": "0" if income is None else "1",
        "total_income_yen": income,
    } | more


def _review(
    taxes: list[dict[str, object]],
    declared: bool = True,
    homes: list[dict[str, object]] | None = None,
    day: date = TODAY,
) -> pl.DataFrame:
    told = known_rows("residents", homes if homes is not None else _homes((MOTHER, CAME, "03"), (FATHER, CAME, "01")))
    filed = FILED | ({"spouse_resident_code": FATHER} if declared else {})
    periods = registration_periods(known_rows("applications", [filed]), NOBODY, LAW)
    placed = addresses(told, NOBODY)
    people = persons(told, known_rows("nonresidents", []), known_rows("protected_persons", []), day)
    parents = guardians(periods, placed)
    reviews = guardian_reviews(parents, people, known_rows("resident_taxes", taxes), NOBODY, LAW, day)
    return GUARDIAN_REVIEWS.validated(reviews)


@pytest.mark.parametrize(
    ("mother", "father", "review"),
    [
        (5_000_000, 3_000_000, "1"),
        (3_000_000, 3_000_000, "1"),
        (3_000_000, 3_000_001, "2"),
        (3_000_000, None, "3"),
        (None, 3_000_000, "3"),
    ],
)
def test_the_parent_with_the_higher_income_should_be_the_guardian(
    mother: int | None, father: int | None, review: str
) -> None:
    found = _review([_tax(MOTHER, mother), _tax(FATHER, father)])
    assert found["review"].to_list() == [review]


def test_a_parent_whose_income_nobody_sent_is_unknown_and_not_poor() -> None:
    found = _review([_tax(MOTHER, 5_000_000)])
    assert found.select("guardian_income_yen", "spouse_income_yen", "review").rows()[0][1:] == (None, "3")


def test_the_newest_year_known_of_either_parent_is_compared() -> None:
    older = [_tax(MOTHER, 9_000_000, 2025), _tax(FATHER, 1_000_000, 2025)]
    found = _review([*older, _tax(MOTHER, 3_000_000), _tax(FATHER, 4_000_000)])
    assert found.select("tax_year", "review").rows() == [(2026, "2")]


def test_the_newest_year_known_of_one_parent_is_asked_of_the_other() -> None:
    found = _review([_tax(MOTHER, 5_000_000), _tax(FATHER, 4_000_000, 2025)])
    assert found.select("tax_year", "spouse_income_yen", "review").rows() == [(2026, None, "3")]


def test_a_spouse_found_only_in_the_household_is_asked_about_first() -> None:
    found = _review([_tax(MOTHER, 5_000_000), _tax(FATHER, 9_000_000)], declared=False)
    assert found.select("spouse_resident_code", "review").rows() == [(FATHER, "4")]


def test_a_guardian_nobody_knows_is_asked_about_before_all_else() -> None:
    assert _review([], homes=[])["review"].to_list() == ["5"]


def test_a_guardian_alone_is_reviewed_alone() -> None:
    found = _review([_tax(MOTHER, 0)], declared=False, homes=_homes((MOTHER, CAME, "01")))
    assert found.select("spouse_income_yen", "review").rows() == [(None, "1")]


def test_before_the_first_registration_there_is_no_guardian_to_review() -> None:
    assert _review([], day=date(2015, 5, 9)).is_empty()
