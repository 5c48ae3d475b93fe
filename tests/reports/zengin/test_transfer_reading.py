"""Any bytes are read back byte for byte, or refused by line, byte, field and rule."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.zengin import lines
from reports.zengin.faults import MOST_FAULTS
from reports.zengin.reading import Reading, read_transfer
from reports.zengin.transfer_file import transfer_file
from tests.fuzz.zengin_fuzz import judged
from tests.reports.zengin.zengin_reader import FormatError
from tests.reports.zengin.zengin_reader import read_transfer as strictly_read
from tests.support.draws import draws
from tests.support.zengin import ROW, files, good_file, read_rows

GOLDEN = Path(__file__).parents[2] / "golden" / "zengin"
TRAILER_AT, END_AT = 2 * 122, 3 * 122
"""Where the trailer and the end of `good_file()` begin."""
OURS_ONLY = {"Z2", "Z6", "Z8", "Z10", "Z12", "Z14"}
"""Rules of values that the independent reader leaves to the bank's computer."""
PERSONAL = ("1234567", "ｷﾔﾉﾝ", "2026110001", "0000000088", "23450", "23,450")


def read(data: bytes, *, accepts_wo: bool = False) -> Reading:
    return read_transfer(data, accepts_wo=accepts_wo)


def told(data: bytes, **how: Any) -> list[tuple[Any, ...]]:
    """(line, byte, field, rule, severity) of every fault."""
    return read(data, **how).faults.drop("message").rows()


def _strict_rule(data: bytes) -> str | None:
    """The rule the independent reader refuses a CRLF file for."""
    try:
        strictly_read(data, b"\r\n")
    except FormatError as refused:
        return str(refused.args[0])
    return None


def put(data: bytes, at: int, text: str | bytes) -> bytes:
    """The file with other bytes at a place."""
    new = text if isinstance(text, bytes) else text.encode("cp932")
    return data[:at] + new + data[at + len(new) :]


@pytest.mark.parametrize("name", sorted(path.name for path in GOLDEN.iterdir()))
def test_a_golden_file_is_read_without_a_fault_and_written_back(name):
    data = (GOLDEN / name).read_bytes()
    reading = read(data)
    assert reading.sound
    assert reading.faults.is_empty()
    assert reading.file
    assert reading.file.to_bytes() == data


def test_the_writer_writes_the_golden_file(orders_with, originator, value_date, profile):
    data = transfer_file(orders_with(), originator, value_date, profile, trial=False)
    assert data == (GOLDEN / "sougou_furikomi.txt").read_bytes()


@draws(60)
@given(files())
def test_every_good_file_comes_back_byte_for_byte_with_the_values_at_the_published_offsets(drawn):
    data, line_end = drawn
    reading = read(data)
    assert reading.faults.filter(pl.col("severity") == "error").is_empty()
    assert reading.file
    assert reading.file.to_bytes() == data
    found = reading.file.transfers
    overlaid = pl.col("edi_flag") == "Y"
    assert found.filter(overlaid).select("payment_no", "beneficiary_no").null_count().sum_horizontal().sum() == (
        2 * found.filter(overlaid).height
    )
    for mine, plain in zip(found.to_dicts(), read_rows(data.removesuffix(b"\x1a"), line_end), strict=True):
        if mine["edi_flag"] == "Y":
            assert mine["edi"] == (plain.pop("payment_no").ljust(10) + plain.pop("beneficiary_no")).rstrip(" ")
        stripped = {name: value.rstrip(" ") if isinstance(value, str) else value for name, value in mine.items()}
        assert {name: stripped[name] for name in plain} == plain


@draws(150)
@given(st.binary(max_size=400) | st.text("0129 ｱﾞ\r\nA\x1a", max_size=400).map(lambda text: text.encode("cp932")))
def test_any_bytes_end_in_a_file_or_in_a_table_of_faults(data):
    assert judged(data)


@draws(200)
@given(st.data())
def test_a_changed_file_is_judged_as_the_independent_reader_judges_it(drawn):
    data = bytearray(good_file({}, {"account_no": "0000077", "payment_no": "2026110002"}))
    for _ in range(drawn.draw(st.integers(1, 3))):
        at = drawn.draw(st.integers(0, len(data) - 1))
        data[at] = drawn.draw(st.integers(0, 255) | st.sampled_from(b"0129 \r\n\xb1\xde\xdfY"))
    ours = judged(bytes(data))
    theirs = _strict_rule(bytes(data))
    assert theirs in (None, "Z3") or ours != "file"
    assert theirs or ours == "file" or set(ours.split()) <= OURS_ONLY


@draws(60)
@given(at=st.integers(0, 487), size=st.integers(1, 130))
def test_a_file_with_a_hole_is_never_a_file(at, size):
    data = good_file()
    assert judged(data[:at] + data[at + size :]) != "file"


