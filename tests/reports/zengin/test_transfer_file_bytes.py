"""The bytes of the file: the published examples, and every file read back independently."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.zengin.agreement import BankProfile
from reports.zengin.characters import (
    DIGITS,
    LATIN,
    NOT_ALLOWED,
    NOT_JIS,
    STAND_INS,
    file_bytes,
    file_stand_ins,
    masked,
    unmasked,
)
from reports.zengin.kana import to_zengin_kana
from reports.zengin.layout import DATA, END, HEADER, TRAILER, offsets
from reports.zengin.masters import bank_branches, branch_successors
from reports.zengin.orders import ORDER_SCHEMA, OrderColumnsError
from reports.zengin.transfer_file import TransferRefused, transfer_file
from tests.support.draws import draws
from tests.support.preflight import problems

HEADER_LINE = (
    "12101234567890ｶﾜｸﾞﾁｼ ｶｲｹｲｶﾝﾘｼﾔ                        11300017ｻｲﾀﾏﾘｿﾅ        357ｶﾜｸﾞﾁ          "
    "10123456                 "
)
FIRST_LINE = (
    "20133ﾑｻｼﾉ           101ﾎﾝﾃﾝ           000011234567ｷﾔﾉﾝ ｼﾖ-ｺ                     "
    "00000234500202611000100000000887        "
)
SECOND_LINE = (
    "29900ﾕｳﾁﾖ           318ｻﾝｲﾁﾊﾁ         000010123456ｼﾞﾖ-ﾝｽﾞ ｳﾞｲｸﾄﾘｱ               "
    "00000015000202611000200000000887        "
)
FIRST_HEX = (
    "32 30 31 33 33 d1 bb bc c9" + " 20" * 11 + " 31 30 31 ce dd c3 dd" + " 20" * 11 + " 30 30 30 30 31"
    " 31 32 33 34 35 36 37 b7 d4 c9 dd 20 bc d6 2d ba" + " 20" * 21 + " 30" * 5 + " 32 33 34 35 30 30"
    " 32 30 32 36 31 31 30 30 30 31" + " 30" * 8 + " 38 38 37" + " 20" * 8
)
GOLDEN = [HEADER_LINE, FIRST_LINE, SECOND_LINE, "8000002000000024950" + " " * 101, "9" + " " * 119]

FAMILY = st.text(
    "アイウエオカキクケコガギグサシスセソタチツテトナニヌネノハヒフヘホバビブパピプマミムメモャュョッーヴンあかがぱん",
    min_size=1,
    max_size=24,
)
ROWS = st.lists(
    st.tuples(FAMILY, st.integers(1, 1_000_000), st.integers(1, 9_999_999), st.sampled_from("1249")),
    min_size=1,
    max_size=20,
)


def test_the_published_example_is_reproduced_byte_by_byte(orders_with, originator, value_date, profile):
    data = transfer_file(orders_with(), originator, value_date, profile, trial=False)
    assert data == "".join(line + "\r\n" for line in GOLDEN).encode("cp932")
    assert len(data) == 610
    assert data[122:242] == bytes.fromhex(FIRST_HEX)


def test_without_line_ends_the_records_touch(orders_with, originator, value_date, profile_with):
    data = transfer_file(orders_with(), originator, value_date, profile_with(line_end="none"), trial=False)
    assert data == "".join(GOLDEN).encode("cp932")


def test_rows_come_in_the_order_of_the_payment_no(orders_with, originator, value_date, profile):
    straight = transfer_file(orders_with(), originator, value_date, profile, trial=False)
    assert transfer_file(orders_with().reverse(), originator, value_date, profile, trial=False) == straight


def test_hyphens_in_an_account_no_are_removed_and_zeros_filled(reader, orders_with, originator, value_date, profile):
    data = transfer_file(orders_with(account_no="12-345"), originator, value_date, profile, trial=False)
    assert reader.read_transfer(data, b"\r\n").transfers[0].account == "0012345"


def test_names_longer_than_their_field_are_cut_before_a_voiced_pair(
    reader, orders_with, originator, value_date, profile
):
    long = orders_with(payee_kana="ア" * 29 + "ガ", branch_name_kana="イ" * 14 + "パア")
    data = transfer_file(long, originator, value_date, profile, trial=False)
    first = reader.read_transfer(data, b"\r\n").transfers[0]
    assert (first.payee, first.branch_name) == ("ｱ" * 29, "ｲ" * 14)


def test_the_fields_lie_where_the_specification_says():
    header, data, trailer = offsets(HEADER), offsets(DATA), offsets(TRAILER)
    assert list(header.values()) == [0, 1, 3, 4, 14, 54, 58, 62, 77, 80, 95, 96, 103]
    assert list(data.values()) == [0, 1, 5, 20, 23, 38, 42, 43, 50, 80, 90, 91, 101, 111, 112, 113]
    assert list(trailer.values()) == [0, 1, 7, 19]
    assert [sum(f.length for f in fields) for fields in (HEADER, DATA, TRAILER, END)] == [120] * 4


@draws(40)
@given(rows=ROWS, line_end=st.sampled_from(["none", "crlf"]))
def test_every_file_reads_back_as_what_was_ordered(rows, line_end, reader, originator, profile_with):
    profile: BankProfile = profile_with(line_end=line_end)
    branch = ("0001", "ミズホ", "001", "トウキヨウ")
    orders = pl.DataFrame(
        [
            (f"{i:010d}", f"{i:07d}", *branch, kind, str(account), name, name, "guardian", None, yen)
            for i, (name, yen, account, kind) in enumerate(rows, start=1)
        ],
        schema=ORDER_SCHEMA,
        orient="row",
    )
    names = [to_zengin_kana(name, profile) for name, *_ in rows]
    data = transfer_file(orders, originator, date(2026, 11, 30), profile, trial=False)
    found = reader.read_transfer(data, {"none": b"", "crlf": b"\r\n"}[line_end])
    assert (found.originator, found.month_day, found.account) == ("1234567890", "1130", "0123456")
    for transfer, name, (_, yen, account, kind) in zip(found.transfers, names, rows, strict=True):
        assert (transfer.yen, int(transfer.account), str(transfer.kind)) == (yen, account, kind)
        assert name.startswith(transfer.payee)
        assert len(transfer.payee) >= min(len(name), 29)


@draws(60)
@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    | st.text("ヲヷガパ゛゜ﾞﾟァーｰA・. 株", max_size=40)
)
def test_any_name_at_all_is_refused_or_written_legally(name, reader, orders_with, originator, value_date, profile):
    orders = orders_with(payee_kana=name)
    found = problems(orders, originator, value_date, profile, bank_branches(), branch_successors())
    errors = set(found.filter(pl.col("severity") == "error")["rule"])
    assert errors <= {"Z6", "Z7", "Z14"}
    if errors:
        with pytest.raises(TransferRefused):
            transfer_file(orders, originator, value_date, profile, trial=False)
    else:
        data = transfer_file(orders, originator, value_date, profile, trial=False)
        assert len(reader.read_transfer(data, b"\r\n").transfers) == 2


def test_an_order_with_an_error_stops_the_file_without_naming_anybody(orders_with, originator, value_date, profile):
    with pytest.raises(TransferRefused) as refused:
        transfer_file(orders_with(payee_kana="ヲカダ", amount_yen=0), originator, value_date, profile, trial=False)
    assert str(refused.value) == "振込データに誤りがあるため、ファイルを作成しません（Z12 1件、Z6 1件）。"
    assert refused.value.problems["payment_no"].to_list() == ["2026110001"] * 2


def test_a_frame_without_its_columns_is_refused_by_column_name(orders_with, originator, value_date, profile):
    with pytest.raises(OrderColumnsError, match="amount_yen"):
        transfer_file(
            orders_with().with_columns(pl.col("amount_yen").cast(pl.Float64)),
            originator,
            value_date,
            profile,
            trial=False,
        )


def test_every_character_of_the_file_is_one_byte_and_comes_back():
    text = "".join([*STAND_INS, *LATIN, *DIGITS, *" ()-./\\"])
    stand_ins = pl.select(masked(pl.lit(text))).item()
    assert file_bytes(stand_ins) == text.encode("cp932")
    assert file_stand_ins(text.encode("cp932")).decode("ascii") == stand_ins
    assert pl.select(unmasked(pl.lit(stand_ins))).item() == text


@pytest.mark.parametrize(
    "character", ["ア", "é", "a", "ｧ", "ｰ", ",", "\ufffd", *STAND_INS.values(), NOT_ALLOWED, NOT_JIS]
)
def test_a_character_that_is_not_of_the_file_never_becomes_bytes(character):
    with pytest.raises(ValueError, match="Z1") as refused:
        file_bytes(pl.select(masked(pl.lit(f"ｱ{character}"))).item())
    assert character not in str(refused.value)


def test_every_byte_stands_for_itself_or_is_named_foreign():
    stand_ins = file_stand_ins(bytes(range(256))).decode("ascii")
    foreign = {byte for byte, stand_in in enumerate(stand_ins) if stand_in in NOT_ALLOWED + NOT_JIS}
    legal = {*b"\r\n ()-./\\", *b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0xA2, 0xA3, 0xA6, *range(0xB1, 0xE0)}
    assert set(range(256)) - legal == foreign
    assert {byte for byte in foreign if stand_ins[byte] == NOT_ALLOWED} == {
        byte for byte in foreign if 0x20 <= byte < 0x7F or 0xA1 <= byte <= 0xDF
    }


def _tampered(lines: list[str]) -> bytes:
    return "".join(line + "\r\n" for line in lines).encode("cp932")


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("Z1", [HEADER_LINE, FIRST_LINE[:-1], *GOLDEN[2:]]),
        ("Z1", [HEADER_LINE, FIRST_LINE[:-1] + "\t", *GOLDEN[2:]]),
        ("Z2", [HEADER_LINE, FIRST_LINE.replace("1234567", "12345 7"), *GOLDEN[2:]]),
        ("Z3", ["111" + HEADER_LINE[3:], *GOLDEN[1:]]),
        ("Z4", [*GOLDEN[:3], "8000002000000024951" + " " * 101, GOLDEN[4]]),
        ("Z4", [*GOLDEN[:2], *GOLDEN[3:]]),
        ("Z5", [HEADER_LINE, *GOLDEN]),
        ("Z6", [HEADER_LINE, FIRST_LINE.replace("ｷﾔﾉﾝ", "ｷｬﾉﾝ"), *GOLDEN[2:]]),
        ("Z7", [HEADER_LINE, FIRST_LINE.replace("ｷﾔﾉﾝ", "ﾞﾔﾉﾝ"), *GOLDEN[2:]]),
    ],
)
def test_the_independent_reader_refuses_a_tampered_file(rule, lines, reader):
    with pytest.raises(reader.FormatError) as refused:
        reader.read_transfer(_tampered(lines), b"\r\n")
    assert refused.value.args[0] == rule


def test_the_independent_reader_accepts_the_published_example(reader):
    found = reader.read_transfer(_tampered(GOLDEN), b"\r\n")
    assert [t.yen for t in found.transfers] == [23_450, 1_500]
    assert found.transfers[1].payee == "ｼﾞﾖ-ﾝｽﾞ ｳﾞｲｸﾄﾘｱ"
