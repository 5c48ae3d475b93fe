"""The only partitions. A day or a month of processing, Asia/Tokyo.

A daily partition holds what was delivered on that day; a monthly one what the month's processing decided.
"""

from datetime import date, timedelta

from dagster import (
    DailyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    PartitionsDefinition,
    TimeWindowPartitionMapping,
)

from assets.months import last_day
from schemas.record import Record
from schemas.records.feeds import DAILY as DAILY_FEEDS

TIMEZONE = "Asia/Tokyo"
FIRST_DAY = "2026-04-01"

DAILY = DailyPartitionsDefinition(FIRST_DAY, timezone=TIMEZONE, end_offset=1)
MONTHLY = MonthlyPartitionsDefinition(FIRST_DAY[:7], fmt="%Y-%m", timezone=TIMEZONE, end_offset=1)

_DAILY_NAMES = {feed.name for feed in DAILY_FEEDS}
MONTH_BEFORE = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)


def of_feed(feed: Record) -> PartitionsDefinition[str]:
    """A feed's calendar: by day or by month."""
    return DAILY if feed.name in _DAILY_NAMES else MONTHLY


def month_of(key: str) -> date:
    """Partition key YYYY-MM → the first day of that month."""
    return date.fromisoformat(f"{key}-01")


def key_of(month: date) -> str:
    """A day → the key of its month."""
    return f"{month:%Y-%m}"


def days_of(key: str) -> tuple[date, date]:
    """First and last day of a partition key, YYYY-MM-DD or YYYY-MM."""
    if len(key) == len("2026-04-01"):
        day = date.fromisoformat(key)
        return day, day
    return month_of(key), last_day(month_of(key))


def keys_between(first: date, last: date) -> list[str]:
    """Daily keys from first to last, both included."""
    return [f"{first + timedelta(days=n):%Y-%m-%d}" for n in range((last - first).days + 1)]
