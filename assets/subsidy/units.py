"""支給1件: what stands of one child's care at one institution in one month, whatever was decided about it and when.

Belongs here: which decision of a line stands, signed rows netted with the receipt they are about, days of care.
Does not belong here: who bears the yen (rules.py).
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD, INPATIENT
from assets.register.identities import as_person

GUARDIAN = "guardian_resident_code"
LINE = ["feed", "delivery", "line_no"]
_KEY = [CHILD, "service_month", "institution_code", "care", "_own"]
_ORDER = ["decided_month", "decision_no"]
_REEXAMINED = "3"


def visit() -> pl.Expr:
    """VISIT of a row's care: 1 入院, 2 通院."""
    return pl.when(pl.col("care").is_in(INPATIENT)).then(pl.lit("1")).otherwise(pl.lit("2"))


def days_of_lines(receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """(feed, delivery, line_no, days) of accepted rows; a 再審査 changes yen, not days."""
    whole = pl.col("receipt_change") != _REEXAMINED
    return pl.concat(
        [
            receipts.select(
                pl.lit("receipts").alias("feed"),
                "delivery",
                "line_no",
                pl.when(whole).then("rcpt_treatment_days").otherwise(0).alias("days"),
            ),
            claims.select(
                pl.lit("claims").alias("feed"), "delivery", "line_no", pl.col("treatment_days").alias("days")
            ),
        ]
    )


def standing_lines(decisions: pl.DataFrame) -> pl.DataFrame:
    """DECISIONS: the last of each line of the files; a decision made again takes the place of the one before."""
    return decisions.sort(_ORDER).unique(LINE, keep="last", maintain_order=True)


def units(decisions: pl.DataFrame, days: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """One row per 支給1件 that ever had yen: decision_no (of the first decision that paid), standing_no, amount_yen
    (what stands of it), treatment_days, and whose it is.

    `decisions`: DECISIONS of every month so far; `days` as of `days_of_lines`. A signed row is part of the 支給 of the
    same child, month, institution and care; a claim without an institution stands alone.
    """
    alone = pl.format("{}-{}-{}", *LINE)
    own = pl.when(pl.col("institution_code").is_null()).then(alone).otherwise(pl.lit(""))
    told = as_person(decisions, identities, CHILD, GUARDIAN).with_columns(own.alias("_own"), visit().alias("visit"))
    paid = told.filter(pl.col("amount_yen") != 0).sort(_ORDER)
    first = paid.group_by(_KEY).agg(pl.col("decision_no").first())
    lines = standing_lines(told).join(days, on=LINE, how="left", maintain_order="left").sort(
        pl.col("amount_yen") > 0, *_ORDER
    )  # fmt: skip
    paying = lines.join(first, on=_KEY, how="semi", nulls_equal=True, maintain_order="left")
    net = paying.group_by(_KEY, maintain_order=True).agg(
        pl.col("visit", "subject", GUARDIAN).last(),
        pl.col("decision_no").last().alias("standing_no"),
        pl.col("amount_yen").sum(),
        (pl.col("days") * pl.col("amount_yen").sign()).sum().alias("treatment_days"),
    )
    return net.join(first, on=_KEY, nulls_equal=True).drop("_own").sort("decision_no")
