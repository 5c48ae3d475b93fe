"""別添1 as of any day: the 158 items by what was known on another.

Belongs here: gathering what the register of a day is read from. Does not belong here: the items (assets/eligibility).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.calendar import key_of
from assets.eligibility.annex1 import annex1_register
from assets.register.rules import insurances
from pipelines.moments import Moment, latest, moment
from reports.extracts import as_csv
from resources.house import House
from resources.outbox import Sent
from schemas.record import Record
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.payment import ORDERS, RESULTS_ENTERED
from schemas.records.register import CARDS, ELIGIBILITY_DECISIONS
from schemas.records.subsidy import SUBSIDIES


def _until(house: House, record: Record, key: str) -> pl.DataFrame:
    """A table of every partition up to one."""
    return house.shelf.read_many(record, [found for found in house.shelf.partitions(record.name) if found <= key])


def _cards(house: House, key: str) -> pl.DataFrame:
    made = [found for found in house.shelf.partitions(CARDS.name) if found <= key]
    return house.shelf.read(CARDS, made[-1]) if made else CARDS.empty()


def annex1_on(house: House, then: Moment, day: date) -> pl.DataFrame:
    """ANNEX1 as of `day` by what was known at a moment; every row validated. Raises RecordError, LawGap."""
    key, found = key_of(then.day), then.register()
    nhi, forms = then.known["national_health_insurance"], then.known["applications"]
    items = annex1_register(
        persons=found.persons,
        residents_known=then.known["residents"],
        identities=found.identities,
        addresses=found.addresses,
        guardians=found.guardians,
        insurances=insurances(nhi, forms, found.identities),
        eligibility=then.decided(),
        eligibility_decisions=_until(house, ELIGIBILITY_DECISIONS, key),
        cards=_cards(house, key),
        applications_known=forms,
        resident_taxes_known=found.taxes,
        arrears_known=then.known["arrears"],
        decisions=_until(house, DECISIONS, key),
        claims=_until(house, accepted(CLAIMS), key),
        receipts=_until(house, accepted(RECEIPTS), key),
        orders=_until(house, ORDERS, key),
        answers=_until(house, RESULTS_ENTERED, f"{then.day}"),
        subsidies=_until(house, SUBSIDIES, key),
        law=then.law,
        day=day,
    )
    return ANNEX1.validated(items)


def written(house: House, day: date, known: date | None) -> tuple[Sent, int]:
    """The register of a day as a CSV file in the outbox, entered in its journal; and how many children it holds."""
    then = moment(house, known) if known else latest(house)
    items = annex1_on(house, then, day)
    name = f"annex1_{day}_known_{then.day}.csv"
    content = as_csv(ANNEX1, items, numbered=True)
    return house.outbox.write("register", name, content, purpose=ANNEX1.label), items.height
