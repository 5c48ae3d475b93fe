"""An answer exists only for who was asked about, and says only what that office needs."""

from datetime import date

import polars as pl
import pytest

from assets.transfers.rules import TooManyPersons, answer
from schemas.records.register import IDENTITIES
from schemas.records.transfers import TO_PUBLIC_ASSISTANCE, TO_SINGLE_PARENT, TRANSFER_LIMIT

ASKED, OTHER = "0" * 14 + "1", "0" * 14 + "2"


def requests(*children: str, day: date = date(2026, 10, 5)) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "request_no": ["S-1"] * len(children),
            "request_form_no": ["依頼-1"] * len(children),
            "resident_code": list(children),
            "base_date": [day] * len(children),
        }
    )


ELIGIBILITY = pl.DataFrame(
    {
        "child_resident_code": [ASKED, ASKED, OTHER],
        "start_date": [date(2024, 10, 1), date(2026, 10, 1), date(2024, 10, 1)],
        "end_date": [date(2026, 10, 1), date(2030, 4, 1), date(2030, 4, 1)],
        "entitled": ["1", "0", "1"],
        "benefit_class": ["1", "0", "1"],
        "guardian_resident_code": ["0" * 14 + "9"] * 3,
    }
)
REGISTRATIONS = pl.DataFrame({"child_resident_code": [ASKED, OTHER], "beneficiary_no": ["0000018", "0000026"]})
LAST_PAID = pl.DataFrame({"child_resident_code": [ASKED], "last_paid_month": [date(2026, 7, 1)]})


def told(record, asked: pl.DataFrame) -> list[dict[str, object]]:
    return answer(record, asked, ELIGIBILITY, REGISTRATIONS, IDENTITIES.empty(), LAST_PAID).to_dicts()


def test_the_answer_is_about_the_base_date_and_its_period_includes_both_ends() -> None:
    (before,) = told(TO_SINGLE_PARENT, requests(ASKED, day=date(2026, 9, 30)))
    (after,) = told(TO_SINGLE_PARENT, requests(ASKED, day=date(2026, 10, 1)))
    assert (before["entitled"], before["valid_from_date"], before["valid_to_date"]) == (
        "1",
        date(2024, 10, 1),
        date(2026, 9, 30),
    )
    assert (after["entitled"], after["valid_from_date"], after["valid_to_date"]) == ("0", None, None)


def test_only_the_persons_asked_about_are_in_the_answer() -> None:
    rows = told(TO_SINGLE_PARENT, requests(ASKED))
    assert [row["resident_code"] for row in rows] == [ASKED]


def test_a_person_unknown_to_the_benefit_is_answered_as_not_entitled() -> None:
    (row,) = told(TO_SINGLE_PARENT, requests("9" * 15))
    assert (row["entitled"], row["beneficiary_no"]) == ("0", None)


def test_each_office_gets_its_columns_and_no_other() -> None:
    (row,) = told(TO_PUBLIC_ASSISTANCE, requests(ASKED, day=date(2026, 9, 1)))
    assert tuple(row) == TO_PUBLIC_ASSISTANCE.names
    assert "beneficiary_no" not in row
    assert row["last_paid_month"] == date(2026, 7, 1)


def test_a_request_for_ten_thousand_persons_is_not_answered() -> None:
    crowd = requests(*(f"{at:015d}" for at in range(TRANSFER_LIMIT + 1)))
    with pytest.raises(TooManyPersons, match="10,000"):
        told(TO_SINGLE_PARENT, crowd)
    assert len(told(TO_SINGLE_PARENT, crowd.head(TRANSFER_LIMIT))) == TRANSFER_LIMIT
