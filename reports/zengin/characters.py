"""Which characters each kind of field may hold, and how they become bytes.

Belongs here: the character classes of 全銀協 付録1 and JIS X 0201. Does not belong here: turning a
written name into these characters (kana.py), and where the fields lie (layout.py).
"""

from __future__ import annotations

from dataclasses import dataclass

KANA = "".join(map(chr, range(0xFF71, 0xFF9E)))
"""ｱ–ﾝ, bytes B1–DD. ｦ (A6), small kana (A7–AF) and ｰ (B0) are not in it. Source: 全銀協 付録1 注1–3."""

MARKS = "ﾞﾟ"
"""濁点 and 半濁点, bytes DE and DF, each a byte of its own. Source: 全銀協 付録1 注1–3."""

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
WO = "ｦ"


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
        escaped = "".join("\\" + c if c in r"\-[]^" else c for c in self.allowed + also)
        return f"[^{escaped}]"


STORE_NAME = CharacterClass("店舗名", KANA + MARKS + LATIN + DIGITS + "-", "全銀協 付録1 注1–3")
ACCOUNT_NAME = CharacterClass("口座名", KANA + MARKS + LATIN + DIGITS + " ()-.", "全銀協 付録1 注1–3")
EDI = CharacterClass("EDI情報", KANA + WO + MARKS + LATIN + DIGITS + " \\｢｣()-/.", "全銀協 付録1 注1–3")

MISPLACED_MARK = "(?:^|[^ｳｶ-ﾄﾊ-ﾎ])ﾞ|(?:^|[^ﾊ-ﾎ])ﾟ"
"""Finds a mark on a base that cannot take it: ﾞ follows ｳ, ｶ–ﾄ, ﾊ–ﾎ; ﾟ follows ﾊ–ﾎ."""


def jis_x_0201(text: str) -> bytes:
    """One byte per character (コード区分 0). The single-byte half of cp932 is JIS X 0201.

    Raises ValueError when a character needs two bytes or has none; the error does not repeat the text.
    """
    try:
        data = text.encode("cp932")
    except UnicodeEncodeError as error:
        raise ValueError(f"Z1 JIS X 0201 にない文字があります（{error.start + 1}文字目）。") from None
    if len(data) != len(text):
        raise ValueError("Z1 JIS X 0201 にない文字（2バイト文字）があります。")
    return data
