"""The register, read off the rows the city received: what is known, persons, other schemes.

Belongs here: the fold of arrivals into what is known, persons, schemes; and, by name, the register's other tables,
each from its own module. Who is entitled is decided in assets/eligibility.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.guardians import guardians
from assets.register.histories import LEARNED, SOURCE, latest, periods, standing
from assets.register.households import addresses, residences
from assets.register.identities import as_person, identities, united_as_person
from assets.register.insurances import insurances
from assets.register.registrations import registration_periods, registrations
from schemas.record import Record
from schemas.records.register import PERSONS, SCHEMES

__all__ = [
    "absent",
    "addresses",
    "as_person",
    "guardians",
    "identities",
    "insurances",
    "known",
    "latest",
    "periods",
    "persons",
    "registration_periods",
    "registrations",
    "residences",
    "schemes",
    "standing",
]

_LEFT_JAPAN = ("52", "53")


def known(feed: Record, previous: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Every row of a feed known so far: `previous` and `arrivals`, sorted by key and the day they were learned.

    A row that says again what its key last said is left out, so the earliest saying stands. Nothing is deleted.
    """
    ordered = pl.concat([previous, arrivals.select(previous.columns)]).sort(*feed.key, *LEARNED)
    again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in feed.names)
    first = pl.int_range(pl.len()) == 0
    return ordered.filter(first | ~again)


def absent(feed: Record, previous: pl.DataFrame, full_load: pl.DataFrame) -> pl.DataFrame:
    """The known rows whose key a full load no longer holds. They are reported, never deleted by it."""
    return previous.join(full_load.select(feed.key), on=list(feed.key), how="anti", maintain_order="left")


def schemes(
    public_assistance_known: pl.DataFrame,
    severe_disability_known: pl.DataFrame,
    single_parent_known: pl.DataFrame,
    facilities_known: pl.DataFrame,
    identities: pl.DataFrame,
) -> pl.DataFrame:
    """SCHEMES: when each person is on a scheme that comes first. 停止 of 生活保護 is not its end (生活保護法26条)."""
    sources = (
        ("public_assistance", "04", public_assistance_known),
        ("severe_disability", "06", severe_disability_known),
        ("single_parent", "05", single_parent_known),
        ("facilities", "07", facilities_known),
    )
    parts = [
        united_as_person(periods(history), identities).select(
            "resident_code",
            pl.lit(reason).alias("reason"),
            "start_date",
            "end_date",
            pl.lit(feed).alias("feed"),
            *SOURCE,
        )
        for feed, reason, history in sources
    ]
    return pl.concat(parts).select(SCHEMES.names).sort(SCHEMES.key)


_SHOWN = ("name", "name_kana", "postal_code", "address", "katagaki", *SOURCE)


def _residents(residents_known: pl.DataFrame, nonresidents: pl.DataFrame, month_end: date) -> pl.DataFrame:
    """Residents of any time. Who has left by `month_end` is shown as 住登外 knows them.

    in_japan does not depend on the month: once the stay has an end, 住登外 says it, else the reason of the end.
    """
    told = nonresidents.select(
        "resident_code", "same_person_code", *(pl.col(name).alias(f"now_{name}") for name in ("in_japan", *_SHOWN))
    )
    both = latest(residents_known).join(told, on="resident_code", how="left", maintain_order="left")
    ended = pl.col("resident_to_date").is_not_null()
    by_reason = pl.when(pl.col("resident_to_reason").is_in(_LEFT_JAPAN)).then(pl.lit("0")).otherwise(pl.lit("1"))
    moved = (pl.col("resident_to_date") <= month_end) & pl.col("now_in_japan").is_not_null()
    return both.with_columns(
        pl.coalesce(pl.when(ended).then("now_in_japan"), by_reason).alias("in_japan"),
        *(pl.when(moved).then(f"now_{name}").otherwise(name).alias(name) for name in _SHOWN),
    )


def _only_elsewhere(residents: pl.DataFrame, nonresidents: pl.DataFrame) -> pl.DataFrame:
    others = nonresidents.join(residents, on="resident_code", how="anti", maintain_order="left")
    unknown = [name for name in PERSONS.names if name not in others.columns and name != "protected"]
    return others.with_columns(pl.lit(None, dtype=PERSONS.schema[name]).alias(name) for name in unknown).with_columns(
        pl.lit("03").alias("resident_class"), pl.lit("0").alias("use_native_name")
    )


def persons(
    residents_known: pl.DataFrame,
    nonresidents_known: pl.DataFrame,
    protected_persons_known: pl.DataFrame,
    month_end: date,
) -> pl.DataFrame:
    """PERSONS: residents and 住登外者 as last known, one row per number.

    `month_end` decides only how a person is addressed (name, address and their source) and `protected`:
    支援措置 that has not ended by then, one about to begin included.
    """
    nonresidents = latest(nonresidents_known)
    residents = _residents(residents_known, nonresidents, month_end)
    names = [name for name in PERSONS.names if name != "protected"]
    everyone = pl.concat([residents.select(names), _only_elsewhere(residents, nonresidents).select(names)])
    lasting = standing(protected_persons_known).filter(pl.col("end_date").is_null() | (pl.col("end_date") > month_end))
    held = pl.col("resident_code").is_in(lasting["resident_code"].implode())
    return (
        everyone.with_columns(pl.when(held).then(pl.lit("1")).otherwise(pl.lit("0")).alias("protected"))
        .select(PERSONS.names)
        .sort("resident_code")
    )
