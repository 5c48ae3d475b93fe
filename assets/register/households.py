"""住民基本台帳 through time: when each person lived in the city, at which address and in which household.

Belongs here: stays, addresses, and husband and wife as 続柄 states them.
Does not belong here: who the guardian of a child is (assets/register/guardians).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.histories import NUMBERED, SOURCE, last_of, periods, standing
from assets.register.identities import as_person, united_as_person
from assets.register.intervals import pieces, turning_days
from schemas.records.register import ADDRESSES, RESIDENCES

_DEATH = "53"
_HEAD = "01"
_MATES = ("02", "03")
_HOME = ("household_no", "household_role", "postal_code", "address", "katagaki")


def _stay_end() -> pl.Expr:
    """The first day out: the day of a move, the day after a death (資格は死亡の日まで)."""
    ended = pl.col("resident_to_date")
    return pl.when(pl.col("resident_to_reason") == _DEATH).then(ended.dt.offset_by("1d")).otherwise(ended)


def residences(residents_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """RESIDENCES: when each person is registered in the city, under whichever of their numbers.

    A move out ends on its day, a death on the day after.
    """
    stays = periods(
        residents_known.select(
            *NUMBERED,
            *SOURCE,
            pl.col("resident_from_date").alias("start_date"),
            _stay_end().alias("end_date"),
            pl.col("resident_to_reason").alias("end_reason"),
        )
    )
    return united_as_person(stays.select(RESIDENCES.names), identities).sort(RESIDENCES.key)


def _until_next(rows: pl.DataFrame) -> pl.DataFrame:
    """Each row from its start_date until the next one of its resident_code, or its own end; of a day the highest
    history_no stands."""
    last = last_of(rows, ["resident_code", "start_date"], "history_no", "operated_date", "number")
    following = pl.col("start_date").shift(-1).over("resident_code")
    cut = last.sort("resident_code", "start_date").with_columns(
        pl.min_horizontal(following, "end_date").alias("end_date")
    )
    return cut.filter(_lasting())


def _lasting() -> pl.Expr:
    return pl.col("end_date").is_null() | (pl.col("start_date") < pl.col("end_date"))


def _opened(residents_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Standing rows from their change_date: until the next of their number, and then of the person."""
    stated = residents_known.select(
        *NUMBERED,
        *_HOME,
        *SOURCE,
        pl.col("change_date").alias("start_date"),
        _stay_end().alias("end_date"),
        pl.col("resident_code").alias("number"),
    )
    return _until_next(as_person(_until_next(standing(stated)), identities, "resident_code"))


def addresses(residents_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """ADDRESSES: each standing row opens a period at its change_date that lasts until the person's next row.

    Of rows of one day the highest history_no stands. No address holds on a day outside the stays in the city.
    """
    stays = residences(residents_known, identities).select("resident_code", "start_date", "end_date")
    within = _opened(residents_known, identities).join(stays, on="resident_code", suffix="_stay")
    cut = within.with_columns(
        pl.max_horizontal("start_date", "start_date_stay").alias("start_date"),
        pl.min_horizontal("end_date", "end_date_stay").alias("end_date"),
    )
    return cut.filter(_lasting()).select(ADDRESSES.names).sort(ADDRESSES.key)


def _couples(addresses: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """(person, spouse, start_date, end_date): days on which one is 世帯主 and the other 夫 or 妻 of a household."""
    homes = addresses.filter(pl.col("household_role").is_in([_HEAD, *_MATES])).select(
        "household_no",
        pl.col("resident_code").alias("person"),
        (pl.col("household_role") == _HEAD).alias("head"),
        "start_date",
        pl.col("end_date").fill_null(date.max),
    )
    asked = homes.filter(pl.col("person").is_in(persons.implode()))
    pairs = asked.join(homes, on="household_no", suffix="_other").filter(
        (pl.col("head") != pl.col("head_other")) & (pl.col("person") != pl.col("person_other"))
    )
    met = pairs.select(
        "person",
        pl.col("person_other").alias("spouse"),
        pl.max_horizontal("start_date", "start_date_other").alias("start_date"),
        pl.min_horizontal("end_date", "end_date_other").alias("end_date"),
    )
    return met.filter(pl.col("start_date") < pl.col("end_date"))


def spouses(addresses: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """(person, start_date, end_date, spouse): the husband or wife of each of `persons` in 住民基本台帳.

    Only on days when the household holds exactly one person who is that by 続柄. `addresses`: ADDRESSES.
    """
    couples = _couples(addresses, persons)
    parts = pieces(turning_days("person", couples), "person").drop_nulls("end_date")
    held = parts.join(couples, on="person", suffix="_couple").filter(
        (pl.col("start_date_couple") <= pl.col("start_date")) & (pl.col("start_date") < pl.col("end_date_couple"))
    )
    counted = held.group_by("person", "start_date", "end_date").agg(
        pl.col("spouse").first(), pl.col("spouse").n_unique().alias("found")
    )
    only = counted.filter(pl.col("found") == 1).drop("found")
    open_again = pl.when(pl.col("end_date") < date.max).then("end_date").alias("end_date")
    return only.with_columns(open_again).sort("person", "start_date")
