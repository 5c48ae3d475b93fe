"""The witness: what was released, told a second time outside the database, for the day a backup is put back.

Belongs here: one file per release, each with the hash of the one before, never written over. Does not belong here: when
something may be released (release.py).
"""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from resources.durable import TEMPORARY, locked, make_directory, sync_directory, write_atomically
from resources.errors import ResourceError
from resources.home import home
from resources.ledger_batches import Release

BEGINNING = "0" * 64


class WitnessError(ResourceError):
    """The witness cannot be believed or has seen the batch already."""


def witness_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """KODOMO_WITNESS (another disk, or one that cannot be written over), else <home>/witness."""
    given = environ.get("KODOMO_WITNESS")
    return Path(given).resolve() if given else home(environ) / "witness"


class Witness:
    """The releases of one municipality, told under `root`."""

    def __init__(self, root: Path, municipality: str) -> None:
        self.place = root / municipality

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other release out, also one that works on another copy of the database."""
        with locked(self.place / ".lock"):
            yield

    def releases(self) -> dict[str, Release]:
        """Every release told, in order. Raises WitnessError when one does not follow from the one before."""
        previous, told = BEGINNING, {}
        for at, note in enumerate(self._notes(), start=1):
            if note["sequence"] != at or note["previous"] != previous:
                raise WitnessError(
                    "chain",
                    f"引渡しの控えの{at}番目が、前の控えとつながりません。",
                    "控えが書き換えられたか失われたおそれがあります。引渡しを止め、情報システム担当に連絡してください。",
                )
            told[note["batch_no"]] = _release(note)
            previous = note["hash"]
        return told

    def tell(self, release: Release) -> None:
        """Write a release down. Raises WitnessError when the batch is there already."""
        notes = self._notes()
        previous = notes[-1]["hash"] if notes else BEGINNING
        note = {**vars(release), "at": release.at.isoformat(), "sequence": len(notes) + 1, "previous": previous}
        make_directory(self.place)
        whole = self.place / f".{release.batch_no}.{secrets.token_hex(8)}{TEMPORARY}"
        write_atomically(whole, json.dumps(note, ensure_ascii=False, sort_keys=True).encode())
        try:
            os.link(whole, self.place / f"{release.batch_no}.json")
        except FileExistsError:
            raise WitnessError(
                "told", f"振込データ {release.batch_no} は、控えでは引渡済みです。", "二度は引き渡せません。"
            ) from None
        finally:
            whole.unlink()
        sync_directory(self.place)

    def _notes(self) -> list[dict[str, Any]]:
        """Every note in order. A directory that cannot be read raises: it is not an empty one."""
        if not self.place.exists():
            return []
        names = [name for name in os.listdir(self.place) if name.endswith(".json")]
        return sorted((_read(self.place / name) for name in names), key=lambda note: note["sequence"])


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {**json.loads(content), "hash": sha256(content).hexdigest()}


def _release(note: dict[str, Any]) -> Release:
    told = {name: note[name] for name in Release.__annotations__}
    return Release(**{**told, "at": datetime.fromisoformat(note["at"])})
