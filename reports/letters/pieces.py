"""Rows → pieces: what is written on each letter, its identity and its digest.

Here: typing, formatting, the piece number, characters the fonts lack. Not here: choosing the address
(addressee.py) and the page (templates/, batch.py).
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from reports.letters.addressee import PARTS, Addressed
from reports.letters.barcode import bars_of
from reports.letters.context import LetterContext
from reports.letters.fonts import FontSet, lacking_points, printable
from reports.letters.kinds import Entry, Kind, Unit
from reports.letters.wareki import era_date, era_dates, yen

MISSING_SCHEMA: Final = pl.Schema(
    {"sequence": pl.Int64, "document_no": pl.String, "item": pl.String, "code_points": pl.String}
)


@dataclass(frozen=True)
class Piece:
    """One letter: its place in the batch, what is printed, a digest of person and content (INC-25)."""

    sequence: int
    piece_id: str
    document_no: str
    postal_code: str
    row_digest: str
    printed: dict[str, Any]
    missing: tuple[tuple[str, str], ...]


def _check_types(frame: pl.DataFrame, entries: tuple[Entry, ...]) -> None:
    """Raise ValueError naming the columns that are absent, of another type, or empty where required."""
    absent = [e.name for e in entries if e.name not in frame.columns]
    wrong = [e.name for e in entries if e.name not in absent and frame.schema[e.name] != e.unit.dtype]
    if absent or wrong:
        raise ValueError(f"通知書の項目がないか、型が違います: {', '.join(absent + wrong)}")
    empty = [e.name for e in entries if e.required and frame[e.name].null_count()]
    if empty:
        raise ValueError(f"通知書の必須項目が空です: {', '.join(empty)}")


def _details(frame: pl.DataFrame) -> pl.DataFrame:
    """The detail lines of all letters, one row each, with the document number."""
    return frame.select("document_no", "details").explode("details").unnest("details")


def check(letters: Addressed, kind: Kind, context: LetterContext) -> None:
    """Raise ValueError unless every row carries what its kind needs, its total adds up and it is still valid."""
    frame = letters.frame
    _check_types(frame, kind.entries)
    if kind.details:
        if bare := frame.filter(pl.col("details").list.len().fill_null(0) == 0).height:
            raise ValueError(f"明細のない通知書が{bare}件あります")
        lines = _details(frame)
        _check_types(lines, kind.details)
        if kind.total:
            sums = lines.group_by("document_no").agg(pl.col(kind.total).sum().alias("sum_yen"))
            off = frame.join(sums, on="document_no").filter(pl.col(kind.total) != pl.col("sum_yen")).height
            if off:
                raise ValueError(f"明細の合計が決定額と合わない通知書が{off}件あります")
    if kind.valid_until and (gone := (frame[kind.valid_until] < context.issue_date).sum()):
        raise ValueError(f"発行日に資格のない人あての通知書が{gone}件あります")


def _formatted(column: pl.Series, unit: Unit) -> pl.Series:
    """A typed column as the text on paper; null becomes an empty text."""
    if unit is Unit.YEN:
        texts = pl.Series([None if v is None else yen(v) for v in column], dtype=pl.String)
    elif unit is Unit.TEXT:
        texts = column
    else:
        texts = era_dates(column, month=unit is Unit.MONTH)
    return texts.fill_null("").alias(column.name)


def _texts(frame: pl.DataFrame, entries: tuple[Entry, ...]) -> pl.DataFrame:
    return frame.select("document_no").hstack([_formatted(frame[e.name], e.unit) for e in entries])


def _lines(frame: pl.DataFrame, kind: Kind) -> dict[str, list[dict[str, str]]]:
    """Document number → its formatted detail lines in order."""
    lines: dict[str, list[dict[str, str]]] = {}
    if kind.details:
        for row in _texts(_details(frame), kind.details).iter_rows(named=True):
            lines.setdefault(row.pop("document_no"), []).append(row)
    return lines


def check_digits(text: str) -> str:
    """Two check digits over letters and digits, ISO 7064 MOD 97-10."""
    number = int("".join(str(int(c, 36)) for c in text if c.isalnum()) + "00")
    return f"{98 - number % 97:02d}"


def row_digest(person_key: str, kind: Kind, content: dict[str, Any]) -> str:
    """sha256 over the person key, the kind and everything the letter says (INC-25)."""
    text = json.dumps([person_key, kind.code, content], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _missing(content: dict[str, Any], labels: dict[str, str], fonts: FontSet) -> list[tuple[str, str]]:
    """(item, code points) of every character of the content the fonts lack."""
    found: list[tuple[str, str]] = []
    for key, value in content.items():
        if isinstance(value, str):
            found += [(labels.get(key, key), points) for points in lacking_points(value, fonts)]
        elif isinstance(value, dict):
            found += _missing(value, labels, fonts)
        else:
            found += [hit for line in value for hit in _missing(line, labels, fonts)]
    return list(dict.fromkeys(found))


def _shown(value: Any, fonts: FontSet) -> Any:
    """The same content with only characters the fonts can draw."""
    if isinstance(value, str):
        return printable(value, fonts)
    if isinstance(value, dict):
        return {key: _shown(item, fonts) for key, item in value.items()}
    return [_shown(item, fonts) for item in value]


def pieces(letters: Addressed, kind: Kind, context: LetterContext, fonts: FontSet) -> list[Piece]:
    """One piece per addressed row, numbered from 1 in the order of document_no. Raises ValueError as `check`."""
    check(letters, kind, context)
    frame = letters.frame
    entries = _texts(frame, kind.entries).drop("document_no").iter_rows(named=True)
    places = frame.select(pl.col(part).fill_null("") for part in PARTS).iter_rows(named=True)
    lines = _lines(frame, kind)
    labels = {"address": "宛先住所", "katagaki": "宛先方書", "name": "宛名"}
    labels |= {e.name: e.label for e in (*kind.entries, *kind.details)}
    keys = zip(frame["person_key"], frame["document_no"], bars_of(frame), places, entries, strict=True)
    made = []
    for sequence, (person_key, document_no, bars, place, entry) in enumerate(keys, start=1):
        content = {"document_no": document_no, **place, "entries": entry, "details": lines.get(document_no, [])}
        digest = row_digest(str(person_key), kind, content)
        number = f"{context.municipality_code}-{context.batch_no}-{sequence:06d}"
        piece_id = f"{number}-{check_digits(number)}"
        identity = {"sequence": sequence, "piece_id": piece_id, "digest": digest[:8], "bars": bars or ""}
        missing = tuple(_missing(content, labels, fonts))
        printed = _shown(content, fonts) | identity
        made.append(Piece(sequence, piece_id, document_no, place["postal_code"], digest, printed, missing))
    return made


_SHARED: Final = ("city", "issuer", "seal", "number_prefix", "office", "provision", "envelope", "repayment")


def common_data(kind: Kind, context: LetterContext) -> dict[str, Any]:
    """What every letter of the batch shares, ready for JSON."""
    city = context.city
    return {
        "kind": kind.code,
        "title": kind.title,
        "disposition": city["kinds"][kind.code].get("disposition", kind.disposition),
        "labels": [[e.name, e.label] for e in kind.entries],
        "detail_labels": [[e.name, e.label, e.unit.value] for e in kind.details],
        "date": era_date(context.issue_date),
        "wording": city["kinds"][kind.code],
        "appeal": {"title": city["appeal"]["title"], "paragraphs": city["appeal"]["paragraphs"]},
        **{n: context.value(n) for n in _SHARED},
    }
