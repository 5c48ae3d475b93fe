"""Where a 個人番号 hides in a file that must hold none.

Belongs here: finding 12 digits (half or full width, in one run or 4-4-4) with a valid check digit in text.
What happens then belongs to reading.
"""

import re
import unicodedata
from collections.abc import Iterable

import polars as pl

from schemas.checkdigits import is_my_number

_SEPARATOR = r"[ \u3000\-\u2010-\u2015\u2212\uff0d\u30fc_.]"
_TWELVE = rf"(?:\d{{12}}|\d{{4}}{_SEPARATOR}\d{{4}}{_SEPARATOR}\d{{4}})"
_BOUNDED = rf"(?:^|\D){_TWELVE}(?:\D|$)"
_FOUND = re.compile(rf"(?<!\d){_TWELVE}(?!\d)")


def line_with_my_number(frame: pl.DataFrame, columns: Iterable[str]) -> int | None:
    """The first line_no on which one of the text columns holds a 個人番号."""
    lines = [line for line in (_line_in(frame, column) for column in columns) if line is not None]
    return min(lines, default=None)


def holds_my_number(text: str) -> bool:
    """Whether somewhere in the text stands a 個人番号."""
    found = (unicodedata.normalize("NFKC", match.group()) for match in _FOUND.finditer(text))
    return any(is_my_number(re.sub(r"\D", "", number)) for number in found)


def _line_in(frame: pl.DataFrame, column: str) -> int | None:
    longest = frame[column].str.len_bytes().max()
    if not isinstance(longest, int) or longest < 12:
        return None
    suspect = frame.lazy().select("line_no", text=column).filter(pl.col("text").str.contains(_BOUNDED)).collect()
    return next((line for line, text in suspect.iter_rows() if holds_my_number(text)), None)
