"""A decision that takes the place of another: what it replaces, by how much it differs, and why.

Belongs here: decided rows beside the decisions that stood. Does not belong here: which lines are decided again
(reopening.py), who gets or owes the difference (assets/settlement).
"""

from __future__ import annotations

import polars as pl

from assets.benefit.standing import LINE
from assets.benefit.steps import Step
from schemas.codes import BENEFIT_CAUSE
from schemas.records.benefit import REOPENED

AGAIN = "判定し直した理由"
"""The label of the step that cites the row of the news."""
_FIRST, _HELD, _DUPLICATE = "1", "2", "6"
_LACKS_ENTITLEMENT = ("E1", "E3", "H9")
_NEWS = ("feed", "delivery", "line_no")
_STOOD = {
    "decision_no": "replaces_no",
    "amount_yen": "before_yen",
    "reason": "before_reason",
    "cause": "cause",
} | {f"news_{name}": f"news_{name}" for name in _NEWS}


def replacing(rows: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """Decided rows with replaces_no, before_yen, cause and the row of the news (news_…).

    A line that was or becomes a duplicate differs because of the other line (6). A refusal for want of entitlement
    cites the row that ends the entitlement of the day, where one does.
    """
    stood = reopened.select(*LINE, *(pl.col(old).alias(new) for old, new in _STOOD.items()))
    found = rows.join(stood, on=LINE, how="left", maintain_order="left")
    twice = (pl.col("reason") == "D1") != (pl.col("before_reason") == "D1")
    again = pl.col("cause").is_not_null() & (pl.col("cause") != _HELD)
    cause = pl.when(again & twice).then(pl.lit(_DUPLICATE)).otherwise(pl.col("cause").fill_null(_FIRST))
    refused = pl.col("replaces_no").is_not_null() & pl.col("reason").is_in(_LACKS_ENTITLEMENT)
    ended = refused & pl.col("decider_delivery").is_not_null()
    cited = [pl.when(ended).then(f"decider_{name}").otherwise(f"news_{name}").alias(f"news_{name}") for name in _NEWS]
    return found.with_columns(pl.col("before_yen").fill_null(0), cause.alias("cause"), *cited).drop("before_reason")


def unchanged(decisions: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """The lines decided again with the outcome that stood. A line that waited is told again every month."""
    stood = reopened.filter(pl.col("judgement") != "4").select(*LINE, "reason", "amount_yen")
    return decisions.join(stood, on=[*LINE, "reason", "amount_yen"], how="semi").select(LINE)


def stands_after(decisions: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """(subject, line, judgement, reason, amount_yen) of everything a month decided, what did not change included."""
    kind = {"receipts": "receipt", "claims": "claim"}
    names = ["subject", *LINE, "judgement", "reason", "amount_yen"]
    same = reopened.join(decisions, on=LINE, how="anti").with_columns(
        pl.col("feed").replace_strict(kind, return_dtype=pl.String).alias("subject")
    )
    return pl.concat([decisions.select(names), same.select(names)])


_AGAIN = pl.col("replaces_no").is_not_null() & ((pl.col("cause") != _HELD) | pl.col("news_delivery").is_not_null())
WORDS_OF_REPLACING = (
    Step(
        95,
        AGAIN,
        pl.lit(None),
        text=pl.when(_AGAIN).then(
            pl.format(
                "{}。前の判定{}の支給額{}円",
                pl.col("cause").replace_strict(dict(BENEFIT_CAUSE.labels), return_dtype=pl.String),
                "replaces_no",
                "before_yen",
            )
        ),
        source="news",
    ),
)
"""Words about a decision that takes the place of another, with the row that brought the news."""

NOTHING_BEFORE = REOPENED.empty()
"""Nothing was decided before."""
