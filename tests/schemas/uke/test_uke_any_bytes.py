"""Any bytes, and any damage to a good file, end in rows or in a refusal of the feed; nothing else is ever raised."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.feeds.errors import DeliveryError
from tests.fuzz.uke_fuzz import judged
from tests.support.draws import draws
from tests.support.uke import UKE, file, receipts

ROOT = Path(__file__).parents[3]
GOLDEN = [path.read_bytes() for path in sorted((ROOT / "tests" / "golden" / "uke").glob("*.uke"))]
WRITTEN = [UKE.write(receipts(6, seed)) for seed in range(3)]
PIECES = st.sampled_from(
    [b",", b"\r\n", b"\n", b"\x1a", b"\x00", b'"', b"RE,", b"HO,", b"KO,", b"GO,", b"IR,", b"YK,", b"HM,", b"JD,1,1",
     b"9" * 20, b"-1", b"\x81", b"\xff", "亜".encode("cp932"), "葛\U000e0100".encode(), b"1" * 400, b"," * 300]
)  # fmt: skip


@given(st.binary(max_size=400))
@draws(300)
@example(b"\x1a\x1a")
@example(b"\r\n")
@example(b"IR\r\nGO\r\n")
@example(b"IR,1,11,1,0210019,,,202612,,\r\nRE\r\nGO,1,0,99\r\n")
def test_any_bytes_end_in_rows_or_in_a_refusal(data: bytes) -> None:
    assert judged(data)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = draw(st.sampled_from(GOLDEN + WRITTEN))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from([0, 0, 1, 2, 7, 60])))
        data = data[:start] + draw(PIECES) + data[end:]
    return data


@given(damaged())
@draws(300)
def test_any_damage_ends_in_rows_or_in_a_refusal(data: bytes) -> None:
    assert judged(data)


@st.composite
def shuffled(draw: st.DrawFn) -> bytes:
    lines = draw(st.sampled_from(GOLDEN + WRITTEN)).removesuffix(b"\x1a").split(b"\r\n")[:-1]
    order = draw(st.lists(st.sampled_from(range(len(lines))), max_size=40))
    return b"".join(lines[at] + b"\r\n" for at in order)


@given(shuffled())
@draws(200)
def test_lines_in_any_order_end_in_rows_or_in_a_refusal(data: bytes) -> None:
    assert judged(data)


def test_a_line_of_commas_or_of_nothing_else_is_refused_and_not_taken_apart() -> None:
    for bomb in (b"RE" + b"," * 5_000_000 + b"\r\n", b"\r\n" * 1_000_000, b"RE,1\r\n" * 200_000, b"A" * 5_000_000):
        with pytest.raises(DeliveryError):
            UKE.read(bomb, "f")


def test_every_receipt_of_a_large_file_is_counted() -> None:
    receipt = ("RE,1,1124,202610,川口　花子,2,20210506", "HO,06110163,１,２,1,500", "KO,81112039,1,,1,500")
    lines = ("IR,1,11,1,0210019,,,202612,,", *receipt * 20_000, "GO,40000,10000000,99")
    assert UKE.read(file(*lines), "f").count == 20_000


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_the_coverage_guided_fuzzer_finds_nothing_in_a_minute(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tests" / "fuzz" / "uke_fuzz.py"), str(tmp_path), "-max_total_time=60"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-2000:]
