"""Payment orders as they are spelled for the bank file.

Belongs here: the columns a caller hands over, and the one place where they become file text;
preflight.py judges and transfer_file.py writes the same frame. Does not belong here: the rules and the bytes.
"""

from __future__ import annotations

import polars as pl

from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.kana import store_kana, zengin_kana
from schemas.errors import CityError

ORDER_SCHEMA: dict[str, type[pl.DataType]] = {
    "payment_no": pl.String,
    "beneficiary_no": pl.String,
    "bank_code": pl.String,
    "bank_name_kana": pl.String,
    "branch_code": pl.String,
    "branch_name_kana": pl.String,
    "account_type": pl.String,
    "account_no": pl.String,
    "payee_kana": pl.String,
    "amount_yen": pl.Int64,
}
"""`orders`: payment_no 10 digits, beneficiary_no 7 digits, codes as digit strings, kana of any width."""


class OrderColumnsError(CityError):
    """A column of `orders` is missing or has another type than ORDER_SCHEMA."""


def _checked(orders: pl.DataFrame) -> pl.DataFrame:
    wrong = [name for name, dtype in ORDER_SCHEMA.items() if orders.schema.get(name) != dtype]
    if wrong:
        raise OrderColumnsError(f"振込データの列がないか、型が違います: {', '.join(wrong)}")
    return orders.select(*ORDER_SCHEMA)


def _with_store_names(rows: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    """Adds bank_name and branch_name. A name that occurs in many rows is spelled once."""
    for written, spelled in (("bank_name_kana", "bank_name"), ("branch_name_kana", "branch_name")):
        spelling = store_kana(pl.col(written), profile.agreed_spellings).alias(spelled)
        names = rows.select(written).unique().with_columns(spelling)
        rows = rows.join(names, on=written, how="left", maintain_order="left")
    return rows


def _account(party_kana: str, profile: BankProfile) -> list[pl.Expr]:
    return [
        pl.col("bank_code", "bank_name", "branch_code", "branch_name", "account_type"),
        pl.col("account_no").str.replace_all("-", "", literal=True),
        zengin_kana(pl.col(party_kana), profile).alias("party_name"),
    ]


def spelled_orders(orders: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    """Orders without nulls, names in half-width kana and uncut, in the order of payment_no.

    Columns: row_no (from 1, as handed over), payment_no, beneficiary_no, bank_code, bank_name, branch_code,
    branch_name, account_type, account_no, party_name, amount_yen. Raises OrderColumnsError.
    """
    rows = _checked(orders).fill_null("").fill_null(0).with_row_index("row_no", offset=1)
    return _with_store_names(rows.sort("payment_no", "row_no"), profile).select(
        "row_no", "payment_no", "beneficiary_no", *_account("payee_kana", profile), "amount_yen"
    )


def spelled_originator(originator: Originator, profile: BankProfile) -> pl.DataFrame:
    """The paying account as one row with the account columns of `spelled_orders`, and originator_code."""
    payer = _with_store_names(pl.DataFrame([vars(originator)]), profile)
    return payer.select("originator_code", *_account("name_kana", profile))
