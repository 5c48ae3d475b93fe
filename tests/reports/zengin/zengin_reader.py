"""An independent reader of 総合振込 files, written from the published format.

It shares no code with reports/zengin; `read_transfer` raises FormatError naming the rule a file breaks.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

HEADER = struct.Struct("1s2s1s10s40s4s4s15s3s15s1s7s17s")
DATA = struct.Struct("1s4s15s3s15s4s1s7s30s10s1s10s10s1s1s7s")
TRAILER = struct.Struct("1s6s12s101s")
END = struct.Struct("1s119s")

KANA_BYTES = frozenset(range(0xB1, 0xE0))
LATIN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
STORE_BYTES = KANA_BYTES | LATIN_BYTES | frozenset(b"- ")
PARTY_BYTES = STORE_BYTES | frozenset(b"().")
MARKABLE = frozenset([0xB3, *range(0xB6, 0xC5), *range(0xCA, 0xCF)])
ROUND_MARKABLE = frozenset(range(0xCA, 0xCF))


TRIAL = b"00"
"""種別コード of a file no bank takes."""


class FormatError(Exception):
    """The bytes are not a 総合振込 file; the first argument is the rule."""


@dataclass(frozen=True)
class Transfer:
    """One data record as the bank's computer sees it."""

    bank: str
    bank_name: str
    branch: str
    branch_name: str
    kind: int
    account: str
    payee: str
    yen: int
    customer_1: str
    customer_2: str
    designation: str


@dataclass(frozen=True)
class TransferFile:
    """A whole file: header facts and the transfers in file order."""

    transfer_kind: str
    originator: str
    originator_name: str
    month_day: str
    bank: str
    bank_name: str
    branch: str
    branch_name: str
    kind: str
    account: str
    transfers: tuple[Transfer, ...]


def read_transfer(data: bytes, line_end: bytes) -> TransferFile:
    """Split, check and read the file. Raises FormatError."""
    records = _records(data, line_end)
    kinds = bytes(record[0] for record in records)
    if kinds != b"1" + b"2" * (len(records) - 3) + b"89":
        raise FormatError("Z5", "record order")
    transfers = tuple(_transfer(record) for record in records[1:-2])
    _check_trailer(records[-2], transfers)
    _need("Z3", END.unpack(records[-1])[1] == b" " * 119)
    return _header(records[0], transfers)


def _records(data: bytes, line_end: bytes) -> list[bytes]:
    step = 120 + len(line_end)
    _need("Z1", len(data) % step == 0 and len(data) >= 3 * step)
    lines = [data[i : i + step] for i in range(0, len(data), step)]
    _need("Z1", all(line[120:] == line_end for line in lines))
    _need("Z1", all(0x20 <= byte < 0x7F or 0xA1 <= byte <= 0xDF for line in lines for byte in line[:120]))
    return [line[:120] for line in lines]


def _need(rule: str, holds: bool) -> None:
    if not holds:
        raise FormatError(rule)


def _digits(*fields: bytes) -> None:
    _need("Z2", all(field.isdigit() for field in fields))


def _names(store: tuple[bytes, ...], party: bytes) -> None:
    _need("Z6", all(set(name) <= STORE_BYTES for name in store) and set(party) <= PARTY_BYTES)
    for name in (*store, party):
        pairs = list(zip(b" " + name, name, strict=False))
        _need("Z7", all(base in MARKABLE for base, mark in pairs if mark == 0xDE))
        _need("Z7", all(base in ROUND_MARKABLE for base, mark in pairs if mark == 0xDF))


def _text(field: bytes) -> str:
    return "".join(chr(b if b < 0x80 else b + 0xFEC0) for b in field).rstrip(" ")


def _header(record: bytes, transfers: tuple[Transfer, ...]) -> TransferFile:
    f = HEADER.unpack(record)
    _need("Z3", f[1] in (b"21", TRIAL) and f[2] == b"0" and f[12] == b" " * 17)
    _digits(f[3], f[5], f[6], f[8], f[10], f[11])
    _names((f[7], f[9]), f[4])
    facts = (f[1], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11])
    return TransferFile(*map(_text, facts), transfers=transfers)


def _transfer(record: bytes) -> Transfer:
    f = DATA.unpack(record)
    _need("Z3", f[5] == b"0000" and f[10] == b"0" and f[14] == b" " and f[15] == b" " * 7)
    _digits(f[1], f[3], f[6], f[7], f[9], f[11], f[12], f[13])
    _names((f[2], f[4]), f[8])
    return Transfer(
        _text(f[1]),
        _text(f[2]),
        _text(f[3]),
        _text(f[4]),
        int(f[6]),
        _text(f[7]),
        _text(f[8]),
        int(f[9]),
        _text(f[11]),
        _text(f[12]),
        _text(f[13]),
    )


def _check_trailer(record: bytes, transfers: tuple[Transfer, ...]) -> None:
    _, count, yen, filler = TRAILER.unpack(record)
    _digits(count, yen)
    _need("Z4", int(count) == len(transfers) and int(yen) == sum(t.yen for t in transfers))
    _need("Z3", filler == b" " * 101)
