"""Where a row came from: the items every accepted and every refused row has."""

from dataclasses import replace

from schemas.record import DAY, Item, Record, count, text, unite, yen

SOURCE = (
    Item("delivery", "受領番号", text(120), description="受理した納品(ファイル)の名前"),
    Item("line_no", "行", count(99_999_999), description="納品ファイルの行番号(1から)"),
    Item("known_date", "把握日", DAY, description="市がこの行を知った日"),
)

REFUSED_ITEMS = (
    *SOURCE,
    Item("item", "項目", text(200)),
    Item("rule", "規則", text(40)),
    Item("yen", "金額", yen(None, 99_999_999_999), description="この行の統制金額。1行に1度だけ数える"),
    Item("row_text", "元の行", text(20_000), frozenset({2}), description="受け取ったままの1行"),
)


def accepted(record: Record) -> Record:
    """The record of a feed's accepted rows: the feed's items, then where the row came from.

    A key comes once per delivery; a later delivery of the same partition may state it again.
    """
    return replace(record, items=unite(record.items, SOURCE), key=(*record.key, "delivery"))


def refused(record: Record) -> Record:
    """The record of a feed's refused rows: one line per broken rule."""
    return Record(
        name=f"{record.name}_refused",
        label=f"{record.label}・拒否行",
        description=f"{record.label}のうち規則に合わず取り込まなかった行と、その理由",
        items=REFUSED_ITEMS,
        key=("delivery", "line_no", "item", "rule"),
        purposes=record.purposes | {2},
    )
