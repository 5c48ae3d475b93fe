"""Every reason for which a delivery does not pass, made by breaking a valid one; no sentence repeats a value."""

import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from resources import delivery, zips
from resources.inbox import DeliveryError, Inbox
from schemas.checkdigits import my_number_check_digit
from schemas.errors import CityError
from schemas.feeds.errors import ACTIONS
from tests.support.deliveries import DAY, Office, zipped

SOME = ("residents", "applications", "claims", "receipts")
MONEY = ("claims", "receipts", "insurer_answers", "bank_results")
MY_NUMBER = "12345678901" + my_number_check_digit("12345678901")


def refused_with(code: str, office: Office, known: list[delivery.AcceptedDelivery] | None = None) -> DeliveryError:
    """The one error in which the gate ends."""
    with pytest.raises(DeliveryError) as caught:
        office.gate(known)
    error = caught.value
    assert error.code == code
    assert error.feed == office.feed
    assert error.file in error.message
    assert error.action == ACTIONS[code].format(office=office.adapter.office)
    assert str(error) == f"[{code}] {error.message}{error.action}"
    assert error.message.endswith("。")
    if error.line is not None:
        assert f"の{error.line}行目" in error.message
    return error


@pytest.fixture(params=SOME)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    return Office(tmp_path, request.param)


def test_a_delivery_error_is_an_error_of_the_city() -> None:
    assert issubclass(DeliveryError, CityError)


def test_a_due_feed_without_delivery_is_missing(office: Office) -> None:
    error = refused_with("missing", office)
    assert "納品がありません" in error.message


def test_a_control_file_without_its_data_is_missing(office: Office) -> None:
    office.lay(office.rows()).unlink()
    refused_with("missing", office)


def test_an_accepted_delivery_that_left_the_inbox_is_missing(office: Office) -> None:
    first = office.lay(office.rows(5, 1), sequence=1)
    office.lay(office.rows(5, 2), sequence=2)
    known = office.gate().deliveries
    first.unlink()
    office.control_of(first).unlink()
    assert refused_with("missing", office, known).file == first.name


@pytest.mark.parametrize("door", ["read_bytes", "iterdir"])
def test_what_cannot_be_read_is_missing(office: Office, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_path: Path) -> bytes:
        raise PermissionError

    office.lay(office.rows())
    monkeypatch.setattr(Path, door, fails)
    refused_with("missing", office)


def _leave_note(office: Office) -> None:
    (office.folder / "メモ.txt").write_text("x", encoding="utf-8")


def _leave_folder(office: Office) -> None:
    (office.folder / f"{office.feed}_diff_20261015_0002.{office.adapter.extension}").mkdir()


def _leave_link(office: Office) -> None:
    name = f"{office.feed}_diff_20261015_0002.{office.adapter.extension}"
    (office.folder / name).symlink_to(next(office.folder.iterdir()))


def _leave_other_feed(office: Office) -> None:
    (office.folder / f"arrears_diff_20261014_0001.{office.adapter.extension}").write_bytes(b"x")


def _leave_bad_day(office: Office) -> None:
    (office.folder / f"{office.feed}_diff_20261399_0002.{office.adapter.extension}").write_bytes(b"x")


def _leave_other_kind(office: Office) -> None:
    (office.folder / f"{office.feed}_diff_20261014_0002.xlsx").write_bytes(b"x")


@pytest.mark.parametrize(
    "leave", [_leave_note, _leave_folder, _leave_link, _leave_other_feed, _leave_bad_day, _leave_other_kind]
)
def test_a_stranger_in_the_folder_is_reported(office: Office, leave: Callable[[Office], None]) -> None:
    office.lay(office.rows())
    leave(office)
    refused_with("stranger", office)


@pytest.mark.parametrize(
    "control",
    [
        {"municipality": "112000"},
        {"feed": "arrears"},
        {"load": "full"},
        {"as_of": "2026-10-13"},
        {"sequence": 2},
        {"rows": "12"},
        {"rows": -1},
        {"rows": True},
        {"yen": 1.5},
        {"sha256": "ABC"},
        {"channel": "usb"},
        {"channel": None},
        {"load": ["diff"]},
        {"as_of": "2026-10-99"},
        {"as_of": 20261014},
        {"note": "余分"},
    ],
    ids=str,
)
def test_a_contradicting_control_file_is_refused(tmp_path: Path, control: dict[str, object]) -> None:
    office = Office(tmp_path, "receipts")
    office.lay(office.rows(), control=control)
    refused_with("control", office)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 60_000,
        b'{"rows": ' + b"9" * 5000 + b"}",
        b'{"feed":"a","feed":"b"}',
        b"{}",
        b" " * 70_000,
        b'{"rows": NaN}',
    ],
    ids=lambda content: content[:12],
)
def test_an_unreadable_control_file_is_refused(tmp_path: Path, content: bytes) -> None:
    office = Office(tmp_path, "residents")
    office.control_of(office.lay(office.rows())).write_bytes(content)
    refused_with("control", office)


