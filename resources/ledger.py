"""The ledger of money: what is owed to whom, in which bank file it went, what the bank answered.

Belongs here: the promises on the append-only tables of ledger_tables.py (one order per subject, one batch per order,
one seal per batch). Does not belong here: what is owed (assets/benefit), the bank file itself (reports/zengin).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, exists, func, insert, select
from sqlalchemy.exc import DBAPIError

from resources.database import create_tables, insert_or_leave, utc_now, writing
from resources.ledger_checks import LedgerError, checked, entries_of, judged, refuse_differences
from resources.ledger_tables import (
    ACCOUNT,
    BANK_RESULTS,
    BATCH_EVENTS,
    BATCH_ORDERS,
    BATCHES,
    ORDER_SCHEMA,
    PAYMENT_ORDERS,
    RESULT_SCHEMA,
    SUBJECT,
    WORK_SCHEMA,
)

SEALED = "sealed"
CHUNK = 5_000


@dataclass(frozen=True)
class EnterResult:
    """How many orders were new, and how many stood already with the same amount and payee."""

    new: int
    same: int


@dataclass(frozen=True)
class Batch:
    """The orders that go to the bank in one file; `digest` is the sealed file's, None while it is open."""

    batch_no: str
    value_date: date
    orders: int
    total_yen: int
    digest: str | None


@dataclass(frozen=True)
class ResultsEntered:
    """How many results were new, how many stood already, and the ones a person must look at (WORK_SCHEMA)."""

    new: int
    same: int
    work_list: pl.DataFrame


