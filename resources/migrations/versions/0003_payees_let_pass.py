"""Payees whom pre-flight stops and two people let pass.

Belongs here: the two tables as they began. Does not belong here: what later revisions change.
"""

import sqlalchemy as sa
from alembic import op

from resources.migrations.guards import guard

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
PASSED = ["municipality", "payment_no", "payee"]


def upgrade() -> None:
    """Two empty tables."""
    op.create_table(
        "payee_proposals",
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("payment_no", sa.String(10), nullable=False),
        sa.Column("payee", sa.String(64), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("evidence", sa.String(400), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("length(person) > 0", name="somebody_proposed"),
        sa.CheckConstraint("length(why) > 0 AND length(evidence) > 0", name="with_a_reason_and_evidence"),
        sa.PrimaryKeyConstraint(*PASSED),
        sa.UniqueConstraint(*PASSED, "person"),
    )
    op.create_table(
        "payee_confirmations",
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("payment_no", sa.String(10), nullable=False),
        sa.Column("payee", sa.String(64), nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("person <> proposed_by", name="confirmed_by_another"),
        sa.CheckConstraint("length(person) > 0", name="somebody_confirmed"),
        sa.ForeignKeyConstraint([*PASSED, "proposed_by"], [f"payee_proposals.{name}" for name in (*PASSED, "person")]),
        sa.PrimaryKeyConstraint(*PASSED),
    )
    for table in ("payee_proposals", "payee_confirmations"):
        guard(table)
