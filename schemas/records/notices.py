"""Notices: every letter of a month, those withheld, and the pieces that were printed."""

from schemas.record import MONTH, TRUTH, Item, Record, Type, count, digits, text
from schemas.records.annex1 import ANNEX1

LETTER_KINDS = {
    "recognition": "認定",
    "refusal": "却下",
    "termination": "消滅",
    "payment": "支給決定",
    "nonpayment": "不支給",
    "card": "受給資格証",
    "debt": "返還請求",
    "account": "振込口座の確認",
}

LETTER_MARKS = {
    "recognition": "RC",
    "refusal": "RF",
    "termination": "TE",
    "payment": "PA",
    "nonpayment": "NO",
    "card": "CA",
    "debt": "DE",
    "account": "AC",
}
"""What document and batch numbers of a kind begin with; no two are alike."""


def _item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


KIND = Item("kind", "種類", text(20, f"^({'|'.join(LETTER_KINDS)})$"))

LETTERS = Record(
    "letters",
    "通知",
    "この月に作った通知。宛先はあて先の規則で決め、内容は決定から作る",
    (
        Item("document_no", "文書番号", text(40)),
        KIND,
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="eligibility.child_resident_code"),
        _item("guardian_resident_code", "受給資格者住民コード", digits(15), 2, of="eligibility.guardian_resident_code"),
        Item(
            "subject_key",
            "受給者番号・返還番号・支払番号",
            text(60),
            of=("registrations.beneficiary_no", "debts.debt_no", "payment_orders.payment_no"),
        ),
        Item("decided_month", "処理月", MONTH),
    ),
    ("document_no",),
    frozenset({2, 8}),
)

WITHHELD = Record(
    "letters_withheld",
    "差し止めた通知",
    "支援措置などで送れない通知。職員が手渡しなどで届ける",
    (
        Item("document_no", "文書番号", text(40), of=("letters.document_no",)),
        KIND,
        _item("child_resident_code", "子ども住民コード", digits(15), 2, of="letters.child_resident_code"),
        Item("reason", "理由", text(200)),
    ),
    ("document_no",),
    frozenset({2}),
)

PIECES = Record(
    "letter_pieces",
    "封入明細",
    "印刷した1通ごとの番号・頁・要約値。封入の数と順を数える",
    (
        Item("document_no", "文書番号", text(40), of=("letters.document_no",)),
        KIND,
        Item("file_name", "PDF", text(120)),
        Item("piece_id", "封入番号", text(60)),
        Item("sequence", "順", count(999_999)),
        Item("first_page", "最初の頁", count(999_999)),
        Item("pages", "頁数", count(99)),
        _item("postal_code", "郵便番号", ANNEX1["guardian_mailing_postal_code"].type, 4),
        Item("digest", "要約値", text(64)),
        Item("address_fits", "窓に収まる", TRUTH),
        Item("missing_glyphs", "字形のない字", text(400), nullable=True, description="フォントにない字の符号位置"),
    ),
    ("document_no",),
    frozenset({4}),
)
