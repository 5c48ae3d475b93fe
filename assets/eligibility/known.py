"""Everything the city knows at a moment, feed by feed: the one thing a decision is made from.

Belongs here: gathering the known rows of a month or a day, and cutting them down by when they were learned or
whom they touch. Does not belong here: reading a register off them (rules.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from assets.calendar import key_of, keys_between
from assets.matching.rules import matches, taxes
from assets.register.identities import identities
from assets.register.rules import addresses, known, persons
from resources.house import House
from schemas.record import Record
from schemas.records.feeds import DAILY, accepted
from schemas.records.register import KEPT
from schemas.records.register import known as known_record

_COUPLE = ("01", "02", "03")
"""世帯主, 夫, 妻: who may be the other parent of a child in the household."""
_CHILD = "child_resident_code"
_BY_CHILD = ("applications", "insurer_answers")


@dataclass(frozen=True)
class Known:
    """The known rows of every feed that is kept, by feed name; applications carry their beneficiary numbers."""

    frames: dict[str, pl.DataFrame]

    def __getitem__(self, feed: str) -> pl.DataFrame:
        return self.frames[feed]

    @cached_property
    def same(self) -> pl.DataFrame:
        """IDENTITIES: which numbers are one person."""
        return identities(self["nonresidents"])

    @classmethod
    def of(cls, house: House, month: date) -> Known:
        """What was known at the end of a month that has been processed. Raises ShelfError."""
        read = {feed.name: house.shelf.read(known_record(feed), key_of(month)) for feed in KEPT}
        return cls(read | {"applications": house.numbered(read["applications"])})

    @classmethod
    def on(cls, house: House, day: date) -> Known:
        """What is known at the end of a day inside a month: the month before, and what arrived since."""
        return cls._since(house, day, monthly=True)

    @classmethod
    def of_night(cls, house: House, day: date) -> Known:
        """What the night of a day knows, whenever it runs: the month before, and what the nights took since. What
        comes once a month is taken after them."""
        return cls._since(house, day, monthly=False)

    @classmethod
    def _since(cls, house: House, day: date, *, monthly: bool) -> Known:
        read = {feed.name: _on(house, feed, day, monthly) for feed in KEPT}
        return cls(read | {"applications": house.numbered(read["applications"])})

    def learned_by(self, day: date) -> Known:
        """Only what was learned by the end of a day."""
        return self._filtered(dict.fromkeys(self.frames, pl.col("known_date") <= day))

    def news(self, first: date, last: date) -> Known:
        """Only what was learned from one day to another, both included."""
        return self._filtered(dict.fromkeys(self.frames, pl.col("known_date").is_between(first, last)))

    def _filtered(self, kept: dict[str, pl.Expr]) -> Known:
        """The rows of each feed that its condition keeps."""
        asked = [rows.lazy().filter(kept[feed]) for feed, rows in self.frames.items()]
        return Known(dict(zip(self.frames, pl.collect_all(asked), strict=True)))

    def settled(self) -> Known:
        """The same with other municipalities' answers among the taxes of whom they are about, found among everyone."""
        answers = self["municipal_answers"]
        if answers.is_empty():
            return self
        same = self.same
        people = persons(self["residents"], self["nonresidents"], self["protected_persons"], date.max)
        homes = addresses(self["residents"], same)
        matched = matches(self["applications"].clear(), answers, people, homes, same, self["identity_decisions"])
        taxed = taxes(self["resident_taxes"], answers, matched)
        return Known(self.frames | {"resident_taxes": taxed, "municipal_answers": answers.clear()})

    def about(self, children: pl.Series) -> Known:
        """Only rows that can bear on these children: theirs, their guardians', of both parents' households."""
        return self.settled()._about(children)

    def _about(self, children: pl.Series) -> Known:
        own = self._aliases(children)
        applications = self["applications"].select(_CHILD, "guardian_resident_code", "spouse_resident_code")
        asked = applications.filter(pl.col(_CHILD).is_in(own.implode()))
        parents = pl.concat([asked["guardian_resident_code"], asked["spouse_resident_code"].drop_nulls()])
        everyone = self._aliases(pl.concat([own, self._housemates(self._aliases(parents))]))
        return self._filtered({feed: self._about_them(feed, own, everyone) for feed in self.frames})

    def _about_them(self, feed: str, children: pl.Series, people: pl.Series) -> pl.Expr:
        """Whether a row of a feed is about one of these children or people; all are, of a feed about neither."""
        if feed in _BY_CHILD:
            return pl.col(_CHILD).is_in(children.implode())
        whole = "resident_code" not in self[feed].columns or feed == "identity_decisions"
        return pl.lit(True) if whole else pl.col("resident_code").is_in(people.implode())

    def _aliases(self, codes: pl.Series) -> pl.Series:
        """The codes and every other number of the same people."""
        return self._same_people(codes.unique().to_frame("code"))["number"].unique().sort()

    def _housemates(self, codes: pl.Series) -> pl.Series:
        """The codes and everyone who ever stood in a household with one of them."""
        rows = self["residents"].select("resident_code", "household_no")
        homes = rows.filter(pl.col("resident_code").is_in(codes.implode()))["household_no"].unique()
        mates = rows.filter(pl.col("household_no").is_in(homes.implode()))["resident_code"]
        return pl.concat([codes, mates]).unique().sort()

    def linked(self, codes: pl.Series) -> pl.DataFrame:
        """(code, child_resident_code): the children whose decisions each of these people bears on.

        A person bears on their own decision, on that of every child they ever were guardian or spouse of by an
        application, and, as head of a household or head's spouse, through those they lived with.
        """
        same = self._same_people(codes.unique().sort().to_frame("code"))
        people = pl.concat([same, self._couples(same)]).unique()
        asked, numbers = self["applications"].lazy(), people["number"].unique().implode()
        roles = [
            asked.filter(pl.col(role).is_in(numbers)).select(pl.col(role).alias("number"), pl.col(_CHILD).alias("of"))
            for role in (_CHILD, "guardian_resident_code", "spouse_resident_code")
        ]
        found = pl.concat(people.lazy().join(role, on="number").select("code", "of") for role in roles)
        return found.unique().sort("code", "of").rename({"of": _CHILD}).collect()

    def _couples(self, same: pl.DataFrame) -> pl.DataFrame:
        """(code, number): those with whom each person, as one of a couple, was the couple of a household."""
        heads = self["residents"].lazy().select("resident_code", "household_no", "household_role")
        couple = pl.col("household_role").is_in(_COUPLE)
        own = heads.filter(pl.col("resident_code").is_in(same["number"].unique().implode()) & couple).collect()
        lived = heads.filter(pl.col("household_no").is_in(own["household_no"].unique().implode()) & couple)
        homes = same.lazy().join(own.lazy(), left_on="number", right_on="resident_code").select("code", "household_no")
        mates = homes.unique().join(lived, on="household_no")
        return mates.select("code", pl.col("resident_code").alias("number")).collect()

    def _same_people(self, codes: pl.DataFrame) -> pl.DataFrame:
        """(code, number): each code with every number of the same person."""
        asked, pairs = codes.lazy(), self.same.lazy().select("resident_code", "person_code")
        person = asked.join(pairs, left_on="code", right_on="resident_code", how="left").with_columns(
            pl.coalesce("person_code", "code").alias("number")
        )
        named = person.select("code", "number")
        others = named.join(pairs, left_on="number", right_on="person_code").select(
            "code", pl.col("resident_code").alias("number")
        )
        own = asked.with_columns(pl.col("code").alias("number"))
        return pl.concat([own, named, others]).unique().collect()


def _on(house: House, feed: Record, day: date, monthly: bool) -> pl.DataFrame:
    before = house.of_month_before(known_record(feed), day)
    return known(feed, before, _arrived(house, feed, day, monthly))


def _arrived(house: House, feed: Record, day: date, monthly: bool) -> pl.DataFrame:
    """What arrived from the first of the month to a day."""
    record = accepted(feed)
    if feed in DAILY:
        return house.shelf.read_many(record, keys_between(day.replace(day=1), day))
    if not monthly or key_of(day) not in house.shelf.partitions(record.name):
        return record.empty()
    return house.shelf.read(record, key_of(day)).filter(pl.col("known_date") <= day)
