"""支給制限 of 小・中学生: the law of 2013 and the three readings of October 2014, case by case."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.eligibility.judged_years import judged_years
from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from schemas.law.book import Law, LawError, LawGap
from schemas.records.register import IDENTITIES
from tests.assets.eligibility.parents import (
    BIRTH,
    CHILD,
    FATHER,
    LAW,
    MOTHER,
    OCTOBER_2013,
    OCTOBER_2014,
    Row,
    arrears,
    children,
    guardians,
    law_edited,
    law_read_as,
    on_day,
    owing,
    raised,
    restricted,
    tax,
    taxes,
)
from tests.assets.second_engine.drawn_city import amended

NOBODY = IDENTITIES.empty()
RICH, POOR = 9_080_000, 1_080_000
WINTER_2013, WINTER_2014 = date(2013, 12, 1), date(2014, 12, 1)
ALONE = raised()
BOTH_PARENTS = raised(spouse=FATHER)


def _in_2013(taxed: list[Row], owed: list[Row], family: Row = ALONE) -> set[str]:
    return on_day(restricted([family], taxed, owed), WINTER_2013)


def _clean(*parents: str, year: int = 2013) -> list[Row]:
    return [row for parent in parents for row in owing(parent, year)]


def test_a_pupil_is_stopped_from_october_to_september_and_named_by_the_row() -> None:
    """B4: the arrears of 31 March 2013 stop October 2013 to September 2014."""
    owed = owing(MOTHER, 2013, i152="1") + _clean(MOTHER, year=2014) + _clean(MOTHER, year=2015)
    found = restricted([ALONE], [tax(income=POOR)], owed).filter(pl.col("start_date") < date(2015, 10, 1))
    assert found.drop("child_resident_code").rows() == [
        (OCTOBER_2013, OCTOBER_2014, "10", "arrears", "arrears_1", 2),
    ]


def test_arrears_due_after_31_march_leave_the_pupil_entitled() -> None:
    """B5: 納期限 2013-05-31 is not in arrears by 2013-03-31."""
    assert _in_2013([tax(income=POOR)], _clean(MOTHER)) == set()


def test_nothing_is_restricted_before_2013_10_or_from_2024_10() -> None:
    """B7: the 支給制限 begins on 2013-10-01 and is gone on 2024-10-01."""
    owed = [row for year in range(2009, 2027) for row in owing(MOTHER, year, "1")]
    births = children(**{f"n{CHILD}": date(2009, 6, 15)})
    found = restricted([ALONE], [tax(year=year) for year in range(2009, 2027)], owed, births=births)
    assert (found["start_date"].min(), found["end_date"].max()) == (date(2016, 4, 1), date(2024, 10, 1))
    older = restricted([ALONE], [tax()], owed)
    assert older["start_date"].min() == OCTOBER_2013


@pytest.mark.parametrize(
    ("birth", "first"),
    [
        (date(2007, 4, 1), OCTOBER_2013),
        (date(2007, 4, 2), date(2014, 4, 1)),
        (date(2009, 6, 15), date(2016, 4, 1)),
        (date(2018, 4, 1), date(2024, 4, 1)),
    ],
)
def test_a_child_is_first_restricted_on_the_day_it_enters_school(birth: date, first: date) -> None:
    """B11: 就学前 is never restricted."""
    owed = [row for year in range(2013, 2024) for row in owing(MOTHER, year, "1")]
    found = restricted([ALONE], [tax(income=POOR)], owed, births=children(**{f"n{CHILD}": birth}))
    assert found["start_date"].min() == first


def test_the_age_past_which_a_child_is_restricted_is_that_of_the_day() -> None:
    law = amended(LAW, "restriction.after_years", (date(2009, 4, 1), 6), (date(2020, 10, 1), 12))
    owed = [row for year in range(2013, 2024) for row in owing(MOTHER, year, "1")]
    found = restricted([ALONE], [tax()], owed, law, births=children(**{f"n{CHILD}": date(2012, 6, 15)}))
    assert (found["start_date"].min(), found["end_date"].max()) == (date(2019, 4, 1), date(2020, 10, 1))


def test_children_who_enter_school_when_the_restrictions_are_gone_have_none() -> None:
    births = children(**{f"n{CHILD}": date(2018, 4, 2)})
    assert restricted([ALONE], [], owing(MOTHER, 2023, "1"), births=births).is_empty()


def test_income_over_the_limit_stops_and_names_the_tax_row() -> None:
    """B9."""
    found = restricted([ALONE], [tax(income=POOR, year=2012), tax(income=RICH)], _clean(MOTHER))
    (row,) = found.filter(pl.col("start_date") == OCTOBER_2013).to_dicts()
    assert (row["reason"], row["feed"], row["line_no"]) == ("09", "resident_taxes", 2)


def test_income_equal_to_the_limit_does_not_stop() -> None:
    assert _in_2013([tax(income=6_300_000)], _clean(MOTHER)) == set()
    assert _in_2013([tax(income=6_300_001)], _clean(MOTHER)) == {"09"}


def test_income_and_arrears_both_stand_where_both_are_broken() -> None:
    assert _in_2013([tax(income=RICH)], owing(said="1")) == {"09", "10"}


@pytest.mark.parametrize(
    ("taxed", "owed", "reasons"),
    [
        ([tax(income=None)], owing(), {"15"}),
        ([], owing(), {"15"}),
        ([tax(income=POOR)], [], {"15"}),
        ([tax(income=POOR)], owing(said="9"), {"15"}),
        ([tax(income=POOR)], owing(i158=""), {"15"}),
        ([tax(income=POOR)], owing(said="2"), set()),
        ([tax(income=RICH)], [], {"09"}),
        ([tax(income=None)], owing(i151="1"), {"10"}),
        ([], [], {"15"}),
    ],
)
def test_what_is_not_known_waits_unless_something_known_stops(
    taxed: list[Row], owed: list[Row], reasons: set[str]
) -> None:
    """未申告 and 未照会 are neither 0 nor a clean record; 除外事由 (2) is one."""
    assert _in_2013(taxed, owed) == reasons


def test_a_wait_names_the_row_that_leaves_it_open_or_none() -> None:
    named = {
        "arrears": restricted([ALONE], [tax(income=POOR)], owing(i154="9")),
        "resident_taxes": restricted([ALONE], [tax(income=None)], owing()),
        None: restricted([ALONE], [], owing()),
    }
    for feed, found in named.items():
        (row,) = found.filter(pl.col("start_date") == OCTOBER_2013).to_dicts()
        line = {"arrears": 4, "resident_taxes": 1, None: None}[feed]
        assert (row["reason"], row["feed"], row["line_no"]) == ("15", feed, line)


@pytest.mark.parametrize("unknown", [1, 2])
def test_a_wait_names_the_parent_whose_income_or_arrears_are_unknown(unknown: int) -> None:
    """The row of the parent of whom everything is known would explain nothing."""
    known_of, open_of = (FATHER, MOTHER) if unknown == 1 else (MOTHER, FATHER)
    unfiled = [tax(code, income=None if code == open_of else POOR) for code in (MOTHER, FATHER)]
    filed = [tax(code, income=POOR) for code in (MOTHER, FATHER)]
    unasked = [row for code in (MOTHER, FATHER) for row in owing(code, said="9" if code == open_of else "0")]
    for taxed, owed, said in (
        (unfiled, _clean(MOTHER, FATHER), ("15", "resident_taxes", unknown)),
        (filed, unasked, ("15", "arrears", 1 if unknown == 1 else 9)),
        (unfiled, owing(known_of) + owing(open_of, said="9"), ("15", "arrears", 9)),
    ):
        found = restricted([BOTH_PARENTS], taxed, owed).filter(pl.col("start_date") == OCTOBER_2013)
        assert found.select("reason", "feed", "line_no").rows() == [said]


def test_a_wait_in_a_year_that_does_not_look_at_income_never_names_a_tax_row() -> None:
    found = restricted([ALONE], [tax(year=2014, income=None)], [])
    (row,) = found.to_dicts()
    assert (row["start_date"], row["end_date"]) == (OCTOBER_2013, date(2022, 4, 1)), "to the end of every age"
    assert (row["reason"], row["feed"], row["delivery"], row["line_no"]) == ("15", None, None, None)


def test_either_parent_in_arrears_stops_and_is_the_one_named() -> None:
    """対象は保護者とその配偶者."""
    owed = owing(MOTHER) + owing(FATHER, said="1") + _clean(MOTHER, FATHER, year=2014)
    found = restricted([BOTH_PARENTS], [tax(MOTHER, income=POOR), tax(FATHER, income=POOR)], owed)
    assert on_day(found, WINTER_2013) == {"10"}
    assert found.filter(pl.col("reason") == "10")["line_no"].to_list() == [9]


def test_the_parent_over_the_own_limit_is_the_one_named(readings: dict[str, Law]) -> None:
    rows = [tax(MOTHER, income=POOR), tax(FATHER, income=RICH)]
    for persons in ("higher", "each"):
        found = restricted([BOTH_PARENTS], rows, _clean(MOTHER, FATHER), readings[f"arrears/{persons}"])
        assert found.filter(pl.col("reason") == "09").select("feed", "line_no").rows() == [("resident_taxes", 2)]


def test_a_spouse_found_only_in_the_residents_register_counts_as_one_declared() -> None:
    """INC-14: one parent's income is not the household's."""
    found_in_register = BOTH_PARENTS | {"spouse_declared": "0"}
    two = [tax(MOTHER, income=POOR), tax(FATHER, income=RICH)]
    assert _in_2013(two, _clean(MOTHER, FATHER), found_in_register) == {"09"}
    assert _in_2013(two, _clean(MOTHER, FATHER), ALONE) == set()
    assert _in_2013([tax(MOTHER, income=POOR)], _clean(MOTHER), found_in_register) == {"15"}


def test_the_parent_who_earns_more_decides_even_with_the_higher_limit(readings: dict[str, Law]) -> None:
    """higher: 所得の高い人 by its own dependants; each: any parent over the own limit; a tie is the guardian's."""
    many: Row = {"dependents_0_15_count": 5}
    father, mother = tax(FATHER, income=8_100_000, **many), tax(MOTHER, income=6_400_000)
    clean = _clean(MOTHER, FATHER)
    for persons, reasons in (("higher", set()), ("each", {"09"})):
        law = readings[f"arrears/{persons}"]
        assert on_day(restricted([BOTH_PARENTS], [father, mother], clean, law), WINTER_2013) == reasons
    equal = [tax(FATHER, income=6_400_000, **many), mother]
    assert _in_2013(equal, clean, BOTH_PARENTS) == {"09"}
    assert _in_2013(equal, clean, raised(guardian=FATHER, spouse=MOTHER)) == set()


