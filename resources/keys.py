"""The keys of this installation: named, 256 bits, in one file that only its owner reads.

Belongs here: the key file, its checks, keys derived for a purpose. Does not belong here: what is encrypted.
"""

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import digest
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from resources.durable import locked, write_atomically
from resources.errors import ResourceError
from resources.home import home, production

KEY_BYTES = 32
SIGNING = "certificate-ed25519"
DEMO = "demo"
OPERATOR = "operator"


class KeyRingError(ResourceError):
    """The key file is missing, open to others, unreadable, or not one for production."""


@dataclass(frozen=True)
class KeyRing:
    """Named keys and the one new files are written with. Its text form shows no key."""

    path: Path
    current: str
    origin: str
    _secrets: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def create(cls, path: Path, origin: str = DEMO) -> "KeyRing":
        """The key ring at `path`, made with one new key when there is none. Never overwrites."""
        with locked(path.with_name(f".{path.name}.lock")):
            if not path.exists():
                _write(path, origin, "k1", {"k1": secrets.token_bytes(KEY_BYTES)})
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """The key ring in a file of mode 0600. Raises KeyRingError."""
        _check_private(path)
        try:
            stored = json.loads(path.read_text("utf-8"))
            keys = {name: bytes.fromhex(text) for name, text in stored["keys"].items()}
            ring = cls(path, stored["current"], stored["origin"], keys)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _unreadable(path) from None
        if ring.current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise _unreadable(path)
        return ring

    @classmethod
    def open(cls, environ: Mapping[str, str] = os.environ) -> "KeyRing":
        """The installation's key ring: KODOMO_KEY_FILE, else keys.json in the home.

        Raises KeyRingError; in production also for a key file that the demo made.
        """
        ring = cls.load(key_file(environ))
        if production(environ) and ring.origin != OPERATOR:
            raise KeyRingError(
                "demo_key",
                f"鍵ファイル {ring.path.name} は make demo が作ったもので、本番では使えません。",
                "本番用の鍵ファイルを作り、KODOMO_KEY_FILE に指定してください。",
            )
        return ring

    def rotated(self) -> "KeyRing":
        """The ring with one more key, which new files are written with; what was written stays readable."""
        with locked(self.path.with_name(f".{self.path.name}.lock")):
            latest = KeyRing.load(self.path)
            name = f"k{len(latest._secrets) + 1}"
            _write(self.path, latest.origin, name, {**latest._secrets, name: secrets.token_bytes(KEY_BYTES)})
        return KeyRing.load(self.path)

    def derived(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for one purpose (HMAC-SHA256 of the named key). Raises KeyRingError for an unknown key."""
        if key_id not in self._secrets:
            raise KeyRingError(
                "unknown_key",
                f"鍵ファイル {self.path.name} に、このファイルを書いたときの鍵がありません。",
                "バックアップから、その鍵を含む鍵ファイルを戻してください。",
            )
        return digest(self._secrets[key_id], purpose.encode(), "sha256")

    def signing_key(self) -> Ed25519PrivateKey:
        """The Ed25519 key that certificates are signed with: derived from the current key, the same every time."""
        return self.signing_keys()[0]

    def signing_keys(self) -> list[Ed25519PrivateKey]:
        """The one of today, then those of before every rotation, the newest first."""
        older = [name for name in reversed(list(self._secrets)) if name != self.current]
        return [Ed25519PrivateKey.from_private_bytes(self.derived(name, SIGNING)) for name in (self.current, *older)]


def key_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the key file is expected."""
    given = environ.get("KODOMO_KEY_FILE")
    return Path(given).resolve() if given else home(environ) / "keys.json"


def _write(path: Path, origin: str, current: str, keys: Mapping[str, bytes]) -> None:
    stored = {"origin": origin, "current": current, "keys": {name: key.hex() for name, key in keys.items()}}
    write_atomically(path, json.dumps(stored, indent=1).encode())


def _check_private(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise KeyRingError(
            "no_key",
            f"鍵ファイル {path.name} がありません。",
            "試用なら make demo が作ります。本番では KODOMO_KEY_FILE に鍵ファイルを指定してください。",
        ) from None
    if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
        raise KeyRingError(
            "open_key",
            f"鍵ファイル {path.name} を所有者以外も読めます。",
            f"chmod 600 {path.name} を実行し、読まれたおそれがあれば鍵を替えてください。",
        )


def _unreadable(path: Path) -> KeyRingError:
    return KeyRingError(
        "broken_key",
        f"鍵ファイル {path.name} が壊れています。",
        "バックアップから鍵ファイルを戻してください。鍵を作り直すと、以前のデータは読めなくなります。",
    )
