"""The register (台帳): what is known of persons, residence, other schemes and registrations.

Known tables hold every accepted row of a history feed since the last full load, with the day the city
learned it. The other tables are read off them as of the end of a month. Intervals are half open:
`end_date` is the first day that no longer counts; null means open.
"""

from dataclasses import replace

from schemas.codes import (
    BENEFIT_CLASS,
    CAUSE,
    DECISION_REASON,
    ELIGIBILITY_OUTCOME,
    FLAG,
    GUARDIAN_REVIEW,
    HOUSEHOLD_ROLE,
    INCOME_CLASS,
    INSURANCE_TYPE,
    RESIDENT_CLASS,
    RESIDENT_TO,
    SEX,
)
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, unite, yen
from schemas.records.annex1 import ANNEX1
from schemas.records.feeds import (
    APPLICATIONS,
    ARREARS_FLAGS,
    FACILITIES,
    IDENTITY_DECISIONS,
    INSURER_ANSWERS,
    MUNICIPAL_ANSWERS,
    NATIONAL_HEALTH_INSURANCE,
    NONRESIDENTS,
    OVERRIDES,
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
    OVERRIDES,
    MUNICIPAL_ANSWERS,
    IDENTITY_DECISIONS,
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


TAXES = replace(
    known(RESIDENT_TAXES),
    name="taxes",
    label="税の情報",
    description="市の課税の情報と、人が定まった他市区町村の回答を合わせたもの。回答の履歴番号は市のものより後になる",
    items=unite(
        replace(item, of=(f"resident_taxes_known.{item.name}", f"municipal_answers_known.{item.name}"))
        if item.name not in ("resident_code", "revision_no", "taxed")
        else replace(item, of=(f"resident_taxes_known.{item.name}",))
        for item in accepted(RESIDENT_TAXES).items
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

IDENTITIES = Record(
    "identities",
    "名寄せ",
    "1人が2つ以上の宛名番号をもつときの、その人を表す番号。番号は付け替えない。名寄せのない番号は載らない",
    (
        _item("resident_code", "宛名番号", digits(15), 2, of="nonresidents_known.resident_code"),
        _item("person_code", "その人の宛名番号", digits(15), 2, of="nonresidents_known.same_person_code"),
        *SOURCE,
    ),
    ("resident_code",),
    frozenset({2}),
)

ADDRESSES = Record(
    "addresses",
    "住所と世帯の移り変わり",
    "住民ごとに、いつからどの世帯のどの住所にいたか。市を出た日で終わる",
    (
        _item("resident_code", "宛名番号", digits(15), 2, of="residents_known.resident_code"),
        *INTERVAL,
        _item("household_no", "世帯番号", digits(15), 5, of="residents_known.household_no"),
        _item("household_role", "続柄", code(HOUSEHOLD_ROLE), 5, of="residents_known.household_role"),
        _item("postal_code", "郵便番号", digits(7), 3, of="residents_known.postal_code"),
        _item("address", "住所", text(200), 3, of="residents_known.address"),
        _item("katagaki", "方書", text(100), 3, True, "residents_known.katagaki"),
        *SOURCE,
    ),
    ("resident_code", "start_date"),
    frozenset({2, 3, 5, 8}),
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
            _item(
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
        _item(
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
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="registration_periods.child_resident_code"),
        *INTERVAL,
        _item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            of="registration_periods.guardian_resident_code",
        ),
        _item(
            "spouse_resident_code",
            "配偶者住民コード",
            digits(15),
            2,
            True,
            "registration_periods.spouse_resident_code addresses.household_role",
        ),
        _item("spouse_declared", "配偶者の届出", code(FLAG), 5),
        *SOURCE,
    ),
    ("child_resident_code", "start_date"),
    frozenset({2, 5, 8}),
)

MEANS = Record(
    "means",
    "所得と滞納",
    "支給制限のある年度に、父母それぞれの所得と滞納を見た結果。分からないものは0ではなく、分からないと残す",
    (
        _item("resident_code", "宛名番号", digits(15), 2, of="resident_taxes_known.resident_code"),
        _item("year_from_date", "判定の年度の始まり", DAY, 8),
        _item("tax_year", "課税年度", count(2100, 2008), 6, of="resident_taxes_known.tax_year"),
        _item(
            "income_yen", "所得(控除後)", yen(None, 99_999_999_999), 6, True, "resident_taxes_known.total_income_yen"
        ),
        _item("limit_yen", "所得限度額", yen(), 6, True),
        _item("over_limit", "限度額超過", code(FLAG), 6, True),
        _item("in_arrears", "滞納", code(FLAG), 6, True, "arrears_known.arrears"),
        _item("tax_delivery", "所得の納品", text(120), 2, True),
        _item("tax_line_no", "所得の行", count(99_999_999), 2, True),
        _item("arrears_delivery", "滞納の納品", text(120), 2, True),
        _item("arrears_line_no", "滞納の行", count(99_999_999), 2, True),
    ),
    ("resident_code", "year_from_date"),
    frozenset({2, 6, 8}),
)

RESTRICTIONS = Record(
    "restrictions",
    "支給制限の期間",
    "所得や滞納で小・中学生の資格が止まる期間(09・10)と、確認できず保留する期間(15)。理由どうしは重なってよい",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="guardians.child_resident_code"),
        *INTERVAL,
        _item("reason", "制限の理由", code(DECISION_REASON), 8, of="means.over_limit means.in_arrears"),
        Item("feed", "決め手の取込元", text(40), nullable=True),
        Item("delivery", "決め手の納品", text(120), nullable=True),
        Item("line_no", "決め手の行", count(99_999_999), nullable=True),
    ),
    ("child_resident_code", "reason", "start_date"),
    frozenset({2, 8}),
)