HEADER_FAULTS = [
    (1, "9", "Z3", "種別コード（総合振込）", 2),
    (3, "1", "Z3", "コード区分（JIS）", 4),
    (3, "\t", "Z1", "コード区分（JIS）", 4),
    (5, "A", "Z2", "振込依頼人コード", 6),
    (14, "ｧ", "Z6", "振込依頼人名", 15),
    (14, " " * 40, "Z14", "振込依頼人名", 15),
    (54, "0230", "Z8", "振込指定日（月日）", 55),
    (54, "1301", "Z8", "振込指定日（月日）", 55),
    (54, "11 0", "Z2", "振込指定日（月日）", 57),
    (66, "(", "Z6", "仕向銀行名", 67),
    (95, "4", "Z10", "預金種目（依頼人）", 96),
    (119, "X", "Z3", "ダミー", 104),
]
DATA_FAULTS = [
    (0, "7", "Z3", "データ区分", 1),
    (4, "X", "Z2", "被仕向銀行番号", 5),
    (6, "ｦ", "Z6", "被仕向銀行名", 7),
    (5, "ﾞ", "Z7", "被仕向銀行名", 6),
    (6, " ", "Z6", "被仕向銀行名", 7),
    (20, " ", "Z2", "被仕向支店番号", 21),
    (38, "00 0", "Z2", "手形交換所番号（未使用）", 39),
    (42, "3", "Z10", "預金種目", 43),
    (45, "-", "Z2", "口座番号", 46),
    (43, "0000000", "Z2", "口座番号", 44),
    (53, "ｰ", "Z6", "受取人名", 54),
    (53, "ｦ", "Z6", "受取人名", 54),
    (53, ",", "Z6", "受取人名", 54),
    (53, "a", "Z6", "受取人名", 54),
    (53, b"\x81", "Z1", "受取人名", 54),
    (53, b"\x00", "Z1", "受取人名", 54),
    (52, "ﾞ", "Z7", "受取人名", 52),
    (51, "ﾟ", "Z7", "受取人名", 51),
    (50, "ﾞ", "Z7", "受取人名", 51),
    (50, " " * 30, "Z14", "受取人名", 51),
    (80, " 000023450", "Z2", "振込金額", 81),
    (90, "3", "Z3", "新規コード（その他）", 91),
    (91, "A", "Z2", "顧客コード1（支払番号）", 92),
    (101, "A", "Z2", "顧客コード2（受給者番号）", 102),
    (111, "A", "Z2", "振込指定区分", 112),
    (112, "N", "Z3", "識別表示（顧客コードを使用）", 113),
    (113, "1", "Z3", "ダミー", 114),
]


@pytest.mark.parametrize(("at", "text", "rule", "field", "column"), HEADER_FAULTS)
def test_a_wrong_header_field_is_named_with_its_place(at, text, rule, field, column):
    assert (1, column, field, rule, "error") in told(put(good_file(), at, text))


@pytest.mark.parametrize(("at", "text", "rule", "field", "column"), DATA_FAULTS)
def test_a_wrong_data_field_is_named_with_its_place(at, text, rule, field, column):
    assert (2, column, field, rule, "error") in told(put(good_file(), 122 + at, text))


def test_a_zero_amount_is_refused():
    assert told(good_file({"amount_yen": 0})) == [(2, 81, "振込金額", "Z12", "error")]


@pytest.mark.parametrize(
    ("branch_code", "account_type", "is_pair"),
    [
        ("018", "1", True),
        ("018", "4", True),
        ("018", "2", False),
        ("019", "2", True),
        ("019", "1", False),
        ("017", "1", False),
    ],
)
def test_a_yucho_branch_and_its_account_type_are_a_pair(branch_code, account_type, is_pair):
    data = good_file({"bank_code": "9900", "branch_code": branch_code, "account_type": account_type})
    assert told(data) == ([] if is_pair else [(2, 43, "預金種目", "Z10", "error")])


@pytest.mark.parametrize(("at", "text", "field"), [(1, "000002", "合計件数"), (7, "000000023451", "合計金額")])
def test_the_trailer_is_the_sum_of_the_data(at, text, field):
    assert told(put(good_file(), TRAILER_AT + at, text)) == [(3, at + 1, field, "Z4", "error")]


def test_two_transfers_of_the_same_yen_to_the_same_account_are_a_warning():
    reading = read(good_file({}, {"payment_no": "2026110009"}))
    assert reading.sound
    assert reading.faults.drop("message").rows() == [(n, 81, "振込金額", "Z11", "warning") for n in (2, 3)]


ONE = good_file()
HEADER, DATA, TRAILER, END = (ONE[at : at + 122] for at in (0, 122, TRAILER_AT, END_AT))