def test_a_delivery_without_control_file_is_refused(office: Office) -> None:
    office.control_of(office.lay(office.rows())).unlink()
    refused_with("control", office)


def test_a_missing_item_of_the_control_file_is_named(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    control = office.control_of(office.lay(office.rows()))
    stated = json.loads(control.read_text(encoding="utf-8"))
    del stated["channel"]
    control.write_text(json.dumps(stated), encoding="utf-8")
    assert "channel" in refused_with("control", office).message


def test_flash_memory_is_refused(office: Office) -> None:
    office.lay(office.rows(), control={"channel": "flash"})
    refused_with("channel", office)


def test_a_file_changed_on_its_way_is_refused(office: Office) -> None:
    path = office.lay(office.rows())
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    refused_with("hash", office)


@pytest.mark.parametrize("rows", [11, 13])
def test_a_wrong_count_is_refused(office: Office, rows: int) -> None:
    office.lay(office.rows(), control={"rows": rows})
    assert f"{rows}件" in refused_with("rows", office).message


@pytest.mark.parametrize("feed", MONEY)
def test_a_wrong_total_is_refused(tmp_path: Path, feed: str) -> None:
    office = Office(tmp_path, feed)
    office.lay(office.rows(), control={"yen": 1})
    refused_with("total", office)


def test_a_feed_without_money_states_no_yen(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    office.lay(office.rows(), control={"yen": 1})
    refused_with("total", office)


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    for feed in ("residents", "receipts", "bank_results"):
        office = Office(tmp_path, feed)
        encoding = office.adapter.encoding
        other = {"utf-8": "cp932", "cp932": "utf-8"}[encoding]
        rows = office.rows()
        office.lay(rows, office.adapter.write(rows).decode(encoding).encode(other))
        assert refused_with("encoding", office).line == 1


def test_a_byte_that_is_no_character_is_refused_with_its_line(tmp_path: Path) -> None:
    for feed, byte in (("residents", b"\xff"), ("receipts", b"\x81\x20")):
        office = Office(tmp_path, feed)
        lines = office.file().split(b"\r\n")
        lines[4] += byte
        office.lay(office.rows(), b"\r\n".join(lines))
        assert refused_with("encoding", office).line == 5


def test_one_line_of_utf8_in_a_cp932_file_is_refused_with_its_line(tmp_path: Path) -> None:
    office = Office(tmp_path, "receipts")
    only_name_is_wide = {"rcpt_patient_name": pl.lit("葛飾太郎です"), "rcpt_income_class": pl.lit(None, pl.String)}
    rows = office.rows().with_columns(**only_name_is_wide)
    lines = office.adapter.write(rows).split(b"\r\n")
    lines[6] = lines[6].replace("葛飾太郎です".encode("cp932"), "葛󠄀飾太郎で".encode())
    content = b"\r\n".join(lines)
    assert content.decode("cp932") != ""
    office.lay(rows, content)
    assert refused_with("encoding", office).line == 7


def test_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe"):
        office = Office(tmp_path, "residents")
        office.lay(office.rows(), mark + office.file())
        refused_with("encoding", office)


def _with_header(office: Office, change: Callable[[list[str]], list[str]]) -> None:
    encoding = office.adapter.encoding
    first, rest = office.file().split(b"\r\n", 1)
    header = ",".join(change(first.decode(encoding).split(","))).encode(encoding)
    office.lay(office.rows(), header + b"\r\n" + rest)


CSV = ("residents", "applications", "receipts", "bank_results", "insurer_answers")


@pytest.mark.parametrize("feed", CSV)
def test_a_missing_column_is_named(tmp_path: Path, feed: str) -> None:
    office = Office(tmp_path, feed)
    _with_header(office, lambda names: names[:2] + names[3:])
    assert f"「{office.adapter.columns[2].column}」" in refused_with("column_missing", office).message


@pytest.mark.parametrize("feed", CSV)
def test_an_extra_column_is_named(tmp_path: Path, feed: str) -> None:
    office = Office(tmp_path, feed)
    _with_header(office, lambda names: [*names, "備考欄"])
    assert "「備考欄」" in refused_with("column_extra", office).message


@pytest.mark.parametrize("feed", CSV)
def test_a_renamed_column_is_named_with_its_new_name(tmp_path: Path, feed: str) -> None:
    office = Office(tmp_path, feed)
    _with_header(office, lambda names: ["新しい名前", *names[1:]])
    message = refused_with("column_missing", office).message
    assert f"「{office.adapter.columns[0].column}」" in message
    assert "「新しい名前」" in message


def test_a_column_twice_and_columns_in_another_order_are_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    _with_header(office, lambda names: [*names, names[0]])
    refused_with("column_extra", office)
    _with_header(office, lambda names: [names[1], names[0], *names[2:]])
    refused_with("column_order", office)


def test_a_file_without_header_repeats_nothing_of_its_first_row(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    rows = office.rows().with_columns(name=pl.lit("秘密太郎"))
    office.lay(rows, office.adapter.write(rows).split(b"\r\n", 1)[1])
    assert "秘密" not in str(refused_with("column_missing", office))


@pytest.mark.parametrize("name", ["個人番号", "児童の個人番号", "マイナンバー", "ﾏｲﾅﾝﾊﾞｰ", "My Number"])
def test_a_column_of_my_numbers_is_refused(tmp_path: Path, name: str) -> None:
    office = Office(tmp_path, "residents")
    _with_header(office, lambda names: [*names, name])
    assert refused_with("my_number", office).line == 1


FULL_WIDTH = MY_NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
GROUPED = f"{MY_NUMBER[:4]}-{MY_NUMBER[4:8]}-{MY_NUMBER[8:]}"


@pytest.mark.parametrize("text", [MY_NUMBER, FULL_WIDTH, GROUPED, f"番号は{MY_NUMBER}です", f"1,{MY_NUMBER}"])
def test_a_my_number_in_free_text_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    for feed, item in (("applications", "memo"), ("receipts", "rcpt_patient_name")):
        office = Office(tmp_path, feed)
        rows = office.rows(5).with_row_index("at")
        hidden = pl.when(pl.col("at") == 3).then(pl.lit(text)).otherwise(pl.col(item)).alias(item)
        office.lay(rows.with_columns(hidden).drop("at"))
        error = refused_with("my_number", office)
        assert error.line == 5
        assert text not in str(error)


def test_a_my_number_in_a_row_without_structure_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    lines = office.file(5).split(b"\r\n")
    lines[2] = MY_NUMBER.encode()
    office.lay(office.rows(5), b"\r\n".join(lines))
    assert refused_with("my_number", office).line == 3


def test_twelve_digits_pass_where_they_belong_or_without_the_check_digit(tmp_path: Path) -> None:
    claims = Office(tmp_path, "claims")
    claims.lay(claims.rows(1).with_columns(claim_no=pl.lit(MY_NUMBER)))
    assert claims.gate().counts.accepted_rows == 1
    applications = Office(tmp_path, "applications")
    wrong = MY_NUMBER[:11] + str((int(MY_NUMBER[11]) + 1) % 10)
    applications.lay(applications.rows(2).with_columns(memo=pl.lit(wrong)))
    assert applications.gate().counts.accepted_rows == 2


def test_a_doubled_key_refuses_the_file_with_the_second_line(office: Office) -> None:
    rows = office.rows(5)
    office.lay(pl.concat([rows, rows[[1]]]))
    assert refused_with("duplicate_key", office).line == (7 if office.adapter.header else 6)


def test_a_file_of_no_bytes_is_empty(office: Office) -> None:
    office.lay(office.rows().clear(), b"")
    refused_with("empty", office)


def test_a_file_cut_off_in_its_last_line_is_refused(office: Office) -> None:
    office.lay(office.rows(), office.file()[:-5])
    refused_with("structure", office)


def test_a_file_with_other_line_ends_is_refused(office: Office) -> None:
    office.lay(office.rows(), office.file().replace(b"\r\n", b"\n"))
    refused_with("structure", office)


def test_a_file_above_its_maximum_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, "residents")
    office.lay(office.rows())
    small = replace(office.adapter, maximum_bytes=100)
    monkeypatch.setattr("resources.inbox.Adapter.load", lambda *_: small)
    refused_with("too_big", office)


def test_a_full_load_that_shrank_is_refused_and_one_inside_the_share_is_not(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    office.lay(office.rows(100, 1), load="full", as_of=date(2026, 10, 13))
    known = [replace(delivery, partition="2026-10-13") for delivery in deliveries_of(office, date(2026, 10, 13))]
    office.lay(office.rows(95, 2), load="full", sequence=2)
    assert office.gate(known).counts.rows == 95
    office.lay(office.rows(94, 2), load="full", sequence=2)
    message = refused_with("shrunk", office, known).message
    assert "100件から94件" in message
    office.lay(office.rows(3, 2), load="diff", sequence=2, as_of=DAY)
    for path in office.folder.glob("*_full_20261014_*"):
        path.unlink()
    assert office.gate(known).counts.rows == 3


def deliveries_of(office: Office, day: date) -> list[delivery.AcceptedDelivery]:
    return Inbox(office.root, "112038").gate(office.feed, (day, day), []).deliveries


def test_the_same_content_under_another_name_is_twice(office: Office) -> None:
    rows = office.rows()
    office.lay(rows, sequence=1)
    office.lay(rows, sequence=2)
    assert "0001" in refused_with("twice", office).message


def test_the_same_sequence_with_other_content_is_twice(office: Office) -> None:
    office.lay(office.rows(5, 1), load="diff")
    office.lay(office.rows(5, 2), load="full")
    refused_with("twice", office)


def test_a_delivery_changed_after_it_was_accepted_is_twice(office: Office) -> None:
    office.lay(office.rows(5, 1))
    known = office.gate().deliveries
    office.lay(office.rows(5, 2))
    refused_with("twice", office, known)


def test_a_sequence_with_a_gap_is_out_of_order(office: Office) -> None:
    office.lay(office.rows(5, 1), sequence=1)
    office.lay(office.rows(5, 2), sequence=3)
    assert "通番2" in refused_with("order", office).message


def test_a_day_going_back_is_out_of_order(office: Office) -> None:
    office.lay(office.rows(5, 1))
    later = replace(office.gate().deliveries[0], as_of=date(2026, 11, 30), partition="later", file="later")
    for path in office.folder.iterdir():
        path.unlink()
    office.lay(office.rows(5, 2), sequence=2)
    assert "基準日" in refused_with("order", office, [later]).message
    for path in office.folder.iterdir():
        path.unlink()
    office.lay(office.rows(5, 2), sequence=1)
    earlier = replace(later, sequence=2, as_of=date(2026, 9, 30), sha256="0" * 64)
    assert "基準日" in refused_with("order", office, [earlier]).message


def _inner(office: Office) -> str:
    return f"{office.feed}_diff_{DAY:%Y%m%d}_0001.{office.adapter.extension}"


def _symlink(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def test_a_zip_with_paths_links_or_other_files_is_refused(office: Office) -> None:
    name, content = _inner(office), office.file()
    for entries in (
        [("../" + name, content)],
        [("/" + name, content)],
        [("sub/" + name, content)],
        [("other." + office.adapter.extension, content)],
        [(name + "/", b"")],
        [(_symlink(name), b"/etc/passwd")],
        [(name, content), ("second.txt", b"x")],
        [(name + "#hidden.exe", content)],
        [],
    ):
        office.lay(office.rows(), zipped(*entries).replace(b"#hidden", b"\x00hidden"), extension="zip")
        refused_with("zip_path", office)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    data = bytearray(zipped((_inner(office), office.file())))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    office.lay(office.rows(), bytes(data), extension="zip")
    refused_with("zip_path", office)


def test_a_zip_bomb_is_refused_by_ratio_size_and_lying_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path, "residents")
    office.lay(office.rows(), zipped((_inner(office), b"0" * 5_000_000)), extension="zip")
    refused_with("zip_bomb", office)
    monkeypatch.setattr(zips, "SMALL_BYTES", 10**12)
    small = replace(office.adapter, maximum_bytes=4_000_000)
    monkeypatch.setattr("resources.inbox.Adapter.load", lambda *_: small)
    refused_with("zip_bomb", office)


def test_a_zip_that_lies_about_its_size_is_broken(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    data = bytearray(zipped((_inner(office), b"0" * 5_000_000)))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1000).to_bytes(4, "little")
    office.lay(office.rows(), bytes(data), extension="zip")
    refused_with("zip_broken", office)


def test_a_layout_nobody_has_confirmed_reads_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.lay(office.rows())
    open_layout = replace(office.adapter, confirmed=False, ask="列の並び")
    monkeypatch.setattr("resources.inbox.Adapter.load", lambda *_: open_layout)
    assert "列の並び" in refused_with("unconfirmed", office).message


@pytest.mark.parametrize("cut", [0, 1, 10, 60, -1])
def test_a_broken_zip_is_refused(office: Office, cut: int) -> None:
    office.lay(office.rows(), zipped((_inner(office), office.file()))[:cut], extension="zip")
    refused_with("zip_broken", office)


def test_every_code_has_a_test_here_and_an_action_that_names_who_acts() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in ACTIONS if f'refused_with("{code}"' not in text] == []
    assert [code for code, action in ACTIONS.items() if "{office}" not in action and "者" not in action] == []
