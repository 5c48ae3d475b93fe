"""Certificates, the month's changes and the 158 items, read off small registers."""

from datetime import date

import polars as pl

from assets.eligibility.rules import annex1_register, certificates, changes
from schemas.records.annex1 import ANNEX1
from schemas.records.register import CERTIFICATES, ELIGIBILITY
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, Register, application, known_rows, register, resident

BIRTH = date(2018, 6, 15)
MONTH = date(2026, 5, 1)
USUAL = application(application_date=date(2018, 6, 20), event_date=BIRTH)


def _certificates(about: Register) -> pl.DataFrame:
    return CERTIFICATES.validated(certificates(about.eligibility, about.registrations, about.persons, LAW, MONTH))


def test_a_certificate_lasts_to_the_last_day_of_age_and_both_ends_count() -> None:
    found = _certificates(register()).select(
        "valid_from_date", "valid_to_date", "subsidy_class", "public_payer_no", "issue_month"
    )
    assert found.rows() == [(date(2024, 10, 1), date(2037, 3, 31), "2", "81112039", MONTH)]


def test_a_certificate_ends_the_day_before_another_scheme_begins_and_then_there_is_none() -> None:
    later: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 6, 10)}]
    assert _certificates(register(single_parent=later))["valid_to_date"].to_list() == [date(2026, 6, 9)]
    now: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 5, 31)}]
    assert _certificates(register(single_parent=now)).is_empty()


def _changes(
    before: Register | None, after: Register, filed: dict[str, object] = USUAL, month: date = MONTH
) -> list[tuple[object, ...]]:
    earlier = before.eligibility if before else ELIGIBILITY.empty()
    rows = known_rows("applications", [{"known_date": date(2026, 4, 1)} | filed])
    learned = after.registrations.with_columns(pl.lit(rows["known_date"].item()).alias("known_date"))
    return changes(earlier, after.eligibility, learned, rows, month).drop("child_resident_code").rows()


NEWBORN = resident(CHILD, date(2026, 5, 10))
PARENT = resident(MOTHER, date(1990, 1, 1), sex="2")
APPLIED = application(application_date=date(2026, 5, 20), event_date=date(2026, 5, 10), known_date=date(2026, 5, 21))


def test_a_new_registration_is_recognised_once() -> None:
    after = register(residents=[NEWBORN, PARENT], applications=[APPLIED])
    assert _changes(register(applications=[]), after, APPLIED) == [("recognised", "00", date(2026, 5, 10))]
    assert _changes(after, after, APPLIED, date(2026, 6, 1)) == []


def test_what_was_registered_before_the_first_month_is_not_recognised_again() -> None:
    assert _changes(None, register()) == []


def test_a_loss_is_told_with_its_reason_and_first_day() -> None:
    gone = resident(CHILD, BIRTH, resident_to_date=date(2026, 5, 9), resident_to_reason="51")
    assert _changes(register(), register(residents=[gone, PARENT])) == [("ended", "02", date(2026, 5, 9))]


def test_the_end_of_age_is_told_in_march() -> None:
    grown = register(residents=[resident(CHILD, date(2008, 1, 15)), PARENT])
    assert _changes(grown, grown, month=date(2026, 3, 1)) == [("ended", "01", date(2026, 4, 1))]
    assert _changes(grown, grown, month=date(2026, 4, 1)) == []


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


def test_a_new_guardian_is_recognised() -> None:
    changed = application(
        guardian=FATHER,
        application_type="03",
        application_reason="08",
        application_date=date(2026, 5, 6),
        event_date=date(2026, 5, 2),
    )
    people = [resident(CHILD, BIRTH), PARENT, resident(FATHER, date(1988, 1, 1))]
    before, after = register(residents=people), register(residents=people, applications=[USUAL, changed])
    assert [row[0] for row in _changes(before, after)] == ["recognised"]


def _annex1(taxes: list[dict[str, object]], arrears: list[dict[str, object]]) -> dict[str, object]:
    about = register()
    filed, valid = known_rows("applications", [USUAL]), _certificates(about)
    told = known_rows("resident_taxes", taxes), known_rows("arrears", arrears)
    found = annex1_register(about.persons, about.registrations, about.eligibility, valid, filed, *told, MONTH)
    return ANNEX1.validated(found).row(0, named=True)


def test_every_item_of_a_child_without_tax_or_arrears_is_said_or_empty() -> None:
    row = _annex1([], [])
    assert (row["child_age"], row["decision_result"], row["decision_reason"]) == (7, "1", "00")
    assert (row["total_income_yen"], row["arrears_nhi_tax"], row["self_ordinary_disability"]) == (None, "9", "0")
    assert (row["eligible_from_date"], row["valid_to_date"], row["subsidy_class"]) == (
        date(2024, 10, 1),
        date(2037, 3, 31),
        "2",
    )


def test_the_last_revision_of_the_last_tax_year_and_the_last_arrears_are_shown() -> None:
    taxes: list[dict[str, object]] = [
        {"resident_code": MOTHER, "tax_year": year, "revision_no": revision, "filing": "1", "total_income_yen": income}
        for year, revision, income in [(2026, 1, 100), (2026, 2, 200), (2025, 9, 300)]
    ]
    arrears: list[dict[str, object]] = [
        {"resident_code": MOTHER, "arrears_item": "154", "arrears": said, "base_date": date(2026, month, 1)}
        for said, month in [("1", 4), ("0", 3)]
    ]
    row = _annex1(taxes, arrears)
    assert (row["total_income_yen"], row["arrears_nhi_tax"], row["arrears_municipal_tax"]) == (200, "1", "9")
