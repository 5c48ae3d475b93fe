"""The night is for the day before, the month for the month before, in Japan's time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.definitions import defs
from pipelines.schedules import every_month, every_night

TOKYO = ZoneInfo("Asia/Tokyo")


def requested(schedule: dg.ScheduleDefinition, at: datetime) -> dg.RunRequest:
    context = dg.build_schedule_context(scheduled_execution_time=at, repository_def=defs.get_repository_def())
    result = schedule.evaluate_tick(context)
    (request,) = result.run_requests or []
    return request


@pytest.mark.parametrize(
    ("at", "key"),
    [(datetime(2026, 10, 2, 1, tzinfo=TOKYO), "2026-10-01"), (datetime(2026, 11, 1, 1, tzinfo=TOKYO), "2026-10-31")],
)
def test_each_night_takes_the_day_before(at: datetime, key: str) -> None:
    assert requested(every_night, at).partition_key == key


@pytest.mark.parametrize(
    ("at", "key"),
    [(datetime(2026, 11, 2, 4, tzinfo=TOKYO), "2026-10"), (datetime(2027, 1, 2, 4, tzinfo=TOKYO), "2026-12")],
)
def test_each_month_decides_the_month_before(at: datetime, key: str) -> None:
    assert requested(every_month, at).partition_key == key


def test_the_same_tick_twice_asks_for_the_same_run() -> None:
    at = datetime(2026, 11, 2, 4, tzinfo=TOKYO)
    assert requested(every_month, at).run_key == requested(every_month, at).run_key
