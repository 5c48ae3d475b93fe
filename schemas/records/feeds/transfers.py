"""Requests of other offices."""

from schemas.codes import TRANSFER_OFFICE
from schemas.record import DAY, Record, code, digits, text
from schemas.records.feeds.items import item

TRANSFER_REQUESTS = Record(
    "transfer_requests",
    "移転の照会",
    "他課からの照会。情報資産利用依頼書の番号と根拠条項がなければ受け付けない",
    (
        item("request_no", "照会番号", text(20), 2),
        item("request_form_no", "依頼書番号", text(30), 2),
        item("office", "照会元", code(TRANSFER_OFFICE), 9),
        item("article", "根拠条項", text(100), 9),
        item("resident_code", "対象者住民コード", digits(15), 2),
        item("base_date", "基準日", DAY, 9),
        item("requested_date", "照会年月日", DAY, 9),
    ),
    ("request_no", "resident_code"),
    frozenset({2, 9}),
)
