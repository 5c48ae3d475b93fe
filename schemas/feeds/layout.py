"""Layout: what one feed's file looks like, as its YAML states it, checked against the record.

Belongs here: the stated facts of a file and their contradictions, and the shapes a file takes on its way (a
reading, a sorting). Reading and writing belong to the modules beside this one.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from typing import Any, Self, cast

import polars as pl
import yaml

from schemas.feeds.errors import ACTIONS, AdapterError, DeliveryError
from schemas.record import Item, Record
from schemas.records.feeds import DAILY, FEEDS
from schemas.uke.columns import COLUMNS

CHOICES = {
    "kind": ("csv", "fixed", "uke", "zengin"),
    "encoding": ("utf-8", "cp932"),
    "due": ("every_day", "every_month", "when_sent"),
}
SEVERITIES = ("error", "warning")
FORMATS = {"date": ("YYYY-MM-DD", "YYYYMMDD"), "month": ("YYYY-MM", "YYYYMM")}
"""The forms of a day and of a month; the first is meant when a column names none."""
ZENGIN_DAYS = ("MMDD", "和暦YYMMDD")
"""The forms of a day in 全銀 records, without its year or its era: the day nearest to the delivery is meant."""
READABLE = ("text", "digits", "code", "date", "month", "yen", "count")
EXTENSIONS = {"csv": "csv", "fixed": "txt", "uke": "uke", "zengin": "txt"}
HEADERS = {("csv", True), ("csv", False), ("fixed", False), ("uke", False), ("zengin", False)}
TWELVE = 12
RECORDS = ("header", "data", "trailer")
"""The records of a 全銀 file that say something; データ区分 is the first byte of each."""
WARNINGS = {"line_no": pl.Int64, "item": pl.String, "rule": pl.String}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: its label there, the item it fills, and how its text is to be read.

    bytes: width in a fixed-width file. map: the file's value → ours; of a coded item every value must be in
    it, of other items the values not in it stand as they are. format: see FORMATS. optional: a CSV file may
    leave the column out; its item is empty then. at, record: where it stands in a 全銀 file (bytes from 0), in every
    data record or once in the header, then for all of them.
    """

    column: str
    item: str
    bytes: int | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    optional: bool = False
    at: int | None = None
    record: str = "data"

    def form(self, item: Item) -> str:
        """The form of a day or month column; empty for other items."""
        return self.format or FORMATS.get(item.type.name, ("",))[0]


