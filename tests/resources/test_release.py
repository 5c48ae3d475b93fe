"""A bank file leaves once, approved by one person and handed over by another, and every other way is refused."""

import errno
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import pyrage
import pytest
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from resources.database import open_engine
from resources.errors import ResourceError
from resources.ledger_batches import Release
from resources.ledger_states import TRANSITIONS, Event, State
from resources.ledger_tables import (
    ACCOUNT,
    APPROVALS,
    BATCH_ORDERS,
    BATCHES,
    ERASURES,
    PAYEE,
    RELEASES,
    SEALS,
    VERDICTS,
    WITHDRAWALS,
)
from resources.release import Releases, file_name_of
from tests.resources.children import bank_bytes, clock, payment_entries, prepare, releases
from tests.support.postgres import on_both_databases

DAY, DEADLINE, LATER = date(2026, 10, 30), date(2026, 10, 27), date(2026, 11, 30)
BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
RECIPIENT = str(BANK.to_public())
STEPS = (Event.APPROVE, Event.SEAL, Event.RELEASE, Event.ERASE)
STATES = tuple(state for state in State if state is not State.WITHDRAWN)


@pytest.fixture
def hand(engine: Engine, tmp_path: Path) -> Releases:
    return releases(engine, tmp_path)


def do(hand: Releases, event: Event, number: str, **other: Any) -> None:
    """Ask for an event as the person whose turn it is."""
    calls: dict[Event, Callable[..., object]] = {
        Event.APPROVE: lambda person="乙": hand.approve(number, person=person),
        Event.SEAL: lambda person="乙": hand.seal(number, person=person),
        Event.RELEASE: lambda person="丙", recipient=RECIPIENT, deadline=DEADLINE: hand.release(
            number, recipient, deadline=deadline, person=person
        ),
        Event.ERASE: lambda person="乙": hand.erase(number, person=person),
        Event.WITHDRAW: lambda person="乙", reason="口座の誤り": hand.withdraw(number, reason, person=person),
    }
    calls[event](**other)


