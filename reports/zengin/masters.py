"""Banks and branches of Japan, as the `zengin-code` package publishes them.

Belongs here: the frames other modules look up, and how they look. Does not belong here: the sentences on a missing
branch (Z9 in preflight.py and lookup.py). The package is a third party's monthly copy without the history of merged
branches; what the city knows of merged branches is the table branch_successors.csv.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
import zengin_code
from zengin_code.bank import Bank

from reports.zengin.kana import store_kana
from schemas.errors import CityError

Severity = Literal["error", "warning"]

SUCCESSOR_SCHEMA: dict[str, type[pl.DataType]] = {
    "bank_code": pl.String,
    "branch_code": pl.String,
    "merged_date": pl.Date,
    "new_bank_code": pl.String,
    "new_branch_code": pl.String,
    "source": pl.String,
}
"""A branch, the day from which it is part of another, that other branch, and the bank's notice that says so."""

_SUCCESSORS = Path(__file__).with_name("branch_successors.csv")
_CODES = {"bank_code": 4, "branch_code": 3, "new_bank_code": 4, "new_branch_code": 3}


class SuccessorsError(CityError):
    """The table of merged branches does not have its columns, or holds a row that is none."""


def branch_successors(path: Path = _SUCCESSORS) -> pl.DataFrame:
    """The merged branches the city knows of: SUCCESSOR_SCHEMA. The table is delivered empty; lines that begin with #
    are notes. Raises SuccessorsError, which names the first line that is wrong."""
    try:
        table = pl.read_csv(path, comment_prefix="#", schema_overrides=dict.fromkeys(SUCCESSOR_SCHEMA, pl.String))
    except pl.exceptions.PolarsError:
        raise SuccessorsError("統合店舗の表（branch_successors.csv）がCSVとして読めません。") from None
    if table.columns != list(SUCCESSOR_SCHEMA):
        raise SuccessorsError(f"統合店舗の表（branch_successors.csv）の列は {', '.join(SUCCESSOR_SCHEMA)} です。")
    rows = table.with_columns(pl.col("merged_date").str.to_date("%Y-%m-%d", strict=False))
    sound = pl.all_horizontal(
        pl.all().is_not_null(), *(pl.col(c).str.contains(f"^[0-9]{{{n}}}$") for c, n in _CODES.items())
    )
    wrong = rows.select(~sound.fill_null(value=False)).to_series().arg_true()
    if wrong.len():
        raise SuccessorsError(f"統合店舗の表（branch_successors.csv）の{wrong[0] + 1}件目が正しくありません。")
    return rows


def published_date() -> date:
    """The day the installed master was published: the last part of the package's version."""
    return date.fromisoformat(zengin_code.__version__.rsplit(".", 1)[1])


@cache
def bank_branches() -> pl.DataFrame:
    """Every branch: bank_code, bank_name_kana, branch_code, branch_name_kana (half-width kana), as_of_date.

    Sorted by bank_code, branch_code; one row per branch; read once per process.
    """
    rows = [
        (bank.code, bank.kana, branch.code, branch.kana)
        for bank in Bank.all.values()
        for branch in bank.branches.values()
    ]
    columns = ["bank_code", "bank_name_kana", "branch_code", "branch_name_kana"]
    return (
        pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
        .with_columns(store_kana(pl.col("bank_name_kana", "branch_name_kana"), {}))
        .with_columns(as_of_date=pl.lit(published_date()))
        .sort("bank_code", "branch_code")
    )


def absence_weighs(banks: pl.DataFrame, value_date: date, max_age_days: int) -> Severity:
    """What a branch missing from the master is: an error while the master is at most so old on the value date."""
    oldest_useful_date = value_date - timedelta(days=max_age_days)
    return "error" if (banks["as_of_date"] >= oldest_useful_date).any() else "warning"


def with_successor(rows: pl.DataFrame, successors: pl.DataFrame, value_date: date) -> pl.DataFrame:
    """Rows of bank_code and branch_code with the `successor` (銀行番号-支店番号) of a branch merged by that day."""
    merged = successors.filter(pl.col("merged_date") <= value_date)
    last = merged.sort("merged_date").unique(["bank_code", "branch_code"], keep="last")
    named = last.select("bank_code", "branch_code", successor=pl.format("{}-{}", "new_bank_code", "new_branch_code"))
    return rows.join(named, on=["bank_code", "branch_code"], how="left", maintain_order="left")