class Ledger:
    """The payments of one municipality."""

    def __init__(self, engine: Engine, municipality: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.municipality = municipality
        self._clock = clock
        create_tables(engine, PAYMENT_ORDERS, BATCHES, BATCH_ORDERS, BATCH_EVENTS, BANK_RESULTS)

    def enter_orders(self, frame: pl.DataFrame, *, run_id: str) -> EnterResult:
        """Enter what is to be paid (ENTRY_SCHEMA), all or nothing, once per subject for ever.

        A subject already entered with the same amount and payee stays as it is; with another, LedgerError
        names it. New orders get the next payment numbers in the order of their subjects.
        """
        entries = entries_of(frame)
        with _guarded(), writing(self.engine, "ledger") as connection:
            fresh = entries.join(self._stored(connection, entries), on=SUBJECT, how="anti")
            rows = self._rows(connection, fresh, run_id)
            if rows:
                connection.execute(insert_or_leave(connection, PAYMENT_ORDERS), rows)
            refuse_differences(entries, self._stored(connection, entries))
        return EnterResult(fresh.height, entries.height - fresh.height)

    def orders(self, subject_kind: str | None = None) -> pl.DataFrame:
        """Every order (ORDER_SCHEMA) by payment number."""
        wanted = self._orders()
        if subject_kind is not None:
            wanted = wanted.where(PAYMENT_ORDERS.c.subject_kind == subject_kind)
        with self.engine.connect() as connection:
            return _frame(connection, wanted, ORDER_SCHEMA)

    def unsealed(self, until: date) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) with a value date up to `until` that no sealed batch holds: forgotten money."""
        with self.engine.connect() as connection:
            wanted = self._orders().where(PAYMENT_ORDERS.c.value_date <= until, ~_is_sealed())
            return _frame(connection, wanted, ORDER_SCHEMA)

    def sealed_orders(self) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) that a sealed batch holds."""
        with self.engine.connect() as connection:
            return _frame(connection, self._orders().where(_is_sealed()), ORDER_SCHEMA)

    def loose_orders(self, value_date: date) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) of a value date that are in no batch yet."""
        with self.engine.connect() as connection:
            return _frame(connection, self._loose(value_date), ORDER_SCHEMA)

    def open_batch(self, value_date: date, without: Iterable[str] = ()) -> Batch | None:
        """The batch of a value date with every order of that day that is in none yet.

        Orders numbered in `without` (pre-flight found them faulty) stay loose. Orders join the batch that is
        still open; a sealed one stands as it is and gets a successor only for orders that came later. None
        when nothing is to be paid on that day.
        """
        held = set(without)
        with _guarded(), writing(self.engine, "ledger") as connection:
            numbers = _frame(connection, self._loose(value_date), ORDER_SCHEMA)["payment_no"]
            loose = [number for number in numbers if number not in held]
            last = self._last_batch(connection, value_date)
            if loose and (last is None or last.digest is not None):
                last = self._new_batch(connection, value_date)
            if loose and last is not None:
                rows = [{"payment_no": number, "batch_no": last.batch_no} for number in loose]
                connection.execute(insert(BATCH_ORDERS), rows)
            return self._last_batch(connection, value_date)

    def batch(self, batch_no: str) -> Batch:
        """One batch as it stands. Raises LedgerError for an unknown number."""
        with self.engine.connect() as connection:
            return self._batch(connection, batch_no)

    def batches(self, value_date: date) -> list[Batch]:
        """Every batch of a value date, in the order they were opened."""
        here = (BATCHES.c.municipality == self.municipality) & (BATCHES.c.value_date == value_date)
        with self.engine.connect() as connection:
            numbers = connection.scalars(select(BATCHES.c.batch_no).where(here).order_by(BATCHES.c.number)).all()
            return [self._batch(connection, number) for number in numbers]

    def batch_orders(self, batch_no: str) -> pl.DataFrame:
        """The orders of a batch (ORDER_SCHEMA) by payment number."""
        members = select(BATCH_ORDERS.c.payment_no).where(BATCH_ORDERS.c.batch_no == batch_no)
        with self.engine.connect() as connection:
            wanted = self._orders().where(PAYMENT_ORDERS.c.payment_no.in_(members))
            return _frame(connection, wanted, ORDER_SCHEMA)

    def seal(self, batch_no: str, digest: str, count: int, total_yen: int) -> Batch:
        """Close a batch over the sha256 of its file. The same seal again is no change.

        Raises LedgerError when it was sealed over another file, or count or total are not the batch's.
        """
        with _guarded(), writing(self.engine, "ledger") as connection:
            batch = self._batch(connection, batch_no)
            if batch.digest not in {None, digest}:
                raise LedgerError(
                    "sealed",
                    f"振込データ {batch_no} は、別の内容で確定しています。",
                    "確定したファイルを使ってください。作り直したファイルは送らないでください。",
                )
            if (count, total_yen) != (batch.orders, batch.total_yen):
                raise LedgerError(
                    "total",
                    f"振込データ {batch_no} の件数または合計が台帳と違います"
                    f"(ファイル {count}件 {total_yen}円、台帳 {batch.orders}件 {batch.total_yen}円)。",
                    "振込データを台帳から作り直してください。",
                )
            if batch.digest is None:
                event = {"batch_no": batch_no, "event": SEALED, "digest": digest, "at": self._clock()}
                connection.execute(insert(BATCH_EVENTS).values(**event, orders=count, total_yen=total_yen))
            return self._batch(connection, batch_no)

    def record_results(self, frame: pl.DataFrame, *, run_id: str) -> ResultsEntered:
        """Enter the bank's answers (RESULT_SCHEMA) that fit a sealed payment in number, amount and account.

        Names are never compared. What does not fit comes back as a work list and is not entered. A later,
        different answer to the same payment (振込済, then 組戻済) is one more row.
        """
        results = checked(frame, RESULT_SCHEMA, {"reason_text"}).unique(maintain_order=True)
        with _guarded(), writing(self.engine, "ledger") as connection:
            answers = judged(results, self._payments(connection, results["payment_no"].unique().to_list()))
            fitting = answers.filter(pl.col("trouble").is_null())
            before = self._count(connection, BANK_RESULTS)
            rows = fitting.select("payment_no", "value_date", "result", "reason_text").to_dicts()
            if rows:
                stamp = {"run_id": run_id, "recorded_at": self._clock()}
                connection.execute(insert_or_leave(connection, BANK_RESULTS), [{**row, **stamp} for row in rows])
            new = self._count(connection, BANK_RESULTS) - before
        work_list = answers.filter(pl.col("trouble").is_not_null()).select(WORK_SCHEMA.names())
        return ResultsEntered(new, fitting.height - new, work_list)

    def results(self) -> pl.DataFrame:
        """Every answer entered: payment_no, value_date, result, reason_text."""
        schema = pl.Schema(
            {name: RESULT_SCHEMA[name] for name in ("payment_no", "value_date", "result", "reason_text")}
        )
        table = BANK_RESULTS.c
        mine = select(PAYMENT_ORDERS.c.payment_no).where(PAYMENT_ORDERS.c.municipality == self.municipality)
        wanted = select(*(table[name] for name in schema)).where(table.payment_no.in_(mine))
        with self.engine.connect() as connection:
            return _frame(connection, wanted.order_by(table.payment_no, table.recorded_at, table.result), schema)

    def _orders(self) -> Select[Any]:
        table = PAYMENT_ORDERS.c
        wanted = select(*(table[name] for name in ORDER_SCHEMA))
        return wanted.where(table.municipality == self.municipality).order_by(table.payment_no)

    def _stored(self, connection: Connection, entries: pl.DataFrame) -> pl.DataFrame:
        parts = [pl.DataFrame(schema=ORDER_SCHEMA)]
        for (kind,), group in entries.group_by("subject_kind"):
            for keys in _chunks(group["subject_key"].to_list()):
                wanted = self._orders().where(
                    PAYMENT_ORDERS.c.subject_kind == kind, PAYMENT_ORDERS.c.subject_key.in_(keys)
                )
                parts.append(_frame(connection, wanted, ORDER_SCHEMA))
        return pl.concat(parts)

    def _rows(self, connection: Connection, fresh: pl.DataFrame, run_id: str) -> list[dict[str, Any]]:
        last = int(connection.scalar(select(func.max(PAYMENT_ORDERS.c.payment_no))) or 0)
        stamp = {"municipality": self.municipality, "run_id": run_id, "created_at": self._clock()}
        ordered = fresh.sort(SUBJECT).iter_rows(named=True)
        return [{**row, **stamp, "payment_no": f"{last + at:010d}"} for at, row in enumerate(ordered, start=1)]

    def _payments(self, connection: Connection, numbers: list[str]) -> pl.DataFrame:
        schema = pl.Schema(
            {**{name: ORDER_SCHEMA[name] for name in ("payment_no", "amount_yen", *ACCOUNT)}, "sent": pl.Boolean()}
        )
        table = PAYMENT_ORDERS.c
        wanted = select(table.payment_no, table.amount_yen, *(table[name] for name in ACCOUNT), _is_sealed())
        wanted = wanted.where(table.municipality == self.municipality)
        found = [_frame(connection, wanted.where(table.payment_no.in_(part)), schema) for part in _chunks(numbers)]
        return pl.concat([pl.DataFrame(schema=schema), *found])

    def _loose(self, value_date: date) -> Select[Any]:
        table = PAYMENT_ORDERS.c
        batched = select(BATCH_ORDERS.c.payment_no)
        return self._orders().where(table.value_date == value_date, table.payment_no.not_in(batched))

    def _last_batch(self, connection: Connection, value_date: date) -> Batch | None:
        here = (BATCHES.c.municipality == self.municipality) & (BATCHES.c.value_date == value_date)
        number = connection.scalar(select(BATCHES.c.batch_no).where(here).order_by(BATCHES.c.number.desc()).limit(1))
        return None if number is None else self._batch(connection, number)

    def _new_batch(self, connection: Connection, value_date: date) -> Batch:
        here = (BATCHES.c.municipality == self.municipality) & (BATCHES.c.value_date == value_date)
        number = int(connection.scalar(select(func.max(BATCHES.c.number)).where(here)) or 0) + 1
        batch_no = f"{self.municipality}-{value_date:%Y%m%d}-{number:02d}"
        row = {"batch_no": batch_no, "municipality": self.municipality, "value_date": value_date}
        connection.execute(insert(BATCHES).values(**row, number=number, opened_at=self._clock()))
        return Batch(batch_no, value_date, 0, 0, None)

    def _batch(self, connection: Connection, batch_no: str) -> Batch:
        here = (BATCHES.c.batch_no == batch_no) & (BATCHES.c.municipality == self.municipality)
        value_date = connection.scalar(select(BATCHES.c.value_date).where(here))
        if value_date is None:
            raise LedgerError("no_batch", "その番号の振込データはありません。", "番号を確認してください。")
        amount = PAYMENT_ORDERS.c.amount_yen
        members = select(func.count(), func.coalesce(func.sum(amount), 0)).select_from(
            BATCH_ORDERS.join(PAYMENT_ORDERS)
        )
        orders, total = connection.execute(members.where(BATCH_ORDERS.c.batch_no == batch_no)).one()
        seal = (BATCH_EVENTS.c.batch_no == batch_no) & (BATCH_EVENTS.c.event == SEALED)
        digest = connection.scalar(select(BATCH_EVENTS.c.digest).where(seal))
        return Batch(batch_no, value_date, int(orders), int(total), digest)

    def _count(self, connection: Connection, table: Table) -> int:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _is_sealed() -> ColumnElement[bool]:
    held = BATCH_ORDERS.join(BATCH_EVENTS, BATCH_EVENTS.c.batch_no == BATCH_ORDERS.c.batch_no)
    mine = BATCH_ORDERS.c.payment_no == PAYMENT_ORDERS.c.payment_no
    return exists(select(1).select_from(held).where(mine, BATCH_EVENTS.c.event == SEALED))


@contextmanager
def _guarded() -> Iterator[None]:
    """Turn what the database says into a sentence without values."""
    try:
        yield
    except DBAPIError as refused:
        sentence = f"支払台帳に書き込めませんでした({type(refused).__name__})。"
        raise LedgerError("database", sentence, "何も書き込んでいません。再実行してください。") from None


def _frame(connection: Connection, wanted: Select[Any], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in connection.execute(wanted)], schema=schema, orient="row")


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    return (keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK))
