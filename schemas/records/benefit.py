"""Benefit: one decision per receipt or claim, the steps that explain it, and what stays open."""

from dataclasses import replace

import polars as pl

from schemas.codes import BENEFIT_CAUSE, BENEFIT_REASON, CARE, FLAG, JUDGEMENT
from schemas.record import DAY, MONTH, Item, Record, Rule, Type, code, count, digits, text, unite, yen
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted

SUBJECTS = {"receipt": "現物給付(レセプト)", "claim": "償還払い(支給申請)"}


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


DECISIONS = Record(
    "benefit_decisions",
    "支給の判定",
    "レセプト1件・申請書1枚につき判定1行。保留は翌月に、後から知ったことに関わるものは知った月にもう一度判定し、結果が変われば前の判定に代わる行を加える",
    (
        _item("decision_no", "判定番号", text(40), 8),
        Item("subject", "対象の種類", text(10, "^(receipt|claim)$")),
        _item("subject_key", "対象の番号", text(60), 8, of="claims.claim_no receipts.receipt_no"),
        _item("decided_month", "処理月", MONTH, 8),
        _item(
            "beneficiary_no",
            "受給者番号",
            digits(7),
            2,
            of="claims.beneficiary_no receipts.rcpt_patient_beneficiary_no",
        ),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, True, "registrations.child_resident_code"),
        _item(
            "guardian_resident_code", "受給資格者住民コード", digits(15), 2, True, "eligibility.guardian_resident_code"
        ),
        _item("service_month", "診療年月", MONTH, 7, of="claims.service_month receipts.service_month"),
        _item(
            "institution_code",
            "医療機関コード",
            digits(10),
            7,
            True,
            "claims.institution_code receipts.rcpt_institution_code",
        ),
        _item(
            "care", "入外", code(CARE), 7, of="claims.inpatient_outpatient_code receipts.rcpt_inpatient_outpatient_code"
        ),
        _item("application_date", "申請日", DAY, 8, True, "claims.application_date"),
        _item("demand_yen", "請求額", yen(None), 7, of="claims.partial_payment_yen receipts.rcpt_public_expense_yen"),
        _item(
            "amount_yen",
            "支給額",
            yen(None),
            8,
            of="claims.partial_payment_yen receipts.rcpt_public_expense_yen insurer_answers_known.high_cost_benefit_yen",
        ),
        _item("judgement", "判定結果", code(JUDGEMENT), 8),
        _item("reason", "理由", code(BENEFIT_REASON), 8),
        Item("feed", "取込元", text(40)),
        Item("delivery", "納品", text(120)),
        Item("line_no", "行", count(99_999_999)),
        _item("replaces_no", "代わられる判定番号", text(40), 8, True, "benefit_decisions.decision_no"),
        _item("before_yen", "代わられる判定の支給額", yen(None), 8, of="benefit_decisions.amount_yen"),
        _item("cause", "判定し直した理由", code(BENEFIT_CAUSE), 8, of="benefit_reopened.cause"),
    ),
    ("decision_no",),
    frozenset({2, 7, 8}),
    rules=(
        Rule(
            "負の支給額",
            ("amount_yen", "reason"),
            (pl.col("amount_yen") < 0) & (pl.col("reason") != "R0"),
            "支給額が負になるのは過誤・再審査による増減だけです",
        ),
    ),
)

REOPENED = Record(
    "benefit_reopened",
    "判定し直す行",
    "前の月までに判定し、この月にもう一度判定するレセプト・申請書。いま立っている判定と、なぜ・どの行をきっかけに判定し直すか",
    (
        Item("feed", "取込元", text(40), of=("benefit_decisions.feed",)),
        Item("delivery", "納品", text(120), of=("benefit_decisions.delivery",)),
        Item("line_no", "行", count(99_999_999), of=("benefit_decisions.line_no",)),
        _item("arrived_month", "届いた月", MONTH, 8, of="benefit_decisions.decided_month"),
        _item("decision_no", "いま立っている判定番号", text(40), 8, of="benefit_decisions.decision_no"),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, True, "benefit_decisions.child_resident_code"),
        _item(
            "guardian_resident_code",
            "支給を受けた(なければ判定の)受給資格者住民コード",
            digits(15),
            2,
            True,
            "benefit_decisions.guardian_resident_code",
        ),
        _item("judgement", "判定結果", code(JUDGEMENT), 8, of="benefit_decisions.judgement"),
        _item("reason", "理由", code(BENEFIT_REASON), 8, of="benefit_decisions.reason"),
        _item("amount_yen", "支給額", yen(None), 8, of="benefit_decisions.amount_yen"),
        _item("demand_yen", "請求額", yen(None), 7, of="benefit_decisions.demand_yen"),
        _item("paid", "支給したことがある", code(FLAG), 8, of="benefit_decisions.judgement"),
        _item("settled_no", "保留でない最後の判定番号", text(40), 8, True, "benefit_decisions.decision_no"),
        _item("settled_yen", "保留でない最後の判定の支給額", yen(None), 8, of="benefit_decisions.amount_yen"),
        _item("cause", "判定し直す理由", code(BENEFIT_CAUSE), 8),
        Item("news_feed", "きっかけの取込元", text(40), nullable=True),
        Item("news_delivery", "きっかけの納品", text(120), nullable=True),
        Item("news_line_no", "きっかけの行", count(99_999_999), nullable=True),
    ),
    ("feed", "delivery", "line_no"),
    frozenset({2, 7, 8}),
)

STEPS = Record(
    "benefit_steps",
    "判定の根拠",
    "判定を1行ずつ足し直せる整数の列。符号付きの円の和が支給額になる",
    (
        _item("decision_no", "判定番号", text(40), 8, of="benefit_decisions.decision_no"),
        Item("step_no", "順", count(99)),
        Item("label", "内容", text(60)),
        _item("yen", "円(符号付き)", yen(None), 8, True),
        Item("text", "判断", text(100), nullable=True),
        Item("parameter", "法の値", text(80), nullable=True),
        Item("article", "根拠", text(200), nullable=True),
        Item("feed", "取込元", text(40), nullable=True),
        Item("delivery", "納品", text(120), nullable=True),
        Item("line_no", "行", count(99_999_999), nullable=True),
    ),
    ("decision_no", "step_no"),
    frozenset({8}),
)


def open_rows(feed: Record, label: str) -> Record:
    """Rows of a feed still undecided (held) at the end of a month: the next month decides them again."""
    return replace(
        accepted(feed),
        name=f"{feed.name}_open",
        label=label,
        description=f"{label}。翌月の処理でもう一度判定する",
        items=unite(replace(item, of=(f"{feed.name}.{item.name}",)) for item in accepted(feed).items),
        key=("delivery", "line_no"),
    )


CLAIMS_OPEN = open_rows(CLAIMS, "保留中の支給申請")
RECEIPTS_OPEN = open_rows(RECEIPTS, "保留中のレセプト")
