"""Pupils whose parents earned too much or owed the city, from October 2013 to September 2024, day by day.

One child in the fifth year of school, its guardian and, where named, the guardian's spouse; nothing else is wrong.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from assets.second_engine.eligibility import eligibility
from schemas.law.book import Law, LawGap
from tests.assets.second_engine.drawn_city import amended, read_otherwise
from tests.assets.second_engine.small_city import CHILD, GUARDIAN, TABLES, register, table

Rows = list[dict[str, Any]]
SPOUSE, OTHER_NUMBER = "000000000000003", "000000000000004"
ITEMS = [str(item) for item in range(151, 159)]
BORN, BEGUN, EASED = date(2002, 6, 1), date(2013, 10, 1), date(2014, 10, 1)
LEARNED = {"delivery": "見本", "line_no": 1, "known_date": date(2026, 10, 1)}
LIMIT_WITH_TWO = 6_980_000
FLAT = 80_000


def arrears(year: int, person: str = GUARDIAN, **said: str) -> Rows:
    """Every item of the year's base date: "0", or what is said of it (i152="1")."""
    base = {"resident_code": person, "base_date": date(year, 3, 31), **LEARNED}
    return [base | {"arrears_item": item, "arrears": said.get(f"i{item}", "0")} for item in ITEMS]


def tax(income_yen: int, person: str = GUARDIAN, year: int = 2013, **more: Any) -> dict[str, Any]:
    """A filed tax row whose income after deductions is income_yen, with two dependants."""
    row = {"resident_code": person, "tax_year": year, "revision_no": 1, "filing": "1", **LEARNED}
    return row | {"total_income_yen": income_yen + FLAT, "dependents_0_15_count": 2} | more


def decided(
    law: Law, taxes: Rows, owed: Rows, spouse: str | None = None, born: date = BORN, **more: Rows
) -> Callable[[date], str]:
    """The reason of a day, of a child registered on every day that matters."""
    known = register(born)
    starts = [date(2009, 4, 1), *(date(year, 10, 1) for year in range(2011, 2024)), date(born.year + 7, 4, 1)]
    entries = [
        {
            "child_resident_code": CHILD,
            "guardian_resident_code": GUARDIAN,
            "registered_from_date": day,
            "begun_date": day,
        }
        for day in sorted(set(starts))
    ]
    pair = {"guardian_resident_code": GUARDIAN, "spouse_resident_code": spouse, "start_date": date(2009, 4, 1)}
    rows = {
        "registrations": entries,
        "guardians": [pair | {"child_resident_code": CHILD}],
        "resident_taxes_known": taxes,
        "arrears_known": owed,
    } | more
    frames = vars(known) | {name: table(TABLES[name], *given) for name, given in rows.items()}
    found = eligibility(**frames, law=law).select("start_date", "end_date", "reason").rows()
    return lambda day: next(reason for start, end, reason in found if start <= day < end)


CLEAN = [row for year in range(2013, 2018) for row in arrears(year)]


@pytest.mark.parametrize(
    ("case", "owed", "reason"),
    [
        ("B4 one tax of a year before owed on 31 March", arrears(2013, i152="1"), "10"),
        ("B5 nothing owed on 31 March, something later", arrears(2013), "00"),
        ("owed, but excused", arrears(2013, i152="2"), "00"),
        ("one item not asked about", arrears(2013, i157="9"), "15"),
        ("one item without an answer", arrears(2013)[:-1], "15"),
        ("one owed and one not asked about", arrears(2013, i151="9", i158="1"), "10"),
        ("nobody was asked", [], "15"),
        ("asked about another day", arrears(2012), "15"),
    ],
)
def test_what_was_owed_on_31_march_counts_from_october(law: Law, case: str, owed: Rows, reason: str) -> None:
    found = decided(law, [tax(0)], owed + [row for row in CLEAN if row["base_date"].year > 2013])
    assert found(BEGUN) == reason, case
    assert found(EASED) == "00", case


