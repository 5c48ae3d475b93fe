"""The second engine computes on frames and keeps nothing."""

from pathlib import Path

import polars as pl
import pytest

from resources.desk import Desk, DeskError

FRAME = pl.DataFrame({"name": ["甲", "乙", None], "amount_yen": [1, 2, 3]})


def test_sql_answers_in_polars_types() -> None:
    with Desk({"payments": FRAME}) as desk:
        told = desk.ask(
            "SELECT CAST(sum(amount_yen) AS BIGINT) AS yen FROM payments WHERE amount_yen >= $least", {"least": 2}
        )
    assert told.equals(pl.DataFrame({"yen": [5]}))


def test_a_frame_goes_through_unchanged() -> None:
    with Desk({"payments": FRAME}) as desk:
        assert desk.ask("SELECT * FROM payments").equals(FRAME)


def test_a_failing_query_tells_no_value() -> None:
    with Desk({"payments": FRAME}) as desk, pytest.raises(DeskError) as caught:
        desk.ask("SELECT CAST(name AS INTEGER) FROM payments")
    assert "甲" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "query",
    [
        "COPY payments TO '{file}'",
        "ATTACH '{file}'",
        "SELECT * FROM read_csv('{file}')",
        "SET enable_external_access = true",
    ],
)
def test_the_desk_reaches_no_file(tmp_path: Path, query: str) -> None:
    file = tmp_path / "leak.csv"
    with Desk({"payments": FRAME}) as desk, pytest.raises(DeskError):
        desk.ask(query.format(file=file))
    assert not file.exists()
