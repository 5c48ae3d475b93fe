"""和暦 and 西暦, told by their length; what is no day stays as it stands."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.uke.calendar import ERA_BEFORE, day_text, month_text


def day(text: str | None) -> str | None:
    found = pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(day_text(pl.col("t"))).item()
    assert found is None or isinstance(found, str)
    return found


def month(text: str | None) -> str | None:
    found = pl.DataFrame({"t": [text]}, schema={"t": pl.String}).select(month_text(pl.col("t"))).item()
    assert found is None or isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("text", "western"),
    [
        ("5010501", "20190501"), ("4310430", "20190430"), ("3640107", "19890107"), ("3601015", "19851015"),
        ("2150730", "19260730"), ("1450729", "19120729"), ("5081002", "20261002"), ("20261002", "20261002"),
        ("6010101", "6010101"), ("5000101", "5000101"), ("501050", "501050"), ("", ""), (None, None),
    ],
)  # fmt: skip
def test_a_day_of_either_calendar_is_written_in_the_western_one(text: str | None, western: str | None) -> None:
    assert day(text) == western


@pytest.mark.parametrize(
    ("text", "western"),
    [
        ("50604", "202404"),
        ("42504", "201304"),
        ("202404", "202404"),
        ("99999", "99999"),
        ("2024", "2024"),
        (None, None),
    ],
)
def test_a_month_of_either_calendar_is_written_in_the_western_one(text: str | None, western: str | None) -> None:
    assert month(text) == western


STARTS = {"3": date(1926, 12, 25), "4": date(1989, 1, 8), "5": date(2019, 5, 1)}


@given(st.dates(date(1926, 12, 25), date(2099, 12, 31)))
def test_every_day_since_showa_reads_the_same_in_both(on: date) -> None:
    era = max(era for era, start in STARTS.items() if start <= on)
    number = on.year - ERA_BEFORE[era]
    assert day(f"{era}{number:02d}{on:%m%d}") == day(f"{on:%Y%m%d}") == f"{on:%Y%m%d}"


def test_the_eras_follow_each_other() -> None:
    for (era, start), (before, _) in zip(list(STARTS.items())[1:], list(STARTS.items()), strict=False):
        last = start - timedelta(days=1)
        assert last.year - ERA_BEFORE[before] >= 1
        assert start.year - ERA_BEFORE[era] == 1
