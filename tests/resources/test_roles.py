"""What each role of PostgreSQL can do and what the database itself refuses it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from psycopg2 import errors
from sqlalchemy import Engine, create_engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from resources import ledger_roles
from resources.database import metadata, open_engine, sqlite_url
from resources.ledger import Ledger
from resources.ledger_checks import LedgerError
from resources.ledger_roles import ANALYST, APPROVER, AUDITOR, DATABASE_LOGINS, OPERATOR, WRITES, RolesError
from resources.ledger_states import State
from resources.ledger_tables import APPROVALS, BATCHES, OBLIGATIONS, PAYMENT_ORDERS, SEALS
from resources.payees import Payees
from tests.resources.children import CITY, clock, payment_entries, prepare, releases
from tests.resources.test_release import DEADLINE, RECIPIENT
from tests.support.postgres import Cluster

DAY, OTHER_CITY = date(2026, 10, 30), "112089"
PEOPLE = {"甲": OPERATOR, "乙": APPROVER, "丙": OPERATOR, "丁": ANALYST, "戊": AUDITOR}


class Staff:
    """A database with its roles, and an engine for each of its people."""

    def __init__(self, cluster: Cluster) -> None:
        self.address = cluster.fresh()
        self.schema = str(self.address.username)
        self._cluster = cluster
        self._as_superuser(f"ALTER ROLE {self.schema} CREATEROLE")
        self._engines: dict[str, Engine] = {}
        self.owner = open_engine(self.address)
        for _ in range(2):
            ledger_roles.apply(self.owner)
        for at, (person, role) in enumerate(PEOPLE.items()):
            self.hire(f"{self.schema}_{at}", person, role)

    def hire(self, login: str, person: str, *roles: str, city: str = CITY) -> None:
        self._as_superuser(f"CREATE ROLE {login} LOGIN", f"ALTER ROLE {login} SET search_path = {self.schema}")
        self._as_superuser(*(f"GRANT {role} TO {login}" for role in roles))
        ledger_roles.name_login(self.owner, city, login, person)
        self._engines[person] = open_engine(self._cluster.url(login))

    def engine(self, person: str) -> Engine:
        return self._engines[person]

    def _as_superuser(self, *statements: str) -> None:
        engine = create_engine(self._cluster.url(self._cluster.user))
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def leave(self) -> None:
        for engine in (self.owner, *self._engines.values()):
            engine.dispose()


@pytest.fixture(scope="module")
def staff(postgres_cluster: Cluster) -> Iterator[Staff]:
    """One database for the refusals, with a prepared batch and an order of another city in it."""
    staff = Staff(postgres_cluster)
    Ledger(staff.owner, OTHER_CITY, clock, "production").enter_orders(payment_entries(1), run_id="r")
    yield staff
    staff.leave()


@pytest.fixture(scope="module")
def batch_no(staff: Staff, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The batch of two orders; a third waits."""
    hand = releases(staff.engine("甲"), tmp_path_factory.mktemp("home"))
    hand.ledger.enter_orders(payment_entries(2), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    hand.ledger.enter_orders(payment_entries(3), run_id="r")
    return number


def refused(staff: Staff, person: str, statement: Any) -> bool:
    """Whether the database itself refuses for want of a right."""
    with pytest.raises(DBAPIError) as caught, staff.engine(person).begin() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement)
    return isinstance(caught.value.orig, errors.InsufficientPrivilege)


def test_money_leaves_by_the_hands_of_three_people(postgres_cluster: Cluster, tmp_path: Path) -> None:
    staff = Staff(postgres_cluster)
    operator, approver, releaser, auditor = (
        releases(staff.engine(person), tmp_path) for person in ("甲", "乙", "丙", "戊")
    )
    operator.ledger.enter_orders(payment_entries(3), run_id="r")
    number = prepare(operator, DAY)
    assert number is not None
    approver.approve(number, person="乙")
    releaser.seal(number, person="丙")
    assert releaser.release(number, RECIPIENT, deadline=DEADLINE, person="丙").exists()
    told = [(state, person) for state, person, _ in auditor.ledger.people(number)]
    assert told == [
        (State.PREPARED, "甲"),
        (State.APPROVED, "乙"),
        (State.SEALED, "丙"),
        (State.RELEASED, "丙"),
    ]
    assert auditor.ledger.journal()["event"].to_list() == ["decided"] * 3 + ["released"]
    operator.ledger.enter_orders(payment_entries(4), run_id="r")
    loose = operator.ledger.loose_orders(DAY)["payment_no"].to_list()
    with pytest.raises(LedgerError, match="権限"):
        operator.ledger.prepare(DAY, loose, "b" * 64, person="丙")
    assert operator.ledger.prepare(DAY, loose, "b" * 64, person="甲").orders == 1
    staff.leave()


