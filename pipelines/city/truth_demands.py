"""The truth about the reviewing bodies' demands: what in each is not what came and was decided.

Belongs here: one month, from its receipts, what becomes of them, and what was planted in the demand. It shares no code
with the system under test.

truth_demands.parquet, one row per line and difference: month, the line (review_body, billing_month, demand_class,
service_month, care), difference (DEMAND_DIFFERENCE), cases (rows that must say it), receipts, yen, fee_yen.
"""

from datetime import date

import polars as pl

from pipelines.city.demands import FEE_SEN, LINE
from pipelines.city.truth_benefit import HELD

_SUMS = ["cases", "receipts", "yen", "fee_yen"]
_PLANTED = {"more": (1, 1_230), "other yen": (0, 100)}
_OTHER_SEN = 50


def demand_truth(month: date, lines: pl.DataFrame, refused: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """What must be found in a month's demands.

    lines: of the demand, with `plant`; refused: by line, the receipts and yen the feed must refuse; said: what is
    decided of the receipts accepted now or held until now (reason, yen), with the yen billed (public_yen).
    """
    parts = [_counted(lines, refused), _units(lines), _decided(said)]
    return pl.concat(parts).sort(*LINE, "difference").with_columns(pl.lit(month).alias("month"))


def _counted(lines: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    """Refused rows were demanded all the same; planted receipts and yen never came."""
    missing = {tuple(line): (count, yen) for *line, count, yen in refused.iter_rows()}
    found = []
    for *line, plant in lines.select(*LINE, "plant").iter_rows():
        count, yen = missing.get(tuple(line), (0, 0))
        more, other = _PLANTED.get(plant, (0, 0))
        rows, over = count + more, yen + other
        fee = rows * FEE_SEN // 100 if line[2] == "0" else 0
        if rows or over:
            found.append((*line, "1" if rows else "3", 1, rows, over, fee))
    return _frame(found)


def _units(lines: pl.DataFrame) -> pl.DataFrame:
    wrong = lines.filter(plant="other unit").select(*LINE, "receipts")
    return _frame([(*line, "4", 1, 0, 0, receipts * _OTHER_SEN // 100) for *line, receipts in wrong.iter_rows()])


def _decided(said: pl.DataFrame) -> pl.DataFrame:
    reason = pl.col("reason")
    kind = (
        pl.when(reason.is_in(HELD)).then(pl.lit("7")).when(reason.is_in(["P0", "R0"])).then(pl.lit("8"))
        .otherwise(pl.lit("6"))
    )  # fmt: skip
    other = said.filter(pl.col("public_yen") != pl.col("yen")).with_columns(kind.alias("difference"))
    return other.group_by(*LINE, "difference").agg(
        pl.len().cast(pl.Int64).alias("cases"),
        pl.lit(0, pl.Int64).alias("receipts"),
        (pl.col("public_yen") - pl.col("yen")).sum().alias("yen"),
        pl.lit(0, pl.Int64).alias("fee_yen"),
    )


def _frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    texts = dict.fromkeys(["review_body", "demand_class", "care", "difference"], pl.String)
    days = dict.fromkeys(["billing_month", "service_month"], pl.Date)
    kinds = texts | days | dict.fromkeys(_SUMS, pl.Int64)
    return pl.DataFrame(rows, schema={name: kinds[name] for name in [*LINE, "difference", *_SUMS]}, orient="row")
