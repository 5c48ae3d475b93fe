"""Who is entitled, and when that was decided."""

from schemas.codes import BENEFIT_CLASS, CAUSE, DECISION_REASON, ELIGIBILITY_OUTCOME, FLAG
from schemas.record import DAY, MONTH, Item, Record, code, count, digits, text
from schemas.records.feeds import SOURCE
from schemas.records.register.items import INTERVAL, item

SCHEMES = Record(
    "schemes",
    "他制度の期間",
    "子ども医療費より優先する制度に該当する期間",
    (
        item("resident_code", "宛名番号", digits(15), 2),
        item("reason", "制度(決定理由コード)", code(DECISION_REASON), 9),
        *INTERVAL,
        Item("feed", "取込元", text(40)),
        *SOURCE,
    ),
    ("resident_code", "reason", "start_date", "delivery", "line_no"),
    frozenset({2, 8, 9}),
)

ELIGIBILITY = Record(
    "eligibility",
    "受給資格",
    "子ども×期間×判定×理由。期間は重ならず、すき間もない",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="registrations.child_resident_code"),
        item(
            "start_date",
            "開始日",
            DAY,
            8,
            of="residences.start_date schemes.start_date registrations.registered_from_date",
        ),
        item("end_date", "終了日(この日から外れる)", DAY, 8, of="residences.end_date schemes.end_date"),
        item("entitled", "資格", code(ELIGIBILITY_OUTCOME), 8),
        item("benefit_class", "給付区分", code(BENEFIT_CLASS), 8),
        item("reason", "理由", code(DECISION_REASON), 8, of="schemes.reason restrictions.reason"),
        item("faults", "満たさない要件", text(40), 8, True),
        item("ruled_reason", "強制修正がないときの理由", code(DECISION_REASON), 8, True, "overrides_known.outcome"),
        Item("article", "根拠", text(200)),
        item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            True,
            "registrations.guardian_resident_code",
        ),
        Item("feed", "決め手の取込元", text(40), nullable=True),
        Item("delivery", "決め手の納品", text(120), nullable=True),
        Item("line_no", "決め手の行", count(99_999_999), nullable=True),
    ),
    ("child_resident_code", "start_date"),
    frozenset({2, 8}),
)

TOUCHED = Record(
    "touched",
    "決定し直す子ども",
    "この月に知ったことが関わる子どもと、その最も重い理由・最初に影響する日・決め手の行",
    (
        item("child_resident_code", "子ども住民コード", digits(15), 2),
        item("cause", "決定した理由", code(CAUSE), 8),
        item("from_date", "最初に影響する日", DAY, 8, True),
        Item("feed", "取込元", text(40), nullable=True),
        Item("delivery", "納品", text(120), nullable=True),
        Item("line_no", "行", count(99_999_999), nullable=True),
    ),
    ("child_resident_code",),
    frozenset({2, 8}),
)

ELIGIBILITY_DECISIONS = Record(
    "eligibility_decisions",
    "資格の決定の記録",
    "この月に決定し直した子どもごとに1行。前の決定の番号と、なぜ・いつの日から変わったかを残す。過去の行は変えない",
    (
        item("decision_no", "決定番号", text(30), 8),
        item("child_resident_code", "子ども住民コード", digits(15), 2, of="touched.child_resident_code"),
        item("decided_month", "決定の処理月", MONTH, 8),
        item("previous_no", "前の決定番号", text(30), 8, True, "eligibility_decisions.decision_no"),
        item("cause", "決定した理由", code(CAUSE), 8, of="touched.cause"),
        item("changed", "結果の変更", code(FLAG), 8),
        item("changed_from_date", "結果が変わった最初の日", DAY, 8, True, "eligibility.start_date"),
        Item("feed", "きっかけの取込元", text(40), nullable=True, of=("touched.feed",)),
        Item("delivery", "きっかけの納品", text(120), nullable=True, of=("touched.delivery",)),
        Item("line_no", "きっかけの行", count(99_999_999), nullable=True, of=("touched.line_no",)),
    ),
    ("decision_no",),
    frozenset({2, 8}),
)
