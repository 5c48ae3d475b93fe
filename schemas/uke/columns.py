"""Which items of a receipt a UKE file fills, and in which form the reader hands them on.

Belongs here: item, where in the file it comes from, form. Items that UKE does not know (住民コード, 薬剤一部負担,
附加給付, 収入額) are not in the list: the file says nothing about them.
"""

OTHER_PAYERS = (2, 3, 4)

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("review_body", "先頭 審査支払機関", ""),
    ("billing_month", "先頭 請求年月", "YYYYMM"),
    ("receipt_no", "RE レセプト番号", ""),
    ("receipt_change", "(UKEは当初の請求)", ""),
    ("service_month", "RE 診療年月", "YYYYMM"),
    ("insurer_no", "HO 保険者番号", ""),
    ("first_day", "JD 最初の受診日", "YYYYMMDD"),
    ("claim_insurance_symbol_number", "HO 記号・番号", ""),
    ("rcpt_branch_no", "SN 枝番", ""),
    ("rcpt_insured_class", "HO 保険者番号とRE 種別", ""),
    ("rcpt_medical_scheme", "HO 保険者番号とRE 種別(医療制度)", ""),
    ("rcpt_tax_status", "RE 特記事項(課税状況)", ""),
    ("rcpt_patient_name", "RE 氏名", ""),
    ("rcpt_patient_sex", "RE 男女区分", ""),
    ("rcpt_patient_birth_date", "RE 生年月日", "YYYYMMDD"),
    ("rcpt_patient_beneficiary_no", "KO(市) 受給者番号", ""),
    ("rcpt_institution_code", "先頭 都道府県・点数表・コード", ""),
    ("rcpt_inpatient_outpatient_code", "RE 種別(入外)", ""),
    ("rcpt_treatment_days", "KO(市)かHO 実日数", ""),
    ("rcpt_copay_rate", "RE 給付割合か種別", ""),
    ("rcpt_public_payer_no", "KO(市) 公費負担者番号", ""),
    ("rcpt_total_medical_cost_yen", "KO(市)かHO 合計点数", ""),
    ("rcpt_self_pay_yen", "KO(市)かHO 合計点数×負担割合", ""),
    ("rcpt_counter_yen", "KO(市) 負担金額", ""),
    ("rcpt_other_public_payer_no", "KO(他1) 公費負担者番号", ""),
    ("rcpt_other_public_yen", "KO(他1) 負担する額", ""),
    ("rcpt_other_public_copay_yen", "KO(他1) 負担金額", ""),
    ("rcpt_high_cost_benefit_yen", "HO 負担金額との差", ""),
    ("rcpt_public_expense_yen", "残る額", ""),
    ("rcpt_search_no", "RE 検索番号", ""),
    ("rcpt_income_class", "RE 特記事項(適用区分)", ""),
    ("rcpt_many_times", "RE 特記事項(多数回)", ""),
    *(
        (f"rcpt_other_public_{what}_{at}", f"KO(他{at}) {label}", "")
        for at in OTHER_PAYERS
        for what, label in (("payer_no", "公費負担者番号"), ("yen", "負担する額"), ("copay_yen", "負担金額"))
    ),
)
"""(item, where it stands, format of a day or month)."""


def other(what: str, at: int) -> str:
    """The item of the other payer `at` (from 1): payer_no, yen or copay_yen."""
    return f"rcpt_other_public_{what}" if at == 1 else f"rcpt_other_public_{what}_{at}"
