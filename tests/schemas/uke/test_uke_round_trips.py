"""Receipts written as UKE read back as they were, and write the same bytes again."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.feeds.errors import AdapterError
from schemas.records.feeds import FEEDS
from schemas.uke.columns import COLUMNS
from schemas.uke.lines import file_of, lines_of
from schemas.uke.writer import sayable
from tests.support.draws import draws
from tests.support.uke import SOURCE, UKE, receipts

READ = [item for item, _, _ in COLUMNS]


def read_back(data: bytes) -> pl.DataFrame:
    """The accepted receipts, with the items the record does not hold yet."""
    reading = UKE.read(data, "f")
    found = UKE.typed(reading, FEEDS["receipts"], SOURCE)
    assert found.refused.is_empty()
    missing = [item for item in READ if item not in found.accepted.columns]
    more = reading.rows.select(
        "line_no", *(pl.col(item).cast(pl.Int64) if "_yen_" in item else pl.col(item) for item in missing)
    )
    return found.accepted.join(more, "line_no", "left", maintain_order="left")


@pytest.mark.parametrize("tables", ["1", "3", "4", "6", "1346"])
@given(st.integers(0, 40), st.integers(0, 10**6))
@draws(15)
def test_what_was_written_reads_back_and_writes_the_same_bytes(tables: str, count: int, seed: int) -> None:
    rows = receipts(count, seed, tuple(tables))
    data = UKE.write(rows)
    found = read_back(data)
    key = ["review_body", "rcpt_institution_code", "receipt_no"]
    assert found.select(READ).sort(key).equals(rows.select(READ).sort(key))
    assert UKE.write(found) == data
    lines = lines_of(UKE, data, "f")
    assert file_of(lines.fields(), lines.ended) == data


def test_a_file_and_an_institution_may_be_without_receipts() -> None:
    assert UKE.read(b"\x1a", "f").count == 0
    assert UKE.read(b"IR,1,11,1,0210019,,,202612,,\r\nGO,0,0,99\r\n\x1a", "f").count == 0


def changed(**items: object) -> pl.DataFrame:
    return receipts(3, 7, ("1",)).with_columns(pl.lit(value).alias(item) for item, value in items.items())


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("当初の請求ではない", changed(receipt_change="2")),
        ("点数にならない金額", changed(rcpt_total_medical_cost_yen=10_005)),
        ("負担割合", changed(rcpt_copay_rate=10)),
        ("自己負担額", changed(rcpt_self_pay_yen=1)),
        ("公費負担額", changed(rcpt_public_expense_yen=-1)),
        ("UKEにない金額", changed(rcpt_supplementary_benefit_yen=500)),
        ("他公費の順", changed(rcpt_other_public_payer_no=None, rcpt_other_public_payer_no_2="52112033")),
        ("他公費の負担", changed(rcpt_other_public_yen=77)),
        ("入外", changed(rcpt_inpatient_outpatient_code="5")),
        ("氏名の長さ", changed(rcpt_patient_name="ア" * 21)),
        ("書けない文字", changed(rcpt_patient_name="ア,イ")),
        ("審査支払機関", changed(review_body="3")),
        ("必須", changed(rcpt_branch_no=None)),
    ],
)
def test_what_uke_cannot_say_is_not_written_and_not_repeated(rule: str, rows: pl.DataFrame) -> None:
    with pytest.raises(AdapterError, match=rule) as caught:
        UKE.write(rows)
    assert "髙橋" not in str(caught.value)
    assert not sayable(rows).any()


def test_a_name_beyond_cp932_is_not_written_and_not_repeated() -> None:
    rows = changed(rcpt_patient_name="𠮷田　湊")
    with pytest.raises(AdapterError, match="rcpt_patient_name") as caught:
        UKE.write(rows)
    assert "吉" not in str(caught.value)
    assert "湊" not in str(caught.value)
    assert sayable(rows).to_list() == [False] * 3
    assert sayable(receipts(5, 7)).to_list() == [True] * 5
