"""Who is paid, how much and on which day. Pure: frames and law in, frames out."""

from datetime import date, timedelta

import polars as pl

from reports.zengin.agreement import BankProfile
from reports.zengin.kana import zengin_kana
from resources.ledger_tables import PAYEE
from schemas.businessdays import bank_business_day_on_or_before
from schemas.errors import CityError
from schemas.law.book import Law
from schemas.records.payment import ORDERS, RESULTS_ENTERED, RESULTS_WORK

_GUARDIAN, _CHILD = "guardian_resident_code", "child_resident_code"
_ONE_DAY = timedelta(days=1)
_FOUR_DAYS = timedelta(days=4)
KIND_COLUMN_NO = 2
"""Where the header says 種別コード."""


def last_business_day(month: date) -> date:
    """The last day of a month on which banks work."""
    following = (month.replace(day=28) + _FOUR_DAYS).replace(day=1)
    return bank_business_day_on_or_before(following - _ONE_DAY)


def payment_month(law: Law, decided_month: date) -> pl.Expr:
    """The month a claim is paid: so many months after its application (benefit.payment_lag_months, by kind of
    care), never before the month after its decision. Reads application_date and care."""
    lags = {row["care"]: row["months"] for row in law.at(decided_month).value("benefit.payment_lag_months")}
    months = pl.col("care").replace_strict(lags, return_dtype=pl.Int64)
    due = pl.col("application_date").dt.month_start().dt.offset_by(pl.format("{}mo", months))
    return pl.max_horizontal(due, pl.lit(decided_month).dt.offset_by("1mo"))


def value_dates(months: pl.Series) -> pl.DataFrame:
    """(payment_month, value_date): the last bank business day of each month."""
    distinct = months.unique().sort()
    return pl.DataFrame({"payment_month": distinct}).with_columns(
        pl.col("payment_month").map_elements(last_business_day, return_dtype=pl.Date).alias("value_date")
    )


def payees(registrations: pl.DataFrame, applications_known: pl.DataFrame) -> pl.DataFrame:
    """The account of each child's guardian, from the application that stands, and when that became known."""
    latest = applications_known.sort("known_date", "line_no").unique("application_no", keep="last")
    registered = registrations.select(_CHILD, "beneficiary_no", _GUARDIAN, "application_no")
    return registered.join(
        latest.select(
            "application_no",
            "known_date",
            "bank_code",
            "branch_code",
            "account_type",
            "account_number",
            "account_holder_kana",
        ),
        on="application_no",
    )


def orders(payables: pl.DataFrame, accounts: pl.DataFrame, law: Law, decided_month: date) -> pl.DataFrame:
    """One order per PAYABLES of which something is left after the offsets, without its number: the ledger gives
    that."""
    paid = payables.filter(pl.col("payable_yen") > 0)
    dated = paid.with_columns(payment_month(law, decided_month).alias("payment_month"))
    return (
        dated.join(value_dates(dated["payment_month"]), on="payment_month")
        .join(accounts.select(_CHILD, *PAYEE), on=_CHILD)
        .select(
            "decision_no",
            "subject_kind",
            "subject_key",
            "beneficiary_no",
            "guardian_resident_code",
            "bank_code",
            "branch_code",
            "account_type",
            "account_number",
            "account_holder_kana",
            pl.col("payable_yen").alias("amount_yen"),
            "value_date",
            "decided_month",
        )
        .sort("subject_kind", "subject_key")
    )


def with_names(due: pl.DataFrame, banks: pl.DataFrame) -> pl.DataFrame:
    """Orders as reports.zengin takes them, with the kana names of bank and branch; a code the master lacks has
    no name and fails pre-flight."""
    names = banks.select("bank_code", "branch_code", "bank_name_kana", "branch_name_kana")
    spelled = due.rename({"account_number": "account_no", "account_holder_kana": "payee_kana"})
    return spelled.join(names, on=["bank_code", "branch_code"], how="left")


