"""Inbox: where deliveries lie, and the gate through which a partition's deliveries pass whole or not at all.

Belongs here: finding a feed's deliveries, and every reason for which one cannot be taken. What one file looks
like belongs to schemas/feeds; remembering what was accepted belongs to registry.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from resources.delivery import (
    CONTROL_SUFFIX,
    LARGEST_CONTROL_BYTES,
    AcceptedDelivery,
    Control,
    DeliveryName,
    read_control,
)
from resources.succession import refuse_disorder, refuse_hash, refuse_shrunk, refuse_twice
from resources.zips import inner_extension, unpacked
from schemas.feeds.adapter import Adapter
from schemas.feeds.errors import DeliveryError
from schemas.feeds.layout import Sorted, Source
from schemas.records.feeds import CONTROL_YEN, DAILY, accepted, refused

__all__ = ["AcceptedDelivery", "Counts", "DeliveryError", "GateResult", "Inbox", "Told"]

_LARGEST_DIFFERENCE_YEN = 99_999_999_999
_WARNINGS = {"delivery": pl.String, "line_no": pl.Int64, "item": pl.String, "rule": pl.String}


@dataclass(frozen=True, slots=True)
class Told:
    """What the control files of a partition state: data rows and control yen."""

    rows: int
    yen: int


@dataclass(frozen=True, slots=True)
class Counts:
    """A partition in numbers; rows = accepted_rows + refused_rows, and the same in yen."""

    deliveries: int
    rows: int
    accepted_rows: int
    refused_rows: int
    yen: int
    accepted_yen: int
    refused_yen: int
    unreadable_rows: int
    warnings: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """What passed: accepted(record), refused(record), the warnings (delivery, line_no, item, rule), the
    deliveries in sequence order, and the counts."""

    accepted: pl.DataFrame
    refused: pl.DataFrame
    warnings: pl.DataFrame
    deliveries: list[AcceptedDelivery]
    counts: Counts

    def figures(self) -> dict[str, int]:
        """The counts by name, for metadata."""
        return {name: getattr(self.counts, name) for name in Counts.__slots__}


@dataclass(frozen=True, slots=True)
class _Found:
    name: DeliveryName
    data: Path
    control: Path


@dataclass(frozen=True, slots=True)
class _Taken:
    delivery: AcceptedDelivery
    rows: Sorted


@dataclass(frozen=True)
class Inbox:
    """`root`/<municipality>/<feed>/: data files and their control.json, as the senders lay them there."""

    root: Path
    municipality: str

    def gate(
        self, feed: str, partition_days: tuple[date, date], accepted_before: Sequence[AcceptedDelivery]
    ) -> GateResult:
        """Every delivery of a partition (first and last day), sorted row by row.

        accepted_before: what the registry remembers of this feed; the same partition with the same files
        again gives the same result. Raises one DeliveryError, and then nothing has passed.
        """
        adapter = Adapter.load(feed, self.municipality)
        partition = partition_key(feed, partition_days)
        found = self._found(adapter, partition_days)
        ours = [delivery for delivery in accepted_before if delivery.feed == feed]
        again = {delivery.sequence: delivery for delivery in ours if delivery.partition == partition}
        self._refuse_missing(adapter, found, again.values(), partition)
        known = [delivery for delivery in ours if delivery.partition != partition]
        taken: list[_Taken] = []
        for each in found:
            one = self._take(adapter, each, partition, known, again.get(each.name.sequence))
            known.append(one.delivery)
            taken.append(one)
        return _result(adapter, taken)

    def told(self, feed: str, partition_days: tuple[date, date]) -> Told:
        """What the senders state of a partition, read again from the control files. Raises DeliveryError."""
        adapter = Adapter.load(feed, self.municipality)
        controls = [self._control(adapter, found) for found in self._found(adapter, partition_days)]
        return Told(sum(control.rows for control in controls), sum(control.yen for control in controls))

    def _found(self, adapter: Adapter, partition_days: tuple[date, date]) -> list[_Found]:
        """The deliveries of a partition in sequence order. Raises DeliveryError stranger and missing."""
        folder = self.root / self.municipality / adapter.feed
        entries = _entries(adapter, folder)
        variants = Adapter.variants(adapter.feed, self.municipality)
        named = [(entry, _name(adapter, entry, variants)) for entry in entries]
        due = [(entry, name) for entry, name in named if partition_days[0] <= name.as_of <= partition_days[1]]
        data = [_Found(n, e, folder / f"{n.stem}{CONTROL_SUFFIX}") for e, n in due if not _is_control(e)]
        stems = {found.name.stem for found in data}
        for entry, name in due:
            if name.stem not in stems:
                raise adapter.refusal("missing", entry.name, "control.json だけがあり、データのファイルがありません")
        return sorted(data, key=lambda found: (found.name.sequence, found.data.name))

    def _refuse_missing(
        self, adapter: Adapter, found: list[_Found], again: Iterable[AcceptedDelivery], partition: str
    ) -> None:
        if not found and adapter.due != "when_sent":
            expected = f"{adapter.feed}_*.{adapter.extension}"
            raise adapter.refusal("missing", expected, f"{partition} の納品がありません")
        here = {each.data.name for each in found}
        for delivery in again:
            if delivery.file not in here:
                raise adapter.refusal("missing", delivery.file, f"{partition} に受理した納品が受信箱にありません")

    def _control(self, adapter: Adapter, found: _Found) -> Control:
        if not found.control.is_file() or found.control.is_symlink():
            raise adapter.refusal("control", found.data.name, "control.json がありません")
        data = _bytes(adapter, found.control, LARGEST_CONTROL_BYTES, "control")
        return read_control(adapter, data, found.control.name, self.municipality, found.name)

    def _take(
        self,
        adapter: Adapter,
        found: _Found,
        partition: str,
        known: list[AcceptedDelivery],
        again: AcceptedDelivery | None,
    ) -> _Taken:
        control = self._control(adapter, found)
        data = _bytes(adapter, found.data, adapter.maximum_bytes, "too_big")
        delivery = AcceptedDelivery(
            adapter.feed,
            control.sequence,
            control.as_of,
            control.load,
            hashlib.sha256(data).hexdigest(),
            control.rows,
            control.yen,
            partition,
            found.data.name,
            control.channel,
        )
        refuse_hash(adapter, delivery, control)
        refuse_twice(adapter, delivery, known, again)
        refuse_disorder(adapter, delivery, known)
        file = delivery.file
        if found.data.suffix == ".zip":
            adapter = self._of(adapter, inner_extension(data))
            data = unpacked(adapter, data, file, f"{found.name.stem}.{adapter.extension}")
        else:
            adapter = self._of(adapter, _extension(found.data))
        reading = adapter.read(data, file)
        if reading.count != control.rows:
            what = f"件数が{reading.count}件で、control.json の{control.rows}件と違います"
            raise adapter.refusal("rows", file, what)
        rows = adapter.typed(reading, adapter.record, Source(file, control.as_of))
        if rows.doubled_lines:
            what = f"同じキー({'+'.join(adapter.record.key)})の行が{len(rows.doubled_lines)}件重複しています"
            raise adapter.refusal("duplicate_key", file, what, rows.doubled_lines[0])
        refuse_shrunk(adapter, delivery, known)
        return _Taken(delivery, _with_whole_total(adapter, rows, control, file))

    def _of(self, adapter: Adapter, extension: str) -> Adapter:
        """The adapter of a file with that extension: the feed's usual one, unless it is another's."""
        if extension not in Adapter.variants(adapter.feed, self.municipality):
            return adapter
        return Adapter.variant(adapter.feed, extension, self.municipality)


def partition_key(feed: str, partition_days: tuple[date, date]) -> str:
    """YYYY-MM-DD of a daily feed, YYYY-MM of a monthly one."""
    first = partition_days[0].isoformat()
    return first if feed in {record.name for record in DAILY} else first[:7]


def control_yen(feed: str, frame: pl.DataFrame) -> int:
    """The control total of typed rows."""
    return int(frame.select(pl.sum_horizontal(pl.lit(0, pl.Int64), *CONTROL_YEN.get(feed, ())).sum()).item())


def _entries(adapter: Adapter, folder: Path) -> list[Path]:
    """Everything in a feed's folder; nothing when there is no folder yet."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError:
        raise adapter.refusal("missing", folder.name, "受信箱のフォルダを読み取れません") from None


