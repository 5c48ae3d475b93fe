"""The tables of a month that its certificate is about, and how a table becomes a number of an equation. Pure.

Belongs here: what both rules.py and answers.py read. Does not belong here: which rows are on which side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from reports.certificate.equation import Term

NO_YEN = pl.lit(0, dtype=pl.Int64)
_ONE = pl.lit(1, dtype=pl.Int64)


@dataclass(frozen=True)
class Frames:
    """The tables of a month. `delivered`: feed, delivery, rows, yen as the senders stated them; accepted, refused:
    by feed; `open_before`: feed, delivery, line_no, yen of what waited; `trailers`: batch_no, orders, total_yen read
    from the bank files; `members`: batch_no, payment_no, amount_yen; `filed`: BANK_FILES of the months up to this one
    that stood at its end, `sent` the orders of their batches; `handed_over`: batch_no, value_date of all that the
    ledger says were handed over; `entered`, `work`: the bank's answers of the month's nights as entered or kept for a
    person, with all earlier nights in `…_before` and all later ones in `entered_after`; `lapsed`: payment_no of orders
    that no file carried and that were ordered again; `asked`: LETTERS about accounts
    up to this month; `results`, `journal`: of the ledger, whenever they came."""

    month: date
    value_date: date
    delivered: pl.DataFrame
    accepted: Mapping[str, pl.DataFrame]
    refused: Mapping[str, pl.DataFrame]
    open_before: pl.DataFrame
    reopened: pl.DataFrame
    decisions: pl.DataFrame
    steps: pl.DataFrame
    differences: pl.DataFrame
    offsets: pl.DataFrame
    payables: pl.DataFrame
    debts: pl.DataFrame
    debts_before: pl.DataFrame
    orders: pl.DataFrame
    orders_before: pl.DataFrame
    ledger: pl.DataFrame
    preflight: pl.DataFrame
    bank_files: pl.DataFrame
    trailers: pl.DataFrame
    members: pl.DataFrame
    filed: pl.DataFrame
    sent: pl.DataFrame
    handed_over: pl.DataFrame
    lapsed: pl.DataFrame
    results: pl.DataFrame
    receipts_open: pl.DataFrame
    demand_lines: pl.DataFrame
    demand_differences: pl.DataFrame
    journal: pl.DataFrame
    entered: pl.DataFrame
    entered_before: pl.DataFrame
    entered_after: pl.DataFrame
    work: pl.DataFrame
    work_before: pl.DataFrame
    asked: pl.DataFrame


def term(label: str, frame: pl.DataFrame, key: pl.Expr, yen: pl.Expr, rows: pl.Expr = _ONE) -> Term:
    """A number of an equation: the rows of a frame by key, each with its yen and how many rows it stands for."""
    entries = frame.select(key.cast(pl.String).alias("key"), rows.alias("rows"), yen.cast(pl.Int64).alias("yen"))
    return Term(label, tuple(entries.sort("key", "rows", "yen").iter_rows()))


def keyed(*columns: str) -> pl.Expr:
    """The columns as one key."""
    return pl.concat_str(*columns, separator="/")
