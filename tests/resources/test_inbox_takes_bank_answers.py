"""Each bank's own file of answers, once its layout is stated, is gated like any other delivery."""

from pathlib import Path

import polars as pl
import pytest

from resources.balance import imbalances
from resources.inbox import DeliveryError
from schemas.feeds import adapter as adapters
from schemas.records.feeds import BANK_RESULTS
from tests.support.bank_answers import FURIKOMI, answers, stated, text
from tests.support.deliveries import CITY, Office

BANK = stated(FURIKOMI)
ROWS = answers(FURIKOMI, 20)
DATA = BANK.write(ROWS)
OTHER = {"column": "結果", "item": "result", "at": 112, "bytes": 1, "map": {"C": "0", "R": "R"}}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The bank; two banks' layouts are stated for the city, each under its own extension."""
    folder = tmp_path / "feeds"
    own = folder / CITY / BANK_RESULTS.name
    own.mkdir(parents=True)
    (folder / "bank_results.yaml").write_text((adapters.FOLDER / "bank_results.yaml").read_text("utf-8"), "utf-8")
    (own / "bank1.yaml").write_text(text(FURIKOMI), "utf-8")
    columns = [{"column": c.column, "item": c.item, "record": c.record, "at": c.at, "bytes": c.bytes}
               | ({"format": c.format} if c.format else {}) for c in BANK.columns if c.item != "result"]  # fmt: skip
    (own / "bank2.yaml").write_text(text(FURIKOMI, columns=[*columns, OTHER]), "utf-8")
    monkeypatch.setattr(adapters, "FOLDER", folder)
    return Office(tmp_path / "inbox", BANK_RESULTS.name)


def test_each_banks_file_passes_by_its_own_layout_beside_the_usual_one(office: Office) -> None:
    paid = ROWS.with_columns(pl.lit("0").alias("result"), (pl.col("payment_no").cast(pl.Int64) + 500).cast(pl.String))
    paid = paid.with_columns(pl.col("payment_no").str.zfill(10))
    other = BANK.write(paid).replace(b"\r\n", b"")
    records = [other[at : at + 120] for at in range(0, len(other), 120)]
    marked = b"".join(one[:111] + b" C" + one[113:] if one[:1] == b"2" else one for one in records)
    office.lay(office.rows())
    office.lay(ROWS, DATA, sequence=2, extension="bank1")
    office.lay(paid, marked, sequence=3, extension="bank2")
    result = office.gate()
    assert (result.counts.deliveries, result.counts.refused_rows) == (3, 0)
    assert result.counts.accepted_rows == office.rows().height + 40
    assert imbalances(BANK_RESULTS.name, result.accepted, result.refused, result.deliveries) == []
    of_second = result.accepted.filter(pl.col("delivery").str.ends_with("bank2"))
    assert of_second.select("payment_no", "result").equals(paid.select("payment_no", "result"))


def test_a_bad_record_is_refused_beside_the_others_in_rows_and_yen(office: Office) -> None:
    office.lay(ROWS, DATA[: 122 + 111] + b"5" + DATA[122 + 112 :], extension="bank1")
    result = office.gate()
    assert (result.counts.accepted_rows, result.counts.refused_rows) == (19, 1)
    assert result.counts.accepted_yen + result.counts.refused_yen == ROWS["amount_yen"].sum()
    assert result.refused.select("line_no", "item", "rule").rows() == [(2, "result", "コード")]


def test_a_trailer_that_does_not_hold_stops_the_night(office: Office) -> None:
    broken = DATA.replace(f"8{ROWS.height:06d}".encode(), f"8{ROWS.height + 1:06d}".encode())
    office.lay(ROWS, broken, extension="bank1")
    with pytest.raises(DeliveryError, match=r"\[rows\]"):
        office.gate()


def test_a_bank_whose_layout_nobody_stated_is_a_stranger(office: Office) -> None:
    office.lay(ROWS, DATA, extension="bank3")
    with pytest.raises(DeliveryError, match=r"\[stranger\]"):
        office.gate()
