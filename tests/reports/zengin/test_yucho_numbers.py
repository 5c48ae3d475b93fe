"""ゆうちょ 記号・番号 → the account of a transfer."""

from __future__ import annotations

import pytest

from reports.zengin.masters import bank_branches
from reports.zengin.yucho import YuchoAccount, YuchoNumberError, yucho_account, yucho_branch_kana


@pytest.mark.parametrize(
    ("symbol", "number", "account"),
    [
        ("10530", "12345671", YuchoAccount("058", "ｾﾞﾛｺﾞﾊﾁ", "1", "1234567")),
        ("10110", "11", YuchoAccount("018", "ｾﾞﾛｲﾁﾊﾁ", "1", "0000001")),
        ("00110", "123456", YuchoAccount("019", "ｾﾞﾛｲﾁｷﾕｳ", "2", "0123456")),
    ],
)
def test_a_symbol_and_number_become_branch_type_and_account(symbol, number, account):
    assert yucho_account(symbol, number) == account


def test_a_savings_passbook_has_account_type_4():
    assert yucho_account("10530", "12345671", savings=True).account_type == "4"


@pytest.mark.parametrize(
    ("symbol", "number"),
    [
        ("10530", "12345672"),
        ("10530", "1"),
        ("10530", "123456781"),
        ("10531", "12345671"),
        ("20530", "12345671"),
        ("1053", "12345671"),
        ("00110", "12345678"),
        ("００１１０", "123456"),
        ("10530", "12345671\n"),
    ],
)
def test_numbers_no_passbook_carries_are_refused_without_repeating_them(symbol, number):
    with pytest.raises(YuchoNumberError) as refused:
        yucho_account(symbol, number)
    assert number.strip() not in str(refused.value)


def test_a_giro_account_is_no_savings_passbook():
    with pytest.raises(YuchoNumberError):
        yucho_account("00110", "123456", savings=True)


def test_branch_names_equal_the_published_master():
    rows = bank_branches().filter(bank_branches()["bank_code"] == "9900")
    published = rows.select("branch_code", "branch_name_kana").rows()
    assert len(published) > 90
    assert [(code, yucho_branch_kana(code)) for code, _ in published] == published


def test_a_branch_code_of_other_than_three_digits_is_refused():
    with pytest.raises(YuchoNumberError):
        yucho_branch_kana("18")
