"""Money to and from guardians over months: whatever the order of the news, the yen are those of one run that knew."""

from collections.abc import Sequence
from datetime import date
from functools import cache

import polars as pl
import pytest

from assets.benefit.checker import unchained, unexplained, unsettled
from assets.benefit.standing import LINE
from assets.settlement.rules import Settlement
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES
from tests.assets.benefit.drawn_news import lived_once
from tests.assets.second_engine.drawn_city import amended
from tests.support.cases import LAW
from tests.support.months import Life, settlements

pytestmark = pytest.mark.xdist_group("drawn_money")

SEEDS = (20, 22, 24)
MORE_SEEDS = [*SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (21, 23))]
BY_BODY = amended(LAW, "settlement.receipts_owed_by", (date(2009, 4, 1), "review_body"))


def yen(frame: pl.DataFrame, column: str) -> int:
    return int(frame[column].sum())


def everything(life: Life, made: list[Settlement]) -> pl.DataFrame:
    """Every difference of every month with the line it is about."""
    lines = life.decisions.select("decision_no", *LINE)
    return pl.concat(each.differences for each in made).join(lines, on="decision_no")


@cache
def settled(seed: int) -> tuple[Life, list[Settlement]]:
    """The months of a drawn city and their settlements, made once for every test that reads them."""
    life = lived_once(seed, 7)
    return life, settlements(life, LAW)


@pytest.fixture(scope="module", params=MORE_SEEDS)
def told(request: pytest.FixtureRequest) -> tuple[Life, list[Settlement]]:
    """Four months of drawn families and their settlements."""
    return settled(request.param)


Told = tuple[Life, list[Settlement]]


def test_the_differences_of_a_claim_are_what_one_run_that_knew_everything_pays(told: Told) -> None:
    life, made = told
    truth = life.known_from_the_start().filter((pl.col("subject") == "claim") & (pl.col("judgement") != "4"))
    claims = everything(life, made).filter(pl.col("subject") == "claim")
    summed = claims.group_by(LINE).agg(pl.col("difference_yen").sum())
    found = truth.join(summed, on=LINE, how="left").with_columns(pl.col("difference_yen").fill_null(0))
    assert found.filter(pl.col("difference_yen") != pl.col("amount_yen")).is_empty()
    assert yen(found, "amount_yen") > 0


def test_what_guardians_got_less_what_they_owe_is_the_sum_of_their_differences(told: Told) -> None:
    life, made = told
    of_guardians = everything(life, made).filter(pl.col("counterpart") == "1")
    due = of_guardians.group_by("guardian_resident_code").agg(pl.col("difference_yen").sum())
    paid = pl.concat(each.payables for each in made).group_by("guardian_resident_code").agg(pl.col("payable_yen").sum())
    owed = made[-1].debts.group_by("guardian_resident_code").agg(pl.col("open_yen").sum())
    joined = due.join(paid, on="guardian_resident_code", how="left").join(owed, on="guardian_resident_code", how="left")
    got = pl.col("payable_yen").fill_null(0) - pl.col("open_yen").fill_null(0)
    assert joined.filter(got != pl.col("difference_yen")).is_empty()


def test_nothing_is_paid_twice_and_no_debt_is_negative(told: Told) -> None:
    _, made = told
    paid = pl.concat(each.payables for each in made).filter(pl.col("payable_yen") > 0)
    assert paid.select("subject_kind", "subject_key").is_unique().all()
    for each in made:
        for record, table in zip((DIFFERENCES, OFFSETS, PAYABLES, DEBTS), each, strict=True):
            record.validated(table)


def test_the_checker_finds_nothing_in_what_is_true(told: Told) -> None:
    life, made = told
    assert unexplained(life.decisions, life.steps).is_empty()
    before = DEBTS.empty()
    for month, each in zip(life.months, made, strict=True):
        assert unchained(month.decisions, month.reopened).is_empty()
        assert unsettled(month.decisions, month.reopened, *each, before).is_empty()
        before = each.debts


def test_every_debt_names_the_payment_and_the_news(told: Told) -> None:
    """INC-03, 仙台市: refunds were claimed of people who had received nothing twice."""
    life, made = told
    for each in made:
        assert each.debts.filter(pl.col("news_delivery").is_null()).is_empty()
        paid = life.decisions.select("decision_no", "judgement", pl.col("amount_yen").alias("paid_yen"))
        shown = each.debts.join(paid, left_on="paid_no", right_on="decision_no")
        assert shown.height == each.debts.height


@pytest.mark.parametrize(("seeds", "few"), [(SEEDS, 1), pytest.param(range(20, 25), 3, marks=pytest.mark.slow)])
def test_the_drawn_months_offset_pay_more_and_leave_debts(seeds: Sequence[int], few: int) -> None:
    made = [each for seed in seeds for each in settled(seed)[1]]
    differences = pl.concat(each.differences for each in made)
    assert {"1", "2", "3"} == set(differences["kind"])
    assert {"1", "2"} == set(differences["counterpart"])
    assert sum(each.offsets.height for each in made) > few
    assert sum(each.debts.filter(pl.col("open_yen") > 0).height for each in made) > few


def test_where_the_review_body_owes_receipts_no_guardian_does(told: Told) -> None:
    life, _ = told
    for each in settlements(life, BY_BODY):
        receipts = each.differences.filter(pl.col("subject") == "receipt")
        assert set(receipts["counterpart"]) <= {"2"}
