"""The truth about eligibility: from the life events themselves, as far as the city could know them.

Belongs here: for every child the days that change something, what holds on a day, and the intervals as known at
the end of each month. It shares no code with the system under test and reads no delivered file. The story it reads
is told in truth_story; registration and restriction have modules of their own.

truth_eligibility.parquet: child_resident_code (the person's number of today), start_date, end_date, entitled
("1"/"0"), benefit_class ("1" all care, "2" inpatient only, "0"), reason (DECISION_REASON), ruled_reason (what the
rules said, where an override stands over them), known_from_month, known_to_month (null = still): what is known at
the end of month M are the rows with known_from_month ≤ M and (known_to_month null or M ≤ known_to_month). The
intervals of a child tile the time from birth or 2009-04-01, whichever is later, to the end of its age.
"""

from datetime import date

import polars as pl

from pipelines.city.calendar import OUTPATIENT_FROM, TEENS_FROM, Run, month_end
from pipelines.city.chance import day as literal
from pipelines.city.truth_registration import registered
from pipelines.city.truth_story import SCHEME_REASONS, Story, known_at, news

FAR = date(9999, 12, 31)
HELD_REASONS = ("14", "15", "16")
_RULED = {"1": "00", "2": "99", "3": "16"}
"""扱い of an override → reason."""
_SAID = ["reason", "benefit_class", "ruled_reason"]
_SPAN = 1 << 20


def _place(day: str) -> pl.Expr:
    """Person and day as one number, in order."""
    return pl.col("person_no").cast(pl.Int64) * _SPAN + pl.col(day).cast(pl.Int32).cast(pl.Int64)


def last_begun(days: pl.DataFrame, periods: pl.DataFrame, day: str, names: dict[str, str]) -> pl.DataFrame:
    """`days` (person_no and a day) with the columns `names` (theirs → ours) of the last of `periods` (person_no,
    start, …) begun by that day; null before the first."""
    began = periods.select(_place("start").alias("place"), pl.col("person_no").alias("whose"), *names).sort("place")
    placed = days.with_columns(_place(day).alias("place")).sort("place")
    found = placed.join_asof(began, on="place", strategy="backward")
    mine = pl.col("whose") == pl.col("person_no")
    return found.with_columns(pl.when(mine).then(old).alias(new) for old, new in names.items()).drop(
        "place", "whose", *(set(names) - set(names.values()))
    )


def _holding(days: pl.DataFrame, periods: pl.DataFrame, name: str) -> pl.DataFrame:
    """`days` with whether one of the periods (not overlapping) holds on `day`."""
    found = last_begun(days, periods.select("person_no", "start", pl.col("end").fill_null(FAR)), "day", {"end": "till"})
    return found.with_columns((pl.col("day") < pl.col("till")).fill_null(False).alias(name)).drop("till")


def _turning_days(story: Story, standing: pl.DataFrame) -> pl.DataFrame:
    """person_no, day: every day on which something may change for a child."""
    kids = story.kids
    year = pl.col("year")
    octobers = kids.join(story.years, on="family_no").select(
        "person_no", pl.concat_list(pl.date(year, 10, 1), pl.date(year + 1, 10, 1)).alias("day")
    )
    gone = kids.join(story.gone, on="family_no").select("person_no", pl.col("gone_from").alias("day"))
    ages = [pl.col(name) for name in ("begin", "school_from", "fifteen_end")]
    fixed = [literal(OUTPATIENT_FROM), literal(TEENS_FROM), *ages]
    periods = [story.stays, standing, story.schemes, story.overrides]
    found = [
        *(kids.select("person_no", day.alias("day")) for day in fixed),
        *(rows.select("person_no", pl.col(end).alias("day")) for rows in periods for end in ("start", "end")),
        octobers.explode("day"),
        gone,
    ]
    return (
        pl.concat(found)
        .drop_nulls()
        .unique()
        .join(kids, on="person_no")
        .filter((pl.col("day") >= pl.col("begin")) & (pl.col("day") < pl.col("finish")))
    )


