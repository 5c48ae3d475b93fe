-- 支給制限の検算。子ども × 期間 × 理由(09 所得、10 滞納、15 確認中)。期間は半開(end_dateの日から外れる)。
-- 表: guardians(保護者と配偶者の期間) taxes arrears(知られている行) identities(名寄せ) over_ages(年齢の区切り)
--     法: spans(判定の年度を、法の値が同じ期間に分けたもの) limits income_parts deductions(期間ごとの値)
--         arrears_items(期間ごとの科目と、その順番・科目の数)
WITH
-- 制限を受けうる期間: 保護者の定まっている、就学の日からの判定の年度
restrictable AS (
    SELECT
        guardians.child_resident_code,
        guardians.guardian_resident_code,
        guardians.spouse_resident_code,
        spans.span_no,
        greatest(guardians.start_date, spans.from_date, over_ages.over_date) AS first_date,
        least(guardians.end_date, spans.until_date) AS last_date
    FROM guardians
    JOIN over_ages USING (child_resident_code)
    JOIN spans ON spans.after_years = over_ages.years
    WHERE first_date < last_date
),
-- 父母。所得が同じなら保護者(turnの大きい方)で見る
parents AS (
    SELECT child_resident_code, span_no, first_date, last_date, guardian_resident_code AS person_code, 2 AS turn
    FROM restrictable
    UNION ALL
    SELECT child_resident_code, span_no, first_date, last_date, spouse_resident_code, 1
    FROM restrictable
    WHERE spouse_resident_code IS NOT NULL
),
asked AS (SELECT DISTINCT span_no, person_code FROM parents),
-- 滞納: 番号・科目・基準日ごとに、最後に知った行
told_arrears AS (
    SELECT
        resident_code,
        arrears_item AS item,
        base_date,
        arg_max(arrears, (known_date, delivery, line_no)) AS arrears
    FROM arrears
    WHERE base_date IN (SELECT base_date FROM spans)
    GROUP BY ALL
),
-- 1科目でも滞納があれば滞納。未照会か行のない科目があれば分からない(除外事由のある2は、なし)
arrears_of AS (
    SELECT
        arrears_items.span_no,
        coalesce(identities.person_code, told_arrears.resident_code) AS person_code,
        CASE
            WHEN bool_or(arrears = '1') THEN TRUE
            WHEN bool_and(arrears <> '9')
                AND bit_or(1 << arrears_items.place) = any_value(1 << arrears_items.items) - 1 THEN FALSE
        END AS in_arrears
    FROM told_arrears
    JOIN spans USING (base_date)
    JOIN arrears_items ON arrears_items.span_no = spans.span_no AND arrears_items.item = told_arrears.item
    LEFT JOIN identities USING (resident_code)
    GROUP BY ALL
),
-- 課税年度の行: 履歴番号の最も大きいもの、同じなら最後に知ったもの。未申告は0円ではなく、分からない
told_taxes AS (
    SELECT asked.span_no, asked.person_code, taxes.*
    FROM taxes
    LEFT JOIN identities USING (resident_code)
    JOIN spans ON spans.looks_at_income AND spans.tax_year = taxes.tax_year
    JOIN asked
        ON asked.span_no = spans.span_no
        AND asked.person_code = coalesce(identities.person_code, taxes.resident_code)
    QUALIFY row_number() OVER (
        PARTITION BY asked.span_no, asked.person_code
        ORDER BY revision_no DESC, taxes.resident_code DESC, known_date DESC, delivery DESC, line_no DESC
    ) = 1
),
filed AS (SELECT * FROM told_taxes WHERE filing = '1'),
-- 項目1つを1行に。空欄の項目は0と同じで、行がない
items AS (
    UNPIVOT filed
    ON (COLUMNS(* EXCLUDE (span_no, person_code, resident_code, delivery, line_no, known_date))::VARCHAR)
    INTO NAME item VALUE said
),
-- 足す所得と引く額(児童手当法施行令2条・3条の例)
amounts AS (
    SELECT span_no, person_code, said::BIGINT AS yen
    FROM items JOIN income_parts USING (span_no, item)
    UNION ALL
    SELECT
        span_no,
        person_code,
        CASE deductions.kind
            WHEN 'actual' THEN -said::BIGINT
            WHEN 'count' THEN -said::BIGINT * deductions.yen
            WHEN 'flag' THEN CASE WHEN said = deductions.value THEN -deductions.yen END
        END
    FROM items JOIN deductions USING (span_no, item)
    UNION ALL
    SELECT span_no, person_code, -coalesce(flat.yen, 0)
    FROM filed LEFT JOIN (FROM deductions WHERE kind = 'flat') AS flat USING (span_no)
),
incomes AS (SELECT span_no, person_code, greatest(sum(yen), 0) AS income_yen FROM amounts GROUP BY ALL),
-- 扶養親族等の数と、そのうち老人(1 控除対象配偶者、2 老人控除対象配偶者)
dependants AS (
    SELECT
        span_no,
        person_code,
        coalesce(elderly_dependents_count, 0) + (spouse_deduction_class IS NOT DISTINCT FROM '2')::INTEGER AS elderly,
        (coalesce(spouse_deduction_class, '') IN ('1', '2'))::INTEGER
            + coalesce(dependents_0_15_count, 0)
            + coalesce(other_dependents_count, 0)
            + coalesce(specified_dependents_count, 0)
            + coalesce(elderly_dependents_count, 0) AS dependants
    FROM filed
),
last_limits AS (SELECT span_no, max(dependants) AS dependants FROM limits GROUP BY ALL),
-- 限度額: 表にない人数は1人ごとに、老人は1人ごとに足す
over_limits AS (
    SELECT
        span_no,
        person_code,
        incomes.income_yen,
        incomes.income_yen > limits.limit_yen
            + greatest(dependants.dependants - last_limits.dependants, 0) * spans.more_yen
            + dependants.elderly * spans.elderly_yen AS over_limit
    FROM incomes
    JOIN dependants USING (span_no, person_code)
    JOIN spans USING (span_no)
    JOIN last_limits USING (span_no)
    JOIN limits
        ON limits.span_no = incomes.span_no
        AND limits.dependants = least(dependants.dependants, last_limits.dependants)
),
-- 父母のうち1人でもそうなら「そう」、そうでなければ1人でも分からなければ「分からない」(空)。
-- 所得の高い人で見るときは、どちらかの所得が分からなければ分からない
family AS (
    SELECT
        child_resident_code,
        first_date AS start_date,
        last_date AS end_date,
        spans.mode,
        CASE
            WHEN any_value(spans.income_persons) = 'each' AND bool_or(over_limit) THEN TRUE
            WHEN count(over_limit) < count(*) THEN NULL
            ELSE arg_max(over_limit, (income_yen, turn))
        END AS over_limit,
        CASE
            WHEN bool_or(in_arrears) THEN TRUE
            WHEN count(in_arrears) = count(*) THEN FALSE
        END AS in_arrears
    FROM parents
    JOIN spans USING (span_no)
    LEFT JOIN arrears_of USING (span_no, person_code)
    LEFT JOIN over_limits USING (span_no, person_code)
    GROUP BY ALL
)
-- 空(分からない)とのANDとORも、分からなければ空になる
SELECT child_resident_code, start_date, end_date, '09' AS reason
FROM family
WHERE mode = 'income_or_arrears' AND over_limit
UNION ALL
SELECT child_resident_code, start_date, end_date, '10'
FROM family
WHERE in_arrears AND (mode <> 'income_and_arrears' OR over_limit)
UNION ALL
SELECT child_resident_code, start_date, end_date, '15'
FROM family
WHERE CASE mode
    WHEN 'arrears' THEN in_arrears
    WHEN 'income_or_arrears' THEN over_limit OR in_arrears
    WHEN 'income_and_arrears' THEN over_limit AND in_arrears
END IS NULL
