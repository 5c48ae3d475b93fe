"""From tests to decisions: duplicates, judgement, decision numbers. The same for receipts and claims.

Belongs here: what holds for both kinds. Does not belong here: the tests of either.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from assets.benefit.facts import CHILD
from assets.register.identities import as_person

PAID_KEY = (CHILD, "service_month", "institution_code", "care")
"""One institution is paid once per child, month and 入外, under whichever of its numbers. Rows without an institution
cannot be compared."""

_HELD = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "HA", "R1")
_NEVER = pl.lit(False)


class Tests(NamedTuple):
    """The codes of the tests before and after the test for duplicates; `late` always ends in N1 or P0."""

    early: pl.Expr
    late: pl.Expr


def paid_keys(decisions: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """The keys under which yen are paid and not taken back, a child decided under an earlier number among them as one
    person."""
    paid = as_person(decisions.filter(pl.col("judgement").is_in(["1", "3"])), identities, CHILD)
    left = paid.group_by(PAID_KEY, maintain_order=True).agg(pl.col("amount_yen").sum())
    return left.filter(pl.col("amount_yen") > 0).select(PAID_KEY)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` in the order of arrival."""
    return rows.sort("known_date", "delivery", "line_no")


def with_reasons(
    rows: pl.DataFrame, tests: Tests, paid_before: pl.DataFrame, withdrawn: pl.Expr = _NEVER
) -> pl.DataFrame:
    """`rows` in the order of arrival with `reason`.

    D1: the same key was paid in `paid_before` or by an earlier row that pays and is not `withdrawn`.
    """
    paid = paid_before.select(PAID_KEY).unique().with_columns(pl.lit(True).alias("paid_before"))
    ordered = in_order(rows).with_columns(tests.early.alias("early"), tests.late.alias("late"))
    found = ordered.join(paid, on=list(PAID_KEY), how="left", maintain_order="left")
    stays = (pl.col("early").is_null() & (pl.col("late") == "P0") & ~withdrawn).cast(pl.Int64)
    earlier = (stays.cum_sum() - stays).over(PAID_KEY) > 0
    twice = (pl.col("paid_before").fill_null(False) | earlier) & pl.col("institution_code").is_not_null()
    return found.with_columns(pl.coalesce("early", pl.when(twice).then(pl.lit("D1")), "late").alias("reason")).drop(
        "early", "late", "paid_before"
    )


def judgement() -> pl.Expr:
    """JUDGEMENT of a reason: 1 支給, 3 返戻・増減 (R0), 4 保留 (H…, R1), else 2 不支給."""
    reason = pl.col("reason")
    told = pl.when(reason == "P0").then(pl.lit("1")).when(reason == "R0").then(pl.lit("3"))
    return told.when(reason.is_in(_HELD)).then(pl.lit("4")).otherwise(pl.lit("2"))


def numbered(rows: pl.DataFrame, subject: str, month: pl.Expr) -> pl.DataFrame:
    """`rows` with subject, decided_month, judgement and decision_no: letter, subject_key, month; the second row of
    the same key in a month gets .2 and so on."""
    nth = pl.int_range(1, pl.len() + 1).over("subject_key")
    suffix = pl.when(nth == 1).then(pl.lit("")).otherwise(pl.format(".{}", nth))
    return rows.with_columns(
        pl.lit(subject).alias("subject"), month.alias("decided_month"), judgement().alias("judgement")
    ).with_columns(
        pl.format(
            "{}-{}-{}{}",
            pl.lit(subject[0].upper()),
            "subject_key",
            pl.col("decided_month").dt.strftime("%Y%m"),
            suffix,
        ).alias("decision_no")
    )
