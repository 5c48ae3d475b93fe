"""The parents of each child through time: the guardian of the registration, and the guardian's spouse.

Belongs here: who the two are on a day.
Does not belong here: whether the guardian is the right one of the two (assets/eligibility/reviews).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.households import spouses
from assets.register.intervals import covering, merged
from schemas.records.register import GUARDIANS

_CHILD = "child_resident_code"
_GUARDIAN = "guardian_resident_code"
_SPOUSE = "spouse_resident_code"
_PARENTS = [_CHILD, _GUARDIAN, _SPOUSE, "spouse_declared"]


def _registered(registration_periods: pl.DataFrame) -> pl.DataFrame:
    """Each registration as an interval until the child's next one, with the spouse it declares.

    Registrations in a row with the same parents, such as renewals, are one.
    """
    begun = registration_periods.sort(_CHILD, "registered_from_date").rename({"registered_from_date": "start_date"})
    intervals = begun.with_columns(
        pl.col("start_date").shift(-1).over(_CHILD).alias("end_date"),
        pl.when(pl.col(_SPOUSE).is_null()).then(pl.lit("0")).otherwise(pl.lit("1")).alias("spouse_declared"),
    )
    return merged(intervals.select(GUARDIANS.names), _PARENTS)


def _cut(undeclared: pl.DataFrame, married: pl.DataFrame) -> pl.DataFrame:
    """The intervals cut on the days on which 住民基本台帳 begins or ceases to know a spouse of the guardian."""
    turning = pl.concat(
        married.select(pl.col("person").alias(_GUARDIAN), pl.col(bound).alias("day"))
        for bound in ("start_date", "end_date")
    ).unique()
    inside = (pl.col("day") > pl.col("start_date")) & (pl.col("day") < pl.col("end_date").fill_null(date.max))
    days = undeclared.join(turning, on=_GUARDIAN).filter(inside)
    again = days.with_columns(pl.col("day").alias("start_date")).drop("day")
    begun = pl.concat([undeclared, again]).sort(_CHILD, "end_date", "start_date", nulls_last=True)
    following = pl.col("start_date").shift(-1).over(_CHILD, "end_date")
    return begun.with_columns(pl.coalesce(following, "end_date").alias("end_date"))


def guardians(registration_periods: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """GUARDIANS: the guardian of each registration and the spouse, declared or known to 住民基本台帳.

    Neighbouring intervals with the same parents are one, with the source of the first.
    """
    registered = _registered(registration_periods)
    declared, undeclared = registered.filter(spouse_declared="1"), registered.filter(spouse_declared="0")
    married = spouses(addresses, undeclared[_GUARDIAN].unique())
    cut = _cut(undeclared, married)
    by_guardian = married.rename({"person": _GUARDIAN})
    found = covering(cut, "start_date", by_guardian, _GUARDIAN, {"spouse": _SPOUSE})
    everyone = pl.concat([declared, found.select(GUARDIANS.names)])
    return merged(everyone, _PARENTS).sort(GUARDIANS.key)
