"""Adapter: a feed's layout with its three doors, read (bytes → text rows), typed (text rows → accepted and
refused) and write (frame → bytes).

What a layout states belongs to layout; what a row must keep belongs to schemas/records.
"""

from functools import cache
from pathlib import Path

import polars as pl

from schemas.feeds.errors import AdapterError
from schemas.feeds.layout import Layout, Reading, Sorted, Source
from schemas.feeds.reading import read
from schemas.feeds.sorting import typed
from schemas.feeds.writing import write
from schemas.record import Record
from schemas.records.feeds import FEEDS

FOLDER = Path(__file__).parent


class Adapter(Layout):
    """The layout of one feed's file, read and written."""

    @staticmethod
    def load(feed: str, municipality: str = "112038") -> "Adapter":
        """The adapter of a feed; schemas/feeds/<municipality>/<feed>.yaml wins over schemas/feeds/<feed>.yaml.

        Raises AdapterError when the feed is unknown or the file is wrong.
        """
        return _loaded(feed, municipality)

    def read(self, data: bytes, file_name: str) -> Reading:
        """The rows of a file as text. Raises DeliveryError when the file cannot be taken as a whole."""
        return read(self, data, file_name)

    def typed(self, reading: Reading, record: Record, source: Source) -> Sorted:
        """The rows of a reading, each accepted or refused with every rule it breaks."""
        return typed(self, reading, record, source)

    def write(self, frame: pl.DataFrame) -> bytes:
        """The file that holds these rows (at least the layout's items, typed); read and typed give them back.

        Raises AdapterError naming items, never values, when a value does not fit the layout.
        """
        return write(self, frame)


@cache
def _loaded(feed: str, municipality: str) -> Adapter:
    if feed not in FEEDS or not municipality.isalnum():
        raise AdapterError(f"連携「{feed}」(自治体 {municipality}) は定義されていません。")
    own = FOLDER / municipality / f"{feed}.yaml"
    path = own if own.exists() else FOLDER / f"{feed}.yaml"
    return Adapter.parse(path.read_text(encoding="utf-8"), feed)
