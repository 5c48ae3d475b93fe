"""Orders that no file can carry any more, and sealed batches that never left.

Belongs here: the lapse as an order's last turn, and the verdict, which is now released or withdrawn. Does not belong
here: what later revisions change.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from resources.migrations.guards import close_batches, guard, reopen_batches

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SUBJECT = ["municipality", "subject_kind", "subject_key"]
CHANGED = ("payment_orders", "batch_orders", "batch_verdicts", "seals", "releases")

ORDER_CHECKS = {
    "something_is_paid": "amount_yen > 0",
    "ten_digits": "length(payment_no) = 10",
    "attempts_count_from_one": "attempt >= 1",
    "only_a_later_attempt_replaces": "(attempt = 1) = (replaces_no IS NULL)",
    "replaced_when_the_money_came_back": "replaces_event IN ('returned', 'recalled')",
    "replaces_another": "replaces_no <> payment_no",
}
REASON_CHECKS = {
    "replaced_for_a_reason": "(replaces_no IS NULL) = (replaces_event IS NULL AND replaces_lapse IS NULL)",
    "replaced_for_one_reason": "replaces_event IS NULL OR replaces_lapse IS NULL",
    "replaced_for_its_own_lapse": "replaces_lapse = replaces_no",
}
TURN_CHECKS = {
    "turns_count_from_one": "turn >= 1",
    "only_a_later_turn_follows": "(turn = 1) = (turn_before IS NULL)",
    "turns_follow_each_other": "turn_before = turn - 1",
    "follows_a_withdrawn_batch": "(turn_before IS NULL) = (batch_before IS NULL)",
}
LAPSE_CHECKS = {
    "in_a_batch_or_lapsed": "(batch_no IS NULL) <> (lapsed_no IS NULL)",
    "it_lapses_itself": "lapsed_no = payment_no",
}
VERDICT_LINK = (["batch_no", "verdict"], ["batch_verdicts.batch_no", "batch_verdicts.verdict"])
KNOWN_VERDICT = "verdict IN ('released', 'withdrawn')"
_HANDED_OVER = " (SELECT batch_no FROM releases)"
RELEASED = {"released_means_released": "verdict = 'released'"}


def upgrade() -> None:
    """No row is lost but the verdicts of sealed batches: those handed over are released, the others still open."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuilt_in_sqlite()
    else:
        _altered_in_postgres()


def _altered_in_postgres() -> None:
    op.alter_column("batch_orders", "batch_no", nullable=True)
    op.add_column("batch_orders", sa.Column("lapsed_no", sa.String(10)))
    op.create_unique_constraint(None, "batch_orders", ["lapsed_no"])
    _checked("batch_orders", LAPSE_CHECKS)
    op.add_column("payment_orders", sa.Column("replaces_lapse", sa.String(10)))
    op.create_foreign_key(None, "payment_orders", "batch_orders", ["replaces_lapse"], ["lapsed_no"])
    op.drop_constraint("replaced_for_a_reason", "payment_orders")
    _checked("payment_orders", REASON_CHECKS)
    op.drop_constraint("seals_batch_no_verdict_fkey", "seals")
    op.drop_column("seals", "verdict")
    op.drop_constraint("known_verdict", "batch_verdicts")
    op.execute("ALTER TABLE batch_verdicts DISABLE TRIGGER USER")
    op.execute("DELETE FROM batch_verdicts WHERE verdict = 'sealed' AND batch_no NOT IN" + _HANDED_OVER)
    op.execute("UPDATE batch_verdicts SET verdict = 'released' WHERE verdict = 'sealed'")
    op.execute("ALTER TABLE batch_verdicts ENABLE TRIGGER USER")
    _checked("batch_verdicts", {"known_verdict": KNOWN_VERDICT})
    op.add_column("releases", sa.Column("verdict", sa.String(10), nullable=False, server_default="released"))
    op.alter_column("releases", "verdict", server_default=None)
    mine, theirs = VERDICT_LINK
    op.create_foreign_key(None, "releases", "batch_verdicts", mine, [name.split(".")[1] for name in theirs])
    _checked("releases", RELEASED)


def _checked(table: str, checks: dict[str, str]) -> None:
    for name, rule in checks.items():
        op.create_check_constraint(name, table, rule)


