"""The letter that asks for an account when the bank gave a payment back. Pure.

Belongs here: which payments are asked about, once each, and what the letter says. Does not belong here: what came
back (assets/payment/returns.py), where a letter goes (reports.letters.addressee).
"""

from datetime import date

import polars as pl

from schemas.codes import BANK_RESULT

_CHILD = "child_resident_code"
_NO = "payment_no"


def asked(
    back: pl.DataFrame, orders: pl.DataFrame, registrations: pl.DataFrame, letters_before: pl.DataFrame, month: date
) -> pl.DataFrame:
    """The orders that came back, were not ordered again up to this month and were never asked about: ORDERS columns,
    child, result and reason. `orders`: ORDERS of every month so far; `letters_before`: LETTERS of earlier months."""
    again = orders.filter((pl.col("attempt") > 1) & (pl.col("decided_month") <= month))
    before = letters_before.filter(pl.col("kind") == "account")
    open_ones = (
        back.filter(~pl.col("contradicted"))
        .join(again, left_on=_NO, right_on="replaces_no", how="anti")
        .join(before, left_on=_NO, right_on="subject_key", how="anti")
    )
    child = registrations.select("beneficiary_no", _CHILD)
    return open_ones.join(orders, on=_NO).join(child, on="beneficiary_no").sort(_NO)


def letters_of_accounts(wanted: pl.DataFrame, everyone: pl.DataFrame, month: date) -> pl.DataFrame:
    """One letter per order, numbered AC-month-beneficiary-nth. `everyone`: people, each with the guardian paid."""
    told = wanted.select(
        _CHILD,
        "guardian_resident_code",
        _NO,
        "amount_yen",
        "value_date",
        pl.format(
            "金融機関 {} 店番 {} 口座番号 末尾{}", "bank_code", "branch_code", pl.col("account_number").str.slice(4)
        ).alias("account_text"),
        pl.coalesce("reason_text", pl.col("result").replace_strict(dict(BANK_RESULT.labels))).alias("reason"),
    )
    found = everyone.join(told, on=[_CHILD, "guardian_resident_code"])
    nth = pl.col(_NO).rank("ordinal").over("recipient_no").cast(pl.String).str.zfill(2)
    number = pl.format("AC-{}-{}-{}", pl.lit(f"{month:%Y%m}"), "recipient_no", nth)
    return found.with_columns(number.alias("document_no")).sort("document_no")
