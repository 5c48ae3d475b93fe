"""A zip from outside, opened without trust: one plain file of the expected name and a bounded size.

Belongs here: what a zip may be. What its file holds belongs to schemas/feeds.
"""

import io
import lzma
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from schemas.feeds.layout import Layout

LARGEST_RATIO = 200
SMALL_BYTES = 1_000_000
"""Below this size a high ratio is no danger."""
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)
"""What zipfile raises on bytes that are no sound zip, unknown compression included."""


def unpacked(layout: Layout, data: bytes, file: str, inner: str) -> bytes:
    """The bytes of the one file `inner` in a zip. Raises DeliveryError zip_path, zip_bomb or zip_broken."""
    entries = _entries(data)
    if entries is None:
        raise layout.refusal("zip_broken", file, "zipとして開けません")
    fault = "1つではないファイルが入っています" if len(entries) != 1 else _entry_fault(entries[0], inner)
    if fault:
        raise layout.refusal("zip_path", file, f"zipに{fault}")
    if _is_bomb(entries[0], layout.maximum_bytes):
        raise layout.refusal("zip_bomb", file, "zipを開いた大きさか圧縮の比率が上限を超えています")
    content = _content(data, entries[0], layout.maximum_bytes)
    if content is None:
        raise layout.refusal("zip_broken", file, "zipの中身が壊れています")
    return content


def inner_extension(data: bytes) -> str:
    """The extension of the one file in a zip, in lower case; empty when it is not one file."""
    entries = _entries(data) or []
    return PurePosixPath(entries[0].filename).suffix.removeprefix(".").lower() if len(entries) == 1 else ""


def _entries(data: bytes) -> list[zipfile.ZipInfo] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    except _BROKEN:
        return None


def _entry_fault(entry: zipfile.ZipInfo, inner: str) -> str:
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode) or entry.is_dir():
        return "リンクかフォルダが入っています"
    if entry.flag_bits & _ENCRYPTED:
        return "暗号化されたファイルが入っています"
    if entry.orig_filename != inner or entry.filename != inner:
        return "納品の名前と違うファイルが入っています"
    return ""


def _is_bomb(entry: zipfile.ZipInfo, maximum_bytes: int) -> bool:
    steep = entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1)
    return entry.file_size > maximum_bytes or (steep and entry.file_size > SMALL_BYTES)


def _content(data: bytes, entry: zipfile.ZipInfo, maximum_bytes: int) -> bytes | None:
    """The entry's bytes; None when they are not as stated (zipfile checks size and CRC)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(entry) as stream:
            content = stream.read(maximum_bytes + 1)
    except _BROKEN:
        return None
    return content if len(content) == entry.file_size else None
