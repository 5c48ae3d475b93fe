"""One million receipts and claims of 2012–2027 in both engines, and every yen of them added up again: no row differs."""

from datetime import date

import polars as pl
import pytest

from assets.benefit.checker import unexplained
from assets.benefit.rules import benefit
from assets.months import next_month
from assets.second_engine.benefit import PAID_KEY, RESULT
from assets.second_engine.benefit import benefit as second
from assets.second_engine.differences import differences
from benchmarks.drawn import Drawn, drawn
from schemas.codes import BENEFIT_REASON
from schemas.law.book import Law

LAW = Law.load("112038")
RECEIPTS, CLAIMS, CHILDREN = 750_000, 250_000, 100_000
NEVER_DECIDED = {"receipt": {"A1", "A2", "T1", "H1", "X1"}, "claim": {"H4", "H5", "H6", "H7", "R1", "X1"}}
"""Reasons of the other subject, and X1, which only a person can tell."""
NOT_YET = {"H8", "HA", "R0", "R2"}
KEYS, VALUES = ["subject", "feed", "delivery", "line_no"], ["judgement", "reason", "amount_yen"]
SHARED = ("beneficiary_numbers", "registrations", "eligibility", "persons", "identities", "insurer_answers_known")


@pytest.fixture(scope="module")
def city() -> Drawn:
    return drawn(RECEIPTS, CLAIMS, CHILDREN)


def _part(rows: pl.DataFrame, year: int) -> pl.DataFrame:
    return rows.filter(pl.col("known_date").dt.year() == year)


def _years(city: Drawn) -> list[int]:
    told = pl.concat([city.receipts["known_date"], city.claims["known_date"]])
    return sorted(told.dt.year().unique())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_million_drawn_rows_are_decided_alike_by_both_engines_and_explained_to_the_yen(city: Drawn) -> None:
    shared = {name: getattr(city, name) for name in SHARED}
    nhi, paid, seen = city.national_health_insurance_known, city.decided_before, {}
    rows = 0
    for year in _years(city):
        lines = {"receipts": _part(city.receipts, year), "claims": _part(city.claims, year)}
        month = next_month(date(year, 12, 1))
        ours, steps, *_ = benefit(
            **lines, **shared, insurances=city.insurances, decided_before=paid, law=LAW, month=month
        )
        earlier = paid.filter(pl.col("judgement") == "1").select(PAID_KEY)
        theirs = second(
            **lines, **shared, national_health_insurance_known=nhi, paid_before=earlier, law=LAW, month=month
        )
        assert differences(ours, theirs, KEYS, VALUES).is_empty(), year
        assert unexplained(ours, steps).is_empty(), year
        assert set(theirs.columns) == set(RESULT)
        for subject, reason in ours.select("subject", "reason").unique().iter_rows():
            seen.setdefault(subject, set()).add(reason)
        rows += ours.height
        paid = pl.concat([paid, ours.filter(pl.col("judgement") == "1")])
    assert rows == RECEIPTS + CLAIMS
    for subject, never in NEVER_DECIDED.items():
        assert set(BENEFIT_REASON.labels) - never - NOT_YET <= seen[subject]
