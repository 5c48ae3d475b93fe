"""Payment orders → the bytes of one 総合振込 file (種別 21): header, data, trailer, end.

Belongs here: filling the records and joining them. Does not belong here: the layout (layout.py), the spelling
(orders.py, kana.py) and the rules (preflight.py), whose errors are refused here once more.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from reports.zengin.agreement import LINE_ENDS, BankProfile, Originator
from reports.zengin.layout import DATA, END, HEADER, TRAILER, joined, records
from reports.zengin.orders import spelled_orders, spelled_originator
from reports.zengin.preflight import problems_of_spelled
from reports.zengin.trial import trial_header
from schemas.errors import CityError


class TransferRefused(CityError):
    """The orders hold errors. `problems` has them row by row; the message counts them by rule."""

    def __init__(self, problems: pl.DataFrame) -> None:
        self.problems = problems
        counts = problems.group_by("rule").len().sort("rule").iter_rows()
        listed = "、".join(f"{rule} {count}件" for rule, count in counts)
        super().__init__(f"振込データに誤りがあるため、ファイルを作成しません（{listed}）。")


def transfer_file(
    orders: pl.DataFrame, originator: Originator, value_date: date, profile: BankProfile, *, trial: bool
) -> bytes:
    """The file as the bank takes it: records of 120 bytes, JIS X 0201, each with the profile's line end.

    `orders`: ORDER_SCHEMA, any order; data records come in the order of payment_no (顧客コード1).
    Names longer than their field are cut (Z13). Raises TransferRefused when any rule but Z9 (existence of the
    branch) finds an error, and OrderColumnsError for a wrong frame.

    `trial`: for tests. The header of a trial has 種別コード 00, 振込指定日 0000 and 振込依頼人コード 0000000000, which
    no bank takes (trial.py), and `read_transfer` names it a trial, so that no release takes it for a file to be sent.
    """
    rows, payer = spelled_orders(orders, profile), spelled_originator(originator, profile)
    found = problems_of_spelled(rows, payer, value_date, profile).filter(pl.col("severity") == "error")
    if not found.is_empty():
        raise TransferRefused(found)
    return file_of_spelled(rows, payer, value_date, profile, trial=trial)


def file_of_spelled(
    rows: pl.DataFrame, payer: pl.DataFrame, value_date: date, profile: BankProfile, *, trial: bool
) -> bytes:
    """The bytes of frames from orders.py that pre-flight has passed: nothing is judged here."""
    header = payer.with_columns(value_date=pl.lit(f"{value_date:%m%d}"))
    data = rows.with_columns(transfer_designation_code=pl.lit(profile.transfer_designation_code))
    totals = rows.select(total_records=pl.len(), total_yen=pl.col("amount_yen").sum())
    parts = [
        records(trial_header(header) if trial else header, HEADER),
        records(data, DATA),
        records(totals, TRAILER),
        records(totals, END),
    ]
    return joined(pl.concat(parts), LINE_ENDS[profile.line_end])
