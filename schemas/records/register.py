"""The register (台帳): what is known of persons, residence, other schemes and registrations.

Known tables hold every accepted row of a history feed since the last full load, with the day the city
learned it. The other tables are read off them as of the end of a month. Intervals are half open:
`end_date` is the first day that no longer counts; null means open.
"""

from dataclasses import replace

from schemas.codes import DECISION_REASON, ELIGIBILITY_OUTCOME, FLAG, RESIDENT_CLASS, RESIDENT_TO, SEX
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, unite
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds import (
    APPLICATIONS,
    ARREARS_FLAGS,
    FACILITIES,
    INSURER_ANSWERS,
    NATIONAL_HEALTH_INSURANCE,
    NONRESIDENTS,
    PROTECTED_PERSONS,
    PUBLIC_ASSISTANCE,
    RESIDENT_TAXES,
    RESIDENTS,
    SEVERE_DISABILITY,
    SINGLE_PARENT,
    SOURCE,
    accepted,
)

KEPT = (
    RESIDENTS,
    NONRESIDENTS,
    PROTECTED_PERSONS,
    NATIONAL_HEALTH_INSURANCE,
    PUBLIC_ASSISTANCE,
    SEVERE_DISABILITY,
    SINGLE_PARENT,
    FACILITIES,
    APPLICATIONS,
    RESIDENT_TAXES,
    ARREARS_FLAGS,
    INSURER_ANSWERS,
)
"""The feeds whose rows stay known from month to month."""


def known(feed: Record) -> Record:
    """Every row of a feed known at the end of a month; a corrected row stands beside the one it corrects."""
    return replace(
        accepted(feed),
        name=f"{feed.name}_known",
        label=f"{feed.label}・既知",
        description=f"月末までに市が知った{feed.label}の行。訂正された行も残る",
        key=(*feed.key, "delivery"),
        items=unite(
            (replace(item, of=(f"{feed.name}.{item.name}",)) for item in accepted(feed).items),
        ),
    )


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


INTERVAL = (
    _item("start_date", "開始日", DAY, 8),
    _item("end_date", "終了日(この日から外れる)", DAY, 8, nullable=True),
)

PERSONS = Record(
    "persons",
    "個人",
    "住民と住登外者。月末に知られている最新の姿",
    (
        _item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        _item("household_no", "世帯番号", digits(15), 5, True, "residents_known.household_no"),
        _item("resident_class", "住民区分", code(RESIDENT_CLASS), 5, of="residents_known.resident_class"),
        _item("name", "氏名", text(100), 3, of="residents_known.name nonresidents_known.name"),
        _item("name_kana", "氏名フリガナ", text(100), 3, of="residents_known.name_kana"),
        _item("native_name", "本国名", text(100), 3, True, "residents_known.native_name"),
        _item("use_native_name", "本国名使用", code(FLAG), 5, of="residents_known.use_native_name"),
        _item("sex", "性別", code(SEX), 3, of="residents_known.sex"),
        _item("birth_date", "生年月日", DAY, 3, of="residents_known.birth_date"),
        _item("postal_code", "郵便番号", digits(7), 3, of="residents_known.postal_code"),
        _item("address", "住所", text(200), 3, of="residents_known.address"),
        _item("katagaki", "方書", text(100), 3, True, "residents_known.katagaki"),
        _item("resident_from_date", "住民となった日", DAY, 5, True, "residents_known.resident_from_date"),
        _item("resident_from_reason", "住民となった事由", text(2), 5, True, "residents_known.resident_from_reason"),
        _item("resident_to_date", "住民でなくなった日", DAY, 5, True, "residents_known.resident_to_date"),
        _item("resident_to_reason", "住民でなくなった事由", text(2), 5, True, "residents_known.resident_to_reason"),
        _item("in_japan", "国内に住民票", code(FLAG), 5, of="nonresidents_known.in_japan"),
        _item("same_person_code", "名寄せ先宛名番号", digits(15), 2, True, "nonresidents_known.same_person_code"),
        _item("protected", "支援措置", code(FLAG), 5, of="protected_persons_known.start_date"),
        *SOURCE,
    ),
    ("resident_code",),
    frozenset({2, 3, 5}),
)

