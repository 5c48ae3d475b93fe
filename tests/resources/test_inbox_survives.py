"""Whatever bytes arrive, the gate ends in rows or in one DeliveryError, and says no value of them."""

import io
import logging
import traceback
import zipfile
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resources.balance import imbalances
from resources.inbox import DeliveryError
from schemas.records.feeds import FEEDS
from tests.support.deliveries import DAY, Office, zipped
from tests.support.draws import draws

SOME = ("arrears", "residents", "claims", "bank_results")
CANARY = "カナリア秘密太郎"


def ends_well(office: Office) -> None:
    """Rows that balance, or one DeliveryError."""
    with suppress(DeliveryError):
        result = office.gate()
        assert imbalances(office.feed, result.accepted, result.refused, result.deliveries) == []


def emptied(office: Office) -> None:
    for path in office.folder.iterdir() if office.folder.is_dir() else ():
        path.unlink()


PIECES = st.lists(st.sampled_from([b",", b'"', b"\r\n", b"\r", b"\n", b"\x00", b"\x1a", b"0", b"\x81", "あ".encode()]))


@pytest.mark.parametrize("feed", SOME)
@given(
    content=st.one_of(st.binary(max_size=300), PIECES.map(b"".join)), after_header=st.booleans(), rows=st.integers(0, 5)
)
@draws(25)
def test_any_bytes_end_in_rows_or_in_one_delivery_error(
    feed: str, content: bytes, after_header: bool, rows: int, tmp_path: Path
) -> None:
    office = Office(tmp_path, feed)
    emptied(office)
    header = office.file().split(b"\r\n")[0] + b"\r\n" if after_header else b""
    office.lay(office.rows(), header + content, control={"rows": rows, "yen": 0})
    ends_well(office)


@pytest.mark.parametrize("feed", SOME)
@given(
    at=st.integers(0, 10**6),
    piece=st.one_of(st.binary(min_size=1, max_size=4), PIECES.map(b"".join)),
    cut=st.integers(0, 3),
)
@draws(25)
def test_a_valid_file_spoilt_anywhere_ends_well(feed: str, at: int, piece: bytes, cut: int, tmp_path: Path) -> None:
    office = Office(tmp_path, feed)
    emptied(office)
    data = office.file()
    at %= len(data)
    office.lay(office.rows(), data[:at] + piece + data[at + cut :])
    ends_well(office)


@given(at=st.integers(0, 10**6), piece=st.binary(min_size=1, max_size=4))
@draws(25)
def test_a_spoilt_zip_ends_well(at: int, piece: bytes, tmp_path: Path) -> None:
    office = Office(tmp_path, "arrears")
    emptied(office)
    data = zipped((f"arrears_diff_{DAY:%Y%m%d}_0001.csv", office.file()))
    at %= len(data)
    office.lay(office.rows(), data[:at] + piece + data[at + len(piece) :], extension="zip")
    ends_well(office)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_another_compression_ends_well(method: int, tmp_path: Path) -> None:
    office, out = Office(tmp_path, "arrears"), io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(f"arrears_diff_{DAY:%Y%m%d}_0001.csv", office.file())
    office.lay(office.rows(), out.getvalue(), extension="zip")
    ends_well(office)


@given(content=st.one_of(st.binary(max_size=100), st.text(max_size=60).map(str.encode)))
@draws(25)
def test_any_control_file_ends_well(content: bytes, tmp_path: Path) -> None:
    office = Office(tmp_path, "arrears")
    emptied(office)
    office.control_of(office.lay(office.rows())).write_bytes(content)
    with pytest.raises(DeliveryError) as caught:
        office.gate()
    assert caught.value.code == "control"


def _breakages(office: Office, rows: pl.DataFrame) -> list[tuple[bytes, dict[str, object]]]:
    """The canary's file broken in every way, with the items of the control file that lie."""
    data = office.adapter.write(rows)
    header, body = data.split(b"\r\n", 1)
    return [
        (data, {"rows": 1}),
        (data, {"yen": 99}),
        (data, {"sha256": "0" * 64}),
        (body, {}),
        (data[:-2], {}),
        (header + ",余分".encode(office.adapter.encoding) + b"\r\n" + body, {}),
        (header + b"," + CANARY.encode(office.adapter.encoding) * 6 + b"\r\n" + body, {}),
        (data.replace(b"\r\n", b"\n"), {}),
        (data + body, {"rows": rows.height * 2}),
        (data.decode(office.adapter.encoding).encode("utf-16"), {}),
        (data + b"\xff\xff\r\n", {}),
        (data.decode(office.adapter.encoding).encode("cp932" if office.adapter.encoding == "utf-8" else "utf-8"), {}),
    ]


@pytest.mark.parametrize(("feed", "item"), [("residents", "name"), ("receipts", "rcpt_patient_name")])
def test_no_error_and_no_log_repeats_a_name(
    feed: str, item: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    office = Office(tmp_path, feed)
    rows = office.rows().with_columns(pl.lit(CANARY).alias(item))
    for content, control in _breakages(office, rows):
        emptied(office)
        office.lay(rows, content, control=control)
        with pytest.raises(DeliveryError) as caught:
            office.gate()
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert CANARY not in told
        assert not any(code in told for code in rows[FEEDS[feed].key[-2]].cast(pl.String) if len(code) > 5)
    assert CANARY not in caplog.text + "".join(capfd.readouterr())


def test_figures_hold_counts_only(tmp_path: Path) -> None:
    office = Office(tmp_path, "residents")
    office.lay(office.rows().with_columns(name=pl.lit(CANARY), sex=pl.lit("7")))
    figures = office.gate().figures()
    assert (figures["rows"], figures["refused_rows"], figures["accepted_rows"]) == (12, 12, 0)
    assert all(isinstance(value, int) for value in figures.values())
