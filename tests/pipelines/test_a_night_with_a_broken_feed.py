"""A broken delivery ends its own feed in one sentence and nothing else; the right file makes the night whole."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from assets.feeds import checks
from resources.house import House
from schemas.records.feeds import DAILY, RESIDENTS, accepted, refused
from schemas.records.payment import RESULTS_ENTERED, RESULTS_WORK
from schemas.records.transfers import TRANSFERS
from tests.support.deliveries import CITY
from tests.support.month import KEY, copied, digests, invoked, living_in, volumes

pytestmark = pytest.mark.xdist_group("month")
DAY, NEXT = "2026-10-01", "2026-10-02"
BROKEN = "residents_full_20261001_0001.csv"
NAMES = {record.name for record in DAILY}


@dataclass(frozen=True)
class Night:
    """A home whose first night met the broken file: how the command ended, and the inbox before it."""

    place: Path
    right: bytes
    code: int
    said: str
    inbox: dict[str, str]


@pytest.fixture(scope="module")
def night(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """One byte of the residents' file is flipped, and the night runs."""
    place = copied(settled, tmp_path_factory.mktemp("broken") / "home")
    file = place / "inbox" / CITY / "residents" / BROKEN
    right = file.read_bytes()
    content = bytearray(right)
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    inbox = digests(place / "inbox")
    ended = invoked(place, "nightly", "--date", DAY)
    return Night(place, right, ended.exit_code, ended.output, inbox)


def of_day(place: Path) -> set[str]:
    return {str(table) for table, day, _, _ in volumes(place) if day == DAY}


def test_the_night_ends_with_1_and_a_sentence_that_names_the_file(night: Night) -> None:
    sentences = [line for line in night.said.splitlines() if line]
    assert night.code == 1
    assert len(sentences) == 1
    assert BROKEN in sentences[0]
    assert "再送を依頼してください" in sentences[0]
    assert "Traceback" not in night.said


def test_the_broken_feed_is_not_published_and_every_other_feed_is(night: Night) -> None:
    others = NAMES - {RESIDENTS.name}
    extracts = {record.name for record in TRANSFERS.values()}
    made = of_day(night.place) - extracts
    assert made == others | {f"{name}_refused" for name in others} | {RESULTS_ENTERED.name, RESULTS_WORK.name}


def test_nothing_is_lost(night: Night) -> None:
    assert digests(night.place / "inbox") == night.inbox
    with living_in(night.place) as house:
        assert house.registry.accepted(CITY, RESIDENTS.name) == []
        assert [name for name in NAMES if name != RESIDENTS.name and not whole(house, name)] == []


def whole(house: House, name: str) -> bool:
    """Whether every row the control files of the day tell of is accepted or refused."""
    remembered = house.registry.accepted(CITY, name)
    record = next(record for record in DAILY if record.name == name)
    rows = house.shelf.read(accepted(record), DAY).height
    lines = house.shelf.read(refused(record), DAY).select("delivery", "line_no").n_unique()
    return sum(delivery.rows for delivery in remembered) == rows + lines


def test_a_month_without_its_nights_ends_with_1_and_names_the_night_to_run(night: Night) -> None:
    month = invoked(night.place, "monthly", "--month", KEY)
    assert month.exit_code == 1
    assert f"kodomo nightly --date {NEXT}" in month.output
    assert "まだ作られていません" in month.output
    assert "Traceback" not in month.output
    assert not list((night.place / "outbox").rglob("zengin_*"))


def test_with_the_right_file_the_same_night_ends_with_0_and_publishes_only_what_was_missing(
    night: Night, tmp_path: Path
) -> None:
    place = copied(night.place, tmp_path / "home")
    stood = volumes(place)
    (place / "inbox" / CITY / "residents" / BROKEN).write_bytes(night.right)
    again = invoked(place, "nightly", "--date", DAY)
    assert again.exit_code == 0, again.output
    assert set(stood) < set(volumes(place))
    assert {RESIDENTS.name, f"{RESIDENTS.name}_refused"} <= of_day(place)
    assert {generation for _, _, generation, _ in volumes(place)} == {1}
    with living_in(place) as house:
        assert whole(house, RESIDENTS.name)


def test_a_check_that_does_not_hold_ends_with_1_and_its_name(
    settled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_off(feed: str, *_: object) -> list[str]:
        return ["1 row"] if feed == RESIDENTS.name else []

    monkeypatch.setattr(checks, "imbalances", one_off)
    ended = invoked(copied(settled, tmp_path / "home"), "nightly", "--date", DAY)
    assert ended.exit_code == 1
    sentences = [line for line in ended.output.splitlines() if line]
    assert sentences == ["residents: rows_and_yen_in_equal_accepted_plus_refused が成り立ちません"]
