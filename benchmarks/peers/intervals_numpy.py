"""What the numpy forms share: columns of Parquet as arrays, and the intervals of a child by cumulative days."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.peers.plain_law import HELD, OTHER, SCHEME, STAY, WHOLE, PlainLaw

DAYS = 100_000
NEVER = np.iinfo(np.int32).min
Array = np.ndarray[Any, Any]


def read(folder: Path, name: str, *columns: str) -> pa.Table:
    """These columns of one table, each in one piece."""
    return pq.read_table(folder / f"{name}.parquet", columns=list(columns)).combine_chunks()


def whole(column: pa.ChunkedArray) -> Array:
    """A column of digits, yen or counts as int64; null is 0."""
    return np.asarray(pc.fill_null(pc.cast(column, pa.int64()), 0))


def days(column: pa.ChunkedArray) -> Array:
    """A column of dates as days since 1970; null is NEVER."""
    return np.asarray(pc.fill_null(pc.cast(column, pa.int32()), int(NEVER))).astype(np.int64)


def texts(column: pa.ChunkedArray) -> Array:
    """A column of short codes as numpy text."""
    return np.asarray(pc.fill_null(column, "")).astype("U")


def is_one_of(column: pa.ChunkedArray, codes: tuple[str, ...]) -> Array:
    """Whether a code is among some."""
    return np.asarray(pc.is_in(column, value_set=pa.array(codes, column.type)))


@dataclass(frozen=True)
class Intervals:
    """Intervals by child and start; `before` has the days of each kind before each."""

    children: Array
    first: Array
    at: Array
    start: Array
    end: Array
    state: Array
    before: dict[int, Array]

    @classmethod
    def of(cls, folder: Path, law: PlainLaw) -> Intervals:
        """The intervals of every child."""
        told = read(
            folder,
            "eligibility",
            "child_resident_code",
            "start_date",
            "end_date",
            "entitled",
            "benefit_class",
            "reason",
        )
        child, start = whole(told["child_resident_code"]), days(told["start_date"])
        entitled = is_one_of(told["entitled"], ("1",))
        state = np.select(
            [
                entitled & is_one_of(told["benefit_class"], ("1",)),
                entitled,
                is_one_of(told["reason"], law.schemes),
                is_one_of(told["reason"], law.held),
            ],
            [WHOLE, STAY, SCHEME, HELD],
            OTHER,
        )
        order = np.lexsort((start, child))
        child, start, end, state = child[order], start[order], days(told["end_date"])[order], state[order]
        begins = np.r_[True, child[1:] != child[:-1]]
        length = end - start
        before = {kind: np.cumsum(np.where(state == kind, length, 0)) for kind in (WHOLE, STAY, SCHEME, HELD)}
        before = {kind: total - np.where(state == kind, length, 0) for kind, total in before.items()}
        at = (np.cumsum(begins) - 1) * DAYS + start
        return cls(child[begins], np.flatnonzero(begins), at, start, end, state, before)

    def whose(self, child: Array) -> Array:
        """The number of each child; -1 where it has no interval."""
        place = np.minimum(np.searchsorted(self.children, child), len(self.children) - 1)
        return np.where(self.children[place] == child, place, -1)

    def place(self, who: Array, day: Array) -> Array:
        """The interval of the child begun last on or before the day; -1 where there is none."""
        found = np.searchsorted(self.at, who * DAYS + day, side="right") - 1
        return np.where((who >= 0) & (found >= self.first[who]), found, -1)

    def counted(self, who: Array, day: Array) -> dict[int, Array]:
        """Days of each kind before a day, from any one day of all."""
        place = self.place(who, day)
        known = np.where(place >= 0, place, self.first[who])
        inside = np.where(place >= 0, np.minimum(day, self.end[known]) - self.start[known], 0)
        return {kind: self.before[kind][known] + np.where(self.state[known] == kind, inside, 0) for kind in self.before}

    def on(self, who: Array, day: Array) -> Array:
        """What the interval that covers a day is; OTHER where none does."""
        place = self.place(who, day)
        return np.where((place >= 0) & (day < self.end[place]), self.state[place], OTHER)
