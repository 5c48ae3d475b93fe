"""Reading a UKE file: megabytes per second, beside a plain csv-module loop over the same bytes in the same run.

Belongs here: a file of ordinary receipts, the ways to read it, the part of results.md. `python -m benchmarks.uke [MB]`
measures and writes it. The loop only splits fields and keeps those of RE, HO and KO; it checks nothing but that the
points of GO are those of HO, and both must count the same receipts and the same points.
"""

import csv
import io
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice

from benchmarks.page import put
from schemas.feeds.adapter import Adapter
from schemas.uke.lines import lines_of

MEGABYTES = 60
WANTED = 200
"""Megabytes per second."""
RECEIPTS_PER_INSTITUTION = 400
RUNS = 3
UKE = Adapter.variant("receipts", "uke")


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader found."""

    receipts: int
    points: int


def uke_file(megabytes: float) -> bytes:
    """Receipts of about 20 lines each, as public samples have them: heads, diseases, care, medicines, a comment."""
    size, institutions = 0, []
    while size < megabytes * 1e6:
        institutions.append(_institution(len(institutions)))
        size += len(institutions[-1])
    return b"".join(institutions) + b"\x1a"


def _institution(at: int) -> bytes:
    first = at * RECEIPTS_PER_INSTITUTION
    texts = [_receipt(first + number, number + 1) for number in range(RECEIPTS_PER_INSTITUTION)]
    points = sum(_points(first + number) for number in range(RECEIPTS_PER_INSTITUTION))
    head = f"IR,1,11,1,02{10000 + at % 90000},,試験医院,202612,00,048-000-0000\r\n"
    total = f"GO,{2 * RECEIPTS_PER_INSTITUTION},{points},99\r\n"
    return (head + "".join(texts) + total).encode("cp932")


def _points(seed: int) -> int:
    return 300 + seed % 2000


def _receipt(seed: int, number: int) -> str:
    points, day = _points(seed), seed % 28
    marks = "," * day + "1" + "," * (30 - day)
    lines = [
        f"RE,{number},1124,202610,試験　花子,2,20210506,,,,,28,,{seed:06d},,,,,,,,,,,,,,,,,,,,,,,シケンハナコ,",
        f"HO,06130488,１２３４,{seed:07d},1,{points},,,,,,,,,",
        f"KO,81112039,{seed % 10**7:07d},,1,{points},,,,,,",
        f"SN,1,01,,,,{seed % 9 + 1:02d},,",
        f"JD,1,{marks}",
        "SY,8840407,20261001,1,,,01,",
        "SY,0000999,20261001,1,,鼻炎の疑い,,",
        *(f"SI,{12 + at},2,11200741{at},,{points // 9},1,,,,,,,{marks}" for at in range(8)),
        *(f"IY,{21 if at == 0 else ''},2,62009880{at},1,{at},2,,,,,,,{marks}" for at in range(4)),
        "CO,22,2,810000001,１日３回　食後",
    ]
    return "\r\n".join(lines) + "\r\n"


def read(data: bytes) -> Read:
    """The reader of the receipts feed."""
    rows = UKE.read(data, "benchmark").rows
    return Read(rows.height, int(rows["rcpt_total_medical_cost_yen"].cast(int).sum()) // 10)


def read_in_a_loop(data: bytes) -> Read:
    """The csv module, line by line."""
    receipts, points, stated = [], 0, 0
    lines = io.TextIOWrapper(io.BytesIO(data.removesuffix(b"\x1a")), encoding="cp932", newline="")
    for row in csv.reader(lines):
        match row[0]:
            case "RE":
                receipts.append(dict(enumerate(islice(row, 1, 20))))
            case "HO":
                receipts[-1]["insurer"], points = row[1:6], points + int(row[5])
            case "KO":
                receipts[-1].setdefault("payers", []).append(row[1:7])  # type: ignore[attr-defined]
            case "GO":
                stated += int(row[2])
    if stated != points:
        raise SystemExit("the points of GO are not those of the receipts")
    return Read(len(receipts), points)


def decode(data: bytes) -> None:
    """Nothing is read: the bytes become text."""
    data.removesuffix(b"\x1a").decode("cp932")


def lines(data: bytes) -> None:
    """No receipt is read: the lines are split and checked, and those with Japanese decoded."""
    lines_of(UKE, data, "benchmark")


WAYS: dict[str, tuple[Callable[[bytes], Read | None], str]] = {
    "decode": (decode, "only decodes cp932: the limit of a reader that decodes all"),
    "lines": (lines, "the reader up to its checked lines, without receipts"),
    "uke_reader": (read, "the reader of the receipts feed"),
    "csv_loop": (read_in_a_loop, "the csv module, line by line, almost without checks"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """The best of the turns, in seconds, and what was found."""

    seconds: float
    processor: float
    found: Read | None


def measure(data: bytes) -> dict[str, Cost]:
    """Every way in turn, RUNS times. Raises SystemExit where the reader and the loop do not find the same."""
    turns = [{way: _cost(reader, data) for way, (reader, _) in WAYS.items()} for _ in range(RUNS)]
    if len({turn[way].found for turn in turns for way in ("uke_reader", "csv_loop")}) > 1:
        raise SystemExit("the reader and the loop do not find the same receipts")
    return {
        way: Cost(min(turn[way].seconds for turn in turns), min(turn[way].processor for turn in turns), each.found)
        for way, each in turns[0].items()
    }


def _cost(reader: Callable[[bytes], Read | None], data: bytes) -> Cost:
    start, worked = time.perf_counter(), time.process_time()
    found = reader(data)
    return Cost(time.perf_counter() - start, time.process_time() - worked, found)


def part(megabytes: float) -> str:
    """The part of results.md."""
    machine = (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, load average before {os.getloadavg()[0]:.1f}: above "
        f"0.5 other work was running, and processor time says more than the clock. polars {version('polars')}."
    )
    data = uke_file(megabytes)
    costs, size = measure(data), len(data) / 1e6
    rows = [
        f"| {way} | {cost.seconds:.3f} | {cost.processor:.3f} | {size / cost.seconds:.0f} | "
        f"{size / cost.processor:.0f} | {WAYS[way][1]} |"
        for way, cost in costs.items()
    ]
    found = costs["uke_reader"].found
    return "\n".join(
        [
            "# UKE files",
            "",
            machine,
            "",
            f"One file of {size:.1f} MB and {found.receipts if found else 0:,} receipts, best of {RUNS} turns, "
            "the ways in turn. The reader and the loop found the same receipts and points.",
            "",
            "| Way | Seconds | Processor s | MB/s | MB/s of processor time | |",
            "|---|--:|--:|--:|--:|---|",
            *rows,
            "",
            *_sentences(size, costs),
            "",
        ]
    )


def _sentences(size: float, costs: dict[str, Cost]) -> list[str]:
    """How far the reader is from the loop, and what stands between it and WANTED."""
    ours, checked, loop = (costs[way].processor for way in ("uke_reader", "lines", "csv_loop"))
    said = [f"By processor time the reader is {loop / ours:.1f} times as fast as the loop."]
    if size / ours < WANTED:
        said.append(
            f"{WANTED} MB/s leave {size / WANTED:.2f} s. The checks of every byte and line alone take {checked:.2f} s, "
            f"decoding all as cp932 {costs['decode'].processor:.2f} s, the items of the receipts the other "
            f"{ours - checked:.2f} s."
        )
    return said


if __name__ == "__main__":
    told = part(float(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES)
    put(told)
    print(told)
