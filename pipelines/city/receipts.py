"""Receipts: the monthly file of the reviewing bodies, service month S in the file of month S + 2.

Ordinary hard cases inside: other public payers, no first day, corrections (過誤・返戻) with negative amounts.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import month_after
from pipelines.city.chance import Chance, day
from pipelines.city.numbers import CHRONIC_PAYER_NO, PUBLIC_PAYER_NO, REHABILITATION_PAYER_NO, padded
from schemas.records.feeds import RECEIPTS

_OTHER = {"52": CHRONIC_PAYER_NO, "16": REHABILITATION_PAYER_NO}
_NOT_YET = RECEIPTS.names[RECEIPTS.names.index("rcpt_search_no") :]
_MONEY = (
    "rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_other_public_yen", "rcpt_other_public_copay_yen",
    "rcpt_public_expense_yen",
)  # fmt: skip


def receipt_rows(lines: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Rows of the receipts feed for service month `month`, numbered in file order, with line_key kept."""
    own = pl.col("other_payer").is_null()
    national = pl.col("insured_class").is_in(["1", "4"])
    zero = pl.lit(0, dtype=pl.Int64)
    rows = lines.with_columns(
        pl.when(national).then(pl.lit("2")).otherwise(pl.lit("1")).alias("review_body"),
        day(month_after(month, 1)).alias("billing_month"),
        pl.lit("0").alias("receipt_change"),
        day(month).alias("service_month"),
        pl.when(~chance.happens("receipt/no day", "line_key", 0.15)).then("first_visit").alias("first_day"),
        pl.col("symbol_number").alias("claim_insurance_symbol_number"),
        (pl.col("person_no") % 10 + 1).alias("rcpt_branch_no"),
        pl.col("insured_class").alias("rcpt_insured_class"),
        pl.when(national).then(pl.lit("1")).otherwise(pl.lit("2")).alias("rcpt_medical_scheme"),
        pl.when(pl.col("income_class") == "オ").then(pl.lit("2")).otherwise(pl.lit("1")).alias("rcpt_tax_status"),
        pl.lit(None, dtype=pl.String).alias("rcpt_patient_resident_code"),
        pl.col("name_kana").alias("rcpt_patient_name"),
        pl.col("sex").alias("rcpt_patient_sex"),
        pl.col("birth_date").alias("rcpt_patient_birth_date"),
        pl.col("beneficiary_no").alias("rcpt_patient_beneficiary_no"),
        pl.col("institution_code").alias("rcpt_institution_code"),
        pl.col("care").alias("rcpt_inpatient_outpatient_code"),
        pl.col("days").alias("rcpt_treatment_days"),
        pl.col("rate").alias("rcpt_copay_rate"),
        pl.lit(PUBLIC_PAYER_NO).alias("rcpt_public_payer_no"),
        pl.col("total_yen").alias("rcpt_total_medical_cost_yen"),
        pl.col("self_yen").alias("rcpt_self_pay_yen"),
        zero.alias("rcpt_counter_yen"),
        zero.alias("rcpt_drug_copay_yen"),
        pl.col("other_payer").replace_strict(_OTHER, default=None).alias("rcpt_other_public_payer_no"),
        pl.when(~own).then(pl.col("self_yen") - pl.col("other_copay_yen")).alias("rcpt_other_public_yen"),
        pl.col("other_copay_yen").alias("rcpt_other_public_copay_yen"),
        zero.alias("rcpt_supplementary_benefit_yen"),
        zero.alias("rcpt_high_cost_benefit_yen"),
        pl.when(own).then("self_yen").otherwise("other_copay_yen").alias("rcpt_public_expense_yen"),
        pl.lit(None, dtype=pl.Int64).alias("rcpt_revenue_yen"),
        *(pl.lit(None, dtype=item.type.dtype).alias(item.name) for item in RECEIPTS.items if item.name in _NOT_YET),
    )
    return numbered_in_order(pl.concat([rows, _corrections(rows, chance, month)]))


def _corrections(rows: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Signed rows that take back an earlier receipt."""
    return rows.filter(chance.happens("receipt/correction", "line_key", 0.0015)).with_columns(
        chance.pick("receipt/correction kind", "line_key", ["1", "2", "3"], [30, 55, 15]).alias("receipt_change"),
        day(month_after(month, -2)).alias("service_month"),
        pl.lit(None, dtype=pl.Date).alias("first_day"),
        *(-pl.col(name) for name in _MONEY),
    )


def numbered_in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows sorted as a reviewing body sorts them, with receipt_no and file_line (from 1)."""
    ordered = rows.sort("review_body", "rcpt_institution_code", "receipt_change", "line_key", maintain_order=True)
    line = pl.int_range(1, pl.len() + 1)
    return ordered.with_columns(padded(line, 6).alias("receipt_no"), line.alias("file_line"))
