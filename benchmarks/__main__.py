"""`python -m benchmarks [CHILDREN …] [--full]`: every stage in a process of its own, medians of three, one table.

Belongs here: running the stages, pairing each with its peer, and benchmarks/results.md. No time is ever asserted:
the ratio to the peer of the same run is what can be compared between machines. A peer that does the same work must
reach the same result, or the run ends with an error.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.page import put

RUNS = 3
DEFAULT, FULL = 5_000, 100_000
ROOT = Path(__file__).parents[1]
PACKAGES = ("polars", "duckdb", "typst", "dagster", "sqlalchemy", "pyarrow")
COLUMNS = 9
BUSY = 0.5
"""A load average above this means that something else is using the machine."""

PEER_OF = {
    "city": None,
    "gate": None,
    "register": None,
    "eligibility": "eligibility_in_duckdb",
    "night": "night_from_the_start",
    "benefit": "benefit_in_duckdb",
    "annex1": None,
    "letters": None,
    "shelf_publish": "parquet_write",
    "shelf_read": "parquet_read",
}
"""Stage → the plain way to do the same; in the order data flows."""

NOTES = """\
Seconds are of the work alone, medians of three fresh processes, a stage and its peer in turn. Peak memory is of the
whole process (`ru_maxrss`), its imports included. A ratio above 1 is slower than the peer. A stage and a peer that
decide or write the same must reach the same result, or nothing is reported.

- `eligibility`, `benefit`: Polars also gives article and source line, `benefit` every step too; DuckDB only decides.
- `night`: one night on which 500 children leave the city; the peer decides everybody again from everything known.
- `letters`: payment letters, at most 1,000, in volumes of 500, typeset by two workers.
- `shelf_publish`, `shelf_read`: the table `persons`; the peer is plain unencrypted Parquet. The shelf also validates,
  digests, encrypts, fsyncs and enters the registry; it reads back only what was published, byte for byte.
"""


class Typical(NamedTuple):
    """The medians of one stage's runs."""

    seconds: float
    peak_mb: float
    made: int
    unit: str


def _run(stage: str, folder: Path, children: int) -> dict[str, Any]:
    """One run of one stage in a fresh process with a home of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.stages", stage, str(folder), str(children)],
            cwd=ROOT,
            env={**os.environ, "KODOMO_HOME": place, "KODOMO_DATABASE_URL": "", "KODOMO_KEY_FILE": ""},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures


def _typical(runs: list[dict[str, Any]]) -> Typical:
    last = runs[-1]
    return Typical(median(r["seconds"] for r in runs), median(r["peak_mb"] for r in runs), last["count"], last["unit"])


def _measured(stage: str, peer: str | None, folder: Path, children: int) -> tuple[Typical, Typical | None]:
    """A stage and its peer, in turn. Raises SystemExit where they disagree."""
    names = [stage, peer] if peer else [stage]
    turns = [[_run(name, folder, children) for name in names] for _ in range(RUNS)]
    for turn in turns:
        if len({run["result"] for run in turn}) > 1:
            raise SystemExit(f"{stage} and {peer} do not reach the same result")
    ours, *theirs = (_typical(list(runs)) for runs in zip(*turns, strict=True))
    return ours, theirs[0] if theirs else None


def _line(stage: str, ours: Typical, peer: str | None, theirs: Typical | None) -> str:
    cells = [stage, f"{ours.made:,} {ours.unit}", f"{ours.seconds:.3f}", f"{ours.peak_mb:,.0f}"]
    cells.append(f"{ours.made / ours.seconds:,.0f} {ours.unit}/s")
    if peer and theirs:
        ratio = ours.seconds / theirs.seconds
        cells += [peer, f"{theirs.seconds:.3f}", f"{theirs.peak_mb:,.0f}", f"{ratio:.2f}"]
    return f"| {' | '.join(cells + [''] * (COLUMNS - len(cells)))} |"


def table(children: int) -> str:
    """Every stage of a city of that many children as a Markdown table."""
    lines = [
        f"## {children:,} children",
        "",
        "| Stage | Work | Seconds | Peak MB | Pace | Peer | Seconds | Peak MB | Ratio |",
        "|---|--:|--:|--:|--:|---|--:|--:|--:|",
    ]
    with tempfile.TemporaryDirectory(prefix="kodomo-bench-") as place:
        for stage, peer in PEER_OF.items():
            ours, theirs = _measured(stage, peer, Path(place), children)
            lines.append(_line(stage, ours, peer, theirs))
            print(lines[-1], file=sys.stderr)
    return "\n".join(lines) + "\n"


def _machine() -> str:
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    shared = " Other work was running: seconds are too high, and ratios of short stages scatter." if load > BUSY else ""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {platform.system()}, {os.cpu_count()} cores ({platform.machine()}), "
        f"{memory_gb:.0f} GB of memory, load average before the first stage {load:.1f}.{shared}\n"
        f"Python {platform.python_version()}, {packages}."
    )


def main() -> None:
    """Measure the sizes asked for and write benchmarks/results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("children", nargs="*", type=int, default=[DEFAULT])
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} children as well")
    asked = parser.parse_args()
    machine = _machine()
    tables = [table(children) for children in [*asked.children, *([FULL] if asked.full else [])]]
    text = "\n".join(["# Benchmarks", "", machine, "", NOTES, *tables])
    put(text)
    print(text)


if __name__ == "__main__":
    main()
