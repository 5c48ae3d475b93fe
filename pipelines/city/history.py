"""What families filed with the city, and when: from the law of 2009 to the end of the run.

Belongs here: the first application of each stay, the calls to register anew (school entry, every October from 2012
to 2023, the wider ages of 2009, 2012 and 2024), and the loss of a stay, as narrow rows. Changes during the run are in
changes; what the form says is in applications; from when a form counts is the truth's business (registration).

The columns app_type, app_reason, app_event, app_date, app_known of a child tell the first application of its
present stay, carded_known when its first form of all became known.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce

import polars as pl

from pipelines.city.calendar import LAW_FROM, OUTPATIENT_FROM, TEENS_FROM, day_after_age, next_open
from pipelines.city.chance import Chance, after, day, key
from pipelines.city.numbers import numbered_column

FORM = ["person_no", "app_type", "app_reason", "app_event", "app_date"]
_FIRST = ["app_type", "app_reason", "app_event", "app_date"]
_LAST_SCHOOL_CALL = date(2024, 4, 1)
_OCTOBERS = [date(year, 10, 1) for year in range(OUTPATIENT_FROM.year, TEENS_FROM.year)]
_NEVER = 0.02
"""Share of calls that are never answered."""


def _form(kind: str | pl.Expr, reason: str | pl.Expr, event: str | pl.Expr, filed: str | pl.Expr) -> list[pl.Expr]:
    """app_type, app_reason (texts or expressions), app_event and app_date (columns or expressions)."""
    texts = [pl.lit(text) if isinstance(text, str) else text for text in (kind, reason)]
    days = [pl.col(column) if isinstance(column, str) else column for column in (event, filed)]
    return [value.alias(name) for name, value in zip(_FIRST, (*texts, *days), strict=True)]


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Whose first application it is, and the form."""

    fits: pl.Expr
    form: list[pl.Expr]


def _lag(chance: Chance) -> pl.Expr:
    """Days from the event to the application: mostly within the 15 days, up to 60."""
    quick = chance.whole("application/quick", "person_no", 14)
    slow = 14 + chance.whole("application/slow", "person_no", 47)
    return pl.when(chance.happens("application/in time", "person_no", 0.86)).then(quick).otherwise(slow)


def _wave(chance: Chance, stream: str, first: date, days: int, late: date) -> pl.Expr:
    """When the forms sent to everybody of an age come back: mostly within `days` from `first`, else from `late`."""
    early = after(day(first), chance.whole(f"{stream}/wave", "person_no", days))
    afterwards = after(day(late), chance.whole(f"{stream}/late", "person_no", 240))
    return pl.when(chance.happens(f"{stream}/by the day", "person_no", 0.88)).then(early).otherwise(afterwards)


def _teens(chance: Chance) -> list[pl.Expr]:
    return _form("06", "04", day(TEENS_FROM), _wave(chance, "teens", date(2024, 6, 10), 48, date(2024, 10, 25)))


def _occasions(chance: Chance) -> list[_Occasion]:
    """In this order; the last one fits everybody."""
    here, school = pl.col("resident_from"), pl.col("school_from")
    lag = _lag(chance)
    ends = pl.min_horizontal("pa_to", "sev_to", "sp_to")
    hidden = pl.min_horizontal("pa_from", "sev_from", "sp_from") <= after(here, pl.lit(45))
    lost = ends.is_not_null() & hidden & chance.happens("application/after scheme", "family_no", 0.4)
    october = pl.date(school.dt.year() + chance.whole("application/october", "person_no", 4), 10, 1)
    renews = october.is_in(_OCTOBERS[1:]) & (here < october) & (october < pl.col("fifteen_end"))
    called = school.is_between(day(LAW_FROM), day(_LAST_SCHOOL_CALL)) & (here < school)
    pupils = _wave(chance, "pupils", date(2009, 1, 13), 60, date(2009, 4, 2))
    june = after(october, -1 - chance.whole("application/before october", "person_no", 110))
    arrival = pl.when(pl.col("from_reason") == "01").then(pl.lit("01")).otherwise(pl.lit("02"))
    return [
        _Occasion((pl.col("fifteen_end") <= here) & (here < day(TEENS_FROM)), _teens(chance)),
        _Occasion((school < day(LAW_FROM)) & (here < day(LAW_FROM)), _form("06", "04", day(LAW_FROM), pupils)),
        _Occasion(lost, _form("01", "05", ends, after(ends, lag))),
        _Occasion(
            renews & chance.happens("application/renews first", "person_no", 0.01), _form("02", "09", october, june)
        ),
        _Occasion(
            called & chance.happens("application/school", "person_no", 0.015),
            _form("01", "03", school, after(school, 20 + 3 * lag)),
        ),
        _Occasion(pl.lit(True), _form("01", arrival, here, after(here, lag))),
    ]


