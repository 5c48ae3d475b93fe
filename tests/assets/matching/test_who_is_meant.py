"""Matching by five attributes: what is compared, what one outcome follows, and what waits for a person."""

from datetime import date

import pytest

from assets.matching.assets import MATCHING_ASSETS
from schemas.records.matching import MATCH_QUEUE, MATCHES
from tests.assets.matching.named_people import BORN, HANA, MOTHER, MUM, OTHER, REN, City, answer, application, person

STRANGER = "000000000000404"


def test_who_is_named_as_the_register_writes_her_is_matched_in_all_five_attributes() -> None:
    found = City(applications=[application()])
    assert (found.of("child").result, found.of("child").chosen) == ("1", HANA)
    assert found.of("child").grades(HANA) == "11111"
    assert (found.of("guardian").result, found.of("guardian").chosen) == ("1", MOTHER)
    assert found.of("guardian").grades(MOTHER) == "11999", "the form gives number and name of a guardian only"
    assert found.queue.is_empty()


@pytest.mark.parametrize(
    ("held", "told", "grades"),
    [
        ({"name": "髙橋　花"}, {"child_name": "高橋　花"}, "21111"),
        ({"name": "渡邉　花"}, {"child_name": "渡邊　花"}, "21111"),
        ({"name": "葛\U000e0100西　花"}, {"child_name": "葛西　花"}, "21111"),
        ({"name": "\u795e\ufe00谷　花"}, {"child_name": "\ufa19谷　花"}, "21111"),
        ({"name": "ＺＨＡＮＧ　ＨＡＮＡ"}, {"child_name": "Zhang Hana"}, "21111"),
        ({"name": "張　花", "native_name": "ZHANG HANA"}, {"child_name": "ZHANG HANA"}, "21111"),
        ({}, {"child_name": "佐藤花"}, "21111"),
        ({}, {"child_name_kana": "ｻﾄｳ ﾊﾅ"}, "12111"),
        ({}, {"child_name_kana": "さとう　はな"}, "12111"),
        ({"name_kana": "サトウ　キョウ"}, {"child_name_kana": "ｻﾄｳ ｷﾖｳ"}, "12111"),
        ({"name_kana": "サトウ　レーナ"}, {"child_name_kana": "サトウ　レ－ナ"}, "12111"),
        ({}, {"child_address": "川口市青木2丁目1-1"}, "11112"),
        ({"katagaki": "青木荘１０１"}, {"child_address": "川口市青木２丁目１－１　青木荘１０１"}, "11112"),
    ],
)
def test_a_difference_of_writing_alone_is_told_and_does_not_part_a_match(
    held: dict[str, object], told: dict[str, object], grades: str
) -> None:
    found = City([person(HANA, **held), MUM], [application(**told)]).of("child")
    assert (found.result, found.chosen, found.grades(HANA)) == ("1", HANA, grades)


@pytest.mark.parametrize(
    ("held", "told", "grades"),
    [
        ({}, {"child_name": "鈴木　花", "child_name_kana": "スズキ　ハナ"}, "33111"),
        ({"name": "島田　花"}, {"child_name": "嶋田　花"}, "31111"),
        ({}, {"child_sex": "1"}, "11311"),
        ({}, {"child_birth_date": date(2018, 6, 16)}, "11131"),
        ({}, {"child_address": "川口市前川１丁目１－１"}, "11113"),
        ({}, {"child_name_kana": "サトウ　カナ"}, "13111"),
        ({"sex": "9"}, {}, "11911"),
        ({}, {"child_sex": "0"}, "11911"),
    ],
)
def test_an_attribute_that_differs_or_a_deciding_one_not_told_waits_for_a_person(
    held: dict[str, object], told: dict[str, object], grades: str
) -> None:
    """A changed surname, an unlisted 異体字, a wrong day: never decided here."""
    city = City([person(HANA, **held), MUM], [application(**told)])
    found = city.of("child")
    assert (found.result, found.chosen, found.grades(HANA)) == ("2", None, grades)
    assert city.queue.select("source_no", "subject", "result", "candidate_count").rows() == [("A1", "child", "2", 1)]


def test_a_former_address_is_told_apart_and_does_not_part_a_match() -> None:
    former = {
        "resident_code": HANA,
        "start_date": BORN,
        "end_date": date(2025, 1, 1),
        "address": "川口市前川１丁目１－１",
    }
    told = application(child_address="川口市前川1丁目1-1")
    found = City(applications=[told], addresses=[former]).of("child")
    assert (found.result, found.chosen, found.grades(HANA)) == ("1", HANA, "11112")
    anothers = City(applications=[told], addresses=[former | {"resident_code": MOTHER}]).of("child")
    assert (anothers.result, anothers.grades(HANA)) == ("2", "11113")


def test_another_person_of_the_same_name_is_not_even_a_candidate() -> None:
    """INC-27: a person of the same name was taken for the one meant."""
    namesake = person(OTHER, birth_date=date(2015, 1, 1), address="川口市本町１丁目１－１")
    city = City(
        [person(HANA), MUM, namesake], [application()], answers=[answer(name="佐藤　花", name_kana="サトウ　ハナ")]
    )
    assert city.of("child").candidates == [HANA]
    assert city.of("person").candidates == [None]
    assert (city.of("person").result, city.of("person").chosen) == ("0", None)


