"""From the queue to a decision, and what an answer then tells of a person's taxes."""

from datetime import date

import pytest

from schemas.records.feeds import RESIDENT_TAXES
from schemas.records.register import known
from tests.assets.matching.named_people import (
    HANA,
    MOTHER,
    MUM,
    OTHER,
    City,
    Row,
    answer,
    application,
    decision,
    person,
)

STRANGER = "000000000000404"
TWO = [person(HANA), person(OTHER), MUM]
MUM_TWICE = [MUM, MUM | {"resident_code": OTHER}]


def of_answer(**more: object) -> Row:
    """A decision on the answer R1."""
    return decision(source_feed="municipal_answers", source_no="R1", subject="person", **more)


def test_a_decision_settles_what_the_attributes_leave_open() -> None:
    before = City(TWO, [application()])
    assert before.queue["subject"].to_list() == ["child"]
    after = City(TWO, [application()], decisions=[decision(resident_code=OTHER)])
    assert (after.of("child").result, after.of("child").chosen) == ("3", OTHER)
    assert after.of("child").rows["decided"].to_list() == ["1", "1"]
    assert after.queue.is_empty()


def test_a_decision_on_the_child_leaves_the_guardian_waiting() -> None:
    rows = [application(child_sex="1", guardian_name_kana="スズキ　ミサキ")]
    city = City(applications=rows, decisions=[decision()])
    assert city.of("child").chosen == HANA
    assert city.queue["subject"].to_list() == ["guardian"]


def test_the_highest_revision_of_a_decision_stands_in_whatever_order_it_came() -> None:
    first, second = decision(resident_code=OTHER), decision(revision_no=2, known_date=date(2026, 5, 1))
    for rows in ([first, second], [second, first]):
        assert City(TWO, [application()], decisions=rows).of("child").chosen == HANA


def test_of_two_decisions_the_later_stands() -> None:
    later = decision(decision_no="D0", resident_code=OTHER, decided_date=date(2026, 6, 1))
    assert City(TWO, [application()], decisions=[later, decision()]).of("child").chosen == OTHER


def test_a_decision_for_nobody_ends_the_waiting_and_chooses_nobody() -> None:
    city = City(TWO, [application()], decisions=[decision(resident_code=None)])
    assert city.of("child").chosen is None
    assert city.of("child").rows["chosen"].to_list() == ["0", "0"]
    assert city.queue.is_empty()


def test_a_decision_that_names_an_unknown_number_settles_nothing() -> None:
    city = City(TWO, [application()], decisions=[decision(resident_code=STRANGER)])
    assert city.queue["subject"].to_list() == ["child"]
    assert city.of("child").rows["decided"].to_list() == ["0", "0"]


def test_a_decision_may_name_a_person_whom_no_attribute_found() -> None:
    city = City(answers=[answer(birth_date=date(1990, 2, 1))], decisions=[of_answer(resident_code=MOTHER)])
    assert (city.of("person").chosen, city.of("person").grades(MOTHER)) == (MOTHER, "11131")
    assert city.queue.is_empty()


def test_a_person_may_correct_a_match() -> None:
    city = City(applications=[application()], decisions=[decision(resident_code=None)])
    assert (city.of("child").result, city.of("child").chosen) == ("1", None)


def test_a_matched_answer_counts_as_the_last_revision_of_the_persons_taxes() -> None:
    found = City(answers=[answer()]).taxes
    assert found.schema == known(RESIDENT_TAXES).schema
    known(RESIDENT_TAXES).validated(found)
    kept = found.select("resident_code", "tax_year", "revision_no", "filing", "total_income_yen", "delivery")
    assert kept.rows() == [(MOTHER, 2025, 9000, "1", 1_000_000, "municipal_answers_1")]


def test_the_last_answered_of_several_answers_has_the_highest_revision() -> None:
    rows = [
        answer(answer_no="R2", answered_date=date(2026, 6, 1), total_income_yen=2),
        answer(total_income_yen=1),
        answer(answer_no="R3", tax_year=2024, total_income_yen=3),
    ]
    found = City(answers=rows).taxes.select("tax_year", "revision_no", "total_income_yen")
    assert sorted(found.rows()) == [(2024, 9000, 3), (2025, 9000, 1), (2025, 9001, 2)]


@pytest.mark.parametrize(
    ("decisions", "whose"),
    [
        ([], []),
        ([of_answer(resident_code=OTHER)], [OTHER]),
        ([of_answer(resident_code=None)], []),
        ([of_answer(resident_code=STRANGER)], []),
    ],
)
def test_an_answer_that_fits_two_people_tells_nothing_of_anyone_until_it_is_decided(
    decisions: list[Row], whose: list[str]
) -> None:
    city = City(MUM_TWICE, answers=[answer()], decisions=decisions)
    assert city.of("person").result == "3"
    assert city.taxes["resident_code"].to_list() == whose


def test_an_answer_and_an_application_of_the_same_number_are_decided_apart() -> None:
    rows = [decision(source_no="R1")]
    city = City(TWO, [application(application_no="R1")], [answer()], rows)
    assert city.of("child").rows["decided"].to_list() == ["1", "1"]
    assert city.of("person").rows["decided"].to_list() == ["0"]
