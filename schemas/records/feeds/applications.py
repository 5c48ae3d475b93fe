"""Applications to be registered."""

from schemas.codes import ACCOUNT_TYPE, IDENTITY_EVIDENCE
from schemas.record import Record, code, digits, text, unite
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds.items import annexed, item

_MAIL_ITEMS = [one.name for one in ANNEX1.items if one.no in {*range(78, 88), *range(118, 123)}]

APPLICATIONS = Record(
    "applications",
    "受給資格登録申請",
    "受給資格の登録・更新・変更の申請。氏名などは申請書に書かれたまま。受給者番号は窓口で付番済みのときだけ入る",
    unite(
        (
            item("application_no", "申請番号", text(20), 8),
            annexed("application_type"),
            annexed("application_reason"),
            annexed("application_date"),
            annexed("event_date"),
            item("identity_evidence", "本人確認", code(IDENTITY_EVIDENCE), 8),
            annexed("beneficiary_no"),
            annexed("child_resident_code"),
            annexed("child_name"),
            annexed("child_name_kana", required=True),
            annexed("child_birth_date"),
            annexed("child_sex"),
            annexed("child_address"),
            annexed("guardian_resident_code"),
            annexed("guardian_name"),
            annexed("guardian_name_kana", required=True),
            item("spouse_resident_code", "配偶者住民コード", digits(15), 2, nullable=True),
            annexed("relationship_from_guardian"),
            annexed("supported_children_count"),
            annexed("insured_class", required=True),
            annexed("insurance_type_code", required=True),
            item("insurer_no", "保険者番号", digits(8), 7),
            annexed("insured_person_resident_code"),
            annexed("insurance_symbol_number", required=True),
            annexed("bank_code", required=True),
            annexed("branch_code", required=True),
            item("account_type", "預金種目", code(ACCOUNT_TYPE), 8),
            annexed("account_number", required=True),
            annexed("account_holder_kana", required=True),
        ),
        map(annexed, _MAIL_ITEMS),
        (annexed("memo"),),
    ),
    ("application_no",),
    frozenset({2, 3, 4, 5, 6, 7, 8}),
)
