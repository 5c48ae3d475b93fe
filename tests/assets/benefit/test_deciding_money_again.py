"""Late news: only what it touches is decided again, and in the end every yen is what it would have been."""

from datetime import date
from functools import cache

import polars as pl
import pytest

from assets.benefit.checker import unexplained
from assets.benefit.standing import LINE
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS, REOPENED, STEPS
from tests.assets.benefit.drawn_news import MONTHS, arrived, drawn, lived
from tests.assets.second_engine.drawn_city import amended
from tests.support.cases import LAW
from tests.support.months import Life

SEEDS = range(3)
MORE_SEEDS = [*SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, 4))]
SAID = [*LINE, "reason", "amount_yen"]


DIFFERENCE = (pl.col("amount_yen") - pl.col("before_yen")).sum().alias("amount_yen")


def agrees(life: Life) -> bool:
    """Whether every line stands as one run that knows everything decides it, and its differences add up to that."""
    truth = life.known_from_the_start().sort(LINE)
    summed = life.decisions.group_by(LINE).agg(DIFFERENCE).sort(LINE)
    return life.stands().select(SAID).sort(LINE).equals(truth.select(SAID)) and summed.equals(
        truth.select(*LINE, "amount_yen")
    )


@cache
def followed(seed: int) -> tuple[Life, list[date]]:
    """The months of a drawn city, lived once for every test that reads them, and those in which it did not agree."""
    city, life, wrong = drawn(seed), Life(), []
    for month in MONTHS:
        life.live(month, *arrived(city, month), LAW)
        wrong += [] if agrees(life) else [month]
    return life, wrong


@pytest.mark.parametrize("seed", MORE_SEEDS)
def test_deciding_the_touched_lines_again_is_deciding_all_lines_ever(seed: int) -> None:
    _, wrong = followed(seed)
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_the_order_of_news_does_not_matter_in_many_cities(seed: int) -> None:
    assert agrees(lived(drawn(seed, 10)))


@pytest.mark.parametrize(("seeds", "few"), [(SEEDS, 3), pytest.param(range(5), 5, marks=pytest.mark.slow)])
def test_the_drawn_news_changes_decisions_for_every_cause_it_can_have(seeds: range, few: int) -> None:
    lives = [followed(seed)[0] for seed in seeds]
    decisions = pl.concat([life.decisions for life in lives])
    again = decisions.filter(~pl.col("cause").is_in(["1", "2"]))
    assert {"3", "4", "6", "9"} <= set(again["cause"])
    assert (again["amount_yen"] < again["before_yen"]).sum() > few
    assert (again["amount_yen"] > again["before_yen"]).sum() > few
    reopened = pl.concat([life.months[-1].reopened for life in lives])
    earlier = sum(life.stands().filter(pl.col("arrived_month") < MONTHS[-1]).height for life in lives)
    assert 0 < reopened.height < earlier


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_every_replaced_decision_is_explained_and_names_the_news(seed: int) -> None:
    life, _ = followed(seed)
    assert unexplained(life.decisions, life.steps).is_empty()
    for each in life.months:
        DECISIONS.validated(each.decisions)
        STEPS.validated(each.steps)
        REOPENED.validated(each.reopened)
    again = life.decisions.filter(~pl.col("cause").is_in(["1", "2"]))
    told = life.steps.filter(pl.col("label") == "判定し直した理由")
    assert set(again["decision_no"]) <= set(told["decision_no"])
    assert told.filter(pl.col("delivery").is_null()).is_empty()


def _with_higher_minimum(start: date) -> Law:
    """The law in which an accident counts from 2,000 yen on instead of 5,000."""
    return amended(LAW, "benefit.accident_minimum_yen", (date(2009, 4, 1), 5_000), (start, 2_000))


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_an_amendment_decides_the_service_months_it_changes_again(seed: int) -> None:
    city, life = drawn(seed), Life()
    for month in MONTHS:
        law = LAW if month < MONTHS[2] else _with_higher_minimum(date(2026, 6, 1))
        life.live(month, *arrived(city, month), law)
        assert agrees(life)


def test_an_amendment_of_other_months_decides_nothing_again() -> None:
    city = drawn(1)
    (plain, _), later = followed(1), lived(city, amended={MONTHS[2]: _with_higher_minimum(date(2027, 4, 1))})
    assert plain.decisions.equals(later.decisions)
    assert [each.reopened.height for each in plain.months] == [each.reopened.height for each in later.months]
