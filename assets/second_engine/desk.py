"""One SQL file over frames. What a file asks stands in the file; how DuckDB is opened is resources/desk.py."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from resources.desk import Desk

HERE = Path(__file__).parent


def answer(file: str, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The rows that an SQL file of this folder makes of the frames, known to it by name. Raises DeskError."""
    with Desk(frames) as desk:
        return desk.ask((HERE / file).read_text(encoding="utf-8"))
