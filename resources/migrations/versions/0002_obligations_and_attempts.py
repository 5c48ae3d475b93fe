"""What is owed beside what is ordered: obligations, later attempts, withdrawn batches.

Belongs here: the way there for what was written under 0001; each order becomes the first attempt to pay its obligation,
each seal a verdict. Does not belong here: what later revisions change.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from resources.migrations.guards import close_batches, guard, reopen_batches

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SUBJECT = ["municipality", "subject_kind", "subject_key"]
OWED = ", ".join([*SUBJECT, "amount_yen", "decided_month", "run_id", "created_at"])
NEW = ("obligations", "batch_verdicts", "withdrawals")
CHANGED = ("payment_orders", "batch_orders", "seals")

ORDER_CHECKS = {
    "attempts_count_from_one": "attempt >= 1",
    "only_a_later_attempt_replaces": "(attempt = 1) = (replaces_no IS NULL)",
    "replaced_for_a_reason": "(replaces_no IS NULL) = (replaces_event IS NULL)",
    "replaced_when_the_money_came_back": "replaces_event IN ('returned', 'recalled')",
    "replaces_another": "replaces_no <> payment_no",
}
TURN_CHECKS = {
    "turns_count_from_one": "turn >= 1",
    "only_a_later_turn_follows": "(turn = 1) = (turn_before IS NULL)",
    "turns_follow_each_other": "turn_before = turn - 1",
    "follows_a_withdrawn_batch": "(turn_before IS NULL) = (batch_before IS NULL)",
}
ORDER_KEYS = ([*SUBJECT, "attempt"], [*SUBJECT, "payment_no"], ["replaces_no"])
ORDER_LINKS = (
    ([*SUBJECT, "amount_yen"], "obligations", [*SUBJECT, "amount_yen"]),
    ([*SUBJECT, "replaces_no"], "payment_orders", [*SUBJECT, "payment_no"]),
    (
        ["municipality", "replaces_event", "replaces_no"],
        "ledger_journal",
        ["municipality", "event", "reference"],
    ),
)
TURN_KEYS = (["payment_no", "batch_no"], ["payment_no", "turn", "batch_no"])
TURN_LINKS = (
    (["batch_before"], "withdrawals", ["batch_no"]),
    (["payment_no", "turn_before", "batch_before"], "batch_orders", ["payment_no", "turn", "batch_no"]),
)
SEAL_LINKS = ((["batch_no", "verdict"], "batch_verdicts", ["batch_no", "verdict"]),)
SEAL_CHECKS = {"sealed_means_sealed": "verdict = 'sealed'"}


def upgrade() -> None:
    """Every order is attempt 1 of an obligation, every sealed batch has the verdict `sealed`."""
    _new_tables()
    op.execute(f"INSERT INTO obligations ({OWED}) SELECT {OWED} FROM payment_orders")
    op.execute("INSERT INTO batch_verdicts (batch_no, verdict) SELECT batch_no, 'sealed' FROM seals")
    op.add_column("bank_results", sa.Column("trouble", sa.String(40)))
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt_in_sqlite()
    else:
        _altered_in_postgres()
    for table in NEW:
        guard(table)


def _new_tables() -> None:
    op.create_table(
        "obligations",
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_key", sa.String(100), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("decided_month", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_yen > 0", name="something_is_owed"),
        sa.PrimaryKeyConstraint(*SUBJECT),
        sa.UniqueConstraint(*SUBJECT, "amount_yen"),
    )
    op.create_table(
        "batch_verdicts",
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.CheckConstraint("verdict IN ('sealed', 'withdrawn')", name="known_verdict"),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"]),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "verdict"),
    )
    op.create_table(
        "withdrawals",
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("verdict = 'withdrawn'", name="withdrawn_means_withdrawn"),
        sa.CheckConstraint("length(reason) > 0", name="withdrawn_for_a_reason"),
        sa.CheckConstraint("length(person) > 0", name="somebody_withdrew"),
        sa.ForeignKeyConstraint(["batch_no", "verdict"], ["batch_verdicts.batch_no", "batch_verdicts.verdict"]),
        sa.PrimaryKeyConstraint("batch_no"),
    )


def _altered_in_postgres() -> None:
    op.drop_constraint("payment_orders_municipality_subject_kind_subject_key_key", "payment_orders")
    _filled("payment_orders", "attempt", sa.Integer(), "1")
    op.add_column("payment_orders", sa.Column("replaces_no", sa.String(10)))
    op.add_column("payment_orders", sa.Column("replaces_event", sa.String(20)))
    _held("payment_orders", ORDER_KEYS, ORDER_LINKS, ORDER_CHECKS)
    op.drop_constraint("batch_orders_pkey", "batch_orders")
    _filled("batch_orders", "turn", sa.Integer(), "1")
    op.create_primary_key(None, "batch_orders", ["payment_no", "turn"])
    op.add_column("batch_orders", sa.Column("turn_before", sa.Integer()))
    op.add_column("batch_orders", sa.Column("batch_before", sa.String(30)))
    _held("batch_orders", TURN_KEYS, TURN_LINKS, TURN_CHECKS)
    _filled("seals", "verdict", sa.String(10), "sealed")
    _held("seals", (), SEAL_LINKS, SEAL_CHECKS)


def _filled(table: str, column: str, kind: Any, value: str) -> None:
    """A column that the rows of before have with one value and later rows must state. No row is updated."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=value))
    op.alter_column(table, column, server_default=None)


