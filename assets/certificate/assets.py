"""The certificate of a month: its equations as a table; signed and in the outbox when all of them hold."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY, key_of, month_of
from assets.certificate import rules
from assets.certificate.frames import Frames
from assets.described import table
from assets.months import last_day, month_before, next_month
from assets.payment.reading import answers_until
from assets.payment.rules import last_business_day
from reports.certificate.equation import Equation
from reports.certificate.page import page
from reports.certificate.signed import Certificate, signed_once, signer
from reports.zengin.trailer import trailer
from resources.house import House
from resources.ledger_batches import JAPAN
from resources.ledger_states import State
from schemas.record import Record
from schemas.records.benefit import CLAIMS_OPEN, RECEIPTS_OPEN
from schemas.records.certificate import CERTIFICATE
from schemas.records.feeds import CLAIMS, DAILY, FEEDS, RECEIPTS, accepted, refused
from schemas.records.notices import LETTERS
from schemas.records.payment import BANK_FILES, ORDERS, RESULTS_ENTERED, RESULTS_WORK
from schemas.records.settlement import DEBTS

_MONTHLY_FEEDS = [feed.name for feed in FEEDS.values() if feed not in DAILY]


@table(
    CERTIFICATE,
    group="certificate",
    partitions=MONTHLY,
    deps=[
        *_MONTHLY_FEEDS,
        *(f"{feed}_refused" for feed in _MONTHLY_FEEDS),
    ],
)
def certificate(
    context: dg.AssetExecutionContext,
    house: House,
    benefit_decisions: pl.DataFrame,
    benefit_steps: pl.DataFrame,
    benefit_reopened: pl.DataFrame,
    settlement_differences: pl.DataFrame,
    settlement_offsets: pl.DataFrame,
    settlement_payables: pl.DataFrame,
    debts: pl.DataFrame,
    payment_orders: pl.DataFrame,
    bank_file_problems: pl.DataFrame,
    bank_file: pl.DataFrame,
    demand_lines: pl.DataFrame,
    demand_differences: pl.DataFrame,
    letters: pl.DataFrame,
) -> pl.DataFrame:
    made = {
        "reopened": benefit_reopened,
        "decisions": benefit_decisions,
        "steps": benefit_steps,
        "differences": settlement_differences,
        "offsets": settlement_offsets,
        "payables": settlement_payables,
        "debts": debts,
        "orders": payment_orders,
        "preflight": bank_file_problems,
        "bank_files": bank_file,
        "demand_lines": demand_lines,
        "demand_differences": demand_differences,
        "asked": letters,
    }
    month = month_of(context.partition_key)
    found = rules.equations(gathered(house, month, made))
    if not any(equation.broken() for equation in found):
        _send(house, key_of(month), found)
    return rules.told(found)


def gathered(house: House, month: date, made: Mapping[str, pl.DataFrame]) -> Frames:
    """Everything the certificate of a month is about. `made`: the tables of the month, by their name in Frames."""
    value_date = last_business_day(next_month(month))
    about_accounts = pl.col("kind") == "account"
    asked = pl.concat([house.all_before(LETTERS, month), made["asked"]]).filter(about_accounts)
    entered_before, work_before = answers_until(house, month_before(month))
    filed = _filed(house, month, made["bank_files"])
    return Frames(
        month=month,
        value_date=value_date,
        delivered=_delivered(house, month),
        accepted={feed.name: _of_month(house, accepted(feed), month) for feed in FEEDS.values()},
        refused={feed.name: _of_month(house, refused(feed), month) for feed in FEEDS.values()},
        open_before=_open_before(house, month),
        receipts_open=house.of_month_before(RECEIPTS_OPEN, month),
        debts_before=house.of_month_before(DEBTS, month),
        orders_before=house.all_before(ORDERS, month),
        ledger=house.ledger.orders(),
        trailers=_trailers(house, made["bank_files"]),
        members=_members(house, value_date),
        filed=filed,
        handed_over=_handed_over(house),
        lapsed=pl.DataFrame({"payment_no": sorted(house.ledger.lapsed())}, schema={"payment_no": pl.String}),
        sent=pl.concat([_no_members(), *(_orders_of(house, batch_no) for batch_no in filed["batch_no"])]),
        results=house.ledger.results(),
        journal=house.ledger.journal(),
        entered=_of_month(house, RESULTS_ENTERED, month),
        entered_before=entered_before,
        entered_after=_entered_after(house, month),
        work=_of_month(house, RESULTS_WORK, month),
        work_before=work_before,
        **{**made, "asked": asked},
    )


def _of_month(house: House, record: Record, month: date) -> pl.DataFrame:
    """A feed's table over the partitions of a month that can be read."""
    readable = [key for key in house.shelf.partitions(record.name) if key.startswith(key_of(month))]
    return house.shelf.read_many(record, readable)


