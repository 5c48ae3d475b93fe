"""別添1 as of any day: the month's own register at its end, and the same child as it stood years ago."""

from datetime import date

import polars as pl
import pytest

from pipelines.annex1 import annex1_on
from pipelines.moments import latest
from reports.extracts import as_csv
from resources.house import House
from schemas.records.annex1 import ANNEX1
from schemas.records.register import ELIGIBILITY
from tests.pipelines.conftest import Month
from tests.support.month import LAST

pytestmark = pytest.mark.xdist_group("month")


def test_the_register_of_the_last_day_is_the_one_the_month_made(month: Month, house: House) -> None:
    made = month.table(ANNEX1)
    again = annex1_on(house, latest(house), LAST)
    assert again.sort(ANNEX1.key).equals(made.sort(ANNEX1.key))
    assert made["copay_yen"].drop_nulls().len() > 0
    assert made["rcpt_public_expense_yen"].drop_nulls().len() > 0


@pytest.mark.parametrize("day", [date(2009, 4, 1), date(2012, 9, 30), date(2014, 3, 31), date(2024, 9, 30)])
def test_every_child_stands_in_it_as_it_was_entitled_on_that_day(day: date, month: Month, house: House) -> None:
    items = annex1_on(house, latest(house), day)
    stood = month.table(ELIGIBILITY).filter((pl.col("start_date") <= day) & (pl.col("end_date") > day))
    both = items.join(stood, on="child_resident_code", suffix="_stood")
    assert both.height > 5
    assert both.filter((pl.col("decision_result") == "1") != (pl.col("entitled") == "1")).is_empty()
    entitled = both.filter(pl.col("entitled") == "1")
    assert entitled.filter(pl.col("benefit_class") != pl.col("benefit_class_stood")).is_empty()
    assert items["child_birth_date"].max() <= day


def test_the_file_of_it_has_158_numbered_headings(house: House) -> None:
    head = as_csv(ANNEX1, annex1_on(house, latest(house), LAST).head(3), numbered=True).decode().splitlines()[0]
    numbers = [heading.split(" ")[0] for heading in head.split(",")]
    assert numbers == [str(no) for no in range(1, 159)]
