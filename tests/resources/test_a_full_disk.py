"""A disk that is full while a bank file leaves or a table is published: nothing half, all of it once there is room."""

import subprocess
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from resources.database import open_engine, sqlite_url
from resources.keys import KeyRing
from resources.ledger_checks import LedgerError
from resources.ledger_tables import RELEASES
from resources.outbox import Outbox
from resources.registry import VOLUMES, Registry
from resources.shelf import Shelf
from resources.trouble import trouble_of
from tests.resources.children import CITY, PAPERS, bank_bytes, papers, payment_entries, prepare, releases

MISSING = "NO FILE SYSTEM CAN BE MOUNTED HERE: no disk was filled (needs root and CAP_SYS_ADMIN)"
SIZE = 2 << 20
FREE = [0, 4 << 10, 16 << 10, 24 << 10, 32 << 10, 64 << 10, 512 << 10]
DAY, DEADLINE = date(2026, 10, 30), date(2026, 10, 27)
BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
CONTENT = b"0123456789" * 4_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        warnings.warn(MISSING, stacklevel=2)
        pytest.skip(MISSING)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def engine(disk: Path) -> Iterator[Engine]:
    engine = open_engine(sqlite_url(disk / "kodomo.sqlite"))
    yield engine
    engine.dispose()


def told(disk: Path, free: int, act: Callable[[], object]) -> str:
    """The sentence of the trouble when only `free` bytes are left; nothing where that was enough."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - free))
    try:
        act()
    except (OSError, SQLAlchemyError) as error:
        return str(trouble_of(error))
    finally:
        filler.unlink()
    return ""


def assert_said_where_it_did_not_fit(sentence: str, free: int) -> None:
    assert bool(sentence) or free > 0
    assert not sentence or "もう一度実行してください。" in sentence
    assert free < FREE[-1] or sentence == ""


@pytest.mark.parametrize("free", FREE)
def test_a_bank_file_that_did_not_fit_leaves_whole_once_there_is_room(disk: Path, engine: Engine, free: int) -> None:
    hand = releases(engine, disk)
    hand.ledger.enter_orders(payment_entries(5), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    hand.approve(number, person="乙")
    hand.seal(number, person="乙")

    def release() -> Path:
        return hand.release(number, str(BANK.to_public()), deadline=DEADLINE, person="丙")

    sentence = told(disk, free, release)
    assert_said_where_it_did_not_fit(sentence, free)
    early = [path.read_bytes() for path in hand.handover.glob("*")]
    if early:
        with pytest.raises(LedgerError, match="が引き渡しました"):
            release()
    else:
        release()
    (file,) = hand.handover.iterdir()
    content = file.read_bytes()
    assert early in ([], [content])
    assert pyrage.decrypt(content, [BANK]) == bank_bytes(hand.ledger.batch_orders(number))  # type: ignore[attr-defined]
    assert list(hand.staging.iterdir()) == []
    with engine.connect() as connection:
        digests = connection.scalars(select(RELEASES.c.cipher_sha256)).all()
    known = [release.cipher_sha256 for release in hand.witness.releases().values()]
    assert digests == known == [sha256(content).hexdigest()]


@pytest.mark.parametrize("free", FREE)
def test_a_file_of_the_outbox_that_did_not_fit_lies_there_whole_once_there_is_room(
    disk: Path, engine: Engine, free: int
) -> None:
    outbox = Outbox(disk / "outbox", engine, CITY)

    def write() -> Path:
        return outbox.write("2026-10", "a.txt", CONTENT, purpose="振込", sealed=True).path

    sentence = told(disk, free, write)
    assert_said_where_it_did_not_fit(sentence, free)
    lying = [path.read_bytes() for path in outbox.root.rglob("*") if path.is_file()]
    assert lying == ([] if sentence else [CONTENT])
    assert write().read_bytes() == CONTENT
    assert outbox.verify() == 1


@pytest.mark.parametrize("free", FREE)
def test_a_table_that_did_not_fit_is_not_there_and_published_once_there_is_room(
    disk: Path, engine: Engine, tmp_path: Path, free: int
) -> None:
    shelf = Shelf(disk / "shelf", Registry(engine), KeyRing.create(tmp_path / "keys.json"), CITY)
    rows = papers(2_000)

    def publish() -> int:
        return shelf.publish(PAPERS, "2026-10", rows, run_id="r").generation

    sentence = told(disk, free, publish)
    assert_said_where_it_did_not_fit(sentence, free)
    assert shelf.partitions("papers") == ([] if sentence else ["2026-10"])
    assert publish() == 1
    assert shelf.read(PAPERS, "2026-10").equals(rows.sort("paper_no"))
    assert shelf.sweep() == 0
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(VOLUMES)) == 1
