"""Several registrations of one child: what each day says, in both engines.

Rules and second engine are asked about the same register; their intervals are compared after merging those that
say the same, since the rules also cut where the deciding row changes.
"""

from dataclasses import replace
from datetime import date

import pytest

from assets.register.intervals import merged
from assets.second_engine.differences import differences
from assets.second_engine.eligibility import eligibility as second
from schemas.law.book import Law
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, Register, application, register, resident

LAW_FROM, BIRTH, GROWN = date(2024, 10, 1), date(2018, 6, 15), date(2037, 4, 1)
OUT, BACK, SEEN_AGAIN = date(2025, 3, 10), date(2025, 9, 1), date(2025, 11, 20)
SAID = ["entitled", "benefit_class", "reason", "ruled_reason"]
SWITCH = "registration.ends_when_other_scheme_begins"
Rows = list[dict[str, object]]
Told = list[tuple[date, date, str]]

HOME = resident(MOTHER, date(1990, 1, 1), sex="2")
MOVED: Rows = [
    resident(CHILD, BIRTH, resident_to_date=OUT, resident_to_reason="51"),
    resident(CHILD, BIRTH, BACK, history_no=2),
]
EMIGRATED: Rows = [resident(FATHER, date(1988, 1, 1), resident_to_date=OUT, resident_to_reason="52")]
RETURNED: Rows = [*EMIGRATED, resident(FATHER, date(1988, 1, 1), BACK, history_no=2)]
AT_BIRTH = application(application_date=date(2018, 6, 20), event_date=BIRTH)


def again(applied: date) -> dict[str, object]:
    """A new application after moving in on BACK."""
    return application(application_no="A2", application_date=applied, event_date=BACK, application_reason="02")


def of_father(row: dict[str, object]) -> dict[str, object]:
    return row | {"guardian_resident_code": FATHER}


def to_mother(day: date) -> dict[str, object]:
    """A change of guardian to the mother."""
    return application(
        application_no="A3", application_type="03", application_reason="08", application_date=day, event_date=day
    )


def told(about: Register, law: Law = LAW) -> Told:
    """The merged intervals, the same from both engines."""
    known, found = about.known, about.found
    theirs = second(
        found.persons,
        found.residences,
        found.schemes,
        found.registration_periods,
        found.guardians,
        known["resident_taxes"],
        known["arrears"],
        found.identities,
        known["overrides"],
        law,
    )
    ours = merged(about.eligibility, ["child_resident_code", *SAID])
    disagreed = differences(ours, theirs, ["child_resident_code", "start_date"], ["end_date", *SAID])
    assert disagreed.is_empty(), disagreed.rows()
    return list(theirs.select("start_date", "end_date", "reason").iter_rows())


LEFT: Told = [(BIRTH, OUT, "00"), (OUT, BACK, "02")]


@pytest.mark.parametrize(
    ("case", "applications", "expected"),
    [
        ("no new application", [AT_BIRTH], [*LEFT, (BACK, GROWN, "11")]),
        ("one in time", [AT_BIRTH, again(date(2025, 9, 16))], [*LEFT, (BACK, GROWN, "00")]),
        (
            "one too late",
            [AT_BIRTH, again(SEEN_AGAIN)],
            [*LEFT, (BACK, SEEN_AGAIN, "11"), (SEEN_AGAIN, GROWN, "00")],
        ),
    ],
)
def test_a_child_who_moves_out_and_returns_needs_a_new_application(
    case: str, applications: Rows, expected: Told
) -> None:
    assert told(register(residents=[*MOVED, HOME], applications=applications)) == expected, case


CHANGED = date(2025, 6, 1)