def approval(batch_no: str, person: str) -> Any:
    stated = {"digest": "a" * 64, "orders": 2, "total_yen": 201, "prepared_by": "甲"}
    return insert(APPROVALS).values(batch_no=batch_no, person=person, at=clock(), **stated)


@pytest.mark.parametrize("table", sorted(metadata.tables))
@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_adds_a_row_that_is_not_his_to_add(staff: Staff, person: str, table: str) -> None:
    with staff.engine(person).connect() as connection:
        asked = text(f"SELECT has_table_privilege('{table}', 'INSERT'), has_any_column_privilege('{table}', 'INSERT')")
        may = PEOPLE[person] in WRITES[metadata.tables[table]]
        assert tuple(connection.execute(asked).one()) == (may, may)
    if not may:
        assert refused(staff, person, insert(metadata.tables[table]).values(_any_row(table)))


def _any_row(table: str) -> dict[str, Any]:
    return dict.fromkeys(metadata.tables[table].c.keys())


@pytest.mark.parametrize("person", PEOPLE)
def test_nobody_changes_or_removes_a_row_or_touches_what_guards_it(staff: Staff, person: str) -> None:
    for table in metadata.tables:
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"UPDATE {table} SET {next(iter(metadata.tables[table].c.keys()))} = NULL",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            f"DROP TABLE {table} CASCADE",
        ):
            assert refused(staff, person, statement), statement
    for statement in (
        "DROP TRIGGER payment_orders_no_row ON payment_orders",
        "CREATE TRIGGER mine BEFORE INSERT ON batches FOR EACH ROW EXECUTE FUNCTION kodomo_append_only()",
        "DROP POLICY of_the_city ON payment_orders",
        "DROP FUNCTION kodomo_append_only() CASCADE",
        f"CREATE OR REPLACE FUNCTION {staff.schema}.kodomo_append_only() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        f"CREATE TABLE {staff.schema}.mine (a int)",
        "SET session_replication_role = replica",
        "UPDATE kodomo_version SET version_num = '0001'",
        f"SET ROLE {staff.schema}",
    ):
        assert refused(staff, person, statement), statement


@pytest.mark.parametrize(
    ("person", "statement"),
    [
        ("甲", lambda number: approval(number, "甲")),
        ("甲", lambda number: approval(number, "乙")),
        ("乙", lambda number: approval(number, "丙")),
        ("甲", lambda number: insert(SEALS).values(_stamped(number, "乙"))),
        ("甲", lambda number: insert(OBLIGATIONS).values(_owed(OTHER_CITY))),
    ],
    ids=[
        "approves",
        "approves_as_another",
        "signs_as_another",
        "seals_as_another",
        "other_city",
    ],
)
def test_a_person_is_the_one_who_logged_in(
    staff: Staff, batch_no: str, person: str, statement: Callable[[str], Any]
) -> None:
    assert refused(staff, person, statement(batch_no))


def _stamped(number: str, person: str) -> dict[str, Any]:
    return {"batch_no": number, "digest": "a" * 64, "person": person, "at": clock()}


def _owed(city: str) -> dict[str, Any]:
    row = {"municipality": city, "subject_kind": "claim", "subject_key": "X", "amount_yen": 1}
    return {**row, "decided_month": DAY, "run_id": "r", "created_at": clock()}


def test_who_is_operator_and_approver_approves_nothing(staff: Staff, batch_no: str) -> None:
    staff.hire(f"{staff.schema}_both", "己", OPERATOR, APPROVER)
    assert refused(staff, "己", approval(batch_no, "己"))


