"""An equation of the month fails when a yen goes missing on the way."""

from datetime import date

import polars as pl
import pytest

from assets.statistics.rules import equations, reconciliation
from reports.monthly.figures import Amount

DECISIONS = pl.DataFrame(
    {
        "decision_no": ["C-1", "R-1", "C-2"],
        "subject": ["claim", "receipt", "claim"],
        "judgement": ["1", "1", "4"],
        "demand_yen": [1_500, 900, 40_000],
        "amount_yen": [1_500, 900, 0],
    }
)
ORDERS = pl.DataFrame({"payment_no": ["0000000001"], "decision_no": ["C-1"], "amount_yen": [1_500]})
IN = Amount(3, 42_400)


def residuals(decisions: pl.DataFrame, orders: pl.DataFrame, sealed: pl.DataFrame, told: Amount = IN) -> int:
    flow = reconciliation(told, Amount(0, 0), IN, Amount(0, 0), decisions, orders, sealed)
    return equations(flow.equations(), date(2026, 10, 1)).filter(pl.col("residual") != 0).height


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
