"""Who bears a benefit: 県対象額, 県費 and 市費 of every 支給1件, and what of it this month adds to the months before.

Belongs here: the tests in their order, the copay the prefecture leaves out, the rounding, 費用区分.
Does not belong here: which yen stand (units.py), the facts (facts.py), sums (report.py).
The yen rest on the amount that stands alone: the subsidy of a difference is that of after less that of before.
費用区分 (別添1 64) is read per 支給: 1 the whole amount is 県対象額, 2 none of it, 3 a part (the rest is the copay the
prefecture leaves out, borne by the city alone).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from assets.benefit.facts import CHILD, first_that_holds
from assets.register.dated import with_basis
from assets.subsidy.facts import with_facts
from assets.subsidy.units import GUARDIAN, days_of_lines, units
from schemas.law.book import Law, LawError
from schemas.records.subsidy import SUBSIDIES

INSTITUTION_MONTH = [CHILD, "service_month", "institution_code"]
"""What shares the copay of one month, in the order of decision_no: 1医療機関1か月."""
_NEEDED = ("limit_yen", "untaxed_exempt", "rate", "rounding", "copay_day_yen", "copay_month_yen", "tax_year")
_UNTAXED = "2"
_WAITING = ("U1", "U2", "U3", "U4")
_PARAMETERS = {
    "S1": "subsidy.rate",
    "S3": "subsidy.income_limit_yen",
    "S4": "subsidy.copay",
    "U1": "subsidy.income_limit_yen",
    "U2": "subsidy.untaxed_exempt",
}
_AGE = {"1": "subsidy.inpatient_until_years", "2": "subsidy.outpatient_until_years"}
_SAID = (
    "amount_yen", "reason", "tax_status", "subsidy_class", "treatment_days", "copay_yen", "subsidised_yen",
    "prefecture_yen", "city_yen", GUARDIAN,
)  # fmt: skip


def above(amount_yen: pl.Expr, copay_yen: pl.Expr) -> pl.Expr:
    """県対象額 of an amount: what is above the copay the prefecture leaves out."""
    return (amount_yen - copay_yen).clip(lower_bound=0)


def subsidised_difference(before_yen: pl.Expr, after_yen: pl.Expr, copay_yen: pl.Expr) -> pl.Expr:
    """県対象額 that an amount going from one to another adds: 追給 above 0, 返還 below."""
    return above(after_yen, copay_yen) - above(before_yen, copay_yen)


def _refused() -> pl.Expr:
    """The reason for which nothing is the prefecture's, or nothing can be said; null where the copay decides."""
    tests = [
        ("S0", pl.col("amount_yen") <= 0),
        ("U3", pl.col("until_years").is_null()),
        ("U4", pl.col("birth_date").is_null()),
        ("S2", ~pl.col("in_age")),
        ("U3", pl.any_horizontal(pl.col(name).is_null() for name in _NEEDED)),
        ("U1", pl.col("income_yen").is_null()),
        ("S3", pl.col("income_yen") > pl.col("limit_yen")),
        ("U2", pl.col("untaxed_exempt") & pl.col("taxed").is_null()),
    ]
    return first_that_holds(tests)


def _copay_yen() -> pl.Expr:
    """県の自己負担: 入院 by the day, 通院 by the month, nothing of who is untaxed. Source: 要綱."""
    monthly = pl.when("bears_monthly").then("copay_month_yen").otherwise(0)
    daily = pl.col("copay_day_yen") * pl.col("treatment_days")
    exempt = pl.col("untaxed_exempt") & (pl.col("taxed") == _UNTAXED).fill_null(False)
    return pl.when(exempt).then(0).when(pl.col("visit") == "1").then(daily).otherwise(monthly)


def _subsidised_yen() -> pl.Expr:
    """県対象額 of each row whose copay decides: those of one institution and month use its copay up in order."""
    shares = (pl.col("visit") == "2") & pl.col("bears_monthly") & pl.col("institution_code").is_not_null()
    key = pl.when(shares).then(pl.lit("")).otherwise("decision_no")
    upto = pl.col("amount_yen").cum_sum().over(*INSTITUTION_MONTH, key, order_by="decision_no")
    return subsidised_difference(upto - pl.col("amount_yen"), upto, pl.col("copay_yen"))


def _share(yen: pl.Expr) -> pl.Expr:
    """The prefecture's share of whole yen, 1円未満切捨て."""
    rate = pl.col("rate").struct
    return yen * rate.field("numerator") // rate.field("denominator")


def _per_decision() -> pl.Expr:
    return _share(pl.col("subsidised_yen"))


def _per_child_month() -> pl.Expr:
    upto = pl.col("subsidised_yen").cum_sum().over(CHILD, "service_month", order_by="decision_no")
    return _share(upto) - _share(upto - pl.col("subsidised_yen"))


ROUNDINGS: dict[str, Callable[[], pl.Expr]] = {
    "down_per_decision": _per_decision,
    "down_per_child_month": _per_child_month,
}
"""The values of subsidy.rounding."""


