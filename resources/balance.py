"""in = accepted + refused, counted again from what was published and what the registry remembers.

Belongs here: the recount, row by row, sharing no code with the gate. The gate's own count belongs to inbox.
"""

from collections import Counter
from collections.abc import Iterable

import polars as pl

from resources.delivery import AcceptedDelivery
from schemas.records.feeds import CONTROL_YEN


def imbalances(
    feed: str, accepted: pl.DataFrame, refused: pl.DataFrame, deliveries: Iterable[AcceptedDelivery]
) -> list[str]:
    """One Japanese sentence per delivery whose rows or yen are not exactly the accepted and refused ones."""
    rows: Counter[str] = Counter(accepted["delivery"])
    yen: Counter[str] = Counter()
    for item in CONTROL_YEN.get(feed, ()):
        for delivery, value in zip(accepted["delivery"], accepted[item], strict=True):
            yen[delivery] += value or 0
    seen: set[tuple[str, int]] = set()
    for delivery, line_no, value in refused.select("delivery", "line_no", "yen").iter_rows():
        rows[delivery] += (delivery, line_no) not in seen
        yen[delivery] += value
        seen.add((delivery, line_no))
    stated = {delivery.file: (delivery.rows, delivery.yen) for delivery in deliveries}
    return [
        f"{file}: 納品は{stated.get(file, (0, 0))}、受理と拒否の計は{(rows[file], yen[file])}(件数, 円)です。"
        for file in sorted(stated.keys() | rows.keys())
        if stated.get(file, (0, 0)) != (rows[file], yen[file])
    ]
