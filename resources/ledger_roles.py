"""Who may do what in PostgreSQL: four roles, rights by table and verb, rows by city and person.

Belongs here: the rights, as statements that may be run again at any time. Does not belong here: the login users, whom
the city's DBA makes and whom `database_logins` names.

A right hangs on session_user, which no SET ROLE changes. Every table's owner stands above all of this.
"""

from collections.abc import Iterator

from sqlalchemy import CheckConstraint, Column, Engine, String, Table, UniqueConstraint, insert, text

from resources.acceptances import ACCEPTANCES
from resources.database import metadata, writing
from resources.errors import ResourceError
from resources.ledger_batches import named
from resources.ledger_tables import (
    APPROVALS,
    BANK_RESULTS,
    BATCH_ORDERS,
    BATCHES,
    ERASURES,
    JOURNAL,
    OBLIGATIONS,
    PAYMENT_ORDERS,
    RELEASES,
    SEALS,
    VERDICTS,
    WITHDRAWALS,
)
from resources.outbox import OUTBOX_JOURNAL
from resources.payees import CONFIRMATIONS, PROPOSALS
from resources.registry import BENEFICIARY_NUMBERS, DELIVERIES, VOLUMES
from resources.schema import VERSION_TABLE, open_schema

OPERATOR, APPROVER, ANALYST, AUDITOR = "kodomo_operator", "kodomo_approver", "kodomo_analyst", "kodomo_auditor"
ROLES = (OPERATOR, APPROVER, ANALYST, AUDITOR)

DATABASE_LOGINS = Table(
    "database_logins",
    metadata,
    Column("login", String(63), primary_key=True),
    Column("municipality", String(6), primary_key=True),
    Column("person", String(100), nullable=False),
    UniqueConstraint("municipality", "person"),
    CheckConstraint("length(person) > 0", name="somebody_logs_in"),
)
"""Which person a login of the database is, and of which city. Only the owner writes it."""

WRITES: dict[Table, tuple[str, ...]] = {
    **dict.fromkeys((VOLUMES, DELIVERIES, BENEFICIARY_NUMBERS, OUTBOX_JOURNAL, ACCEPTANCES), (OPERATOR,)),
    **dict.fromkeys((OBLIGATIONS, PAYMENT_ORDERS, BATCH_ORDERS, BATCHES), (OPERATOR,)),
    **dict.fromkeys((VERDICTS, WITHDRAWALS, SEALS, RELEASES, ERASURES, BANK_RESULTS, JOURNAL), (OPERATOR,)),
    PROPOSALS: (OPERATOR,),
    **dict.fromkeys((APPROVALS, CONFIRMATIONS), (APPROVER,)),
    DATABASE_LOGINS: (),
}
"""Who may add rows. Nobody may change or remove one."""

APPROVER_READS = {
    *(PAYMENT_ORDERS, BATCH_ORDERS, BATCHES, VERDICTS, WITHDRAWALS),
    *(APPROVALS, SEALS, RELEASES, ERASURES, BANK_RESULTS, OUTBOX_JOURNAL, PROPOSALS, CONFIRMATIONS),
}

PERSON_COLUMNS = {
    BATCHES: "prepared_by",
    **dict.fromkeys(
        (APPROVALS, SEALS, WITHDRAWALS, RELEASES, ERASURES, ACCEPTANCES, PROPOSALS, CONFIRMATIONS), "person"
    ),
}
"""Where a row says who did it: the person of the login, nobody else."""

ANALYST_COLUMNS: dict[Table, tuple[str, ...]] = {
    OBLIGATIONS: ("municipality", "subject_kind", "amount_yen", "decided_month"),
    PAYMENT_ORDERS: (
        *("payment_no", "municipality", "subject_kind", "amount_yen"),
        *("value_date", "decided_month", "attempt", "replaces_no", "replaces_event", "replaces_lapse"),
    ),
    BATCH_ORDERS: ("payment_no", "turn", "batch_no", "lapsed_no", "turn_before", "batch_before"),
    BATCHES: ("batch_no", "municipality", "environment", "value_date", "number", "orders", "total_yen", "prepared_at"),
    APPROVALS: ("batch_no", "orders", "total_yen", "at"),
    VERDICTS: ("batch_no", "verdict"),
    WITHDRAWALS: ("batch_no", "at"),
    SEALS: ("batch_no", "at"),
    RELEASES: ("batch_no", "environment", "at"),
    BANK_RESULTS: ("payment_no", "value_date", "result", "recorded_at"),
    JOURNAL: tuple(JOURNAL.c.keys()),
    DELIVERIES: ("municipality", "feed", "sequence", "as_of", "load", "rows", "yen", "partition"),
    VOLUMES: ("municipality", "dataset", "partition", "generation", "rows", "published_at"),
}
"""What an analyst reads: nothing that names a person, an account or what a payment is for."""

