"""Statistics: figures of a month, and the equations that tie feeds to the bank file. No person in them."""

from schemas.record import DAY, MONTH, TRUTH, Item, Record, count, text, yen

FIGURES = Record(
    "monthly_figures",
    "月次の数字",
    "この月の人数・件数・金額。区分ごとに1行",
    (
        Item("month", "処理月", MONTH),
        Item("figure", "数字", text(40)),
        Item("group", "区分", text(60)),
        Item("part", "細区分", text(200)),
        Item(
            "cases",
            "件数",
            count(99_999_999, -99_999_999),
            of=("benefit_decisions.decision_no", "eligibility.entitled"),
        ),
        Item("yen", "円", yen(None, 999_999_999_999), of=("benefit_decisions.amount_yen", "subsidies.amount_yen")),
    ),
    ("month", "figure", "group", "part"),
)

EQUATIONS = Record(
    "reconciliation",
    "突合",
    "取込から振込データまでの等式。残差はすべて0",
    (
        Item("month", "処理月", MONTH),
        Item("equation", "等式", text(100)),
        Item("unit", "単位", text(4)),
        Item("left", "左辺", yen(None, 999_999_999_999)),
        Item("right", "右辺", yen(None, 999_999_999_999)),
        Item("residual", "残差", yen(None, 999_999_999_999)),
    ),
    ("month", "equation", "unit"),
)

LAW_IN_FORCE = Record(
    "law_of_month",
    "その月の法",
    "この月に効力のある値と根拠。未確認の値はそう記す",
    (
        Item("month", "月", MONTH),
        Item("parameter", "項目", text(80)),
        Item("from_date", "適用開始", DAY),
        Item("value", "値", text(4000)),
        Item("basis", "根拠", text(400)),
        Item("confirmed", "確認済", TRUTH),
        Item("layer", "層", text(20)),
    ),
    ("month", "parameter"),
)

LAW_BOOK = Record(
    "law_book",
    "法の控え",
    "この月の決定に使った法のすべての値。後から法を直しても、その時の決定をこれで作り直せる",
    (
        Item("parameter", "項目", text(80)),
        Item("version_no", "順", count(9999)),
        Item("version", "値と根拠(JSON)", text(20_000)),
    ),
    ("parameter", "version_no"),
)