def _facts_of_days(story: Story, standing: pl.DataFrame) -> pl.DataFrame:
    """The turning days with everything that decides them."""
    days = last_begun(
        _turning_days(story, standing), story.stays, "day", {"end": "stay_end", "end_reason": "stay_end_reason"}
    )
    came = story.stays.group_by("person_no").agg(pl.col("start").min().alias("came"))
    days = days.join(came, on="person_no", how="left")
    for reason in SCHEME_REASONS.values():
        days = _holding(days, story.schemes.filter(pl.col("reason") == reason), f"on_{reason}")
    days = _holding(days, standing, "registered")
    first = (
        standing.sort("person_no", "start")
        .unique("person_no", keep="first")
        .select("person_no", pl.col("guardian_slot").alias("first_slot"))
    )
    days = last_begun(days, standing, "day", {"guardian_slot": "slot"}).join(first, on="person_no", how="left")
    guarded = days.with_columns(pl.coalesce("slot", "first_slot").alias("slot")).join(
        story.gone, on=["family_no", "slot"], how="left"
    )
    judged_year = pl.col("day").dt.year() - (pl.col("day").dt.month() < 10).cast(pl.Int32)
    return guarded.with_columns(judged_year.cast(pl.Int64).alias("year")).join(
        story.years, on=["family_no", "year"], how="left"
    )


def _reason() -> pl.Expr:
    """The first requirement a day misses, over _facts_of_days."""
    day = pl.col("day")
    here = (day >= pl.col("came")) & (pl.col("stay_end").is_null() | (day < pl.col("stay_end")))
    left = pl.when(pl.col("stay_end_reason") == "53").then(pl.lit("03")).otherwise(pl.lit("02"))
    limit = pl.when(day < literal(TEENS_FROM)).then("fifteen_end").otherwise("eighteen_end")
    pupil = day >= pl.col("school_from")
    chain = (
        pl.when((day < pl.col("came")).fill_null(True)).then(pl.lit("13"))
        .when(~here).then(left)
        .when(day >= limit).then(pl.lit("01"))
        .when(day >= pl.col("gone_from")).then("gone_reason")
    )  # fmt: skip
    for reason in SCHEME_REASONS.values():
        chain = chain.when(pl.col(f"on_{reason}")).then(pl.lit(reason))
    return (
        chain.when(~pl.col("registered")).then(pl.lit("11"))
        .when(pupil & pl.col("over")).then(pl.lit("09"))
        .when(pupil & pl.col("owes")).then(pl.lit("10"))
        .when(pupil & pl.col("unsure")).then(pl.lit("15"))
        .otherwise(pl.lit("00"))
    )  # fmt: skip


def _overridden(days: pl.DataFrame, overrides: pl.DataFrame) -> pl.DataFrame:
    """`days` with the reason of the override that stands, and ruled_reason: what the rules had said."""
    till = pl.col("end").fill_null(FAR)
    standing = (
        days.select("person_no", "day").join(overrides, on="person_no")
        .filter((pl.col("start") <= pl.col("day")) & (pl.col("day") < till))
        .sort("entered_date", "override_no")
        .unique(["person_no", "day"], keep="last", maintain_order=True)
        .select("person_no", "day", pl.col("outcome").replace_strict(_RULED).alias("decided"))
    )  # fmt: skip
    joined = days.join(standing, on=["person_no", "day"], how="left")
    return joined.with_columns(
        pl.when(pl.col("decided").is_not_null()).then("reason").alias("ruled_reason"),
        pl.coalesce("decided", "reason").alias("reason"),
        pl.when(pl.col("decided") == "00").then(pl.lit("1")).alias("granted"),
    )


