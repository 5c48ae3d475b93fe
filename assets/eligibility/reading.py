"""What is read off the intervals: certificates in force, the cards issued, and what a month has to tell.

Belongs here: pure readings of ELIGIBILITY. Does not belong here: deciding it, or the words of a letter.
A child whose entitlement a person has still to ascertain (HELD_REASONS) waits: it is told nothing until then.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.months import month_before, next_month
from assets.register.identities import as_person
from assets.register.intervals import covering, last_begun, last_day_of_age, merged
from schemas.businessdays import office_day_on_or_after
from schemas.codes import HELD_REASONS
from schemas.law.book import Law
from schemas.records.register import CARDS, CERTIFICATES

_CHILD, _GUARDIAN = "child_resident_code", "guardian_resident_code"
_CARD = (_GUARDIAN, "benefit_class", "valid_from_date")
"""What makes two certificates of a child the same one."""
_PAST_AGE = "01"
CHANGES = pl.Schema({_CHILD: pl.String(), "change": pl.String(), "reason": pl.String(), "date": pl.Date()})
"""change: recognised, ended or refused; reason: DECISION_REASON; date: first day of the new state."""


def told_on(month: date) -> date:
    """The day the letters of a month go out: the first day the office is open after it."""
    return office_day_on_or_after(next_month(month))


def waiting() -> pl.Expr:
    """Whether an interval of ELIGIBILITY waits for a person."""
    return pl.col("reason").is_in(HELD_REASONS)


def state() -> pl.Expr:
    """1 entitled, 3 waiting for a person, 2 neither."""
    return pl.when(pl.col("entitled") == "1").then(pl.lit("1")).when(waiting()).then(pl.lit("3")).otherwise(pl.lit("2"))


def state_spans(eligibility: pl.DataFrame) -> pl.DataFrame:
    """(child, start_date, end_date, state, reason): unbroken spans of one state; reason is the one it began with."""
    said = eligibility.select(_CHILD, "start_date", "end_date", state().alias("state"), "reason")
    return merged(said, [_CHILD, "state"])


def certificate_spans(eligibility: pl.DataFrame) -> pl.DataFrame:
    """(child, start_date, end_date, benefit_class, guardian): unbroken entitlement of one 給付区分 and one guardian."""
    entitled = eligibility.filter(pl.col("entitled") == "1")
    same = [_CHILD, "benefit_class", _GUARDIAN]
    return merged(entitled.select(*same, "start_date", "end_date"), same)


def subsidy_class(birth_date: str, day: str, classes: pl.DataFrame) -> pl.Expr:
    """助成区分 on a day: the first class whose last 31 March has not passed; null after all of them."""
    return pl.coalesce(
        pl.when(pl.col(day) <= last_day_of_age(pl.col(birth_date), years)).then(pl.lit(code))
        for code, years in classes.sort("until_years").select("subsidy_class", "until_years").iter_rows()
    )


def certificates_on(
    eligibility: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame, law: Law, day: date
) -> pl.DataFrame:
    """(child, beneficiary_no, guardian, benefit_class, valid_from_date, valid_to_date, subsidy_class) of the
    certificate that covers `day`, both ends included."""
    asked = registrations.select(_CHILD, "beneficiary_no").with_columns(pl.lit(day).alias("day"))
    spans = certificate_spans(eligibility).with_columns(
        pl.col("start_date").alias("from"), pl.col("end_date").dt.offset_by("-1d").alias("to")
    )
    reads = {name: name for name in (_GUARDIAN, "benefit_class")}
    held = covering(asked, "day", spans, _CHILD, reads | {"from": "valid_from_date", "to": "valid_to_date"})
    births = persons.select(pl.col("resident_code").alias(_CHILD), "birth_date")
    found = held.filter(pl.col("valid_from_date").is_not_null()).join(births, on=_CHILD)
    classes = law.at(day).rows("ages.subsidy_classes")
    return found.with_columns(subsidy_class("birth_date", "day", classes).alias("subsidy_class")).drop(
        "birth_date", "day"
    )


def certificates(
    eligibility: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame, law: Law, month: date
) -> pl.DataFrame:
    """CERTIFICATES that are in force on the day the letters of `month` go out."""
    found = certificates_on(eligibility, registrations, persons, law, told_on(month)).with_columns(
        pl.lit(law.at(month).text("benefit.public_payer_no")).alias("public_payer_no"),
        pl.lit(month).alias("issue_month"),
    )
    return found.select(CERTIFICATES.names).sort(_CHILD)


def cards(
    before: pl.DataFrame,
    changed: pl.DataFrame,
    certificates: pl.DataFrame,
    eligibility: pl.DataFrame,
    identities: pl.DataFrame,
    month: date,
) -> pl.DataFrame:
    """CARDS at the end of `month`: those of the month before, and one for every child recognised in it.

    A card has lost its force when another is issued to the child, or when the child is not entitled any more on the
    day the letters go out. While the child waits its card stands. `changed`: CHANGES of the month.
    """
    new = changed.filter(pl.col("change") == "recognised").select(_CHILD).unique()
    issued = certificates.join(new, on=_CHILD, how="semi").select(
        *(name for name in CARDS.names if name in certificates.columns),
        pl.col("issue_month").alias("issued_month"),
        pl.lit(None, dtype=pl.Date).alias("replaced_month"),
    )
    held = as_person(before, identities, _CHILD, _GUARDIAN).with_columns(pl.lit(told_on(month)).alias("day"))
    held = covering(held, "day", state_spans(eligibility), _CHILD, {"state": "state"}).with_columns(
        pl.col(_CHILD).is_in(issued[_CHILD].implode()).alias("again")
    )
    lost = pl.col("again") | pl.col("state").is_null() | (pl.col("state") == "2")
    ended = pl.coalesce("replaced_month", pl.when(lost).then(pl.lit(month)))
    carried = held.with_columns(ended.alias("replaced_month")).select(CARDS.names)
    once = pl.concat([carried, issued.select(CARDS.names)]).unique(CARDS.key, keep="last", maintain_order=True)
    return once.sort(CARDS.key)


def _by_person(before: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """An earlier ELIGIBILITY by person: a number since found to be an earlier one counts where the person's own has
    nothing; of two such the higher."""
    named = before.with_columns(pl.col(_CHILD).alias("number"))
    told = as_person(named, identities, _CHILD, _GUARDIAN)
    own = pl.col("number") == pl.col(_CHILD)
    chosen = told.select(_CHILD, "number", own.alias("own")).unique().sort(_CHILD, "own", "number")
    last = chosen.unique(_CHILD, keep="last", maintain_order=True)
    return told.join(last, on=[_CHILD, "number"], how="semi").select(before.columns).sort(_CHILD, "start_date")


def _states(children: pl.DataFrame, eligibility: pl.DataFrame, day: date, prefix: str) -> pl.DataFrame:
    """`children` with what stands on `day`: state, reason, since; of the unbroken state it belongs to, or the last
    one begun, first day (began), its reason (began_reason) and end (ends); and the last certificate begun (guardian,
    benefit_class, valid_from_date, valid_until: the first day it no longer covers)."""
    asked = children.with_columns(pl.lit(day).alias("asked"))
    stands = eligibility.select(_CHILD, "start_date", "end_date", state().alias("state"), "reason")
    stands = stands.with_columns(pl.col("start_date").alias("since"))
    spans = state_spans(eligibility).select(
        _CHILD, "start_date", "end_date", pl.col("reason").alias("began_reason"),
        pl.col("start_date").alias("began"), pl.col("end_date").alias("ends"),
    )  # fmt: skip
    valid = certificate_spans(eligibility).with_columns(
        pl.col("start_date").alias("valid_from_date"), pl.col("end_date").alias("valid_until")
    )
    found = covering(asked, "asked", stands, _CHILD, _under(prefix, "state", "reason", "since"))
    found = last_begun(found, "asked", spans, _CHILD, _under(prefix, "began_reason", "began", "ends"))
    return last_begun(found, "asked", valid, _CHILD, _under(prefix, *_CARD, "valid_until")).drop("asked")


def _under(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}_{name}" for name in names}


def _taken_over(before: pl.DataFrame, after: pl.DataFrame, applications: pl.DataFrame, month: date) -> pl.DataFrame:
    """`before`; in the first month of operation, what was registered before it counts as known before."""
    if not before.is_empty():
        return before
    old = applications.filter(pl.col("application_date") < month).select(_CHILD).unique()
    return after.join(old, on=_CHILD, how="semi")


def _learned(
    children: pl.DataFrame, registrations: pl.DataFrame, applications: pl.DataFrame, month: date
) -> pl.DataFrame:
    """`children` with told_from, the day the letters went out of the month in which their registration was learned, and
    `new`: learned in `month` and filed no earlier than the month before it."""
    since = month_before(month)
    filed = applications.filter(pl.col("application_date") >= since).select(_CHILD).unique()
    known = registrations.select(_CHILD, "known_date")
    new = known.filter(pl.col("known_date") >= month).join(filed, on=_CHILD, how="semi")
    months = known["known_date"].dt.month_start().unique().to_list()
    told = (
        pl.col("known_date")
        .dt.month_start()
        .replace_strict({one: told_on(one) for one in months}, return_dtype=pl.Date)
    )
    return children.join(known.with_columns(told.alias("told_from")), on=_CHILD, how="left").with_columns(
        pl.col(_CHILD).is_in(new[_CHILD].implode()).alias("new")
    )


def _entitled_meanwhile(children: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, day: date) -> pl.DataFrame:
    """Children first entitled by what was learned this month, whose entitlement has ended by `day`."""
    once = before.filter(pl.col("entitled") == "1").select(_CHILD)
    spans = state_spans(after).filter((pl.col("state") == "1") & (pl.col("end_date") <= day))
    return spans.join(children, on=_CHILD, how="semi").join(once, on=_CHILD, how="anti")


def _told(frame: pl.DataFrame, change: str, reason: pl.Expr, day: str) -> pl.DataFrame:
    said = frame.select(
        pl.col(_CHILD), pl.lit(change).alias("change"), reason.alias("reason"), pl.col(day).alias("date")
    )
    return said.cast(dict(CHANGES))  # type: ignore[arg-type]


def _judged(states: pl.DataFrame) -> pl.DataFrame:
    """`states` with `was`: told to be entitled, and waiting or not it still holds that certificate; `unanswered`: has
    waited since the registration was learned; `now`, `waits`, `same`: entitled, waiting now, by the same certificate;
    and the day and reason of an end or a refusal."""
    held = pl.col("was_state") == "3"
    before_told = held & (pl.col("was_began") <= pl.col("told_from"))
    suspended = held & (pl.col("was_valid_until") == pl.col("was_began")) & ~before_told
    same = pl.all_horizontal(pl.col(f"was_{name}") == pl.col(f"is_{name}") for name in _CARD)
    over = pl.col("is_state").is_null()
    return states.with_columns(
        ((pl.col("was_state") == "1") | suspended).fill_null(False).alias("was"),
        before_told.fill_null(False).alias("unanswered"),
        (pl.col("is_state") == "1").fill_null(False).alias("now"),
        (pl.col("is_state") == "3").fill_null(False).alias("waits"),
        same.fill_null(False).alias("same"),
        pl.when(over).then(pl.lit(_PAST_AGE)).otherwise("is_began_reason").alias("end_reason"),
        pl.when(over).then("is_ends").otherwise("is_began").alias("end_date"),
        pl.when(over).then(pl.lit(_PAST_AGE)).otherwise("is_reason").alias("reason"),
        pl.when(over).then("is_ends").otherwise("is_since").alias("day"),
    )


def changes(
    before: pl.DataFrame,
    after: pl.DataFrame,
    registrations: pl.DataFrame,
    applications_known: pl.DataFrame,
    identities: pl.DataFrame,
    month: date,
) -> pl.DataFrame:
    """CHANGES between two months' ELIGIBILITY: what stood and what stands on the days their letters go out.

    recognised: entitled now by a certificate that did not stand before: newly, under another guardian, for other care
    or from another day; ended: the reverse; refused: an application that leads to neither. Who waits for a person is
    told nothing; when the wait ends in what stood before it, nothing has changed. Each change of a child is told once
    in the months' sequence. `before` is under the numbers of its time.
    """
    last_told, told = told_on(month_before(month)), told_on(month)
    applications = as_person(applications_known, identities, _CHILD)
    known_before = _taken_over(_by_person(before, identities), after, applications, month)
    children = pl.concat([registrations.select(_CHILD), known_before.select(_CHILD)]).unique().sort(_CHILD)
    asked = _learned(children, registrations, applications, month)
    states = _judged(_states(_states(asked, known_before, last_told, "was"), after, told, "is"))
    neither = states.filter(~pl.col("now") & ~pl.col("waits"))
    meanwhile = _entitled_meanwhile(neither.filter(~pl.col("was")), known_before, after, told)
    again = pl.col(_CHILD).is_in(meanwhile[_CHILD].implode())
    ended = neither.filter(pl.col("was") | again)
    refused = neither.filter(~pl.col("was") & ~again & (pl.col("new") | pl.col("unanswered")))
    recognised = states.filter(pl.col("now") & ~(pl.col("was") & pl.col("same")))
    first_day = pl.col("day").fill_null(month)
    parts = [
        _told(recognised, "recognised", pl.lit("00"), "is_valid_from_date"),
        _told(meanwhile.unique(_CHILD, keep="last", maintain_order=True), "recognised", pl.lit("00"), "start_date"),
        _told(ended, "ended", pl.col("end_reason"), "end_date"),
        _told(refused.with_columns(first_day), "refused", pl.col("reason"), "day"),
    ]
    return pl.concat(parts).sort(_CHILD, "change", descending=[False, True])
