"""The four 120-byte records of 総合振込, one line per field, in the order of the specification.

Belongs here: name, label, kind, length, values and source of each field; offsets, the written record and the pattern
of a record that is read are derived. Does not belong here: what is put into the fields (transfer_file.py), and what
a file is refused for (reading.py).
Source: 全銀協 レコード・フォーマット (令和元年12月) §8, equal in six publications.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import polars as pl

from reports.zengin.characters import ACCOUNT_NAME, EDI, STORE_NAME, WO, CharacterClass, as_file_bytes, masked
from reports.zengin.distinct import per_value
from reports.zengin.kana import cut

RECORD_LENGTH = 120


@dataclass(frozen=True)
class Field:
    """One field. kind N: digits, right-aligned, zeros before; C: characters of a class, left-aligned, spaces after.

    fixed: what is written unless a column says otherwise. accepted: a regular expression of all that may be read in
    the whole field, where that is more than `fixed` or less than any digits; rule: what anything else breaks.
    """

    name: str
    label: str
    kind: Literal["N", "C"]
    length: int
    source: str
    fixed: str | None = None
    accepted: str | None = None
    rule: str = "Z2"
    characters: CharacterClass | None = None

    @property
    def values(self) -> str | None:
        """A regular expression of the values the field is limited to; None where any digits or characters are."""
        if self.accepted is None and self.fixed is not None:
            return f"[{self.fixed[0]}]{{{self.length}}}" if len(set(self.fixed)) == 1 else self.fixed
        return self.accepted

    def illegal(self, accepts_wo: bool) -> str:
        """A regular expression that finds the first stand-in the field may not hold: for a store name also a space
        that does not pad it."""
        return f"[^{self._legal(accepts_wo)}]" + ("| +[^ ]" if self.characters is STORE_NAME else "")

    def pattern(self, accepts_wo: bool) -> str:
        """A regular expression of the whole field, without the order of its characters."""
        if self.values is not None:
            return f"(?:{self.values})"
        return f"[{self._legal(accepts_wo)}]{{{self.length}}}"

    def _legal(self, accepts_wo: bool) -> str:
        if self.characters is None:
            return "0-9"
        return self.characters.stand_ins(" " + WO if accepts_wo and self.characters is ACCOUNT_NAME else " ")

    def written(self) -> pl.Expr:
        """The column `name` as stand-ins of `length` bytes. Names are cut."""
        value = pl.col(self.name).cast(pl.String)
        if self.kind == "N":
            return value.str.zfill(self.length)
        return masked(cut(value, self.length)).str.pad_end(self.length, " ")

    def as_written(self, values: pl.Series) -> pl.Series:
        """`written` of values that are no column of a frame."""
        return values.alias(self.name).to_frame().select(self.written()).to_series()


HEADER: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 ヘッダー1", "1", rule="Z3"),
    Field("transfer_kind_code", "種別コード（総合振込）", "N", 2, "§8 ヘッダー2", "21", "21|00", "Z3"),
    Field("character_code", "コード区分（JIS）", "N", 1, "§8 ヘッダー3", "0", rule="Z3"),
    Field("originator_code", "振込依頼人コード", "N", 10, "§8 ヘッダー4"),
    Field("party_name", "振込依頼人名", "C", 40, "§8 ヘッダー5", characters=ACCOUNT_NAME),
    Field("value_date", "振込指定日（月日）", "N", 4, "§8 ヘッダー6"),
    Field("bank_code", "仕向銀行番号", "N", 4, "§8 ヘッダー7"),
    Field("bank_name", "仕向銀行名", "C", 15, "§8 ヘッダー8", characters=STORE_NAME),
    Field("branch_code", "仕向支店番号", "N", 3, "§8 ヘッダー9"),
    Field("branch_name", "仕向支店名", "C", 15, "§8 ヘッダー10", characters=STORE_NAME),
    Field("account_type", "預金種目（依頼人）", "N", 1, "§8 ヘッダー11", accepted="[129]", rule="Z10"),
    Field("account_no", "口座番号（依頼人）", "N", 7, "§8 ヘッダー12"),
    Field("filler", "ダミー", "C", 17, "§8 ヘッダー13", " " * 17, rule="Z3"),
)

_RECEIVER: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 データ1", "2", rule="Z3"),
    Field("bank_code", "被仕向銀行番号", "N", 4, "§8 データ2"),
    Field("bank_name", "被仕向銀行名", "C", 15, "§8 データ3", characters=STORE_NAME),
    Field("branch_code", "被仕向支店番号", "N", 3, "§8 データ4"),
    Field("branch_name", "被仕向支店名", "C", 15, "§8 データ5", characters=STORE_NAME),
    Field("clearing_house_no", "手形交換所番号（未使用）", "N", 4, "§8 データ6", "0000", "[0-9]{4}|[ ]{4}"),
    Field("account_type", "預金種目", "N", 1, "§8 データ7", accepted="[1249]", rule="Z10"),
    Field("account_no", "口座番号", "N", 7, "§8 データ8"),
    Field("party_name", "受取人名", "C", 30, "§8 データ9", characters=ACCOUNT_NAME),
    Field("amount_yen", "振込金額", "N", 10, "§8 データ10"),
    Field("new_code", "新規コード（その他）", "N", 1, "§8 データ11", "0", "[ 012]", "Z3"),
)

_CUSTOMER_CODES: tuple[Field, ...] = (
    Field("payment_no", "顧客コード1（支払番号）", "N", 10, "§8 データ12"),
    Field("beneficiary_no", "顧客コード2（受給者番号）", "N", 10, "§8 データ13"),
)

_EDI_INFORMATION = Field("edi", "EDI情報", "C", 20, "§8 データ12・13（識別表示Y）", characters=EDI)


def _designation(edi_flag: str, label: str) -> tuple[Field, ...]:
    return (
        Field("transfer_designation_code", "振込指定区分", "N", 1, "§8 データ14", accepted="[0-9 ]"),
        Field("edi_flag", f"識別表示（{label}）", "C", 1, "§8 データ15", edi_flag, rule="Z3"),
        Field("filler", "ダミー", "C", 7, "§8 データ16", " " * 7, rule="Z3"),
    )


DATA: tuple[Field, ...] = (*_RECEIVER, *_CUSTOMER_CODES, *_designation(" ", "顧客コードを使用"))

EDI_DATA: tuple[Field, ...] = (*_RECEIVER, _EDI_INFORMATION, *_designation("Y", "EDI情報を使用"))
"""The data record whose 識別表示 is Y: read only, we write 顧客コード. Source: §8 データ15."""

TRAILER: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 トレーラ1", "8", rule="Z3"),
    Field("total_records", "合計件数", "N", 6, "§8 トレーラ2"),
    Field("total_yen", "合計金額", "N", 12, "§8 トレーラ3"),
    Field("filler", "ダミー", "C", 101, "§8 トレーラ4", " " * 101, rule="Z3"),
)

END: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 エンド1", "9", rule="Z3"),
    Field("filler", "ダミー", "C", 119, "§8 エンド2", " " * 119, rule="Z3"),
)


def offsets(fields: tuple[Field, ...]) -> dict[str, int]:
    """Field name → its first byte in the record, from 0."""
    starts = accumulate((field.length for field in fields), initial=0)
    return {field.name: start for field, start in zip(fields, starts, strict=False)}


def length_of(fields: tuple[Field, ...], name: str) -> int:
    """The length in bytes of the field `name`."""
    return next(field.length for field in fields if field.name == name)


def records(rows: pl.DataFrame, fields: tuple[Field, ...]) -> pl.Series:
    """One String of 120 stand-ins per row, from the columns of the fields; a field without column holds what is fixed.

    A name that occurs in many rows is written once.
    """
    names = [field for field in fields if field.kind == "C" and field.name in rows.columns]
    rows = rows.with_columns(per_value(rows[field.name], field.as_written) for field in names)
    return rows.select(pl.concat_str(_parts(fields, rows)).alias("record")).to_series()


def _parts(fields: tuple[Field, ...], rows: pl.DataFrame) -> list[pl.Expr]:
    """The fields side by side: texts that touch are one literal, names are written already."""
    parts: list[pl.Expr] = []
    text = ""
    for field in fields:
        if field.name not in rows.columns and field.fixed is not None:
            text += field.fixed
            continue
        before, value = ("", pl.col(field.name)) if field.kind == "C" else _digits(field, rows[field.name])
        parts += [pl.lit(text + before), value] if text + before else [value]
        text = ""
    return [*parts, pl.lit(text)] if text else parts


def _digits(field: Field, values: pl.Series) -> tuple[str, pl.Expr]:
    """A text and what follows it. The zeros are the text where all values are of one length, and come out of one
    addition where they are numbers that fit."""
    value, most = pl.col(field.name), 10**field.length
    if values.dtype.is_integer() and values.is_between(0, most - 1).all():
        return "", (value.cast(pl.Int64) + most).cast(pl.String).str.slice(1)
    if values.dtype == pl.String and values.str.len_bytes().n_unique() == 1:
        return "0" * (field.length - len(values[0].encode())), value
    return "", field.written()


def joined(records: pl.Series, line_end: str) -> bytes:
    """Records of stand-ins as the bytes of the file, each with its line end."""
    if (records.str.len_bytes() != RECORD_LENGTH).any():
        raise ValueError(f"Z1 {RECORD_LENGTH}バイトでないレコードがあります。")
    lines = pl.concat([records, pl.Series(records.name, [""])]).str.join(line_end)
    return as_file_bytes(lines.cast(pl.Binary).item())


def pattern(fields: tuple[Field, ...], accepts_wo: bool) -> str:
    """A regular expression that a record matches when every byte is one its field may hold."""
    return "^" + "".join(field.pattern(accepts_wo) for field in fields) + "$"
