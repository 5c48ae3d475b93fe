"""The cards of those entitled."""

from dataclasses import replace

from schemas.codes import BENEFIT_CLASS
from schemas.record import DAY, MONTH, Record, code, digits
from schemas.records.annex1 import ANNEX1
from schemas.records.register.items import item

CARDS = Record(
    "cards",
    "資格証の移り変わり",
    "発行した資格証ごとに、有効期間と、発行した月、効力を失った月。受給資格者・給付区分・始まりの日のどれかが変わると新しい資格証",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="certificates.child_resident_code"),
        item("beneficiary_no", "受給者番号", digits(7), 2, of="certificates.beneficiary_no"),
        item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="certificates.guardian_resident_code"),
        item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8, of="certificates.benefit_class"),
        item("valid_from_date", "有効期間開始日", DAY, 8, of="certificates.valid_from_date"),
        item("valid_to_date", "有効期間終了日", DAY, 8, of="certificates.valid_to_date"),
        item("issued_month", "発行の処理月", MONTH, 8, of="certificates.issue_month"),
        item("replaced_month", "効力を失った処理月", MONTH, 8, True, "certificates.issue_month"),
    ),
    ("child_resident_code", "valid_from_date", "issued_month"),
    frozenset({2, 8}),
)

CERTIFICATES = Record(
    "certificates",
    "受給資格証",
    "この月の通知を出す日に有効な資格証。有効期間は両端を含む",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="eligibility.child_resident_code"),
        item("beneficiary_no", "受給者番号", digits(7), 2, of="registrations.beneficiary_no"),
        item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="eligibility.guardian_resident_code"),
        item("valid_from_date", "有効期間開始日", DAY, 8, of="eligibility.start_date"),
        item("valid_to_date", "有効期間終了日", DAY, 8, of="eligibility.end_date"),
        replace(ANNEX1["subsidy_class"], nullable=False),
        item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8, of="eligibility.benefit_class"),
        replace(ANNEX1["public_payer_no"], nullable=False),
        item("issue_month", "発行の処理月", MONTH, 8),
    ),
    ("child_resident_code",),
    frozenset({2, 8}),
)
