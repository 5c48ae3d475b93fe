"""`python -m benchmarks.receipts [RECEIPTS …]`, or `--country [FORM …]`: the forms beside each other, by size.

Belongs here: running the forms in turn, the tables, the pictures, the part of results.md. A form that does not reach
the digest of the others ends the run: nothing is reported.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.forms import LAST, PEERS
from benchmarks.page import put

ROOT, HERE = Path(__file__).parents[1], Path(__file__).parent
RUNS, LARGE = 3, 1_000_000
"""Above LARGE receipts the forms have one turn only."""
SIZES = (15_000, 150_000, 1_500_000)
OURS = ("engine", "engine_explained", "second_engine")
NEEDS = {"receipts_numpy": "numpy", "receipts_pandas": "pandas", "receipts_openfisca": "openfisca_core"}
ABOUT = {
    "decode": "only reads the columns: the limit",
    "engine": "the engine of the city, the whole law",
    "engine_explained": "the same, with numbers and every step",
    "second_engine": "the second engine, the whole law in SQL",
    "polars_plain": "the part of the law in Polars",
    "duckdb_sql": "the part in DuckDB SQL",
    "receipts_numpy": "the part in numpy",
    "receipts_pandas": "the part in pandas (merge_asof)",
    "receipts_openfisca": "the part as an OpenFisca country",
}
PAIRS = (("engine", "second_engine"), ("engine", "duckdb_sql"), ("polars_plain", "duckdb_sql"),
         ("polars_plain", "receipts_numpy"), ("polars_plain", "receipts_pandas"),
         ("polars_plain", "receipts_openfisca"))  # fmt: skip
"""(ours, theirs): how many times longer theirs takes."""
HEADING, COUNTRY = "# Receipts in kind, form by form", "# The country's receipts of a month, in parts"
PACKAGES = ("polars", "duckdb", "pyarrow", "numpy", "pandas", "openfisca-core")
PARTS, DRAWN_PARTS, PART = 180, 8, 150_000
NOTES = """\
Each run is a fresh process, imports not counted, from Parquet files to delivery, line, reason and yen; the forms take
turns, and the ratio is the median of the turns' ratios. Peak memory is of the whole process, its imports included. The
city is drawn: five service months, two children to three receipts, every reason; no other public payers and no signed
rows, so that the part of the law in `benchmarks/peers` decides everything there is. All forms reached the same digest.

- `engine` also finds the article and the source line that an explanation needs; the peers decide only.
- `receipts_openfisca`: the rules, ages and limits are formulas and dated parameters; the days entitled in a month and
  what two receipts have to do with each other are found with numpy, as OpenFisca has no intervals and no order.
- A tenth of OpenFisca's time is out of reach up to 150,000 receipts: to read the columns (`decode`) takes longer.
"""


class Cost(NamedTuple):
    """The medians of one form at one size."""

    seconds: float
    processor: float
    peak_mb: float


def _draw(folder: Path, receipts: int, last: date) -> None:
    """In a process of its own: the peak memory of a process counts what its parent held when it began."""
    wanted = [str(folder), str(receipts), last.isoformat()]
    subprocess.run([sys.executable, "-m", "benchmarks.forms", "draw", *wanted], cwd=ROOT, check=True)


def _run(form: str, *folders: Path) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.forms", form, *map(str, folders)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures


def _forms() -> list[str]:
    return ["decode", *OURS, *(peer for peer in PEERS if find_spec(NEEDS.get(peer, "duckdb")))]


def _turns(folder: Path, count: int) -> list[dict[str, dict[str, Any]]]:
    """Turns of every form over one folder. Raises SystemExit where two forms decide differently."""
    turns = [{form: _run(form, folder) for form in _forms()} for _ in range(count)]
    for turn in turns:
        if len({figures["result"] for form, figures in turn.items() if form != "decode"}) > 1:
            raise SystemExit("the forms do not reach the same result")
    return turns


def _cost(turns: list[dict[str, dict[str, Any]]], form: str) -> Cost:
    return Cost(*(median(turn[form][name] for turn in turns) for name in Cost._fields))


def _ratio(turns: list[dict[str, dict[str, Any]]], ours: str, theirs: str, name: str) -> float:
    return median(turn[theirs][name] / turn[ours][name] for turn in turns)


def _table(receipts: int, turns: list[dict[str, dict[str, Any]]]) -> list[str]:
    taken = f"{len(turns)} turns" if len(turns) > 1 else "1 turn"
    lines = [
        f"## {receipts:,} receipts, {taken}",
        "",
        "| Form | Seconds | Processor s | Peak MB | |",
        "|---|--:|--:|--:|---|",
    ]
    for form in turns[0]:
        cost = _cost(turns, form)
        lines.append(f"| {form} | {cost.seconds:.3f} | {cost.processor:.3f} | {cost.peak_mb:,.0f} | {ABOUT[form]} |")
    lines += ["", "| Ours | Theirs | Times longer | By processor time |", "|---|---|--:|--:|"]
    for ours, theirs in PAIRS:
        if theirs in turns[0]:
            ratios = [f"{_ratio(turns, ours, theirs, name):.2f}" for name in ("seconds", "processor")]
            lines.append(f"| {ours} | {theirs} | {' | '.join(ratios)} |")
    return [*lines, ""]


def _pictures(costs: dict[int, dict[str, Cost]]) -> list[str]:
    """Time and memory against size, as SVG beside this file."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "kodomo"
    from matplotlib import pyplot as plt

    lines = []
    for name, label in (("seconds", "seconds"), ("peak_mb", "peak MB")):
        figure, axes = plt.subplots(figsize=(7, 4.5))
        for form in next(iter(costs.values())):
            axes.plot(list(costs), [getattr(cost[form], name) for cost in costs.values()], marker="o", label=form)
        axes.set(xscale="log", yscale="log", xlabel="receipts", ylabel=label)
        axes.grid(visible=True, which="both", alpha=0.2)
        axes.legend(fontsize=7)
        figure.tight_layout()
        figure.savefig(HERE / f"receipts_{name}.svg", metadata={"Date": None})
        plt.close(figure)
        lines.append(f"![{label} against the number of receipts](receipts_{name}.svg)")
    return [*lines, ""]


