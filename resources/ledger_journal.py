"""The double entries of the ledger: what each event moves from which account to which.

Belongs here: the closed list of movements and the writing of entries. Does not belong here: when they
happen (ledger.py).
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

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


def enter(connection: Connection, municipality: str, movements: Iterable[Movement], at: datetime) -> None:
    """Append the entries of `movements`, inside the caller's transaction under the ledger lock."""
    mine = JOURNAL.c.municipality == municipality
    last = int(connection.scalar(select(func.max(JOURNAL.c.sequence)).where(mine)) or 0)
    rows = [
        {
            "municipality": municipality,
            "sequence": sequence,
            "event": event,
            "reference": reference,
            "debit_account": MOVEMENTS[event][0],
            "credit_account": MOVEMENTS[event][1],
            "amount_yen": yen,
            "at": at,
        }
        for sequence, (event, reference, yen) in enumerate(movements, start=last + 1)
    ]
    if rows:
        connection.execute(insert(JOURNAL), rows)


def answer_of(result: str, before: set[str]) -> str | None:
    """The event a bank result is, after the events already entered of the payment; None where it moves nothing more."""
    if result == "0":
        return None if PAID in before else PAID
    if PAID in before:
        return None if RECALLED in before else RECALLED
    return None if RETURNED in before else RETURNED
