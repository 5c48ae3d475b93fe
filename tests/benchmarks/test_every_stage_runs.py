"""Every stage of `make bench` runs on a small city, and a peer of the same work reaches the same result."""

import pytest

from benchmarks import __main__ as bench

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_every_stage_and_its_peer_are_a_line_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RUNS", 1)
    lines = [
        line.split(" | ") for line in bench.table(300).splitlines() if line.startswith("| ") and "Stage" not in line
    ]
    assert [line[0].removeprefix("| ") for line in lines] == list(bench.PEER_OF)
    assert [line[5] or None for line in lines] == list(bench.PEER_OF.values())
