"""Three months with late news: each month decides, line by line, what the city knows to be true by then."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from assets.benefit.standing import LINE, standing
from assets.calendar import key_of, keys_between
from assets.months import last_day, next_month
from pipelines.city.city import generate
from pipelines.runs import Exit, Outcome, run_all
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.records.benefit import DECISIONS, REOPENED, STEPS
from schemas.records.demands import DEMAND_DIFFERENCES
from tests.support import shares
from tests.support.demands import DIFFERENCE, demand_differences
from tests.support.month import CITY, digests, living_in, take_nights, volumes

pytestmark = [pytest.mark.xdist_group("months"), pytest.mark.slow, pytest.mark.timeout(1200)]
FIRST = date(2026, 8, 1)
MONTHS = [FIRST, next_month(FIRST), next_month(next_month(FIRST))]
KEYS = [key_of(month) for month in MONTHS]
CHILDREN, SEED, RATE = 400, 4, 0.02
STEM = pl.col("delivery").str.replace(r"\.(csv|txt)$", "")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Outcome]]:
    """A home in which three months have run, and how each ended."""
    place = tmp_path_factory.mktemp("months")
    generate(place, municipality=CITY, children=CHILDREN, first=MONTHS[0], last=MONTHS[-1], seed=SEED, defects=RATE)
    ends = []
    with living_in(place) as house:
        KeyRing.create(key_file())
        for month, key in zip(MONTHS, KEYS, strict=True):
            take_nights(house, keys_between(month, last_day(month)))
            ends.append(run_all("monthly", [key], Console(stderr=True)))
    return place, ends


@pytest.fixture
def house(lived: tuple[Path, list[Outcome]]) -> Iterator[House]:
    """The doors of that home."""
    with living_in(lived[0]) as house:
        yield house


def test_every_month_ends_well(lived: tuple[Path, list[Outcome]]) -> None:
    assert [(end.exit, end.sentences) for end in lived[1]] == [(Exit.DONE, ())] * len(MONTHS)


def test_every_month_says_of_every_line_what_is_true_by_then(lived: tuple[Path, list[Outcome]], house: House) -> None:
    columns = ["subject", "delivery", "line_no", "month", "reason", "yen"]
    decided = house.shelf.read_many(DECISIONS, KEYS).with_columns(
        STEM.alias("delivery"), pl.col("decided_month").alias("month"), pl.col("amount_yen").alias("yen")
    )
    truth = pl.read_parquet(lived[0] / "truth_decisions.parquet").select(columns)
    assert decided.select(columns).sort(columns).equals(truth.sort(columns))


def test_every_month_splits_every_benefit_as_is_true_by_then(lived: tuple[Path, list[Outcome]], house: House) -> None:
    for month in MONTHS:
        assert shares.booked(house, month).equals(shares.known(lived[0], month))
    again = pl.read_parquet(lived[0] / "truth_subsidy.parquet").select(shares.BENEFIT).is_duplicated()
    assert again.any()


def test_every_month_finds_what_is_wrong_in_its_demands_and_what_still_waits(
    lived: tuple[Path, list[Outcome]], house: House
) -> None:
    truth = pl.read_parquet(lived[0] / "truth_demands.parquet")
    for month, key in zip(MONTHS, KEYS, strict=True):
        found = demand_differences(house.shelf.read(DEMAND_DIFFERENCES, key))
        assert found.equals(truth.filter(pl.col("month") == month).drop("month").sort(DIFFERENCE))
    late = truth.filter(pl.col("month") > pl.col("billing_month").dt.offset_by("1mo"))
    assert "7" in set(late["difference"])


def test_late_news_changed_decisions_each_with_what_it_replaces_and_why(house: House) -> None:
    decisions = house.shelf.read_many(DECISIONS, KEYS)
    again = decisions.filter(~pl.col("cause").is_in(["1", "2"]))
    assert again.height > 3
    assert {"3"} <= set(again["cause"])
    replaced = again.join(decisions, left_on="replaces_no", right_on="decision_no", suffix="_stood")
    assert replaced.height == again.height
    assert replaced.filter(pl.col("before_yen") != pl.col("amount_yen_stood")).is_empty()
    first = decisions.filter(pl.col("cause") == "1")
    assert first["replaces_no"].null_count() == first.height
    assert first["before_yen"].sum() == 0
    assert first.select(LINE).is_unique().all()


def test_the_differences_of_a_line_add_up_to_what_stands(house: House) -> None:
    decisions = house.shelf.read_many(DECISIONS, KEYS)
    summed = decisions.group_by(LINE).agg((pl.col("amount_yen") - pl.col("before_yen")).sum().alias("sum_yen"))
    stands = standing(decisions).join(summed, on=LINE)
    assert stands.filter(pl.col("sum_yen") != pl.col("amount_yen")).is_empty()


def test_not_everybody_is_decided_again_and_what_did_not_change_leaves_no_row(house: House) -> None:
    reopened = house.shelf.read(REOPENED, KEYS[-1])
    before = standing(house.shelf.read_many(DECISIONS, KEYS[:-1]))
    assert 0 < reopened.height < before.height / 2
    decided = house.shelf.read(DECISIONS, KEYS[-1])
    assert decided.join(reopened, on=LINE, how="semi").height < reopened.height
    assert house.shelf.read(STEPS, KEYS[-1]).join(decided, on="decision_no", how="anti").is_empty()


def test_a_month_run_again_changes_nothing(lived: tuple[Path, list[Outcome]]) -> None:
    before = volumes(lived[0]), digests(lived[0] / "outbox")
    with living_in(lived[0]):
        assert run_all("monthly", KEYS[-1:], Console(stderr=True)).exit is Exit.DONE
    assert (volumes(lived[0]), digests(lived[0] / "outbox")) == before