def _prefecture_yen(rows: pl.DataFrame) -> pl.Expr:
    """県費 by the rounding that stands on each row. Raises LawError for one that has no rule."""
    if unknown := set(rows["rounding"].drop_nulls()) - set(ROUNDINGS):
        raise LawError(f"subsidy.rounding の値は {'・'.join(ROUNDINGS)} のどれかです: {sorted(unknown)}")
    return pl.coalesce(
        *(pl.when(pl.col("rounding") == name).then(share()) for name, share in ROUNDINGS.items()), pl.lit(0)
    )


def funding_class() -> pl.Expr:
    """FUNDING_CLASS of a 支給, see the module; null where nothing is paid or the share is not known."""
    return (
        pl.when((pl.col("amount_yen") <= 0) | pl.col("subsidised_yen").is_null()).then(None)
        .when(pl.col("subsidised_yen") == pl.col("amount_yen")).then(pl.lit("1"))
        .when(pl.col("subsidised_yen") == 0).then(pl.lit("2"))
        .otherwise(pl.lit("3"))
    )  # fmt: skip


def _with_articles(rows: pl.DataFrame, law: Law) -> pl.DataFrame:
    names = {**_PARAMETERS, **_AGE}
    found = with_basis(rows, "service_month", law, {name: name for name in names.values()})
    named = (
        pl.when(pl.col("reason") == "S2")
        .then(pl.col("visit").replace_strict(_AGE))
        .otherwise(pl.col("reason").replace_strict(_PARAMETERS, default=None, return_dtype=pl.String))
    )
    article = pl.coalesce(pl.when(pl.col("parameter") == name).then(name) for name in set(names.values()))
    return found.with_columns(named.alias("parameter")).with_columns(article.alias("article"))


def split(facts: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Facts of every 支給1件 → reason, copay_yen, subsidised_yen, prefecture_yen, city_yen, 費用区分, article.

    prefecture_yen + city_yen = amount_yen, or both are null while something is not known.
    """
    ordered = facts.sort("decision_no").with_columns(_refused().alias("reason"))
    open_, closed = (ordered.filter(which) for which in (pl.col("reason").is_null(), pl.col("reason").is_not_null()))
    counted = open_.with_columns(_copay_yen().alias("copay_yen")).with_columns(
        _subsidised_yen().alias("subsidised_yen")
    )
    shared = counted.with_columns(
        _prefecture_yen(counted).alias("prefecture_yen"),
        (pl.col("amount_yen") - pl.col("subsidised_yen")).alias("copay_yen"),
        pl.when(pl.col("subsidised_yen") > 0).then(pl.lit("S1")).otherwise(pl.lit("S4")).alias("reason"),
    )
    known = ~pl.col("reason").is_in(_WAITING)
    nothing = pl.when(known).then(pl.lit(0, dtype=pl.Int64))
    whole = closed.with_columns(nothing.alias(name) for name in ("copay_yen", "subsidised_yen", "prefecture_yen"))
    rows = pl.concat([shared, whole.select(shared.columns)]).with_columns(
        (pl.col("amount_yen") - pl.col("prefecture_yen")).alias("city_yen"),
        pl.col("taxed").fill_null("0").alias("tax_status"),
        funding_class().alias("funding_class"),
    )
    return _with_articles(rows, law).sort("decision_no")


def standing(booked: pl.DataFrame) -> pl.DataFrame:
    """SUBSIDIES of several months: the last row of every 支給."""
    return booked.sort("decision_no", "booked_month").unique("decision_no", keep="last", maintain_order=True)


def _left(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """支給 booked before of which nothing stands under their number: persons found to be one share theirs."""
    zero = (pl.lit(0, dtype=pl.Int64).alias(name) for name in SUBSIDIES.names if name.endswith("_yen"))
    gone = before.join(now, on="decision_no", how="anti").filter(pl.col("amount_yen") != 0)
    return gone.with_columns(*zero, pl.lit("S0").alias("reason"), pl.lit(None, pl.String).alias("funding_class"))


def booked(split_now: pl.DataFrame, before: pl.DataFrame, month: date) -> pl.DataFrame:
    """SUBSIDIES of a month: new 支給 and those that differ from what stood (`before`: `standing` of earlier months)."""
    now = pl.concat([split_now, _left(before, split_now)], how="diagonal")
    stood = before.select("decision_no", *(pl.col(name).alias(f"_{name}") for name in _SAID))
    found = now.join(stood, on="decision_no", how="left", maintain_order="left")
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"_{name}")) for name in _SAID)
    parts = ("amount_yen", "prefecture_yen", "city_yen")
    return (
        found.filter(differs)
        .with_columns(
            pl.lit(month).alias("booked_month"),
            *(pl.col(f"_{name}").fill_null(0).alias(f"before_{name}") for name in parts),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SUBSIDIES.schema.items())
    )


def subsidies(
    *,
    decisions: pl.DataFrame,
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    persons: pl.DataFrame,
    taxes: pl.DataFrame,
    identities: pl.DataFrame,
    before: pl.DataFrame,
    law: Law,
    month: date,
) -> pl.DataFrame:
    """SUBSIDIES of a month. `decisions`: of every month so far; `receipts`, `claims`: at least the accepted rows they
    are about; `before`: `standing` of the earlier months."""
    every = units(decisions, days_of_lines(receipts, claims), identities)
    return booked(split(with_facts(every, persons, taxes, identities, law), law), before, month)
