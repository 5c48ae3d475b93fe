"""What the bank answers."""

from schemas.codes import ACCOUNT_TYPE, BANK_RESULT
from schemas.record import DAY, Record, code, digits, text, yen
from schemas.records.feeds.items import item

BANK_RESULTS = Record(
    "bank_results",
    "振込結果",
    "銀行から届いた結果。突き合わせは支払番号・金額・口座で行い、氏名では行わない",
    (
        item("payment_no", "支払番号", digits(10), 8),
        item("bank_code", "銀行コード", digits(4), 8),
        item("branch_code", "支店コード", digits(3), 8),
        item("account_type", "預金種目", code(ACCOUNT_TYPE), 8),
        item("account_number", "口座番号", digits(7), 8),
        item("amount_yen", "振込金額", yen(1), 8),
        item("result", "結果", code(BANK_RESULT), 8),
        item("reason_text", "理由", text(100), 8, nullable=True),
        item("value_date", "振込指定日", DAY, 8),
    ),
    ("payment_no", "value_date"),
    frozenset({8}),
)
