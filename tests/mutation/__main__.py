"""`python -m tests.mutation MODULE.py … [--tests PATH …]`: what the tests notice when a line is changed.

Belongs here: the tests collected once, each mutant run in a process forked from there, one table and the survivors.
Polars must not run while tests are collected: its threads do not survive a fork. POLARS_MAX_THREADS=1 is set.
Does not belong here: which mutants there are (mutants.py).
"""

import argparse
import importlib
import json
import os
import select
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"

import polars as pl
import pytest

from tests.mutation.mutants import CONSTANTS, Mutant, mutants, unchanged

FIRST = 12
"""So many of the most telling tests run before the others."""
PATIENCE = 3
"""A mutant may take so many times as long as the tests without one."""


class Run:
    """A pytest plugin: instead of running what was collected, runs it once as it is and once for each mutant."""

    def __init__(
        self, planned: list[Mutant], same: list[Mutant], told: Callable[[str], None], out: Path | None
    ) -> None:
        self.planned, self.same, self.told, self.out = planned, same, told, out
        self.results: list[tuple[Mutant, str]] = []
        self.seconds: Counter[str] = Counter()
        self.files: dict[str, set[str]] = {}
        self.tries: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.pipe = -1
        self.one_is_enough = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """In the forked process: tell how each phase of a test went; a failure is the end where one is enough."""
        fine = call.excinfo is None or isinstance(call.excinfo.value, pytest.skip.Exception | pytest.xfail.Exception)
        self._tell(item.nodeid, "passed" if fine else "failed", call.duration)
        if self.one_is_enough and not fine:
            os._exit(0)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """The whole run, in place of pytest's own."""
        wrong = self._not_ready(session)
        if wrong:
            self.told(wrong)
            return True
        for at, mutant in enumerate(self.planned, 1):
            files = self.files[mutant.place] | (self.files[mutant.constants] if mutant.made_of_it else set())
            items = [one for one in session.items if str(one.path) in files]
            began = time.monotonic()
            outcome, by = self._outcome([mutant], items)
            self.results.append((mutant, outcome))
            self._note(mutant, outcome, by, time.monotonic() - began)
            if at % 20 == 0:
                self.told(f"{at} of {len(self.planned)}, survived: {sum(one == 'survived' for _, one in self.results)}")
        return True

    def _not_ready(self, session: pytest.Session) -> str:
        """Why no mutant can be run, or nothing."""
        if session.testsfailed or not session.items:
            return "The tests could not be collected."
        if not self._forks():
            return "Polars ran while these tests were collected, so they cannot be forked: leave some out."
        failures = self._as_it_is(session)
        if failures:
            return f"The tests fail without any mutant: {failures}"
        if self._outcome(self.same, session.items) != ("survived", ""):
            return "The tests fail in another order, or with functions planted unchanged."
        seconds = sum(self.seconds.values())
        self.told(f"{len(session.items)} tests, {seconds:.0f} s; {len(self.planned)} mutants")
        return ""

    def _tell(self, *what: Any) -> None:
        os.write(self.pipe, (json.dumps(what) + "\n").encode())

    def _forks(self) -> bool:
        """Whether a forked process can still use Polars."""
        frame = pl.LazyFrame({"a": [2, 1]})
        grouped = frame.group_by("a").agg(pl.len())
        told = list(self._forked(lambda: self._tell(frame.join(grouped, on="a").collect().height), 60))
        return told == [[2]]

    def _forked(self, does: Callable[[], None], patience: float) -> Iterator[Any]:
        """What a forked process tells, then None if it had to be ended; it never returns from `does`."""
        reading, self.pipe = os.pipe()
        child = os.fork()
        if child == 0:
            done = False
            try:
                does()
                done = True
            finally:
                if not done:
                    self._tell("the change itself", "failed", 0)
                os._exit(0)
        os.close(self.pipe)
        end, rest = time.monotonic() + patience, b""
        try:
            while (left := end - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
                piece = os.read(reading, 65536)
                if not piece:
                    return
                *lines, rest = (rest + piece).split(b"\n")
                yield from map(json.loads, lines)
            yield None
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(reading)

    def _as_it_is(self, session: pytest.Session) -> list[str]:
        """What fails without a mutant. Notes the seconds of each test and the files whose tests call each function.

        What the tests import while they run is imported here too, so that no fork has to.
        """
        known = {one.place: one for one in [*self.planned, *self.same] if one.function != CONSTANTS}
        codes = {one.standing().__code__: one for one in known.values()}

        def watched() -> None:
            called: set[str] = set()
            imported = set(sys.modules)

            def profile(frame: FrameType, event: str, _: object) -> None:
                if event == "call" and frame.f_code in codes:
                    called.update(codes[frame.f_code].places)

            sys.setprofile(profile)
            for item in _ran(session.items):
                self._tell(str(item.path), "called", sorted(called))
                called.clear()
            self._tell("all", "imported", sorted(sys.modules.keys() - imported))

        self.files = {place: set() for one in self.planned for place in one.places}
        failures = []
        for told in self._forked(watched, 3600):
            what, outcome, more = told or ("too slow", "failed", 0)
            if outcome == "called":
                for place in more:
                    self.files.setdefault(place, set()).add(what)
                continue
            if outcome == "imported":
                _import(more)
                continue
            self.seconds[what] += more
            if outcome == "failed":
                failures.append(what)
        return failures

    def _most_telling_first(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """By the chance to notice anything, as seen so far, for the time it takes; after FIRST in their own order."""

        def promise(item: pytest.Item) -> float:
            name = item.nodeid
            return (1 + self.kills[name]) / (2 + self.tries[name]) / (0.02 + self.seconds[name])

        first = sorted(items, key=promise, reverse=True)[:FIRST]
        return [*first, *(item for item in items if item not in set(first))]

    def _outcome(self, changes: list[Mutant], items: list[pytest.Item]) -> tuple[str, str]:
        """killed and the test that noticed, timeout, or survived."""

        def changed() -> None:
            for change in changes:
                change.plant()
            self.one_is_enough = True
            for _ in _ran(self._most_telling_first(items)):
                pass

        ran: dict[str, None] = {}
        for told in self._forked(changed, 30 + PATIENCE * sum(self.seconds.values())):
            if told is None:
                return "timeout", ""
            name, result, _ = told
            ran[name] = None
            if result == "failed":
                self.kills[name] += 1
                self.tries.update(ran.keys())
                return "killed", name
        self.tries.update(ran.keys())
        return "survived", ""

    def _note(self, mutant: Mutant, outcome: str, by: str, seconds: float) -> None:
        if self.out is None:
            return
        said = {"name": mutant.name, "module": mutant.module, "outcome": outcome, "by": by}
        line = said | {"seconds": round(seconds, 1), "diff": mutant.diff}
        with self.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def report(self) -> str:
        """A table by function, and every survivor."""
        lines = ["| Function | Mutants | Killed | Timeout | Survived |", "|---|---|---|---|---|"]
        counts: dict[str, Counter[str]] = {}
        for mutant, outcome in self.results:
            counts.setdefault(mutant.place, Counter())[outcome] += 1
        for whose in ("mutmut's", "ours"):
            some = [outcome for mutant, outcome in self.results if mutant.ours == (whose == "ours")]
            counts[f"all of {whose}"] = Counter(some)
        counts["all"] = Counter(outcome for _, outcome in self.results)
        for name, count in counts.items():
            lines.append(f"| {name} | {count.total()} | {count['killed']} | {count['timeout']} | {count['survived']} |")
        share = 1 - counts["all"]["survived"] / max(1, counts["all"].total())
        lines.append(f"\n{share:.1%} killed\n")
        lines += [f"{mutant.name}\n{mutant.diff}\n" for mutant, outcome in self.results if outcome == "survived"]
        return "\n".join(lines)


def _import(names: list[str]) -> None:
    """Import what can be imported by name."""
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def _ran(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Each test once it has run."""
    for item, following in zip(items, [*items, None][1:], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        yield item


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="+", type=Path, help="e.g. assets/eligibility/rules.py")
    parser.add_argument("--tests", nargs="+", help="files of tests; else those of [tool.mutmut] in pyproject.toml")
    parser.add_argument("--only", nargs="+", help="functions, or single mutants by name")
    parser.add_argument("--again", type=Path, help="only what survived in this file of an earlier --out")
    parser.add_argument("--part", default="1/1", help="k/n: every n-th mutant from the k-th on")
    parser.add_argument("--out", type=Path, help="a file that gets one JSON line a mutant")
    return parser.parse_args()


def _planned(asked: argparse.Namespace) -> list[Mutant]:
    found = [one for path in asked.modules for one in mutants(path)]
    if asked.only:
        found = [one for one in found if one.function in asked.only or one.name in asked.only]
    if asked.again:
        lines = [json.loads(line) for line in asked.again.read_text("utf-8").splitlines()]
        left = {(line["module"], line["diff"]) for line in lines if line["outcome"] == "survived"}
        found = [one for one in found if (one.module, one.diff) in left]
    part, parts = map(int, asked.part.split("/"))
    return found[part - 1 :: parts]


def main() -> int:
    """The run, its report, and 0 if every mutant was killed."""
    asked = _arguments()
    tests = asked.tests
    if not tests:
        settings = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
        tests = settings["pytest_add_cli_args_test_selection"]
    screen = os.fdopen(os.dup(2), "w")

    def told(line: str) -> None:
        print(line, file=screen, flush=True)

    same = [one for path in asked.modules for one in unchanged(path)]
    run = Run(_planned(asked), same, told, asked.out)
    with suppress(FileNotFoundError):
        if asked.out:
            asked.out.unlink()
    quiet = ["--assert=plain", "-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:terminal"]
    pytest.main([*quiet, *tests], plugins=[run])
    print(run.report())
    return int(len(run.results) != len(run.planned) or any(outcome == "survived" for _, outcome in run.results))


if __name__ == "__main__":
    raise SystemExit(main())
