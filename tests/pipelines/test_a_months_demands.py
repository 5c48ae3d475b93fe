"""A month finds exactly what is wrong in the reviewing bodies' demands: what never came, and what was planted."""

import polars as pl
import pytest

from schemas.records.certificate import CERTIFICATE
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES, LINE_KEY
from tests.pipelines.conftest import Month
from tests.support.demands import DIFFERENCE, demand_differences

pytestmark = pytest.mark.xdist_group("month")


def test_the_differences_are_the_truths_line_by_line(month: Month) -> None:
    truth = month.truth("truth_demands").drop("month")
    assert demand_differences(month.table(DEMAND_DIFFERENCES)).equals(truth.sort(DIFFERENCE))
    assert {"1", "3", "4", "6", "7"} <= set(truth["difference"])


def test_lines_without_a_difference_are_equal_in_receipts_yen_and_fee(month: Month) -> None:
    lines = month.table(DEMAND_LINES)
    alike = lines.join(month.table(DEMAND_DIFFERENCES), on=LINE_KEY, how="anti")
    assert alike.height > 0
    pairs = {"demanded_receipts": "accepted_receipts", "demanded_yen": "decided_yen", "fee_yen": "fee_due_yen"}
    for theirs, ours in pairs.items():
        assert alike[theirs].equals(alike[ours].rename(theirs))


def test_the_certificate_has_the_demand_in_its_equations(month: Month) -> None:
    told = month.table(CERTIFICATE).filter(pl.col("equation").is_in(["demanded", "demanded_fees"]))
    assert told["broken"].to_list() == [0, 0]
    assert told["left_yen"].min() == told["right_yen"].min() > 0  # type: ignore[operator]
