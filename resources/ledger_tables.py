"""The ledger's tables, and the frames that go in and come out.

Belongs here: columns and what the database itself refuses. Does not belong here: what is done with them (ledger.py).
"""

import polars as pl
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    Table,
    UniqueConstraint,
    column,
    table,
)

from resources.database import Utc, append_only, metadata

_OBLIGATION = ("municipality", "subject_kind", "subject_key")

OBLIGATIONS = append_only(
    Table(
        "obligations",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("subject_kind", String(40), primary_key=True),
        Column("subject_key", String(100), primary_key=True),
        Column("amount_yen", BigInteger, nullable=False),
        Column("decided_month", Date, nullable=False),
        Column("run_id", String(100), nullable=False),
        Column("created_at", Utc, nullable=False),
        UniqueConstraint(*_OBLIGATION, "amount_yen"),
        CheckConstraint("amount_yen > 0", name="something_is_owed"),
    )
)
"""What is owed, once per subject for ever. A later difference is a subject of its own."""

PAYMENT_ORDERS = append_only(
    Table(
        "payment_orders",
        metadata,
        Column("payment_no", String(10), primary_key=True),
        Column("municipality", String(6), nullable=False),
        Column("subject_kind", String(40), nullable=False),
        Column("subject_key", String(100), nullable=False),
        Column("amount_yen", BigInteger, nullable=False),
        Column("bank_code", String(4), nullable=False),
        Column("branch_code", String(3), nullable=False),
        Column("account_type", String(2), nullable=False),
        Column("account_number", String(8), nullable=False),
        Column("account_holder_kana", String(200), nullable=False),
        Column("value_date", Date, nullable=False, index=True),
        Column("decided_month", Date, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("replaces_no", String(10), unique=True),
        Column("replaces_event", String(20)),
        Column("replaces_lapse", String(10), ForeignKey("batch_orders.lapsed_no")),
        Column("run_id", String(100), nullable=False),
        Column("created_at", Utc, nullable=False),
        UniqueConstraint(*_OBLIGATION, "attempt"),
        UniqueConstraint(*_OBLIGATION, "payment_no"),
        ForeignKeyConstraint(
            [*_OBLIGATION, "amount_yen"], [f"obligations.{name}" for name in (*_OBLIGATION, "amount_yen")]
        ),
        ForeignKeyConstraint(
            [*_OBLIGATION, "replaces_no"], [f"payment_orders.{name}" for name in (*_OBLIGATION, "payment_no")]
        ),
        ForeignKeyConstraint(
            ["municipality", "replaces_event", "replaces_no"],
            ["ledger_journal.municipality", "ledger_journal.event", "ledger_journal.reference"],
        ),
        CheckConstraint("amount_yen > 0", name="something_is_paid"),
        CheckConstraint("length(payment_no) = 10", name="ten_digits"),
        CheckConstraint("attempt >= 1", name="attempts_count_from_one"),
        CheckConstraint("(attempt = 1) = (replaces_no IS NULL)", name="only_a_later_attempt_replaces"),
        CheckConstraint(
            "(replaces_no IS NULL) = (replaces_event IS NULL AND replaces_lapse IS NULL)", name="replaced_for_a_reason"
        ),
        CheckConstraint("replaces_event IS NULL OR replaces_lapse IS NULL", name="replaced_for_one_reason"),
        CheckConstraint("replaces_event IN ('returned', 'recalled')", name="replaced_when_the_money_came_back"),
        CheckConstraint("replaces_lapse = replaces_no", name="replaced_for_its_own_lapse"),
        CheckConstraint("replaces_no <> payment_no", name="replaces_another"),
    )
)
"""An order pays exactly what is owed. A later attempt names the one before it, and the journal's entry that brought
its money back or its lapse."""

LAST_PAYMENT_NO = table("last_payment_no", column("payment_no"))
"""A view: the highest number of all cities, also for one who sees only his own (ledger_roles.py)."""

BATCHES = append_only(
    Table(
        "batches",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("municipality", String(6), nullable=False),
        Column("environment", String(10), nullable=False),
        Column("value_date", Date, nullable=False),
        Column("number", Integer, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("orders", Integer, nullable=False),
        Column("total_yen", BigInteger, nullable=False),
        Column("prepared_by", String(100), nullable=False),
        Column("prepared_at", Utc, nullable=False),
        UniqueConstraint("municipality", "value_date", "number"),
        UniqueConstraint("batch_no", "digest", "orders", "total_yen"),
        UniqueConstraint("batch_no", "prepared_by"),
        UniqueConstraint("batch_no", "environment"),
        CheckConstraint("environment IN ('production', 'test')", name="known_environment"),
        CheckConstraint("length(digest) = 64", name="digest_is_sha256"),
        CheckConstraint("orders > 0 AND total_yen >= orders", name="something_is_in_it"),
        CheckConstraint("length(prepared_by) > 0", name="somebody_prepared"),
    )
)

BATCH_ORDERS = append_only(
    Table(
        "batch_orders",
        metadata,
        Column("payment_no", String(10), ForeignKey("payment_orders.payment_no"), primary_key=True),
        Column("turn", Integer, primary_key=True, autoincrement=False),
        Column(
            "batch_no",
            String(30),
            ForeignKey("batches.batch_no", deferrable=True, initially="DEFERRED"),
            index=True,
        ),
        Column("lapsed_no", String(10), unique=True),
        Column("turn_before", Integer),
        Column("batch_before", String(30), ForeignKey("withdrawals.batch_no")),
        UniqueConstraint("payment_no", "batch_no"),
        UniqueConstraint("payment_no", "turn", "batch_no"),
        ForeignKeyConstraint(
            ["payment_no", "turn_before", "batch_before"],
            ["batch_orders.payment_no", "batch_orders.turn", "batch_orders.batch_no"],
        ),
        CheckConstraint("turn >= 1", name="turns_count_from_one"),
        CheckConstraint("(turn = 1) = (turn_before IS NULL)", name="only_a_later_turn_follows"),
        CheckConstraint("turn_before = turn - 1", name="turns_follow_each_other"),
        CheckConstraint("(turn_before IS NULL) = (batch_before IS NULL)", name="follows_a_withdrawn_batch"),
        CheckConstraint("(batch_no IS NULL) <> (lapsed_no IS NULL)", name="in_a_batch_or_lapsed"),
        CheckConstraint("lapsed_no = payment_no", name="it_lapses_itself"),
    )
)
"""An order is in one batch, and in another only when the one before was withdrawn. Written before their batch, which
closes them: nothing joins a batch that stands (migrations/guards.py). A turn without a batch is its last: the order
lapsed, and nothing can follow."""

VERDICTS = append_only(
    Table(
        "batch_verdicts",
        metadata,
        Column("batch_no", String(30), ForeignKey("batches.batch_no"), primary_key=True),
        Column("verdict", String(10), nullable=False),
        UniqueConstraint("batch_no", "verdict"),
        CheckConstraint("verdict IN ('released', 'withdrawn')", name="known_verdict"),
    )
)
"""A batch is released or withdrawn, never both."""

WITHDRAWALS = append_only(
    Table(
        "withdrawals",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("verdict", String(10), nullable=False),
        Column("reason", String(200), nullable=False),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        ForeignKeyConstraint(["batch_no", "verdict"], ["batch_verdicts.batch_no", "batch_verdicts.verdict"]),
        CheckConstraint("verdict = 'withdrawn'", name="withdrawn_means_withdrawn"),
        CheckConstraint("length(reason) > 0", name="withdrawn_for_a_reason"),
        CheckConstraint("length(person) > 0", name="somebody_withdrew"),
    )
)

APPROVALS = append_only(
    Table(
        "approvals",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("digest", String(64), nullable=False),
        Column("orders", Integer, nullable=False),
        Column("total_yen", BigInteger, nullable=False),
        Column("prepared_by", String(100), nullable=False),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        ForeignKeyConstraint(
            ["batch_no", "digest", "orders", "total_yen"],
            ["batches.batch_no", "batches.digest", "batches.orders", "batches.total_yen"],
        ),
        ForeignKeyConstraint(["batch_no", "prepared_by"], ["batches.batch_no", "batches.prepared_by"]),
        UniqueConstraint("batch_no", "digest"),
        UniqueConstraint("batch_no", "person"),
        CheckConstraint("person <> prepared_by", name="approved_by_another"),
        CheckConstraint("length(person) > 0", name="somebody_approved"),
    )
)

SEALS = append_only(
    Table(
        "seals",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("digest", String(64), nullable=False),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        ForeignKeyConstraint(["batch_no", "digest"], ["approvals.batch_no", "approvals.digest"]),
        UniqueConstraint("batch_no", "digest"),
        CheckConstraint("length(person) > 0", name="somebody_sealed"),
    )
)

RELEASES = append_only(
    Table(
        "releases",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("verdict", String(10), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("environment", String(10), nullable=False),
        Column("approved_by", String(100), nullable=False),
        Column("recipient", String(200), nullable=False),
        Column("cipher_sha256", String(64), nullable=False, unique=True),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        ForeignKeyConstraint(["batch_no", "digest"], ["seals.batch_no", "seals.digest"]),
        ForeignKeyConstraint(["batch_no", "environment"], ["batches.batch_no", "batches.environment"]),
        ForeignKeyConstraint(["batch_no", "approved_by"], ["approvals.batch_no", "approvals.person"]),
        ForeignKeyConstraint(["batch_no", "verdict"], ["batch_verdicts.batch_no", "batch_verdicts.verdict"]),
        CheckConstraint("verdict = 'released'", name="released_means_released"),
        CheckConstraint("environment = 'production'", name="only_production_leaves"),
        CheckConstraint("person <> approved_by", name="released_by_another"),
        CheckConstraint("length(person) > 0", name="somebody_released"),
    )
)

ERASURES = append_only(
    Table(
        "erasures",
        metadata,
        Column("batch_no", String(30), ForeignKey("releases.batch_no"), primary_key=True),
        Column("file_name", String(200), primary_key=True),
        Column("digest", String(64), nullable=False),
        Column("bytes", BigInteger, nullable=False),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        CheckConstraint("length(person) > 0", name="somebody_erased"),
    )
)

EXPENSE, PAYABLE, IN_TRANSIT, CASH = "扶助費", "未払金", "振込中", "預金"
_ACCOUNTS = f"('{EXPENSE}', '{PAYABLE}', '{IN_TRANSIT}', '{CASH}')"

JOURNAL = append_only(
    Table(
        "ledger_journal",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("event", String(20), nullable=False),
        Column("reference", String(40), nullable=False),
        Column("debit_account", String(20), nullable=False),
        Column("credit_account", String(20), nullable=False),
        Column("amount_yen", BigInteger, nullable=False),
        Column("at", Utc, nullable=False),
        UniqueConstraint("municipality", "event", "reference"),
        CheckConstraint("amount_yen > 0", name="an_entry_moves_money"),
        CheckConstraint("debit_account <> credit_account", name="two_sides"),
        CheckConstraint(f"debit_account IN {_ACCOUNTS}", name="known_debit"),
        CheckConstraint(f"credit_account IN {_ACCOUNTS}", name="known_credit"),
    )
)
"""One row is one balanced entry: what is debited is credited."""

BANK_RESULTS = append_only(
    Table(
        "bank_results",
        metadata,
        Column("payment_no", String(10), ForeignKey("payment_orders.payment_no"), primary_key=True),
        Column("value_date", Date, primary_key=True),
        Column("result", String(1), primary_key=True),
        Column("reason_text", String(100)),
        Column("trouble", String(40)),
        Column("run_id", String(100), nullable=False),
        Column("recorded_at", Utc, nullable=False),
    )
)
"""An answer with a trouble contradicts those before it: it is kept and moves no money."""

LEDGER_TABLES = (
    OBLIGATIONS,
    PAYMENT_ORDERS,
    BATCHES,
    BATCH_ORDERS,
    VERDICTS,
    WITHDRAWALS,
    APPROVALS,
    SEALS,
    RELEASES,
    ERASURES,
    BANK_RESULTS,
    JOURNAL,
)

ACCOUNT = ("bank_code", "branch_code", "account_type", "account_number")
PAYEE = (*ACCOUNT, "account_holder_kana")
SUBJECT = ("subject_kind", "subject_key")
ENTRY_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(SUBJECT, pl.String()),
        "amount_yen": pl.Int64(),
        **dict.fromkeys(PAYEE, pl.String()),
        "value_date": pl.Date(),
        "decided_month": pl.Date(),
    }
)
"""What `enter_orders` needs; other columns are left alone. subject: what is paid, e.g. claim number and line."""

ORDER_SCHEMA = pl.Schema({"payment_no": pl.String(), **ENTRY_SCHEMA, "attempt": pl.Int64(), "replaces_no": pl.String()})
"""What the ledger gives back of an order. attempt: 1 for the first; replaces_no: the order that came back or lapsed."""

AGAIN_SCHEMA = pl.Schema(
    {
        "replaces_no": pl.String(),
        **dict.fromkeys(PAYEE, pl.String()),
        "value_date": pl.Date(),
        "decided_month": pl.Date(),
    }
)
"""What `order_again` needs: the order that came back or lapses, and the account and day of the next attempt."""

RESULT_SCHEMA = pl.Schema(
    {
        "payment_no": pl.String(),
        **dict.fromkeys(ACCOUNT, pl.String()),
        "amount_yen": pl.Int64(),
        "result": pl.String(),
        "reason_text": pl.String(),
        "value_date": pl.Date(),
    }
)
"""What `record_results` needs (schemas.records.feeds.BANK_RESULTS)."""

WORK_SCHEMA = pl.Schema({**RESULT_SCHEMA, "trouble": pl.String()})
"""Results that fit no payment, each with its trouble, for a person."""
