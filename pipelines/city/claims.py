"""Claims: application forms for repayment, punched on the 1st of the month after they were handed in.

Ordinary hard cases inside: outside the prefecture, 21,000 yen and above, forgotten certificate, 治療用装具,
海外療養, 10割立替, school accidents and third parties, forms older than five years, forms for care already billed.
"""

from datetime import date

import polars as pl

from pipelines.city.billing import ten_yen
from pipelines.city.calendar import month_after
from pipelines.city.chance import Chance, after, day
from pipelines.city.numbers import padded

_FIVE_YEARS_MONTHS = 63
_COUNTS_FROM_YEN = 21_000
"""What a month at one institution must cost the family before an insurer counts it (健保令41条1項1号)."""


def _plain(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("route") == "claim").with_columns(pl.lit("plain").alias("kind"))


def _again(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Forms for care that is also billed in kind: handed in at once, or months later."""
    twice = (pl.col("route") == "receipt") & pl.col("again")
    early = chance.happens("claim/again early", "line_key", 0.3)
    return lines.filter(twice).with_columns(
        pl.when(early).then(pl.lit("again early")).otherwise(pl.lit("again late")).alias("kind")
    )


def _special(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """治療用装具 and 海外療養, made of ordinary visits to a doctor."""
    visits = lines.filter(
        (pl.col("line") == "medical") & (pl.col("day_reason") == "00") & pl.col("other_payer").is_null()
    )
    points = 1_800 + chance.whole("claim/device", "line_key", 4_500)
    made = [
        visits.filter(chance.happens("claim/brace", "line_key", 0.0012)).with_columns(
            pl.lit("2").alias("claim_class"), pl.lit("8").alias("care")
        ),
        visits.filter(chance.happens("claim/overseas", "line_key", 0.0003)).with_columns(
            pl.lit("3").alias("claim_class"),
            pl.lit("2").alias("care"),
            pl.lit(None, dtype=pl.String).alias("institution_code"),
        ),
    ]
    own = points * (pl.col("rate") // 10)
    return pl.concat(made).unique("person_no", keep="first", maintain_order=True).with_columns(
        pl.lit("plain").alias("kind"), pl.lit(1, dtype=pl.Int64).alias("days"), (points * 10).alias("total_yen"),
        own.alias("self_yen"), ten_yen(own).alias("partial_yen"), pl.col("first_visit").alias("last_visit"),
        (pl.col("line_key") ^ pl.lit(1, dtype=pl.UInt64)).alias("line_key"),
    )  # fmt: skip


def _too_old(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Forms for care more than five years ago."""
    old = (pl.col("age") >= 8) & chance.happens("claim/old", "line_key", 0.0005) & (pl.col("line") == "medical")
    return lines.filter(old & pl.col("other_payer").is_null()).with_columns(
        pl.lit("old").alias("kind"),
        pl.lit(1, dtype=pl.Int64).alias("days"),
        pl.col("first_visit").dt.offset_by(f"-{_FIVE_YEARS_MONTHS}mo").alias("first_visit"),
        pl.col("first_visit").dt.offset_by(f"-{_FIVE_YEARS_MONTHS}mo").alias("last_visit"),
    )


def _handed_in(chance: Chance, month: date) -> pl.Expr:
    lag = chance.lag_days("claim/lag", "line_key", 32, 140)
    usual = pl.max_horizontal(after("last_visit", lag), "app_date")
    late = after(day(month_after(month, 3)), chance.whole("claim/late day", "line_key", 25))
    ancient = after(day(month_after(month, 1)), chance.whole("claim/old day", "line_key", 25))
    kind = pl.col("kind")
    return (
        pl.when(kind == "again late").then(late).when(kind == "again early").then("last_visit")
        .when(kind == "old").then(ancient).otherwise(usual)
    ).alias("application_date")  # fmt: skip


def with_household(rows: pl.DataFrame) -> pl.DataFrame:
    """Claims with own_yen (after other public payers), and what the family's claims of the same kind in that month
    add up to: household_yen and household_total_yen, of those that count (null where the claim does not)."""
    own = (pl.col("copay_yen") - pl.col("other_public_expense_yen").fill_null(0)).clip(0)
    counted = rows.with_columns(own.alias("own_yen"))
    counts = pl.col("own_yen") >= _COUNTS_FROM_YEN
    family = ["family_no", "service_month", "claim_class"]
    return counted.with_columns(
        pl.when(counts).then(pl.col(name).filter(counts).sum().over(family)).alias(to)
        for name, to in (("own_yen", "household_yen"), ("total_medical_cost_yen", "household_total_yen"))
    )


def claim_rows(lines: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Rows of the claims feed for care in service month `month`, not yet numbered, with delivery_month."""
    parts = [_plain(lines), _again(lines, chance), _special(lines, chance), _too_old(lines, chance)]
    rows = pl.concat(parts).with_columns(_handed_in(chance, month))
    rows = rows.unique(["person_no", "institution_code", "care", "kind"], keep="first", maintain_order=True)
    accident = chance.unit("claim/accident", "line_key")
    hurt = (pl.col("kind") == "plain") & (pl.col("claim_class") == "1") & pl.col("other_payer").is_null()
    other = pl.col("other_payer").is_not_null()
    made = rows.with_columns(
        (pl.col("person_no") % 10 - 1).alias("claim_branch_no"),
        pl.col("first_visit").dt.truncate("1mo").alias("service_month"),
        pl.col("first_visit").alias("first_visit_date"),
        pl.col("last_visit").alias("treatment_end_date"),
        pl.when(pl.col("line").is_in(["medical", "hospital"])).then("department").alias("department_code"),
        pl.col("care").alias("inpatient_outpatient_code"),
        pl.col("days").alias("treatment_days"),
        pl.col("total_yen").alias("total_medical_cost_yen"),
        pl.col("self_yen").alias("copay_yen"),
        pl.col("partial_yen").alias("partial_payment_yen"),
        pl.lit(0, dtype=pl.Int64).alias("drug_copay_yen"),
        *(
            pl.lit(None, dtype=pl.Int64).alias(name)
            for name in ("other_adjustment_yen", "supplementary_benefit_yen", "high_cost_benefit_yen")
        ),
        pl.when(other)
        .then((pl.col("partial_yen") - ten_yen(pl.col("other_copay_yen"))).clip(0))
        .alias("other_public_expense_yen"),
        pl.col("other_payer").alias("other_public_item_code"),
        pl.when(hurt & (accident < 0.02))
        .then(pl.lit("1"))
        .when(hurt & (accident < 0.026))
        .then(pl.lit("2"))
        .otherwise(pl.lit("0"))
        .alias("accident"),
        pl.when((pl.col("area") == "outside") & (pl.col("claim_class") != "3"))
        .then(pl.lit("1"))
        .otherwise(pl.lit("0"))
        .alias("outside_prefecture"),
        pl.col("application_date").dt.truncate("1mo").dt.offset_by("1mo").alias("delivery_month"),
    )
    return with_household(made)


def numbered_claims(rows: pl.DataFrame, month: date) -> pl.DataFrame:
    """The claims punched for one delivery, sorted, with claim_no (YYMM and six digits) and file_line (from 1)."""
    ordered = rows.sort("application_date", "line_key", "claim_class", maintain_order=True)
    line = pl.int_range(1, pl.len() + 1)
    return ordered.with_columns(
        pl.format("{}{}", pl.lit(f"{month:%y%m}"), padded(line, 6)).alias("claim_no"), line.alias("file_line")
    )
