"""The rows the other tests start from are valid, many, and the same every time."""

import pytest

from schemas.records.catalogue import RECORDS
from schemas.records.feeds import FEEDS
from tests.support.rows import valid_rows


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_record_has_valid_rows(name: str) -> None:
    rows = valid_rows(RECORDS[name], 25, 3)
    assert rows.height == 25
    assert rows.equals(valid_rows(RECORDS[name], 25, 3))


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_another_seed_gives_other_rows_and_absent_items_occur(name: str) -> None:
    rows = valid_rows(FEEDS[name], 40, 1)
    assert not rows.equals(valid_rows(FEEDS[name], 40, 2))
    nullable = [item.name for item in FEEDS[name].items if item.nullable]
    assert all(rows[item].null_count() > 0 for item in nullable)
