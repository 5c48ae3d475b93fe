"""What staff decided against the rules."""

import polars as pl

from schemas.codes import FLAG, OVERRIDE
from schemas.record import DAY, Record, Rule, code, count, digits, text
from schemas.records.feeds.items import interval_rule, item

OVERRIDES = Record(
    "overrides",
    "強制修正・保留",
    "職員が決めた資格の扱い。誰が・なぜ・いつからいつまで。取りやめは新しい履歴の行で届き、行は消えない",
    (
        item("override_no", "強制修正番号", text(20), 8),
        item("revision_no", "履歴番号", count(9999), 8),
        item("child_resident_code", "子ども住民コード", digits(15), 2),
        item("start_date", "開始年月日", DAY, 8),
        item("end_date", "終了年月日", DAY, 8, nullable=True),
        item("outcome", "扱い", code(OVERRIDE), 8),
        item("why", "理由", text(400), 8),
        item("operator_code", "入力者", text(20), 8),
        item("approver_code", "承認者", text(20), 8),
        item("entered_date", "入力年月日", DAY, 8),
        item("withdrawn", "取りやめ", code(FLAG), 8),
    ),
    ("override_no", "revision_no"),
    frozenset({2, 8}),
    (
        interval_rule("start_date", "end_date"),
        Rule(
            "入力者と承認者",
            ("operator_code", "approver_code"),
            pl.col("operator_code") == pl.col("approver_code"),
            "入力者と承認者が同じです",
        ),
    ),
)
