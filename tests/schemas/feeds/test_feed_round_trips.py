"""Writing and reading are inverse, byte for byte, for every feed."""

import csv
import io
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feeds.adapter import Adapter
from schemas.feeds.errors import AdapterError
from schemas.feeds.layout import Source
from schemas.records.feeds import FEEDS
from tests.support.draws import draws
from tests.support.rows import valid_rows

SOURCE = Source("delivery", date(2026, 10, 14))


@pytest.mark.parametrize("feed", sorted(FEEDS))
@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_written_reads_back_and_writes_the_same_bytes(feed: str, seed: int) -> None:
    adapter, rows = Adapter.load(feed), valid_rows(FEEDS[feed], 40, seed)
    data = adapter.write(rows)
    found = adapter.typed(adapter.read(data, "f"), FEEDS[feed], SOURCE)
    assert found.refused.is_empty()
    assert found.accepted.select(rows.columns).equals(rows)
    assert adapter.write(found.accepted) == data


@pytest.mark.parametrize("feed", sorted(FEEDS))
def test_a_file_without_rows_reads_back_and_is_not_empty(feed: str) -> None:
    adapter = Adapter.load(feed)
    data = adapter.write(FEEDS[feed].empty())
    assert data != b""
    assert adapter.read(data, "f").count == 0


@pytest.mark.parametrize("feed", sorted(feed for feed in FEEDS if feed != "claims"))
def test_another_reader_of_csv_sees_the_same_fields(feed: str) -> None:
    adapter = Adapter.load(feed)
    data = adapter.write(valid_rows(FEEDS[feed], 20))
    header, *lines = csv.reader(io.StringIO(data.decode(adapter.encoding), newline=""), strict=True)
    assert header == [column.column for column in adapter.columns]
    read = adapter.read(data, "f").rows.select(adapter.items).fill_null("")
    assert [list(row) for row in read.iter_rows()] == lines


def test_a_punched_line_stands_where_its_widths_say() -> None:
    adapter, rows = Adapter.load("claims"), valid_rows(FEEDS["claims"], 1)
    line, row = adapter.write(rows), rows.row(0, named=True)
    assert (len(line), line[-2:]) == (147, b"\r\n")
    assert line[:12].decode() == row["claim_no"].ljust(12)
    assert line[12:19].decode() == row["beneficiary_no"]
    assert line[19:22].decode() == f"{row['claim_branch_no']:03d}"
    assert line[22:30].decode() == f"{row['application_date']:%Y%m%d}"
    assert line[31:37].decode() == f"{row['service_month']:%Y%m}"
    assert line[68:77].decode() == f"{row['total_medical_cost_yen']:09d}"


APPLICATIONS = valid_rows(FEEDS["applications"], 30)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff"), max_size=20)


@given(st.lists(TEXT, min_size=1, max_size=30))
@draws(25)
def test_any_text_survives_a_csv_feed(texts: list[str]) -> None:
    adapter = Adapter.load("applications")
    shown = [text.replace("個人番号", "") or None for text in texts]
    rows = APPLICATIONS.head(len(texts)).with_columns(memo=pl.Series(shown, dtype=pl.String))
    found = adapter.typed(adapter.read(adapter.write(rows), "f"), FEEDS["applications"], SOURCE)
    assert found.accepted.select(rows.columns).equals(rows)


def test_names_beyond_the_basic_plane_and_with_variation_selectors_survive() -> None:
    adapter, names = Adapter.load("residents"), ["𠮷田　葛󠄀", "髙﨑　辻󠄀子", '佐藤, "太郎"']
    rows = valid_rows(FEEDS["residents"], 3).with_columns(name=pl.Series(names))
    found = adapter.typed(adapter.read(adapter.write(rows), "f"), FEEDS["residents"], SOURCE)
    assert found.accepted["name"].to_list() == names


@pytest.mark.parametrize(
    ("feed", "item", "value"),
    [
        ("receipts", "rcpt_patient_name", "𠮷田秘密"),
        ("claims", "claim_no", "秘密秘密秘密秘"),
        ("claims", "total_medical_cost_yen", 10_123_456_789),
        ("residents", "name", "秘密\r\n太郎"),
    ],
)
def test_a_value_that_does_not_fit_the_layout_is_not_written_and_not_repeated(
    feed: str, item: str, value: object
) -> None:
    rows = valid_rows(FEEDS[feed], 3).with_columns(pl.lit(value).alias(item))
    with pytest.raises(AdapterError, match=item) as caught:
        Adapter.load(feed).write(rows)
    assert str(value)[-3:] not in str(caught.value)


def test_a_frame_without_an_item_is_not_written() -> None:
    with pytest.raises(AdapterError, match="sex"):
        Adapter.load("residents").write(valid_rows(FEEDS["residents"], 1).drop("sex"))
