"""The first schema: registry, outbox, acceptances and ledger, append-only; a batch closed by its own row.

Belongs here: the schema as it was first. Does not belong here: what later revisions changed.
"""

import sqlalchemy as sa
from alembic import op

from resources.migrations.guards import close_batches, guard

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
APPEND_ONLY = (
    "acceptances",
    "batches",
    "beneficiary_numbers",
    "deliveries",
    "ledger_journal",
    "outbox_journal",
    "payment_orders",
    "volumes",
    "approvals",
    "bank_results",
    "batch_orders",
    "seals",
    "releases",
    "erasures",
)


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "acceptances",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("feed", sa.String(length=60), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=400), nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("municipality", "feed", "finding"),
    )
    op.create_table(
        "batches",
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("total_yen", sa.BigInteger(), nullable=False),
        sa.Column("prepared_by", sa.String(length=100), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.CheckConstraint("environment IN ('production', 'test')", name="known_environment"),
        sa.CheckConstraint("length(digest) = 64", name="digest_is_sha256"),
        sa.CheckConstraint("length(prepared_by) > 0", name="somebody_prepared"),
        sa.CheckConstraint("orders > 0 AND total_yen >= orders", name="something_is_in_it"),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "digest", "orders", "total_yen"),
        sa.UniqueConstraint("batch_no", "environment"),
        sa.UniqueConstraint("batch_no", "prepared_by"),
        sa.UniqueConstraint("municipality", "value_date", "number"),
    )
    op.create_table(
        "beneficiary_numbers",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("child_resident_code", sa.String(length=15), nullable=False),
        sa.Column("beneficiary_no", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "child_resident_code"),
        sa.UniqueConstraint("municipality", "beneficiary_no"),
    )
    op.create_table(
        "deliveries",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("feed", sa.String(length=60), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("load", sa.String(length=4), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("yen", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "feed", "sequence"),
    )
    op.create_table(
        "ledger_journal",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("debit_account", sa.String(length=20), nullable=False),
        sa.Column("credit_account", sa.String(length=20), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("credit_account IN ('扶助費', '未払金', '振込中', '預金')", name="known_credit"),
        sa.CheckConstraint("debit_account IN ('扶助費', '未払金', '振込中', '預金')", name="known_debit"),
        sa.CheckConstraint("amount_yen > 0", name="an_entry_moves_money"),
        sa.CheckConstraint("debit_account <> credit_account", name="two_sides"),
        sa.PrimaryKeyConstraint("municipality", "sequence"),
        sa.UniqueConstraint("municipality", "event", "reference"),
    )
    op.create_table(
        "outbox_journal",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partition", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "sequence"),
    )
    op.create_table(
        "payment_orders",
        sa.Column("payment_no", sa.String(length=10), nullable=False),
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_key", sa.String(length=100), nullable=False),
        sa.Column("amount_yen", sa.BigInteger(), nullable=False),
        sa.Column("bank_code", sa.String(length=4), nullable=False),
        sa.Column("branch_code", sa.String(length=3), nullable=False),
        sa.Column("account_type", sa.String(length=2), nullable=False),
        sa.Column("account_number", sa.String(length=8), nullable=False),
        sa.Column("account_holder_kana", sa.String(length=200), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("decided_month", sa.Date(), nullable=False),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("amount_yen > 0", name="something_is_paid"),
        sa.CheckConstraint("length(payment_no) = 10", name="ten_digits"),
        sa.PrimaryKeyConstraint("payment_no"),
        sa.UniqueConstraint("municipality", "subject_kind", "subject_key"),
    )
    op.create_index("ix_payment_orders_value_date", "payment_orders", ["value_date"], unique=False)
    op.create_table(
        "volumes",
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("dataset", sa.String(length=100), nullable=False),
        sa.Column("partition", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "dataset", "partition", "generation"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "approvals",
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("total_yen", sa.BigInteger(), nullable=False),
        sa.Column("prepared_by", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("length(person) > 0", name="somebody_approved"),
        sa.CheckConstraint("person <> prepared_by", name="approved_by_another"),
        sa.ForeignKeyConstraint(
            ["batch_no", "digest", "orders", "total_yen"],
            ["batches.batch_no", "batches.digest", "batches.orders", "batches.total_yen"],
        ),
        sa.ForeignKeyConstraint(["batch_no", "prepared_by"], ["batches.batch_no", "batches.prepared_by"]),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "digest"),
        sa.UniqueConstraint("batch_no", "person"),
    )
    op.create_table(
        "bank_results",
        sa.Column("payment_no", sa.String(length=10), nullable=False),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=1), nullable=False),
        sa.Column("reason_text", sa.String(length=100), nullable=True),
        sa.Column("run_id", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["payment_no"], ["payment_orders.payment_no"]),
        sa.PrimaryKeyConstraint("payment_no", "value_date", "result"),
    )
    op.create_table(
        "batch_orders",
        sa.Column("payment_no", sa.String(length=10), nullable=False),
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["batch_no"], ["batches.batch_no"], deferrable=True, initially="DEFERRED"),
        sa.ForeignKeyConstraint(["payment_no"], ["payment_orders.payment_no"]),
        sa.PrimaryKeyConstraint("payment_no"),
    )
    op.create_index("ix_batch_orders_batch_no", "batch_orders", ["batch_no"], unique=False)
    op.create_table(
        "seals",
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("length(person) > 0", name="somebody_sealed"),
        sa.ForeignKeyConstraint(["batch_no", "digest"], ["approvals.batch_no", "approvals.digest"]),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("batch_no", "digest"),
    )
    op.create_table(
        "releases",
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("approved_by", sa.String(length=100), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("cipher_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("environment = 'production'", name="only_production_leaves"),
        sa.CheckConstraint("length(person) > 0", name="somebody_released"),
        sa.CheckConstraint("person <> approved_by", name="released_by_another"),
        sa.ForeignKeyConstraint(["batch_no", "approved_by"], ["approvals.batch_no", "approvals.person"]),
        sa.ForeignKeyConstraint(["batch_no", "digest"], ["seals.batch_no", "seals.digest"]),
        sa.ForeignKeyConstraint(["batch_no", "environment"], ["batches.batch_no", "batches.environment"]),
        sa.PrimaryKeyConstraint("batch_no"),
        sa.UniqueConstraint("cipher_sha256"),
    )
    op.create_table(
        "erasures",
        sa.Column("batch_no", sa.String(length=30), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("length(person) > 0", name="somebody_erased"),
        sa.ForeignKeyConstraint(["batch_no"], ["releases.batch_no"]),
        sa.PrimaryKeyConstraint("batch_no", "file_name"),
    )
    op.create_table(
        "database_logins",
        sa.Column("login", sa.String(length=63), nullable=False),
        sa.Column("municipality", sa.String(length=6), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.CheckConstraint("length(person) > 0", name="somebody_logs_in"),
        sa.PrimaryKeyConstraint("login", "municipality"),
        sa.UniqueConstraint("municipality", "person"),
    )
    op.execute("CREATE VIEW last_payment_no AS SELECT max(payment_no) AS payment_no FROM payment_orders")
    for table in APPEND_ONLY:
        guard(table)
    close_batches()
