"""高額療養費: the lines that may count, what is estimated of each, the yearly cap, and where the sources differ."""

from schemas.codes import CARE, CLAIM_CLASS, CLASS_SOURCE, DEDUCTION, DEDUCTION_SOURCE, FLAG, INCOME_CLASS
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, yen
from schemas.records.feeds import SOURCE


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


_FEED = Item("feed", "取込元", text(40))
_INSURER_NO = _item("insurer_no", "保険者番号", digits(8), 7, True, "insurances.insurer_no")
_SYMBOL = _item("symbol_number", "記号番号", text(80), 7, True, "insurances.symbol_number")
_CHILD = _item("child_resident_code", "子ども住民コード", digits(15), 2, of="beneficiary_numbers.child_resident_code")

HIGH_COST_ENTRIES = Record(
    "high_cost_entries",
    "高額療養費の明細",
    "その月に届いた申請とレセプトのうち、世帯合算に入りうるものと、適用区分の書かれたもの",
    (
        _FEED,
        *SOURCE,
        _item(
            "beneficiary_no",
            "受給者番号",
            digits(7),
            2,
            of="claims.beneficiary_no receipts.rcpt_patient_beneficiary_no",
        ),
        _item("service_month", "診療年月", MONTH, 7, of="claims.service_month receipts.service_month"),
        _item("visit_date", "受診日", DAY, 7, of="claims.first_visit_date receipts.first_day"),
        _item(
            "institution_code",
            "医療機関コード",
            digits(10),
            7,
            True,
            "claims.institution_code receipts.rcpt_institution_code",
        ),
        _item(
            "care", "入外", code(CARE), 7, of="claims.inpatient_outpatient_code receipts.rcpt_inpatient_outpatient_code"
        ),
        _item("claim_class", "申請の種類", code(CLAIM_CLASS), 7, of="claims.claim_class"),
        _item("copay_yen", "自己負担額", yen(), 7, of="claims.copay_yen receipts.rcpt_self_pay_yen"),
        _item(
            "other_payer_yen",
            "他の公費の負担",
            yen(),
            7,
            of="claims.other_public_expense_yen receipts.rcpt_other_public_yen receipts.rcpt_other_public_copay_yen",
        ),
        _item(
            "total_yen",
            "総医療費(10割)",
            yen(),
            7,
            of="claims.total_medical_cost_yen receipts.rcpt_total_medical_cost_yen",
        ),
        _item(
            "stated_high_yen",
            "書かれた高額療養費",
            yen(None),
            7,
            True,
            "claims.high_cost_benefit_yen receipts.rcpt_high_cost_benefit_yen",
        ),
        _item(
            "stated_supplementary_yen",
            "書かれた附加給付",
            yen(None),
            7,
            True,
            "claims.supplementary_benefit_yen receipts.rcpt_supplementary_benefit_yen",
        ),
        _item("income_class", "適用区分(特記事項)", code(INCOME_CLASS), 7, True),
        _item("many_times", "多数回該当(特記事項)", code(FLAG), 7, True),
    ),
    ("feed", "delivery", "line_no"),
    frozenset({2, 7}),
)

