"""A city of five hand-made children, month by month on the shelf without Dagster: for tests of then and now only.

Everybody is entitled since 2024-10-01 by the news of the first month. What later news there is, each test says.
"""

from datetime import date

import polars as pl

from assets.calendar import key_of
from assets.eligibility import deciding
from assets.eligibility.known import Known
from assets.months import last_day
from resources.house import House
from resources.registry import Source, Volume
from schemas.law.book import Law
from schemas.record import Record
from schemas.records.feeds import (
    APPLICATIONS,
    DAILY,
    NONRESIDENTS,
    OVERRIDES,
    PUBLIC_ASSISTANCE,
    RESIDENTS,
    accepted,
)
from schemas.records.register import (
    ELIGIBILITY,
    ELIGIBILITY_DECISIONS,
    IDENTITIES,
    KEPT,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    RESTRICTIONS,
    SCHEMES,
    known,
)
from schemas.records.statistics import LAW_BOOK
from tests.support.rows import valid_rows, with_check_digit

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
LATE, RULED, AMENDED, EVERYTHING, UNASKED = (f"{no:015d}" for no in range(101, 106))
"""Whom late facts, an override, an amendment, all three befall; and a child nobody applied for."""
CHILDREN = (LATE, RULED, AMENDED, EVERYTHING)
NAME, ADDRESS = "霧島川霞之介", "見えない番地九九九の九"
_HISTORY = {"history_no": 1, "history_branch_no": 0, "latest_flag": "1", "deleted_flag": "0"}


def guardian_of(child: str) -> str:
    """The number of a child's guardian."""
    return f"{int(child) + 100:015d}"


def rows(feed: Record, said: list[dict[str, object]], delivery: str, learned: date) -> pl.DataFrame:
    """Known rows of a feed that say this; the rest is anything valid."""
    if not said:
        return known(feed).empty()
    told = [
        {"delivery": delivery, "line_no": line, "known_date": learned} | row for line, row in enumerate(said, start=2)
    ]
    frame = valid_rows(known(feed), len(told))
    columns = {name: pl.Series(name, [row[name] for row in told], frame.schema[name]) for name in told[0]}
    return frame.with_columns(**columns)


def _resident(code: str, birth: date) -> dict[str, object]:
    lived = {"change_date": birth, "resident_from_date": birth, "resident_to_date": None, "resident_to_reason": None}
    person = {"resident_code": code, "birth_date": birth, "name": NAME, "address": ADDRESS, "household_role": "04"}
    return person | lived | _HISTORY | {"operated_date": birth, "change_reason": "01", "resident_class": "01"}


def _application(no: int, child: str) -> dict[str, object]:
    return {
        "application_no": f"A{no:07d}",
        "application_type": "06",
        "application_reason": "04",
        "application_date": date(2024, 9, 2),
        "event_date": date(2024, 10, 1),
        "beneficiary_no": with_check_digit(f"{no:06d}"),
        "child_resident_code": child,
        "guardian_resident_code": guardian_of(child),
        "spouse_resident_code": None,
        "child_name": NAME,
        "child_address": ADDRESS,
    }


def first_known() -> dict[str, pl.DataFrame]:
    """What is known at the end of October 2026, feed by feed."""
    born = date(2012, 5, 20)
    people = [_resident(code, born) for code in (*CHILDREN, UNASKED)]
    people += [_resident(guardian_of(code), date(1980, 1, 7)) for code in CHILDREN]
    applications = [_application(no, child) for no, child in enumerate(CHILDREN, start=1)]
    frames = {feed.name: known(feed).empty() for feed in KEPT}
    return frames | {
        RESIDENTS.name: rows(RESIDENTS, people, "residents_full_20261001_0001.csv", OCTOBER),
        APPLICATIONS.name: rows(APPLICATIONS, applications, "applications_full_20261001_0001.csv", OCTOBER),
    }