@dataclass(frozen=True, slots=True)
class Known:
    """What is public of a column whose place among the others is not: its number or position as the sender counts,
    its name, the item it would fill (if it is clear), and who says so."""

    column: str
    source: str
    number: int = 0
    item: str = ""
    record: str = ""
    at: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What may stand at a place of the header or trailer of a 全銀 file; else the file is another."""

    record: str
    column: str
    at: int
    bytes: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """What the trailer of a 全銀 file states: how many data records there are, or the sum of their item `of`; where
    `item` is named, only of those in which it reads as one of `values`."""

    column: str
    at: int
    bytes: int
    of: str = ""
    item: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reading came from: the delivery's file name and the day the city knew it."""

    delivery: str
    known_date: date


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as text.

    rows: line_no (Int64, 1-based), row_text, then one String column per item of the layout, null = empty.
    malformed: line_no, row_text, rule: rows whose fields cannot be told apart.
    warnings: line_no, item, rule: what the file itself says doubtfully of a row.
    """

    rows: pl.DataFrame
    malformed: pl.DataFrame
    warnings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WARNINGS))

    @property
    def count(self) -> int:
        """Data rows in the file."""
        return self.rows.height + self.malformed.height


@dataclass(frozen=True, slots=True)
class Sorted:
    """A reading's rows, each either accepted or refused.

    accepted: accepted(record). refused: refused(record), one line per broken rule. warnings: delivery,
    line_no, item, rule of accepted rows. unreadable_lines: refused rows whose yen cannot be read and counts 0.
    doubled_lines: rows whose key stands earlier in the file.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame
    warnings: pl.DataFrame
    unreadable_lines: tuple[int, ...]
    doubled_lines: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The layout of one feed's file, and what may be expected of its deliveries.

    due: whether every partition must have a delivery. office: the sender, as clerks call it. shrink_share: a
    full load may lose at most this share of the previous full load's rows. maximum_bytes: of the data file,
    unpacked. twelve_digit_items: items that may hold 12 digits without being a 個人番号.
    check_digits: item → error (refuses the row) or warning (is counted). name: how the sender calls such a file.
    A layout that is not confirmed has no columns, says what to `ask` the sender and what is known, and reads nothing.
    suffix: the extension of its files where it is not that of its kind. own_payers: 公費負担者番号 of the city.
    record_bytes, end_record, marks, totals: of 全銀 files: the length of a record, whether an end record closes the
    file, what is checked in header and trailer.
    """

    feed: str
    label: str
    kind: str
    encoding: str
    header: bool
    due: str
    office: str
    shrink_share: float
    maximum_bytes: int
    columns: tuple[Column, ...]
    twelve_digit_items: frozenset[str] = frozenset()
    check_digits: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    suffix: str = ""
    confirmed: bool = True
    ask: str = ""
    known: tuple[Known, ...] = ()
    own_payers: frozenset[str] = frozenset()
    record_bytes: int = 0
    end_record: bool = True
    marks: tuple[Mark, ...] = ()
    totals: tuple[Total, ...] = ()

    @classmethod
    def parse(cls, text: str, feed: str) -> Self:
        """The layout a YAML text states for `feed`. Raises AdapterError naming what is wrong in it."""
        stated = _only(_yaml(text, feed), Layout, f"{feed}.yaml")
        if not isinstance(stated["columns"], list):
            raise AdapterError(f"{feed}.yaml: columns は列の並びです。")
        columns = [Column(**_only(column, Column, f"{feed}.yaml の列")) for column in stated["columns"]]
        if stated["kind"] == "uke" and not columns:
            columns = [Column(where, item, format=form) for item, where, form in _uke_columns(feed)]
        known = tuple(Known(**_only(one, Known, f"{feed}.yaml の既知の列")) for one in stated.get("known", ()))
        marks = tuple(Mark(**_listed(_only(one, Mark, f"{feed}.yaml の印"))) for one in stated.get("marks", ()))
        totals = tuple(Total(**_listed(_only(one, Total, f"{feed}.yaml の合計"))) for one in stated.get("totals", ()))
        sets = {name: frozenset(stated.get(name, ())) for name in ("twelve_digit_items", "own_payers")}
        parts = {"columns": tuple(columns), "known": known, "marks": marks, "totals": totals}
        layout = cls(**{**stated, **sets, **parts})
        faults = layout.faults() if layout.feed == feed else [f"feed が {feed} ではありません"]
        if faults:
            raise AdapterError(f"{feed}.yaml: {'、'.join(faults)}。")
        return layout

    @property
    def record(self) -> Record:
        """The record this file's rows are."""
        return FEEDS[self.feed]

    @property
    def extension(self) -> str:
        """File name extension of the data file, without dot."""
        return self.suffix or EXTENSIONS[self.kind]

    @property
    def items(self) -> tuple[str, ...]:
        """The items the file holds, in the order of its columns."""
        return tuple(column.item for column in self.columns)

    def headed(self, names: list[str]) -> Self:
        """This layout without the optional columns that a file's header does not name."""
        return replace(self, columns=tuple(one for one in self.columns if not one.optional or one.column in names))

    @property
    def line_bytes(self) -> int:
        """Bytes of one fixed-width line without its line end."""
        return sum(column.bytes or 0 for column in self.columns)

    def refusal(self, code: str, file: str, what: str, line: int | None = None) -> DeliveryError:
        """The error that says `what` (a Japanese clause without full stop) is wrong in a file of this layout."""
        where = f"{self.label}の {file}" + (f" の{line}行目" if line is not None else "")
        action = ACTIONS[code].format(office=self.office)
        return DeliveryError(code, self.feed, file, f"{where}: {what}。", action, line)

    def faults(self) -> list[str]:
        """What contradicts the record or itself, in Japanese."""
        others = {one.item for one in self.known} | {name for one in self.totals for name in (one.of, one.item)}
        named = {*self.items, *self.twelve_digit_items, *self.check_digits, *others} - {""}
        unknown = sorted(named - set(self.record.names))
        if unknown:
            return [f"{name} は {self.feed} の項目ではない" for name in unknown]
        return [
            *self._choice_faults(),
            *self._column_faults(),
            *self._check_digit_faults(),
            *self._zengin_faults(),
        ]

    def _choice_faults(self) -> list[str]:
        found = [f"{n} は {'・'.join(of)} のどれか" for n, of in CHOICES.items() if getattr(self, n) not in of]
        if (self.kind, self.header) not in HEADERS:
            found.append("固定長・UKE・全銀は見出しなし")
        if self.kind != "csv" and self.encoding != "cp932":
            found.append("固定長・UKE・全銀は cp932")
        if not self.confirmed and (self.columns or not self.ask):
            found.append("未確認の様式は columns が空で、ask に照会すること")
        daily = self.feed in {record.name for record in DAILY}
        if self.due == ("every_month" if daily else "every_day"):
            found.append("due が連携の周期と違う")
        numbers = isinstance(self.shrink_share, int | float) and isinstance(self.maximum_bytes, int)
        if not numbers or not 0 <= self.shrink_share <= 1 or self.maximum_bytes <= 0:
            found.append("shrink_share は0から1、maximum_bytes は正の数")
        return found

    def _column_faults(self) -> list[str]:
        found = []
        for names in ([column.column for column in self.columns], list(self.items)):
            found += [f"{name} が二度ある" for name in sorted({n for n in names if names.count(n) > 1})]
        required = [item.name for item in self.record.items if not item.nullable] if self.confirmed else []
        missing = [name for name in required if name not in self.items]
        found += [f"必須の項目 {name} に列がない" for name in missing]
        wide = self.kind in ("fixed", "zengin")
        if any((column.bytes is None or column.bytes < 1) == wide for column in self.columns):
            found.append("bytes は固定長と全銀の全列にだけ書く")
        if wide and any(column.optional for column in self.columns):
            found.append("optional はCSVの列にだけ書く")
        days = ZENGIN_DAYS if self.kind == "zengin" else ()
        for column in self.columns:
            found += [f"{column.item}: {fault}" for fault in _item_faults(column, self.record[column.item], days)]
        return found

    def _zengin_faults(self) -> list[str]:
        """What is wrong with the frame of a 全銀 file: its records, marks and totals."""
        if self.kind != "zengin":
            framed = self.record_bytes or self.marks or self.totals or not self.end_record
            placed = any(column.at is not None or column.record != "data" for column in self.columns)
            return ["record_bytes・end_record・marks・totals・at・record は全銀にだけ書く"] if framed or placed else []
        found = self._place_faults()
        if self.confirmed and not (self.record_bytes and self.totals):
            found.append("全銀には record_bytes と totals が要る")
        run = [column.item for column in self.columns if column.bytes == TWELVE]
        unnamed = [item for item in run if item not in self.twelve_digit_items]
        found += [f"{item}: 12桁の列は twelve_digit_items に書く" for item in unnamed]
        for total in self.totals:
            if not {total.of, total.item} - {""} <= set(self.items):
                found.append(f"{total.column}: of と item は columns にある項目だけを書く")
        for mark in self.marks:
            if not mark.values or any(len(value) != mark.bytes for value in mark.values):
                found.append(f"{mark.column}: values は bytes の長さの値の並び")
        return found

    def _place_faults(self) -> list[str]:
        """Places outside their record."""
        found = []
        stated: list[Column | Mark] = [*self.columns, *self.marks]
        places = [(one.column, one.at, one.bytes, one.record) for one in stated]
        places += [(one.column, one.at, one.bytes, "trailer") for one in self.totals]
        for column, at, size, record in places:
            if at is None or size is None or at < 1 or size < 1 or at + size > self.record_bytes:
                found.append(f"{column}: at と bytes がレコードの中にない")
            if record not in RECORDS:
                found.append(f"{column}: record は {'・'.join(RECORDS)} のどれか")
        elsewhere = [column for column in self.columns if column.record == "trailer"]
        if elsewhere or any(mark.record == "data" for mark in self.marks):
            found.append("列は header か data、印は header か trailer")
        return found

    def _check_digit_faults(self) -> list[str]:
        found = [
            f"{name} は桁数の定まった番号ではない"
            for name in self.check_digits
            if self.record[name].type.name != "digits"
        ]
        if not set(self.check_digits.values()) <= set(SEVERITIES):
            found.append("check_digits は error か warning")
        return found


