"""The truth about registration: from which day a form counts, and until which day what it began stands.

Belongs here: the law of registration since 2009, told over the forms the city knows. It shares no code with the
system under test. Intervals are half open.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import LAW_FROM, OUTPATIENT_FROM, TEENS_FROM, next_open
from pipelines.city.chance import after
from pipelines.city.chance import day as literal

RETROACTIVE_DAYS = 15
_LAST_OCTOBER = date(TEENS_FROM.year - 1, 10, 1)
_GUARDIAN, _SCHOOL = "08", "03"


def counted(forms: pl.DataFrame, open_days: pl.Series) -> pl.DataFrame:
    """The forms that register a child, with `counts_from`.

    New registrations in time count from the event, others from the form; forms the city had called for (renewal,
    school, wider ages), and forms older than the law, never count before they were filed.
    """
    due = next_open(forms.with_columns(after("app_event", pl.lit(RETROACTIVE_DAYS)).alias("due")), "due", open_days)
    newer = pl.col("app_date") >= literal(TEENS_FROM)
    registers = pl.col("app_type").is_in(["01", "06"]) | ((pl.col("app_type") == "02") & ~newer)
    called = pl.col("app_type").is_in(["02", "06"]) | (pl.col("app_reason") == _SCHOOL)
    own_day = called | (pl.col("app_date") < literal(LAW_FROM))
    later = pl.max_horizontal("app_event", "app_date")
    retroactive = pl.when(pl.col("app_date") <= pl.col("due")).then("app_event").otherwise("app_date")
    return (
        due.filter(registers)
        .with_columns(pl.when(own_day).then(later).otherwise(retroactive).alias("counts_from"))
        .drop("due")
    )


def registered(forms: pl.DataFrame, leavings: pl.DataFrame, open_days: pl.Series) -> pl.DataFrame:
    """person_no, start, end (null = open), guardian_slot: what stands, one row per registration or new guardian.

    forms: person_no, app_…, application_no, guardian_slot, school_from. leavings: person_no, left (the first day no
    longer in the city), in any order.
    """
    new = counted(forms, open_days)
    begun = new.group_by("person_no").agg(pl.col("counts_from").min().alias("begun"))
    changes = (
        forms.filter((pl.col("app_reason") == _GUARDIAN) & ~pl.col("app_type").is_in(["05"]))
        .join(new.select("application_no"), on="application_no", how="anti")
        .join(begun, on="person_no")
        .with_columns(pl.max_horizontal("app_event", "begun").alias("counts_from"))
        .drop("begun")
    )
    rows = pl.concat([new, changes.select(new.columns)]).rename({"counts_from": "start"})
    stands = rows.sort("person_no", "start", "app_date", "application_no").unique(
        ["person_no", "start"], keep="last", maintain_order=True
    )
    days = new.select("person_no", pl.col("counts_from").alias("start")).unique()
    stands = stands.join(
        days.with_columns(pl.col("start").alias("begun")), on=["person_no", "start"], how="left", maintain_order="left"
    ).with_columns(pl.col("begun").forward_fill().over("person_no"))
    return _ended(stands, leavings).select("person_no", "start", "end", "guardian_slot")


def _ended(stands: pl.DataFrame, leavings: pl.DataFrame) -> pl.DataFrame:
    """With `end`: the next row, leaving the city, school entry, or the October of a pupil, whichever is first.

    A new guardian goes on with the registration that has `begun`; where it has ended, the row stands on no day.
    """
    begun, school = pl.col("begun"), pl.col("school_from")
    entry = (school > begun) & school.is_between(literal(LAW_FROM), literal(TEENS_FROM), closed="left")
    earliest = pl.max_horizontal(after("begun", pl.lit(1)), "school_from", literal(OUTPATIENT_FROM))
    this_year = pl.date(earliest.dt.year(), 10, 1)
    october = pl.when(earliest <= this_year).then(this_year).otherwise(pl.date(earliest.dt.year() + 1, 10, 1))
    left = stands.join(leavings, on="person_no").filter(pl.col("left") > begun)
    first_left = left.group_by("person_no", "start").agg(pl.col("left").min())
    ends = [
        pl.col("start").shift(-1).over("person_no"),
        pl.col("left"),
        pl.when(entry).then("school_from"),
        pl.when(october <= literal(_LAST_OCTOBER)).then(october),
    ]
    joined = stands.join(first_left, on=["person_no", "start"], how="left", maintain_order="left")
    return joined.with_columns(pl.min_horizontal(ends).alias("end"))
