"""Income as 児童手当法施行令2条・3条 builds it, dependants, limits and 完納要件, article by article."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.eligibility.judged_years import Limits
from assets.eligibility.means import incomes, means
from schemas.law.book import LawGap
from schemas.records.register import IDENTITIES, MEANS
from tests.assets.eligibility.parents import (
    ALIAS,
    FATHER,
    LAW,
    MOTHER,
    OCTOBER_2013,
    OCTOBER_2014,
    TAXES,
    Row,
    aliases,
    arrears,
    law_edited,
    law_read_as,
    owing,
    tax,
    taxes,
)
from tests.assets.second_engine.drawn_city import amended
from tests.support.draws import draws

NOBODY = IDENTITIES.empty()
FLAT = 80_000


def _income(**more: object) -> object:
    (row,) = incomes(taxes(tax(**more)), NOBODY, LAW).to_dicts()  # type: ignore[arg-type]
    return row["income_yen"]


def _means(rows: list[Row], owed: list[Row], identities: pl.DataFrame = NOBODY) -> list[dict[str, Any]]:
    return MEANS.validated(means(taxes(*rows), arrears(*owed), identities, LAW)).to_dicts()


def test_the_eight_incomes_are_summed_and_80000_yen_are_taken_off() -> None:
    """施行令2条・3条1項: items 24 to 31, less the flat 社会保険料相当."""
    parts = {
        "forestry_income_yen": 1,
        "commodity_futures_income_1_yen": 10,
        "commodity_futures_income_2_yen": 100,
        "retirement_income_yen": 1_000,
        "capital_gain_before_deduction_1_yen": 10_000,
        "capital_gain_before_deduction_2_yen": 100_000,
        "land_business_income_yen": 1_000_000,
    }
    assert _income(income=20_000_000, **parts) == 21_111_111 - FLAT


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ({"casualty_loss_deduction_yen": 123}, 123),
        ({"medical_expense_deduction_yen": 4_567}, 4_567),
        ({"small_business_mutual_deduction_yen": 276_000}, 276_000),
        ({"self_ordinary_disability": "1"}, 270_000),
        ({"self_special_disability": "1"}, 400_000),
        ({"working_student": "1"}, 270_000),
        ({"widow_class": "1"}, 270_000),
        ({"widow_class": "2"}, 350_000),
        ({"widow_class": "3"}, 270_000),
        ({"widow_class": "4"}, 350_000),
        ({"dependent_ordinary_disability_count": 2}, 540_000),
        ({"dependent_special_disability_count": 3}, 1_200_000),
        ({"social_insurance_deduction_yen": 700_000}, 0),
        ({"elderly_self_flag": "1"}, 0),
    ],
)
def test_each_deduction_takes_off_what_the_article_says(facts: Row, taken: int) -> None:
    """施行令3条1項・2項."""
    assert _income(income=5_000_000, **facts) == 5_000_000 - FLAT - taken


def test_income_is_never_below_zero() -> None:
    assert _income(income=50_000) == 0


def test_not_filed_is_unknown_and_not_zero() -> None:
    """未申告は0ではない."""
    (row,) = incomes(taxes(tax(income=None, dependents_0_15_count=2)), NOBODY, LAW).to_dicts()
    assert (row["income_yen"], row["dependants"], row["elderly"]) == (None, None, None)
    (judged,) = _means([tax(income=None)], [])
    assert (judged["income_yen"], judged["limit_yen"], judged["over_limit"]) == (None, None, None)
    assert (judged["tax_delivery"], judged["tax_line_no"]) == ("resident_taxes_1", 1)


@pytest.mark.parametrize(
    ("facts", "counted"),
    [
        ({"spouse_deduction_class": "1"}, (1, 0)),
        ({"spouse_deduction_class": "2"}, (1, 1)),
        ({"spouse_deduction_class": "3"}, (0, 0)),
        ({"spouse_deduction_class": None}, (0, 0)),
        ({"dependents_0_15_count": 2, "other_dependents_count": 1, "specified_dependents_count": 3}, (6, 0)),
        ({"elderly_dependents_count": 2, "spouse_deduction_class": "2"}, (3, 3)),
    ],
)
def test_dependants_are_counted_with_the_spouse_who_is_deducted(facts: Row, counted: tuple[int, int]) -> None:
    (row,) = incomes(taxes(tax(**facts)), NOBODY, LAW).to_dicts()  # type: ignore[arg-type]
    assert (row["dependants"], row["elderly"]) == counted


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        ({}, 6_220_000),
        ({"dependents_0_15_count": 2}, 6_980_000),
        ({"dependents_0_15_count": 5}, 8_120_000),
        ({"dependents_0_15_count": 7}, 8_120_000 + 2 * 380_000),
        ({"elderly_dependents_count": 2}, 6_980_000 + 2 * 60_000),
    ],
)
def test_the_limit_follows_the_number_of_dependants_and_is_only_broken_above_it(facts: Row, limit: int) -> None:
    """施行令1条: income equal to the limit is not over it."""
    equal, above = (
        _means([tax(income=limit + FLAT + more, **facts)], [])[0]  # type: ignore[arg-type]
        for more in (0, 1)
    )
    assert (equal["income_yen"], equal["limit_yen"], equal["over_limit"]) == (limit, limit, "0")
    assert (above["income_yen"], above["limit_yen"], above["over_limit"]) == (limit + 1, limit, "1")


def test_the_limit_is_that_of_the_table_and_only_beyond_its_last_row_so_much_more_for_each() -> None:
    limits = Limits(by_dependants=(100, 150, 500), more_yen=1_000, elderly_yen=7)
    people = pl.DataFrame({"dependants": [0, 1, 2, 3, 5, 2], "elderly": [0, 0, 0, 0, 0, 2]})
    found = people.select(limits.yen(pl.col("dependants"), pl.col("elderly"))).to_series().to_list()
    assert found == [100, 150, 500, 1_500, 3_500, 514]


def test_only_the_year_that_looks_at_income_has_a_limit() -> None:
    said = {
        row["year_from_date"]: (row["tax_year"], row["income_yen"], row["limit_yen"], row["over_limit"])
        for row in _means([tax(year=year, income=9_080_000) for year in (2012, 2013, 2014, 2023, 2024)], [])
    }
    assert said == {
        OCTOBER_2013: (2013, 9_000_000, 6_220_000, "1"),
        OCTOBER_2014: (2014, 9_000_000, None, None),
        date(2023, 10, 1): (2023, 9_000_000, None, None),
    }


@pytest.mark.parametrize(
    ("said", "in_arrears", "line"),
    [
        ({}, "0", 1),
        ({"i157": "2"}, "0", 1),
        ({"i153": "9"}, None, 3),
        ({"i153": "9", "i155": "1"}, "1", 5),
        ({"i152": "1", "i156": "1"}, "1", 2),
        ({"i151": "", "i155": "1"}, "1", 4),
        ({"i151": ""}, None, 1),
    ],
)
def test_one_item_in_arrears_is_enough_and_an_item_not_asked_is_unknown(
    said: dict[str, str], in_arrears: str | None, line: int
) -> None:
    """完納要件: 9 or no answer is not a clean record; 除外事由 (2) is."""
    (row,) = _means([], owing(MOTHER, 2013, "0", **said))
    assert (row["year_from_date"], row["in_arrears"]) == (OCTOBER_2013, in_arrears)
    assert (row["arrears_delivery"], row["arrears_line_no"]) == ("arrears_1", line)


def test_only_the_items_the_law_names_are_looked_at() -> None:
    """完納要件: an item the law does not name neither owes nor makes an answer complete."""
    law = amended(LAW, "restriction.arrears_items", (date(2009, 4, 1), ["151", "152"]))
    for said, in_arrears in (({"i155": "1"}, "0"), ({"i155": "9"}, "0"), ({"i152": ""}, None), ({"i152": "1"}, "1")):
        (row,) = means(taxes(), arrears(*owing(MOTHER, 2013, "0", **said)), NOBODY, law).to_dicts()
        assert row["in_arrears"] == in_arrears


def test_arrears_by_another_day_than_31_march_do_not_count() -> None:
    """B5: due in May 2013 is after the day by which the October of 2013 looks."""
    rows = [row | {"base_date": date(2013, 5, 31)} for row in owing(MOTHER, 2013, "1")]
    assert _means([], rows) == []


def test_the_highest_revision_stands_whatever_came_last() -> None:
    late, early = date(2014, 3, 1), date(2013, 6, 1)
    rows = [
        tax(income=9_080_000, revision_no=2, known_date=early),
        tax(income=1_080_000, revision_no=1, known_date=late, delivery="resident_taxes_2"),
    ]
    assert [row["income_yen"] for row in _means(rows, [])] == [9_000_000]


def test_the_last_learned_of_two_answers_stands() -> None:
    again = [row | {"delivery": "arrears_2", "known_date": date(2024, 5, 1)} for row in owing(MOTHER, 2013, "0")]
    assert [row["in_arrears"] for row in _means([], owing(MOTHER, 2013, "1") + again)] == ["0"]
    assert [row["in_arrears"] for row in _means([], again + owing(MOTHER, 2013, "1"))] == ["0"]


def test_who_has_two_numbers_is_one_person_and_either_number_can_be_in_arrears() -> None:
    """名寄せ: the other number's clean record does not hide the arrears, whichever came last."""
    first = owing(MOTHER, 2013, "0", i151="")
    for day in (date(2013, 5, 1), date(2024, 5, 1)):
        other = [row | {"known_date": day} for row in owing(ALIAS, 2013, "0", i154="1")]
        (row,) = _means([tax(ALIAS)], first + other, aliases(**{f"n{ALIAS}": MOTHER}))
        assert (row["resident_code"], row["in_arrears"], row["income_yen"]) == (MOTHER, "1", 2_920_000)