def _rebuilt_in_sqlite() -> None:
    """SQLite changes no key of a table: new ones take the rows and the names (resources/schema.py: foreign keys)."""
    op.execute("DROP VIEW last_payment_no")
    reopen_batches()
    op.create_table("new_payment_orders", *_payment_orders())
    op.create_table("new_batch_orders", *_batch_orders())
    op.create_table("new_batch_verdicts", *_batch_verdicts())
    op.create_table("new_seals", *_seals())
    op.create_table("new_releases", *_releases())
    op.execute(
        "INSERT INTO new_batch_verdicts SELECT batch_no, 'withdrawn' FROM withdrawals"
        " UNION ALL SELECT batch_no, 'released' FROM releases"
    )
    _moved("payment_orders", "*, NULL")
    _moved("batch_orders", "*, NULL")
    _moved("seals", "batch_no, digest, person, at")
    _moved("releases", "*, 'released'")
    _renamed("batch_verdicts")
    op.create_index("ix_payment_orders_value_date", "payment_orders", ["value_date"])
    op.create_index("ix_batch_orders_batch_no", "batch_orders", ["batch_no"])
    op.execute("CREATE VIEW last_payment_no AS SELECT max(payment_no) AS payment_no FROM payment_orders")
    for table in CHANGED:
        guard(table)
    close_batches()


def _moved(table: str, values: str) -> None:
    op.execute(f"INSERT INTO new_{table} SELECT {values} FROM {table}")
    _renamed(table)


def _renamed(table: str) -> None:
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE new_{table} RENAME TO {table}")


def _checks(*checks: dict[str, str]) -> Sequence[Any]:
    return [sa.CheckConstraint(rule, name=name) for each in checks for name, rule in each.items()]


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
        sa.Column("replaces_lapse", sa.String(10)),
        sa.PrimaryKeyConstraint("payment_no"),
        sa.UniqueConstraint(*SUBJECT, "attempt"),
        sa.UniqueConstraint(*SUBJECT, "payment_no"),
        sa.UniqueConstraint("replaces_no"),
        sa.ForeignKeyConstraint([*SUBJECT, "amount_yen"], [f"obligations.{name}" for name in (*SUBJECT, "amount_yen")]),
        sa.ForeignKeyConstraint(
            [*SUBJECT, "replaces_no"], [f"payment_orders.{name}" for name in (*SUBJECT, "payment_no")]
        ),
        sa.ForeignKeyConstraint(
            ["municipality", "replaces_event", "replaces_no"],
            [f"ledger_journal.{name}" for name in ("municipality", "event", "reference")],
        ),
        sa.ForeignKeyConstraint(["replaces_lapse"], ["batch_orders.lapsed_no"]),
        *_checks(ORDER_CHECKS, REASON_CHECKS),
    ]


def _batch_orders() -> list[Any]:
    return [
        sa.Column("payment_no", sa.String(10), nullable=False),
        sa.Column("batch_no", sa.String(30)),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("turn_before", sa.Integer()),
        sa.Column("batch_before", sa.String(30)),
        sa.Column("lapsed_no", sa.String(10)),
        sa.PrimaryKeyConstraint("payment_no", "turn"),
        sa.UniqueConstraint("payment_no", "batch_no"),
        sa.UniqueConstraint("payment_no", "turn", "batch_no"),
        sa.UniqueConstraint("lapsed_no"),
        sa.ForeignKeyConstraint(["payment_no"], ["payment_orders.payment_no"]),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], deferrable=True, initially="DEFERRED"),
        sa.ForeignKeyConstraint(["batch_before"], ["withdrawals.batch_no"]),
        sa.ForeignKeyConstraint(
            ["payment_no", "turn_before", "batch_before"],
            [f"batch_orders.{name}" for name in ("payment_no", "turn", "batch_no")],
        ),
        *_checks(TURN_CHECKS, LAPSE_CHECKS),
    ]


def _batch_verdicts() -> list[Any]:
    return [
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "verdict"),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"]),
        sa.CheckConstraint(KNOWN_VERDICT, name="known_verdict"),
    ]


def _seals() -> list[Any]:
    return [
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "digest"),
        sa.ForeignKeyConstraint(["batch_no", "digest"], ["approvals.batch_no", "approvals.digest"]),
        *_checks({"somebody_sealed": "length(person) > 0"}),
    ]


def _releases() -> list[Any]:
    return [
        sa.Column("batch_no", sa.String(30), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("environment", sa.String(10), nullable=False),
        sa.Column("approved_by", sa.String(100), nullable=False),
        sa.Column("recipient", sa.String(200), nullable=False),
        sa.Column("cipher_sha256", sa.String(64), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("cipher_sha256"),
        sa.ForeignKeyConstraint(["batch_no", "digest"], ["seals.batch_no", "seals.digest"]),
        sa.ForeignKeyConstraint(["batch_no", "environment"], ["batches.batch_no", "batches.environment"]),
        sa.ForeignKeyConstraint(["batch_no", "approved_by"], ["approvals.batch_no", "approvals.person"]),
        sa.ForeignKeyConstraint(*VERDICT_LINK),
        *_checks(
            {
                "only_production_leaves": "environment = 'production'",
                "released_by_another": "person <> approved_by",
                "somebody_released": "length(person) > 0",
            },
            RELEASED,
        ),
    ]
