"""Answers of the bank in 全銀 records: read, written, and refused as a whole or row by row."""

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.feeds.adapter import Adapter
from schemas.feeds.errors import AdapterError, DeliveryError
from schemas.feeds.layout import Reading, Sorted, Source
from schemas.records.feeds import BANK_RESULTS
from tests.support.bank_answers import FURIKOMI, KNOWN, MEISAI, answers, stated
from tests.support.zengin import good_file

LAYOUTS = {extension: stated(extension) for extension in (FURIKOMI, MEISAI)}
BANK = LAYOUTS[FURIKOMI]


def sort(adapter: Adapter, data: bytes, known: date = KNOWN) -> Sorted:
    return adapter.typed(adapter.read(data, "f"), BANK_RESULTS, Source("f", known))


def refusal(adapter: Adapter, data: bytes) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        adapter.read(data, "f")
    return caught.value


@pytest.mark.parametrize("extension", [FURIKOMI, MEISAI])
def test_nothing_is_read_until_the_bank_has_said_what_stands_where(extension: str) -> None:
    adapter = Adapter.variant(BANK_RESULTS.name, extension)
    error = refusal(adapter, LAYOUTS[extension].write(answers(extension, 3)))
    assert (error.code, adapter.confirmed, adapter.items) == ("unconfirmed", False, ())
    assert adapter.ask in error.message
    assert Adapter.variants(BANK_RESULTS.name) == (FURIKOMI, MEISAI)


@pytest.mark.parametrize("extension", [FURIKOMI, MEISAI])
@pytest.mark.parametrize("rows", [0, 1, 40])
def test_what_was_written_reads_back_with_or_without_line_ends_and_writes_the_same_bytes(
    extension: str, rows: int
) -> None:
    adapter, wanted = LAYOUTS[extension], answers(extension, rows)
    data = adapter.write(wanted)
    for same in (data, data.replace(b"\r\n", b""), data + b"\x1a"):
        found = sort(adapter, same)
        assert found.refused.is_empty()
        assert found.accepted.select(BANK_RESULTS.names).equals(wanted)
        assert found.accepted["line_no"].to_list() == list(range(2, rows + 2))
    assert adapter.write(found.accepted) == data
    assert {len(line) for line in data.split(b"\r\n")[:-1]} == {adapter.record_bytes}


def test_our_own_transfer_file_comes_back_with_results_in_it() -> None:
    data = good_file({"transfer_designation_code": "0"}, {"transfer_designation_code": "2", "payment_no": "2026110002"})
    found = sort(BANK, data)
    assert found.refused.is_empty()
    assert found.accepted.select("payment_no", "amount_yen", "result", "value_date").rows() == [
        ("2026110001", 23_450, "0", date(2026, 11, 30)),
        ("2026110002", 23_450, "2", date(2026, 11, 30)),
    ]


def test_the_key_stands_at_the_head_of_the_edi_information_too() -> None:
    data = good_file({"transfer_designation_code": "0", "edi_flag": "Y", "beneficiary_no": "ｺﾄﾞﾓ"})
    assert sort(BANK, data).accepted["payment_no"].to_list() == ["2026110001"]


def test_the_reason_may_be_another_reading_of_the_same_byte() -> None:
    words = {"0": "", "2": "取引なし", "9": "その他"}
    reason = {"column": "結果の理由", "item": "reason_text", "at": 111, "bytes": 1, "map": words}
    adapter = stated(FURIKOMI, reason=reason)
    rows = [{"transfer_designation_code": result, "payment_no": f"202611000{result}"} for result in "029"]
    found = sort(adapter, good_file(*rows))
    assert found.accepted.select("result", "reason_text").rows() == [("0", None), ("2", "取引なし"), ("9", "その他")]


