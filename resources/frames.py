"""Frames into the database: all rows of a frame in one statement, the same in SQLite and PostgreSQL.

Belongs here: a frame as rows that a statement reads. Does not belong here: any table, and what is done with the rows.

The rows travel as one JSON text, which both databases take apart: executemany costs PostgreSQL one statement a row
where the row may stand already, and Python more than the database in both.
"""

from typing import Any

import polars as pl
from sqlalchemy import Connection, FromClause, Insert, Table, Text, column, func, literal, literal_column, select, true

ALIAS = "given"


def rows_of(connection: Connection, frame: pl.DataFrame, table: Table) -> FromClause:
    """The frame as something to select from; its columns are columns of `table`, and have their types."""
    text = literal(frame.write_json(), Text())
    columns = [column(name, table.c[name].type) for name in frame.columns]
    if connection.dialect.name == "postgresql":
        given = func.json_to_recordset(text.op("::")(literal_column("json"))).table_valued(*columns)
        return given.render_derived(name=ALIAS, with_types=True)
    row = func.json_each(text).table_valued("value").c.value
    parts = [func.json_extract(row, f"$.{each.name}", type_=each.type).label(each.name) for each in columns]
    return select(*parts).subquery(ALIAS)


def insert_frame(connection: Connection, statement: Insert, frame: pl.DataFrame, **same: Any) -> None:
    """Run an INSERT with the rows of a frame and, in each of them, the values `same`. No rows, no statement."""
    if frame.is_empty():
        return
    table: Any = statement.table
    rows = rows_of(connection, frame, table)
    told = [*rows.c, *(literal(value, table.c[name].type) for name, value in same.items())]
    connection.execute(statement.from_select([*frame.columns, *same], select(*told).where(true())))
