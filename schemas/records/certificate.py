"""The certificate of reconciliation: one row per equation."""

from schemas.record import Item, Record, count, text, yen

_ROWS, _YEN = count(99_999_999_999), yen(None, 999_999_999_999)

CERTIFICATE = Record(
    "certificate",
    "照合証明書",
    "この月の等式。左辺 = 右辺が、件数・円・行ごとに成り立つ。署名した証明書は送付フォルダにある",
    (
        Item("equation", "等式", text(60)),
        Item("label", "内容", text(200)),
        Item("left_rows", "左辺の件数", _ROWS),
        Item("left_yen", "左辺の円", _YEN),
        Item("right_rows", "右辺の件数", _ROWS),
        Item("right_yen", "右辺の円", _YEN),
        Item("broken", "成り立たない行の数", _ROWS),
        Item("first_broken", "成り立たない最初の行", text(250), nullable=True),
    ),
    ("equation",),
)
