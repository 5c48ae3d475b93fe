"""Rows whose structure is broken are set aside, alone, and never shift their neighbours."""

import polars as pl
import pytest

from schemas.feeds.adapter import Adapter
from schemas.feeds.errors import DeliveryError
from schemas.feeds.layout import Reading
from schemas.records.feeds import FEEDS
from tests.support.rows import valid_rows

ARREARS = Adapter.load("arrears")
GOOD = [f"{at:015d},151,0,2026-04-0{at}" for at in range(1, 7)]


def read(*lines: str) -> Reading:
    header = ",".join(column.column for column in ARREARS.columns)
    return ARREARS.read("".join(f"{line}\r\n" for line in [header, *lines]).encode(), "f")


def kept(reading: Reading) -> list[str]:
    return [",".join(row) for row in reading.rows.select(ARREARS.items).iter_rows()]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("000000000000009,151,0", "列数"),
        ("000000000000009,151,0,2026-04-01,", "列数"),
        ("", "列数"),
        ("   ", "列数"),
        ("000000000000009,151,0,2026\n-04-01", "改行"),
        ("000000000000009,151,0,2026\r-04-01", "改行"),
        ("000000000000009,151,0,2026\x00-04-01", "制御文字"),
        ("000000000000009,151,\t0,2026-04-01", "制御文字"),
        ("000000000000009,151,0,2026\u2028-04-01", "制御文字"),
        ('000000000000009,151,0,2026-04-01"', "引用符"),
        ('"000000000000009,151,0,2026-04-01', "引用符"),
        ('0000"00000000"09,151,0,2026-04-01', "引用符"),
        ('"000000000000009"x,151,0,2026-04-01', "引用符"),
        ('"000000000000009",151,0', "引用符"),
        ('"00000,00000","151",0,2026-04-01,', "引用符"),
    ],
)
def test_a_row_without_structure_is_set_aside_with_its_line_and_rule(line: str, rule: str) -> None:
    reading = read(*GOOD[:3], line, *GOOD[3:])
    assert reading.malformed.rows() == [(5, line, rule)]
    assert kept(reading) == GOOD
    assert reading.rows["line_no"].to_list() == [2, 3, 4, 6, 7, 8]
    assert reading.rows["row_text"].to_list() == GOOD
    assert reading.count == 7


def test_a_line_end_inside_quotes_is_one_refused_row_on_several_lines() -> None:
    reading = read(GOOD[0], '"0000000', '00000009",151,0,2026-04-01', GOOD[1])
    assert reading.malformed["line_no"].to_list() == [3]
    assert reading.malformed["rule"].to_list() == ["改行"]
    assert reading.rows["line_no"].to_list() == [2, 5]
    assert reading.count == 3


def test_two_stray_quotes_do_not_swallow_the_rows_between_them() -> None:
    stray = ['0"00000000000009,151,0,2026-04-01', '000000000000008,151,0,2026-04-01"']
    reading = read(stray[0], *GOOD[:3], stray[1], GOOD[3])
    assert reading.malformed.select("line_no", "rule").rows() == [(2, "引用符"), (6, "引用符")]
    assert kept(reading) == GOOD[:4]


def test_quoted_fields_read_as_what_they_quote() -> None:
    reading = read('"000000000000009","151","0","2026-04-01"', '"a,b","c""d","",')
    assert reading.rows.select(ARREARS.items).rows() == [
        ("000000000000009", "151", "0", "2026-04-01"),
        ("a,b", 'c"d', None, None),
    ]


def test_values_stay_text_as_they_stand() -> None:
    reading = read("007, 1 ,１,1e3", "\ufeffa,#b,NULL,nan")
    assert reading.rows.select(ARREARS.items).rows() == [("007", " 1 ", "１", "1e3"), ("\ufeffa", "#b", "NULL", "nan")]


def test_an_end_of_file_mark_is_tolerated_once_on_cp932_files_only() -> None:
    answers = Adapter.load("insurer_answers")
    data = answers.write(valid_rows(FEEDS["insurer_answers"], 3))
    assert answers.read(data + b"\x1a", "f").count == 3
    with pytest.raises(DeliveryError) as twice:
        answers.read(data + b"\x1a\x1a", "f")
    residents = Adapter.load("residents")
    with pytest.raises(DeliveryError) as utf8:
        residents.read(residents.write(valid_rows(FEEDS["residents"], 3)) + b"\x1a", "f")
    assert {twice.value.code, utf8.value.code} == {"structure"}


def test_half_width_kana_that_could_be_utf8_stays_cp932() -> None:
    bank = Adapter.load("bank_results")
    rows = valid_rows(FEEDS["bank_results"], 2).with_columns(reason_text=pl.lit("ﾃｱﾃｱ"))
    data = bank.write(rows)
    assert "ﾃｱﾃｱ".encode("cp932").decode("utf-8") == "ññ"
    assert bank.read(data, "f").rows["reason_text"].to_list() == ["ﾃｱﾃｱ"] * 2


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda line: line[:-1], "行長"),
        (lambda line: line + b" ", "行長"),
        (lambda line: b"", "行長"),
        (lambda line: line[:20] + b"\x00" + line[21:], "制御文字"),
        (lambda line: line[:20] + b"\n" + line[21:], "改行"),
    ],
)
def test_a_punched_line_of_another_shape_is_set_aside(change: object, rule: str) -> None:
    assert callable(change)
    claims = Adapter.load("claims")
    lines = claims.write(valid_rows(FEEDS["claims"], 4)).split(b"\r\n")
    lines[1] = change(lines[1])
    reading = claims.read(b"\r\n".join(lines), "f")
    assert reading.malformed.select("line_no", "rule").rows() == [(2, rule)]
    assert reading.rows["line_no"].to_list() == [1, 3, 4]
