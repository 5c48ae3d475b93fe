"""From applications to registrations: from when a child is registered, and for which guardian.

Belongs here: which applications count and in what order, the 15 days and their exceptions, changes of guardian,
the application that stands.
Does not belong here: whether the child is entitled (assets/eligibility).
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from assets.register.dated import dated, listed
from assets.register.histories import LEARNED, SOURCE, last_of
from assets.register.identities import as_person
from schemas.businessdays import office_day_on_or_after
from schemas.law.book import Law
from schemas.records.register import REGISTRATION_PERIODS, REGISTRATIONS

_CLOSED_AT_MOST = timedelta(days=14)
_OPENS = {"due": pl.Date(), "open": pl.Date()}
_ORDER = ("application_date", "application_no")
_NOTICE_OF_LOSS = "05"
_PARENTS = ("guardian_resident_code", "spouse_resident_code")
_PEOPLE = ("child_resident_code", *_PARENTS)
_READ = (
    "application_no",
    "application_type",
    "application_reason",
    "application_date",
    "event_date",
    "beneficiary_no",
    *_PEOPLE,
    "insurance_type_code",
    "insurer_no",
    "insurance_symbol_number",
    *SOURCE,
)


def filed(applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Each application once, as last learned, by person, in the order of each child's application dates.

    A 消滅届 only announces a loss that residence or another scheme states, so it is left out.
    """
    once = last_of(applications_known.select(_READ), ["application_no"], *LEARNED)
    ours = as_person(once.filter(pl.col("application_type") != _NOTICE_OF_LOSS), identities, *_PEOPLE)
    return ours.sort("child_resident_code", *_ORDER)


