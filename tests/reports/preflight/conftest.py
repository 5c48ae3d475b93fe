"""Reports of synthetic orders: whatever is changed in them is found, listed and counted as in a month."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from reports.preflight.report import FileFacts, Preflight
from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.faults import no_faults
from reports.zengin.masters import SUCCESSOR_SCHEMA, bank_branches, published_date
from reports.zengin.orders import ORDER_SCHEMA
from reports.zengin.preflight import findings
from reports.zengin.worklist import work_list

DAY = date(2026, 11, 30)
ORDER = {
    "payment_no": "0000000001",
    "beneficiary_no": "0000018",
    "bank_code": "0133",
    "bank_name_kana": "ムサシノ",
    "branch_code": "101",
    "branch_name_kana": "ホンテン",
    "account_type": "1",
    "account_no": "7654321",
    "payee_kana": "ミホン ハナコ",
    "guardian_kana": "ミホン ハナコ",
    "payee_relation": "guardian",
    "payee_accepted_by": None,
    "amount_yen": 1_120,
}
PROFILE = {
    "line_end": "crlf",
    "agreed_spellings": {},
    "max_records": 100_000,
    "max_amount_yen": 9_999_999_999,
    "transfer_designation_code": "7",
    "master_max_age_days": 3_650,
}
ORIGINATOR = {
    "originator_code": "1234567890",
    "name_kana": "カワグチシ",
    "bank_code": "0017",
    "bank_name_kana": "サイタマリソナ",
    "branch_code": "357",
    "branch_name_kana": "カワグチ",
    "account_type": "1",
    "account_no": "0000001",
}
MERGED = pl.DataFrame(
    [["0133", "999", "2026-10-01", "0133", "101", "見本"]], schema=list(SUCCESSOR_SCHEMA), orient="row"
).with_columns(pl.col("merged_date").str.to_date())

Reported = Callable[..., Preflight]


@pytest.fixture(scope="session")
def reported() -> Reported:
    """A report of one order per set of changes, numbered from 1; `originator` changes the paying account."""

    def build(*changes: dict[str, Any], trial: bool = False, originator: dict[str, Any] | None = None) -> Preflight:
        rows = [ORDER | {"payment_no": f"{at:010d}", "amount_yen": 1_000 + at} | c for at, c in enumerate(changes, 1)]
        orders = pl.DataFrame(rows, schema=ORDER_SCHEMA)
        profile, payer = BankProfile.from_mapping(PROFILE), Originator.from_mapping(ORIGINATOR | (originator or {}))
        found = findings(orders, payer, DAY, profile, bank_branches(), MERGED) if rows else None
        found = findings(orders, payer, DAY, profile, bank_branches(), MERGED).clear() if found is None else found
        errors = found.filter(pl.col("severity") == "error")
        accounts = orders.rename({"account_no": "account_number"}).select(
            "payment_no", "bank_code", "branch_code", "account_type", "account_number", "amount_yen"
        )
        stopped = pl.col("payment_no").is_in(errors["payment_no"].implode())
        members = accounts.filter(~stopped)
        if errors["payment_no"].null_count():
            members = members.clear()
        yen = int(members["amount_yen"].sum())
        number = "112038-20261130-01"
        size = 122 * (members.height + 3)
        facts = FileFacts(f"zengin_{number}.txt", number, members.height, yen, size, "0" * 62 + "ab", trial)
        return Preflight(
            city="川口市",
            value_date=DAY,
            made_on=date(2026, 11, 2),
            master_date=published_date(),
            originator=payer,
            profile=profile,
            file=facts if members.height else None,
            members=members,
            held=accounts.filter(stopped),
            found=found,
            work=work_list(found, orders, profile, MERGED, DAY),
            reread=no_faults(),
        )

    return build
