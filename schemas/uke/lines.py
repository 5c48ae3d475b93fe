"""From the bytes of a UKE file to its lines, or to the reason why they cannot be trusted.

Belongs here: cp932, CRLF, the end mark, control characters, record names, limits; and the way back, byte for byte.
What a line says belongs to reader. All is done on the whole buffer: every byte above ASCII is masked by one that
cannot stand in a field, so that lines and commas keep their places, and only lines that hold such bytes are decoded.
"""

import io
import re
from dataclasses import dataclass

import polars as pl

from schemas.feeds.decoding import BYTE_ORDER_MARKS, END_OF_FILE, line_in_utf8
from schemas.feeds.layout import Layout

LONGEST_LINE = 20_000
MOST_LINES = 30_000_000
WIDE, CONTROL = "\x7f", "\x01"
_MASK = bytes(
    byte if byte in b"\r\n" or 32 <= byte < 127 else ord(WIDE) if byte > 127 else ord(CONTROL) for byte in range(256)
)
_RECORD = re.compile(r"[A-Z][A-Z0-9](?:,|$)")
_NO_CHARACTER = "\u0080\u00a0\uf8f0\uf8f1\uf8f2\uf8f3"
"""What single bytes outside the code (80, A0, FD to FF) decode to."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A file's lines. masked: the text of every line with WIDE for each byte above ASCII; records: their names.
    ended: whether the end mark stands behind them."""

    data: bytes
    masked: pl.Series
    records: pl.Series
    ended: bool

    def of(self, records: tuple[str, ...]) -> pl.DataFrame:
        """line_no (from 1), record and text of the lines of these records, decoded."""
        at = self.records.is_in(records).arg_true()
        masked = self.masked.gather(at)
        wide = masked.str.contains(WIDE, literal=True)
        raw = b"\n".join(raw_lines(self.data, self.masked, at.filter(wide)))
        text = masked
        if raw:
            text = masked.scatter(wide.arg_true(), pl.Series(raw.decode("cp932").split("\n")))
        return pl.DataFrame({"line_no": at.cast(pl.Int64) + 1, "record": self.records.gather(at), "text": text})

    def fields(self) -> list[list[bytes]]:
        """Every line as the raw bytes of its fields, in order."""
        lines = self.data.removesuffix(END_OF_FILE) if self.ended else self.data
        return [line.split(b",") for line in lines.split(b"\r\n")[:-1]]


def raw_lines(data: bytes, masked: pl.Series, at: pl.Series) -> list[bytes]:
    """The bytes of some lines: a line begins where those before it, with their CRLF, end."""
    sizes = masked.str.len_bytes().cast(pl.Int64)
    ends = (sizes.cum_sum() + 2 * pl.int_range(masked.len(), eager=True)).gather(at)
    starts = ends - sizes.gather(at)
    return [data[start:end] for start, end in zip(starts.to_list(), ends.to_list(), strict=True)]


def file_of(fields: list[list[bytes]], ended: bool) -> bytes:
    """The file of these raw fields."""
    return b"".join(b",".join(line) + b"\r\n" for line in fields) + (END_OF_FILE if ended else b"")


def lines_of(layout: Layout, data: bytes, file: str) -> Lines:
    """The lines of a file. Raises DeliveryError (empty, too_big, encoding, structure)."""
    if not data:
        raise layout.refusal("empty", file, "ファイルが0バイトです")
    if len(data) > layout.maximum_bytes:
        raise layout.refusal("too_big", file, f"大きさが上限の{layout.maximum_bytes}バイトを超えています")
    if data.startswith(BYTE_ORDER_MARKS):
        raise layout.refusal("encoding", file, "先頭にBOMがあります", 1)
    ended = data.endswith(END_OF_FILE)
    masked = (data[:-1] if ended else data).translate(_MASK)
    lines = _split(layout, masked, file)
    records = lines.str.head(2)
    _refuse_records(layout, lines, file)
    _refuse_bytes(layout, data, lines, file)
    return Lines(data, lines, records, ended)


def _split(layout: Layout, masked: bytes, file: str) -> pl.Series:
    """The lines, once each is known to end in CRLF and to hold no other control character."""
    ends = masked.count(b"\n")
    if ends > MOST_LINES:
        raise layout.refusal("too_big", file, f"行の数が上限の{MOST_LINES}行を超えています")
    if not masked:
        return pl.Series("line", dtype=pl.String)
    if not masked.endswith(b"\n"):
        raise layout.refusal("structure", file, "最後の行が改行(CRLF)で終わらず、途中で切れています", ends + 1)
    lines = pl.read_lines(io.BytesIO(masked))["line"]
    crlf = int(lines.str.len_bytes().sum()) + 2 * ends == len(masked)
    if not crlf or masked.count(b"\r") != ends:
        single = re.search(rb"\r(?!\n)|(?<!\r)\n", masked)
        line = masked.count(b"\n", 0, single.start() if single else 0) + 1
        raise layout.refusal("structure", file, "改行がCRLFではありません", line)
    if CONTROL.encode() in masked:
        line = masked.count(b"\n", 0, masked.index(CONTROL.encode())) + 1
        raise layout.refusal("structure", file, "制御文字があります", line)
    return lines


def _refuse_records(layout: Layout, lines: pl.Series, file: str) -> None:
    """Every line begins with the name of a record and is of a bearable length."""
    heads = lines.str.head(3)
    strange = [head for head in heads.unique() if not _RECORD.match(head)]
    if strange:
        line = heads.is_in(strange).arg_max() or 0
        raise layout.refusal("structure", file, "レコード識別情報(英大文字2桁)で始まらない行があります", line + 1)
    longer = (lines.str.len_bytes() > LONGEST_LINE).arg_true()
    if longer.len():
        what = f"1行が上限の{LONGEST_LINE}バイトを超えています"
        raise layout.refusal("structure", file, what, int(longer[0]) + 1)


def _refuse_bytes(layout: Layout, data: bytes, lines: pl.Series, file: str) -> None:
    """Raises DeliveryError encoding where the bytes above ASCII are not cp932.

    A line of UTF-8 (a character with a variation selector is one) often decodes under cp932 into garbage.
    """
    wide_at = lines.str.contains(WIDE, literal=True).arg_true()
    joined = b"\n".join(raw_lines(data, lines, wide_at))
    utf8 = line_in_utf8(joined)
    if utf8 is not None:
        what = "UTF-8の行があります(異体字の符号などcp932(Shift_JIS)にない文字とみられます)"
        raise layout.refusal("encoding", file, what, int(wide_at[utf8 - 1]) + 1)
    broken = _first_broken(joined)
    if broken is not None:
        raise layout.refusal("encoding", file, "cp932(Shift_JIS)にないバイトがあります", int(wide_at[broken]) + 1)


def _first_broken(joined: bytes) -> int | None:
    """The index of the first line that is not cp932."""
    try:
        text = joined.decode("cp932")
    except UnicodeDecodeError as error:
        return joined.count(b"\n", 0, error.start)
    found = [text.index(character) for character in _NO_CHARACTER if character in text]
    return text.count("\n", 0, min(found)) if found else None
