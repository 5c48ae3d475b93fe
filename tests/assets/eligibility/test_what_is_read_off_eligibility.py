"""Certificates, cards and the month's changes, read off small registers."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.eligibility.reading import cards, certificates, changes, told_on
from assets.months import next_month
from schemas.records.register import CARDS, CERTIFICATES, ELIGIBILITY, IDENTITIES
from tests.support.cases import (
    CHILD,
    FATHER,
    LAW,
    MOTHER,
    Register,
    application,
    frame,
    known_rows,
    register,
    resident,
)
from tests.support.draws import draws

BIRTH = date(2018, 6, 15)
MONTH, JUNE = date(2026, 5, 1), date(2026, 6, 1)
USUAL = application(application_date=date(2018, 6, 20), event_date=BIRTH)
NOBODY = IDENTITIES.empty()


def _certificates(about: Register, month: date = MONTH) -> pl.DataFrame:
    return CERTIFICATES.validated(certificates(about.eligibility, about.last_registrations, about.persons, LAW, month))


def test_a_certificate_lasts_to_the_last_day_of_age_and_both_ends_count() -> None:
    found = _certificates(register()).select(
        "valid_from_date", "valid_to_date", "subsidy_class", "benefit_class", "public_payer_no", "issue_month"
    )
    assert found.rows() == [(BIRTH, date(2037, 3, 31), "2", "1", "81112039", MONTH)]


def test_a_certificate_ends_the_day_before_another_scheme_begins_and_then_there_is_none() -> None:
    later: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 6, 10)}]
    assert _certificates(register(single_parent=later))["valid_to_date"].to_list() == [date(2026, 6, 9)]
    now: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 6, 1)}]
    assert _certificates(register(single_parent=now)).is_empty()


def _changes(
    before: Register | None,
    after: Register,
    filed: dict[str, object] = USUAL,
    month: date = MONTH,
    identities: pl.DataFrame = NOBODY,
) -> list[tuple[object, ...]]:
    earlier = before.eligibility if before else ELIGIBILITY.empty()
    rows = known_rows("applications", [{"known_date": date(2026, 4, 1)} | filed])
    learned = after.last_registrations.with_columns(pl.lit(rows["known_date"].item()).alias("known_date"))
    return changes(earlier, after.eligibility, learned, rows, identities, month).drop("child_resident_code").rows()


NEWBORN = resident(CHILD, date(2026, 5, 10))
PARENT = resident(MOTHER, date(1990, 1, 1), sex="2")
APPLIED = application(application_date=date(2026, 5, 20), event_date=date(2026, 5, 10), known_date=date(2026, 5, 21))


def test_a_new_registration_is_recognised_once() -> None:
    after = register(residents=[NEWBORN, PARENT], applications=[APPLIED])
    assert _changes(register(applications=[]), after, APPLIED) == [("recognised", "00", date(2026, 5, 10))]
    assert _changes(after, after, APPLIED, JUNE) == []


def test_what_was_registered_before_the_first_month_is_not_recognised_again() -> None:
    assert _changes(None, register()) == []


def test_a_loss_is_told_with_its_reason_and_first_day() -> None:
    gone = resident(CHILD, BIRTH, resident_to_date=date(2026, 5, 9), resident_to_reason="51")
    assert _changes(register(), register(residents=[gone, PARENT])) == [("ended", "02", date(2026, 5, 9))]


def test_the_end_of_age_is_told_in_march() -> None:
    filed = application(application_date=date(2024, 7, 1), event_date=date(2024, 10, 1), application_type="06")
    grown = register(residents=[resident(CHILD, date(2008, 1, 15)), PARENT], applications=[filed])
    assert _changes(grown, grown, filed, date(2026, 3, 1)) == [("ended", "01", date(2026, 4, 1))]
    assert _changes(grown, grown, filed, date(2026, 4, 1)) == []


def test_an_application_that_leads_to_nothing_is_refused_for_the_reason_of_the_day() -> None:
    held: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 5, 1)}]
    arrived = resident(CHILD, BIRTH, date(2026, 5, 10))
    after = register(residents=[arrived, PARENT], applications=[APPLIED], facilities=held)
    assert _changes(register(applications=[]), after, APPLIED) == [("refused", "07", date(2026, 5, 10))]


def test_who_gains_and_loses_within_a_month_is_told_both() -> None:
    moved = resident(CHILD, date(2026, 5, 10), resident_to_date=date(2026, 5, 25), resident_to_reason="51")
    after = register(residents=[moved, PARENT], applications=[APPLIED])
    assert _changes(register(applications=[]), after, APPLIED) == [
        ("recognised", "00", date(2026, 5, 10)),
        ("ended", "02", date(2026, 5, 25)),
    ]


# ---- hand-made intervals: change of guardian, of 給付区分, and waiting ---------------------------------------------

Span = tuple[date, str, str, str]
"""(first day, reason, 給付区分, guardian); until the next one begins."""
WHOLE, STAYS = ("00", "1"), ("00", "2")
LEARNED = date(2026, 1, 20)


def _eligibility(*spans: Span, child: str = CHILD) -> pl.DataFrame:
    ends = [first for first, *_ in spans[1:]] + [date(2037, 4, 1)]
    return frame(
        ELIGIBILITY,
        [
            {
                "child_resident_code": child,
                "start_date": first,
                "end_date": end,
                "reason": reason,
                "entitled": "1" if reason == "00" else "0",
                "benefit_class": kind,
                "guardian_resident_code": guardian,
            }
            for (first, reason, kind, guardian), end in zip(spans, ends, strict=True)
        ],
    )


def _told(before: pl.DataFrame, after: pl.DataFrame, learned: date = LEARNED, month: date = MONTH) -> list[object]:
    asked = register().last_registrations.with_columns(pl.lit(learned).alias("known_date"))
    filed = known_rows("applications", [USUAL | {"application_date": learned}])
    return list(changes(before, after, asked, filed, NOBODY, month).drop("child_resident_code").rows())


STOOD = (BIRTH, *WHOLE, MOTHER)
DEATH, TAKEN_OVER = date(2026, 4, 11), date(2026, 5, 15)
WAITS = (DEATH, "14", "0", MOTHER)


def test_a_new_guardian_is_recognised_from_the_day_of_the_change_with_a_certificate_of_its_own() -> None:
    after = _eligibility(STOOD, (TAKEN_OVER, *WHOLE, FATHER))
    assert _told(_eligibility(STOOD), after) == [("recognised", "00", TAKEN_OVER)]
    valid = certificates(after, register().last_registrations, register().persons, LAW, MONTH)
    assert valid.select("guardian_resident_code", "valid_from_date", "valid_to_date").rows() == [
        (FATHER, TAKEN_OVER, date(2037, 3, 31))
    ]


def test_an_entitlement_to_stays_and_a_whole_one_are_two_certificates() -> None:
    opened = date(2026, 5, 20)
    after = _eligibility((BIRTH, *STAYS, MOTHER), (opened, *WHOLE, MOTHER))
    about = register()
    spans = [
        certificates(after, about.last_registrations, about.persons, LAW, month)
        .select("benefit_class", "valid_from_date", "valid_to_date").row(0)
        for month in (date(2026, 4, 1), MONTH)
    ]  # fmt: skip
    assert spans == [("2", BIRTH, date(2026, 5, 19)), ("1", opened, date(2037, 3, 31))]
    assert _told(_eligibility((BIRTH, *STAYS, MOTHER)), after) == [("recognised", "00", opened)]


def test_who_waits_is_told_nothing_and_keeps_its_card() -> None:
    stood, waits = _eligibility(STOOD), _eligibility(STOOD, WAITS)
    assert _told(stood, waits) == []
    assert _told(waits, waits, month=JUNE) == []


def test_a_wait_that_ends_in_what_stood_before_it_is_told_nothing() -> None:
    assert _told(_eligibility(STOOD, WAITS), _eligibility(STOOD)) == []


def test_a_wait_that_ends_in_another_guardian_is_recognised() -> None:
    after = _eligibility(STOOD, WAITS, (TAKEN_OVER, *WHOLE, FATHER))
    assert _told(_eligibility(STOOD, WAITS), after) == [("recognised", "00", TAKEN_OVER)]


def test_a_wait_after_an_entitlement_that_ends_in_none_is_an_end() -> None:
    after = _eligibility(STOOD, (DEATH, "12", "0", MOTHER))
    assert _told(_eligibility(STOOD, WAITS), after) == [("ended", "12", DEATH)]
    assert _told(after, after, month=JUNE) == []


def test_an_applicant_who_waits_is_answered_once_when_the_wait_ends() -> None:
    waits = _eligibility((BIRTH, "14", "0", MOTHER))
    learned = date(2026, 5, 20)
    assert _told(ELIGIBILITY.empty(), waits, learned) == []
    refused = _eligibility((BIRTH, "12", "0", MOTHER))
    assert _told(waits, refused, learned, JUNE) == [("refused", "12", BIRTH)]
    assert _told(refused, refused, learned, date(2026, 7, 1)) == []
    assert _told(waits, _eligibility(STOOD), learned, JUNE) == [("recognised", "00", BIRTH)]


def test_who_was_refused_before_it_waited_is_not_refused_again() -> None:
    before = _eligibility((BIRTH, "12", "0", MOTHER), (date(2026, 4, 1), "16", "0", MOTHER))
    assert _told(before, _eligibility((BIRTH, "12", "0", MOTHER))) == []


def test_a_number_found_to_be_an_earlier_one_of_the_child_ends_nothing() -> None:
    old = "000000000000007"
    same = frame(IDENTITIES, [{"resident_code": old, "person_code": CHILD}])
    filed = known_rows("applications", [USUAL])
    asked = register().last_registrations
    before, after = _eligibility(STOOD, child=old), _eligibility(STOOD)
    assert changes(before, after, asked, filed, same, MONTH).is_empty()
    assert not changes(before, after, asked, filed, NOBODY, MONTH).is_empty()


# ---- cards -------------------------------------------------------------------------------------------------------


def _cards(before: pl.DataFrame, stood: pl.DataFrame, stands: pl.DataFrame, month: date = MONTH) -> pl.DataFrame:
    about = register()
    asked = about.last_registrations.with_columns(pl.lit(LEARNED).alias("known_date"))
    filed = known_rows("applications", [USUAL | {"application_date": LEARNED}])
    told = changes(stood, stands, asked, filed, NOBODY, month)
    valid = certificates(stands, asked, about.persons, LAW, month)
    return CARDS.validated(cards(before, told, valid, stands, NOBODY, month))


NONE_YET = (date(2024, 1, 1), "11", "0", MOTHER)
APRIL = date(2026, 4, 1)


def _issued() -> pl.DataFrame:
    return _cards(CARDS.empty(), _eligibility(NONE_YET), _eligibility(STOOD), APRIL)


def test_a_card_is_issued_to_who_is_recognised_and_to_nobody_else() -> None:
    assert _issued().select("valid_from_date", "issued_month", "replaced_month").rows() == [(BIRTH, APRIL, None)]
    assert _cards(CARDS.empty(), _eligibility(STOOD), _eligibility(STOOD)).is_empty()


@pytest.mark.parametrize(
    ("case", "after", "expected"),
    [
        ("nothing new", [STOOD], [(BIRTH, None)]),
        ("waiting", [STOOD, WAITS], [(BIRTH, None)]),
        ("lost", [STOOD, (TAKEN_OVER, "02", "0", MOTHER)], [(BIRTH, MONTH)]),
        ("another guardian", [STOOD, (TAKEN_OVER, *WHOLE, FATHER)], [(BIRTH, MONTH), (TAKEN_OVER, None)]),
    ],
)
def test_a_card_stands_until_another_is_issued_or_the_entitlement_is_lost(
    case: str, after: list[Span], expected: list[tuple[date, date | None]]
) -> None:
    found = _cards(_issued(), _eligibility(STOOD), _eligibility(*after))
    assert found.select("valid_from_date", "replaced_month").rows() == expected, case


STATES = st.lists(st.sampled_from([WHOLE, WHOLE, STAYS, ("14", "0"), ("04", "0")]), min_size=1, max_size=5)


@draws(15)
@given(st.lists(STATES, min_size=2, max_size=5), st.sampled_from([MOTHER, FATHER]))
def test_whatever_is_learned_month_by_month_who_is_entitled_holds_one_card_for_it(
    news: list[list[tuple[str, str]]], guardian: str
) -> None:
    held, stood, month = CARDS.empty(), _eligibility((BIRTH, "11", "0", MOTHER)), date(2026, 1, 1)
    for states in news:
        spans = [(date(2025, 1 + 2 * at, 1), *said, guardian) for at, said in enumerate(states)]
        stands = _eligibility((BIRTH, "11", "0", MOTHER), *spans)
        held = _cards(held, stood, stands, month)
        open_cards = held.filter(pl.col("replaced_month").is_null())
        now = stands.filter(pl.lit(told_on(month)).is_between("start_date", "end_date", closed="left"))
        if now["entitled"].item() == "1":
            standing = certificates(stands, register().last_registrations, register().persons, LAW, month)
            same = ["guardian_resident_code", "benefit_class", "valid_from_date"]
            assert open_cards.select(same).rows() == standing.select(same).rows()
        assert open_cards.height <= 1
        if now["reason"].item() == "04":
            assert open_cards.is_empty()
        stood, month = stands, next_month(month)
