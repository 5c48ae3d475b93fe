"""Payment orders as they are spelled for the bank file.

Belongs here: the columns a caller hands over, and the one place where they become file text;
preflight.py judges and transfer_file.py writes the same frame. Does not belong here: the rules and the bytes.
"""

from __future__ import annotations

import polars as pl

from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.characters import MISPLACED_MARK, STORE_NAME
from reports.zengin.distinct import per_value
from reports.zengin.kana import spelled_names, store_kana, to_store_kana, to_zengin_kana
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
    "guardian_kana": pl.String,
    "payee_relation": pl.String,
    "payee_accepted_by": pl.String,
    "amount_yen": pl.Int64,
}
"""`orders`: payment_no 10 digits, beneficiary_no 7 digits, codes as digit strings, kana of any width.

payee_kana: the account's holder. guardian_kana: the 受給資格者 to whom the benefit is owed. payee_relation: who the
holder is by the register, RELATIONS; anything else, null too, keeps the order out of the file (Z15), and so does none
unless payee_accepted_by names the two people who let exactly this account pass.
"""

RELATIONS = ("guardian", "family", "none")
"""The 受給資格者, someone else of the child's family, neither."""


class OrderColumnsError(CityError):
    """A column of `orders` is missing or has another type than ORDER_SCHEMA."""


def _checked(orders: pl.DataFrame) -> pl.DataFrame:
    wrong = [name for name, dtype in ORDER_SCHEMA.items() if orders.schema.get(name) != dtype]
    if wrong:
        raise OrderColumnsError(f"振込データの列がないか、型が違います: {', '.join(wrong)}")
    return orders.select(*ORDER_SCHEMA)


def _with_names(rows: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    """Adds bank_name, branch_name and party_name."""
    for written, spelled in (("bank_name_kana", "bank_name"), ("branch_name_kana", "branch_name")):
        rows = rows.with_columns(per_value(rows[written], lambda names: _stores(names, profile)).alias(spelled))
    return rows.with_columns(
        per_value(rows["name_kana"], lambda names: spelled_names(names, profile)).alias("party_name")
    )


def _with_guardian(rows: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    """Adds guardian_name: party_name where both are written alike, as nearly always."""
    other = (rows["guardian_kana"] != rows["name_kana"]).arg_true()
    names = rows["party_name"].alias("guardian_name")
    if other.len():
        names = names.scatter(other, spelled_names(rows["guardian_kana"].gather(other), profile))
    return rows.with_columns(names)


def _stores(names: pl.Series, profile: BankProfile) -> pl.Series:
    """`store_kana` of a column; a name that is half-width kana already, as those of the master, stays as it is."""
    foreign = names.str.contains(STORE_NAME.illegal()) | names.str.contains(MISPLACED_MARK)
    odd = foreign.arg_true()
    if odd.is_empty():
        return names
    written = names.gather(odd).to_frame("name").select(store_kana(pl.col("name"), profile.agreed_spellings))
    return names.clone().scatter(odd, written.to_series())


def _account() -> list[pl.Expr]:
    return [
        pl.col("bank_code", "bank_name", "branch_code", "branch_name", "account_type"),
        pl.col("account_no").str.replace_all("-", "", literal=True),
        pl.col("party_name"),
    ]


def spelled_orders(orders: pl.DataFrame, profile: BankProfile) -> pl.DataFrame:
    """Orders without nulls, names in half-width kana and uncut, in the order of payment_no.

    Columns: row_no (from 1, as handed over), payment_no, beneficiary_no, bank_code, bank_name, branch_code,
    branch_name, account_type, account_no, party_name, guardian_name, payee_relation,
    payee_accepted_by, amount_yen. Raises OrderColumnsError.
    """
    rows = _checked(orders).fill_null("").fill_null(0).with_row_index("row_no", offset=1)
    payee = ("guardian_name", "payee_relation", "payee_accepted_by")
    named = _with_names(rows.sort("payment_no", "row_no").rename({"payee_kana": "name_kana"}), profile)
    return _with_guardian(named, profile).select(
        "row_no", "payment_no", "beneficiary_no", *_account(), *payee, "amount_yen"
    )


def spelled_originator(originator: Originator, profile: BankProfile) -> pl.DataFrame:
    """The paying account as one row with the account columns of `spelled_orders`, and originator_code."""
    agreed = profile.agreed_spellings
    names = {
        "bank_name": to_store_kana(originator.bank_name_kana, agreed),
        "branch_name": to_store_kana(originator.branch_name_kana, agreed),
        "party_name": to_zengin_kana(originator.name_kana, profile),
    }
    return pl.DataFrame([vars(originator) | names]).select("originator_code", *_account())
