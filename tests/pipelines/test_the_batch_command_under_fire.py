"""`kodomo batch seal` and `release` struck at their system calls: one sentence, and the next call finishes."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from pipelines.cli import app
from resources.database import utc_now
from resources.house import House
from resources.ledger_tables import JOURNAL, RELEASES, SEALS
from resources.release import file_name_of
from tests.resources.children import bank_bytes, payment_entries, prepare
from tests.support.month import environment, living_in
from tests.support.postgres import Cluster, running_cluster
from tests.support.strikes import CALLS, WRITES, Ended, Forge, Strike, forge

BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
RECIPIENT = str(BANK.to_public())
PERSONS = {"approve": "乙", "seal": "乙", "release": "丙"}
FEW = 12
"""So many strikes stand for all: in the fast suite, and over PostgreSQL, where each needs a home of its own."""
FAULTS = {
    "EIO": CALLS,
    "ENOSPC": WRITES,
    "EINTR": ("openat", "write", "pwrite64", "fsync", "fdatasync", "flock", "close"),
    "EACCES": ("openat", "link", "rename", "unlink", "mkdir"),
    "KILL": (*WRITES, "flock", "close"),
}
LINE_FAULTS = {"ECONNRESET": ("recvfrom",), "KILL": ("connect", "sendto", "recvfrom")}
"""A call to send that is struck leaves the line itself whole, and the driver waits on it for an answer."""
STRUCK = [(step, fault) for step in ("seal", "release") for fault in FAULTS]


@pytest.fixture(scope="module")
def fire() -> Iterator[Forge]:
    with forge() as hot:
        yield hot


class Home:
    """A home in which one batch was released and another stands before `step`."""

    def __init__(self, place: Path, step: str, database: str = "") -> None:
        self.place = place
        self.step = step
        self.database = database
        self.environ = {**environment(place, database), "KODOMO_MODE": "production"}
        with living_in(place, database) as house, pytest.MonkeyPatch.context() as patch:
            patch.setenv("KODOMO_MODE", "production")
            self.first, self.number = (self._batch(house, days) for days in (25, 26))
            self._steps(self.first, "erase")
            self._steps(self.number, step)
            house.engine.dispose()

    def _batch(self, house: House, days: int) -> str:
        day = utc_now().date() + timedelta(days)
        entries = payment_entries(3 * days).tail(3).with_columns(value_date=day)
        house.ledger.enter_orders(entries, run_id="r")
        number = prepare(house.releases, day)
        assert number is not None
        return number

    def _steps(self, number: str, until: str) -> None:
        for step in PERSONS:
            if step == until:
                return
            assert CliRunner().invoke(app, self.words(step, number)).exit_code == 0

    def words(self, step: str, number: str) -> list[str]:
        """The command of a step."""
        more = ["--recipient", RECIPIENT] if step == "release" else []
        return ["batch", step, number, "--person", PERSONS[step], *more]

    def struck(self, fire: Forge, strike: Strike | None, scratch: Path) -> tuple[Ended, list[str]]:
        """How the step ended in a copy of the home, and what is wrong afterwards or after asking again."""
        shutil.copytree(self.place, scratch)
        shutil.move(self.place, aside := self.place.with_name("aside"))
        shutil.move(scratch, self.place)
        try:
            return self.struck_once(fire, strike)
        finally:
            shutil.rmtree(self.place)
            shutil.move(aside, self.place)

    def struck_once(self, fire: Forge, strike: Strike | None) -> tuple[Ended, list[str]]:
        """The same in the home itself, which is spent then."""
        ended = fire.run(self.words(self.step, self.number), self.environ, strike)
        return ended, [*untold(ended, strike), *self._half_written(), *self._not_finished()]

    def _half_written(self) -> list[str]:
        return [f"{file.name} cannot be opened" for file in self._handed() if not _opens(file)]

    def _handed(self) -> list[Path]:
        return sorted((self.place / "handover").rglob("*.age"))

    def _not_finished(self) -> list[str]:
        with living_in(self.place, self.database) as house, pytest.MonkeyPatch.context() as patch:
            patch.setenv("KODOMO_MODE", "production")
            house.engine.dispose()
            again = CliRunner().invoke(app, self.words(self.step, self.number))
            done = again.exit_code == 0 or "すでに確定" in again.output or "が引き渡しました" in again.output
            found = [] if done else [f"asked again: {again.output} {again.exception!r}"]
            found += [f"{what}: {value}" for what, value, right in self._facts(house) if value != right]
            house.engine.dispose()
        return found

    def _facts(self, house: House) -> list[tuple[str, object, object]]:
        """What is, and what must be: name, found, right."""
        handed = [self.first, self.number] if self.step == "release" else [self.first]
        batches = [house.ledger.batch(number) for number in (self.first, self.number)]
        released = [batch for batch in batches if batch.batch_no in handed]
        with house.engine.connect() as connection:
            told = connection.execute(select(RELEASES.c.batch_no, RELEASES.c.cipher_sha256))
            rows: dict[str, str] = {row.batch_no: row.cipher_sha256 for row in told}
            moved = select(func.sum(JOURNAL.c.amount_yen)).where(JOURNAL.c.event == "released")
            yen = connection.scalar(moved)
            seals = sorted(connection.scalars(select(SEALS.c.batch_no)))
        witness = house.releases.witness
        files = {path.name: path.read_bytes() for path in self._handed()}
        plain = {f"{file_name_of(number)}.age": bank_bytes(house.ledger.batch_orders(number)) for number in handed}
        known = {number: release.cipher_sha256 for number, release in witness.releases().items()}
        left = [path.name for path in (self.place / "staging").rglob("*") if path.is_file()]
        return [
            ("sealed", seals, [self.first, self.number]),
            ("released", sorted(rows), handed),
            ("witness", known, rows),
            ("yen", yen, sum(batch.total_yen for batch in released)),
            ("files", {name: sha256(data).hexdigest() for name, data in files.items()}, _named(rows)),
            ("content", {name: pyrage.decrypt(data, [BANK]) for name, data in files.items()}, plain),  # type: ignore[attr-defined]
            ("staging", [name for name in left if name.endswith(".age")], []),
        ]


def _named(rows: dict[str, str]) -> dict[str, str]:
    return {f"{file_name_of(number)}.age": digest for number, digest in rows.items()}


def _opens(file: Path) -> bool:
    try:
        return bool(pyrage.decrypt(file.read_bytes(), [BANK]))  # type: ignore[attr-defined]
    except pyrage.DecryptError:  # type: ignore[attr-defined]
        return False


def untold(ended: Ended, strike: Strike | None) -> list[str]:
    """What is wrong with what the user was told."""
    if strike is not None and strike.fault == "KILL":
        return []
    if "Traceback" in ended.said or "Error" in ended.said:
        return [ended.said]
    if ended.code not in {0, 1, 3} or ("。" not in ended.said and ended.code):
        return [f"{ended.code} {ended.said}"]
    return []


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    return {step: Home(tmp_path_factory.mktemp(step) / "home", step) for step in ("seal", "release")}


def wounds(fire: Forge, home: Home, scratch: Path, strikes: list[Strike]) -> list[tuple[Strike, list[str]]]:
    """The strikes after which something is wrong, and what."""
    found = [(strike, home.struck(fire, strike, scratch)[1]) for strike in strikes]
    return [(strike, wrong) for strike, wrong in found if wrong]


def reached(fire: Forge, home: Home, scratch: Path, fault: str) -> list[Strike]:
    """A strike for every call an undisturbed run makes."""
    ended, wrong = home.struck(fire, None, scratch)
    assert (ended.code, wrong) == (0, []), ended.said
    return [Strike(call, at, fault) for call, at in ended.reached(FAULTS[fault])]


@pytest.mark.parametrize("step", ["seal", "release"])
def test_a_step_struck_at_a_few_of_its_calls_is_finished_by_the_next(
    fire: Forge, homes: dict[str, Home], tmp_path: Path, step: str
) -> None:
    every = [strike for fault in ("EIO", "KILL") for strike in reached(fire, homes[step], tmp_path / "s", fault)]
    few = every[:: len(every) // FEW]
    assert len(few) >= FEW
    assert wounds(fire, homes[step], tmp_path / "s", few) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("step", "fault"), STRUCK)
def test_a_step_struck_at_any_of_its_calls_is_finished_by_the_next(
    fire: Forge, homes: dict[str, Home], tmp_path: Path, step: str, fault: str
) -> None:
    every = reached(fire, homes[step], tmp_path / "s", fault)
    assert len(every) > 1
    assert wounds(fire, homes[step], tmp_path / "s", every) == []


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("fault", LINE_FAULTS)
def test_a_release_whose_line_to_the_database_is_struck_is_finished_by_the_next(
    fire: Forge, cluster: Cluster, tmp_path: Path, fault: str
) -> None:
    def home(name: str) -> Home:
        return Home(tmp_path / name, "release", cluster.fresh().render_as_string(hide_password=False))

    ended, wrong = home("undisturbed").struck_once(fire, None)
    assert (ended.code, wrong) == (0, []), ended.said
    every = [Strike(call, at, fault) for call, at in ended.reached(LINE_FAULTS[fault])]
    assert "recvfrom" in {strike.call for strike in every}
    few = every[:: max(1, len(every) // FEW)]
    found = [(strike, home(f"{at}").struck_once(fire, strike)[1]) for at, strike in enumerate(few)]
    assert [(strike, wrong) for strike, wrong in found if wrong] == []
