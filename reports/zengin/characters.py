"""Which characters each kind of field may hold, and how they become bytes and come back.

Belongs here: the character classes of 全銀協 付録1, JIS X 0201, and the stand-ins. Does not belong here: turning a
written name into these characters (kana.py), and where the fields lie (layout.py).

A stand-in is an ASCII character that no field may hold, in the place of a kana: a record of stand-ins has one byte of
UTF-8 for each byte of the file, so that widths and offsets are those of the file and files are translated at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

KANA = "".join(map(chr, range(0xFF71, 0xFF9E)))
"""ｱ–ﾝ, bytes B1–DD. ｦ (A6), small kana (A7–AF) and ｰ (B0) are not in it. Source: 全銀協 付録1 注1–3."""

MARKS = "ﾞﾟ"
"""濁点 and 半濁点, bytes DE and DF, each a byte of its own. Source: 全銀協 付録1 注1–3."""

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
WO = "ｦ"


def _escaped(characters: str) -> str:
    return "".join(f"\\x{ord(c):02x}" if c < "\x80" else c for c in characters)


_PLAIN = LATIN + DIGITS + " ()-./\\"
_SPARE = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in _PLAIN]
_KANA = KANA + MARKS + WO + "｢｣"

STAND_INS: dict[str, str] = dict(zip(_KANA, _SPARE, strict=False))
"""Half-width character → its stand-in."""

NOT_ALLOWED, NOT_JIS = _SPARE[len(_KANA) :]
"""In the place of a byte of JIS X 0201 that no field may hold, and of any other byte (read, never written)."""

_FOREIGN = dict.fromkeys(_SPARE, "\ufffd")
_CHARACTERS = {stand_in: character for character, stand_in in STAND_INS.items()}


def _byte(character: str) -> int:
    """Its byte under コード区分 0: JIS X 0201 is the single-byte half of cp932."""
    return character.encode("cp932")[0]


def _stand_in(byte: int) -> str:
    text = bytes([byte]).decode("cp932", errors="replace")
    if text in _PLAIN or text in STAND_INS or text in "\r\n":
        return STAND_INS.get(text, text)
    return NOT_ALLOWED if 0x20 <= byte < 0x7F or 0xA1 <= byte <= 0xDF else NOT_JIS


_TO_STAND_INS = "".join(map(_stand_in, range(256))).encode("ascii")
_TO_BYTES = bytes(_byte(_CHARACTERS.get(chr(code), chr(code))) for code in range(128)) + bytes(range(128, 256))


@dataclass(frozen=True)
class CharacterClass:
    """The characters one kind of field may hold, with the publication that says so."""

    label: str
    allowed: str
    source: str

    def illegal(self, also: str = "") -> str:
        """A regular expression (Python and Polars) that finds a character outside the class.

        `also` are characters the bank accepts in addition, by its own agreement.
        """
        return f"[^{_escaped(self.allowed + also)}]"

    def stand_ins(self, also: str = "") -> str:
        """The allowed characters as stand-ins, escaped for use between the brackets of a regular expression."""
        return _escaped(_as_stand_ins(self.allowed + also))


STORE_NAME = CharacterClass("店舗名", KANA + MARKS + LATIN + DIGITS + "-", "全銀協 付録1 注1–3")
ACCOUNT_NAME = CharacterClass("口座名", KANA + MARKS + LATIN + DIGITS + " ()-.", "全銀協 付録1 注1–3")
EDI = CharacterClass("EDI情報", KANA + WO + MARKS + LATIN + DIGITS + " \\｢｣()-/.", "全銀協 付録1 注1–3")

_ROUND = "ﾊﾋﾌﾍﾎ"
_VOICED = "ｳ" + "".join(map(chr, range(ord("ｶ"), ord("ﾄ") + 1))) + _ROUND


def _misplaced(voiced: str, rounded: str, marks: str) -> str:
    """Finds a mark on a base that cannot take it."""
    voicing, rounding = map(_escaped, marks)
    return f"(?:^|[^{_escaped(voiced)}]){voicing}|(?:^|[^{_escaped(rounded)}]){rounding}"


def _as_stand_ins(characters: str) -> str:
    return "".join(STAND_INS.get(character, character) for character in characters)


MISPLACED_MARK = _misplaced(_VOICED, _ROUND, MARKS)
"""Finds a mark on a base that cannot take it: ﾞ follows ｳ, ｶ–ﾄ, ﾊ–ﾎ; ﾟ follows ﾊ–ﾎ. Source: 全銀協 付録1."""

MISPLACED_STAND_IN = _misplaced(*map(_as_stand_ins, (_VOICED, _ROUND, MARKS)))
"""The same in text of stand-ins."""


def masked(text: pl.Expr) -> pl.Expr:
    """A String column as stand-ins. What is no character of the file becomes one of several bytes: `file_bytes`
    refuses it."""
    return text.str.replace_many(STAND_INS | _FOREIGN)


def unmasked(text: pl.Expr) -> pl.Expr:
    """A column of stand-ins as the characters they stand for."""
    return text.str.replace_many(_CHARACTERS)


def file_bytes(stand_ins: str) -> bytes:
    """The bytes of the file, one for each stand-in. Raises ValueError when a character is not of the file; the error
    does not repeat the text."""
    return as_file_bytes(stand_ins.encode())


def as_file_bytes(stand_ins: bytes) -> bytes:
    """`file_bytes` of text in UTF-8."""
    if not stand_ins.isascii():
        raise ValueError("Z1 ファイルに使えない文字があります。")
    return stand_ins.translate(_TO_BYTES)


def file_stand_ins(data: bytes) -> bytes:
    """One stand-in for each byte of a file that is read; CR and LF stay."""
    return data.translate(_TO_STAND_INS)
