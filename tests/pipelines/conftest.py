"""One small city's month, run once for every test of this folder: nights without Dagster, the month with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from pipelines.runs import Outcome, run_all
from resources.house import House
from schemas.record import Record
from tests.support.month import KEY, copied, living_in, settle, take_month


@dataclass(frozen=True)
class Month:
    """A home in which the month has run, and how the run ended."""

    place: Path
    outcome: Outcome

    @property
    def outbox(self) -> Path:
        """What goes out of the month."""
        return self.place / "outbox" / "112038" / KEY

    def truth(self, name: str = "truth") -> pl.DataFrame:
        """truth, truth_eligibility or defects of the city."""
        return pl.read_parquet(self.place / f"{name}.parquet")

    def table(self, record: Record, key: str = KEY) -> pl.DataFrame:
        """A table of the month."""
        with living_in(self.place) as house:
            return house.shelf.read(record, key)


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the month's deliveries in which nothing has run. Copy it, never write in it."""
    place = tmp_path_factory.mktemp("settled")
    settle(place)
    return place


@pytest.fixture(scope="session")
def taken(settled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which every night of the month has run, and the month has not. Copy it, never write in it."""
    place = copied(settled, tmp_path_factory.mktemp("taken") / "home")
    take_month(place)
    return place


@pytest.fixture(scope="session")
def month(taken: Path, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The same home after the month, which ran through Dagster."""
    place = copied(taken, tmp_path_factory.mktemp("month") / "home")
    with living_in(place):
        return Month(place, run_all("monthly", [KEY], Console(stderr=True)))


@pytest.fixture
def house(month: Month) -> Iterator[House]:
    """The doors of the month's home."""
    with living_in(month.place) as house:
        yield house
