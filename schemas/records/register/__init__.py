"""The register (台帳): what is known of persons, residence, other schemes and registrations.

Known tables hold every accepted row of a history feed since the last full load, with the day the city
learned it. The other tables are read off them as of the end of a month. Intervals are half open:
`end_date` is the first day that no longer counts; null means open.
"""

from schemas.records.register.cards import CARDS, CERTIFICATES
from schemas.records.register.eligibility import ELIGIBILITY, ELIGIBILITY_DECISIONS, SCHEMES, TOUCHED
from schemas.records.register.items import INTERVAL
from schemas.records.register.known import KEPT, TAXES, known
from schemas.records.register.means import GUARDIAN_REVIEWS, MEANS, RESTRICTIONS
from schemas.records.register.people import ADDRESSES, IDENTITIES, PERSONS, RESIDENCES
from schemas.records.register.registrations import (
    BENEFICIARY_NUMBERS,
    GUARDIANS,
    INSURANCES,
    REGISTRATION_PERIODS,
    REGISTRATIONS,
)

__all__ = [
    "ADDRESSES",
    "BENEFICIARY_NUMBERS",
    "CARDS",
    "CERTIFICATES",
    "ELIGIBILITY",
    "ELIGIBILITY_DECISIONS",
    "GUARDIANS",
    "GUARDIAN_REVIEWS",
    "IDENTITIES",
    "INSURANCES",
    "INTERVAL",
    "KEPT",
    "MEANS",
    "PERSONS",
    "REGISTRATIONS",
    "REGISTRATION_PERIODS",
    "RESIDENCES",
    "RESTRICTIONS",
    "SCHEMES",
    "TAXES",
    "TOUCHED",
    "known",
]
