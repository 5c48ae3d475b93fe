"""The reviewing bodies' demand beside the receipts accepted and decided, line by line, and everything that differs."""

from schemas.codes import CARE, DEMAND_CLASS, DEMAND_DIFFERENCE
from schemas.record import MONTH, Item, Record, Type, code, count, digits, text, yen

_DEMAND, _DECISION = "review_body_demands", "benefit_decisions"
_RECEIPT_YEN = "receipts.rcpt_public_expense_yen"


def _item(name: str, label: str, kind: Type, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({7, 8}), nullable, of=tuple(of.split()))


_YEN, _RECEIPTS = yen(None, 99_999_999_999), count(9_999_999)

_LINE = (
    _item("review_body", "審査支払機関", digits(1), of=f"{_DEMAND}.review_body receipts.review_body"),
    _item("billing_month", "請求年月", MONTH, of=f"{_DEMAND}.billing_month receipts.billing_month"),
    _item("demand_class", "請求区分", code(DEMAND_CLASS), of=f"{_DEMAND}.demand_class receipts.receipt_change"),
    _item("service_month", "診療年月", MONTH, of=f"{_DEMAND}.service_month receipts.service_month"),
    _item("care", "種別(入外コード)", code(CARE), of=f"{_DEMAND}.care receipts.rcpt_inpatient_outpatient_code"),
)
LINE_KEY = tuple(item.name for item in _LINE)
"""What makes a line of the demand."""

DEMAND_LINES = Record(
    "demand_lines",
    "請求の突合",
    "審査支払機関の請求の1行ごとに、受理したレセプトとその判定、手数料の定めを並べたもの。どちらか一方にしかない行もある",
    (
        *_LINE,
        _item("demanded_receipts", "請求の件数", _RECEIPTS, of=f"{_DEMAND}.receipts"),
        _item("accepted_receipts", "受理したレセプトの件数", _RECEIPTS, of="receipts.receipt_no"),
        _item("demanded_yen", "請求額", _YEN, of=f"{_DEMAND}.amount_yen"),
        _item("accepted_yen", "受理したレセプトの公費負担額", _YEN, of=_RECEIPT_YEN),
        _item("decided_yen", "受理したレセプトの支給額", _YEN, of=f"{_DECISION}.amount_yen"),
        _item("fee_unit_sen", "請求の手数料単価(銭)", count(9_999_999), True, f"{_DEMAND}.fee_unit_sen"),
        _item("legal_unit_sen", "定めの手数料単価(銭)", count(9_999_999), True),
        _item("fee_yen", "請求の手数料", _YEN, of=f"{_DEMAND}.fee_yen"),
        _item("fee_due_yen", "受理した件数による手数料", _YEN, of="receipts.receipt_no"),
    ),
    LINE_KEY,
    frozenset({7, 8}),
)

DEMAND_DIFFERENCES = Record(
    "demand_differences",
    "請求との違い",
    "審査支払機関の請求が、受理したレセプト・判定・手数料の定めと違うところ。1つの違いに1行。審査支払機関へ確かめるか、過誤を申し出る",
    (
        _item("difference_no", "違いの番号", text(160)),
        _item("difference", "違い", code(DEMAND_DIFFERENCE)),
        *_LINE,
        _item("decision_no", "判定番号", text(40), True, f"{_DECISION}.decision_no"),
        _item("subject_key", "レセプトの番号", text(60), True, f"{_DECISION}.subject_key"),
        _item("receipts", "違う件数", count(9_999_999, -9_999_999), of=f"{_DEMAND}.receipts receipts.receipt_no"),
        _item("difference_yen", "違う額", _YEN, of=f"{_DEMAND}.amount_yen {_RECEIPT_YEN} {_DECISION}.amount_yen"),
        _item("fee_difference_yen", "違う手数料", _YEN, of=f"{_DEMAND}.fee_yen"),
        _item("told", "内容", text(200)),
    ),
    ("difference_no",),
    frozenset({7, 8}),
)
