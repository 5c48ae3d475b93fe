"""An equation of the month fails when a yen goes missing on the way."""

from datetime import date

import polars as pl
import pytest

from assets.statistics.rules import equations, filed_until, reconciliation, settled
from reports.monthly.amounts import Amount
from reports.monthly.figures import Reconciliation

LINES = {"feed": ["claims", "receipts", "claims"], "delivery": ["a", "b", "a"], "line_no": [1, 1, 2]}
DECISIONS = pl.DataFrame(
    LINES
    | {
        "decision_no": ["C-1", "R-1", "C-2"],
        "subject": ["claim", "receipt", "claim"],
        "judgement": ["1", "1", "4"],
        "demand_yen": [1_500, 900, 40_000],
        "amount_yen": [1_500, 900, 0],
    }
)
ORDERS = pl.DataFrame({"payment_no": ["0000000001"], "decision_no": ["C-1"], "amount_yen": [1_500]})
NUMBERS = {"line_no": pl.Int64, "demand_yen": pl.Int64}
IN = Amount(3, 42_400)
PAYABLES = pl.DataFrame({"decision_no": ["C-1"], "payable_yen": [1_500], "offset_yen": [0]})
DIFFERENCES = pl.DataFrame({"decision_no": ["C-1"], "counterpart": ["1"], "difference_yen": [1_500]})
REOPENED = pl.DataFrame(schema={name: pl.String for name in ("feed", "delivery", "paid")} | NUMBERS)
OFFSETS = pl.DataFrame({"offset_yen": [300]})
DEBTS = pl.DataFrame({"owed_yen": [300, 200], "open_yen": [0, 200]})
CARRIED = pl.DataFrame({"open_yen": [500]})


def residuals(decisions: pl.DataFrame, orders: pl.DataFrame, sealed: pl.DataFrame, told: Amount = IN) -> int:
    none = pl.DataFrame(schema={"offset_yen": pl.Int64, "open_yen": pl.Int64})
    guardians = settled(DIFFERENCES, none, PAYABLES, none, none)
    flow = reconciliation(
        told, Amount(0, 0), IN, Amount(0, 0), decisions, REOPENED, PAYABLES, guardians, orders, sealed
    )
    return equations(flow.equations(), date(2026, 10, 1)).filter(pl.col("residual") != 0).height


def left_over(flow: Reconciliation) -> int:
    return equations(flow.equations(), date(2026, 10, 1)).filter(pl.col("residual") != 0).height


def offset_month(offsets: pl.DataFrame, debts: pl.DataFrame, carried: pl.DataFrame, orders: pl.DataFrame) -> int:
    """The month in which 300 of the 1,500 yen are kept for a debt, and 200 of another stay open."""
    due = PAYABLES.with_columns(payable_yen=pl.lit(1_200), offset_yen=pl.lit(300))
    guardians = settled(DIFFERENCES, offsets, due, debts, carried)
    return left_over(
        reconciliation(IN, Amount(0, 0), IN, Amount(0, 0), DECISIONS, REOPENED, due, guardians, orders, orders)
    )


OWED_TWICE = pl.DataFrame({"open_yen": [300, 200]})
LESS = ORDERS.with_columns(amount_yen=pl.lit(1_200))


def test_debts_and_offsets_of_a_month_leave_nothing_over() -> None:
    assert offset_month(OFFSETS, DEBTS, OWED_TWICE, LESS) == 0


@pytest.mark.parametrize(
    ("offsets", "debts", "carried", "orders"),
    [
        (OFFSETS.with_columns(offset_yen=pl.lit(299)), DEBTS, OWED_TWICE, LESS),
        (OFFSETS, DEBTS.tail(1), OWED_TWICE, LESS),
        (OFFSETS, DEBTS, OWED_TWICE.head(1), LESS),
        (OFFSETS, DEBTS, OWED_TWICE, ORDERS),
    ],
    ids=["an offset short", "a debt lost", "a debt nobody carried", "paid in spite of the offset"],
)
def test_each_loss_between_debts_and_payments_is_left_over(
    offsets: pl.DataFrame, debts: pl.DataFrame, carried: pl.DataFrame, orders: pl.DataFrame
) -> None:
    assert offset_month(offsets, debts, carried, orders) > 0


def test_a_line_decided_again_is_taken_in_and_either_changed_or_left() -> None:
    kept = pl.DataFrame({"feed": ["claims"], "delivery": ["z"], "line_no": [1], "paid": ["1"], "demand_yen": [700]})
    guardians = settled(DIFFERENCES, DEBTS.head(0).select(offset_yen="open_yen"), PAYABLES, DEBTS.head(0), CARRIED[:0])
    parts = (IN, Amount(0, 0), DECISIONS, kept, PAYABLES, guardians, ORDERS, ORDERS)
    assert left_over(reconciliation(IN, Amount(1, 700), *parts)) == 0
    assert left_over(reconciliation(IN, Amount(1, 701), *parts)) > 0


def test_a_payment_that_a_later_file_takes_was_not_in_this_months() -> None:
    both = pl.concat([ORDERS, ORDERS.with_columns(payment_no=pl.lit("0000000002"))])
    batched = both.with_columns(value_date=pl.Series([date(2026, 11, 30), date(2026, 12, 30)]))
    assert filed_until(batched, date(2026, 11, 30))["payment_no"].to_list() == ["0000000001"]
    assert filed_until(batched, date(2026, 12, 30)).equals(batched)


def test_a_month_without_loss_leaves_nothing_over() -> None:
    assert residuals(DECISIONS, ORDERS, ORDERS) == 0


@pytest.mark.parametrize(
    ("decisions", "orders", "sealed", "told"),
    [
        (DECISIONS, ORDERS, ORDERS, Amount(3, 42_401)),
        (DECISIONS.head(2), ORDERS, ORDERS, IN),
        (DECISIONS, ORDERS.with_columns(amount_yen=pl.lit(1_499)), ORDERS, IN),
        (DECISIONS, ORDERS, ORDERS.with_columns(amount_yen=pl.lit(1_501)), IN),
        (DECISIONS, ORDERS, pl.concat([ORDERS, ORDERS]), IN),
    ],
    ids=["yen at the gate", "a row undecided", "an order short", "a file off by one", "a payment sent twice"],
)
def test_each_loss_on_the_way_is_left_over(
    decisions: pl.DataFrame, orders: pl.DataFrame, sealed: pl.DataFrame, told: Amount
) -> None:
    assert residuals(decisions, orders, sealed, told) > 0
