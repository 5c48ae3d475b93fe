"""Registrations: which application stands, for whom and from when. The fifteen days are tested in tests/law."""

from datetime import date

from assets.register.registrations import registration_periods, registrations
from schemas.records.register import REGISTRATION_PERIODS, REGISTRATIONS
from tests.support.cases import FATHER, LAW, MOTHER, NUMBER, application, known_rows

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
    found = REGISTRATION_PERIODS.validated(registration_periods(rows, LAW))
    assert found.select("registered_from_date", "guardian_resident_code").rows() == [
        (date(2025, 5, 10), MOTHER),
        (date(2025, 11, 15), FATHER),
    ]
    now = REGISTRATIONS.validated(registrations(rows, LAW))
    assert now.select("registered_from_date", "guardian_resident_code").rows() == [(date(2025, 5, 10), FATHER)]


def test_the_last_application_of_any_kind_gives_account_and_addresses() -> None:
    now = registrations(known_rows("applications", [FILED, CHANGED, ACCOUNT]), LAW)
    assert now.select("application_no", "guardian_resident_code").rows() == [("A3", FATHER)]


def test_the_order_of_applications_in_the_files_changes_nothing() -> None:
    straight = registration_periods(known_rows("applications", [FILED, CHANGED, ACCOUNT]), LAW).drop("line_no")
    turned = registration_periods(known_rows("applications", [ACCOUNT, CHANGED, FILED]), LAW).drop("line_no")
    assert turned.equals(straight)


def test_a_child_without_a_number_waits_and_takes_a_later_number() -> None:
    silent = FILED | {"beneficiary_no": None}
    assert registrations(known_rows("applications", [silent]), LAW).is_empty()
    assert registrations(known_rows("applications", [silent, ACCOUNT]), LAW)["beneficiary_no"].to_list() == [NUMBER]


def test_a_change_or_a_notice_of_loss_alone_registers_nobody() -> None:
    notice = FILED | {"application_type": "05"}
    assert registrations(known_rows("applications", [notice, ACCOUNT]), LAW).is_empty()


def test_no_application_gives_an_empty_register() -> None:
    assert registrations(known_rows("applications", []), LAW).schema == REGISTRATIONS.schema
