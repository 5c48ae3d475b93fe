"""Whatever happens to a city's money, in any order: paid, given back, paid again, recalled, corrected, offset,
withdrawn. The ledger is where a model of a few lines says, and nobody is paid more than is owed."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from resources.database import open_engine, sqlite_url
from resources.ledger import EnterResult, Ledger
from resources.ledger_batches import Batch, Release
from resources.ledger_checks import LedgerError
from resources.ledger_tables import ACCOUNT, PAYEE
from tests.resources.children import CITY, payment_entries
from tests.support.postgres import Cluster

DAY, MONTH = date(2026, 10, 30), date(2026, 9, 1)
RESULTS = st.sampled_from(["0", "0", "2", "9", "R", "K"])
WHICH = st.integers(0, 10_000)


@dataclass
class Order:
    """One attempt to pay: loose, sent, paid or back; what the bank said of it and whether that was entered. A loose one
    that is replaced lapsed: the day of all is over."""

    subject: str
    yen: int
    place: str = "loose"
    told: dict[str, bool] = field(default_factory=dict)
    replaced: bool = False


@dataclass
class Model:
    """The ledger in its plainest form."""

    orders: list[Order] = field(default_factory=list)
    debt_yen: int = 0

    def decide(self, subject: str, yen: int) -> int:
        offset = min(self.debt_yen, yen)
        self.debt_yen -= offset
        if yen > offset:
            self.orders.append(Order(subject, yen - offset))
        return yen - offset

    def send(self) -> None:
        for order in self.orders:
            order.place = "sent" if order.place == "loose" and not order.replaced else order.place

    def answer(self, order: Order, result: str) -> bool:
        if order.place == "loose":
            return False
        if result not in order.told:
            order.told[result] = not (result == "0" and order.place == "back")
            if order.told[result]:
                order.place = "paid" if result == "0" else "back"
        return order.told[result]

    def order_again(self, order: Order) -> EnterResult | None:
        if order.replaced:
            return EnterResult(0, 1)
        if order.place not in ("loose", "back") or not order.told.get("0", True):
            return None
        order.replaced = True
        self.orders.append(Order(order.subject, order.yen))
        return EnterResult(1, 0)

    def yen(self, *places: str) -> int:
        return sum(order.yen for order in self.orders if order.place in places and not order.replaced)


class LifeOfOrders(RuleBasedStateMachine):
    """A ledger beside its model."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine, self.model, self.events = engine, Model(), 0
        self.ledger = Ledger(engine, CITY, environment="production")

    @rule(yen=st.integers(1, 10**7), kind=st.sampled_from(["claim", "difference"]))
    def decide(self, yen: int, kind: str) -> None:
        """A claim, or more for an old one: a subject of its own, less what its guardian owes."""
        subject = f"{kind}-{self._next()}"
        due = self.model.decide(subject, yen)
        if due:
            row = payment_entries(1).with_columns(
                subject_kind=pl.lit(kind), subject_key=pl.lit(subject), amount_yen=pl.lit(due, pl.Int64)
            )
            for expected in (EnterResult(1, 0), EnterResult(0, 1)):
                assert self.ledger.enter_orders(row, run_id="r") == expected

    @rule(yen=st.integers(1, 10**6))
    def decide_less(self, yen: int) -> None:
        """A correction downwards is a debt: no order is touched."""
        self.model.debt_yen += yen

    @precondition(lambda self: self.model.yen("loose"))
    @rule()
    def hand_over(self) -> None:
        batch = self._prepared()
        self.ledger.approve(batch.batch_no, batch.digest, batch.orders, batch.total_yen, person="乙")
        self.ledger.seal(batch.batch_no, batch.digest, person="乙")
        release = Release(batch.batch_no, batch.digest, "age1", batch.digest, "丙", self.ledger.now())
        for _ in range(2):
            with suppress(LedgerError), self.ledger.writing() as connection:
                self.ledger.enter_release(connection, release)
        self.model.send()

    @precondition(lambda self: self.model.yen("loose"))
    @rule()
    def withdraw(self) -> None:
        batch = self._prepared()
        with self.ledger.writing() as connection:
            self.ledger.enter_withdrawal(connection, batch.batch_no, "誤り", person="乙")

    @precondition(lambda self: self.model.orders)
    @rule(which=WHICH, result=RESULTS)
    def answer(self, which: int, result: str) -> None:
        """The bank says something of any order, sent or not, again or not."""
        at = which % len(self.model.orders)
        row = self.ledger.orders()[at].select(
            "payment_no", *ACCOUNT, "amount_yen", "value_date", result=pl.lit(result), reason_text=pl.lit("-")
        )
        entered = self.model.answer(self.model.orders[at], result)
        judged = self.ledger.record_results(row, run_id="r")
        assert (judged.entered.height, judged.work_list.height) == (int(entered), int(not entered))

    @precondition(lambda self: self.model.orders)
    @rule(which=WHICH)
    def order_again(self, which: int) -> None:
        at = which % len(self.model.orders)
        wanted = self.ledger.orders()[at].select(
            pl.col("payment_no").alias("replaces_no"), *PAYEE, value_date=pl.lit(DAY), decided_month=pl.lit(MONTH)
        )
        expected = self.model.order_again(self.model.orders[at])
        if expected is None:
            with pytest.raises(LedgerError, match="出し直せません"):
                self.ledger.order_again(wanted, run_id="r")
        else:
            assert self.ledger.order_again(wanted, run_id="r") == expected

    @invariant()
    def the_accounts_are_the_models(self) -> None:
        journal, model = self.ledger.journal(), self.model
        debits, credits = (
            dict(journal.group_by(f"{side}_account").agg(pl.col("amount_yen").sum()).iter_rows())
            for side in ("debit", "credit")
        )
        accounts = ("扶助費", "未払金", "振込中", "預金")
        balance = {name: debits.get(name, 0) - credits.get(name, 0) for name in accounts}
        owed = sum({order.subject: order.yen for order in model.orders}.values())
        assert balance == {
            "扶助費": owed,
            "未払金": -model.yen("loose", "back"),
            "振込中": -model.yen("sent"),
            "預金": -model.yen("paid"),
        }

    @invariant()
    def nobody_is_paid_more_than_is_owed_and_one_order_stands(self) -> None:
        orders = self.ledger.orders()
        assert orders["amount_yen"].to_list() == [order.yen for order in self.model.orders]
        sign = pl.col("event").replace_strict({"paid": 1, "recalled": -1}, default=0, return_dtype=pl.Int64)
        moved = self.ledger.journal().select(
            pl.col("reference").alias("payment_no"), (sign * pl.col("amount_yen")).alias("out_yen")
        )
        out = orders.join(moved, on="payment_no").group_by("subject_key").agg(pl.col("out_yen").sum())
        due = orders.unique("subject_key").select("subject_key", "amount_yen")
        assert out.join(due, on="subject_key").filter(pl.col("out_yen") > pl.col("amount_yen")).is_empty()
        standing = orders.join(orders, left_on="payment_no", right_on="replaces_no", how="anti")
        assert standing["subject_key"].sort().to_list() == sorted(due["subject_key"])

    def teardown(self) -> None:
        """Close the database."""
        self.engine.dispose()

    def _prepared(self) -> Batch:
        loose = self.ledger.loose_orders(DAY)["payment_no"].to_list()
        return self.ledger.prepare(DAY, loose, sha256(self._next().encode()).hexdigest(), person="甲")

    def _next(self) -> str:
        self.events += 1
        return f"{self.events:06d}"


def live(database: Callable[[], Engine], examples: int) -> None:
    """So many lives, each in an empty database."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: LifeOfOrders(database()), settings=chosen)


def test_money_is_where_the_model_says(tmp_path: Path) -> None:
    files = iter(range(10_000))
    live(lambda: open_engine(sqlite_url(tmp_path / f"{next(files)}.sqlite")), 4)


@pytest.mark.slow
def test_money_is_where_the_model_says_in_more_lives(tmp_path: Path) -> None:
    files = iter(range(100_000))
    live(lambda: open_engine(sqlite_url(tmp_path / f"{next(files)}.sqlite")), 200)


@pytest.mark.slow
def test_money_is_where_the_model_says_on_postgresql(postgres_cluster: Cluster) -> None:
    live(lambda: open_engine(postgres_cluster.fresh()), 20)
