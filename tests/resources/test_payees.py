"""Payees let pass: two people, one account, one name, for good."""

import polars as pl
import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DatabaseError as SqlError

from resources.ledger_checks import LedgerError
from resources.payees import CONFIRMATIONS, PROPOSALS, PayeeError, Payees, seal
from tests.support.postgres import on_both_databases

ORDER = {
    "payment_no": "0000000001",
    "bank_code": "0017",
    "branch_code": "350",
    "account_type": "1",
    "account_number": "7654321",
    "account_holder_kana": "ミホン ハナコ",
}
ORDERS = pl.DataFrame([ORDER, ORDER | {"payment_no": "0000000002"}])
WHY = {"why": "改姓前の名義", "evidence": "戸籍の附票"}


@pytest.fixture
def payees(engine: Engine) -> Payees:
    return Payees(engine, "112038")


def both(payees: Payees, orders: pl.DataFrame = ORDERS) -> None:
    payees.propose(orders, "0000000001", person="甲", **WHY)
    payees.confirm(orders, "0000000001", person="乙")


def test_a_payee_passes_once_two_people_let_it_and_no_other_order_with_it(payees: Payees) -> None:
    assert payees.accepted(ORDERS).is_empty()
    payees.propose(ORDERS, "0000000001", person="甲", **WHY)
    assert payees.accepted(ORDERS).is_empty()
    payees.confirm(ORDERS, "0000000001", person="乙")
    assert payees.accepted(ORDERS).rows() == [("0000000001", "甲と乙")]
    assert Payees(payees.engine, "110001").accepted(ORDERS).is_empty()


@pytest.mark.parametrize("same", ["甲", " 甲 ", "甲\u3000"])
def test_who_let_a_payee_pass_cannot_confirm_it(payees: Payees, same: str) -> None:
    payees.propose(ORDERS, "0000000001", person="甲", **WHY)
    with pytest.raises(PayeeError, match="別の人"):
        payees.confirm(ORDERS, "0000000001", person=same)
    assert payees.accepted(ORDERS).is_empty()


@pytest.mark.parametrize(
    ("item", "other"),
    [
        ("bank_code", "0133"),
        ("branch_code", "351"),
        ("account_type", "2"),
        ("account_number", "0000002"),
        ("account_holder_kana", "ミホン タロウ"),
    ],
)
def test_another_account_or_name_is_not_covered(payees: Payees, item: str, other: str) -> None:
    both(payees)
    changed = ORDERS.with_columns(pl.lit(other).alias(item))
    assert payees.accepted(changed).is_empty()
    with pytest.raises(PayeeError, match="まだ誰も認めていません"):
        payees.confirm(changed, "0000000001", person="乙")


def test_letting_pass_again_changes_nothing_and_the_first_two_people_stand(payees: Payees) -> None:
    both(payees)
    payees.propose(ORDERS, "0000000001", person="丙", why="もう一度", evidence="なし")
    payees.confirm(ORDERS, "0000000001", person="丁")
    both(payees)
    (only,) = payees.all()
    assert (only.people, only.why, only.evidence) == ("甲と乙", WHY["why"], WHY["evidence"])


def test_nothing_passes_without_an_order_a_person_a_reason_and_evidence(payees: Payees) -> None:
    with pytest.raises(PayeeError, match="その番号の支払"):
        payees.propose(ORDERS, "0000000009", person="甲", **WHY)
    with pytest.raises(PayeeError, match="理由と証拠"):
        payees.propose(ORDERS, "0000000001", person="甲", why="改姓", evidence=" ")
    with pytest.raises(LedgerError, match="担当者"):
        payees.propose(ORDERS, "0000000001", person=" ", **WHY)
    with pytest.raises(PayeeError, match="まだ誰も認めていません"):
        payees.confirm(ORDERS, "0000000001", person="乙")
    assert payees.all() == []


@on_both_databases
def test_the_database_itself_refuses_one_person_twice_and_every_change(payees: Payees) -> None:
    payees.propose(ORDERS, "0000000001", person="甲", **WHY)
    key = {"municipality": "112038", "payment_no": "0000000001", "payee": seal(ORDER)}
    stamp = {"proposed_by": "甲", "person": "甲", "at": payees._clock()}
    with pytest.raises(SqlError), payees.engine.begin() as connection:
        connection.execute(insert(CONFIRMATIONS).values(**key, **stamp))
    with pytest.raises(SqlError), payees.engine.begin() as connection:
        connection.execute(text(f"UPDATE {PROPOSALS.name} SET person = 'x'"))
    with pytest.raises(SqlError), payees.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {PROPOSALS.name}"))


def test_the_tables_hold_no_account(payees: Payees) -> None:
    both(payees)
    with payees.engine.connect() as connection:
        told = str(connection.execute(text(f"SELECT * FROM {PROPOSALS.name}")).all())
    assert ORDER["account_number"] not in told
    assert ORDER["account_holder_kana"] not in told