def payee_relations(
    known: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame, profile: BankProfile
) -> pl.DataFrame:
    """(payment_no, guardian_kana, payee_relation) of ORDERS: whose name the account's holder bears, as the bank file
    spells it. family: of the household of the guardian or of the child."""
    named = persons.select(
        "resident_code", "household_no", "name_kana", zengin_kana(pl.col("name_kana"), profile).alias("spelled")
    )
    home, child = named.select("resident_code", "household_no"), registrations.select("beneficiary_no", _CHILD)
    holders = known.select(
        "payment_no",
        "beneficiary_no",
        _GUARDIAN,
        zengin_kana(pl.col("account_holder_kana"), profile).alias("spelled"),
    )
    members = pl.concat(
        [
            holders.select("payment_no", "spelled", pl.col(_GUARDIAN).alias("resident_code")),
            holders.join(child, on="beneficiary_no").select(
                "payment_no", "spelled", pl.col(_CHILD).alias("resident_code")
            ),
        ]
    )
    family = members.join(home, on="resident_code").join(named, on=["household_no", "spelled"], how="semi")
    guardian = named.select(pl.col("resident_code").alias(_GUARDIAN), "name_kana", pl.col("spelled").alias("own"))
    relation = (
        pl.when(pl.col("spelled") == pl.col("own"))
        .then(pl.lit("guardian"))
        .when(pl.col("payment_no").is_in(family["payment_no"].implode()))
        .then(pl.lit("family"))
        .otherwise(pl.lit("none"))
    )
    told = holders.join(guardian, on=_GUARDIAN, how="left")
    return told.select("payment_no", pl.col("name_kana").alias("guardian_kana"), relation.alias("payee_relation"))


class BankFileRefused(CityError):
    """Something is wrong with the file as a whole: the paying account, the value date, the totals."""


def whole_file_faults(problems: pl.DataFrame) -> list[str]:
    """The messages of errors of the file as a whole."""
    whole = (pl.col("severity") == "error") & pl.col("payment_no").is_null()
    return problems.filter(whole)["message"].to_list()


def faulty(problems: pl.DataFrame) -> list[str]:
    """The payment numbers that may not go into the file. Raises BankFileRefused for faults of the whole file."""
    if whole := whole_file_faults(problems):
        raise BankFileRefused(
            f"振込データを作れません。{' '.join(whole)}支払口座と取り決め(schemas/law)を直してください。"
        )
    errors = problems.filter(pl.col("severity") == "error")
    return errors["payment_no"].unique().sort().to_list()


def accounts(orders: pl.DataFrame) -> pl.DataFrame:
    """Ledger orders as the pre-flight report lists them."""
    return orders.select("payment_no", "bank_code", "branch_code", "account_type", "account_number", "amount_yen").sort(
        "payment_no"
    )


def without_the_trial(faults: pl.DataFrame) -> pl.DataFrame:
    """What the reader says of a trial besides that its 種別コード is one's."""
    kind = (pl.col("rule") == "Z3") & (pl.col("line_no") == 1) & (pl.col("column_no") == KIND_COLUMN_NO)
    return faults.filter(~kind)


def sorted_out(arrived: pl.DataFrame, work_list: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """RESULTS_ENTERED and RESULTS_WORK of the answers that arrived: every line is in exactly one of them."""
    told = [name for name in work_list.columns if name != "trouble"]
    found = arrived.join(
        work_list.unique(told), on=told, how="left", nulls_equal=True, maintain_order="left"
    ).sort("delivery", "line_no")  # fmt: skip
    entered = found.filter(pl.col("trouble").is_null())
    work = found.filter(pl.col("trouble").is_not_null())
    return entered.select(RESULTS_ENTERED.names), work.select(RESULTS_WORK.names)


def numbered(wanted: pl.DataFrame, entered: pl.DataFrame) -> pl.DataFrame:
    """The orders as the ledger entered them: its number and value date stand."""
    given = entered.filter(pl.col("attempt") == 1).select(
        "payment_no", "subject_kind", "subject_key", "value_date", "decided_month", "attempt", "replaces_no"
    )
    return (
        wanted.drop("value_date", "decided_month")
        .join(given, on=["subject_kind", "subject_key"])
        .select(ORDERS.names)
        .sort("payment_no")
    )
