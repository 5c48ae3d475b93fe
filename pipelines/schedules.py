"""When the jobs run, Asia/Tokyo: each night for the day before, on the 2nd for the month before."""

from datetime import datetime, timedelta

import dagster as dg

from assets.calendar import TIMEZONE, key_of
from assets.months import month_before
from pipelines.jobs import Morning, monthly, morning, nightly


def _moment(context: dg.ScheduleEvaluationContext) -> datetime:
    return context.scheduled_execution_time


@dg.schedule(job=nightly, cron_schedule="0 1 * * *", execution_timezone=TIMEZONE, description="毎日1時、前日分")
def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    key = f"{_moment(context) - timedelta(days=1):%Y-%m-%d}"
    return dg.RunRequest(run_key=f"nightly-{key}", partition_key=key)


@dg.schedule(job=monthly, cron_schedule="0 4 2 * *", execution_timezone=TIMEZONE, description="毎月2日4時、前月分")
def every_month(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    key = key_of(month_before(_moment(context).date()))
    return dg.RunRequest(run_key=f"monthly-{key}", partition_key=key)


@dg.schedule(job=morning, cron_schedule="0 8 * * *", execution_timezone=TIMEZONE, description="毎日8時、支払の期限")
def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    day = f"{_moment(context):%Y-%m-%d}"
    return dg.RunRequest(run_key=f"morning-{day}", run_config=dg.RunConfig(ops={"look_for_alarms": Morning(day=day)}))


SCHEDULES = [every_night, every_month, every_morning]
