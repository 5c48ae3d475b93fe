"""What happened in other cities where income decides, replayed against our 支給制限 of 2013.

Each naive version stands beside its test: the test shows where it goes wrong, and that ours does not.
"""

from datetime import date

import polars as pl
import pytest

from assets.eligibility.reading import certificate_spans, changes
from assets.eligibility.reviews import guardian_reviews
from assets.register.intervals import last_day_of_age
from assets.second_engine import eligibility as second_engine
from schemas.codes import ARREARS_ITEM
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, Register, application, register, resident

WINTER = date(2013, 12, 1)
SCHOOL = date(2014, 4, 1)
PUPIL = date(2003, 6, 15)
LIMIT_YEN, FLAT_YEN = 6_220_000, 80_000
Rows = list[dict[str, object]]
HOUSEHOLD = {"household_no": "0" * 14 + "7"}


def tax(code: str, income: int | None, **more: object) -> dict[str, object]:
    """A row of resident_taxes of 2013; without income it is 未申告."""
    said = {"filing": "0" if income is None else "1", "total_income_yen": income}
    return {"resident_code": code, "tax_year": 2013, "revision_no": 1} | said | more


def clean(*codes: str, years: tuple[int, ...] = (2013, 2014)) -> Rows:
    """No arrears in any item on 31 March."""
    return [
        {"resident_code": code, "arrears_item": item, "arrears": "0", "base_date": date(year, 3, 31)}
        for code in codes
        for item in ARREARS_ITEM.labels
        for year in years
    ]


def person(code: str, birth: date, role: str, **more: object) -> dict[str, object]:
    """A resident of the one household, with a role in it."""
    start = more.pop("start", birth)
    return resident(code, birth, start, change_date=start, household_role=role, **HOUSEHOLD, **more)  # type: ignore[arg-type]


def family(taxes: Rows, spouse: str | None = FATHER, birth: date = PUPIL, **father: object) -> Register:
    """Father (世帯主), mother (the guardian) and a child registered at birth, for school and every October."""
    filed = [
        application(application_date=day, event_date=day, application_type=kind, spouse_resident_code=spouse)
        for day, kind in [
            (birth, "01"),
            (date(birth.year + 6 + (birth >= date(birth.year, 4, 2)), 4, 1), "01"),
            *((date(year, 10, 1), "02") for year in (2012, 2013, 2014)),
        ]
        if day >= birth
    ]
    residents = [
        person(FATHER, date(1975, 1, 1), "01", **father),
        person(MOTHER, date(1976, 1, 1), "03", sex="2"),
        person(CHILD, birth, "04"),
    ]
    return register(residents=residents, applications=filed, resident_taxes=taxes, arrears=clean(MOTHER, FATHER))


def second_reason(about: Register, day: date) -> str:
    """What the second engine says of a day, from the same register and the same known rows."""
    found, known = about.found, about.known
    said = second_engine.eligibility(
        found.persons,
        found.residences,
        found.schemes,
        found.registration_periods,
        found.guardians,
        known["resident_taxes"],
        known["arrears"],
        found.identities,
        known["overrides"],
        LAW,
    )
    (row,) = said.filter((pl.col("start_date") <= day) & (pl.col("end_date") > day)).to_dicts()
    return str(row["reason"])


def total_income_only(about: Register) -> str:
    """Naive: 総所得金額 alone, as it stands, against the limit."""
    highest = about.known["resident_taxes"]["total_income_yen"].max()
    return "09" if isinstance(highest, int) and highest > LIMIT_YEN else "00"


@pytest.mark.parametrize(
    ("facts", "naive", "right"),
    [
        ({"total_income_yen": 6_000_000, "capital_gain_before_deduction_1_yen": 900_000}, "00", "09"),
        ({"total_income_yen": 6_900_000, "medical_expense_deduction_yen": 700_000}, "09", "00"),
        ({"total_income_yen": LIMIT_YEN + FLAT_YEN}, "09", "00"),
        ({"total_income_yen": LIMIT_YEN + FLAT_YEN + 1}, "09", "09"),
    ],
)
def test_inc_06_an_income_read_wrongly_is_found_by_the_second_engine(
    facts: dict[str, object], naive: str, right: str
) -> None:
    """薩摩川内市 2021–24: income over the limit was paid from the first day on, and found by a pharmacy."""
    about = family([tax(FATHER, 0, **facts), tax(MOTHER, 0)])
    assert total_income_only(about) == naive
    assert about.reason_on(WINTER) == second_reason(about, WINTER) == right


def guardian_alone(about: Register) -> str:
    """Naive: the income of the one parent who was entered."""
    own = about.found.means.filter(pl.col("resident_code") == MOTHER, pl.col("year_from_date") == date(2013, 10, 1))
    return "09" if own["over_limit"].item() == "1" else "00"


