"""The ledger of money: what is owed to whom, in which bank file it went, what the bank answered.

Belongs here: orders and bank results on the append-only tables of ledger_tables.py. Does not belong here: the life of
a batch (ledger_batches.py), the hand-over (release.py), what is owed (assets/benefit), the file (reports/zengin).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, insert, select

from resources import ledger_attempts, ledger_journal
from resources.database import insert_or_leave, utc_now
from resources.frames import insert_frame, rows_of
from resources.home import production
from resources.ledger_attempts import AFTER_RETURN
from resources.ledger_batches import JAPAN, Batch, BatchBook, chunks, is_contradicted, stands
from resources.ledger_checks import LedgerError, checked, entries_of, judged, refuse_differences
from resources.ledger_tables import (
    ACCOUNT,
    BANK_RESULTS,
    BATCH_ORDERS,
    JOURNAL,
    LAST_PAYMENT_NO,
    OBLIGATIONS,
    ORDER_SCHEMA,
    PAYMENT_ORDERS,
    RELEASES,
    RESULT_SCHEMA,
    SUBJECT,
    WORK_SCHEMA,
)

PAYMENT_NO_DIGITS = 10
_ANSWER = ("payment_no", "value_date", "result")
__all__ = ["Batch", "EnterResult", "Ledger", "LedgerError", "ResultsEntered"]


@dataclass(frozen=True)
class EnterResult:
    """How many orders were new, and how many stood already with the same amount and payee."""

    new: int
    same: int


@dataclass(frozen=True)
class ResultsEntered:
    """How many results were new, how many stood already, the new and the standing ones (RESULT_SCHEMA), and those a
    person must look at (WORK_SCHEMA)."""

    new: int
    same: int
    entered: pl.DataFrame
    work_list: pl.DataFrame


class Ledger(BatchBook):
    """The payments of one municipality."""

    def __init__(
        self,
        engine: Engine,
        municipality: str,
        clock: Callable[[], datetime] = utc_now,
        environment: str | None = None,
    ) -> None:
        super().__init__(engine, municipality, clock, environment or ("production" if production() else "test"))

    def enter_orders(self, frame: pl.DataFrame, *, run_id: str) -> EnterResult:
        """Enter what is to be paid (ENTRY_SCHEMA), all or nothing, once per subject for ever.

        A subject already entered with the same amount and payee stays as it is; with another, LedgerError
        names it. New orders get the next payment numbers in the order of their subjects.
        """
        entries = entries_of(frame)
        with self.writing() as connection:
            fresh = entries.join(self._stored(connection, entries), on=SUBJECT, how="anti")
            rows, stamp = self._numbered(connection, fresh.sort(SUBJECT)), self._stamp(run_id)
            owed = rows.select(each.name for each in OBLIGATIONS.c if each.name not in stamp)
            insert_frame(connection, insert_or_leave(connection, OBLIGATIONS), owed, **stamp)
            insert_frame(connection, insert_or_leave(connection, PAYMENT_ORDERS), rows, **stamp, attempt=1)
            decided = zip(repeat(ledger_journal.DECIDED), rows["payment_no"], rows["amount_yen"])
            ledger_journal.enter(connection, self.municipality, decided, stamp["created_at"])
            refuse_differences(entries, self._stored(connection, entries))
        return EnterResult(fresh.height, entries.height - fresh.height)

    def order_again(self, frame: pl.DataFrame, *, run_id: str) -> EnterResult:
        """Enter the next attempt (AGAIN_SCHEMA) of orders whose money came back, or whose day has passed while no
        standing batch held them, all or nothing, once per order.

        It pays what was owed. The latter lapse: no batch takes them any more. One already entered for the same account
        stays as it is. Raises LedgerError for any other order, and where a later answer says that it was paid.
        """
        wanted = ledger_attempts.wanted_again(frame)
        with self.writing() as connection:
            stored = self._orders_where(connection, PAYMENT_ORDERS.c.replaces_no, wanted["replaces_no"].to_list())
            ledger_attempts.refuse_other_payees(wanted, stored)
            fresh = wanted.join(stored, on="replaces_no", how="anti")
            numbers = fresh["replaces_no"].to_list()
            replaced = self._orders_where(connection, PAYMENT_ORDERS.c.payment_no, numbers)
            back = ledger_attempts.came_back(self._answered(connection, numbers))
            over = self._overdue(connection, replaced["payment_no"].to_list())
            ledger_attempts.refuse_unless_over(fresh, replaced, back, over, self._contradicted(connection, numbers))
            if over:
                connection.execute(insert(BATCH_ORDERS), self._turns(connection, None, over))
            old = replaced.select(pl.col("payment_no").alias("replaces_no"), *SUBJECT, "amount_yen", "attempt")
            event = pl.col("replaces_no").replace_strict(back, default=None, return_dtype=pl.String)
            lapse = pl.when(pl.col("replaces_no").is_in(over)).then("replaces_no")
            again = fresh.join(old, on="replaces_no").with_columns(
                pl.col("attempt") + 1, event.alias("replaces_event"), lapse.alias("replaces_lapse")
            )
            rows = self._numbered(connection, again.sort("replaces_no"))
            insert_frame(connection, insert(PAYMENT_ORDERS), rows, **self._stamp(run_id))
        return EnterResult(fresh.height, wanted.height - fresh.height)

    def orders(self, subject_kind: str | None = None) -> pl.DataFrame:
        """Every order (ORDER_SCHEMA) by payment number."""
        wanted = self._orders()
        if subject_kind is not None:
            wanted = wanted.where(PAYMENT_ORDERS.c.subject_kind == subject_kind)
        with self.engine.connect() as connection:
            return _frame(connection, wanted, ORDER_SCHEMA)

    def unbatched(self, until: date) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) with a value date up to `until` that wait in no standing batch: forgotten money."""
        with self.engine.connect() as connection:
            wanted = self._orders().where(PAYMENT_ORDERS.c.value_date <= until, _waits())
            return _frame(connection, wanted, ORDER_SCHEMA)

    def overdue(self) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) whose day is over and that wait in no standing batch: no file can carry them."""
        with self.engine.connect() as connection:
            return _frame(connection, self._orders().where(self._is_over()), ORDER_SCHEMA)

    def lapsed(self) -> set[str]:
        """The orders that were ordered again because their day passed while no batch held them."""
        mine = select(PAYMENT_ORDERS.c.replaces_lapse).where(PAYMENT_ORDERS.c.municipality == self.municipality)
        with self.engine.connect() as connection:
            return set(connection.scalars(mine.where(PAYMENT_ORDERS.c.replaces_lapse.is_not(None))))

    def doubted(self) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) not handed over that pay again what a later answer says was paid after all."""
        with self.engine.connect() as connection:
            return _frame(connection, self._orders().where(is_contradicted(), ~_is_released()), ORDER_SCHEMA)

    def batched_orders(self) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) that a standing batch holds."""
        with self.engine.connect() as connection:
            return _frame(connection, self._orders().where(_is_batched()), ORDER_SCHEMA)

    def unanswered(self, until: date) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) handed over with a value date up to `until` whose bank result never came."""
        answered = exists(select(1).where(BANK_RESULTS.c.payment_no == PAYMENT_ORDERS.c.payment_no))
        with self.engine.connect() as connection:
            wanted = self._orders().where(PAYMENT_ORDERS.c.value_date <= until, _is_released(), ~answered)
            return _frame(connection, wanted, ORDER_SCHEMA)

    def journal(self) -> pl.DataFrame:
        """Every entry in order: event, reference, debit_account, credit_account, amount_yen."""
        names = ("event", "reference", "debit_account", "credit_account", "amount_yen")
        schema = pl.Schema({name: pl.Int64() if name == "amount_yen" else pl.String() for name in names})
        wanted = select(*(JOURNAL.c[name] for name in names)).where(JOURNAL.c.municipality == self.municipality)
        with self.engine.connect() as connection:
            return _frame(connection, wanted.order_by(JOURNAL.c.sequence), schema)

    def loose_orders(self, value_date: date) -> pl.DataFrame:
        """Orders (ORDER_SCHEMA) of a value date that wait in no standing batch."""
        with self.engine.connect() as connection:
            return _frame(connection, self._loose(value_date), ORDER_SCHEMA)

    def batch_orders(self, batch_no: str) -> pl.DataFrame:
        """The orders of a batch (ORDER_SCHEMA) by payment number."""
        members = select(BATCH_ORDERS.c.payment_no).where(BATCH_ORDERS.c.batch_no == batch_no)
        with self.engine.connect() as connection:
            wanted = self._orders().where(PAYMENT_ORDERS.c.payment_no.in_(members))
            return _frame(connection, wanted, ORDER_SCHEMA)

    def record_results(self, frame: pl.DataFrame, *, run_id: str) -> ResultsEntered:
        """Enter the bank's answers (RESULT_SCHEMA) that fit a released payment in number, amount and account.

        Names are never compared. What does not fit comes back as a work list and is not entered. A later,
        different answer to the same payment (振込済, then 組戻済) is one more row.
        """
        results = checked(frame, RESULT_SCHEMA, {"reason_text"}).unique(maintain_order=True)
        with self.writing() as connection:
            numbers = results["payment_no"].unique().to_list()
            told = judged(results, self._payments(connection, numbers))
            told = told.join(self._known(connection, numbers), on=_ANSWER, how="left", maintain_order="left")
            is_new = pl.col("trouble").is_null() & pl.col("known").is_null()
            out, moved = self._moved(connection, told.filter(is_new))
            told = told.join(out, on=_ANSWER, how="left", maintain_order="left").with_columns(
                pl.coalesce("trouble", "known_trouble", "ruled_out").alias("work")
            )
            rows = told.filter(is_new).select(*_ANSWER, "reason_text", pl.col("ruled_out").alias("trouble"))
            stamp = {"run_id": run_id, "recorded_at": self._clock()}
            insert_frame(connection, insert_or_leave(connection, BANK_RESULTS), rows, **stamp)
            ledger_journal.enter(connection, self.municipality, moved, self._clock())
        work_list = told.filter(pl.col("work").is_not_null()).with_columns(trouble="work").select(WORK_SCHEMA.names())
        entered = told.filter(pl.col("work").is_null())
        new = entered.filter(is_new).unique(_ANSWER).height
        return ResultsEntered(new, entered.height - new, entered.select(RESULT_SCHEMA.names()), work_list)

    def results(self) -> pl.DataFrame:
        """Every answer that moved or confirmed money, as it came: payment_no, value_date, result, reason_text."""
        schema = pl.Schema(
            {name: RESULT_SCHEMA[name] for name in ("payment_no", "value_date", "result", "reason_text")}
        )
        table = BANK_RESULTS.c
        mine = select(PAYMENT_ORDERS.c.payment_no).where(PAYMENT_ORDERS.c.municipality == self.municipality)
        wanted = select(*(table[name] for name in schema)).where(table.payment_no.in_(mine), table.trouble.is_(None))
        with self.engine.connect() as connection:
            return _frame(connection, wanted.order_by(table.payment_no, table.recorded_at, table.result), schema)

    def contradicted(self) -> set[str]:
        """Every attempt to pay what came back and of which a later answer says that it was paid."""
        mine = select(PAYMENT_ORDERS.c.payment_no).where(PAYMENT_ORDERS.c.municipality == self.municipality)
        with self.engine.connect() as connection:
            return set(connection.scalars(mine.where(is_contradicted())))

    def _orders(self) -> Select[Any]:
        table = PAYMENT_ORDERS.c
        wanted = select(*(table[name] for name in ORDER_SCHEMA))
        return wanted.where(table.municipality == self.municipality).order_by(table.payment_no)

    def _stored(self, connection: Connection, entries: pl.DataFrame) -> pl.DataFrame:
        """The first orders of these subjects."""
        given, table = rows_of(connection, entries.select(SUBJECT), PAYMENT_ORDERS), PAYMENT_ORDERS.c
        same = and_(*(table[name] == given.c[name] for name in SUBJECT))
        wanted = self._orders().join_from(PAYMENT_ORDERS, given, same).where(table.attempt == 1)
        return _frame(connection, wanted, ORDER_SCHEMA)

    def _orders_where(self, connection: Connection, column: ColumnElement[Any], keys: list[str]) -> pl.DataFrame:
        parts = [_frame(connection, self._orders().where(column.in_(part)), ORDER_SCHEMA) for part in chunks(keys)]
        return pl.concat([pl.DataFrame(schema=ORDER_SCHEMA), *parts])

    def _numbered(self, connection: Connection, fresh: pl.DataFrame) -> pl.DataFrame:
        """The rows with the next payment numbers, in their order."""
        last = int(connection.scalar(select(LAST_PAYMENT_NO.c.payment_no)) or 0)
        number = pl.int_range(last + 1, last + 1 + pl.len()).cast(pl.String)
        return fresh.with_columns(number.str.zfill(PAYMENT_NO_DIGITS).alias("payment_no"))

    def _stamp(self, run_id: str) -> dict[str, Any]:
        """What the rows of one call have in common."""
        return {"municipality": self.municipality, "run_id": run_id, "created_at": self._clock()}

    def _payments(self, connection: Connection, numbers: list[str]) -> pl.DataFrame:
        schema = pl.Schema(
            {**{name: ORDER_SCHEMA[name] for name in ("payment_no", "amount_yen", *ACCOUNT)}, "sent": pl.Boolean()}
        )
        table = PAYMENT_ORDERS.c
        wanted = select(table.payment_no, table.amount_yen, *(table[name] for name in ACCOUNT), _is_released())
        wanted = wanted.where(table.municipality == self.municipality)
        found = [_frame(connection, wanted.where(table.payment_no.in_(part)), schema) for part in chunks(numbers)]
        return pl.concat([pl.DataFrame(schema=schema), *found])

    def _loose(self, value_date: date) -> Select[Any]:
        table = PAYMENT_ORDERS.c
        return self._orders().where(table.value_date == value_date, _waits())

    def _is_over(self) -> ColumnElement[bool]:
        return (PAYMENT_ORDERS.c.value_date <= self._clock().astimezone(JAPAN).date()) & _waits()

    def _overdue(self, connection: Connection, numbers: list[str]) -> list[str]:
        """Those of the orders that are overdue."""
        wanted = select(PAYMENT_ORDERS.c.payment_no).where(self._is_over())
        return [
            number
            for part in chunks(numbers)
            for number in connection.scalars(wanted.where(PAYMENT_ORDERS.c.payment_no.in_(part)))
        ]

    def _moved(self, connection: Connection, fresh: pl.DataFrame) -> tuple[pl.DataFrame, list[ledger_journal.Movement]]:
        """The new answers that the payment's earlier ones rule out (ruled_out), and what the others move."""
        before = self._answered(connection, fresh["payment_no"].unique().to_list())
        moved: list[ledger_journal.Movement] = []
        ruled_out: list[tuple[str, date, str, str]] = []
        told = fresh.select(*_ANSWER, "amount_yen").unique(_ANSWER).sort("payment_no", "result", "value_date")
        for number, day, result, yen in told.iter_rows():
            events = before.setdefault(number, set())
            if result == "0" and events & ledger_journal.BACK:
                ruled_out.append((number, day, result, AFTER_RETURN))
                continue
            event = ledger_journal.answer_of(result, events)
            if event is not None:
                events.add(event)
                moved.append((event, number, yen))
        schema = {**{name: RESULT_SCHEMA[name] for name in _ANSWER}, "ruled_out": pl.String()}
        return pl.DataFrame(ruled_out, schema=schema, orient="row"), moved

    def _known(self, connection: Connection, numbers: list[str]) -> pl.DataFrame:
        """The answers already entered: known, known_trouble."""
        schema = pl.Schema({**{name: RESULT_SCHEMA[name] for name in _ANSWER}, "known_trouble": pl.String()})
        wanted = select(*(BANK_RESULTS.c[name] for name in _ANSWER), BANK_RESULTS.c.trouble)
        parts = [
            _frame(connection, wanted.where(BANK_RESULTS.c.payment_no.in_(part)), schema) for part in chunks(numbers)
        ]
        return pl.concat([pl.DataFrame(schema=schema), *parts]).with_columns(known=True)

    def _contradicted(self, connection: Connection, numbers: list[str]) -> set[str]:
        wanted = select(PAYMENT_ORDERS.c.payment_no).where(is_contradicted())
        return {
            number
            for part in chunks(numbers)
            for number in connection.scalars(wanted.where(PAYMENT_ORDERS.c.payment_no.in_(part)))
        }

    def _answered(self, connection: Connection, numbers: list[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        told = (ledger_journal.PAID, ledger_journal.RETURNED, ledger_journal.RECALLED)
        for part in chunks(numbers):
            wanted = select(JOURNAL.c.reference, JOURNAL.c.event).where(JOURNAL.c.event.in_(told))
            for number, event in connection.execute(wanted.where(JOURNAL.c.reference.in_(part))):
                found.setdefault(number, set()).add(event)
        return found


def _is_batched() -> ColumnElement[bool]:
    return exists(select(1).where(BATCH_ORDERS.c.payment_no == PAYMENT_ORDERS.c.payment_no, stands()))


def _waits() -> ColumnElement[bool]:
    """Whether an order is in no standing batch and can still come into one."""
    lapsed = exists(select(1).where(BATCH_ORDERS.c.lapsed_no == PAYMENT_ORDERS.c.payment_no))
    return ~_is_batched() & ~lapsed


def _is_released() -> ColumnElement[bool]:
    held = BATCH_ORDERS.join(RELEASES, RELEASES.c.batch_no == BATCH_ORDERS.c.batch_no)
    return exists(select(1).select_from(held).where(BATCH_ORDERS.c.payment_no == PAYMENT_ORDERS.c.payment_no))


def _frame(connection: Connection, wanted: Select[Any], schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame([tuple(row) for row in connection.execute(wanted)], schema=schema, orient="row")
