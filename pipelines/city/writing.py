"""Deliveries as the city's systems put them: the data file and its control file, numbered without gaps.

INBOX/<municipality>/<feed>/<feed>_<load>_<yyyymmdd>_<nnnn>.<ext> and .control.json. The bytes are the adapter's
own; afterwards the lines that shall be defective are spoiled in place.
"""

import csv
import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.city.defects import TEXT_DEFECTS, VALUE_DEFECTS, TextDefect
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import CONTROL_YEN, FEEDS

_CHANNELS = {
    "receipts": "media",
    "review_body_demands": "media",
    "claims": "media",
    "insurer_answers": "media",
    "applications": "paper",
    "bank_results": "media",
}
_LINE_END = b"\r\n"


@dataclass(slots=True)
class Post:
    """The inbox being filled: adapters, running numbers, and the list of defects delivered so far; uke: whether
    支払基金 delivers UKE files."""

    root: Path
    municipality: str
    uke: bool = False
    sequences: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    defects: list[pl.DataFrame] = field(default_factory=list)
    adapters: dict[str, Adapter] = field(default_factory=dict)

    def adapter(self, feed: str) -> Adapter:
        """The adapter of a feed, loaded once."""
        if feed not in self.adapters:
            self.adapters[feed] = Adapter.load(feed, self.municipality)
        return self.adapters[feed]

    def first_line(self, feed: str) -> int:
        """The line number of a file's first data row."""
        return 2 if self.adapter(feed).header else 1

    def stem(self, feed: str, load: str, as_of: date) -> str:
        """The stem of the feed's next delivery."""
        return f"{feed}_{load}_{as_of:%Y%m%d}_{self.sequences.get(feed, 0) + 1:04d}"

    def send(self, feed: str, load: str, as_of: date, frame: pl.DataFrame, uke: bytes | None = None) -> str:
        """Write one delivery; rows with a defect (column `defect`, null = sound) are spoiled and listed.

        uke: the rows are already written, as this UKE file. Returns the stem. Raises AdapterError when a sound value
        does not fit the layout.
        """
        stem, adapter = self.stem(feed, load, as_of), self.adapter(feed)
        if uke is not None:
            adapter = Adapter.variant(feed, "uke", self.municipality)
        data = adapter.write(frame.select(FEEDS[feed].names)) if uke is None else uke
        if "defect" in frame.columns and frame["defect"].null_count() < len(frame):
            data = self._spoil(feed, f"{stem}.{adapter.extension}", data, frame)
        folder = self.root / self.municipality / feed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.{adapter.extension}").write_bytes(data)
        control = self._control(feed, load, as_of, frame, data)
        (folder / f"{stem}.control.json").write_text(json.dumps(control, ensure_ascii=False, indent=1) + "\n", "utf-8")
        self.sequences[feed] = self.sequences.get(feed, 0) + 1
        self.rows[feed] = self.rows.get(feed, 0) + len(frame)
        return stem

    def _control(self, feed: str, load: str, as_of: date, frame: pl.DataFrame, data: bytes) -> dict[str, str | int]:
        yen = sum(int(frame[name].sum() or 0) for name in CONTROL_YEN.get(feed, ()))
        return {
            "municipality": self.municipality, "feed": feed, "load": load, "as_of": as_of.isoformat(),
            "sequence": self.sequences.get(feed, 0) + 1, "rows": len(frame), "yen": yen,
            "sha256": hashlib.sha256(data).hexdigest(), "channel": _CHANNELS.get(feed, "linkage"),
            "sender": self.adapter(feed).office,
        }  # fmt: skip

    def _spoil(self, feed: str, file: str, data: bytes, frame: pl.DataFrame) -> bytes:
        """The bytes with the defective lines changed; the defects go on the list."""
        wrong = (
            frame.with_row_index("row")
            .filter(pl.col("defect").is_not_null())
            .with_columns((pl.col("row").cast(pl.Int64) + self.first_line(feed)).alias("line_no"))
        )
        lines = data.split(_LINE_END)
        for line_no, name in wrong.select("line_no", "defect").iter_rows():
            defect = TEXT_DEFECTS[feed].get(name)
            if defect is not None:
                lines[line_no - 1] = changed_line(self.adapter(feed), lines[line_no - 1], defect)
        self.defects.append(_listed(feed, file, wrong))
        return _LINE_END.join(lines)


def _listed(feed: str, file: str, wrong: pl.DataFrame) -> pl.DataFrame:
    expected = {name: ("refused", defect.rule) for name, defect in TEXT_DEFECTS.get(feed, {}).items()}
    expected |= VALUE_DEFECTS.get(feed, {})
    keyed = pl.concat_str([pl.col(name).cast(pl.String) for name in FEEDS[feed].key], separator="/")
    return wrong.select(
        pl.lit(feed).alias("feed"), pl.lit(file).alias("file"), "line_no", keyed.alias("key"), "defect",
        pl.col("defect").replace_strict({name: what for name, (what, _) in expected.items()}).alias("expected"),
        pl.col("defect").replace_strict({name: why for name, (_, why) in expected.items()}).alias("rule"),
    )  # fmt: skip


def changed_line(adapter: Adapter, line: bytes, defect: TextDefect) -> bytes:
    """One line of a file with the defect's item replaced by its wrong text."""
    at = adapter.items.index(defect.item)
    if adapter.kind == "fixed":
        start = sum(column.bytes or 0 for column in adapter.columns[:at])
        width = adapter.columns[at].bytes or 0
        wrong = defect.change(line[start : start + width].decode(adapter.encoding)).ljust(width)
        return line[:start] + wrong.encode(adapter.encoding) + line[start + width :]
    fields = next(csv.reader([line.decode(adapter.encoding)]))
    fields[at] = defect.change(fields[at])
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(fields)
    return out.getvalue().encode(adapter.encoding)
