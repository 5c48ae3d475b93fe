-- 支給の検算。レセプト1件・申請書1枚に、判定・理由・支給額を1つ。理由は試す順の先のもの。
-- 表: receipts claims(その月に届いたものと保留中のもの) beneficiary_numbers registrations eligibility persons identities
--     insurer_answers national_health_insurance high_cost(申請書の高額療養費の見込み、high_cost.sql) paid_before(前月までに支給した鍵。子どもはその時の番号)
--     法: copay_rates inkind_limits inkind_readings inkind_care lowest_limits payer_numbers payer_order payer_ceilings accident_minimums supplementary_watches(診療年月で選ぶ) other_schemes supplementary_insurance_types
--     held_reasons(人の確認を待つ理由)
--     rules(処理月の値、1行)
WITH
-- レセプトと申請書を同じ形に
care AS (
    SELECT
        'receipt' AS subject, 'receipts' AS feed, delivery, line_no, known_date, 1 AS turn,
        rcpt_patient_beneficiary_no AS beneficiary_no,
        service_month,
        rcpt_institution_code AS institution_code,
        rcpt_inpatient_outpatient_code AS care,
        first_day AS visit_date
    FROM receipts
    UNION ALL
    SELECT
        'claim', 'claims', delivery, line_no, known_date, 2,
        beneficiary_no,
        service_month,
        institution_code,
        inpatient_outpatient_code,
        first_visit_date
    FROM claims
),
-- 受給者番号から子どもへ。名寄せした子どもは番号をいくつももつ。2人の子どもがもつ番号は、だれの番号でもない
holders AS (
    SELECT beneficiary_no, any_value(registrations.child_resident_code) AS child_resident_code
    FROM beneficiary_numbers
    JOIN registrations USING (child_resident_code)
    GROUP BY beneficiary_no
    HAVING count(DISTINCT registrations.child_resident_code) = 1
),
patients AS (
    SELECT
        care.*,
        holders.child_resident_code,
        registrations.insurance_type_code,
        persons.sex,
        persons.birth_date
    FROM care
    LEFT JOIN holders USING (beneficiary_no)
    LEFT JOIN registrations USING (child_resident_code)
    LEFT JOIN persons ON persons.resident_code = holders.child_resident_code
),
-- 診療月の資格: その入外に資格のある日数(給付区分1はどの入外も、2=入院のみは医科入院と歯科入院)と、
-- 確認待ちの日・他制度の日があるか
months AS (
    SELECT
        visited.child_resident_code,
        visited.service_month,
        visited.care,
        sum(
            least(eligibility.end_date, visited.service_month + INTERVAL 1 MONTH)::DATE
            - greatest(eligibility.start_date, visited.service_month)
        ) FILTER (
            eligibility.entitled = '1'
            AND (eligibility.benefit_class = '1' OR (eligibility.benefit_class = '2' AND visited.care IN ('1', '3')))
        ) AS entitled_days,
        bool_or(eligibility.reason IN (FROM held_reasons)) AS held,
        bool_or(eligibility.reason IN (FROM other_schemes)) AS other_scheme
    FROM (SELECT DISTINCT child_resident_code, service_month, care FROM patients) AS visited
    JOIN eligibility
        ON eligibility.child_resident_code = visited.child_resident_code
        AND eligibility.start_date < visited.service_month + INTERVAL 1 MONTH
        AND eligibility.end_date > visited.service_month
    GROUP BY ALL
),
-- 受診日の資格(レセプトは診療開始日、申請は初診日)
visits AS (
    SELECT
        patients.subject, patients.delivery, patients.line_no,
        bool_or(
            eligibility.entitled = '1'
            AND (eligibility.benefit_class = '1' OR (eligibility.benefit_class = '2' AND patients.care IN ('1', '3')))
        ) AS entitled,
        bool_or(eligibility.reason IN (FROM held_reasons)) AS held,
        bool_or(eligibility.reason IN (FROM other_schemes)) AS other_scheme
    FROM patients
    JOIN eligibility
        ON eligibility.child_resident_code = patients.child_resident_code
        AND eligibility.start_date <= patients.visit_date
        AND eligibility.end_date > patients.visit_date
    GROUP BY ALL
),
-- 法定の負担割合: 月の初日で判定。n歳に達した日以後の最初の3月31日まで(健保法110条2項1号、国保法42条1項)
reached AS (
    SELECT
        born.birth_date,
        born.service_month,
        copay_rates.until_years,
        copay_rates.rate_percent,
        make_date(year(birth_date) + copay_rates.until_years, month(birth_date), 1)
            + (day(birth_date) - 2)::INTEGER AS reach_date
    FROM (SELECT DISTINCT birth_date, service_month FROM patients) AS born
    JOIN copay_rates
        ON copay_rates.from_date <= born.service_month
        AND (copay_rates.until_date IS NULL OR copay_rates.until_date > born.service_month)
),
legal_rates AS (
    SELECT birth_date, service_month, arg_min(rate_percent, until_years) AS rate_percent
    FROM reached
    WHERE service_month <= make_date(year(reach_date) + (month(reach_date) >= 4)::INTEGER, 3, 31)
    GROUP BY ALL
),
-- 試す前に知っておくことを1行に
situations AS (
    SELECT
        patients.*,
        coalesce(months.entitled_days, 0) AS entitled_days,
        -- 生まれる前に受診はない: 診療月は出生の日から数える
        last_day(patients.service_month) - greatest(patients.service_month, patients.birth_date) + 1 AS days_in_month,
        coalesce(months.held, FALSE) AS held_in_month,
        CASE WHEN months.other_scheme THEN 'E3' ELSE 'E1' END AS month_refusal,
        coalesce(visits.entitled, FALSE) AS entitled_on_visit,
        coalesce(visits.held, FALSE) AS held_on_visit,
        CASE WHEN visits.other_scheme THEN 'E3' ELSE 'E1' END AS visit_refusal,
        legal_rates.rate_percent
    FROM patients
    LEFT JOIN months USING (child_resident_code, service_month, care)
    LEFT JOIN visits USING (subject, delivery, line_no)
    LEFT JOIN legal_rates USING (birth_date, service_month)
),
-- ほかの公費を1つ1行に、レセプトに書かれた順で
payers AS (
    SELECT
        delivery, line_no, service_month,
        rcpt_total_medical_cost_yen AS total_yen,
        rcpt_self_pay_yen
            - if(rcpt_other_public_payer_no IS NULL, coalesce(rcpt_other_public_yen, 0), 0) AS start_yen,
        unnest([1, 2, 3, 4]) AS nth,
        unnest([
            rcpt_other_public_payer_no, rcpt_other_public_payer_no_2,
            rcpt_other_public_payer_no_3, rcpt_other_public_payer_no_4
        ]) AS payer_no,
        unnest([
            rcpt_other_public_yen, rcpt_other_public_yen_2,
            rcpt_other_public_yen_3, rcpt_other_public_yen_4
        ]) AS borne_yen,
        unnest([
            rcpt_other_public_copay_yen, rcpt_other_public_copay_yen_2,
            rcpt_other_public_copay_yen_3, rcpt_other_public_copay_yen_4
        ]) AS copay_yen
    FROM receipts
),
-- 番号のない第2以下の公費に額だけがあるレセプト
unnumbered_payers AS (
    SELECT DISTINCT delivery, line_no
    FROM payers
    WHERE payer_no IS NULL AND nth > 1 AND (coalesce(borne_yen, 0) <> 0 OR coalesce(copay_yen, 0) <> 0)
),
-- 法別番号ごとの一部負担の割合と上限。上限がいくつもあれば、どれかと同じ額でなければならない
payer_limits AS (
    SELECT
        from_date, until_date, law_code,
        any_value(rate_percent) AS rate_percent,
        list(ceiling_yen) FILTER (ceiling_yen IS NOT NULL) AS ceilings
    FROM payer_ceilings
    GROUP BY ALL
),
-- 1つ前の公費の後に残った額から、その公費の一部負担を残して負担する
standing_payers AS (
    SELECT
        payers.*,
        place, rate_percent, ceilings,
        coalesce(lag(copay_yen) OVER in_turn, start_yen) AS before_yen,
        lag(place) OVER in_turn AS place_before
    FROM payers
    LEFT JOIN payer_order
        ON payer_order.law_code = payer_no[1:2]
        AND payer_order.from_date <= service_month
        AND (payer_order.until_date IS NULL OR payer_order.until_date > service_month)
    LEFT JOIN payer_limits
        ON payer_limits.law_code = payer_no[1:2]
        AND payer_limits.from_date <= service_month
        AND (payer_limits.until_date IS NULL OR payer_limits.until_date > service_month)
    WHERE payer_no IS NOT NULL
    WINDOW in_turn AS (PARTITION BY delivery, line_no ORDER BY nth)
),
paid_by_others AS (
    SELECT
        delivery, line_no,
        bool_or(copay_yen IS NULL OR borne_yen + copay_yen <> before_yen) AS miscounted,
        -- 法の順でないもの、残りが増えるもの、割合や上限を超えるもの、割合にも上限にも当たらないもの
        bool_or(
            place IS NULL OR place <= place_before
            OR copay_yen < 0 OR copay_yen > before_yen
            OR copay_yen * 100 > total_yen * rate_percent
            OR copay_yen > list_max(ceilings)
            OR (copay_yen * 100 <> total_yen * rate_percent AND NOT list_contains(ceilings, copay_yen))
        ) AS unlawful,
        arg_max(copay_yen, nth) AS left_yen
    FROM standing_payers
    GROUP BY ALL
),
-- 過誤・再審査: 元のレセプトは、審査機関・医療機関・子ども・診療年月・入外が同じ当初の請求
billed AS (
    SELECT
        situations.delivery, situations.line_no,
        review_body, institution_code, child_resident_code, situations.service_month, care,
        receipt_change, rcpt_search_no AS search_no, rcpt_public_expense_yen AS yen,
        row_number() OVER (ORDER BY situations.known_date, situations.delivery, situations.line_no) AS arrival
    FROM situations
    JOIN receipts USING (delivery, line_no)
    WHERE subject = 'receipt' AND child_resident_code IS NOT NULL
),
-- 増やす返戻・過誤は、元を探さない。検索番号は両方にあるときだけ比べる
possible_originals AS (
    SELECT
        changing.arrival, changing.yen, changing.delivery, changing.line_no,
        original.arrival AS original_arrival, original.yen AS original_yen,
        original.delivery AS original_delivery, original.line_no AS original_line_no,
        review_body, institution_code, child_resident_code, service_month, care,
        changing.search_no = original.search_no AS same_number,
        changing.yen + original.yen = 0 AS takes_all
    FROM billed AS changing
    JOIN billed AS original USING (review_body, institution_code, child_resident_code, service_month, care)
    WHERE changing.receipt_change <> '0' AND original.receipt_change = '0'
        AND (changing.receipt_change = '3' OR changing.yen <= 0)
),
by_number AS (
    FROM possible_originals WHERE same_number QUALIFY count(*) OVER (PARTITION BY arrival) = 1
),
without_number AS (
    FROM possible_originals
    WHERE same_number IS NULL AND arrival NOT IN (SELECT arrival FROM possible_originals WHERE same_number)
),
-- 全額を取り下げる行は、同じ額のものを早い順に1つずつ(番号で取り下げられたものを除く)
all_of_one AS (
    SELECT
        *,
        dense_rank() OVER (
            PARTITION BY review_body, institution_code, child_resident_code, service_month, care, yen ORDER BY arrival
        ) AS turn,
        row_number() OVER (PARTITION BY arrival ORDER BY original_arrival) AS nth,
        count(*) OVER (PARTITION BY arrival) AS choices
    FROM without_number
    WHERE takes_all
        AND original_arrival NOT IN (SELECT original_arrival FROM possible_originals WHERE same_number AND takes_all)
),
only_one AS (
    FROM without_number
    WHERE arrival NOT IN (SELECT arrival FROM all_of_one)
    QUALIFY count(*) OVER (PARTITION BY arrival) = 1
),
originals AS (
    FROM by_number
    UNION ALL BY NAME FROM only_one
    UNION ALL BY NAME SELECT * EXCLUDE (turn, nth, choices) FROM all_of_one WHERE nth = least(turn, choices)
),
-- 届いた順に増減する。元の額を0より下にはしない
balances AS (
    SELECT
        *,
        list_reduce(
            [original_yen] || list(yen) OVER (
                PARTITION BY original_arrival ORDER BY arrival ROWS UNBOUNDED PRECEDING
            ),
            lambda balance_yen, more_yen: greatest(balance_yen + more_yen, 0)
        ) AS balance_yen
    FROM originals
),
receipt_changes AS (
    SELECT
        delivery, line_no, original_delivery, original_line_no,
        balance_yen - coalesce(
            lag(balance_yen) OVER (PARTITION BY original_arrival ORDER BY arrival), original_yen
        ) AS change_yen,
        last_value(balance_yen) OVER (
            PARTITION BY original_arrival ORDER BY arrival
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS final_yen
    FROM balances
),
-- 全額を取り下げられたレセプトは、出し直しを妨げない
withdrawn AS (
    SELECT DISTINCT 'receipt' AS subject, original_delivery AS delivery, original_line_no AS line_no
    FROM receipt_changes
    WHERE final_yen = 0
),
-- 現物給付。earlyは重複より先に試す理由、lateは後に試す理由
judged_receipts AS (
    SELECT
        situations.*,
        CASE
            WHEN child_resident_code IS NULL THEN 'E2'
            WHEN receipt_change <> '0' THEN 'R1'
            -- 法の定めのない診療月は、資格を試さずに保留する
            WHEN inkind_limits.limit_yen IS NULL OR payer_numbers.public_payer_no IS NULL THEN 'H8'
            WHEN rcpt_public_payer_no <> payer_numbers.public_payer_no THEN 'H7'
            WHEN sex IS DISTINCT FROM rcpt_patient_sex THEN 'H5'
            WHEN birth_date IS DISTINCT FROM rcpt_patient_birth_date THEN 'H5'
            WHEN entitled_days = 0 AND NOT held_in_month THEN month_refusal
            -- 確認待ちの日がある月は、受診日が分からなければ確認を先に待つ
            WHEN entitled_days < days_in_month AND visit_date IS NULL THEN if(held_in_month, 'H9', 'H6')
            -- 毎日資格のある月は、前の月に始まった診療でも診療開始日を見ない
            WHEN entitled_days < days_in_month AND held_on_visit THEN 'H9'
            WHEN (entitled_days < days_in_month OR visit_date < birth_date) AND NOT entitled_on_visit THEN visit_refusal
        END AS early,
        CASE
            WHEN rate_percent IS NULL THEN 'H8'
            -- 割合は健保法110条・国保法42条。レセプトは1円単位で、四捨五入しない
            WHEN rcpt_copay_rate <> rate_percent THEN 'H3'
            WHEN rcpt_self_pay_yen * 100 <> rcpt_total_medical_cost_yen * rate_percent THEN 'H2'
            WHEN unnumbered_payers.line_no IS NOT NULL OR paid_by_others.miscounted THEN 'H2'
            -- 国の公費があれば、最後の一部負担を市が払う(地方の公費は最後)
            WHEN rcpt_public_expense_yen IS DISTINCT FROM CASE
                WHEN paid_by_others.line_no IS NOT NULL THEN paid_by_others.left_yen
                ELSE rcpt_self_pay_yen
                    - coalesce(rcpt_other_public_yen, 0)
                    - coalesce(rcpt_supplementary_benefit_yen, 0)
                    - coalesce(rcpt_high_cost_benefit_yen, 0)
                    - coalesce(rcpt_counter_yen, 0)
            END THEN 'H2'
            WHEN paid_by_others.unlawful THEN 'HA'
            -- 施術や装具は現物にならない
            WHEN NOT EXISTS (
                FROM inkind_care
                WHERE inkind_care.value = situations.care
                    AND inkind_care.from_date <= situations.service_month
                    AND (inkind_care.until_date IS NULL OR inkind_care.until_date > situations.service_month)
            ) THEN 'H4'
            -- 埼玉県内の現物給付の上限
            WHEN CASE
                WHEN inkind_readings.limit_after_other_payers
                    THEN coalesce(paid_by_others.left_yen, rcpt_self_pay_yen - coalesce(rcpt_other_public_yen, 0))
                ELSE rcpt_self_pay_yen
            END >= inkind_limits.limit_yen THEN 'H4'
            WHEN rcpt_public_expense_yen <= 0 THEN 'N1'
            ELSE 'P0'
        END AS late,
        rcpt_public_expense_yen AS payable_yen
    FROM situations
    JOIN receipts USING (delivery, line_no)
    CROSS JOIN rules
    LEFT JOIN unnumbered_payers USING (delivery, line_no)
    LEFT JOIN paid_by_others USING (delivery, line_no)
    LEFT JOIN inkind_readings
        ON inkind_readings.from_date <= situations.service_month
        AND (inkind_readings.until_date IS NULL OR inkind_readings.until_date > situations.service_month)
    LEFT JOIN payer_numbers
        ON payer_numbers.from_date <= situations.service_month
        AND (payer_numbers.until_date IS NULL OR payer_numbers.until_date > situations.service_month)
    LEFT JOIN inkind_limits
        ON inkind_limits.from_date <= situations.service_month
        AND (inkind_limits.until_date IS NULL OR inkind_limits.until_date > situations.service_month)
    WHERE situations.subject = 'receipt'
),
-- 償還: 総医療費×割合(10円単位、健保法75条・国保法42条の2)。受診ごとに5円まで違ってよい
shares AS (
    SELECT
        claims.delivery, claims.line_no,
        copay_rates.rate_percent = situations.rate_percent AS legal,
        (total_medical_cost_yen * copay_rates.rate_percent + 50 * rounding_yen)
            // (100 * rounding_yen) * rounding_yen AS share_yen,
        rounding_yen // 2 * treatment_days AS allowance_yen
    FROM claims
    JOIN situations USING (delivery, line_no)
    JOIN copay_rates
        ON copay_rates.from_date <= claims.service_month
        AND (copay_rates.until_date IS NULL OR copay_rates.until_date > claims.service_month)
    CROSS JOIN rules
    WHERE situations.subject = 'claim'
),
-- ふつうの申請で他の公費がなければ、多くても少なくても合わない。ほかの割合になら合うときは割合の相違
counter_faults AS (
    SELECT
        delivery, line_no,
        CASE
            WHEN bool_or(NOT legal AND abs(partial_payment_yen - share_yen) <= allowance_yen) THEN 'H3'
            ELSE 'H2'
        END AS fault
    FROM shares
    JOIN claims USING (delivery, line_no)
    WHERE claim_class = '1' AND other_public_item_code IS NULL AND coalesce(other_public_expense_yen, 0) = 0
    GROUP BY ALL
    HAVING bool_or(legal AND abs(partial_payment_yen - share_yen) > allowance_yen)
),
-- どの申請でも、支給の上の限り(装具・海外・10割立替で全額が書かれていても、法定の割合まで)
ceilings AS (SELECT delivery, line_no, share_yen + allowance_yen AS ceiling_yen FROM shares WHERE legal),
-- 保険者の回答: 訂正後のもの。同じ診療に2つあれば後の回答
standing_answers AS (
    SELECT insurer_answers.* REPLACE (coalesce(person_code, child_resident_code) AS child_resident_code)
    FROM insurer_answers
    LEFT JOIN identities ON identities.resident_code = insurer_answers.child_resident_code
    QUALIFY row_number() OVER (PARTITION BY answer_no ORDER BY known_date DESC, delivery DESC, line_no DESC) = 1
),
answers AS (
    FROM standing_answers
    QUALIFY row_number() OVER (
        PARTITION BY child_resident_code, service_month, institution_code, care
        ORDER BY answered_date DESC, known_date DESC, answer_no DESC
    ) = 1
),
-- 国保の資格のある間は、申請書の保険種別によらず国保
nhi_rows AS (
    FROM national_health_insurance
    QUALIFY row_number() OVER (
        PARTITION BY resident_code, history_no
        ORDER BY history_branch_no DESC, known_date DESC, delivery DESC, line_no DESC
    ) = 1
),
nhi_members AS (
    SELECT DISTINCT situations.delivery, situations.line_no
    FROM situations
    JOIN (
        SELECT nhi_rows.*, coalesce(person_code, nhi_rows.resident_code) AS member_code
        FROM nhi_rows LEFT JOIN identities USING (resident_code)
    ) AS nhi_rows
        ON nhi_rows.member_code = situations.child_resident_code
        AND nhi_rows.deleted_flag = '0'
        AND nhi_rows.start_date <= situations.visit_date
        AND (nhi_rows.end_date IS NULL OR nhi_rows.end_date > situations.visit_date)
    WHERE situations.subject = 'claim'
),
-- 5年の満了日: 診療終了日の翌日から数える(地方自治法236条、民法143条2項)
deadlines AS (
    SELECT
        delivery, line_no,
        make_date(year(treatment_end_date + 1) + claim_limit_years, month(treatment_end_date + 1), 1)
            + (day(treatment_end_date + 1) - 2)::INTEGER AS last_date
    FROM claims CROSS JOIN rules
),
judged_claims AS (
    SELECT
        situations.*,
        claims.partial_payment_yen
            -- 保険者の回答、国保(市がそう定めたときだけ)、申請書の順。見込額では支給しない
            - CASE WHEN answers.answer_no IS NOT NULL THEN answers.high_cost_benefit_yen
                   WHEN high_cost.decided_by_nhi = '1' THEN high_cost.expected_high_yen
                   ELSE coalesce(claims.high_cost_benefit_yen, 0) END
            - CASE WHEN answers.answer_no IS NULL THEN coalesce(claims.supplementary_benefit_yen, 0)
                   ELSE answers.supplementary_benefit_yen END
            - coalesce(claims.other_public_expense_yen, 0)
            - coalesce(claims.other_adjustment_yen, 0) AS payable_yen,
        CASE
            WHEN situations.child_resident_code IS NULL THEN 'E2'
            -- 損害賠償と災害共済給付が先
            WHEN accident = '2' THEN 'A2'
            WHEN accident = '1' AND total_medical_cost_yen >= accident_minimum_yen THEN 'A1'
            WHEN application_date > deadlines.last_date THEN 'T1'
            WHEN rate_percent IS NULL OR lowest_limits.limit_yen IS NULL
                OR accident_minimums.accident_minimum_yen IS NULL
                OR supplementary_watches.supplementary_watch_yen IS NULL THEN 'H8'
            WHEN held_on_visit THEN 'H9'
            WHEN NOT entitled_on_visit THEN visit_refusal
        END AS early,
        CASE
            WHEN counter_faults.fault IS NOT NULL THEN counter_faults.fault
            -- 窓口の額が限りを超え、回答や申請の控除を引いてもまだ超える
            WHEN least(claims.partial_payment_yen, payable_yen) > ceiling_yen THEN 'H2'
            -- 高額療養費(健保令41条・42条)が、ほかの明細と合わせて、または附加給付がありうるのに、回答がない
            WHEN answers.answer_no IS NULL AND high_cost.decided_by_nhi = '0'
                AND high_cost.household_self_yen > high_cost.lowest_yen THEN 'H1'
            WHEN answers.answer_no IS NULL
                AND claims.copay_yen - coalesce(claims.other_public_expense_yen, 0) > supplementary_watch_yen
                AND nhi_members.line_no IS NULL
                AND insurance_type_code IN (FROM supplementary_insurance_types) THEN 'H1'
            WHEN payable_yen <= 0 THEN 'N1'
            ELSE 'P0'
        END AS late
    FROM situations
    JOIN claims USING (delivery, line_no)
    JOIN deadlines USING (delivery, line_no)
    CROSS JOIN rules
    LEFT JOIN counter_faults USING (delivery, line_no)
    LEFT JOIN ceilings USING (delivery, line_no)
    LEFT JOIN nhi_members USING (delivery, line_no)
    LEFT JOIN high_cost USING (delivery, line_no)
    LEFT JOIN answers
        ON answers.child_resident_code = situations.child_resident_code
        AND answers.service_month = situations.service_month
        AND answers.institution_code IS NOT DISTINCT FROM situations.institution_code
        AND answers.care = situations.care
    LEFT JOIN accident_minimums
        ON accident_minimums.from_date <= situations.service_month
        AND (accident_minimums.until_date IS NULL OR accident_minimums.until_date > situations.service_month)
    LEFT JOIN supplementary_watches
        ON supplementary_watches.from_date <= situations.service_month
        AND (supplementary_watches.until_date IS NULL OR supplementary_watches.until_date > situations.service_month)
    LEFT JOIN lowest_limits
        ON lowest_limits.from_date <= situations.service_month
        AND (lowest_limits.until_date IS NULL OR lowest_limits.until_date > situations.service_month)
    WHERE situations.subject = 'claim'
),
judged AS (FROM judged_receipts UNION ALL BY NAME FROM judged_claims),
-- 同じ子ども・診療年月・医療機関・入外の2件目(受給者番号が違っても)。早い行が勝つ。医療機関のない申請は比べようがない
ordered AS (
    SELECT
        judged.*,
        paid_before.care IS NOT NULL AS paid_already,
        row_number() OVER (ORDER BY turn, judged.known_date, delivery, line_no) AS place
    FROM judged
    LEFT JOIN (
        SELECT DISTINCT
            coalesce(person_code, child_resident_code) AS child_resident_code,
            service_month, institution_code, paid_before.care
        FROM paid_before LEFT JOIN identities ON identities.resident_code = paid_before.child_resident_code
    ) AS paid_before
        ON paid_before.child_resident_code = judged.child_resident_code
        AND paid_before.service_month = judged.service_month
        AND paid_before.institution_code IS NOT DISTINCT FROM judged.institution_code
        AND paid_before.care = judged.care
),
firsts AS (
    SELECT
        ordered.*,
        min(place) FILTER (early IS NULL AND late = 'P0' AND withdrawn.line_no IS NULL)
            OVER (PARTITION BY child_resident_code, service_month, institution_code, care) AS first_paid_place
    FROM ordered
    LEFT JOIN withdrawn USING (subject, delivery, line_no)
),
reasons AS (
    SELECT
        *,
        CASE
            WHEN early IS NOT NULL THEN early
            WHEN institution_code IS NOT NULL AND (paid_already OR place > first_paid_place) THEN 'D1'
            ELSE late
        END AS reason
    FROM firsts
),
-- 過誤・再審査の理由は、元のレセプトの理由による
settled AS (
    SELECT
        reasons.* EXCLUDE (reason),
        change_yen,
        CASE
            WHEN reasons.reason <> 'R1' THEN reasons.reason
            WHEN original.reason = 'P0' THEN 'R0'
            WHEN original.reason[1] <> 'H' THEN 'R2'
            ELSE 'R1'
        END AS reason
    FROM reasons
    LEFT JOIN receipt_changes
        ON reasons.subject = 'receipt'
        AND receipt_changes.delivery = reasons.delivery
        AND receipt_changes.line_no = reasons.line_no
    LEFT JOIN reasons AS original
        ON original.subject = 'receipt'
        AND original.delivery = original_delivery
        AND original.line_no = original_line_no
)
SELECT
    subject,
    feed,
    delivery,
    line_no,
    CASE
        WHEN reason = 'P0' THEN '1'
        WHEN reason = 'R0' THEN '3'
        WHEN reason = 'R1' OR reason[1] = 'H' THEN '4'
        ELSE '2'
    END AS judgement,
    reason,
    CASE reason WHEN 'P0' THEN payable_yen WHEN 'R0' THEN change_yen ELSE 0 END AS amount_yen
FROM settled
ORDER BY subject, delivery, line_no