def test_a_year_that_looks_at_income_from_the_middle_on_is_judged_by_the_limits_of_that_day(tmp_path: Path) -> None:
    def from_april(book: dict[str, Any]) -> None:
        first = book["restriction.mode"]["versions"][1]
        book["restriction.mode"]["versions"].insert(2, first | {"from": "2014-04"})
        book["restriction.mode"]["versions"][1] = first | {"value": "arrears"}

    law = law_edited(tmp_path, from_april)
    (row,) = means(taxes(tax(income=9_080_000)), arrears(), NOBODY, law).to_dicts()
    assert (row["year_from_date"], row["limit_yen"], row["over_limit"]) == (OCTOBER_2013, 6_220_000, "1")


def test_means_of_a_reading_without_limits_raise(tmp_path: Path) -> None:
    """平成26年10月の緩和を限度額の引上げと読むなら、その表がなければ決められない。"""
    law = law_read_as(tmp_path, "income_or_arrears", with_limits=False)
    with pytest.raises(LawGap, match=r"restriction\.income"):
        means(taxes(tax(year=2014)), arrears(), NOBODY, law)


def test_nobody_known_gives_no_rows() -> None:
    assert _means([], []) == []
    assert incomes(taxes(), NOBODY, LAW).is_empty()


def test_tax_years_before_the_first_judged_year_are_left_out() -> None:
    found = incomes(taxes(tax(year=2008), tax(year=2009), tax(FATHER, year=2026)), NOBODY, LAW)
    assert found.select("resident_code", "tax_year").rows() == [(MOTHER, 2009), (FATHER, 2026)]


