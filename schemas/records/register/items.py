"""The items that tables of the register share."""

from schemas.record import DAY, Item, Type


def item(name: str, label: str, kind: Type, purpose: int, nullable: bool = False, of: str = "") -> Item:
    return Item(name, label, kind, frozenset({purpose}), nullable, of=tuple(of.split()))


INTERVAL = (
    item("start_date", "開始日", DAY, 8),
    item("end_date", "終了日(この日から外れる)", DAY, 8, nullable=True),
)
