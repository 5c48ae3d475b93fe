"""What a file's trailer states, read at its place; a file without one states nothing."""

import pytest

from reports.zengin.trailer import trailer

_DATA, _END = b"2" + b"0" * 119, b"9" + b" " * 119
_TRAILER = b"8" + b"000021" + b"000000100870" + b" " * 101


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_the_trailer_states_orders_and_yen(end: bytes) -> None:
    assert trailer(end.join([_DATA, _TRAILER, _END]) + end) == (21, 100_870)


@pytest.mark.parametrize("data", [b"", _DATA + _END, _TRAILER[:50] + _END])
def test_a_file_without_a_trailer_states_nothing(data: bytes) -> None:
    assert trailer(data) == (0, 0)
