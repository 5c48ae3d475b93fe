"""A demand beside the receipts: every line is equal, or a row says what differs, in receipts, yen and fee."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.demands.checks import left_over
from assets.demands.rules import compared, never_settled
from schemas.law.book import LawGap
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES
from schemas.records.feeds import REVIEW_BODY_DEMANDS, accepted
from tests.support.cases import LAW

BILLED, SERVICE = date(2026, 9, 1), date(2026, 8, 1)
RECEIPT = {
    "review_body": pl.String, "billing_month": pl.Date, "receipt_change": pl.String, "service_month": pl.Date,
    "rcpt_inpatient_outpatient_code": pl.String, "rcpt_public_expense_yen": pl.Int64, "delivery": pl.String,
    "line_no": pl.Int64,
}  # fmt: skip
DECISION = {
    "feed": pl.String, "delivery": pl.String, "line_no": pl.Int64, "decision_no": pl.String, "subject_key": pl.String,
    "judgement": pl.String, "amount_yen": pl.Int64,
}  # fmt: skip
PAID, REFUSED, CHANGED, HELD = "1", "2", "3", "4"
Bill = tuple[str, int, str, int]
"""請求区分, yen, judgement, yen decided."""


def came(*bills: Bill, care: str = "2", body: str = "2") -> tuple[pl.DataFrame, pl.DataFrame]:
    """(receipts, decisions) of one month."""
    receipts = [(body, BILLED, kind, SERVICE, care, yen, "r.csv", at + 2) for at, (kind, yen, *_) in enumerate(bills)]
    decisions = [
        ("receipts", "r.csv", at + 2, f"R-{at}", f"2-202609-{at}", judgement, paid)
        for at, (_, _, judgement, paid) in enumerate(bills)
    ]
    return (
        pl.DataFrame(receipts, schema=RECEIPT, orient="row"),
        pl.DataFrame(decisions, schema=DECISION, orient="row"),
    )


def line(count: int, yen: int, *, kind: str = "0", sen: int = 10_000, care: str = "2") -> dict[str, object]:
    return {
        "review_body": "2", "billing_month": BILLED, "demand_class": kind, "service_month": SERVICE, "care": care,
        "receipts": count, "amount_yen": yen, "fee_unit_sen": sen, "fee_yen": count * sen // 100,
    }  # fmt: skip


def demand(*lines: dict[str, object], delivery: str = "d_0001.csv", day: int = 20) -> pl.DataFrame:
    """Accepted lines of one demand with its total."""
    sums = {name: sum(int(str(one[name])) for one in lines) for name in ("receipts", "amount_yen", "fee_yen")}
    total = {"review_body": "2", "billing_month": BILLED, "demand_class": "9"} | sums
    rows = [
        one | {"delivery": delivery, "line_no": at + 2, "known_date": date(2026, 10, day)}
        for at, one in enumerate((*lines, total))
    ]
    return accepted(REVIEW_BODY_DEMANDS).validated(pl.DataFrame(rows, schema=accepted(REVIEW_BODY_DEMANDS).schema))


NONE = pl.DataFrame(schema=RECEIPT)


def found(
    demands: pl.DataFrame, receipts: pl.DataFrame, decisions: pl.DataFrame, waiting: pl.DataFrame = NONE
) -> list[tuple[object, ...]]:
    """difference, receipts, yen, fee of each difference; both tables are valid and nothing is left over."""
    lines, told = compared(demands, receipts, waiting, decisions, LAW)
    DEMAND_LINES.validated(lines)
    DEMAND_DIFFERENCES.validated(told)
    assert left_over(demands, receipts, waiting, decisions, told).is_empty()
    last = demands.filter((pl.col("delivery") == pl.col("delivery").max()) & (pl.col("demand_class") != "9"))
    fees = int(last["fee_yen"].sum())
    assert fees == lines["fee_due_yen"].sum() + told["fee_difference_yen"].sum()
    return told.select("difference", "receipts", "difference_yen", "fee_difference_yen").rows()


def test_a_demand_for_what_came_and_was_paid_differs_in_nothing() -> None:
    receipts, decisions = came(("0", 500, PAID, 500), ("0", 700, PAID, 700), ("2", -300, CHANGED, -300))
    assert found(demand(line(2, 1_200), line(1, -300, kind="2", sen=0)), receipts, decisions) == []


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([line(3, 1_900)], [("1", 1, 700, 100)]),
        ([line(1, 500)], [("2", -1, -700, -100)]),
        ([line(2, 1_201)], [("3", 0, 1, 0)]),
        ([line(2, 1_200, sen=10_050)], [("4", 0, 0, 1)]),
        ([line(2, 1_200, sen=9_000)], [("4", 0, 0, -20)]),
        ([line(2, 1_200), line(1, 80, care="4")], [("1", 1, 80, 100)]),
        ([line(2, 1_200), line(1, -500, kind="1", sen=0)], [("1", 1, -500, 0)]),
        ([line(2, 1_200), line(1, 50, care="7")], [("1", 1, 50, 0), ("5", 0, 0, 100)]),
    ],
    ids=["one more", "one fewer", "a yen more", "unit higher", "unit lower", "another kind", "a return", "no unit"],
)
def test_each_thing_that_differs_is_one_row_with_its_yen(
    lines: list[dict[str, object]], told: list[tuple[object, ...]]
) -> None:
    receipts, decisions = came(("0", 500, PAID, 500), ("0", 700, PAID, 700))
    assert found(demand(*lines), receipts, decisions) == told


def test_a_receipt_that_was_refused_held_or_changed_otherwise_is_named_with_its_decision() -> None:
    receipts, decisions = came(
        ("0", 500, PAID, 500), ("0", 700, REFUSED, 0), ("0", 90, HELD, 0), ("2", -300, CHANGED, -200)
    )
    demands = demand(line(3, 1_290), line(1, -300, kind="2", sen=0))
    assert found(demands, receipts, decisions) == [("6", 0, 700, 0), ("7", 0, 90, 0), ("8", 0, -100, 0)]
    _, told = compared(demands, receipts, NONE, decisions, LAW)
    assert told["decision_no"].to_list() == ["R-1", "R-2", "R-3"]


def test_a_receipt_that_waited_is_named_again_until_it_is_paid() -> None:
    nothing = accepted(REVIEW_BODY_DEMANDS).empty()
    for judgement, paid, told in ((PAID, 500, []), (REFUSED, 0, [("6", 0, 500, 0)]), (HELD, 0, [("7", 0, 500, 0)])):
        waiting, decisions = came(("0", 500, judgement, paid))
        assert found(nothing, NONE, decisions, waiting) == told


def test_a_receipt_held_again_after_it_was_decided_is_the_settlements() -> None:
    waiting, _ = came(("0", 500, HELD, 0), ("0", 70, HELD, 0))
    reopened = pl.DataFrame(
        {"feed": ["receipts"] * 2, "delivery": ["r.csv"] * 2, "line_no": [2, 3], "settled_no": ["R-0", None]}
    )
    assert never_settled(waiting, reopened)["rcpt_public_expense_yen"].to_list() == [70]


def test_without_a_demand_every_line_says_so() -> None:
    receipts, decisions = came(("0", 500, PAID, 500), ("1", -200, CHANGED, -200))
    nothing = accepted(REVIEW_BODY_DEMANDS).empty()
    assert found(nothing, receipts, decisions) == [("0", -1, -500, -100), ("0", -1, 200, 0)]


def test_a_receipt_without_a_decision_is_told_as_held() -> None:
    receipts, decisions = came(("0", 500, PAID, 500))
    assert found(demand(line(1, 500)), receipts, decisions.clear()) == [("7", 0, 500, 0)]


def test_the_demand_sent_last_stands_for_the_whole_of_the_earlier_one() -> None:
    receipts, decisions = came(("0", 500, PAID, 500))
    both = pl.concat([demand(line(2, 900), line(1, 80, care="4")), demand(line(1, 500), delivery="d_0002.csv", day=25)])
    assert found(both, receipts, decisions) == []


def test_a_month_without_law_of_the_fee_raises() -> None:
    receipts, decisions = came(("0", 500, PAID, 500))
    old = receipts.with_columns(pl.lit(date(2008, 1, 1)).alias("billing_month"))
    with pytest.raises(LawGap):
        compared(accepted(REVIEW_BODY_DEMANDS).empty(), old, NONE, decisions, LAW)


BILLS = st.lists(
    st.tuples(st.sampled_from("03"), st.integers(0, 9), st.sampled_from([PAID, REFUSED, HELD, CHANGED])), max_size=6
)


@given(BILLS, st.lists(st.tuples(st.sampled_from("03"), st.integers(0, 4), st.integers(0, 20)), max_size=2))
@settings(max_examples=40, derandomize=True, deadline=None)
def test_whatever_is_demanded_and_decided_nothing_is_left_over(
    bills: list[tuple[str, int, str]], lines: list[tuple[str, int, int]]
) -> None:
    receipts, decisions = came(*((kind, yen, how, yen if how == PAID else 0) for kind, yen, how in bills))
    kinds = {kind: line(count, yen, kind=kind) for kind, count, yen in lines}
    demands = demand(*kinds.values()) if kinds else accepted(REVIEW_BODY_DEMANDS).empty()
    found(demands, receipts, decisions)


def test_the_check_sees_a_difference_that_is_lost_doubled_or_off_by_a_yen() -> None:
    receipts, decisions = came(("0", 500, PAID, 500), ("0", 700, REFUSED, 0))
    demands = demand(line(3, 1_290))
    _, told = compared(demands, receipts, NONE, decisions, LAW)
    assert told["difference"].to_list() == ["1", "6"]
    for at in range(told.height):
        here = pl.int_range(pl.len()) == at
        more = told.with_columns(pl.col("difference_yen") + here.cast(pl.Int64))
        for wrong in (told.filter(~here), pl.concat([told, told[at]]), more):
            assert left_over(demands, receipts, NONE, decisions, wrong).height == 1
