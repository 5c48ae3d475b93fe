-- 受給資格の検算。登録された子ども × 期間 × 判定 × 理由。期間は半開(end_dateの日から外れる)。
-- 表: persons residences schemes registrations(台帳) age_scope scheme_order(法の値と、その期間)
WITH
-- 年齢に達する日は誕生日の前日(年齢計算ニ関スル法律、民法143条2項)。
-- 「応当する月の1日 + (日 − 2)」がその日で、2月29日生まれはいつも2月28日になる。
reached AS (
    SELECT
        registrations.child_resident_code,
        greatest(age_scope.from_date, persons.birth_date) AS start_date,
        coalesce(age_scope.until_date, DATE '9999-12-31') AS until_date,
        make_date(year(birth_date) + age_scope.years, month(birth_date), 1)
            + (day(birth_date) - 2)::INTEGER AS reach_date
    FROM registrations
    JOIN persons ON persons.resident_code = registrations.child_resident_code
    CROSS JOIN age_scope
),
-- 達した日以後の最初の3月31日まで。出生前と、法の定めのない日は含まない(条例・対象者)
aged AS (
    SELECT
        child_resident_code,
        start_date,
        least(until_date, make_date(year(reach_date) + (month(reach_date) >= 4)::INTEGER, 4, 1)) AS end_date
    FROM reached
),
scope AS (SELECT * FROM aged WHERE start_date < end_date),
-- 保護者に国内の住民票がない最初の日。住民だった人は国外へ出た日から、そうでない人はずっと(条例・受給資格者)
guardians AS (
    SELECT
        resident_code,
        CASE WHEN in_japan = '0' THEN coalesce(resident_to_date, DATE '0001-01-01') END AS abroad_from_date
    FROM persons
),
-- 判定が変わりうる日
turning_days AS (
    SELECT resident_code AS child_resident_code, start_date AS day FROM residences
    UNION SELECT resident_code, end_date FROM residences
    UNION SELECT resident_code, start_date FROM schemes
    UNION SELECT resident_code, end_date FROM schemes
    UNION SELECT child_resident_code, registered_from_date FROM registrations
    UNION
    SELECT registrations.child_resident_code, guardians.abroad_from_date
    FROM registrations JOIN guardians ON guardians.resident_code = registrations.guardian_resident_code
    UNION
    SELECT registrations.child_resident_code, scheme_order.from_date FROM registrations CROSS JOIN scheme_order
),
boundaries AS (
    SELECT child_resident_code, start_date AS scope_date, end_date AS scope_end_date, start_date AS day FROM scope
    UNION
    SELECT scope.child_resident_code, scope.start_date, scope.end_date, turning_days.day
    FROM scope
    JOIN turning_days
        ON turning_days.child_resident_code = scope.child_resident_code
        AND turning_days.day > scope.start_date
        AND turning_days.day < scope.end_date
),
-- 判定が変わらない最小の期間
pieces AS (
    SELECT
        child_resident_code,
        day AS start_date,
        lead(day, 1, scope_end_date) OVER (PARTITION BY child_resident_code, scope_date ORDER BY day) AS end_date
    FROM boundaries
),
-- 住民登録: その日に住んでいるか、いないなら最後に終わった事由(条例・対象者)
resident AS (
    SELECT
        pieces.child_resident_code,
        pieces.start_date,
        bool_or(residences.end_date IS NULL OR residences.end_date > pieces.start_date) AS lives_here,
        arg_max(residences.end_reason, (residences.end_date, residences.start_date))
            FILTER (residences.end_date <= pieces.start_date) AS left_reason
    FROM pieces
    JOIN residences
        ON residences.resident_code = pieces.child_resident_code
        AND residences.start_date <= pieces.start_date
    GROUP BY ALL
),
-- 優先する他制度: 施設 > 生活保護 > 重度心身 > ひとり親。停止は廃止ではない(条例・対象外)
other_scheme AS (
    SELECT
        pieces.child_resident_code,
        pieces.start_date,
        arg_min(schemes.reason, scheme_order.place) AS reason
    FROM pieces
    JOIN schemes
        ON schemes.resident_code = pieces.child_resident_code
        AND schemes.start_date <= pieces.start_date
        AND (schemes.end_date IS NULL OR schemes.end_date > pieces.start_date)
    JOIN scheme_order
        ON scheme_order.reason = schemes.reason
        AND scheme_order.from_date <= pieces.start_date
        AND (scheme_order.until_date IS NULL OR scheme_order.until_date > pieces.start_date)
    GROUP BY ALL
),
judged AS (
    SELECT
        pieces.child_resident_code,
        pieces.start_date,
        pieces.end_date,
        CASE
            WHEN resident.lives_here IS NOT TRUE THEN
                CASE WHEN resident.left_reason = '53' THEN '03'             -- 死亡
                     WHEN resident.left_reason IN ('51', '52') THEN '02'    -- 転出
                     ELSE '13' END                                          -- 住民登録なし
            WHEN guardians.resident_code IS NULL THEN '14'                  -- 保護者確認中
            WHEN guardians.abroad_from_date <= pieces.start_date THEN '12'  -- 保護者国外
            WHEN other_scheme.reason IS NOT NULL THEN other_scheme.reason   -- 他制度
            WHEN pieces.start_date < registrations.registered_from_date THEN '11'  -- 登録の前
            ELSE '00'                                                       -- 該当
        END AS reason
    FROM pieces
    JOIN registrations USING (child_resident_code)
    LEFT JOIN guardians ON guardians.resident_code = registrations.guardian_resident_code
    LEFT JOIN resident USING (child_resident_code, start_date)
    LEFT JOIN other_scheme USING (child_resident_code, start_date)
),
-- 同じ理由が続く期間は1つにまとめる
marked AS (
    SELECT
        *,
        lag(reason) OVER child IS DISTINCT FROM reason OR lag(end_date) OVER child <> start_date AS begins
    FROM judged
    WINDOW child AS (PARTITION BY child_resident_code ORDER BY start_date)
),
runs AS (
    SELECT *, count_if(begins) OVER (PARTITION BY child_resident_code ORDER BY start_date) AS run_no FROM marked
)
SELECT
    child_resident_code,
    min(start_date) AS start_date,
    max(end_date) AS end_date,
    CASE WHEN reason = '00' THEN '1' ELSE '0' END AS entitled,
    reason
FROM runs
GROUP BY child_resident_code, run_no, reason
ORDER BY child_resident_code, start_date
