"""Registrations: which application stands, for whom and from when. The fifteen days are tested in tests/law."""

from datetime import date

import polars as pl

from assets.register.registrations import registration_periods, registrations
from schemas.records.register import IDENTITIES, REGISTRATION_PERIODS, REGISTRATIONS
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, NUMBER, application, known_rows

NOBODY = IDENTITIES.empty()

FILED = application(application_no="A1", application_date=date(2025, 5, 20), event_date=date(2025, 5, 10))
CHANGED = application(
    application_no="A2",
    application_type="03",
    application_reason="08",
    application_date=date(2025, 11, 20),
    event_date=date(2025, 11, 15),
    guardian=FATHER,
)
ACCOUNT = application(
    application_no="A3",
    application_type="03",
    application_reason="99",
    application_date=date(2026, 1, 5),
    event_date=date(2026, 1, 5),
    guardian=FATHER,
)


def test_a_change_of_guardian_counts_from_its_event_and_leaves_the_start() -> None:
    """G6: 受給資格者を母→父へ変更 2025-11-15."""
    rows = known_rows("applications", [FILED, CHANGED])
    found = REGISTRATION_PERIODS.validated(registration_periods(rows, NOBODY, LAW))
    assert found.select("registered_from_date", "guardian_resident_code").rows() == [
        (date(2025, 5, 10), MOTHER),
        (date(2025, 11, 15), FATHER),
    ]
    now = REGISTRATIONS.validated(registrations(rows, NOBODY, LAW))
    assert now.select("registered_from_date", "guardian_resident_code").rows() == [(date(2025, 5, 10), FATHER)]


def test_the_last_application_of_any_kind_gives_account_and_addresses() -> None:
    now = registrations(known_rows("applications", [FILED, CHANGED, ACCOUNT]), NOBODY, LAW)
    assert now.select("application_no", "guardian_resident_code").rows() == [("A3", FATHER)]


def test_the_order_of_applications_in_the_files_changes_nothing() -> None:
    straight = registration_periods(known_rows("applications", [FILED, CHANGED, ACCOUNT]), NOBODY, LAW).drop("line_no")
    turned = registration_periods(known_rows("applications", [ACCOUNT, CHANGED, FILED]), NOBODY, LAW).drop("line_no")
    assert turned.equals(straight)


def test_a_child_without_a_number_waits_and_takes_a_later_number() -> None:
    silent = FILED | {"beneficiary_no": None}
    assert registrations(known_rows("applications", [silent]), NOBODY, LAW).is_empty()
    assert registrations(known_rows("applications", [silent, ACCOUNT]), NOBODY, LAW)["beneficiary_no"].to_list() == [
        NUMBER
    ]


def test_a_change_or_a_notice_of_loss_alone_registers_nobody() -> None:
    notice = FILED | {"application_type": "05"}
    assert registrations(known_rows("applications", [notice, ACCOUNT]), NOBODY, LAW).is_empty()


def test_no_application_gives_an_empty_register() -> None:
    assert registrations(known_rows("applications", []), NOBODY, LAW).schema == REGISTRATIONS.schema


RENEWED = application(
    application_no="R1",
    application_type="02",
    application_reason="09",
    application_date=date(2013, 7, 1),
    event_date=date(2013, 10, 1),
    spouse_resident_code=FATHER,
)


def test_a_renewal_filed_ahead_begins_on_the_first_of_october_and_carries_the_spouse() -> None:
    found = registration_periods(known_rows("applications", [RENEWED]), NOBODY, LAW)
    assert found.select("registered_from_date", "spouse_resident_code").rows() == [(date(2013, 10, 1), FATHER)]


def test_a_renewal_filed_late_begins_on_its_own_day() -> None:
    """K5: 10月2日以降の申請は申請日から。"""
    late = RENEWED | {"application_date": date(2013, 10, 2)}
    found = registration_periods(known_rows("applications", [late]), NOBODY, LAW)
    assert found["registered_from_date"].to_list() == [date(2013, 10, 2)]


def test_a_change_of_guardian_holds_on_for_a_renewal_the_former_guardian_sent_in_before() -> None:
    """The guardian dies in September, the renewal sent in July begins in October, the change is filed after that."""
    begun = application(application_no="A1", application_date=date(2013, 4, 2), event_date=date(2013, 4, 1))
    changed = application(
        application_no="C1",
        application_type="03",
        application_reason="08",
        application_date=date(2013, 10, 20),
        event_date=date(2013, 9, 15),
        guardian=FATHER,
    )
    found = registration_periods(known_rows("applications", [begun, RENEWED, changed]), NOBODY, LAW)
    assert found.select("registered_from_date", "guardian_resident_code", "spouse_resident_code").rows() == [
        (date(2013, 4, 1), MOTHER, None),
        (date(2013, 9, 15), FATHER, None),
        (date(2013, 10, 1), FATHER, None),
    ]


def test_a_renewal_sent_in_after_a_change_of_guardian_says_who_the_guardian_is() -> None:
    begun = application(application_no="A1", application_date=date(2013, 4, 2), event_date=date(2013, 4, 1))
    changed = application(
        application_no="C1",
        application_type="03",
        application_reason="08",
        application_date=date(2013, 6, 20),
        event_date=date(2013, 6, 15),
        guardian=FATHER,
    )
    found = registration_periods(known_rows("applications", [begun, RENEWED, changed]), NOBODY, LAW)
    assert found["guardian_resident_code"].to_list() == [MOTHER, FATHER, MOTHER]


def test_since_october_2024_a_renewal_registers_nobody() -> None:
    now = RENEWED | {"application_date": date(2025, 7, 1), "event_date": date(2025, 10, 1)}
    assert registration_periods(known_rows("applications", [now]), NOBODY, LAW).is_empty()


def test_an_application_before_the_first_law_counts_from_its_own_day() -> None:
    early = application(application_date=date(2009, 3, 20), event_date=date(2009, 3, 10))
    found = registration_periods(known_rows("applications", [early]), NOBODY, LAW)
    assert found["registered_from_date"].to_list() == [date(2009, 3, 20)]


def test_the_spouse_that_stands_is_that_of_the_last_registration_or_change() -> None:
    changed = CHANGED | {"spouse_resident_code": MOTHER}
    now = registrations(known_rows("applications", [FILED, changed, ACCOUNT]), NOBODY, LAW)
    assert now.select("guardian_resident_code", "spouse_resident_code").rows() == [(FATHER, MOTHER)]


def test_two_numbers_of_a_child_and_of_its_guardian_are_one_history() -> None:
    old_child, old_mother = "9" * 15, "8" * 15
    same = pl.DataFrame(
        [(old_child, CHILD, "n", 1, date(2025, 1, 1)), (old_mother, MOTHER, "n", 2, date(2025, 1, 1))],
        schema=IDENTITIES.schema,
        orient="row",
    )
    moved = FILED | {"child_resident_code": old_child, "guardian_resident_code": old_mother}
    rows = known_rows("applications", [moved, CHANGED | {"spouse_resident_code": old_mother}])
    found = REGISTRATION_PERIODS.validated(registration_periods(rows, same, LAW))
    assert found.select("child_resident_code", "guardian_resident_code", "spouse_resident_code").rows() == [
        (CHILD, MOTHER, None),
        (CHILD, FATHER, MOTHER),
    ]
