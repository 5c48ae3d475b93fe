"""Frames into both databases: every row, its nulls and days, and what is the same in all of them."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from sqlalchemy import BigInteger, Column, Date, Engine, MetaData, String, Table, insert, select
from sqlalchemy.exc import IntegrityError

from resources.database import Utc, insert_or_leave
from resources.frames import insert_frame, rows_of

TABLE = Table(
    "payments_here",
    MetaData(),
    Column("name", String(12), primary_key=True),
    Column("amount_yen", BigInteger),
    Column("day", Date),
    Column("at", Utc),
)
NOON = datetime(2026, 10, 30, 12, 0, 0, 123, tzinfo=UTC)
ROWS = [("ｶﾞ \"\\'%s :x", 2**62, date(2026, 10, 30)), ("二", None, None)]
FRAME = pl.DataFrame(ROWS, schema={"name": pl.String, "amount_yen": pl.Int64, "day": pl.Date}, orient="row")


@pytest.fixture
def empty(engine: Engine) -> Engine:
    TABLE.create(engine)
    return engine


def test_rows_stand_as_they_were_in_the_frame(empty: Engine) -> None:
    with empty.begin() as connection:
        insert_frame(connection, insert(TABLE), FRAME, at=NOON)
        stored = connection.execute(select(TABLE).order_by(TABLE.c.name)).all()
    assert sorted(tuple(row) for row in stored) == sorted((*row, NOON) for row in ROWS)


def test_a_row_that_stands_is_left_only_where_that_is_asked(empty: Engine) -> None:
    with empty.begin() as connection:
        insert_frame(connection, insert(TABLE), FRAME.head(1), at=NOON)
        insert_frame(connection, insert_or_leave(connection, TABLE), FRAME.with_columns(amount_yen=pl.lit(1)))
        assert dict(connection.execute(select(TABLE.c.name, TABLE.c.amount_yen)).all()) == {ROWS[0][0]: 2**62, "二": 1}
    with empty.begin() as connection, pytest.raises(IntegrityError):
        insert_frame(connection, insert(TABLE), FRAME)


def test_no_rows_are_no_statement(empty: Engine) -> None:
    with empty.begin() as connection:
        insert_frame(connection, insert(TABLE), FRAME.clear(), at=NOON)
        assert connection.execute(select(TABLE)).all() == []


def test_a_frame_is_read_in_the_database_with_the_types_of_the_table(empty: Engine) -> None:
    with empty.connect() as connection:
        rows = connection.execute(select(*rows_of(connection, FRAME, TABLE).c)).all()
    assert [tuple(row) for row in rows] == ROWS
