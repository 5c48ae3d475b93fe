"""The closed list of letters: title, template and the data each one needs.

Here: what a letter of a kind must carry, item by item. Not here: the city's wording (cities/*.yaml),
the addressee (addressee.py) or the page (templates/).
"""

from dataclasses import dataclass
from enum import Enum

import polars as pl


class Unit(Enum):
    """How a value is typed in the frame and written on paper."""

    TEXT = "text"
    DATE = "date"
    MONTH = "month"
    YEN = "yen"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type a column of this unit has."""
        return {"text": pl.String(), "yen": pl.Int64()}.get(self.value, pl.Date())


@dataclass(frozen=True)
class Entry:
    """One item of a letter: column name, Japanese label, unit."""

    name: str
    label: str
    unit: Unit = Unit.TEXT
    required: bool = True


@dataclass(frozen=True)
class Kind:
    """One kind of letter.

    `entries` are columns of the frame; `details` are the fields of its list column `details`.
    `total` names the entry that must equal the sum of the detail of the same name.
    `valid_until` names the entry that must not lie before the day of issue (INC-21).
    `disposition` says that the letter notifies a 処分 and carries the 教示, unless the city's wording says otherwise.
    """

    code: str
    title: str
    entries: tuple[Entry, ...]
    details: tuple[Entry, ...] = ()
    total: str | None = None
    valid_until: str | None = None
    disposition: bool = True

    @property
    def template(self) -> str:
        """File name under reports/templates/; the template asserts the same code (INC-28)."""
        return f"{self.code}.typ"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every frame column a letter of this kind may show."""
        return tuple(e.name for e in self.entries) + (("details",) if self.details else ())


_RECIPIENT = Entry("recipient_no", "受給者番号")
_CHILD = Entry("child_name", "子どもの氏名")
_BIRTH = Entry("child_birth_date", "生年月日", Unit.DATE)
_VALID_FROM = Entry("valid_from_date", "資格の始まる日", Unit.DATE)
_VALID_TO = Entry("valid_to_date", "有効期間の満了日", Unit.DATE)
_COVERED = Entry("care_covered", "支給の対象")
_APPLIED = Entry("application_date", "申請年月日", Unit.DATE)
_REASON = Entry("reason", "理由")
_CLAIM: tuple[Entry, ...] = (
    Entry("child_name", "子どもの氏名"),
    Entry("service_month", "診療年月", Unit.MONTH),
    Entry("visit", "区分"),
    Entry("institution_name", "医療機関等"),
    Entry("partial_payment_yen", "一部負担額", Unit.YEN),
)

RECOGNITION = Kind(
    "recognition",
    "子ども医療費受給資格認定通知書",
    (_RECIPIENT, _CHILD, _BIRTH, _COVERED, _VALID_FROM, _VALID_TO),
    valid_until="valid_to_date",
)
REFUSAL = Kind("refusal", "子ども医療費受給資格認定申請却下通知書", (_CHILD, _BIRTH, _APPLIED, _REASON))
TERMINATION = Kind(
    "termination",
    "子ども医療費受給資格消滅通知書",
    (_RECIPIENT, _CHILD, _BIRTH, Entry("end_date", "資格の消滅した日", Unit.DATE), _REASON),
)
PAYMENT = Kind(
    "payment",
    "子ども医療費支給決定通知書",
    (
        _RECIPIENT,
        Entry("amount_yen", "支給決定額", Unit.YEN),
        Entry("payment_date", "振込予定日", Unit.DATE, required=False),
        Entry("account_text", "振込先"),
    ),
    details=(
        *_CLAIM,
        Entry("deduction_yen", "控除額等", Unit.YEN),
        Entry("amount_yen", "支給額", Unit.YEN),
    ),
    total="amount_yen",
)
NONPAYMENT = Kind(
    "nonpayment",
    "子ども医療費不支給決定通知書",
    (_RECIPIENT, _APPLIED),
    details=(*_CLAIM, Entry("reason", "不支給の理由")),
)
CARD = Kind(
    "card",
    "子ども医療費受給資格証",
    (
        Entry("payer_no", "公費負担者番号"),
        _RECIPIENT,
        Entry("child_name", "氏名"),
        _BIRTH,
        Entry("guardian_name", "保護者"),
        _COVERED,
        _VALID_FROM,
        _VALID_TO,
    ),
    valid_until="valid_to_date",
    disposition=False,
)
DEBT = Kind(
    "debt",
    "子ども医療費返還請求書",
    (
        _RECIPIENT,
        _CHILD,
        Entry("service_month", "診療年月", Unit.MONTH),
        Entry("institution_name", "医療機関等"),
        _REASON,
        Entry("news_text", "改めたきっかけ"),
        Entry("open_yen", "返還を請求する額", Unit.YEN),
        Entry("due_date", "納付の期限", Unit.DATE),
    ),
    details=(
        Entry("what", "内容"),
        Entry("cited_no", "判定番号"),
        Entry("month", "年月", Unit.MONTH),
        Entry("how", "支払の方法・理由"),
        Entry("open_yen", "金額", Unit.YEN),
    ),
    total="open_yen",
)

ACCOUNT = Kind(
    "account",
    "子ども医療費振込口座確認のお願い",
    (
        _RECIPIENT,
        _CHILD,
        Entry("amount_yen", "振り込めなかった額", Unit.YEN),
        Entry("value_date", "振込の日", Unit.DATE),
        Entry("account_text", "振込先"),
        Entry("reason", "振り込めなかった理由"),
    ),
    disposition=False,
)

KINDS: dict[str, Kind] = {
    kind.code: kind for kind in (RECOGNITION, REFUSAL, TERMINATION, PAYMENT, NONPAYMENT, CARD, DEBT, ACCOUNT)
}
"""Kind by code. A letter outside this list does not exist."""