RESIDENCES = Record(
    "residences",
    "居住期間",
    "川口市に住民登録がある期間。死亡は死亡日まで、転出は転出日の前日まで",
    (
        _item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        *INTERVAL,
        _item("end_reason", "終了の事由", code(RESIDENT_TO), 5, True, "residents_known.resident_to_reason"),
        *SOURCE,
    ),
    ("resident_code", "start_date"),
    frozenset({2, 5, 8}),
)

SCHEMES = Record(
    "schemes",
    "他制度の期間",
    "子ども医療費より優先する制度に該当する期間",
    (
        _item("resident_code", "宛名番号", digits(15), 2),
        _item("reason", "制度(決定理由コード)", code(DECISION_REASON), 9),
        *INTERVAL,
        Item("feed", "取込元", text(40)),
        *SOURCE,
    ),
    ("resident_code", "reason", "start_date", "delivery", "line_no"),
    frozenset({2, 8, 9}),
)

REGISTRATIONS = Record(
    "registrations",
    "登録",
    "子どもごとに、いま有効な申請と受給資格者。氏名などは住基のもの",
    unite(
        (
            _item(
                "child_resident_code", "子ども住民コード", digits(15), 2, of="applications_known.child_resident_code"
            ),
            _item("beneficiary_no", "受給者番号", digits(7), 2, of="applications_known.beneficiary_no"),
            _item("application_no", "申請番号", text(20), 8, of="applications_known.application_no"),
            _item(
                "registered_from_date",
                "登録の効力開始日",
                DAY,
                8,
                of="applications_known.application_date applications_known.event_date",
            ),
            _item(
                "guardian_resident_code",
                "受給資格者住民コード",
                digits(15),
                2,
                of="applications_known.guardian_resident_code",
            ),
            replace(
                ANNEX1["insurance_type_code"], no=None, nullable=False, of=("applications_known.insurance_type_code",)
            ),
        ),
        SOURCE,
    ),
    ("child_resident_code",),
    frozenset({2, 7, 8}),
)

REGISTRATION_PERIODS = replace(
    REGISTRATIONS,
    name="registration_periods",
    label="登録の経過",
    description="子どもごとの登録と受給資格者の移り変わり。各行は登録の効力開始日から、次の行が始まるまで",
    key=("child_resident_code", "registered_from_date"),
)

ELIGIBILITY = Record(
    "eligibility",
    "受給資格",
    "子ども×期間×判定×理由。期間は重ならず、すき間もない",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="registrations.child_resident_code"),
        _item(
            "start_date",
            "開始日",
            DAY,
            8,
            of="residences.start_date schemes.start_date registrations.registered_from_date",
        ),
        _item("end_date", "終了日(この日から外れる)", DAY, 8, of="residences.end_date schemes.end_date"),
        _item("entitled", "資格", code(ELIGIBILITY_OUTCOME), 8),
        _item("reason", "理由", code(DECISION_REASON), 8, of="schemes.reason"),
        Item("article", "根拠", text(200)),
        _item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            True,
            "registrations.guardian_resident_code",
        ),
        Item("feed", "決め手の取込元", text(40), nullable=True),
        Item("delivery", "決め手の納品", text(120), nullable=True),
        Item("line_no", "決め手の行", count(99_999_999), nullable=True),
    ),
    ("child_resident_code", "start_date"),
    frozenset({2, 8}),
)

CERTIFICATES = Record(
    "certificates",
    "受給資格証",
    "月末に有効な資格証。有効期間は両端を含む",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="eligibility.child_resident_code"),
        _item("beneficiary_no", "受給者番号", digits(7), 2, of="registrations.beneficiary_no"),
        _item("valid_from_date", "有効期間開始日", DAY, 8, of="eligibility.start_date"),
        _item("valid_to_date", "有効期間終了日", DAY, 8, of="eligibility.end_date"),
        replace(ANNEX1["subsidy_class"], nullable=False),
        replace(ANNEX1["public_payer_no"], nullable=False),
        _item("issue_month", "発行の処理月", MONTH, 8),
    ),
    ("child_resident_code",),
    frozenset({2, 8}),
)
