"""Transfers (移転): the answer to one request of another office, with the columns that office needs.

番号法9条2項・番号利用条例3条; 評価書22 II-5. An answer exists only for a row of the request.
"""

from schemas.codes import ELIGIBILITY_OUTCOME
from schemas.record import DAY, MONTH, Item, Record, Type, code, digits, text


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


_ASKED = (
    _item("request_no", "照会番号", text(20), 2, of="transfer_requests.request_no"),
    _item("request_form_no", "依頼書番号", text(30), 2, of="transfer_requests.request_form_no"),
    _item("resident_code", "対象者住民コード", digits(15), 2, of="transfer_requests.resident_code"),
    _item("base_date", "基準日", DAY, 9, of="transfer_requests.base_date"),
    _item("entitled", "子ども医療費の資格", code(ELIGIBILITY_OUTCOME), 8, of="eligibility.entitled"),
    _item("valid_from_date", "有効期間開始日", DAY, 8, True, "eligibility.start_date"),
    _item("valid_to_date", "有効期間終了日", DAY, 8, True, "eligibility.end_date"),
)
_NUMBER = _item("beneficiary_no", "受給者番号", digits(7), 2, True, "registrations.beneficiary_no")
_LAST_PAID = _item("last_paid_month", "最終支給の診療年月", MONTH, 7, True, "benefit_decisions.service_month")


def _answer(name: str, office: str, *more: Item) -> Record:
    return Record(
        f"transfer_{name}",
        f"移転・{office}",
        f"{office}の照会への回答。照会された人だけ、必要な項目だけ",
        (*_ASKED, *more),
        ("request_no", "resident_code"),
        frozenset({2, 7, 8, 9}),
    )


TO_SINGLE_PARENT = _answer("single_parent", "子育て支援課(ひとり親)", _NUMBER)
TO_PUBLIC_ASSISTANCE = _answer("public_assistance", "生活福祉1課・2課", _LAST_PAID)
TO_SEVERE_DISABILITY = _answer("severe_disability", "障害福祉課", _NUMBER, _LAST_PAID)

TRANSFERS = {"1": TO_SINGLE_PARENT, "2": TO_PUBLIC_ASSISTANCE, "3": TO_SEVERE_DISABILITY}
"""Office code (schemas.codes.TRANSFER_OFFICE) → what that office gets."""

TRANSFER_LIMIT = 9_999
"""評価書22 II-5: 移転する対象は各1万人未満."""
