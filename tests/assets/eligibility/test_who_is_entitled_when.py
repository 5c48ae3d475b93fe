"""Who is entitled, in single cases that a clerk can follow and in drawn cities against the second engine."""

from datetime import date

import polars as pl
import pytest

from assets.eligibility.deciding import decided
from assets.eligibility.deciding import register as read
from assets.register.intervals import merged
from assets.second_engine import eligibility as second
from assets.second_engine.differences import differences
from schemas.records.register import ELIGIBILITY
from tests.assets.second_engine.drawn_city import amended
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, Register, application, register, resident
from tests.support.lives import cities, learned

STRANGER, OUTSIDER, ALIAS = (f"{number:015d}" for number in (77, 5, 8))
Row = dict[str, object]
_SAID = ["end_date", "entitled", "benefit_class", "reason", "ruled_reason"]


def _pupil(*more: Row, birth: date = date(2001, 5, 5), **feeds: list[Row]) -> Register:
    """A child of 2001 with its mother, registered for the hospital since before 2009, and what else is filed."""
    first = application(application_date=date(2009, 3, 1), event_date=birth)
    numbered = [row | {"application_no": f"B{at}"} for at, row in enumerate(more)]
    people = [resident(CHILD, birth), resident(MOTHER, date(1975, 1, 1), sex="2")]
    return register(**({"residents": people, "applications": [first, *numbered]} | feeds))


def _renewal(year: int, filed: date | None = None) -> Row:
    """A renewal for October of a year, filed in July or on the day given."""
    return application(
        application_type="02", application_reason="09",
        application_date=filed or date(year, 7, 1), event_date=date(year, 10, 1),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_second_engine_decides_the_same_in_every_drawn_city(seed: int) -> None:
    known = learned(cities(f"engines {seed}", 150), seed)
    found = read(known, LAW, date(2026, 7, 31))
    ours = ELIGIBILITY.validated(decided(found, LAW))
    theirs = second.eligibility(
        found.persons,
        found.residences,
        found.schemes,
        found.registration_periods,
        found.guardians,
        found.taxes,
        known["arrears"],
        found.identities,
        known["overrides"],
        LAW,
    )
    said = merged(ours, ["child_resident_code", *_SAID[1:]])
    assert differences(said, theirs, ["child_resident_code", "start_date"], _SAID).rows() == []
    assert ours["reason"].n_unique() > 12


def test_neighbouring_intervals_differ() -> None:
    found = decided(read(learned(cities(1, 60), 1), LAW, date(2026, 7, 31)), LAW)
    same = [name for name in ELIGIBILITY.names if name not in ("start_date", "end_date")]
    repeated = found.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in same))
    assert not repeated.to_series()[1:].any()


def test_a_pupil_has_the_hospital_since_2009_and_the_doctor_since_october_2012() -> None:
    about = _pupil(application(application_type="06", application_date=date(2012, 9, 1), event_date=date(2012, 10, 1)))
    classes = [
        about.standing_on(day)["benefit_class"] for day in (date(2009, 4, 1), date(2012, 9, 30), date(2012, 10, 1))
    ]
    assert classes == ["2", "2", "1"]


def test_a_registration_ends_each_october_until_2023_and_a_late_renewal_counts_from_its_day() -> None:
    about = _pupil(_renewal(2012), _renewal(2013, date(2013, 10, 20)), _renewal(2014))
    days = [
        date(2013, 9, 30),
        date(2013, 10, 1),
        date(2013, 10, 19),
        date(2013, 10, 20),
        date(2014, 10, 1),
        date(2015, 10, 1),
    ]
    assert [about.reason_on(day) for day in days] == ["00", "11", "11", "15", "15", "11"]
    assert about.standing_on(date(2015, 10, 1))["faults"] == "11 15"


def test_a_registration_of_before_2009_ends_for_a_child_who_enters_school_on_the_first_day_of_the_law_book() -> None:
    first_day = date(2009, 4, 1)
    assert _pupil(birth=date(2002, 5, 5)).reason_on(first_day) == "11"
    assert _pupil(birth=date(2003, 5, 5)).reason_on(first_day) == "00"


def test_a_later_age_of_school_entry_leaves_the_pupils_of_before_it_alone() -> None:
    law = amended(LAW, "age.school_entry_years", (date(2009, 4, 1), 6), (date(2020, 4, 1), 7))
    for birth, entry in ((date(2010, 6, 15), date(2017, 4, 1)), (date(2013, 6, 15), date(2021, 4, 1))):
        about = register(
            law, residents=[resident(CHILD, birth), resident(MOTHER, date(1980, 1, 1))],
            applications=[application(application_date=birth, event_date=birth)],
        )  # fmt: skip
        without = about.eligibility.filter(pl.col("faults").str.contains("11"))
        assert without["start_date"].min() == entry


