"""What is read off the intervals: certificates in force and the month's changes.

Belongs here: pure readings of ELIGIBILITY. Does not belong here: deciding it, or the words of a letter.
"""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from assets.register.intervals import covering, last_begun, last_day_of_age, merged
from schemas.law.book import Law
from schemas.records.register import CERTIFICATES

_CHILD = "child_resident_code"
CHANGES = pl.Schema({_CHILD: pl.String(), "change": pl.String(), "reason": pl.String(), "date": pl.Date()})
"""change: recognised, ended or refused; reason: DECISION_REASON; date: first day of the new state."""


def next_month(month: date) -> date:
    """The first day of the following month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def _runs(eligibility: pl.DataFrame) -> pl.DataFrame:
    """Unbroken spans of one outcome; reason is the one the span began with."""
    return merged(
        eligibility.select(_CHILD, "start_date", "end_date", "entitled", "reason", "guardian_resident_code"),
        [_CHILD, "entitled"],
    )


def subsidy_class(birth_date: str, day: str, classes: pl.DataFrame) -> pl.Expr:
    """助成区分 on a day: the first class whose last 31 March has not passed; null after all of them."""
    return pl.coalesce(
        pl.when(pl.col(day) <= last_day_of_age(pl.col(birth_date), years)).then(pl.lit(code))
        for code, years in classes.sort("until_years").select("subsidy_class", "until_years").iter_rows()
    )


def certificates(
    eligibility: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame, law: Law, month: date
) -> pl.DataFrame:
    """CERTIFICATES in force at the end of `month`: the entitled span that covers it, both ends included."""
    standing = law.at(month)
    asked = registrations.select(_CHILD, "beneficiary_no").with_columns(
        pl.lit(next_month(month) - timedelta(days=1)).alias("month_end"), pl.lit(month).alias("issue_month")
    )
    spans = (
        _runs(eligibility)
        .filter(pl.col("entitled") == "1")
        .with_columns(pl.col("start_date").alias("from"), pl.col("end_date").dt.offset_by("-1d").alias("to"))
    )
    held = covering(asked, "month_end", spans, _CHILD, {"from": "valid_from_date", "to": "valid_to_date"})
    births = persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    return (
        held.filter(pl.col("valid_from_date").is_not_null())
        .join(births, on=_CHILD)
        .with_columns(
            subsidy_class("birth_date", "month_end", standing.rows("ages.subsidy_classes")).alias("subsidy_class"),
            pl.lit(standing.text("benefit.public_payer_no")).alias("public_payer_no"),
        )
        .select(CERTIFICATES.names)
        .sort(_CHILD)
    )


def _states(children: pl.DataFrame, eligibility: pl.DataFrame, day: date, prefix: str) -> pl.DataFrame:
    """`children` with what stands on `day`: entitled, reason, since, guardian; the reason and first day of the
    unbroken span it belongs to (began_reason, began); and the end of the last span begun (ends)."""
    asked = children.with_columns(pl.lit(day).alias("asked"))
    stands = eligibility.with_columns(pl.col("start_date").alias("since"))
    spans = _runs(eligibility).with_columns(
        pl.col("start_date").alias("began"), pl.col("end_date").alias("ends"), pl.col("reason").alias("began_reason")
    )
    reads = {"guardian_resident_code": "guardian", "entitled": "entitled", "reason": "reason", "since": "since"}
    found = covering(asked, "asked", stands, _CHILD, {name: f"{prefix}_{new}" for name, new in reads.items()})
    of_span = {name: f"{prefix}_{name}" for name in ("began_reason", "began", "ends")}
    return last_begun(found, "asked", spans, _CHILD, of_span).drop("asked")


def _taken_over(before: pl.DataFrame, after: pl.DataFrame, applications: pl.DataFrame, month: date) -> pl.DataFrame:
    """`before`; in the first month of operation, what was registered before it counts as known before."""
    if not before.is_empty():
        return before
    old = applications.filter(pl.col("application_date") < month).select(_CHILD).unique()
    return after.join(old, on=_CHILD, how="semi")


def _new_applicants(registrations: pl.DataFrame, applications: pl.DataFrame, month: date) -> pl.DataFrame:
    """Children whose registration was learned in `month` and filed no earlier than the month before it."""
    since = (month - timedelta(days=1)).replace(day=1)
    learned = registrations.filter(pl.col("known_date").is_between(month, next_month(month), closed="left"))
    filed = applications.filter(pl.col("application_date") >= since)
    return learned.select(_CHILD).join(filed, on=_CHILD, how="semi")


def _entitled_meanwhile(children: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, day: date) -> pl.DataFrame:
    """Children first entitled by what was learned this month, whose entitlement has ended by `day`."""
    once = before.filter(pl.col("entitled") == "1").select(_CHILD)
    spans = _runs(after).filter((pl.col("entitled") == "1") & (pl.col("end_date") <= day))
    return spans.join(children, on=_CHILD, how="semi").join(once, on=_CHILD, how="anti")


def _told(frame: pl.DataFrame, change: str, reason: pl.Expr, day: str) -> pl.DataFrame:
    said = frame.select(
        pl.col(_CHILD), pl.lit(change).alias("change"), reason.alias("reason"), pl.col(day).alias("date")
    )
    return said.cast(dict(CHANGES))  # type: ignore[arg-type]


def changes(
    before: pl.DataFrame,
    after: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    month: date,
) -> pl.DataFrame:
    """CHANGES between two months' ELIGIBILITY: what stood on day 1 of `month` and what stands on day 1 of the next.

    recognised: entitled now and not before, or under another guardian; ended: the reverse; refused: a new
    application that leads to neither. Each change of a child is told once in the months' sequence.
    """
    next_day = next_month(month)
    known_before = _taken_over(before, after, applications_known, month)
    children = pl.concat([registrations.select(_CHILD), known_before.select(_CHILD)]).unique().sort(_CHILD)
    states = _states(_states(children, known_before, month, "was"), after, next_day, "is")
    was, now = pl.col("was_entitled") == "1", pl.col("is_entitled") == "1"
    was, now = was.fill_null(False), now.fill_null(False)
    other_guardian = was & now & (pl.col("was_guardian") != pl.col("is_guardian"))
    meanwhile = _entitled_meanwhile(states.filter(~was & ~now), known_before, after, next_day)
    over = pl.col("is_entitled").is_null()
    past_age = states.with_columns(
        pl.when(over).then(pl.lit("01")).otherwise("is_began_reason").alias("end_reason"),
        pl.when(over).then(pl.lit("01")).otherwise("is_reason").alias("reason"),
        pl.when(over).then("is_ends").otherwise("is_began").alias("end_date"),
        pl.when(over).then(pl.coalesce("is_ends", pl.lit(month))).otherwise("is_since").alias("day"),
    )
    again = pl.col(_CHILD).is_in(meanwhile[_CHILD].implode())
    ended = past_age.filter((was & ~now) | again)
    new = _new_applicants(registrations, applications_known, month)
    refused = past_age.filter(~was & ~now & ~again).join(new, on=_CHILD, how="semi")
    parts = [
        _told(states.filter((now & ~was) | other_guardian), "recognised", pl.lit("00"), "is_began"),
        _told(
            meanwhile.unique(_CHILD, keep="last", maintain_order=True),
            "recognised",
            pl.lit("00"),
            "start_date",
        ),
        _told(ended, "ended", pl.col("end_reason"), "end_date"),
        _told(refused, "refused", pl.col("reason"), "day"),
    ]
    return pl.concat(parts).sort(_CHILD, "change", descending=[False, True])
