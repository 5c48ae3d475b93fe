"""Three extracts a day, each only in answer to requests of its office (評価書22 II-5, 番号法9条2項)."""

from datetime import date

import dagster as dg
import polars as pl

from assets.calendar import DAILY
from assets.described import table
from assets.eligibility.deciding import decided, register
from assets.eligibility.known import Known
from assets.register.registrations import registrations
from assets.transfers.rules import answer, last_paid
from reports.extracts import as_csv
from resources.house import House
from schemas.codes import TRANSFER_OFFICE
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import DAILY as DAILY_FEEDS
from schemas.records.register import KEPT
from schemas.records.transfers import TRANSFERS

_STATE = [feed.name for feed in KEPT if feed in DAILY_FEEDS]


def _transfer_asset(office: str, record: Record) -> dg.AssetsDefinition:
    @table(record, group="transfers", partitions=DAILY, deps=_STATE, name=f"answer_{record.name}")
    def reply(context: dg.AssetExecutionContext, house: House, transfer_requests: pl.DataFrame) -> pl.DataFrame:
        asked = transfer_requests.filter(pl.col("office") == office)
        if asked.is_empty():
            return record.empty()
        found = _found(house, asked, date.fromisoformat(context.partition_key))
        extract = answer(record, asked, *found)
        name = f"{record.name}_{context.partition_key}.csv"
        house.outbox.write(context.partition_key, name, as_csv(record, extract), purpose=record.label)
        context.log.info(f"{TRANSFER_OFFICE.labels[office]}: {extract.height}人に回答")
        return extract

    return reply


def _found(house: House, asked: pl.DataFrame, day: date) -> tuple[pl.DataFrame, ...]:
    """Eligibility, registrations, numbers and last payment of the children asked about, as known on the day."""
    known = Known.of_night(house, day).about(asked["resident_code"])
    found, paid = register(known, house.law, day), last_paid(house.all_before(DECISIONS, day))
    registered = registrations(known["applications"], found.identities, house.law)
    return decided(found, house.law), registered, found.identities, paid


TRANSFER_ASSETS = [_transfer_asset(office, record) for office, record in TRANSFERS.items()]
