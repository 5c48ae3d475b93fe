"""総合振込 files by hand: a plain writer and reader by the published offsets, and files that hypothesis draws.

Written from the format alone; shares no code with reports/zengin.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

DIGITS = "0123456789"
PLACES = {
    "bank_code": (1, 4), "bank_name": (5, 15), "branch_code": (20, 3), "branch_name": (23, 15),
    "clearing_house_no": (38, 4), "account_type": (42, 1), "account_no": (43, 7), "party_name": (50, 30),
    "amount_yen": (80, 10), "new_code": (90, 1), "payment_no": (91, 10), "beneficiary_no": (101, 10),
    "transfer_designation_code": (111, 1), "edi_flag": (112, 1),
}  # fmt: skip
"""Field of the data record → (offset, bytes)."""
HEADER_PLACES = {
    "originator_code": (4, 10), "party_name": (14, 40), "value_date": (54, 4), "bank_code": (58, 4),
    "bank_name": (62, 15), "branch_code": (77, 3), "branch_name": (80, 15), "account_type": (95, 1),
    "account_no": (96, 7),
}  # fmt: skip


def laid(kind: str, places: dict[str, tuple[int, int]], values: dict[str, Any]) -> bytes:
    """A record: the values at their places, spaces elsewhere."""
    line = bytearray(kind.encode().ljust(120))
    for name, (start, size) in places.items():
        line[start : start + size] = str(values[name]).encode("cp932").ljust(size)
    assert len(line) == 120
    return bytes(line)


def written(header: dict[str, Any], rows: list[dict[str, Any]], line_end: bytes, end_mark: bytes = b"") -> bytes:
    """The file. amount_yen is an integer, everything else text as it stands in the file."""
    lines = [laid("1210", HEADER_PLACES, header)]
    lines += [laid("2", PLACES, {**row, "amount_yen": f"{row['amount_yen']:010d}"}) for row in rows]
    total_yen = sum(row["amount_yen"] for row in rows)
    lines += [f"8{len(rows):06d}{total_yen:012d}".encode().ljust(120), b"9".ljust(120)]
    return b"".join(line + line_end for line in lines) + end_mark


def read_rows(data: bytes, line_end: bytes) -> list[dict[str, Any]]:
    """The data records of a file known to be good, cut at the published offsets."""
    width = 120 + len(line_end)
    lines = [data[at : at + 120] for at in range(width, len(data) - 2 * width, width)]
    text = [{n: line[a : a + size].decode("cp932").rstrip(" ") for n, (a, size) in PLACES.items()} for line in lines]
    return [{**row, "amount_yen": int(row["amount_yen"])} for row in text]


HEADER = {
    "originator_code": "1234567890", "party_name": "ｶﾜｸﾞﾁｼ ｶｲｹｲｶﾝﾘｼﾔ", "value_date": "1130", "bank_code": "0017",
    "bank_name": "ｻｲﾀﾏﾘｿﾅ", "branch_code": "357", "branch_name": "ｶﾜｸﾞﾁ", "account_type": "1", "account_no": "0123456",
}  # fmt: skip
ROW = {
    "bank_code": "0133", "bank_name": "ﾑｻｼﾉ", "branch_code": "101", "branch_name": "ﾎﾝﾃﾝ", "clearing_house_no": "0000",
    "account_type": "1", "account_no": "1234567", "party_name": "ｷﾔﾉﾝ ｼﾖ-ｺ", "amount_yen": 23_450, "new_code": "0",
    "payment_no": "2026110001", "beneficiary_no": "0000000088", "transfer_designation_code": "7", "edi_flag": " ",
}  # fmt: skip


def good_file(*changes: dict[str, Any], line_end: bytes = b"\r\n", **header: Any) -> bytes:
    """A file with one row per set of changes (one as it is without any)."""
    return written(HEADER | header, [ROW | change for change in changes or ({},)], line_end)


_KANA = [chr(code) for code in range(0xFF71, 0xFF9E)]
_VOICED = [f"{base}ﾞ" for base in "ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾊﾋﾌﾍﾎ"] + [f"{base}ﾟ" for base in "ﾊﾋﾌﾍﾎ"]
_STORE = [*_KANA, *_VOICED, *"ABCXYZ0189-"]


def _names(units: list[str], most: int) -> st.SearchStrategy[str]:
    names = st.lists(st.sampled_from(units), max_size=most).map("".join)
    return names.map(lambda name: name[:most].rstrip(" "))


def _digits(size: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=size, max_size=size)


_ACCOUNTS = st.tuples(_digits(4), _digits(3), st.sampled_from("1249")).map(
    lambda drawn: ("9900", drawn[1][:2] + "8", "1") if drawn[0] == "9900" else drawn
)


@st.composite
def _row(draw: st.DrawFn) -> dict[str, Any]:
    bank_code, branch_code, account_type = draw(_ACCOUNTS)
    row = {
        "bank_code": bank_code,
        "bank_name": draw(_names(_STORE, 15)),
        "branch_code": branch_code,
        "branch_name": draw(_names(_STORE, 15)),
        "clearing_house_no": draw(st.sampled_from(["0000", "    ", "1234"])),
        "account_type": account_type,
        "account_no": f"{draw(st.integers(1, 9_999_999)):07d}",
        "party_name": "ｱ" + draw(_names([*_STORE, *" ()."], 29)),
        "amount_yen": draw(st.integers(1, 9_999_999_999)),
        "new_code": draw(st.sampled_from("012 ")),
        "payment_no": draw(_digits(10)),
        "beneficiary_no": draw(_digits(10)),
        "transfer_designation_code": draw(st.sampled_from("780 ")),
        "edi_flag": draw(st.sampled_from("  Y")),
    }
    if row["edi_flag"] == "Y":
        edi = draw(_names([*_STORE, *" ｦ\\｢｣()/."], 20)).ljust(20)
        row |= {"payment_no": edi[:10], "beneficiary_no": edi[10:]}
    return row


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A good file of a few rows, and its line end."""
    line_end = draw(st.sampled_from([b"", b"\r\n"]))
    header = HEADER | {
        "originator_code": draw(_digits(10)),
        "party_name": "ｼ" + draw(_names([*_STORE, *" ()."], 39)),
        "value_date": draw(st.sampled_from(["0101", "0229", "1130", "1231"])),
        "bank_name": draw(_names(_STORE, 15)),
    }
    rows = draw(st.lists(_row(), min_size=1, max_size=6))
    return written(header, rows, line_end, draw(st.sampled_from([b"", b"\x1a"]))), line_end
