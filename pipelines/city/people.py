"""Families and their members: who lives with whom, born when, in the city from when to when.

Belongs here: one row per family, one row per person, and the life events of residence (birth, moving in, moving
within, moving out, death) with the day the city learned of each. Other schemes, applications and care are
drawn elsewhere from these rows. Intervals are half open.
"""

from datetime import date, timedelta

import polars as pl

from pipelines.city.bank import with_accounts
from pipelines.city.calendar import TEENS_FROM, Run
from pipelines.city.chance import Chance, after, between, day
from pipelines.city.insurance import insured
from pipelines.city.names import named
from pipelines.city.places import addressed, addressed_elsewhere
from pipelines.city.stories import numbers_held, stayed_before, storied

KAWAGUCHI_JIS = "11203"
_OLDEST_BIRTH = date(2000, 4, 2)
_OLDEST_YOUNGEST = date(2007, 4, 2)
"""The youngest child of most families is of age today; the others have only grown children."""
_CHILDREN = ([1, 2, 3, 4, 5], [43, 41, 12, 3, 1])
_YEAR = 365.0


def families(chance: Chance, count: int, run: Run) -> pl.DataFrame:
    """`count` families with what all members share: births, residence, insurance, addresses, kinds of trouble."""
    years = (run.end - run.first).days / _YEAR
    base = pl.DataFrame({"family_no": pl.int_range(count, eager=True)})
    former = chance.happens("family/former", "family_no", 0.03)
    grown = between(chance, "family/grown", "family_no", _OLDEST_BIRTH, _OLDEST_YOUNGEST)
    young = between(chance, "family/youngest", "family_no", _OLDEST_YOUNGEST, run.end)
    drawn = base.with_columns(
        chance.pick("family/children", "family_no", *_CHILDREN).alias("child_count"),
        pl.when(former).then(grown).otherwise(young).alias("youngest_birth"),
        chance.happens("family/foreign", "family_no", 0.08).alias("foreign"),
        (~chance.happens("family/single", "family_no", 0.09)).alias("two_parents"),
        chance.happens("family/father", "family_no", 0.72).alias("father_earns"),
        chance.happens("family/protected", "family_no", 0.009).alias("protected"),
        chance.pick(
            "family/away",
            "family_no",
            ["no", "japan", "abroad", "leaves", "emigrates"],
            [1 - 0.019 - 0.008 * years, 0.015, 0.003, 0.006 * years, 0.002 * years],
        ).alias("away"),
        chance.happens("family/changes", "family_no", 0.02 * years).alias("changes_guardian"),
    )
    return _housed(storied(_moving(drawn, chance, run, years), chance, run), chance)


def _moving(frame: pl.DataFrame, chance: Chance, run: Run, years: float) -> pl.DataFrame:
    """moved_in, exit_date, exit_reason, move_date of the whole family."""
    kind = chance.unit("family/arrival", "family_no")
    oldest = after("youngest_birth", -(pl.col("child_count") - 1) * 900)
    long_ago = after(oldest, -chance.whole("family/settled", "family_no", 3000) - 400)
    span = (day(run.first) - oldest).dt.total_days().clip(1)
    since = after(oldest, (chance.unit("family/since", "family_no") * span).floor().cast(pl.Int64))
    in_run = between(chance, "family/arrives", "family_no", run.first, run.end - timedelta(days=20))
    leaves = between(chance, "family/leaves", "family_no", run.first - timedelta(days=100), run.end)
    moves = between(chance, "family/moves", "family_no", run.first + timedelta(days=1), run.end)
    placed = frame.with_columns(
        pl.when(kind < 0.58)
        .then(long_ago)
        .when(kind < 1 - 0.05 * years)
        .then(since)
        .otherwise(in_run)
        .alias("moved_in"),
        chance.pick("family/from_abroad", "family_no", ["02", "03"], [92, 8]).alias("arrival_reason"),
        pl.when(chance.happens("family/exit", "family_no", 0.04 * (years + 0.27))).then(leaves).alias("exit_date"),
        chance.pick("family/exit_reason", "family_no", ["51", "52"], [91, 9]).alias("exit_reason"),
        pl.when(chance.happens("family/move", "family_no", 0.05 * years)).then(moves).alias("move_date"),
    )
    gone = pl.col("exit_date") > after("moved_in", pl.lit(60))
    stays = pl.col("exit_date").is_null() | (pl.col("move_date") < after("exit_date", pl.lit(-60)))
    return placed.with_columns(
        pl.when(gone).then("exit_date").alias("exit_date"),
        pl.when(stays & (pl.col("move_date") > after("moved_in", pl.lit(60)))).then("move_date").alias("move_date"),
    )