def test_an_unknown_income_of_one_parent_leaves_open_who_earns_more(readings: dict[str, Law]) -> None:
    rows = [tax(MOTHER, income=RICH), tax(FATHER, income=None)]
    for persons, reasons in (("higher", {"15"}), ("each", {"09"})):
        law = readings[f"arrears/{persons}"]
        assert on_day(restricted([BOTH_PARENTS], rows, _clean(MOTHER, FATHER), law), WINTER_2013) == reasons


@pytest.mark.parametrize(
    ("reading", "income", "flag", "reasons"),
    [
        ("arrears", RICH, "0", set()),
        ("arrears", None, "0", set()),
        ("arrears", POOR, "1", {"10"}),
        ("arrears", POOR, "9", {"15"}),
        ("income_or_arrears", RICH, "0", {"09"}),
        ("income_or_arrears", RICH, "1", {"09", "10"}),
        ("income_or_arrears", None, "0", {"15"}),
        ("income_or_arrears", None, "1", {"10"}),
        ("income_and_arrears", RICH, "0", set()),
        ("income_and_arrears", POOR, "1", set()),
        ("income_and_arrears", RICH, "1", {"10"}),
        ("income_and_arrears", RICH, "9", {"15"}),
        ("income_and_arrears", POOR, "9", set()),
        ("income_and_arrears", None, "1", {"15"}),
        ("income_and_arrears", None, "0", set()),
    ],
)
def test_the_three_readings_of_october_2014(
    readings: dict[str, Law], reading: str, income: int | None, flag: str, reasons: set[str]
) -> None:
    """B10 and domain h1, h2, h3: 緩和 as 滞納 alone, as higher limits, or as both together."""
    found = restricted(
        [ALONE], [tax(year=2014, income=income)], owing(year=2014, said=flag), readings[f"{reading}/higher"]
    )
    assert on_day(found, WINTER_2014) == reasons


