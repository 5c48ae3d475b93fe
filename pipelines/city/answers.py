"""Answers of the insurers to the city: 高額療養費, 附加給付 and 適用区分 for costly claims.

The 高額療養費 tables (健保令42条1項; from 2026-08 the amended one) live here as what insurers pay; the truth about a
claim only reads the answers. A family's claims of one month count together. Some answers never come, some are revised.
"""

from datetime import date

import polars as pl

from pipelines.city.chance import Chance, after, key
from pipelines.city.insurance import SUPPLEMENTED
from pipelines.city.numbers import padded

AMENDED = date(2026, 8, 1)
Table = dict[str, tuple[int, int, int]]
OLD: Table = {
    "ア": (252_600, 842_000, 140_100), "イ": (167_400, 558_000, 93_000), "ウ": (80_100, 267_000, 44_400),
    "エ": (57_600, 0, 44_400), "オ": (35_400, 0, 24_600),
}  # fmt: skip
NEW: Table = {
    "ア": (270_300, 901_000, 140_100), "イ": (179_100, 597_000, 93_000), "ウ": (85_800, 286_000, 44_400),
    "エ": (61_500, 0, 44_400), "オ": (36_900, 0, 24_600),
}  # fmt: skip
"""区分 → (limit, cost above which 1 % is added or 0, limit of the 4th month)."""
_SUPPLEMENT_ABOVE_YEN = 25_000
_SUPPLEMENT_LEAST_YEN = 1_000
_OFFSETS = ([0, 1, 2, 3, 99], [15, 35, 25, 15, 10])
"""Months from the claim to the answer; 99 never comes."""
_DAY = 20


def _limit(table: Table, total_yen: pl.Expr) -> pl.Expr:
    fixed, above, fourth = (
        pl.col("income_class").replace_strict({code: row[at] for code, row in table.items()}).cast(pl.Int64)
        for at in range(3)
    )
    more = pl.when(above > 0).then((total_yen - above).clip(0)).otherwise(0)
    return pl.when(pl.col("many_times") == "1").then(fourth).otherwise(fixed + (more + 50) // 100)


def _limit_of(total_yen: pl.Expr) -> pl.Expr:
    amended = pl.col("service_month") >= pl.lit(AMENDED)
    return pl.when(amended).then(_limit(NEW, total_yen)).otherwise(_limit(OLD, total_yen))


def limit_yen() -> pl.Expr:
    """The monthly limit of the month's table, over income_class, total_yen, many_times, service_month."""
    return _limit_of(pl.col("total_yen"))


def asked(claims: pl.DataFrame) -> pl.DataFrame:
    """The claims for which a city must ask the insurer: the family's claims of a month together may reach a limit."""
    lowest = pl.when(pl.col("service_month") < pl.lit(AMENDED)).then(OLD["オ"][0]).otherwise(NEW["オ"][0])
    supplemented = pl.col("insurance").is_in(list(SUPPLEMENTED)) & (pl.col("own_yen") > _SUPPLEMENT_ABOVE_YEN)
    costly = (pl.col("household_yen") > lowest) | supplemented
    return claims.filter(costly.fill_null(False) & pl.col("institution_code").is_not_null())


def _benefit_yen(chance: Chance) -> pl.Expr:
    """A claim's part of what the insurer pays for the family's month. In some families an adult was ill too: then
    the insurer pays more than a city that knows the children alone would expect."""
    whole = (pl.col("household_yen") - _limit_of(pl.col("household_total_yen"))).clip(0)
    part = (whole * pl.col("own_yen") // pl.col("household_yen")).fill_null(0)
    adult_ill = chance.happens("answer/adult", "family_no", 0.1)
    return part + pl.when(adult_ill).then((pl.col("own_yen") - part) * 3 // 10).otherwise(0)


def _drawn(claims: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """The claims that are answered, with the month of the answer; 多数回該当 holds for a family's month."""
    month = key("family_no", pl.col("service_month").cast(pl.Int32))
    fourth = pl.when(chance.happens("answer/fourth", month, 0.05)).then(pl.lit("1")).otherwise(pl.lit("0"))
    offset = chance.pick("answer/offset", "line_key", *_OFFSETS)
    drawn = asked(claims).with_columns(fourth.alias("many_times"), offset.alias("offset"))
    return drawn.filter(pl.col("offset") < 99).with_columns(
        pl.col("delivery_month").dt.offset_by(pl.format("{}mo", "offset")).alias("delivery_month")
    )


def _revised(rows: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Some answers are given again months later with more 高額療養費: an adult's claim came in, or the yearly cap."""
    more = 1_000 + chance.whole("answer/more", "line_key", 29_000)
    again = rows.filter(chance.happens("answer/revised", "line_key", 0.06))
    return again.with_columns(
        pl.min_horizontal(pl.col("high_cost_benefit_yen") + more, "own_yen").alias("high_cost_benefit_yen"),
        pl.lit(0, dtype=pl.Int64).alias("supplementary_benefit_yen"),
        pl.col("delivery_month")
        .dt.offset_by(pl.format("{}mo", chance.whole("answer/revised after", "line_key", 3) + 1))
        .alias("delivery_month"),
    )


def answer_rows(claims: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Rows of insurer_answers for delivered claims, with the month they arrive (delivery_month)."""
    rest = (pl.col("own_yen") - pl.col("high_cost_benefit_yen") - _SUPPLEMENT_ABOVE_YEN) // 100 * 100
    pays = pl.col("insurance").is_in(list(SUPPLEMENTED)) & chance.happens("answer/supplement", "family_no", 0.8)
    first = (
        _drawn(claims, chance)
        .with_columns(_benefit_yen(chance).alias("high_cost_benefit_yen"))
        .with_columns(
            pl.when(pays & (rest >= _SUPPLEMENT_LEAST_YEN)).then(rest).otherwise(0).alias("supplementary_benefit_yen"),
            pl.col("resident_code").alias("child_resident_code"),
        )
    )
    day = 2 + chance.whole("answer/day", "line_key", _DAY - 3)
    return (
        pl.concat([first, _revised(first, chance)])
        .with_columns(after("delivery_month", day).alias("answered_date"))
        .sort("delivery_month", "claim_no")
    )


def numbered_answers(rows: pl.DataFrame, month: date) -> pl.DataFrame:
    """The answers of one delivery with answer_no."""
    number = pl.format("R{}-{}", pl.lit(f"{month:%Y%m}"), padded(pl.int_range(1, pl.len() + 1), 5))
    return rows.with_columns(number.alias("answer_no"))


def delivery_day(month: date) -> date:
    """The day of the month on which answers arrive."""
    return month.replace(day=_DAY)
