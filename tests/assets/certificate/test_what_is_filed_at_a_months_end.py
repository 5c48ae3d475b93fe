"""A bank file counts in the certificates of the months at whose end its batch stood, whatever became of it since."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from assets.certificate.assets import _filed
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.records.payment import BANK_FILES
from tests.resources.children import payment_entries
from tests.support.month import living_in

SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))
DAY = date(2026, 10, 30)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with living_in(tmp_path / "home") as house:
        KeyRing.create(key_file())
        monkeypatch.setattr(house.ledger, "_clock", lambda: datetime.fromisoformat("2026-10-01T09:00:00+09:00"))
        house.ledger.enter_orders(payment_entries(3), run_id="r")
        yield house


def filed(house: House) -> pl.DataFrame:
    """The row of the file of the day's batch."""
    numbers = house.ledger.loose_orders(DAY)["payment_no"].to_list()
    batch = house.ledger.prepare(DAY, numbers, "a" * 64, person="甲")
    row = {
        "file_name": "zengin.txt", "batch_no": batch.batch_no, "value_date": DAY, "orders": batch.orders,
        "total_yen": batch.total_yen, "bytes": 1, "sha256": batch.digest,
    }  # fmt: skip
    return pl.DataFrame([row], schema=BANK_FILES.schema)


def withdrawn(house: House, file: pl.DataFrame, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.ledger, "_clock", lambda: datetime.fromisoformat(at))
    with house.ledger.writing() as connection:
        house.ledger.enter_withdrawal(connection, file["batch_no"].item(), "口座の誤り", person="乙")


def test_a_file_that_stands_counts_in_every_month(house: House) -> None:
    file = filed(house)
    assert [_filed(house, month, file).height for month in (OCTOBER, NOVEMBER)] == [1, 1]


@pytest.mark.parametrize(
    ("at", "counted"),
    [
        ("2026-10-31T23:59:59+09:00", [1, 0, 0]),
        ("2026-10-31T15:00:00+00:00", [1, 1, 0]),
        ("2026-11-01T00:00:00+09:00", [1, 1, 0]),
        ("2026-12-01T00:00:00+09:00", [1, 1, 1]),
    ],
)
def test_a_batch_withdrawn_later_still_counts_in_the_months_that_ended_before(
    house: House, at: str, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a month is midnight in Japan."""
    file = filed(house)
    withdrawn(house, file, at, monkeypatch)
    assert [_filed(house, month, file).height for month in (SEPTEMBER, OCTOBER, NOVEMBER)] == counted
