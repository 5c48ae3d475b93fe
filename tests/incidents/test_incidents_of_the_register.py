"""What happened in other cities where a register was read wrongly, replayed against the rules that read ours.

Each naive version stands beside its test: the test shows where it goes wrong, and that ours does not.
"""

from datetime import date, timedelta

import polars as pl
import pytest

from assets.eligibility.reading import certificates, changes, waiting
from assets.notices.rules import owed
from assets.register.intervals import last_day_of_age
from schemas.records.benefit import DECISIONS
from schemas.records.register import ELIGIBILITY
from tests.support.cases import (
    CHILD,
    LAW,
    MOTHER,
    Register,
    application,
    decided_receipts,
    receipt,
    register,
    resident,
)

OCTOBER = date(2026, 10, 1)
BIRTH = date(2018, 6, 15)
PARENT = resident(MOTHER, date(1990, 1, 1), sex="2")
BIRTH_FILED = application(application_date=date(2018, 6, 20), event_date=BIRTH)
Rows = list[dict[str, object]]


def code(number: int) -> str:
    return f"{number:015d}"


def entitled_on(about: Register, day: date) -> bool:
    return about.reason_on(day) == "00"


def checked_when_registered(about: Register, day: date) -> bool:
    """Naive: other schemes are looked at when the child is registered, and not again."""
    begun = pl.col("start_date") <= about.registrations["registered_from_date"].max()
    return about.found.schemes.filter(begun).is_empty() and day >= BIRTH


@pytest.mark.parametrize("feed", ["public_assistance", "severe_disability", "single_parent", "facilities"])
@pytest.mark.parametrize("end", [None, date(2026, 6, 20)])
def test_inc_03_nobody_is_entitled_twice_on_one_day(feed: str, end: date | None) -> None:
    """仙台市 2011–16: 1,279 people got two benefits, because the one did not look at the other."""
    other: Rows = [{"resident_code": CHILD, "start_date": date(2026, 6, 1), "end_date": end}]
    about = register(**{feed: other})
    days = [date(2026, 5, 25) + timedelta(at) for at in range(40)]
    held = [date(2026, 6, 1) <= day and (end is None or day < end) for day in days]
    twice = [checked_when_registered(about, day) and on for day, on in zip(days, held, strict=True)]
    assert sum(twice) == sum(held) > 0
    assert [entitled_on(about, day) for day in days] == [not on for on in held]


def test_inc_03_a_receipt_of_who_is_on_another_scheme_is_not_paid_again() -> None:
    """仙台市 2011–16: the other scheme pays; what is refused here names it."""
    on_assistance = register(public_assistance=[{"resident_code": CHILD, "start_date": date(2026, 5, 15)}])
    billed = receipt()
    (refused,) = decided_receipts([billed], on_assistance)[0].to_dicts()
    (paid,) = decided_receipts([billed])[0].to_dicts()
    assert (refused["amount_yen"], refused["reason"]) == (0, "E3")
    assert paid["amount_yen"] == billed["rcpt_public_expense_yen"] == 900


def children_of_october(births: list[date], without_guardian: int | None = None) -> Register:
    """Children born on these days, with one mother, all registered in October 2026; one perhaps with a stranger."""
    residents, filed = [PARENT], []
    for at, birth in enumerate(births, 1):
        stranger = at == without_guardian
        guardian, number = code(900) if stranger else MOTHER, f"10000{at}0"
        residents.append(resident(code(10 + at), birth, date(2026, 10, 1)))
        event = {"event_date": date(2026, 10, 1), "application_date": date(2026, 10, 2), "application_reason": "02"}
        filed.append(application(code(10 + at), guardian, number, known_date=date(2026, 10, 2), **event))
    return register(residents=residents, applications=filed)


def cards_of_october(about: Register) -> set[str]:
    made = certificates(about.eligibility, about.last_registrations, about.persons, LAW, OCTOBER)
    return set(made["child_resident_code"])


def cards_owed(about: Register) -> set[str]:
    told = changes(
        ELIGIBILITY.empty(),
        about.eligibility,
        about.last_registrations,
        about.known["applications"],
        about.found.identities,
        OCTOBER,
    )
    return set(owed(told, DECISIONS.empty()).filter(pl.col("kind") == "card")["child_resident_code"])


def cards_of_the_subsidised(about: Register) -> set[str]:
    """Naive: the extraction of 県補助対象 (通院は小3まで) instead of the city's own."""
    day = pl.lit(date(2026, 11, 1))
    children = about.registrations.join(about.persons, left_on="child_resident_code", right_on="resident_code")
    return set(children.filter(day <= last_day_of_age(pl.col("birth_date"), 9))["child_resident_code"])