@pytest.mark.parametrize(
    ("records", "faults"),
    [
        ([HEADER, HEADER, DATA, TRAILER, END], [(2, "Z5")]),
        ([DATA, TRAILER, END], [(1, "Z5"), (3, "Z5")]),
        ([HEADER, DATA, END], [(2, "Z5"), (3, "Z5")]),
        ([HEADER, DATA, TRAILER], [(2, "Z5"), (3, "Z5")]),
        ([HEADER, TRAILER, END], [(3, "Z4")]),
        ([HEADER, DATA, TRAILER, HEADER, DATA, TRAILER, END], [(3, "Z5"), (4, "Z5")]),
        ([HEADER, DATA, TRAILER, END, END], [(3, "Z5"), (4, "Z5")]),
    ],
)
def test_records_out_of_order_are_refused(records, faults):
    found = [(line, rule) for line, _, _, rule, _ in told(b"".join(records))]
    assert set(faults) <= set(found)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", (1, 1)),
        (b"\x1a", (1, 1)),
        (ONE.replace(b"\r\n", b"\n"), (1, 121)),
        (ONE.replace(b"\r\n", b"\r"), (1, 121)),
        (ONE[:-2], (4, 121)),
        (ONE[:-1], (4, 121)),
        (ONE[:60], (1, 61)),
        (ONE.replace(b"\r\n", b"")[:-1], (4, 120)),
        (HEADER[:-3] + b"\r\n" + ONE[122:], (1, 120)),
        (HEADER[:-2] + b" \r\n" + ONE[122:], (1, 121)),
        (put(ONE, 60, b"\n"), (1, 61)),
        (ONE + b"\x1a\x1a", (5, 2)),
    ],
)
def test_a_line_that_is_no_record_is_named_with_its_place(data, place):
    assert (*place, None, "Z1", "error") in told(data)


def test_wo_is_read_where_the_bank_accepts_it():
    data = good_file({"party_name": "ｶｦﾙ"})
    assert told(data) == [(2, 52, "受取人名", "Z6", "error")]
    assert read(data, accepts_wo=True).sound


def test_edi_information_stands_in_the_place_of_the_customer_codes():
    edi = "ｦ｢1｣\\/".ljust(20)
    reading = read(
        good_file({}, {"edi_flag": "Y", "payment_no": edi[:10], "beneficiary_no": edi[10:], "amount_yen": 5})
    )
    assert reading.file
    told_rows = reading.file.transfers.select("payment_no", "beneficiary_no", "edi").rows()
    assert told_rows == [(ROW["payment_no"], ROW["beneficiary_no"], None), (None, None, "ｦ｢1｣\\/")]
    comma = good_file({"edi_flag": "Y", "payment_no": "A,B".ljust(10), "beneficiary_no": " " * 10})
    assert told(comma) == [(2, 93, "EDI情報", "Z6", "error")]


def test_messages_are_japanese_and_repeat_no_value():
    ruined = [put(ONE, 122 + at, text) for at, text, *_ in DATA_FAULTS] + [ONE[:200], good_file({"amount_yen": 0})]
    messages = [message for data in ruined for message in read(data).faults["message"]]
    assert len(messages) > len(DATA_FAULTS)
    for message in messages:
        assert re.fullmatch(r"Z\d+ .+。（\d+行目の\d+バイト目）", message)
        assert not any(value in message for value in PERSONAL)


def test_a_file_full_of_faults_is_listed_to_a_limit_that_counts_the_rest():
    rows = [{"account_no": "12345-7", "payment_no": f"{n:010d}"} for n in range(MOST_FAULTS + 500)]
    found = read(good_file(*rows)).faults
    assert found.height == MOST_FAULTS + 1
    assert "ほかに500件の誤りがあります" in found["message"][-1]


def test_a_file_with_more_lines_than_a_trailer_can_count_is_refused_unread(monkeypatch):
    monkeypatch.setattr(lines, "MOST_LINES", 3)
    assert told(ONE) == [(1, 1, None, "Z4", "error")]
    assert told(b"\r\n" * 100) == [(1, 1, None, "Z4", "error")]


@pytest.mark.parametrize(
    ("month_day", "on_or_after", "day"),
    [
        ("1130", date(2026, 11, 30), date(2026, 11, 30)),
        ("1130", date(2026, 12, 1), date(2027, 11, 30)),
        ("0229", date(2026, 11, 1), date(2028, 2, 29)),
        ("0229", date(2097, 1, 1), date(2104, 2, 29)),
    ],
)
def test_the_year_of_the_value_date_is_the_nearest_to_come(month_day, on_or_after, day):
    file = read(good_file(value_date=month_day)).file
    assert file
    assert file.value_date(on_or_after) == day


def test_a_trial_file_is_read_and_named_and_can_never_be_sent(orders_with, originator, value_date, profile):
    real, trial = (
        transfer_file(orders_with(), originator, value_date, profile, trial=trial) for trial in (False, True)
    )
    assert real[122:] == trial[122:]
    assert trial[:58].decode("cp932") == "1000" + "0" * 10 + "ﾃｽﾄ ｿｳｼﾝﾌｶ".ljust(40) + "0000"
    reading = read(trial)
    assert not reading.sound
    assert reading.faults["message"].to_list() == [
        "Z3 種別コードが00の試験用のファイルです。銀行へは送れません。（1行目の2バイト目）"
    ]
    assert reading.file
    assert reading.file.trial
    assert reading.file.value_date(date(2026, 1, 1)) is None
    assert reading.file.to_bytes() == trial
    assert read(real).sound
    with pytest.raises(FormatError):
        strictly_read(put(trial, 1, "99"), b"\r\n")