def test_where_two_versions_of_the_law_ask_for_renewal_the_first_october_counts() -> None:
    flag = "registration.ends_every_october"
    law = amended(LAW, flag, (date(2009, 4, 1), True), (date(2011, 4, 1), False), (date(2012, 4, 1), True))
    first = application(application_date=date(2009, 3, 1), event_date=date(2001, 5, 5))
    again = application(application_date=date(2011, 5, 1), event_date=date(2011, 5, 1), application_no="B")
    about = register(
        law, residents=[resident(CHILD, date(2001, 5, 5)), resident(MOTHER, date(1975, 1, 1))],
        applications=[first, again],
    )  # fmt: skip
    days = [date(2009, 9, 30), date(2009, 10, 1), date(2011, 10, 1), date(2012, 9, 30), date(2012, 10, 1)]
    assert [about.reason_on(day) for day in days] == ["00", "11", "00", "00", "11"]


def test_a_registration_of_2024_needs_no_renewal_any_more() -> None:
    about = register(
        applications=[_renewal(2023) | {"application_no": "B"}],
        residents=[resident(CHILD, date(2012, 5, 5)), resident(MOTHER, date(1980, 1, 1))],
    )
    assert [about.reason_on(day) for day in (date(2024, 10, 1), date(2030, 10, 1), date(2031, 3, 31))] == ["00"] * 3
    assert about.reason_on(date(2031, 4, 1)) == "01"


def test_a_child_too_old_in_2023_is_entitled_again_from_october_2024() -> None:
    teen = application(application_type="06", application_date=date(2024, 7, 1), event_date=date(2024, 10, 1))
    about = _pupil(teen, birth=date(2007, 6, 1))
    assert [about.reason_on(day) for day in (date(2023, 4, 1), date(2024, 9, 30), date(2024, 10, 1))] == [
        "01",
        "01",
        "00",
    ]
    assert about.standing_on(date(2024, 9, 30))["faults"] == "01 11 15"


def test_two_schemes_at_once_give_the_one_that_comes_first_and_both_are_missed() -> None:
    held: list[Row] = [{"resident_code": CHILD, "start_date": date(2020, 5, 1)}]
    about = register(single_parent=held, severe_disability=held, public_assistance=held)
    assert about.reason_on(date(2020, 5, 1)) == "04"
    assert about.standing_on(date(2020, 5, 1))["faults"] == "04 06 05"
    assert register(single_parent=held, severe_disability=held).reason_on(date(2020, 5, 1)) == "06"
    assert about.reason_on(date(2020, 4, 30)) == "00"


def test_from_the_day_on_which_the_law_orders_the_schemes_otherwise_another_one_comes_first() -> None:
    held: list[Row] = [{"resident_code": CHILD, "start_date": date(2020, 5, 1)}]
    orders = ((date(2009, 4, 1), ["07", "04", "06", "05"]), (date(2020, 6, 1), ["05", "06", "04", "07"]))
    law = amended(LAW, "exclusions.schemes_in_order", *orders)
    about = register(law, single_parent=held, severe_disability=held, public_assistance=held)
    found = [about.standing_on(day) for day in (date(2020, 5, 31), date(2020, 6, 1))]
    assert [(row["reason"], row["faults"]) for row in found] == [("04", "04 06 05"), ("05", "05 06 04")]


def test_an_interval_names_the_article_that_stood_on_its_first_day() -> None:
    said = LAW.of("reasons.eligibility")[0]
    reworded = [row | {"article": f"新{row['article']}"} for row in said.value]
    law = amended(LAW, said.parameter, (said.from_date, said.value), (date(2020, 5, 1), reworded))
    held: list[Row] = [{"resident_code": CHILD, "start_date": date(2020, 5, 1), "end_date": date(2020, 6, 1)}]
    found = register(law, facilities=held).eligibility
    articles = {str(row["code"]): str(row["article"]) for row in said.value}
    assert found.select("start_date", "article").rows() == [
        (date(2018, 6, 15), articles["00"]),
        (date(2020, 5, 1), f"新{articles['07']}"),
        (date(2020, 6, 1), f"新{articles['00']}"),
    ]


