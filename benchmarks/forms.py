"""The forms in which receipts in kind are decided, from Parquet to reason and yen, and what each run of one costs.

Belongs here: the forms by name, the files they read, one measured run, the whole country in parts. Does not belong
here: the forms themselves (the engine, the second engine, peers/) and the tables (receipts.py).
`python -m benchmarks.forms FORM FOLDER` prints the figures of one run as one JSON line; `… draw FOLDER RECEIPTS LAST`
draws the files.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from assets.benefit import receipts as rules
from assets.benefit.deciding import paid_keys
from assets.benefit.rules import decide_receipts
from assets.second_engine import benefit as second
from assets.second_engine.high_cost import ESTIMATED, LINE
from benchmarks.drawn import drawn
from benchmarks.peers.plain_law import PlainLaw
from resources.house import House
from resources.shelf import content_digest
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_ESTIMATES

MONTH, LAST = date(2026, 9, 1), date(2026, 8, 1)
LAW = Law.load(House().municipality)
PLAIN = PlainLaw.of(LAW, LAST)
WHO = ("beneficiary_numbers", "registrations", "eligibility", "persons")
PEERS = ("polars_plain", "duckdb_sql", "receipts_numpy", "receipts_pandas", "receipts_openfisca")
AT_A_TIME = 2
DECIDED = ["delivery", "line_no", "reason", "amount_yen"]


def draw(folder: Path, receipts: int, last: date = LAST) -> None:
    """A city of that many receipts of five months, and two children to three of them, as Parquet files."""
    folder.mkdir(parents=True, exist_ok=True)
    first = last.replace(month=last.month - 4)
    city = drawn(receipts, 0, max(receipts * 2 // 3, 1), first, last, PLAIN.payers[-1][1], plain=True)
    for name, frame in vars(city).items():
        frame.write_parquet(folder / f"{name}.parquet")
    paid_keys(city.decided_before, city.identities).write_parquet(folder / "paid_before.parquet")


def _frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def _facts(folder: Path) -> pl.DataFrame:
    return rules.with_facts(_frame(folder, "receipts"), *(_frame(folder, name) for name in WHO), LAW)


def engine(folder: Path) -> pl.DataFrame:
    """The engine of the city decides: the whole law, every fact that an explanation needs, no steps."""
    return rules.judged(_facts(folder), _frame(folder, "paid_before")).select(DECIDED)


def engine_explained(folder: Path) -> pl.DataFrame:
    """The engine decides, numbers every decision and writes every step."""
    receipts, *who = (_frame(folder, name) for name in ("receipts", *WHO))
    decisions, _ = decide_receipts(receipts, *who, _frame(folder, "paid_before"), LAW, MONTH)
    return decisions.select(DECIDED)


def second_engine(folder: Path) -> pl.DataFrame:
    """The second engine decides: the whole law in SQL."""
    names = (*WHO, "identities", "receipts", "claims", "insurer_answers_known", "national_health_insurance_known")
    frames = {name: _frame(folder, name) for name in (*names, "paid_before")}
    expected = HIGH_COST_ESTIMATES.empty().select(*LINE, *ESTIMATED)
    return second.benefit(**frames, high_cost=expected, law=LAW, month=MONTH).select(DECIDED)


def decode(folder: Path) -> pl.DataFrame:
    """Nothing is decided: the columns are read."""
    from benchmarks.peers.polars_plain import RECEIPTS

    for name in WHO:
        _frame(folder, name)
    return pl.read_parquet(folder / "receipts.parquet", columns=RECEIPTS)


FORMS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "engine": engine,
    "engine_explained": engine_explained,
    "second_engine": second_engine,
    "decode": decode,
}


def form(name: str) -> Callable[[Path], pl.DataFrame]:
    """A form by its name. A peer is imported only when it is asked for."""
    if name in FORMS:
        return FORMS[name]
    decide: Callable[[Path, PlainLaw], pl.DataFrame] = import_module(f"benchmarks.peers.{name}").decide
    return lambda folder: decide(folder, PLAIN)


def measured(name: str, *folders: Path) -> dict[str, Any]:
    """Seconds and processor seconds of one form over the folders, peak memory of the process, and the digest of the
    last answer. Of several folders two are decided at a time: a part is small, and its steps do not fill two cores."""
    decide = form(name)
    count, start, used = 0, time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(min(AT_A_TIME, len(folders))) as desks:
        for found in desks.map(decide, folders):
            count += found.height
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digest = content_digest(found.select(DECIDED).sort(DECIDED)) if name != "decode" else ""
    return {"seconds": seconds, "processor": processor, "peak_mb": peak_mb, "count": count, "result": digest}


if __name__ == "__main__":
    if sys.argv[1] == "draw":
        draw(Path(sys.argv[2]), int(sys.argv[3]), date.fromisoformat(sys.argv[4]))
    else:
        print(json.dumps(measured(sys.argv[1], *map(Path, sys.argv[2:]))))
