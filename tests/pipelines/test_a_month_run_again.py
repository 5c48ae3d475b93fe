"""A month and a night again: not a byte, not a generation, not an order more."""

from datetime import date
from pathlib import Path

import pytest

from assets.eligibility.known import Known
from tests.pipelines.conftest import Month
from tests.support.month import DAYS, KEY, files, invoked, living_in, rows_of, volumes

pytestmark = pytest.mark.xdist_group("month")
MONEY = "SELECT payment_no, subject_key, amount_yen, created_at FROM payment_orders ORDER BY 1"
BATCHES = "SELECT batch_no, digest, orders, total_yen, prepared_by, prepared_at FROM batches ORDER BY 1"
JOURNAL = "SELECT sequence, name, sha256, entry FROM outbox_journal ORDER BY 1"


@pytest.mark.slow
def test_the_month_again_changes_no_byte_no_generation_and_no_order(month: Month) -> None:
    outbox, shelf = files(month.place / "outbox"), volumes(month.place)
    written = [rows_of(month.place, query) for query in (MONEY, BATCHES, JOURNAL)]
    again = invoked(month.place, "monthly", "--month", KEY)
    assert again.exit_code == 0, again.output
    assert files(month.place / "outbox") == outbox
    assert volumes(month.place) == shelf
    assert [rows_of(month.place, query) for query in (MONEY, BATCHES, JOURNAL)] == written
    assert all(written)
    assert {generation for _, _, generation, _ in shelf} == {1}


def test_every_night_still_knows_what_it_knew_before_the_month_was_decided(taken: Path, month: Month) -> None:
    for day in DAYS[::10]:
        with living_in(taken) as house:
            before = Known.of_night(house, date.fromisoformat(day))
        with living_in(month.place) as house:
            after = Known.of_night(house, date.fromisoformat(day))
        assert all(before[feed].equals(after[feed]) for feed in before.frames)
        assert before["applications"].height > 0
