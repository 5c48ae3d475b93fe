-- 県補助の検算。支給1件(子ども × 診療年月 × 医療機関 × 入外)ごとの県対象額・県費・市費。
-- 表: decisions(これまでのすべての判定) receipts claims(受理した行) persons taxes(知られている行) identities(名寄せ)
--     法: ages copays monthly_cares exemptions income_limits roundings rates tax_years(診療年月で選ぶ)
--         income_parts deductions(課税年度ごと)
WITH
-- その人の番号で読んだ判定。同じ行の判定は、最後のものだけが残る
named AS (
    SELECT
        decisions.* EXCLUDE (child_resident_code, guardian_resident_code),
        coalesce(child.person_code, decisions.child_resident_code) AS child_code,
        coalesce(parent.person_code, decisions.guardian_resident_code) AS guardian_code,
        CASE WHEN institution_code IS NULL THEN concat_ws('-', feed, delivery, line_no) ELSE '' END AS alone,
        CASE WHEN care IN ('1', '3') THEN '1' ELSE '2' END AS visit
    FROM decisions
    LEFT JOIN identities AS child ON child.resident_code = decisions.child_resident_code
    LEFT JOIN identities AS parent ON parent.resident_code = decisions.guardian_resident_code
),
lines AS (
    SELECT *
    FROM named
    QUALIFY row_number() OVER (
        PARTITION BY feed, delivery, line_no ORDER BY decided_month DESC, decision_no DESC
    ) = 1
),
-- 日数: 再審査(3)は日数を変えない
days AS (
    SELECT
        'receipts' AS feed,
        delivery,
        line_no,
        CASE WHEN receipt_change = '3' THEN 0 ELSE rcpt_treatment_days END AS days
    FROM receipts
    UNION ALL
    SELECT 'claims', delivery, line_no, treatment_days FROM claims
),
-- はじめに円のあった判定が、支給1件の番号
benefits AS (
    SELECT
        child_code,
        service_month,
        institution_code,
        care,
        alone,
        arg_min(decision_no, (decided_month, decision_no)) AS decision_no
    FROM named
    WHERE amount_yen <> 0
    GROUP BY ALL
),
-- 符号付きの行は、同じ支給の行と差し引く。受給資格者は、いま払っている行のもの
standing AS (
    SELECT
        benefits.decision_no,
        benefits.child_code,
        benefits.service_month,
        benefits.institution_code,
        benefits.care,
        any_value(lines.visit) AS visit,
        max_by(
            struct_pack(code := lines.guardian_code), (lines.amount_yen > 0, lines.decided_month, lines.decision_no)
        ).code AS guardian_code,
        sum(lines.amount_yen)::BIGINT AS amount_yen,
        coalesce(sum(days.days * sign(lines.amount_yen)), 0)::BIGINT AS days
    FROM benefits
    JOIN lines
        ON lines.child_code IS NOT DISTINCT FROM benefits.child_code
        AND lines.service_month = benefits.service_month
        AND lines.institution_code IS NOT DISTINCT FROM benefits.institution_code
        AND lines.care = benefits.care
        AND lines.alone = benefits.alone
    LEFT JOIN days USING (feed, delivery, line_no)
    GROUP BY ALL
),
-- 所得を見る課税年度
asked AS (
    SELECT
        standing.*,
        year(service_month) - (month(service_month) < tax_years.begins_month)::INTEGER
            + tax_years.tax_year_offset AS tax_year
    FROM standing
    LEFT JOIN tax_years
        ON tax_years.from_date <= service_month AND service_month < coalesce(tax_years.until_date, '9999-01-01')
),
-- 課税年度の行: 履歴番号の最も大きいもの、同じなら大きい宛名番号、その中で最後に知ったもの
people AS (
    SELECT taxes.*, coalesce(identities.person_code, taxes.resident_code) AS taxpayer
    FROM taxes
    LEFT JOIN identities ON identities.resident_code = taxes.resident_code
),
told AS (
    SELECT * RENAME (taxpayer AS person_code)
    FROM people
    WHERE (taxpayer, tax_year) IN (SELECT (guardian_code, tax_year) FROM asked)
    QUALIFY row_number() OVER (
        PARTITION BY taxpayer, tax_year
        ORDER BY revision_no DESC, resident_code DESC, known_date DESC, delivery DESC, line_no DESC
    ) = 1
),
filed AS (
    SELECT * FROM told WHERE filing = '1' AND tax_year IN (SELECT tax_year FROM income_parts)
),
items AS (
    UNPIVOT filed
    ON (COLUMNS(* EXCLUDE (person_code, tax_year, resident_code, delivery, line_no, known_date))::VARCHAR)
    INTO NAME item VALUE said
),
-- 児童手当法施行令2条・3条の例による所得。引ききれなければ0円
amounts AS (
    SELECT person_code, tax_year, said::BIGINT AS yen FROM items JOIN income_parts USING (tax_year, item)
    UNION ALL
    SELECT
        person_code,
        tax_year,
        -CASE deductions.kind
            WHEN 'actual' THEN said::BIGINT
            WHEN 'count' THEN said::BIGINT * deductions.yen
            WHEN 'flag' THEN (said = deductions.value)::INTEGER * deductions.yen
        END
    FROM items JOIN deductions USING (tax_year, item)
    UNION ALL
    SELECT person_code, tax_year, -deductions.yen
    FROM filed JOIN deductions USING (tax_year)
    WHERE deductions.kind = 'flat'
    UNION ALL
    SELECT person_code, tax_year, 0 FROM filed
),
incomes AS (
    SELECT person_code, tax_year, greatest(sum(yen), 0) AS income_yen FROM amounts GROUP BY ALL
),
-- 診療年月の法
lawful AS (
    SELECT
        asked.*,
        persons.birth_date,
        ages.value AS until_years,
        income_limits.value AS limit_yen,
        exemptions.value AS untaxed_exempt,
        roundings.value AS rounding,
        rates.numerator,
        rates.denominator,
        monthly.yen AS month_yen,
        daily.yen AS day_yen,
        asked.care IN (
            SELECT value
            FROM monthly_cares
            WHERE from_date <= asked.service_month AND asked.service_month < coalesce(until_date, '9999-01-01')
        ) AS bears_monthly,
        told.taxed,
        incomes.income_yen
    FROM asked
    LEFT JOIN persons ON persons.resident_code = asked.child_code
    LEFT JOIN ages
        ON ages.visit = asked.visit
        AND ages.from_date <= service_month AND service_month < coalesce(ages.until_date, '9999-01-01')
    LEFT JOIN income_limits
        ON income_limits.from_date <= service_month
        AND service_month < coalesce(income_limits.until_date, '9999-01-01')
    LEFT JOIN exemptions
        ON exemptions.from_date <= service_month AND service_month < coalesce(exemptions.until_date, '9999-01-01')
    LEFT JOIN roundings
        ON roundings.from_date <= service_month AND service_month < coalesce(roundings.until_date, '9999-01-01')
    LEFT JOIN rates
        ON rates.from_date <= service_month AND service_month < coalesce(rates.until_date, '9999-01-01')
    LEFT JOIN copays AS monthly
        ON monthly.visit = 'outpatient' AND monthly.per = 'month'
        AND monthly.from_date <= service_month AND service_month < coalesce(monthly.until_date, '9999-01-01')
    LEFT JOIN copays AS daily
        ON daily.visit = 'inpatient' AND daily.per = 'day'
        AND daily.from_date <= service_month AND service_month < coalesce(daily.until_date, '9999-01-01')
    LEFT JOIN told ON told.person_code = asked.guardian_code AND told.tax_year = asked.tax_year
    LEFT JOIN incomes ON incomes.person_code = asked.guardian_code AND incomes.tax_year = asked.tax_year
),
-- 年齢: 達する日は誕生日の前日(2月29日生まれは2月28日)。その日以後の最初の3月31日が、診療年月の末日より前なら対象外
aged AS (
    SELECT
        *,
        make_date(year(birth_date) + until_years, month(birth_date), 1) + (day(birth_date) - 2)::INTEGER AS reached,
        make_date(year(reached) + (month(reached) > 3)::INTEGER, 3, 31) < last_day(service_month) AS too_old
    FROM lawful
),
judged AS (
    SELECT
        *,
        CASE
            WHEN amount_yen <= 0 THEN 'S0'
            WHEN until_years IS NULL THEN 'U3'
            WHEN birth_date IS NULL THEN 'U4'
            WHEN too_old THEN 'S2'
            WHEN limit_yen IS NULL OR untaxed_exempt IS NULL OR rounding IS NULL OR numerator IS NULL
                OR month_yen IS NULL OR day_yen IS NULL OR tax_year IS NULL THEN 'U3'
            WHEN income_yen IS NULL THEN 'U1'
            WHEN income_yen > limit_yen THEN 'S3'
            WHEN untaxed_exempt AND taxed IS NULL THEN 'U2'
        END AS decided
    FROM aged
),
-- 県の自己負担: 入院は1日ごと。通院は1医療機関1か月に1度で、判定番号の順に使い切る
counted AS (
    SELECT
        *,
        CASE
            WHEN untaxed_exempt AND taxed = '2' THEN 0
            WHEN visit = '1' THEN day_yen * days
            WHEN bears_monthly THEN month_yen
            ELSE 0
        END AS copay_yen,
        sum(amount_yen) OVER (
            PARTITION BY
                child_code,
                service_month,
                institution_code,
                CASE WHEN visit = '2' AND bears_monthly AND institution_code IS NOT NULL THEN '' ELSE decision_no END
            ORDER BY decision_no
        ) AS upto_yen
    FROM judged
    WHERE decided IS NULL
),
subsidised AS (
    SELECT
        *,
        greatest(upto_yen - copay_yen, 0) - greatest(upto_yen - amount_yen - copay_yen, 0) AS subsidised_yen,
        sum(subsidised_yen) OVER (PARTITION BY child_code, service_month ORDER BY decision_no) AS month_upto_yen
    FROM counted
),
shared AS (
    SELECT
        decision_no,
        amount_yen,
        CASE WHEN subsidised_yen > 0 THEN 'S1' ELSE 'S4' END AS reason,
        subsidised_yen,
        CASE rounding
            WHEN 'down_per_decision' THEN subsidised_yen * numerator // denominator
            WHEN 'down_per_child_month' THEN
                month_upto_yen * numerator // denominator
                    - (month_upto_yen - subsidised_yen) * numerator // denominator
        END AS prefecture_yen
    FROM subsidised
    UNION ALL
    SELECT
        decision_no,
        amount_yen,
        decided,
        CASE WHEN decided[1] = 'S' THEN 0 END,
        CASE WHEN decided[1] = 'S' THEN 0 END
    FROM judged
    WHERE decided IS NOT NULL
)
SELECT
    decision_no,
    amount_yen,
    reason,
    subsidised_yen,
    prefecture_yen,
    amount_yen - prefecture_yen AS city_yen,
    CASE
        WHEN amount_yen <= 0 OR subsidised_yen IS NULL THEN NULL
        WHEN subsidised_yen = amount_yen THEN '1'
        WHEN subsidised_yen = 0 THEN '2'
        ELSE '3'
    END AS funding_class
FROM shared
ORDER BY decision_no
