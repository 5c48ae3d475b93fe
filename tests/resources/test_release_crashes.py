"""Hand-overs killed at every step, and many at once: one file, one release, the exact total."""

import errno
import random
import signal
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import NoReturn

import polars as pl
import pyrage
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.engine import URL

from resources import release as release_module
from resources.ledger_checks import LedgerError
from resources.ledger_states import State
from resources.ledger_tables import JOURNAL, RELEASES
from resources.release import Releases
from tests.resources.children import bank_bytes, payment_entries, prepare, releases

Start = Callable[..., "Popen[str]"]
DAY, DEADLINE = date(2026, 10, 30), date(2026, 10, 27)
BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
RECIPIENT = str(BANK.to_public())
ROUNDS, KILLS = 20, 25


@pytest.fixture
def hand(engine: Engine, tmp_path: Path) -> Releases:
    return releases(engine, tmp_path)


def sealed(hand: Releases) -> str:
    hand.ledger.enter_orders(payment_entries(5), run_id="r")
    number = prepare(hand, DAY)
    assert number is not None
    hand.approve(number, person="乙")
    hand.seal(number, person="乙")
    return number


def released_again(hand: Releases, number: str) -> str:
    """What a release asked for now says: nothing when it handed the file over, else the code of the refusal."""
    try:
        hand.release(number, RECIPIENT, deadline=DEADLINE, person="丙")
    except LedgerError as refused:
        return str(refused.code)
    return ""


def assert_released_once(hand: Releases, engine: Engine, numbers: list[str]) -> None:
    files = sorted(hand.handover.iterdir())
    assert len(files) == len(numbers)
    assert list(hand.staging.glob("*.age")) == []
    told = hand.witness.releases()
    assert sorted(told) == sorted(numbers)
    with engine.connect() as connection:
        rows = connection.execute(select(RELEASES).order_by(RELEASES.c.batch_no)).mappings().all()
        moved = select(func.sum(JOURNAL.c.amount_yen)).where(JOURNAL.c.event == "released")
        assert connection.scalar(moved) == sum(hand.ledger.batch(number).total_yen for number in numbers)
    assert [row["batch_no"] for row in rows] == sorted(numbers)
    for row, file in zip(rows, files, strict=True):
        content = file.read_bytes()
        assert row["cipher_sha256"] == told[row["batch_no"]].cipher_sha256 == sha256(content).hexdigest()
        plain = bank_bytes(hand.ledger.batch_orders(row["batch_no"]))
        assert pyrage.decrypt(content, [BANK]) == plain  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("before_staging", ""),
        ("after_staging", ""),
        ("after_witness", ""),
        ("before_commit", ""),
        ("after_commit", ""),
        ("before_rename", ""),
        ("after_rename", "released"),
    ],
)
def test_a_hand_over_killed_anywhere_is_finished_by_the_next_and_never_repeated(
    hand: Releases, engine: Engine, database: URL, tmp_path: Path, start: Start, where: str, said: str
) -> None:
    number = sealed(hand)
    address = database.render_as_string(hide_password=False)
    assert start("release", address, where, tmp_path, number, RECIPIENT).wait(timeout=60) == -signal.SIGKILL
    kept = hand.witness.releases()
    assert released_again(hand, number) == said
    assert_released_once(hand, engine, [number])
    assert kept in ({}, hand.witness.releases())
    assert released_again(hand, number) == "released"
    assert_released_once(hand, engine, [number])


def test_two_operators_at_once_hand_over_once(
    hand: Releases, engine: Engine, database: URL, tmp_path: Path, start: Start
) -> None:
    number = sealed(hand)
    address = database.render_as_string(hide_password=False)
    children = [start("release", address, "whole", tmp_path, number, RECIPIENT) for _ in range(2)]
    told = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    assert sorted(code for _, code in told) == [0, 1]
    assert all("が引き渡しました" in errors for errors, code in told if code)
    assert_released_once(hand, engine, [number])


def test_of_a_hand_over_and_a_withdrawal_at_once_one_wins(
    hand: Releases, engine: Engine, database: URL, tmp_path: Path, start: Start
) -> None:
    number = sealed(hand)
    address = database.render_as_string(hide_password=False)
    children = [
        start("release", address, "whole", tmp_path, number, RECIPIENT),
        start("withdraw", address, tmp_path, number),
    ]
    told = [(child.communicate(timeout=60)[1], child.returncode) for child in children]
    assert sorted(code for _, code in told) == [0, 1], told
    if told[0][1] == 0:
        assert_released_once(hand, engine, [number])
    else:
        assert hand.ledger.batch(number).state == State.WITHDRAWN
        assert not hand.handover.exists()
        assert hand.witness.releases() == {}
    assert released_again(hand, number) in ("released", "state")