@pytest.mark.parametrize(
    ("day", "known", "meant"),
    [
        ("1130", date(2026, 12, 2), date(2026, 11, 30)),
        ("1230", date(2027, 1, 4), date(2026, 12, 30)),
        ("0105", date(2026, 12, 28), date(2027, 1, 5)),
        ("0229", date(2028, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_day_without_its_year_is_the_one_nearest_to_the_delivery(day: str, known: date, meant: date) -> None:
    found = sort(BANK, good_file({"transfer_designation_code": "0"}, value_date=day), known)
    assert found.accepted["value_date"].to_list() == [meant]


@pytest.mark.parametrize(
    ("day", "known", "meant"),
    [
        ("081127", date(2026, 11, 30), date(2026, 11, 27)),
        ("280503", date(2016, 5, 6), date(2016, 5, 3)),
        ("310430", date(2019, 5, 7), date(2019, 4, 30)),
        ("010507", date(2019, 5, 7), date(2019, 5, 7)),
    ],
)
def test_a_day_without_its_era_is_the_one_nearest_to_the_delivery(day: str, known: date, meant: date) -> None:
    adapter = LAYOUTS[MEISAI]
    data = adapter.write(answers(MEISAI, 1).with_columns(value_date=pl.lit(meant)))
    assert data[16:22].decode() == day
    assert sort(adapter, data, known).accepted["value_date"].to_list() == [meant]


def test_a_day_that_is_none_refuses_its_rows() -> None:
    for adapter, place, wrong in ((BANK, 54, b"0231"), (LAYOUTS[MEISAI], 16, b"000101")):
        data = adapter.write(answers(FURIKOMI if adapter is BANK else MEISAI, 2))
        found = sort(adapter, data[:place] + wrong + data[place + len(wrong) :])
        assert found.refused.select("line_no", "item", "rule").rows() == [
            (2, "value_date", "型"), (3, "value_date", "型")
        ]  # fmt: skip


WIDTH = BANK.record_bytes + 2
THREE = BANK.write(answers(FURIKOMI, 3))
TRAILER = 4 * WIDTH


def put(at: int, new: bytes, data: bytes = THREE) -> bytes:
    return data[:at] + new + data[at + len(new) :]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "empty", None),
        (b"\x1a", "empty", None),
        (put(WIDTH + 50, b"\x81"), "encoding", 2),
        ("振込".encode(), "encoding", 1),
        (put(1, b"91"), "structure", 1),
        (put(3, b"1"), "structure", 1),
        (put(0, b"2"), "structure", 1),
        (put(WIDTH, b"1"), "structure", 2),
        (put(2 * WIDTH, b"8"), "structure", 3),
        (THREE[:-WIDTH], "structure", 4),
        (THREE[: WIDTH * 2], "structure", 1),
        (THREE[:-2], "structure", 6),
        (THREE.replace(b"\r\n", b"")[:-1], "structure", None),
        (put(TRAILER + 1, b"000004"), "rows", 5),
        (put(TRAILER + 1, b"000002"), "rows", 5),
        (put(TRAILER + 1, b"     3"), "structure", 5),
        (put(TRAILER + 18, bytes([THREE[TRAILER + 18] ^ 1])), "total", 5),
        (THREE[:WIDTH] + THREE[2 * WIDTH :], "rows", 4),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_a_file_whose_frame_or_trailer_is_not_sound_is_refused_whole(data: bytes, code: str, line: int | None) -> None:
    error = refusal(BANK, data)
    assert (error.code, error.line) == (code, line)
    assert BANK.office in error.action


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (put(2 * WIDTH + 111, b"5"), [(3, "result", "コード")]),
        (put(2 * WIDTH + 91, b"          "), [(3, "payment_no", "必須")]),
        (put(2 * WIDTH + 80, b"12345678X0"), [(3, "amount_yen", "型")]),
        (put(2 * WIDTH + 42, b"7"), [(3, "account_type", "コード")]),
        (put(2 * WIDTH, b"3"), [(3, "行", "データ区分")]),
        (THREE[: 2 * WIDTH + 119] + THREE[2 * WIDTH + 120 :], [(3, "行", "行長")]),
        (put(2 * WIDTH + 60, b"\n"), [(3, "行", "改行")]),
    ],
    ids=["result", "no key", "amount", "account", "kind", "short", "break"],
)
def test_one_bad_record_is_refused_with_its_line_and_its_neighbours_stay(
    data: bytes, told: list[tuple[int, str, str]]
) -> None:
    found = sort(BANK, data)
    assert found.refused.select("line_no", "item", "rule").rows() == told
    assert found.accepted["line_no"].to_list() == [2, 4]


def test_an_unreadable_amount_may_be_the_rest_of_the_trailers_sum_but_no_more_may_be_read_than_it_states() -> None:
    bad = put(2 * WIDTH + 80, b"12345678X0")
    assert sort(BANK, bad).accepted.height == 2
    assert refusal(BANK, put(TRAILER + 7, b"000000000001", bad)).code == "total"


def test_paid_and_returned_are_counted_apart_where_the_trailer_does_so() -> None:
    paid, back = {"item": "result", "values": ["0"]}, {"item": "result", "values": ["2", "9", "7"]}
    totals = [
        {"column": "合計件数", "at": 1, "bytes": 6},
        {"column": "合計金額", "at": 7, "bytes": 12, "of": "amount_yen"},
        {"column": "済件数", "at": 19, "bytes": 6, **paid},
        {"column": "済金額", "at": 25, "bytes": 12, "of": "amount_yen", **paid},
        {"column": "不能件数", "at": 37, "bytes": 6, **back},
        {"column": "不能金額", "at": 43, "bytes": 12, "of": "amount_yen", **back},
    ]
    adapter, wanted = stated(FURIKOMI, totals=totals), answers(FURIKOMI, 30)
    data = adapter.write(wanted)
    assert sort(adapter, data).accepted.select(BANK_RESULTS.names).equals(wanted)
    start = 31 * WIDTH
    assert int(data[start + 19 : start + 25]) == (wanted["result"] == "0").sum()
    for at, code in ((24, "rows"), (36, "total"), (42, "rows"), (54, "total")):
        assert refusal(adapter, put(start + at, bytes([data[start + at] ^ 1]), data)).code == code


def test_a_statement_counts_only_what_came_in() -> None:
    adapter = LAYOUTS[MEISAI]
    data = adapter.write(answers(MEISAI, 3))
    width = adapter.record_bytes + 2
    at = 4 * width
    amount = int(data[2 * width + 24 : 2 * width + 36])
    total = int(data[at + 7 : at + 20]) - amount
    debit = put(2 * width + 21, b"2", put(at + 1, b"000002" + f"{total:013d}".encode(), data))
    found = sort(adapter, debit)
    assert found.refused.select("line_no", "item", "rule").rows() == [(3, "result", "コード")]
    assert found.accepted.height == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"record_bytes": 0}, "record_bytes"),
        ({"totals": []}, "totals"),
        ({"totals": [{"column": "合計", "at": 115, "bytes": 6}]}, "レコードの中"),
        ({"totals": [{"column": "合計", "at": 1, "bytes": 6, "of": "nothing"}]}, "nothing"),
        ({"marks": [{"record": "end", "column": "種別", "at": 1, "bytes": 2, "values": ["21"]}]}, "record"),
        ({"marks": [{"record": "data", "column": "種別", "at": 1, "bytes": 2, "values": ["21"]}]}, "trailer"),
        ({"totals": [{"column": "合計", "at": 1, "bytes": 6, "of": "reason_text"}]}, "columns"),
        ({"marks": [{"record": "header", "column": "種別", "at": 1, "bytes": 2, "values": ["210"]}]}, "長さ"),
        ({"marks": [{"record": "header", "column": "種別", "at": 1, "bytes": 2, "values": []}]}, "長さ"),
        ({"header": True}, "見出し"),
        ({"encoding": "utf-8"}, "cp932"),
        ({"kind": "fixed"}, "全銀にだけ"),
    ],
    ids=str,
)
def test_a_layout_that_contradicts_itself_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(AdapterError, match=told):
        stated(FURIKOMI, **changes)


