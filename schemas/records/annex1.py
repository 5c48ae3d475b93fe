"""別添1: the 158 items of 子ども医療費受給者台帳ファイル, in the published order.

The Japanese names are the source document's own (評価書22, 令和8年2月3日, 別添1); type, length and codes of
items the document only names are readings and say `confirmed=False`. Items of an application or a receipt
(88–111, 123–148) are nullable here: a child without one still has a row. No item holds a 個人番号.
"""

from schemas.codes import (
    APPLICATION_REASON,
    APPLICATION_TYPE,
    ARREARS,
    BENEFIT_CLASS,
    CARE,
    COLLECTION,
    DECISION_REASON,
    DECISION_RESULT,
    DEPARTMENT,
    FLAG,
    FUNDING_CLASS,
    INSURANCE_TYPE,
    INSURED_CLASS,
    JUDGEMENT,
    MEDICAL_SCHEME,
    OTHER_PAYER,
    PAYMENT_METHOD,
    REJECTION,
    RELATIONSHIP,
    RESIDENT_CLASS,
    RESIDENT_FROM,
    RESIDENT_TO,
    SCHEME_CLASS,
    SEX,
    SPOUSE_CLASS,
    SUBSIDY_CLASS,
    TAX_STATUS,
    TRANSFER_RESULT,
    WIDOW_CLASS,
)
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, yen

BASIC_REGISTER = "住民基本台帳"
TAX = "個人住民税"
APPLICATION = "受給資格登録申請書"
CLAIM = "医療費支給申請書"
RECEIPT = "国保連・支払基金"
ARREARS_OFFICES = "収納・滞納の各所管"
OWN = "児童福祉システム"


_PERSON = ("resident_code name name_kana birth_date birth_date sex resident_class address katagaki"
           " resident_from_date resident_from_reason resident_to_date resident_to_reason").split()
_GUARDIAN = "resident_code name name_kana birth_date sex address katagaki".split()


def _origin(no: int, name: str) -> tuple[str, ...]:
    """The tables an item of the register is read from."""
    if no <= 13:
        return (f"persons.{_PERSON[no - 1]}",)
    if no <= 20:
        return (f"persons.{_GUARDIAN[no - 14]}",)
    if no in (22, 23):
        return (f"eligibility.{'start_date' if no == 22 else 'end_date'}",)
    if 24 <= no <= 48 and no != 45:
        return (f"resident_taxes_known.{name}",)
    if no in (57, 58, 59, 60, 65):
        return (f"certificates.{name}",)
    if no in (21, 45, 49, 50, 51, 52, 61, 68, 69, 70, 71, 73, 75, 76, 77, *range(78, 88), *range(118, 123)):
        return (f"applications_known.{name}",)
    if no >= 151:
        return ("arrears_known.arrears",)
    return ()


def _item(
    no: int,
    name: str,
    label: str,
    kind: Type,
    source: str,
    purposes: set[int],
    nullable: bool = False,
    confirmed: bool = True,
) -> Item:
    return Item(
        name,
        label,
        kind,
        frozenset(purposes),
        nullable,
        source=source,
        no=no,
        of=_origin(no, name),
        confirmed=confirmed,
    )


