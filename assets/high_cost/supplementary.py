"""附加給付: what an insurer's rules add to 高額療養費, where the rules are known.

Belongs here: the arithmetic of such rules. Does not belong here: whether a claim waits for the insurer.
"""

from __future__ import annotations

import polars as pl

from assets.register.dated import versions_on
from schemas.law.book import Law

_TABLE = "supplementary.insurers"
_RULE = ("deduct_yen", "unit_yen", "least_yen")


def supplementary_yen(left_yen: pl.Expr) -> pl.Expr:
    """What is paid when `left_yen` is left after 高額療養費, of the columns deduct_yen, unit_yen, least_yen."""
    above = (left_yen - pl.col("deduct_yen")).clip(0) // pl.col("unit_yen") * pl.col("unit_yen")
    return pl.when(above >= pl.col("least_yen")).then(above).otherwise(0)


def expected_supplementary(frame: pl.DataFrame, left_yen: pl.Expr, law: Law) -> pl.Series:
    """附加給付 by the rule of the row's insurer_no, else of its insurance_type_code.

    Null where neither has a rule, or where what is left is unknown.
    """
    table = law.table(_TABLE).with_columns(pl.col("insurer_no").cast(pl.String))
    own = table.filter(pl.col("insurer_no").is_not_null())
    kind = table.filter(pl.col("insurer_no").is_null()).rename({"insurance_type": "insurance_type_code"})
    rows = versions_on(frame, "service_month", table)
    for found, key, suffix in ((own, "insurer_no", "_own"), (kind, "insurance_type_code", "_kind")):
        rules = found.select("from_date", key, *(pl.col(name).alias(f"{name}{suffix}") for name in _RULE))
        rows = rows.join(rules, on=["from_date", key], how="left", maintain_order="left")
    ruled = rows.with_columns(pl.coalesce(f"{name}_own", f"{name}_kind").alias(name) for name in _RULE)
    known = pl.col("deduct_yen").is_not_null() & left_yen.is_not_null()
    paid = pl.when(known).then(supplementary_yen(left_yen))
    return ruled.select(paid.alias("expected_supplementary_yen")).to_series()