GUARDIAN_REVIEWS = Record(
    "guardian_reviews",
    "保護者の確認",
    "受給資格者が主に生計を支える父母かを、父母の所得と住民基本台帳から確かめた結果。違いは人が確認する",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="guardians.child_resident_code"),
        _item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="guardians.guardian_resident_code"),
        _item("spouse_resident_code", "配偶者住民コード", digits(15), 2, True, "guardians.spouse_resident_code"),
        _item("tax_year", "課税年度", count(2100, 2008), 6, True, "resident_taxes_known.tax_year"),
        _item("guardian_income_yen", "受給資格者の所得", yen(None, 99_999_999_999), 6, True),
        _item("spouse_income_yen", "配偶者の所得", yen(None, 99_999_999_999), 6, True),
        _item("review", "確認の結果", code(GUARDIAN_REVIEW), 8),
    ),
    ("child_resident_code",),
    frozenset({2, 6, 8}),
)

INSURANCES = Record(
    "insurances",
    "医療保険の移り変わり",
    "子どもごとに、いつからどの保険か。国保は国保の資格、そのほかは申請で届け出た保険",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2),
        *INTERVAL,
        _item("insurance_type_code", "保険種別", code(INSURANCE_TYPE), 7, of="applications_known.insurance_type_code"),
        _item(
            "insurer_no",
            "保険者番号",
            digits(8),
            7,
            of="national_health_insurance_known.insurer_no applications_known.insurer_no",
        ),
        _item(
            "symbol_number",
            "記号番号",
            text(80),
            7,
            of="national_health_insurance_known.symbol_number applications_known.insurance_symbol_number",
        ),
        _item(
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
        _item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8),
        _item("reason", "理由", code(DECISION_REASON), 8, of="schemes.reason restrictions.reason"),
        _item("faults", "満たさない要件", text(40), 8, True),
        _item("ruled_reason", "強制修正がないときの理由", code(DECISION_REASON), 8, True, "overrides_known.outcome"),
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

