"""What the city and its 指定金融機関 agreed: who pays (Originator) and how (BankProfile).

Belongs here: the shape of these facts and the check that a mapping states all of them.
Does not belong here: their values, which are data of the city.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from reports.zengin.characters import DIGITS, KANA
from schemas.errors import CityError

LINE_ENDS: Mapping[str, str] = {"none": "", "crlf": "\r\n"}
"""What may follow each 120-byte record. Source: 群馬銀行 (CRLF), 信金 (none); no lone CR or LF."""

MOST_RECORDS = 999_999
MOST_YEN = 9_999_999_999
MOST_TOTAL_YEN = 999_999_999_999
"""What the digits of 合計件数 (6), 振込金額 (10) and 合計金額 (12) can hold."""

OLD_KANA = "ヲヰヱヷヸヹヺ"
"""Kana without a legal spelling in an account name; never guessed."""

PUNCTUATION = "・."
"""Banks differ: some want a space, some a period (京葉銀行 refuses both ・ and .)."""


_KANA = unicodedata.normalize("NFKC", KANA)


class AgreementError(CityError):
    """A bank profile or an originator is not stated fully or holds a value the format cannot carry."""


def _stated(mapping: Mapping[str, Any], owner: type[Any], label: str) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(owner)}
    if missing := sorted(names - set(mapping)):
        raise AgreementError(f"{label}に項目がありません: {', '.join(missing)}")
    if unknown := sorted(set(mapping) - names):
        raise AgreementError(f"{label}に不明な項目があります: {', '.join(unknown)}")
    return dict(mapping)


def _whole_number(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _agreed(character: object, spelling: object) -> bool:
    if not (isinstance(character, str) and isinstance(spelling, str) and len(character) == len(spelling) == 1):
        return False
    if character in PUNCTUATION:
        return spelling in " ."
    base = unicodedata.normalize("NFD", spelling)[0]
    return character in OLD_KANA and (character == spelling == "ヲ" or (base in _KANA and spelling not in OLD_KANA))


def _consistent(agreed: Mapping[str, str]) -> bool:
    refuses_periods = agreed.get(".") == " "
    return all(_agreed(c, s) for c, s in agreed.items()) and not (refuses_periods and agreed.get("・") == ".")


@dataclass(frozen=True)
class BankProfile:
    """How one bank takes the file. Every value is contractual, so none has a default.

    line_end: "none" or "crlf".
    agreed_spellings: character → what to write for it. ヲヰヱヷヸヹヺ → one katakana ("ヲ": "ヲ" when the
    bank accepts ｦ); ・ and "." → " " or ".". Without an entry, these kana and ・ are problems, "." stays.
    max_records: per file. max_amount_yen: per record. transfer_designation_code: 振込指定区分, one digit.
    master_max_age_days: older than this on the value date, the branch master only warns (Z9).
    """

    line_end: str
    agreed_spellings: Mapping[str, str]
    max_records: int
    max_amount_yen: int
    transfer_designation_code: str
    master_max_age_days: int

    def __post_init__(self) -> None:
        wrong = [name for name, fits in self._fits().items() if not fits]
        if wrong:
            raise AgreementError(f"銀行との取り決めの値が正しくありません: {', '.join(wrong)}")

    def _fits(self) -> dict[str, bool]:
        code, agreed = self.transfer_designation_code, self.agreed_spellings
        return {
            "line_end": isinstance(self.line_end, str) and self.line_end in LINE_ENDS,
            "agreed_spellings": isinstance(agreed, Mapping) and _consistent(agreed),
            "max_records": _whole_number(self.max_records, MOST_RECORDS),
            "max_amount_yen": _whole_number(self.max_amount_yen, MOST_YEN),
            "transfer_designation_code": isinstance(code, str) and len(code) == 1 and code in DIGITS,
            "master_max_age_days": _whole_number(self.master_max_age_days, 36_500),
        }

    @property
    def accepts_wo(self) -> bool:
        """Whether the bank accepts ｦ in account names (全銀協 付録1 改正)."""
        return self.agreed_spellings.get("ヲ") == "ヲ"

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """A profile from a mapping (YAML) that names every field. Raises AgreementError."""
        return cls(**_stated(mapping, cls, "銀行との取り決め"))


@dataclass(frozen=True)
class Originator:
    """振込依頼人: the city's paying account. Codes are digit strings, names kana of any width.

    originator_code: 10 digits given by the bank. account_type: 1 普通, 2 当座, 9 その他.
    """

    originator_code: str
    name_kana: str
    bank_code: str
    bank_name_kana: str
    branch_code: str
    branch_name_kana: str
    account_type: str
    account_no: str

    def __post_init__(self) -> None:
        wrong = [f.name for f in dataclasses.fields(self) if not isinstance(getattr(self, f.name), str)]
        if wrong:
            raise AgreementError(f"振込依頼人の値は文字列で書いてください: {', '.join(wrong)}")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """An originator from a mapping (YAML) that names every field. Raises AgreementError."""
        return cls(**_stated(mapping, cls, "振込依頼人"))
