"""The data dictionary: every table and item as one Markdown page, from the Records themselves."""

from collections.abc import Iterable

from schemas.record import PURPOSES, Item, Record

HEAD = """# データ辞書

この頁は `kodomo docs` が表の宣言(schemas/records)から作る。手で直さない。

目的の番号: {purposes}
"""
COLUMNS = (
    "| 項目 | 名称 | 型 | 桁 | 空欄 | コード | 別添1 | 目的 | 元 | 確認 |\n|---|---|---|---|---|---|---|---|---|---|"
)


def dictionary(records: Iterable[Record]) -> str:
    """The whole dictionary as Markdown."""
    purposes = " ".join(f"{_circled(number)}{label}" for number, label in PURPOSES.items())
    return "\n".join([HEAD.format(purposes=purposes), *(_table(record) for record in records)])


def _table(record: Record) -> str:
    head = f"## {record.name} — {record.label}\n\n{record.description}。主キー: {', '.join(record.key)}\n"
    return "\n".join([head, COLUMNS, *(_row(item) for item in record.items), ""])


def _row(item: Item) -> str:
    codes = item.type.codes
    cells = (
        item.name,
        item.label,
        item.type.name,
        str(item.type.length or ""),
        "可" if item.nullable else "",
        " ".join(f"{code}={label}" for code, label in codes.labels.items()) if codes else "",
        str(item.no or ""),
        "".join(map(_circled, sorted(item.purposes))),
        " ".join(item.of),
        "" if item.confirmed and (codes is None or codes.confirmed) else "未確認",
    )
    return f"| {' | '.join(cells)} |"


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1)
