"""What the bank gave back is ordered again, into an account known since, once; never what was paid after all."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.notices.accounts import asked, letters_of_accounts
from assets.notices.debts import debtors
from assets.notices.rules import letter_rows
from assets.payment.returns import came_back, missed, numbered_again, ordered_after_their_day, ordered_again, waiting
from reports.letters.addressee import address_letters
from reports.letters.kinds import KINDS
from resources.ledger_tables import ORDER_SCHEMA
from schemas.records.feeds import APPLICATIONS, accepted
from schemas.records.notices import LETTERS
from schemas.records.payment import ORDERS, RESULTS_ENTERED, RESULTS_WORK
from schemas.records.register import PERSONS, REGISTRATIONS

OCTOBER, NOVEMBER, DECEMBER = (date(2026, month, 1) for month in (10, 11, 12))
CHILD, MOTHER, FATHER = (f"{number:015d}" for number in (1, 2, 3))
ANSWERED = date(2026, 11, 9)
Row = dict[str, Any]

ACCOUNT: Row = {
    "bank_code": "0017",
    "branch_code": "350",
    "account_type": "1",
    "account_number": "0000001",
    "account_holder_kana": "ミホン ハナコ",
}
ORDER: Row = {
    "payment_no": "0000000007",
    "decision_no": "C-1",
    "subject_kind": "claim",
    "subject_key": "000000000001",
    "beneficiary_no": "0000018",
    "guardian_resident_code": MOTHER,
    **ACCOUNT,
    "amount_yen": 1120,
    "value_date": date(2026, 10, 30),
    "decided_month": date(2026, 9, 1),
    "attempt": 1,
    "replaces_no": None,
}
ANSWER: Row = {
    **{name: ORDER[name] for name in ("payment_no", "amount_yen", "value_date")},
    **{name: ACCOUNT[name] for name in ("bank_code", "branch_code", "account_type", "account_number")},
    "result": "2",
    "reason_text": "該当口座なし",
    "delivery": "bank_results_1",
    "line_no": 1,
    "known_date": ANSWERED,
}


def ordered(*changes: Row) -> pl.DataFrame:
    """The first order and others like it, as ORDERS and as the ledger holds them."""
    schema = {**ORDERS.schema, **ORDER_SCHEMA}
    return pl.DataFrame([ORDER, *(ORDER | change for change in changes)], schema=schema)


def answers(*changes: Row) -> pl.DataFrame:
    return pl.DataFrame([ANSWER | change for change in changes], schema=RESULTS_ENTERED.schema)


def doubts(*changes: Row) -> pl.DataFrame:
    rows = [ANSWER | {"result": "0", "trouble": "振込不能の後の振込済"} | change for change in changes]
    return pl.DataFrame(rows, schema=RESULTS_WORK.schema)


def account(**changes: Any) -> pl.DataFrame:
    """The account of the application that stands, known after the bank's answer."""
    row = {"beneficiary_no": "0000018", "guardian_resident_code": MOTHER, "known_date": date(2026, 11, 20), **ACCOUNT}
    return pl.DataFrame([row | {"account_number": "7654321"} | changes])


def again(
    back: pl.DataFrame, accounts: pl.DataFrame, ledger: pl.DataFrame, doubted: set[str] | None = None
) -> pl.DataFrame:
    """What November orders again."""
    return ordered_again(waiting(back, ledger, doubted or set(), NOVEMBER), ledger, accounts, NOVEMBER)


def test_what_came_back_is_ordered_again_into_the_account_known_since() -> None:
    back = came_back(answers({}), doubts())
    (row,) = again(back, account(), ordered()).to_dicts()
    assert (row["replaces_no"], row["account_number"]) == ("0000000007", "7654321")
    assert (row["value_date"], row["decided_month"]) == (date(2026, 12, 30), NOVEMBER)


@pytest.mark.parametrize("result", ["2", "9", "R", "K"])
def test_every_answer_that_is_not_paid_gives_the_money_back(result: str) -> None:
    told = answers({"result": "0", "known_date": date(2026, 11, 2)}, {"result": result, "delivery": "bank_results_2"})
    assert again(came_back(told, doubts()), account(), ordered()).height == 1


@pytest.mark.parametrize("known", [date(2026, 9, 1), ANSWERED])
def test_an_application_no_later_than_the_answer_counts_only_with_another_account(known: date) -> None:
    back, tried = came_back(answers({}), doubts()), account(known_date=known, **ACCOUNT)
    assert again(back, tried, ordered()).is_empty()
    assert again(back, account(known_date=known), ordered()).height == 1
    assert again(back, tried.with_columns(account_holder_kana=pl.lit("ミホン ハナ")), ordered()).height == 1


def test_what_missed_its_day_is_ordered_again_to_the_account_that_stands() -> None:
    loose = ordered({"payment_no": "0000000008", "value_date": date(2026, 12, 1)}).select(*ORDER_SCHEMA)
    overdue = missed(loose, ordered(), set(), NOVEMBER)
    (row,) = ordered_after_their_day(overdue, ordered(), account(**ACCOUNT), NOVEMBER).to_dicts()
    assert (row["replaces_no"], row["account_number"]) == ("0000000007", ACCOUNT["account_number"])
    assert (row["value_date"], row["decided_month"]) == (date(2026, 12, 30), NOVEMBER)
    assert ordered_after_their_day(overdue, ordered(), account(guardian_resident_code=FATHER), NOVEMBER).is_empty()