def country(forms: list[str]) -> str:
    """The country's receipts of a month in parts, two at a time in one process, beside decode only."""
    lines = [COUNTRY, "", _machine(), "", f"{PARTS * PART:,} receipts in {PARTS} parts of {PART:,}, each from Parquet",
             f"to decisions: {DRAWN_PARTS} parts are drawn and decided again and again,",
             "each time from its files. One process, two parts at a time, one turn.", "",
             "| Form | Seconds | Processor s | Peak MB |", "|---|--:|--:|--:|"]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="kodomo-country-") as place:
        parts = [Path(place) / f"part{at}" for at in range(DRAWN_PARTS)]
        for at, folder in enumerate(parts):
            _draw(folder, PART, date(2026, 5 + at, 1))
        results: set[str] = set()
        for form in forms:
            run = _run(form, *(parts[at % DRAWN_PARTS] for at in range(PARTS)))
            results |= {run["result"]} - {""}
            if run["count"] != PARTS * PART or len(results) > 1:
                raise SystemExit("the forms do not reach the same result")
            lines.append(f"| {form} | {run['seconds']:.1f} | {run['processor']:.1f} | {run['peak_mb']:,.0f} |")
            print(lines[-1], file=sys.stderr)
    return "\n".join([*lines, "", _load(), ""])


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES if find_spec(name.replace("-", "_")))
    return (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, load average before {os.getloadavg()[0]:.1f}: above "
        f"0.5 other work was running, and processor time says more than the clock. {packages}."
    )


def _load() -> str:
    return f"Load average after: {os.getloadavg()[0]:.1f}."


def part(sizes: tuple[int, ...]) -> str:
    """Every size and the pictures as one part of results.md."""
    lines = [HEADING, "", _machine(), "", NOTES]
    costs: dict[int, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="kodomo-receipts-") as place:
        for receipts in sizes:
            folder = Path(place) / str(receipts)
            _draw(folder, receipts, LAST)
            turns = _turns(folder, 1 if receipts > LARGE else RUNS)
            costs[receipts] = {form: _cost(turns, form) for form in turns[0]}
            lines += _table(receipts, turns)
            print("\n".join(lines[-20:]), file=sys.stderr)
        if find_spec("matplotlib"):
            lines += _pictures(costs)
    return "\n".join([*lines, _load(), ""])


def main() -> None:
    """Measure, and put the part into results.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.receipts", description=__doc__)
    parser.add_argument("receipts", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--country", nargs="*", metavar="FORM", help=f"instead: {PARTS * PART:,} receipts in parts")
    asked = parser.parse_args()
    if asked.country is None:
        told = part(tuple(asked.receipts))
    else:
        told = country(asked.country or ["decode", "polars_plain", "engine", "duckdb_sql"])
    put(told)
    print(told)


if __name__ == "__main__":
    main()
