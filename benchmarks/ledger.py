"""Entering a month's orders in the ledger, beside the plain way to put the same rows into the same tables.

Belongs here: the two databases, the limit of each, the part of results.md, which
`python -m benchmarks.ledger [ORDERS [TURNS]]` measures and writes. The limit is executemany of sqlite3 and COPY of
PostgreSQL, of rows made before the clock starts, in one transaction under the same keys and triggers; both must leave
the same rows.
"""

import csv
import io
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, Table, func, select

from benchmarks.page import put
from resources.database import open_engine, sqlite_url
from resources.ledger import Ledger
from resources.ledger_tables import JOURNAL, OBLIGATIONS, PAYMENT_ORDERS
from resources.schema import open_schema
from tests.support.postgres import binaries, running_cluster

ORDERS = 50_000
CITY = "112038"
RUNS = 3
WRITTEN = (OBLIGATIONS, PAYMENT_ORDERS, JOURNAL)
Rows = dict[Table, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Cost:
    """The best of the turns, in seconds."""

    ours: float
    limit: float

    @property
    def ratio(self) -> float:
        """How many times the limit ours takes."""
        return self.ours / self.limit


def entries(orders: int) -> pl.DataFrame:
    """Orders to enter, one per claim."""
    numbers = pl.int_range(orders, eager=True)
    text = numbers.cast(pl.String)
    return pl.DataFrame(
        {
            "subject_kind": "claim",
            "subject_key": "C" + text.str.zfill(9) + "-1",
            "amount_yen": numbers % 9_000 + 100,
            "bank_code": "0017",
            "branch_code": "123",
            "account_type": "1",
            "account_number": text.str.zfill(7),
            "account_holder_kana": "ｼｹﾝ ﾀﾛｳ",
            "value_date": date(2026, 10, 30),
            "decided_month": date(2026, 9, 1),
        },
        schema_overrides={"amount_yen": pl.Int64},
    )


def entered(engine: Engine, wanted: pl.DataFrame) -> float:
    """Seconds of `enter_orders`: it also looks for what stands already, numbers, and compares what was stored."""
    ledger = Ledger(engine, CITY)
    start = time.perf_counter()
    ledger.enter_orders(wanted, run_id="bench")
    return time.perf_counter() - start


def _columns(table: Table) -> str:
    return ", ".join(table.c.keys())


def rows_of(engine: Engine) -> Rows:
    """What stands, as the database's own values."""
    with engine.connect() as connection:
        return {
            table: [tuple(row) for row in connection.exec_driver_sql(f"SELECT {_columns(table)} FROM {table.name}")]
            for table in WRITTEN
        }


def executed_many(engine: Engine, rows: Rows) -> float:
    """Seconds of sqlite3's executemany."""
    connection: sqlite3.Connection = engine.raw_connection().driver_connection  # type: ignore[assignment]
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table, values in rows.items():
        marks = ", ".join("?" for _ in table.c)
        connection.executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})", values)
    connection.execute("COMMIT")
    return time.perf_counter() - start


def copied(engine: Engine, rows: Rows) -> float:
    """Seconds of COPY from text that is ready."""
    texts: dict[Table, io.StringIO] = {}
    for table, values in rows.items():
        texts[table] = io.StringIO()
        csv.writer(texts[table]).writerows(values)
        texts[table].seek(0)
    with engine.connect() as held:
        connection: Any = held.connection.driver_connection
        start = time.perf_counter()
        with connection.cursor() as cursor:
            for table, ready in texts.items():
                cursor.copy_expert(f"COPY {table.name} ({_columns(table)}) FROM STDIN WITH (FORMAT csv)", ready)
        connection.commit()
        return time.perf_counter() - start


@contextmanager
def _sqlite() -> Iterator[Callable[[], Engine]]:
    with tempfile.TemporaryDirectory(prefix="kodomo-bench-") as place:
        made = count()
        yield lambda: open_engine(sqlite_url(Path(place) / f"{next(made)}.sqlite"))


@contextmanager
def _postgres() -> Iterator[Callable[[], Engine]]:
    with running_cluster() as cluster:
        yield lambda: open_engine(cluster.fresh())


WAYS = {"SQLite": (_sqlite, executed_many, "executemany"), "PostgreSQL": (_postgres, copied, "COPY")}


def measure(name: str, orders: int, turns: int) -> Cost:
    """Both ways in turn, so many times, each into an empty database. Raises SystemExit where the rows differ."""
    database, limit, _ = WAYS[name]
    wanted = entries(orders)
    ours, plain = [], []
    with database() as fresh:
        for _ in range(turns):
            first, second = fresh(), fresh()
            ours.append(entered(first, wanted))
            open_schema(second)
            plain.append(limit(second, rows_of(first)))
            if _told(first) != _told(second):
                raise SystemExit(f"{name}: not the same rows")
            first.dispose()
            second.dispose()
    return Cost(min(ours), min(plain))


def _told(engine: Engine) -> list[tuple[int, int]]:
    with engine.connect() as connection:
        return [
            tuple(connection.execute(select(func.count(), func.sum(table.c.amount_yen))).one()) for table in WRITTEN
        ]


def part(orders: int, turns: int) -> str:
    """The part of results.md."""
    machine = (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, load average before {os.getloadavg()[0]:.1f}: above "
        f"0.5 other work was running. sqlalchemy {version('sqlalchemy')}; the PostgreSQL of the tests (fsync off)."
    )
    names = [name for name in WAYS if name == "SQLite" or binaries() is not None]
    costs = {name: measure(name, orders, turns) for name in names}
    rows = [
        f"| {name} | {cost.ours:.2f} | {orders / cost.ours:,.0f} | {WAYS[name][2]} | {cost.limit:.2f} |"
        f" {orders / cost.limit:,.0f} | {cost.ratio:.1f} |"
        for name, cost in costs.items()
    ]
    return "\n".join(
        [
            "# Orders into the ledger",
            "",
            machine,
            "",
            f"{orders:,} orders of one month, each an obligation, an order and an entry of the journal, in one",
            f"transaction; best of {turns}, the two ways in turn. The limit loads the same rows, made before,",
            "into the same tables; `enter_orders` also looks for what stands, numbers, and compares what was stored.",
            "",
            "| Database | enter_orders s | orders/s | Limit | Seconds | orders/s | Ratio |",
            "|---|--:|--:|---|--:|--:|--:|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    told = part(*[*asked, *(ORDERS, RUNS)[len(asked) :]])
    put(told)
    print(told)
