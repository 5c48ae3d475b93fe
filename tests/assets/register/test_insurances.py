"""The insurance of a child on each day: 国保 before what an application declared."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from assets.register.insurances import insurances
from schemas.records.register import IDENTITIES, INSURANCES
from tests.support.cases import CHILD, MOTHER, application, known_rows
from tests.support.draws import draws

NOBODY = IDENTITIES.empty()
BORN = date(2018, 6, 15)
UNION = "06131234"


def _declares(at: int, event: date, kind: str = "01", filed: date | None = None, **more: object) -> dict[str, object]:
    return application(
        application_no=f"A{at}",
        application_date=filed or event,
        event_date=event,
        insurance_type_code=kind,
        insurance_symbol_number=f"記号{at}",
        **more,
    )


def _covered(start: date, end: date | None = None, code: str = CHILD, **more: object) -> dict[str, object]:
    return {"resident_code": code, "start_date": start, "end_date": end} | more


def _found(
    applications: list[dict[str, object]],
    national: list[dict[str, object]] | None = None,
    same: pl.DataFrame = NOBODY,
) -> pl.DataFrame:
    rows = known_rows("national_health_insurance", national or [])
    return INSURANCES.validated(insurances(rows, known_rows("applications", applications), same))


_WHEN = ("start_date", "end_date", "insurance_type_code")


def test_a_declared_insurance_lasts_until_the_next_application() -> None:
    changed = date(2024, 4, 1)
    found = _found([_declares(1, BORN), _declares(2, changed, "06", insurer_no=UNION)])
    assert found.select(*_WHEN, "symbol_number").rows() == [
        (BORN, changed, "01", "記号1"),
        (changed, None, "06", "記号2"),
    ]
    assert found["insurer_no"].to_list()[1] == UNION


def test_the_national_insurance_wins_on_its_days_and_the_declared_one_returns() -> None:
    first, last = date(2022, 1, 1), date(2023, 1, 1)
    found = _found([_declares(1, BORN)], [_covered(first, last, income_class="ウ")])
    assert found.select(*_WHEN, "feed", "income_class").rows() == [
        (BORN, first, "01", "applications", None),
        (first, last, "00", "national_health_insurance", "ウ"),
        (last, None, "01", "applications", None),
    ]


def test_a_renewal_with_the_same_card_is_the_same_period() -> None:
    renewed = _declares(1, date(2021, 10, 1)) | {"application_no": "A9"}
    assert _found([_declares(1, BORN), renewed]).select(*_WHEN, "line_no").rows() == [(BORN, None, "01", 1)]


def test_an_application_never_reaches_back_before_an_earlier_one() -> None:
    later, back = date(2024, 4, 1), date(2020, 1, 1)
    found = _found([_declares(1, later), _declares(2, back, "06", filed=date(2024, 5, 1))])
    assert found.select(_WHEN).rows() == [(later, None, "06")]


def test_a_notice_of_loss_declares_no_insurance() -> None:
    notice = _declares(2, date(2024, 4, 1), "06", application_type="05")
    assert _found([_declares(1, BORN), notice])["insurance_type_code"].to_list() == ["01"]


def test_people_without_an_application_are_left_out() -> None:
    assert _found([_declares(1, BORN)], [_covered(BORN, code=MOTHER)])["child_resident_code"].to_list() == [CHILD]
    assert _found([], [_covered(BORN)]).is_empty()


def test_the_national_insurance_of_another_number_is_the_childs() -> None:
    old = "9" * 15
    same = pl.DataFrame([(old, CHILD, "n", 1, BORN)], schema=IDENTITIES.schema, orient="row")
    found = _found([_declares(1, BORN)], [_covered(BORN, code=old)], same)
    assert found.select("child_resident_code", *_WHEN).rows() == [(CHILD, BORN, None, "00")]


@draws(50)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=3, unique_by=lambda one: one[0]),
)
def test_every_day_has_the_insurance_a_plain_reading_of_that_day_finds(
    events: list[int], drawn: list[tuple[int, int]]
) -> None:
    ordered = sorted(drawn)
    followed_by = [start for start, _ in ordered][1:] + [99]
    national = [(start, min(start + days, next_)) for (start, days), next_ in zip(ordered, followed_by, strict=False)]
    day = {at: BORN + timedelta(at) for at in range(100)}
    rows = [_covered(day[start], day[end], history_no=at) for at, (start, end) in enumerate(national, 1)]
    found = _found([_declares(at, day[at]) for at in sorted(events)], rows)
    for at in range(60):
        declared = [event for event in events if event <= at]
        insured = any(start <= at < end for start, end in national)
        said = "国保" if insured else f"記号{max(declared)}" if declared else None
        holds = (pl.col("start_date") <= day[at]) & (pl.col("end_date").is_null() | (pl.col("end_date") > day[at]))
        shown = [
            "国保" if row["feed"] != "applications" else row["symbol_number"] for row in found.filter(holds).to_dicts()
        ]
        assert shown == ([said] if said else [])
