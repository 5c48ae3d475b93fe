"""The intervals of the second engine against what the law says of each single day, over drawn hostile cities."""

from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.second_engine.eligibility import RESULT, eligibility
from tests.assets.second_engine.days import City, every_day, said, timeline
from tests.assets.second_engine.drawn_city import CITY_LAW, cities, settled, turning_days
from tests.support.draws import draws

Rows = list[tuple[Any, ...]]


def intervals(drawn: City) -> dict[str, Rows]:
    """(start_date, end_date, what is said) of each child, as the second engine finds them."""
    found: dict[str, Rows] = {child: [] for child in drawn.children}
    for child, start, end, *what in eligibility(**drawn.frames(), law=drawn.law).select(RESULT).iter_rows():
        found[child].append((start, end, tuple(what)))
    return found


def fills(rows: Rows, span: tuple[Any, Any] | None) -> bool:
    """Whether the rows lie end to end over the span, and no two neighbours say the same."""
    whole = (rows[0][0], rows[-1][1]) if rows else None
    apart = all(one[1] == other[0] and one[2] != other[2] for one, other in pairwise(rows))
    return whole == span and apart and all(start < end for start, end, _ in rows)


@draws(14, shrink=False)
@given(cities)
def test_every_turning_day_is_said_as_the_law_says_it(drawn: City) -> None:
    for child, rows in intervals(drawn).items():
        assert fills(rows, timeline(drawn, child))
        days = turning_days(drawn, child)
        told = {day: what for start, end, what in rows for day in days if start <= day < end}
        assert told == {day: said(drawn, child, day) for day in days}


@draws(2, shrink=False)
@given(cities.map(settled))
def test_every_single_day_is_said_as_the_law_says_it(drawn: City) -> None:
    found = intervals(drawn)
    for child in drawn.children[:3]:
        assert found[child] == list(every_day(drawn, child))


@draws(2, shrink=False)
@given(cities, st.integers(0, 99))
def test_the_order_of_the_rows_changes_nothing(drawn: City, seed: int) -> None:
    frames = drawn.frames()
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in frames.items()}
    assert eligibility(**shuffled, law=drawn.law).equals(eligibility(**frames, law=drawn.law))


def test_a_city_without_children_has_no_intervals() -> None:
    nobody = City(CITY_LAW)
    found = eligibility(**nobody.frames(), law=CITY_LAW)
    assert found.is_empty()
    assert found.columns == list(RESULT)
    assert found.schema["start_date"] == pl.Date
