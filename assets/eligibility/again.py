"""Deciding again: which children a month's news touches, why, and what their new decision changes.

Belongs here: from arrivals to children, the cause of a decision, its record. Does not belong here: the decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.eligibility.known import Known
from assets.register.identities import as_person
from assets.register.intervals import covering
from schemas.records.feeds import FEEDS
from schemas.records.register import ELIGIBILITY, ELIGIBILITY_DECISIONS, TOUCHED

_CHILD = "child_resident_code"
_EVENT = {
    "residents": pl.col("change_date"),
    "nonresidents": pl.col("operated_date"),
    "public_assistance": pl.coalesce("end_date", "start_date"),
    "severe_disability": pl.coalesce("end_date", "start_date"),
    "single_parent": pl.coalesce("end_date", "start_date"),
    "facilities": pl.coalesce("end_date", "start_date"),
    "applications": pl.min_horizontal("event_date", "application_date"),
    "resident_taxes": pl.lit(None, dtype=pl.Date),
    "arrears": pl.col("base_date"),
    "overrides": pl.col("start_date"),
}
"""The feeds a decision on eligibility rests on, and the first day each row is about."""
RESTS_ON = tuple(_EVENT)
NOTHING = pl.DataFrame(
    schema={
        "code": pl.String,
        **{name: TOUCHED.schema[name] for name in TOUCHED.names if name != "child_resident_code"},
    }
)
"""No arrivals: (code, cause, from_date, feed, delivery, line_no)."""
_SUCCESSIVE = ("history_branch_no", "revision_no")
"""What tells a row from the one it takes the place of; the rest of a feed's key names the fact."""
_BY_CHILD = ("applications", "overrides")
_NEW, _NEWS, _LATE, _CORRECTED, _LAW, _OVERRIDE = "1", "2", "3", "4", "5", "6"
_WEIGHT = {_NEW: 6, _OVERRIDE: 5, _LAW: 4, _CORRECTED: 3, _LATE: 2, _NEWS: 1}


def decision_no(month: date) -> pl.Expr:
    """決定番号: one per child and month."""
    return pl.format(f"E{month:%Y%m}-{{}}", _CHILD)


def _arrivals(feed: str, known: Known, news: Known, month: date) -> pl.DataFrame:
    """(code, cause, from_date, feed, delivery, line_no) of the rows of a feed learned since `month` began."""
    rows, fact = news[feed], [name for name in FEEDS[feed].key if name not in _SUCCESSIVE]
    same = pl.col(fact[0]).is_in(rows[fact[0]].unique().implode()) & (pl.col("known_date") < month)
    before = known[feed].lazy().filter(same).select(fact).unique().collect()
    told = rows.join(before.with_columns(pl.lit(True).alias("again")), on=fact, how="left")
    told = told.with_columns(_EVENT[feed].alias("from_date"))
    late = (pl.col("from_date") < month).fill_null(False)
    cause = pl.when(pl.col("again").fill_null(False)).then(pl.lit(_CORRECTED)).when(late).then(pl.lit(_LATE))
    return told.select(
        pl.col(_CHILD if feed in _BY_CHILD else "resident_code").alias("code"),
        (pl.lit(_OVERRIDE) if feed == "overrides" else cause.otherwise(pl.lit(_NEWS))).alias("cause"),
        "from_date",
        pl.lit(feed).alias("feed"),
        "delivery",
        "line_no",
    )


def _once_named(known: Known, news: Known) -> pl.DataFrame:
    """(resident_code, code): whom a number with news was ever said to be the same person as."""
    told = known["nonresidents"].filter(pl.col("same_person_code").is_not_null())
    again = told.join(news["nonresidents"], on="resident_code", how="semi")
    return (
        again.select("resident_code", pl.col("same_person_code").alias("code")).unique().sort("resident_code", "code")
    )


def _taken_back(known: Known, news: Known) -> pl.DataFrame:
    """Arrivals of overrides for the children whom an earlier revision was about."""
    revised = news["overrides"].select("override_no", "start_date", "delivery", "line_no")
    before = known["overrides"].select("override_no", pl.col(_CHILD).alias("code"))
    return before.join(revised, on="override_no").select(
        "code",
        pl.lit(_OVERRIDE).alias("cause"),
        pl.col("start_date").alias("from_date"),
        pl.lit("overrides").alias("feed"),
        "delivery",
        "line_no",
    )


