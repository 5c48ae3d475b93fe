"""Three extracts a day, each only in answer to requests of its office (評価書22 II-5, 番号法9条2項)."""

from datetime import date

import dagster as dg
import polars as pl

from assets.calendar import DAILY
from assets.described import table
from assets.eligibility.rules import eligibility
from assets.register import rules as register
from assets.register.state import known_on
from assets.transfers.rules import answer, last_paid
from reports.extracts import as_csv
from resources.house import House
from schemas.codes import TRANSFER_OFFICE
from schemas.record import Record
from schemas.records.benefit import DECISIONS
from schemas.records.register import KEPT
from schemas.records.transfers import TRANSFERS

_STATE = [feed.name for feed in KEPT if feed.name not in ("resident_taxes", "arrears", "insurer_answers")]


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


def _found(house: House, asked: pl.DataFrame, day: date) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Eligibility and registrations of the children asked about, as known on the day, and their last payment."""
    state = {name: known_on(house, name, day) for name in _STATE}
    children = asked.select(pl.col("resident_code").alias("child_resident_code")).unique()
    applied = state["applications"].join(children, on="child_resident_code", how="semi")
    numbered = house.numbered(applied)
    decided = eligibility(
        register.persons(state["residents"], state["nonresidents"], state["protected_persons"], day),
        register.residences(state["residents"]),
        register.schemes(
            state["public_assistance"], state["severe_disability"], state["single_parent"], state["facilities"]
        ),
        register.registration_periods(numbered, house.law),
        house.law,
    )
    return decided, register.registrations(numbered, house.law), last_paid(house.all_before(DECISIONS, day))


TRANSFER_ASSETS = [_transfer_asset(office, record) for office, record in TRANSFERS.items()]
