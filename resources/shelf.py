"""The shelf: every table of the city as immutable, encrypted files that only the registry can point at.

Belongs here: publishing a validated frame, reading exactly what was published, refusing everything else.
Does not belong here: what the tables mean (schemas/records), which run asks (shelf_io.py).
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import polars as pl

from resources.database import utc_now
from resources.durable import TEMPORARY, locked, make_directory, write_atomically
from resources.errors import ResourceError
from resources.keys import KeyRing
from resources.registry import Registry, Source, StaleGeneration, Volume
from schemas.record import Record

MAGIC = b"PARE"
"""First and last four bytes of a Parquet file with an encrypted footer."""

_SAFE = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.-]*")


class ShelfError(ResourceError):
    """A volume is missing, damaged, exchanged or of another shape; the message says which and what to do."""


class Shelf:
    """The volumes of one municipality under `root`, which the registry lists and the key ring opens."""

    def __init__(self, root: Path, registry: Registry, keys: KeyRing, municipality: str) -> None:
        self.root = root
        self.registry = registry
        self.municipality = municipality
        self._keys = keys
        self._own = root / _safe(municipality)
        make_directory(self._own)

    def publish(
        self,
        record: Record,
        partition: str,
        frame: pl.DataFrame,
        *,
        run_id: str,
        inputs: Iterable[Source] = (),
        expected: int | None = None,
    ) -> Volume:
        """Validate, write, and make current; or find the same rows standing (`unchanged`).

        `expected` is the generation this writer started from (default: the one current now). Raises
        RecordError (rows break the record), StaleGeneration (another writer was first), ShelfError.
        """
        rows = record.validated(frame).sort(record.key)
        digest = content_digest(rows)
        last = self.current(record.name, partition)
        if last and last.digest == digest and expected in {None, last.generation} and self._intact(last):
            return Volume(**{**vars(last), "unchanged": True})
        started = expected if expected is not None else (last.generation if last else 0)
        with locked(self._own / ".lock", shared=True):
            written = self._write(record.name, partition, started + 1, rows, digest, run_id, tuple(inputs))
            return self._entered(written, started)

    def read(self, record: Record, partition: str, generation: int | None = None) -> pl.DataFrame:
        """The rows of a partition, sorted on the record's key: the current ones or an earlier generation's.

        Raises ShelfError when there are none, or the file is not, byte for byte, the one published.
        """
        return self.open(record, self.standing(record, partition, generation))

    def standing(self, record: Record, partition: str, generation: int | None = None) -> Volume:
        """The current volume of a partition, or that generation. Raises ShelfError when there is none."""
        volume = self.registry.volume(self.municipality, record.name, partition, generation=generation)
        if volume is None:
            raise _absent(record, partition, generation)
        return volume

    def read_many(self, record: Record, partitions: Sequence[str]) -> pl.DataFrame:
        """The rows of several partitions, in the order asked for; no partition, no rows."""
        return pl.concat([record.empty(), *(self.read(record, partition) for partition in partitions)])

    def open(self, record: Record, volume: Volume) -> pl.DataFrame:
        """The rows of one volume. Raises ShelfError."""
        content = self._content(volume)
        if content[:4] != MAGIC or content[-4:] != MAGIC:
            raise _damaged(volume, "plain", "暗号化されていないか、途中で切れています")
        if sha256(content).hexdigest() != volume.sha256:
            raise _damaged(volume, "hash", "公開したときの内容と違います(改ざん・破損・入れ替え)")
        frame = self._decrypted(volume, content)
        if frame.height != volume.rows:
            raise _damaged(volume, "rows", "行数が台帳と違います")
        if frame.schema != record.schema:
            raise _outdated(volume)
        return frame

    def current(self, dataset: str, partition: str) -> Volume | None:
        """The volume that stands now."""
        return self.registry.volume(self.municipality, dataset, partition)

    def as_of(self, dataset: str, partition: str, instant: datetime) -> Volume | None:
        """The volume that stood at an instant (time zone required); `open` or `read(generation=…)` reads it."""
        return self.registry.volume(self.municipality, dataset, partition, instant=instant)

    def partitions(self, dataset: str) -> list[str]:
        """Partitions that can be read, in order."""
        return self.registry.partitions(self.municipality, dataset)

    def sweep(self) -> int:
        """Remove what killed writers left unfinished; the number of files. Waits for writers at work."""
        with locked(self._own / ".lock"):
            unfinished = sorted(self._own.rglob(f".*{TEMPORARY}"))
            for file in unfinished:
                file.unlink()
        return len(unfinished)

    def unregistered(self) -> list[str]:
        """Whole files no volume points at, relative to the shelf: harmless, never read, kept for a person."""
        known = self.registry.paths(self.municipality)
        lying = (str(file.relative_to(self.root)) for file in self._own.rglob("*.parquet"))
        return sorted(path for path in lying if path not in known)

    def _write(
        self,
        dataset: str,
        partition: str,
        generation: int,
        rows: pl.DataFrame,
        digest: str,
        run_id: str,
        inputs: tuple[Source, ...],
    ) -> Volume:
        name = f"{generation:06d}-{secrets.token_hex(8)}.parquet"
        path = f"{self.municipality}/{_safe(dataset)}/{_safe(partition)}/{name}"
        identity = (self.municipality, dataset, partition, generation, path)
        content = self._encrypted(rows, identity)
        write_atomically(self.root / path, content)
        return Volume(
            *identity, rows.height, sha256(content).hexdigest(), digest, self._keys.current, run_id, utc_now(), inputs
        )

    def _entered(self, written: Volume, started: int) -> Volume:
        try:
            return self.registry.add_volume(written, started)
        except StaleGeneration:
            (self.root / written.path).unlink()
            raise

    def _encrypted(self, rows: pl.DataFrame, identity: tuple[str, str, str, int, str]) -> bytes:
        seal = _seal(*identity)
        buffer = BytesIO()
        rows.write_parquet(
            buffer,
            encryption=pl.ParquetEncryptionProperties(
                footer_key=self._keys.derived(self._keys.current, seal), aad_prefix=seal.encode()
            ),
        )
        return buffer.getvalue()

    def _decrypted(self, volume: Volume, content: bytes) -> pl.DataFrame:
        seal = _seal(volume.municipality, volume.dataset, volume.partition, volume.generation, volume.path)
        key = pl.ParquetDecryptionProperties(
            footer_key=self._keys.derived(volume.key_id, seal), aad_prefix=seal.encode()
        )
        try:
            return pl.read_parquet(content, decryption=key)
        except pl.exceptions.PolarsError:
            raise _damaged(volume, "key", "この鍵では開けません(鍵の取り違え、または入れ替え)") from None

    def _content(self, volume: Volume) -> bytes:
        try:
            return (self.root / volume.path).read_bytes()
        except FileNotFoundError:
            raise _damaged(volume, "missing", "ファイルがありません") from None

    def _intact(self, volume: Volume) -> bool:
        file = self.root / volume.path
        return file.is_file() and sha256(file.read_bytes()).hexdigest() == volume.sha256


def content_digest(rows: pl.DataFrame) -> str:
    """SHA-256 of the dtypes and the rows as CSV, in which null (nothing) and an empty text ("") differ."""
    buffer = BytesIO()
    rows.write_csv(buffer, quote_style="necessary", null_value="")
    dtypes = " ".join(str(dtype) for dtype in rows.dtypes)
    return sha256(dtypes.encode() + b"\n" + buffer.getbuffer()).hexdigest()


def _seal(municipality: str, dataset: str, partition: str, generation: int, path: str) -> str:
    """What a file's key and its authenticated data are bound to."""
    return f"shelf|{municipality}|{dataset}|{partition}|{generation}|{path}"


