"""Who a person is, decided by people."""

import polars as pl

from schemas.codes import MATCH_SOURCE, MATCH_SUBJECT
from schemas.record import DAY, Record, Rule, code, count, digits, text
from schemas.records.feeds.items import item

IDENTITY_DECISIONS = Record(
    "identity_decisions",
    "照合の決定",
    "照合で人が確認した結果。どの宛名番号の人か、または誰でもないか。決め直しは新しい履歴の行で届く",
    (
        item("decision_no", "決定番号", text(20), 8),
        item("revision_no", "履歴番号", count(9999), 8),
        item("source_feed", "照合したもの", code(MATCH_SOURCE), 8),
        item("source_no", "申請番号・回答番号", text(20), 8),
        item("subject", "照合した人", code(MATCH_SUBJECT), 8),
        item("resident_code", "宛名番号", digits(15), 2, nullable=True),
        item("why", "理由", text(400), 8),
        item("operator_code", "決定者", text(20), 8),
        item("decided_date", "決定年月日", DAY, 8),
    ),
    ("decision_no", "revision_no"),
    frozenset({2, 8}),
    (
        Rule(
            "照合した人の組",
            ("source_feed", "subject"),
            (pl.col("source_feed") == "municipal_answers") != (pl.col("subject") == "person"),
            "申請は子どもか保護者、回答は対象者です",
        ),
    ),
)
