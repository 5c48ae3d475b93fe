-- 受給資格の検算。登録された子ども × 期間 × 判定 × 理由。期間は半開(end_dateの日から外れる)。
-- 表: persons residences schemes registrations(台帳。子どもに1行か、登録と保護者の移り変わりの数行)
--     age_scope scheme_order scheme_ends_registration(法の値と、その期間)
WITH
children AS (SELECT DISTINCT child_resident_code FROM registrations),
-- 年齢に達する日は誕生日の前日(年齢計算ニ関スル法律、民法143条2項)。
-- 「応当する月の1日 + (日 − 2)」がその日で、2月29日生まれはいつも2月28日になる。
reached AS (
    SELECT
        children.child_resident_code,
        greatest(age_scope.from_date, persons.birth_date) AS start_date,
        coalesce(age_scope.until_date, DATE '9999-12-31') AS until_date,
        make_date(year(birth_date) + age_scope.years, month(birth_date), 1)
            + (day(birth_date) - 2)::INTEGER AS reach_date
    FROM children
    JOIN persons ON persons.resident_code = children.child_resident_code
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
-- 保護者。名寄せ先のある番号は、名寄せ先の人の居住期間で見る
guardians AS (
    SELECT resident_code, in_japan, coalesce(same_person_code, resident_code) AS person_code
    FROM persons
    WHERE resident_code IN (SELECT guardian_resident_code FROM registrations)
),
guardian_stays AS (
    SELECT guardians.resident_code AS guardian_resident_code, residences.*
    FROM guardians JOIN residences ON residences.resident_code = guardians.person_code
),
-- 判定が変わりうる日
turning_days AS (
    SELECT resident_code AS child_resident_code, start_date AS day FROM residences
    UNION SELECT resident_code, end_date FROM residences
    UNION SELECT resident_code, start_date FROM schemes
    UNION SELECT resident_code, end_date FROM schemes
    UNION SELECT child_resident_code, registered_from_date FROM registrations
    UNION
    SELECT registrations.child_resident_code, unnest([guardian_stays.start_date, guardian_stays.end_date])
    FROM registrations JOIN guardian_stays USING (guardian_resident_code)
    UNION
    SELECT children.child_resident_code, scheme_order.from_date FROM children CROSS JOIN scheme_order
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
-- その日の登録: 最後に始まったもの。保護者はその登録のもので、まだ登録がなければ最初の登録のもの
registered AS (
    SELECT
        pieces.child_resident_code,
        pieces.start_date,
        max(registered_from_date) FILTER (registered_from_date <= pieces.start_date) AS registered_from_date,
        coalesce(
            arg_max(guardian_resident_code, registered_from_date) FILTER (registered_from_date <= pieces.start_date),
            arg_min(guardian_resident_code, registered_from_date)
        ) AS guardian_resident_code
    FROM pieces
    JOIN registrations USING (child_resident_code)
    GROUP BY ALL
),
-- 登録を失う日: 住民でなくなった日と、法がそう定めるときは他制度に移った日(条例・登録)。その後は新しい登録が要る
losses AS (
    SELECT resident_code AS child_resident_code, end_date AS lost_date FROM residences WHERE end_date IS NOT NULL
    UNION
    SELECT schemes.resident_code, schemes.start_date
    FROM schemes
    JOIN scheme_ends_registration
        ON scheme_ends_registration.ends
        AND scheme_ends_registration.from_date <= schemes.start_date
        AND (scheme_ends_registration.until_date IS NULL OR scheme_ends_registration.until_date > schemes.start_date)
),
lapsed AS (
    SELECT registered.child_resident_code, registered.start_date
    FROM registered
    SEMI JOIN losses
        ON losses.child_resident_code = registered.child_resident_code
        AND losses.lost_date > registered.registered_from_date
        AND losses.lost_date <= registered.start_date
),
-- その日の保護者の居住: 最後に始まった期間の終わりと事由、これから始まる期間があるか
guardian_days AS (
    SELECT
        registered.child_resident_code,
        registered.start_date,
        guardians.in_japan,
        arg_max(coalesce(stays.end_date, DATE '9999-12-31'), stays.start_date)
            FILTER (stays.start_date <= registered.start_date) AS left_date,
        arg_max(coalesce(stays.end_reason, ''), stays.start_date)
            FILTER (stays.start_date <= registered.start_date) AS left_reason,
        count(*) FILTER (stays.start_date > registered.start_date) AS stays_to_come
    FROM registered
    JOIN guardians ON guardians.resident_code = registered.guardian_resident_code
    LEFT JOIN guardian_stays AS stays ON stays.guardian_resident_code = guardians.resident_code
    GROUP BY ALL
),
-- 国内に住民票がない: 国外へ出て市に戻るまで。市の住民でなくこれからも戻らない人は、住登外の言うとおり(条例・受給資格者)
guardian_home AS (
    SELECT
        child_resident_code,
        start_date,
        coalesce(left_date <= start_date, FALSE) AS has_left,
        (has_left AND left_reason = '52')
            OR (in_japan = '0' AND stays_to_come = 0 AND (has_left OR left_date IS NULL)) AS abroad
    FROM guardian_days
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
            WHEN guardian_home.child_resident_code IS NULL THEN '14'        -- 保護者確認中
            WHEN guardian_home.abroad THEN '12'                             -- 保護者国外
            WHEN other_scheme.reason IS NOT NULL THEN other_scheme.reason   -- 他制度
            WHEN registered.registered_from_date IS NULL THEN '11'          -- 登録の前
            WHEN lapsed.child_resident_code IS NOT NULL THEN '11'           -- 登録を失い、次の登録の前
            ELSE '00'                                                       -- 該当
        END AS reason
    FROM pieces
    JOIN registered USING (child_resident_code, start_date)
    LEFT JOIN lapsed USING (child_resident_code, start_date)
    LEFT JOIN guardian_home USING (child_resident_code, start_date)
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
