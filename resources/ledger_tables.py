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
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from resources.database import Utc, append_only, metadata

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
        Column("run_id", String(100), nullable=False),
        Column("created_at", Utc, nullable=False),
        UniqueConstraint("municipality", "subject_kind", "subject_key"),
        CheckConstraint("amount_yen > 0", name="something_is_paid"),
        CheckConstraint("length(payment_no) = 10", name="ten_digits"),
    )
)

BATCHES = append_only(
    Table(
        "batches",
        metadata,
        Column("batch_no", String(30), primary_key=True),
        Column("municipality", String(6), nullable=False),
        Column("value_date", Date, nullable=False),
        Column("number", Integer, nullable=False),
        Column("opened_at", Utc, nullable=False),
        UniqueConstraint("municipality", "value_date", "number"),
    )
)

BATCH_ORDERS = append_only(
    Table(
        "batch_orders",
        metadata,
        Column("payment_no", String(10), ForeignKey("payment_orders.payment_no"), primary_key=True),
        Column("batch_no", String(30), ForeignKey("batches.batch_no"), nullable=False, index=True),
    )
)

BATCH_EVENTS = append_only(
    Table(
        "batch_events",
        metadata,
        Column("batch_no", String(30), ForeignKey("batches.batch_no"), primary_key=True),
        Column("event", String(20), primary_key=True),
        Column("digest", String(64), nullable=False),
        Column("orders", Integer, nullable=False),
        Column("total_yen", BigInteger, nullable=False),
        Column("at", Utc, nullable=False),
    )
)

BANK_RESULTS = append_only(
    Table(
        "bank_results",
        metadata,
        Column("payment_no", String(10), ForeignKey("payment_orders.payment_no"), primary_key=True),
        Column("value_date", Date, primary_key=True),
        Column("result", String(1), primary_key=True),
        Column("reason_text", String(100)),
        Column("run_id", String(100), nullable=False),
        Column("recorded_at", Utc, nullable=False),
    )
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

ORDER_SCHEMA = pl.Schema({"payment_no": pl.String(), **ENTRY_SCHEMA})
"""What the ledger gives back of an order."""

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
