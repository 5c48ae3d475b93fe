"""Writers killed at the worst instant, and writers at the same time."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy.engine import URL

from resources.durable import locked
from resources.shelf import Shelf
from tests.resources.children import PAPERS, papers

Start = Callable[..., "Popen[str]"]
MONTH = "2026-10"


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_a_killed_writer_leaves_nothing_half_done(shelf: Shelf, database: URL, tmp_path: Path, start: Start) -> None:
    places = ("after_temporary_write", "after_rename", "before_commit")
    children = [start("publish", address(database), place, tmp_path, 1) for place in places]
    assert [child.wait(timeout=60) for child in children] == [-signal.SIGKILL] * 3
    assert shelf.partitions("papers") == []
    assert len(shelf.unregistered()) == 2

    volume = shelf.publish(PAPERS, MONTH, papers(50), run_id="again")
    assert volume.generation == 1
    assert shelf.read(PAPERS, MONTH).equals(papers(50).sort("paper_no"))
    assert shelf.sweep() == 1


def test_a_writer_killed_after_its_row_has_published(shelf: Shelf, database: URL, tmp_path: Path, start: Start) -> None:
    assert start("publish", address(database), "after_commit", tmp_path, 1).wait(timeout=60) == -signal.SIGKILL
    assert shelf.read(PAPERS, MONTH).height == 50
    again = shelf.publish(PAPERS, MONTH, papers(50), run_id="again")
    assert again.unchanged
    assert again.generation == 1


def test_of_writers_at_the_same_time_one_wins_and_the_others_are_told(
    shelf: Shelf, database: URL, tmp_path: Path, start: Start
) -> None:
    children = [start("publish", address(database), "race", tmp_path, 10 * first) for first in range(1, 4)]
    told = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    won = sum(code == 0 for _, code in told)
    assert won >= 1
    assert all("StaleGeneration" in errors for errors, code in told if code != 0)
    current = shelf.current("papers", MONTH)
    assert current is not None
    assert current.generation == won
    assert all(shelf.read(PAPERS, MONTH, each).height == 50 for each in range(1, won + 1))
    assert shelf.unregistered() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sweeping_waits_for_a_writer_at_work(shelf: Shelf, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with locked(shelf.root / shelf.municipality / ".lock", shared=True):
            swept = pool.submit(shelf.sweep)
            assert not swept.done()
        assert swept.result(timeout=10) == 0