HIGH_COST_ESTIMATES = Record(
    "high_cost_estimates",
    "高額療養費の見込み",
    "世帯合算に入る明細ごとの、同じ保険証の子どもの合計・限度額・見込額。大人の明細は市に届かず、支給額は決めない",
    (
        _FEED,
        *SOURCE,
        _CHILD,
        _item("service_month", "診療年月", MONTH, 7, of="high_cost_entries.service_month"),
        _item("institution_code", "医療機関コード", digits(10), 7, True, "high_cost_entries.institution_code"),
        _item("care", "入外", code(CARE), 7, of="high_cost_entries.care"),
        _item("pool", "合算の組", text(10), 7, of="high_cost_entries.claim_class"),
        _INSURER_NO,
        _SYMBOL,
        _item("counted", "合算に数える", code(FLAG), 7),
        _item("self_yen", "他の公費を除いた自己負担額", yen(), 7, of="high_cost_entries.copay_yen"),
        Item("household_children", "合算した子どもの数", count(99)),
        Item("household_lines", "合算した明細の数", count(9999)),
        _item("household_self_yen", "合算した自己負担額", yen(), 7, of="high_cost_entries.copay_yen"),
        _item("household_total_yen", "合算した総医療費", yen(), 7, of="high_cost_entries.total_yen"),
        _item(
            "income_class",
            "適用区分",
            code(INCOME_CLASS),
            7,
            True,
            "insurer_answers_known.income_class insurances.income_class high_cost_entries.income_class",
        ),
        _item("class_source", "適用区分の出どころ", code(CLASS_SOURCE), 7, True),
        Item("class_feed", "適用区分の取込元", text(40), nullable=True),
        Item("class_delivery", "適用区分の納品", text(120), nullable=True),
        Item("class_line_no", "適用区分の行", count(99_999_999), nullable=True),
        _item("many_times", "多数回該当", code(FLAG), 7, of="insurer_answers_known.many_times"),
        _item("limit_yen", "限度額", yen(), 7, True),
        _item("lowest_yen", "どの区分でもこれを超えなければ高額療養費のない額", yen(), 7, True),
        Item("limit_article", "限度額の根拠", text(200), nullable=True),
        _item("expected_high_yen", "高額療養費の見込額", yen(), 7, True),
        _item("expected_supplementary_yen", "附加給付の見込額", yen(), 7, True),
        _item("decided_by_nhi", "国保の区分で定める", code(FLAG), 7),
        _item("stated_high_yen", "書かれた高額療養費", yen(None), 7, True, "high_cost_entries.stated_high_yen"),
        _item(
            "stated_supplementary_yen",
            "書かれた附加給付",
            yen(None),
            7,
            True,
            "high_cost_entries.stated_supplementary_yen",
        ),
    ),
    ("feed", "delivery", "line_no"),
    frozenset({2, 7}),
)

HIGH_COST_YEARS = Record(
    "high_cost_years",
    "高額療養費の年間上限の見込み",
    "同じ保険証の子どもの、月ごとの高額療養費の後に残る自己負担が年間上限を超えるもの。保険者の回答と比べるための見込み",
    (
        _item("household", "世帯(保険者番号と記号番号、保険の分からない子どもは住民コード)", text(120), 7),
        _item("pool", "合算の組", text(10), 7),
        _item("year_from", "1年の始まりの月", MONTH, 7),
        _item("income_class", "適用区分", code(INCOME_CLASS), 7, of="high_cost_estimates.income_class"),
        Item("months", "明細のある月の数", count(12)),
        _item("paid_yen", "高額療養費の後の自己負担額", yen(), 7, of="high_cost_estimates.self_yen"),
        _item("cap_yen", "年間上限", yen(), 7),
        _item("expected_yen", "見込まれる償還額", yen(1), 7),
    ),
    ("household", "pool", "year_from"),
    frozenset({7}),
)

HIGH_COST_DIFFERENCES = Record(
    "high_cost_differences",
    "高額療養費・附加給付の相違",
    "申請書・保険者の回答・レセプト・見込みの額が合わない申請と、支給額に使った額、使った理由",
    (
        _item("claim_no", "申請書番号", text(12), 8, of="claims.claim_no"),
        _item("deduction", "控除の種類", code(DEDUCTION), 7),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="high_cost_estimates.child_resident_code"),
        _item("service_month", "診療年月", MONTH, 7, of="claims.service_month"),
        _item("claim_yen", "申請書の額", yen(None), 7, True, "claims.high_cost_benefit_yen"),
        _item("answer_yen", "保険者の回答の額", yen(None), 7, True, "insurer_answers_known.high_cost_benefit_yen"),
        _item("receipt_yen", "レセプトの額", yen(None), 7, True, "high_cost_estimates.stated_high_yen"),
        _item("estimate_yen", "見込額", yen(None), 7, True, "high_cost_estimates.expected_high_yen"),
        _item("used_source", "使った額の出どころ", code(DEDUCTION_SOURCE), 8),
        _item("used_yen", "使った額", yen(None), 8, True),
        Item("why", "使った理由", text(200)),
        _FEED,
        *SOURCE,
    ),
    ("feed", "delivery", "line_no", "deduction"),
    frozenset({2, 7, 8}),
)
