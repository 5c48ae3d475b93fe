"""A UKE file that cannot be trusted is refused whole, with the line and what to do; a doubtful receipt alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schemas.feeds.errors import ACTIONS, DeliveryError
from schemas.records.feeds import FEEDS
from schemas.uke import lines as uke_lines
from tests.support.uke import PAYER_NO, SOURCE, UKE, file, numbered

HEAD = "IR,1,11,1,0210019,,試験医院,202612,00,"
ONE = numbered("000101")
RECEIPT = (
    "RE,1,1124,202610,川口　花子,2,20210506",
    "HO,06110163,１,２,1,500",
    f"KO,{PAYER_NO},{ONE},,1,500",
    "SN,1,01,,,,02",
    "JD,1,,,1",
    "SY,8840407,20261005,1",
    "SI,11,2,111000110,,500,1",
)
GO = "GO,2,500,99"
WHOLE = (HEAD, *RECEIPT, GO)
OTHER = numbered("5211203")
WRONG = ONE[:-1] + str((int(ONE[-1]) + 1) % 10)
NOVEMBER = RECEIPT[0].replace("202610", "202611")


def without(at: int) -> tuple[str, ...]:
    return WHOLE[:at] + WHOLE[at + 1 :]


def instead(at: int, *lines: str) -> tuple[str, ...]:
    return WHOLE[:at] + lines + WHOLE[at + 1 :]


def refused(data: bytes) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        UKE.read(data, "a.uke")
    error = caught.value
    assert error.action == ACTIONS[error.code].format(office=UKE.office)
    assert error.message.endswith("。")
    assert "花子" not in str(error)
    return error


def test_the_whole_file_is_read_with_the_end_mark_and_without() -> None:
    assert UKE.read(file(*WHOLE), "f").rows.equals(UKE.read(file(*WHOLE, ended=False), "f").rows)


@pytest.mark.parametrize(
    ("lines", "told", "line"),
    [
        (without(0), "先頭のレコード", 1),
        (instead(0, "KO,81112039", HEAD), "先頭のレコード", 1),
        (instead(0, "SY,8840407", HEAD), "レセプトの外に明細", 1),
        (instead(0, HEAD, "SI,11,2"), "レセプトの外に明細", 2),
        (instead(0, HEAD, "HO,06110163"), "RE)の前", 2),
        (without(8), "途中で切れて", 8),
        ((*WHOLE, "SY,8840407"), "レセプトの外に明細", 10),
        ((*WHOLE, "KO,81112039"), "RE)の前", 10),
        ((*WHOLE, GO), "交互", 10),
        (instead(8, HEAD, GO), "交互", 9),
        (instead(7, "si,11"), "レコード識別情報", 8),
        (instead(7, ""), "レコード識別情報", 8),
        (instead(7, "SIX,1"), "レコード識別情報", 8),
        (instead(7, "CO,1," + "あ" * 10_001), "20000バイト", 8),
        (instead(0, HEAD.replace(",1,0210019", ",7,0210019")), "点数表", 1),
        (instead(0, HEAD.replace("0210019", "021001X")), "医療機関のコード", 1),
    ],
)
def test_lines_out_of_order_or_of_another_form_refuse_the_file(lines: tuple[str, ...], told: str, line: int) -> None:
    error = refused(file(*lines))
    assert (error.code, error.line) == ("structure", line)
    assert told in error.message


@pytest.mark.parametrize(
    ("go", "told"),
    [
        ("GO,3,500,99", "総件数"),
        ("GO,,500,99", "総件数"),
        ("GO,x,500,99", "総件数"),
        ("GO,2,501,99", "総合計点数"),
        ("GO,2,,99", "総合計点数"),
        ("GO", "総件数"),
    ],
)
def test_totals_that_are_not_those_of_the_receipts_refuse_the_file(go: str, told: str) -> None:
    error = refused(file(*instead(8, go)))
    assert (error.code, error.line) == ("total", 9)
    assert told in error.message


@pytest.mark.parametrize("go", [GO, "GO,1,500,99", "GO,000002,0000000500,99", "GO,2,500"])
def test_go_counts_payers_or_receipts(go: str) -> None:
    assert UKE.read(file(*instead(8, go)), "f").count == 1


def broken(change: Callable[[bytes], bytes]) -> DeliveryError:
    return refused(change(file(*WHOLE)))


@pytest.mark.parametrize(
    ("code", "line", "change"),
    [
        ("empty", None, lambda data: b""),
        ("structure", 1, lambda data: data.replace(b"\r\n", b"\n")),
        ("structure", 3, lambda data: data.replace(b"HO,", b"HO,\r", 1)),
        ("structure", 9, lambda data: data[:-3] + b"\x1a"),
        ("structure", 2, lambda data: data.replace(b"RE,1", b"RE,\x00", 1)),
        ("structure", 9, lambda data: data.replace(b"99\r\n", b"99\x1a\r\n")),
        ("encoding", 2, lambda data: data.replace("花".encode("cp932"), b"\x89 ")),
        ("encoding", 2, lambda data: data.replace("花".encode("cp932"), b"\xff")),
        ("encoding", 2, lambda data: data.replace("花".encode("cp932"), b"\x85\x40")),
        ("encoding", 1, lambda data: data.decode("cp932").encode("utf-8")),
        ("encoding", 1, lambda data: b"\xef\xbb\xbf" + data),
    ],
)
def test_bytes_that_are_no_such_file_refuse_it(code: str, line: int | None, change: Callable[[bytes], bytes]) -> None:
    error = broken(change)
    assert (error.code, error.line) == (code, line)


@pytest.mark.parametrize("name", ["葛󠄀西", "神︀谷", "𠮷田"])
def test_a_name_in_utf8_with_or_without_a_variation_selector_is_told_as_such(name: str) -> None:
    error = broken(
        lambda data: data.replace("川口".encode("cp932"), name.encode()).replace("　花子".encode("cp932"), b"")
    )
    assert (error.code, error.line) == ("encoding", 2)
    assert "異体字" in error.message


def test_a_file_beyond_the_limits_is_refused_before_it_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(UKE, maximum_bytes=50)
    with pytest.raises(DeliveryError, match="50バイト"):
        small.read(file(*WHOLE), "f")
    monkeypatch.setattr(uke_lines, "MOST_LINES", 5)
    assert refused(file(*WHOLE)).code == "too_big"


@pytest.mark.parametrize(
    ("rule", "lines"),
    [
        ("レコードの順序", instead(2, RECEIPT[2], RECEIPT[1])[:4] + WHOLE[4:]),
        ("レコードの順序", instead(2, RECEIPT[1], RECEIPT[1])),
        ("レコードの順序", instead(3, "SN,1,01,,,,02", RECEIPT[2])),
        ("レコードの順序", instead(3, "SY,8840407", RECEIPT[2])),
        ("レコードの順序", instead(3, "KH,x", "SI,11", RECEIPT[2])),
        ("公費の数", instead(3, *([f"KO,{OTHER},,,1,500"] * 4), RECEIPT[2])),
        ("市の公費の重複", instead(3, RECEIPT[2], RECEIPT[2])),
        ("項目の数", instead(1, RECEIPT[0] + "," * 32)),
        ("項目の数", instead(3, RECEIPT[2] + "," * 8)),
        ("受診日の書式", instead(5, "JD,1,x")),
        ("受診日の書式", instead(5, "JD,1" + ",1" * 32)),
        ("レセプト種別", instead(1, RECEIPT[0].replace("1124", "3124"))),
        ("レセプト種別", instead(1, RECEIPT[0].replace("1124", "112"))),
        ("合計点数", instead(2, "HO,06110163,１,２,1,５００")),
        ("合計点数", instead(2, "HO,06110163,１,２,1,")),
        ("合計点数", instead(3, f"KO,{PAYER_NO},{ONE},,1,x")),
        ("負担金額", instead(3, f"KO,{PAYER_NO},{ONE},,1,500,x")),
        ("負担金額", instead(2, RECEIPT[1] + ",,,,,,-5")),
    ],
)
def test_a_receipt_whose_records_cannot_be_told_apart_is_set_aside(rule: str, lines: tuple[str, ...]) -> None:
    again = ("RE,2,1124,202610,川口　花子,2,20210506", *RECEIPT[1:])
    body = lines[1:-1]
    reading = UKE.read(file(HEAD, *body, *again, "GO,2,1000,99"), "f")
    assert reading.malformed.select("line_no", "rule").rows() == [(2, rule)]
    assert reading.rows["line_no"].to_list() == [2 + len(body)]
    found = UKE.typed(reading, FEEDS["receipts"], SOURCE)
    assert found.refused.select("line_no", "rule", "yen").rows() == [(2, rule, 0)]
    assert found.unreadable_lines == (2,)


@pytest.mark.parametrize(
    ("item", "rule", "lines"),
    [
        ("service_month", "型", instead(1, RECEIPT[0].replace("202610", "202613"))),
        ("rcpt_patient_birth_date", "型", instead(1, RECEIPT[0].replace("20210506", "20210532"))),
        ("rcpt_patient_sex", "コード", instead(1, RECEIPT[0].replace(",2,2021", ",3,2021"))),
        ("rcpt_patient_beneficiary_no", "検査数字", instead(3, f"KO,{PAYER_NO},{WRONG},,1,500")),
        ("rcpt_patient_beneficiary_no", "書式", instead(3, f"KO,{PAYER_NO},12345678,,1,500")),
        ("rcpt_branch_no", "必須", without(4)),
        ("rcpt_branch_no", "型", instead(4, "SN,1,01,,,,ab")),
        ("first_day", "型", (HEAD, NOVEMBER, *RECEIPT[1:4], "JD,1" + "," * 31 + "1", GO)),
        ("insurer_no", "書式", instead(2, "HO,061101631,１,２,1,500")),
    ],
)  # fmt: skip
def test_a_value_that_is_none_refuses_its_receipt_by_the_rule_of_the_feed(
    item: str, rule: str, lines: tuple[str, ...]
) -> None:
    found = UKE.typed(UKE.read(file(*lines), "f"), FEEDS["receipts"], SOURCE)
    assert (item, rule) in found.refused.select("item", "rule").rows()
    assert found.accepted.is_empty()


def test_a_receipt_without_the_citys_payer_takes_the_last_one_for_the_rules_to_hold() -> None:
    lines = (HEAD, *RECEIPT[:2], f"KO,{OTHER},7,,1,500,300", f"KO,{numbered('8111999')},{ONE},,1,500", RECEIPT[3])
    row = UKE.read(file(*lines, "GO,3,500,99"), "f").rows.row(0, named=True)
    assert row["rcpt_public_payer_no"] == numbered("8111999")
    assert (row["rcpt_other_public_payer_no"], row["rcpt_public_expense_yen"]) == (OTHER, "300")


def test_the_citys_payer_is_found_wherever_it_stands_and_the_others_keep_their_order() -> None:
    second = numbered("1611203")
    lines = (f"KO,{OTHER},7,,1,500,700", f"KO,{PAYER_NO},{ONE},,1,500", f"KO,{second},8,,1,500,200")
    row = UKE.read(file(HEAD, *RECEIPT[:2], *lines, RECEIPT[3], "GO,4,500,99"), "f").rows.row(0, named=True)
    assert (row["rcpt_other_public_payer_no"], row["rcpt_other_public_payer_no_2"]) == (OTHER, second)
    assert (row["rcpt_other_public_yen"], row["rcpt_other_public_yen_2"]) == ("300", "500")
    assert row["rcpt_public_expense_yen"] == "200"


def test_only_the_points_of_the_citys_payer_are_its_own() -> None:
    lines = (HEAD, *RECEIPT[:2], f"KO,{PAYER_NO},{ONE},,1,300", RECEIPT[3], GO)
    row = UKE.read(file(*lines), "f").rows.row(0, named=True)
    assert (row["rcpt_total_medical_cost_yen"], row["rcpt_public_expense_yen"]) == ("3000", "600")


@pytest.mark.parametrize(
    ("remarks", "income", "many"),
    [
        ("26", "ア", "0"),
        ("0231", "ア", "1"),
        ("2930", "エ", "0"),
        ("02", None, None),
        ("0262", None, None),
        ("", None, None),
    ],
)
def test_remarks_are_read_two_digits_at_a_time(remarks: str, income: str | None, many: str | None) -> None:
    row = UKE.read(file(*instead(1, f"{RECEIPT[0]},,,,,{remarks}")), "f").rows.row(0, named=True)
    assert (row["rcpt_income_class"], row["rcpt_many_times"]) == (income, many)


def test_doubts_are_warnings_of_accepted_receipts() -> None:
    grown = RECEIPT[0].replace("20210506", "20150506") + "," * 12 + "777"
    young = "RE,2,1126,202610,川口　花子,2,20210506" + "," * 12 + "777"
    lines = (HEAD, grown, *RECEIPT[1:4], "JD,1,1,1", young, *RECEIPT[1:5], "GO,4,1000,99")
    found = UKE.typed(UKE.read(file(*lines), "f"), FEEDS["receipts"], SOURCE)
    assert found.accepted.height == 2
    told = found.warnings.filter(found.warnings["rule"] != "検査数字").select("line_no", "rule").rows()
    assert sorted(told) == sorted(
        [
            (2, "受診日と実日数"),
            (2, "未就学者の種別"),
            (7, "未就学者の種別"),
            (2, "検索番号の重複"),
            (7, "検索番号の重複"),
        ]
    )


@pytest.mark.parametrize(
    ("birth", "month", "preschool"),
    [
        ("20200401", "202603", True), ("20200401", "202604", False),
        ("20200402", "202604", True), ("20200402", "202703", True), ("20200402", "202704", False),
    ],
)  # fmt: skip
def test_school_begins_on_the_april_after_the_sixth_birthday_is_reached(
    birth: str, month: str, preschool: bool
) -> None:
    kind = "1124" if preschool else "1126"
    head = HEAD.replace("202612", "202712")
    for said, doubt in ((kind, False), ("1126" if preschool else "1124", True)):
        lines = (head, f"RE,1,{said},{month},川口　花子,2,{birth}", *RECEIPT[1:4], GO)
        rules = UKE.read(file(*lines), "f").warnings["rule"].to_list()
        assert ("未就学者の種別" in rules) == doubt


def test_records_of_other_bodies_are_carried_through() -> None:
    lines = ("UK,1,11", HEAD, RECEIPT[0], "MN,1", *RECEIPT[1:4], "RC,x", *RECEIPT[4:], "EX,y", GO, "HG,1")
    data = file(*lines)
    assert UKE.read(data, "f").count == 1
    found = uke_lines.lines_of(UKE, data, "f")
    assert uke_lines.file_of(found.fields(), found.ended) == data


def test_a_my_number_in_a_receipt_stops_the_file() -> None:
    data = file(*instead(2, "HO,06110163,１,123456789018,1,500"))
    assert refused(data).code == "my_number"
