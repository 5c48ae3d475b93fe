"""Reading a UKE file: megabytes per second, beside a plain csv-module loop over the same bytes in the same run.

Belongs here: a file of ordinary receipts, the two readers, `measure()`. `python -m benchmarks.uke [MB]` prints the
figures as one JSON line. The peer only splits fields and keeps those of RE, HO and KO; it checks nothing but that the
points of GO are those of HO, and both must count the same receipts and the same points.
"""

import csv
import io
import json
import resource
import sys
import time
from dataclasses import dataclass
from itertools import islice

from schemas.feeds.adapter import Adapter

MEGABYTES = 60
RECEIPTS_PER_INSTITUTION = 400
RUNS = 3
_EMPTY_DAYS = "," * 30


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
    rows = Adapter.variant("receipts", "uke").read(data, "benchmark").rows
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


def measure(megabytes: float = MEGABYTES) -> dict[str, float]:
    """Best of RUNS runs of each reader, in turn: seconds, megabytes per second, and how often faster than the loop.

    Raises SystemExit where the two do not find the same.
    """
    data = uke_file(megabytes)
    best = {"ours": float("inf"), "loop": float("inf")}
    for _ in range(RUNS):
        found = {}
        for name, reader in (("ours", read), ("loop", read_in_a_loop)):
            start = time.perf_counter()
            found[name] = reader(data)
            best[name] = min(best[name], time.perf_counter() - start)
        if found["ours"] != found["loop"]:
            raise SystemExit("the reader and the loop do not find the same receipts")
    size = len(data) / 1e6
    return {
        "megabytes": round(size, 1),
        "receipts": found["ours"].receipts,
        "seconds": round(best["ours"], 3),
        "megabytes_per_second": round(size / best["ours"], 1),
        "loop_seconds": round(best["loop"], 3),
        "loop_megabytes_per_second": round(size / best["loop"], 1),
        "times_faster": round(best["loop"] / best["ours"], 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    print(json.dumps(measure(float(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES)))
