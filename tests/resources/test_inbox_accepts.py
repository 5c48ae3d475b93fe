"""What passes the gate: every feed, again and again the same, row by row in balance."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from resources.balance import imbalances
from resources.inbox import AcceptedDelivery, Inbox, Told
from schemas.feeds.adapter import Adapter
from schemas.records.feeds import CONTROL_YEN, FEEDS, accepted, refused
from tests.support.deliveries import CITY, DAY, Office, zipped

MONEY = sorted(CONTROL_YEN)
SOME = ("residents", "applications", "claims", "receipts")


def _spoilt(office: Office, rows: pl.DataFrame) -> bytes:
    """The office's file in which the second data row has one byte too many at its end."""
    lines = office.adapter.write(rows).split(b"\r\n")
    at = 2 if office.adapter.header else 1
    lines[at] += b",x" if office.adapter.header else b"x"
    return b"\r\n".join(lines)


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_a_valid_delivery_passes_whole(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    rows = office.rows(30)
    path = office.lay(rows)
    result = office.gate()
    kept = accepted(FEEDS[feed]).validated(result.accepted)
    assert kept.select(rows.columns).equals(rows)
    assert kept["delivery"].unique().to_list() == [path.name]
    assert kept["known_date"].unique().to_list() == [DAY]
    assert kept["line_no"].to_list() == list(range(2, 32) if office.adapter.header else range(1, 31))
    assert result.refused.is_empty()
    assert (result.counts.rows, result.counts.accepted_rows) == (30, 30)
    assert result.counts.yen == result.counts.accepted_yen
    assert imbalances(feed, result.accepted, result.refused, result.deliveries) == []


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_a_difference_without_rows_passes_and_a_second_one_is_no_double(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    for sequence in (1, 2):
        office.lay(office.rows().clear(), sequence=sequence)
    result = office.gate()
    assert [delivery.sequence for delivery in result.deliveries] == [1, 2]
    assert result.accepted.schema == accepted(FEEDS[feed]).schema
    assert result.counts.rows == 0


@pytest.mark.parametrize("feed", sorted(feed for feed in FEEDS if Adapter.load(feed).due == "when_sent"))
def test_a_feed_sent_when_there_is_need_may_have_no_delivery(feed: str, tmp_path: Path) -> None:
    result = Office(tmp_path, feed).gate()
    assert result.deliveries == []
    assert result.accepted.schema == accepted(FEEDS[feed]).schema
    assert result.refused.schema == refused(FEEDS[feed]).schema


@pytest.mark.parametrize("feed", SOME)
def test_the_same_partition_again_gives_the_same_result(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    office.lay(office.rows(8, 1), sequence=1)
    office.lay(office.rows(9, 2), sequence=2)
    first = office.gate()
    again = office.gate(first.deliveries)
    assert again.accepted.equals(first.accepted)
    assert again.deliveries == first.deliveries


def test_an_earlier_partition_can_run_again_after_later_ones(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    inbox = Inbox(tmp_path, CITY)
    known: list[AcceptedDelivery] = []
    for sequence in (1, 2, 3):
        day = date(2026, 10, sequence)
        office.lay(office.rows(5, sequence), sequence=sequence, as_of=day)
        known += inbox.gate("residents", (day, day), known).deliveries
    again = inbox.gate("residents", (date(2026, 10, 2), date(2026, 10, 2)), known)
    assert again.deliveries == [known[1]]


def test_deliveries_of_a_partition_apply_in_sequence_order_though_they_state_a_key_twice(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    rows = office.rows(6)
    office.lay(rows.head(4), sequence=1)
    office.lay(rows, sequence=2, load="full")
    result = office.gate()
    accepted(FEEDS["residents"]).validated(result.accepted)
    assert result.accepted.height == 10
    assert result.accepted["delivery"].to_list() == [result.deliveries[0].file] * 4 + [result.deliveries[1].file] * 6


@pytest.mark.parametrize("feed", SOME)
def test_a_zip_with_the_one_file_passes_like_the_file(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    rows = office.rows()
    inner = f"{feed}_diff_{DAY:%Y%m%d}_0001.{office.adapter.extension}"
    office.lay(rows, zipped((inner, office.adapter.write(rows))), extension="zip")
    assert office.gate().accepted.select(rows.columns).equals(rows)


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_a_row_without_structure_is_refused_and_the_rest_goes_on(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    rows = office.rows(10)
    office.lay(rows, _spoilt(office, rows))
    result = office.gate()
    line = 3 if office.adapter.header else 2
    assert result.refused.select("line_no", "item").rows() == [(line, "行")]
    assert refused(FEEDS[feed]).validated(result.refused).height == 1
    assert result.accepted.select(rows.columns).equals(pl.concat([rows.head(1), rows.tail(8)]))
    counts = result.counts
    assert counts.rows == counts.accepted_rows + counts.refused_rows == 10
    assert counts.yen == counts.accepted_yen + counts.refused_yen
    assert imbalances(feed, result.accepted, result.refused, result.deliveries) == []


@pytest.mark.parametrize("feed", MONEY)
def test_refused_rows_keep_their_lines_reasons_and_yen(feed: str, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    coded = next(item for item in FEEDS[feed].items if item.type.codes is not None and not item.nullable)
    rows = office.rows(10).with_row_index("at")
    bad = pl.when(pl.col("at").is_in([4, 7])).then(pl.lit("Z")).otherwise(pl.col(coded.name)).alias(coded.name)
    rows = rows.with_columns(bad).drop("at")
    path = office.lay(rows)
    result = office.gate()
    first = 6 if office.adapter.header else 5
    lines = path.read_bytes().decode(office.adapter.encoding).split("\r\n")
    told = result.refused.filter(pl.col("rule") == "コード")
    assert told.select("line_no", "item").rows() == [(first, coded.name), (first + 3, coded.name)]
    assert told["row_text"].to_list() == [lines[first - 1], lines[first + 2]]
    expected = rows[[4, 7]].select(pl.sum_horizontal(*CONTROL_YEN[feed]).sum()).item()
    assert result.counts.refused_yen == expected
    assert result.counts.unreadable_rows == 0
    assert imbalances(feed, result.accepted, result.refused, result.deliveries) == []


def test_the_recount_sees_a_lost_row_and_a_lost_yen(tmp_path: Path) -> None:
    office = Office(tmp_path, "receipts")
    office.lay(office.rows(5))
    result = office.gate()
    lost_row = imbalances("receipts", result.accepted.head(4), result.refused, result.deliveries)
    less = result.accepted.with_columns(pl.col("rcpt_public_expense_yen") - 1)
    lost_yen = imbalances("receipts", less, result.refused, result.deliveries)
    assert [len(lost_row), len(lost_yen)] == [1, 1]


def test_what_the_senders_state_of_a_partition_is_added_up(tmp_path: Path) -> None:
    office = Office(tmp_path, "receipts")
    parts = [office.rows(4, 1), office.rows(5, 2)]
    for sequence, rows in enumerate(parts, start=1):
        office.lay(rows, sequence=sequence)
    yen = sum(yen for rows in parts for yen in rows["rcpt_public_expense_yen"])
    assert Inbox(tmp_path, CITY).told("receipts", office.days) == Told(9, yen)


def test_a_wrong_institution_check_digit_passes_with_a_warning(tmp_path: Path) -> None:
    office = Office(tmp_path, "receipts")
    rows = office.rows(6).with_columns(
        rcpt_institution_code=pl.lit("4712345678"), rcpt_other_public_payer_no=pl.lit(None, pl.String)
    )
    office.lay(rows)
    result = office.gate()
    assert result.counts.accepted_rows == 6
    assert result.warnings.select("item", "rule").unique().rows() == [("rcpt_institution_code", "検査数字")]
    assert result.figures()["warnings"] == 6