def test_b11_a_child_before_school_is_not_restricted(law: Law) -> None:
    owed = [row for year in range(2013, 2024) for row in arrears(year, i151="1")]
    found = decided(law, [], owed, born=date(2009, 6, 1))
    assert [found(day) for day in (BEGUN, date(2016, 3, 31), date(2016, 4, 1))] == ["00", "00", "10"]


def test_b7_from_october_2024_nobody_is_restricted(law: Law) -> None:
    owed = [row for year in range(2013, 2024) for row in arrears(year, i151="1")]
    found = decided(law, [], owed, born=date(2012, 6, 1))
    days = (date(2019, 3, 31), date(2019, 4, 1), date(2024, 9, 30), date(2024, 10, 1))
    assert [found(day) for day in days] == ["00", "10", "10", "00"]


@pytest.mark.parametrize(
    ("case", "row", "reason"),
    [
        ("at the limit", tax(LIMIT_WITH_TWO), "00"),
        ("B9 a yen above it", tax(LIMIT_WITH_TWO + 1), "09"),
        ("a spouse who counts", tax(LIMIT_WITH_TWO + 380_000, spouse_deduction_class="1"), "00"),
        ("a spouse who does not", tax(LIMIT_WITH_TWO + 1, spouse_deduction_class="3"), "09"),
        ("an old spouse", tax(LIMIT_WITH_TWO + 440_000, spouse_deduction_class="2"), "00"),
        ("an old parent", tax(LIMIT_WITH_TWO + 440_000, elderly_dependents_count=1), "00"),
        ("an old parent and a yen", tax(LIMIT_WITH_TWO + 440_001, elderly_dependents_count=1), "09"),
        ("seven dependants", tax(8_120_000 + 2 * 380_000, specified_dependents_count=5), "00"),
        ("seven dependants and a yen", tax(8_120_001 + 2 * 380_000, specified_dependents_count=5), "09"),
        ("medical costs", tax(LIMIT_WITH_TWO + 1, medical_expense_deduction_yen=1), "00"),
        ("social insurance is in the flat sum", tax(LIMIT_WITH_TWO + 1, social_insurance_deduction_yen=9_999), "09"),
        ("forestry", tax(LIMIT_WITH_TWO, forestry_income_yen=1), "09"),
        ("a widow of class 2", tax(LIMIT_WITH_TWO + 350_000, widow_class="2"), "00"),
        ("a widow of class 1", tax(LIMIT_WITH_TWO + 270_001, widow_class="1"), "09"),
        ("two disabled children", tax(LIMIT_WITH_TWO + 800_000, dependent_special_disability_count=2), "00"),
        ("a loss", tax(0, total_income_yen=-5_000_000), "00"),
        ("not filed", tax(0, filing="0", total_income_yen=None), "15"),
        ("of another year", tax(0, year=2014), "15"),
    ],
)
def test_the_income_of_the_guardian_is_held_against_the_limit_to_the_yen(
    law: Law, case: str, row: dict[str, Any], reason: str
) -> None:
    assert decided(law, [row], CLEAN)(BEGUN) == reason, case


RICH, POOR = LIMIT_WITH_TWO + 1, 1_000_000