def _held(table: str, keys: Sequence[list[str]], links: Sequence[Any], checks: dict[str, str]) -> None:
    for columns in keys:
        op.create_unique_constraint(None, table, columns)
    for columns, other, theirs in links:
        op.create_foreign_key(None, table, other, columns, theirs)
    for name, rule in checks.items():
        op.create_check_constraint(name, table, rule)


def _rebuilt_in_sqlite() -> None:
    """SQLite changes no key of a table: new ones take the rows and the names (resources/schema.py: foreign keys)."""
    op.execute("DROP VIEW last_payment_no")
    reopen_batches()
    op.create_table("new_payment_orders", *_payment_orders())
    op.create_table("new_batch_orders", *_batch_orders())
    op.create_table("new_seals", *_seals())
    _moved("payment_orders", "*, 1, NULL, NULL", _names(_payment_orders()))
    _moved("batch_orders", "payment_no, batch_no, 1, NULL, NULL", _names(_batch_orders()))
    _moved("seals", "*, 'sealed'", _names(_seals()))
    op.create_index("ix_payment_orders_value_date", "payment_orders", ["value_date"])
    op.create_index("ix_batch_orders_batch_no", "batch_orders", ["batch_no"])
    op.execute("CREATE VIEW last_payment_no AS SELECT max(payment_no) AS payment_no FROM payment_orders")
    for table in CHANGED:
        guard(table)
    close_batches()


def _names(parts: Sequence[Any]) -> str:
    return ", ".join(f'"{part.name}"' for part in parts if isinstance(part, sa.Column))


def _moved(table: str, values: str, names: str) -> None:
    op.execute(f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}")
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")


def _rules(keys: Sequence[list[str]], links: Sequence[Any], checks: dict[str, str]) -> list[Any]:
    return [
        *(sa.UniqueConstraint(*columns) for columns in keys),
        *(sa.ForeignKeyConstraint(mine, [f"{other}.{name}" for name in theirs]) for mine, other, theirs in links),
        *(sa.CheckConstraint(rule, name=name) for name, rule in checks.items()),
    ]


def _payment_orders() -> list[Any]:
    return [
        sa.Column("payment_no", sa.String(10), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_key", sa.String(100), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("bank_code", sa.String(4), nullable=False),
        sa.Column("branch_code", sa.String(3), nullable=False),
        sa.Column("account_type", sa.String(2), nullable=False),
        sa.Column("account_number", sa.String(8), nullable=False),
        sa.Column("account_holder_kana", sa.String(200), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("decided_month", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("replaces_no", sa.String(10)),
        sa.Column("replaces_event", sa.String(20)),
        sa.PrimaryKeyConstraint("payment_no"),
        *_rules(
            ORDER_KEYS,
            ORDER_LINKS,
            {"something_is_paid": "amount_yen > 0", "ten_digits": "length(payment_no) = 10", **ORDER_CHECKS},
        ),
    ]


def _batch_orders() -> list[Any]:
    return [
        sa.Column("payment_no", sa.String(10), nullable=False),
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("turn_before", sa.Integer()),
        sa.Column("batch_before", sa.String(30)),
        sa.PrimaryKeyConstraint("payment_no", "turn"),
        sa.ForeignKeyConstraint(["payment_no"], ["payment_orders.payment_no"]),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], deferrable=True, initially="DEFERRED"),
        *_rules(TURN_KEYS, TURN_LINKS, TURN_CHECKS),
    ]


def _seals() -> list[Any]:
    return [
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.ForeignKeyConstraint(["batch_no", "digest"], ["approvals.batch_no", "approvals.digest"]),
        *_rules(
            (["batch_no", "digest"],),
            SEAL_LINKS,
            {"somebody_sealed": "length(person) > 0", **SEAL_CHECKS},
        ),
    ]
