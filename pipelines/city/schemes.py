"""Other schemes a child can be on: 施設入所等, 生活保護 (with 停止), 重度心身障害者医療, ひとり親家庭等医療.

At most two intervals per person and scheme: one that holds during the run or near it, and one long over.
history_no counts the intervals of a person, history_branch_no the versions of an interval: the row that tells the
end has the next branch number. `end` is the first day it no longer holds.
"""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from pipelines.city.calendar import Run
from pipelines.city.chance import Chance, after
from pipelines.city.numbers import padded

_FORMS = (["open", "ends", "begins", "both", "ended", "backdated"], [42, 14, 20, 10, 7, 7])
"""Backdated: granted in the run from a day before it, when care of those days is already paid."""
_OFFICE = "112038"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A feed, the short name of its columns, and how often it holds."""

    feed: str
    short: str
    by: str
    share: float


SCHEMES = (
    Scheme("facilities", "fac", "person_no", 0.005),
    Scheme("public_assistance", "pa", "family_no", 0.018),
    Scheme("severe_disability", "sev", "person_no", 0.008),
    Scheme("single_parent", "sp", "family_no", 0.55),
)
"""In the order in which one hides the other. The share of single_parent is among families with one parent."""


def _form(chance: Chance, scheme: Scheme) -> pl.Expr:
    return chance.pick(f"{scheme.short}/form", scheme.by, *_FORMS)


def _drawn(chance: Chance, scheme: Scheme, run: Run) -> list[pl.Expr]:
    """Start and end as drawn for the family or person."""
    days = (run.end - run.first).days
    start_at, end_at = (
        chance.whole(f"{scheme.short}/from", scheme.by, days),
        chance.whole(f"{scheme.short}/to", scheme.by, days),
    )
    first, earlier = pl.lit(run.first, dtype=pl.Date), 60 + chance.whole(f"{scheme.short}/earlier", scheme.by, 1500)
    form = _form(chance, scheme)
    length = 20 + chance.whole(f"{scheme.short}/length", scheme.by, 120)
    recent = after(first, -chance.whole(f"{scheme.short}/recent", scheme.by, 100))
    late = after(first, start_at)
    before = pl.when(form == "backdated").then(recent).otherwise(after(first, -earlier))
    end = (
        pl.when(form == "ends").then(after(first, end_at))
        .when(form == "both").then(after(late, length))
        .when(form == "ended").then(after(first, -(1 + chance.whole(f"{scheme.short}/ago", scheme.by, 50))))
    )  # fmt: skip
    return [
        pl.when(form.is_in(["begins", "both"])).then(late).otherwise(before).alias(f"{scheme.short}_from"),
        end.alias(f"{scheme.short}_to"),
    ]


def _holds(chance: Chance, scheme: Scheme) -> pl.Expr:
    drawn = chance.happens(f"{scheme.short}/holds", scheme.by, scheme.share)
    return drawn & ~pl.col("two_parents") if scheme.short == "sp" else drawn


def with_schemes(
    persons: pl.DataFrame, chance: Chance, run: Run, schemes: tuple[Scheme, ...] = SCHEMES
) -> pl.DataFrame:
    """Persons with {short}_from, {short}_to, {short}_known, {short}_end_known for each scheme, the same of an older
    interval under {short}_old_…, and granted: the day a backdated scheme is granted; until then the card is shown."""
    persons = persons.with_columns(pl.lit(None, dtype=pl.Date).alias("granted"))
    for scheme in schemes:
        persons = _with_older(_with_scheme(persons, chance, run, scheme), chance, run, scheme)
    return persons


def _with_older(persons: pl.DataFrame, chance: Chance, run: Run, scheme: Scheme) -> pl.DataFrame:
    """An interval that was over well before the other one, and before the run, began."""
    short = scheme.short
    last = pl.min_horizontal(f"{short}_from", pl.lit(run.first - timedelta(days=100), dtype=pl.Date))
    room = (last - pl.col("resident_from")).dt.total_days() - 150
    start = after("resident_from", 31 + (chance.unit(f"{short}/older", scheme.by) * (room - 31)).floor().cast(pl.Int64))
    length = 20 + chance.whole(f"{short}/older length", scheme.by, 900)
    end = pl.min_horizontal(after(start, length), after(last, pl.lit(-60)))
    share = pl.when(pl.col(f"{short}_from").is_not_null()).then(0.15).otherwise(0.25 * scheme.share)
    allowed = ~pl.col("two_parents") if short == "sp" else pl.lit(True)
    had = allowed & (room > 100) & chance.happens(f"{short}/had", scheme.by, share)
    lag = chance.lag_days(f"{short}/older lag", scheme.by, 6, 30)
    return persons.with_columns(
        pl.when(had).then(start).alias(f"{short}_old_from"), pl.when(had).then(end).alias(f"{short}_old_to")
    ).with_columns(
        pl.max_horizontal(after(f"{short}_old_from", lag), pl.col("entry_known")).alias(f"{short}_old_known"),
        after(f"{short}_old_to", 31 + lag).alias(f"{short}_old_end_known"),
    )


def _with_scheme(persons: pl.DataFrame, chance: Chance, run: Run, scheme: Scheme) -> pl.DataFrame:
    short = scheme.short
    start, end = pl.col(f"{short}_from"), pl.col(f"{short}_to")
    drawn = persons.with_columns(_drawn(chance, scheme, run)).with_columns(
        pl.max_horizontal(start, pl.col("resident_from")).alias(f"{short}_from")
    )
    gone = pl.col("resident_to").is_not_null() & (start >= pl.col("resident_to"))
    there = _holds(chance, scheme) & ~gone & (end.is_null() | (end > after(start, pl.lit(5))))
    lag = chance.lag_days(f"{short}/lag", scheme.by, 5, 25)
    late = chance.lag_days(f"{short}/end_lag", scheme.by, 6, 30)
    kept = drawn.with_columns(
        pl.when(there).then(start).alias(f"{short}_from"), pl.when(there).then(end).alias(f"{short}_to")
    )
    in_run = after(
        pl.lit(run.first, dtype=pl.Date), chance.whole(f"{short}/granted", scheme.by, (run.end - run.first).days)
    )
    granted = pl.when(_form(chance, scheme) == "backdated").then(in_run)
    known = pl.max_horizontal(after(start, lag), granted, pl.col("entry_known"))
    kept = kept.with_columns(
        pl.when(start.is_not_null()).then(known).alias(f"{short}_known"),
        pl.max_horizontal("granted", pl.when(start.is_not_null()).then(granted)).alias("granted"),
    )
    told = pl.max_horizontal(after(end, late), after(f"{short}_known", pl.lit(1)))
    return kept.with_columns(pl.when(end.is_not_null()).then(told).alias(f"{short}_end_known"))


def scheme_rows(persons: pl.DataFrame, chance: Chance, scheme: Scheme, run: Run) -> pl.DataFrame:
    """Rows of the scheme's feed: for each interval one when it begins, one more when its end is told."""
    short = scheme.short
    named = {f"{short}_{end}": pl.col(f"{short}_old_{end}") for end in ("from", "to", "known", "end_known")}
    older = persons.with_columns(**named)
    number = 1 + pl.col(f"{short}_old_from").is_not_null().cast(pl.Int64)
    return pl.concat(
        [
            _interval_rows(older, chance, scheme, run, pl.lit(1, dtype=pl.Int64)),
            _interval_rows(persons, chance, scheme, run, number),
        ]
    )


