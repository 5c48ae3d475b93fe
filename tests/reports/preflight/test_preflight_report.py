"""The pre-flight report tells the 振込依頼書 its figures and the clerk what to do, and no account and no name."""

import dataclasses
import re

import pytest

from reports.preflight.page import page
from reports.preflight.pdf import pdf
from reports.preflight.report import MOST_ROWS, masked_account, view
from reports.zengin.faults import fault

GOOD: dict[str, object] = {}
WO = {"payee_kana": "ヲカダ ハナコ", "guardian_kana": "ヲカダ ハナコ", "account_no": "7654322"}
STRANGER = {"payee_relation": "none", "account_no": "7654323"}
PASSED = {"payee_relation": "none", "payee_accepted_by": "甲と乙", "account_no": "7654324"}
MERGED = {"branch_code": "999", "account_no": "7654325"}
PASSBOOK = {"bank_code": "9900", "branch_code": "105", "account_no": "12345671"}


def test_the_report_states_what_the_request_to_the_bank_asks_for(reported) -> None:
    told = view(reported(GOOD, GOOD | {"account_no": "1"}))
    stated = dict(told["request"])
    assert (stated["件数"], stated["合計金額"]) == ("2件", "2,003円")
    assert stated["振込指定日"] == "令和8年11月30日（月）"
    assert (stated["振込依頼人コード"], stated["振込依頼人名"]) == ("1234567890", "カワグチシ")
    assert stated["支払口座"] == "サイタマリソナ（0017） カワグチ（357） 普通 0000001"
    assert stated["ファイル名"] == "zengin_112038-20261130-01.txt"
    assert stated["SHA-256"].endswith("ab")
    assert (told["state"], told["verdict"][0], told["counts"]) == ("good", "誤りなし", [])


def test_an_order_held_back_is_named_with_its_reason_and_left_out_of_the_totals(reported) -> None:
    told = view(reported(GOOD, WO, STRANGER))
    assert (told["state"], dict(told["request"])["件数"]) == ("stop", "1件")
    assert told["held_total"] == ("2件", "2,005円")
    numbers = [row[0] for row in told["held"].rows]
    assert numbers == ["0000000002", "0000000003"]
    assert told["held"].rows[0][1] == "0133-101 普通 ****322"
    assert next(row[:4] for row in told["work"].rows) == ("0000000002", "口座名義人カナ", "1文字目", "ヲ（U+30F2）")


def test_a_merged_branch_and_a_payee_let_pass_are_looked_at_and_paid(reported) -> None:
    told = view(reported(MERGED, PASSED))
    assert (told["state"], told["held"].rows) == ("look", ())
    assert any("0133-101" in row[3] for row in told["warnings"].rows)
    assert any("甲と乙" in row[3] for row in told["warnings"].rows)
    assert [row[0] for row in told["work"].rows] == ["0000000001"]


@pytest.mark.parametrize(
    ("changes", "originator", "state", "word", "orders"),
    [
        ([], None, "none", "支払はありません", "0件"),
        ([WO], None, "stop", "振込データを作れません", "0件"),
        ([GOOD], {"account_no": "abc"}, "stop", "振込データを作れません", "0件"),
    ],
)
def test_without_a_file_the_report_says_why(reported, changes, originator, state, word, orders) -> None:
    report = reported(*changes, originator=originator)
    told = view(report)
    assert report.file is None
    assert (told["state"], told["verdict"][0], dict(told["request"])["件数"]) == (state, word, orders)
    assert "SHA-256" not in dict(told["request"])
    assert b"<!DOCTYPE html>" in page(report)
    assert pdf(report).startswith(b"%PDF")


def test_a_trial_says_that_no_bank_takes_it(reported) -> None:
    told = view(reported(GOOD, trial=True))
    assert "試験" in dict(told["request"])["種別"]
    assert "試験用のデータ" in told["verdict"][1]


def test_a_fault_found_when_the_file_is_read_again_stops_it(reported) -> None:
    told = view(dataclasses.replace(reported(GOOD), reread=fault(2, 81, "Z4", "が合いません", "合計金額")))
    assert (told["state"], told["verdict"][0]) == ("stop", "送らないでください")


def test_a_long_list_shows_its_beginning_and_counts_the_rest(reported) -> None:
    told = view(reported(*[STRANGER | {"account_no": str(at)} for at in range(1, MOST_ROWS + 3)]))
    assert (len(told["held"].rows), told["held"].more) == (MOST_ROWS, 2)
    assert (
        "ほか2件は表 bank_file_problems"
        in page(reported(*[STRANGER | {"account_no": str(at)} for at in range(1, MOST_ROWS + 3)])).decode()
    )


def test_neither_page_nor_view_tells_an_account_or_a_name(reported) -> None:
    report = reported(GOOD, WO, STRANGER, PASSED, MERGED, PASSBOOK)
    text = page(report).decode()
    assert "ミホン" not in text
    assert "カダ" not in text
    assert re.findall(r"76543\d\d|1234567\b|12345671", text) == []
    assert "9900-058 普通 ****567" in text


def test_the_same_report_gives_the_same_bytes_and_markup_is_text(reported) -> None:
    report = reported(WO | {"payee_kana": "<b>"})
    assert page(report) == page(report)
    assert pdf(report) == pdf(report)
    assert b"&lt;" in page(report)
    assert b"<b>" not in page(report)


@pytest.mark.parametrize(("number", "shown"), [("12", "****012"), ("12-34567", "****567"), ("12345671", "*****671")])
def test_an_account_shows_its_last_digits_only(number, shown) -> None:
    row = {"bank_code": "0133", "branch_code": "101", "account_type": "3", "account_number": number}
    assert masked_account(row) == f"0133-101 種目不明 {shown}"