def test_inc_14_a_spouse_whom_nobody_entered_is_found_in_the_residents_register() -> None:
    """東成区 2023-06: the father was not entered, so the income test used one parent."""
    about = family([tax(FATHER, 9_000_000), tax(MOTHER, 1_000_000)], spouse=None)
    assert guardian_alone(about) == "00"
    assert about.reason_on(WINTER) == "09"
    found = about.found
    reviewed = guardian_reviews(
        found.guardians,
        found.persons,
        about.known["resident_taxes"],
        found.identities,
        LAW,
        WINTER,
    )
    assert reviewed.select("spouse_resident_code", "review").rows() == [(FATHER, "4")]


def test_inc_14_a_spouse_of_whom_no_income_is_known_leaves_the_child_waiting() -> None:
    about = family([tax(MOTHER, 1_000_000)], spouse=None)
    assert guardian_alone(about) == "00"
    assert about.reason_on(WINTER) == "15"


def card_by_age_alone(birth: date) -> date:
    """Naive: the card is valid to the end of the age, whatever else ends before."""
    return pl.select(last_day_of_age(pl.lit(birth), 15)).item()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("birth", "edge"),
    [
        (date(2007, 4, 1), date(2013, 10, 1)),
        (date(2007, 4, 2), SCHOOL),
        (date(2008, 4, 1), SCHOOL),
        (PUPIL, date(2013, 10, 1)),
    ],
)
@pytest.mark.parametrize(("income", "reason"), [(9_000_000, "09"), (1_000_000, "00"), (None, "15")])
def test_inc_15_card_and_notice_of_loss_end_on_the_same_day_at_every_edge(
    birth: date, edge: date, income: int | None, reason: str
) -> None:
    """東成区 2023-10: card and 喪失通知 disagreed where an age met an income, known or not known."""
    about = family([tax(FATHER, income), tax(MOTHER, 1_000_000)], birth=birth)
    eve, eve_month = edge.fromordinal(edge.toordinal() - 1), date(edge.year, edge.month - 1, 1)
    assert (about.reason_on(eve), about.reason_on(edge)) == ("00", reason)

    cards = certificate_spans(about.eligibility).filter(pl.col("start_date") <= eve, pl.col("end_date") > eve)
    told = changes(
        about.eligibility,
        about.eligibility,
        about.last_registrations,
        about.known["applications"],
        about.found.identities,
        eve_month,
    )
    lost = told.filter(pl.col("change") == "ended")["date"].to_list()
    assert lost == ([edge] if reason == "09" else [])
    assert (cards["end_date"].item() == edge) == (reason != "00")
    assert card_by_age_alone(birth) > edge


def own_income(about: Register) -> str:
    """Naive: the income test of the person whose card it is."""
    own = about.found.means.filter(pl.col("resident_code") == CHILD, pl.col("over_limit") == "1")
    return "00" if own.is_empty() else "09"


@pytest.mark.parametrize(
    ("child", "father", "naive", "right"), [(9_000_000, 1_000_000, "09", "00"), (0, 9_000_000, "00", "09")]
)
def test_inc_19_the_income_of_the_parents_decides_and_not_that_of_the_child(
    child: int, father: int, naive: str, right: str
) -> None:
    """宮崎県 2025: 13 people were judged by their own income instead of their guardian's, or the other way round."""
    about = family([tax(CHILD, child), tax(FATHER, father), tax(MOTHER, 1_000_000)])
    assert own_income(about) == naive
    assert about.reason_on(WINTER) == right


def missing_is_zero(about: Register) -> str:
    """Naive: who has no tax row has no income."""
    parents = pl.DataFrame({"resident_code": [MOTHER, FATHER]})
    rows = parents.join(about.known["resident_taxes"], on="resident_code", how="left")
    return "09" if (rows["total_income_yen"].fill_null(0) > LIMIT_YEN).any() else "00"


ARRIVED = {"start": date(2013, 2, 1), "resident_from_reason": "03"}


def test_inc_31_who_came_from_abroad_in_the_year_has_an_unknown_income_and_not_none() -> None:
    """今治市ほか 2025: arrivals from abroad, of whom nobody holds a tax row yet, were put into a class all the same."""
    arrived = family([tax(MOTHER, 1_000_000)], **ARRIVED)
    assert missing_is_zero(arrived) == "00"
    assert arrived.reason_on(WINTER) == "15"


@pytest.mark.parametrize(("income", "reason"), [(1_000_000, "00"), (9_000_000, "09"), (None, "15")])
def test_inc_31_the_answer_that_comes_later_decides_the_year_back_to_its_october(
    income: int | None, reason: str
) -> None:
    told = family([tax(MOTHER, 1_000_000), tax(FATHER, income, known_date=date(2014, 3, 1))], **ARRIVED)
    assert told.reason_on(date(2013, 10, 1)) == told.reason_on(date(2014, 9, 30)) == reason
