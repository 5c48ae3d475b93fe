"""From a typed frame to the bytes of a feed's file: the inverse of reading.

Belongs here: text forms of values, quoting, padding, encoding. Used by the synthetic city and round trips.
"""

import io

import polars as pl

from schemas.feeds.csvtext import CONTROL
from schemas.feeds.days import ERA_DAY, era_text
from schemas.feeds.decoding import END_OF_FILE
from schemas.feeds.errors import AdapterError
from schemas.feeds.fixedwidth import FILLER, widened
from schemas.feeds.layout import Column, Layout
from schemas.feeds.zengin import zengin_file
from schemas.record import Item
from schemas.uke.writer import uke_file

_STRFTIME = {"YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d", "YYYY-MM": "%Y-%m", "YYYYMM": "%Y%m", "MMDD": "%m%d"}


def write(layout: Layout, frame: pl.DataFrame) -> bytes:
    """The file of these rows, in their order. Raises AdapterError naming items, never values."""
    if layout.kind == "uke":
        return uke_file(frame, layout.label)
    missing = sorted(set(layout.items) - set(frame.columns))
    if missing:
        raise AdapterError(f"{layout.label}のファイルに書く項目が足りません: {missing}。")
    texts = frame.select(_text(column, layout.record[column.item]) for column in layout.columns)
    _refuse(layout, texts, pl.all().str.contains(CONTROL), "改行や制御文字")
    if layout.kind == "zengin":
        return zengin_file(layout, texts)
    text = _csv(layout, texts) if layout.kind == "csv" else _fixed(layout, texts)
    return _encoded(layout, texts, text) or END_OF_FILE


def _text(column: Column, item: Item) -> pl.Expr:
    value = pl.col(column.item)
    if column.form(item) == ERA_DAY:
        value = era_text(value)
    elif item.type.name in ("date", "month"):
        value = value.dt.strftime(_STRFTIME[column.form(item)])
    text = value.cast(pl.String)
    if not column.map:
        return text.alias(column.item)
    theirs = {ours: their for their, ours in column.map.items()}
    if "" in theirs:
        text = text.fill_null("")
    return text.replace(theirs).alias(column.item)


def _csv(layout: Layout, texts: pl.DataFrame) -> str:
    out = io.BytesIO()
    labels = {column.item: column.column for column in layout.columns}
    texts.rename(labels).write_csv(out, include_header=layout.header, line_terminator="\r\n", quote_style="necessary")
    return out.getvalue().decode()


def _fixed(layout: Layout, texts: pl.DataFrame) -> str:
    padded = texts.select(_padded(column, layout.record[column.item]) for column in layout.columns)
    widths = [pl.col(column.item).str.len_chars() != column.bytes for column in layout.columns]
    _refuse(layout, padded, widths, "幅に合わない値")
    lines = padded.select(line=pl.concat_str(pl.all()).str.replace_all(FILLER, "", literal=True))["line"]
    return "".join(f"{line}\r\n" for line in lines)


def _padded(column: Column, item: Item) -> pl.Expr:
    width, value = column.bytes or 0, widened(pl.col(column.item))
    if item.type.name in ("yen", "count"):
        value = value.str.zfill(width)
    return value.fill_null("").str.pad_end(width, " ").alias(column.item)


def _encoded(layout: Layout, texts: pl.DataFrame, text: str) -> bytes:
    try:
        return text.encode(layout.encoding)
    except UnicodeEncodeError:
        items = [name for name in texts.columns if not _encodes("".join(texts[name].drop_nulls()), layout.encoding)]
    raise AdapterError(f"{layout.label}のファイルに{layout.encoding}で書けない文字があります: {items}。")


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _refuse(layout: Layout, texts: pl.DataFrame, broken: pl.Expr | list[pl.Expr], what: str) -> None:
    counts = texts.select(broken).sum().row(0, named=True) if texts.height else {}
    items = {name: count for name, count in counts.items() if count}
    if items:
        raise AdapterError(f"{layout.label}のファイルに{what}は書けません(項目と件数): {items}。")
