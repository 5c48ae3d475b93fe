"""One city of 2,000 children over three months, with defects, shared by the tests of this folder."""

from datetime import date

import polars as pl
import pytest

from pipelines.city.calendar import Run
from pipelines.city.city import CitySummary, generate
from pipelines.city.imagined import City, imagined
from tests.pipelines.city.deliveries import Delivered, read

FIRST, LAST = date(2026, 6, 1), date(2026, 8, 1)
CHILDREN, SEED, RATE = 2_000, 11, 0.03


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> CitySummary:
    return generate(tmp_path_factory.mktemp("city"), children=CHILDREN, first=FIRST, last=LAST, seed=SEED, defects=RATE)


@pytest.fixture(scope="session")
def city() -> City:
    return imagined(CHILDREN, Run(FIRST, LAST), SEED, RATE)


@pytest.fixture(scope="session")
def truth(summary: CitySummary) -> pl.DataFrame:
    return pl.read_parquet(summary.truth)


@pytest.fixture(scope="session")
def eligibility(summary: CitySummary) -> pl.DataFrame:
    return pl.read_parquet(summary.truth_eligibility)


@pytest.fixture(scope="session")
def defects(summary: CitySummary) -> pl.DataFrame:
    return pl.read_parquet(summary.defects)


@pytest.fixture(scope="session")
def delivered(summary: CitySummary) -> dict[str, Delivered]:
    return {feed: read(summary, feed) for feed in summary.rows}
