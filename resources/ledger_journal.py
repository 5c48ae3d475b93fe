"""The double entries of the ledger: what each event moves from which account to which.

Belongs here: the closed list of movements and the writing of entries. Does not belong here: when they
happen (ledger.py).
"""

from collections.abc import Iterable
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, insert, select

from resources.frames import insert_frame
from resources.ledger_tables import CASH, EXPENSE, IN_TRANSIT, JOURNAL, PAYABLE

DECIDED, RELEASED, PAID, RETURNED, RECALLED = "decided", "released", "paid", "returned", "recalled"
BACK = frozenset({RETURNED, RECALLED})
"""The events after which the money is owed again."""

MOVEMENTS = {
    DECIDED: (EXPENSE, PAYABLE),
    RELEASED: (PAYABLE, IN_TRANSIT),
    PAID: (IN_TRANSIT, CASH),
    RETURNED: (IN_TRANSIT, PAYABLE),
    RECALLED: (CASH, PAYABLE),
}
"""Event: (debited account, credited account)."""

Movement = tuple[str, str, int]
"""Event, what it is about (a payment or batch number), yen."""

_MOVED = {"event": pl.String, "reference": pl.String, "amount_yen": pl.Int64}


def enter(connection: Connection, municipality: str, movements: Iterable[Movement], at: datetime) -> None:
    """Append the entries of `movements`, inside the caller's transaction under the ledger lock."""
    mine = JOURNAL.c.municipality == municipality
    last = int(connection.scalar(select(func.max(JOURNAL.c.sequence)).where(mine)) or 0)
    rows = pl.DataFrame(list(movements), schema=_MOVED, orient="row").select(
        *_MOVED,
        sequence=pl.int_range(last + 1, last + 1 + pl.len()),
        debit_account=pl.col("event").replace_strict({event: debit for event, (debit, _) in MOVEMENTS.items()}),
        credit_account=pl.col("event").replace_strict({event: credit for event, (_, credit) in MOVEMENTS.items()}),
    )
    insert_frame(connection, insert(JOURNAL), rows, municipality=municipality, at=at)


def answer_of(result: str, before: set[str]) -> str | None:
    """The event a bank result is, after the events already entered of the payment; None where it moves nothing more."""
    if result == "0":
        return None if PAID in before else PAID
    if PAID in before:
        return None if RECALLED in before else RECALLED
    return None if RETURNED in before else RETURNED
