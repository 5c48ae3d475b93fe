"""A file that was read, against the master of banks and branches: rule Z9, and names that are not the master's.

Belongs here: what the file alone cannot know. Does not belong here: reading it (reading.py), the master (masters.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from reports.zengin.agreement import BankProfile
from reports.zengin.faults import faults, table
from reports.zengin.kana import cut
from reports.zengin.layout import DATA, HEADER, Field, length_of, offsets
from reports.zengin.masters import Severity, absence_weighs, with_successor
from reports.zengin.reading import Reading, read_transfer


def read_against_master(
    data: bytes, profile: BankProfile, value_date: date, banks: pl.DataFrame, successors: pl.DataFrame
) -> Reading:
    """`read_transfer` with every bank and branch looked up as on the value date.

    A branch missing from the master is an error while the master is young enough (absence_weighs), with a known
    successor a warning; a name that is not the master's is a warning, as the number decides (信金の受付も
    銀行名相違を正常扱とする).
    """
    read = read_transfer(data, accepts_wo=profile.accepts_wo)
    if read.file is None:
        return read
    weighs = absence_weighs(banks, value_date, profile.master_max_age_days)
    transfers = read.file.transfers
    parties = [(read.file.header.with_columns(line_no=pl.lit(1, pl.Int64)), HEADER), (transfers, DATA)]
    found = [each for rows, fields in parties for each in _unknown(rows, fields, value_date, weighs, banks, successors)]
    told = table([read.faults, *found])
    lost = any("error" in each["severity"] for each in found)
    return Reading(None if lost else read.file, told)


def _unknown(
    rows: pl.DataFrame,
    fields: tuple[Field, ...],
    value_date: date,
    weighs: Severity,
    banks: pl.DataFrame,
    successors: pl.DataFrame,
) -> Iterator[pl.DataFrame]:
    """Faults of the bank and branch of every row, by distinct branch: a file names few of them."""
    places = rows.select("line_no", "bank_code", "bank_name", "branch_code", "branch_name")
    distinct = places.drop("line_no").unique()
    known = with_successor(distinct, successors, value_date).join(
        _named(banks, fields), on=["bank_code", "branch_code"], how="left"
    )
    judged = known.with_columns(bank_known=pl.col("bank_code").is_in(banks["bank_code"].unique().implode()))
    absent, merged = pl.col("bank_of_master").is_null(), pl.col("successor").is_not_null()
    named = pl.format("の店舗は統合されています（新しい番号は{}）", "successor")
    yield _told(places, judged.filter(absent, ~merged, ~pl.col("bank_known")), fields, "bank_code", _ABSENT, weighs)
    yield _told(places, judged.filter(absent, ~merged, pl.col("bank_known")), fields, "branch_code", _ABSENT, weighs)
    yield _told(places, judged.filter(absent, merged), fields, "branch_code", named, "warning")
    for name, master in (("bank_name", "bank_of_master"), ("branch_name", "branch_of_master")):
        other = judged.filter(pl.col(name) != "", pl.col(name) != pl.col(master))
        yield _told(places, other, fields, name, "が金融機関マスターの名と違います", "warning")


_ABSENT = "が金融機関マスターにありません"


def _named(banks: pl.DataFrame, fields: tuple[Field, ...]) -> pl.DataFrame:
    """The master's names as the file's fields hold them."""
    return banks.select(
        "bank_code",
        "branch_code",
        bank_of_master=cut(pl.col("bank_name_kana"), length_of(fields, "bank_name")),
        branch_of_master=cut(pl.col("branch_name_kana"), length_of(fields, "branch_name")),
    )


def _told(
    places: pl.DataFrame,
    wrong: pl.DataFrame,
    fields: tuple[Field, ...],
    name: str,
    sentence: str | pl.Expr,
    severity: Severity,
) -> pl.DataFrame:
    keys = ["bank_code", "bank_name", "branch_code", "branch_name"]
    rows = places.join(wrong.select(*keys, "successor"), on=keys, maintain_order="left")
    label = next(field.label for field in fields if field.name == name)
    return faults(rows.with_columns(column_no=offsets(fields)[name] + 1), "Z9", sentence, label, severity)
