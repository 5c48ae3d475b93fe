"""Claims (償還払い): the tests of a claim in their order, its amount, and what it is explained by.

Belongs here: rules about one claim. Duplicates, decision rows and numbers are in deciding.py.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.deciding import Tests, numbered, with_reasons
from assets.benefit.facts import (
    CHILD,
    entitled_to_care,
    first_that_holds,
    legal_rate,
    on_day,
    other_scheme,
    waits,
    with_child,
)
from assets.benefit.steps import Step, line_of
from assets.high_cost.limits import TABLE, lowest_limit
from assets.high_cost.precedence import high_pending, supplementary_pending, with_sources
from assets.register.dated import dated, with_basis
from assets.register.intervals import reach_date
from schemas.codes import CLASS_SOURCE
from schemas.law.book import Law

_LAW = {
    "benefit.accident_minimum_yen": "accident_yen",
    "benefit.insurer_limit_years": "insurer_years",
    "copay.rounding_yen": "rounding_yen",
    "high_cost.lapsed": "lapsed_text",
}
_BASIS = {"copay.rates": "rate_basis", "benefit.insurer_limit_years": "insurer_limit_basis"}


def last_claim_day(treatment_end: pl.Expr, years: pl.Expr) -> pl.Expr:
    """The last day to apply: `years` counted from the day after the treatment ended.

    Source: 地方自治法236条, 民法140条・143条.
    """
    return reach_date(treatment_end.dt.offset_by("1d"), years)


def with_facts(
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    insurances: pl.DataFrame,
    estimates: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """Claims with child, entitlement on the first visit, what may be deducted, and the law of their service month."""
    named = claims.rename({"inpatient_outpatient_code": "care"}).with_columns(pl.col("claim_no").alias("subject_key"))
    rows = with_child(named, beneficiary_numbers, registrations, persons)
    rows = on_day(rows, "first_visit_date", eligibility)
    rows = with_sources(rows, insurer_answers_known, estimates, insurances, law)
    rows = with_basis(dated(rows, "service_month", law, _LAW), "service_month", law, _BASIS)
    rows = dated(rows, "application_date", law, {"benefit.claim_limit_years": "limit_years"})
    return rows.with_columns(
        pl.col("other_public_expense_yen").fill_null(0).alias("other_payer_yen"),
        pl.col("other_adjustment_yen").fill_null(0).alias("adjustment_yen"),
        lowest_limit(rows, "service_month", law).alias("lowest_yen"),
        legal_rate("birth_date", "service_month", law).alias("legal_rate"),
    )


def remaining_yen() -> pl.Expr:
    """一部負担 − 高額療養費 − 附加給付 − 他公費 − その他調整."""
    taken = pl.col("high_yen") + pl.col("supplementary_yen") + pl.col("other_payer_yen") + pl.col("adjustment_yen")
    return pl.col("partial_payment_yen") - taken


def _over_share(amount_yen: pl.Expr, rate_percent: pl.Expr) -> pl.Expr:
    """An amount less a rate of the total, rounded as at the counter. Source: 健康保険法75条, 国民健康保険法42条の2."""
    unit = pl.col("rounding_yen")
    exact_percent = pl.col("total_medical_cost_yen") * rate_percent
    return amount_yen - (exact_percent + 50 * unit) // (100 * unit) * unit


def _allowance_yen() -> pl.Expr:
    """What rounding at each visit explains."""
    return pl.col("rounding_yen") // 2 * pl.col("treatment_days")


def _far_from(rate_percent: pl.Expr) -> pl.Expr:
    """Whether 一部負担 differs from a rate of the total by more than the allowance."""
    return _over_share(pl.col("partial_payment_yen"), rate_percent).abs() > _allowance_yen()


def _above_share() -> pl.Expr:
    """Whether 一部負担 is above the legal share, and no answer or stated amount brings it down to that share."""
    amounts = (pl.col("partial_payment_yen"), remaining_yen())
    return pl.all_horizontal(_over_share(amount, pl.col("legal_rate")) > _allowance_yen() for amount in amounts)


def _tests() -> Tests:
    """The order of city practice: who, accident, time, day; then rate and sum, the insurer's answer, the rest."""
    plain = (
        (pl.col("claim_class") == "1") & pl.col("other_public_item_code").is_null() & (pl.col("other_payer_yen") == 0)
    )
    far = plain & _far_from(pl.col("legal_rate"))
    other_rate = ~_far_from(50 - pl.col("legal_rate"))
    outside = ~entitled_to_care().fill_null(False)
    unlawful = pl.any_horizontal(
        pl.col(name).is_null() for name in ("lowest_yen", "watch_yen", "accident_yen", "legal_rate")
    )
    early = [
        ("E2", pl.col(CHILD).is_null()),
        ("A2", pl.col("accident") == "2"),
        ("A1", (pl.col("accident") == "1") & (pl.col("total_medical_cost_yen") >= pl.col("accident_yen"))),
        (
            "T1",
            pl.col("application_date") > last_claim_day(pl.col("treatment_end_date"), pl.col("limit_years")),
        ),
        ("H8", unlawful | pl.col("limit_years").is_null()),
        ("H9", waits()),
        ("E3", outside & other_scheme()),
        ("E1", outside),
    ]
    late = [
        ("H3", far & other_rate),
        ("H2", far | _above_share()),
        ("H1", high_pending() | supplementary_pending()),
        ("N1", remaining_yen() <= 0),
        ("P0", pl.lit(True)),
    ]
    return Tests(first_that_holds(early), first_that_holds(late))


