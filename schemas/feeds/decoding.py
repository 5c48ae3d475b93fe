"""From the bytes of a delivered file to its lines, or to the reason why they cannot be trusted.

Belongs here: encodings, byte order marks, line ends, the end-of-file mark. What stands in a line belongs to
csvtext and fixedwidth.
"""

import re

from schemas.feeds.layout import Layout

END_OF_FILE = b"\x1a"
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_UTF8_AFTER_ASCII = re.compile(rb"[\xe0-\xf4](?<=[\x00-\x7f].)[\x80-\xbf]{2}", re.DOTALL)
_LABELS = {"utf-8": "UTF-8", "cp932": "cp932(Shift_JIS)"}


def lines_of(layout: Layout, data: bytes, file: str) -> list[str]:
    """The lines of a file without their CRLF. Raises DeliveryError (empty, too_big, encoding, structure)."""
    if not data:
        raise layout.refusal("empty", file, "ファイルが0バイトです")
    if len(data) > layout.maximum_bytes:
        raise layout.refusal("too_big", file, f"大きさが上限の{layout.maximum_bytes}バイトを超えています")
    if layout.encoding == "cp932" and data.endswith(END_OF_FILE):
        data = data[:-1]
    *lines, rest = _decoded(layout, data, file).split("\r\n")
    if rest:
        raise layout.refusal("structure", file, "最後の行が改行(CRLF)で終わらず、途中で切れています", len(lines) + 1)
    return lines


def _decoded(layout: Layout, data: bytes, file: str) -> str:
    if data.startswith(BYTE_ORDER_MARKS):
        raise layout.refusal("encoding", file, "先頭にBOMがあります", 1)
    if layout.encoding == "cp932":
        _refuse_utf8(layout, data, file)
    failed_at = None
    try:
        return data.decode(layout.encoding)
    except UnicodeDecodeError as error:
        failed_at = error.start
    line = data.count(b"\n", 0, failed_at) + 1
    other = "cp932" if layout.encoding == "utf-8" else "utf-8"
    guess = f"({_LABELS[other]}とみられます)" if _decodes(data, other) else ""
    what = f"文字コードが{_LABELS[layout.encoding]}ではありません{guess}"
    raise layout.refusal("encoding", file, what, line)


def _refuse_utf8(layout: Layout, data: bytes, file: str) -> None:
    """UTF-8 often decodes under cp932 into garbage without an error, as a whole file or in single lines."""
    if data.isascii():
        return
    if _decodes(data, "utf-8"):
        raise layout.refusal("encoding", file, "文字コードがcp932(Shift_JIS)ではなくUTF-8です", 1)
    line = line_in_utf8(data)
    if line is not None:
        raise layout.refusal("encoding", file, "cp932(Shift_JIS)のファイルにUTF-8の行が混ざっています", line)


def line_in_utf8(data: bytes) -> int | None:
    """The first line (from 1) in which a character of three or four UTF-8 bytes stands and all decodes as UTF-8."""
    seen = 0
    for found in _UTF8_AFTER_ASCII.finditer(data):
        if found.start() < seen:
            continue
        first = data.rfind(b"\n", 0, found.start()) + 1
        seen = data.find(b"\n", found.end()) + 1 or len(data)
        if _decodes(data[first:seen], "utf-8"):
            return data.count(b"\n", 0, first) + 1
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
