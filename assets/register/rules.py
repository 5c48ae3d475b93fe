"""What is known of persons, residence and other schemes, read off the rows the city received.

Belongs here: which rows of a history stand, and the periods they state. Registrations are in registrations.py;
who is entitled is decided in assets/eligibility.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.registrations import registration_periods, registrations
from schemas.record import Record
from schemas.records.register import PERSONS, RESIDENCES, SCHEMES

__all__ = [
    "absent",
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

_LEARNED = ("known_date", "delivery", "line_no")
_SOURCE = ("delivery", "line_no", "known_date")
_ABROAD = "52"
_DEATH = "53"


def known(feed: Record, previous: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Every row of a feed known so far: `previous` and `arrivals`, sorted by key and the day they were learned.

    A row that says again what its key last said is left out, so the earliest saying stands. Nothing is deleted.
    """
    ordered = pl.concat([previous, arrivals.select(previous.columns)]).sort(*feed.key, *_LEARNED)
    again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in feed.names)
    first = pl.int_range(pl.len()) == 0
    return ordered.filter(first | ~again)


def absent(feed: Record, previous: pl.DataFrame, full_load: pl.DataFrame) -> pl.DataFrame:
    """The known rows whose key a full load no longer holds. They are reported, never deleted by it."""
    return previous.join(full_load.select(feed.key), on=list(feed.key), how="anti", maintain_order="left")


def standing(history: pl.DataFrame) -> pl.DataFrame:
    """One row per (resident_code, history_no): its last branch as last learned; deleted ones left out."""
    keys = ["resident_code", "history_no"]
    last = history.sort(*keys, "history_branch_no", *_LEARNED).unique(keys, keep="last", maintain_order=True)
    return last.filter(pl.col("deleted_flag") == "0")


def latest(history: pl.DataFrame) -> pl.DataFrame:
    """One row per resident_code: the standing row flagged latest with the highest history_no."""
    return (
        standing(history)
        .sort("resident_code", "latest_flag", "history_no")
        .unique("resident_code", keep="last", maintain_order=True)
    )


def periods(history: pl.DataFrame) -> pl.DataFrame:
    """Standing rows with start_date and end_date as periods that do not overlap, the later history_no winning."""
    rows = standing(history).filter(pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("start_date")))
    told = rows.sort("resident_code", "start_date", "history_no").unique(
        ["resident_code", "start_date"], keep="last", maintain_order=True
    )
    return told.join(_overtaken(told), on=["resident_code", "history_no"], how="anti", maintain_order="left")


def _overtaken(told: pl.DataFrame) -> pl.DataFrame:
    """(resident_code, history_no) of the periods that a later history_no of the same person overlaps."""
    several = told.filter(pl.col("resident_code").is_duplicated()).select(
        "resident_code", "history_no", "start_date", pl.col("end_date").fill_null(date.max)
    )
    pairs = several.join(several, on="resident_code", suffix="_later")
    overlap = (pl.col("start_date") < pl.col("end_date_later")) & (pl.col("start_date_later") < pl.col("end_date"))
    later = pl.col("history_no_later") > pl.col("history_no")
    return pairs.filter(overlap & later).select("resident_code", "history_no").unique()


def residences(residents_known: pl.DataFrame) -> pl.DataFrame:
    """RESIDENCES: when each person is registered in the city.

    A move out ends on its day, a death on the day after (資格は死亡の日まで).
    """
    ended = pl.col("resident_to_date")
    stays = periods(
        residents_known.with_columns(
            pl.col("resident_from_date").alias("start_date"),
            pl.when(pl.col("resident_to_reason") == _DEATH)
            .then(ended.dt.offset_by("1d"))
            .otherwise(ended)
            .alias("end_date"),
            pl.col("resident_to_reason").alias("end_reason"),
        )
    )
    return stays.select(RESIDENCES.names).sort(RESIDENCES.key)


def schemes(
    public_assistance_known: pl.DataFrame,
    severe_disability_known: pl.DataFrame,
    single_parent_known: pl.DataFrame,
    facilities_known: pl.DataFrame,
) -> pl.DataFrame:
    """SCHEMES: when each person is on a scheme that comes first. 停止 of 生活保護 is not its end (生活保護法26条)."""
    sources = (
        ("public_assistance", "04", public_assistance_known),
        ("severe_disability", "06", severe_disability_known),
        ("single_parent", "05", single_parent_known),
        ("facilities", "07", facilities_known),
    )
    parts = [
        periods(history).select(
            "resident_code",
            pl.lit(reason).alias("reason"),
            "start_date",
            "end_date",
            pl.lit(feed).alias("feed"),
            *_SOURCE,
        )
        for feed, reason, history in sources
    ]
    return pl.concat(parts).select(SCHEMES.names).sort(SCHEMES.key)


def _residents(residents_known: pl.DataFrame, month_end: date) -> pl.DataFrame:
    gone = pl.col("resident_to_date").is_not_null() & (pl.col("resident_to_date") <= month_end)
    abroad = gone & pl.col("resident_to_reason").is_in([_ABROAD, _DEATH])
    return latest(residents_known).with_columns(
        gone.alias("gone"),
        pl.when(abroad).then(pl.lit("0")).otherwise(pl.lit("1")).alias("in_japan"),
        pl.lit(None, dtype=pl.String).alias("same_person_code"),
    )


_SHOWN = (
    "name",
    "name_kana",
    "sex",
    "birth_date",
    "postal_code",
    "address",
    "katagaki",
    "in_japan",
    "same_person_code",
)


def _placed_elsewhere(residents: pl.DataFrame, nonresidents: pl.DataFrame) -> pl.DataFrame:
    """Residents who have left, with what 住登外 now says of them."""
    told = nonresidents.select("resident_code", *(pl.col(name).alias(f"now_{name}") for name in (*_SHOWN, *_SOURCE)))
    both = residents.join(told, on="resident_code", how="left", maintain_order="left")
    moved = pl.col("gone") & pl.col("now_in_japan").is_not_null()
    return both.with_columns(
        pl.when(moved).then(f"now_{name}").otherwise(name).alias(name) for name in (*_SHOWN, *_SOURCE)
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
    """PERSONS: residents and 住登外者 as last known.

    Who left the city is shown where 住登外 places them. `protected`: 支援措置 that has not ended by `month_end`,
    one about to begin included.
    """
    residents, nonresidents = _residents(residents_known, month_end), latest(nonresidents_known)
    names = [name for name in PERSONS.names if name != "protected"]
    everyone = pl.concat(
        [
            _placed_elsewhere(residents, nonresidents).select(names),
            _only_elsewhere(residents, nonresidents).select(names),
        ]
    )
    lasting = standing(protected_persons_known).filter(pl.col("end_date").is_null() | (pl.col("end_date") > month_end))
    held = pl.col("resident_code").is_in(lasting["resident_code"].implode())
    return (
        everyone.with_columns(pl.when(held).then(pl.lit("1")).otherwise(pl.lit("0")).alias("protected"))
        .select(PERSONS.names)
        .sort("resident_code")
    )
