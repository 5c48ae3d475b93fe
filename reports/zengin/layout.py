"""The four 120-byte records of 総合振込, one line per field, in the order of the specification.

Belongs here: name, label, kind, length, fixed value and source of each field; offsets are derived.
Does not belong here: what is put into the fields (transfer_file.py).
Source: 全銀協 レコード・フォーマット (令和元年12月) §8, equal in six publications.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

import polars as pl

from reports.zengin.kana import cut

RECORD_LENGTH = 120


@dataclass(frozen=True)
class Field:
    """One field. kind N: digits, right-aligned, zeros before; C: characters, left-aligned, spaces after."""

    name: str
    label: str
    kind: Literal["N", "C"]
    length: int
    source: str
    fixed: str | None = None

    def written(self) -> pl.Expr:
        """The fixed value, or the column `name` as a String of `length` characters (names are cut)."""
        if self.fixed is not None:
            return pl.lit(self.fixed)
        value = pl.col(self.name).cast(pl.String)
        if self.kind == "N":
            return value.str.pad_start(self.length, "0")
        return cut(value, self.length).str.pad_end(self.length, " ")


HEADER: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 ヘッダー1", "1"),
    Field("transfer_kind_code", "種別コード（総合振込）", "N", 2, "§8 ヘッダー2", "21"),
    Field("character_code", "コード区分（JIS）", "N", 1, "§8 ヘッダー3", "0"),
    Field("originator_code", "振込依頼人コード", "N", 10, "§8 ヘッダー4"),
    Field("party_name", "振込依頼人名", "C", 40, "§8 ヘッダー5"),
    Field("value_date", "振込指定日（月日）", "N", 4, "§8 ヘッダー6"),
    Field("bank_code", "仕向銀行番号", "N", 4, "§8 ヘッダー7"),
    Field("bank_name", "仕向銀行名", "C", 15, "§8 ヘッダー8"),
    Field("branch_code", "仕向支店番号", "N", 3, "§8 ヘッダー9"),
    Field("branch_name", "仕向支店名", "C", 15, "§8 ヘッダー10"),
    Field("account_type", "預金種目（依頼人）", "N", 1, "§8 ヘッダー11"),
    Field("account_no", "口座番号（依頼人）", "N", 7, "§8 ヘッダー12"),
    Field("filler", "ダミー", "C", 17, "§8 ヘッダー13", " " * 17),
)

DATA: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 データ1", "2"),
    Field("bank_code", "被仕向銀行番号", "N", 4, "§8 データ2"),
    Field("bank_name", "被仕向銀行名", "C", 15, "§8 データ3"),
    Field("branch_code", "被仕向支店番号", "N", 3, "§8 データ4"),
    Field("branch_name", "被仕向支店名", "C", 15, "§8 データ5"),
    Field("clearing_house_no", "手形交換所番号（未使用）", "N", 4, "§8 データ6", "0000"),
    Field("account_type", "預金種目", "N", 1, "§8 データ7"),
    Field("account_no", "口座番号", "N", 7, "§8 データ8"),
    Field("party_name", "受取人名", "C", 30, "§8 データ9"),
    Field("amount_yen", "振込金額", "N", 10, "§8 データ10"),
    Field("new_code", "新規コード（その他）", "N", 1, "§8 データ11", "0"),
    Field("payment_no", "顧客コード1（支払番号）", "N", 10, "§8 データ12"),
    Field("beneficiary_no", "顧客コード2（受給者番号）", "N", 10, "§8 データ13"),
    Field("transfer_designation_code", "振込指定区分", "N", 1, "§8 データ14"),
    Field("edi_flag", "識別表示（顧客コードを使用）", "C", 1, "§8 データ15", " "),
    Field("filler", "ダミー", "C", 7, "§8 データ16", " " * 7),
)

TRAILER: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 トレーラ1", "8"),
    Field("total_records", "合計件数", "N", 6, "§8 トレーラ2"),
    Field("total_yen", "合計金額", "N", 12, "§8 トレーラ3"),
    Field("filler", "ダミー", "C", 101, "§8 トレーラ4", " " * 101),
)

END: tuple[Field, ...] = (
    Field("record_kind", "データ区分", "N", 1, "§8 エンド1", "9"),
    Field("filler", "ダミー", "C", 119, "§8 エンド2", " " * 119),
)


def offsets(fields: tuple[Field, ...]) -> dict[str, int]:
    """Field name → its first byte in the record, from 0."""
    starts = accumulate((field.length for field in fields), initial=0)
    return {field.name: start for field, start in zip(fields, starts, strict=False)}


def record(fields: tuple[Field, ...]) -> pl.Expr:
    """One String of 120 characters per row of a frame that has a column for every field not fixed."""
    return pl.concat_str([field.written() for field in fields]).alias("record")


def length_of(fields: tuple[Field, ...], name: str) -> int:
    """The length in bytes of the field `name`."""
    return next(field.length for field in fields if field.name == name)
