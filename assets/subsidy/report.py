"""What the prefecture and 国保課 are told: sums of a month's 県補助, and the receipts in kind of 国保 members.

Belongs here: groups and sums. Does not belong here: who bears the yen (rules.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.benefit.facts import CHILD
from assets.register.dated import dated
from assets.register.identities import as_person
from assets.register.intervals import last_day_of_age
from assets.subsidy.facts import in_class
from assets.subsidy.units import LINE, standing_lines, visit
from schemas.law.book import Law
from schemas.records.subsidy import KOKUHO_FIGURES, PREFECTURE_REPORT

_SPLIT = ("amount_yen", "subsidised_yen", "prefecture_yen", "city_yen")
_NATIONAL = "1"
_REEXAMINED = "3"


def _signed(rows: pl.DataFrame, sign: int) -> pl.DataFrame:
    """(groups, cases, yen, waiting_yen) of SUBSIDIES, added or taken off."""
    waiting = pl.when(pl.col("prefecture_yen").is_null()).then("amount_yen").otherwise(0)
    return rows.select(
        "subsidy_class",
        "visit",
        "subject",
        "reason",
        (pl.col("amount_yen").sign() * sign).alias("cases"),
        *(pl.col(name).fill_null(0) * sign for name in _SPLIT),
        (waiting * sign).alias("waiting_yen"),
    )


def prefecture_report(subsidies: pl.DataFrame, before: pl.DataFrame, month: date) -> pl.DataFrame:
    """PREFECTURE_REPORT of a month's SUBSIDIES. `before`: the rows that stood for them.

    What changed goes out of its old group and into its new one, so that the months add up to what stands.
    """
    replaced = before.join(subsidies, on="decision_no", how="semi")
    both = pl.concat([_signed(subsidies, 1), _signed(replaced, -1)])
    groups = ["subsidy_class", "visit", "subject", "reason"]
    sums = both.group_by(groups).agg(pl.all().sum()).filter(pl.any_horizontal(pl.col("cases", *_SPLIT) != 0))
    return (
        sums.with_columns(pl.lit(month).alias("month"))
        .select(pl.col(name).cast(dtype) for name, dtype in PREFECTURE_REPORT.schema.items())
        .sort(PREFECTURE_REPORT.key)
    )


def _news(decisions: pl.DataFrame, decided_before: pl.DataFrame) -> pl.DataFrame:
    """The month's decisions on receipts with `turn`: 1 newly paid, -1 no longer paid or withdrawn, 0 as before."""
    stood = standing_lines(decided_before).select(*LINE, pl.col("amount_yen").alias("stood_yen"))
    rows = decisions.filter(pl.col("subject") == "receipt").join(stood, on=LINE, how="left")
    before = pl.col("stood_yen").fill_null(0)
    return rows.with_columns(
        (pl.col("amount_yen").sign() - before.sign()).alias("turn"), (pl.col("amount_yen") - before).alias("borne_yen")
    ).filter((pl.col("turn") != 0) | (pl.col("borne_yen") != 0))


def kokuho_figures(
    decisions: pl.DataFrame,
    decided_before: pl.DataFrame,
    receipts: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
    month: date,
) -> pl.DataFrame:
    """KOKUHO_FIGURES of a month: receipts in kind of 国保 members that this month pays or takes back.

    `decisions`: DECISIONS of the month; `receipts`: at least the accepted rows they are about. `reduced` says whether
    the law counts the age among those for which the 国庫負担 is reduced; the rate itself is not known here, so the
    reduction is not calculated. Null where the law says nothing.
    """
    billed = receipts.filter(pl.col("rcpt_insured_class") == _NATIONAL).select(
        pl.lit("receipts").alias("feed"), "delivery", "line_no", "receipt_change", "rcpt_treatment_days",
        "rcpt_total_medical_cost_yen",
    )  # fmt: skip
    births = persons.select(pl.col("resident_code").alias(CHILD), "birth_date")
    rows = as_person(_news(decisions, decided_before), identities, CHILD).join(billed, on=LINE)
    rows = rows.join(births, on=CHILD, how="left").with_columns(
        pl.col("service_month").dt.month_end().alias("last_day")
    )
    rows = dated(rows, "service_month", law, {"kokuho.unreduced_until_years": "unreduced_until_years"})
    past = pl.col("last_day") > last_day_of_age(pl.col("birth_date"), pl.col("unreduced_until_years"))
    counts = pl.when(pl.col("receipt_change") == _REEXAMINED).then(0).otherwise("turn")
    named = rows.with_columns(
        in_class("birth_date", "last_day", law).alias("subsidy_class"),
        visit().alias("visit"),
        past.cast(pl.Int8).cast(pl.String).alias("reduced"),
        counts.alias("receipts"),
        (counts * pl.col("rcpt_treatment_days")).alias("treatment_days"),
        (pl.col("rcpt_total_medical_cost_yen").abs() * pl.col("turn")).alias("total_medical_cost_yen"),
    )
    groups = ["service_month", "subsidy_class", "visit", "reduced"]
    sums = named.group_by(groups).agg(pl.col("receipts", "treatment_days", "total_medical_cost_yen", "borne_yen").sum())
    return (
        sums.with_columns(pl.lit(month).alias("month"))
        .select(pl.col(name).cast(dtype) for name, dtype in KOKUHO_FIGURES.schema.items())
        .sort(KOKUHO_FIGURES.key)
    )
