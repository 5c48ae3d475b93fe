"""Every table of the project by name."""

from schemas.record import Record
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, STEPS
from schemas.records.feeds import FEEDS, accepted, refused
from schemas.records.notices import LETTERS, PIECES, WITHHELD
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT
from schemas.records.register import (
    CERTIFICATES,
    ELIGIBILITY,
    KEPT,
    PERSONS,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
    RESIDENCES,
    SCHEMES,
    known,
)
from schemas.records.statistics import EQUATIONS, FIGURES, LAW_IN_FORCE
from schemas.records.transfers import TRANSFERS

TABLES: tuple[Record, ...] = (
    *(accepted(feed) for feed in FEEDS.values()),
    *(refused(feed) for feed in FEEDS.values()),
    *(known(feed) for feed in KEPT),
    LAW_IN_FORCE,
    PERSONS,
    RESIDENCES,
    SCHEMES,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
    ELIGIBILITY,
    CERTIFICATES,
    ANNEX1,
    DECISIONS,
    STEPS,
    RECEIPTS_OPEN,
    CLAIMS_OPEN,
    ORDERS,
    PREFLIGHT,
    BANK_FILES,
    LETTERS,
    WITHHELD,
    PIECES,
    *TRANSFERS.values(),
    FIGURES,
    EQUATIONS,
)

RECORDS: dict[str, Record] = {record.name: record for record in TABLES}
