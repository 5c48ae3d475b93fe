"""The work list: where each thing stands, what it is, what to do; never a name or an account."""

from __future__ import annotations

import polars as pl
import pytest

from reports.zengin.masters import SUCCESSOR_SCHEMA, bank_branches
from reports.zengin.preflight import findings
from reports.zengin.worklist import WORK_SCHEMA, work_list
from schemas.records.payment import WORK

FIRST = "2026110001"
MERGED = pl.DataFrame(
    [["0133", "999", "2026-10-01", "0133", "101", "見本"]], schema=list(SUCCESSOR_SCHEMA), orient="row"
).with_columns(pl.col("merged_date").str.to_date())


@pytest.fixture(scope="session")
def listed(orders_with, originator, value_date, profile):
    """The work list with changes to the first order, as rows by name."""

    def run(profile=profile, **changes):
        orders = orders_with(**changes)
        found = findings(orders, originator, value_date, profile, bank_branches(), MERGED)
        told = work_list(found, orders, profile, MERGED, value_date)
        assert dict(told.schema) == WORK_SCHEMA
        assert WORK.validated(told).height == told.height
        errors = found.filter(pl.col("severity") == "error").drop_nulls("payment_no")
        assert set(errors["payment_no"]) <= set(told["payment_no"])
        return told.to_dicts()

    return run


def test_good_orders_are_no_work(listed):
    assert listed() == []


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("ヲカダ ヰチロウ", [(1, "ヲ（U+30F2）", "オ"), (5, "ヰ（U+30F0）", "イ")]),
        ("ｦｶﾀﾞ ﾊﾅｺ", [(1, "ｦ（U+FF66）", "オ")]),
        ("をかだ", [(1, "を（U+3092）", "オ")]),
        ("ヺギ", [(1, "ヺ（U+30FA）", None)]),
        ("アオキ・ハナコ", [(4, "・（U+30FB）", None)]),
        ("山田 ハナコ", [(1, "山（U+5C71）", None), (2, "田（U+7530）", None)]),
        ("アオキ\ufe00", [(4, "U+FE00", None)]),
        ("(株)ヲオキ", [(4, "ヲ（U+30F2）", "オ")]),
        ("株式会社ヲオキ", [(5, "ヲ（U+30F2）", "オ")]),
        ("ア゛オキ", [(2, "゛（U+309B）", None)]),
        ("アオキﾟ", [(4, "ﾟ（U+FF9F）", None)]),
    ],
)
def test_each_character_the_bank_cannot_take_is_named_with_its_place(written, places, listed, profile_with):
    rows = listed(profile_with(agreed_spellings={}), payee_kana=written)
    assert [(row["position_no"], row["found"], row["proposal"]) for row in rows] == places
    assert {(row["payment_no"], row["item"], row["severity"]) for row in rows} == {(FIRST, "口座名義人カナ", "error")}


@pytest.mark.parametrize("spelling", ["ヲ", "オ"])
def test_wo_is_no_work_where_the_bank_takes_it_or_agreed_to_another_spelling(spelling, listed, profile_with):
    assert listed(profile_with(agreed_spellings={"ヲ": spelling}), payee_kana="ヲカダ") == []


@pytest.mark.parametrize(
    ("branch_code", "account_no", "proposal"),
    [
        ("318", "1053012345671", "9900-058-1-1234567"),
        ("318", "10530-12345671", "9900-058-1-1234567"),
        ("318", "10530-2-12345671", "9900-058-1-1234567"),
        ("019", "00110-123456", "9900-019-2-0123456"),
        ("105", "12345671", "9900-058-1-1234567"),
        ("058", "12345671", "9900-058-1-1234567"),
        ("105", "1234567", "9900-058"),
    ],
)
def test_a_yucho_account_written_as_symbol_and_number_is_recognised_and_converted(
    branch_code, account_no, proposal, listed
):
    account = {"bank_code": "9900", "branch_code": branch_code, "account_type": "1", "account_no": account_no}
    rows = listed(**account)
    assert {row["proposal"] for row in rows} == {proposal}
    assert {row["found"] for row in rows} == {"ゆうちょ銀行の記号・番号のまま"}


def test_a_yucho_account_that_is_simply_wrong_is_not_guessed(listed):
    (row,) = listed(bank_code="9900", branch_code="058", account_type="2", account_no="1234567")
    assert (row["rule"], row["found"], row["proposal"]) == ("Z10", "9900-058", None)


def test_a_merged_branch_is_work_with_its_successor(listed):
    (row,) = listed(branch_code="999")
    assert (row["severity"], row["found"], row["proposal"]) == ("warning", "0133-999", "0133-101")


@pytest.mark.parametrize(
    ("changes", "rule", "found", "position_no"),
    [
        ({"payee_kana": "　"}, "Z14", "空白", None),
        ({"payee_kana": None}, "Z14", "空白", None),
        ({"payee_kana": "ガ" * 16}, "Z13", "32文字", 31),
        ({"amount_yen": 0}, "Z12", "0円", None),
        ({"account_no": "123456789"}, "Z2", "9文字", None),
        ({"payee_relation": "none"}, "Z15", None, None),
    ],
)
def test_what_was_found_and_where_is_said_for_every_rule(changes, rule, found, position_no, listed):
    (row,) = listed(**changes)
    assert (row["rule"], row["found"], row["position_no"]) == (rule, found, position_no)
    assert row["suggestion"]


def test_neither_a_payee_let_pass_nor_another_name_is_work(listed):
    assert listed(payee_relation="none", payee_accepted_by="甲と乙") == []
    assert listed(payee_relation="family", guardian_kana="キヤノン イチロウ") == []


def test_a_work_list_tells_neither_the_name_nor_the_account(listed):
    told = str(listed(payee_kana="ヲカダ ハナコ", account_no="76543219", payee_relation="none"))
    assert "カダ" not in told
    assert "76543219" not in told
