"""The bank's answers as the nights of every month so far entered them.

Belongs here: reading the shelf up to the end of a month. Does not belong here: what follows from them (returns.py).
"""

from datetime import date

import polars as pl

from assets.months import last_day
from resources.house import House
from schemas.record import Record
from schemas.records.payment import RESULTS_ENTERED, RESULTS_WORK


def answers_until(house: House, month: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """RESULTS_ENTERED and RESULTS_WORK of every night up to the end of a month."""
    return _until(house, RESULTS_ENTERED, month), _until(house, RESULTS_WORK, month)


def _until(house: House, record: Record, month: date) -> pl.DataFrame:
    nights = [day for day in house.shelf.partitions(record.name) if day <= f"{last_day(month)}"]
    return house.shelf.read_many(record, nights)
