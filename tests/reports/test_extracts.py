"""An extract is a plain CSV a clerk can open, and nothing in it can act as a formula."""

from datetime import date

import polars as pl
import pytest

from reports.extracts import ExtractError, as_csv
from schemas.records.transfers import TO_PUBLIC_ASSISTANCE

ROW = {
    "request_no": "S-1",
    "request_form_no": "依頼-1",
    "resident_code": "000000000000001",
    "base_date": date(2026, 10, 5),
    "entitled": "1",
    "valid_from_date": date(2024, 10, 1),
    "valid_to_date": None,
    "last_paid_month": date(2026, 7, 1),
}


def rows(**changes: object) -> pl.DataFrame:
    return pl.DataFrame([ROW | changes], schema=TO_PUBLIC_ASSISTANCE.schema)


def test_the_extract_has_japanese_headings_iso_dates_and_crlf() -> None:
    head, line, rest = as_csv(TO_PUBLIC_ASSISTANCE, rows()).decode("utf-8").split("\r\n")
    assert head.split(",")[:3] == ["照会番号", "依頼書番号", "対象者住民コード"]
    assert line == "S-1,依頼-1,000000000000001,2026-10-05,1,2024-10-01,,2026-07-01"
    assert rest == ""


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_value_that_begins_like_a_formula_does_not_leave(begin: str) -> None:
    with pytest.raises(ExtractError) as refused:
        as_csv(TO_PUBLIC_ASSISTANCE, rows(request_no=f"{begin}1+1"))
    assert "request_no" in str(refused.value)
    assert "1+1" not in str(refused.value)
