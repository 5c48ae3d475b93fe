"""From the bytes of a UKE file to its lines, or to the reason why they cannot be trusted.

Belongs here: cp932, CRLF, the end mark, control characters, record names, limits; and the way back, byte for byte.
What a line says belongs to reader. All is done on the whole buffer: every byte above ASCII is masked by one that
cannot stand in a field, so that lines and commas keep their places, and only lines that hold such bytes are decoded.
"""

import io
import re
from dataclasses import dataclass

import polars as pl

from schemas.feeds.decoding import END_OF_FILE, line_in_utf8
from schemas.feeds.layout import Layout

LONGEST_LINE = 20_000
MOST_LINES = 30_000_000
WIDE, CONTROL = "\x7f", "\x01"
_MASK = bytes(
    byte if byte in b"\r\n" or 32 <= byte < 127 else ord(WIDE) if byte > 127 else ord(CONTROL) for byte in range(256)
)
_RECORD = re.compile(r"[A-Z][A-Z0-9](?:,|$)")
_NO_CHARACTER = re.compile("[\u0080\u00a0\uf8f0-\uf8f3]")
"""What single bytes outside the code (80, A0, FD to FF) decode to."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A file's lines. masked: the text of every line with WIDE for each byte above ASCII. wide_at, wide: the indexes
    of the lines that hold such bytes, and their text. ended: whether the end mark stands behind them."""

    data: bytes
    masked: pl.Series
    wide_at: pl.Series
    wide: pl.Series
    ended: bool

    @property
    def records(self) -> pl.Series:
        """The record name of every line."""
        return self.masked.str.head(2)

    def of(self, records: tuple[str, ...]) -> pl.DataFrame:
        """line_no (from 1), record and text of the lines of these records, decoded."""
        stands = self.records.is_in(records)
        decoded = pl.DataFrame({"at": self.wide_at, "decoded": self.wide})
        found = pl.DataFrame({"at": stands.arg_true(), "masked": self.masked.filter(stands)})
        return found.join(decoded, "at", "left", maintain_order="left").select(
            (pl.col("at").cast(pl.Int64) + 1).alias("line_no"),
            pl.col("masked").str.head(2).alias("record"),
            pl.coalesce("decoded", "masked").alias("text"),
        )

    def fields(self) -> list[list[bytes]]:
        """Every line as the raw bytes of its fields, in order."""
        lines = self.data.removesuffix(END_OF_FILE) if self.ended else self.data
        return [line.split(b",") for line in lines.split(b"\r\n")[:-1]]


def file_of(fields: list[list[bytes]], ended: bool) -> bytes:
    """The file of these raw fields."""
    return b"".join(b",".join(line) + b"\r\n" for line in fields) + (END_OF_FILE if ended else b"")


def lines_of(layout: Layout, data: bytes, file: str) -> Lines:
    """The lines of a file. Raises DeliveryError (empty, too_big, encoding, structure)."""
    if not data:
        raise layout.refusal("empty", file, "ファイルが0バイトです")
    if len(data) > layout.maximum_bytes:
        raise layout.refusal("too_big", file, f"大きさが上限の{layout.maximum_bytes}バイトを超えています")
    ended = data.endswith(END_OF_FILE)
    body = data[:-1] if ended else data
    masked = body.translate(_MASK)
    _refuse_line_ends(layout, masked, file)
    lines = pl.read_lines(io.BytesIO(masked))["line"] if masked else pl.Series(dtype=pl.String)
    _refuse_records(layout, lines, file)
    wide_at = lines.str.contains(WIDE, literal=True).arg_true()
    return Lines(data, lines, wide_at, _decoded(layout, body, lines, wide_at, file), ended)


def _refuse_line_ends(layout: Layout, masked: bytes, file: str) -> None:
    ends = masked.count(b"\n")
    if ends > MOST_LINES:
        raise layout.refusal("too_big", file, f"行の数が上限の{MOST_LINES}行を超えています")
    if masked.count(b"\r\n") != ends or masked.count(b"\r") != ends:
        single = re.search(rb"\r(?!\n)|(?<!\r)\n", masked)
        line = masked.count(b"\n", 0, single.start() if single else 0) + 1
        raise layout.refusal("structure", file, "改行がCRLFではありません", line)
    if not masked.endswith(b"\r\n"):
        raise layout.refusal("structure", file, "最後の行が改行(CRLF)で終わらず、途中で切れています", ends + 1)
    if CONTROL.encode() in masked:
        line = masked.count(b"\n", 0, masked.index(CONTROL.encode())) + 1
        raise layout.refusal("structure", file, "制御文字があります", line)


def _refuse_records(layout: Layout, lines: pl.Series, file: str) -> None:
    """Every line begins with the name of a record and is of a bearable length."""
    heads = lines.str.head(3)
    strange = [head for head in heads.unique() if not _RECORD.match(head)]
    if strange:
        line = heads.is_in(strange).arg_max() or 0
        raise layout.refusal("structure", file, "レコード識別情報(英大文字2桁)で始まらない行があります", line + 1)
    sizes = lines.str.len_bytes()
    if int(sizes.max() or 0) > LONGEST_LINE:  # type: ignore[call-overload]
        line = (sizes > LONGEST_LINE).arg_max() or 0
        raise layout.refusal("structure", file, f"1行が上限の{LONGEST_LINE}バイトを超えています", line + 1)


def _decoded(layout: Layout, body: bytes, lines: pl.Series, wide_at: pl.Series, file: str) -> pl.Series:
    """The text of the lines that hold bytes above ASCII. Raises DeliveryError encoding."""
    raw = _raw(body, lines, wide_at)
    joined = b"\n".join(raw)
    _refuse_utf8(layout, joined, wide_at, file)
    failed_at, text = None, ""
    try:
        text = joined.decode("cp932")
    except UnicodeDecodeError as error:
        failed_at = error.start
    strange = None if failed_at is not None else _NO_CHARACTER.search(text)
    if failed_at is not None:
        line = int(wide_at[joined.count(b"\n", 0, failed_at)]) + 1
    elif strange is not None:
        line = int(wide_at[text.count("\n", 0, strange.start())]) + 1
    else:
        return pl.Series(text.split("\n") if raw else [], dtype=pl.String)
    raise layout.refusal("encoding", file, "cp932(Shift_JIS)にないバイトがあります", line)


def _raw(body: bytes, lines: pl.Series, at: pl.Series) -> list[bytes]:
    """The bytes of some lines: a line begins where those before it, with their CRLF, end."""
    sizes = lines.str.len_bytes().cast(pl.Int64)
    ends = sizes.cum_sum() + 2 * pl.int_range(lines.len(), eager=True)
    cut = zip((ends - sizes).gather(at), ends.gather(at), strict=True)
    return [body[start:end] for start, end in cut]


def _refuse_utf8(layout: Layout, joined: bytes, wide_at: pl.Series, file: str) -> None:
    """A line of UTF-8 (a character with a variation selector is one) often decodes under cp932 into garbage."""
    line = line_in_utf8(joined)
    if line is not None:
        what = "UTF-8の行があります(異体字の符号などcp932(Shift_JIS)にない文字とみられます)"
        raise layout.refusal("encoding", file, what, int(wide_at[line - 1]) + 1)