def _numbered(applications_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`filed` of children with a beneficiary number, with `filing`, which counts up in the order they were filed,
    and `law_date`: the application's day, or the first day of the law book."""
    begins = law.table("registration.types")["from_date"].min()
    return (
        filed(applications_known, identities)
        .with_columns(pl.max_horizontal("application_date", pl.lit(begins)).alias("law_date"))
        .with_columns(pl.col("beneficiary_no").fill_null(strategy="forward").over("child_resident_code"))
        .with_columns(pl.col("beneficiary_no").fill_null(strategy="backward").over("child_resident_code"))
        .filter(pl.col("beneficiary_no").is_not_null())
        .with_row_index("filing")
    )


def application_deadline(events: pl.Series, retro_days: pl.Series, extends: pl.Series) -> pl.Series:
    """The last day to apply with effect from the event: the n-th day after it, or the next open day.

    Counted from the next day (民法140条); a closed last day gives way to the next open one (民法142条).
    """
    asked = pl.DataFrame({"event": events, "days": retro_days, "extends": extends})
    counted = asked.with_columns(pl.col("event").dt.offset_by(pl.format("{}d", "days")).alias("due"))
    closed = counted.filter("extends")["due"].unique().sort()
    opens = pl.DataFrame({"due": closed, "open": [office_day_on_or_after(day) for day in closed]}, schema=_OPENS)
    stepped = counted.join(opens, on="due", how="left", maintain_order="left")
    return stepped.select(pl.when("extends").then("open").otherwise("due")).to_series()


def _without_retroactivity(law: Law) -> pl.Expr:
    """Applications that count from their own day: switches the city called for, and those under earlier law."""
    called_for = listed("application_type", "law_date", law, "registration.types_without_retroactivity")
    school = listed("application_reason", "law_date", law, "registration.reasons_without_retroactivity")
    return called_for | school | (pl.col("application_date") < pl.col("law_date"))


def _registering(applications: pl.DataFrame, law: Law) -> pl.DataFrame:
    """The applications that register a child, with registered_from_date.

    In time: from the event. Late: from the application. Without retroactivity: from the later of the two.
    """
    rows = dated(
        applications.filter(listed("application_type", "law_date", law, "registration.types")),
        "law_date",
        law,
        {"registration.retro_days": "retro_days", "registration.extends_over_closed_days": "extends"},
    ).with_columns(_without_retroactivity(law).alias("own_day"))
    apart, retroactive = rows.filter("own_day"), rows.filter(~pl.col("own_day"))
    in_time = retroactive.with_columns(
        pl.when(_in_time(retroactive)).then("event_date").otherwise("application_date").alias("registered_from_date")
    )
    later = pl.max_horizontal("event_date", "application_date").alias("registered_from_date")
    return pl.concat([apart.with_columns(later), in_time])


def _in_time(retroactive: pl.DataFrame) -> pl.Series:
    """Whether each application was filed by its deadline. Only those a few days past it ask for the closed days."""
    counted = pl.col("event_date").dt.offset_by(pl.format("{}d", "retro_days"))
    late = (pl.col("application_date") - counted).alias("late")
    rows = retroactive.select("event_date", "application_date", "retro_days", "extends", late).with_row_index("row")
    close = rows.filter(pl.col("late").is_between(timedelta(0), _CLOSED_AT_MOST, closed="right"))
    due = application_deadline(close["event_date"], close["retro_days"], close["extends"])
    saved = close.filter(close["application_date"] <= due)["row"]
    return rows.select((pl.col("late") <= timedelta(0)) | pl.col("row").is_in(saved.implode())).to_series()


def _guardian_changes(applications: pl.DataFrame, registering: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Changes of guardian of registered children: from their event, but not before the registration begins."""
    reason = dated(applications, "law_date", law, {"registration.guardian_change_reason": "guardian_reason"})
    begun = registering.group_by("child_resident_code").agg(pl.col("registered_from_date").min().alias("first"))
    changed = reason.filter(pl.col("application_reason") == pl.col("guardian_reason")).join(
        begun, on="child_resident_code"
    )
    kept = changed.join(registering.select("application_no"), on="application_no", how="anti")
    return kept.with_columns(pl.max_horizontal("event_date", "first").alias("registered_from_date"))


def _succeeding(applications: pl.DataFrame, registering: pl.DataFrame, law: Law) -> pl.DataFrame:
    """REGISTRATION_PERIODS: registrations and changes of guardian in turn; of two on a day the last filed stands."""
    changes = _guardian_changes(applications, registering, law)
    names = [*REGISTRATIONS.names, "filing"]
    begun = pl.concat(
        [
            registering.select(*names, pl.lit(0, dtype=pl.UInt32).alias("changed")),
            changes.select(*names, pl.col("filing").alias("changed")),
        ]
    )
    last = last_of(begun, ["child_resident_code", "registered_from_date"], "filing")
    ordered = last.sort("child_resident_code", "registered_from_date")
    return _under_later_changes(_with_begun_date(ordered, registering), changes)


def _with_begun_date(rows: pl.DataFrame, registering: pl.DataFrame) -> pl.DataFrame:
    """`rows` with begun_date: the day the registration began that a change of guardian goes on with."""
    days = registering.select("child_resident_code", "registered_from_date").unique()
    begun = days.with_columns(pl.col("registered_from_date").alias("begun_date"))
    found = rows.join(begun, on=["child_resident_code", "registered_from_date"], how="left", maintain_order="left")
    return found.with_columns(pl.col("begun_date").forward_fill().over("child_resident_code"))


def _under_later_changes(rows: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """A change of guardian holds on for registrations that begin after it but were filed before it, such as a
    renewal the former guardian had sent in."""
    last = rows.with_columns(pl.col("changed").cum_max().over("child_resident_code"))
    new = changes.select(pl.col("filing").alias("changed"), *(pl.col(name).alias(f"new_{name}") for name in _PARENTS))
    later = pl.col("changed") > pl.col("filing")
    parents = (pl.when(later).then(f"new_{name}").otherwise(name).alias(name) for name in _PARENTS)
    found = last.join(new, on="changed", how="left", maintain_order="left").with_columns(parents)
    return found.select(REGISTRATION_PERIODS.names)


def registration_periods(applications_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """REGISTRATION_PERIODS: each row stands from its registered_from_date until the child's next row.

    A row begins with a registration or with a change of guardian. Children without a beneficiary number are
    left out until one is assigned.
    """
    applications = _numbered(applications_known, identities, law)
    return _succeeding(applications, _registering(applications, law), law)


def registrations(applications_known: pl.DataFrame, identities: pl.DataFrame, law: Law) -> pl.DataFrame:
    """REGISTRATIONS: one row per registered child, as it stands after its last application.

    registered_from_date and the source are those of the last registration, the guardian and spouse those of the
    last registration or change of guardian; number, insurance and application_no (for account and mailing
    address) are those of the last application of any kind.
    """
    applications = _numbered(applications_known, identities, law)
    registering = _registering(applications, law)
    begun = registering.sort("child_resident_code", "registered_from_date", "filing")
    found = begun.select("child_resident_code", "registered_from_date", *SOURCE)
    parents = _succeeding(applications, registering, law).select(_PEOPLE)
    last_said = applications.select("child_resident_code", "beneficiary_no", "application_no", "insurance_type_code")
    last_begun, last_parents, last_filed = (
        part.unique("child_resident_code", keep="last", maintain_order=True) for part in (found, parents, last_said)
    )
    return (
        last_begun.join(last_parents, on="child_resident_code", maintain_order="left")
        .join(last_filed, on="child_resident_code", maintain_order="left")
        .select(REGISTRATIONS.names)
    )
