"""`kodomo alarms` and the morning's look: money of the ledger that does not move in time.

Belongs here: asking the ledger. Does not belong here: what is too late (assets/payment/alarms.py).
"""

from datetime import date

from assets.payment.alarms import answers_that_never_came, orders_in_no_batch, paid_after_all, waiting_batches
from resources.house import House


def alarms(house: House, day: date) -> list[str]:
    """A sentence for everything a person must see to on `day`; none when all is well."""
    ledger = house.ledger
    return [
        *waiting_batches(house.law, ledger.batches(), day),
        *orders_in_no_batch(house.law, ledger.unbatched(date.max), day),
        *paid_after_all(ledger.doubted()),
        *answers_that_never_came(house.law, ledger.unanswered(day), day),
    ]
