"""総合振込 files of 50,000 and 5,000,000 payments: the house way with every check, beside two ways without any.

Belongs here: payments as a city has them, the ways to write their bytes, the part of results.md. `python -m
benchmarks.bank_file [PAYMENTS …]` measures and writes it. A trailer holds 999,999 payments, so that 5,000,000 are six
files. The peers spell a name by one table and check nothing at all; every way must write the same bytes.
"""

import itertools
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.metadata import version

import polars as pl

from benchmarks.page import put
from reports.zengin.agreement import MOST_RECORDS, BankProfile, Originator
from reports.zengin.masters import bank_branches
from reports.zengin.orders import ORDER_SCHEMA
from reports.zengin.transfer_file import transfer_file

SIZES = (50_000, 5_000_000)
RUNS = 3
DAY = date(2026, 11, 30)
ORIGINATOR = Originator(
    "1234567890", "カワグチシ　カイケイカンリシャ", "0017", "サイタマリソナ", "357", "カワグチ", "1", "0123456"
)
PROFILE = BankProfile("crlf", {}, MOST_RECORDS, 9_999_999_999, "7", 3_650)
_NEAR = 300
"""Branches that four payments of five go to."""
_FAMILY = [
    a + b
    for a in "アイウカキサスタトナハマヤワ"
    for b in "オキ ガワ ベ ジマ ッタ ドウ モト ミヤ ノウエ ザキ ハラ ワダ".split()
]
_GIVEN = [
    a + b
    for a in "アイカサタハマユリレ"
    for b in "オイ ショウ ヨーコ ュウタ ナミ ズキ ンジ コト ヅル イチロウ ツキ".split()
]


def payments(count: int, first: int) -> pl.DataFrame:
    """So many orders from this payment number on: the master's branches, most of them near; 18,480 names."""
    at = pl.int_range(first, first + count, eager=True).to_frame("at")
    drawn = at.with_columns(
        branch=pl.when(pl.col("at").hash(6) % 5 > 0).then(pl.col("at").hash(1) % _NEAR).otherwise(pl.col("at").hash(1)),
        name=pl.format(
            "{}　{}",
            pl.lit(pl.Series(_FAMILY)).gather(pl.col("at").hash(2) % len(_FAMILY)),
            pl.lit(pl.Series(_GIVEN)).gather(pl.col("at").hash(3) % len(_GIVEN)),
        ),
    )
    branches = bank_branches().filter(pl.col("bank_code") != "9900").drop("as_of_date").with_row_index("branch")
    placed = drawn.with_columns((pl.col("branch") % branches.height).cast(pl.UInt32)).join(
        branches, on="branch", how="left", maintain_order="left"
    )
    return placed.with_columns(
        payment_no=pl.col("at").cast(pl.String).str.zfill(10),
        beneficiary_no=(pl.col("at").hash(4) % 10**7).cast(pl.String).str.zfill(7),
        account_type=pl.lit("1"),
        account_no=(pl.col("at") % 9_999_999 + 1).cast(pl.String).str.zfill(7),
        payee_kana=pl.col("name"),
        guardian_kana=pl.col("name"),
        payee_relation=pl.lit("guardian"),
        payee_accepted_by=pl.lit(None, pl.String),
        amount_yen=(pl.col("at").hash(5) % 20_000 + 1).cast(pl.Int64),
    ).select(*ORDER_SCHEMA)


def house(orders: pl.DataFrame) -> bytes:
    """The way of the city: spelled, judged by every rule but Z9, written."""
    return transfer_file(orders, ORIGINATOR, DAY, PROFILE, trial=False)


def _table() -> dict[str, str]:
    """Full-width kana → half-width, small kana large, ー a hyphen."""
    small = dict(zip("ァィゥェォッャュョ", "アイウエオツヤユヨ", strict=True))
    halves = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF71, 0xFF9E)}
    marks = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
    plain = {chr(code): unicodedata.normalize("NFD", small.get(chr(code), chr(code))) for code in range(0x30A1, 0x30F4)}
    spelled = {kana: "".join((halves | marks).get(part, part) for part in parts) for kana, parts in plain.items()}
    return spelled | {"ー": "-", "　": " "}


TABLE = _table()
_CODES = str.maketrans(TABLE)
PAYER_NAME = ORIGINATOR.name_kana.translate(_CODES)
HEAD = (
    f"1210{ORIGINATOR.originator_code}{PAYER_NAME:40}{DAY:%m%d}0017{'サイタマリソナ'.translate(_CODES):15}"
    f"357{'カワグチ'.translate(_CODES):15}10123456{'':17}\r\n"
)


def _tail(count: int, total_yen: int) -> str:
    return f"8{count:06d}{total_yen:012d}{'':101}\r\n9{'':119}\r\n"


def _cut(name: str, size: int) -> str:
    return name[: size - 1] if name[size : size + 1] in ("ﾞ", "ﾟ") else name[:size]


def python_loop(orders: pl.DataFrame) -> bytes:
    """A plain loop: one f-string a payment, no check."""
    lines, total_yen = [HEAD], 0
    for no, child, bank, bank_name, branch, branch_name, kind, account, payee, *_, yen in orders.iter_rows():
        name = payee.translate(_CODES)
        lines.append(
            f"2{bank}{_cut(bank_name, 15):15}{branch}{_cut(branch_name, 15):15}0000{kind}{account:0>7}"
            f"{_cut(name, 30):30}{yen:010d}0{no}{child:0>10}7{'':8}\r\n"
        )
        total_yen += yen
    lines.append(_tail(orders.height, total_yen))
    return "".join(lines).encode("cp932")


