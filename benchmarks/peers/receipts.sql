-- 現物給付の一部を1つの問い合わせで。資格の日数は、診療月に重なる期間の日数の和
WITH
intervals AS (
    SELECT
        child_resident_code::BIGINT AS child,
        start_date,
        end_date,
        CASE
            WHEN entitled = '1' AND benefit_class = '1' THEN 1
            WHEN entitled = '1' THEN 2
            WHEN list_contains($schemes, reason) THEN 3
            WHEN list_contains($held, reason) THEN 4
            ELSE 0
        END AS state
    FROM eligibility
),
owners AS (
    SELECT beneficiary_no, min(child_resident_code) AS code
    FROM (SELECT DISTINCT beneficiary_no, child_resident_code FROM beneficiary_numbers)
    SEMI JOIN registrations USING (child_resident_code)
    GROUP BY beneficiary_no
    HAVING count(*) = 1
),
people AS (
    SELECT owners.beneficiary_no, code::BIGINT AS child, sex, birth_date
    FROM owners LEFT JOIN persons ON persons.resident_code = code
),
rows AS (
    SELECT
        row_number() OVER () AS place, delivery, line_no, known_date, service_month, first_day,
        (service_month + INTERVAL 1 MONTH)::DATE AS next_month,
        rcpt_institution_code AS institution,
        rcpt_inpatient_outpatient_code AS care,
        rcpt_public_payer_no, rcpt_patient_sex, rcpt_patient_birth_date, rcpt_copay_rate,
        rcpt_total_medical_cost_yen AS total_yen,
        rcpt_self_pay_yen AS self_yen,
        rcpt_public_expense_yen AS public_yen,
        coalesce(rcpt_other_public_yen, 0) + coalesce(rcpt_supplementary_benefit_yen, 0)
            + coalesce(rcpt_high_cost_benefit_yen, 0) + coalesce(rcpt_counter_yen, 0) AS others_yen,
        child, sex, birth_date
    FROM receipts LEFT JOIN people ON people.beneficiary_no = rcpt_patient_beneficiary_no
),
months AS (
    SELECT
        place,
        sum(days) FILTER (state = 1 OR (state = 2 AND inpatient)) AS entitled_days,
        bool_or(state = 3) AS scheme,
        bool_or(state = 4) AS held
    FROM (
        SELECT
            place, state, care IN ('1', '3') AS inpatient,
            least(end_date, next_month) - greatest(start_date, service_month) AS days
        FROM rows
        JOIN intervals
            ON intervals.child = rows.child AND start_date < next_month AND end_date > service_month
    )
    GROUP BY place
),
bounds AS (
    SELECT
        rows.*,
        coalesce(entitled_days, 0) AS entitled_days,
        coalesce(scheme, FALSE)::INTEGER AS scheme_days,
        coalesce(held, FALSE)::INTEGER AS held_days,
        next_month - greatest(service_month, birth_date) AS days_in_month
    FROM rows LEFT JOIN months USING (place)
),
partly AS (
    SELECT
        *,
        entitled_days + held_days > 0
            AND (entitled_days < days_in_month OR coalesce(first_day < birth_date, FALSE)) AS part
    FROM bounds
),
visited AS (
    SELECT place, state AS visit
    FROM (FROM partly WHERE part AND first_day IS NOT NULL) AS asked
    JOIN intervals
        ON intervals.child = asked.child AND start_date <= first_day AND end_date > first_day
),
-- 法の値は、現れる月と年齢のぶんだけ引いておく
month_law AS (
    SELECT
        service_month,
        (SELECT arg_max(payer_no, from_date) FROM payers WHERE from_date <= service_month) AS payer_no,
        (SELECT arg_max(limit_yen, from_date) FROM limits WHERE from_date <= service_month) AS limit_yen
    FROM (SELECT DISTINCT service_month FROM receipts)
),
age_law AS (
    SELECT years, (SELECT arg_min(percent, until_years) FROM rates WHERE years <= until_years) AS percent
    FROM range(-100, 100) AS ages (years)
),
judged AS (
    SELECT
        partly.*,
        CASE
            WHEN child IS NULL THEN 'E2'
            WHEN rcpt_public_payer_no <> payer_no THEN 'H7'
            WHEN sex IS DISTINCT FROM rcpt_patient_sex OR birth_date IS DISTINCT FROM rcpt_patient_birth_date THEN 'H5'
            WHEN entitled_days + held_days <= 0 THEN if(scheme_days > 0, 'E3', 'E1')
            WHEN part AND first_day IS NULL THEN if(held_days > 0, 'H9', 'H6')
            WHEN part AND visit = 4 THEN 'H9'
            WHEN part AND NOT (coalesce(visit, 0) = 1 OR (coalesce(visit, 0) = 2 AND care IN ('1', '3')))
                THEN if(visit = 3, 'E3', 'E1')
        END AS early,
        CASE
            WHEN rcpt_copay_rate <> percent THEN 'H3'
            WHEN total_yen * rcpt_copay_rate <> self_yen * 100 OR public_yen <> self_yen - others_yen THEN 'H2'
            WHEN NOT list_contains($in_kind, care) OR self_yen >= limit_yen THEN 'H4'
            WHEN public_yen <= 0 THEN 'N1'
            ELSE 'P0'
        END AS late
    FROM partly
    LEFT JOIN visited USING (place)
    LEFT JOIN month_law USING (service_month)
    LEFT JOIN age_law
        ON years = year(service_month) - (month(service_month) < 4)::INTEGER - year(birth_date)
            + (month(birth_date) < 4 OR (month(birth_date) = 4 AND day(birth_date) = 1))::INTEGER
),
-- 窓は、鍵の重なる行だけに開く
alike AS (
    SELECT child, service_month, institution, care FROM judged GROUP BY ALL HAVING count(*) > 1
),
later AS (
    SELECT
        place,
        sum((early IS NULL AND late = 'P0')::INTEGER) OVER (
            PARTITION BY child, service_month, institution, care
            ORDER BY known_date, delivery, line_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) > 0 AS paid_earlier
    FROM judged SEMI JOIN alike USING (child, service_month, institution, care)
),
placed AS (
    SELECT
        judged.delivery, judged.line_no, early, late, public_yen,
        before.care IS NOT NULL OR coalesce(paid_earlier, FALSE) AS twice
    FROM judged
    LEFT JOIN later USING (place)
    LEFT JOIN (
        SELECT DISTINCT child_resident_code::BIGINT AS child, service_month, institution_code AS institution, care
        FROM paid_before
    ) AS before
        ON before.child = judged.child AND before.service_month = judged.service_month
        AND before.institution = judged.institution AND before.care = judged.care
)
SELECT
    delivery, line_no,
    coalesce(early, if(twice, 'D1', late)) AS reason,
    if(coalesce(early, if(twice, 'D1', late)) = 'P0', public_yen, 0) AS amount_yen
FROM placed