@pytest.mark.parametrize(
    ("case", "father", "applications", "expected"),
    [
        (
            "nobody else",
            EMIGRATED,
            [of_father(AT_BIRTH)],
            [(BIRTH, OUT, "00"), (OUT, GROWN, "12")],
        ),
        (
            "the mother from June",
            EMIGRATED,
            [of_father(AT_BIRTH), to_mother(CHANGED)],
            [(BIRTH, OUT, "00"), (OUT, CHANGED, "12"), (CHANGED, GROWN, "00")],
        ),
        ("the mother before he left", EMIGRATED, [of_father(AT_BIRTH), to_mother(LAW_FROM)], [(BIRTH, GROWN, "00")]),
        (
            "nobody else, but he came back",
            RETURNED,
            [of_father(AT_BIRTH)],
            [(BIRTH, OUT, "00"), (OUT, BACK, "12"), (BACK, GROWN, "00")],
        ),
    ],
)
def test_a_guardian_abroad_counts_only_while_guardian(
    case: str, father: Rows, applications: Rows, expected: Told
) -> None:
    child = resident(CHILD, BIRTH)
    assert told(register(residents=[child, HOME, *father], applications=applications)) == expected, case


def test_a_guardian_who_was_always_abroad_gives_way_to_the_new_one() -> None:
    outside: Rows = [{"resident_code": FATHER, "in_japan": "0", "latest_flag": "1"}]
    people = [resident(CHILD, BIRTH), HOME]
    about = register(residents=people, nonresidents=outside, applications=[of_father(AT_BIRTH), to_mother(CHANGED)])
    assert told(about) == [(BIRTH, CHANGED, "12"), (CHANGED, GROWN, "00")]


def test_until_the_new_application_the_guardian_of_the_last_one_is_asked_about() -> None:
    about = register(
        residents=[*MOVED, HOME, *EMIGRATED],
        applications=[of_father(AT_BIRTH), again(SEEN_AGAIN)],
    )
    assert told(about) == [*LEFT, (BACK, SEEN_AGAIN, "12"), (SEEN_AGAIN, GROWN, "00")]


@pytest.mark.parametrize(
    ("ends", "after"), [(False, [(BACK, GROWN, "00")]), (True, [(BACK, SEEN_AGAIN, "11"), (SEEN_AGAIN, GROWN, "00")])]
)
def test_the_law_says_whether_another_scheme_ends_the_registration(ends: bool, after: Told) -> None:
    [version] = LAW.of(SWITCH)
    law = replace(LAW, versions={**LAW.versions, SWITCH: (replace(version, value=ends),)})
    held: Rows = [{"resident_code": CHILD, "start_date": OUT, "end_date": BACK}]
    about = register(law, single_parent=held, applications=[AT_BIRTH, again(SEEN_AGAIN)])
    assert told(about, law) == [(BIRTH, OUT, "00"), (OUT, BACK, "05"), *after]


ENTRY, PUPIL = date(2019, 4, 1), date(2012, 6, 15)
YOUNG_PUPIL = [resident(CHILD, PUPIL), HOME]
REGISTERED = application(application_date=PUPIL, event_date=PUPIL)
FREE: Rows = [
    {"resident_code": MOTHER, "arrears_item": str(item), "arrears": "0", "base_date": date(year, 3, 31)}
    for year in range(2018, 2024)
    for item in range(151, 159)
]


def renewal(day: date, kind: str = "02") -> dict[str, object]:
    """An application that renews the registration on a day."""
    return application(application_no=f"R{day}", application_type=kind, application_date=day, event_date=day)


@pytest.mark.parametrize(
    ("case", "applications", "expected"),
    [
        ("never renewed", [], [(PUPIL, ENTRY, "00"), (ENTRY, date(2031, 4, 1), "11")]),
        (
            "for school only",
            [renewal(ENTRY, "01")],
            [(PUPIL, date(2019, 10, 1), "00"), (date(2019, 10, 1), date(2031, 4, 1), "11")],
        ),
        (
            "every year, once late, until none was asked for",
            [renewal(ENTRY, "01"), *(renewal(date(year, 10, 1)) for year in (2019, 2020, 2022, 2023)),
             renewal(date(2021, 10, 5)), renewal(date(2024, 10, 1), "06")],
            [(PUPIL, date(2021, 10, 1), "00"), (date(2021, 10, 1), date(2021, 10, 5), "11"),
             (date(2021, 10, 5), date(2031, 4, 1), "00")],
        ),
    ],
)  # fmt: skip
def test_a_pupil_renewed_its_registration_every_october_until_2024(
    case: str, applications: Rows, expected: Told
) -> None:
    about = register(residents=YOUNG_PUPIL, applications=[REGISTERED, *applications], arrears=FREE)
    assert told(about) == expected, case
