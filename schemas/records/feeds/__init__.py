"""The incoming tables, as the city's systems and partners deliver them.

What their files look like (encoding, columns, codes) is in schemas/feeds; here is what one accepted row is.
Every accepted row also says where it came from (SOURCE), every refused one why (refused).
"""

from schemas.records.feeds.applications import APPLICATIONS
from schemas.records.feeds.bank import BANK_RESULTS
from schemas.records.feeds.claims import CLAIMS
from schemas.records.feeds.demands import DEMAND_TOTAL, REVIEW_BODY_DEMANDS
from schemas.records.feeds.identities import IDENTITY_DECISIONS
from schemas.records.feeds.insurance import INSURER_ANSWERS, NATIONAL_HEALTH_INSURANCE
from schemas.records.feeds.overrides import OVERRIDES
from schemas.records.feeds.receipts import PAYERS_OF_A_RECEIPT, RECEIPTS
from schemas.records.feeds.residents import NONRESIDENTS, PROTECTED_PERSONS, RESIDENTS
from schemas.records.feeds.schemes import FACILITIES, PUBLIC_ASSISTANCE, SEVERE_DISABILITY, SINGLE_PARENT
from schemas.records.feeds.source import REFUSED_ITEMS, SOURCE, accepted, refused
from schemas.records.feeds.taxes import ARREARS_FLAGS, MUNICIPAL_ANSWERS, RESIDENT_TAXES
from schemas.records.feeds.transfers import TRANSFER_REQUESTS

DAILY = (
    RESIDENTS,
    NONRESIDENTS,
    PROTECTED_PERSONS,
    NATIONAL_HEALTH_INSURANCE,
    PUBLIC_ASSISTANCE,
    SEVERE_DISABILITY,
    SINGLE_PARENT,
    FACILITIES,
    APPLICATIONS,
    OVERRIDES,
    MUNICIPAL_ANSWERS,
    IDENTITY_DECISIONS,
    TRANSFER_REQUESTS,
    BANK_RESULTS,
)

MONTHLY = (RESIDENT_TAXES, ARREARS_FLAGS, INSURER_ANSWERS, CLAIMS, RECEIPTS, REVIEW_BODY_DEMANDS)

FEEDS = {record.name: record for record in (*DAILY, *MONTHLY)}

CONTROL_YEN: dict[str, tuple[str, ...]] = {
    "insurer_answers": ("high_cost_benefit_yen", "supplementary_benefit_yen"),
    "claims": ("partial_payment_yen",),
    "receipts": ("rcpt_public_expense_yen",),
    "review_body_demands": ("amount_yen", "fee_yen"),
    "bank_results": ("amount_yen",),
}
"""The items whose sum is a feed's control total in yen; a feed without money has none (total 0)."""

__all__ = [
    "APPLICATIONS",
    "ARREARS_FLAGS",
    "BANK_RESULTS",
    "CLAIMS",
    "CONTROL_YEN",
    "DAILY",
    "DEMAND_TOTAL",
    "FACILITIES",
    "FEEDS",
    "IDENTITY_DECISIONS",
    "INSURER_ANSWERS",
    "MONTHLY",
    "MUNICIPAL_ANSWERS",
    "NATIONAL_HEALTH_INSURANCE",
    "NONRESIDENTS",
    "OVERRIDES",
    "PAYERS_OF_A_RECEIPT",
    "PROTECTED_PERSONS",
    "PUBLIC_ASSISTANCE",
    "RECEIPTS",
    "REFUSED_ITEMS",
    "RESIDENTS",
    "RESIDENT_TAXES",
    "REVIEW_BODY_DEMANDS",
    "SEVERE_DISABILITY",
    "SINGLE_PARENT",
    "SOURCE",
    "TRANSFER_REQUESTS",
    "accepted",
    "refused",
]
