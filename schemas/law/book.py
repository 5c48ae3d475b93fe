"""The law book: every dated value of one municipality, and which of them stand in a month.

Belongs here: the book, the month, the book as a table and back. Does not belong here: how one value is stated
(version.py), what follows from it (the rules in assets/) and the values themselves (the YAML).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from schemas.errors import CityError
from schemas.law.version import LawError, Version, laid_over, read_layer
from schemas.records.statistics import LAW_BOOK

__all__ = ["HERE", "Law", "LawError", "LawGap", "LawOfMonth", "Version"]

HERE = Path(__file__).parent
_OF_ELIGIBILITY = (
    "age.", "restriction.", "income.", "exclusions.", "registration.", "guardian.", "reasons.eligibility"
)  # fmt: skip


class LawGap(CityError):
    """The law book does not cover the parameter on the day asked for. Nothing defaults."""


@dataclass(frozen=True)
class Law:
    """Every version of every parameter of one municipality."""

    municipality: str
    versions: Mapping[str, tuple[Version, ...]]

    @classmethod
    def load(cls, municipality: str, folder: Path = HERE) -> Law:
        """The book of a municipality code. Raises LawGap for an unknown one, LawError for malformed files."""
        return _load(municipality, folder)

    def at(self, month: date) -> LawOfMonth:
        """The law in force on `month` (a month is its day 1; any other day may be asked for too)."""
        return LawOfMonth(self, month)

    def of(self, name: str) -> tuple[Version, ...]:
        """All versions of a parameter, not enacted ones included. Raises LawGap for an unknown name."""
        if name not in self.versions:
            raise LawGap(f"{self.municipality} の法に {name} という値はありません")
        return self.versions[name]

    def table(self, name: str) -> pl.DataFrame:
        """Enacted versions as rows: from_date, until_date (null: open), basis, confirmed, then the value.

        A scalar is in `value`, a list gives one row per entry, a table its own columns. Sorted by from_date,
        for join_asof on a service month; a row that is found may have ended, so compare until_date.
        """
        rows = [
            {
                "from_date": one.from_date,
                "until_date": one.until_date,
                "basis": one.basis,
                "confirmed": one.confirmed,
            }
            | entry
            for one in self.of(name)
            if one.enacted
            for entry in _entries(one)
        ]
        dates = {"from_date": pl.Date(), "until_date": pl.Date()}
        return pl.DataFrame(rows, schema_overrides=dates, infer_schema_length=None)

    def frame(self, month: date) -> pl.DataFrame:
        """What stands in `month`: parameter, from, value (JSON), basis, confirmed, layer; by parameter.

        Raises LawGap when nothing stands.
        """
        standing = [one for name in sorted(self.versions) for one in self.versions[name] if one.stands_on(month)]
        if not standing:
            raise LawGap(f"{self.municipality} の法は {month:%Y-%m} を定めていません")
        return pl.DataFrame(
            {
                "parameter": [one.parameter for one in standing],
                "from": [one.from_date for one in standing],
                "value": [json.dumps(one.value, ensure_ascii=False, default=str) for one in standing],
                "basis": [one.basis for one in standing],
                "confirmed": [one.confirmed for one in standing],
                "layer": [one.layer for one in standing],
            }
        )

    def digest(self, month: date) -> str:
        """SHA-256 of every enacted version begun by `month`: a later amendment leaves it as it is.

        A month decides receipts of earlier months too, so their law is part of it.
        """
        begun = [
            one.as_known_in(month).canonical()
            for name in sorted(self.versions)
            for one in self.versions[name]
            if one.enacted and one.from_date <= month
        ]
        return _sha256(begun)

    def eligibility_digest(self) -> str:
        """SHA-256 of every enacted value that a rule of eligibility can read, over all months.

        Another one means: decide every child again. A reworded basis, source or question leaves it as it is.
        """
        return _sha256(
            one.ruling()
            for name in sorted(self.versions)
            if name.startswith(_OF_ELIGIBILITY)
            for one in self.versions[name]
            if one.enacted and one.unused is None
        )

    def as_frame(self) -> pl.DataFrame:
        """LAW_BOOK: the whole book, what is not enacted included. `from_frame` is its inverse."""
        rows = [
            (name, number, one.canonical())
            for name in sorted(self.versions)
            for number, one in enumerate(self.versions[name], start=1)
        ]
        return pl.DataFrame(rows, LAW_BOOK.schema, orient="row")

    @classmethod
    def from_frame(cls, municipality: str, frame: pl.DataFrame) -> Law:
        """The book a LAW_BOOK says. Raises LawError for a row that is no version."""
        found: dict[str, list[Version]] = {}
        for line in frame.sort("parameter", "version_no")["version"]:
            one = Version.read(line)
            found.setdefault(one.parameter, []).append(one)
        return cls(municipality, {name: tuple(versions) for name, versions in found.items()})


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _entries(version: Version) -> list[dict[str, Any]]:
    if version.unit == "table":
        return list(version.value)
    if version.unit == "codes":
        return [{"value": one} for one in version.value]
    return [{"value": version.value}]


@dataclass(frozen=True)
class LawOfMonth:
    """The law in force on one day. Every getter raises LawGap where the book says nothing."""

    law: Law
    day: date

    def version(self, name: str) -> Version:
        """The version of a parameter that stands."""
        for one in self.law.of(name):
            if one.stands_on(self.day):
                return one
        raise LawGap(f"{self.day:%Y-%m} の {name} は {self.law.municipality} の法に定めがありません")

    def value(self, name: str) -> Any:
        """The value that stands, as written."""
        return self.version(name).value

    def _typed(self, name: str, *units: str) -> Any:
        version = self.version(name)
        if version.unit not in units:
            raise LawError(f"{name} の単位は {version.unit} です")
        return version.value

    def yen(self, name: str) -> int:
        """An amount in whole yen."""
        return int(self._typed(name, "yen"))

    def number(self, name: str) -> int:
        """A number of years, months or days."""
        return int(self._typed(name, "years", "months", "days"))

    def flag(self, name: str) -> bool:
        """Whether something holds."""
        return bool(self._typed(name, "flag"))

    def text(self, name: str) -> str:
        """A text or a code."""
        return str(self._typed(name, "text"))

    def codes(self, name: str) -> tuple[str, ...]:
        """A list of codes, in its order."""
        return tuple(self._typed(name, "codes"))

    def mapping(self, name: str) -> dict[str, Any]:
        """A profile of several named values."""
        return dict(self._typed(name, "mapping"))

    def rows(self, name: str) -> pl.DataFrame:
        """A table, one column per key."""
        return pl.DataFrame(self._typed(name, "table"), infer_schema_length=None)

    @cached_property
    def unconfirmed(self) -> tuple[Version, ...]:
        """What stands without the city having confirmed it."""
        every = (one for name in sorted(self.law.versions) for one in self.law.versions[name])
        return tuple(one for one in every if one.stands_on(self.day) and not one.confirmed)


@lru_cache(maxsize=8)
def _load(municipality: str, folder: Path) -> Law:
    index = yaml.safe_load((folder / "municipalities.yaml").read_text(encoding="utf-8"))
    if municipality not in index:
        raise LawGap(f"団体コード {municipality} の法はありません（municipalities.yaml）")
    book = laid_over(read_layer(folder / layer) for layer in index[municipality])
    return Law(municipality, {name: tuple(versions) for name, versions in book.items()})