def _safe(part: str) -> str:
    if _SAFE.fullmatch(part) is None:
        raise ShelfError(
            "name", "保管庫の名前に使えない文字があります。", "半角の英数字と . _ - だけの名前にしてください。"
        )
    return part


def _command(partition: str) -> str:
    daily = partition.count("-") == 2
    return f"kodomo nightly --date {partition}" if daily else f"kodomo monthly --month {partition}"


def _absent(record: Record, partition: str, generation: int | None) -> ShelfError:
    which = partition if generation is None else f"{partition} 第{generation}世代"
    return ShelfError(
        "absent",
        f"{record.label}({record.name})の {which} はまだ作られていません。",
        f"先に {_command(partition)} を実行してください。",
    )


def _damaged(volume: Volume, code: str, what: str) -> ShelfError:
    which = f"{volume.dataset} {volume.partition} 第{volume.generation}世代"
    return ShelfError(
        code,
        f"保管庫の {which} のファイルは{what}。読み込みを中止しました。",
        f"バックアップから {volume.path} を戻してください。戻せないときは情報システム担当が原因を調べたうえで"
        f" {_command(volume.partition)} で作り直してください。",
    )


def _outdated(volume: Volume) -> ShelfError:
    return ShelfError(
        "schema",
        f"保管庫の {volume.dataset} {volume.partition} 第{volume.generation}世代の列が、今の定義と違います。",
        f"{_command(volume.partition)} で作り直してください。",
    )
