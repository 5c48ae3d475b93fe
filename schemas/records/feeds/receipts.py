"""Receipts in kind."""

import polars as pl

from schemas.codes import FLAG, INCOME_CLASS, RECEIPT_CHANGE
from schemas.record import DAY, MONTH, Item, Record, Rule, code, digits, text, unite, yen
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds.items import annexed, item

_RECEIPT_ITEMS = [one.name for one in ANNEX1.items if one.no in set(range(123, 149))]

_RECEIPT_REQUIRED = {
    "rcpt_branch_no",
    "rcpt_insured_class",
    "rcpt_patient_sex",
    "rcpt_patient_birth_date",
    "rcpt_patient_beneficiary_no",
    "rcpt_institution_code",
    "rcpt_inpatient_outpatient_code",
    "rcpt_treatment_days",
    "rcpt_copay_rate",
    "rcpt_public_payer_no",
    "rcpt_total_medical_cost_yen",
    "rcpt_self_pay_yen",
    "rcpt_public_expense_yen",
}

PAYERS_OF_A_RECEIPT = ("", "_2", "_3", "_4")
"""The endings of the items of the first to the fourth other public payer of a receipt."""


def _payer(number: str) -> tuple[Item, Item, Item]:
    """One more payer: its number, what it bears, and the 一部負担 left after it."""
    return (
        Item(f"rcpt_other_public_payer_no_{number}", f"第{number}の他法公費番号", digits(8), frozenset({7, 9}), True),
        Item(f"rcpt_other_public_yen_{number}", f"第{number}の他法負担額", yen(None), frozenset({7, 9}), True),
        Item(
            f"rcpt_other_public_copay_yen_{number}", f"第{number}の他法一部負担額", yen(None), frozenset({7, 9}), True
        ),
    )


_RECEIPT_MORE = (
    item("rcpt_search_no", "検索番号", text(30), 7, nullable=True),
    item("rcpt_income_class", "特記事項の適用区分", code(INCOME_CLASS), 7, nullable=True),
    item("rcpt_many_times", "特記事項の多数回該当", code(FLAG), 7, nullable=True),
    *_payer("2"),
    *_payer("3"),
    *_payer("4"),
)

RECEIPTS = Record(
    "receipts",
    "レセプト",
    "現物給付の請求1件。返戻・過誤・再審査は符号付きの行で届く",
    unite(
        (
            item("review_body", "審査支払機関", digits(1), 7),
            item("billing_month", "請求年月", MONTH, 7),
            item("receipt_no", "レセプト番号", digits(6), 7),
            item("receipt_change", "過誤区分", code(RECEIPT_CHANGE), 7),
            annexed("service_month", required=True),
            item("insurer_no", "保険者番号", digits(8), 7),
            item("first_day", "診療開始日", DAY, 7, nullable=True),
        ),
        (annexed(name, required=name in _RECEIPT_REQUIRED) for name in _RECEIPT_ITEMS),
        _RECEIPT_MORE,
    ),
    ("review_body", "billing_month", "rcpt_institution_code", "receipt_no", "receipt_change"),
    frozenset({2, 3, 6, 7, 9}),
    (
        Rule(
            "請求月が先",
            ("billing_month", "service_month"),
            pl.col("billing_month") < pl.col("service_month"),
            "請求年月が診療年月より前です",
        ),
        Rule(
            "総額の符号",
            ("rcpt_total_medical_cost_yen", "receipt_change"),
            (pl.col("receipt_change") == "0") & (pl.col("rcpt_total_medical_cost_yen") < 0),
            "当初請求の総医療費が負です",
        ),
        Rule(
            "公費が自己負担超",
            ("rcpt_public_expense_yen", "rcpt_self_pay_yen"),
            pl.col("rcpt_public_expense_yen").abs() > pl.col("rcpt_self_pay_yen").abs(),
            "公費負担額が自己負担額を超えています",
        ),
    ),
)