def test_a_number_of_twelve_bytes_must_be_named_lest_it_be_taken_for_a_my_number() -> None:
    with pytest.raises(AdapterError, match="twelve_digit_items"):
        stated(MEISAI, twelve_digit_items=[])


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("value_date", [date(2026, 11, 27), date(2026, 11, 28)]),
        ("payment_no", ["20261100011", "2026110002"]),
        ("account_number", ["１２３４５６７", "1234567"]),
    ],
)
def test_values_that_the_records_cannot_say_are_not_written_and_not_repeated(item: str, values: list[object]) -> None:
    rows = answers(FURIKOMI, 2).with_columns(pl.Series(item, values))
    with pytest.raises(AdapterError, match=item) as caught:
        BANK.write(rows)
    assert not re.search(r"[0-9]{7}|１２", str(caught.value))


def ends(adapter: Adapter, data: bytes) -> Reading | DeliveryError:
    """Rows or a refusal; anything else is an error of the test."""
    try:
        return adapter.read(data, "f")
    except DeliveryError as error:
        return error


@given(st.binary(max_size=800), st.sampled_from(list(LAYOUTS.values())))
@example(b"1", BANK)
@example(b"9\r\n", BANK)
@example(b"\r\n\r\n\r\n", BANK)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_any_bytes_end_in_rows_or_in_a_clear_refusal(data: bytes, adapter: Adapter) -> None:
    found = ends(adapter, data)
    assert isinstance(found, Reading) or (found.message and found.action)


EDITS = st.lists(
    st.tuples(st.integers(0, len(THREE) - 1), st.integers(0, 2), st.binary(max_size=3)), min_size=1, max_size=4
)


@given(EDITS, st.booleans())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_file_with_some_bytes_changed_loses_no_record_in_silence(
    edits: list[tuple[int, int, bytes]], line_ends: bool
) -> None:
    data = THREE if line_ends else THREE.replace(b"\r\n", b"")
    for at, gone, new in edits:
        data = data[:at] + new + data[at + gone :]
    found = ends(BANK, data)
    if isinstance(found, Reading):
        told = BANK.typed(found, BANK_RESULTS, Source("f", KNOWN))
        lines = {*told.accepted["line_no"], *told.refused["line_no"]}
        assert len(lines) == found.count == 3
        readable = int(told.accepted["amount_yen"].sum()) + int(told.refused["yen"].sum())
        assert told.unreadable_lines or readable == int(THREE[TRAILER + 7 : TRAILER + 19])
