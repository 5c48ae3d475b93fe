"""What a city delivered, read back through the adapters."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.city.city import CitySummary
from schemas.feeds.adapter import Adapter
from schemas.feeds.layout import Source
from schemas.records.feeds import FEEDS, accepted, refused

KNOWN = date(2026, 8, 31)


@dataclass(frozen=True)
class Delivered:
    """Everything one feed delivered: accepted rows and refused lines with delivery and line, stems in order."""

    accepted: pl.DataFrame
    refused: pl.DataFrame
    stems: list[str]


Deliveries = dict[str, Delivered]


def data_files(summary: CitySummary, feed: str) -> list[Path]:
    """The data files of a feed by name."""
    folder = summary.inbox / "112038" / feed
    return sorted(path for path in folder.iterdir() if not path.name.endswith(".control.json"))


def read(summary: CitySummary, feed: str) -> Delivered:
    """All deliveries of a feed; files without rows are only counted."""
    adapter, record, files = Adapter.load(feed), FEEDS[feed], data_files(summary, feed)
    good, bad = [accepted(record).empty()], [refused(record).empty().with_columns(pl.lit("").alias("file"))]
    for path in files:
        control = json.loads(path.with_name(f"{path.stem}.control.json").read_text("utf-8"))
        if control["rows"]:
            part = adapter.typed(adapter.read(path.read_bytes(), path.name), record, Source(path.stem, KNOWN))
            good.append(part.accepted)
            bad.append(part.refused.with_columns(pl.lit(path.name).alias("file")))
    return Delivered(pl.concat(good), pl.concat(bad), [path.stem for path in files])
