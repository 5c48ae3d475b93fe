"""What the city's staff decided over the rules: grants, refusals and holds, revised or withdrawn, each entered by
one person and approved by another.

Old ones lie anywhere in a pupil's years; those near the run begin and end with a month.
"""

from datetime import date, timedelta

import polars as pl

from pipelines.city.calendar import Run, next_open
from pipelines.city.chance import Chance, after
from pipelines.city.numbers import padded

_SHARE = 0.012
_WHY = {"1": "個別の事情により資格を認める。", "2": "資格を認めない。", "3": "書類の確認のため保留する。"}


def _drawn(kids: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """One override per chosen child: outcome, start_date, end_date, entered_date, and form."""
    near = pl.lit(run.first, dtype=pl.Date).dt.offset_by(
        pl.format("{}mo", chance.whole("override/month", "person_no", len(run.months) + 9) - 9)
    )
    months = 1 + chance.whole("override/months", "person_no", 5)
    room = (pl.col("fifteen_end") - pl.col("school_from")).dt.total_days() - 400
    long_ago = after("school_from", (chance.unit("override/day", "person_no") * room).floor().cast(pl.Int64))
    old = chance.happens("override/old", "person_no", 0.4) & (
        pl.col("fifteen_end") < pl.lit(run.first - timedelta(days=1200), dtype=pl.Date)
    )
    length = 30 + chance.whole("override/length", "person_no", 300)
    endless = chance.happens("override/endless", "person_no", 0.15)
    chosen = kids.filter(pl.col("app_date").is_not_null() & chance.happens("override", "person_no", _SHARE))
    return chosen.with_columns(
        pl.when(old).then(long_ago).otherwise(near).alias("start_date"),
        chance.pick("override/outcome", "person_no", ["1", "2", "3"], [50, 25, 25]).alias("outcome"),
        chance.pick("override/form", "person_no", ["plain", "revised", "withdrawn", "second"], [55, 15, 15, 15]).alias(
            "form"
        ),
        old.alias("old"),
    ).with_columns(
        pl.when("old")
        .then(after("start_date", length))
        .when(~endless)
        .then(pl.col("start_date").dt.offset_by(pl.format("{}mo", months)))
        .alias("end_date"),
        after("start_date", chance.whole("override/entered", "person_no", 25) - 5).alias("entered_date"),
        pl.lit(1, dtype=pl.Int64).alias("revision_no"),
        pl.lit("0").alias("withdrawn"),
        pl.lit(1).alias("nth"),
    )


def override_rows(kids: pl.DataFrame, chance: Chance, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """Rows of overrides with the day they are delivered (operated_date), and person_no."""
    first = next_open(_drawn(kids, chance, run), "entered_date", open_days)
    later = first.with_columns(after("entered_date", pl.lit(20)).alias("entered_date"))
    again = next_open(later, "entered_date", open_days).with_columns(pl.lit(2, dtype=pl.Int64).alias("revision_no"))
    other = pl.col("outcome").replace_strict({"1": "3", "2": "1", "3": "2"})
    beside = next_open(later, "entered_date", open_days).with_columns(
        other.alias("outcome"), pl.col("start_date").dt.offset_by("1mo"), pl.lit(2).alias("nth")
    )
    month_later = pl.col("start_date").dt.offset_by("1mo")
    overlaps = pl.col("end_date").is_null() | (pl.col("start_date") < pl.col("end_date"))
    form = pl.col("form")
    rows = [
        first,
        again.filter(form == "revised").with_columns(month_later.alias("end_date")),
        again.filter(form == "withdrawn").with_columns(pl.lit("1").alias("withdrawn")),
        beside.filter((form == "second") & overlaps),
    ]
    return _written(pl.concat(rows), chance, run.first)


def _written(rows: pl.DataFrame, chance: Chance, first: date) -> pl.DataFrame:
    clerk = 1 + chance.whole("override/clerk", "person_no", 20)
    before = pl.col("start_date") < pl.col("code_since")
    numbered = rows.with_columns(
        pl.format("K{}{}", padded(pl.col("person_no"), 8), "nth").alias("override_no"),
        pl.when(before).then("old_code").otherwise("resident_code").alias("child_resident_code"),
        pl.col("outcome").replace_strict(_WHY).alias("why"),
        pl.format("S{}", padded(clerk, 4)).alias("operator_code"),
        pl.format("S{}", padded(clerk + 100, 4)).alias("approver_code"),
        pl.max_horizontal("entered_date", pl.lit(first, dtype=pl.Date)).alias("operated_date"),
    )
    return numbered.sort("operated_date", "override_no", "revision_no")
