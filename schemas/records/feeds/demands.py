"""The monthly demands of the reviewing bodies."""

import polars as pl

from schemas.codes import CARE, DEMAND_CLASS
from schemas.record import MONTH, Record, Rule, code, count, digits, yen
from schemas.records.feeds.items import item

DEMAND_TOTAL = "9"
"""請求区分 of the line that adds up the others."""

_IS_TOTAL = pl.col("demand_class") == DEMAND_TOTAL

_OF_A_LINE = ("service_month", "care", "fee_unit_sen")


def _unlike_its_total(name: str) -> pl.Expr:
    """Whether the lines of a 請求書 do not add up to its total line."""
    signed = pl.when(_IS_TOTAL).then(-pl.col(name)).otherwise(name)
    return signed.sum().over("review_body", "billing_month") != 0


REVIEW_BODY_DEMANDS = Record(
    "review_body_demands",
    "審査支払機関の請求",
    "審査支払機関の毎月の請求書。請求区分・診療年月・種別ごとの件数・請求額・手数料と、合計の行。合計が合わないか"
    "1行でも誤りがあれば、その請求書のどの行も受け付けない",
    (
        item("review_body", "審査支払機関", digits(1), 7),
        item("billing_month", "請求年月", MONTH, 7),
        item("demand_class", "請求区分", code(DEMAND_CLASS), 7),
        item("service_month", "診療年月", MONTH, 7, nullable=True),
        item("care", "種別(入外コード)", code(CARE), 7, nullable=True),
        item("receipts", "件数", count(9_999_999), 7),
        item("amount_yen", "請求額", yen(None, 99_999_999_999), 7),
        item("fee_unit_sen", "手数料の単価(銭)", count(9_999_999), 7, nullable=True),
        item("fee_yen", "審査支払手数料", yen(None, 99_999_999_999), 7),
    ),
    ("review_body", "billing_month", "demand_class", "service_month", "care"),
    frozenset({7}),
    (
        Rule(
            "手数料の計算",
            ("receipts", "fee_unit_sen", "fee_yen"),
            (pl.col("fee_yen").abs() * 100 - pl.col("receipts") * pl.col("fee_unit_sen")).abs() >= 100,
            "手数料が件数×単価ではありません(1円未満の端数を除く)",
        ),
        Rule(
            "請求額の符号",
            ("amount_yen", "demand_class"),
            ((pl.col("demand_class") == "0") & (pl.col("amount_yen") < 0))
            | (pl.col("demand_class").is_in(["1", "2"]) & (pl.col("amount_yen") > 0)),
            "当初の請求額が負か、返戻・過誤の請求額が正です",
        ),
        Rule(
            "請求区分と項目",
            ("demand_class", *_OF_A_LINE),
            pl.any_horizontal(pl.col(name).is_null() != _IS_TOTAL for name in _OF_A_LINE),
            "合計の行に診療年月・種別・単価があるか、ほかの行にありません",
        ),
        Rule(
            "合計",
            ("receipts", "amount_yen", "fee_yen", "demand_class"),
            pl.any_horizontal(_unlike_its_total(name) for name in ("receipts", "amount_yen", "fee_yen")),
            "明細の件数・請求額・手数料の計が合計の行と違います",
        ),
    ),
    together=("review_body", "billing_month"),
)
