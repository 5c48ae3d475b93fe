"""The `kodomo` command struck at one of its system calls: by an error of the kernel, or by SIGKILL.

Belongs here: a forge that forks warm processes, and strace that strikes them. Does not belong here: what must hold
afterwards (the tests). Run as a script it is the forge itself.
"""

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MISSING = "strace IS NOT INSTALLED OR MAY NOT TRACE: no fault was struck at a system call (apt install strace)"
WRITES = ("openat", "mkdir", "write", "pwrite64", "fsync", "fdatasync", "rename", "link", "unlink", "ftruncate")
READS = ("read", "pread64", "newfstatat", "getdents64", "lseek", "flock", "fcntl", "close")
SOCKETS = ("sendto", "recvfrom", "poll", "connect", "socket")
CALLS = (*WRITES, *READS, *SOCKETS)
_SAYING = re.compile(r"\w+\([12]<")
_LINE = re.compile(r"\d+ +(\w+)\((.*)")


@dataclass(frozen=True)
class Strike:
    """What happens at the `at`-th call of a name: an error (`EIO`) or, for KILL, death before the call is made."""

    call: str
    at: int
    fault: str

    @property
    def injection(self) -> str:
        """As strace takes it."""
        what = "signal=KILL" if self.fault == "KILL" else f"error={self.fault}"
        return f"inject={self.call}:{what}:when={self.at}"


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (minus the signal), what it said, the calls it made."""

    code: int
    said: str
    calls: tuple[str, ...] = ()

    def reached(self, names: Sequence[str] = CALLS) -> list[tuple[str, int]]:
        """Every call made and which of its name it was, but for those that say something to the user."""
        count: dict[str, int] = {}
        found = []
        for line in self.calls:
            match = _LINE.match(line)
            if match is None or match[1] not in CALLS:
                continue
            count[match[1]] = count.get(match[1], 0) + 1
            if match[1] in names and _SAYING.search(line) is None:
                found.append((match[1], count[match[1]]))
        return found


class Forge:
    """Forks a process per command from one in which everything is imported already."""

    def __init__(self, server: "subprocess.Popen[str]", room: Path) -> None:
        self._server = server
        self._room = room

    def run(self, words: Sequence[str], environ: Mapping[str, str], strike: Strike | None = None) -> Ended:
        """The command, struck; its calls are told of too."""
        return self._traced(words, environ, ["-e", strike.injection] if strike else [])

    def _traced(self, words: Sequence[str], environ: Mapping[str, str], more: list[str]) -> Ended:
        said, log = self._room / "said", self._room / "log"
        child = int(self._asked({"words": list(words), "environ": dict(environ), "said": str(said)}))
        tracing = ["strace", "-f", "-y", "-p", str(child), "-o", str(log), "-e", f"trace={','.join(CALLS)}", *more]
        with subprocess.Popen(tracing, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr is not None
            attached = tracer.stderr.readline()
            os.kill(child, signal.SIGUSR1)
            code = os.waitstatus_to_exitcode(int(self._answer()))
            tracer.stderr.read()
        if "attached" not in attached:
            warnings.warn(MISSING, stacklevel=2)
            pytest.skip(MISSING)
        return Ended(code, said.read_text(), tuple(log.read_text(errors="replace").splitlines()))

    def _asked(self, order: Mapping[str, object]) -> str:
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._server.stdout is not None
        return self._server.stdout.readline()


@contextmanager
def forge() -> Iterator[Forge]:
    """A forge for the length of the block. Skips the test, loudly, without strace."""
    if shutil.which("strace") is None:
        warnings.warn(MISSING, stacklevel=2)
        pytest.skip(MISSING)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "POLARS_MAX_THREADS": "1", "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory(prefix="kodomo-forge-") as room:
        words = [sys.executable, str(Path(__file__))]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, env=environ, stdin=pipe, stdout=pipe, text=True) as server:
            yield Forge(server, Path(room))
            assert server.stdin is not None
            server.stdin.close()


def _serve() -> None:
    """Fork a child per order, tell its number, and how it ended."""
    for line in sys.stdin:
        order = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            _forged(order["words"], order["environ"], order["said"], tell)
        os.close(tell)
        os.read(ready, 1)
        os.close(ready)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


def _forged(words: list[str], environ: Mapping[str, str], said: str, tell: int) -> None:
    """Do what is asked once SIGUSR1 comes; what is said goes to a file. Closing `tell` says that it waits."""
    handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.environ.update(environ)
    os.close(tell)
    signal.sigwait([signal.SIGUSR1])
    code = _done(words)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _done(words: list[str]) -> int:
    """The exit code, after everything the command held open is closed as at the end of a process."""
    from pipelines.cli import app
    from resources import house

    try:
        app(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    for held in (house._ledger, house._outbox, house._registry, house._shelf, house._engine):
        held.cache_clear()
    gc.collect()
    return code


def _warm() -> None:
    """Import and read whatever a command needs, in a home that is gone at once."""
    import psycopg2
    import pyrage
    from typer.testing import CliRunner

    from pipelines.cli import app
    from resources.house import House
    from tests.resources.children import payment_entries, prepare

    assert psycopg2.apilevel
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(KODOMO_HOME=home, KODOMO_MODE="production")
        house = House()
        orders = payment_entries(3)
        house.ledger.enter_orders(orders, run_id="r")
        number = prepare(house.releases, orders["value_date"][0])
        assert number is not None
        key = str(pyrage.x25519.Identity.generate().to_public())  # type: ignore[attr-defined]
        words = {"approve": "乙", "seal": "乙", "release": "乙"}
        for step, person in words.items():
            more = ["--recipient", key] if step == "release" else []
            CliRunner().invoke(app, ["batch", step, number, "--person", person, *more])
        house.engine.dispose()


if __name__ == "__main__":
    _warm()
    gc.freeze()
    _serve()
