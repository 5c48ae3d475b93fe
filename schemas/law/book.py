"""The law book: dated parameters with their basis, read from the YAML of three layers.

Belongs here: what a version of a parameter is, which version stands in a month, how layers meet.
Does not belong here: what follows from a value (the rules in assets/) and the values themselves (the YAML).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from schemas.errors import CityError

HERE = Path(__file__).parent

_KEYS = {"from", "until", "value", "basis", "source", "confirmed", "ask", "enacted"}
_PARAMETER_KEYS = {"label", "unit", "override", "versions"}
_MONTH = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])$")


class LawError(CityError):
    """The law files contradict their form: an unknown key, a wrong type, an override not declared."""


class LawGap(CityError):
    """The law book does not cover the parameter on the day asked for. Nothing defaults."""


def _whole(value: object) -> bool:
    return type(value) is int


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _rows(value: object) -> bool:
    same = isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
    return same and len({tuple(one) for one in value}) == 1  # type: ignore[attr-defined]


UNITS: Mapping[str, Callable[[object], bool]] = {
    "yen": _whole,
    "years": _whole,
    "months": _whole,
    "days": _whole,
    "flag": lambda value: isinstance(value, bool),
    "text": lambda value: isinstance(value, str) and bool(value),
    "codes": _texts,
    "table": _rows,
    "mapping": lambda value: isinstance(value, dict) and bool(value),
}
"""What a value of each unit must be. A table is a list of rows with the same columns."""


@dataclass(frozen=True, slots=True)
class Version:
    """One value of one parameter, in force on [from_date, until_date); `enacted` False is never in force."""

    parameter: str
    label: str
    unit: str
    layer: str
    from_date: date
    until_date: date | None
    value: Any
    basis: str
    source: str
    confirmed: bool
    ask: str | None
    enacted: bool

    def stands_on(self, day: date) -> bool:
        """Whether this value is in force on `day`."""
        return self.enacted and self.from_date <= day and (self.until_date is None or day < self.until_date)

    def as_known_in(self, day: date) -> Version:
        """This version without the end that lies after `day`."""
        later = self.until_date is not None and self.until_date > day
        return replace(self, until_date=None) if later else self

    def canonical(self) -> str:
        """One line of JSON: the same value and basis give the same bytes."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)


def _day(value: object, where: str) -> date:
    if type(value) is date:
        return value
    if isinstance(value, str) and _MONTH.match(value):
        return date(int(value[:4]), int(value[5:]), 1)
    raise LawError(f"{where}: 日付は YYYY-MM または YYYY-MM-DD で書いてください")


def _version(name: str, about: Mapping[str, Any], layer: str, row: Mapping[str, Any]) -> Version:
    where = f"{layer} {name}"
    missing, unknown = {"from", "value", "basis", "source", "confirmed"} - set(row), set(row) - _KEYS
    if missing or unknown:
        raise LawError(f"{where}: 足りない項目 {sorted(missing)}、知らない項目 {sorted(unknown)}")
    if not UNITS[about["unit"]](row["value"]):
        raise LawError(f"{where}: 値が単位 {about['unit']} の形ではありません")
    if not row["confirmed"] and not row.get("ask"):
        raise LawError(f"{where}: 未確認の値には、市に尋ねること（ask）を書いてください")
    return Version(
        parameter=name,
        label=about["label"],
        unit=about["unit"],
        layer=layer,
        from_date=_day(row["from"], where),
        until_date=_day(row["until"], where) if "until" in row else None,
        value=row["value"],
        basis=row["basis"],
        source=row["source"],
        confirmed=row["confirmed"],
        ask=row.get("ask"),
        enacted=row.get("enacted", True),
    )


def _ended(versions: list[Version]) -> list[Version]:
    """Versions in order, each enacted one ending where the next begins."""
    enacted = sorted((one for one in versions if one.enacted), key=lambda one: one.from_date)
    for earlier, later in pairwise(enacted):
        if earlier.from_date == later.from_date:
            raise LawError(f"{earlier.parameter}: 同じ日に始まる値が2つあります")
    ends = [later.from_date for later in enacted[1:]] + [date.max]
    closed = [
        replace(one, until_date=end) if end < (one.until_date or date.max) else one
        for one, end in zip(enacted, ends, strict=True)
    ]
    return closed + [one for one in versions if not one.enacted]


def _parameter(name: str, about: Mapping[str, Any], layer: str) -> list[Version]:
    unknown = set(about) - _PARAMETER_KEYS
    if unknown or not {"label", "unit", "versions"} <= set(about) or about["unit"] not in UNITS:
        raise LawError(f"{layer} {name}: label・unit・versions が要ります。知らない項目 {sorted(unknown)}")
    return _ended([_version(name, about, layer, row) for row in about["versions"]])


def _layer(folder: Path) -> dict[str, tuple[bool, list[Version]]]:
    """name → (declared as an override, versions) of one layer's files."""
    found: dict[str, tuple[bool, list[Version]]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, about in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if name in found:
                raise LawError(f"{folder.name} {name}: 2か所に書かれています")
            found[name] = (about.get("override", False), _parameter(name, about, folder.name))
    return found


def _laid_over(layers: Iterable[dict[str, tuple[bool, list[Version]]]]) -> dict[str, list[Version]]:
    """Later layers replace a parameter of an earlier one only where they say so."""
    book: dict[str, list[Version]] = {}
    for layer in layers:
        for name, (override, versions) in layer.items():
            if override != (name in book):
                raise LawError(f"{versions[0].layer} {name}: 上の層の値を変えるときだけ override: true と書きます")
            book[name] = versions
    return book


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
        return hashlib.sha256("\n".join(begun).encode()).hexdigest()


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
    book = _laid_over(_layer(folder / layer) for layer in index[municipality])
    return Law(municipality, {name: tuple(versions) for name, versions in book.items()})
