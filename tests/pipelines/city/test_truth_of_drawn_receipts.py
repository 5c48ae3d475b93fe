"""The city's own truth over the receipts drawn for the engines: the same reason and yen as the rules, line by line."""

import polars as pl
from hypothesis import given

from assets.second_engine.differences import differences
from pipelines.city.truth_benefit import Known, decided_receipts, receipt_lines
from tests.assets.second_engine.drawn_receipts import ABOUT, BORN, MONTH, Row, as_receipts, ruled, sets
from tests.support.cases import whose
from tests.support.draws import draws

PERSON = {"child_resident_code": "resident_code"}
LINE = ["delivery", "line_no"]


def known() -> Known:
    """The drawn families as the truth knows them."""
    numbers, _, eligibility, persons = whose(ABOUT)
    people = persons.select("resident_code", "sex", "birth_date").with_row_index("person_no", offset=1)
    registered = numbers.select("beneficiary_no", "child_resident_code").rename(PERSON).join(people, on="resident_code")
    spans = eligibility.rename(PERSON).join(people, on="resident_code")
    return Known(
        registered.with_columns(
            pl.lit("01").alias("insurance_type_code"),
            pl.lit("01110012").alias("insurer_no"),
            pl.lit("1").alias("symbol_number"),
            pl.date(BORN.year + 7, 4, 1).alias("school_from"),
        ),
        spans.select("person_no", "start_date", "end_date", "reason"),
    )


KNOWN = known()


@draws(25, shrink=False)
@given(sets)
def test_the_truth_of_drawn_receipts_is_what_the_rules_decide(rows: list[Row]) -> None:
    receipts = as_receipts(rows).sort("known_date", *LINE)
    parts = [
        receipt_lines(part, str(delivery), MONTH)
        for (delivery,), part in receipts.group_by("delivery", maintain_order=True)
    ]
    truth = decided_receipts(pl.concat(parts), KNOWN, "81112039").with_columns(pl.col("yen").alias("amount_yen"))
    found = differences(ruled(receipts), truth, LINE, ["reason", "amount_yen"])
    assert found.is_empty(), found.rows()
