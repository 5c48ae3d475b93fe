"""Every asset and every check of the house, in the order data flows."""

from assets.benefit.assets import BENEFIT_ASSETS
from assets.benefit.checks import BENEFIT_CHECKS
from assets.certificate.assets import CERTIFICATE_ASSETS
from assets.certificate.checks import CERTIFICATE_CHECKS
from assets.demands.assets import DEMAND_ASSETS
from assets.demands.checks import DEMAND_CHECKS
from assets.eligibility.assets import ELIGIBILITY_ASSETS
from assets.eligibility.checks import ELIGIBILITY_CHECKS
from assets.feeds.assets import FEED_ASSETS
from assets.feeds.checks import FEED_CHECKS
from assets.high_cost.assets import HIGH_COST_ASSETS
from assets.high_cost.checks import HIGH_COST_CHECKS
from assets.law import law_of_month
from assets.matching.assets import MATCHING_ASSETS
from assets.notices.assets import NOTICE_ASSETS
from assets.notices.checks import NOTICE_CHECKS
from assets.payment.assets import PAYMENT_ASSETS
from assets.payment.checks import PAYMENT_CHECKS
from assets.register.assets import REGISTER_ASSETS
from assets.settlement.assets import SETTLEMENT_ASSETS
from assets.settlement.checks import SETTLEMENT_CHECKS
from assets.statistics.assets import STATISTICS_ASSETS
from assets.statistics.checks import STATISTICS_CHECKS
from assets.subsidy.assets import SUBSIDY_ASSETS
from assets.subsidy.checks import SUBSIDY_CHECKS
from assets.transfers.assets import TRANSFER_ASSETS

ASSETS = [
    *FEED_ASSETS,
    law_of_month,
    *REGISTER_ASSETS,
    *MATCHING_ASSETS,
    *ELIGIBILITY_ASSETS,
    *HIGH_COST_ASSETS,
    *BENEFIT_ASSETS,
    *SETTLEMENT_ASSETS,
    *SUBSIDY_ASSETS,
    *PAYMENT_ASSETS,
    *DEMAND_ASSETS,
    *CERTIFICATE_ASSETS,
    *NOTICE_ASSETS,
    *TRANSFER_ASSETS,
    *STATISTICS_ASSETS,
]
CHECKS = [
    *FEED_CHECKS,
    *ELIGIBILITY_CHECKS,
    *HIGH_COST_CHECKS,
    *BENEFIT_CHECKS,
    *SETTLEMENT_CHECKS,
    *SUBSIDY_CHECKS,
    *PAYMENT_CHECKS,
    *DEMAND_CHECKS,
    *CERTIFICATE_CHECKS,
    *NOTICE_CHECKS,
    *STATISTICS_CHECKS,
]
