"""Settlement: the differences of a month, what is offset, what is paid, and what is still owed."""

from schemas.codes import BENEFIT_CAUSE, CARE, COUNTERPART, DIFFERENCE, ORDER_SUBJECT
from schemas.record import DAY, MONTH, Item, Record, Type, code, count, digits, text, yen


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


_DECISION = "benefit_decisions"
_GUARDIAN = _item(
    "guardian_resident_code", "受給資格者住民コード", digits(15), 2, of=f"{_DECISION}.guardian_resident_code"
)
_CHILD = _item("child_resident_code", "子ども住民コード", digits(15), 2, of=f"{_DECISION}.child_resident_code")

NEWS = (
    Item("news_feed", "きっかけの取込元", text(40), nullable=True, of=("benefit_reopened.news_feed",)),
    Item("news_delivery", "きっかけの納品", text(120), nullable=True, of=("benefit_reopened.news_delivery",)),
    Item("news_line_no", "きっかけの行", count(99_999_999), nullable=True, of=("benefit_reopened.news_line_no",)),
)
"""The row that brought the news."""

DIFFERENCES = Record(
    "settlement_differences",
    "支給額の差額",
    "この月の判定が、すでに支給した額とどれだけ違うか。返還は、支給した判定ときっかけの行の2つを示す。保留の間は差額にしない",
    (
        _item("decision_no", "判定番号", text(40), 8, of=f"{_DECISION}.decision_no"),
        _item("subject", "対象の種類", text(10, "^(receipt|claim)$"), 8, of=f"{_DECISION}.subject"),
        _item("subject_key", "対象の番号", text(60), 8, of=f"{_DECISION}.subject_key"),
        _item("decided_month", "処理月", MONTH, 8, of=f"{_DECISION}.decided_month"),
        _item("service_month", "診療年月", MONTH, 7, of=f"{_DECISION}.service_month"),
        _item("institution_code", "医療機関コード", digits(10), 7, True, f"{_DECISION}.institution_code"),
        _item("child_resident_code", "子ども住民コード", digits(15), 2, True, f"{_DECISION}.child_resident_code"),
        _item(
            "guardian_resident_code",
            "受給資格者住民コード",
            digits(15),
            2,
            True,
            f"{_DECISION}.guardian_resident_code",
        ),
        _item("kind", "差額の種類", code(DIFFERENCE), 8),
        _item("counterpart", "差額の相手", code(COUNTERPART), 8),
        _item("cause", "理由", code(BENEFIT_CAUSE), 8, of=f"{_DECISION}.cause"),
        _item("paid_no", "支給した判定番号", text(40), 8, True, "benefit_reopened.settled_no"),
        _item("settled_yen", "すでに決めた額", yen(None), 8, of="benefit_reopened.settled_yen"),
        _item("amount_yen", "支給額", yen(None), 8, of=f"{_DECISION}.amount_yen"),
        _item("difference_yen", "差額", yen(None), 8, of=f"{_DECISION}.amount_yen benefit_reopened.settled_yen"),
        *NEWS,
    ),
    ("decision_no",),
    frozenset({2, 7, 8}),
)

OFFSETS = Record(
    "settlement_offsets",
    "相殺",
    "この月の支払から差し引いた返還。古い返還から順に、診療年月や制度によらず差し引く",
    (
        _item("debt_no", "返還番号", text(40), 8, of="debts.debt_no"),
        _item("decision_no", "差し引かれた判定番号", text(40), 8, of=f"{_DECISION}.decision_no"),
        _GUARDIAN,
        _item("decided_month", "処理月", MONTH, 8, of=f"{_DECISION}.decided_month"),
        _item("offset_yen", "相殺額", yen(1), 8, of="settlement_differences.difference_yen debts.open_yen"),
    ),
    ("debt_no", "decision_no"),
    frozenset({2, 8}),
)

PAYABLES = Record(
    "settlement_payables",
    "支払う額",
    "初回支給と追給を、相殺のあとに支払う額。0円になったものは支払わない",
    (
        _item("decision_no", "判定番号", text(40), 8, of="settlement_differences.decision_no"),
        _item("subject_kind", "支払の対象", code(ORDER_SUBJECT), 8),
        _item(
            "subject_key",
            "申請書番号か判定番号",
            text(60),
            8,
            of=f"{_DECISION}.subject_key {_DECISION}.decision_no",
        ),
        _item("decided_month", "処理月", MONTH, 8, of=f"{_DECISION}.decided_month"),
        _item("beneficiary_no", "受給者番号", digits(7), 2, of=f"{_DECISION}.beneficiary_no"),
        _CHILD,
        _GUARDIAN,
        _item("care", "入外", code(CARE), 7, of=f"{_DECISION}.care"),
        _item("application_date", "申請日", DAY, 8, True, f"{_DECISION}.application_date"),
        _item("difference_yen", "差額", yen(1), 8, of="settlement_differences.difference_yen"),
        _item("offset_yen", "相殺額", yen(), 8, of="settlement_offsets.offset_yen"),
        _item("payable_yen", "支払う額", yen(), 8, of="settlement_differences.difference_yen"),
    ),
    ("decision_no",),
    frozenset({2, 7, 8}),
)

DEBTS = Record(
    "debts",
    "返還",
    "この月に残っていた、または生じた返還。相殺のあとに残る額と、返還請求の時期",
    (
        _item("debt_no", "返還番号(判定番号)", text(40), 8, of="settlement_differences.decision_no"),
        _item("paid_no", "支給した判定番号", text(40), 8, of="settlement_differences.paid_no"),
        _GUARDIAN,
        _CHILD,
        _item("service_month", "診療年月", MONTH, 7, of=f"{_DECISION}.service_month"),
        _item("cause", "理由", code(BENEFIT_CAUSE), 8, of=f"{_DECISION}.cause"),
        *NEWS,
        _item("since_month", "生じた月", MONTH, 8, of=f"{_DECISION}.decided_month"),
        _item("first_yen", "返還の額", yen(1), 8, of="settlement_differences.difference_yen"),
        _item("owed_yen", "相殺の前の残り", yen(1), 8, of="debts.open_yen settlement_differences.difference_yen"),
        _item("offset_yen", "この月に相殺した額", yen(), 8, of="settlement_offsets.offset_yen"),
        _item("open_yen", "残り", yen(), 8, of="debts.owed_yen settlement_offsets.offset_yen"),
        _item("claim_month", "返還請求のできる月", MONTH, 8),
        _item("claimed_month", "返還を請求した月", MONTH, 8, True),
    ),
    ("debt_no",),
    frozenset({2, 7, 8}),
)
