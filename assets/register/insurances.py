"""The health insurance of each child through time.

Belongs here: which insurance holds on a day when 国保 and the applications both say something.
Does not belong here: high-cost limits and benefits that follow from it (assets/benefit).
"""

from __future__ import annotations

import polars as pl

from assets.register.histories import SOURCE, periods
from assets.register.identities import united_as_person
from assets.register.intervals import covering, merged, pieces, turning_days
from assets.register.registrations import filed
from schemas.records.register import INSURANCES

_CHILD = "child_resident_code"
_NATIONAL = "00"
_CARD = ("insurance_type_code", "insurer_no", "symbol_number", "income_class", "feed")
_SAID = (*_CARD, *SOURCE)


def _declared(applications: pl.DataFrame) -> pl.DataFrame:
    """What each application states, from its event until the event of the child's next one.

    An application never reaches back before an earlier one, so a late event counts from the last event stated.
    """
    begun = applications.select(
        _CHILD,
        pl.col("event_date").cum_max().over(_CHILD).alias("start_date"),
        "insurance_type_code",
        "insurer_no",
        pl.col("insurance_symbol_number").alias("symbol_number"),
        pl.lit(None, dtype=pl.String).alias("income_class"),
        pl.lit("applications").alias("feed"),
        *SOURCE,
    )
    told = begun.unique([_CHILD, "start_date"], keep="last", maintain_order=True)
    return told.with_columns(pl.col("start_date").shift(-1).over(_CHILD).alias("end_date"))


def _national(
    national_health_insurance_known: pl.DataFrame, identities: pl.DataFrame, children: pl.Series
) -> pl.DataFrame:
    """The children's periods in 国保, with the 適用区分 of the period."""
    insured = united_as_person(periods(national_health_insurance_known), identities)
    ours = insured.filter(pl.col("resident_code").is_in(children.implode())).rename({"resident_code": _CHILD})
    stated = ours.with_columns(
        pl.lit(_NATIONAL).alias("insurance_type_code"), pl.lit("national_health_insurance").alias("feed")
    )
    return stated.select(_CHILD, "start_date", "end_date", *_SAID)


def _either(declared: pl.DataFrame, national: pl.DataFrame) -> pl.DataFrame:
    """Periods of children with both kinds: 国保 on the days its periods cover."""
    found = pieces(turning_days(_CHILD, declared, national), _CHILD)
    for prefix, table in (("national", national), ("declared", declared)):
        found = covering(found, "start_date", table, _CHILD, {name: f"{prefix}_{name}" for name in _SAID})
    in_force = pl.col("national_feed").is_not_null()
    chosen = found.with_columns(
        pl.when(in_force).then(f"national_{name}").otherwise(f"declared_{name}").alias(name) for name in _SAID
    )
    return chosen.filter(pl.col("feed").is_not_null()).select(INSURANCES.names)


def insurances(
    national_health_insurance_known: pl.DataFrame, applications_known: pl.DataFrame, identities: pl.DataFrame
) -> pl.DataFrame:
    """INSURANCES of every child with an application: 国保 on the days its periods cover, else what was declared.

    Neighbouring periods of the same insurance are one, with the source of the first.
    """
    declared = _declared(filed(applications_known, identities))
    national = _national(national_health_insurance_known, identities, declared[_CHILD].unique())
    also = pl.col(_CHILD).is_in(national[_CHILD].unique().implode())
    only = declared.filter(~also).select(INSURANCES.names)
    insured = pl.concat([only, _either(declared.filter(also), national)])
    return merged(insured, [_CHILD, *_CARD]).sort(INSURANCES.key)
