"""Receipts: the monthly file of the reviewing bodies, service month S in the file of month S + 2.

Ordinary hard cases inside: up to four other public payers, no first day, and what is in corrections.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import month_after
from pipelines.city.chance import Chance, day
from pipelines.city.corrections import billed_again, changes, unknown_changes
from pipelines.city.numbers import PUBLIC_PAYER_NO, numbered, padded

_PAYERS = {code: numbered(f"{code}11203") for code in ("16", "21", "23", "52", "54")}
"""公費負担者番号 of the other payers (synthetic)."""


def receipt_rows(lines: pl.DataFrame, chance: Chance, month: date, earlier: pl.DataFrame | None) -> pl.DataFrame:
    """Rows of the receipts feed for service month `month`, numbered in file order, with line_key kept.

    earlier: rows delivered before, soundly; some are changed and billed again now.
    """
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
        *_payer(1),
        zero.alias("rcpt_supplementary_benefit_yen"),
        zero.alias("rcpt_high_cost_benefit_yen"),
        pl.when(own).then("self_yen").otherwise("other_copay_yen").alias("rcpt_public_expense_yen"),
        pl.lit(None, dtype=pl.Int64).alias("rcpt_revenue_yen"),
        _search_no(chance, month),
        pl.when(chance.happens("receipt/class", "line_key", 0.3)).then("income_class").alias("rcpt_income_class"),
        pl.lit(None, dtype=pl.String).alias("rcpt_many_times"),
        *(item for at in (2, 3, 4) for item in _payer(at)),
    )
    parts = [rows, unknown_changes(rows, chance)]
    if earlier is not None:
        changed = changes(earlier, chance, month)
        parts += [changed, billed_again(changed, earlier, chance)]
    return numbered_in_order(pl.concat([part.select(rows.columns) for part in parts]), month)


def _payer(nth: int) -> list[pl.Expr]:
    ending = "" if nth == 1 else f"_{nth}"
    before = pl.col("self_yen" if nth == 1 else f"left_{nth - 1}")
    number = pl.col(f"payer_{nth}").replace_strict(_PAYERS, default=None, return_dtype=pl.String)
    return [
        number.alias(f"rcpt_other_public_payer_no{ending}"),
        (before - pl.col(f"left_{nth}")).alias(f"rcpt_other_public_yen{ending}"),
        pl.col(f"left_{nth}").alias(f"rcpt_other_public_copay_yen{ending}"),
    ]


def _search_no(chance: Chance, month: date) -> pl.Expr:
    """検索番号 of the reviewing body; some bodies send none."""
    number = pl.format("{}{}", pl.lit(f"{month:%Y%m}"), pl.col("line_key").cast(pl.String).str.zfill(20))
    return pl.when(chance.happens("receipt/number", "line_key", 0.7)).then(number).alias("rcpt_search_no")


def numbered_in_order(rows: pl.DataFrame, month: date) -> pl.DataFrame:
    """Rows sorted as a reviewing body sorts them, billed the month after `month`, with receipt_no and file_line (from
    1)."""
    ordered = rows.sort("review_body", "rcpt_institution_code", "receipt_change", "line_key", maintain_order=True)
    line = pl.int_range(1, pl.len() + 1)
    return ordered.with_columns(
        day(month_after(month, 1)).alias("billing_month"), padded(line, 6).alias("receipt_no"), line.alias("file_line")
    )