def _is_control(entry: Path) -> bool:
    return entry.name.endswith(CONTROL_SUFFIX)


def _extension(entry: Path) -> str:
    return entry.suffix.removeprefix(".").lower()


def _name(adapter: Adapter, entry: Path, variants: tuple[str, ...]) -> DeliveryName:
    """The delivery a file of the folder belongs to. Raises DeliveryError stranger."""
    stem = entry.name.removesuffix(CONTROL_SUFFIX) if _is_control(entry) else entry.stem
    known = _is_control(entry) or entry.suffix in {f".{adapter.extension}", ".zip"} or _extension(entry) in variants
    name = DeliveryName.parse(stem) if known else None
    if name is None or name.feed != adapter.feed or entry.is_symlink() or not entry.is_file():
        raise adapter.refusal("stranger", entry.name, "この連携の納品ではないものが受信箱にあります")
    return name


def _bytes(adapter: Adapter, path: Path, maximum: int, too_big: str) -> bytes:
    """A file of at most `maximum` bytes."""
    size = -1
    try:
        size = path.stat().st_size
        if size <= maximum:
            return path.read_bytes()
    except OSError:
        size = -1
    if size < 0:
        raise adapter.refusal("missing", path.name, "ファイルを読み取れません")
    raise adapter.refusal(too_big, path.name, f"大きさが上限の{maximum}バイトを超えています")


