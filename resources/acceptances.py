"""What a person has seen and let pass: one row per finding, who, why and when.

Belongs here: the append-only table of acceptances. Does not belong here: what is found (assets/feeds/drift.py).
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Column, Engine, String, Table, select

from resources.database import Utc, append_only, insert_or_leave, metadata, utc_now, writing
from resources.schema import open_schema

ACCEPTANCES = append_only(
    Table(
        "acceptances",
        metadata,
        Column("municipality", String(6), primary_key=True),
        Column("feed", String(60), primary_key=True),
        Column("finding", String(64), primary_key=True),
        Column("person", String(40), nullable=False),
        Column("why", String(400), nullable=False),
        Column("accepted_at", Utc, nullable=False),
    )
)


class Acceptances:
    """The acceptances of one municipality."""

    def __init__(self, engine: Engine, municipality: str, clock: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self._municipality = municipality
        self._clock = clock
        open_schema(engine)

    def accept(self, feed: str, finding: str, person: str, why: str) -> None:
        """Enter who lets a finding of a feed pass; the first entry stands."""
        row = {"municipality": self._municipality, "feed": feed, "finding": finding, "person": person, "why": why}
        with writing(self.engine, "acceptances") as connection:
            connection.execute(insert_or_leave(connection, ACCEPTANCES).values(row | {"accepted_at": self._clock()}))

    def accepted(self, feed: str, finding: str) -> bool:
        """Whether somebody let exactly this finding pass."""
        here = (ACCEPTANCES.c.municipality == self._municipality) & (ACCEPTANCES.c.feed == feed)
        asked = select(ACCEPTANCES.c.person).where(here, ACCEPTANCES.c.finding == finding)
        with self.engine.connect() as connection:
            return connection.scalar(asked) is not None
