"""The 158 items as the city published them, and the purposes that allow each one."""

from pathlib import Path

import pytest

from schemas.record import PURPOSES
from schemas.records.annex1 import ANNEX1
from schemas.records.catalogue import RECORDS

PUBLISHED = Path(__file__).with_name("annex1_published.tsv").read_text("utf-8").splitlines()


def test_the_158_items_stand_in_the_published_order_under_their_published_names() -> None:
    ours = [f"{item.no}\t{item.label}" for item in ANNEX1.items]
    assert ours == PUBLISHED
    assert len(ours) == 158


@pytest.mark.parametrize("item", ANNEX1.items, ids=lambda item: str(item.no))
def test_an_item_of_the_annex_serves_a_stated_purpose(item) -> None:
    assert item.purposes
    assert item.purposes <= set(PURPOSES)
    assert 1 not in item.purposes, "個人番号 is not one of the 158 items"


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_table_reads_only_items_it_has_a_purpose_for(name: str) -> None:
    record = RECORDS[name]
    for item in record.items:
        assert not item.purposes or item.purposes & record.purposes, f"{name}.{item.name}"


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_no_table_has_a_column_for_the_individual_number(name: str) -> None:
    for item in RECORDS[name].items:
        assert "個人番号" not in item.label
        assert "my_number" not in item.name
