"""From tests to decisions: duplicates, judgement, decision numbers. The same for receipts and claims.

Belongs here: what holds for both kinds. Does not belong here: the tests of either.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from assets.benefit.facts import CHILD
from assets.register.identities import as_person
from schemas.records.benefit import DECISIONS

PAID_KEY = (CHILD, "service_month", "institution_code", "care")
"""One institution is paid once per child, month and 入外, under whichever of its numbers. Rows without an institution
cannot be compared."""

_TAKEN = pl.DataFrame(
    schema={name: DECISIONS.schema[name] for name in PAID_KEY} | {"taken_from": pl.Date()},
)
_HELD = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "R1")


class Tests(NamedTuple):
    """The codes of the tests before and after the test for duplicates; `late` always ends in N1 or P0."""

    early: pl.Expr
    late: pl.Expr


def paid_keys(decisions: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """The keys of the decisions that pay, a child decided under an earlier number among them as one person."""
    paid = as_person(decisions.filter(pl.col("judgement") == "1"), identities, CHILD)
    return paid.select(PAID_KEY).unique()


def with_reasons(rows: pl.DataFrame, tests: Tests, paid_before: pl.DataFrame) -> pl.DataFrame:
    """`rows` in the order of arrival with `reason`.

    D1: the same key was paid in `paid_before` or by an earlier row that pays. Where `paid_before` says taken_from,
    only for rows learned from that day on.
    """
    since = pl.col("taken_from").fill_null(date.min).min().alias("taken_from")
    paid = pl.concat([_TAKEN, paid_before], how="diagonal").group_by(PAID_KEY).agg(since)
    ordered = rows.sort("known_date", "delivery", "line_no").with_columns(
        tests.early.alias("early"), tests.late.alias("late")
    )
    found = ordered.join(paid, on=list(PAID_KEY), how="left", maintain_order="left")
    pays = pl.col("early").is_null() & (pl.col("late") == "P0")
    earlier = (pays.cast(pl.Int64).cum_sum() - pays.cast(pl.Int64)).over(PAID_KEY) > 0
    before = (pl.col("known_date") >= pl.col("taken_from")).fill_null(False)
    twice = (before | earlier) & pl.col("institution_code").is_not_null()
    return found.with_columns(pl.coalesce("early", pl.when(twice).then(pl.lit("D1")), "late").alias("reason")).drop(
        "early", "late", "taken_from"
    )


def judgement() -> pl.Expr:
    """JUDGEMENT of a reason: 1 支給, 4 保留 (H…, R1), else 2 不支給."""
    held = pl.col("reason").is_in(_HELD)
    return pl.when(pl.col("reason") == "P0").then(pl.lit("1")).when(held).then(pl.lit("4")).otherwise(pl.lit("2"))


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
