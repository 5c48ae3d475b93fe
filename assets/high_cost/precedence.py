"""Which source decides 高額療養費 and 附加給付 of a claim, and whether the claim must wait for one.

Belongs here: the order answer, 国保 (where the city says so), claim; an estimate is in none of them.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD
from assets.high_cost.answers import with_answers
from assets.high_cost.entries import LINE
from assets.register.dated import dated, listed
from assets.register.intervals import covering
from schemas.law.book import Law
from schemas.records.feeds import NATIONAL_HEALTH_INSURANCE

_ESTIMATED = (
    "self_yen",
    "household_children",
    "household_lines",
    "household_self_yen",
    "income_class",
    "class_source",
    "class_feed",
    "class_delivery",
    "class_line_no",
    "many_times",
    "limit_yen",
    "limit_article",
    "expected_high_yen",
    "expected_supplementary_yen",
    "decided_by_nhi",
)


def _with_watch(claims: pl.DataFrame, insurances: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Claims with `watched`: the child's insurer may pay 附加給付, and the first visit is not in 国保."""
    national = insurances.filter(pl.col("feed") == NATIONAL_HEALTH_INSURANCE.name)
    found = covering(claims, "first_visit_date", national, CHILD, {"feed": "national_feed"})
    possible = listed("insurance_type_code", "service_month", law, "benefit.supplementary_insurance_types")
    watched = found.with_columns((possible & pl.col("national_feed").is_null()).alias("watched")).drop("national_feed")
    return dated(watched, "service_month", law, {"benefit.supplementary_watch_yen": "watch_yen"})


def with_sources(
    claims: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    estimates: pl.DataFrame,
    insurances: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """Claims (child and care known) with every source's yen, the yen that is deducted, and where it comes from.

    `insurer_answers_known` under the person's number. A cell left blank on the form is 0 yen.
    """
    own = (pl.col("copay_yen") - pl.col("other_public_expense_yen").fill_null(0)).clip(0)
    of_line = estimates.filter(pl.col("feed") == "claims").select(
        "delivery", "line_no", *_ESTIMATED, pl.col("lowest_yen").alias("household_lowest_yen")
    )
    found = _with_watch(with_answers(claims, insurer_answers_known), insurances, law).join(
        of_line, on=["delivery", "line_no"], how="left", maintain_order="left"
    )
    told = found.with_columns(pl.coalesce("self_yen", own).alias("self_yen"))
    return told.with_columns(
        pl.coalesce("answered_high_yen", pl.when(by_nhi()).then("expected_high_yen"), "high_cost_benefit_yen")
        .fill_null(0)
        .alias("high_yen"),
        pl.coalesce("answered_supplementary_yen", "supplementary_benefit_yen").fill_null(0).alias("supplementary_yen"),
        *(
            pl.coalesce(f"answer_{name}", pl.when(by_nhi()).then(f"class_{name}")).alias(f"high_{name}")
            for name in LINE
        ),
    )


def answered() -> pl.Expr:
    """Whether the insurer's answer about the claim stands."""
    return pl.col("answer_feed").is_not_null()


def by_nhi() -> pl.Expr:
    """Whether the class the city's 国保 knows decides: no answer, and the city has said that it may."""
    return ~answered() & (pl.col("decided_by_nhi") == "1").fill_null(False)


def high_pending() -> pl.Expr:
    """Whether 高額療養費 may arise, alone or with the household's other lines, and nothing decides it yet."""
    possible = (pl.col("household_self_yen") > pl.col("household_lowest_yen")).fill_null(False)
    return possible & ~answered() & ~by_nhi()


def supplementary_pending() -> pl.Expr:
    """Whether the insurer may pay 附加給付 (`watched`) and has not answered."""
    return pl.col("watched") & (pl.col("self_yen") > pl.col("watch_yen")) & ~answered()


def source_used() -> pl.Expr:
    """DEDUCTION_SOURCE of 高額療養費."""
    return (
        pl.when(answered())
        .then(pl.lit("answer"))
        .when(by_nhi())
        .then(pl.lit("nhi"))
        .when(high_pending() | supplementary_pending())
        .then(pl.lit("waiting"))
        .otherwise(pl.lit("claim"))
    )
