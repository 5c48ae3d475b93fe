"""Every rule with a case that breaks it and one that does not."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from reports.zengin.masters import SuccessorsError, bank_branches, branch_successors, published_date
from reports.zengin.orders import ORDER_SCHEMA
from schemas.businessdays import LAST_PUBLISHED_HOLIDAY_YEAR
from tests.support.preflight import PROBLEM_SCHEMA, problems


@pytest.fixture(scope="session")
def found(orders_with, originator, value_date, profile):
    """Run preflight with changes to the first order; returns the set of (rule, severity, payment_no)."""

    def run(orders=None, originator=originator, value_date=value_date, profile=profile, **changes):
        frame = orders_with(**changes) if orders is None else orders
        listed = problems(frame, originator, value_date, profile, bank_branches(), branch_successors())
        assert listed.schema == PROBLEM_SCHEMA
        return {(rule, severity, number) for number, rule, severity, _ in listed.iter_rows()}

    return run


FIRST = "2026110001"


def test_good_orders_have_no_problem(found):
    assert found() == set()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("Z2", {"bank_code": "133"}),
        ("Z2", {"bank_code": "０１３３"}),
        ("Z2", {"branch_code": None}),
        ("Z2", {"account_no": "12345678"}),
        ("Z2", {"account_no": ""}),
        ("Z2", {"account_no": "1234567\n"}),
        ("Z2", {"account_no": "0000000"}),
        ("Z2", {"beneficiary_no": "88"}),
        ("Z6", {"payee_kana": "山田 ハナコ"}),
        ("Z6", {"payee_kana": "ヲカダ"}),
        ("Z6", {"payee_kana": "アオキ\ufe00"}),
        ("Z6", {"branch_name_kana": "ホンテン(ア)"}),
        ("Z7", {"payee_kana": "ア゛オキ"}),
        ("Z7", {"bank_name_kana": "ム゛サシノ"}),
        ("Z9", {"bank_code": "9998"}),
        ("Z9", {"branch_code": "999"}),
        ("Z10", {"account_type": "3"}),
        ("Z10", {"account_type": None}),
        ("Z12", {"amount_yen": 0}),
        ("Z12", {"amount_yen": -1}),
        ("Z12", {"amount_yen": None}),
        ("Z12", {"amount_yen": 1_000_001}),
        ("Z14", {"payee_kana": "　 "}),
        ("Z14", {"payee_kana": None}),
    ],
)
def test_an_order_that_breaks_a_rule_is_an_error_of_that_rule(rule, changes, found):
    expected = {(rule, "error", FIRST)}
    assert expected <= found(**changes)
    assert {r for r, severity, _ in found(**changes) if severity == "error"} - {rule} <= {"Z9"}


@pytest.mark.parametrize(
    "changes",
    [
        {"account_no": "1"},
        {"account_no": "12-34567"},
        {"payee_kana": "オカダ"},
        {"payee_kana": "か゛い"},
        {"payee_kana": "ア" * 30},
        {"payee_kana": "ガ" * 15},
        {"account_type": "2"},
        {"account_type": "4"},
        {"account_type": "9"},
        {"amount_yen": 1},
        {"amount_yen": 1_000_000},
        {"bank_code": "9900", "branch_code": "019", "account_type": "2"},
        {"bank_code": "9900", "branch_code": "018", "account_type": "4"},
    ],
)
def test_an_order_at_the_edge_of_a_rule_passes(changes, found):
    assert found(**changes) == set()


@pytest.mark.parametrize(
    ("branch_code", "account_type"), [("018", "2"), ("018", "9"), ("019", "1"), ("019", "4"), ("017", "1")]
)
def test_a_yucho_branch_and_its_account_type_must_agree(branch_code, account_type, found):
    changes = {"bank_code": "9900", "branch_code": branch_code, "account_type": account_type}
    assert ("Z10", "error", FIRST) in found(**changes)


def test_a_payment_no_that_is_no_number_is_named_by_its_place_only(orders_with, originator, value_date, profile):
    orders = orders_with(payment_no="ヤマダ")
    listed = problems(orders, originator, value_date, profile, bank_branches(), branch_successors())
    assert listed.rows() == [(None, "Z2", "error", "Z2 支払番号が10桁の数字ではありません。（1件目、支払番号不正）")]


def test_a_message_names_rule_and_payment_no_and_no_value(orders_with, originator, value_date, profile):
    orders = orders_with(payee_kana="ヲカダ")
    listed = problems(orders, originator, value_date, profile, bank_branches(), branch_successors())
    assert listed["message"].to_list() == [
        "Z6 受取人名に銀行と書き方を取り決めていない字（ヲヰヱヷヸヹヺ・）があります。"
        "推測せず、名義人か銀行に確かめてください。（支払番号 2026110001）"
    ]


def test_the_same_payment_to_the_same_account_is_a_warning_for_both(found, orders_with):
    twins = pl.concat([orders_with().head(1), orders_with(payment_no="2026110009").head(1)])
    assert found(twins) == {("Z11", "warning", FIRST), ("Z11", "warning", "2026110009")}


def test_leading_zeros_do_not_hide_a_duplicate_account(found, orders_with):
    twins = pl.concat(
        [
            orders_with(account_no="77").head(1),
            orders_with(account_no="0000077", payment_no="2026110009").head(1),
        ]
    )
    assert {rule for rule, *_ in found(twins)} == {"Z11"}


def test_the_same_account_with_another_amount_is_no_duplicate(found, orders_with):
    other = orders_with(payment_no="2026110009", amount_yen=1).head(1)
    assert found(pl.concat([orders_with().head(1), other])) == set()


def test_one_payment_no_twice_is_an_error(found, orders_with):
    twins = pl.concat([orders_with().head(1), orders_with(amount_yen=5).head(1)])
    assert found(twins) == {("Z11", "error", FIRST)}


def test_a_name_that_will_be_cut_is_a_warning(found):
    assert found(payee_kana="ガ" * 16) == {("Z13", "warning", FIRST)}
    assert found(branch_name_kana="ガ" * 8) == {("Z13", "warning", FIRST)}
    assert found(branch_name_kana="ガ" * 7 + "ア") == set()


def test_an_old_master_only_warns_of_an_unknown_branch(found, profile_with):
    old = profile_with(master_max_age_days=0)
    assert found(branch_code="999", profile=old) == {("Z9", "warning", FIRST)}


@pytest.mark.parametrize(("spare_days", "severity"), [(0, "error"), (-1, "warning")])
def test_the_master_is_trusted_up_to_the_agreed_age(spare_days, severity, found, value_date, profile_with):
    age_days = (value_date - published_date()).days
    trusting = profile_with(master_max_age_days=age_days + spare_days)
    assert found(branch_code="999", profile=trusting) == {("Z9", severity, FIRST)}


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 30), True),
        (date(2026, 11, 29), False),
        (date(2026, 11, 23), False),
        (date(2026, 12, 31), False),
        (date(2026, 12, 30), True),
        (date(LAST_PUBLISHED_HOLIDAY_YEAR + 1, 2, 1), False),
    ],
)
def test_the_value_date_is_a_bank_business_day_of_a_published_year(day, is_open, found, profile_with):
    patient = profile_with(master_max_age_days=10_000)
    assert found(value_date=day, profile=patient) == (set() if is_open else {("Z8", "error", None)})


@pytest.mark.parametrize(
    ("rule", "severity", "changes"),
    [
        ("Z2", "error", {"originator_code": "12345"}),
        ("Z2", "error", {"account_no": "abc"}),
        ("Z6", "error", {"name_kana": "川口市"}),
        ("Z7", "error", {"name_kana": "ナ゛"}),
        ("Z9", "error", {"branch_code": "000"}),
        ("Z10", "error", {"account_type": "3"}),
        ("Z13", "warning", {"name_kana": "ア" * 41}),
        ("Z14", "error", {"name_kana": " "}),
    ],
)
def test_the_originator_obeys_the_same_rules(rule, severity, changes, found, originator_with):
    assert found(originator=originator_with(**changes)) == {(rule, severity, None)}


def test_a_file_holds_at_least_one_order_and_at_most_the_agreed_number(found, profile_with):
    assert found(pl.DataFrame(schema=ORDER_SCHEMA)) == {("Z4", "error", None)}
    assert found(profile=profile_with(max_records=1)) == {("Z4", "error", None)}
    assert found(profile=profile_with(max_records=2)) == set()


def test_a_total_beyond_twelve_digits_is_refused(found, orders_with, profile_with):
    rich = profile_with(max_amount_yen=9_999_999_999)
    most = pl.concat(
        orders_with(payment_no=f"{i:010d}", account_no=str(i), amount_yen=9_999_999_999).head(1) for i in range(1, 102)
    )
    assert found(most, profile=rich) == {("Z4", "error", None)}
    assert found(most.head(100), profile=rich) == set()


def test_the_file_and_preflight_accept_wo_where_the_bank_does(found, profile_with):
    assert found(payee_kana="ヲカダ", profile=profile_with(agreed_spellings={"ヲ": "ヲ"})) == set()


def test_the_master_knows_its_banks_in_half_width_kana():
    rows = bank_branches().filter(pl.col("bank_code").is_in(["0017", "9900"]))
    names = {(bank, branch): name for bank, _, branch, name, _ in rows.iter_rows()}
    assert names["0017", "357"] == "ｶﾜｸﾞﾁ"
    assert names["9900", "018"] == "ｾﾞﾛｲﾁﾊﾁ"
    assert bank_branches()["as_of_date"].unique().to_list() == [published_date()]
    assert not bank_branches().select("bank_code", "branch_code").is_duplicated().any()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"payee_relation": "none"}, {("Z15", "error", FIRST)}),
        ({"payee_relation": None}, {("Z15", "error", FIRST)}),
        ({"payee_relation": "friend"}, {("Z15", "error", FIRST)}),
        ({"payee_relation": "family", "guardian_kana": "キヤノン イチロウ"}, {("Z16", "warning", FIRST)}),
        ({"guardian_kana": None}, {("Z16", "warning", FIRST)}),
        ({"guardian_kana": "キヤノンシヨーコ"}, set()),
    ],
)
def test_the_payee_is_the_guardian_or_family_and_another_name_is_looked_at(found, changes, told):
    assert found(**changes) == told


@pytest.mark.parametrize(("days", "severity"), [(0, "warning"), (1, "error")])
def test_a_merged_branch_is_a_warning_that_names_its_successor_from_its_day_on(
    orders_with, originator, value_date, profile, tmp_path, days, severity
):
    merged = value_date + timedelta(days=days)
    table = tmp_path / "successors.csv"
    head = "bank_code,branch_code,merged_date,new_bank_code,new_branch_code,source"
    table.write_text(f"# 見本\n{head}\n0133,999,{merged},0133,101,見本\n", "utf-8")
    orders = orders_with(branch_code="999")
    listed = problems(orders, originator, value_date, profile, bank_branches(), branch_successors(table))
    assert listed.select("rule", "severity").rows() == [("Z9", severity)]
    assert ("0133-101" in listed["message"].item()) == (days == 0)


def test_a_wrong_line_among_merged_branches_is_named(tmp_path):
    table = tmp_path / "successors.csv"
    head = "bank_code,branch_code,merged_date,new_bank_code,new_branch_code,source"
    table.write_text(f"{head}\n0133,999,2026-10-01,0133,101,見本\n0133,99,2026-10-01,0133,101,見本\n", "utf-8")
    with pytest.raises(SuccessorsError, match="2件目"):
        branch_successors(table)


def test_a_payee_two_people_let_pass_is_a_warning_that_names_both(orders_with, originator, value_date, profile, found):
    changes = {"payee_relation": "none", "payee_accepted_by": "甲と乙"}
    assert found(**changes) == {("Z15", "warning", FIRST)}
    listed = problems(orders_with(**changes), originator, value_date, profile, bank_branches(), branch_successors())
    assert "甲と乙が確かめて通しました" in listed["message"].item()
    assert found(payee_relation="friend", payee_accepted_by="甲と乙") == {("Z15", "error", FIRST)}
