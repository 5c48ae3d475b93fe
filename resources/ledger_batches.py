"""The batches of a municipality: prepared over one file, approved, sealed, released, erased.

Belongs here: the rows of a batch's life, each written once, in the order of ledger_states.py. Does not belong here:
files and the witness (release.py), orders and bank results (ledger.py).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, exists, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError, InternalError, ProgrammingError

from resources import ledger_journal
from resources.database import writing
from resources.ledger_checks import NAMED, LedgerError
from resources.ledger_states import Event, State, refuse_unless_possible
from resources.ledger_tables import (
    APPROVALS,
    BANK_RESULTS,
    BATCH_ORDERS,
    BATCHES,
    ERASURES,
    PAYMENT_ORDERS,
    RELEASES,
    SEALS,
    SUBJECT,
    VERDICTS,
    WITHDRAWALS,
)
from resources.schema import open_schema

JAPAN = ZoneInfo("Asia/Tokyo")
CHUNK = 5_000
NO_RIGHT = "42501"
"""What PostgreSQL says when a right is missing."""
_MEMBERS = BATCH_ORDERS.join(PAYMENT_ORDERS, PAYMENT_ORDERS.c.payment_no == BATCH_ORDERS.c.payment_no)
_LIFE = (
    (State.WITHDRAWN, WITHDRAWALS),
    (State.ERASED, ERASURES),
    (State.RELEASED, RELEASES),
    (State.SEALED, SEALS),
    (State.APPROVED, APPROVALS),
)


@dataclass(frozen=True)
class Batch:
    """The orders that go to the bank in one file with the sha256 `digest`."""

    batch_no: str
    environment: str
    value_date: date
    digest: str
    orders: int
    total_yen: int
    prepared_by: str
    prepared_at: datetime
    state: State


@dataclass(frozen=True)
class Release:
    """A hand-over as it was recorded: to whose key, which ciphertext, by whom."""

    batch_no: str
    digest: str
    recipient: str
    cipher_sha256: str
    person: str
    at: datetime


class BatchBook:
    """The batches of one municipality in one environment ('production' or 'test')."""

    def __init__(self, engine: Engine, municipality: str, clock: Callable[[], datetime], environment: str) -> None:
        self.engine = engine
        self.municipality = municipality
        self.environment = environment
        self._clock = clock
        open_schema(engine)

    def now(self) -> datetime:
        """The ledger's clock."""
        return self._clock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction under the ledger's lock. What the database refuses is told without values; that
        it is gone or the disk is full is told by trouble.py."""
        try:
            with writing(self.engine, "ledger") as connection:
                yield connection
        except (DataError, IntegrityError, InternalError, ProgrammingError) as refused:
            if getattr(refused.orig, "pgcode", None) == NO_RIGHT:
                raise LedgerError(
                    "no_right",
                    "このデータベース利用者には、その操作の権限がありません。",
                    "権限のある担当者の利用者で、その人の名前で実行してください。",
                ) from None
            sentence = f"支払台帳に書き込めませんでした({type(refused).__name__})。"
            raise LedgerError("database", sentence, "何も書き込んでいません。再実行してください。") from None

    def prepare(self, value_date: date, payment_nos: Sequence[str], digest: str, *, person: str) -> Batch:
        """The batch over the file with this digest that holds exactly these orders, for ever or until it is withdrawn.

        The same orders over the same file again are the batch that stands. Raises LedgerError when an order is in
        another batch, or is none of that value date.
        """
        preparer = named(person)
        with self.writing() as connection:
            orders, total_yen = self._members(connection, value_date, payment_nos)
            held = self._holding(connection, payment_nos)
            if held:
                return self._same(connection, held, digest, orders)
            batch_no, number = self._next_number(connection, value_date)
            row = {"batch_no": batch_no, "municipality": self.municipality, "environment": self.environment}
            stated = {"digest": digest, "orders": orders, "total_yen": total_yen, "number": number}
            stamp = {"prepared_by": preparer, "prepared_at": self._clock()}
            rows = self._turns(connection, batch_no, payment_nos)
            connection.execute(insert(BATCH_ORDERS), rows)
            connection.execute(insert(BATCHES).values(**row, **stated, **stamp, value_date=value_date))
            return self._batch(connection, batch_no)

    def approve(self, batch_no: str, digest: str, orders: int, total_yen: int, *, person: str) -> Batch:
        """Approve the file with this digest, count and total; never by the one who prepared it."""
        approver = named(person)
        with self.writing() as connection:
            now = self._clock()
            batch = self._ready(connection, batch_no, Event.APPROVE, now)
            self.refuse_doubted(connection, batch_no)
            _refuse_other(batch, digest, orders, total_yen)
            if approver == batch.prepared_by:
                raise LedgerError("same_person", "作成した人は承認できません。", "別の人が承認してください。")
            row = {"batch_no": batch_no, "digest": digest, "orders": orders, "total_yen": total_yen}
            stamp = {"prepared_by": batch.prepared_by, "person": approver, "at": now}
            connection.execute(insert(APPROVALS).values(**row, **stamp))
            return self._batch(connection, batch_no)

    def seal(self, batch_no: str, digest: str, *, person: str) -> Batch:
        """State that the file with the approved digest lies in the outbox."""
        sealer = named(person)
        with self.writing() as connection:
            now = self._clock()
            batch = self._ready(connection, batch_no, Event.SEAL, now)
            self.refuse_doubted(connection, batch_no)
            _refuse_other(batch, digest, batch.orders, batch.total_yen)
            row = {"batch_no": batch_no, "digest": digest, "person": sealer, "at": now}
            connection.execute(insert(SEALS).values(**row))
            return self._batch(connection, batch_no)

    def enter_withdrawal(self, connection: Connection, batch_no: str, reason: str, *, person: str) -> None:
        """Give the orders of a batch that was not handed over back for another one, in the transaction of the one who
        removes its file (release.py)."""
        who, why = named(person), " ".join(reason.split())
        if not why:
            raise LedgerError("reason", "取下げの理由がありません。", "理由を書いてください。")
        now = self._clock()
        self._ready(connection, batch_no, Event.WITHDRAW, now)
        verdict = {"batch_no": batch_no, "verdict": "withdrawn"}
        connection.execute(insert(VERDICTS).values(**verdict))
        row = {**verdict, "reason": why, "person": who, "at": now}
        connection.execute(insert(WITHDRAWALS).values(**row))

    def enter_release(self, connection: Connection, release: Release) -> None:
        """Record a hand-over, in the transaction of the one who makes it (release.py)."""
        batch = self._ready(connection, release.batch_no, Event.RELEASE, release.at)
        approver = connection.scalar(select(APPROVALS.c.person).where(APPROVALS.c.batch_no == release.batch_no))
        verdict = {"batch_no": release.batch_no, "verdict": "released"}
        connection.execute(insert(VERDICTS).values(**verdict))
        row = {**vars(release), **verdict, "environment": batch.environment, "approved_by": approver}
        connection.execute(insert(RELEASES).values(**row))
        movement = (ledger_journal.RELEASED, batch.batch_no, batch.total_yen)
        ledger_journal.enter(connection, self.municipality, [movement], release.at)

    def enter_erasure(
        self, connection: Connection, batch_no: str, file_name: str, size: int, *, person: str
    ) -> None:  # fmt: skip
        """Record that the plaintext is gone, in the transaction of the one who removed it (release.py)."""
        now = self._clock()
        batch = self._ready(connection, batch_no, Event.ERASE, now)
        row = {"batch_no": batch_no, "file_name": file_name, "digest": batch.digest, "bytes": size}
        connection.execute(insert(ERASURES).values(**row, person=named(person), at=now))

    def batch(self, batch_no: str) -> Batch:
        """One batch as it stands. Raises LedgerError for an unknown number."""
        with self.engine.connect() as connection:
            return self._batch(connection, batch_no)

    def batches(self, value_date: date | None = None) -> list[Batch]:
        """Every batch (of a value date), in the order they were prepared."""
        wanted = select(BATCHES.c.batch_no).where(BATCHES.c.municipality == self.municipality)
        if value_date is not None:
            wanted = wanted.where(BATCHES.c.value_date == value_date)
        with self.engine.connect() as connection:
            numbers = connection.scalars(wanted.order_by(BATCHES.c.value_date, BATCHES.c.number)).all()
            return [self._batch(connection, number) for number in numbers]

    def standing_batches(self, value_date: date) -> list[Batch]:
        """Every batch of a value date but those withdrawn."""
        return [batch for batch in self.batches(value_date) if batch.state is not State.WITHDRAWN]

    def people(self, batch_no: str) -> list[tuple[State, str, datetime]]:
        """Who did what to a batch and when, in order."""
        prepared = self.batch(batch_no)
        with self.engine.connect() as connection:
            steps = [
                (state, row.person, row.at)
                for state, table in reversed(_LIFE)
                for row in connection.execute(select(table.c.person, table.c.at).where(table.c.batch_no == batch_no))
            ]
        return [(State.PREPARED, prepared.prepared_by, prepared.prepared_at), *steps]

    def release_of(self, connection: Connection, batch_no: str) -> Release | None:
        """The hand-over of a batch as recorded."""
        row = connection.execute(_releases().where(RELEASES.c.batch_no == batch_no)).first()
        return None if row is None else Release(*row)

    def released_batches(self, connection: Connection) -> dict[str, str]:
        """The ciphertext digest of every batch handed over."""
        mine = RELEASES.join(BATCHES, BATCHES.c.batch_no == RELEASES.c.batch_no)
        wanted = select(RELEASES.c.batch_no, RELEASES.c.cipher_sha256).select_from(mine)
        found = connection.execute(wanted.where(BATCHES.c.municipality == self.municipality))
        return {row.batch_no: row.cipher_sha256 for row in found}

    def last_instant(self, connection: Connection, batch_no: str) -> datetime:
        """When the last thing was done to a batch: no later step can be earlier."""
        instants = [self._batch(connection, batch_no).prepared_at]
        for _, table in _LIFE:
            instants += connection.scalars(select(table.c.at).where(table.c.batch_no == batch_no)).all()
        return max(instants)

    def _ready(self, connection: Connection, batch_no: str, event: Event, at: datetime) -> Batch:
        """The batch, when the event is possible then and its members are still what was prepared."""
        batch = self._batch(connection, batch_no)
        refuse_unless_possible(batch_no, batch.state, event)
        refuse_earlier(at, self.last_instant(connection, batch_no))
        amount = func.coalesce(func.sum(PAYMENT_ORDERS.c.amount_yen), 0)
        members = select(func.count(), amount).select_from(_MEMBERS)
        count, total_yen = connection.execute(members.where(BATCH_ORDERS.c.batch_no == batch_no)).one()
        _refuse_other(batch, batch.digest, int(count), int(total_yen))
        return batch

    def refuse_doubted(self, connection: Connection, batch_no: str) -> None:
        """Raise LedgerError where an order of the batch pays again what a later answer says was paid after all."""
        wanted = select(PAYMENT_ORDERS.c.payment_no).select_from(_MEMBERS)
        doubted = wanted.where(BATCH_ORDERS.c.batch_no == batch_no, is_contradicted())
        numbers = connection.scalars(doubted.order_by(PAYMENT_ORDERS.c.payment_no)).all()
        if numbers:
            raise LedgerError(
                "doubted",
                f"振込データ {batch_no} の出し直しのうち{len(numbers)}件は、前の支払に振込済の結果が届いています:"
                f" {_some(numbers)}。",
                "kodomo batch withdraw で取り下げ、入金されたかどうかを金融機関に確認してください。",
            )

    def _batch(self, connection: Connection, batch_no: str) -> Batch:
        here = (BATCHES.c.batch_no == batch_no) & (BATCHES.c.municipality == self.municipality)
        row = connection.execute(select(BATCHES).where(here)).mappings().first()
        if row is None:
            raise LedgerError("no_batch", "その番号の振込データはありません。", "番号を確認してください。")
        stated = {name: row[name] for name in Batch.__annotations__ if name != "state"}
        return Batch(**stated, state=_state(connection, batch_no))

    def _members(self, connection: Connection, value_date: date, payment_nos: Sequence[str]) -> tuple[int, int]:
        table = PAYMENT_ORDERS.c
        known = (table.municipality == self.municipality) & (table.value_date == value_date)
        amounts: list[int] = []
        for part in chunks(payment_nos):
            amounts += connection.scalars(select(table.amount_yen).where(known, table.payment_no.in_(part))).all()
        if not amounts or len(amounts) != len(payment_nos):
            raise LedgerError(
                "members",
                f"振込データの支払{len(payment_nos)}件のうち、台帳のその日の支払は{len(amounts)}件です。",
                "振込データを台帳から作り直してください。",
            )
        return len(amounts), sum(amounts)

    def _holding(self, connection: Connection, payment_nos: Sequence[str]) -> dict[str, int]:
        """How many of the orders each standing batch holds already."""
        held: dict[str, int] = {}
        table = BATCH_ORDERS.c
        for part in chunks(payment_nos):
            counted = select(table.batch_no, func.count().label("held")).where(table.payment_no.in_(part), stands())
            for row in connection.execute(counted.group_by(table.batch_no)):
                held[row.batch_no] = held.get(row.batch_no, 0) + row.held
        return held

    def _turns(self, connection: Connection, batch_no: str | None, payment_nos: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of BATCH_ORDERS: each order's next turn, after the withdrawn batch it was in last; without a batch its
        last one."""
        table, last = BATCH_ORDERS.c, dict[str, tuple[int, str | None]]()
        for part in chunks(payment_nos):
            told = select(table.payment_no, table.turn, table.batch_no).where(table.payment_no.in_(part))
            for row in connection.execute(told.order_by(table.turn)):
                last[row.payment_no] = (row.turn, row.batch_no)
        _refuse_lapsed([payment_no for payment_no, (_, batch) in last.items() if batch is None])
        rows = []
        for payment_no in payment_nos:
            turn, before = last.get(payment_no, (None, None))
            follows = {"turn": (turn or 0) + 1, "turn_before": turn, "batch_before": before}
            lapsed_no = payment_no if batch_no is None else None
            rows.append({"payment_no": payment_no, "batch_no": batch_no, "lapsed_no": lapsed_no, **follows})
        return rows

    def _same(self, connection: Connection, held: dict[str, int], digest: str, orders: int) -> Batch:
        batch = self._batch(connection, next(iter(held)))
        if held == {batch.batch_no: orders} and (batch.digest, batch.orders) == (digest, orders):
            return batch
        raise LedgerError(
            "batched",
            f"支払{sum(held.values())}件は、すでに別の振込データにあります。",
            "どの振込データにもない支払だけで作ってください。",
        )

    def _next_number(self, connection: Connection, value_date: date) -> tuple[str, int]:
        here = (BATCHES.c.municipality == self.municipality) & (BATCHES.c.value_date == value_date)
        number = int(connection.scalar(select(func.max(BATCHES.c.number)).where(here)) or 0) + 1
        return f"{self.municipality}-{value_date:%Y%m%d}-{number:02d}", number


