"""A delivered file, read as text: the one way in.

Belongs here: the order of the steps. Each step belongs to its own module.
"""

from schemas.feeds.csvtext import csv_reading
from schemas.feeds.decoding import lines_of
from schemas.feeds.fixedwidth import fixed_reading
from schemas.feeds.layout import Layout, Reading
from schemas.feeds.mynumber import line_with_my_number
from schemas.feeds.zengin import zengin_reading
from schemas.uke.reader import uke_reading


def read(layout: Layout, data: bytes, file: str) -> Reading:
    """The rows of a file as text, every value as it stands. Raises DeliveryError (see decoding, csvtext, zengin, uke),
    unconfirmed when nobody has said yet what stands where, and my_number when a 個人番号 stands anywhere outside the
    layout's twelve_digit_items. In a 全銀 record that cannot be cut digits of several fields stand in one run."""
    if not layout.confirmed:
        raise layout.refusal("unconfirmed", file, f"様式の列が確かめられていないため読めません(照会: {layout.ask})")
    of_kind = {"uke": uke_reading, "zengin": zengin_reading}.get(layout.kind, _plain_reading)
    reading = of_kind(layout, data, file)
    _refuse_my_number(layout, reading, file)
    return reading


def _plain_reading(layout: Layout, data: bytes, file: str) -> Reading:
    lines = lines_of(layout, data, file)
    return csv_reading(layout, lines, file) if layout.kind == "csv" else fixed_reading(layout, lines)


def _refuse_my_number(layout: Layout, reading: Reading, file: str) -> None:
    searched = [item for item in layout.items if item not in layout.twelve_digit_items]
    uncut = ["row_text"] if layout.kind != "zengin" else []
    line = line_with_my_number(reading.rows, searched) or line_with_my_number(reading.malformed, uncut)
    if line is not None:
        raise layout.refusal("my_number", file, "個人番号とみられる12桁の番号があります", line)
