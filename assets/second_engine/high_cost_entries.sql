-- 高額療養費の明細の検算。申請書は1枚、レセプトは当初の1件を1行に。自己負担が21,000円以上のものと、適用区分の書かれたものだけ
-- 表: receipts claims floors(世帯合算の下限、診療年月で選ぶ)
WITH
lines AS (
    SELECT
        'claims' AS feed, delivery, line_no, known_date,
        beneficiary_no,
        service_month,
        first_visit_date AS visit_date,
        institution_code,
        inpatient_outpatient_code AS care,
        claim_class,
        copay_yen,
        coalesce(other_public_expense_yen, 0) AS other_payer_yen,
        total_medical_cost_yen AS total_yen,
        high_cost_benefit_yen AS stated_high_yen,
        supplementary_benefit_yen AS stated_supplementary_yen,
        NULL::VARCHAR AS income_class,
        NULL::VARCHAR AS many_times
    FROM claims
    UNION ALL
    SELECT
        'receipts', delivery, line_no, known_date,
        rcpt_patient_beneficiary_no,
        service_month,
        coalesce(first_day, service_month),
        rcpt_institution_code,
        rcpt_inpatient_outpatient_code,
        '1',
        rcpt_self_pay_yen,
        -- 国の公費は順に負担する。患者に残るのは、最後の公費の一部負担
        greatest(0, rcpt_self_pay_yen - CASE
            WHEN payer_no_4 IS NOT NULL AND copay_yen_4 IS NOT NULL THEN copay_yen_4
            WHEN payer_no_3 IS NOT NULL AND copay_yen_3 IS NOT NULL THEN copay_yen_3
            WHEN payer_no_2 IS NOT NULL AND copay_yen_2 IS NOT NULL THEN copay_yen_2
            WHEN rcpt_other_public_payer_no IS NOT NULL AND rcpt_other_public_copay_yen IS NOT NULL
                THEN rcpt_other_public_copay_yen
            ELSE rcpt_self_pay_yen - coalesce(rcpt_other_public_yen, 0)
        END),
        rcpt_total_medical_cost_yen,
        rcpt_high_cost_benefit_yen,
        rcpt_supplementary_benefit_yen,
        income_class,
        many_times
    FROM receipts
    WHERE receipt_change = '0' AND rcpt_self_pay_yen IS NOT NULL
)
SELECT lines.*
FROM lines
LEFT JOIN floors
    ON floors.from_date <= service_month AND (floors.until_date IS NULL OR floors.until_date > service_month)
WHERE copay_yen >= floor_yen OR income_class IS NOT NULL OR many_times = '1'
