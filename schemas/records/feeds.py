"""The incoming tables, as the city's systems and partners deliver them.

What their files look like (encoding, columns, codes) is in schemas/feeds; here is what one accepted row is.
Every accepted row also says where it came from (SOURCE), every refused one why (refused).
"""

from dataclasses import replace

import polars as pl

from schemas.codes import (
    ACCIDENT,
    ACCOUNT_TYPE,
    ARREARS,
    ARREARS_ITEM,
    BANK_RESULT,
    CARE,
    CHANGE_REASON,
    CLAIM_CLASS,
    DEMAND_CLASS,
    FACILITY,
    FILING,
    FLAG,
    HOUSEHOLD_ROLE,
    IDENTITY_EVIDENCE,
    INCOME_CLASS,
    MATCH_SOURCE,
    MATCH_SUBJECT,
    OVERRIDE,
    PROTECTION,
    RECEIPT_CHANGE,
    RESIDENT_CLASS,
    RESIDENT_FROM,
    RESIDENT_TO,
    SEX,
    TAXED,
    TRANSFER_OFFICE,
)
from schemas.record import DAY, MONTH, Item, Record, Rule, Type, code, count, digits, text, unite, yen
from schemas.records.annex1 import ANNEX1

SOURCE = (
    Item("delivery", "受領番号", text(120), description="受理した納品(ファイル)の名前"),
    Item("line_no", "行", count(99_999_999), description="納品ファイルの行番号(1から)"),
    Item("known_date", "把握日", DAY, description="市がこの行を知った日"),
)

REFUSED_ITEMS = (
    *SOURCE,
    Item("item", "項目", text(200)),
    Item("rule", "規則", text(40)),
    Item("yen", "金額", yen(None, 99_999_999_999), description="この行の統制金額。1行に1度だけ数える"),
    Item("row_text", "元の行", text(20_000), frozenset({2}), description="受け取ったままの1行"),
)


def accepted(record: Record) -> Record:
    """The record of a feed's accepted rows: the feed's items, then where the row came from.

    A key comes once per delivery; a later delivery of the same partition may state it again.
    """
    return replace(record, items=unite(record.items, SOURCE), key=(*record.key, "delivery"))


def refused(record: Record) -> Record:
    """The record of a feed's refused rows: one line per broken rule."""
    return Record(
        name=f"{record.name}_refused",
        label=f"{record.label}・拒否行",
        description=f"{record.label}のうち規則に合わず取り込まなかった行と、その理由",
        items=REFUSED_ITEMS,
        key=("delivery", "line_no", "item", "rule"),
        purposes=record.purposes | {2},
    )


def _of(name: str, rename: str = "", required: bool = False) -> Item:
    """An annex-1 item as it stands, under another name or as required."""
    item = ANNEX1[name]
    return replace(item, name=rename or name, nullable=item.nullable and not required)


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False) -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable)


HISTORY = (
    _item("history_no", "履歴番号", count(9999), 2),
    _item("history_branch_no", "履歴番号枝番", count(99), 2),
    _item("latest_flag", "最新フラグ", code(FLAG), 2),
    _item("deleted_flag", "削除フラグ", code(FLAG), 2),
    _item("operated_date", "操作年月日", DAY, 2),
)
HISTORY_KEY = ("resident_code", "history_no", "history_branch_no")


def _interval_rule(first: str, last: str) -> Rule:
    return Rule("期間の前後", (first, last), pl.col(last) < pl.col(first), "終了日が開始日より前です")


def _interval(name: str, label: str, description: str, items: tuple[Item, ...], purposes: set[int]) -> Record:
    """A scheme another office runs: a person, from a day, to a day (the first day it no longer holds)."""
    return Record(
        name,
        label,
        description,
        unite(
            (_item("resident_code", "宛名番号", digits(15), 2),),
            items,
            (
                _item("start_date", "開始年月日", DAY, 9),
                _item("end_date", "終了年月日", DAY, 9, nullable=True),
            ),
            HISTORY,
        ),
        HISTORY_KEY,
        frozenset(purposes | {2, 9}),
        (_interval_rule("start_date", "end_date"),),
    )


