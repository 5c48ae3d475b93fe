"""Payment orders → the bytes of one 総合振込 file (種別 21): header, data, trailer, end.

Belongs here: filling the records and joining them. Does not belong here: the layout (layout.py), the spelling
(orders.py, kana.py) and the rules (preflight.py), whose errors are refused here once more.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from reports.zengin.agreement import LINE_ENDS, BankProfile, Originator
from reports.zengin.characters import jis_x_0201
from reports.zengin.layout import DATA, END, HEADER, RECORD_LENGTH, TRAILER, record
from reports.zengin.orders import spelled_orders, spelled_originator
from reports.zengin.preflight import problems_of_spelled
from schemas.errors import CityError


class TransferRefused(CityError):
    """The orders hold errors. `problems` has them row by row; the message counts them by rule."""

    def __init__(self, problems: pl.DataFrame) -> None:
        self.problems = problems
        counts = problems.group_by("rule").len().sort("rule").iter_rows()
        listed = "、".join(f"{rule} {count}件" for rule, count in counts)
        super().__init__(f"振込データに誤りがあるため、ファイルを作成しません（{listed}）。")


def transfer_file(orders: pl.DataFrame, originator: Originator, value_date: date, profile: BankProfile) -> bytes:
    """The file as the bank takes it: records of 120 bytes, JIS X 0201, each with the profile's line end.

    `orders`: ORDER_SCHEMA, any order; data records come in the order of payment_no (顧客コード1).
    Names longer than their field are cut (Z13). Raises TransferRefused when any rule but Z9 (existence of the
    branch) finds an error, and OrderColumnsError for a wrong frame.
    """
    rows, payer = spelled_orders(orders, profile), spelled_originator(originator, profile)
    found = problems_of_spelled(rows, payer, value_date, profile).filter(pl.col("severity") == "error")
    if not found.is_empty():
        raise TransferRefused(found)
    parts = [_header(payer, value_date), _data(rows, profile), _trailer(rows), pl.select(record(END))]
    return _joined(pl.concat(parts).to_series(), LINE_ENDS[profile.line_end])


def _header(payer: pl.DataFrame, value_date: date) -> pl.DataFrame:
    return payer.with_columns(value_date=pl.lit(f"{value_date:%m%d}")).select(record(HEADER))


def _data(rows: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    designation = pl.lit(profile.transfer_designation_code)
    return rows.with_columns(transfer_designation_code=designation).select(record(DATA))


def _trailer(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(total_records=pl.len(), total_yen=pl.col("amount_yen").sum()).select(record(TRAILER))


def _joined(records: pl.Series, line_end: str) -> bytes:
    if (records.str.len_chars() != RECORD_LENGTH).any():
        raise ValueError(f"Z1 {RECORD_LENGTH}文字でないレコードがあります。")
    return jis_x_0201("".join([records.str.join(line_end).item(), line_end]))
