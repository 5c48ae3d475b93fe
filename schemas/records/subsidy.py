"""The prefecture's subsidy of each benefit, the report made of it, and the figures for 国民健康保険."""

from schemas.codes import CARE, FLAG, FUNDING_CLASS, SUBSIDY_CLASS, SUBSIDY_REASON, TAX_STATUS, VISIT
from schemas.record import MONTH, Item, Record, Type, code, count, digits, text, yen
from schemas.records.benefit import SUBJECTS

_LARGEST_YEN = 999_999_999_999


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


def _subject() -> Item:
    return Item("subject", "対象の種類", text(10, f"^({'|'.join(SUBJECTS)})$"), of=("benefit_decisions.subject",))


SUBSIDIES = Record(
    "subsidies",
    "県補助と市単独",
    "支給1件(子ども・診療年月・医療機関・入外)の県費と市費。新しい支給と、前の月までと変わったものだけを載せる。"
    "今の額と、前の月までに立てた額との差がこの月の分",
    (
        _item("decision_no", "判定番号", text(40), 8, of="benefit_decisions.decision_no"),
        _item("standing_no", "今の判定番号", text(40), 8, of="benefit_decisions.decision_no"),
        _item("booked_month", "処理月", MONTH, 8),
        _subject(),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="benefit_decisions.child_resident_code"),
        _item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            True,
            "benefit_decisions.guardian_resident_code",
        ),
        _item("service_month", "診療年月", MONTH, 7, of="benefit_decisions.service_month"),
        _item("institution_code", "医療機関コード", digits(10), 7, True, "benefit_decisions.institution_code"),
        _item("care", "入外", code(CARE), 7, of="benefit_decisions.care"),
        _item("visit", "入院・通院", code(VISIT), 7, of="benefit_decisions.care"),
        _item("treatment_days", "日数", count(999), 7, of="receipts.rcpt_treatment_days claims.treatment_days"),
        _item("subsidy_class", "助成区分", code(SUBSIDY_CLASS), 8, True, "persons.birth_date"),
        _item("tax_status", "課税状況", code(TAX_STATUS), 6, of="taxes.taxed"),
        _item("amount_yen", "支給額", yen(None), 8, of="benefit_decisions.amount_yen"),
        _item("copay_yen", "県の自己負担", yen(), 8, True, "receipts.rcpt_treatment_days claims.treatment_days"),
        _item("subsidised_yen", "県対象額", yen(), 8, True, "benefit_decisions.amount_yen taxes.total_income_yen"),
        _item("prefecture_yen", "県費", yen(), 8, True, "benefit_decisions.amount_yen taxes.total_income_yen"),
        _item("city_yen", "市費", yen(None), 8, True, "benefit_decisions.amount_yen taxes.total_income_yen"),
        _item("before_amount_yen", "前の月までの支給額", yen(None), 8, of="subsidies.amount_yen"),
        _item("before_prefecture_yen", "前の月までの県費", yen(), 8, of="subsidies.prefecture_yen"),
        _item("before_city_yen", "前の月までの市費", yen(None), 8, of="subsidies.city_yen"),
        _item("funding_class", "費用区分", code(FUNDING_CLASS), 8, True, "benefit_decisions.amount_yen"),
        _item("reason", "県補助の判断", code(SUBSIDY_REASON), 8, of="persons.birth_date taxes.total_income_yen"),
        Item("parameter", "法の値", text(80), nullable=True),
        Item("article", "根拠", text(200), nullable=True),
        Item("tax_delivery", "所得の納品", text(120), nullable=True, of=("taxes.delivery",)),
        Item("tax_line_no", "所得の行", count(99_999_999), nullable=True, of=("taxes.line_no",)),
    ),
    ("decision_no",),
    frozenset({2, 6, 7, 8}),
)

PREFECTURE_REPORT = Record(
    "prefecture_report",
    "県への実績報告",
    "この月に立てた県補助の件数と金額。前の月までに立てたものが変わった分は、元の区分で引き、今の区分で足す",
    (
        Item("month", "処理月", MONTH),
        Item("subsidy_class", "助成区分", code(SUBSIDY_CLASS), nullable=True, of=("subsidies.subsidy_class",)),
        Item("visit", "入院・通院", code(VISIT), of=("subsidies.visit",)),
        _subject(),
        Item("reason", "県補助の判断", code(SUBSIDY_REASON), of=("subsidies.reason",)),
        Item("cases", "件数", count(99_999_999, -99_999_999), of=("subsidies.decision_no",)),
        Item("amount_yen", "支給額", yen(None, _LARGEST_YEN), of=("subsidies.amount_yen",)),
        Item("subsidised_yen", "県対象額", yen(None, _LARGEST_YEN), of=("subsidies.subsidised_yen",)),
        Item("prefecture_yen", "県費", yen(None, _LARGEST_YEN), of=("subsidies.prefecture_yen",)),
        Item("city_yen", "市費", yen(None, _LARGEST_YEN), of=("subsidies.city_yen",)),
        Item("waiting_yen", "未確認の支給額", yen(None, _LARGEST_YEN), of=("subsidies.amount_yen",)),
    ),
    ("month", "subsidy_class", "visit", "subject", "reason"),
)

KOKUHO_FIGURES = Record(
    "kokuho_figures",
    "国保の現物給付",
    "国保の減額調整のために国保課が要る数字。現物給付で支給した国保のレセプトの件数・日数・総医療費・市が負担した額",
    (
        Item("month", "処理月", MONTH),
        Item("service_month", "診療年月", MONTH, of=("benefit_decisions.service_month",)),
        Item("subsidy_class", "助成区分", code(SUBSIDY_CLASS), nullable=True, of=("persons.birth_date",)),
        Item("visit", "入院・通院", code(VISIT), of=("benefit_decisions.care",)),
        Item("reduced", "減額調整の対象", code(FLAG), nullable=True, of=("persons.birth_date",)),
        Item("receipts", "件数", count(99_999_999, -99_999_999), of=("benefit_decisions.decision_no",)),
        Item("treatment_days", "日数", count(99_999_999, -99_999_999), of=("receipts.rcpt_treatment_days",)),
        Item(
            "total_medical_cost_yen",
            "総医療費(10割)",
            yen(None, _LARGEST_YEN),
            of=("receipts.rcpt_total_medical_cost_yen",),
        ),
        Item("borne_yen", "市が負担した自己負担額", yen(None, _LARGEST_YEN), of=("benefit_decisions.amount_yen",)),
    ),
    ("month", "service_month", "subsidy_class", "visit", "reduced"),
)
