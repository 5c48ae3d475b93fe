"""PostgreSQL gone before, in the middle of or at the end of a step, and there again: one sentence, nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError
from typer.testing import CliRunner

from pipelines.cli import app
from resources.database import utc_now
from resources.house import House
from resources.ledger_states import State
from resources.ledger_tables import BATCHES, JOURNAL, RELEASES
from resources.trouble import trouble_of
from tests.resources.children import bank_bytes, payment_entries, prepare
from tests.support.month import living_in
from tests.support.postgres import Cluster, running_cluster

BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
PERSONS = {"approve": "乙", "seal": "乙", "release": "丙"}
MOMENTS = ("before", "in_the_middle", "at_the_end")
CASES = [
    pytest.param(step, moment, id=f"{step}-{moment}", marks=() if (step, moment) in quick else pytest.mark.slow)
    for quick in [{("release", "in_the_middle"), ("release", "at_the_end")}]
    for step in ("prepare", *PERSONS)
    for moment in MOMENTS
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture
def house(cluster: Cluster, tmp_path: Path) -> Iterator[House]:
    address = cluster.fresh().render_as_string(hide_password=False)
    with living_in(tmp_path / "home", address) as house, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KODOMO_MODE", "production")
        yield house
        house.engine.dispose()


@contextmanager
def stopped(cluster: Cluster, house: House, moment: str) -> Iterator[None]:
    """The cluster is gone from that moment of the step in the block, and there again after it."""
    gone = [False]

    def stop(*_: object) -> None:
        if not gone[0]:
            gone[0] = True
            cluster.stop()

    def inserted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO"):
            stop()

    heard = {"in_the_middle": ("after_cursor_execute", inserted), "at_the_end": ("commit", stop)}
    if moment in heard:
        event.listen(house.engine, *heard[moment])
    else:
        stop()
    try:
        yield
    finally:
        if moment in heard:
            event.remove(house.engine, *heard[moment])
        assert gone[0]
        cluster.start()


def said(step: str, number: str) -> tuple[int, str]:
    """The exit code and the sentence of a step; of preparing, which has no command, the sentence of its trouble."""
    more = ["--recipient", str(BANK.to_public())] if step == "release" else []
    result = CliRunner().invoke(app, ["batch", step, number, "--person", PERSONS[step], *more])
    return result.exit_code, result.output


def prepared(house: House, day: date) -> tuple[int, str]:
    try:
        return 0, str(prepare(house.releases, day))
    except SQLAlchemyError as error:
        return 3, str(trouble_of(error))


@pytest.mark.parametrize(("step", "moment"), CASES)
def test_a_step_whose_database_went_away_is_finished_by_the_next_call(
    cluster: Cluster, house: House, tmp_path: Path, step: str, moment: str
) -> None:
    day = utc_now().date() + timedelta(days=25)
    house.ledger.enter_orders(payment_entries(3).with_columns(value_date=day), run_id="r")
    number = f"112038-{day:%Y%m%d}-01"
    for each in ("prepare", *PERSONS):
        if each == step:
            with stopped(cluster, house, moment):
                code, sentence = prepared(house, day) if each == "prepare" else said(each, number)
            assert (code, sentence.count("\n") < 2) == (3, True), sentence
            assert sentence.startswith("データベースを使えませんでした(")
            assert "もう一度実行してください。" in sentence
        assert (prepared(house, day) if each == "prepare" else said(each, number))[0] == 0
    assert_paid_once(house, number, tmp_path / "home")


def assert_paid_once(house: House, number: str, place: Path) -> None:
    batch = house.ledger.batch(number)
    (file,) = (place / "handover").rglob("*.age")
    assert pyrage.decrypt(file.read_bytes(), [BANK]) == bank_bytes(house.ledger.batch_orders(number))  # type: ignore[attr-defined]
    assert list((place / "staging").rglob("*.age")) == []
    (told,) = house.releases.witness.releases().values()
    with house.engine.connect() as connection:
        assert connection.scalars(select(BATCHES.c.batch_no)).all() == [number]
        (digest,) = connection.scalars(select(RELEASES.c.cipher_sha256))
        moved = select(func.sum(JOURNAL.c.amount_yen)).where(JOURNAL.c.event == "released")
        assert connection.scalar(moved) == batch.total_yen == 303
    assert digest == told.cipher_sha256 == sha256(file.read_bytes()).hexdigest()
    assert (batch.state, batch.orders) == (State.RELEASED, 3)
