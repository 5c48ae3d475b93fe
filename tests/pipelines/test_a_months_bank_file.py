"""The bank file, the ledger and the decisions are the same yen; the independent reader says what the bank sees.

This home is no production: its files are trials, of kind 00 on the day 0000.
"""

import polars as pl
import pytest

from assets.payment.rules import last_business_day
from resources.house import House
from schemas.records.benefit import DECISIONS
from schemas.records.payment import BANK_FILES, ORDERS, PREFLIGHT
from tests.pipelines.conftest import Month
from tests.reports.zengin.zengin_reader import TransferFile, read_transfer
from tests.support.month import MONTH

pytestmark = pytest.mark.xdist_group("month")
NOVEMBER = MONTH.replace(month=11)


def bank_file(month: Month, house: House) -> TransferFile:
    """The one file of the month, as the bank's computer reads it."""
    (path,) = month.outbox.glob("zengin_*.txt")
    line_end = {"none": b"", "crlf": b"\r\n"}[house.law.at(MONTH).value("bank.profile")["line_end"]]
    return read_transfer(path.read_bytes(), line_end)


def test_the_bank_file_holds_the_orders_of_its_day_yen_by_yen(month: Month, house: House) -> None:
    sent = bank_file(month, house)
    day = last_business_day(NOVEMBER)
    due = house.ledger.orders().filter(pl.col("value_date") == day).sort("payment_no")
    assert sorted(int(transfer.customer_1) for transfer in sent.transfers) == [int(no) for no in due["payment_no"]]
    told = {int(transfer.customer_1): transfer for transfer in sent.transfers}
    for order in due.to_dicts():
        transfer = told[int(order["payment_no"])]
        assert transfer.yen == order["amount_yen"]
        assert (transfer.bank, transfer.branch) == (order["bank_code"], order["branch_code"])
        assert int(transfer.account) == int(order["account_number"])
    assert (sent.transfer_kind, sent.month_day) == ("00", "0000")
    assert due.height > 10


def test_every_paid_claim_is_one_order_of_the_same_yen(month: Month, house: House) -> None:
    paid = month.table(DECISIONS).filter((pl.col("subject") == "claim") & (pl.col("judgement") == "1"))
    claims = paid.select("decision_no", "amount_yen").sort("decision_no")
    orders = month.table(ORDERS)
    assert orders.select("decision_no", "amount_yen").sort("decision_no").equals(claims)
    ledger = house.ledger.orders("claim").select("payment_no", "subject_key", "amount_yen")
    assert ledger.equals(orders.select("payment_no", "subject_key", "amount_yen").sort("payment_no"))


def test_paid_claims_are_the_citys_truth_to_the_yen(month: Month) -> None:
    truth = month.truth().filter((pl.col("subject") == "claim") & (pl.col("outcome") == "支給"))
    orders = month.table(ORDERS)
    assert sorted(zip(truth["claim_no"], truth["yen"], strict=True)) == sorted(
        zip(orders["subject_key"], orders["amount_yen"], strict=True)
    )


def test_the_trailer_the_table_and_the_ledger_state_the_same_total(month: Month, house: House) -> None:
    sent = bank_file(month, house)
    (row,) = month.table(BANK_FILES).to_dicts()
    batch = house.ledger.batch(row["batch_no"])
    yen = sum(transfer.yen for transfer in sent.transfers)
    assert (row["orders"], row["total_yen"]) == (batch.orders, batch.total_yen) == (len(sent.transfers), yen)
    assert month.table(PREFLIGHT).filter(pl.col("severity") == "error").is_empty()


def test_orders_outside_the_file_are_due_on_a_later_day(month: Month, house: House) -> None:
    sent = {int(transfer.customer_1) for transfer in bank_file(month, house).transfers}
    rest = house.ledger.orders().filter(~pl.col("payment_no").cast(pl.Int64).is_in(list(sent)))
    assert (rest["value_date"] > last_business_day(NOVEMBER)).all()


def test_the_preflight_report_states_the_files_figures_and_no_account(month: Month) -> None:
    (row,) = month.table(BANK_FILES).to_dicts()
    report = f"preflight_{row['batch_no']}"
    assert (month.outbox / f"{report}.pdf").read_bytes().startswith(b"%PDF")
    told = (month.outbox / f"{report}.html").read_text("utf-8")
    for figure in (row["file_name"], row["sha256"], f"{row['orders']:,}件", f"{row['total_yen']:,}円"):
        assert figure in told
    accounts = set(month.table(ORDERS)["account_number"])
    assert not [number for number in accounts if f" {number}" in told]
