"""ゆうちょ銀行: 記号・番号 of a passbook → the 店番, 預金種目 and 口座番号 of a transfer.

Belongs here: this conversion and the kana of ゆうちょ branch names. Does not belong here: other banks.
Source: ゆうちょ銀行「記号番号から振込用の店名・預金種目・口座番号への変換」.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from schemas.errors import CityError

YUCHO_BANK_CODE = "9900"

_DIGIT_KANA = dict(zip("0123456789", ("ｾﾞﾛ", "ｲﾁ", "ﾆ", "ｻﾝ", "ﾖﾝ", "ｺﾞ", "ﾛｸ", "ﾅﾅ", "ﾊﾁ", "ｷﾕｳ"), strict=True))

_WHOLE = re.compile("(?P<symbol>1[0-9]{3}0|0[0-9]{4})(?:-[0-9](?=-))?-?(?P<number>[0-9]{3,8})")
_NUMBER = re.compile("[0-9]{7}1")


class YuchoNumberError(CityError):
    """記号・番号 that no passbook carries. The numbers are not repeated in the message."""


@dataclass(frozen=True)
class YuchoAccount:
    """A ゆうちょ account as a transfer names it; account_no has 7 digits."""

    branch_code: str
    branch_name_kana: str
    account_type: str
    account_no: str


def yucho_branch_kana(branch_code: str) -> str:
    """The branch name of a 3-digit 店番 in half-width kana: 018 → ｾﾞﾛｲﾁﾊﾁ."""
    if not re.fullmatch("[0-9]{3}", branch_code):
        raise YuchoNumberError("ゆうちょ銀行の店番は3桁の数字です。")
    return "".join(_DIGIT_KANA[digit] for digit in branch_code)


def yucho_account(symbol: str, number: str, *, savings: bool = False) -> YuchoAccount:
    """記号 (5 digits) and 番号 → the account. `savings`: 通常貯蓄貯金, whose 預金種目 is 4.

    記号 1xxx0 (総合口座, 通常貯金): 店番 ends in 8, 番号 (2–8 digits) loses its last digit 1.
    記号 0xxxx (振替口座): 店番 ends in 9, 当座.
    The digit printed between the two after a reissue is not passed. Raises YuchoNumberError.
    """
    if re.fullmatch("1[0-9]{3}0", symbol) and re.fullmatch("[0-9]{1,7}1", number):
        return _account(symbol[1:3] + "8", "4" if savings else "1", number[:-1])
    if re.fullmatch("0[0-9]{4}", symbol) and re.fullmatch("[0-9]{1,7}", number) and not savings:
        return _account(symbol[1:3] + "9", "2", number)
    raise YuchoNumberError("ゆうちょ銀行の記号・番号の組み合わせが正しくありません。")


def passbook_account(branch_code: str, account_no: str) -> YuchoAccount | None:
    """The account meant by 記号・番号 in the place of 店番 and 口座番号; None where none is recognised.

    Recognised: 番号 of 8 digits beside the first digits of 記号, or beside the 店番 already converted; 記号 and 番号
    together as 口座番号, with or without hyphens and the digit of a reissue.
    """
    if _NUMBER.fullmatch(account_no) and re.fullmatch("1[0-9]{2}", branch_code):
        return _account_or_none(f"{branch_code}00", account_no)
    if _NUMBER.fullmatch(account_no) and re.fullmatch("[0-9]{2}8", branch_code):
        return _account_or_none(f"1{branch_code[:2]}00", account_no)
    whole = _WHOLE.fullmatch(account_no)
    return _account_or_none(whole["symbol"], whole["number"]) if whole else None


def passbook_branch(branch_code: str) -> str | None:
    """The 店番 meant by the first three digits of a 記号 1xxx0; None where they are none."""
    return f"{branch_code[1:]}8" if re.fullmatch("1[0-9][0-79]", branch_code) else None


def _account_or_none(symbol: str, number: str) -> YuchoAccount | None:
    try:
        return yucho_account(symbol, number)
    except YuchoNumberError:
        return None


def yucho_mismatch() -> pl.Expr:
    """True where a ゆうちょ account's 店番 and 預金種目 are no pair: …8 has 1 or 4, …9 has 2."""
    branch, kind = pl.col("branch_code"), pl.col("account_type")
    passbook = branch.str.ends_with("8") & kind.is_in(["1", "4"])
    giro = branch.str.ends_with("9") & (kind == "2")
    return (pl.col("bank_code") == YUCHO_BANK_CODE) & ~(passbook | giro)


def _account(branch_code: str, account_type: str, number: str) -> YuchoAccount:
    return YuchoAccount(branch_code, yucho_branch_kana(branch_code), account_type, number.zfill(7))
