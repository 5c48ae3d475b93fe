"""The bytes of a bank file → its records, or where they are no records.

Belongs here: line ends, the end mark, the length of a record. Does not belong here: what a record says (reading.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from reports.zengin.agreement import LINE_ENDS, MOST_RECORDS
from reports.zengin.characters import file_stand_ins
from reports.zengin.faults import fault, faults
from reports.zengin.layout import RECORD_LENGTH

END_OF_FILE = b"\x1a"
"""Some transmission programs put it after the last record. Source: zengin-rs README."""

MOST_LINES = MOST_RECORDS + 3
CRLF = b"\r\n"


@dataclass(frozen=True)
class Lines:
    """records: line_no (from 1) and record (120 stand-ins) of every whole line; count: lines, whole or not."""

    records: pl.DataFrame
    count: int
    faults: list[pl.DataFrame]
    line_end: str
    ended: bool


def lines_of(data: bytes) -> Lines:
    """The lines of any bytes."""
    ended = data.endswith(END_OF_FILE)
    text = file_stand_ins(data[:-1] if ended else data)
    line_end = "crlf" if b"\r" in text or b"\n" in text else "none"
    width = RECORD_LENGTH + len(LINE_ENDS[line_end])
    count, rest = divmod(len(text), width)
    if count > MOST_LINES or text.count(CRLF) > MOST_LINES:
        return Lines(_records([]), 0, [fault(1, 1, "Z4", f"レコードが{MOST_LINES:,}行を超えています")], line_end, ended)
    if count and not rest and (line_end == "none" or _regular(text, count, width)):
        return Lines(_cut(text, count, width), count, [], line_end, ended)
    return _pieces(text, line_end, ended)


def _regular(text: bytes, count: int, width: int) -> bool:
    """Whether every line end, and nothing else, stands where it should."""
    ends = text[RECORD_LENGTH::width] == b"\r" * count and text[RECORD_LENGTH + 1 :: width] == b"\n" * count
    return ends and text.count(b"\r") == text.count(b"\n") == count


def _cut(text: bytes, count: int, width: int) -> pl.DataFrame:
    """Lines of one width, without a copy: the strings of the column are places in `text`."""
    starts = pl.int_range(0, count * width + 1, width, eager=True).to_arrow()
    strings = pa.LargeStringArray.from_buffers(count, starts.buffers()[1], pa.py_buffer(text))
    lines = pl.DataFrame({"record": pl.Series(strings)}).with_row_index("line_no", offset=1)
    return lines.select(pl.col("line_no").cast(pl.Int64), pl.col("record").str.slice(0, RECORD_LENGTH))


def _pieces(text: bytes, line_end: str, ended: bool) -> Lines:
    """Lines of any width: those of 120 bytes are records, the others faults."""
    if line_end == "crlf":
        pieces = text.split(CRLF)
        unfinished = bool(pieces[-1])
        pieces = pieces if unfinished else pieces[:-1]
    else:
        pieces, unfinished = [text[at : at + RECORD_LENGTH] for at in range(0, len(text), RECORD_LENGTH)], False
    lines = _records(pieces)
    found = _length_faults(lines)
    if unfinished:
        found.append(fault(len(pieces), len(pieces[-1]) + 1, "Z1", "最後の行が改行（CRLF）で終わっていません"))
    if not pieces:
        found.append(fault(1, 1, "Z1", "ファイルにレコードがありません"))
    whole = lines.filter(pl.col("size") == RECORD_LENGTH, pl.col("broken").is_null()).select("line_no", "record")
    return Lines(whole, len(pieces), found, line_end, ended)


def _records(pieces: list[bytes]) -> pl.DataFrame:
    """line_no, record, its size in bytes and the first place of a single CR or LF."""
    text = pl.Series("record", [piece.decode("ascii") for piece in pieces], dtype=pl.String)
    return pl.DataFrame({"line_no": pl.int_range(1, len(pieces) + 1, eager=True), "record": text}).with_columns(
        size=pl.col("record").str.len_bytes(), broken=pl.col("record").str.find("[\r\n]")
    )


def _length_faults(lines: pl.DataFrame) -> list[pl.DataFrame]:
    broken = lines.filter(pl.col("broken").is_not_null()).with_columns(column_no=pl.col("broken") + 1)
    other = lines.filter(pl.col("broken").is_null(), pl.col("size") != RECORD_LENGTH)
    placed = other.with_columns(column_no=pl.min_horizontal("size", RECORD_LENGTH) + 1)
    sentence = pl.format(f"レコードが{RECORD_LENGTH}バイトではなく{{}}バイトです", "size")
    return [faults(broken, "Z1", "改行がCRLFではありません"), faults(placed, "Z1", sentence)]
