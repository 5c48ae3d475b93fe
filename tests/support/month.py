"""A small city's October 2026 in a home of its own: for the tests of a whole month.

Belongs here: making such a home, living in it, running the command in it, and looking at what it holds.
Does not belong here: what must be true of it (the tests).
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from assets.calendar import days_of, keys_between
from assets.months import last_day
from pipelines.city.city import generate
from pipelines.cli import app
from pipelines.runs import Exit, run_all
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.records.feeds import APPLICATIONS, DAILY, FEEDS, PROTECTED_PERSONS, accepted, refused
from tests.support.deliveries import CITY, Office

ROOT = Path(__file__).parents[2]
MONTH, KEY = date(2026, 10, 1), "2026-10"
LAST = last_day(MONTH)
DAYS = keys_between(MONTH, LAST)
CHILDREN, SEED, RATE = 700, 20, 0.02
_OURS = (
    "KODOMO_DATABASE_URL",
    "KODOMO_HOME",
    "KODOMO_KEY_FILE",
    "KODOMO_MODE",
    "KODOMO_MUNICIPALITY",
    "KODOMO_WITNESS",
)


def environment(place: Path, database: str = "") -> dict[str, str]:
    """The variables of a process that lives in `place`; Dagster's history goes there too."""
    inherited = {name: value for name, value in os.environ.items() if name not in _OURS}
    given = {"KODOMO_HOME": str(place), "DAGSTER_HOME": str(ROOT)}
    return inherited | given | ({"KODOMO_DATABASE_URL": database} if database else {})


@contextmanager
def living_in(place: Path, database: str = "") -> Iterator[House]:
    """The house at `place`, for this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _OURS:
            patch.delenv(name, raising=False)
        for name, value in environment(place, database).items():
            patch.setenv(name, value)
        yield House()


def kodomo(place: Path, *words: str, database: str = "") -> subprocess.CompletedProcess[str]:
    """The `kodomo` command as a process of its own."""
    return subprocess.run(
        [command(), *words],
        env=environment(place, database),
        cwd=place,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def command() -> str:
    """The console script beside this interpreter."""
    return str(Path(sys.executable).with_name("kodomo"))


def settle(place: Path) -> None:
    """A city's deliveries and a key ring in an empty home."""
    place.mkdir(parents=True, exist_ok=True)
    generate(place, municipality=CITY, children=CHILDREN, first=MONTH, last=MONTH, seed=SEED, defects=RATE)
    with living_in(place):
        KeyRing.create(key_file())


def take_nights(house: House, days: Sequence[str]) -> None:
    """What the nights of those days do for the feeds, without Dagster."""
    for record in DAILY:
        for day in days:
            result = house.take(record.name, day, days_of(day))
            house.shelf.publish(accepted(record), day, result.accepted, run_id="without-dagster")
            house.shelf.publish(refused(record), day, result.refused, run_id="without-dagster")


def night_of_a_request(place: Path) -> str:
    """The first day on which another office asks."""
    stem = min(path.stem for path in (place / "inbox" / CITY / "transfer_requests").glob("*.csv"))
    asked = stem.split("_")[-2]
    return f"{asked[:4]}-{asked[4:6]}-{asked[6:]}"


def take_month(place: Path, database: str = "") -> None:
    """Every night of the month, one of them through Dagster; on the last day families come under 支援措置."""
    with living_in(place, database) as house:
        night = night_of_a_request(place)
        at = DAYS.index(night)
        take_nights(house, DAYS[:at])
        assert run_all("nightly", [night], Console(stderr=True)).exit is Exit.DONE
        take_nights(house, DAYS[at + 1 : -1])
        protect_families(house, place)
        take_nights(house, DAYS[-1:])


def protect_families(house: House, place: Path) -> None:
    """Six children with a paid claim and their guardians come under 支援措置 on the last day of the month; every
    second family had stated an address for mail that day, by correcting its application."""
    truth = pl.read_parquet(place / "truth.parquet")
    paid = truth.filter((pl.col("subject") == "claim") & (pl.col("outcome") == "支給"))["child_resident_code"]
    known = house.shelf.read_many(accepted(APPLICATIONS), DAYS[:-1])
    latest = known.unique("child_resident_code", keep="last", maintain_order=True)
    already = house.shelf.read_many(accepted(PROTECTED_PERSONS), DAYS[:-1])["resident_code"]
    chosen = (
        latest.filter(
            pl.col("child_resident_code").is_in(paid.unique().to_list())
            & ~pl.col("child_resident_code").is_in(already.to_list())
            & ~pl.col("guardian_resident_code").is_in(already.to_list())
        )
        .unique("guardian_resident_code", keep="first", maintain_order=True)
        .sort("child_resident_code")
        .head(6)
    )
    codes = pl.concat([chosen["child_resident_code"], chosen["guardian_resident_code"]])
    inbox = place / "inbox"
    protected = pl.DataFrame({"resident_code": codes}).with_columns(
        pl.lit("1").alias("protection"),
        pl.lit(LAST).alias("start_date"),
        pl.lit(None, pl.Date).alias("end_date"),
        pl.lit(1, pl.Int64).alias("history_no"),
        pl.lit(0, pl.Int64).alias("history_branch_no"),
        pl.lit("1").alias("latest_flag"),
        pl.lit("0").alias("deleted_flag"),
        pl.lit(LAST).alias("operated_date"),
    )
    Office(inbox, PROTECTED_PERSONS.name).lay(protected, sequence=len(DAYS) + 1, as_of=LAST)
    stated = chosen.gather_every(2).with_columns(
        pl.lit("1000001").alias("guardian_mailing_postal_code"),
        pl.lit("東京都千代田区見本町9番9号").alias("guardian_mailing_address"),
        pl.lit(None, pl.String).alias("guardian_mailing_katagaki"),
        pl.lit(None, pl.String).alias("guardian_mailing_name"),
    )
    corrected = stated.select(FEEDS[APPLICATIONS.name].names)
    Office(inbox, APPLICATIONS.name).lay(corrected, sequence=len(DAYS) + 1, as_of=LAST)


def copied(place: Path, target: Path) -> Path:
    """A home as it stands now, at another place."""
    shutil.copytree(place, target)
    return target


def files(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file under a folder: its SHA-256 and when it was last written (ns)."""
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def digests(folder: Path) -> dict[str, str]:
    """Every file under a folder and its SHA-256."""
    return {name: digest for name, (digest, _) in files(folder).items()}


def rows_of(place: Path, query: str) -> list[tuple[object, ...]]:
    """What the home's SQLite database answers."""
    with sqlite3.connect(place / "kodomo.sqlite") as connection:
        return connection.execute(query).fetchall()


def volumes(place: Path) -> list[tuple[object, ...]]:
    """Every generation on the shelf: table, partition, generation, digest of its rows."""
    return rows_of(place, 'SELECT dataset, "partition", generation, digest FROM volumes ORDER BY 1, 2, 3')


def invoked(place: Path, *words: str) -> Result:
    """The `kodomo` command inside this process: its exit code and everything it printed."""
    with living_in(place):
        return CliRunner().invoke(app, list(words))
