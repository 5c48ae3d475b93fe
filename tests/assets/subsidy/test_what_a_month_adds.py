"""What one month's 県補助 adds to the months before, whatever was decided, withdrawn or learned late."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.subsidy.report import kokuho_figures, prefecture_report
from assets.subsidy.rules import standing, subsidies, subsidised_difference
from schemas.records.benefit import DECISIONS
from schemas.records.register import IDENTITIES
from schemas.records.subsidy import KOKUHO_FIGURES, PREFECTURE_REPORT, SUBSIDIES
from tests.support.cases import LAW, frame
from tests.support.draws import draws
from tests.support.subsidies import DECIDED, Rows, booked, claimed, paid, tables, taxed

LATER = date(2026, 10, 1)


def later(row: dict[str, object], amount: int, **more: object) -> dict[str, object]:
    """The same line decided again in October."""
    return row | {"decision_no": f"{row['decision_no']}-2", "decided_month": LATER, "amount_yen": amount} | more


def withdrawn(number: int, amount: int, days: int = 0, change: str = "2", **more: object) -> dict[str, object]:
    """A signed row that October decides."""
    return paid(number, amount, days, change) | {"decided_month": LATER, "judgement": "3", "reason": "R0"} | more


def shares(rows: pl.DataFrame) -> list[tuple[object, ...]]:
    names = ("decision_no", "amount_yen", "prefecture_yen", "city_yen", "before_prefecture_yen", "before_city_yen")
    return rows.select(names).rows()


@pytest.mark.parametrize(
    ("before", "after", "copay", "difference"),
    [(0, 4_200, 1_000, 3_200), (4_200, 0, 1_000, -3_200), (4_200, 3_000, 1_000, -1_200), (500, 900, 1_000, 0),
     (500, 1_300, 1_000, 300), (1_300, 500, 1_000, -300)],
)  # fmt: skip
def test_the_subsidy_of_a_difference_is_that_of_after_less_that_of_before(
    before: int, after: int, copay: int, difference: int
) -> None:
    asked = pl.select(subsidised_difference(pl.lit(before), pl.lit(after), pl.lit(copay)))
    assert asked.item() == difference


def test_a_month_without_news_adds_nothing() -> None:
    first = booked([paid()])
    assert first.height == 1
    assert booked([paid()], before=first, month=LATER).is_empty()


def test_a_decision_made_again_adds_the_difference_under_the_number_of_the_first() -> None:
    first = booked([paid(1, 4_200)])
    again = booked([paid(1, 4_200), later(paid(1), 3_000)], before=first, month=LATER)
    assert shares(again) == [("R-001-202608", 3_000, 1_000, 2_000, 1_600, 2_600)]
    assert again["standing_no"].to_list() == ["R-001-202608-2"]


def test_a_refusal_after_all_takes_everything_back() -> None:
    refused = later(paid(1), 0, judgement="2", reason="E1")
    again = booked([paid(1), refused], before=booked([paid(1)]), month=LATER)
    assert shares(again) == [("R-001-202608", 0, 0, 0, 1_600, 2_600)]
    assert again["reason"].to_list() == ["S0"]


def test_a_receipt_withdrawn_leaves_its_copay_to_the_next_one_of_the_month() -> None:
    rows = [paid(1, 4_200), paid(2, 900, care="4")]
    first = booked(rows)
    assert first["copay_yen"].to_list() == [1_000, 0]
    again = booked([*rows, withdrawn(3, -4_200)], before=first, month=LATER)
    assert shares(again) == [("R-001-202608", 0, 0, 0, 1_600, 2_600), ("R-002-202608", 900, 0, 900, 450, 450)]


def test_a_stay_billed_again_has_the_days_it_has_now() -> None:
    stay = paid(1, 30_000, 3, care="1")
    back, billed = withdrawn(2, -30_000, 3, care="1"), paid(3, 28_000, 2, care="1", decided_month=LATER)
    again = booked([stay, back, billed], before=booked([stay]), month=LATER)
    assert again.select("treatment_days", "subsidised_yen", "prefecture_yen").rows() == [(2, 25_600, 12_800)]


def test_a_re_examination_changes_yen_and_no_days() -> None:
    stay = paid(1, 30_000, 3, care="1")
    again = booked([stay, withdrawn(2, -1_000, 3, "3", care="1")], before=booked([stay]), month=LATER)
    assert again.select("treatment_days", "subsidised_yen").rows() == [(3, 25_400)]


def test_an_income_learned_late_settles_what_waited() -> None:
    first = booked([paid()], taxes=[])
    assert first.select("reason", "prefecture_yen", "city_yen").rows() == [("U1", None, None)]
    settled = booked([paid()], taxes=[taxed()], before=first, month=LATER)
    assert shares(settled) == [("R-001-202608", 4_200, 1_600, 2_600, 0, 0)]


def test_a_child_whose_birth_is_not_known_waits() -> None:
    assert booked([paid()], birth=None)["reason"].to_list() == ["U4"]


def test_a_held_or_refused_decision_has_no_row() -> None:
    held = paid(1, 0, judgement="4", reason="H1")
    refused = paid(2, 0, judgement="2", reason="N1")
    assert booked([held, refused]).is_empty()


def test_two_numbers_found_to_be_one_child_share_one_copay() -> None:
    other = "000000000000009"
    rows: Rows = [paid(1, 1_500), paid(2, 1_500, care="4", child_resident_code=other)]
    same = frame(IDENTITIES, [{"resident_code": other, "person_code": "000000000000001"}])
    known = tables(rows, [taxed()]) | {"identities": same}
    found = subsidies(**known, before=SUBSIDIES.empty(), law=LAW, month=DECIDED)
    assert found["copay_yen"].to_list() == [1_000, 0]


def test_the_reports_of_the_months_add_up_to_what_stands() -> None:
    first = booked([paid(1), paid(2, 900, care="4"), claimed(3, 500)], taxes=[])
    told = prefecture_report(first, first.clear(), DECIDED)
    rows = [paid(1), paid(2, 900, care="4"), claimed(3, 500), withdrawn(4, -4_200)]
    second = booked(rows, before=first, month=LATER)
    then = prefecture_report(second, standing(first), LATER)
    stands = standing(pl.concat([first, second]))
    both = pl.concat([told, then])
    PREFECTURE_REPORT.validated(told)
    for name in ("amount_yen", "subsidised_yen", "prefecture_yen", "city_yen"):
        assert both[name].sum() == stands[name].fill_null(0).sum()
    assert both["waiting_yen"].sum() == 0
    assert both["cases"].sum() == 2


@draws(15, shrink=False)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3_000)), min_size=1, max_size=8), st.integers(1, 7))
def test_the_months_add_up_to_what_it_would_be_had_all_been_known_from_the_start(
    news: list[tuple[int, int]], cut: int
) -> None:
    """Lines decided again and again: the sum over two months equals one month that knows everything."""
    rows: Rows = []
    for at, (line, amount) in enumerate(news):
        month = DECIDED if at < cut else LATER
        said = {"decision_no": f"R-{line:03d}-{at:02d}", "decided_month": month}
        rows.append(paid(line, amount, care="24678"[line]) | said)
    first = booked([row for row in rows if row["decided_month"] == DECIDED])
    second = booked(rows, before=first, month=LATER)
    stands = standing(pl.concat([first, second]))
    names = ["decision_no", "amount_yen", "subsidised_yen", "prefecture_yen", "city_yen", "reason"]
    assert stands.select(names).equals(booked(rows).select(names))


def figures(now: Rows, before: Rows) -> list[tuple[object, ...]]:
    known = tables([*before, *now], [])
    decided = frame(DECISIONS, [{k: v for k, v in row.items() if k[0] != "_"} for row in now])
    earlier = frame(DECISIONS, [{k: v for k, v in row.items() if k[0] != "_"} for row in before])
    found = kokuho_figures(decided, earlier, known["receipts"], known["persons"], known["identities"], LAW, LATER)
    said = ("visit", "subsidy_class", "reduced", "receipts", "treatment_days", "total_medical_cost_yen", "borne_yen")
    return KOKUHO_FIGURES.validated(found).select(said).rows()


def test_receipts_in_kind_of_the_national_insurance_are_counted_with_days_and_cost() -> None:
    rows = [paid(1, 4_200, 2), paid(2, 900, 1, care="4"), paid(3, 30_000, 5, care="1"), claimed(4)]
    assert figures(rows, []) == [("1", "1", "0", 1, 5, 300_000, 30_000), ("2", "1", "0", 2, 3, 51_000, 5_100)]


def test_a_receipt_withdrawn_or_refused_after_all_is_taken_out_again() -> None:
    stood = paid(1, 4_200, 2)
    assert figures([withdrawn(2, -4_200, 2)], [stood]) == [("2", "1", "0", -1, -2, -42_000, -4_200)]
    refused = later(stood, 0, judgement="2", reason="E1")
    assert [row[3:5] for row in figures([refused], [stood])] == [(-1, -2)]
    assert [row[3:5] for row in figures([withdrawn(2, -200, 2, "3")], [stood])] == [(0, 0)]


@pytest.mark.parametrize(
    ("month", "reduced"), [(date(2017, 6, 1), "1"), (date(2018, 4, 1), "0"), (date(2026, 6, 1), "0")]
)
def test_the_law_of_the_month_says_whether_the_burden_of_the_state_is_reduced(month: date, reduced: str) -> None:
    """就学前は平成30年4月から減額しない。それより前は年齢によらず減額の対象。"""
    known = tables(
        [paid(1, service_month=month)], [], birth=date(2015, 5, 1) if month.year < 2020 else date(2021, 5, 1)
    )
    decided = known["decisions"]
    found = kokuho_figures(
        decided, decided.clear(), known["receipts"], known["persons"], known["identities"], LAW, LATER
    )
    assert found["reduced"].to_list() == [reduced]
