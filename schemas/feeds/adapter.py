"""Adapter: a feed's layout with its three doors, read (bytes → text rows), typed (text rows → accepted and
refused) and write (frame → bytes).

What a layout states belongs to layout; what a row must keep belongs to schemas/records.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

from schemas.feeds.errors import AdapterError
from schemas.feeds.layout import Layout, Reading, Sorted, Source
from schemas.feeds.reading import read
from schemas.feeds.sorting import typed
from schemas.feeds.writing import write
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.feeds import FEEDS

FOLDER = Path(__file__).parent
PAYER = "benefit.public_payer_no"
"""The parameter that says which 公費 of a UKE receipt is the city's; a number it had once stays known."""


class Adapter(Layout):
    """The layout of one feed's file, read and written."""

    @staticmethod
    def load(feed: str, municipality: str = "112038") -> "Adapter":
        """The adapter of a feed; schemas/feeds/<municipality>/<feed>.yaml wins over schemas/feeds/<feed>.yaml.

        Raises AdapterError when the feed is unknown or the file is wrong.
        """
        return _loaded(feed, municipality)

    @staticmethod
    def variants(feed: str, municipality: str = "112038") -> tuple[str, ...]:
        """The extensions of the feed's files that are of another layout than its usual one."""
        return tuple(sorted({path.stem for folder in _folders(feed, municipality) for path in folder.glob("*.yaml")}))

    @staticmethod
    def variant(feed: str, extension: str, municipality: str = "112038") -> "Adapter":
        """The adapter of the feed's files with that extension: schemas/feeds/<feed>/<extension>.yaml, or of one
        municipality. Raises AdapterError when it is not defined or the file is wrong."""
        return _varied(feed, extension, municipality)

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


def _folders(feed: str, municipality: str) -> list[Path]:
    """Where the feed's other layouts lie; what one municipality states comes first."""
    if feed not in FEEDS or not municipality.isalnum():
        raise AdapterError(f"連携「{feed}」(自治体 {municipality}) は定義されていません。")
    return [FOLDER / municipality / feed, FOLDER / feed]


@cache
def _varied(feed: str, extension: str, municipality: str) -> Adapter:
    paths = [folder / f"{extension}.yaml" for folder in _folders(feed, municipality)]
    path = next((path for path in paths if extension.isalnum() and path.exists()), None)
    if path is None:
        raise AdapterError(f"連携「{feed}」に拡張子 {extension} の様式は定義されていません。")
    adapter = replace(Adapter.parse(path.read_text(encoding="utf-8"), feed), suffix=extension)
    if adapter.kind != "uke" or adapter.own_payers:
        return adapter
    return replace(adapter, own_payers=frozenset(one.value for one in Law.load(municipality).of(PAYER)))


@cache
def _loaded(feed: str, municipality: str) -> Adapter:
    if feed not in FEEDS or not municipality.isalnum():
        raise AdapterError(f"連携「{feed}」(自治体 {municipality}) は定義されていません。")
    own = FOLDER / municipality / f"{feed}.yaml"
    path = own if own.exists() else FOLDER / f"{feed}.yaml"
    return Adapter.parse(path.read_text(encoding="utf-8"), feed)