_DEDUCTED = pl.col("deduction_article")
STEPS_OF_CLAIM = (
    Step(2, "一部負担額", pl.col("partial_payment_yen"),
         text=pl.format("総医療費{}円", "total_medical_cost_yen"), article=pl.col("rate_basis"), always=True),
    Step(3, "高額療養費", -pl.col("high_yen"), article=_DEDUCTED, source="high"),
    Step(4, "附加給付", -pl.col("supplementary_yen"), article=_DEDUCTED, source="answer"),
    Step(5, "他の公費の負担", -pl.col("other_payer_yen"), article=_DEDUCTED),
    Step(6, "その他の調整", -pl.col("adjustment_yen"), article=_DEDUCTED),
)  # fmt: skip
"""The yen of a claim, in order."""

_WAITS = pl.col("reason") == "H1"
_IN_HOUSEHOLD = _WAITS & pl.col("household_self_yen").is_not_null()
_CLASS_TOLD_BY = pl.col("class_source").replace_strict(dict(CLASS_SOURCE.labels), return_dtype=pl.String)
_MOST = (pl.col("household_self_yen") - pl.col("household_lowest_yen")).clip(0)


def _lapsed() -> pl.Expr:
    """Whether the insurer's time limit, counted from the month after the care, is over in the month of the decision.

    Source: 健康保険法193条.
    """
    months = pl.format("{}mo", pl.col("insurer_years") * 12 + 1)
    return pl.col("decided_month") >= pl.col("service_month").dt.offset_by(months)


WORDS_OF_CLAIM = (
    Step(80, "高額療養費の見込み", pl.lit(None),
         text=pl.when(_WAITS & pl.col("limit_yen").is_not_null()).then(
             pl.format("{}の適用区分{}、限度額{}円、見込額{}円",
                       _CLASS_TOLD_BY, "income_class", "limit_yen", "expected_high_yen")),
         parameter=TABLE, article=pl.col("limit_article"), source="class"),
    Step(81, "高額療養費の見込み", pl.lit(None),
         text=pl.when(_IN_HOUSEHOLD & pl.col("limit_yen").is_null()).then(
             pl.format("適用区分が分かりません。あっても合わせて{}円まで(最も低い限度額{}円)",
                       _MOST, "household_lowest_yen")),
         parameter=TABLE, article=pl.col("limit_article")),
    Step(82, "世帯合算", pl.lit(None),
         text=pl.when(_IN_HOUSEHOLD).then(
             pl.format("同じ保険証の子ども{}人の明細{}件、自己負担額{}円。大人の明細は分かりません",
                       "household_children", "household_lines", "household_self_yen")),
         parameter="high_cost.household_floor_yen", article=pl.col("limit_article")),
    Step(83, "附加給付の見込み", pl.lit(None),
         text=pl.when(_WAITS & pl.col("watched") & (pl.col("expected_supplementary_yen") > 0)).then(
             pl.format("見込額{}円", "expected_supplementary_yen")),
         parameter="supplementary.insurers", article=pl.col("deduction_article")),
    Step(84, "保険者への請求の期限", pl.lit(None), text=pl.when(_WAITS & _lapsed()).then("lapsed_text"),
         parameter="benefit.insurer_limit_years", article=pl.col("insurer_limit_basis")),
)  # fmt: skip
"""Words about a claim that waits: what the insurer's answer may be, as far as this city can tell. They pay nothing."""


def decided(facts: pl.DataFrame, paid_before: pl.DataFrame, month: pl.Expr) -> pl.DataFrame:
    """Claims with reason, demand, amount and decision number."""
    rows = with_reasons(facts, _tests(), paid_before).with_columns(
        pl.col("partial_payment_yen").alias("demand_yen"),
        pl.when(pl.col("reason") == "P0").then(remaining_yen()).otherwise(0).alias("amount_yen"),
        *line_of("claims"),
    )
    return numbered(rows, "claim", month)
