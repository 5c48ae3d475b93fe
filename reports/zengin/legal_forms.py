"""略語: how a corporation's legal form, its office and some bodies are written in an account name.

Belongs here: the words, their abbreviations and the marker each stands for while kana.py finds its position.
Does not belong here: the rest of the spelling.
Source: 全銀 別表 法人略語・営業所略語・事業略語, as published by 京葉銀行 and others;
the kana entries are the readings of the same words.
"""

from __future__ import annotations

_FORMS: dict[str, str] = {
    "ｶ": "株式会社 (株) ｶﾌﾞｼｷｶﾞｲｼﾔ ｶﾌﾞｼｷｶｲｼﾔ",
    "ﾕ": "有限会社 (有) ﾕｳｹﾞﾝｶﾞｲｼﾔ ﾕｳｹﾞﾝｶｲｼﾔ",
    "ﾒ": "合名会社 (名) ｺﾞｳﾒｲｶﾞｲｼﾔ ｺﾞｳﾒｲｶｲｼﾔ",
    "ｼ": "合資会社 (資) ｺﾞｳｼｶﾞｲｼﾔ ｺﾞｳｼｶｲｼﾔ",
    "ﾄﾞ": "合同会社 (同) ｺﾞｳﾄﾞｳｶﾞｲｼﾔ ｺﾞｳﾄﾞｳｶｲｼﾔ",
    "ｲ": "医療法人社団 医療法人財団 社会医療法人 医療法人 ｲﾘﾖｳﾎｳｼﾞﾝｼﾔﾀﾞﾝ ｲﾘﾖｳﾎｳｼﾞﾝｻﾞｲﾀﾞﾝ ｲﾘﾖｳﾎｳｼﾞﾝ",
    "ｻﾞｲ": "一般財団法人 公益財団法人 財団法人 (財) ｻﾞｲﾀﾞﾝﾎｳｼﾞﾝ",
    "ｼﾔ": "一般社団法人 公益社団法人 社団法人 (社) ｼﾔﾀﾞﾝﾎｳｼﾞﾝ",
    "ｼﾕｳ": "宗教法人 ｼﾕｳｷﾖｳﾎｳｼﾞﾝ",
    "ｶﾞｸ": "学校法人 (学) ｶﾞﾂｺｳﾎｳｼﾞﾝ",
    "ﾌｸ": "社会福祉法人 ｼﾔｶｲﾌｸｼﾎｳｼﾞﾝ",
    "ﾄｸﾋ": "特定非営利活動法人 ﾄｸﾃｲﾋｴｲﾘｶﾂﾄﾞｳﾎｳｼﾞﾝ",
    "ﾄﾞｸ": "独立行政法人 ﾄﾞｸﾘﾂｷﾞﾖｳｾｲﾎｳｼﾞﾝ",
    "ﾁﾄﾞｸ": "地方独立行政法人 ﾁﾎｳﾄﾞｸﾘﾂｷﾞﾖｳｾｲﾎｳｼﾞﾝ",
    "ﾀﾞｲ": "国立大学法人 公立大学法人 ｺｸﾘﾂﾀﾞｲｶﾞｸﾎｳｼﾞﾝ ｺｳﾘﾂﾀﾞｲｶﾞｸﾎｳｼﾞﾝ",
    "ﾍﾞﾝ": "弁護士法人 ﾍﾞﾝｺﾞｼﾎｳｼﾞﾝ",
    "ｾﾞｲ": "税理士法人 ｾﾞｲﾘｼﾎｳｼﾞﾝ",
    "ﾉｳ": "農事組合法人 ﾉｳｼﾞｸﾐｱｲﾎｳｼﾞﾝ",
    "ｴｲ": "営業所 ｴｲｷﾞﾖｳｼﾖ",
    "ｼﾕﾂ": "出張所 ｼﾕﾂﾁﾖｳｼﾞﾖ",
}
"""Written with brackets by position: ｶ)ABC, ABC(ｶ, ABC(ｶ)XYZ. The wrong (ｶ)ABC and ABC(ｶ) are corrected."""

_BODIES: dict[str, str] = {
    "ﾚﾝ": "連合会",
    "ｹﾝﾎﾟ": "健康保険組合",
    "ｺｸﾎ": "国民健康保険組合",
    "ｺｸﾎﾚﾝ": "国民健康保険団体連合会",
}
"""事業略語: written without brackets."""

MARKERS = "".join(chr(0xFDD0 + i) for i in range(len(_FORMS)))
"""One Unicode noncharacter per legal form; kana.py replaces any that comes in from outside."""

FORM_MARKERS: dict[str, str] = dict(zip(MARKERS, _FORMS, strict=True))
"""Marker → abbreviation."""


def _words() -> dict[str, str]:
    bracketed = {word: marker for marker, abbr in FORM_MARKERS.items() for word in (*_FORMS[abbr].split(), f"({abbr})")}
    plain = {word: abbr for abbr, word in _BODIES.items()}
    return dict(sorted((bracketed | plain).items(), key=lambda entry: -len(entry[0])))


WORDS: dict[str, str] = _words()
"""Word, as it stands after the half-width step → marker or abbreviation, the longest word first."""