def test_an_amended_order_of_schemes_counts_from_its_day_and_a_scheme_may_join_or_leave_it() -> None:
    orders = (
        (date(2009, 4, 1), ["05"]),
        (date(2020, 6, 1), ["04", "05"]),
        (date(2020, 7, 1), ["05", "04"]),
        (date(2020, 8, 1), ["07"]),
    )
    law = amended(LAW, "exclusions.schemes_in_order", *orders)
    held: list[Row] = [{"resident_code": CHILD, "start_date": date(2020, 5, 1)}]
    about = register(law, single_parent=held, public_assistance=held)
    said = [about.standing_on(date(2020, month, 1))["faults"] for month in (5, 6, 7)]
    assert said == ["05", "04 05", "05 04"]
    assert about.reason_on(date(2020, 8, 1)) == "00"


def test_each_interval_names_the_row_that_decided_it() -> None:
    held: list[Row] = [{"resident_code": CHILD, "start_date": date(2020, 5, 1), "end_date": date(2020, 6, 1)}]
    found = register(facilities=held).eligibility.select("start_date", "reason", "feed", "delivery", "line_no")
    assert found.rows() == [
        (date(2018, 6, 15), "00", "applications", "applications_1", 1),
        (date(2020, 5, 1), "07", "facilities", "facilities_1", 1),
        (date(2020, 6, 1), "00", "applications", "applications_1", 1),
    ]


def test_a_guardian_nobody_knows_is_to_be_ascertained() -> None:
    stranger = application(guardian=STRANGER, application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))
    assert register(applications=[stranger]).reason_on(date(2020, 5, 1)) == "14"


def test_a_guardians_death_suspends_from_the_next_day_until_another_is_registered() -> None:
    dead = resident(MOTHER, date(1990, 1, 1), resident_to_date=date(2020, 5, 1), resident_to_reason="53")
    first = application(application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))
    next_one = application(
        guardian=FATHER, application_type="03", application_reason="08", application_no="B",
        application_date=date(2020, 5, 20), event_date=date(2020, 5, 20),
    )  # fmt: skip
    people = [resident(CHILD, date(2018, 6, 15)), dead, resident(FATHER, date(1988, 1, 1))]
    about = register(residents=people, applications=[first, next_one])
    days = [date(2020, 5, 1), date(2020, 5, 2), date(2020, 5, 19), date(2020, 5, 20)]
    assert [about.reason_on(day) for day in days] == ["00", "14", "14", "00"]
    assert about.standing_on(date(2020, 5, 2))["feed"] == "residents"


def test_an_earlier_number_of_the_same_guardian_counts_as_the_same_person() -> None:
    filed = application(guardian=ALIAS, application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))
    alias: list[Row] = [{"resident_code": ALIAS, "in_japan": "1", "same_person_code": FATHER, "latest_flag": "1"}]
    gone = resident(FATHER, date(1986, 1, 1), resident_to_date=date(2020, 9, 1), resident_to_reason="52")
    about = register(applications=[filed], nonresidents=alias, residents=[resident(CHILD, date(2018, 6, 15)), gone])
    assert [about.reason_on(day) for day in (date(2020, 8, 31), date(2020, 9, 1))] == ["00", "12"]


def test_a_guardian_who_moved_within_japan_and_came_back_was_never_abroad() -> None:
    away: Row = {"resident_to_date": date(2020, 5, 1), "resident_to_reason": "51"}
    first = resident(MOTHER, date(1990, 1, 1), **away)
    second = resident(MOTHER, date(1990, 1, 1), date(2021, 5, 1), history_no=2, **away | {"resident_to_date": None})
    last = second | {"resident_to_date": date(2022, 5, 1)}
    outside: list[Row] = [{"resident_code": MOTHER, "in_japan": "0", "latest_flag": "1"}]
    child = resident(CHILD, date(2018, 6, 15))
    for stays, reasons in (([first, second], ["00", "00", "00"]), ([first, last], ["00", "00", "12"])):
        about = register(residents=[child, *stays], nonresidents=outside)
        days = (date(2020, 5, 1), date(2021, 5, 1), date(2022, 5, 1))
        assert [about.reason_on(day) for day in days] == reasons


def test_who_leaves_loses_the_registration_and_it_is_a_fault_only_after_the_return() -> None:
    first = resident(CHILD, date(2018, 6, 15), resident_to_date=date(2020, 5, 1), resident_to_reason="51")
    back = resident(CHILD, date(2018, 6, 15), date(2021, 5, 1), history_no=2)
    about = register(residents=[first, back, resident(MOTHER, date(1990, 1, 1), sex="2")])
    assert [about.standing_on(day)["faults"] for day in (date(2020, 5, 1), date(2021, 5, 1))] == ["02", "11"]


