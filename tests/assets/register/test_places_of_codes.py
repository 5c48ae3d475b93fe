"""Where codes stand, and what stands there."""

import polars as pl
import pytest

from assets.register.intervals import Timelines
from assets.register.places import gathered, places

SORTED, MIXED = ["0000001", "0000003", "0000010"], ["0000010", "0000001", "0000003"]


@pytest.mark.parametrize("among", [SORTED, MIXED])
@pytest.mark.parametrize("sought", [SORTED, MIXED, ["0000009", None, "0000003", "0000003", "0000000"]])
def test_a_code_finds_its_place_whatever_the_order(among: list[str], sought: list[str | None]) -> None:
    found = places(pl.Series(sought, dtype=pl.String), pl.Series(among))
    assert found.to_list() == [among.index(code) if code in among else None for code in sought]


def test_nothing_is_found_among_nothing_and_null_finds_no_null() -> None:
    empty = pl.Series([], dtype=pl.String)
    assert places(pl.Series(SORTED), empty).to_list() == [None, None, None]
    assert places(empty, pl.Series(SORTED)).to_list() == []
    assert places(pl.Series([None, "0000003"]), pl.Series([None, "0000003"])).to_list() == [None, 1]


def test_no_place_is_a_null_row() -> None:
    frame = pl.DataFrame({"name": ["あ", "い"], "yen": [1, 2]})
    told = gathered(frame, pl.Series([1, None, 0, 1], dtype=pl.UInt32))
    assert told.rows() == [("い", 2), (None, None), ("あ", 1), ("い", 2)]


def test_an_interval_nearby_is_taken_only_where_it_covers_the_day() -> None:
    days = pl.Series("start_date", ["2026-01-01", "2026-02-01", "2026-05-01"]).str.to_date()
    ends = pl.Series("end_date", ["2026-02-01", "2026-03-01", None]).str.to_date()
    told = Timelines.of(pl.DataFrame({"code": ["a"] * 3}).with_columns(days, ends), "code")
    asked = pl.Series(["2026-01-31", "2026-02-01", "2026-03-01", "2026-06-01", "2025-12-31"]).str.to_date()
    who = told.whose(pl.DataFrame({"code": ["a"] * 5}))
    for near in (0, 1, 2, None):
        hint = pl.Series([near] * 5, dtype=pl.UInt32)
        assert told.covering_near(who, asked, hint).to_list() == [0, 1, None, 2, None]
