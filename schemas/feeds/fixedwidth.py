"""From the lines of a fixed-width cp932 file to its fields, vectorised.

Belongs here: widths in bytes, of which a Japanese character takes two. A line of another length is set aside.
What a field means belongs to sorting.
"""

import polars as pl

from schemas.feeds.csvtext import CONTROL, LINE_BREAK, MALFORMED
from schemas.feeds.layout import Layout, Reading

FILLER = "\x00"
"""Stands behind each two-byte character while positions are counted; a line with a NUL is set aside before."""
TWO_BYTES = r"([^\x00-\x7f\x{80}\x{a0}\x{f8f1}-\x{f8f3}\x{ff61}-\x{ff9f}])"


def widened(text: pl.Expr) -> pl.Expr:
    """Text in which the number of characters is the number of its cp932 bytes."""
    return text.str.replace_all(TWO_BYTES, "${1}" + FILLER)


def fixed_reading(layout: Layout, lines: list[str]) -> Reading:
    """The rows of a file without header."""
    text = pl.Series(lines, dtype=pl.String)
    ascii_only = bool((text.str.len_bytes() == text.str.len_chars()).all())
    wide = pl.col("row_text") if ascii_only else widened(pl.col("row_text"))
    rows = pl.DataFrame({"row_text": text}).with_row_index("line_no", offset=1)
    rows = rows.with_columns(pl.col("line_no").cast(pl.Int64), wide=wide).with_columns(rule=_line_rule(layout))
    cut = rows.filter(pl.col("rule").is_null()).with_columns(_slices(layout))
    halved = pl.any_horizontal(pl.col(*layout.items).str.starts_with(FILLER))
    cut = cut.with_columns(rule=pl.when(halved).then(pl.lit("文字境界")))
    malformed = [each.filter(pl.col("rule").is_not_null()).select(MALFORMED) for each in (rows, cut)]
    sound = cut.filter(pl.col("rule").is_null()).select("line_no", "row_text", *_values(layout, ascii_only))
    return Reading(sound, pl.concat(malformed).sort("line_no"))


def _line_rule(layout: Layout) -> pl.Expr:
    line = pl.col("row_text")
    return (
        pl.when(line.str.contains(LINE_BREAK))
        .then(pl.lit("改行"))
        .when(line.str.contains(CONTROL))
        .then(pl.lit("制御文字"))
        .when(pl.col("wide").str.len_chars() != layout.line_bytes)
        .then(pl.lit("行長"))
    )


def _slices(layout: Layout) -> list[pl.Expr]:
    start, slices = 0, []
    for column in layout.columns:
        slices.append(pl.col("wide").str.slice(start, column.bytes).alias(column.item))
        start += column.bytes or 0
    return slices


def _values(layout: Layout, ascii_only: bool) -> list[pl.Expr]:
    """Fields without fillers: all spaces is empty; text loses the spaces that pad it."""
    values = []
    for column in layout.columns:
        field = pl.col(column.item)
        field = field if ascii_only else field.str.replace_all(FILLER, "", literal=True)
        bare = field.str.strip_chars_end(" ")
        value = bare if layout.record[column.item].type.name == "text" else field
        values.append(pl.when(bare != "").then(value).alias(column.item))
    return values
