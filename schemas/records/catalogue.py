"""Every table of the project by name."""

from schemas.record import Record
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, REOPENED, STEPS
from schemas.records.certificate import CERTIFICATE
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES
from schemas.records.feeds import FEEDS, accepted, refused
from schemas.records.high_cost import (
    HIGH_COST_DIFFERENCES,
    HIGH_COST_ENTRIES,
    HIGH_COST_ESTIMATES,
    HIGH_COST_YEARS,
)
from schemas.records.matching import MATCH_QUEUE, MATCHES
from schemas.records.notices import LETTERS, PIECES, WITHHELD
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT, RESULTS_ENTERED, RESULTS_WORK, WORK
from schemas.records.register import (
    ADDRESSES,
    BENEFICIARY_NUMBERS,
    CARDS,
    CERTIFICATES,
    ELIGIBILITY,
    ELIGIBILITY_DECISIONS,
    GUARDIAN_REVIEWS,
    GUARDIANS,
    IDENTITIES,
    INSURANCES,
    KEPT,
    MEANS,
    PERSONS,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
    RESIDENCES,
    RESTRICTIONS,
    SCHEMES,
    TAXES,
    TOUCHED,
    known,
)
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES
from schemas.records.statistics import EQUATIONS, FIGURES, LAW_BOOK, LAW_IN_FORCE
from schemas.records.subsidy import KOKUHO_FIGURES, PREFECTURE_REPORT, SUBSIDIES
from schemas.records.transfers import TRANSFERS

TABLES: tuple[Record, ...] = (
    *(accepted(feed) for feed in FEEDS.values()),
    *(refused(feed) for feed in FEEDS.values()),
    *(known(feed) for feed in KEPT),
    LAW_IN_FORCE,
    LAW_BOOK,
    PERSONS,
    IDENTITIES,
    RESIDENCES,
    ADDRESSES,
    SCHEMES,
    INSURANCES,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
    BENEFICIARY_NUMBERS,
    GUARDIANS,
    GUARDIAN_REVIEWS,
    MATCHES,
    MATCH_QUEUE,
    TAXES,
    MEANS,
    RESTRICTIONS,
    TOUCHED,
    ELIGIBILITY,
    ELIGIBILITY_DECISIONS,
    CERTIFICATES,
    CARDS,
    ANNEX1,
    REOPENED,
    HIGH_COST_ENTRIES,
    HIGH_COST_ESTIMATES,
    HIGH_COST_DIFFERENCES,
    HIGH_COST_YEARS,
    DECISIONS,
    STEPS,
    RECEIPTS_OPEN,
    CLAIMS_OPEN,
    DIFFERENCES,
    OFFSETS,
    PAYABLES,
    DEBTS,
    SUBSIDIES,
    PREFECTURE_REPORT,
    KOKUHO_FIGURES,
    ORDERS,
    PREFLIGHT,
    WORK,
    BANK_FILES,
    RESULTS_ENTERED,
    RESULTS_WORK,
    DEMAND_LINES,
    DEMAND_DIFFERENCES,
    CERTIFICATE,
    LETTERS,
    WITHHELD,
    PIECES,
    *TRANSFERS.values(),
    FIGURES,
    EQUATIONS,
)

RECORDS: dict[str, Record] = {record.name: record for record in TABLES}