def polars_strings(orders: pl.DataFrame) -> bytes:
    """Plain Polars strings: pad, concatenate, join, encode; no check."""
    data = orders.select(
        pl.concat_str(
            pl.lit("2"), "bank_code", _cut_expr(pl.col("bank_name_kana"), 15), "branch_code",
            _cut_expr(pl.col("branch_name_kana"), 15), pl.lit("0000"), "account_type",
            pl.col("account_no").str.zfill(7), _cut_expr(pl.col("payee_kana").str.replace_many(TABLE), 30),
            pl.col("amount_yen").cast(pl.String).str.zfill(10), pl.lit("0"), "payment_no",
            pl.col("beneficiary_no").str.zfill(10), pl.lit("7        "),
        ).str.join("\r\n")
    ).item()  # fmt: skip
    return f"{HEAD}{data}\r\n{_tail(orders.height, int(orders['amount_yen'].sum()))}".encode("cp932")


def _cut_expr(name: pl.Expr, size: int) -> pl.Expr:
    pair = name.str.slice(size, 1).is_in(["ﾞ", "ﾟ"])
    return pl.when(pair).then(name.str.slice(0, size - 1)).otherwise(name.str.slice(0, size)).str.pad_end(size, " ")


WAYS: dict[str, tuple[Callable[[pl.DataFrame], bytes], str]] = {
    "house": (house, "spelled for the bank, every rule but Z9 judged, written"),
    "polars_strings": (polars_strings, "Polars strings, no check"),
    "python_loop": (python_loop, "a plain Python loop, no check"),
}


WHY = (
    "What the house does and the peers do not: sort by payment number, spell any name (not only ordinary kana), set",
    "the guardian's name beside the holder's, every rule on every row, the length of every record and a second look at",
    "every character. About 20 ms of its processor time are the same for any number of payments.",
    "",
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds and processor seconds of all files of one turn."""

    seconds: float
    processor: float


def _files(count: int) -> Iterator[tuple[int, int]]:
    """(payments, first number) of each file of so many payments."""
    files = -(-count // MOST_RECORDS)
    edges = [count * at // files for at in range(files + 1)]
    return ((end - start, start + 1) for start, end in itertools.pairwise(edges))


def turn(count: int) -> tuple[dict[str, Cost], int]:
    """Every way over every file, in turn, and the bytes written. Raises SystemExit where two differ."""
    spent = {way: [0.0, 0.0] for way in WAYS}
    size = 0
    for payments_of_file, first in _files(count):
        orders, digests = payments(payments_of_file, first), set()
        for way, (write, _) in WAYS.items():
            start, worked = time.perf_counter(), time.process_time()
            data = write(orders)
            spent[way][0] += time.perf_counter() - start
            spent[way][1] += time.process_time() - worked
            digests.add(sha256(data).hexdigest())
            size += len(data) if way == "house" else 0
        if len(digests) > 1:
            raise SystemExit("the ways do not write the same bytes")
    return {way: Cost(*each) for way, each in spent.items()}, size


def measured(count: int) -> str:
    """The table of one size: the best of the turns, one turn for more than one file."""
    turns = [turn(count) for _ in range(RUNS if count <= MOST_RECORDS else 1)]
    best = {
        way: Cost(min(each[way].seconds for each, _ in turns), min(each[way].processor for each, _ in turns))
        for way in WAYS
    }
    ours = best["house"]
    rows = [
        f"| {way} | {cost.seconds:.3f} | {cost.processor:.3f} | {count / cost.seconds:,.0f} | "
        f"{ours.seconds / cost.seconds:.2f} | {ours.processor / cost.processor:.2f} | {WAYS[way][1]} |"
        for way, cost in best.items()
    ]
    files, size = len(list(_files(count))), turns[0][1]
    return "\n".join(
        [
            f"## {count:,} payments, {_counted(files, 'file')}, {size / 1e6:,.1f} MB, {_counted(len(turns), 'turn')}",
            "",
            "| Way | Seconds | Processor s | Payments/s | House / way | By processor time | |",
            "|---|--:|--:|--:|--:|--:|---|",
            *rows,
            "",
        ]
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


def part(sizes: tuple[int, ...]) -> str:
    """The part of results.md."""
    load = f"{os.getloadavg()[0]:.1f}"
    tables = [measured(count) for count in sizes]
    return "\n".join(
        [
            "# Bank files",
            "",
            f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, load average before {load}, after "
            f"{os.getloadavg()[0]:.1f}: above 0.5 other work was running, and processor time says more than the clock. "
            f"polars {version('polars')}.",
            "",
            "From a frame of payments to the bytes of the files, the ways in turn over the same payments, best of the",
            "turns. All ways wrote the same bytes, by SHA-256. A ratio below 1: the house is faster.",
            "",
            *WHY,
            *tables,
        ]
    )


if __name__ == "__main__":
    told = part(tuple(map(int, sys.argv[1:])) or SIZES)
    put(told)
    print(told)