def brought_to(hand: Releases, state: State) -> str:
    """The number of a batch of five orders that stands at `state`."""
    hand.ledger.enter_orders(payment_entries(5), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    steps = (Event.WITHDRAW,) if state is State.WITHDRAWN else STEPS[: STATES.index(state)]
    for event in steps:
        do(hand, event, number)
    assert hand.ledger.batch(number).state == state
    return number


def refusal(hand: Releases, event: Event, number: str, **other: Any) -> str:
    with pytest.raises(ResourceError) as caught:
        do(hand, event, number, **other)
    return str(caught.value.code)


def handed(hand: Releases) -> list[Path]:
    return sorted(hand.handover.glob("*"))


def test_the_table_of_transitions_names_every_state_and_every_event() -> None:
    assert set(TRANSITIONS) == {(state, event) for state in State for event in Event}
    assert sum(isinstance(then, State) for then in TRANSITIONS.values()) == len(STEPS) + 3


@pytest.mark.parametrize(("state", "event"), list(TRANSITIONS), ids=lambda each: str(each))
def test_a_batch_goes_where_the_table_says_and_nowhere_else(hand: Releases, state: State, event: Event) -> None:
    number = brought_to(hand, state)
    then = TRANSITIONS[state, event]
    if isinstance(then, State):
        do(hand, event, number)
        assert hand.ledger.batch(number).state == then
        return
    before = hand.ledger.people(number), handed(hand), hand.ledger.journal().rows()
    assert refusal(hand, event, number) in {"state", "released"}
    assert (hand.ledger.people(number), handed(hand), hand.ledger.journal().rows()) == before
    assert hand.ledger.batch(number).state == state


@on_both_databases
def test_the_bank_opens_the_file_that_was_approved(hand: Releases) -> None:
    number = brought_to(hand, State.RELEASED)
    (file,) = handed(hand)
    assert file.name == f"{file_name_of(number)}.age"
    assert pyrage.decrypt(file.read_bytes(), [BANK]) == bank_bytes(hand.ledger.batch_orders(number))  # type: ignore[attr-defined]
    (told,) = hand.witness.releases().values()
    assert told.cipher_sha256 == sha256(file.read_bytes()).hexdigest()
    assert [(state.value, person) for state, person, _ in hand.ledger.people(number)] == [
        ("prepared", "甲"),
        ("approved", "乙"),
        ("sealed", "乙"),
        ("released", "丙"),
    ]
    assert list(hand.staging.glob("*")) == []


@pytest.mark.parametrize(
    ("state", "event", "person"),
    [
        (State.PREPARED, Event.APPROVE, "甲"),
        (State.PREPARED, Event.APPROVE, " 甲 "),
        (State.SEALED, Event.RELEASE, "乙"),
    ],
)
def test_one_person_alone_cannot_send_money(hand: Releases, state: State, event: Event, person: str) -> None:
    number = brought_to(hand, state)
    assert refusal(hand, event, number, person=person) == "same_person"
    assert hand.ledger.batch(number).state == state


@pytest.mark.parametrize(("state", "event"), list(zip(STATES, STEPS, strict=False)), ids=lambda each: str(each))
def test_nobody_in_particular_can_do_nothing(hand: Releases, state: State, event: Event) -> None:
    number = brought_to(hand, state)
    assert refusal(hand, event, number, person=" 　") == "person"
    assert hand.ledger.batch(number).state == state


@pytest.mark.parametrize("state", STATES[:3])
@pytest.mark.parametrize("content", [None, b"other"], ids=["gone", "changed"])
def test_a_file_that_is_not_the_one_prepared_goes_no_step_further(
    hand: Releases, state: State, content: bytes | None
) -> None:
    number = brought_to(hand, state)
    found = hand.outbox.find(file_name_of(number))
    assert found is not None
    found.path.unlink()
    if content is not None:
        found.path.write_bytes(content)
    assert refusal(hand, STEPS[STATES.index(state)], number) == "digest"
    assert handed(hand) == []
    assert hand.ledger.batch(number).state == state


def test_a_recipient_that_is_no_key_releases_nothing(hand: Releases) -> None:
    number = brought_to(hand, State.SEALED)
    assert refusal(hand, Event.RELEASE, number, recipient="age1nobody") == "recipient"
    assert (handed(hand), hand.witness.releases()) == ([], {})
    do(hand, Event.RELEASE, number)


def test_a_test_environment_releases_nothing(engine: Engine, tmp_path: Path) -> None:
    number = brought_to(releases(engine, tmp_path, "test"), State.SEALED)
    for environment in ("test", "production"):
        hand = releases(engine, tmp_path, environment)
        assert refusal(hand, Event.RELEASE, number) == "test"
        assert (handed(hand), hand.witness.releases()) == ([], {})


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


@pytest.mark.parametrize(
    ("now", "deadline", "code"),
    [
        (clock() - timedelta(seconds=1), DEADLINE, "clock"),
        (clock() + timedelta(days=10), DAY, "value_date"),
        (clock() + timedelta(days=300), DAY, "value_date"),
        (clock() + timedelta(days=8), DEADLINE, "deadline"),
    ],
    ids=["clock_set_back", "on_the_value_date", "long_past", "past_the_deadline"],
)
def test_a_wrong_day_releases_nothing(
    hand: Releases, engine: Engine, tmp_path: Path, now: datetime, deadline: date, code: str
) -> None:
    number = brought_to(hand, State.SEALED)
    later = releases(engine, tmp_path, now=at(now))
    assert refusal(later, Event.RELEASE, number, deadline=deadline) == code
    assert (handed(hand), hand.witness.releases()) == ([], {})


@pytest.mark.parametrize(("state", "event"), list(zip(STATES, STEPS, strict=False)), ids=lambda each: str(each))
def test_a_clock_set_back_takes_no_step_and_one_set_right_takes_it(
    hand: Releases, engine: Engine, tmp_path: Path, state: State, event: Event
) -> None:
    number = brought_to(hand, state)
    before = hand.ledger.people(number)
    earlier = releases(engine, tmp_path, now=at(clock() - timedelta(microseconds=1)))
    assert refusal(earlier, event, number) == "clock"
    assert (hand.ledger.people(number), hand.ledger.batch(number).state) == (before, state)
    found = hand.outbox.find(file_name_of(number))
    assert found is not None
    assert found.path.is_file()
    do(hand, event, number)
    assert [when for _, _, when in hand.ledger.people(number)] == [clock()] * (STATES.index(state) + 2)


def test_the_last_day_in_japan_is_still_in_time(hand: Releases, engine: Engine, tmp_path: Path) -> None:
    number = brought_to(hand, State.SEALED)
    evening = datetime.fromisoformat("2026-10-27T23:59:59+09:00")
    do(releases(engine, tmp_path, now=at(evening)), Event.RELEASE, number)
    assert len(handed(hand)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("again", ["same", "next"])
def test_a_database_put_back_from_before_a_release_releases_nothing(database: URL, tmp_path: Path, again: str) -> None:
    engine = open_engine(database)
    hand = releases(engine, tmp_path)
    number = brought_to(hand, State.SEALED)
    engine.dispose()
    shutil.copy(str(database.database), tmp_path / "backup")
    do(hand, Event.RELEASE, number)
    (file,) = handed(hand)
    content = file.read_bytes()
    engine.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{database.database}{suffix}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup", str(database.database))

    assert hand.ledger.batch(number).state == State.SEALED
    if again == "next":
        hand.ledger.enter_orders(payment_entries(8), run_id="r2")
        assert prepare(hand, DAY) == number
        loose = hand.ledger.batches(DAY)[1].batch_no
        data = bank_bytes(hand.ledger.batch_orders(loose))
        hand.outbox.write("2026-10", file_name_of(loose), data, purpose="総合振込", sealed=True)
        do(hand, Event.APPROVE, loose)
        do(hand, Event.SEAL, loose)
        number = loose
    assert refusal(hand, Event.RELEASE, number) == "restored"
    assert [(each.name, each.read_bytes()) for each in handed(hand)] == [(file.name, content)]
    engine.dispose()


def test_a_witness_that_lost_or_changed_a_release_stops_the_next(hand: Releases) -> None:
    number = brought_to(hand, State.RELEASED)
    (note,) = hand.witness.place.glob("*.json")
    whole = note.read_text()
    note.unlink()
    assert refusal(hand, Event.RELEASE, number) == "untold"
    note.write_text(whole.replace('"sequence": 1', '"sequence": 2'))
    assert refusal(hand, Event.RELEASE, number) == "chain"
    note.write_text(whole)
    assert refusal(hand, Event.RELEASE, number) == "released"


def test_the_witness_takes_a_batch_once(hand: Releases) -> None:
    number = brought_to(hand, State.RELEASED)
    release = hand.witness.releases()[number]
    with pytest.raises(ResourceError, match="二度は"):
        hand.witness.tell(release)
    assert len(list(hand.witness.place.glob("*.json"))) == 1
    assert list(hand.witness.place.glob("*.tmp")) == []


def test_a_witness_that_cannot_be_read_is_not_an_empty_one(hand: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    number = brought_to(hand, State.RELEASED)

    def refused(_path: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "EACCES")

    for name in ("listdir", "scandir"):
        monkeypatch.setattr(os, name, refused)
    with pytest.raises(PermissionError):
        hand.release(number, RECIPIENT, deadline=DEADLINE, person="丙")
    with pytest.raises(PermissionError):
        hand.witness.releases()


@on_both_databases
def test_after_erasure_no_plaintext_lies_in_the_outbox_and_the_proof_names_it(hand: Releases, engine: Engine) -> None:
    number = brought_to(hand, State.ERASED)
    plain = bank_bytes(hand.ledger.batch_orders(number))
    assert not any(path.read_bytes() == plain for path in hand.outbox.root.rglob("*") if path.is_file())
    with engine.connect() as connection:
        (row,) = connection.execute(ERASURES.select()).mappings()
    assert (row["digest"], row["bytes"], row["person"]) == (sha256(plain).hexdigest(), len(plain), "乙")
    assert len(handed(hand)) == 1


NUMBER = "112038-20261030-01"
DIGEST = "{digest}"
ROWS: dict[str, tuple[State, Any, dict[str, Any]]] = {
    "approved_by_the_preparer": (State.PREPARED, APPROVALS, {"person": "甲"}),
    "approved_as_another_preparer": (State.PREPARED, APPROVALS, {"prepared_by": "丁", "person": "甲"}),
    "approved_over_another_file": (State.PREPARED, APPROVALS, {"digest": "f" * 64}),
    "approved_over_another_total": (State.PREPARED, APPROVALS, {"total_yen": 1}),
    "approved_over_another_count": (State.PREPARED, APPROVALS, {"orders": 4}),
    "approved_twice": (State.APPROVED, APPROVALS, {}),
    "sealed_unapproved": (State.PREPARED, SEALS, {}),
    "sealed_over_another_file": (State.APPROVED, SEALS, {"digest": "f" * 64}),
    "sealed_twice": (State.SEALED, SEALS, {}),
    "released_unapproved": (State.PREPARED, RELEASES, {}),
    "released_unsealed": (State.APPROVED, RELEASES, {}),
    "released_by_the_approver": (State.SEALED, RELEASES, {"person": "乙"}),
    "released_as_another_approver": (State.SEALED, RELEASES, {"approved_by": "丁", "person": "乙"}),
    "released_over_another_file": (State.SEALED, RELEASES, {"digest": "f" * 64}),
    "released_as_test": (State.SEALED, RELEASES, {"environment": "test"}),
    "released_twice": (State.RELEASED, RELEASES, {"cipher_sha256": "d" * 64}),
    "erased_unreleased": (State.SEALED, ERASURES, {}),
    "erased_twice": (State.ERASED, ERASURES, {}),
    "withdrawn_released": (State.RELEASED, WITHDRAWALS, {}),
    "withdrawn_as_released": (State.SEALED, WITHDRAWALS, {"verdict": "released"}),
    "withdrawn_twice": (State.WITHDRAWN, WITHDRAWALS, {}),
    "released_as_withdrawn": (State.SEALED, RELEASES, {"verdict": "withdrawn"}),
}
VERDICT = {RELEASES: "released", WITHDRAWALS: "withdrawn"}


def row_of(hand: Releases, number: str, table: Any, change: dict[str, Any]) -> dict[str, Any]:
    """A row that would be right but for `change`."""
    batch = hand.ledger.batch(number)
    right = {
        **vars(batch),
        "environment": "production",
        "person": "丙",
        "approved_by": "乙",
        "recipient": RECIPIENT,
        "cipher_sha256": "c" * 64,
        "file_name": file_name_of(number),
        "bytes": 1,
        "verdict": VERDICT.get(table),
        "reason": "口座の誤り",
        "at": clock(),
    }
    return {name: value for name, value in {**right, **change}.items() if name in table.c}


def enter(connection: Connection, hand: Releases, number: str, table: Any, change: dict[str, Any]) -> None:
    """The row, and before it the verdict it names where the batch has none yet."""
    if table in VERDICT and not connection.scalar(select(VERDICTS.c.verdict).where(VERDICTS.c.batch_no == number)):
        connection.execute(insert(VERDICTS).values(batch_no=number, verdict=VERDICT[table]))
    connection.execute(insert(table).values(**row_of(hand, number, table, change)))


@on_both_databases
@pytest.mark.parametrize("case", ROWS)
def test_the_database_itself_refuses(hand: Releases, engine: Engine, case: str) -> None:
    state, table, change = ROWS[case]
    number = brought_to(hand, state)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        enter(connection, hand, number, table, change)
    assert hand.ledger.batch(number).state == state


@on_both_databases
def test_the_database_itself_refuses_to_release_a_batch_of_a_test_environment(engine: Engine, tmp_path: Path) -> None:
    hand = releases(engine, tmp_path, "test")
    number = brought_to(hand, State.SEALED)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        enter(connection, hand, number, RELEASES, {})


@on_both_databases
@pytest.mark.parametrize(
    ("state", "table"), [(State.PREPARED, APPROVALS), (State.APPROVED, SEALS), (State.SEALED, RELEASES)], ids=str
)
def test_the_database_takes_the_row_that_is_right(hand: Releases, engine: Engine, state: State, table: Any) -> None:
    number = brought_to(hand, state)
    with engine.begin() as connection:
        enter(connection, hand, number, table, {})
    assert hand.ledger.batch(number).state == STATES[STATES.index(state) + 1]


@on_both_databases
@pytest.mark.parametrize("state", [State.PREPARED, State.APPROVED, State.SEALED])
def test_the_orders_of_a_withdrawn_batch_go_into_the_next_and_its_file_is_gone(hand: Releases, state: State) -> None:
    first = brought_to(hand, state)
    members = hand.ledger.batch_orders(first)
    do(hand, Event.WITHDRAW, first)
    assert hand.outbox.content(file_name_of(first)) == b""
    assert hand.ledger.loose_orders(DAY).equals(members)
    assert hand.ledger.people(first)[-1][:2] == (State.WITHDRAWN, "乙")
    numbers = members["payment_no"].to_list()
    second = hand.ledger.prepare(DAY, numbers, hand.ledger.batch(first).digest, person="甲")
    assert second.batch_no != first
    assert hand.ledger.loose_orders(DAY).is_empty()
    assert hand.ledger.standing_batches(DAY) == [second]
    assert hand.ledger.batched_orders().equals(members)
    third = hand.ledger.prepare(DAY, numbers, second.digest, person="丁")
    assert third == second
    for event in Event:
        assert refusal(hand, event, first) == "state"


def test_a_database_put_back_from_before_a_release_gives_nothing_back(hand: Releases) -> None:
    number = brought_to(hand, State.SEALED)
    release = Release(number, hand.ledger.batch(number).digest, RECIPIENT, "c" * 64, "丙", clock())
    hand.witness.tell(release)
    assert refusal(hand, Event.WITHDRAW, number) == "unfinished"
    assert hand.ledger.batch(number).state == State.SEALED


@pytest.mark.parametrize("state", [State.PREPARED, State.APPROVED, State.SEALED])
def test_what_was_paid_after_all_is_not_paid_again(hand: Releases, state: State) -> None:
    """The answer comes when the second attempt is on its way already: it is stopped and taken back."""
    first = brought_to(hand, State.RELEASED)
    old = hand.ledger.batch_orders(first).head(1)
    answer = old.select("payment_no", *ACCOUNT, "amount_yen", "value_date", result=pl.lit("2"), reason_text=pl.lit("-"))
    hand.ledger.record_results(answer, run_id="r2")
    wanted = old.select(
        pl.col("payment_no").alias("replaces_no"), *PAYEE, value_date=pl.lit(LATER), decided_month=pl.lit(DAY)
    )
    hand.ledger.order_again(wanted, run_id="r3")
    second = prepare(hand, LATER)
    assert second is not None
    for event in STEPS[: STATES.index(state)]:
        do(hand, event, second)
    hand.ledger.record_results(answer.with_columns(result=pl.lit("0")), run_id="r4")
    assert hand.ledger.doubted()["payment_no"].to_list() == hand.ledger.batch_orders(second)["payment_no"].to_list()
    assert refusal(hand, STEPS[STATES.index(state)], second) == "doubted"
    assert hand.ledger.batch(second).state == state
    do(hand, Event.WITHDRAW, second)
    late = releases(hand.ledger.engine, hand.outbox.root.parent, now=at(datetime(2026, 12, 1, 3, tzinfo=UTC)))
    overdue = late.ledger.overdue()
    third = overdue.select(
        pl.col("payment_no").alias("replaces_no"), *PAYEE, value_date=pl.lit(LATER), decided_month=pl.lit(DAY)
    )
    with pytest.raises(ResourceError, match="振込不能の後の振込済の結果がある"):
        late.ledger.order_again(third, run_id="r5")
    assert overdue["payment_no"].to_list() == ["0000000006"]
    assert len(handed(hand)) == 1


def test_a_withdrawal_needs_a_reason(hand: Releases) -> None:
    number = brought_to(hand, State.PREPARED)
    assert refusal(hand, Event.WITHDRAW, number, reason="  ") == "reason"
    assert hand.ledger.batch(number).state == State.PREPARED


TURNS: dict[str, dict[str, Any]] = {
    "while_the_first_stands": {"payment_no": "0000000002"},
    "as_a_first_turn": {"turn": 1, "turn_before": None, "batch_before": None},
    "after_nothing": {"turn_before": None, "batch_before": None},
    "after_a_batch_it_was_not_in": {"payment_no": "0000000006"},
    "after_a_later_turn": {"turn": 3},
    "in_the_withdrawn_batch": {"batch_no": NUMBER},
}


@on_both_databases
@pytest.mark.parametrize("case", TURNS)
def test_the_database_takes_an_order_into_a_second_batch_only_after_the_first_was_withdrawn(
    hand: Releases, engine: Engine, case: str
) -> None:
    first = brought_to(hand, State.PREPARED if case == "while_the_first_stands" else State.WITHDRAWN)
    hand.ledger.enter_orders(payment_entries(6), run_id="r2")
    second = hand.ledger.prepare(DAY, ["0000000006"], "b" * 64, person="甲").batch_no
    row = {"payment_no": "0000000001", "batch_no": second, "turn": 2, "turn_before": 1, "batch_before": first}
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(BATCH_ORDERS).values(**{**row, **TURNS[case]}))
    if case != "while_the_first_stands":
        with engine.begin() as connection:
            third = row_of(hand, second, BATCHES, {"batch_no": "third", "orders": 1, "total_yen": 100, "number": 9})
            connection.execute(insert(BATCH_ORDERS).values(**row | {"batch_no": "third"}))
            connection.execute(insert(BATCHES).values(**third | {"municipality": "112038"}))
