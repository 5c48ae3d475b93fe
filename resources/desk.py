"""The desk: DuckDB in memory over frames of the shelf, the second engine that recomputes what Polars decided.

Belongs here: laying frames out and asking in SQL. Does not belong here: any query, and anything that lasts.
"""

from collections.abc import Mapping
from types import TracebackType

import duckdb
import polars as pl

from resources.errors import ResourceError

_SEALED_OFF = (
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET TimeZone = 'Asia/Tokyo'",
    "SET lock_configuration = true",
)


class DeskError(ResourceError):
    """A query failed. The text of the query and the values it met stay out."""


class Desk:
    """Frames as SQL tables for the length of a `with`; no file, no network, nothing kept."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self._connection = duckdb.connect(":memory:")
        for setting in _SEALED_OFF:
            self._connection.execute(setting)
        for name, frame in frames.items():
            self._connection.register(name, frame.to_arrow())

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
        """The answer to one SELECT with `$name` parameters. Raises DeskError."""
        try:
            answer: pl.DataFrame = self._connection.sql(query, params=dict(parameters or {})).pl()
            return answer
        except duckdb.Error as refused:
            kind = type(refused).__name__
        raise DeskError("query", f"検算の問い合わせが失敗しました({kind})。", "検算のSQLと表の列を確認してください。")
