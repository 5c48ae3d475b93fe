"""Income and arrears of the parents, and what follows."""

from schemas.codes import DECISION_REASON, FLAG, GUARDIAN_REVIEW
from schemas.record import DAY, Item, Record, code, count, digits, text, yen
from schemas.records.register.items import INTERVAL, item

MEANS = Record(
    "means",
    "所得と滞納",
    "支給制限のある年度に、父母それぞれの所得と滞納を見た結果。分からないものは0ではなく、分からないと残す",
    (
        item("resident_code", "宛名番号", digits(15), 2, of="resident_taxes_known.resident_code"),
        item("year_from_date", "判定の年度の始まり", DAY, 8),
        item("tax_year", "課税年度", count(2100, 2008), 6, of="resident_taxes_known.tax_year"),
        item("income_yen", "所得(控除後)", yen(None, 99_999_999_999), 6, True, "resident_taxes_known.total_income_yen"),
        item("limit_yen", "所得限度額", yen(), 6, True),
        item("over_limit", "限度額超過", code(FLAG), 6, True),
        item("in_arrears", "滞納", code(FLAG), 6, True, "arrears_known.arrears"),
        item("tax_delivery", "所得の納品", text(120), 2, True),
        item("tax_line_no", "所得の行", count(99_999_999), 2, True),
        item("arrears_delivery", "滞納の納品", text(120), 2, True),
        item("arrears_line_no", "滞納の行", count(99_999_999), 2, True),
    ),
    ("resident_code", "year_from_date"),
    frozenset({2, 6, 8}),
)

RESTRICTIONS = Record(
    "restrictions",
    "支給制限の期間",
    "所得や滞納で小・中学生の資格が止まる期間(09・10)と、確認できず保留する期間(15)。理由どうしは重なってよい",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="guardians.child_resident_code"),
        *INTERVAL,
        item("reason", "制限の理由", code(DECISION_REASON), 8, of="means.over_limit means.in_arrears"),
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
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="guardians.child_resident_code"),
        item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="guardians.guardian_resident_code"),
        item("spouse_resident_code", "配偶者住民コード", digits(15), 2, True, "guardians.spouse_resident_code"),
        item("tax_year", "課税年度", count(2100, 2008), 6, True, "resident_taxes_known.tax_year"),
        item("guardian_income_yen", "受給資格者の所得", yen(None, 99_999_999_999), 6, True),
        item("spouse_income_yen", "配偶者の所得", yen(None, 99_999_999_999), 6, True),
        item("review", "確認の結果", code(GUARDIAN_REVIEW), 8),
    ),
    ("child_resident_code",),
    frozenset({2, 6, 8}),
)
