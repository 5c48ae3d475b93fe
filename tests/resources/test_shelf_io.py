"""Dagster's runs publish and read through the shelf, and their events hold counts only."""

import errno
from pathlib import Path
from typing import NoReturn

import dagster as dg
import polars as pl
import pytest
from sqlalchemy.engine import URL

from resources.house import House
from resources.keys import KeyRing
from resources.registry import Source
from resources.shelf import Shelf
from resources.shelf_io import ShelfIO
from resources.trouble import TROUBLE
from schemas.record import Record
from tests.resources.children import PAPERS, papers
from tests.support.postgres import on_both_databases

CANARY = "秘密の氏名"
DAYS = dg.DailyPartitionsDefinition("2026-10-01", end_offset=1)
MONTHS = dg.MonthlyPartitionsDefinition("2026-10", fmt="%Y-%m", end_offset=1)
COPIES = Record("copies", "写し", "試験", PAPERS.items, PAPERS.key)


SAID = {"title": "表題"}
"""What the papers say: a test changes it to change the rows."""


@dg.asset(partitions_def=DAYS, metadata={"record": "papers"})
def daily_papers(context: dg.AssetExecutionContext) -> pl.DataFrame:
    return papers(int(context.partition_key[-2:])).with_columns(title=pl.lit(SAID["title"]))


@dg.asset(partitions_def=MONTHS, metadata={"record": "copies"})
def monthly_copies(daily_papers: pl.DataFrame) -> pl.DataFrame:
    return daily_papers.group_by("paper_no").agg(pl.col("title").first(), pl.col("amount_yen").sum())


@dg.asset(partitions_def=DAYS, metadata={"record": "copies"})
def copy_of_the_day(daily_papers: pl.DataFrame) -> pl.DataFrame:
    return daily_papers


@dg.asset(metadata={"record": "papers"})
def without_partition() -> pl.DataFrame:
    return papers(2)


@dg.asset(metadata={"record": "nothing"})
def without_record() -> pl.DataFrame:
    return papers(2)


@dg.asset_check(asset=daily_papers, partitions_def=DAYS)
def papers_are_there(daily_papers: pl.DataFrame) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"rows": daily_papers.height})


@pytest.fixture
def house(database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house at a home and a database of its own."""
    monkeypatch.setenv("KODOMO_HOME", str(tmp_path))
    monkeypatch.delenv("KODOMO_KEY_FILE", raising=False)
    monkeypatch.delenv("KODOMO_MODE", raising=False)
    monkeypatch.delenv("KODOMO_DATABASE_URL", raising=False)
    if database.get_backend_name() == "postgresql":
        monkeypatch.setenv("KODOMO_DATABASE_URL", database.render_as_string(hide_password=False))
    KeyRing.create(tmp_path / "keys.json")
    monkeypatch.setattr("resources.shelf_io.RECORDS", {record.name: record for record in (PAPERS, COPIES)})
    return House()


def run(house: House, *assets: dg.AssetsDefinition, partition: str | None = None) -> dg.ExecuteInProcessResult:
    upstream = [] if daily_papers in assets else [daily_papers.to_source_asset()]
    return dg.materialize(
        [*assets, *upstream],
        partition_key=partition,
        resources={"io_manager": ShelfIO(house=house)},
        raise_on_error=False,
    )


def failure(result: dg.ExecuteInProcessResult) -> dg.Failure | None:
    steps = result.filter_events(lambda event: event.event_type == dg.DagsterEventType.STEP_FAILURE)
    assert [event.is_step_restarted for event in steps] == [False]
    return steps[0].step_failure_data.user_failure_data


@on_both_databases
def test_a_run_publishes_its_partition_and_tells_counts(house: House) -> None:
    result = run(house, daily_papers, partition="2026-10-03")
    assert result.success
    assert house.shelf.read(PAPERS, "2026-10-03").height == 3
    told = result.asset_materializations_for_node("daily_papers")[0].metadata
    volume = house.shelf.current("papers", "2026-10-03")
    assert volume is not None
    assert volume.run_id == result.run_id
    assert {name: value.value for name, value in told.items()} == {
        "rows": 3,
        "generation": 1,
        "digest": volume.digest[:12],
        "unchanged": False,
    }


def test_running_again_is_unchanged(house: House) -> None:
    run(house, daily_papers, partition="2026-10-03")
    told = run(house, daily_papers, partition="2026-10-03").asset_materializations_for_node("daily_papers")[0].metadata
    assert (told["generation"].value, told["unchanged"].value) == (1, True)


def test_a_table_knows_the_generations_it_was_made_from(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(house, daily_papers, copy_of_the_day, papers_are_there, partition="2026-10-02").success
    monkeypatch.setitem(SAID, "title", "訂正")
    run(house, daily_papers, partition="2026-10-02")
    assert run(house, copy_of_the_day, partition="2026-10-02").success
    made = house.shelf.current("copies", "2026-10-02")
    assert made is not None
    assert made.inputs == (Source("papers", "2026-10-02", 2),)


def test_a_month_takes_all_its_days_in_order(house: House) -> None:
    for day in range(1, 32):
        assert house.shelf.publish(PAPERS, f"2026-10-{day:02d}", papers(1, day), run_id="r").generation == 1
    result = run(house, monthly_copies, partition="2026-10")
    assert result.success
    assert house.shelf.read(COPIES, "2026-10")["amount_yen"].to_list() == [sum(range(1, 32))]
    made = house.shelf.current("copies", "2026-10")
    assert made is not None
    assert [source.partition for source in made.inputs][::30] == ["2026-10-01", "2026-10-31"]


def test_a_missing_partition_fails_once_with_the_command_that_makes_it(house: House) -> None:
    told = failure(run(house, copy_of_the_day, partition="2026-10-02"))
    assert told is not None
    assert "書類(papers)の 2026-10-02" in str(told.description)
    assert "kodomo nightly --date 2026-10-02" in str(told.description)


def test_rows_that_break_their_record_fail_once_without_a_value(
    house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(SAID, "title", CANARY * 20)
    result = run(house, daily_papers, partition="2026-10-02")
    told = failure(result)
    assert told is not None
    assert "title: 桁数 ×2" in str(told.description)
    assert CANARY not in "".join([*map(str, result.all_events), *capfd.readouterr()])
    assert house.shelf.partitions("papers") == []


def test_a_disk_that_fails_while_a_table_is_published_or_read_is_trouble_in_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> NoReturn:
        raise OSError(errno.EIO, "EIO", "/secret")

    for door, asset in (("publish", daily_papers), ("open", copy_of_the_day)):
        with monkeypatch.context() as patch:
            patch.setattr(Shelf, door, broken)
            told = failure(run(house, asset, partition="2026-10-02"))
        assert told is not None
        assert str(told.description).startswith("ファイルの読み書きに失敗しました(EIO)。")
        assert told.metadata[TROUBLE].value == "EIO"
        assert run(house, daily_papers, partition="2026-10-02").success


def test_a_table_without_partitions_is_one(house: House) -> None:
    assert run(house, without_partition).success
    assert house.shelf.partitions("papers") == ["all"]


def test_an_asset_of_an_unknown_record_fails(house: House) -> None:
    told = failure(run(house, without_record))
    assert told is not None
    assert "without_record" in str(told.description)
