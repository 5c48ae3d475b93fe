"""Where the claim, the insurer, the receipt and the estimate name different yen, and which of them was used.

Belongs here: the queue that staff read. Does not belong here: the order of the sources (precedence.py).
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import with_child
from assets.high_cost.entries import CARE_KEY
from assets.high_cost.precedence import source_used, with_sources
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_DIFFERENCES

_WHY = {
    "answer": "保険者の回答があるため、回答の額を使いました。",
    "nhi": "回答がなく、国保の適用区分で定めることとしているため、計算した額を使いました。",
    "claim": "回答がなく、回答を待つ額でもないため、申請書の額を使いました(書かれていなければ0円)。",
    "waiting": "回答を待っています。見込額では支給しません。",
}
_SOURCES = ("claim_yen", "answer_yen", "receipt_yen", "estimate_yen")
_OF = {"high": "high_cost", "supplementary": "supplementary"}


def _of_receipts(estimates: pl.DataFrame) -> pl.DataFrame:
    """What receipts say about the same care."""
    known = estimates.filter((pl.col("feed") == "receipts") & pl.col("institution_code").is_not_null())
    return known.sort("known_date", "delivery", "line_no").select(
        *CARE_KEY,
        pl.col("stated_high_yen").alias("receipt_high_yen"),
        pl.col("stated_supplementary_yen").alias("receipt_supplementary_yen"),
    ).unique(CARE_KEY, keep="last", maintain_order=True)  # fmt: skip


def _about(rows: pl.DataFrame, deduction: str, used: pl.Expr) -> pl.DataFrame:
    """One row per claim whose sources do not agree about one deduction."""
    least, most = pl.min_horizontal(_SOURCES), pl.max_horizontal(_SOURCES)
    told = rows.with_columns(
        pl.lit(deduction).alias("deduction"),
        pl.col(f"{_OF[deduction]}_benefit_yen").alias("claim_yen"),
        pl.col(f"answered_{deduction}_yen").alias("answer_yen"),
        pl.col(f"receipt_{deduction}_yen").alias("receipt_yen"),
        pl.col(f"expected_{deduction}_yen").alias("estimate_yen"),
        used.alias("used_source"),
    )
    return told.filter(least != most).with_columns(
        pl.when(pl.col("used_source") != "waiting").then(f"{deduction}_yen").alias("used_yen"),
        pl.col("used_source").replace_strict(_WHY).alias("why"),
    )


def differences(
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    estimates: pl.DataFrame,
    insurances: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """HIGH_COST_DIFFERENCES of the claims decided in a month. `insurer_answers_known` under the person's number."""
    named = claims.rename({"inpatient_outpatient_code": "care"})
    owned = with_child(named, beneficiary_numbers, registrations, persons).filter(
        pl.col("child_resident_code").is_not_null()
    )
    rows = with_sources(owned, insurer_answers_known, estimates, insurances, law)
    told = rows.join(_of_receipts(estimates), on=list(CARE_KEY), how="left", maintain_order="left")
    source = source_used()
    not_of_nhi = pl.when(source == "nhi").then(pl.lit("claim")).otherwise(source)
    told = told.with_columns(pl.lit("claims").alias("feed"))
    found = pl.concat([_about(told, "high", source), _about(told, "supplementary", not_of_nhi)])
    return found.select(HIGH_COST_DIFFERENCES.names).sort(HIGH_COST_DIFFERENCES.key)
