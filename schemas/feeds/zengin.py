"""A 全銀 file of answers: header, data records, trailer, end. Its bytes → rows as text, and rows → its bytes.

Belongs here: where records end, their order, what header and trailer state and whether it is so. Which field stands
where is the layout's; what a field means belongs to sorting.
"""

import re

import polars as pl

from schemas.feeds.csvtext import MALFORMED
from schemas.feeds.decoding import END_OF_FILE
from schemas.feeds.errors import AdapterError
from schemas.feeds.layout import Layout, Reading, Total

HEADER, DATA, TRAILER, END = "1289"
_HALF_WIDTH = bytes([*range(0x20, 0x7F), *range(0xA1, 0xE0), *b"\r\n"])
_NAMES = {HEADER: "ヘッダー", TRAILER: "トレーラ", END: "エンド"}


def zengin_reading(layout: Layout, data: bytes, file: str) -> Reading:
    """The data records. Raises DeliveryError (empty, too_big, encoding, structure, rows, total)."""
    lines = _lines(layout, data, file)
    header, trailer = _framed(layout, lines, file)
    last = len(lines) - (2 if layout.end_record else 1)
    frame = pl.DataFrame(
        {"line_no": range(2, last + 1), "row_text": lines[1:last]}, schema={"line_no": pl.Int64, "row_text": pl.String}
    ).with_columns(rule=_rule(layout))
    sound = frame.filter(pl.col("rule").is_null()).select("line_no", "row_text", *_fields(layout, header))
    reading = Reading(sound, frame.filter(pl.col("rule").is_not_null()).select(MALFORMED))
    for total in layout.totals:
        _refuse_other_total(layout, reading, total, trailer, last + 1, file)
    return reading


def _lines(layout: Layout, data: bytes, file: str) -> list[str]:
    """The records of a file, with or without CRLF behind each."""
    data = data.removesuffix(END_OF_FILE)
    if not data:
        raise layout.refusal("empty", file, "ファイルにレコードがありません")
    if len(data) > layout.maximum_bytes:
        raise layout.refusal("too_big", file, f"大きさが上限の{layout.maximum_bytes}バイトを超えています")
    foreign = data.translate(None, _HALF_WIDTH)
    if foreign:
        line = data.count(b"\n", 0, data.index(foreign[:1])) + 1
        raise layout.refusal("encoding", file, "半角のカナ・英数字・記号(JIS X 0201)でない文字があります", line)
    text = data.decode("cp932")
    if "\r" in text or "\n" in text:
        *lines, rest = text.split("\r\n")
        if rest:
            what = "最後の行が改行(CRLF)で終わらず、途中で切れています"
            raise layout.refusal("structure", file, what, len(lines) + 1)
        return lines
    if len(text) % layout.record_bytes:
        what = f"大きさが{len(text)}バイトで、{layout.record_bytes}バイトのレコードに分けられません"
        raise layout.refusal("structure", file, what)
    return [text[at : at + layout.record_bytes] for at in range(0, len(text), layout.record_bytes)]


def _framed(layout: Layout, lines: list[str], file: str) -> tuple[str, str]:
    """Header and trailer, where they are what the layout says and nothing but data stands between them."""
    tail = [TRAILER, END] if layout.end_record else [TRAILER]
    around = {1: HEADER} | {len(lines) - len(tail) + at: kind for at, kind in enumerate(tail, 1)}
    for line, kind in around.items():
        if len(lines) <= len(tail) or not re.fullmatch(f"{kind}[^\r\n]{{{layout.record_bytes - 1}}}", lines[line - 1]):
            what = f"{_NAMES[kind]}のレコード(データ区分{kind}、{layout.record_bytes}バイト)がありません"
            raise layout.refusal("structure", file, what, line if line > 0 else None)
    for at, line_text in enumerate(lines, 1):
        if at not in around and line_text[:1] in _NAMES:
            what = f"{_NAMES[line_text[:1]]}のレコードが途中にあります"
            raise layout.refusal("structure", file, what, at)
    _refuse_other_marks(layout, {"header": lines[0], "trailer": lines[-len(tail)]}, file)
    return lines[0], lines[-len(tail)]


def _refuse_other_marks(layout: Layout, records: dict[str, str], file: str) -> None:
    for mark in layout.marks:
        if _cut(records[mark.record], mark.at, mark.bytes) not in mark.values:
            what = f"{mark.column}が{'・'.join(mark.values)}ではありません(別の種類のファイルとみられます)"
            raise layout.refusal("structure", file, what, 1 if mark.record == "header" else None)


def _rule(layout: Layout) -> pl.Expr:
    """Why a data record cannot be cut; null where it can."""
    line = pl.col("row_text")
    return (
        pl.when(line.str.contains(r"[\r\n]"))
        .then(pl.lit("改行"))
        .when(line.str.len_chars() != layout.record_bytes)
        .then(pl.lit("行長"))
        .when(line.str.slice(0, 1) != DATA)
        .then(pl.lit("データ区分"))
    )


