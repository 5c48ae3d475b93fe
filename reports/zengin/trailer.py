"""What a transfer file states of itself in its trailer: the number of payments and their yen.

Reads two fields at their places in the published layout; shares no code with what writes the file.
"""

RECORD_BYTES = 120


def trailer(data: bytes) -> tuple[int, int]:
    """(orders, total yen) of a file's trailer; (0, 0) for a file that has none."""
    body = data.replace(b"\r", b"").replace(b"\n", b"").replace(b"\x1a", b"")
    last = body[-2 * RECORD_BYTES : -RECORD_BYTES]
    numbers = last[1:19]
    if len(last) != RECORD_BYTES or last[:1] != b"8" or not numbers.isdigit():
        return 0, 0
    return int(numbers[:6]), int(numbers[6:])
