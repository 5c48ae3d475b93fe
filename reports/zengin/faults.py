"""What is wrong in a file that was read: one row per place, for a person to find it.

Belongs here: the table of faults and the faults of single fields. Does not belong here: faults of lines (lines.py) and
of the file as a whole (reading.py). A message names rule, place and field, never what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import polars as pl

from reports.zengin.characters import MISPLACED_STAND_IN, NOT_JIS, STORE_NAME
from reports.zengin.layout import Field, offsets, pattern

FAULT_SCHEMA: dict[str, type[pl.DataType]] = {
    "line_no": pl.Int64,
    "column_no": pl.Int64,
    "field": pl.String,
    "rule": pl.String,
    "severity": pl.String,
    "message": pl.String,
}
"""line_no and column_no (bytes) from 1; field is the label of the format, null where it is the whole record."""

MOST_FAULTS = 1_000
"""A file is listed up to so many faults; one more row tells how many there are besides."""

_INNER_SPACE = " +[^ ]"
_MARK_SENTENCE = "濁点・半濁点の位置が正しくありません"


def no_faults() -> pl.DataFrame:
    """An empty table of faults."""
    return pl.DataFrame(schema=FAULT_SCHEMA)


def faults(
    places: pl.DataFrame,
    rule: str | pl.Expr,
    sentence: str | pl.Expr,
    field: str | None = None,
    severity: Literal["error", "warning"] = "error",
) -> pl.DataFrame:
    """Rows with line_no and column_no as faults. The sentence comes without its full stop."""
    rule, sentence = (pl.lit(text) if isinstance(text, str) else text for text in (rule, sentence))
    where = pl.format("{}行目の{}バイト目", "line_no", "column_no")
    return places.select(
        pl.col("line_no", "column_no").cast(pl.Int64),
        field=pl.lit(field, pl.String),
        rule=rule,
        severity=pl.lit(severity),
        message=pl.format("{} {}{}。（{}）", rule, pl.lit(field or ""), sentence, where),
    )


def fault(line_no: int, column_no: int, rule: str, sentence: str, field: str | None = None) -> pl.DataFrame:
    """One error."""
    return faults(pl.DataFrame({"line_no": [line_no], "column_no": [column_no]}), rule, sentence, field)


def table(found: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All faults in the order of the file, at most MOST_FAULTS and a row that counts the rest."""
    listed = pl.concat([no_faults(), *found]).unique().sort("line_no", "column_no", "rule", "message")
    rest = listed.slice(MOST_FAULTS)
    if rest.is_empty():
        return listed
    worst: Literal["error", "warning"] = "error" if "error" in rest["severity"] else "warning"
    more = faults(rest.head(1), pl.col("rule"), f"ほかに{rest.height:,}件の誤りがあります", severity=worst)
    return pl.concat([listed.head(MOST_FAULTS), more])


def field_faults(lines: pl.DataFrame, fields: tuple[Field, ...], accepts_wo: bool) -> list[pl.DataFrame]:
    """The faults of the fields of `lines` (line_no, record), which are all of one kind.

    Nearly every record is judged by one regular expression; only the others are looked at field by field.
    """
    starts = offsets(fields)
    inner = [_text(f, starts).str.contains(_INNER_SPACE) for f in fields if f.characters is STORE_NAME]
    sound = pl.col("record").str.contains(pattern(fields, accepts_wo))
    doubtful = lines.filter(pl.any_horizontal(~sound, pl.col("record").str.contains(MISPLACED_STAND_IN), *inner))
    if doubtful.is_empty():
        return []
    return [each for f in fields for each in _of_field(doubtful, f, starts[f.name], accepts_wo)]


def _text(field: Field, starts: dict[str, int]) -> pl.Expr:
    return pl.col("record").str.slice(starts[field.name], field.length)


def _of_field(lines: pl.DataFrame, field: Field, start: int, accepts_wo: bool) -> list[pl.DataFrame]:
    texts = lines.select("line_no", text=pl.col("record").str.slice(start, field.length))
    if field.values is not None:
        wrong = texts.filter(~pl.col("text").str.contains(f"^(?:{field.values})$"))
        rule = (
            pl.when(pl.col("text").str.contains(NOT_JIS, literal=True)).then(pl.lit("Z1")).otherwise(pl.lit(field.rule))
        )
        return [faults(wrong.with_columns(column_no=start + 1), rule, "が決められた値ではありません", field.label)]
    illegal = _found(texts, field.illegal(accepts_wo), start)
    foreign = pl.col("text").str.slice(pl.col("at"), 1) == NOT_JIS
    rule = pl.when(foreign).then(pl.lit("Z1")).otherwise(pl.lit("Z2" if field.kind == "N" else "Z6"))
    known = "に数字でない文字" if field.kind == "N" else "に使えない文字"
    sentence = pl.when(foreign).then(pl.lit("にJIS X 0201にない文字があります")).otherwise(pl.lit(f"{known}があります"))
    found = [faults(illegal, rule, sentence, field.label)]
    if field.characters is not None:
        found.append(faults(_found(texts, MISPLACED_STAND_IN, start), "Z7", f"の{_MARK_SENTENCE}", field.label))
    return found


def _found(texts: pl.DataFrame, regex: str, start: int) -> pl.DataFrame:
    """The texts in which the expression finds something, and where in the record it is."""
    places = texts.with_columns(at=pl.col("text").str.find(regex)).filter(pl.col("at").is_not_null())
    return places.with_columns(column_no=pl.col("at") + start + 1)
