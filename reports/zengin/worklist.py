"""What a clerk works through before a bank file: what is wrong where, what was found, what to do.

Belongs here: findings of preflight.py → places and suggestions. Does not belong here: what is a problem (preflight.py),
and how ヲ and its like are written where the bank agreed to a spelling (agreement.py): those never come here.
Nothing is corrected here: a candidate is for a person to check against the passbook.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from reports.zengin.agreement import OLD_KANA, BankProfile
from reports.zengin.characters import ACCOUNT_NAME, MISPLACED_MARK, WO
from reports.zengin.kana import in_half_width, to_zengin_kana
from reports.zengin.layout import DATA, length_of
from reports.zengin.legal_forms import WORDS
from reports.zengin.masters import with_successor
from reports.zengin.yucho import YUCHO_BANK_CODE, passbook_account, passbook_branch

WORK_SCHEMA: dict[str, type[pl.DataType]] = {
    "payment_no": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "what": pl.String,
    "item": pl.String,
    "position_no": pl.Int64,
    "found": pl.String,
    "suggestion": pl.String,
    "proposal": pl.String,
}
"""position_no: from 1 in the value as it was written, null for the whole value. found: never a whole name or account.
proposal: the value that may be meant, null where nothing is known."""

LISTED_WARNINGS = ("Z9", "Z13")
"""Warnings that somebody has something to do about; the others are told in the report only."""

ITEMS = {
    "payment_no": "支払番号",
    "beneficiary_no": "受給者番号",
    "bank_code": "銀行番号",
    "branch_code": "支店番号",
    "branch_name_kana": "銀行名・支店名",
    "account_type": "預金種目",
    "account_no": "口座番号",
    "payee_kana": "口座名義人カナ",
    "amount_yen": "振込金額",
}

_PASSBOOK = "通帳の表記を確かめ、申請を訂正してください。"
_AGREE = "通帳の表記を確かめて申請を訂正するか、金融機関と書き方を取り決めて bank.profile に書いてください。"
_MERGED = "通帳か金融機関の案内で新しい銀行番号・支店番号を確かめ、申請を訂正してください。"
_ASK_STAFF = "情報システム担当に連絡してください。"

SUGGESTIONS = {
    ("Z2", "payment_no"): _ASK_STAFF,
    ("Z2", "beneficiary_no"): _ASK_STAFF,
    ("Z6", "branch_name_kana"): _ASK_STAFF,
    ("Z7", "branch_name_kana"): _ASK_STAFF,
    ("Z11", "payment_no"): _ASK_STAFF,
    ("Z12", "amount_yen"): "判定の額を確かめてください。額が正しければ、上限を金融機関と協議してください。",
    ("Z13", "payee_kana"): "切った名で受け取れるか金融機関に確かめ、通帳の表記と違うときは申請を訂正してください。",
    ("Z14", "payee_kana"): "申請書か通帳で口座名義人カナを確かめ、申請を訂正してください。",
    ("Z15", "payee_kana"): "名義人と受給資格者の関係を確かめ、正しければ二人で通す（kodomo payee accept、confirm）か、"
    "別の口座の届出を求めてください。",
}
"""What to do by rule and item; without an entry, the passbook decides."""

_CANDIDATES = {"ヲ": "オ", "ヰ": "イ", "ヱ": "エ"}
_MARKS = "ﾞﾟ゛゜\u3099\u309a"

Place = tuple[int | None, str | None, str, str | None]
"""position_no, found, suggestion, proposal."""


def work_list(
    found: pl.DataFrame, orders: pl.DataFrame, profile: BankProfile, successors: pl.DataFrame, value_date: date
) -> pl.DataFrame:
    """WORK_SCHEMA of the orders with something to do, by payment_no. `found`: preflight.findings of `orders`."""
    to_do = (pl.col("severity") == "error") | pl.col("rule").is_in(LISTED_WARNINGS)
    wanted = found.filter(to_do & pl.col("row_no").is_not_null()).select(
        "payment_no", "rule", "severity", "sentence", about="item", row_no="row_no"
    )
    written = with_successor(orders.drop("payment_no"), successors, value_date).with_row_index("row_no", offset=1)
    rows = wanted.join(written, on="row_no", how="left", maintain_order="left").iter_rows(named=True)
    told = [_told(row, place) for row in rows for place in _places(row, profile)]
    return pl.DataFrame(told, schema=WORK_SCHEMA, orient="row").unique(maintain_order=True)


def _told(row: dict[str, Any], place: Place) -> tuple[Any, ...]:
    about = (row["payment_no"], row["rule"], row["severity"], row["sentence"], ITEMS[row["about"]])
    return (*about, *place)


def _places(row: dict[str, Any], profile: BankProfile) -> list[Place]:
    """Where the finding is: for a name each character, else the value as a whole."""
    key = (row["rule"], row["about"])
    if key in {("Z6", "payee_kana"), ("Z7", "payee_kana")}:
        return list(_characters(row["payee_kana"], row["rule"], profile)) or [(None, None, _PASSBOOK, None)]
    if row["bank_code"] == YUCHO_BANK_CODE and key in {
        ("Z2", "account_no"),
        ("Z10", "branch_code"),
        ("Z9", "branch_code"),
    }:
        return [_passbook(row)]
    if key[0] == "Z9" and row["successor"]:
        return [(*_seen(row, key, profile), _MERGED, row["successor"])]
    return [(*_seen(row, key, profile), SUGGESTIONS.get(key, _PASSBOOK), None)]


def _seen(row: dict[str, Any], key: tuple[str, str], profile: BankProfile) -> tuple[int | None, str | None]:
    """What stands there, as far as it is no name and no account."""
    match key:
        case "Z13", "payee_kana":
            return length_of(DATA, "party_name") + 1, f"{len(to_zengin_kana(row['payee_kana'], profile))}文字"
        case "Z14", _:
            return None, "空白"
        case _, "bank_code" | "branch_code":
            return None, f"{row['bank_code'] or ''}-{row['branch_code'] or ''}"[:60]
        case _, "account_type":
            return None, (row["account_type"] or "空白")[:60]
        case _, "amount_yen":
            return None, f"{row['amount_yen'] or 0:,}円"
        case _, "account_no":
            return None, f"{len(row['account_no'] or '')}文字"
    return None, None


def _characters(written: str, rule: str, profile: BankProfile) -> Iterator[Place]:
    """Every character of a name that breaks the rule. A legal form is no fault of its characters."""
    forms = {at for word in WORDS for match in re.finditer(re.escape(word), written) for at in range(*match.span())}
    for at, character in enumerate(written):
        spelled = in_half_width(f"ｱ{character}ｱ", profile.agreed_spellings)[1:-1]
        mark = character in _MARKS
        if rule == "Z7" and mark and re.search(f"(?:{MISPLACED_MARK})\\Z", _upto(written, at, profile)):
            yield at + 1, _named(character), "濁点・半濁点の付く字を通帳で確かめ、申請を訂正してください。", None
        if rule == "Z6" and not mark and at not in forms and re.search(_illegal(profile), spelled):
            yield at + 1, _named(character), *_suggested(character)


def _upto(written: str, at: int, profile: BankProfile) -> str:
    return in_half_width(written[: at + 1], profile.agreed_spellings)


def _illegal(profile: BankProfile) -> str:
    return ACCOUNT_NAME.illegal(also=WO if profile.accepts_wo else "")


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{character}（{code}）" if _visible(character) else code


def _visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CMZ"


def _suggested(character: str) -> tuple[str, str | None]:
    katakana = in_half_width(character, {})
    if katakana in OLD_KANA:
        return _AGREE, _CANDIDATES.get(katakana)
    if katakana == "・":
        return "空白とピリオドのどちらで受け取るか金融機関に確かめ、bank.profile に書いてください。", None
    if not _visible(character):
        return "画面に見えない文字です。この字を除いて申請を訂正してください。", None
    return "カナ・英数字・( ) - . 以外の字です。" + _PASSBOOK, None


def _passbook(row: dict[str, Any]) -> Place:
    """記号・番号 in the place of a ゆうちょ account."""
    branch, number = row["branch_code"] or "", row["account_no"] or ""
    found = "ゆうちょ銀行の記号・番号のまま"
    if account := passbook_account(branch, number):
        proposal = f"{YUCHO_BANK_CODE}-{account.branch_code}-{account.account_type}-{account.account_no}"
        return None, found, "通帳の記号・番号を確かめ、店番・預金種目・口座番号に申請を訂正してください。", proposal
    if branch_of_symbol := passbook_branch(branch):
        said = "店番が記号の先頭3桁のようです。口座番号は番号の末尾の1を除いた7桁です。" + _PASSBOOK
        return None, found, said, f"{YUCHO_BANK_CODE}-{branch_of_symbol}"
    return (
        None,
        f"{YUCHO_BANK_CODE}-{branch}"[:60],
        "店番・預金種目・口座番号を通帳で確かめ、申請を訂正してください。",
        None,
    )
