"""What happens to some families besides moving, and the numbers their members hold because of it.

Belongs here: leaving and coming back, under the same numbers or new ones, the death of the earning parent, an older
number of a parent, a spouse no form names. Who applies, and what follows, is told elsewhere.
"""

from datetime import timedelta

import polars as pl

from pipelines.city.calendar import Run
from pipelines.city.chance import Chance, after, between, day
from pipelines.city.numbers import padded

_FIRST_CODE = 10_000_000
_FIRST_OLD_CODE = 50_000_000
_STORIES = (
    ["plain", "returns", "renumbered", "guardian dies", "alias", "undeclared"],
    [925, 12, 8, 8, 7, 40],
)
"""What happens to families besides moving: they leave and come back under the same numbers, or under new ones
(the old ones linked to them); the earning parent dies and the other takes over; the earning parent applied
under an older number; the form does not name the spouse whom the register of residents knows."""
_LINKED_AFTER = 900
"""Days after moving in on which the older number of a parent is linked."""


def storied(frame: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """story, and the earlier stay of those who come back: earlier_in, earlier_out; moved_in is then the return."""
    calm = (
        pl.col("two_parents") & (pl.col("away") == "no") & ~pl.col("changes_guardian")
        & pl.col("exit_date").is_null() & pl.col("move_date").is_null()
    )  # fmt: skip
    before = pl.col("moved_in") < day(run.first - timedelta(days=1200))
    story = pl.when(calm & before).then(chance.pick("family/story", "family_no", *_STORIES)).otherwise(pl.lit("plain"))
    gone = 200 + chance.whole("family/gone for", "family_no", 700)
    room = (day(run.first - timedelta(days=990)) - pl.col("moved_in")).dt.total_days()
    out = after("moved_in", 60 + (chance.unit("family/went", "family_no") * (room - 60)).floor().cast(pl.Int64))
    late = (pl.col("story") == "returns") & chance.happens("family/back in run", "family_no", 0.4)
    back_late = between(chance, "family/back", "family_no", run.first, run.end - timedelta(days=20))
    told = frame.with_columns(story.alias("story")).with_columns(
        pl.col("story").is_in(["returns", "renumbered"]).alias("comes_back"), late.alias("late")
    )
    when = told.with_columns(pl.when("late").then(back_late).otherwise(after(out, gone)).alias("back"))
    left = when.with_columns(pl.when("late").then(after("back", -gone)).otherwise(out).alias("left"))
    return left.with_columns(
        pl.when("comes_back").then("moved_in").alias("earlier_in"),
        pl.when("comes_back").then("left").alias("earlier_out"),
        pl.when("comes_back").then("back").otherwise("moved_in").alias("moved_in"),
        pl.when("comes_back").then(pl.lit("02")).otherwise("arrival_reason").alias("arrival_reason"),
    ).drop("late", "back", "left", "comes_back")


def stayed_before(frame: pl.DataFrame, least_days: int) -> pl.DataFrame:
    """first_from, first_to, first_known, first_end_known of the earlier stay of those who were there for it."""
    there = pl.col("birth_date") < after("earlier_out", pl.lit(-least_days))
    since = pl.max_horizontal("birth_date", "earlier_in")
    return frame.with_columns(
        pl.when(there).then(since).alias("first_from"), pl.when(there).then("earlier_out").alias("first_to")
    ).with_columns(
        after("first_from", pl.col("entry_lag")).alias("first_known"),
        after("first_to", pl.col("exit_lag").clip(0)).alias("first_end_known"),
    )


def numbers_held() -> list[pl.Expr]:
    """resident_code, and old_code until code_since: the number before."""
    number = pl.col("person_no")
    parent = pl.col("role") == "parent"
    renumbered = (pl.col("story") == "renumbered") & pl.col("first_from").is_not_null()
    alias = (pl.col("story") == "alias") & parent & (number % 10 == 0)
    return [
        padded(number + _FIRST_CODE, 15).alias("resident_code"),
        pl.when(renumbered | alias).then(padded(number + _FIRST_OLD_CODE, 15)).alias("old_code"),
        pl.when(renumbered)
        .then("moved_in")
        .when(alias)
        .then(after("moved_in", pl.lit(_LINKED_AFTER)))
        .alias("code_since"),
    ]
