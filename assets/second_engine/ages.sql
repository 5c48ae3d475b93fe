-- 年齢の区切り。子ども × 年齢 × その年齢に達した日以後の最初の3月31日の翌日。
-- 表: children(子どもと生年月日) ages(法の年齢)
-- 年齢に達する日は誕生日の前日(年齢計算ニ関スル法律、民法143条2項)。
-- 「応当する月の1日 + (日 − 2)」がその日で、2月29日生まれはいつも2月28日になる。
WITH
reached AS (
    SELECT
        child_resident_code,
        years,
        make_date(year(birth_date) + years, month(birth_date), 1) + (day(birth_date) - 2)::INTEGER AS reach_date
    FROM children
    CROSS JOIN ages
)
SELECT
    child_resident_code,
    years,
    make_date(year(reach_date) + (month(reach_date) >= 4)::INTEGER, 4, 1) AS over_date
FROM reached