def test_a_namesake_born_on_the_same_day_is_shown_as_different_and_not_taken() -> None:
    namesake = person(OTHER, sex="1", address="川口市本町１丁目１－１")
    found = City([person(HANA), MUM, namesake], [application()]).of("child")
    assert (found.result, found.chosen) == ("1", HANA)
    assert found.grades(OTHER) == "11313"


def test_a_number_of_another_register_that_is_someone_elses_here_waits_with_both_people_shown() -> None:
    """INC-25: 43 notices went to wrong people because two registers used different numbers."""
    someone = person(
        OTHER, name="鈴木　蓮", name_kana="スズキ　レン", sex="1", birth_date=date(2017, 3, 3), address="戸田市１"
    )
    city = City([person(HANA), MUM, someone], [application(child_resident_code=OTHER)])
    found = city.of("child")
    assert (found.result, found.chosen) == ("2", None)
    assert (found.grades(HANA), found.grades(OTHER)) == ("11111", "33333")
    assert city.queue["candidate_count"].to_list() == [2]


def test_a_number_nobody_has_waits_although_the_attributes_find_a_person() -> None:
    found = City(applications=[application(child_resident_code=STRANGER)]).of("child")
    assert (found.result, found.chosen, found.candidates) == ("2", None, [HANA])


def test_twins_are_matched_each_to_their_own_number() -> None:
    twins = [person(HANA), person(REN, name="佐藤　蓮", name_kana="サトウ　レン"), MUM]
    second = {"child_name": "佐藤　蓮", "child_name_kana": "サトウ　レン"}
    rows = [application(), application(application_no="A2", child_resident_code=REN, **second)]
    found = City(twins, rows).matches.filter(subject="child").select("source_no", "resident_code", "result", "chosen")
    assert found.rows() == [("A1", HANA, "1", "1"), ("A2", REN, "1", "1")]


def test_twins_whose_numbers_were_exchanged_wait() -> None:
    twins = [person(HANA), person(REN, name="佐藤　蓮", name_kana="サトウ　レン"), MUM]
    found = City(twins, [application(child_resident_code=REN)]).of("child")
    assert (found.result, found.chosen) == ("2", None)
    assert (found.grades(HANA), found.grades(REN)) == ("11111", "33111")


def test_two_people_whom_nothing_tells_apart_wait() -> None:
    city = City([person(HANA), person(OTHER), MUM], [application()])
    assert (city.of("child").result, city.of("child").chosen) == ("3", None)
    assert city.of("child").candidates == [HANA, OTHER]
    assert city.queue.select("subject", "result", "candidate_count").rows() == [("child", "3", 2)]


def test_two_numbers_of_one_person_are_one_person() -> None:
    alias = {"resident_code": OTHER, "person_code": HANA}
    city = City([person(HANA), person(OTHER), MUM], [application(child_resident_code=OTHER)], identities=[alias])
    assert (city.of("child").result, city.of("child").chosen) == ("1", OTHER)
    answered = City(
        [person(HANA), person(OTHER)], answers=[answer(name="佐藤花", name_kana="サトウハナ", birth_date=BORN)]
    )
    assert answered.of("person").result == "3"
    known_alias = City(answered.persons, answers=answered.answers, identities=[alias])
    assert (known_alias.of("person").result, known_alias.of("person").chosen) == ("1", HANA)


def test_a_guardian_is_only_ever_the_person_of_the_stated_number() -> None:
    changed = City(applications=[application(guardian_name="鈴木　美咲", guardian_name_kana="スズキ　ミサキ")]).of(
        "guardian"
    )
    assert (changed.result, changed.chosen, changed.grades(MOTHER)) == ("2", None, "33999")
    unknown = City(applications=[application(guardian_resident_code=STRANGER)]).of("guardian")
    assert (unknown.result, unknown.candidates) == ("0", [None])


def test_an_answer_without_address_is_matched_by_birth_sex_and_reading() -> None:
    found = City(answers=[answer(address=None)]).of("person")
    assert (found.result, found.chosen, found.grades(MOTHER)) == ("1", MOTHER, "11119")


def test_an_answer_without_reading_waits_although_the_name_agrees() -> None:
    found = City(answers=[answer(name_kana=None)]).of("person")
    assert (found.result, found.chosen, found.grades(MOTHER)) == ("2", None, "19111")


def test_an_application_corrected_by_a_later_delivery_counts_as_last_learned() -> None:
    wrong = application(child_sex="1", known_date=date(2026, 4, 1))
    right = application(known_date=date(2026, 4, 2), delivery="applications_2")
    for rows in ([wrong, right], [right, wrong]):
        city = City(applications=rows)
        assert city.of("child").result == "1"
        assert city.matches["delivery"].unique().to_list() == ["applications_2"]


def test_where_nobody_is_named_there_is_nothing_to_match() -> None:
    assert City().matches.schema == MATCHES.schema
    assert City().queue.schema == MATCH_QUEUE.schema
    assert City(persons=[], applications=[application()]).matches["result"].to_list() == ["0", "0"]


def test_the_tables_of_a_month_are_the_matches_and_who_waits() -> None:
    assert [asset.key.to_user_string() for asset in MATCHING_ASSETS] == ["matches", "match_queue", "taxes"]
