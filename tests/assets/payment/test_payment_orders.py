"""Who is paid what, into which account, on which day."""

from datetime import date

import polars as pl
import pytest

from assets.payment.rules import last_business_day, orders, payee_relations, payees, with_names
from reports.zengin.agreement import BankProfile
from schemas.law.book import Law

LAW = Law.load("112038")
OCTOBER = date(2026, 10, 1)


def payables(**changes: object) -> pl.DataFrame:
    row = {
        "decision_no": "C-1",
        "subject_kind": "claim",
        "subject_key": "000000000001",
        "beneficiary_no": "0000018",
        "child_resident_code": "0" * 14 + "1",
        "guardian_resident_code": "0" * 14 + "2",
        "application_date": date(2026, 9, 15),
        "care": "2",
        "payable_yen": 1120,
        "decided_month": OCTOBER,
    }
    return pl.DataFrame([row | changes])


ACCOUNTS = pl.DataFrame(
    {
        "child_resident_code": ["0" * 14 + "1"],
        "application_no": ["A-2"],
        "bank_code": ["0017"],
        "branch_code": ["350"],
        "account_type": ["1"],
        "account_number": ["0000001"],
        "account_holder_kana": ["ミホン タロウ"],
    }
)


@pytest.mark.parametrize(
    ("month", "day"),
    [
        (date(2026, 10, 1), date(2026, 10, 30)),
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 30)),
        (date(2027, 2, 1), date(2027, 2, 26)),
    ],
)
def test_the_value_date_is_the_last_bank_business_day_of_its_month(month: date, day: date) -> None:
    assert last_business_day(month) == day


@pytest.mark.parametrize(
    ("care", "applied", "value_date"),
    [
        ("2", date(2026, 9, 15), date(2026, 11, 30)),
        ("1", date(2026, 9, 15), date(2026, 12, 30)),
        ("2", date(2026, 5, 1), date(2026, 11, 30)),
    ],
)
def test_a_claim_is_paid_after_its_lag_but_never_before_the_month_after_its_decision(
    care: str, applied: date, value_date: date
) -> None:
    (order,) = orders(payables(care=care, application_date=applied), ACCOUNTS, LAW, OCTOBER).to_dicts()
    assert order["value_date"] == value_date


def test_what_is_offset_altogether_is_no_order() -> None:
    assert orders(payables(payable_yen=0), ACCOUNTS, LAW, OCTOBER).is_empty()


def test_more_for_a_receipt_is_paid_in_the_month_after_its_decision() -> None:
    more = payables(subject_kind="difference", subject_key="R-1", application_date=None)
    (order,) = orders(more.cast({"application_date": pl.Date}), ACCOUNTS, LAW, OCTOBER).to_dicts()
    assert (order["subject_kind"], order["value_date"]) == ("difference", date(2026, 11, 30))


def test_the_account_is_the_one_of_the_application_that_stands() -> None:
    registrations = pl.DataFrame(
        {
            "child_resident_code": ["0" * 14 + "1"],
            "guardian_resident_code": ["0" * 14 + "2"],
            "beneficiary_no": ["0000018"],
            "application_no": ["A-2"],
        }
    )
    known = pl.concat(
        [
            ACCOUNTS.with_columns(application_no=pl.lit(no), account_number=pl.lit(account))
            for no, account in (("A-1", "0000009"), ("A-2", "0000002"))
        ]
    ).with_columns(known_date=pl.lit(OCTOBER), line_no=pl.lit(1))
    (found,) = payees(registrations, known).to_dicts()
    assert (found["application_no"], found["account_number"]) == ("A-2", "0000002")


def test_a_branch_the_master_lacks_has_no_name() -> None:
    due = orders(payables(), ACCOUNTS, LAW, OCTOBER)
    banks = pl.DataFrame(
        {"bank_code": ["0017"], "branch_code": ["001"], "bank_name_kana": ["ｱ"], "branch_name_kana": ["ｲ"]}
    )
    (row,) = with_names(due, banks).to_dicts()
    assert row["branch_name_kana"] is None
    assert row["account_no"] == "0000001"


@pytest.mark.parametrize(
    ("holder", "relation"),
    [
        ("ミホン　ハナコ", "guardian"),
        ("ﾐﾎﾝ ﾊﾅｺ", "guardian"),
        ("ミホン タロウ", "family"),
        ("ミホン ソボ", "family"),
        ("ミホン", "none"),
        ("タニン ジロウ", "none"),
        ("", "none"),
    ],
)
def test_a_payee_is_the_guardian_or_family_only_by_the_whole_name(holder: str, relation: str) -> None:
    """INC-30: a family name alone is nobody's. The mother is guardian; the father lives with her, a grandmother with
    the child."""
    known = pl.DataFrame(
        {
            "payment_no": ["0000000001"],
            "beneficiary_no": ["0000018"],
            "guardian_resident_code": ["2"],
            "account_holder_kana": [holder],
        }
    )
    registered = pl.DataFrame({"beneficiary_no": ["0000018"], "child_resident_code": ["1"]})
    people = pl.DataFrame(
        [
            ("1", "B", "ミホン コ"),
            ("2", "A", "ミホン ハナコ"),
            ("3", "A", "ミホン タロウ"),
            ("4", "B", "ミホン ソボ"),
            ("5", "C", "タニン ジロウ"),
        ],
        schema=["resident_code", "household_no", "name_kana"],
        orient="row",
    )
    profile = BankProfile.from_mapping(LAW.at(OCTOBER).value("bank.profile"))
    (told,) = payee_relations(known, registered, people, profile).to_dicts()
    assert told == {"payment_no": "0000000001", "guardian_kana": "ミホン ハナコ", "payee_relation": relation}
