"""A written name → the half-width kana of the bank file.

Belongs here: the spelling of account and store names, once in plain Python (the readable statement) and once
as a Polars expression (the one production uses); tests hold them equal. Does not belong here: judging the
result (preflight.py). A character without a legal spelling stays as it is, so that preflight can report it.

The steps, in order: spacing marks → combining; NFKC; large katakana, capitals, hyphens and the bank's agreed
spellings; NFC again, so that a mark typed after a small kana joins its base; half-width, marks apart; spaces
collapsed; legal forms abbreviated (account names only).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from reports.zengin.agreement import OLD_KANA, BankProfile
from reports.zengin.characters import ACCOUNT_NAME, KANA, MARKS, MISPLACED_MARK, WO
from reports.zengin.legal_forms import FORM_MARKERS, MARKERS, WORDS

_SPACING_MARKS = {"゛": "\u3099", "゜": "\u309a"}
_LARGE = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_HYPHENS = dict.fromkeys("ー‐‑‒–—―−", "-")
_CAPITALS = {chr(c): chr(c - 32) for c in range(ord("a"), ord("z") + 1)}
_RESERVED = dict.fromkeys(MARKERS, "\ufffd")


def _katakana() -> dict[str, str]:
    hiragana = {chr(c): chr(c + 0x60) for c in range(0x3041, 0x3097)}
    return {h: _LARGE.get(k, k) for h, k in hiragana.items()} | _LARGE


def _half_width() -> dict[str, str]:
    half = {unicodedata.normalize("NFKC", k): k for k in KANA} | dict(zip("\u3099\u309a", MARKS, strict=True))
    parts = {chr(c): unicodedata.normalize("NFD", chr(c)) for c in range(0x30A1, 0x30FB)}
    spelled = {k: "".join(half.get(p, "") for p in ps) for k, ps in parts.items() if ps[0] in half}
    return {k: s for k, s in spelled.items() if k not in OLD_KANA} | {m: half[m] for m in "\u3099\u309a"}


_PLAIN = _katakana() | _HYPHENS | _CAPITALS | _RESERVED
_HALF = _half_width()


def _plain(agreed: Mapping[str, str]) -> dict[str, str]:
    return {source: agreed.get(target, target) for source, target in _PLAIN.items()} | dict(agreed)


def _half(agreed: Mapping[str, str]) -> dict[str, str]:
    return _HALF | ({"ヲ": WO} if agreed.get("ヲ") == "ヲ" else {})


def _translated(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)


def to_zengin_kana(text: str, profile: BankProfile) -> str:
    """The account-name spelling of `text`, uncut: one character per byte of the file.

    A character without a legal spelling is left in place; `preflight.problems` reports it (Z6).
    Applying it twice changes nothing. Source: 全銀協 付録1; 法人略語 by position (ｶ)ABC, ABC(ｶ, ABC(ｶ)XYZ).
    """
    spelled = in_half_width(text, profile.agreed_spellings)
    return _abbreviated(re.sub(" {2,}", " ", spelled).strip(" "))


def in_half_width(text: str, agreed: Mapping[str, str]) -> str:
    """The text in half-width kana with marks apart, before spaces and legal forms."""
    text = unicodedata.normalize("NFKC", _translated(text, _SPACING_MARKS))
    text = unicodedata.normalize("NFC", _translated(text, _plain(agreed)))
    return _translated(text, _half(agreed))


def to_store_kana(text: str, agreed: Mapping[str, str]) -> str:
    """The text as the name of a bank or branch: no space or period inside, nothing abbreviated."""
    return re.sub("[ .]", "", in_half_width(text, agreed))


def _abbreviated(text: str) -> str:
    text = re.sub("|".join(map(re.escape, WORDS)), lambda found: WORDS[found[0]], text)
    text = re.sub(f" ?([{MARKERS}]) ?", r"(\1)", text)
    text = re.sub(f"^\\(([{MARKERS}])", r"\1", text)
    text = re.sub(f"\\(([{MARKERS}])\\)\\Z", r"(\1", text)
    return _translated(text, FORM_MARKERS)


def zengin_kana(text: pl.Expr, profile: BankProfile) -> pl.Expr:
    """`to_zengin_kana` for a String column; null stays null."""
    text = _half_width_expr(text, profile.agreed_spellings)
    text = text.str.replace_many(WORDS, leftmost=True)
    text = text.str.replace_all(f" ?([{MARKERS}]) ?", "(${1})")
    text = text.str.replace(f"^\\(([{MARKERS}])", "${1}")
    text = text.str.replace(f"\\(([{MARKERS}])\\)$", "(${1}")
    return text.str.replace_many(FORM_MARKERS)


@lru_cache(maxsize=8)
def _ordinary(agreed: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Characters whose spelling does not depend on their neighbours, with it."""
    codes = (*range(0x21, 0x7F), *range(0x3041, 0x3097), *range(0x30A1, 0x30FD), *range(0xFF01, 0xFF5F))
    spelled = {chr(c): in_half_width(f"ｱ{chr(c)}ｱ", dict(agreed))[1:-1] for c in codes if chr(c) not in OLD_KANA}
    return {"　": " "} | {c: s for c, s in spelled.items() if c != s and not re.search(ACCOUNT_NAME.illegal(), s)}


def spelled_names(names: pl.Series, profile: BankProfile) -> pl.Series:
    """`zengin_kana` of a column. A name of ordinary kana, which nearly all are, takes one step instead of ten."""
    spelled = names.str.replace_many(_ordinary(tuple(profile.agreed_spellings.items())))
    spelled = spelled.str.replace_all(" {2,}", " ").str.strip_chars(" ")
    foreign = spelled.str.contains(ACCOUNT_NAME.illegal()) | spelled.str.contains(MISPLACED_MARK)
    odd = (foreign | spelled.str.contains_any(list(WORDS))).arg_true()
    if odd.is_empty():
        return spelled
    written = names.gather(odd).to_frame("name").select(zengin_kana(pl.col("name"), profile))
    return spelled.scatter(odd, written.to_series())


def store_kana(text: pl.Expr, agreed: Mapping[str, str]) -> pl.Expr:
    """`to_store_kana` for a String column."""
    return _half_width_expr(text, agreed).str.replace_all("[ .]", "")


def _half_width_expr(text: pl.Expr, agreed: Mapping[str, str]) -> pl.Expr:
    text = text.str.replace_many(_SPACING_MARKS).str.normalize("NFKC").str.replace_many(_plain(agreed))
    text = text.str.normalize("NFC").str.replace_many(_half(agreed))
    return text.str.replace_all(" {2,}", " ").str.strip_chars(" ")


def cut(text: pl.Expr, length: int) -> pl.Expr:
    """At most `length` characters of a spelled String column, never between a base and its mark."""
    splits_a_pair = text.str.slice(length, 1).is_in(list(MARKS))
    return pl.when(splits_a_pair).then(text.str.slice(0, length - 1)).otherwise(text.str.slice(0, length))
