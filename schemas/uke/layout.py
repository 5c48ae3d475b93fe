"""The records of a UKE file, as records.yaml states them: which item stands where, who says so, and whether it was
verified on a file.

Belongs here: the facts, checked for contradictions. Cutting a file into lines belongs to lines, what its receipts
are to reader, the way back to writer. Code tables are not held: what is not known is not checked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from schemas.errors import CityError

HERE = Path(__file__).parent
RECEIPT, INSURER, PAYER, CHECKED, DAYS, COUNTER, TOTAL = "RE", "HO", "KO", "SN", "JD", "MF", "GO"
MOST_PAYERS = 4
"""KO records of one receipt."""
_READ = {
    RECEIPT: ("receipt_no", "receipt_type", "service_month", "name", "sex", "birth_date", "benefit_percent",
              "remarks", "search_no"),
    INSURER: ("insurer_no", "symbol", "number", "days", "points", "copay", "reduction"),
    PAYER: ("payer_no", "beneficiary_no", "days", "points", "copay"),
    CHECKED: ("bearer", "branch_no"),
    DAYS: ("bearer",),
    TOTAL: ("count", "points"),
}  # fmt: skip
_HEAD = ("review_body", "prefecture", "table", "institution", "billing_month")


class RecordsError(CityError):
    """records.yaml contradicts itself."""


@dataclass(frozen=True, slots=True)
class Field:
    """One item of a record: its position, its name, and the key under which it is read (or none)."""

    at: int
    label: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """One record: its fields, how many columns it has (0 = not known), who says so, verified or not."""

    name: str
    columns: int
    source: str
    verified: bool
    fields: tuple[Field, ...]

    def at(self, key: str) -> int:
        """The position of the item read under `key`."""
        for field in self.fields:
            if field.key == key:
                return field.at
        raise RecordsError(f"{self.name} には {key} の位置が定められていません")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: 医科, DPC, 歯科, 調剤 or 訪問看護."""

    name: str
    label: str
    tables: tuple[str, ...]
    file: str
    head: str
    unit_yen: int
    inpatient: str
    outpatient: str
    details: tuple[str, ...]
    records: Mapping[str, RecordLayout]
    verified: bool = True

    def record(self, name: str) -> RecordLayout:
        """The layout of one record."""
        return self.records[name]


@dataclass(frozen=True, slots=True)
class Patient:
    """What the last digit of a レセプト種別 says."""

    patient: str
    inpatient: bool
    copay_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What a レセプト特記事項 says of 高額療養費."""

    income_class: str
    many_times: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is stated."""

    sources: Mapping[str, str]
    kinds: Mapping[str, Kind]
    patients: Mapping[str, Patient]
    remarks: Mapping[str, Remark]

    def of_table(self, table: str) -> Kind | None:
        """The kind of a 点数表."""
        return next((kind for kind in self.kinds.values() if table in kind.tables), None)

    @property
    def heads(self) -> tuple[str, ...]:
        """The records with which an institution begins."""
        return tuple(dict.fromkeys(kind.head for kind in self.kinds.values()))

    @property
    def details(self) -> tuple[str, ...]:
        """Known records that stand behind the heads of a receipt."""
        return tuple(sorted({name for kind in self.kinds.values() for name in kind.details}))


@cache
def facts() -> Facts:
    """The stated facts. Raises RecordsError."""
    return parsed((HERE / "records.yaml").read_text("utf-8"))


def parsed(text: str) -> Facts:
    """The facts a YAML text states. Raises RecordsError."""
    stated = cast(dict[str, Any], yaml.safe_load(text))
    kinds: dict[str, Kind] = {}
    for name, one in stated["kinds"].items():
        kinds[name] = _kind(name, one, kinds)
    found = Facts(
        stated["sources"],
        kinds,
        {digit: Patient(**one) for digit, one in stated["patients"].items()},
        {number: Remark(**one) for number, one in stated["remarks"].items()},
    )
    faults = [fault for kind in kinds.values() for fault in _faults(kind)]
    if faults:
        raise RecordsError(f"records.yaml: {'、'.join(faults)}。")
    return found


def _kind(name: str, stated: Mapping[str, Any], before: Mapping[str, Kind]) -> Kind:
    tables, details = tuple(stated["tables"]), tuple(stated["details"])
    if "like" in stated:
        like = before[stated["like"]]
        return Kind(
            name, stated["label"], tables, stated["file"], like.head, like.unit_yen, like.inpatient, like.outpatient,
            (*like.details, *details), like.records, stated["verified"],
        )  # fmt: skip
    records = {record: _record(record, one) for record, one in stated["records"].items()}
    return Kind(
        name, stated["label"], tables, stated["file"], stated["head"], stated["unit_yen"], stated["care"]["inpatient"],
        stated["care"]["outpatient"], details, records, all(one.verified for one in records.values()),
    )  # fmt: skip


def _record(name: str, stated: Mapping[str, Any]) -> RecordLayout:
    fields = tuple(Field(at, *([item] if isinstance(item, str) else item)) for at, item in stated["items"].items())
    return RecordLayout(name, stated.get("columns", 0), stated["source"], stated["verified"], fields)


def _faults(kind: Kind) -> list[str]:
    found = []
    for name, keys in {**_READ, kind.head: _HEAD}.items():
        stated = {field.key for field in kind.records[name].fields}
        found += [f"{kind.label} {name} に {key} の位置がない" for key in keys if key not in stated]
    for record in kind.records.values():
        outside = [field for field in record.fields if record.columns and not 0 < field.at < record.columns]
        found += [f"{kind.label} {record.name} の {field.at} が項目の数の外にある" for field in outside]
    return found
