"""Whether the taxes of a year say something else than in the delivery before: meanings that moved without a word.

Belongs here: the figures of a delivery and how far they may move. Does not belong here: rows that break a rule (the
gate refuses them), and what stops (checks.py).
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from schemas.law.book import LawOfMonth
from schemas.records.feeds import RESIDENT_TAXES

_ITEMS = [item for item in RESIDENT_TAXES.items if item.no is not None]
_YEN = [item.name for item in _ITEMS if item.type.name == "yen"]
_GROUP = ["tax_year", "load"]
_NOT_FILED, _NO_INCOME = "未申告", "総所得金額0円"
SCHEMA = pl.Schema(
    {"tax_year": pl.Int64(), "load": pl.String(), "figure": pl.String(), "before": pl.Int64(), "now": pl.Int64()}
)
"""What `drifted` finds: a figure of a tax year (‰ of people, or yen for a 中央の額) before and now."""


def last_delivered(rows: pl.DataFrame) -> pl.DataFrame:
    """Accepted RESIDENT_TAXES: of each tax year and kind of load, the rows of its last delivery."""
    loads = rows.with_columns(pl.col("delivery").str.extract(r"_(full|diff)_").fill_null("full").alias("load"))
    order = pl.format("{} {}", "known_date", "delivery")
    return loads.filter(order == order.max().over(_GROUP))


def _permille(holds: pl.Expr) -> pl.Expr:
    return holds.fill_null(False).sum().cast(pl.Int64) * 1000 // pl.len()


def _figures(delivered: pl.DataFrame) -> pl.DataFrame:
    """(tax_year, load, figure, value) of `last_delivered` rows, and `rows`, the people of the year."""
    filed = pl.col("filing") == "1"
    there = [
        _permille(filed & (pl.col(item.name).cast(pl.String) != "0")).alias(f"{item.label} {item.no}")
        for item in _ITEMS
    ]
    middles = [
        pl.col(name).filter(filed & (pl.col(name) != 0)).median().fill_null(0).cast(pl.Int64)
        .alias(f"{RESIDENT_TAXES[name].label} {RESIDENT_TAXES[name].no} の中央の額")
        for name in _YEN
    ]  # fmt: skip
    wide = delivered.group_by(_GROUP).agg(
        pl.len().cast(pl.Int64).alias("rows"),
        _permille(~filed).alias(_NOT_FILED),
        _permille(filed & (pl.col("total_income_yen").fill_null(0) == 0)).alias(_NO_INCOME),
        *there,
        *middles,
    )
    return wide.unpivot(index=[*_GROUP, "rows"], variable_name="figure", value_name="value")


def drifted(before: pl.DataFrame, now: pl.DataFrame, law: LawOfMonth) -> pl.DataFrame:
    """SCHEMA: every figure that moved further than gate.tax_drift between two sets of accepted RESIDENT_TAXES.

    A tax year that was not delivered before, or by too few rows, is not compared.
    """
    bounds = law.mapping("gate.tax_drift")
    earlier, later = (_figures(last_delivered(rows)) for rows in (before, now))
    both = later.rename({"value": "now"}).join(
        earlier.rename({"value": "before", "rows": "rows_before"}), on=[*_GROUP, "figure"]
    )
    enough = pl.min_horizontal("rows", "rows_before") >= bounds["least_rows"]
    moved = (pl.col("now") - pl.col("before")).abs()
    middle = pl.col("figure").str.ends_with("中央の額")
    least = pl.min_horizontal("rows", "rows_before") * bounds["share_permille"] // 1000
    known = pl.min_horizontal("before", "now") > 0
    far = (
        pl.when(middle)
        .then(known & (least > 0) & (moved * 100 > pl.col("before") * bounds["middle_percent"]))
        .otherwise(moved > bounds["share_permille"])
    )
    return both.filter(enough & far).select(SCHEMA.names()).cast(dict(SCHEMA)).sort("tax_year", "load", "figure")


def seal(found: pl.DataFrame) -> str:
    """SHA-256 of what was found: an acceptance is of exactly this, and of nothing found later."""
    return sha256(found.write_csv().encode()).hexdigest()
