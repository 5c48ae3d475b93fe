"""Rules and second engine over drawn decisions: not one yen of the prefecture's differs."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.second_engine.differences import differences
from assets.second_engine.subsidy import RESULT
from assets.second_engine.subsidy import subsidies as second
from assets.subsidy.rules import standing, subsidies
from schemas.law.book import Law
from schemas.records.register import IDENTITIES, PERSONS
from schemas.records.subsidy import SUBSIDIES
from tests.support.cases import CHILD, FATHER, INSTITUTION, LAW, MOTHER, frame
from tests.support.draws import draws
from tests.support.subsidies import DECIDED, Rows, claimed, law_reading, paid, tables, taxed

OTHER_CHILD, OTHER_NUMBER, MOTHERS_NUMBER = "000000000000009", "000000000000010", "000000000000011"
YEARS_AND_MONTHS = [(2016, 6), (2017, 3), (2017, 4), (2024, 3), (2024, 4), (2024, 10), (2026, 5), (2026, 6)]
MONTHS = [date(year, month, 1) for year, month in YEARS_AND_MONTHS]
BIRTHS = [date(2010, 4, 1), date(2010, 4, 2), date(2014, 4, 1), date(2016, 2, 29), date(2021, 5, 5), date(2008, 2, 29)]
AMOUNTS = st.sampled_from([0, 1, 999, 1_000, 1_001, 1_200, 3_599, 4_200, 30_001]) | st.integers(0, 60_000)
INCOMES = st.sampled_from([None, 0, 6_979_999, 6_980_000, 6_980_001, 9_000_000])
CHILDREN = st.sampled_from([CHILD, OTHER_CHILD, OTHER_NUMBER])
CODES = st.sampled_from([None, INSTITUTION, "1140000002"])


@st.composite
def decisions(draw: Any) -> Rows:
    """Lines of two children, decided up to three times, some of them signed rows about another."""
    rows: Rows = []
    for number in range(1, draw(st.integers(2, 7))):
        make = draw(st.sampled_from([paid, claimed]))
        said = {
            "care": draw(st.sampled_from("12345678")), "service_month": draw(st.sampled_from(MONTHS)),
            "institution_code": draw(CODES), "child_resident_code": draw(CHILDREN),
            "guardian_resident_code": draw(st.sampled_from([MOTHER, MOTHER, MOTHERS_NUMBER, FATHER, None])),
        }  # fmt: skip
        line = make(number, draw(AMOUNTS), draw(st.integers(1, 31)), **said)
        rows.append(line)
        for again in range(draw(st.integers(0, 2))):
            month = {"decided_month": date(2026, 9 + again, 1), "decision_no": f"{line['decision_no']}-{again}"}
            rows.append(line | month | {"amount_yen": draw(AMOUNTS)})
        if make is paid and draw(st.booleans()):
            change, days = draw(st.sampled_from("123")), line["_days"]
            least = -int(rows[-1]["amount_yen"])  # type: ignore[call-overload]
            amount = least if change != "3" else draw(st.integers(least, 500))
            rows.append(paid(number + 50, amount, days, change, **said) | {"decided_month": date(2026, 11, 1)})  # type: ignore[arg-type]
    return rows


@st.composite
def tax_rows(draw: Any) -> Rows:
    """Rows of both guardians, revised, under other numbers, with deductions; some years without."""
    rows: Rows = []
    for line, code in enumerate([MOTHER, MOTHERS_NUMBER, FATHER] * 2):
        for year in (2015, 2016, 2017, 2023, 2024, 2025, 2026):
            if draw(st.integers(0, 4)) > 0:
                more = {
                    "medical_expense_deduction_yen": draw(st.sampled_from([None, 1])),
                    "widow_class": draw(st.sampled_from("01")),
                }
                row = taxed(draw(INCOMES), draw(st.sampled_from([None, "1", "2"])), year, resident_code=code, **more)
                rows.append(row | {"revision_no": draw(st.integers(1, 2)), "delivery": f"taxes_{line}"})
    return [row | {"line_no": at} for at, row in enumerate(rows, 1)]


READINGS = {
    "subsidy.rounding": "down_per_child_month",
    "subsidy.copay_outpatient_care": ["2"],
    "subsidy.untaxed_exempt": False,
    "subsidy.rate": {"numerator": 2, "denominator": 3},
}


@pytest.fixture(scope="module", params=["as it stands", *READINGS])
def law(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Law:
    """The book as it stands and in every other reading."""
    if request.param not in READINGS:
        return LAW
    return law_reading(tmp_path_factory.mktemp("law"), request.param, READINGS[request.param])


@draws(8, shrink=False)
@given(decisions(), tax_rows(), st.lists(st.sampled_from(BIRTHS), min_size=2, max_size=2))
def test_rules_and_second_engine_split_every_benefit_alike(
    law: Law, drawn: Rows, taxes: Rows, births: list[date]
) -> None:
    same = [(OTHER_NUMBER, OTHER_CHILD), (MOTHERS_NUMBER, MOTHER)]
    known = tables(drawn, taxes) | {
        "identities": frame(IDENTITIES, [{"resident_code": code, "person_code": person} for code, person in same])
    }
    kids = [
        {"resident_code": code, "birth_date": birth} for code, birth in zip([CHILD, OTHER_CHILD], births, strict=True)
    ]
    known["persons"] = frame(PERSONS, kids)
    ours = standing(subsidies(**known, before=SUBSIDIES.empty(), law=law, month=DECIDED))
    theirs = second(**known, law=law)
    found = differences(ours, theirs, ["decision_no"], RESULT[1:])
    assert found.is_empty(), found.rows()
    assert ours.height == theirs.height


def test_the_second_engine_knows_the_examples_of_the_law() -> None:
    """F1 and F4 from the SQL alone."""
    known = tables([paid(1, 4_200), paid(2, 30_000, 3, care="1")], [taxed()])
    said = second(**known, law=LAW).select("subsidised_yen", "prefecture_yen", "city_yen", "funding_class").rows()
    assert said == [(3_200, 1_600, 2_600, "3"), (26_400, 13_200, 16_800, "3")]