def _delivered(house: House, month: date) -> pl.DataFrame:
    """feed, delivery, rows, yen of every delivery of the month, as its sender stated them."""
    schema = {"feed": pl.String, "delivery": pl.String, "rows": pl.Int64, "yen": pl.Int64}
    rows = [
        (feed, each.file, each.rows, each.yen)
        for feed in FEEDS
        for each in house.registry.accepted(house.municipality, feed)
        if each.partition.startswith(key_of(month))
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _open_before(house: House, month: date) -> pl.DataFrame:
    parts = [
        house.of_month_before(record, month).select(
            pl.lit(feed.name).alias("feed"), "delivery", "line_no", pl.col(yen).alias("yen")
        )
        for feed, record, yen in (
            (RECEIPTS, RECEIPTS_OPEN, "rcpt_public_expense_yen"),
            (CLAIMS, CLAIMS_OPEN, "partial_payment_yen"),
        )
    ]
    return pl.concat(parts)


def _trailers(house: House, bank_file: pl.DataFrame) -> pl.DataFrame:
    """batch_no, orders, total_yen as the last but one record of each file in the outbox states them; of a file erased
    after its hand-over, as they were approved."""
    schema = {"batch_no": pl.String, "orders": pl.Int64, "total_yen": pl.Int64}
    rows = [
        (batch_no, *_stated(house, batch_no, name))
        for batch_no, name in bank_file.select("batch_no", "file_name").iter_rows()
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _stated(house: House, batch_no: str, name: str) -> tuple[int, int]:
    batch = house.ledger.batch(batch_no)
    erased = batch.state is State.ERASED
    return (batch.orders, batch.total_yen) if erased else trailer(house.outbox.content(name))


def _members(house: House, value_date: date) -> pl.DataFrame:
    """The orders of the batches of a value date that stand."""
    standing = house.ledger.standing_batches(value_date)
    return pl.concat([_no_members(), *(_orders_of(house, batch.batch_no) for batch in standing)])


def _filed(house: House, month: date, now: pl.DataFrame) -> pl.DataFrame:
    """BANK_FILES up to a month without those whose batch was withdrawn by its last day. `now`: those of the month."""
    files = pl.concat([house.all_before(BANK_FILES, month), now])
    gone = [batch_no for batch_no in files["batch_no"] if _withdrawn(house, batch_no, last_day(month))]
    return files.filter(~pl.col("batch_no").is_in(gone))


def _handed_over(house: House) -> pl.DataFrame:
    """batch_no, value_date of every batch that was handed over."""
    gone = [batch for batch in house.ledger.batches() if batch.state in (State.RELEASED, State.ERASED)]
    rows = [(batch.batch_no, batch.value_date) for batch in gone]
    return pl.DataFrame(rows, schema={"batch_no": pl.String, "value_date": pl.Date}, orient="row")


def _withdrawn(house: House, batch_no: str, until: date) -> bool:
    return any(
        state is State.WITHDRAWN and at.astimezone(JAPAN).date() <= until
        for state, _, at in house.ledger.people(batch_no)
    )


def _entered_after(house: House, month: date) -> pl.DataFrame:
    """What the bank's answers of the nights after a month entered."""
    later = [day for day in house.shelf.partitions(RESULTS_ENTERED.name) if day > f"{last_day(month)}"]
    return house.shelf.read_many(RESULTS_ENTERED, later)


def _no_members() -> pl.DataFrame:
    schema = {"batch_no": pl.String, "payment_no": pl.String, "amount_yen": pl.Int64, "value_date": pl.Date}
    return pl.DataFrame(schema=schema)


def _orders_of(house: House, batch_no: str) -> pl.DataFrame:
    """batch_no, payment_no, amount_yen, value_date of the orders of a batch."""
    orders = house.ledger.batch_orders(batch_no)
    return orders.select(pl.lit(batch_no).alias("batch_no"), "payment_no", "amount_yen", "value_date")


def _send(house: House, key: str, found: list[Equation]) -> None:
    """The signed file and its page in the outbox; the file that lies there where it says the same, whatever key of
    ours signed it."""
    content, name = Certificate(house.municipality, key, tuple(found)), f"certificate_{key}.json"
    data = signed_once(content, house.signing_keys, house.outbox.content(name))
    leaf = page(content, signer(data), sha256(data).hexdigest())
    house.outbox.write(key, name, data, purpose="照合証明書")
    house.outbox.write(key, f"certificate_{key}.html", leaf, purpose="照合証明書")


CERTIFICATE_ASSETS = [certificate]
