"""Every refusal of a register asked on a day of its own, with facts of its own: for tests only."""

from dataclasses import fields, replace

import polars as pl

from assets.eligibility import deciding
from assets.eligibility.deciding import Register
from assets.explanation.changing import with_facts
from assets.register.intervals import covering
from schemas.law.book import Law

CHILD = "child_resident_code"
KEY = [CHILD, "day"]


def refused_on_a_middle_day(register: Register, law: Law) -> pl.DataFrame:
    """Every refusal as decided, with a day in the middle of it."""
    rows = deciding.decided(register, law).filter(pl.col("entitled") == "0")
    half = (pl.col("end_date") - pl.col("start_date")).dt.total_days() // 2
    return rows.with_columns(pl.col("start_date").dt.offset_by(pl.format("{}d", half)).alias("day"))


def each_alone(register: Register, refused: pl.DataFrame) -> tuple[Register, pl.DataFrame]:
    """The register with a double of the child for every refusal, so that each can be given facts of its own."""
    doubles = refused.with_row_index("row").select(CHILD, pl.format("{}#{}", CHILD, "row").alias("double"))
    tables = {one.name: _doubled(getattr(register, one.name), doubles) for one in fields(Register)}
    return replace(register, **tables), refused.with_columns(doubles["double"].alias(CHILD))


def _doubled(frame: pl.DataFrame, doubles: pl.DataFrame) -> pl.DataFrame:
    column = CHILD if CHILD in frame.columns else "resident_code"
    extra = frame.join(doubles.rename({CHILD: column}), on=column)
    if "override_no" in frame.columns:
        extra = extra.with_columns(pl.format("{}{}", "override_no", "double").alias("override_no"))
    return pl.concat([frame, extra.with_columns(pl.col("double").alias(column)).select(frame.columns)])


def outcome(register: Register, asked: pl.DataFrame, law: Law) -> pl.Series:
    """Whether each is entitled on its day."""
    decided = deciding.decided(register, law)
    return covering(asked.select(KEY), "day", decided, CHILD, {"entitled": "now"})["now"]


def not_flipped(register: Register, asked: pl.DataFrame, wanted: pl.DataFrame, law: Law) -> pl.DataFrame:
    """The refusals that all their facts together leave refused."""
    return asked.filter(outcome(with_facts(register, wanted, law), asked, law) != "1")


def superfluous(register: Register, asked: pl.DataFrame, wanted: pl.DataFrame, law: Law) -> list[str]:
    """The facts some refusal does not need: without them it is gone all the same."""
    several = wanted.filter(pl.len().over(KEY) > 1)
    found = []
    for fact in sorted(several["fact"].unique()):
        without = with_facts(register, wanted.filter(pl.col("fact") != fact), law)
        lacking = asked.join(several.filter(pl.col("fact") == fact), on=KEY, how="semi")
        found += [fact] if set(outcome(without, lacking, law)) != {"0"} else []
    return found
