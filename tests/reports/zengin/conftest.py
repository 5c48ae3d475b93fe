"""Synthetic payment orders, one originator and one bank agreement."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from reports.zengin.agreement import BankProfile, Originator
from reports.zengin.orders import ORDER_SCHEMA

PROFILE = {
    "line_end": "crlf",
    "agreed_spellings": {"・": " "},
    "max_records": 50_000,
    "max_amount_yen": 1_000_000,
    "transfer_designation_code": "7",
    "master_max_age_days": 3_650,
}

ORIGINATOR = {
    "originator_code": "1234567890",
    "name_kana": "カワグチシ　カイケイカンリシャ",
    "bank_code": "0017",
    "bank_name_kana": "サイタマリソナ",
    "branch_code": "357",
    "branch_name_kana": "カワグチ",
    "account_type": "1",
    "account_no": "0123456",
}

FIRST = {
    "payment_no": "2026110001",
    "beneficiary_no": "0000088",
    "bank_code": "0133",
    "bank_name_kana": "ムサシノ",
    "branch_code": "101",
    "branch_name_kana": "ホンテン",
    "account_type": "1",
    "account_no": "1234567",
    "payee_kana": "キヤノン　ショーコ",
    "guardian_kana": "キャノン　ショーコ",
    "payee_relation": "guardian",
    "payee_accepted_by": None,
    "amount_yen": 23_450,
}

SECOND = {
    **FIRST,
    "payment_no": "2026110002",
    "bank_code": "9900",
    "bank_name_kana": "ユウチヨ",
    "branch_code": "318",
    "branch_name_kana": "サンイチハチ",
    "account_no": "0123456",
    "payee_kana": "ｼﾞｮｰﾝｽﾞ ｳﾞｨｸﾄﾘｱ",
    "guardian_kana": "ジョーンズ　ヴィクトリア",
    "amount_yen": 1_500,
}


@pytest.fixture(scope="session")
def reader() -> ModuleType:
    """The independent reader, loaded by its path (tests are no packages)."""
    path = Path(__file__).with_name("zengin_reader.py")
    spec = importlib.util.spec_from_file_location("zengin_reader", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["zengin_reader"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def profile() -> BankProfile:
    return BankProfile.from_mapping(PROFILE)


@pytest.fixture(scope="session")
def originator() -> Originator:
    return Originator.from_mapping(ORIGINATOR)


@pytest.fixture(scope="session")
def value_date() -> date:
    return date(2026, 11, 30)


@pytest.fixture(scope="session")
def orders_with() -> Callable[..., pl.DataFrame]:
    """Two good orders; keyword arguments change the first. A changed payee_kana is the guardian's own."""

    def build(**changes: Any) -> pl.DataFrame:
        if "payee_kana" in changes:
            changes = {"guardian_kana": changes["payee_kana"] or "アオキ", **changes}
        return pl.DataFrame([FIRST | changes, SECOND], schema=ORDER_SCHEMA)

    return build


@pytest.fixture(scope="session")
def profile_with() -> Callable[..., BankProfile]:
    def build(**changes: Any) -> BankProfile:
        return BankProfile.from_mapping(PROFILE | changes)

    return build


@pytest.fixture(scope="session")
def originator_with() -> Callable[..., Originator]:
    def build(**changes: Any) -> Originator:
        return Originator.from_mapping(ORIGINATOR | changes)

    return build