def test_an_older_month_made_again_orders_nothing_for_days_gone_by() -> None:
    ledger = ordered({"payment_no": "0000000008", "decided_month": DECEMBER})
    assert missed(ordered().select(*ORDER_SCHEMA), ledger, set(), NOVEMBER).is_empty()
    assert missed(ordered().select(*ORDER_SCHEMA), ledger, set(), DECEMBER).height == 1
    assert missed(ordered().select(*ORDER_SCHEMA), ledger, {"0000000007"}, DECEMBER).is_empty()
    assert missed(ordered().select(*ORDER_SCHEMA).clear(), ordered().clear(), set(), NOVEMBER).is_empty()


def test_another_guardians_account_is_not_theirs() -> None:
    assert again(came_back(answers({}), doubts()), account(guardian_resident_code=FATHER), ordered()).is_empty()


def test_what_was_paid_or_contradicted_is_not_ordered_again() -> None:
    assert again(came_back(answers({"result": "0"}), doubts()), account(), ordered()).is_empty()
    assert again(came_back(answers({}), doubts({})), account(), ordered()).is_empty()
    late = came_back(answers({}), doubts())
    assert again(late, account(), ordered(), {"0000000007"}).is_empty()


def test_a_month_run_again_orders_the_same_and_a_later_month_nothing_more() -> None:
    second = {"payment_no": "0000000009", "attempt": 2, "replaces_no": "0000000007", "decided_month": NOVEMBER}
    back, ledger = came_back(answers({}), doubts()), ordered(second)
    first = again(back, account(), ordered())
    assert again(back, account(), ledger).equals(first)
    assert again(back, account(), ledger, {"0000000007"}).equals(first)
    assert waiting(back, ledger, set(), DECEMBER).is_empty()
    (row,) = ORDERS.validated(numbered_again(ordered(), ledger, NOVEMBER)).to_dicts()
    assert (row["payment_no"], row["attempt"], row["replaces_no"]) == ("0000000009", 2, "0000000007")
    assert (row["decision_no"], row["beneficiary_no"]) == ("C-1", "0000018")


def frame(record: Any, row: Row) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(record.names) | row], schema=record.schema)


def letters(back: pl.DataFrame, before: pl.DataFrame, orders: pl.DataFrame, **person: Any) -> pl.DataFrame:
    """November's letters about accounts."""
    registered = frame(
        REGISTRATIONS,
        {
            "child_resident_code": CHILD,
            "guardian_resident_code": MOTHER,
            "application_no": "A-1",
            "beneficiary_no": "0000018",
        },
    )
    stated = frame(
        accepted(APPLICATIONS),
        {
            "application_no": "A-1",
            "application_date": OCTOBER,
            "known_date": OCTOBER,
            "line_no": 1,
        },
    )
    people = pl.concat(
        frame(
            PERSONS,
            {
                "resident_code": code,
                "name": name,
                "birth_date": date(2020, 1, 1),
                "postal_code": "3320015",
                "address": "埼玉県川口市見本1丁目",
                **person,
            },
        )
        for code, name in ((CHILD, "見本 太郎"), (MOTHER, "見本 花子"))
    )
    wanted = asked(back, orders.select(ORDERS.names), registered, before, NOVEMBER)
    return letters_of_accounts(wanted, debtors(wanted, registered, stated, people), NOVEMBER)


def test_a_guardian_is_asked_once_for_an_account_and_told_what_the_bank_said() -> None:
    back = came_back(answers({}), doubts())
    told = letters(back, LETTERS.empty(), ordered())
    (letter,) = told.to_dicts()
    assert (letter["document_no"], letter["guardian_name"]) == ("AC-202611-0000018-01", "見本 花子")
    assert (letter["amount_yen"], letter["reason"]) == (1120, "該当口座なし")
    assert letter["account_text"] == "金融機関 0017 店番 350 口座番号 末尾001"
    sent = LETTERS.validated(letter_rows(told, "account", NOVEMBER))
    assert sent["subject_key"].to_list() == ["0000000007"]
    assert letters(back, sent, ordered()).is_empty()


def test_without_words_of_the_bank_the_letter_says_the_kind_of_answer() -> None:
    told = letters(came_back(answers({"reason_text": None, "result": "K"}), doubts()), LETTERS.empty(), ordered())
    assert told["reason"].to_list() == ["組戻済"]


def test_nobody_is_asked_who_is_paid_again_or_whose_payment_is_in_doubt() -> None:
    second = {"payment_no": "0000000009", "attempt": 2, "replaces_no": "0000000007", "decided_month": NOVEMBER}
    assert letters(came_back(answers({}), doubts()), LETTERS.empty(), ordered(second)).is_empty()
    assert letters(came_back(answers({}), doubts({})), LETTERS.empty(), ordered()).is_empty()


def test_each_payment_that_came_back_has_a_letter_of_its_own() -> None:
    other = {"payment_no": "0000000008", "subject_key": "000000000002", "decision_no": "C-2"}
    back = came_back(answers({}, {"payment_no": "0000000008", "line_no": 2}), doubts())
    told = letters(back, LETTERS.empty(), ordered(other))
    assert told["document_no"].to_list() == ["AC-202611-0000018-01", "AC-202611-0000018-02"]


def test_a_protected_guardian_gets_no_letter_by_mail() -> None:
    told = letters(came_back(answers({}), doubts()), LETTERS.empty(), ordered(), protected="1")
    sendable, withheld = address_letters(told, KINDS["account"].columns)
    assert (sendable.frame.height, withheld.height) == (0, 1)