def assistance(*children: str, learned: date = date(2026, 11, 10)) -> pl.DataFrame:
    """生活保護 from 2026-08-01."""
    said = [
        {"resident_code": child, "start_date": date(2026, 8, 1), "end_date": None, "suspended_from_date": None}
        | {"suspended_to_date": None, "operated_date": date(2026, 11, 9)}
        | _HISTORY
        for child in children
    ]
    return rows(PUBLIC_ASSISTANCE, said, f"public_assistance_diff_{learned:%Y%m%d}_0041.csv", learned)


def overrides(*children: str) -> pl.DataFrame:
    """Not entitled in September 2026 by an operator's decision, entered and learned on 2026-11-12."""
    said = [
        {
            "override_no": f"OV{child[-3:]}",
            "revision_no": 1,
            "child_resident_code": child,
            "start_date": date(2026, 9, 1),
            "end_date": date(2026, 10, 1),
            "outcome": "2",
            "why": "面談の結果による",
            "operator_code": "S01",
            "approver_code": "S02",
            "entered_date": date(2026, 11, 12),
            "withdrawn": "0",
        }
        for child in children
    ]
    return rows(OVERRIDES, said, "overrides_diff_20261112_0043.csv", date(2026, 11, 12))


def once_numbered(old: str, child: str) -> pl.DataFrame:
    """住登外 says that an old number is the child's."""
    said = [{"resident_code": old, "same_person_code": child, "operated_date": date(2026, 11, 9)} | _HISTORY]
    return rows(NONRESIDENTS, said, "nonresidents_diff_20261110_0041.csv", date(2026, 11, 10))


def with_news(frames: dict[str, pl.DataFrame], news: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The frames with more rows."""
    return frames | {feed: pl.concat([frames[feed], more]) for feed, more in news.items()}


def publish_night(house: House, day: date, news: dict[str, pl.DataFrame]) -> None:
    """What the daily feeds that are kept brought on one night; nothing but `news`."""
    for feed in KEPT:
        if feed in DAILY:
            frame = news.get(feed.name, accepted(feed).empty())
            house.shelf.publish(accepted(feed), f"{day:%Y-%m-%d}", frame, run_id="hand-made")


def record_decision(house: House, child: str) -> None:
    """The record that November decided a child again because of a late fact."""
    row = {
        "decision_no": f"E202611-{child}",
        "child_resident_code": child,
        "decided_month": NOVEMBER,
        "previous_no": f"E202610-{child}",
        "cause": "3",
        "changed": "1",
        "changed_from_date": date(2026, 8, 1),
        "feed": PUBLIC_ASSISTANCE.name,
        "delivery": "public_assistance_diff_20261110_0041.csv",
        "line_no": 2,
    }
    frame = pl.DataFrame([row], schema=ELIGIBILITY_DECISIONS.schema)
    house.shelf.publish(ELIGIBILITY_DECISIONS, key_of(NOVEMBER), frame, run_id="hand-made")


def publish_month(house: House, month: date, frames: dict[str, pl.DataFrame], law: Law) -> Volume:
    """Known rows, law book, register and eligibility of a month on the shelf, as the month's run puts them there."""
    key = key_of(month)
    for feed in KEPT:
        house.shelf.publish(known(feed), key, frames[feed.name], run_id="hand-made")
    house.shelf.publish(LAW_BOOK, key, law.as_frame(), run_id="hand-made")
    known_now = Known.of(house, month)
    found = deciding.register(known_now, law, last_day(month))
    tables = (
        (PERSONS, found.persons),
        (IDENTITIES, found.identities),
        (RESIDENCES, found.residences),
        (SCHEMES, found.schemes),
        (REGISTRATION_PERIODS, found.registration_periods),
        (RESTRICTIONS, found.restrictions),
    )
    made = [house.shelf.publish(record, key, frame, run_id="hand-made") for record, frame in tables]
    made.append(house.shelf.standing(known(OVERRIDES), key))
    inputs = [Source(volume.dataset, volume.partition, volume.generation) for volume in made]
    return house.shelf.publish(ELIGIBILITY, key, deciding.decided(found, law), run_id="hand-made", inputs=inputs)
