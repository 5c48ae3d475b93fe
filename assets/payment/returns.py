"""What was not paid: which orders came back or missed their day, which wait, which are ordered again. Pure.

Belongs here: reading the nights' answers, and the next attempt. Does not belong here: the ledger's own judgement
(resources/ledger_attempts.py), the letter (assets/notices/accounts.py).
"""

from datetime import date

import polars as pl

from assets.months import last_day, next_month
from assets.payment.rules import last_business_day
from resources.ledger_attempts import AFTER_RETURN
from resources.ledger_tables import AGAIN_SCHEMA, PAYEE
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
    """AGAIN_SCHEMA for what came back and whose guardian has another account by now, or has applied since the bank's
    answer.

    `orders`: ORDERS of every month so far; `accounts`: beneficiary_no, guardian_resident_code, known_date and the
    account of the application that stands. Another guardian's account is nobody's.
    """
    tried = orders.select("payment_no", "beneficiary_no", _GUARDIAN, pl.col(PAYEE).name.suffix("_tried"))
    theirs = wait.join(tried, on="payment_no").join(accounts, on=["beneficiary_no", _GUARDIAN])
    differs = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_tried") for name in PAYEE)
    found = theirs.filter(differs | (pl.col("known_date") > pl.col("answered_date")))
    return _again(found, month)


def missed(loose: pl.DataFrame, ledger: pl.DataFrame, doubted: set[str], month: date) -> pl.DataFrame:
    """Of the orders in no file, those whose day is over by the end of the newest month and that no answer doubts; none
    in an older month made again, which orders nothing it did not order before."""
    newest = ledger["decided_month"].max()
    is_over = pl.col("value_date") <= last_day(month)
    is_sure = ~pl.col("payment_no").is_in(list(doubted))
    return loose.filter(is_over & is_sure & pl.lit(newest is None or newest <= month))  # type: ignore[operator]


def ordered_after_their_day(
    overdue: pl.DataFrame, orders: pl.DataFrame, accounts: pl.DataFrame, month: date
) -> pl.DataFrame:
    """AGAIN_SCHEMA for what missed its day, to the account of the guardian's application that stands. Arguments as of
    `ordered_again`."""
    owners = orders.select("payment_no", "beneficiary_no", _GUARDIAN)
    theirs = overdue.select("payment_no").join(owners, on="payment_no")
    return _again(theirs.join(accounts, on=["beneficiary_no", _GUARDIAN]), month)


def _again(found: pl.DataFrame, month: date) -> pl.DataFrame:
    return found.select(
        pl.col("payment_no").alias("replaces_no"),
        *(name for name in AGAIN_SCHEMA.names() if name not in {"replaces_no", "value_date", "decided_month"}),
        pl.lit(last_business_day(next_month(month))).alias("value_date"),
        pl.lit(month).alias("decided_month"),
    ).sort("replaces_no")


def numbered_again(orders: pl.DataFrame, ledger: pl.DataFrame, month: date) -> pl.DataFrame:
    """ORDERS of the month's next attempts as the ledger entered them."""
    entered = ledger.filter((pl.col("attempt") > 1) & (pl.col("decided_month") == month))
    of_old = orders.select(
        pl.col("payment_no").alias("replaces_no"), "decision_no", "beneficiary_no", _GUARDIAN
    )  # fmt: skip
    return entered.join(of_old, on="replaces_no").select(ORDERS.names).sort("payment_no")