ITEMS: tuple[Item, ...] = (
    _item(1, "child_resident_code", "子ども住民コード", digits(15), BASIC_REGISTER, {2}, confirmed=False),
    _item(2, "child_name", "子ども氏名", text(100), BASIC_REGISTER, {3}),
    _item(3, "child_name_kana", "子ども氏名カナ", text(100), BASIC_REGISTER, {3}, nullable=True),
    _item(4, "child_birth_date", "子ども生年月日", DAY, BASIC_REGISTER, {3}, confirmed=False),
    _item(5, "child_age", "子ども年齢", count(120), OWN, {5}, nullable=True),
    _item(6, "child_sex", "子ども性別", code(SEX), BASIC_REGISTER, {3}, confirmed=False),
    _item(7, "child_resident_class", "子ども住民区分", code(RESIDENT_CLASS), BASIC_REGISTER, {5}, confirmed=False),
    _item(8, "child_address", "子ども住所", text(200), BASIC_REGISTER, {3}),
    _item(9, "child_address_katagaki", "子ども方書", text(100), BASIC_REGISTER, {3}, nullable=True),
    _item(10, "child_resident_from_date", "子ども住民となった日", DAY, BASIC_REGISTER, {5}),
    _item(11, "child_resident_from_reason", "子ども住民となった事由", code(RESIDENT_FROM), BASIC_REGISTER, {5}, confirmed=False),
    _item(12, "child_resident_to_date", "子ども住民でなくなった日", DAY, BASIC_REGISTER, {5}, nullable=True),
    _item(13, "child_resident_to_reason", "子ども住民でなくなった事由", code(RESIDENT_TO), BASIC_REGISTER, {5}, nullable=True, confirmed=False),
    _item(14, "guardian_resident_code", "保護者住民コード", digits(15), BASIC_REGISTER, {2}),
    _item(15, "guardian_name", "保護者氏名", text(100), BASIC_REGISTER, {3}),
    _item(16, "guardian_name_kana", "保護者氏名カナ", text(100), BASIC_REGISTER, {3}, nullable=True, confirmed=False),
    _item(17, "guardian_birth_date", "保護者生年月日", DAY, BASIC_REGISTER, {3}),
    _item(18, "guardian_sex", "保護者性別", code(SEX), BASIC_REGISTER, {3}),
    _item(19, "guardian_address", "保護者住所", text(200), BASIC_REGISTER, {3}),
    _item(20, "guardian_address_katagaki", "保護者方書", text(100), BASIC_REGISTER, {3}, nullable=True),
    _item(21, "relationship_from_guardian", "本人から見た続柄", code(RELATIONSHIP), BASIC_REGISTER, {5}, confirmed=False),
    _item(22, "eligible_from_date", "該当日", DAY, OWN, {8}, nullable=True),
    _item(23, "eligible_to_date", "非該当日", DAY, OWN, {8}, nullable=True, confirmed=False),
    _item(24, "forestry_income_yen", "山林所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(25, "commodity_futures_income_1_yen", "商品先物所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(26, "commodity_futures_income_2_yen", "商品先物所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(27, "total_income_yen", "総所得金額", yen(None, 99_999_999_999), TAX, {6}, nullable=True),
    _item(28, "retirement_income_yen", "退職所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True),
    _item(29, "capital_gain_before_deduction_1_yen", "特別控除前譲渡所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(30, "capital_gain_before_deduction_2_yen", "特別控除前譲渡所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(31, "land_business_income_yen", "土地等事業所得", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(32, "self_ordinary_disability", "本人普通障害該当", code(FLAG), TAX, {6}),
    _item(33, "widow_class", "寡婦区分", code(WIDOW_CLASS), TAX, {6}, confirmed=False),
    _item(34, "working_student", "勤労学生該当", code(FLAG), TAX, {6}),
    _item(35, "medical_expense_deduction_yen", "医療費控除", yen(None, 99_999_999_999), TAX, {6}, nullable=True),
    _item(36, "casualty_loss_deduction_yen", "雑損控除", yen(None, 99_999_999_999), TAX, {6}, nullable=True),
    _item(37, "social_insurance_deduction_yen", "社会保険料控除", yen(None, 99_999_999_999), TAX, {6}, nullable=True, confirmed=False),
    _item(38, "small_business_mutual_deduction_yen", "小規模共済等控除", yen(None, 99_999_999_999), TAX, {6}, nullable=True),
    _item(39, "self_special_disability", "本人特別障害該当", code(FLAG), TAX, {6}),
    _item(40, "dependent_ordinary_disability_count", "その他障害扶養", count(99), TAX, {6}),
    _item(41, "dependent_special_disability_count", "特別障害扶養", count(99), TAX, {6}),
    _item(42, "elderly_self_flag", "老年者該当", code(FLAG), TAX, {6}),
    _item(43, "spouse_deduction_class", "控除対象配偶者", code(SPOUSE_CLASS), TAX, {6}, confirmed=False),
    _item(44, "dependents_0_15_count", "0～15歳の扶養数", count(99), TAX, {6}),
    _item(45, "supported_children_count", "生計維持児童数", count(99), APPLICATION, {6}),
    _item(46, "other_dependents_count", "その他扶養数", count(99), TAX, {6}),
    _item(47, "specified_dependents_count", "特定扶養数", count(99), TAX, {6}),
    _item(48, "elderly_dependents_count", "老人扶養数", count(99), TAX, {6}, confirmed=False),
    _item(49, "application_type", "申請種別", code(APPLICATION_TYPE), APPLICATION, {8}, confirmed=False),
    _item(50, "application_reason", "申請理由", code(APPLICATION_REASON), APPLICATION, {8}, confirmed=False),
    _item(51, "application_date", "申請年月日", DAY, APPLICATION, {8}),
    _item(52, "event_date", "事由発生年月日", DAY, APPLICATION, {8}, confirmed=False),
    _item(53, "decision_date", "決定年月日", DAY, OWN, {8}, nullable=True),
    _item(54, "decision_registered_date", "決定内容登録日", DAY, OWN, {8}, nullable=True),
    _item(55, "decision_result", "決定結果", code(DECISION_RESULT), OWN, {8}, nullable=True, confirmed=False),
    _item(56, "decision_reason", "決定理由", code(DECISION_REASON), OWN, {8}, nullable=True, confirmed=False),
    _item(57, "beneficiary_no", "受給者番号", digits(7), OWN, {2}, nullable=True),
    _item(58, "valid_from_date", "有効期間開始日", DAY, OWN, {8}, nullable=True),
    _item(59, "valid_to_date", "有効期間終了日", DAY, OWN, {8}, nullable=True),
    _item(60, "subsidy_class", "助成区分", code(SUBSIDY_CLASS), OWN, {8}, nullable=True, confirmed=False),
    _item(61, "insured_class", "被用区分", code(INSURED_CLASS), APPLICATION, {7}, nullable=True, confirmed=False),
    _item(62, "benefit_class", "給付区分", code(BENEFIT_CLASS), OWN, {8}, nullable=True, confirmed=False),
    _item(63, "scheme_class", "制度区分", code(SCHEME_CLASS), OWN, {8}, nullable=True, confirmed=False),
    _item(64, "funding_class", "費用区分", code(FUNDING_CLASS), OWN, {8}, nullable=True, confirmed=False),
    _item(65, "public_payer_no", "公費負担者番号", digits(8), OWN, {8}, nullable=True),
    _item(66, "use_native_name_child", "本国名使用有無フラグ", code(FLAG), BASIC_REGISTER, {5}),
    _item(67, "use_native_name_guardian", "保護者本国名使用有無フラグ", code(FLAG), BASIC_REGISTER, {5}),
    _item(68, "insurance_type_code", "保険種別コード", code(INSURANCE_TYPE), APPLICATION, {7}, nullable=True, confirmed=False),
    _item(69, "insured_person_resident_code", "被保険者住民コード", digits(15), APPLICATION, {2}, nullable=True),
    _item(70, "insurance_symbol_number", "記号番号", text(80), APPLICATION, {7}, nullable=True, confirmed=False),
    _item(71, "bank_code", "銀行コード", digits(4), APPLICATION, {8}, nullable=True),
    _item(72, "bank_name_kana", "銀行名カナ", text(15), APPLICATION, {8}, nullable=True),
    _item(73, "branch_code", "支店コード", digits(3), APPLICATION, {8}, nullable=True),
    _item(74, "branch_name_kana", "支店名カナ", text(15), APPLICATION, {8}, nullable=True),
    _item(75, "account_number", "口座番号", digits(7), APPLICATION, {8}, nullable=True),
    _item(76, "account_holder_kana", "口座名義人カナ", text(30), APPLICATION, {8}, nullable=True),
    _item(77, "memo", "メモ情報", text(400), OWN, {8}, nullable=True),
    _item(78, "mailing_name_kana", "送付先カナ氏名", text(100), APPLICATION, {4}, nullable=True),
    _item(79, "mailing_name", "送付先漢字氏名", text(100), APPLICATION, {4}, nullable=True),
    _item(80, "mailing_postal_code", "送付先郵便番号", digits(7), APPLICATION, {4}, nullable=True),
    _item(81, "mailing_address", "送付先住所", text(200), APPLICATION, {4}, nullable=True),
    _item(82, "mailing_katagaki", "送付先方書", text(100), APPLICATION, {4}, nullable=True),
    _item(83, "residence_name_kana", "居住地カナ氏名", text(100), APPLICATION, {4}, nullable=True, confirmed=False),
    _item(84, "residence_name", "居住地漢字氏名", text(100), APPLICATION, {4}, nullable=True),
    _item(85, "residence_postal_code", "居住地郵便番号", digits(7), APPLICATION, {4}, nullable=True),
    _item(86, "residence_address", "居住地住所", text(200), APPLICATION, {4}, nullable=True),
    _item(87, "residence_katagaki", "居住地方書", text(100), APPLICATION, {4}, nullable=True),
    _item(88, "claim_branch_no", "申請書枝番", count(999), CLAIM, {7}, nullable=True),
    _item(89, "service_month", "診療年月", MONTH, CLAIM, {7}, nullable=True),
    _item(90, "first_visit_date", "初診日", DAY, CLAIM, {7}, nullable=True),
    _item(91, "treatment_end_date", "診療終了年月日", DAY, CLAIM, {7}, nullable=True),
    _item(92, "institution_code", "医療機関コード", digits(10), CLAIM, {7}, nullable=True),
    _item(93, "department_code", "診療科コード", code(DEPARTMENT), CLAIM, {7}, nullable=True, confirmed=False),
    _item(94, "inpatient_outpatient_code", "入外コード", code(CARE), CLAIM, {7}, nullable=True, confirmed=False),
    _item(95, "treatment_days", "診療日数", count(99), CLAIM, {7}, nullable=True),
    _item(96, "total_medical_cost_yen", "総医療費", yen(), CLAIM, {7}, nullable=True),
    _item(97, "copay_yen", "自己負担金額", yen(), CLAIM, {7}, nullable=True),
    _item(98, "partial_payment_yen", "一部負担額", yen(), CLAIM, {7}, nullable=True),
    _item(99, "drug_copay_yen", "薬剤負担額", yen(), CLAIM, {7}, nullable=True, confirmed=False),
    _item(100, "other_adjustment_yen", "その他調整額", yen(None), OWN, {7}, nullable=True),
    _item(101, "supplementary_benefit_yen", "附加給付額", yen(), CLAIM, {7}, nullable=True),
    _item(102, "high_cost_benefit_yen", "高額療養費", yen(), CLAIM, {7}, nullable=True),
    _item(103, "public_expense_yen", "公費負担額", yen(), OWN, {7}, nullable=True),
    _item(104, "other_public_expense_yen", "他公費負担額", yen(), CLAIM, {7, 9}, nullable=True),
    _item(105, "other_public_item_code", "他公費項目コード", code(OTHER_PAYER), CLAIM, {7, 9}, nullable=True),
    _item(106, "other_public_item", "他公費項目", text(40), OWN, {7, 9}, nullable=True),
    _item(107, "judgement_result", "判定結果", code(JUDGEMENT), OWN, {8}, nullable=True, confirmed=False),
    _item(108, "payment_date", "支払日", DAY, OWN, {8}, nullable=True),
    _item(109, "rejection_reason", "却下事由", code(REJECTION), OWN, {8}, nullable=True, confirmed=False),
    _item(110, "payment_method", "支払方法", code(PAYMENT_METHOD), OWN, {8}, nullable=True, confirmed=False),
    _item(111, "transfer_result", "振込結果", code(TRANSFER_RESULT), OWN, {8}, nullable=True, confirmed=False),
    _item(112, "forced_correction_flag", "強制修正フラグ", code(FLAG), OWN, {8}),
    _item(113, "payment_hold_release_flag", "支払解除フラグ", code(FLAG), OWN, {8}, confirmed=False),
    _item(114, "issue_date", "発行年月日", DAY, OWN, {8}, nullable=True, confirmed=False),
    _item(115, "collection_class", "回収区分", code(COLLECTION), OWN, {8}, nullable=True, confirmed=False),
    _item(116, "collection_date", "回収年月日", DAY, OWN, {8}, nullable=True),
    _item(117, "collection_staff", "回収担当者", text(20), OWN, {8}, nullable=True),
    _item(118, "guardian_mailing_postal_code", "保護者送付先郵便番号", digits(7), APPLICATION, {4}, nullable=True),
    _item(119, "guardian_mailing_address", "保護者送付先住所", text(200), APPLICATION, {4}, nullable=True),
    _item(120, "guardian_mailing_katagaki", "保護者送付先方書", text(100), APPLICATION, {4}, nullable=True),
    _item(121, "guardian_mailing_name_kana", "保護者送付先カナ氏名", text(100), APPLICATION, {4}, nullable=True),
    _item(122, "guardian_mailing_name", "保護者送付先氏名", text(100), APPLICATION, {4}, nullable=True),
    _item(123, "claim_insurance_symbol_number", "記号番号", text(80), RECEIPT, {7}, nullable=True, confirmed=False),
    _item(124, "rcpt_branch_no", "レセプト_枝番", count(99999), RECEIPT, {7}, nullable=True),
    _item(125, "rcpt_insured_class", "レセプト_被用区分", code(INSURED_CLASS), RECEIPT, {7}, nullable=True),
    _item(126, "rcpt_medical_scheme", "レセプト_医療制度", code(MEDICAL_SCHEME), RECEIPT, {7}, nullable=True, confirmed=False),
    _item(127, "rcpt_tax_status", "レセプト_課税状況", code(TAX_STATUS), TAX, {6}, nullable=True),
    _item(128, "rcpt_patient_resident_code", "レセプト_受診者住民コード", digits(15), OWN, {2}, nullable=True),
    _item(129, "rcpt_patient_name", "レセプト_受診者氏名", text(100), RECEIPT, {3}, nullable=True),
    _item(130, "rcpt_patient_sex", "レセプト_受診者性別", code(SEX), RECEIPT, {3}, nullable=True),
    _item(131, "rcpt_patient_birth_date", "レセプト_受診者生年月日", DAY, RECEIPT, {3}, nullable=True),
    _item(132, "rcpt_patient_beneficiary_no", "レセプト_受診者受給者番号", digits(7), RECEIPT, {2}, nullable=True),
    _item(133, "rcpt_institution_code", "レセプト_医療機関コード", digits(10), RECEIPT, {7}, nullable=True),
    _item(134, "rcpt_inpatient_outpatient_code", "レセプト_入外コード", code(CARE), RECEIPT, {7}, nullable=True),
    _item(135, "rcpt_treatment_days", "レセプト_診療日数", count(99), RECEIPT, {7}, nullable=True),
    _item(136, "rcpt_copay_rate", "レセプト_負担割合", count(30), RECEIPT, {7}, nullable=True),
    _item(137, "rcpt_public_payer_no", "レセプト_公費負担者番号", digits(8), RECEIPT, {7}, nullable=True),
    _item(138, "rcpt_total_medical_cost_yen", "レセプト_総医療費", yen(None), RECEIPT, {7}, nullable=True),
    _item(139, "rcpt_self_pay_yen", "レセプト_自己負担額", yen(None), RECEIPT, {7}, nullable=True),
    _item(140, "rcpt_counter_yen", "レセプト_窓口負担額", count(999999999), RECEIPT, {7}, nullable=True),
    _item(141, "rcpt_drug_copay_yen", "レセプト_薬剤一部負担額", yen(None), RECEIPT, {7}, nullable=True),
    _item(142, "rcpt_other_public_payer_no", "レセプト_他法公費番号", digits(8), RECEIPT, {7, 9}, nullable=True),
    _item(143, "rcpt_other_public_yen", "レセプト_他法負担額", yen(None), RECEIPT, {7, 9}, nullable=True),
    _item(144, "rcpt_other_public_copay_yen", "レセプト_他法一部負担額", yen(None), RECEIPT, {7, 9}, nullable=True),
    _item(145, "rcpt_supplementary_benefit_yen", "レセプト_附加給付額", yen(None), RECEIPT, {7}, nullable=True),
    _item(146, "rcpt_high_cost_benefit_yen", "レセプト_高額療養費", yen(None), RECEIPT, {7}, nullable=True),
    _item(147, "rcpt_public_expense_yen", "レセプト_公費負担額", yen(None), RECEIPT, {7}, nullable=True),
    _item(148, "rcpt_revenue_yen", "レセプト_収入額", yen(None), OWN, {7}, nullable=True, confirmed=False),
    _item(149, "inpatient_valid_from_date", "入院有効期間開始日", DAY, OWN, {8}, nullable=True, confirmed=False),
    _item(150, "inpatient_valid_to_date", "入院有効期間終了日", DAY, OWN, {8}, nullable=True),
    _item(151, "arrears_municipal_tax", "市民税滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(152, "arrears_property_city_planning_tax", "固定資産税都市計画税滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(153, "arrears_light_vehicle_tax", "軽自動車税滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(154, "arrears_nhi_tax", "国民健康保険税滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(155, "arrears_city_kindergarten_fee", "市立幼稚園保育料滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(156, "arrears_afterschool_fee", "留守家庭児童保育料滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}, confirmed=False),
    _item(157, "arrears_nursery_fee", "保育所保育料滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
    _item(158, "arrears_school_lunch_fee", "学校給食費滞納の有無", code(ARREARS), ARREARS_OFFICES, {6}),
)

ANNEX1 = Record(
    name="annex1",
    label="子ども医療費受給者台帳ファイル",
    description="別添1の158項目。基準日現在、登録された子ども1人につき1行",
    items=ITEMS,
    key=("child_resident_code",),
    purposes=frozenset(range(2, 10)),
)
