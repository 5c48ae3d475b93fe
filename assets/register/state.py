"""What is known on a day inside a month: the month before, and what arrived since."""

from datetime import date

import polars as pl

from assets.calendar import keys_between
from assets.register.rules import known
from resources.house import House
from schemas.records.feeds import FEEDS, accepted
from schemas.records.register import known as known_record


def known_on(house: House, feed_name: str, day: date) -> pl.DataFrame:
    """Every row of a daily feed known at the end of a day."""
    feed = FEEDS[feed_name]
    before = house.of_month_before(known_record(feed), day)
    arrivals = house.shelf.read_many(accepted(feed), keys_between(day.replace(day=1), day))
    return known(feed, before, arrivals)
