"""Who bears a benefit according to the city's own truth: worked examples F, and the edges of ages, income and copay."""

from datetime import date

import polars as pl
import pytest

from pipelines.city.truth_subsidy import (
    COPAY_DAY_YEN,
    COPAY_MONTH_YEN,
    FIRST_MONTH_OF_TAX_YEAR,
    KNOWN_FROM,
    LIMIT_YEN,
    WIDER_FROM,
    shared,
)
from tests.support.cases import LAW

JUNE = date(2023, 6, 1)
FIVE, FOURTEEN, FIFTEEN = date(2018, 5, 1), date(2009, 5, 1), date(2008, 6, 1)
SCHEMA = {
    "child_resident_code": pl.String, "service_month": pl.Date, "institution_code": pl.String, "care": pl.String,
    "birth_date": pl.Date, "amount_yen": pl.Int64, "days": pl.Int64, "income_yen": pl.Int64, "taxed": pl.String,
    "subject": pl.String, "claim_no": pl.String, "review_body": pl.String, "billing_month": pl.Date,
    "receipt_no": pl.String,
}  # fmt: skip


def benefit(amount: int = 4_200, birth: date = FIVE, month: date = JUNE, **more: object) -> dict[str, object]:
    return {
        "child_resident_code": "1", "service_month": month, "institution_code": "9", "care": "2", "birth_date": birth,
        "amount_yen": amount, "days": 1, "income_yen": 3_000_000, "taxed": "1", "subject": "receipt",
        "receipt_no": "000001",
    } | more  # fmt: skip


def split(*benefits: dict[str, object]) -> list[tuple[object, ...]]:
    found = shared(pl.DataFrame(list(benefits), schema=SCHEMA))
    return found.sort("receipt_no").select("reason", "subsidised_yen", "prefecture_yen", "city_yen").rows()


@pytest.mark.parametrize(
    ("example", "one", "expected"),
    [
        ("F1", benefit(), ("S1", 3_200, 1_600, 2_600)),
        ("F3", benefit(income_yen=7_000_000), ("S3", 0, 0, 4_200)),
        ("F4", benefit(30_000, care="1", days=3), ("S1", 26_400, 13_200, 16_800)),
        ("F6 before", benefit(30_000, FOURTEEN, date(2024, 3, 1), care="1"), ("S2", 0, 0, 30_000)),
        ("F6 after", benefit(30_000, FOURTEEN, date(2024, 5, 1), care="1"), ("S1", 28_800, 14_400, 15_600)),
        ("F7", benefit(30_000, FIFTEEN, date(2024, 10, 1), care="1"), ("S2", 0, 0, 30_000)),
    ],
)
def test_the_truth_is_that_of_the_worked_examples(
    example: str, one: dict[str, object], expected: tuple[object, ...]
) -> None:
    assert {example: split(one)} == {example: [expected]}


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (benefit(income_yen=6_980_000), "S1"),
        (benefit(income_yen=6_980_001), "S3"),
        (benefit(1_000), "S4"),
        (benefit(1_001), "S1"),
        (benefit(0), "S0"),
        (benefit(income_yen=None), "U1"),
        (benefit(taxed=None), "U2"),
        (benefit(birth=date(2010, 5, 1), month=date(2017, 3, 1)), "U3"),
        (benefit(birth=date(2017, 4, 1), month=date(2023, 4, 1)), "S2"),
        (benefit(birth=date(2017, 4, 2), month=date(2023, 4, 1)), "S1"),
        (benefit(birth=date(2015, 4, 2), month=date(2025, 3, 1)), "S1"),
        (benefit(birth=date(2015, 4, 2), month=date(2025, 4, 1)), "S2"),
    ],
)
def test_the_edges_of_income_copay_and_ages(one: dict[str, object], reason: str) -> None:
    assert split(one)[0][0] == reason


def test_who_is_untaxed_leaves_no_copay_and_an_odd_yen_goes_to_the_city() -> None:
    assert split(benefit(4_201, taxed="2")) == [("S1", 4_201, 2_100, 2_101)]


def test_one_institution_and_month_has_one_copay_and_each_institution_its_own() -> None:
    both = [benefit(700), benefit(900, care="4", receipt_no="000002")]
    assert split(*both) == [("S4", 0, 0, 700), ("S1", 600, 300, 600)]
    apart = [benefit(700), benefit(900, care="4", receipt_no="000002", institution_code="8")]
    assert [row[0] for row in split(*apart)] == ["S4", "S4"]


def test_the_truth_is_told_by_the_values_the_law_book_holds() -> None:
    before, wider = LAW.at(KNOWN_FROM), LAW.at(WIDER_FROM)
    ages = ("subsidy.inpatient_until_years", "subsidy.outpatient_until_years")
    assert [[now.number(name) for name in ages] for now in (before, wider)] == [[6, 6], [15, 9]]
    for now in (before, wider):
        assert now.yen("subsidy.income_limit_yen") == LIMIT_YEN
        copays = {(row["visit"], row["per"]): row["yen"] for row in now.rows("subsidy.copay").iter_rows(named=True)}
        assert copays == {("outpatient", "month"): COPAY_MONTH_YEN, ("inpatient", "day"): COPAY_DAY_YEN}
        assert now.mapping("subsidy.rate") == {"numerator": 1, "denominator": 2}
        assert now.text("subsidy.rounding") == "down_per_decision"
        assert now.mapping("subsidy.year") == {"begins_month": FIRST_MONTH_OF_TAX_YEAR, "tax_year_offset": 0}
        assert now.codes("subsidy.copay_outpatient_care") == ("2", "4", "5", "6", "7", "8")