def named(person: str) -> str:
    """A person's name as the ledger compares it: one spelling, no blanks around. Raises LedgerError when empty."""
    name = " ".join(normalize("NFKC", person).split())
    if not name:
        raise LedgerError("person", "担当者の名前がありません。", "担当者を指定してください。")
    return name


def chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """The keys in parts that fit in one statement."""
    return (keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK))


def _state(connection: Connection, batch_no: str) -> State:
    for state, table in _LIFE:
        if connection.scalar(_rows_of(table, batch_no)):
            return state
    return State.PREPARED


def _rows_of(table: Table, batch_no: str) -> Select[Any]:
    return select(func.count()).select_from(table).where(table.c.batch_no == batch_no)


def stands() -> ColumnElement[bool]:
    """Whether a row of BATCH_ORDERS has a batch that was not withdrawn."""
    withdrawn = exists(select(1).where(WITHDRAWALS.c.batch_no == BATCH_ORDERS.c.batch_no))
    return BATCH_ORDERS.c.batch_no.is_not(None) & ~withdrawn


def _releases() -> Select[Any]:
    return select(*(RELEASES.c[name] for name in Release.__annotations__))


def is_contradicted() -> ColumnElement[bool]:
    """Whether an answer says of an attempt to pay what the order pays that it was paid after it came back."""
    attempt = PAYMENT_ORDERS.alias("attempt_before")
    same = [attempt.c[name] == PAYMENT_ORDERS.c[name] for name in ("municipality", *SUBJECT)]
    answers = attempt.join(BANK_RESULTS, BANK_RESULTS.c.payment_no == attempt.c.payment_no)
    return exists(select(1).select_from(answers).where(*same, BANK_RESULTS.c.trouble.is_not(None)))


