"""`kodomo explain child`: outcome, since, until, why, by which file and line, and what would change it; no names."""

import json
from pathlib import Path
from typing import Any

import pytest

from resources.keys import KeyRing, key_file
from schemas.law.book import Law
from tests.pipelines import hand_made_city as city
from tests.support.month import invoked, living_in

ON = ("--on", "2026-09-15")
OLD = "000000000000301"
"""Another number of the child LATE."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October, and November with a late fact and an override."""
    home, law = tmp_path_factory.mktemp("explained"), Law.load("112038")
    news = {
        "public_assistance": city.assistance(city.LATE, city.EVERYTHING),
        "overrides": city.overrides(city.RULED, city.EVERYTHING),
        "nonresidents": city.once_numbered(OLD, city.LATE),
    }
    with living_in(home) as house:
        KeyRing.create(key_file())
        city.publish_month(house, city.OCTOBER, city.first_known(), law)
        city.publish_month(house, city.NOVEMBER, city.with_news(city.first_known(), news), law)
        city.record_decision(house, city.LATE)
    return home


def told(place: Path, child: str, *words: str) -> dict[str, Any]:
    """The explanation as JSON."""
    ended = invoked(place, "explain", "child", child, *(words or ON), "--format", "json")
    assert ended.exit_code == 0, ended.output
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_an_entitled_child_is_so_since_its_registration_until_its_age_ends(place: Path) -> None:
    child = told(place, city.AMENDED)
    assert (child["outcome"], child["benefit_class"]) == ("資格あり", "入院+通院")
    assert (child["since"], child["until"]) == ("2024-10-01", "2031-03-31")
    assert all(ground["holds"] for ground in child["grounds"])
    assert child["changes"] == []


def test_a_refusal_names_the_row_that_decided_it_and_what_would_change_it(place: Path) -> None:
    child = told(place, city.LATE)
    assert (child["outcome"], child["reason"], child["since"]) == ("資格なし", "生活保護", "2026-08-01")
    (missed,) = (ground for ground in child["grounds"] if not ground["holds"])
    assert (missed["source_file"], missed["line"]) == ("public_assistance_diff_20261110_0041.csv", 2)
    assert child["changes"] == ["生活保護に、この日には該当しなくなっていること(廃止・喪失)"]


def test_an_old_number_is_the_same_child(place: Path) -> None:
    assert told(place, OLD) == told(place, city.LATE)


def test_what_was_known_then_is_what_counts(place: Path) -> None:
    then = told(place, city.LATE, *ON, "--known", "2026-11-09")
    assert (then["outcome"], then["known"]) == ("資格あり", "2026-11-09")
    assert then["decisions"] == []


def test_the_record_of_decisions_names_cause_and_first_day(place: Path) -> None:
    (decided,) = told(place, city.LATE)["decisions"]
    assert decided["decision_no"] == f"E202611-{city.LATE}"
    assert (decided["cause"], decided["changed_from_date"]) == ("遅れて届いた", "2026-08-01")


def test_an_override_is_told_with_who_why_before_and_after(place: Path) -> None:
    child = told(place, city.RULED)
    (override,) = child["overrides"]
    assert (override["operator_code"], override["approver_code"], override["why"]) == ("S01", "S02", "面談の結果による")
    assert (override["before"], override["after"]) == ("該当", "その他")
    assert child["sentence"] == "職員の強制修正による。"
    assert child["changes"] == ["職員による強制修正が取りやめられること"]


def test_an_override_over_a_refusal_needs_both_facts(place: Path) -> None:
    assert len(told(place, city.EVERYTHING)["changes"]) == 2


def test_a_child_nobody_applied_for_is_judged_by_residence_and_age(place: Path) -> None:
    child = told(place, city.UNASKED)
    assert child["outcome"] == "資格なし(未申請)"
    missed = [ground["label"] for ground in child["grounds"] if not ground["holds"]]
    assert missed == ["登録"]
    assert child["changes"] == ["この日から効力のある、受給資格の登録の申請があること"]


def test_a_day_after_every_age_is_refused_by_age(place: Path) -> None:
    child = told(place, city.LATE, "--on", "2031-04-01")
    assert (child["outcome"], child["reason"], child["since"], child["until"]) == (
        "資格なし",
        "年齢",
        "2031-04-01",
        None,
    )


@pytest.mark.parametrize(
    ("child", "day", "said"),
    [
        (city.LATE, "2012-05-19", "まだ生まれていません"),
        (city.LATE, "2009-03-31", "まだ生まれていません"),
        ("000000000000999", "2026-09-15", "台帳にいません"),
    ],
)
def test_a_child_nobody_knows_is_one_sentence(place: Path, child: str, day: str, said: str) -> None:
    ended = invoked(place, "explain", "child", child, "--on", day)
    assert ended.exit_code == 1
    assert said in ended.output


def test_before_the_first_month_there_is_nothing_to_explain(tmp_path: Path) -> None:
    with living_in(tmp_path):
        KeyRing.create(key_file())
    ended = invoked(tmp_path, "explain", "child", city.LATE, *ON)
    assert ended.exit_code == 1
    assert "まだ決定した月がありません" in ended.output


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_no_name_and_no_address_is_in_any_form(place: Path, form: str) -> None:
    for child in (*city.CHILDREN, city.UNASKED):
        said = invoked(place, "explain", "child", child, *ON, "--format", form).stdout
        assert child in said
        assert city.NAME not in said
        assert city.ADDRESS not in said
