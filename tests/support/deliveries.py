"""An office that lays deliveries in an inbox, well or badly: for tests only."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from resources.delivery import AcceptedDelivery
from resources.inbox import GateResult, Inbox, control_yen
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import DAILY, FEEDS
from tests.support.rows import valid_rows

CITY = "112038"
DAY = date(2026, 10, 14)
MONTH = (date(2026, 10, 1), date(2026, 10, 31))


@cache
def _rows(feed: str, n: int, seed: int) -> pl.DataFrame:
    return valid_rows(FEEDS[feed], n, seed)


@dataclass(frozen=True)
class Office:
    """The sender of one feed."""

    root: Path
    feed: str

    @property
    def folder(self) -> Path:
        return self.root / CITY / self.feed

    @property
    def adapter(self) -> Adapter:
        return Adapter.load(self.feed, CITY)

    @property
    def days(self) -> tuple[date, date]:
        return (DAY, DAY) if self.feed in {record.name for record in DAILY} else MONTH

    def rows(self, n: int = 12, seed: int = 1) -> pl.DataFrame:
        return _rows(self.feed, n, seed)

    def file(self, n: int = 12, seed: int = 1) -> bytes:
        return self.adapter.write(self.rows(n, seed))

    def lay(
        self,
        rows: pl.DataFrame,
        data: bytes | None = None,
        sequence: int = 1,
        as_of: date = DAY,
        load: str = "diff",
        extension: str = "",
        control: dict[str, object] | None = None,
    ) -> Path:
        """A delivery of `rows`; `data` (what the file holds) and items of its control file may differ."""
        stem = f"{self.feed}_{load}_{as_of:%Y%m%d}_{sequence:04d}"
        content = self.adapter.write(rows) if data is None else data
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{stem}.{extension or self.adapter.extension}"
        path.write_bytes(content)
        stated = {
            "municipality": CITY,
            "feed": self.feed,
            "load": load,
            "as_of": as_of.isoformat(),
            "sequence": sequence,
            "rows": rows.height,
            "yen": control_yen(self.feed, rows),
            "sha256": hashlib.sha256(content).hexdigest(),
            "channel": "linkage",
            "sender": "試験の課",
        }
        self.control_of(path).write_text(json.dumps({**stated, **(control or {})}), encoding="utf-8")
        return path

    def control_of(self, path: Path) -> Path:
        return path.with_name(f"{path.stem}.control.json")

    def gate(self, accepted_before: list[AcceptedDelivery] | None = None) -> GateResult:
        return Inbox(self.root, CITY).gate(self.feed, self.days, accepted_before or [])


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()