@pytest.mark.parametrize(
    ("case", "taxes", "higher", "each"),
    [
        ("the spouse earns more, too much", [tax(POOR), tax(RICH, SPOUSE)], "09", "09"),
        ("both too much", [tax(RICH), tax(RICH, SPOUSE)], "09", "09"),
        ("the one with less is over a lower limit",
         [tax(RICH, dependents_0_15_count=3), tax(RICH - 1, SPOUSE, dependents_0_15_count=0)], "00", "09"),
        ("equal incomes: the guardian's limit", [tax(RICH, dependents_0_15_count=3), tax(RICH, SPOUSE)], "00", "09"),
        ("the spouse is unknown", [tax(POOR)], "15", "15"),
        ("the spouse is unknown, the guardian over", [tax(RICH)], "15", "09"),
    ],
)  # fmt: skip
def test_of_two_parents_the_law_says_whose_income_counts(
    law: Law, case: str, taxes: Rows, higher: str, each: str
) -> None:
    owed = [*CLEAN, *(row for year in range(2013, 2018) for row in arrears(year, SPOUSE))]
    reading = amended(law, "restriction.income_persons", (BEGUN, "each"))
    assert decided(law, taxes, owed, SPOUSE)(BEGUN) == higher, case
    assert decided(reading, taxes, owed, SPOUSE)(BEGUN) == each, case


def test_a_spouse_in_arrears_restricts_as_the_guardian_does(law: Law) -> None:
    owed = [*CLEAN, *(row for year in (2013, 2014, 2016) for row in arrears(year, SPOUSE, i154="1"))]
    found = decided(law, [tax(POOR), tax(POOR, SPOUSE)], owed, SPOUSE)
    assert [found(date(year, 10, 1)) for year in range(2013, 2018)] == ["10", "10", "15", "10", "15"]


@pytest.mark.parametrize(
    ("mode", "poor_debtor", "rich_debtor", "rich", "unknown_debtor", "unknown"),
    [
        ("arrears", "10", "10", "00", "10", "00"),
        ("income_or_arrears", "10", "09", "09", "10", "15"),
        ("income_and_arrears", "00", "10", "00", "15", "00"),
    ],
)
def test_b10_october_2014_can_be_read_in_three_ways(
    law: Law, mode: str, poor_debtor: str, rich_debtor: str, rich: str, unknown_debtor: str, unknown: str
) -> None:
    reading = read_otherwise(law, mode, "higher")
    debtor = [row for year in range(2013, 2018) for row in arrears(year, i153="1")]

    def read(taxes: Rows, owed: Rows) -> str:
        return decided(reading, taxes, owed)(date(2015, 6, 10))

    poor, wealthy = ([tax(yen, year=year) for year in range(2013, 2018)] for yen in (POOR, RICH))
    known = [tax(POOR)]
    assert read(poor, debtor) == poor_debtor
    assert read(wealthy, debtor) == rich_debtor
    assert read(wealthy, CLEAN) == rich
    assert read(known, debtor) == unknown_debtor
    assert read([tax(RICH)], CLEAN) == unknown


def test_a_day_that_looks_at_income_without_a_limit_raises(law: Law) -> None:
    changes = ((date(2009, 4, 1), "none"), (BEGUN, "income_or_arrears"))
    endless = amended(law, "restriction.mode", *changes)
    with pytest.raises(LawGap):
        decided(endless, [tax(POOR)], CLEAN)


def test_rows_under_another_number_of_the_guardian_are_the_guardians(law: Law) -> None:
    same = [{"resident_code": OTHER_NUMBER, "person_code": GUARDIAN, **LEARNED}]
    debt = arrears(2013, OTHER_NUMBER, i151="1")
    assert decided(law, [tax(RICH, OTHER_NUMBER)], CLEAN, identities=same)(BEGUN) == "09"
    assert decided(law, [tax(POOR)], [*CLEAN, *debt], identities=same)(BEGUN) == "10"
    assert decided(law, [tax(POOR)], [*CLEAN, *debt])(BEGUN) == "00"


def test_the_last_revision_stands_and_the_last_learned_row_of_an_item(law: Law) -> None:
    revised = [tax(RICH, revision_no=2), tax(POOR, revision_no=1, known_date=date(2026, 12, 1))]
    assert decided(law, revised, CLEAN)(BEGUN) == "09"
    settled = [row | {"known_date": date(2026, 9, 1), "arrears": "1"} for row in arrears(2013)]
    assert decided(law, [tax(POOR)], [*CLEAN, *settled])(BEGUN) == "00"