_AMOUNTS = [name for name in TAXES.names if name.endswith("_yen")]
_COUNTS = [name for name in TAXES.names if name.endswith("_count")]


def _plain_income(row: Row) -> int | None:
    """施行令2条・3条, one person and year at a time, written out."""
    if row["filing"] == "0":
        return None
    yen = {name: int(str(row.get(name) or 0)) for name in (*_AMOUNTS, *_COUNTS)}
    income = (
        yen["forestry_income_yen"] + yen["commodity_futures_income_1_yen"] + yen["commodity_futures_income_2_yen"]
    ) + (yen["total_income_yen"] + yen["retirement_income_yen"] + yen["land_business_income_yen"])
    income += yen["capital_gain_before_deduction_1_yen"] + yen["capital_gain_before_deduction_2_yen"]
    income -= yen["casualty_loss_deduction_yen"] + yen["medical_expense_deduction_yen"]
    income -= yen["small_business_mutual_deduction_yen"] + 80_000
    income -= 270_000 if row.get("self_ordinary_disability") == "1" else 0
    income -= 400_000 if row.get("self_special_disability") == "1" else 0
    income -= 270_000 if row.get("working_student") == "1" else 0
    income -= {"1": 270_000, "2": 350_000, "3": 270_000, "4": 350_000}.get(str(row.get("widow_class")), 0)
    income -= 270_000 * yen["dependent_ordinary_disability_count"]
    income -= 400_000 * yen["dependent_special_disability_count"]
    return max(income, 0)