def test_a_login_that_nobody_named_sees_nothing_and_no_setting_names_it(staff: Staff, batch_no: str) -> None:
    staff.hire(f"{staff.schema}_far", "庚", OPERATOR, city=OTHER_CITY)
    with staff.engine("庚").connect() as connection:
        assert connection.scalars(select(PAYMENT_ORDERS.c.municipality)).all() == [OTHER_CITY]
        connection.execute(text(f"SET ROLE {OPERATOR}"))
        assert connection.scalars(select(PAYMENT_ORDERS.c.municipality)).all() == [OTHER_CITY]
        assert connection.scalars(select(BATCHES.c.batch_no)).all() == []
    assert refused(staff, "庚", approval(batch_no, "庚"))


def test_payment_numbers_of_cities_that_do_not_see_each_other_differ(staff: Staff, batch_no: str) -> None:
    with staff.owner.connect() as connection:
        numbers = connection.scalars(select(PAYMENT_ORDERS.c.payment_no)).all()
    assert len(numbers) == len(set(numbers)) == 4
    assert Ledger(staff.engine("甲"), CITY).batch_orders(batch_no).height == 2


def test_an_analyst_reads_no_account_and_no_person(staff: Staff, batch_no: str) -> None:
    personal = {
        "payment_orders": ("account_holder_kana", "account_number", "bank_code", "branch_code", "subject_key"),
        "obligations": ("subject_key",),
        "batches": ("prepared_by",),
        **dict.fromkeys(("approvals", "seals", "releases", "withdrawals", "erasures", "acceptances"), ("person",)),
        "payee_proposals": ("person", "why", "evidence"),
        "payee_confirmations": ("person", "proposed_by"),
        "beneficiary_numbers": ("child_resident_code", "beneficiary_no"),
        "database_logins": ("person",),
        "outbox_journal": ("name",),
    }
    for table, columns in personal.items():
        for column in columns:
            assert refused(staff, "丁", f"SELECT {column} FROM {table}"), (table, column)
    with staff.engine("丁").connect() as connection:
        told = connection.execute(text("SELECT count(*), sum(amount_yen) FROM payment_orders")).one()
    assert tuple(told) == (3, 303)


def test_a_payee_is_proposed_by_an_operator_and_confirmed_by_an_approver(staff: Staff, batch_no: str) -> None:
    orders = Ledger(staff.engine("甲"), CITY).batch_orders(batch_no)
    number = orders["payment_no"][0]
    said = {"why": "改姓前の名義", "evidence": "戸籍の写し"}
    Payees(staff.engine("甲"), CITY, clock).propose(orders, number, person="甲", **said)
    with pytest.raises(DBAPIError, match="permission denied"):
        Payees(staff.engine("丙"), CITY, clock).confirm(orders, number, person="丙")
    confirmed = Payees(staff.engine("乙"), CITY, clock).confirm(orders, number, person="乙")
    assert confirmed.people == "甲と乙"


def test_an_auditor_reads_every_table(staff: Staff, batch_no: str) -> None:
    with staff.engine("戊").connect() as connection:
        for table in metadata.tables.values():
            assert connection.execute(select(table)).keys()
        assert len(connection.scalars(select(DATABASE_LOGINS.c.person)).all()) >= len(PEOPLE)


def test_a_table_of_ones_own_does_not_stand_in_for_one_of_the_ledger(staff: Staff, batch_no: str) -> None:
    (waiting,) = Ledger(staff.engine("甲"), CITY).loose_orders(DAY)["payment_no"]
    joins = f"INSERT INTO {staff.schema}.batch_orders (payment_no, turn, batch_no) VALUES ('{waiting}', 1, :number)"
    with staff.engine("甲").connect() as connection:
        connection.execute(text("CREATE TEMP TABLE batches (batch_no text)"))
        connection.commit()
        with pytest.raises(DBAPIError, match="batch is closed"):
            connection.execute(text(joins), {"number": batch_no})
        connection.invalidate()


def test_every_table_has_its_rights_stated() -> None:
    assert {table.name for table in WRITES} == set(metadata.tables)


def test_the_ledger_says_who_may_not(staff: Staff, batch_no: str, tmp_path: Path) -> None:
    ledger = Ledger(staff.engine("甲"), CITY, clock, "production")
    batch = ledger.batch(batch_no)
    with pytest.raises(LedgerError) as caught:
        ledger.approve(batch_no, batch.digest, batch.orders, batch.total_yen, person="乙")
    assert caught.value.code == "no_right"


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    with pytest.raises(RolesError):
        ledger_roles.apply(open_engine(sqlite_url(tmp_path / "kodomo.sqlite")))
