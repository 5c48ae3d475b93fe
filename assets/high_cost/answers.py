"""The insurers' answers as they stand: the last word on each piece of care.

Belongs here: which of several answers counts. Does not belong here: what it decides (precedence.py).
"""

from __future__ import annotations

import polars as pl

from assets.high_cost.entries import CARE_KEY

_SAID = {
    "insurer_no": "answer_insurer_no",
    "high_cost_benefit_yen": "answered_high_yen",
    "supplementary_benefit_yen": "answered_supplementary_yen",
    "income_class": "answered_class",
    "many_times": "answered_many_times",
    "answered_date": "answered_date",
    "delivery": "answer_delivery",
    "line_no": "answer_line_no",
}


def standing_answers(insurer_answers_known: pl.DataFrame) -> pl.DataFrame:
    """The last answer, as last corrected, for each child, month, institution and care, with answer_feed.

    `insurer_answers_known` under the person's number.
    """
    last = (
        insurer_answers_known.sort("known_date", "delivery", "line_no")
        .unique("answer_no", keep="last")
        .sort("answered_date", "known_date", "answer_no")
        .unique(CARE_KEY, keep="last")
    )
    return last.select(
        *CARE_KEY,
        *(pl.col(name).alias(to) for name, to in _SAID.items()),
        pl.lit("insurer_answers").alias("answer_feed"),
    )


def with_answers(rows: pl.DataFrame, insurer_answers_known: pl.DataFrame) -> pl.DataFrame:
    """`rows` in their order with the answer that stands about their care; nulls where none does."""
    answers = standing_answers(insurer_answers_known)
    return rows.join(answers, on=list(CARE_KEY), how="left", nulls_equal=True, maintain_order="left")
