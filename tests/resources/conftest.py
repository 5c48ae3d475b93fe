"""Both databases, a shelf, a ledger; and children that die on the spot."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from resources.database import open_engine, sqlite_url
from resources.keys import KeyRing
from resources.registry import Registry
from resources.shelf import Shelf
from tests.support.postgres import Cluster, running_cluster

CITY = "112038"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """The address of an empty database, once of each kind; in the fast suite PostgreSQL only for what the database
    itself does (`on_both_databases`)."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "kodomo.sqlite")
    return request.getfixturevalue("postgres_cluster").fresh()


@pytest.fixture
def engine(database: URL) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.create(tmp_path / "keys.json")


@pytest.fixture
def shelf(tmp_path: Path, engine: Engine, keys: KeyRing) -> Shelf:
    return Shelf(tmp_path / "shelf", Registry(engine), keys, CITY)


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a script of this folder (tests/resources/children.py) as a process of its own."""
    children: list[subprocess.Popen[str]] = []

    def _start(*arguments: object) -> subprocess.Popen[str]:
        script = Path(__file__).with_name("children.py")
        child = subprocess.Popen(
            [sys.executable, str(script), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "POLARS_MAX_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        return child

    yield _start
    for child in children:
        child.kill()
        child.communicate()
