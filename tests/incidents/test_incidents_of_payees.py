"""What happened when nobody compared the account's holder with the person owed, beside the ways that let it happen."""

from datetime import date

import polars as pl
import pytest

from assets.payment.rules import payee_relations
from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.masters import bank_branches, branch_successors
from reports.zengin.orders import ORDER_SCHEMA
from reports.zengin.transfer_file import TransferRefused, transfer_file
from tests.support.cases import LAW
from tests.support.preflight import problems
from tests.support.zengin import read_rows

MONTH, DAY = date(2026, 10, 1), date(2026, 11, 30)
PROFILE = BankProfile.from_mapping({**LAW.at(MONTH).value("bank.profile"), "master_max_age_days": 3_650})
PAYER = Originator.from_mapping(LAW.at(MONTH).value("bank.originator"))
MOTHER = "ミホン ハナコ"
HOLDERS = {
    "0000000001": "ミホン　ハナコ",
    "0000000002": "ミホン タロウ",
    "0000000003": "ミホン ジロウ",
    "0000000004": "ベツノ ヒト",
}
"""Her own account, her husband's, one of a stranger with the same family name, one of a stranger."""
STRANGERS = {"0000000003", "0000000004"}
PEOPLE = pl.DataFrame(
    [("1", "A", "ミホン コ"), ("2", "A", MOTHER), ("3", "A", "ミホン タロウ"), ("4", "B", "ミホン ジロウ")],
    schema=["resident_code", "household_no", "name_kana"],
    orient="row",
)


def naive_unseen() -> set[str]:
    """The register is kanji, the account kana: nothing is compared."""
    return set(HOLDERS)


def naive_by_family_name() -> set[str]:
    """What begins alike is family."""
    return {number for number, holder in HOLDERS.items() if holder.split()[0] == MOTHER.split()[0]}


def orders(accepted: dict[str, str] | None = None) -> pl.DataFrame:
    """The four orders with what the register says of each holder."""
    known = pl.DataFrame(
        [(number, "0000018", "2", holder) for number, holder in HOLDERS.items()],
        schema=["payment_no", "beneficiary_no", "guardian_resident_code", "account_holder_kana"],
        orient="row",
    )
    registered = pl.DataFrame({"beneficiary_no": ["0000018"], "child_resident_code": ["1"]})
    told = known.join(payee_relations(known, registered, PEOPLE, PROFILE), on="payment_no").with_columns(
        bank_code=pl.lit("0017"), bank_name_kana=pl.lit("サイタマリソナ"), branch_code=pl.lit("357"),
        branch_name_kana=pl.lit("カワグチ"), account_type=pl.lit("1"), account_no=pl.col("payment_no").str.slice(3),
        payee_kana=pl.col("account_holder_kana"), amount_yen=pl.lit(1_120, pl.Int64),
        payee_accepted_by=pl.col("payment_no").replace_strict(accepted or {}, default=None, return_dtype=pl.String),
    )  # fmt: skip
    return told.select(*ORDER_SCHEMA)


def judged(rows: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """(rule, severity) → the payments it is about."""
    found = problems(rows, PAYER, DAY, PROFILE, bank_branches(), branch_successors())
    return {key: set(of["payment_no"]) for key, of in found.group_by("rule", "severity")}


def test_inc_30_an_account_of_somebody_elses_stops_and_one_of_the_family_is_looked_at() -> None:
    """公金受取口座 2023: 748 accounts of somebody else, ~130,000 of a family member; kanji was set beside kana."""
    assert naive_unseen() >= STRANGERS
    assert naive_by_family_name() & STRANGERS == {"0000000003"}

    assert judged(orders()) == {("Z15", "error"): STRANGERS, ("Z16", "warning"): {"0000000002"}}
    with pytest.raises(TransferRefused, match="Z15 2件"):
        transfer_file(orders(), PAYER, DAY, PROFILE, trial=False)
    rest = orders().filter(~pl.col("payment_no").is_in(STRANGERS))
    sent = read_rows(transfer_file(rest, PAYER, DAY, PROFILE, trial=False), b"\r\n")
    assert {row["payment_no"] for row in sent} == set(HOLDERS) - STRANGERS


def test_inc_30_a_holder_two_people_know_is_paid_and_both_are_named() -> None:
    let_pass = orders({"0000000003": "甲と乙"})
    assert judged(let_pass)["Z15", "error"] == {"0000000004"}
    assert judged(let_pass)["Z15", "warning"] == {"0000000003"}