BIRTHS = [date(2023, 5, 1), date(2019, 5, 1), date(2015, 5, 1), date(2011, 5, 1), date(2009, 5, 1)]


def test_inc_16_cards_are_owed_to_every_child_of_the_city_and_not_to_the_subsidised() -> None:
    """延岡市 2024-04: 194 of 16,303 cards were not sent; the extraction used 県補助対象 instead of 市対象."""
    about = children_of_october(BIRTHS)
    assert cards_owed(about) - cards_of_the_subsidised(about) == {code(13), code(14), code(15)}
    assert cards_owed(about) == cards_of_october(about) == {code(10 + at) for at in range(1, 6)}


def test_inc_16_every_registered_child_is_sent_a_card_or_waits_for_a_person() -> None:
    about = children_of_october(BIRTHS, without_guardian=2)
    now = pl.lit(date(2026, 11, 1)).is_between("start_date", "end_date", closed="left")
    held = set(about.eligibility.filter(now & waiting())["child_resident_code"])
    assert held == {code(12)}
    assert cards_of_october(about) | held == {code(10 + at) for at in range(1, 6)}
    assert cards_of_october(about) & held == set()


def ended_by_the_notice(about: Register) -> date | None:
    """Naive: the entitlement ends on the day typed into 消滅日 of the 消滅届."""
    notices = about.known["applications"].filter(pl.col("application_type") == "05")
    last = notices["event_date"].max()
    return last if isinstance(last, date) else None


def leaving(filed: date, left: date | None = None) -> Register:
    """A child whose 消滅届 was filed on a day that was also typed into 消滅日, and who left, or never did."""
    gone: dict[str, object] = {"resident_to_date": left, "resident_to_reason": "51"} if left else {}
    notice = application(application_date=filed, event_date=filed, application_type="05", application_reason="99")
    return register(residents=[resident(CHILD, BIRTH, **gone), PARENT], applications=[BIRTH_FILED, notice])  # type: ignore[arg-type]


@pytest.mark.parametrize("filed", [date(2026, 5, 28), date(2026, 7, 20)])
def test_inc_20_a_wrong_day_in_a_notice_of_loss_neither_takes_nor_gives_a_month(filed: date) -> None:
    """大阪市港区 2022: the day of filing was typed into 消滅日, and a month was not paid."""
    left = date(2026, 7, 1)
    about = leaving(filed, left)
    assert ended_by_the_notice(about) == filed != left
    assert [entitled_on(about, day) for day in (date(2026, 6, 1), date(2026, 6, 30), left)] == [True, True, False]
    assert about.reason_on(left) == about.reason_on(date(2026, 7, 31)) == "02"


def test_inc_20_a_notice_of_loss_of_who_stays_ends_nothing() -> None:
    about = leaving(date(2026, 5, 28))
    assert ended_by_the_notice(about) == date(2026, 5, 28)
    assert entitled_on(about, date(2026, 5, 28))
    assert entitled_on(about, OCTOBER)


def cards_of_who_applied(about: Register) -> set[str]:
    """Naive: a card for every registration of the month, as it was when it was filed."""
    filed = pl.col("application_date").is_between(OCTOBER, date(2026, 10, 31))
    return set(about.known["applications"].filter(filed)["child_resident_code"])


@pytest.mark.parametrize(
    "since",
    [
        {"residents": {"resident_to_date": date(2026, 10, 20), "resident_to_reason": "51"}},
        {"residents": {"resident_to_date": date(2026, 10, 20), "resident_to_reason": "53"}},
        {"public_assistance": {"start_date": date(2026, 11, 1)}},
        {"overrides": {"start_date": date(2026, 10, 15), "outcome": "2"}},
    ],
)
def test_inc_21_a_card_is_made_only_for_who_is_entitled_when_it_goes_out(since: dict[str, dict[str, object]]) -> None:
    """大阪市 2019: a card went to somebody who was not entitled any more."""
    moved = since.get("residents", {})
    rows: dict[str, Rows] = {
        "residents": [resident(CHILD, BIRTH, OCTOBER, **moved), PARENT],  # type: ignore[arg-type]
        "applications": [application(application_date=date(2026, 10, 2), event_date=OCTOBER, application_reason="02")],
    }
    later = {feed: [{"resident_code": CHILD} | row] for feed, row in since.items() if feed == "public_assistance"}
    ruled = {"overrides": [{"child_resident_code": CHILD} | since["overrides"]]} if "overrides" in since else {}
    about = register(**rows, **later, **ruled)
    assert entitled_on(about, date(2026, 10, 14))
    assert cards_of_who_applied(about) == {CHILD}
    assert cards_of_october(about) == set()