def _housed(frame: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    housed = addressed(frame, chance, "home", "family_no", "", KAWAGUCHI_JIS)
    housed = addressed(housed, chance, "next home", "family_no", "next_", KAWAGUCHI_JIS)
    housed = addressed_elsewhere(housed, chance, "elsewhere", "family_no", "away_")
    return insured(housed, chance).with_columns(
        chance.lag_days("family/entry_lag", "family_no", 4, 13).alias("entry_lag"),
        chance.lag_days("family/move_lag", "family_no", 5, 14).alias("move_lag"),
        (chance.lag_days("family/exit_lag", "family_no", 6, 20) - 5).alias("exit_lag"),
    )


def children(chance: Chance, households: pl.DataFrame, count: int, run: Run) -> pl.DataFrame:
    """The first `count` children of the families who can meet the run: one row per child, with the columns of
    the family, birth_date, sex, resident_from, from_reason, resident_to, to_reason and the days they were known."""
    born = (
        households.with_columns(pl.int_ranges(0, pl.col("child_count")).alias("younger"))
        .explode("younger")
        .with_columns((pl.col("family_no") * 10 + pl.col("younger") + 2).alias("person_no"))
        .with_columns(
            after(
                "youngest_birth",
                -pl.col("younger") * 540
                - pl.when(pl.col("younger") > 0).then(chance.whole("child/gap", "person_no", 700)).otherwise(0),
            ).alias("birth_date"),
            chance.pick("child/sex", "person_no", ["1", "2"], [512, 488]).alias("sex"),
            pl.lit("child").alias("role"),
        )
    )
    there = pl.col("exit_date").is_null() | (pl.col("birth_date") < after("exit_date", pl.lit(-40)))
    kept = born.filter((pl.col("birth_date") >= _OLDEST_BIRTH) & there).sort("person_no").head(count)
    return _resided(kept, chance, run)


def _resided(frame: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """Residence of the children, births and deaths included."""
    years = (run.end - run.first).days / _YEAR
    native = pl.col("birth_date") >= pl.col("moved_in")
    dies = between(chance, "child/dies", "person_no", run.first, run.end)
    death = pl.when(chance.happens("child/death", "person_no", 0.0012 * years)).then(dies)
    first = pl.max_horizontal("birth_date", "moved_in")
    frame = frame.with_columns(
        first.alias("resident_from"),
        pl.when(native).then(pl.lit("01")).otherwise("arrival_reason").alias("from_reason"),
        pl.when(
            (death > after(first, pl.lit(30)))
            & (pl.col("exit_date").is_null() | (death < after("exit_date", pl.lit(-40))))
        )
        .then(death)
        .alias("death_date"),
        after(
            first, pl.when(native).then(chance.lag_days("child/birth_lag", "person_no", 6, 14)).otherwise("entry_lag")
        ).alias("entry_known"),
    )
    return (
        stayed_before(frame, 60)
        .with_columns(
            pl.coalesce("death_date", "exit_date").alias("resident_to"),
            pl.when(pl.col("death_date").is_not_null())
            .then(pl.lit("53"))
            .when(pl.col("exit_date").is_not_null())
            .then("exit_reason")
            .alias("to_reason"),
            pl.when(pl.col("death_date").is_not_null())
            .then(after("death_date", pl.lit(4)))
            .otherwise(after("exit_date", pl.col("exit_lag")))
            .alias("exit_known"),
            _moved_known("resident_from"),
        )
        .with_columns(numbers_held())
    )


def _moved_known(lives_from: str) -> pl.Expr:
    there = pl.col("move_date") > after(lives_from, pl.lit(30))
    alive = (
        pl.lit(True)
        if lives_from != "resident_from"
        else (pl.col("death_date").is_null() | (pl.col("death_date") > after("move_date", pl.lit(40))))
    )
    return pl.when(there & alive).then(after("move_date", pl.col("move_lag"))).alias("move_known")


def parents(chance: Chance, households: pl.DataFrame, kids: pl.DataFrame) -> pl.DataFrame:
    """One row per parent of the families that have a child: slot 0 earns, slot 1 is the other one."""
    oldest = kids.group_by("family_no").agg(pl.col("birth_date").min().alias("oldest_birth"))
    pair = households.join(oldest, on="family_no").with_columns(pl.lit([0, 1]).alias("slot")).explode("slot")
    kept = pair.filter((pl.col("slot") == 0) | pl.col("two_parents")).sort("family_no", "slot")
    man = (pl.col("slot") == 0) == pl.col("father_earns")
    grown = kept.with_columns(
        (pl.col("family_no") * 10 + pl.col("slot")).alias("person_no"),
        pl.when(man).then(pl.lit("1")).otherwise(pl.lit("2")).alias("sex"),
    ).with_columns(
        after("oldest_birth", -8200 - chance.whole("parent/age", "person_no", 5500)).alias("birth_date"),
        pl.lit("parent").alias("role"),
        pl.col("moved_in").alias("resident_from"),
        pl.col("arrival_reason").alias("from_reason"),
    )
    return with_accounts(_parents_residence(stayed_before(grown, 0)), chance)


def _parents_residence(frame: pl.DataFrame) -> pl.DataFrame:
    """Where the parents are: with the family, or (slot 0) elsewhere, or leaving on their own."""
    earner = pl.col("slot") == 0
    lives_away = earner & pl.col("away").is_in(["japan", "abroad"])
    alone = earner & pl.col("leave_date").is_not_null()
    how = pl.when(pl.col("story") == "guardian dies").then(pl.lit("53"))
    return (
        frame.with_columns(
            (~lives_away).alias("registered"),
            pl.when(alone).then("leave_date").otherwise("exit_date").alias("resident_to"),
            pl.when(alone)
            .then(how.when(pl.col("away") == "leaves").then(pl.lit("51")).otherwise(pl.lit("52")))
            .otherwise("exit_reason")
            .alias("to_reason"),
            after("moved_in", pl.col("entry_lag")).alias("entry_known"),
        )
        .with_columns(
            pl.when(pl.col("resident_to").is_null()).then(None).otherwise("to_reason").alias("to_reason"),
            after("resident_to", pl.col("exit_lag").clip(0)).alias("exit_known"),
            pl.lit(None, dtype=pl.Date).alias("death_date"),
            _moved_known("moved_in"),
        )
        .with_columns(
            pl.when(pl.col("exit_known").is_null() | (pl.col("move_known") < pl.col("exit_known")))
            .then("move_known")
            .alias("move_known"),
            *numbers_held(),
        )
    )


def with_departures(households: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """The families with leave_date: the day the earning parent leaves alone or dies, only of settled families."""
    settled = (pl.col("moved_in") < day(run.first - timedelta(days=120))) & pl.col("exit_date").is_null()
    leaves = between(chance, "family/leave_alone", "family_no", run.first + timedelta(days=5), run.end)
    calm = settled & pl.col("move_date").is_null() & pl.col("away").is_in(["leaves", "emigrates"])
    earliest = max(run.first - timedelta(days=400), TEENS_FROM)
    dies = between(chance, "family/guardian dies", "family_no", earliest, run.end - timedelta(days=20))
    return households.with_columns(
        pl.when(calm).then(leaves).when(pl.col("story") == "guardian dies").then(dies).alias("leave_date")
    )


def population(chance: Chance, count: int, run: Run) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(children, parents): `count` children with everything their family shares, and their named parents."""
    households = with_departures(families(chance, count + 20, run), chance, run)
    kids = children(chance, households, count, run)
    grown = parents(chance, households, kids)
    kids = kids.with_columns((pl.col("person_no") % 10).alias("slot"))
    return named(kids, chance), named(grown, chance)
