"""Banks and branches of Japan, as the `zengin-code` package publishes them.

Belongs here: the one frame other modules look up. Does not belong here: what follows from a missing branch
(preflight.py, Z9). The package is a third party's monthly copy without the history of merged branches.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl
import zengin_code
from zengin_code.bank import Bank

from reports.zengin.kana import store_kana


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