def _interval_rows(persons: pl.DataFrame, chance: Chance, scheme: Scheme, run: Run, number: pl.Expr) -> pl.DataFrame:
    short = scheme.short
    held = persons.filter(pl.col(f"{short}_from").is_not_null()).with_columns(
        pl.col(f"{short}_from").alias("start_date"),
        number.alias("history_no"),
        *_own_items(chance, scheme, run),
    )
    begun = held.with_columns(
        pl.lit(None, dtype=pl.Date).alias("end_date"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
        pl.col(f"{short}_known").alias("operated_date"),
    )
    ended = held.filter(pl.col(f"{short}_to").is_not_null()).with_columns(
        pl.col(f"{short}_to").alias("end_date"),
        pl.lit(1, dtype=pl.Int64).alias("history_branch_no"),
        pl.col(f"{short}_end_known").alias("operated_date"),
    )
    return pl.concat([begun, ended])


def _own_items(chance: Chance, scheme: Scheme, run: Run) -> list[pl.Expr]:
    number = pl.format("{}{}", pl.lit(scheme.short.upper()), padded(pl.col("person_no"), 7))
    if scheme.feed == "public_assistance":
        settled = pl.col("pa_from") < pl.lit(run.first - timedelta(days=170), dtype=pl.Date)
        pause = chance.happens("pa/pause", "family_no", 0.15) & settled
        stop = after("pa_from", pl.lit(100))
        fits = pause & (pl.col("pa_to").is_null() | (pl.col("pa_to") > after("pa_from", pl.lit(200))))
        return [
            pl.lit(_OFFICE).alias("office_code"),
            padded(pl.col("family_no"), 8).alias("case_no"),
            pl.when(fits).then(stop).alias("suspended_from_date"),
            pl.when(fits & chance.happens("pa/resumes", "family_no", 0.5))
            .then(after(stop, pl.lit(60)))
            .alias("suspended_to_date"),
            pl.lit("1").alias("medical_aid"),
        ]
    if scheme.feed == "facilities":
        return [chance.pick("fac/kind", "person_no", ["1", "2", "3", "9"]).alias("facility")]
    return [number.alias("scheme_beneficiary_no")]


def protection_rows(persons: pl.DataFrame, chance: Chance, run: Run) -> pl.DataFrame:
    """Rows of protected_persons: the mother and the children of protected families; one in five ends in the run."""
    starts = chance.pick("protection/form", "family_no", ["before", "in run"], [80, 20])
    days = (run.end - run.first).days
    early = pl.max_horizontal("resident_from", pl.lit(run.first - timedelta(days=200), dtype=pl.Date))
    later = after(pl.lit(run.first, dtype=pl.Date), chance.whole("protection/from", "family_no", days))
    mother = (pl.col("role") == "child") | ((pl.col("role") == "parent") & (pl.col("sex") == "2"))
    held = (
        persons.filter(pl.col("protected") & mother)
        .with_columns(
            chance.pick("protection/kind", "family_no", ["1", "2", "3", "9"], [80, 8, 8, 4]).alias("protection"),
            pl.when(starts == "before")
            .then(early)
            .otherwise(pl.max_horizontal(later, "resident_from"))
            .alias("start_date"),
            pl.lit(1, dtype=pl.Int64).alias("history_no"),
            chance.happens("protection/ends", "family_no", 0.2).alias("ends"),
        )
        .with_columns(pl.max_horizontal("start_date", "entry_known").alias("begun"))
    )
    begun = held.with_columns(
        pl.lit(None, dtype=pl.Date).alias("end_date"),
        pl.lit(0, dtype=pl.Int64).alias("history_branch_no"),
        pl.col("begun").alias("operated_date"),
    )
    ended = held.filter("ends").with_columns(
        after("begun", pl.lit(120)).alias("end_date"),
        pl.lit(1, dtype=pl.Int64).alias("history_branch_no"),
        after("begun", pl.lit(115)).alias("operated_date"),
    )
    return pl.concat([begun, ended])