def test_a_reading_that_looks_at_income_without_limits_raises(tmp_path_factory: pytest.TempPathFactory) -> None:
    law = law_read_as(tmp_path_factory.mktemp("law"), "income_and_arrears", with_limits=False)
    nothing = means(taxes(), arrears(), NOBODY, law)
    with pytest.raises(LawGap):
        restrictions(guardians(ALONE), children(**{f"n{CHILD}": BIRTH}), nothing, law)


def test_limits_that_end_before_the_year_they_are_asked_for_raise(tmp_path_factory: pytest.TempPathFactory) -> None:
    def until_april(book: dict[str, Any]) -> None:
        book["restriction.income_limits"]["versions"][0]["until"] = "2014-04"

    law = law_edited(tmp_path_factory.mktemp("law"), until_april)
    with pytest.raises(LawGap):
        restricted([ALONE], [], [], law)


def test_another_judged_year_is_a_change_of_the_law_and_not_of_the_rules(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """年度を8月から、滞納を5月31日で、所得を前の課税年度で見ると読んだとき。"""

    def from_august(book: dict[str, Any]) -> None:
        said = {"begins_month": 8, "arrears_month": 5, "arrears_day": 31, "tax_year_offset": -1}
        book["restriction.year"]["versions"][0]["value"] = said

    law = law_edited(tmp_path_factory.mktemp("law"), from_august)
    owed = [row | {"base_date": date(year, 5, 31)} for year in (2013, 2014) for row in owing(year=year)]
    found = restricted([ALONE], [tax(year=2012, income=RICH), tax(year=2013, income=POOR)], owed, law)
    assert found.filter(pl.col("reason") == "09").select("start_date", "end_date", "line_no").rows() == [
        (OCTOBER_2013, date(2014, 8, 1), 1)
    ]
    assert found["start_date"].sort().to_list() == [OCTOBER_2013, date(2015, 8, 1)]


def test_a_judged_year_ends_early_where_the_law_begins_the_next_one_sooner() -> None:
    """判定の年度が平成26年8月から始まるよう改められたとき: each year is judged once, by its own tax year."""
    by_march = {"arrears_month": 3, "arrears_day": 31, "tax_year_offset": 0}
    said = ((date(2009, 4, 1), by_march | {"begins_month": 10}), (date(2014, 8, 1), by_march | {"begins_month": 8}))
    law = amended(LAW, "restriction.year", *said)
    years = judged_years(law, date(2015, 9, 1))
    assert [(year.first, year.end, year.tax_year) for year in years[-3:]] == [
        (OCTOBER_2013, date(2014, 8, 1), 2013),
        (date(2014, 8, 1), date(2015, 8, 1), 2014),
        (date(2015, 8, 1), date(2016, 8, 1), 2015),
    ]
    owed = owing(said="1") + _clean(MOTHER, year=2014)
    found = restricted([ALONE], [tax(income=POOR), tax(year=2014, income=POOR)], owed, law)
    assert found.filter(pl.col("reason") == "10").select("start_date", "end_date").rows() == [
        (OCTOBER_2013, date(2014, 8, 1))
    ]


def test_restricted_days_that_no_judged_year_covers_raise(tmp_path_factory: pytest.TempPathFactory) -> None:
    def from_the_start(book: dict[str, Any]) -> None:
        book["restriction.mode"]["versions"][0]["value"] = "arrears"

    law = law_edited(tmp_path_factory.mktemp("law"), from_the_start)
    with pytest.raises(LawGap, match="判定の年度"):
        restricted([ALONE], [], [], law)


@pytest.mark.parametrize(
    ("name", "value"),
    [("mode", "sometimes"), ("income_persons", "nobody"), ("income_limits", [{"dependants": 1, "limit_yen": 1}])],
)
def test_a_value_the_rules_do_not_know_raises(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: object
) -> None:
    def unknown(book: dict[str, Any]) -> None:
        book[f"restriction.{name}"]["versions"][-1 if name != "mode" else 1]["value"] = value

    law = law_edited(tmp_path_factory.mktemp("law"), unknown)
    with pytest.raises(LawError):
        restricted([ALONE], [tax()], [], law)


def test_years_that_say_the_same_of_one_row_are_one_period_and_others_are_not() -> None:
    """A guardian change inside a year cuts; a renewal with the same parents does not."""
    renewed = [raised(end=date(2014, 2, 1)), raised(start=date(2014, 2, 1))]
    owed = owing(said="1") + _clean(MOTHER, FATHER, year=2014)
    assert restricted(renewed, [tax(income=POOR)], owed).rows()[0][1:4] == (OCTOBER_2013, OCTOBER_2014, "10")
    changed = [raised(end=date(2014, 2, 1)), raised(guardian=FATHER, start=date(2014, 2, 1))]
    found = restricted(changed, [tax(income=POOR), tax(FATHER, income=POOR)], owed + _clean(FATHER))
    assert found.filter(pl.col("reason") == "10").select("start_date", "end_date").rows() == [
        (OCTOBER_2013, date(2014, 2, 1))
    ]


def test_who_is_no_longer_the_guardian_when_the_restrictions_begin_leaves_no_trace() -> None:
    changed = [raised(end=OCTOBER_2013), raised(guardian=FATHER, start=OCTOBER_2013)]
    found = restricted(changed, [tax(FATHER, income=POOR)], owing(said="1") + _clean(FATHER))
    assert found.filter(pl.col("reason") == "10").is_empty()


def test_nobody_gives_no_restrictions() -> None:
    assert restricted([], [], [], births=children()).is_empty()
    assert restricted([], [], []).is_empty()
