"""Claims for 償還."""

import polars as pl

from schemas.codes import ACCIDENT, CLAIM_CLASS, FLAG
from schemas.record import Record, Rule, code, text
from schemas.records.feeds.items import annexed, item

CLAIMS = Record(
    "claims",
    "医療費支給申請",
    "償還払いの申請書1枚。医療機関・診療月・入外ごと",
    (
        item("claim_no", "申請書番号", text(12), 8),
        annexed("beneficiary_no", required=True),
        annexed("claim_branch_no", required=True),
        annexed("application_date"),
        item("claim_class", "申請の種類", code(CLAIM_CLASS), 7),
        annexed("service_month", required=True),
        annexed("first_visit_date", required=True),
        annexed("treatment_end_date", required=True),
        annexed("institution_code"),
        annexed("department_code"),
        annexed("inpatient_outpatient_code", required=True),
        annexed("treatment_days", required=True),
        annexed("total_medical_cost_yen", required=True),
        annexed("copay_yen", required=True),
        annexed("partial_payment_yen", required=True),
        annexed("drug_copay_yen"),
        annexed("other_adjustment_yen"),
        annexed("supplementary_benefit_yen"),
        annexed("high_cost_benefit_yen"),
        annexed("other_public_expense_yen"),
        annexed("other_public_item_code"),
        item("accident", "災害共済・第三者行為", code(ACCIDENT), 7),
        item("outside_prefecture", "県外受診", code(FLAG), 7),
    ),
    ("claim_no",),
    frozenset({2, 7, 8, 9}),
    (
        Rule(
            "受診日の前後",
            ("first_visit_date", "treatment_end_date"),
            pl.col("treatment_end_date") < pl.col("first_visit_date"),
            "診療終了日が初診日より前です",
        ),
        Rule(
            "診療年月と受診日",
            ("service_month", "first_visit_date", "treatment_end_date"),
            (pl.col("first_visit_date").dt.truncate("1mo") != pl.col("service_month"))
            | (pl.col("treatment_end_date").dt.truncate("1mo") != pl.col("service_month")),
            "受診日が診療年月の外です",
        ),
        Rule(
            "申請日が先",
            ("application_date", "treatment_end_date"),
            pl.col("application_date") < pl.col("treatment_end_date"),
            "申請日が診療終了日より前です",
        ),
        Rule(
            "一部負担が総額超",
            ("partial_payment_yen", "total_medical_cost_yen"),
            pl.col("partial_payment_yen") > pl.col("total_medical_cost_yen"),
            "一部負担額が総医療費を超えています",
        ),
    ),
)
