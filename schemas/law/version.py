"""One value of one parameter, and how the YAML of a layer states it.

Belongs here: the form of a stated value, its checks, when one ends, its one line of JSON.
Does not belong here: which value stands in a month (book.py), and the values themselves (the YAML).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from schemas.errors import CityError

_KEYS = {"from", "until", "value", "basis", "source", "confirmed", "ask", "enacted"}
_PARAMETER_KEYS = {"label", "unit", "override", "unused", "versions"}
_MONTH = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])$")


class LawError(CityError):
    """The law files contradict their form: an unknown key, a wrong type, an override not declared."""


def _whole(value: object) -> bool:
    return type(value) is int


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


def _rows(value: object) -> bool:
    same = isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
    return same and len({tuple(one) for one in value}) == 1  # type: ignore[attr-defined]


def _plain(value: object) -> bool:
    """Whether JSON carries the value without loss."""
    return bool(json.loads(json.dumps(value, default=repr, skipkeys=True)) == value)


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
    """One value of one parameter, in force on [from_date, until_date); `enacted` False is never in force.

    `unused`: why no rule reads the parameter, null where rules do.
    """

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
    unused: str | None

    def stands_on(self, day: date) -> bool:
        """Whether this value is in force on `day`."""
        return self.enacted and self.from_date <= day and (self.until_date is None or day < self.until_date)

    def as_known_in(self, day: date) -> Version:
        """This version without the end that lies after `day`."""
        later = self.until_date is not None and self.until_date > day
        return replace(self, until_date=None) if later else self

    def canonical(self) -> str:
        """One line of JSON: the same value and basis give the same bytes. `read` is its inverse."""
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(facts, ensure_ascii=False, default=str)

    @classmethod
    def read(cls, line: str) -> Version:
        """The version a canonical line says. Raises LawError when it says anything else."""
        try:
            facts = json.loads(line)
            days = {name: facts[name] and date.fromisoformat(facts[name]) for name in ("from_date", "until_date")}
            return cls(**facts | days)
        except (ValueError, TypeError, KeyError):
            raise LawError("法の控えの行が、値の1行として読めません") from None

    def ruling(self) -> str:
        """One line of JSON of what a rule can read of it: the value and its days."""
        return json.dumps(
            [self.parameter, self.from_date, self.until_date, self.value], ensure_ascii=False, default=str
        )


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
    if not _plain(row["value"]):
        raise LawError(f"{where}: 値は文字・数・はい／いいえと、その並びと表だけで書いてください（日付は引用符で囲む）")
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
        unused=about.get("unused"),
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


def read_layer(folder: Path) -> dict[str, tuple[bool, list[Version]]]:
    """name → (declared as an override, versions) of one layer's files."""
    found: dict[str, tuple[bool, list[Version]]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, about in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).items():
            if name in found:
                raise LawError(f"{folder.name} {name}: 2か所に書かれています")
            found[name] = (about.get("override", False), _parameter(name, about, folder.name))
    return found


def laid_over(layers: Iterable[dict[str, tuple[bool, list[Version]]]]) -> dict[str, list[Version]]:
    """Later layers replace a parameter of an earlier one only where they say so."""
    book: dict[str, list[Version]] = {}
    for layer in layers:
        for name, (override, versions) in layer.items():
            if override != (name in book):
                raise LawError(f"{versions[0].layer} {name}: 上の層の値を変えるときだけ override: true と書きます")
            book[name] = versions
    return book
