"""Who is registered, by whom, with which number and insurance."""

from dataclasses import replace

from schemas.codes import FLAG, INCOME_CLASS, INSURANCE_TYPE
from schemas.record import DAY, Item, Record, code, digits, text, unite
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds import SOURCE
from schemas.records.register.items import INTERVAL, item

REGISTRATIONS = Record(
    "registrations",
    "登録",
    "子どもごとに、いま有効な申請と受給資格者。氏名などは住基のもの",
    unite(
        (
            item("child_resident_code", "子ども住民コード", digits(15), 2, of="applications_known.child_resident_code"),
            item("beneficiary_no", "受給者番号", digits(7), 2, of="applications_known.beneficiary_no"),
            item("application_no", "申請番号", text(20), 8, of="applications_known.application_no"),
            item(
                "registered_from_date",
                "登録の効力開始日",
                DAY,
                8,
                of="applications_known.application_date applications_known.event_date",
            ),
            item(
                "guardian_resident_code",
                "受給資格者住民コード",
                digits(15),
                2,
                of="applications_known.guardian_resident_code",
            ),
            item(
                "spouse_resident_code",
                "配偶者住民コード",
                digits(15),
                2,
                True,
                "applications_known.spouse_resident_code",
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
    items=(
        *REGISTRATIONS.items,
        item(
            "begun_date",
            "登録が始まった日",
            DAY,
            8,
            of="applications_known.application_date applications_known.event_date",
        ),
    ),
    key=("child_resident_code", "registered_from_date"),
)
"""begun_date: a change of guardian goes on with the registration begun on that day, and ends with it."""

GUARDIANS = Record(
    "guardians",
    "保護者の移り変わり",
    "子どもごとの受給資格者と、その配偶者。配偶者は申請のもの、申請になければ住民基本台帳の同じ世帯の夫か妻",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="registration_periods.child_resident_code"),
        *INTERVAL,
        item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            of="registration_periods.guardian_resident_code",
        ),
        item(
            "spouse_resident_code",
            "配偶者住民コード",
            digits(15),
            2,
            True,
            "registration_periods.spouse_resident_code addresses.household_role",
        ),
        item("spouse_declared", "配偶者の届出", code(FLAG), 5),
        *SOURCE,
    ),
    ("child_resident_code", "start_date"),
    frozenset({2, 5, 8}),
)

BENEFICIARY_NUMBERS = Record(
    "beneficiary_numbers",
    "受給者番号",
    "受給者番号ごとに、その番号をもつ子ども。名寄せのあと1人の子どもに番号が2つあっても、どちらからも同じ子どもに着く",
    (
        item("beneficiary_no", "受給者番号", digits(7), 2, of="applications_known.beneficiary_no"),
        item(
            "child_resident_code",
            "子ども住民コード",
            digits(15),
            2,
            of="applications_known.child_resident_code identities.person_code",
        ),
        *SOURCE,
    ),
    ("beneficiary_no", "child_resident_code"),
    frozenset({2}),
)

INSURANCES = Record(
    "insurances",
    "医療保険の移り変わり",
    "子どもごとに、いつからどの保険か。国保は国保の資格、そのほかは申請で届け出た保険",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2),
        *INTERVAL,
        item("insurance_type_code", "保険種別", code(INSURANCE_TYPE), 7, of="applications_known.insurance_type_code"),
        item(
            "insurer_no",
            "保険者番号",
            digits(8),
            7,
            of="national_health_insurance_known.insurer_no applications_known.insurer_no",
        ),
        item(
            "symbol_number",
            "記号番号",
            text(80),
            7,
            of="national_health_insurance_known.symbol_number applications_known.insurance_symbol_number",
        ),
        item(
            "income_class",
            "適用区分",
            code(INCOME_CLASS),
            7,
            True,
            "national_health_insurance_known.income_class",
        ),
        Item("feed", "取込元", text(40)),
        *SOURCE,
    ),
    ("child_resident_code", "start_date"),
    frozenset({2, 7, 8}),
)
