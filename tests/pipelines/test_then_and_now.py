"""`kodomo replay` and `kodomo diff`: the past decided again to the byte, and what made today's different."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.explanation.comparing import compared
from pipelines.moments import Moment, moment
from pipelines.replay import differences, replayed_child, replayed_month
from reports.explain import changes
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.codes import DECISION_REASON
from schemas.law.book import HERE, Law
from schemas.records.register import ELIGIBILITY
from tests.pipelines import hand_made_city as city
from tests.support.month import invoked, living_in

LAW = Law.load("112038")
OCTOBER_END, NOVEMBER_END = date(2026, 10, 31), date(2026, 11, 30)
AMENDMENT = """
    - from: 2026-09
      value: 20
      basis: 試験の改正
      source: 試験
      confirmed: false
      ask: 試験
"""
"""入院 until the fiscal year in which 20 is reached, from September 2026."""


@pytest.fixture(scope="module")
def amended(tmp_path_factory: pytest.TempPathFactory) -> Law:
    """The law with one dated line more."""
    folder = tmp_path_factory.mktemp("amended") / "law"
    shutil.copytree(HERE, folder)
    page = folder / "kawaguchi" / "eligibility.yaml"
    head, name, rest = page.read_text("utf-8").partition("age.outpatient_until_years:")
    page.write_text(head.rstrip() + AMENDMENT + "\n" + name + rest, "utf-8")
    return Law.load("112038", folder)


def later_known(*, late: bool = True, overridden: bool = True) -> dict[str, pl.DataFrame]:
    """What is known at the end of November: the news of October, late facts, overrides."""
    news = {}
    if late:
        news["public_assistance"] = city.assistance(city.LATE, city.EVERYTHING)
    if overridden:
        news["overrides"] = city.overrides(city.RULED, city.EVERYTHING)
    return city.with_news(city.first_known(), news)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, amended: Law) -> Path:
    """October decided; then November, with late facts, overrides and an amended law; then October once more."""
    home = tmp_path_factory.mktemp("then")
    with living_in(home) as house:
        KeyRing.create(key_file())
        city.publish_month(house, city.OCTOBER, city.first_known(), LAW)
        city.publish_month(house, city.NOVEMBER, later_known(), amended)
        again = city.with_news(city.first_known(), {"overrides": city.overrides(city.AMENDED)})
        city.publish_month(house, city.OCTOBER, again, amended)
        city.publish_month(house, city.OCTOBER, city.first_known(), LAW)
        city.record_decision(house, city.LATE)
    return home


@pytest.fixture
def house(place: Path) -> Iterator[House]:
    with living_in(place) as house:
        yield house


def test_every_generation_of_a_month_is_made_again_to_the_byte(house: House) -> None:
    generations = {number: replayed_month(house, "2026-10", number) for number in (1, 2, 3)}
    assert all(again.same for again in generations.values())
    assert generations[1].digest == generations[3].digest != generations[2].digest
    assert replayed_month(house, "2026-11").same


def test_the_command_says_that_both_agree_and_ends_with_0(place: Path) -> None:
    for words in (("--known", "2026-10-31"), ("--month", "2026-10"), ("--month", "2026-10", "--generation", "2")):
        ended = invoked(place, "replay", *words)
        assert ended.exit_code == 0
        assert ended.stdout.startswith("一致: 2026-10")


def test_a_decision_its_inputs_do_not_give_is_found_and_counted(place: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(place, tmp_path / "home")
    with living_in(copy) as house:
        stood = house.shelf.standing(ELIGIBILITY, "2026-11")
        rows = house.shelf.open(ELIGIBILITY, stood)
        first = pl.int_range(pl.len()) == 0
        forged = rows.with_columns(pl.when(first).then(pl.lit("99")).otherwise("reason").alias("reason"))
        house.shelf.publish(ELIGIBILITY, "2026-11", forged, run_id="forged", inputs=stood.inputs)
    ended = invoked(copy, "replay", "--month", "2026-11")
    assert ended.exit_code == 1
    assert "不一致" in ended.stdout
    assert "当時だけの行 1、作り直しだけの行 1" in ended.stdout


def test_a_child_is_decided_by_what_was_known_on_the_day(house: House) -> None:
    before, after = (replayed_child(house, city.LATE, day) for day in (date(2026, 11, 9), date(2026, 11, 10)))
    assert "04" not in before["reason"]
    assert after.filter(pl.col("reason") == "04")["start_date"].to_list() == [date(2026, 8, 1)]


def test_now_is_the_replay_of_now(house: House) -> None:
    stood = house.shelf.read(ELIGIBILITY, "2026-11")
    children = [replayed_child(house, child, NOVEMBER_END) for child in city.CHILDREN]
    assert pl.concat(children).sort(ELIGIBILITY.key).equals(stood)


def test_the_intervals_of_a_child_are_printed(place: Path) -> None:
    ended = invoked(place, "replay", "--known", "2026-11-10", "--child", city.LATE)
    assert ended.exit_code == 0
    assert "2026-08-01 〜 2033-03-31  資格なし(生活保護)" in ended.stdout
    unknown = invoked(place, "replay", "--known", "2026-11-10", "--child", "000000000000999")
    assert "資格の期間がありません" in unknown.stdout


def test_a_night_of_a_month_in_process_is_known_the_same_day(tmp_path: Path) -> None:
    night = city.NOVEMBER
    with living_in(tmp_path) as house:
        KeyRing.create(key_file())
        city.publish_month(house, city.OCTOBER, city.first_known(), LAW)
        city.publish_night(house, night, {"public_assistance": city.assistance(city.LATE, learned=night)})
        found = kinds(differences(moment(house, OCTOBER_END), moment(house, night)))
    assert found == {changes.LATE: [(city.LATE, AUGUST)]}


def kinds(found: list[changes.Change]) -> dict[str, list[tuple[str, date]]]:
    """Per kind the children and the first day changed."""
    return {
        kind: [(one.child_resident_code, one.start_date) for one in found if one.kind == kind]
        for kind in changes.KINDS
        if any(one.kind == kind for one in found)
    }


def then_and(frames: dict[str, pl.DataFrame], law: Law) -> tuple[Moment, Moment]:
    """October as it was known, and November with these rows and this law."""
    first = Moment(city.Known(city.first_known()), LAW, OCTOBER_END)
    return first, Moment(city.Known(frames), law, NOVEMBER_END)


AUGUST, SEPTEMBER, TWENTIES = date(2026, 8, 1), date(2026, 9, 1), date(2031, 4, 1)


def test_late_facts_alone_are_late_facts() -> None:
    found = kinds(differences(*then_and(later_known(overridden=False), LAW)))
    assert found == {changes.LATE: [(city.LATE, AUGUST), (city.EVERYTHING, AUGUST)]}


def test_an_amendment_alone_is_the_law(amended: Law) -> None:
    found = kinds(differences(*then_and(city.first_known(), amended)))
    assert found == {changes.LAW: [(child, TWENTIES) for child in city.CHILDREN]}


def test_overrides_alone_are_overrides() -> None:
    found = kinds(differences(*then_and(later_known(late=False), LAW)))
    assert found == {changes.OVERRIDDEN: [(city.RULED, SEPTEMBER), (city.EVERYTHING, SEPTEMBER)]}


def test_nothing_new_is_no_difference() -> None:
    assert differences(*then_and(city.first_known(), LAW)) == []


def test_all_three_together_are_told_apart(house: House) -> None:
    then, now = moment(house, OCTOBER_END), moment(house, NOVEMBER_END)
    found = differences(then, now)
    assert kinds(found) == {
        changes.LATE: [(city.LATE, AUGUST), (city.EVERYTHING, AUGUST)],
        changes.LAW: [(child, TWENTIES) for child in city.CHILDREN],
        changes.OVERRIDDEN: [(city.RULED, SEPTEMBER), (city.EVERYTHING, SEPTEMBER)],
    }
    one = [change for change in found if change.child_resident_code == city.EVERYTHING]
    assert differences(then, now, city.EVERYTHING) == one


def test_the_last_step_on_a_day_says_what_now_says(house: House) -> None:
    then, now = moment(house, OCTOBER_END), moment(house, NOVEMBER_END)
    found = differences(then, now)
    whole = compared(then.decided(), now.decided())
    assert whole.height >= 6
    for row in whole.iter_rows(named=True):
        inside = [one for one in found if one.child_resident_code == row["child_resident_code"]]
        last = [one for one in inside if one.start_date <= row["start_date"] < one.end_date][-1]
        assert DECISION_REASON.labels[row["is_reason"]] in last.now


def test_the_command_prints_ranges_of_a_child_and_counts_of_everybody(place: Path) -> None:
    between = ("--then", "2026-10-31", "--now", "2026-11-30")
    child = invoked(place, "diff", *between, "--child", city.EVERYTHING).stdout
    assert "令和8年8月1日から令和13年3月31日まで  資格あり(該当) → 資格なし(生活保護)" in child
    assert "令和13年4月1日から令和15年3月31日まで  なし → 資格なし(生活保護)" in child
    assert "令和8年9月1日から令和8年9月30日まで  資格なし(生活保護) → 資格なし(その他)" in child
    counts = invoked(place, "diff", *between).stdout.splitlines()
    assert [line.split()[0] + line.split()[1] for line in counts] == [
        "遅れて届いた事実:2人",
        "法の改正:4人",
        "強制修正:2人",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("replay",),
        ("replay", "--known", "2026-10-30"),
        ("replay", "--known", "2026-10-31", "--month", "2026-10"),
        ("replay", "--month", "2026-10", "--child", city.LATE),
        ("diff", "--then", "2026-11-30", "--now", "2026-10-31"),
        ("diff", "--then", "10月", "--now", "2026-10-31"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused(place: Path, words: tuple[str, ...]) -> None:
    assert invoked(place, *words).exit_code == 2


def test_a_month_that_was_never_decided_is_one_sentence(place: Path) -> None:
    ended = invoked(place, "replay", "--month", "2026-04")
    assert ended.exit_code == 1
    assert "まだ作られていません" in ended.output
