"""What happened to other cities' carriers of data, replayed against our doors."""

from pathlib import Path

import pytest

from resources.database import open_engine, sqlite_url
from resources.inbox import DeliveryError
from resources.keys import KeyRing
from resources.registry import Registry
from resources.shelf import Shelf
from schemas.records.feeds import RESIDENTS, accepted
from tests.support.deliveries import CITY, Office


def test_inc_29_what_comes_on_a_flash_memory_is_not_taken(tmp_path: Path) -> None:
    """評価書の別添2 (H29): a USB memory with 1,457 rows of transfer data was lost."""
    office = Office(tmp_path, "residents")
    office.lay(office.rows(), control={"channel": "flash"})
    with pytest.raises(DeliveryError) as refusal:
        office.gate()
    assert refusal.value.code == "channel"
    assert "フラッシュメモリ" in refusal.value.message


def test_inc_29_nothing_on_the_shelf_can_be_read_without_the_key(tmp_path: Path) -> None:
    """評価書の別添2 (H29): the lost medium held its rows in plain text."""
    office = Office(tmp_path / "inbox", "residents")
    office.lay(office.rows())
    rows = office.gate().accepted
    engine = open_engine(sqlite_url(tmp_path / "kodomo.sqlite"))
    shelf = Shelf(tmp_path / "shelf", Registry(engine), KeyRing.create(tmp_path / "keys.json"), CITY)
    shelf.publish(accepted(RESIDENTS), "2026-10-14", rows, run_id="test")
    engine.dispose()
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "inbox" not in path.parts]
    names = [value.encode() for value in [*rows["name"], *rows["address"], *rows["resident_code"]]]
    assert [at for at, name in enumerate(names) if any(name in content for content in written)] == []
    assert rows.height > 5
    assert any(content[:4] == b"PARE" for content in written)
