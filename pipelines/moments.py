"""What the city knew on a day, and the law that stood: for every question about then and now.

Belongs here: finding both on the shelf. Does not belong here: deciding from them (assets/eligibility).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from assets.calendar import key_of, month_of
from assets.eligibility import deciding
from assets.eligibility.deciding import Register
from assets.eligibility.known import Known
from assets.months import last_day
from resources.house import House
from schemas.errors import CityError
from schemas.law.book import Law
from schemas.records.statistics import LAW_BOOK


class NothingDecided(CityError):
    """No month has been decided yet, so there is nothing to explain or to make again."""


@dataclass(frozen=True)
class Moment:
    """What was known at the end of a day, and the law book by which it was decided."""

    known: Known
    law: Law
    day: date

    def about(self, children: pl.Series) -> Moment:
        """The same, of these children only."""
        return replace(self, known=self.known.about(children))

    def with_overrides_of(self, other: Moment) -> Moment:
        """The same with the overrides known at another moment."""
        return replace(self, known=Known({**self.known.frames, "overrides": other.known["overrides"]}))

    def register(self) -> Register:
        """The register read off what was known."""
        return deciding.register(self.known, self.law, self.day)

    def decided(self) -> pl.DataFrame:
        """ELIGIBILITY of every child known."""
        return deciding.decided(self.register(), self.law)


def moment(house: House, day: date) -> Moment:
    """What was known on `day`: from the first month processed since, or the month still in process."""
    processed = house.shelf.partitions(LAW_BOOK.name)
    since = [key for key in processed if key >= key_of(day)]
    if not since:
        return Moment(Known.on(house, day), house.law, day)
    return Moment(Known.of(house, month_of(since[0])).learned_by(day), law_of(house, since[0]), day)


def latest(house: House) -> Moment:
    """What was known at the end of the last month processed. Raises NothingDecided."""
    processed = house.shelf.partitions(LAW_BOOK.name)
    if not processed:
        raise NothingDecided("まだ決定した月がありません。先に kodomo monthly を実行してください。")
    return moment(house, last_day(month_of(processed[-1])))


def law_of(house: House, key: str) -> Law:
    """The law book kept with a month's decisions. Raises ShelfError."""
    return Law.from_frame(house.municipality, house.shelf.read(LAW_BOOK, key))
