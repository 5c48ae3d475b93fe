"""Steps: the integer lines that explain a decision and add up to its amount.

Belongs here: how a list of step definitions becomes the long frame. What a step says is in receipts.py, claims.py.
The signed yen of a decision's steps add up to its amount_yen: a paid one lists every yen, one refused because
nothing is left (N1) lists yen that add up to 0, one that changes another (R0) the change; any other has words only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.benefit.facts import inpatient_only
from schemas.law.book import Law
from schemas.records.benefit import STEPS

_ENTITLED = pl.col("reason").is_in(["P0", "N1"])
_LISTED = _ENTITLED | (pl.col("reason") == "R0")
_ROW = "_row"
_NO_YEN = pl.lit(None, dtype=pl.Int64)
_NO_TEXT = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True)
class Step:
    """One kind of step: its place, label and yen, or words; `when` says which decisions have it.

    Without a source of its own (feed, delivery, line_no columns with `source` as prefix) it cites the row decided.
    A step of 0 or no yen is left out.
    """

    order: int
    label: str
    yen: pl.Expr
    text: pl.Expr = _NO_TEXT
    parameter: str | None = None
    article: pl.Expr = _NO_TEXT
    source: str | None = None
    always: bool = False


WORDS_OF_ENTITLEMENT = (
    Step(
        70,
        "資格の範囲",
        _NO_YEN,
        text=pl.when((pl.col("reason") == "E1") & inpatient_only()).then(
            pl.lit("この日の資格は入院だけで、外来などは支給の対象ではありません。")
        ),
        article=pl.col("eligibility_article"),
        source="decider",
    ),
)
"""Words about a refusal of care that an entitlement to 入院 only does not cover."""


def line_of(feed: str) -> list[pl.Expr]:
    """The row decided, as the source of steps."""
    return [pl.lit(feed).alias("feed")]


def _cited(prefix: str | None) -> list[pl.Expr]:
    """feed, delivery and line of the prefixed columns where they stand, else of the row decided."""
    own = ("feed", "delivery", "line_no")
    if prefix is None:
        return [pl.col(name) for name in own]
    there = pl.col(f"{prefix}_delivery").is_not_null()
    return [pl.when(there).then(f"{prefix}_{name}").otherwise(name).alias(name) for name in own]


def _lines(
    rows: pl.DataFrame,
    order: int,
    label: str,
    yen: pl.Expr,
    text: pl.Expr,
    parameter: pl.Expr,
    article: pl.Expr,
    source: str | None,
) -> pl.DataFrame:
    return rows.select(
        _ROW,
        "decision_no",
        pl.lit(order, dtype=pl.Int64).alias("order"),
        pl.lit(label).alias("label"),
        yen.cast(pl.Int64).alias("yen"),
        text.alias("text"),
        parameter.cast(pl.String).alias("parameter"),
        article.alias("article"),
        *_cited(source),
    )


def _yen_lines(rows: pl.DataFrame, steps: tuple[Step, ...]) -> list[pl.DataFrame]:
    listed = rows.filter(_LISTED)
    return [
        _lines(
            listed if step.always else listed.filter(step.yen.fill_null(0) != 0),
            step.order, step.label, step.yen, step.text, pl.lit(step.parameter), step.article, step.source,
        )
        for step in steps
    ]  # fmt: skip


def _floor(rows: pl.DataFrame, steps: tuple[Step, ...]) -> pl.DataFrame:
    """What is added where deductions exceed the sum: a benefit is never below 0."""
    total = pl.sum_horizontal(step.yen.fill_null(0) for step in steps)
    below = rows.filter(_LISTED & (pl.col("amount_yen") != total))
    return _lines(
        below,
        90,
        "控除しきれない額",
        pl.col("amount_yen") - total,
        _NO_TEXT,
        _NO_TEXT,
        pl.col("sentence_article"),
        None,
    )


def _entitlement(rows: pl.DataFrame) -> pl.DataFrame:
    """On which entitlement a listed decision rests."""
    return _lines(
        rows.filter(_ENTITLED), 1, "受給資格", _NO_YEN, pl.lit("受診した日に受給資格があります。"), _NO_TEXT,
        pl.col("eligibility_article"), "decider",
    )  # fmt: skip


def _verdict(rows: pl.DataFrame) -> pl.DataFrame:
    """The reason in words, with its article; for a lack of entitlement with the row that decided it."""
    about_entitlement = pl.col("reason").is_in(["E1", "E3", "H9"])
    article = (
        pl.when(about_entitlement)
        .then(pl.coalesce("eligibility_article", "sentence_article"))
        .otherwise("sentence_article")
    )
    parts = [(rows.filter(about_entitlement), "decider"), (rows.filter(~about_entitlement), None)]
    return pl.concat(
        _lines(part, 99, "判定", _NO_YEN, pl.col("sentence"), _NO_TEXT, article, source) for part, source in parts
    )


def with_sentences(rows: pl.DataFrame, law: Law, month: date) -> pl.DataFrame:
    """`rows` with the sentence and article of their reason, and the article of deductions."""
    texts = law.at(month).rows("reasons.benefit")
    deduction = texts.filter(pl.col("code") == "N1")["article"].item()
    words = texts.rename({"code": "reason", "article": "sentence_article"})
    return rows.join(words, on="reason", how="left", maintain_order="left").with_columns(
        pl.lit(deduction).alias("deduction_article")
    )


def explained(rows: pl.DataFrame, steps: tuple[Step, ...], more: tuple[Step, ...] = ()) -> pl.DataFrame:
    """STEPS of decided rows (with sentences). `more`: words for decisions of any reason, where their text stands."""
    counted = rows.with_row_index(_ROW)
    words = [
        _lines(
            counted.filter(step.text.is_not_null()),
            step.order,
            step.label,
            _NO_YEN,
            step.text,
            pl.lit(step.parameter),
            step.article,
            step.source,
        )
        for step in more
    ]
    parts = [
        _entitlement(counted),
        *_yen_lines(counted, steps),
        *words,
        _floor(counted, steps),
        _verdict(counted),
    ]
    long = pl.concat(parts).sort(_ROW, "order")
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_ROW)
    return long.with_columns(number.alias("step_no")).select(STEPS.names)