def _chosen(first: list[pl.Expr], second: _Occasion) -> list[pl.Expr]:
    fits = second.fits.fill_null(False)
    return [
        pl.when(fits).then(ours).otherwise(others).alias(name)
        for name, ours, others in zip(_FIRST, second.form, first, strict=True)
    ]


def with_first_application(kids: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """Children with school_from, fifteen_end, eighteen_end, the app_ columns, beneficiary_no, old_beneficiary_no and
    carded_known; the app_ columns and the numbers are null for those who never apply."""
    aged = kids.with_columns(
        day_after_age(6).alias("school_from"),
        day_after_age(15).alias("fifteen_end"),
        day_after_age(18).alias("eighteen_end"),
    )
    occasions = _occasions(chance)
    drawn = aged.with_columns(reduce(_chosen, reversed(occasions[:-1]), occasions[-1].form)).with_columns(
        pl.max_horizontal("app_date", "entry_known", after("moved_in", pl.col("entry_lag"))).alias("app_date")
    )
    drawn = next_open(drawn, "app_date", open_days).with_columns(
        after("app_date", chance.whole("application/entered", "person_no", 3)).alias("app_known"),
        numbered_column(pl.int_range(pl.len()) + 100_000, 6).alias("beneficiary_no"),
    )
    here = pl.col("resident_from")
    young = here < pl.col("fifteen_end")
    of_age = young | ((pl.col("eighteen_end") > day(TEENS_FROM)) & (here < pl.col("eighteen_end")))
    left = pl.col("resident_to").is_not_null() & (pl.col("app_date") >= pl.col("resident_to"))
    keep = of_age & ~left & ~chance.happens("application/never", "person_no", 0.017)
    kept = drawn.with_columns(pl.when(keep).then(name).alias(name) for name in (*_FIRST, "app_known", "beneficiary_no"))
    return _with_earlier(kept, chance, open_days)


def _with_earlier(kids: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """first_app, the day of the first application of the earlier stay, and the number it was given, if another."""
    stayed = pl.col("first_from").is_not_null() & pl.col("app_date").is_not_null()
    filed = after("first_known", chance.whole("application/earlier", "person_no", 8))
    dated = next_open(kids.with_columns(pl.when(stayed).then(filed).alias("first_app")), "first_app", open_days)
    other = pl.col("old_code").is_not_null() & pl.col("first_app").is_not_null()
    number = numbered_column(other.cast(pl.Int64).cum_sum(), 6)
    return dated.with_columns(
        pl.when(other).then(number).alias("old_beneficiary_no"),
        pl.min_horizontal("app_known", after("first_app", pl.lit(1))).alias("carded_known"),
    )


def calls(kids: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """FORM of everything filed before the run's own changes: first applications, answers to calls, losses."""
    applied = kids.filter(pl.col("app_date").is_not_null())
    returned = applied.filter(pl.col("first_app").is_not_null())
    arrival = pl.when(pl.col("birth_date") == pl.col("first_from")).then(pl.lit("01")).otherwise(pl.lit("02"))
    spells = pl.concat(
        [
            _spells(applied, "resident_from", "resident_to", "app_date"),
            _spells(returned, "first_from", "first_to", "first_app"),
        ]
    )
    forms = [
        applied.select(FORM),
        returned.with_columns(_form("01", arrival, "first_from", "first_app")).select(FORM),
        *(_answered(rows, chance, open_days) for rows in _called(spells, chance)),
        _losses(spells, chance, open_days),
    ]
    return pl.concat(forms)


def _spells(kids: pl.DataFrame, start: str, end: str, since: str) -> pl.DataFrame:
    return kids.select(
        "person_no", "school_from", "fifteen_end", "eighteen_end",
        pl.col(start).alias("start"), pl.col(end).alias("end"), pl.col(since).alias("since"),
    )  # fmt: skip


def _called(spells: pl.DataFrame, chance: Chance) -> list[pl.DataFrame]:
    """Spells × calls: app_type, app_reason, app_event, and answer, the day the form comes back."""
    school = pl.col("school_from")
    pupils = spells.filter(school.is_between(day(LAW_FROM), day(_LAST_SCHOOL_CALL)))
    entering = pupils.with_columns(_form("01", "03", school, school))
    octobers = pl.DataFrame({"october": _OCTOBERS})
    yearly = spells.join(octobers, how="cross").filter(
        (school <= pl.col("october")) & (pl.col("october") < pl.col("fifteen_end"))
    )
    wider = pl.col("october") == day(OUTPATIENT_FROM)
    kind = pl.when(wider).then(pl.lit("06")).otherwise(pl.lit("02"))
    reason = pl.when(wider).then(pl.lit("04")).otherwise(pl.lit("09"))
    renewing = yearly.with_columns(_form(kind, reason, "october", "october")).drop("october")
    return [
        _within(_replied(entering, chance, 110, 90)),
        _within(_replied(renewing, chance, 115, 200)),
        _within(_widened(spells, chance)),
    ]


def _within(called: pl.DataFrame) -> pl.DataFrame:
    """Calls during the stay and after its first application, answered during the stay."""
    last = pl.col("end").fill_null(date.max)
    during = (pl.col("app_event") > pl.max_horizontal("start", "since")) & (pl.col("app_event") < last)
    return called.filter(during & (pl.col("app_date") < last))


def _draw() -> pl.Expr:
    return key("person_no", pl.col("app_event").to_physical())


def _silent(chance: Chance) -> pl.Expr:
    return chance.unit("call/answer", _draw()) < _NEVER


def _replied(called: pl.DataFrame, chance: Chance, early_days: int, late_days: int) -> pl.DataFrame:
    """Most forms come back before the day, some after it; those never filed are left out."""
    early = after("app_event", -1 - chance.whole("call/early", _draw(), early_days))
    late = after("app_event", chance.whole("call/late", _draw(), late_days))
    in_time = chance.unit("call/answer", _draw()) < 0.95
    return called.filter(~_silent(chance)).with_columns(pl.when(in_time).then(early).otherwise(late).alias("app_date"))


def _widened(spells: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Registrations for October 2024: everybody of the new ages, and most pupils whose registration had lapsed."""
    teens = (pl.col("fifteen_end") <= day(TEENS_FROM)) & (pl.col("eighteen_end") > day(TEENS_FROM))
    pupil = (pl.col("school_from") <= day(_LAST_SCHOOL_CALL)) & (pl.col("fifteen_end") > day(TEENS_FROM))
    last = pl.when(pl.col("school_from") <= day(_OCTOBERS[-1])).then(day(_OCTOBERS[-1])).otherwise("school_from")
    asked = spells.with_columns(last.alias("app_event"))
    lapsed = pupil & _silent(chance) & chance.happens("call/lapsed", "person_no", 0.7)
    return asked.filter(teens | lapsed).with_columns(_teens(chance))


def _answered(called: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    return next_open(called, "app_date", open_days).select(FORM)


def _losses(spells: pl.DataFrame, chance: Chance, open_days: pl.Series) -> pl.DataFrame:
    """消滅届 of half of those who leave, a few days before; by itself it ends nothing."""
    told = spells.filter(pl.col("end").is_not_null() & chance.happens("application/loss", "person_no", 0.5))
    filed = told.with_columns(_form("05", "99", "end", after("end", pl.lit(-5))))
    return next_open(filed.filter(pl.col("app_date") > pl.col("since")), "app_date", open_days).select(FORM)
