"""Synthetic figures of one month that reconcile."""

from datetime import date

import polars as pl

from reports.monthly.amounts import Amount
from reports.monthly.figures import (
    AGE_BANDS,
    BENEFIT_SCHEMA,
    HANDLED_SCHEMA,
    REASON_SCHEMA,
    VISITS,
    MonthlyFigures,
    People,
    Reconciliation,
    Settled,
)
from reports.monthly.subsidy import REDUCED_SCHEMA, SPLIT_SCHEMA, Subsidies

RECONCILIATION = Reconciliation(
    taken_in=Amount(9_935, 21_502_300),
    accepted=Amount(9_730, 20_711_800),
    row_refused=Amount(205, 790_500),
    granted=Amount(9_495, 19_800_000),
    declined=Amount(135, 411_800),
    held=Amount(100, 500_000),
    benefit=Amount(9_495, 18_874_995),
    in_kind=Amount(8_295, 10_774_995),
    reimbursed=Amount(1_200, 8_100_000),
    not_ordered=Amount(20, 100_000),
    ordered=Amount(1_180, 8_000_000),
    not_transferred=Amount(5, 30_000),
    transferred=Amount(1_175, 7_970_000),
    settled=Settled(more=Amount(1_200, 8_100_000)),
)


SUBSIDIES = Subsidies(
    by_age=pl.DataFrame(
        [
            ("3〜5歳", 9, 40_000, 30_000, 10_000, 15_000, 25_000, 0),
            ("中学生", 2, 20_000, 0, 20_000, 0, 20_000, 0),
            ("0〜2歳", -1, -1_500, -500, -1_000, -250, -1_250, 0),
            ("生年月日が不明", 1, 700, 0, 0, 0, 0, 700),
        ],
        SPLIT_SCHEMA,
        orient="row",
    ),
    by_reason=pl.DataFrame(
        [
            ("県補助の対象(課税)", 8, 36_500, 27_500, 9_000, 13_750, 22_750, 0),
            ("県補助の対象(非課税)", 1, 2_000, 2_000, 0, 1_000, 1_000, 0),
            ("県の自己負担以下", -1, -5_000, 0, -5_000, 0, -5_000, 0),
            ("所得が限度額を超える", 0, 5_000, 0, 5_000, 0, 5_000, 0),
            ("年齢が対象外", 2, 20_000, 0, 20_000, 0, 20_000, 0),
            ("生年月日が未確認", 1, 700, 0, 0, 0, 0, 700),
        ],
        SPLIT_SCHEMA,
        orient="row",
    ),
    reduced=pl.DataFrame(
        [("中学生", "該当", 12, 31, 88_000, 26_400), ("不明", "不明", -1, -2, -6_000, -1_200)],
        REDUCED_SCHEMA,
        orient="row",
    ),
    decided=Amount(0, 59_200),
    told=Amount(0, 14_750),
)
"""Late news takes more back from small children than the month adds."""


def benefits() -> pl.DataFrame:
    """A cell per band and visit whose sum is the benefit of RECONCILIATION."""
    rows = [
        (band, visit, 300 + 7 * i + j, 1_100_000 // (1 + j) + 90_000 * i)
        for i, band in enumerate(AGE_BANDS)
        for j, visit in enumerate(VISITS)
    ]
    return pl.DataFrame(rows, BENEFIT_SCHEMA, orient="row")


def figures(**changes: object) -> MonthlyFigures:
    """One month of a synthetic city."""
    values: dict[str, object] = {
        "city": "川口市",
        "month": date(2026, 10, 1),
        "made_on": date(2026, 11, 30),
        "people": People(5_040, 4_800, 90, 50, 100),
        "handled": pl.DataFrame(
            [
                ("現物レセプト", "支給", 8_295, 10_774_995),
                ("現物レセプト", "保留", 60, 300_000),
                ("償還申請", "支給", 1_200, 8_100_000),
                ("償還申請", "不支給", 135, 411_800),
                ("償還申請", "保留", 40, 200_000),
            ],
            HANDLED_SCHEMA,
            orient="row",
        ),
        "benefits": benefits(),
        "declined": pl.DataFrame([("資格期間外", 130, 411_800)], REASON_SCHEMA, orient="row"),
        "refused": pl.DataFrame(
            [
                ("受給者番号が台帳にない", 120, 420_000),
                ("診療年月が空", 60, 270_500),
                ("金額が数字でない", 25, 100_000),
            ],
            REASON_SCHEMA,
            orient="row",
        ),
        "on_hold": pl.DataFrame(
            [("高額療養費の決定待ち", 70, 400_000), ("他制度の資格を照会中", 30, 100_000)], REASON_SCHEMA, orient="row"
        ),
        "reconciliation": RECONCILIATION,
        "subsidies": SUBSIDIES,
        "unconfirmed": ("21,000円以上の現物給付の扱い", "振込日"),
    }
    return MonthlyFigures(**(values | changes))  # type: ignore[arg-type]
