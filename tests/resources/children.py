"""What a child process does, and where it dies: run as a script with its arguments, never collected as a test.

Belongs here: the writers of the crash tests. Does not belong here: what must hold afterwards (the tests).
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from resources import durable
from resources.database import open_engine
from resources.keys import KeyRing
from resources.ledger import Ledger
from resources.registry import Registry
from resources.shelf import Shelf
from schemas.record import Item, Record, digits, text, yen

CITY = "112038"
PAPERS = Record(
    "papers",
    "書類",
    "試験のための表",
    (
        Item("paper_no", "番号", digits(6), frozenset({2})),
        Item("title", "表題", text(40), frozenset({2}), nullable=True),
        Item("amount_yen", "金額", yen(), frozenset({8})),
    ),
    ("paper_no",),
    frozenset({2, 8}),
)


def papers(rows: int, first_yen: int = 1) -> pl.DataFrame:
    """Rows of PAPERS, not in the order of their key."""
    numbers = pl.int_range(rows, eager=True)
    return pl.DataFrame(
        {
            "paper_no": numbers.cast(pl.String).str.zfill(6),
            "title": numbers.cast(pl.String) + "番の書類",
            "amount_yen": numbers + first_yen,
        }
    ).reverse()


def payment_entries(rows: int) -> pl.DataFrame:
    """Orders to enter, one per claim."""
    numbers = pl.int_range(rows, eager=True)
    return pl.DataFrame(
        {
            "subject_kind": "claim",
            "subject_key": "C" + numbers.cast(pl.String).str.zfill(8) + "-1",
            "amount_yen": numbers % 900 + 100,
            "bank_code": "0017",
            "branch_code": "123",
            "account_type": "1",
            "account_number": (numbers % 10_000_000).cast(pl.String).str.zfill(7),
            "account_holder_kana": "ｼｹﾝ ﾀﾛｳ",
        },
        schema_overrides={"amount_yen": pl.Int64},
    ).with_columns(value_date=pl.date(2026, 10, 30), decided_month=pl.date(2026, 9, 1))


def die(*_arguments: Any, **_options: Any) -> NoReturn:
    """SIGKILL ourselves: no handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def publish(engine: Engine, where: str, root: str, first_yen: str) -> None:
    """Publish 50 papers of one partition, dying at `where`."""
    if where == "after_temporary_write":
        durable.os.replace = die
    registry = Registry(engine)
    if where == "after_rename":
        registry.add_volume = die
    _die_around_commit(engine, where)
    shelf = Shelf(Path(root) / "shelf", registry, KeyRing.load(Path(root) / "keys.json"), CITY)
    shelf.publish(PAPERS, "2026-10", papers(50, int(first_yen)), run_id="child")


def enter(engine: Engine, where: str, rows: str) -> None:
    """Enter the same orders as every other child, dying at `where`."""
    ledger = Ledger(engine, CITY)
    _die_around_commit(engine, where)
    ledger.enter_orders(payment_entries(int(rows)), run_id=f"child-{os.getpid()}")


def _die_around_commit(engine: Engine, where: str) -> None:
    def inserted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO") and where == "before_commit":
            die()
        if statement.startswith("INSERT INTO") and where == "after_commit":
            event.listen(engine.pool, "checkin", die)

    event.listen(engine, "after_cursor_execute", inserted)


if __name__ == "__main__":
    task, address, *arguments = sys.argv[1:]
    tasks: dict[str, Callable[..., None]] = {"publish": publish, "enter": enter}
    tasks[task](open_engine(make_url(address)), *arguments)