RESIDENTS = Record(
    "residents",
    "住民基本台帳",
    "住民と世帯。異動のたびに1行が丸ごと届く",
    unite(
        (
            _item("resident_code", "宛名番号", digits(15), 2),
            _item("household_no", "世帯番号", digits(15), 5),
            _item("resident_class", "住民区分", code(RESIDENT_CLASS), 5),
            _item("change_date", "異動年月日", DAY, 5),
            _item("change_reason", "異動事由", code(CHANGE_REASON), 5),
            _item("name", "氏名", text(100), 3),
            _item("name_kana", "氏名フリガナ", text(100), 3),
            _item("native_name", "本国名", text(100), 3, nullable=True),
            _item("alias_name", "通称", text(100), 3, nullable=True),
            _item("use_native_name", "本国名使用", code(FLAG), 5),
            _item("sex", "性別", code(SEX), 3),
            _item("birth_date", "生年月日", DAY, 3),
            _item("household_role", "続柄", code(HOUSEHOLD_ROLE), 5),
            _item("postal_code", "郵便番号", digits(7), 3),
            _item("address", "住所", text(200), 3),
            _item("katagaki", "方書", text(100), 3, nullable=True),
            _item("resident_from_date", "住民となった年月日", DAY, 5),
            _item("resident_from_reason", "住民となった事由", code(RESIDENT_FROM), 5),
            _item("resident_to_date", "住民でなくなった年月日", DAY, 5, nullable=True),
            _item("resident_to_reason", "住民でなくなった事由", code(RESIDENT_TO), 5, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 3, 5}),
    (
        Rule(
            "生年月日が先",
            ("birth_date", "resident_from_date"),
            pl.col("resident_from_date") < pl.col("birth_date"),
            "住民となった日が生年月日より前です",
        ),
        _interval_rule("resident_from_date", "resident_to_date"),
        Rule(
            "消除の組",
            ("resident_to_date", "resident_to_reason"),
            pl.col("resident_to_date").is_null() != pl.col("resident_to_reason").is_null(),
            "住民でなくなった日と事由は組で届く",
        ),
    ),
)

NONRESIDENTS = Record(
    "nonresidents",
    "住登外者",
    "市に住民票のない保護者など。名寄せ先をもつことがある",
    unite(
        (
            _item("resident_code", "宛名番号", digits(15), 2),
            _item("name", "氏名", text(100), 3),
            _item("name_kana", "氏名フリガナ", text(100), 3),
            _item("sex", "性別", code(SEX), 3),
            _item("birth_date", "生年月日", DAY, 3),
            _item("municipality_code", "市区町村コード", digits(6), 3),
            _item("postal_code", "郵便番号", digits(7), 3),
            _item("address", "住所", text(200), 3),
            _item("katagaki", "方書", text(100), 3, nullable=True),
            _item("in_japan", "国内に住民票", code(FLAG), 5),
            _item("same_person_code", "名寄せ先宛名番号", digits(15), 2, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 3, 5}),
)

PROTECTED_PERSONS = Record(
    "protected_persons",
    "支援措置対象者",
    "住所を知られてはならない人とその期間",
    unite(
        (
            _item("resident_code", "宛名番号", digits(15), 2),
            _item("protection", "支援措置区分", code(PROTECTION), 5),
            _item("start_date", "開始年月日", DAY, 5),
            _item("end_date", "終了年月日", DAY, 5, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 5}),
    (_interval_rule("start_date", "end_date"),),
)

_TAX_ITEMS = [item.name for item in ANNEX1.items if item.no in {*range(24, 45), *range(46, 49)}]

RESIDENT_TAXES = Record(
    "resident_taxes",
    "個人住民税",
    "年度ごとの所得・控除・扶養。未申告は0ではない",
    unite(
        (
            _item("resident_code", "宛名番号", digits(15), 2),
            _item("tax_year", "課税年度", count(2100, 2008), 6),
            _item("revision_no", "課税情報履歴番号", count(9999), 6),
            _item("filing", "申告区分", code(FILING), 6),
            _item("taxed", "課税区分", code(TAXED), 6, nullable=True),
        ),
        map(_of, _TAX_ITEMS),
    ),
    ("resident_code", "tax_year", "revision_no"),
    frozenset({2, 6}),
    (
        Rule(
            "未申告に所得",
            ("filing", "total_income_yen"),
            (pl.col("filing") == "0") & pl.col("total_income_yen").is_not_null(),
            "未申告なのに総所得金額があります",
        ),
        Rule(
            "障害の重複",
            ("self_ordinary_disability", "self_special_disability"),
            (pl.col("self_ordinary_disability") == "1") & (pl.col("self_special_disability") == "1"),
            "普通障害と特別障害の両方に該当しています",
        ),
    ),
)

MUNICIPAL_ANSWERS = Record(
    "municipal_answers",
    "他市区町村の回答",
    "前住所地などへの所得照会の回答。宛名番号は入らない。誰のものかは5情報の照合で決まる",
    unite(
        (
            _item("inquiry_no", "照会番号", text(20), 2),
            _item("answer_no", "回答番号", text(20), 2),
            _item("municipality_code", "回答元の市区町村コード", digits(6), 2),
            _item("permitted", "許可照合の結果", code(FLAG), 2),
            _item("name", "氏名", text(100), 3),
            _item("name_kana", "氏名フリガナ", text(100), 3, nullable=True),
            _item("sex", "性別", code(SEX), 3),
            _item("birth_date", "生年月日", DAY, 3),
            _item("address", "住所", text(200), 3, nullable=True),
            _item("tax_year", "課税年度", count(2100, 2008), 6),
            _item("filing", "申告区分", code(FILING), 6),
            _item("taxed", "課税区分", code(TAXED), 6, nullable=True),
        ),
        map(_of, _TAX_ITEMS),
        (_item("answered_date", "回答年月日", DAY, 2),),
    ),
    ("answer_no",),
    frozenset({2, 3, 6}),
    (
        Rule(
            "許可照合",
            ("permitted",),
            pl.col("permitted") != "1",
            "番号法19条9号で許された照会と確かめられていない回答です",
        ),
        *RESIDENT_TAXES.rules,
    ),
)

IDENTITY_DECISIONS = Record(
    "identity_decisions",
    "照合の決定",
    "照合で人が確認した結果。どの宛名番号の人か、または誰でもないか。決め直しは新しい履歴の行で届く",
    (
        _item("decision_no", "決定番号", text(20), 8),
        _item("revision_no", "履歴番号", count(9999), 8),
        _item("source_feed", "照合したもの", code(MATCH_SOURCE), 8),
        _item("source_no", "申請番号・回答番号", text(20), 8),
        _item("subject", "照合した人", code(MATCH_SUBJECT), 8),
        _item("resident_code", "宛名番号", digits(15), 2, nullable=True),
        _item("why", "理由", text(400), 8),
        _item("operator_code", "決定者", text(20), 8),
        _item("decided_date", "決定年月日", DAY, 8),
    ),
    ("decision_no", "revision_no"),
    frozenset({2, 8}),
    (
        Rule(
            "照合した人の組",
            ("source_feed", "subject"),
            (pl.col("source_feed") == "municipal_answers") != (pl.col("subject") == "person"),
            "申請は子どもか保護者、回答は対象者です",
        ),
    ),
)

NATIONAL_HEALTH_INSURANCE = Record(
    "national_health_insurance",
    "国民健康保険",
    "国保の資格の得喪と、限度額適用認定の区分",
    unite(
        (
            _item("resident_code", "宛名番号", digits(15), 2),
            _item("insurer_no", "保険者番号", digits(8), 7),
            _item("symbol_number", "記号番号", text(80), 7),
            _item("insured_branch_no", "枝番", digits(2), 7),
            _item("start_date", "取得年月日", DAY, 7),
            _item("end_date", "喪失年月日", DAY, 7, nullable=True),
            _item("income_class", "適用区分", code(INCOME_CLASS), 7, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 7}),
    (_interval_rule("start_date", "end_date"),),
)

PUBLIC_ASSISTANCE = _interval(
    "public_assistance",
    "生活保護",
    "保護の開始・停止・廃止。停止は廃止ではない",
    (
        _item("office_code", "福祉事務所コード", digits(6), 9),
        _item("case_no", "ケース番号", text(10), 9),
        _item("suspended_from_date", "停止年月日", DAY, 9, nullable=True),
        _item("suspended_to_date", "停止解除年月日", DAY, 9, nullable=True),
        _item("medical_aid", "医療扶助", code(FLAG), 9),
    ),
    {9},
)

SEVERE_DISABILITY = _interval(
    "severe_disability",
    "重度心身障害者医療",
    "重度心身障害者医療費の受給資格",
    (_item("scheme_beneficiary_no", "受給者番号", text(30), 9),),
    {9},
)

SINGLE_PARENT = _interval(
    "single_parent",
    "ひとり親家庭等医療",
    "ひとり親家庭等医療費の受給資格(子ども1人に1行)",
    (_item("scheme_beneficiary_no", "受給者番号", text(30), 9),),
    {9},
)

FACILITIES = _interval(
    "facilities",
    "施設入所等",
    "施設入所・里親委託など、他の医療費助成がある期間",
    (_item("facility", "施設等の区分", code(FACILITY), 9),),
    {9},
)

ARREARS_FLAGS = Record(
    "arrears",
    "滞納",
    "保護者と配偶者の科目ごとの滞納の有無。令和6年10月以後の診療では使わない",
    (
        _item("resident_code", "宛名番号", digits(15), 2),
        _item("arrears_item", "科目", code(ARREARS_ITEM), 6),
        _item("arrears", "滞納の有無", code(ARREARS), 6),
        _item("base_date", "基準日", DAY, 6),
    ),
    ("resident_code", "arrears_item", "base_date"),
    frozenset({2, 6}),
)

INSURER_ANSWERS = Record(
    "insurer_answers",
    "保険者の回答",
    "高額療養費・附加給付・適用区分についての保険者の回答",
    (
        _item("answer_no", "回答番号", text(20), 7),
        _item("child_resident_code", "子ども住民コード", digits(15), 2),
        _item("insurer_no", "保険者番号", digits(8), 7),
        _of("service_month", required=True),
        _item("institution_code", "医療機関コード", digits(10), 7, nullable=True),
        _item("care", "入外コード", code(CARE), 7),
        _item("income_class", "適用区分", code(INCOME_CLASS), 7, nullable=True),
        _item("many_times", "多数回該当", code(FLAG), 7),
        _of("high_cost_benefit_yen", required=True),
        _of("supplementary_benefit_yen", required=True),
        _item("answered_date", "回答年月日", DAY, 7),
    ),
    ("answer_no",),
    frozenset({2, 7}),
)

_MAIL_ITEMS = [item.name for item in ANNEX1.items if item.no in {*range(78, 88), *range(118, 123)}]

APPLICATIONS = Record(
    "applications",
    "受給資格登録申請",
    "受給資格の登録・更新・変更の申請。氏名などは申請書に書かれたまま。受給者番号は窓口で付番済みのときだけ入る",
    unite(
        (
            _item("application_no", "申請番号", text(20), 8),
            _of("application_type"),
            _of("application_reason"),
            _of("application_date"),
            _of("event_date"),
            _item("identity_evidence", "本人確認", code(IDENTITY_EVIDENCE), 8),
            _of("beneficiary_no"),
            _of("child_resident_code"),
            _of("child_name"),
            _of("child_name_kana", required=True),
            _of("child_birth_date"),
            _of("child_sex"),
            _of("child_address"),
            _of("guardian_resident_code"),
            _of("guardian_name"),
            _of("guardian_name_kana", required=True),
            _item("spouse_resident_code", "配偶者住民コード", digits(15), 2, nullable=True),
            _of("relationship_from_guardian"),
            _of("supported_children_count"),
            _of("insured_class", required=True),
            _of("insurance_type_code", required=True),
            _item("insurer_no", "保険者番号", digits(8), 7),
            _of("insured_person_resident_code"),
            _of("insurance_symbol_number", required=True),
            _of("bank_code", required=True),
            _of("branch_code", required=True),
            _item("account_type", "預金種目", code(ACCOUNT_TYPE), 8),
            _of("account_number", required=True),
            _of("account_holder_kana", required=True),
        ),
        map(_of, _MAIL_ITEMS),
        (_of("memo"),),
    ),
    ("application_no",),
    frozenset({2, 3, 4, 5, 6, 7, 8}),
)

CLAIMS = Record(
    "claims",
    "医療費支給申請",
    "償還払いの申請書1枚。医療機関・診療月・入外ごと",
    (
        _item("claim_no", "申請書番号", text(12), 8),
        _of("beneficiary_no", required=True),
        _of("claim_branch_no", required=True),
        _of("application_date"),
        _item("claim_class", "申請の種類", code(CLAIM_CLASS), 7),
        _of("service_month", required=True),
        _of("first_visit_date", required=True),
        _of("treatment_end_date", required=True),
        _of("institution_code"),
        _of("department_code"),
        _of("inpatient_outpatient_code", required=True),
        _of("treatment_days", required=True),
        _of("total_medical_cost_yen", required=True),
        _of("copay_yen", required=True),
        _of("partial_payment_yen", required=True),
        _of("drug_copay_yen"),
        _of("other_adjustment_yen"),
        _of("supplementary_benefit_yen"),
        _of("high_cost_benefit_yen"),
        _of("other_public_expense_yen"),
        _of("other_public_item_code"),
        _item("accident", "災害共済・第三者行為", code(ACCIDENT), 7),
        _item("outside_prefecture", "県外受診", code(FLAG), 7),
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

_RECEIPT_ITEMS = [item.name for item in ANNEX1.items if item.no in set(range(123, 149))]
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
    _item("rcpt_search_no", "検索番号", text(30), 7, nullable=True),
    _item("rcpt_income_class", "特記事項の適用区分", code(INCOME_CLASS), 7, nullable=True),
    _item("rcpt_many_times", "特記事項の多数回該当", code(FLAG), 7, nullable=True),
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
            _item("review_body", "審査支払機関", digits(1), 7),
            _item("billing_month", "請求年月", MONTH, 7),
            _item("receipt_no", "レセプト番号", digits(6), 7),
            _item("receipt_change", "過誤区分", code(RECEIPT_CHANGE), 7),
            _of("service_month", required=True),
            _item("insurer_no", "保険者番号", digits(8), 7),
            _item("first_day", "診療開始日", DAY, 7, nullable=True),
        ),
        (_of(name, required=name in _RECEIPT_REQUIRED) for name in _RECEIPT_ITEMS),
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

DEMAND_TOTAL = "9"
"""請求区分 of the line that adds up the others."""
_IS_TOTAL = pl.col("demand_class") == DEMAND_TOTAL
_OF_A_LINE = ("service_month", "care", "fee_unit_sen")


def _unlike_its_total(name: str) -> pl.Expr:
    """Whether the lines of a 請求書 do not add up to its total line."""
    signed = pl.when(_IS_TOTAL).then(-pl.col(name)).otherwise(name)
    return signed.sum().over("review_body", "billing_month") != 0


REVIEW_BODY_DEMANDS = Record(
    "review_body_demands",
    "審査支払機関の請求",
    "審査支払機関の毎月の請求書。請求区分・診療年月・種別ごとの件数・請求額・手数料と、合計の行。合計が合わないか"
    "1行でも誤りがあれば、その請求書のどの行も受け付けない",
    (
        _item("review_body", "審査支払機関", digits(1), 7),
        _item("billing_month", "請求年月", MONTH, 7),
        _item("demand_class", "請求区分", code(DEMAND_CLASS), 7),
        _item("service_month", "診療年月", MONTH, 7, nullable=True),
        _item("care", "種別(入外コード)", code(CARE), 7, nullable=True),
        _item("receipts", "件数", count(9_999_999), 7),
        _item("amount_yen", "請求額", yen(None, 99_999_999_999), 7),
        _item("fee_unit_sen", "手数料の単価(銭)", count(9_999_999), 7, nullable=True),
        _item("fee_yen", "審査支払手数料", yen(None, 99_999_999_999), 7),
    ),
    ("review_body", "billing_month", "demand_class", "service_month", "care"),
    frozenset({7}),
    (
        Rule(
            "手数料の計算",
            ("receipts", "fee_unit_sen", "fee_yen"),
            (pl.col("fee_yen").abs() * 100 - pl.col("receipts") * pl.col("fee_unit_sen")).abs() >= 100,
            "手数料が件数×単価ではありません(1円未満の端数を除く)",
        ),
        Rule(
            "請求額の符号",
            ("amount_yen", "demand_class"),
            ((pl.col("demand_class") == "0") & (pl.col("amount_yen") < 0))
            | (pl.col("demand_class").is_in(["1", "2"]) & (pl.col("amount_yen") > 0)),
            "当初の請求額が負か、返戻・過誤の請求額が正です",
        ),
        Rule(
            "請求区分と項目",
            ("demand_class", *_OF_A_LINE),
            pl.any_horizontal(pl.col(name).is_null() != _IS_TOTAL for name in _OF_A_LINE),
            "合計の行に診療年月・種別・単価があるか、ほかの行にありません",
        ),
        Rule(
            "合計",
            ("receipts", "amount_yen", "fee_yen", "demand_class"),
            pl.any_horizontal(_unlike_its_total(name) for name in ("receipts", "amount_yen", "fee_yen")),
            "明細の件数・請求額・手数料の計が合計の行と違います",
        ),
    ),
    together=("review_body", "billing_month"),
)

TRANSFER_REQUESTS = Record(
    "transfer_requests",
    "移転の照会",
    "他課からの照会。情報資産利用依頼書の番号と根拠条項がなければ受け付けない",
    (
        _item("request_no", "照会番号", text(20), 2),
        _item("request_form_no", "依頼書番号", text(30), 2),
        _item("office", "照会元", code(TRANSFER_OFFICE), 9),
        _item("article", "根拠条項", text(100), 9),
        _item("resident_code", "対象者住民コード", digits(15), 2),
        _item("base_date", "基準日", DAY, 9),
        _item("requested_date", "照会年月日", DAY, 9),
    ),
    ("request_no", "resident_code"),
    frozenset({2, 9}),
)

OVERRIDES = Record(
    "overrides",
    "強制修正・保留",
    "職員が決めた資格の扱い。誰が・なぜ・いつからいつまで。取りやめは新しい履歴の行で届き、行は消えない",
    (
        _item("override_no", "強制修正番号", text(20), 8),
        _item("revision_no", "履歴番号", count(9999), 8),
        _item("child_resident_code", "子ども住民コード", digits(15), 2),
        _item("start_date", "開始年月日", DAY, 8),
        _item("end_date", "終了年月日", DAY, 8, nullable=True),
        _item("outcome", "扱い", code(OVERRIDE), 8),
        _item("why", "理由", text(400), 8),
        _item("operator_code", "入力者", text(20), 8),
        _item("approver_code", "承認者", text(20), 8),
        _item("entered_date", "入力年月日", DAY, 8),
        _item("withdrawn", "取りやめ", code(FLAG), 8),
    ),
    ("override_no", "revision_no"),
    frozenset({2, 8}),
    (
        _interval_rule("start_date", "end_date"),
        Rule(
            "入力者と承認者",
            ("operator_code", "approver_code"),
            pl.col("operator_code") == pl.col("approver_code"),
            "入力者と承認者が同じです",
        ),
    ),
)

BANK_RESULTS = Record(
    "bank_results",
    "振込結果",
    "銀行から届いた結果。突き合わせは支払番号・金額・口座で行い、氏名では行わない",
    (
        _item("payment_no", "支払番号", digits(10), 8),
        _item("bank_code", "銀行コード", digits(4), 8),
        _item("branch_code", "支店コード", digits(3), 8),
        _item("account_type", "預金種目", code(ACCOUNT_TYPE), 8),
        _item("account_number", "口座番号", digits(7), 8),
        _item("amount_yen", "振込金額", yen(1), 8),
        _item("result", "結果", code(BANK_RESULT), 8),
        _item("reason_text", "理由", text(100), 8, nullable=True),
        _item("value_date", "振込指定日", DAY, 8),
    ),
    ("payment_no", "value_date"),
    frozenset({8}),
)

DAILY = (
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
    TRANSFER_REQUESTS,
    BANK_RESULTS,
)
MONTHLY = (RESIDENT_TAXES, ARREARS_FLAGS, INSURER_ANSWERS, CLAIMS, RECEIPTS, REVIEW_BODY_DEMANDS)
FEEDS = {record.name: record for record in (*DAILY, *MONTHLY)}

CONTROL_YEN: dict[str, tuple[str, ...]] = {
    "insurer_answers": ("high_cost_benefit_yen", "supplementary_benefit_yen"),
    "claims": ("partial_payment_yen",),
    "receipts": ("rcpt_public_expense_yen",),
    "review_body_demands": ("amount_yen", "fee_yen"),
    "bank_results": ("amount_yen",),
}
"""The items whose sum is a feed's control total in yen; a feed without money has none (total 0)."""
