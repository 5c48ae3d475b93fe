"""An extract for another office: UTF-8 CSV with the record's Japanese labels, dates YYYY-MM-DD, CRLF.

A cell that a spreadsheet would read as a formula is refused: identifiers and dates never begin like one.
"""

import polars as pl

from schemas.errors import CityError
from schemas.record import Record

FORMULA = r"^[=+\-@\t\r]"


class ExtractError(CityError):
    """A value that must not leave in a CSV file."""


def as_csv(record: Record, rows: pl.DataFrame, numbered: bool = False) -> bytes:
    """The rows of a record as bytes; `numbered`: each heading begins with the item's number.

    Raises ExtractError naming the columns, never a value.
    """
    texts = [name for name, dtype in record.schema.items() if dtype == pl.String()]
    risky = [name for name in texts if rows[name].str.contains(FORMULA).any()]
    if risky:
        columns = "・".join(risky)
        raise ExtractError(f"{record.label}: 表計算で式と読まれる値が列 {columns} にあります。元の値を確かめてください")
    headings = {item.name: f"{item.no} {item.label}" if numbered else item.label for item in record.items}
    labelled = rows.select(pl.col(name).alias(heading) for name, heading in headings.items())
    return labelled.write_csv(line_terminator="\r\n").encode("utf-8")