_MINE = "my_logins"


class RolesError(ResourceError):
    """Roles cannot be given here."""


def statements() -> Iterator[str]:
    """Everything the owner runs, in order; a second run changes nothing."""
    for role in ROLES:
        yield (
            f"DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}')"
            f" THEN CREATE ROLE {role} NOLOGIN; END IF; END $do$"
        )
    yield f"DO $do$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {', '.join(ROLES)}', current_schema()); END $do$"
    yield "DO $do$ BEGIN EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()); END $do$"
    yield (
        f"CREATE OR REPLACE VIEW {_MINE} AS"
        f" SELECT municipality, person FROM {DATABASE_LOGINS.name} WHERE login = session_user"
    )
    for name in (_MINE, VERSION_TABLE, "last_payment_no"):
        yield f"REVOKE ALL ON {name} FROM PUBLIC, {', '.join(ROLES)}"
    yield f"GRANT SELECT ON {_MINE}, {VERSION_TABLE} TO {', '.join(ROLES)}"
    yield f"GRANT SELECT ON last_payment_no TO {OPERATOR}"
    for table in WRITES:
        yield from _rights(table)
        yield from _policies(table)


def _rights(table: Table) -> Iterator[str]:
    yield f"REVOKE ALL ON {table.name} FROM PUBLIC, {', '.join(ROLES)}"
    readers = [AUDITOR] if table is DATABASE_LOGINS else [AUDITOR, OPERATOR]
    if table in APPROVER_READS:
        readers.append(APPROVER)
    yield f"GRANT SELECT ON {table.name} TO {', '.join(readers)}"
    if table in ANALYST_COLUMNS:
        columns = ", ".join(f'"{name}"' for name in ANALYST_COLUMNS[table])
        yield f"GRANT SELECT ({columns}) ON {table.name} TO {ANALYST}"
    if WRITES[table]:
        yield f"GRANT INSERT ON {table.name} TO {', '.join(WRITES[table])}"


def _policies(table: Table) -> Iterator[str]:
    yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS of_the_city ON {table.name}"
    yield f"CREATE POLICY of_the_city ON {table.name} FOR SELECT TO {', '.join(ROLES)} USING ({_of_the_city(table)})"
    yield f"DROP POLICY IF EXISTS by_the_person ON {table.name}"
    if WRITES[table]:
        allowed = _by_the_person(table) if table in PERSON_COLUMNS else _of_the_city(table)
        if WRITES[table] == (APPROVER,):
            allowed = f"{allowed} AND NOT pg_has_role(session_user, '{OPERATOR}', 'MEMBER')"
        yield (
            f"CREATE POLICY by_the_person ON {table.name} FOR INSERT TO {', '.join(WRITES[table])}"
            f" WITH CHECK ({allowed})"
        )


def _of_the_city(table: Table) -> str:
    """The row is of a city of the login: by its own column, or by the payment or batch it belongs to."""
    if "municipality" in table.c:
        return f"municipality IN (SELECT municipality FROM {_MINE})"
    parent, key = _parent(table)
    return f"EXISTS (SELECT 1 FROM {parent.name} AS parent WHERE parent.{key} = {table.name}.{key})"


def _by_the_person(table: Table) -> str:
    person = f"mine.person = {table.name}.{PERSON_COLUMNS[table]}"
    if "municipality" in table.c:
        return (
            f"EXISTS (SELECT 1 FROM {_MINE} AS mine WHERE mine.municipality = {table.name}.municipality AND {person})"
        )
    parent, key = _parent(table)
    return (
        f"EXISTS (SELECT 1 FROM {parent.name} AS parent JOIN {_MINE} AS mine USING (municipality)"
        f" WHERE parent.{key} = {table.name}.{key} AND {person})"
    )


def _parent(table: Table) -> tuple[Table, str]:
    return (PAYMENT_ORDERS, "payment_no") if "payment_no" in table.c else (BATCHES, "batch_no")


def apply(engine: Engine) -> None:
    """Make the roles and their rights, all or nothing. Raises RolesError where there is no PostgreSQL."""
    _refuse_sqlite(engine)
    open_schema(engine)
    with writing(engine, "schema") as connection:
        for statement in statements():
            connection.execute(text(statement))


def name_login(engine: Engine, municipality: str, login: str, person: str) -> None:
    """Say once which person a login is. Raises RolesError where there is no PostgreSQL."""
    _refuse_sqlite(engine)
    with writing(engine, "schema") as connection:
        row = {"login": login, "municipality": municipality, "person": named(person)}
        connection.execute(insert(DATABASE_LOGINS).values(row))


def _refuse_sqlite(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        raise RolesError(
            "no_roles", "SQLite に利用者の役割はありません。", "KODOMO_DATABASE_URL に PostgreSQL を設定してください。"
        )
