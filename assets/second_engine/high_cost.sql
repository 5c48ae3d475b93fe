-- 高額療養費の見込みの検算(健康保険法施行令41条・42条、70歳未満)。合算に入る明細1行に、世帯の合計・区分・限度額・見込額
-- 表: entries beneficiary_numbers registrations insurances insurer_answers identities
--     法(診療年月で選ぶ): floors limits many_rules pools prorations nhi_rules supplementary_rules
WITH
-- 受給者番号から子どもへ。2人の子どもがもつ番号は、だれの番号でもない
holders AS (
    SELECT beneficiary_no, any_value(registrations.child_resident_code) AS child_resident_code
    FROM beneficiary_numbers
    JOIN registrations USING (child_resident_code)
    GROUP BY beneficiary_no
    HAVING count(DISTINCT registrations.child_resident_code) = 1
),
-- 受診日の保険証。その日になければ、次に始まるもの
carded AS (
    SELECT
        entries.* EXCLUDE (income_class, many_times),
        entries.income_class AS receipt_class,
        entries.many_times AS receipt_many_times,
        holders.child_resident_code,
        insurances.insurer_no,
        insurances.symbol_number,
        insurances.insurance_type_code,
        insurances.start_date <= entries.visit_date AND insurances.feed = 'national_health_insurance' AS in_nhi,
        insurances.income_class AS card_class,
        insurances.delivery AS card_delivery,
        insurances.line_no AS card_line_no
    FROM entries
    JOIN holders USING (beneficiary_no)
    LEFT JOIN insurances
        ON insurances.child_resident_code = holders.child_resident_code
        AND (insurances.end_date IS NULL OR insurances.end_date > entries.visit_date)
    QUALIFY row_number() OVER (
        PARTITION BY entries.feed, entries.delivery, entries.line_no ORDER BY insurances.start_date
    ) = 1
),
placed AS (
    SELECT
        carded.*,
        coalesce(insurer_no || '|' || symbol_number, child_resident_code) AS household,
        pools.pool,
        greatest(0, copay_yen - other_payer_yen) AS self_yen,
        floor_yen
    FROM carded
    LEFT JOIN pools
        ON pools.claim_class = carded.claim_class
        AND pools.from_date <= service_month AND (pools.until_date IS NULL OR pools.until_date > service_month)
    LEFT JOIN floors
        ON floors.from_date <= service_month AND (floors.until_date IS NULL OR floors.until_date > service_month)
),
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
told AS (
    SELECT
        placed.*,
        answers.insurer_no AS answering_insurer_no,
        answers.high_cost_benefit_yen AS answered_high_yen,
        answers.income_class AS answered_class,
        answers.many_times AS answered_many_times,
        answers.answered_date,
        answers.delivery AS answer_delivery,
        answers.line_no AS answer_line_no
    FROM placed
    LEFT JOIN answers
        ON answers.child_resident_code = placed.child_resident_code
        AND answers.service_month = placed.service_month
        AND answers.institution_code IS NOT DISTINCT FROM placed.institution_code
        AND answers.care = placed.care
),
-- 世帯の適用区分: 回答、国保、レセプトの特記事項の順。同じ出どころなら新しいもの
evidence AS (
    SELECT household, service_month, 1 AS turn, 'answer' AS class_source, answered_class AS income_class,
        answered_date AS told_date, answer_delivery AS at_delivery, answer_line_no AS at_line_no
    FROM told WHERE answered_class IS NOT NULL
    UNION ALL
    SELECT household, service_month, 2, 'nhi', card_class, visit_date, card_delivery, card_line_no
    FROM told WHERE in_nhi AND card_class IS NOT NULL
    UNION ALL
    SELECT household, service_month, 3, 'receipt', receipt_class, known_date, delivery, line_no
    FROM told WHERE receipt_class IS NOT NULL
),
classes AS (
    FROM evidence
    QUALIFY row_number() OVER (
        PARTITION BY household, service_month ORDER BY turn, told_date DESC, at_delivery DESC, at_line_no DESC
    ) = 1
),
-- 多数回該当: その世帯の保険者が高額療養費を支給した月が、療養の月以前の12月に3つ以上(回答やレセプトにそうあれば、それでも)
fourths AS (
    SELECT household, service_month FROM told WHERE answered_many_times = '1' OR receipt_many_times = '1'
    UNION
    SELECT asked.household, asked.service_month
    FROM (SELECT DISTINCT household, service_month FROM told) AS asked
    JOIN (
        SELECT DISTINCT household, service_month AS paid_month
        FROM told
        WHERE answered_high_yen > 0 AND answering_insurer_no = insurer_no
    ) AS paid USING (household)
    JOIN many_rules
        ON many_rules.from_date <= asked.service_month
        AND (many_rules.until_date IS NULL OR many_rules.until_date > asked.service_month)
    WHERE paid_month < asked.service_month
        AND paid_month > asked.service_month - to_months(
            (window_months + CASE WHEN this_month_counts THEN 0 ELSE 1 END)::INTEGER
        )
    GROUP BY asked.household, asked.service_month, months
    HAVING count(DISTINCT paid_month) >= months
),
-- 合算に入るのは21,000円以上の明細だけ。同じ保険証での同じ診療の2枚目は数えない(申請書、届いた順)
counting AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY household, child_resident_code, service_month, institution_code, care, pool,
                CASE WHEN institution_code IS NULL THEN feed || delivery || '|' || line_no END
            ORDER BY feed, known_date, delivery, line_no
        ) AS place
    FROM told
    WHERE self_yen >= floor_yen
),
households AS (
    SELECT
        household, service_month, pool,
        count(DISTINCT child_resident_code) AS household_children,
        count(*) AS household_lines,
        sum(self_yen)::BIGINT AS household_self_yen,
        sum(total_yen)::BIGINT AS household_total_yen
    FROM counting
    WHERE place = 1
    GROUP BY ALL
),
lowest AS (
    SELECT from_date, until_date, min(fixed_yen) AS fixed_yen, min(many_times_yen) AS many_times_yen
    FROM limits GROUP BY ALL
),
limited AS (
    SELECT
        households.*,
        classes.income_class,
        classes.class_source,
        fourths.household IS NOT NULL AS often,
        -- 1%の額は50銭未満切捨て・50銭以上切上げ。しきい値に満たなければ0
        CASE WHEN fourths.household IS NOT NULL THEN limits.many_times_yen
             ELSE limits.fixed_yen
                + (greatest(0, household_total_yen - threshold_yen) * rate_percent + 50) // 100
        END AS limit_yen,
        CASE WHEN fourths.household IS NOT NULL THEN lowest.many_times_yen ELSE lowest.fixed_yen END AS lowest_yen
    FROM households
    LEFT JOIN classes USING (household, service_month)
    LEFT JOIN fourths USING (household, service_month)
    LEFT JOIN limits
        ON limits.income_class = classes.income_class
        AND limits.from_date <= households.service_month
        AND (limits.until_date IS NULL OR limits.until_date > households.service_month)
    LEFT JOIN lowest
        ON lowest.from_date <= households.service_month
        AND (lowest.until_date IS NULL OR lowest.until_date > households.service_month)
),
-- 世帯の高額療養費を自己負担の割合で分ける。1円未満は切り捨て、残りは最後の明細(largest: 自己負担の最も多い明細)から、自己負担額まで
floored AS (
    SELECT
        counting.*,
        greatest(0, household_self_yen - limit_yen) AS refund_yen,
        (greatest(0, household_self_yen - limit_yen)::HUGEINT * self_yen // household_self_yen)::BIGINT AS floor_share_yen,
        row_number() OVER (
            PARTITION BY household, service_month, pool
            ORDER BY CASE WHEN prorations.value = 'largest' THEN self_yen ELSE 0 END DESC,
                visit_date DESC, feed DESC, delivery DESC, line_no DESC
        ) AS turn
    FROM counting
    JOIN limited USING (household, service_month, pool)
    LEFT JOIN prorations
        ON prorations.from_date <= service_month
        AND (prorations.until_date IS NULL OR prorations.until_date > service_month)
    -- 区分が分からなければ、限度額も見込額も分からない
    WHERE place = 1 AND limit_yen IS NOT NULL
),
shares AS (
    SELECT
        household, child_resident_code, service_month, institution_code, care, pool, feed, delivery, line_no,
        floor_share_yen + greatest(0, least(
            self_yen - floor_share_yen,
            refund_yen - sum(floor_share_yen) OVER whole - coalesce(sum(self_yen - floor_share_yen) OVER before, 0)
        ))::BIGINT AS share_yen
    FROM floored
    WINDOW
        whole AS (PARTITION BY household, service_month, pool),
        before AS (
            PARTITION BY household, service_month, pool
            ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
),
estimated AS (
    SELECT
        counting.feed, counting.delivery, counting.line_no,
        counting.child_resident_code, counting.service_month, counting.pool, place, self_yen, in_nhi,
        counting.insurer_no, counting.insurance_type_code,
        household_children, household_lines, household_self_yen, household_total_yen,
        income_class, class_source, often, limit_yen, lowest_yen,
        shares.share_yen AS expected_high_yen,
        coalesce(nhi_rules.value, FALSE) AS nhi_decides
    FROM counting
    LEFT JOIN limited USING (household, service_month, pool)
    LEFT JOIN shares
        ON shares.household = counting.household
        AND shares.child_resident_code = counting.child_resident_code
        AND shares.service_month = counting.service_month
        AND shares.care = counting.care
        AND shares.pool = counting.pool
        AND CASE WHEN counting.institution_code IS NULL
                 THEN shares.feed = counting.feed AND shares.delivery = counting.delivery
                    AND shares.line_no = counting.line_no
                 ELSE shares.institution_code = counting.institution_code END
    LEFT JOIN nhi_rules
        ON nhi_rules.from_date <= counting.service_month
        AND (nhi_rules.until_date IS NULL OR nhi_rules.until_date > counting.service_month)
),
-- 附加給付: その保険者の規約、なければ保険種別のもの
ruled AS (
    SELECT
        estimated.*,
        self_yen - expected_high_yen - deduct_yen AS above_yen,
        unit_yen,
        least_yen
    FROM estimated
    LEFT JOIN supplementary_rules AS rules
        ON (rules.insurer_no = estimated.insurer_no
            OR (rules.insurer_no IS NULL AND rules.insurance_type = estimated.insurance_type_code))
        AND rules.from_date <= service_month AND (rules.until_date IS NULL OR rules.until_date > service_month)
    QUALIFY row_number() OVER (
        PARTITION BY feed, delivery, estimated.line_no ORDER BY rules.insurer_no NULLS LAST
    ) = 1
)
SELECT
    feed, delivery, line_no,
    CASE WHEN place = 1 THEN '1' ELSE '0' END AS counted,
    self_yen, household_children, household_lines, household_self_yen, household_total_yen,
    income_class, class_source,
    CASE WHEN often THEN '1' ELSE '0' END AS many_times,
    limit_yen, lowest_yen, expected_high_yen,
    CASE
        WHEN above_yen IS NULL THEN NULL
        WHEN greatest(0, above_yen) // unit_yen * unit_yen >= least_yen THEN greatest(0, above_yen) // unit_yen * unit_yen
        ELSE 0
    END AS expected_supplementary_yen,
    CASE WHEN nhi_decides AND in_nhi AND expected_high_yen IS NOT NULL THEN '1' ELSE '0' END AS decided_by_nhi
FROM ruled
ORDER BY feed, delivery, line_no
