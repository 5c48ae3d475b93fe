"""A payee whom pre-flight stops and people let pass: one proposes, another confirms, for exactly one account.

Belongs here: the two append-only tables and who may do what. Does not belong here: who is stopped (Z15 in
reports/zengin/preflight.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import polars as pl
from sqlalchemy import CheckConstraint, Column, Engine, ForeignKeyConstraint, String, Table, UniqueConstraint, select

from resources.database import Utc, append_only, insert_or_leave, metadata, utc_now, writing
from resources.errors import ResourceError
from resources.ledger_batches import named
from resources.ledger_tables import PAYEE
from resources.schema import open_schema

MOST_TEXT = 400
"""Characters of a reason or of what is said of the evidence."""

PROPOSALS = append_only(
    Table(
        "payee_proposals",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("payment_no", String(10), primary_key=True),
        Column("payee", String(64), primary_key=True),
        Column("person", String(100), nullable=False),
        Column("why", String(MOST_TEXT), nullable=False),
        Column("evidence", String(MOST_TEXT), nullable=False),
        Column("at", Utc, nullable=False),
        UniqueConstraint("municipality", "payment_no", "payee", "person"),
        CheckConstraint("length(person) > 0", name="somebody_proposed"),
        CheckConstraint("length(why) > 0 AND length(evidence) > 0", name="with_a_reason_and_evidence"),
    )
)
"""payee: the seal of the order's account and holder, no account itself."""

CONFIRMATIONS = append_only(
    Table(
        "payee_confirmations",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("payment_no", String(10), primary_key=True),
        Column("payee", String(64), primary_key=True),
        Column("proposed_by", String(100), nullable=False),
        Column("person", String(100), nullable=False),
        Column("at", Utc, nullable=False),
        ForeignKeyConstraint(
            ["municipality", "payment_no", "payee", "proposed_by"],
            [f"payee_proposals.{name}" for name in ("municipality", "payment_no", "payee", "person")],
        ),
        CheckConstraint("person <> proposed_by", name="confirmed_by_another"),
        CheckConstraint("length(person) > 0", name="somebody_confirmed"),
    )
)

ACCEPTED_SCHEMA = pl.Schema({"payment_no": pl.String, "payee_accepted_by": pl.String})
"""The orders whose payee two people let pass, with their names."""


class PayeeError(ResourceError):
    """A payee is not let pass: nothing was written."""


@dataclass(frozen=True)
class Acceptance:
    """A payee let pass by one person, and by a second where confirmed_by is not empty."""

    payment_no: str
    payee: str
    proposed_by: str
    why: str
    evidence: str
    confirmed_by: str

    @property
    def people(self) -> str:
        """Both people."""
        return f"{self.proposed_by}と{self.confirmed_by}"


class Payees:
    """The payees of one municipality that people let pass. `orders`: the ledger's, with payment_no and PAYEE."""

    def __init__(self, engine: Engine, municipality: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self._municipality = municipality
        self._clock = clock
        open_schema(engine)

    def propose(self, orders: pl.DataFrame, payment_no: str, *, person: str, why: str, evidence: str) -> Acceptance:
        """Let the account and holder of one order pass, as the first of two people; the first entry stands."""
        key = self._key(orders, payment_no)
        told = {"why": why.strip(), "evidence": evidence.strip()}
        if not all(0 < len(text) <= MOST_TEXT for text in told.values()):
            raise PayeeError("why", f"理由と証拠を{MOST_TEXT}字以内で書いてください。", "何も登録していません。")
        row = {**key, "person": named(person), **told, "at": self._clock()}
        with writing(self.engine, "payees") as connection:
            connection.execute(insert_or_leave(connection, PROPOSALS).values(row))
        return self._found(key)

    def confirm(self, orders: pl.DataFrame, payment_no: str, *, person: str) -> Acceptance:
        """Confirm what another person proposed for exactly this account and holder; the first entry stands."""
        key, confirmer = self._key(orders, payment_no), named(person)
        proposed = self._found(key)
        if confirmer == proposed.proposed_by:
            raise PayeeError("same_person", "最初に認めた人は確認できません。", "別の人が確認してください。")
        row = {**key, "proposed_by": proposed.proposed_by, "person": confirmer, "at": self._clock()}
        with writing(self.engine, "payees") as connection:
            connection.execute(insert_or_leave(connection, CONFIRMATIONS).values(row))
        return self._found(key)

    def all(self) -> list[Acceptance]:
        """Every acceptance by payment number, confirmed or not."""
        on = [PROPOSALS.c[name] == CONFIRMATIONS.c[name] for name in ("municipality", "payment_no", "payee")]
        columns = [PROPOSALS.c[name] for name in ("payment_no", "payee", "person", "why", "evidence")]
        told = select(*columns, CONFIRMATIONS.c.person).select_from(
            PROPOSALS.outerjoin(CONFIRMATIONS, on[0] & on[1] & on[2])
        )
        mine = told.where(PROPOSALS.c.municipality == self._municipality).order_by(*PROPOSALS.primary_key)
        with self.engine.connect() as connection:
            return [Acceptance(*row[:5], row[5] or "") for row in connection.execute(mine)]

    def accepted(self, orders: pl.DataFrame) -> pl.DataFrame:
        """ACCEPTED_SCHEMA of the orders that two people let pass with exactly the account and holder they have."""
        passed = {(each.payment_no, each.payee): each.people for each in self.all() if each.confirmed_by}
        let = orders.filter(pl.col("payment_no").is_in([number for number, _ in passed]))
        found = [(row["payment_no"], passed.get((row["payment_no"], seal(row)))) for row in let.to_dicts()]
        return pl.DataFrame(found, schema=ACCEPTED_SCHEMA, orient="row").drop_nulls()

    def _key(self, orders: pl.DataFrame, payment_no: str) -> dict[str, str]:
        rows = orders.filter(pl.col("payment_no") == payment_no).to_dicts()
        if len(rows) != 1:
            raise PayeeError("no_order", "その番号の支払はありません。", "支払番号を確認してください。")
        return {"municipality": self._municipality, "payment_no": payment_no, "payee": seal(rows[0])}

    def _found(self, key: dict[str, str]) -> Acceptance:
        for each in self.all():
            if (each.payment_no, each.payee) == (key["payment_no"], key["payee"]):
                return each
        raise PayeeError(
            "not_proposed",
            "この支払の口座と名義人は、まだ誰も認めていません。",
            "先に kodomo payee accept で理由と証拠を登録してください。",
        )


def seal(order: dict[str, str]) -> str:
    """One text for account and holder: another account or another name is another seal."""
    return sha256("\x1f".join(order[name] for name in PAYEE).encode()).hexdigest()