def intervals(story: Story, open_days: pl.Series) -> pl.DataFrame:
    """person_no, child_resident_code, start_date, end_date, entitled, benefit_class, reason, ruled_reason: merged,
    in order."""
    leavings = story.stays.select("person_no", pl.col("end").alias("left")).drop_nulls()
    standing = registered(story.forms, leavings, open_days)
    judged = _overridden(_facts_of_days(story, standing).with_columns(_reason().alias("reason")), story.overrides)
    day = pl.col("day")
    inpatient_only = (day >= pl.col("school_from")) & (day < literal(OUTPATIENT_FROM)) & pl.col("granted").is_null()
    entitled = pl.col("reason") == "00"
    classed = judged.with_columns(
        pl.when(~entitled)
        .then(pl.lit("0"))
        .when(inpatient_only)
        .then(pl.lit("2"))
        .otherwise(pl.lit("1"))
        .alias("benefit_class")
    ).sort("resident_code", "day")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ("person_no", *_SAID))
    merged = classed.filter(~same)
    following = pl.col("day").shift(-1).over("person_no", order_by="day")
    return merged.select(
        "person_no",
        pl.col("resident_code").alias("child_resident_code"),
        pl.col("day").alias("start_date"),
        pl.coalesce(following, "finish").alias("end_date"),
        pl.when(entitled).then(pl.lit("1")).otherwise(pl.lit("0")).alias("entitled"),
        *(pl.col(name) for name in ("benefit_class", "reason", "ruled_reason")),
    )


def eligibility_truth(story: Story, run: Run, open_days: pl.Series) -> pl.DataFrame:
    """truth_eligibility: the intervals of every child for each stretch of months in which the same was known."""
    told = news(story, run)
    until = pl.col("known_from_month").shift(-1).over("person_no", order_by="known_from_month").dt.offset_by("-1mo")
    stretched = told.with_columns(until.alias("known_to_month"))
    parts = []
    for (month,), group in stretched.sort("known_from_month").group_by("known_from_month", maintain_order=True):
        heard = intervals(known_at(story.of(group), month_end(month)), open_days)
        parts.append(heard.join(group, on="person_no", how="left"))
    return pl.concat(parts).drop("person_no").sort("child_resident_code", "known_from_month", "start_date")


def eligibility_known(truth: pl.DataFrame, month: date) -> pl.DataFrame:
    """The intervals known at the end of a month: child_resident_code, start_date, end_date, entitled,
    benefit_class, reason, ruled_reason."""
    stands = (pl.col("known_from_month") <= month) & (
        pl.col("known_to_month").is_null() | (pl.col("known_to_month") >= month)
    )
    return truth.filter(stands).drop("known_from_month", "known_to_month")


def on_day(lines: pl.DataFrame, day: str, spans: pl.DataFrame, name: str) -> pl.DataFrame:
    """`lines` (person_no, null = nobody) in their order with `name`: the reason of that day; "none" where the child
    has no interval, null where there is no day."""
    periods = spans.select("person_no", pl.col("start_date").alias("start"), pl.col("end_date").alias("till"), "reason")
    asked = lines.with_row_index("at").with_columns(pl.col("person_no").fill_null(-1))
    found = last_begun(asked, periods, day, {"till": "till", "reason": name}).sort("at")
    covered = (pl.col(day) < pl.col("till")).fill_null(False)
    said = pl.when(covered).then(name).when(pl.col(day).is_not_null()).then(pl.lit("none"))
    return found.with_columns(said.alias(name), lines["person_no"]).drop("at", "till")


def month_of(lines: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """`lines` (person_no, service_month, month_from) with good, held, by_scheme and other: how many days of the
    month, from month_from on, are entitled, held, another scheme's, or none of these."""
    first, last = pl.col("month_from"), pl.col("service_month").dt.month_end()
    asked = lines.select("person_no", "service_month", "month_from").drop_nulls().unique()
    spent = asked.join(spans, on="person_no").with_columns(
        (
            pl.min_horizontal("end_date", last.dt.offset_by("1d")) - pl.max_horizontal("start_date", first)
        ).dt.total_days().alias("days")
    ).filter(pl.col("days") > 0)  # fmt: skip
    kinds = {
        "good": pl.col("reason") == "00",
        "held": pl.col("reason").is_in(HELD_REASONS),
        "by_scheme": pl.col("reason").is_in(list(SCHEME_REASONS.values())),
    }
    keys = ["person_no", "service_month", "month_from"]
    counted = spent.group_by(keys).agg(pl.col("days").filter(kind).sum().alias(name) for name, kind in kinds.items())
    joined = lines.join(counted, on=keys, how="left", maintain_order="left").with_columns(
        pl.col(name).fill_null(0) for name in kinds
    )
    length = (last - first).dt.total_days() + 1
    return joined.with_columns((length - pl.sum_horizontal(*kinds)).alias("other"))
