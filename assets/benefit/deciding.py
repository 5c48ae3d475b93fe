"""From tests to decisions: duplicates, judgement, decision numbers. The same for receipts and claims.

Belongs here: what holds for both kinds. Does not belong here: the tests of either.
"""

from __future__ import annotations

import operator
from datetime import date
from functools import reduce
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
_HELD = ("H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "HA", "R1")
_NEVER = pl.lit(False)
_LINES = 100_000_000
"""More than a file has lines."""
_PLACE = "_place"


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
    """`rows` in the order of arrival. Deliveries are ranked once, so that whole numbers are compared, not names."""
    if rows.is_empty():
        return rows
    deliveries = rows["delivery"].unique().sort()
    rank = pl.col("delivery").replace_strict(deliveries, range(deliveries.len()), return_dtype=pl.Int64)
    days = pl.col("known_date").cast(pl.Int32).cast(pl.Int64)
    place = rows.select(((days * deliveries.len() + rank) * _LINES + pl.col("line_no")).alias("place"))["place"]
    return rows if place.is_sorted() else rows.select(pl.all().gather(place.arg_sort(nulls_last=True)))


def _rows_alike(rows: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The rows, with their place, whose key may stand in several rows: all that do, and seldom one that does not."""
    hashed = reduce(operator.xor, (pl.col(name).hash(seed) for seed, name in enumerate(key)))
    return rows.with_row_index(_PLACE).filter(hashed.is_duplicated())


def _after_a_payment(rows: pl.DataFrame, stays: pl.Expr) -> pl.Series:
    """Whether an earlier row of the same PAID_KEY pays and stays."""
    alike = _rows_alike(rows.select(*PAID_KEY, stays.alias("stays")), PAID_KEY)
    earlier = (pl.col("stays").cum_sum() - pl.col("stays")).over(PAID_KEY) > 0
    places = alike.filter(earlier)[_PLACE]
    return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(places, True)


def with_reasons(
    rows: pl.DataFrame, tests: Tests, paid_before: pl.DataFrame, withdrawn: pl.Expr = _NEVER
) -> pl.DataFrame:
    """`rows` in the order of arrival with `reason`.

    D1: the same key was paid in `paid_before` or by an earlier row that pays and is not `withdrawn`. Where
    `paid_before` says taken_from, only for rows learned from that day on.
    """
    since = pl.col("taken_from").fill_null(date.min).min().alias("taken_from")
    paid = pl.concat([_TAKEN, paid_before], how="diagonal").group_by(PAID_KEY).agg(since)
    ordered = in_order(rows).with_columns(tests.early.alias("early"), tests.late.alias("late"))
    found = ordered.join(paid, on=list(PAID_KEY), how="left", maintain_order="left")
    stays = (pl.col("early").is_null() & (pl.col("late") == "P0") & ~withdrawn).cast(pl.Int64)
    earlier = _after_a_payment(found, stays)
    before = (pl.col("known_date") >= pl.col("taken_from")).fill_null(False)
    twice = (before | earlier) & pl.col("institution_code").is_not_null()
    return found.with_columns(pl.coalesce("early", pl.when(twice).then(pl.lit("D1")), "late").alias("reason")).drop(
        "early", "late", "taken_from"
    )


def judgement() -> pl.Expr:
    """JUDGEMENT of a reason: 1 支給, 3 返戻・増減 (R0), 4 保留 (H…, R1), else 2 不支給."""
    reason = pl.col("reason")
    told = pl.when(reason == "P0").then(pl.lit("1")).when(reason == "R0").then(pl.lit("3"))
    return told.when(reason.is_in(_HELD)).then(pl.lit("4")).otherwise(pl.lit("2"))


def _nth(rows: pl.DataFrame, key: str) -> pl.Series:
    """1 for the first row of a key, 2 for the second …"""
    alike = _rows_alike(rows.select(key), (key,)).with_columns(pl.int_range(1, pl.len() + 1).over(key).alias("nth"))
    return pl.repeat(1, rows.height, dtype=pl.Int64, eager=True).scatter(alike[_PLACE], alike["nth"])


def numbered(rows: pl.DataFrame, subject: str, month: pl.Expr) -> pl.DataFrame:
    """`rows` with subject, decided_month, judgement and decision_no: letter, subject_key, month; the second row of
    the same key in a month gets .2 and so on."""
    nth = pl.lit(_nth(rows, "subject_key"))
    suffix = pl.when(nth == 1).then(pl.lit("")).otherwise(pl.format(".{}", nth))
    number = (pl.lit(f"{subject[0].upper()}-"), "subject_key", pl.lit("-"), month.dt.strftime("%Y%m"), suffix)
    return rows.with_columns(
        pl.lit(subject).alias("subject"),
        month.alias("decided_month"),
        judgement().alias("judgement"),
        pl.concat_str(*number).alias("decision_no"),
    )