def _of_children(arrivals: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Arrivals about a person as arrivals about every child whose decision that person bears on."""
    people = known.linked(arrivals["code"].unique())
    return arrivals.join(people, on="code").drop("code")


def rematched(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Arrivals for everyone to whom two months' MATCHES give or take an answer of another municipality."""
    names = ["source_no", "resident_code"]
    chosen = [
        matches.filter((pl.col("source_feed") == "municipal_answers") & (pl.col("chosen") == "1")).select(
            *names, "delivery", "line_no"
        )
        for matches in (before, after)
    ]
    parts = [one.join(other, on=names, how="anti") for one, other in (chosen, reversed(chosen))]
    return pl.concat(parts).select(
        pl.col("resident_code").alias("code"),
        pl.lit(_NEWS).alias("cause"),
        pl.lit(None, dtype=pl.Date).alias("from_date"),
        pl.lit("municipal_answers").alias("feed"),
        "delivery",
        "line_no",
    )


@dataclass(frozen=True)
class Month:
    """The days whose news is looked at, whose taxes were matched otherwise, and whether the law was amended."""

    first: date
    last: date
    rematched: pl.DataFrame
    amended: bool = False


def touched(known: Known, identities: pl.DataFrame, decided: pl.Series, month: Month) -> pl.DataFrame:
    """TOUCHED: the children whose decision may differ by what a month has brought.

    `decided`: the children decided about before, under any number; every other registered child is new. An
    amendment of the law touches everyone.
    """
    news = known.news(month.first, month.last)
    fed = [feed for feed in _EVENT if not news[feed].is_empty()]
    arrivals = pl.concat([NOTHING, *(_arrivals(feed, known, news, month.first) for feed in fed)])
    once = arrivals.filter(pl.col("feed") == "nonresidents").rename({"code": "resident_code"})
    earlier = once.join(_once_named(known, news), on="resident_code").select(arrivals.columns)
    parts = [_of_children(pl.concat([arrivals, earlier, _taken_back(known, news), month.rematched]), known)]
    registered = known["applications"].select(_CHILD)
    nothing = {name: pl.lit(None, dtype=TOUCHED.schema[name]) for name in ("from_date", "feed", "delivery", "line_no")}
    undecided = ~pl.col(_CHILD).is_in(decided.implode())
    new = as_person(registered.filter(undecided).unique(), identities, _CHILD).filter(undecided)
    everyone = [(new, _NEW)] + ([(registered.unique(), _LAW)] if month.amended else [])
    parts += [
        who.with_columns(pl.lit(cause).alias("cause"), **nothing).select(parts[0].columns) for who, cause in everyone
    ]
    return _heaviest(pl.concat(parts), identities)


def _heaviest(parts: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """One row per child under the person's number: the weightiest cause, its last row, and the earliest day."""
    own = as_person(parts, identities, _CHILD).with_columns(pl.col("cause").replace_strict(_WEIGHT).alias("weight"))
    ordered = own.sort(_CHILD, "weight", "delivery", "line_no", nulls_last=False)
    first = ordered.group_by(_CHILD).agg(pl.col("from_date").min())
    last = ordered.unique(_CHILD, keep="last", maintain_order=True).drop("from_date", "weight")
    return last.join(first, on=_CHILD, maintain_order="left").select(TOUCHED.names)


_SAID = ("entitled", "benefit_class", "reason", "ruled_reason", "guardian_resident_code")


def changed_from(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """(child_resident_code, changed_from_date) of every child of whom two ELIGIBILITYs say something different:
    the first day on which they do."""
    bounds = [
        table.select(_CHILD, pl.col(bound).alias("day"))
        for table in (before, after)
        for bound in ("start_date", "end_date")
    ]
    days = pl.concat(bounds).unique().sort(_CHILD, "day")
    found = days
    for prefix, table in (("was", before), ("is", after)):
        found = covering(found, "day", table, _CHILD, {name: f"{prefix}_{name}" for name in _SAID})
    same = pl.all_horizontal(pl.col(f"was_{name}").eq_missing(pl.col(f"is_{name}")) for name in _SAID)
    return found.filter(~same).group_by(_CHILD, maintain_order=True).agg(pl.col("day").min().alias("changed_from_date"))


def recorded(
    touched: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, decided_before: pl.DataFrame, month: date
) -> pl.DataFrame:
    """ELIGIBILITY_DECISIONS of a month: one row per child decided, naming the decision it takes the place of.

    `before`: last month's ELIGIBILITY; `after`: that of the children decided again; `decided_before`: every
    ELIGIBILITY_DECISIONS of earlier months.
    """
    previous = decided_before.sort("decided_month").unique(_CHILD, keep="last", maintain_order=True)
    named = touched.join(
        previous.select(_CHILD, pl.col("decision_no").alias("previous_no")),
        on=_CHILD,
        how="left",
        maintain_order="left",
    )
    return (
        named.join(
            changed_from(before.join(touched, on=_CHILD, how="semi"), after),
            on=_CHILD,
            how="left",
            maintain_order="left",
        )
        .with_columns(
            decision_no(month).alias("decision_no"),
            pl.lit(month).alias("decided_month"),
            pl.when(pl.col("changed_from_date").is_null()).then(pl.lit("0")).otherwise(pl.lit("1")).alias("changed"),
        )
        .select(ELIGIBILITY_DECISIONS.names)
    )


def replaced(
    before: pl.DataFrame, decided: pl.DataFrame, children: pl.Series, identities: pl.DataFrame
) -> pl.DataFrame:
    """ELIGIBILITY with what was decided again in place of what stood for these children, under any number.

    What was decided again comes last.
    """
    others = identities.filter(pl.col("person_code").is_in(children.implode()))["resident_code"]
    rest = before.filter(~pl.col(_CHILD).is_in(pl.concat([children, others]).implode()))
    return pl.concat([rest.select(ELIGIBILITY.names), decided.select(ELIGIBILITY.names)])