def refuse_earlier(now: datetime, last: datetime) -> None:
    """Raise LedgerError where the clock says that something happens before what it follows."""
    if now < last:
        raise LedgerError("clock", "この機械の時計が、前の操作の時刻より遅れています。", "時計を直してください。")


def refuse_another_file(batch: Batch, digest: str) -> None:
    """Raise LedgerError unless the file with this digest is the one the batch was prepared over."""
    if digest != batch.digest:
        raise LedgerError(
            "digest",
            f"振込データ {batch.batch_no} は、別の内容で作成されています。",
            "作成したファイルを使ってください。作り直したファイルは送らないでください。",
        )


def _refuse_lapsed(numbers: Sequence[str]) -> None:
    if numbers:
        raise LedgerError(
            "lapsed",
            f"日を過ぎて出し直した支払が{len(numbers)}件あります: {_some(numbers)}。",
            "出し直した支払だけで作ってください。",
        )


def _some(numbers: Sequence[str]) -> str:
    return "、".join(numbers[:NAMED]) + ("ほか" if len(numbers) > NAMED else "")


def _refuse_other(batch: Batch, digest: str, orders: int, total_yen: int) -> None:
    refuse_another_file(batch, digest)
    if (orders, total_yen) != (batch.orders, batch.total_yen):
        raise LedgerError(
            "total",
            f"振込データ {batch.batch_no} の件数または合計が台帳と違います"
            f"({orders}件 {total_yen}円、台帳 {batch.orders}件 {batch.total_yen}円)。",
            "引き渡さず、情報システム担当に連絡してください。",
        )
