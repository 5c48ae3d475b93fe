"""What a child process does, and where it dies: run as a script with its arguments, never collected as a test.

Belongs here: the writers of the crash tests. Does not belong here: what must hold afterwards (the tests).
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from resources import durable
from resources import release as release_module
from resources.database import open_engine
from resources.keys import KeyRing
from resources.ledger import Ledger
from resources.ledger_checks import LedgerError
from resources.outbox import Outbox
from resources.registry import Registry
from resources.release import Releases, file_name_of
from resources.shelf import Shelf
from resources.witness import Witness
from schemas.record import Item, Record, digits, text, yen

CITY = "112038"
Clock = Callable[[], datetime]
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


def open_house(engine: Engine) -> None:
    """Open an empty database beside others who do the same."""
    Registry(engine)


def clock() -> datetime:
    """An instant ten days before the value date."""
    return datetime(2026, 10, 20, 3, tzinfo=UTC)


def releases(engine: Engine, root: Path, environment: str = "production", now: Clock = clock) -> Releases:
    """The hand-overs of a home at `root`."""
    ledger = Ledger(engine, CITY, now, environment)
    return Releases(ledger, Outbox(root / "outbox", engine, CITY, now), Witness(root / "witness", CITY), root)


def bank_bytes(orders: pl.DataFrame) -> bytes:
    """A file of orders as simple as can be."""
    return orders.select("payment_no", "amount_yen").write_csv().encode()


def prepare(hand: Releases, value_date: date) -> str | None:
    """A batch of the day's loose orders with its file in the outbox; the number of the day's batch."""
    loose = hand.ledger.loose_orders(value_date)
    if loose.height:
        digest = sha256(bank_bytes(loose)).hexdigest()
        hand.ledger.prepare(value_date, loose["payment_no"].to_list(), digest, person="甲")
    for batch in hand.ledger.batches(value_date):
        if hand.outbox.find(file_name_of(batch.batch_no)) is None or batch.state == "prepared":
            data = bank_bytes(hand.ledger.batch_orders(batch.batch_no))
            hand.outbox.write("2026-10", file_name_of(batch.batch_no), data, purpose="総合振込", sealed=True)
        return batch.batch_no
    return None


def release(engine: Engine, where: str, root: str, batch_no: str, recipient: str) -> None:
    """Hand a sealed batch over, dying at `where`."""
    hand = releases(engine, Path(root))
    if where == "before_staging":
        release_module.write_atomically = die
    if where == "after_staging":
        hand.witness.tell = die  # type: ignore[method-assign]
    if where == "after_witness":
        hand.ledger.enter_release = die  # type: ignore[method-assign]
    if where == "before_rename":
        release_module.os.rename = die
    if where == "after_rename":
        release_module.sync_directory = die
    _die_around_commit(engine, where)
    hand.release(batch_no, recipient, deadline=date(2026, 10, 27), person="丙")


def withdraw(engine: Engine, root: str, batch_no: str) -> None:
    """Take a batch back."""
    releases(engine, Path(root)).withdraw(batch_no, "間に合わない", person="乙")


def live(engine: Engine, root: str, recipient: str, days: str) -> None:
    """The whole life of the batches of so many days, beside others who do the same."""
    hand = releases(engine, Path(root))
    for at in range(int(days)):
        day = date(2026, 10, 30) + timedelta(at)
        with suppress(LedgerError):
            prepare(hand, day)
        (batch,) = hand.ledger.batches(day)
        for step in (
            lambda number: hand.approve(number, person="乙"),
            lambda number: hand.seal(number, person="乙"),
            lambda number: hand.release(number, recipient, deadline=date(2026, 10, 27), person="丙"),
        ):
            with suppress(LedgerError):
                step(batch.batch_no)


def _die_around_commit(engine: Engine, where: str) -> None:
    def inserted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO") and where == "before_commit":
            die()
        if statement.startswith("INSERT INTO") and where == "after_commit":
            event.listen(engine.pool, "checkin", die)

    event.listen(engine, "after_cursor_execute", inserted)


if __name__ == "__main__":
    task, address, *arguments = sys.argv[1:]
    tasks: dict[str, Callable[..., None]] = {
        "publish": publish,
        "enter": enter,
        "release": release,
        "withdraw": withdraw,
        "live": live,
        "open_house": open_house,
    }
    tasks[task](open_engine(make_url(address)), *arguments)
