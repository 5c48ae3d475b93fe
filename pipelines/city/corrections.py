"""Corrections: signed rows about receipts delivered before, and receipts billed again.

返戻 and 過誤 take all of a receipt back, and most of those are billed again in the same file; 再審査 lowers or raises
it; some are changed twice; a few signed rows are about receipts the city never saw.
"""

from datetime import date

import polars as pl

from pipelines.city.chance import Chance, key

_MONEY = (
    "rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_public_expense_yen",
    *(f"rcpt_other_public_{what}{ending}" for what in ("yen", "copay_yen") for ending in ("", "_2", "_3", "_4")),
)  # fmt: skip
_SHARE = 0.012
"""How many of the receipts of the months before are changed in one month."""
_NEVER_SEEN_MONTHS = 30
_AGAIN, _SECOND = 2, 4
_STEP_YEN = 100
"""再審査 moves the whole cost by so many yen and its multiples."""


def _taken_back() -> list[pl.Expr]:
    return [(-pl.col(name)).alias(name) for name in _MONEY]


def _moved(total_yen: pl.Expr) -> list[pl.Expr]:
    """The money of a row that moves the whole cost by so much, where no other payer stands."""
    share = total_yen * pl.col("rcpt_copay_rate") // 100
    return [
        total_yen.alias("rcpt_total_medical_cost_yen"),
        share.alias("rcpt_self_pay_yen"),
        share.alias("rcpt_public_expense_yen"),
    ]


def _keyed(mark: int) -> pl.Expr:
    return (pl.col("line_key") ^ pl.lit(mark, dtype=pl.UInt64)).alias("line_key")


def changes(earlier: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Signed rows of one file about receipts delivered earlier, with `kind`."""
    drawn = key("line_key", pl.lit(month.year * 12 + month.month))
    plain = pl.col("other_payer").is_null()
    kind = chance.pick("correction/kind", "drawn", ["back", "lower", "raise", "twice"], [55, 25, 12, 8])
    chosen = (
        earlier.with_columns(drawn.alias("drawn"))
        .filter(chance.happens("correction", "drawn", _SHARE))
        .with_columns(pl.when(plain).then(kind).otherwise(pl.lit("back")).alias("kind"))
        .with_columns(pl.when(chance.happens("correction/number", "drawn", 0.8)).then("rcpt_search_no"))
    )
    back = chosen.filter(kind="back").with_columns(
        chance.pick("correction/change", "drawn", ["1", "2"], [35, 65]).alias("receipt_change"), *_taken_back()
    )
    steps = 1 + chance.whole("correction/steps", "drawn", 12)
    lower = pl.min_horizontal(steps * _STEP_YEN, "rcpt_total_medical_cost_yen")
    reviewed = chosen.filter(pl.col("kind") != "back").with_columns(
        pl.lit("3").alias("receipt_change"),
        *_moved(pl.when(pl.col("kind") == "raise").then(steps * _STEP_YEN).otherwise(-lower)),
    )
    second = (
        chosen.filter(kind="twice")
        .with_columns(pl.lit("2").alias("receipt_change"), *_taken_back())
        .with_columns(_keyed(_SECOND))
    )
    return pl.concat([back, reviewed, second.select(back.columns)])


def billed_again(changed: pl.DataFrame, earlier: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The receipts that were taken back whole, as they are billed again: as they were, or a little cheaper."""
    back = changed.filter(kind="back").select("line_key", "drawn")
    again = earlier.join(back, on="line_key", maintain_order="left").filter(
        chance.happens("correction/again", "drawn", 0.7)
    )
    number = pl.format("{}9", "rcpt_search_no").alias("rcpt_search_no")
    cheaper = pl.col("other_payer").is_null() & chance.happens("correction/cheaper", "drawn", 0.5)
    total = pl.col("rcpt_total_medical_cost_yen")
    less = _moved(pl.when(cheaper & (total > _STEP_YEN)).then(total - _STEP_YEN).otherwise(total))
    own = pl.col("other_payer").is_null()
    return again.with_columns(
        number, _keyed(_AGAIN), *(pl.when(own).then(one).otherwise(one.meta.output_name()) for one in less)
    )


def unknown_changes(rows: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Signed rows about care long before the city's receipts begin."""
    chosen = rows.filter(chance.happens("correction/unknown", "line_key", 0.0004))
    return chosen.with_columns(
        chance.pick("correction/unknown change", "line_key", ["1", "2", "3"], [30, 55, 15]).alias("receipt_change"),
        pl.col("service_month").dt.offset_by(f"-{_NEVER_SEEN_MONTHS}mo").alias("service_month"),
        pl.lit(None, dtype=pl.Date).alias("first_day"),
        *_taken_back(),
    )


def sound(delivered: pl.DataFrame) -> pl.DataFrame:
    """The first receipts of a file that have no defect and no double: only those are corrected later."""
    fine = delivered.filter(receipt_change="0")
    if "defect" in fine.columns:
        fine = fine.filter(pl.col("defect").is_null()).drop("defect")
    same = pl.struct("person_no", "service_month", "institution_code", "care")
    return fine.filter(~same.is_duplicated()).drop("receipt_no", "file_line")
