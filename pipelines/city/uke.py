"""The share of a month's receipts that 支払基金 delivers as UKE: one file for each 点数表, beside the usual file.

Belongs here: which rows go that way, and their files and lines. How a receipt is written as UKE belongs to
schemas/uke; the rows themselves belong to receipts.
"""

from dataclasses import dataclass

import polars as pl

from schemas.uke.layout import RECEIPT, facts
from schemas.uke.writer import sayable, uke_file

FUND = "1"
"""審査支払機関 that delivers UKE."""
_SAME = ["rcpt_patient_beneficiary_no", "service_month", "rcpt_institution_code", "rcpt_inpatient_outpatient_code"]


@dataclass(frozen=True, slots=True)
class Part:
    """Receipts of one delivery, in the order of its file, with line_no; file: its bytes where it is UKE."""

    rows: pl.DataFrame
    file: bytes | None = None


def as_uke(rows: pl.DataFrame) -> pl.Series:
    """Per receipt, whether it is delivered as UKE: sound rows of 支払基金 that UKE can say, and no two of the same
    care, for their order would decide which of them is paid."""
    sound = rows["defect"].is_null() if "defect" in rows.columns else pl.repeat(True, rows.height, eager=True)
    alone = ~rows.select(_SAME).is_duplicated()
    return (rows["review_body"] == FUND) & sound & alone & sayable(rows)


def uke_files(rows: pl.DataFrame) -> dict[str, bytes]:
    """Name → file: one UKE file per 点数表 for the receipts that UKE can say."""
    fits = rows.filter(sayable(rows))
    return {name: uke_file(part) for name, part in _by_kind(fits).items()}


def parts(rows: pl.DataFrame, first_line: int) -> list[Part]:
    """The deliveries of a month's receipts: the usual file, whose first row stands on first_line, then UKE files."""
    fits = as_uke(rows)
    usual = rows.filter(~fits)
    lines = pl.int_range(usual.height, eager=True) + first_line
    return [Part(usual.with_columns(line_no=lines)), *(_part(part) for part in _by_kind(rows.filter(fits)).values())]


def _by_kind(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """File name → its receipts, institution by institution."""
    ordered = rows.sort("review_body", "billing_month", "rcpt_institution_code", "receipt_no", maintain_order=True)
    table = pl.col("rcpt_institution_code").str.slice(2, 1)
    kinds = [(kind.file, ordered.filter(table.is_in(kind.tables))) for kind in facts().kinds.values() if kind.tables]
    return {name: part for name, part in kinds if part.height}


def _part(rows: pl.DataFrame) -> Part:
    file = uke_file(rows)
    heads = [number for number, line in enumerate(file.split(b"\r\n"), 1) if line.startswith(f"{RECEIPT},".encode())]
    return Part(rows.with_columns(line_no=pl.Series(heads, dtype=pl.Int64)), file)