def _fields(layout: Layout, header: str) -> list[pl.Expr]:
    """Every item as it stands; all spaces is empty, text loses the spaces that pad it."""
    found = []
    for column in layout.columns:
        at, size = column.at or 0, column.bytes or 0
        once = pl.lit(_cut(header, at, size), pl.String)
        field = once if column.record == "header" else pl.col("row_text").str.slice(at, size)
        bare = field.str.strip_chars_end(" ")
        value = bare if layout.record[column.item].type.name == "text" else field
        found.append(pl.when(bare != "").then(value).alias(column.item))
    return found


def _cut(record: str, at: int, size: int) -> str:
    return record[at : at + size]


def _refuse_other_total(layout: Layout, reading: Reading, total: Total, trailer: str, line: int, file: str) -> None:
    """Raises DeliveryError unless the trailer states the count or sum of the data records. What cannot be read may be
    the rest of either."""
    text = _cut(trailer, total.at, total.bytes)
    if not (text.isascii() and text.isdigit()):
        raise layout.refusal("structure", file, f"トレーラの{total.column}が数字ではありません", line)
    rows = reading.rows.filter(pl.col(total.item).is_in(total.values)) if total.item else reading.rows
    unread = reading.malformed.height
    if not total.of:
        most = rows.height + unread
        least = rows.height if total.item else most
        if not least <= int(text) <= most:
            what = f"トレーラの{total.column}が{int(text)}件で、データのレコードは{most}件です"
            raise layout.refusal("rows", file, what, line)
        return
    whole = pl.col(total.of).str.contains("^[0-9]{1,13}$").fill_null(False)
    read = rows.filter(whole)
    yen = int(read[total.of].cast(pl.Int64).sum())
    complete = unread == 0 and read.height == rows.height
    if int(text) < yen or (complete and int(text) != yen):
        what = f"トレーラの{total.column}が{int(text)}円で、データのレコードの計は{yen}円です"
        raise layout.refusal("total", file, what, line)


def zengin_file(layout: Layout, texts: pl.DataFrame) -> bytes:
    """The file of rows that are already text, CRLF behind each record. Raises AdapterError naming items."""
    sized = texts.select(
        _sized(layout, texts[column.item], column.item, column.bytes or 0) for column in layout.columns
    )
    _refuse_several(layout, sized)
    marks = {
        record: {m.at: m.values[0] for m in layout.marks if m.record == record} for record in ("header", "trailer")
    }
    header = marks["header"] | (_placed(layout, "header", sized.row(0, named=True)) if sized.height else {})
    trailer = marks["trailer"] | {one.at: _stated(texts, one) for one in layout.totals}
    lines = [_laid(layout, HEADER, header)]
    lines += [_laid(layout, DATA, _placed(layout, "data", row)) for row in sized.iter_rows(named=True)]
    lines += [_laid(layout, TRAILER, trailer), *([_laid(layout, END, {})] if layout.end_record else [])]
    return "".join(f"{line}\r\n" for line in lines).encode("cp932")


def _refuse_several(layout: Layout, sized: pl.DataFrame) -> None:
    """Raises AdapterError for an item of the header that is not the same in all rows."""
    once = [column.item for column in layout.columns if column.record == "header"]
    several = [item for item in once if sized[item].n_unique() > 1]
    if several:
        raise AdapterError(f"{layout.label}のファイルの見出しに、行ごとに違う値は書けません: {several}。")


def _placed(layout: Layout, record: str, row: dict[str, str]) -> dict[int, str]:
    return {column.at or 0: row[column.item] for column in layout.columns if column.record == record}


def _sized(layout: Layout, values: pl.Series, item: str, size: int) -> pl.Series:
    """Texts of exactly `size` bytes. Raises AdapterError for one that is longer or no half-width text."""
    number = layout.record[item].type.name in ("yen", "count")
    padded = (values.str.zfill(size) if number else values).fill_null("").str.pad_end(size, " ")
    wrong = padded.str.contains(r"[^\x20-\x7e\x{ff61}-\x{ff9f}]") | (padded.str.len_chars() != size)
    if wrong.any():
        raise AdapterError(f"{layout.label}のファイルに書けない値があります(項目と件数): { {item: wrong.sum()} }。")
    return padded


def _stated(texts: pl.DataFrame, total: Total) -> str:
    rows = texts.filter(pl.col(total.item).is_in(total.values)) if total.item else texts
    number = int(rows[total.of].cast(pl.Int64).sum()) if total.of else rows.height
    return str(number).zfill(total.bytes)


def _laid(layout: Layout, kind: str, values: dict[int, str]) -> str:
    """One record: the values at their places, spaces elsewhere."""
    record = kind.ljust(layout.record_bytes)
    for at, value in values.items():
        record = record[:at] + value + record[at + len(value) :]
    return record