TOUCHED = Record(
    "touched",
    "決定し直す子ども",
    "この月に知ったことが関わる子どもと、その最も重い理由・最初に影響する日・決め手の行",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2),
        _item("cause", "決定した理由", code(CAUSE), 8),
        _item("from_date", "最初に影響する日", DAY, 8, True),
        Item("feed", "取込元", text(40), nullable=True),
        Item("delivery", "納品", text(120), nullable=True),
        Item("line_no", "行", count(99_999_999), nullable=True),
    ),
    ("child_resident_code",),
    frozenset({2, 8}),
)

ELIGIBILITY_DECISIONS = Record(
    "eligibility_decisions",
    "資格の決定の記録",
    "この月に決定し直した子どもごとに1行。前の決定の番号と、なぜ・いつの日から変わったかを残す。過去の行は変えない",
    (
        _item("decision_no", "決定番号", text(30), 8),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="touched.child_resident_code"),
        _item("decided_month", "決定の処理月", MONTH, 8),
        _item("previous_no", "前の決定番号", text(30), 8, True, "eligibility_decisions.decision_no"),
        _item("cause", "決定した理由", code(CAUSE), 8, of="touched.cause"),
        _item("changed", "結果の変更", code(FLAG), 8),
        _item("changed_from_date", "結果が変わった最初の日", DAY, 8, True, "eligibility.start_date"),
        Item("feed", "きっかけの取込元", text(40), nullable=True, of=("touched.feed",)),
        Item("delivery", "きっかけの納品", text(120), nullable=True, of=("touched.delivery",)),
        Item("line_no", "きっかけの行", count(99_999_999), nullable=True, of=("touched.line_no",)),
    ),
    ("decision_no",),
    frozenset({2, 8}),
)

BENEFICIARY_NUMBERS = Record(
    "beneficiary_numbers",
    "受給者番号",
    "受給者番号ごとに、その番号をもつ子ども。名寄せのあと1人の子どもに番号が2つあっても、どちらからも同じ子どもに着く",
    (
        _item("beneficiary_no", "受給者番号", digits(7), 2, of="applications_known.beneficiary_no"),
        _item(
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

CARDS = Record(
    "cards",
    "資格証の移り変わり",
    "発行した資格証ごとに、有効期間と、発行した月、効力を失った月。受給資格者・給付区分・始まりの日のどれかが変わると新しい資格証",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="certificates.child_resident_code"),
        _item("beneficiary_no", "受給者番号", digits(7), 2, of="certificates.beneficiary_no"),
        _item(
            "guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="certificates.guardian_resident_code"
        ),
        _item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8, of="certificates.benefit_class"),
        _item("valid_from_date", "有効期間開始日", DAY, 8, of="certificates.valid_from_date"),
        _item("valid_to_date", "有効期間終了日", DAY, 8, of="certificates.valid_to_date"),
        _item("issued_month", "発行の処理月", MONTH, 8, of="certificates.issue_month"),
        _item("replaced_month", "効力を失った処理月", MONTH, 8, True, "certificates.issue_month"),
    ),
    ("child_resident_code", "valid_from_date", "issued_month"),
    frozenset({2, 8}),
)

CERTIFICATES = Record(
    "certificates",
    "受給資格証",
    "この月の通知を出す日に有効な資格証。有効期間は両端を含む",
    (
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="eligibility.child_resident_code"),
        _item("beneficiary_no", "受給者番号", digits(7), 2, of="registrations.beneficiary_no"),
        _item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="eligibility.guardian_resident_code"),
        _item("valid_from_date", "有効期間開始日", DAY, 8, of="eligibility.start_date"),
        _item("valid_to_date", "有効期間終了日", DAY, 8, of="eligibility.end_date"),
        replace(ANNEX1["subsidy_class"], nullable=False),
        _item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8, of="eligibility.benefit_class"),
        replace(ANNEX1["public_payer_no"], nullable=False),
        _item("issue_month", "発行の処理月", MONTH, 8),
    ),
    ("child_resident_code",),
    frozenset({2, 8}),
)
