"""From applications to registrations: from when a child is registered, and for which guardian.

Belongs here: the 15 days and their exceptions, changes of guardian, the application that stands.
Does not belong here: whether the child is entitled (assets/eligibility).
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from assets.register.dated import dated, listed
from schemas.businessdays import is_office_day
from schemas.law.book import Law
from schemas.records.register import REGISTRATION_PERIODS, REGISTRATIONS

_CLOSED_AT_MOST = timedelta(days=14)
_ORDER = ("application_date", "application_no")
_NOTICE_OF_LOSS = "05"


def _filed(applications_known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Each application once, as last learned, with `law_date`: its day, or the first day of the law book.

    A 消滅届 only announces a loss that residence or another scheme states, so it is left out.
    """
    begins = law.table("registration.types")["from_date"].min()
    once = applications_known.sort("known_date", "delivery", "line_no").unique("application_no", keep="last")
    return (
        once.filter(pl.col("application_type") != _NOTICE_OF_LOSS)
        .with_columns(pl.max_horizontal("application_date", pl.lit(begins)).alias("law_date"))
        .sort("child_resident_code", *_ORDER)
        .with_columns(pl.col("beneficiary_no").fill_null(strategy="forward").over("child_resident_code"))
        .with_columns(pl.col("beneficiary_no").fill_null(strategy="backward").over("child_resident_code"))
        .filter(pl.col("beneficiary_no").is_not_null())
    )


def office_days(first: date, last: date) -> pl.Series:
    """Every day the office is open from `first` to the first such day after `last`. Raises HolidaysNotPublished."""
    days = pl.date_range(first, last + _CLOSED_AT_MOST, eager=True)
    return days.filter(pl.Series([is_office_day(day) for day in days], dtype=pl.Boolean))


def application_deadline(events: pl.Series, retro_days: pl.Series, extends: pl.Series) -> pl.Series:
    """The last day to apply with effect from the event: the n-th day after it, or the next open day.

    Counted from the next day (民法140条); a closed last day gives way to the next open one (民法142条).
    """
    if events.is_empty():
        return events
    asked = pl.DataFrame({"event": events, "days": retro_days, "extends": extends}).with_row_index("row")
    counted = asked.with_columns(pl.col("event").dt.offset_by(pl.format("{}d", "days")).alias("due")).sort("due")
    bounds = counted.select(pl.col("due").min().alias("first"), pl.col("due").max().alias("last")).row(0)
    open_days = pl.DataFrame({"open": office_days(*bounds)})
    stepped = counted.join_asof(open_days, left_on="due", right_on="open", strategy="forward", coalesce=False)
    return stepped.sort("row").select(pl.when("extends").then("open").otherwise("due")).to_series()


def _without_retroactivity(law: Law) -> pl.Expr:
    """Applications that count from their own day: switches the city called for, and those under earlier law."""
    called_for = listed("application_type", "law_date", law, "registration.types_without_retroactivity")
    school = listed("application_reason", "law_date", law, "registration.reasons_without_retroactivity")
    return called_for | school | (pl.col("application_date") < pl.col("law_date"))


def _registering(filed: pl.DataFrame, law: Law) -> pl.DataFrame:
    """The applications that register a child, with registered_from_date.

    In time: from the event. Late: from the application. Without retroactivity: from the later of the two.
    """
    rows = dated(
        filed.filter(listed("application_type", "law_date", law, "registration.types")),
        "law_date",
        law,
        {"registration.retro_days": "retro_days", "registration.extends_over_closed_days": "extends"},
    ).with_columns(_without_retroactivity(law).alias("own_day"))
    apart, retroactive = rows.filter("own_day"), rows.filter(~pl.col("own_day"))
    due = application_deadline(retroactive["event_date"], retroactive["retro_days"], retroactive["extends"])
    in_time = retroactive.with_columns(due.alias("due")).with_columns(
        pl.when(pl.col("application_date") <= pl.col("due"))
        .then("event_date")
        .otherwise("application_date")
        .alias("registered_from_date")
    )
    later = pl.max_horizontal("event_date", "application_date").alias("registered_from_date")
    return pl.concat([apart.with_columns(later), in_time.drop("due")])


def _guardian_changes(filed: pl.DataFrame, registering: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Changes of guardian of registered children: from their event, but not before the registration begins."""
    reason = dated(filed, "law_date", law, {"registration.guardian_change_reason": "guardian_reason"})
    begun = registering.group_by("child_resident_code").agg(pl.col("registered_from_date").min().alias("first"))
    changed = reason.filter(pl.col("application_reason") == pl.col("guardian_reason")).join(
        begun, on="child_resident_code"
    )
    kept = changed.join(registering.select("application_no"), on="application_no", how="anti")
    return kept.with_columns(pl.max_horizontal("event_date", "first").alias("registered_from_date"))


def registration_periods(applications_known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """REGISTRATION_PERIODS: each row stands from its registered_from_date until the child's next row.

    A row begins with a registration or with a change of guardian. Children without a beneficiary number are
    left out until one is assigned.
    """
    filed = _filed(applications_known, law)
    registering = _registering(filed, law)
    names = REGISTRATION_PERIODS.names
    return (
        pl.concat(
            [
                registering.select(*names, "application_date"),
                _guardian_changes(filed, registering, law).select(*names, "application_date"),
            ]
        )
        .sort("child_resident_code", "registered_from_date", *_ORDER)
        .unique(["child_resident_code", "registered_from_date"], keep="last", maintain_order=True)
        .select(names)
    )


def registrations(applications_known: pl.DataFrame, law: Law) -> pl.DataFrame:
    """REGISTRATIONS: one row per registered child, as it stands after its last application.

    registered_from_date and the source are those of the last registration, the guardian that of the last
    registration or change of guardian; number, insurance and application_no (for account and mailing address)
    are those of the last application of any kind.
    """
    filed = _filed(applications_known, law)
    begun = _registering(filed, law).sort("child_resident_code", "registered_from_date", *_ORDER)
    guardians = registration_periods(applications_known, law).select("child_resident_code", "guardian_resident_code")
    last_said = filed.select("child_resident_code", "beneficiary_no", "application_no", "insurance_type_code")
    found = begun.select("child_resident_code", "registered_from_date", "delivery", "line_no", "known_date")
    last_begun, last_guardian, last_filed = (
        part.unique("child_resident_code", keep="last", maintain_order=True) for part in (found, guardians, last_said)
    )
    return (
        last_begun.join(last_guardian, on="child_resident_code", maintain_order="left")
        .join(last_filed, on="child_resident_code", maintain_order="left")
        .select(REGISTRATIONS.names)
    )