def _with_whole_total(adapter: Adapter, rows: Sorted, control: Control, file: str) -> Sorted:
    """The same rows, once accepted + refused yen is the sender's total.

    What the sender counted for rows whose yen cannot be read is entered on the first of them.
    """
    counted = control_yen(adapter.feed, rows.accepted) + int(rows.refused["yen"].sum())
    difference = control.yen - counted
    if difference == 0:
        return rows
    if not rows.unreadable_lines or abs(difference) > _LARGEST_DIFFERENCE_YEN:
        what = f"合計金額が{counted}円で、control.json の{control.yen}円と違います"
        raise adapter.refusal("total", file, what)
    here = (pl.col("line_no") == rows.unreadable_lines[0]) & pl.col("line_no").is_first_distinct()
    yen = pl.when(here).then(pl.col("yen") + difference).otherwise("yen")
    return replace(rows, refused=rows.refused.with_columns(yen=yen))


def _result(adapter: Adapter, taken: list[_Taken]) -> GateResult:
    kept = pl.concat([accepted(adapter.record).empty(), *(one.rows.accepted for one in taken)])
    turned = pl.concat([refused(adapter.record).empty(), *(one.rows.refused for one in taken)])
    warnings = pl.concat([pl.DataFrame(schema=_WARNINGS), *(one.rows.warnings for one in taken)])
    deliveries = [one.delivery for one in taken]
    counts = Counts(
        deliveries=len(deliveries),
        rows=sum(delivery.rows for delivery in deliveries),
        accepted_rows=kept.height,
        refused_rows=turned.select("delivery", "line_no").n_unique(),
        yen=sum(delivery.yen for delivery in deliveries),
        accepted_yen=control_yen(adapter.feed, kept),
        refused_yen=int(turned["yen"].sum()),
        unreadable_rows=sum(len(one.rows.unreadable_lines) for one in taken),
        warnings=warnings.height,
    )
    return GateResult(kept, turned, warnings, deliveries, counts)
