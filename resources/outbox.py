"""The outbox: the one place files leave from, and the journal that proves what left.

Belongs here: whole files under outbox/<municipality>/<partition>/, the hash-chained journal, encryption for a
named recipient. Does not belong here: what the files say (reports).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import BigInteger, Boolean, Column, Connection, Engine, Integer, String, Table, insert, select

from resources.database import Utc, append_only, metadata, utc_now, writing
from resources.durable import sync_directory, write_atomically
from resources.errors import ResourceError
from resources.schema import open_schema

OUTBOX_JOURNAL = append_only(
    Table(
        "outbox_journal",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("sequence", Integer, primary_key=True, autoincrement=False),
        Column("partition", String(40), nullable=False),
        Column("name", String(200), nullable=False),
        Column("sha256", String(64), nullable=False),
        Column("bytes", BigInteger, nullable=False),
        Column("purpose", String(200), nullable=False),
        Column("sealed", Boolean, nullable=False),
        Column("at", Utc, nullable=False),
        Column("previous", String(64), nullable=False),
        Column("entry", String(64), nullable=False),
    )
)

BEGINNING = "0" * 64
_SAFE = re.compile(r"[^\s./\\\x00-\x1f][^/\\\x00-\x1f]*")


class OutboxError(ResourceError):
    """A file cannot leave: its name is sealed over other bytes, the journal is broken, the recipient unknown."""


@dataclass(frozen=True)
class Sent:
    """A file of the outbox. `unchanged`: the same bytes lay there already and were not touched."""

    path: Path
    sha256: str
    bytes: int
    unchanged: bool


class Outbox:
    """The outgoing files of one municipality under `root`, journalled in the database."""

    def __init__(self, root: Path, engine: Engine, municipality: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.root = root
        self.engine = engine
        self.municipality = municipality
        self._clock = clock
        open_schema(engine)

    def write(self, partition: str, name: str, content: bytes, *, purpose: str, sealed: bool = False) -> Sent:
        """Journal, then write atomically. The same bytes again leave file and journal as they are.

        A `sealed` name keeps its bytes for ever. Raises OutboxError for other bytes under a sealed name, and
        when a sealed file on disk is not the one in the journal; a file is never there before its entry.
        """
        path = self.root / self.municipality / _safe(partition) / _safe(name)
        digest = sha256(content).hexdigest()
        with writing(self.engine, "outbox") as connection:
            last = self._last(connection, partition, name)
            _refuse_change(last, path, digest)
            if last is None or last["sha256"] != digest or sealed > last["sealed"]:
                self._append(connection, partition, name, digest, len(content), purpose, sealed)
        unchanged = _digest(path) == digest
        if not unchanged:
            write_atomically(path, content)
        return Sent(path, digest, len(content), unchanged)

    def remove(self, partition: str, name: str) -> None:
        """Take away a file that another one has replaced; what the journal tells of it stays.

        Raises OutboxError for a sealed name.
        """
        path = self.root / self.municipality / _safe(partition) / _safe(name)
        with writing(self.engine, "outbox") as connection:
            last = self._last(connection, partition, name)
            if last is not None and last["sealed"]:
                raise OutboxError(
                    "sealed", f"{name} は確定済みで、取り除けません。", "送付先に渡すまで、そのまま置いてください。"
                )
            if path.is_file():
                path.unlink()
                sync_directory(path.parent)

    def find(self, name: str) -> Sent | None:
        """The file of that name as last journalled, whether or not it still lies there."""
        entries = [entry for entry in self.journal() if entry["name"] == name]
        if not entries:
            return None
        last = entries[-1]
        path = self.root / self.municipality / last["partition"] / name
        return Sent(path, last["sha256"], last["bytes"], True)

    def content(self, name: str) -> bytes:
        """The bytes of the file of that name as last journalled; none where it does not lie there."""
        found = self.find(name)
        return found.path.read_bytes() if found is not None and found.path.is_file() else b""

    def journal(self) -> list[dict[str, Any]]:
        """Every entry in order."""
        table = OUTBOX_JOURNAL.c
        mine = select(OUTBOX_JOURNAL).where(table.municipality == self.municipality).order_by(table.sequence)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(mine).mappings()]

    def verify(self) -> int:
        """The number of entries, when each follows from the one before. Raises OutboxError."""
        previous = BEGINNING
        entries = self.journal()
        for at, entry in enumerate(entries, start=1):
            if entry["sequence"] != at or entry["previous"] != previous or entry["entry"] != _entry_hash(entry):
                raise OutboxError(
                    "journal",
                    f"送付記録の{at}番目が、前の記録とつながりません。",
                    "記録が書き換えられたおそれがあります。情報システム担当に連絡し、送付を止めてください。",
                )
            previous = entry["entry"]
        return len(entries)

    def _last(self, connection: Connection, partition: str, name: str) -> dict[str, Any] | None:
        table = OUTBOX_JOURNAL.c
        here = (table.municipality == self.municipality) & (table.partition == partition) & (table.name == name)
        wanted = select(OUTBOX_JOURNAL).where(here).order_by(table.sequence.desc()).limit(1)
        row = connection.execute(wanted).mappings().first()
        return None if row is None else dict(row)

    def _append(
        self, connection: Connection, partition: str, name: str, digest: str, size: int, purpose: str, sealed: bool
    ) -> None:
        table = OUTBOX_JOURNAL.c
        tip = select(table.sequence, table.entry).where(table.municipality == self.municipality)
        row = connection.execute(tip.order_by(table.sequence.desc()).limit(1)).first()
        sequence, previous = (row.sequence + 1, row.entry) if row else (1, BEGINNING)
        entry = {
            "municipality": self.municipality,
            "sequence": sequence,
            "partition": partition,
            "name": name,
            "sha256": digest,
            "bytes": size,
            "purpose": purpose,
            "sealed": sealed,
            "at": self._clock(),
            "previous": previous,
        }
        connection.execute(insert(OUTBOX_JOURNAL).values(**entry, entry=_entry_hash(entry)))


def encrypt_for(recipient: str, content: bytes) -> bytes:
    """`content` as an age file that only the holder of the recipient's key opens (age1…).

    Raises OutboxError when `recipient` is no age recipient.
    """
    try:
        reader = pyrage.x25519.Recipient.from_str(recipient)  # type: ignore[attr-defined]
    except pyrage.RecipientError:  # type: ignore[attr-defined]
        raise OutboxError(
            "recipient",
            "送付先の公開鍵が age の形式ではありません。",
            "送付先の課に age1 で始まる公開鍵を確認してください。",
        ) from None
    return bytes(pyrage.encrypt(content, [reader]))  # type: ignore[attr-defined]


def _entry_hash(entry: dict[str, Any]) -> str:
    told = {name: value for name, value in entry.items() if name != "entry"}
    told["at"] = told["at"].isoformat()
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _refuse_change(last: dict[str, Any] | None, path: Path, digest: str) -> None:
    if last is None or not last["sealed"]:
        return
    if last["sha256"] != digest:
        raise OutboxError(
            "sealed",
            f"{path.name} は確定済みで、別の内容では上書きできません。",
            "内容を改めるときは、別の名前で作り、送付先に差し替えを知らせてください。",
        )
    if _digest(path) not in {None, digest}:
        raise OutboxError(
            "changed",
            f"{path.name} が、確定した後に書き換えられています。",
            "送付を止め、情報システム担当に連絡してください。",
        )


def _digest(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _safe(part: str) -> str:
    if _SAFE.fullmatch(part) is None:
        raise OutboxError(
            "name", "送付ファイルの名前に使えない文字があります。", "区切り文字のない名前にしてください。"
        )
    return part