def _plain_limit(row: Row) -> int | None:
    if row["filing"] == "0":
        return None
    counts = {name: int(str(row.get(name) or 0)) for name in _COUNTS}
    dependants = counts["dependents_0_15_count"] + counts["other_dependents_count"]
    dependants += counts["specified_dependents_count"] + counts["elderly_dependents_count"]
    dependants += 1 if row.get("spouse_deduction_class") in ("1", "2") else 0
    elderly = counts["elderly_dependents_count"] + (1 if row.get("spouse_deduction_class") == "2" else 0)
    return 6_220_000 + 380_000 * dependants + 60_000 * elderly


@st.composite
def _filings(draw: st.DrawFn) -> Row:
    facts: Row = {name: draw(st.none() | st.integers(0, 3_000_000)) for name in _AMOUNTS}
    facts |= {name: draw(st.none() | st.integers(0, 4)) for name in _COUNTS}
    facts |= {name: draw(st.sampled_from(["0", "1"])) for name in ("self_special_disability", "working_student")}
    facts |= {"widow_class": draw(st.sampled_from("01234")), "spouse_deduction_class": draw(st.sampled_from("0123"))}
    facts["total_income_yen"] = draw(st.none() | st.integers(5_000_000, 12_000_000))
    return tax(MOTHER, 2013, 0) | facts | {"filing": draw(st.sampled_from("0111"))}


@draws(60)
@given(st.lists(_filings(), min_size=1, max_size=5))
def test_income_and_limit_agree_with_a_plain_reading_of_the_articles(filings: list[Row]) -> None:
    rows = [row | {"resident_code": f"{at:015d}"} for at, row in enumerate(filings)]
    found = _means(rows, [])
    assert [(row["income_yen"], row["limit_yen"]) for row in found] == [
        (_plain_income(row), _plain_limit(row)) for row in rows
    ]
    assert [row["over_limit"] for row in found] == [
        None if (income := _plain_income(row)) is None else str(int(income > (_plain_limit(row) or 0))) for row in rows
    ]


def test_of_two_numbers_of_one_person_with_equal_revisions_the_higher_one_stands_in_whatever_order_they_came() -> None:
    same = pl.DataFrame([{"resident_code": FATHER, "person_code": MOTHER}], schema=IDENTITIES.schema)
    early, late = date(2014, 6, 1), date(2014, 7, 1)
    told = []
    for first, second in ((early, late), (late, early)):
        rows = taxes(tax(income=2_000_000, known_date=first), tax(FATHER, income=3_000_000, known_date=second))
        told.append(incomes(rows, same, LAW).select("resident_code", "income_yen").rows())
    assert told == [[(MOTHER, 2_920_000)]] * 2