@pytest.mark.parametrize("where", ["after_staging", "after_witness", "before_commit", "after_commit", "before_rename"])
def test_a_hand_over_that_was_begun_is_finished_and_not_taken_back(
    hand: Releases, engine: Engine, database: URL, tmp_path: Path, start: Start, where: str
) -> None:
    number = sealed(hand)
    address = database.render_as_string(hide_password=False)
    assert start("release", address, where, tmp_path, number, RECIPIENT).wait(timeout=60) == -signal.SIGKILL
    if where == "after_staging":
        assert hand.withdraw(number, "間に合わない", person="乙").state == State.WITHDRAWN
        assert list(hand.staging.glob("*")) == []
        assert released_again(hand, number) == "state"
        return
    with pytest.raises(LedgerError) as caught:
        hand.withdraw(number, "間に合わない", person="乙")
    assert caught.value.code in ("unfinished", "state")
    assert released_again(hand, number) == ""
    assert_released_once(hand, engine, [number])


def test_a_cut_off_worker_that_wakes_up_finds_its_ciphertext_unwanted(hand: Releases, engine: Engine) -> None:
    number = sealed(hand)
    hand.staging.mkdir(parents=True)
    assert released_again(hand, number) == ""
    (hand.staging / f"{number}.{'0' * 16}.age").write_bytes(b"late")
    assert released_again(hand, number) == "released"
    assert_released_once(hand, engine, [number])


def test_what_a_cut_off_call_left_is_made_sure_of_before_the_row_and_after_the_hand_over(
    hand: Releases, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = sealed(hand)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hand.ledger, "enter_release", failing)
        with pytest.raises(OSError, match="EIO"):
            released_again(hand, number)
    done: list[object] = []
    monkeypatch.setattr(release_module, "sync_directory", done.append)
    monkeypatch.setattr(hand.ledger, "enter_release", lambda *_: done.append("row"))
    assert released_again(hand, number) == ""
    assert done == [hand.staging, hand.witness.place, "row", hand.handover, hand.staging]


def test_a_hand_over_whose_last_sync_failed_is_made_sure_of_by_the_next_call(
    hand: Releases, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = sealed(hand)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_module, "sync_directory", failing)
        with pytest.raises(OSError, match="EIO"):
            released_again(hand, number)
    done: list[Path] = []
    monkeypatch.setattr(release_module, "sync_directory", done.append)
    assert released_again(hand, number) == "released"
    assert done == [hand.handover, hand.staging]
    assert_released_once(hand, engine, [number])


def failing(*_: object) -> NoReturn:
    raise OSError(errno.EIO, "EIO")


def still_running(child: "Popen[str]", seconds: float) -> bool:
    try:
        child.wait(timeout=seconds)
    except TimeoutExpired:
        return True
    return False


@pytest.mark.slow
def test_three_processes_killed_at_random_release_each_of_twenty_batches_once(
    hand: Releases, engine: Engine, database: URL, tmp_path: Path, start: Start
) -> None:
    entries = payment_entries(5 * ROUNDS).with_row_index("at")
    days = [DAY + timedelta(at) for at in range(ROUNDS)]
    dated = entries.with_columns(value_date=pl.lit(DAY) + pl.duration(days=pl.col("at") % ROUNDS)).drop("at")
    hand.ledger.enter_orders(dated, run_id="r")
    words = ("live", database.render_as_string(hide_password=False), tmp_path, RECIPIENT, ROUNDS)
    children = [start(*words) for _ in range(3)]
    chance = random.Random(5)
    killed = 0
    for _ in range(KILLS):
        at = chance.randrange(3)
        if still_running(children[at], chance.uniform(0.3, 1.2)):
            children[at].send_signal(signal.SIGKILL)
            killed += 1
        if children[at].wait(timeout=60) != 0:
            children[at] = start(*words)
    assert killed > 3
    last = start(*words)
    assert [child.wait(timeout=120) for child in (*children, last)] == [0] * 4
    batches = [batch for day in days for batch in hand.ledger.batches(day)]
    assert {batch.state for batch in batches} == {State.RELEASED}
    assert sum(batch.total_yen for batch in batches) == entries["amount_yen"].sum()
    assert_released_once(hand, engine, [batch.batch_no for batch in batches])
    assert len(batches) == ROUNDS
