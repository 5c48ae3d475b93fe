"""What the bank could not pay: which orders came back, which are ordered again, which wait for an account. Pure.

Belongs here: reading the nights' answers, and the next attempt. Does not belong here: the ledger's own judgement
(resources/ledger_attempts.py), the letter (assets/notices/accounts.py).
"""

from datetime import date

import polars as pl

from assets.months import next_month
from assets.payment.rules import last_business_day
from resources.ledger_attempts import AFTER_RETURN
from resources.ledger_tables import AGAIN_SCHEMA
from schemas.records.payment import ORDERS

_PAID = "0"
_GUARDIAN = "guardian_resident_code"


def came_back(entered: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    """(payment_no, result, reason_text, answered_date, contradicted): each payment the bank gave back, once, by the
    last such answer; contradicted where another answer says that it was paid after all."""
    told = entered.filter(pl.col("result") != _PAID).sort("known_date", "delivery", "line_no")
    last = told.unique("payment_no", keep="last", maintain_order=True)
    doubted = work.filter(pl.col("trouble") == AFTER_RETURN)["payment_no"]
    return last.select(
        "payment_no",
        "result",
        "reason_text",
        pl.col("known_date").alias("answered_date"),
        pl.col("payment_no").is_in(doubted.implode()).alias("contradicted"),
    ).sort("payment_no")


def waiting(back: pl.DataFrame, ledger: pl.DataFrame, doubted: set[str], month: date) -> pl.DataFrame:
    """What came back and was not ordered again in an earlier month, nor is a matter for a person. `doubted`: the
    payments of which the ledger knows a contradiction by now; it cannot undo what this month ordered before."""
    earlier = ledger.filter((pl.col("attempt") > 1) & (pl.col("decided_month") < month))
    again = ledger.filter((pl.col("attempt") > 1) & (pl.col("decided_month") == month))["replaces_no"]
    still = back.join(earlier, left_on="payment_no", right_on="replaces_no", how="anti")
    doubtful = pl.col("contradicted") | pl.col("payment_no").is_in(list(doubted))
    return still.filter(~doubtful | pl.col("payment_no").is_in(again.implode()))


def ordered_again(
    wait: pl.DataFrame, orders: pl.DataFrame, accounts: pl.DataFrame, month: date
) -> pl.DataFrame:  # fmt: skip
    """AGAIN_SCHEMA for what came back and whose guardian's application became known after the bank's answer.

    `orders`: ORDERS of every month so far; `accounts`: beneficiary_no, guardian_resident_code, known_date and the
    account of the application that stands. Another guardian's account is nobody's.
    """
    theirs = wait.join(orders.select("payment_no", "beneficiary_no", _GUARDIAN), on="payment_no")
    found = theirs.join(accounts, on=["beneficiary_no", _GUARDIAN]).filter(
        pl.col("known_date") > pl.col("answered_date")
    )
    return found.select(
        pl.col("payment_no").alias("replaces_no"),
        *(name for name in AGAIN_SCHEMA.names() if name not in {"replaces_no", "value_date", "decided_month"}),
        pl.lit(last_business_day(next_month(month))).alias("value_date"),
        pl.lit(month).alias("decided_month"),
    ).sort("replaces_no")


def numbered_again(wanted: pl.DataFrame, orders: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """ORDERS of the next attempts as the ledger entered them."""
    entered = ledger.join(wanted.select("replaces_no"), on="replaces_no")
    of_old = orders.select(
        pl.col("payment_no").alias("replaces_no"), "decision_no", "beneficiary_no", _GUARDIAN
    )  # fmt: skip
    return entered.join(of_old, on="replaces_no").select(ORDERS.names).sort("payment_no")