def _item_faults(column: Column, item: Item, days: tuple[str, ...]) -> list[str]:
    found = []
    forms = (*FORMATS.get(item.type.name, ()), *(days if item.type.name == "date" else ()))
    if item.type.name not in READABLE:
        found.append("この型はファイルから読めない")
    if not isinstance(column.optional, bool) or (column.optional and not item.nullable):
        found.append("optional は空欄のある項目にだけ書く")
    if column.format and column.format not in forms:
        found.append("format が型に合わない")
    ours = list(column.map.values())
    if len(set(ours)) != len(ours):
        found.append("map の行き先が重なる")
    if item.type.codes is not None and not set(ours) <= set(item.type.codes.labels):
        found.append("map の行き先がコード表にない")
    return found


def _uke_columns(feed: str) -> list[tuple[str, str, str]]:
    """What a UKE file fills of the feed's record."""
    return [column for column in COLUMNS if column[0] in FEEDS[feed].names]


def _listed(stated: dict[str, Any]) -> dict[str, Any]:
    """The stated mapping with its `values` as texts."""
    return stated | {"values": tuple(str(one) for one in stated.get("values", ()))}


def _yaml(text: str, feed: str) -> object:
    try:
        return cast(object, yaml.load(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        raise AdapterError(f"{feed}.yaml: YAMLとして読めません。") from None


def _only(stated: object, kind: type[Any], where: str) -> dict[str, Any]:
    """The stated mapping, if it has exactly the fields of `kind` (those with a default may be absent)."""
    known = {each.name: each for each in fields(kind)}
    if not isinstance(stated, dict):
        raise AdapterError(f"{where}: 鍵と値の組ではありません。")
    unknown = sorted(str(key) for key in stated if key not in known)
    absent = sorted(
        name
        for name, each in known.items()
        if name not in stated and each.default is MISSING and each.default_factory is MISSING
    )
    if unknown or absent:
        raise AdapterError(f"{where}: 知らない鍵 {unknown}、足りない鍵 {absent}。")
    return stated