def test_a_child_without_a_registration_belongs_to_the_guardian_last_asked_for() -> None:
    changed = application(
        guardian=FATHER, application_type="03", application_reason="08",
        application_date=date(2013, 1, 15), event_date=date(2013, 1, 15),
    )  # fmt: skip
    people = [resident(CHILD, date(2001, 5, 5)), resident(MOTHER, date(1975, 1, 1)), resident(FATHER, date(1974, 1, 1))]
    about = _pupil(changed, residents=people)
    found = [about.standing_on(day) for day in (date(2012, 10, 1), date(2013, 1, 14), date(2013, 1, 15))]
    assert [(row["reason"], row["guardian_resident_code"]) for row in found] == [
        ("11", MOTHER),
        ("11", MOTHER),
        ("11", FATHER),
    ]


def test_a_refusal_names_the_stay_that_ended_or_the_registration_that_is_gone() -> None:
    left: Row = {"resident_to_date": date(2020, 5, 1), "resident_to_reason": "51"}
    abroad = left | {"resident_to_reason": "52"}
    born, day = date(2018, 6, 15), date(2020, 5, 1)
    child, mother = resident(CHILD, born), resident(MOTHER, date(1990, 1, 1), sex="2")
    back = resident(CHILD, born, date(2021, 5, 1), history_no=2)
    gone = register(residents=[mother, child | left, back])
    without = register(residents=[child, mother | abroad])
    named = [gone.standing_on(day), gone.standing_on(date(2021, 5, 1)), without.standing_on(day)]
    assert [(row["reason"], row["feed"], row["line_no"]) for row in named] == [
        ("02", "residents", 2),
        ("11", "applications", 1),
        ("12", "residents", 2),
    ]


def test_who_returns_on_the_day_of_leaving_is_registered_from_that_day() -> None:
    left = date(2020, 5, 1)
    first = resident(CHILD, date(2018, 6, 15), resident_to_date=left, resident_to_reason="51")
    back = resident(CHILD, date(2018, 6, 15), left, history_no=2)
    about = register(
        residents=[first, back, resident(MOTHER, date(1990, 1, 1), sex="2")],
        applications=[
            application(application_date=date(2018, 6, 20), event_date=date(2018, 6, 15)),
            application(application_date=left, event_date=left, application_reason="03"),
        ],
    )
    assert [about.reason_on(day) for day in (date(2020, 4, 30), left, date(2020, 5, 2))] == ["00"] * 3


def test_an_override_says_what_the_rules_said_before_it_and_a_withdrawn_one_nothing() -> None:
    hold: Row = {
        "override_no": "O1", "revision_no": 1, "child_resident_code": CHILD, "outcome": "3",
        "start_date": date(2020, 5, 1), "end_date": date(2020, 6, 1), "entered_date": date(2020, 5, 7),
    }  # fmt: skip
    found = register(overrides=[hold]).standing_on(date(2020, 5, 31))
    assert (found["entitled"], found["reason"], found["ruled_reason"], found["feed"]) == ("0", "16", "00", "overrides")
    withdrawn = register(overrides=[hold, hold | {"revision_no": 2, "withdrawn": "1"}])
    assert withdrawn.standing_on(date(2020, 5, 31))["reason"] == "00"
    later = hold | {"override_no": "O2", "outcome": "2", "entered_date": date(2020, 5, 9)}
    assert register(overrides=[later, hold]).reason_on(date(2020, 5, 31)) == "99"


def test_an_override_revised_to_another_child_leaves_the_first_one_alone() -> None:
    hold: Row = {
        "override_no": "O1", "revision_no": 1, "child_resident_code": CHILD, "outcome": "3",
        "start_date": date(2020, 5, 1), "end_date": None, "entered_date": date(2020, 5, 7),
    }  # fmt: skip
    assert register(overrides=[hold]).reason_on(date(2020, 5, 31)) == "16"
    moved = hold | {"revision_no": 2, "child_resident_code": STRANGER}
    assert register(overrides=[hold, moved]).reason_on(date(2020, 5, 31)) == "00"


def test_an_override_cannot_lengthen_childhood() -> None:
    grant: Row = {
        "override_no": "O1", "revision_no": 1, "child_resident_code": CHILD, "outcome": "1",
        "start_date": date(2020, 5, 1), "end_date": None, "entered_date": date(2020, 5, 7),
    }  # fmt: skip
    found = register(overrides=[grant])
    assert found.eligibility["end_date"].max() == date(2037, 4, 1)
