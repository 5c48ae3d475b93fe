"""Two writings of the same attribute: 一致, 表記のゆれ, 相違 or 記載なし (MATCH_GRADE).

Belongs here: what is taken away before two writings are compared, and the grade of one attribute. Does not
belong here: who is compared with whom, and what follows (assets/matching/rules.py).
"""

from __future__ import annotations

import polars as pl

from schemas.names.variants import variants

EQUAL, ALIKE, DIFFERENT, NOT_GIVEN = "1", "2", "3", "9"
_SELECTORS = r"[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]"
_SPACES = r"[\s・]"
_DASHES = r"[\-‐‑‒–—―−ー]"
_HIRAGANA = {chr(code): chr(code + 0x60) for code in range(ord("ぁ"), ord("ゖ") + 1)}
_SMALL = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))


def plain_name(name: pl.Expr) -> pl.Expr:
    """A name without what only its writing adds: width, case, spaces, variation selectors, listed 異体字."""
    unified = name.str.normalize("NFKC").str.replace_all(_SELECTORS, "").str.replace_all(_SPACES, "")
    return unified.str.to_uppercase().str.replace_many(dict(variants().standard))


def plain_kana(kana: pl.Expr) -> pl.Expr:
    """A reading in full-width katakana; small kana count as large ones, any dash as the long-vowel mark."""
    katakana = plain_name(kana).str.replace_many(_HIRAGANA)
    return katakana.str.replace_many(_SMALL).str.replace_all(_DASHES, "ー")


def plain_address(address: pl.Expr) -> pl.Expr:
    """An address like plain_name, any dash as a hyphen. 丁目 and 番地 stay as they are written."""
    return plain_name(address).str.replace_all(_DASHES, "-")


def grade(stated: str, held: str, alike: pl.Expr) -> pl.Expr:
    """MATCH_GRADE of two columns; `alike` is true where only the writing differs."""
    told = pl.col(stated).is_not_null() & pl.col(held).is_not_null()
    return (
        pl.when(~told)
        .then(pl.lit(NOT_GIVEN))
        .when(pl.col(stated) == pl.col(held))
        .then(pl.lit(EQUAL))
        .when(alike.fill_null(False))
        .then(pl.lit(ALIKE))
        .otherwise(pl.lit(DIFFERENT))
    )
