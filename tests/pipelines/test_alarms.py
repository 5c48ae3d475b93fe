"""What does not move in time is told the day before, by the command and by the morning's job."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from typer.testing import CliRunner

from assets.payment.alarms import last_result_day, release_deadline
from pipelines.alarms import alarms
from pipelines.cli import app
from pipelines.definitions import defs
from pipelines.schedules import every_morning
from resources.house import House
from resources.ledger_checks import LedgerError
from schemas.law.book import Law
from tests.resources.children import payment_entries, prepare
from tests.resources.test_release import RECIPIENT
from tests.support.month import living_in

DAY = date(2026, 10, 30)
DEADLINE = date(2026, 10, 27)
LAW = Law.load("112038")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A production home with three orders for 2026-10-30."""
    with living_in(tmp_path / "home") as house, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KODOMO_MODE", "production")
        house.ledger.enter_orders(payment_entries(3), run_id="r")
        yield house


def told(house: House, day: date) -> str:
    """The one alarm of a day."""
    (sentence,) = alarms(house, day)
    return sentence


def test_the_days_are_bank_business_days_counted_from_the_value_date() -> None:
    assert release_deadline(LAW, DAY) == DEADLINE
    assert last_result_day(LAW, DAY) == date(2026, 11, 9)
    assert release_deadline(LAW, date(2026, 11, 4)) == date(2026, 10, 29)


def test_orders_in_no_batch_are_told_from_the_day_before_the_deadline(house: House) -> None:
    assert alarms(house, date(2026, 10, 25)) == []
    for day in (date(2026, 10, 26), DEADLINE, date(2026, 12, 1)):
        assert "支払3件 303円が、どの振込データにもありません" in told(house, day)


def test_a_batch_not_handed_over_is_told_until_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = house.releases
    number = prepare(hand, DAY)
    assert number is not None
    for step, state in ((None, "作成済み"), (hand.approve, "承認済み"), (hand.seal, "確定済み")):
        if step is not None:
            step(number, person="乙")
        assert alarms(house, date(2026, 10, 25)) == []
        assert f"{number}({state}、3件 303円)が引き渡されていません" in told(house, date(2026, 10, 26))
    monkeypatch.setattr(hand.ledger, "_clock", lambda: datetime.fromisoformat("2200-01-01T00:00:00+09:00"))
    with pytest.raises(LedgerError, match="振込指定日に間に合いません"):
        hand.release(number, RECIPIENT, deadline=DEADLINE, person="丙")
    assert "引き渡されていません" in told(house, date(2026, 12, 1))


def test_the_command_ends_with_1_while_something_waits(house: House) -> None:
    waiting = CliRunner().invoke(app, ["alarms", "--on", "2026-10-26"])
    assert (waiting.exit_code, waiting.output.count("\n")) == (1, 1)
    assert "期限は 2026-10-27 です。" in waiting.output
    quiet = CliRunner().invoke(app, ["alarms", "--on", "2026-10-25"])
    assert (quiet.exit_code, quiet.output) == (0, "")


@pytest.mark.parametrize(("day", "success"), [("2026-10-25", True), ("2026-10-26", False)])
def test_the_mornings_job_fails_while_something_waits(house: House, day: str, success: bool) -> None:
    config = {"ops": {"look_for_alarms": {"config": {"day": day}}}}
    job = defs.get_job_def("morning")
    with dg.DagsterInstance.ephemeral() as instance:
        ended = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
    assert ended.success == success


def test_each_morning_looks_at_its_own_day() -> None:
    at = datetime(2026, 10, 26, 8, tzinfo=ZoneInfo("Asia/Tokyo"))
    context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=defs.get_repository_def())
    (request,) = every_morning.evaluate_tick(context).run_requests or []
    assert request.run_config["ops"]["look_for_alarms"]["config"] == {"day": "2026-10-26"}
