"""Canaries: names, addresses and 個人番号 put into deliveries appear in no log, event log, output or error."""

import csv
import hashlib
import io
import json
import sqlite3
import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from assets.calendar import days_of
from resources.inbox import DeliveryError, Inbox
from schemas.checkdigits import my_number_check_digit
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import APPLICATIONS, NONRESIDENTS, RESIDENTS, accepted, refused
from tests.support.deliveries import CITY
from tests.support.month import copied, invoked, kodomo, living_in

pytestmark = pytest.mark.xdist_group("month")
DAY = "2026-10-01"
BODY = "90817263544"
NUMBER = BODY + my_number_check_digit(BODY)
NAME, OTHER_NAME = "金糸雀　𠮷乃", "金糸雀　壱子"
ADDRESS, OTHER_ADDRESS = "埼玉県川口市金糸雀町77番7号", "埼玉県川口市金糸雀町78番8号"
CANARIES = (NUMBER, NAME, OTHER_NAME, ADDRESS, OTHER_ADDRESS, "金糸雀")


@dataclass(frozen=True)
class Watched:
    """A home whose first night met the canaries, and the finished command."""

    place: Path
    night: subprocess.CompletedProcess[str]


def rewritten(place: Path, feed: str, line: int, **values: str) -> None:
    """One row (from 1) of the day's delivery says something else; its control file agrees."""
    adapter = Adapter.load(feed, CITY)
    (path,) = (place / "inbox" / CITY / feed).glob(f"{feed}_full_20261001_*.{adapter.extension}")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode(adapter.encoding))))
    for item, value in values.items():
        rows[line][list(adapter.items).index(item)] = value
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    path.write_bytes(out.getvalue().encode(adapter.encoding))
    control = path.with_name(f"{path.stem}.control.json")
    stated = json.loads(control.read_text("utf-8")) | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    control.write_text(json.dumps(stated), "utf-8")


@pytest.fixture(scope="module")
def watched(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A delivery with a 個人番号, one with a broken row, one that is fine; each with canaries."""
    place = copied(settled, tmp_path_factory.mktemp("watched") / "home")
    rewritten(place, NONRESIDENTS.name, 1, name=NAME, address=ADDRESS, katagaki=NUMBER)
    rewritten(place, RESIDENTS.name, 1, name=NAME, address=ADDRESS, sex="7")
    rewritten(place, RESIDENTS.name, 2, name=OTHER_NAME, address=OTHER_ADDRESS)
    rewritten(place, APPLICATIONS.name, 1, guardian_name=OTHER_NAME, child_address=OTHER_ADDRESS)
    return Watched(place, kodomo(place, "nightly", "--date", DAY))


def spellings(canary: str) -> list[bytes]:
    """The bytes a canary may hide behind."""
    plain = [canary.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    return [*plain, canary.encode("cp932", errors="ignore"), json.dumps(canary)[1:-1].encode()]


def told(path: Path) -> Iterator[bytes]:
    """A file's raw bytes, and every cell of a SQLite file whole."""
    yield path.read_bytes()
    if path.read_bytes()[:15] == b"SQLite format 3":
        with sqlite3.connect(path) as connection:
            yield "\n".join(connection.iterdump()).encode("utf-8", errors="surrogatepass")


def traces(folder: Path) -> list[str]:
    """Where a canary sings, by file and number of the canary."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            texts = list(told(path))
            hits = [at for at, canary in enumerate(CANARIES) if sings(canary, texts)]
            found += [f"{path.relative_to(folder)}: canary {at}" for at in hits]
    return found


def sings(canary: str, texts: list[bytes]) -> bool:
    return any(spelling in text for spelling in spellings(canary) for text in texts)


def test_the_canaries_went_in_as_refused_delivery_refused_row_and_accepted_rows(watched: Watched) -> None:
    assert watched.night.returncode == 1
    assert "[my_number]" in watched.night.stderr
    with living_in(watched.place) as house:
        row = house.shelf.read(refused(RESIDENTS), DAY).filter(pl.col("line_no") == 2)
        people = house.shelf.read(accepted(RESIDENTS), DAY)
        forms = house.shelf.read(accepted(APPLICATIONS), DAY)
        assert house.registry.accepted(CITY, NONRESIDENTS.name) == []
    assert row["row_text"].str.contains(NAME, literal=True).all()
    assert row.height > 0
    assert (people["name"] == OTHER_NAME).any()
    assert (forms["child_address"] == OTHER_ADDRESS).any()


def test_the_search_finds_what_it_looks_for(watched: Watched, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "log.db") as connection:
        connection.execute("CREATE TABLE events (event TEXT)")
        connection.execute("INSERT INTO events VALUES (?)", [json.dumps({"name": NAME})])
    (tmp_path / "log.txt").write_text(ADDRESS, "utf-16")
    assert {found.split(":")[0] for found in traces(tmp_path)} == {"log.db", "log.txt"}
    assert len(traces(watched.place / "inbox")) >= 5


def test_no_canary_is_in_dagsters_history(watched: Watched) -> None:
    assert len(list((watched.place / "dagster").rglob("*.db"))) >= 2
    assert traces(watched.place / "dagster") == []


def test_no_canary_is_readable_anywhere_in_the_home_but_the_inbox(watched: Watched) -> None:
    written = {path.name for path in watched.place.iterdir()} - {"inbox"}
    assert {"shelf", "dagster", "kodomo.sqlite"} <= written
    found = [trace for trace in traces(watched.place) if not trace.startswith("inbox/")]
    assert found == []


def test_no_canary_is_in_what_the_command_prints(watched: Watched) -> None:
    printed = [watched.night.stdout.encode(), watched.night.stderr.encode()]
    assert [at for at, canary in enumerate(CANARIES) if sings(canary, printed)] == []
    assert len(watched.night.stderr) > 50


def test_no_canary_is_in_the_error_of_the_gate(watched: Watched) -> None:
    with living_in(watched.place) as house, pytest.raises(DeliveryError) as refusal:
        house.take(NONRESIDENTS.name, DAY, days_of(DAY))
    error = refusal.value
    texts = [*traceback.format_exception(error), repr(error), repr(error.args), repr(vars(error))]
    assert [at for at, canary in enumerate(CANARIES) if sings(canary, [text.encode() for text in texts])] == []
    assert error.__cause__ is None
    assert error.__context__ is None


def test_an_error_of_polars_that_quotes_a_value_ends_as_trouble_without_it(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quoting(*_: object) -> None:
        pl.Series([NAME, NUMBER + ADDRESS]).cast(pl.Int64)

    with pytest.raises(pl.exceptions.PolarsError, match="金糸雀"):
        quoting()
    place = copied(watched.place, tmp_path / "home")
    monkeypatch.setattr(Inbox, "gate", quoting)
    ended = invoked(place, "nightly", "--date", DAY)
    assert ended.exit_code == 3
    assert "InvalidOperationError" in ended.output
    assert not sings("金糸雀", [ended.output.encode()])
    assert traces(place / "dagster") == []
