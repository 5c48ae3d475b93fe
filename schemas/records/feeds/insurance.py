"""The 国保 and what the insurers answer."""

from schemas.codes import CARE, FLAG, INCOME_CLASS
from schemas.record import DAY, Record, code, digits, text, unite
from schemas.records.feeds.items import HISTORY, HISTORY_KEY, annexed, interval_rule, item

NATIONAL_HEALTH_INSURANCE = Record(
    "national_health_insurance",
    "国民健康保険",
    "国保の資格の得喪と、限度額適用認定の区分",
    unite(
        (
            item("resident_code", "宛名番号", digits(15), 2),
            item("insurer_no", "保険者番号", digits(8), 7),
            item("symbol_number", "記号番号", text(80), 7),
            item("insured_branch_no", "枝番", digits(2), 7),
            item("start_date", "取得年月日", DAY, 7),
            item("end_date", "喪失年月日", DAY, 7, nullable=True),
            item("income_class", "適用区分", code(INCOME_CLASS), 7, nullable=True),
        ),
        HISTORY,
    ),
    HISTORY_KEY,
    frozenset({2, 7}),
    (interval_rule("start_date", "end_date"),),
)

INSURER_ANSWERS = Record(
    "insurer_answers",
    "保険者の回答",
    "高額療養費・附加給付・適用区分についての保険者の回答",
    (
        item("answer_no", "回答番号", text(20), 7),
        item("child_resident_code", "子ども住民コード", digits(15), 2),
        item("insurer_no", "保険者番号", digits(8), 7),
        annexed("service_month", required=True),
        item("institution_code", "医療機関コード", digits(10), 7, nullable=True),
        item("care", "入外コード", code(CARE), 7),
        item("income_class", "適用区分", code(INCOME_CLASS), 7, nullable=True),
        item("many_times", "多数回該当", code(FLAG), 7),
        annexed("high_cost_benefit_yen", required=True),
        annexed("supplementary_benefit_yen", required=True),
        item("answered_date", "回答年月日", DAY, 7),
    ),
    ("answer_no",),
    frozenset({2, 7}),
)
