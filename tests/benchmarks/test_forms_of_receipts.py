"""The forms that the benchmarks measure decide the same, and one benchmark leaves the figures of another."""

from pathlib import Path

import pytest

from benchmarks.forms import draw, measured
from benchmarks.page import put


@pytest.mark.parametrize("form", ["engine_explained", "second_engine", "polars_plain", "duckdb_sql"])
def test_every_form_decides_as_the_engine(form: str, tmp_path: Path) -> None:
    draw(tmp_path, 3_000)
    ours, theirs = measured("engine", tmp_path), measured(form, tmp_path)
    assert (theirs["count"], theirs["result"]) == (3_000, ours["result"])


def test_a_part_of_the_results_takes_the_place_of_the_one_of_its_heading_only(tmp_path: Path) -> None:
    page = tmp_path / "results.md"
    for part in ("# One\n\n1\n", "# Two\n\n2\n", "# One\n\n## More\n\n3\n"):
        put(part, page)
    assert page.read_text("utf-8") == "# One\n\n## More\n\n3\n\n# Two\n\n2\n"
