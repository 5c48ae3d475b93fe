-- 受給資格の検算。登録された子ども × 期間 × 判定 × 給付区分 × 理由。期間は半開(end_dateの日から外れる)。
-- 表: children persons residences schemes registrations(子どもに1行か、登録と保護者の移り変わりの数行)
--     restrictions(支給制限) overrides(強制修正。知られている行すべて) identities(名寄せ) over_ages(年齢の区切り)
--     法: age_limits school_ages scheme_order(値と、その期間) scheme_ends school_ends deaths_suspend(そう定める期間)
--         octobers(登録の終わる10月1日)
WITH
-- 入院・通院の対象となる期間(条例・対象者)
windows AS (
    SELECT
        children.child_resident_code,
        age_limits.care,
        greatest(age_limits.from_date, children.birth_date) AS start_date,
        least(age_limits.until_date, over_ages.over_date) AS end_date
    FROM children
    CROSS JOIN age_limits
    JOIN over_ages
        ON over_ages.child_resident_code = children.child_resident_code AND over_ages.years = age_limits.years
    WHERE start_date < end_date
),
-- 判定する日々: 出生か法の始まりから、最後の対象の期間の終わりまで
timelines AS (
    SELECT
        child_resident_code,
        greatest(any_value(children.birth_date), (SELECT min(from_date) FROM age_limits)) AS first_date,
        max(windows.end_date) AS last_date
    FROM children
    JOIN windows USING (child_resident_code)
    GROUP BY ALL
),
-- 小学校に入る日(学校教育法17条)
school_entries AS (
    SELECT child_resident_code, over_date
    FROM over_ages
    JOIN school_ages USING (years)
    WHERE (from_date IS NULL OR from_date <= over_date) AND (until_date IS NULL OR until_date > over_date)
),
-- 登録を失う日: 市を出た日と、法がそう定めるときは、他制度に移った日・就学の日・毎年の10月1日(条例・登録)
losses AS (
    SELECT resident_code AS child_resident_code, end_date AS lost_date FROM residences WHERE end_date IS NOT NULL
    UNION ALL
    SELECT schemes.resident_code, schemes.start_date
    FROM schemes
    SEMI JOIN scheme_ends
        ON scheme_ends.from_date <= schemes.start_date
        AND (scheme_ends.until_date IS NULL OR scheme_ends.until_date > schemes.start_date)
    UNION ALL
    SELECT school_entries.child_resident_code, school_entries.over_date
    FROM school_entries
    SEMI JOIN school_ends
        ON school_ends.from_date <= school_entries.over_date
        AND (school_ends.until_date IS NULL OR school_ends.until_date > school_entries.over_date)
    UNION ALL
    SELECT school_entries.child_resident_code, octobers.day
    FROM school_entries
    JOIN octobers ON octobers.day >= school_entries.over_date
),
-- 登録: 子どもの次の登録か、登録が始まった日より後の最初に失う日まで。その後は新しい登録が要る。保護者の変更は登録を延ばさない
registered AS (
    SELECT
        starts.child_resident_code,
        starts.guardian_resident_code,
        starts.registered_from_date AS start_date,
        least(
            lead(starts.registered_from_date) OVER (
                PARTITION BY starts.child_resident_code ORDER BY starts.registered_from_date
            ),
            losses.lost_date
        ) AS end_date
    FROM registrations AS starts
    ASOF LEFT JOIN losses
        ON losses.child_resident_code = starts.child_resident_code
        AND losses.lost_date > starts.begun_date
),
first_registered AS (
    SELECT child_resident_code, arg_min(guardian_resident_code, start_date) AS guardian_resident_code
    FROM registered
    GROUP BY ALL
),
-- 強制修正: 番号ごとに最後の履歴。取りやめは外れる
standing_overrides AS (
    SELECT
        coalesce(identities.person_code, told.child_resident_code) AS child_resident_code,
        told.* EXCLUDE (child_resident_code)
    FROM (
        FROM overrides
        QUALIFY row_number() OVER (
            PARTITION BY override_no
            ORDER BY revision_no DESC, known_date DESC, delivery DESC, line_no DESC
        ) = 1
    ) AS told
    LEFT JOIN identities ON identities.resident_code = told.child_resident_code
    WHERE told.withdrawn = '0'
),
-- 判定が変わりうる日
law_days AS (
    SELECT unnest([from_date, until_date]) AS day FROM scheme_order
    UNION
    SELECT unnest([from_date, until_date]) FROM deaths_suspend
),
turning_days AS (
    SELECT child_resident_code, first_date AS day FROM timelines
    UNION ALL
    SELECT child_resident_code, unnest([start_date, end_date]) FROM windows
    UNION ALL
    SELECT resident_code, unnest([start_date, end_date]) FROM residences
    UNION ALL
    SELECT resident_code, unnest([start_date, end_date]) FROM schemes
    UNION ALL
    SELECT child_resident_code, unnest([start_date, end_date]) FROM registered
    UNION ALL
    SELECT registered.child_resident_code, unnest([residences.start_date, residences.end_date])
    FROM (SELECT DISTINCT child_resident_code, guardian_resident_code FROM registered) AS registered
    JOIN residences ON residences.resident_code = registered.guardian_resident_code
    UNION ALL
    SELECT child_resident_code, unnest([start_date, end_date]) FROM restrictions
    UNION ALL
    SELECT child_resident_code, unnest([start_date, end_date]) FROM standing_overrides
    UNION ALL
    SELECT child_resident_code, day FROM timelines CROSS JOIN law_days
),
-- 判定が変わらない最小の期間。その最初の日に判定する
pieces AS (
    SELECT
        child_resident_code,
        day,
        lead(day, 1, last_date) OVER (PARTITION BY child_resident_code ORDER BY day) AS end_date
    FROM (
        SELECT DISTINCT timelines.child_resident_code, timelines.last_date, turning_days.day
        FROM timelines
        JOIN turning_days
            ON turning_days.child_resident_code = timelines.child_resident_code
            AND turning_days.day >= timelines.first_date
            AND turning_days.day < timelines.last_date
    )
),
-- 住民登録: その日に住んでいるか、いないなら最後に終わった事由(条例・対象者)
homes AS (
    SELECT
        pieces.child_resident_code,
        pieces.day,
        bool_or(residences.end_date IS NULL OR residences.end_date > pieces.day) AS lives_here,
        arg_max(coalesce(residences.end_reason, ''), (residences.end_date, residences.start_date))
            FILTER (residences.end_date <= pieces.day) AS left_reason
    FROM pieces
    JOIN residences
        ON residences.resident_code = pieces.child_resident_code
        AND residences.start_date <= pieces.day
    GROUP BY ALL
),
-- 年齢: 入院・通院のそれぞれの対象か
aged AS (
    SELECT
        pieces.child_resident_code,
        pieces.day,
        bool_or(windows.care = 'inpatient') AS inpatient,
        bool_or(windows.care = 'outpatient') AS outpatient
    FROM pieces
    JOIN windows
        ON windows.child_resident_code = pieces.child_resident_code
        AND windows.start_date <= pieces.day
        AND windows.end_date > pieces.day
    GROUP BY ALL
),
-- その日の登録: 最後に始まったもの。保護者はその登録のもので、まだ登録がなければ最初の登録のもの
entries AS (
    SELECT
        pieces.child_resident_code,
        pieces.day,
        coalesce(registered.end_date > pieces.day, registered.start_date IS NOT NULL) AS registered,
        coalesce(registered.guardian_resident_code, first_registered.guardian_resident_code) AS guardian_resident_code
    FROM pieces
    JOIN first_registered USING (child_resident_code)
    ASOF LEFT JOIN registered
        ON registered.child_resident_code = pieces.child_resident_code
        AND registered.start_date <= pieces.day
),
-- その日の保護者: 最後に始まった居住期間と、これから始まる期間があるか
last_stays AS (SELECT resident_code, max(start_date) AS start_date FROM residences GROUP BY ALL),
guardian_days AS (
    SELECT
        entries.child_resident_code,
        entries.day,
        entries.registered,
        persons.resident_code IS NOT NULL AS known,
        persons.in_japan,
        stays.start_date IS NULL AS never_here,
        coalesce(stays.end_date <= entries.day, FALSE) AS has_left,
        CASE WHEN has_left THEN coalesce(stays.end_reason, '') ELSE '' END AS left_reason,
        coalesce(last_stays.start_date > entries.day, FALSE) AS will_come
    FROM entries
    LEFT JOIN persons ON persons.resident_code = entries.guardian_resident_code
    LEFT JOIN last_stays ON last_stays.resident_code = entries.guardian_resident_code
    ASOF LEFT JOIN residences AS stays
        ON stays.resident_code = entries.guardian_resident_code
        AND stays.start_date <= entries.day
),
-- 保護者がいない: 台帳にないか、法がそう定めるときは亡くなった日の翌日から(条例・受給資格者)
-- 国内に住民票がない: 国外へ出て市に戻るまで。市の住民でなくこれからも戻らない人は、住登外の言うとおり(亡くなった人を除く)
guardian_tests AS (
    SELECT
        guardian_days.child_resident_code,
        guardian_days.day,
        guardian_days.registered,
        NOT known OR (left_reason = '53' AND deaths_suspend.from_date IS NOT NULL) AS missing,
        left_reason = '52'
            OR (in_japan = '0' AND NOT will_come AND (has_left OR never_here) AND left_reason <> '53') AS abroad
    FROM guardian_days
    LEFT JOIN deaths_suspend
        ON deaths_suspend.from_date <= guardian_days.day
        AND (deaths_suspend.until_date IS NULL OR deaths_suspend.until_date > guardian_days.day)
),
-- 優先する他制度。法の順で先のものが理由になる。停止は廃止ではない(条例・対象外)
other_schemes AS (
    SELECT
        pieces.child_resident_code,
        pieces.day,
        arg_min(schemes.reason, scheme_order.place) AS reason
    FROM pieces
    JOIN schemes
        ON schemes.resident_code = pieces.child_resident_code
        AND schemes.start_date <= pieces.day
        AND (schemes.end_date IS NULL OR schemes.end_date > pieces.day)
    JOIN scheme_order
        ON scheme_order.reason = schemes.reason
        AND scheme_order.from_date <= pieces.day
        AND (scheme_order.until_date IS NULL OR scheme_order.until_date > pieces.day)
    GROUP BY ALL
),
-- 支給制限: 所得、滞納、確認中の順(番号の順に等しい)
limited AS (
    SELECT pieces.child_resident_code, pieces.day, min(restrictions.reason) AS reason
    FROM pieces
    JOIN restrictions
        ON restrictions.child_resident_code = pieces.child_resident_code
        AND restrictions.start_date <= pieces.day
        AND restrictions.end_date > pieces.day
    GROUP BY ALL
),
-- 強制修正: 同じ日にいくつもあれば、最後に入力された、番号の大きいもの
overridden AS (
    SELECT
        pieces.child_resident_code,
        pieces.day,
        arg_max(outcome, (entered_date, override_no)) AS outcome
    FROM pieces
    JOIN standing_overrides
        ON standing_overrides.child_resident_code = pieces.child_resident_code
        AND standing_overrides.start_date <= pieces.day
        AND (standing_overrides.end_date IS NULL OR standing_overrides.end_date > pieces.day)
    GROUP BY ALL
),
ruled AS (
    SELECT
        pieces.*,
        aged.outpatient,
        overridden.outcome,
        CASE
            WHEN homes.lives_here IS NOT TRUE THEN
                CASE WHEN homes.left_reason = '53' THEN '03'                -- 死亡
                     WHEN homes.left_reason IN ('51', '52') THEN '02'       -- 転出
                     ELSE '13' END                                          -- 住民登録なし
            WHEN aged.inpatient IS NOT TRUE THEN '01'                       -- 年齢
            WHEN guardian_tests.missing THEN '14'                           -- 保護者確認中
            WHEN guardian_tests.abroad THEN '12'                            -- 保護者国外
            WHEN other_schemes.reason IS NOT NULL THEN other_schemes.reason -- 他制度
            WHEN NOT guardian_tests.registered THEN '11'                    -- 登録がない
            WHEN limited.reason IS NOT NULL THEN limited.reason             -- 支給制限
            ELSE '00'                                                       -- 該当
        END AS rule
    FROM pieces
    JOIN guardian_tests USING (child_resident_code, day)
    LEFT JOIN homes USING (child_resident_code, day)
    LEFT JOIN aged USING (child_resident_code, day)
    LEFT JOIN other_schemes USING (child_resident_code, day)
    LEFT JOIN limited USING (child_resident_code, day)
    LEFT JOIN overridden USING (child_resident_code, day)
),
-- 強制修正のある日は、資格あり(入院+通院)・なし・保留とし、もとの理由を残す
decided AS (
    SELECT
        child_resident_code,
        day,
        end_date,
        CASE outcome WHEN '1' THEN '00' WHEN '2' THEN '99' WHEN '3' THEN '16' ELSE rule END AS reason,
        CASE
            WHEN reason <> '00' THEN '0'
            WHEN outcome IS NULL AND outpatient IS NOT TRUE THEN '2'
            ELSE '1'
        END AS benefit_class,
        CASE WHEN outcome IS NOT NULL THEN rule END AS ruled_reason
    FROM ruled
),
-- 同じ判定が続く期間は1つにまとめる
marked AS (
    SELECT
        *,
        lag((reason, benefit_class, ruled_reason)) OVER (PARTITION BY child_resident_code ORDER BY day)
            IS DISTINCT FROM (reason, benefit_class, ruled_reason) AS begins
    FROM decided
),
runs AS (
    SELECT *, count_if(begins) OVER (PARTITION BY child_resident_code ORDER BY day) AS run_no FROM marked
)
SELECT
    child_resident_code,
    min(day) AS start_date,
    max(end_date) AS end_date,
    CASE WHEN reason = '00' THEN '1' ELSE '0' END AS entitled,
    benefit_class,
    reason,
    ruled_reason
FROM runs
GROUP BY child_resident_code, run_no, reason, benefit_class, ruled_reason
ORDER BY child_resident_code, start_date
