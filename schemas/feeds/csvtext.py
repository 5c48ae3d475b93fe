"""From the lines of a CSV file to its fields (RFC 4180, strictly), vectorised.

Belongs here: the header, quotes, field counts, control characters. A row whose fields cannot be told apart is
set aside with its rule; it never shifts its neighbours. What a field means belongs to sorting.
"""

import csv
import io
import unicodedata
from itertools import pairwise

import polars as pl

from schemas.feeds.layout import Layout, Reading

MALFORMED = ("line_no", "row_text", "rule")
"""The columns of malformed rows."""
LINE_BREAK = r"[\r\n]"
CONTROL = r"\p{Cc}|[\x{2028}\x{2029}]"
_FIELD = r'(?:[^",]*|"(?:[^"]|"")*")'
_MY_NUMBER_NAMES = ("個人番号", "マイナンバー", "mynumber", "my_number")
_LONGEST_NAME = 40


def csv_reading(layout: Layout, lines: list[str], file: str) -> Reading:
    """The rows, under the header line where there is one. Raises DeliveryError when it is not the layout's."""
    if layout.header and not lines:
        raise layout.refusal("structure", file, "見出し行がありません", 1)
    headed = layout.headed(_names(lines[0])) if layout.header else layout
    if layout.header:
        check_header(headed, lines[0], file)
    heads = int(layout.header)
    rows = _records(lines[heads:], len(headed.columns), first_line=heads + 1)
    rows = rows.with_columns(rule=_structure_rule(len(headed.columns)))
    sound = rows.filter(pl.col("rule").is_null()).drop("rule")
    left_out = [pl.lit(None, pl.String).alias(item) for item in layout.items if item not in headed.items]
    fields = _fields(headed, sound["row_text"]).with_columns(left_out).select(layout.items)
    return Reading(sound.hstack(fields), rows.filter(pl.col("rule").is_not_null()))


def check_header(layout: Layout, line: str, file: str) -> None:
    """Raises DeliveryError (my_number, column_missing, column_extra, column_order) naming the columns.

    A line that has less than half of the expected names is no header: nothing of it is repeated.
    """
    names, expected = _names(line), [column.column for column in layout.columns]
    if names == expected:
        return
    _refuse_my_number_column(layout, names, file)
    missing = [name for name in expected if name not in names]
    extra = [name for at, name in enumerate(names) if name not in expected or name in names[:at]]
    if len(missing) * 2 > len(expected):
        raise layout.refusal(
            "column_missing", file, f"見出し行がないか別の様式です(列{_shown(missing)}がありません)", 1
        )
    if missing and extra:
        what = f"列{_shown(missing)}がなく、定めにない列{_shown(extra)}があります(名称の変更とみられます)"
        raise layout.refusal("column_missing", file, what, 1)
    if missing:
        raise layout.refusal("column_missing", file, f"列{_shown(missing)}がありません", 1)
    if extra:
        raise layout.refusal("column_extra", file, f"定めにない列{_shown(extra)}があります", 1)
    raise layout.refusal("column_order", file, "列の並びが定めと違います", 1)


def _refuse_my_number_column(layout: Layout, names: list[str], file: str) -> None:
    folded = [unicodedata.normalize("NFKC", name).casefold().replace(" ", "") for name in names]
    if any(word in name for name in folded for word in _MY_NUMBER_NAMES):
        raise layout.refusal("my_number", file, "個人番号の列があります", 1)


def _names(line: str) -> list[str]:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def _shown(names: list[str]) -> str:
    """Column names in brackets; what has digits or is long is no column name and stays out."""
    shown = [f"「{n}」" if len(n) <= _LONGEST_NAME and not any(c.isdigit() for c in n[1:]) else "「…」" for n in names]
    return "".join(shown)


def _records(lines: list[str], columns: int, first_line: int) -> pl.DataFrame:
    """line_no and row_text per record; a record whose quoted field holds a line end spans several lines."""
    numbers = range(first_line, first_line + len(lines))
    frame = pl.DataFrame({"line_no": numbers, "row_text": lines}, schema={"line_no": pl.Int64, "row_text": pl.String})
    odd = (frame["row_text"].str.count_matches('"', literal=True) % 2 == 1).arg_true().to_list()
    spans = _spans(lines, odd, columns)
    if not spans:
        return frame
    inner = {at for first, last in spans for at in range(first + 1, last + 1)}
    joined = {first: "\r\n".join(lines[first : last + 1]) for first, last in spans}
    kept = [at for at in range(len(lines)) if at not in inner]
    texts = [joined.get(at, lines[at]) for at in kept]
    return pl.DataFrame({"line_no": [at + first_line for at in kept], "row_text": texts}, schema=frame.schema)


def _spans(lines: list[str], odd: list[int], columns: int) -> list[tuple[int, int]]:
    """(first, last) of the lines that are one well-formed record together, read from the top."""
    pairs = list(pairwise(odd))
    joined = pl.Series(["\r\n".join(lines[first : last + 1]) for first, last in pairs], dtype=pl.String)
    whole = joined.str.contains(_record_pattern(columns)).to_list()
    spans: list[tuple[int, int]] = []
    for pair, is_whole in zip(pairs, whole, strict=True):
        if is_whole and (not spans or pair[0] > spans[-1][1]):
            spans.append(pair)
    return spans


def _record_pattern(columns: int) -> str:
    return rf"^{_FIELD}(?:,{_FIELD}){{{columns - 1}}}$"


def _structure_rule(columns: int) -> pl.Expr:
    """Why the fields of a row cannot be told apart; null where they can."""
    line = pl.col("row_text")
    quoted = line.str.contains('"', literal=True)
    unsound = ~pl.when(quoted).then(line).str.contains(_record_pattern(columns))
    return (
        pl.when(line.str.contains(LINE_BREAK))
        .then(pl.lit("改行"))
        .when(line.str.contains(CONTROL))
        .then(pl.lit("制御文字"))
        .when(quoted & unsound)
        .then(pl.lit("引用符"))
        .when(~quoted & (line.str.count_matches(",", literal=True) != columns - 1))
        .then(pl.lit("列数"))
    )


def _fields(layout: Layout, lines: pl.Series) -> pl.DataFrame:
    """The fields of lines that are each known to be one record of the layout."""
    if lines.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(layout.items, pl.String))
    text = f"{','.join(layout.items)}\n{lines.str.join(chr(10)).item()}\n"
    fields = pl.read_csv(io.BytesIO(text.encode()), infer_schema=False)
    return fields.with_columns(pl.all().replace("", None)) if '"' in text else fields
