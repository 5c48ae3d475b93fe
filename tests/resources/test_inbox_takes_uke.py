"""A UKE file in the inbox is gated like any other delivery: rows and yen in are rows and yen out."""

from pathlib import Path

import polars as pl
import pytest

from resources.balance import imbalances
from resources.inbox import DeliveryError
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import FEEDS
from tests.support.deliveries import Office, zipped
from tests.support.uke import receipts

UKE = Adapter.variant("receipts", "uke")
ROWS = receipts(30, 5)
DATA = UKE.write(ROWS)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, "receipts")


@pytest.mark.parametrize("extension", ["uke", "UKE"])
def test_a_uke_file_passes_with_its_receipts_and_yen(office: Office, extension: str) -> None:
    path = office.lay(ROWS, DATA, extension=extension)
    result = office.gate()
    assert (result.counts.rows, result.counts.accepted_rows, result.counts.refused_rows) == (30, 30, 0)
    assert result.counts.accepted_yen == result.counts.yen == ROWS["rcpt_public_expense_yen"].sum()
    assert result.accepted["delivery"].unique().to_list() == [path.name]
    assert FEEDS["receipts"].schema.names() == result.accepted.columns[: len(FEEDS["receipts"].names)]
    assert imbalances("receipts", result.accepted, result.refused, result.deliveries) == []


def test_a_uke_file_and_the_usual_file_make_one_month(office: Office) -> None:
    office.lay(office.rows())
    office.lay(ROWS, DATA, sequence=2, extension="uke")
    result = office.gate()
    assert result.counts.deliveries == 2
    assert result.counts.rows == office.rows().height + 30
    assert imbalances("receipts", result.accepted, result.refused, result.deliveries) == []


def test_refused_receipts_stand_beside_the_accepted_ones_in_rows_and_yen(office: Office) -> None:
    sex, points = DATA.split(b"\r\n"), ROWS.height
    at = [number for number, line in enumerate(sex) if line.startswith(b"RE,")]
    sex[at[0]] = sex[at[0]].replace(b",1,20", b",7,20").replace(b",2,20", b",7,20")
    sex[at[1]] = sex[at[1]] + b"," * 40
    office.lay(ROWS, b"\r\n".join(sex), extension="uke")
    result = office.gate()
    assert (result.counts.rows, result.counts.accepted_rows, result.counts.refused_rows) == (points, points - 2, 2)
    assert result.counts.accepted_yen + result.counts.refused_yen == result.counts.yen
    assert set(result.refused["rule"]) == {"コード", "項目の数"}
    assert imbalances("receipts", result.accepted, result.refused, result.deliveries) == []


def test_totals_of_go_that_do_not_hold_stop_the_month(office: Office) -> None:
    office.lay(ROWS, DATA.replace(b",99\r\n", b"0,99\r\n", 1), extension="uke")
    with pytest.raises(DeliveryError) as caught:
        office.gate()
    assert caught.value.code == "total"
    assert caught.value.file.endswith(".uke")


def test_rows_and_yen_other_than_the_control_file_states_stop_the_month(office: Office) -> None:
    office.lay(ROWS, DATA, extension="uke", control={"yen": 1})
    with pytest.raises(DeliveryError, match=r"\[total\]"):
        office.gate()
    office.lay(ROWS, DATA, extension="uke", control={"rows": 29})
    with pytest.raises(DeliveryError, match=r"\[rows\]"):
        office.gate()


def test_a_receipt_twice_stops_the_month(office: Office) -> None:
    one = receipts(1, 3)
    twice = pl.concat([one, one])
    office.lay(twice, UKE.write(twice), extension="uke")
    with pytest.raises(DeliveryError, match=r"\[duplicate_key\]"):
        office.gate()


def test_a_zipped_uke_file_passes_too(office: Office) -> None:
    office.lay(ROWS, zipped(("receipts_diff_20261014_0001.uke", DATA)), extension="zip")
    assert office.gate().counts.accepted_rows == 30


def test_a_layout_nobody_confirmed_stops_the_month_with_what_to_ask(office: Office) -> None:
    office.lay(ROWS, b"1,2,3\r\n", extension="fwma001")
    with pytest.raises(DeliveryError, match="項目の一覧") as caught:
        office.gate()
    assert caught.value.code == "unconfirmed"


def test_a_uke_file_of_another_feed_is_a_stranger(tmp_path: Path) -> None:
    residents = Office(tmp_path, "residents")
    residents.lay(residents.rows(), DATA, extension="uke")
    with pytest.raises(DeliveryError, match=r"\[stranger\]"):
        residents.gate()
