"""Which receipts and claims decided in earlier months are decided again: those that what was learned since bears on.

Belongs here: from two months of knowledge to lines, each with its cause and the row that brought the news.
Does not belong here: the decision, and what comes of a changed one (replacing.py, assets/settlement).

A line rests on its child (number, person, entitlement, insurance, answers), on what is expected of 高額療養費 in its
household, on the other lines of its key, and on the law of its months. So every line of a touched child is decided
again, every line of which something else is expected, every line that shares its key with one decided now, and every
line of a service month whose law was amended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.benefit.deciding import PAID_KEY
from assets.benefit.facts import CHILD
from assets.benefit.standing import LINE, standing
from assets.register.identities import as_person
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS, REOPENED

_READ_ELSEWHERE = (
    "age.", "ages.", "bank.", "exclusions.", "guardian.", "income.", "letters.", "offices.", "reasons.",
    "registration.", "renewal.", "restriction.", "settlement.", "subsidy.",
)  # fmt: skip
"""Parameters no decision on money reads; entitlement is compared as such."""
_OF_APPLICATION = ("benefit.claim_limit_years",)
"""Parameters picked by another day than the service month."""
_FIRST, _HELD, _ENTITLEMENT, _ANSWER, _SIGNED, _DUPLICATE, _LAW, _OTHER = "1", "2", "3", "4", "5", "6", "7", "9"
_WEIGHT = {_SIGNED: 6, _ANSWER: 5, _ENTITLEMENT: 4, _LAW: 3, _DUPLICATE: 2, _OTHER: 1}
_NUMBER_KEY = ("beneficiary_no", *PAID_KEY[1:])
_NEWS = ("news_feed", "news_delivery", "news_line_no")
_COMPARED = {
    "eligibility": (CHILD, "start_date", "end_date", "entitled", "benefit_class", "reason"),
    "insurances": (CHILD, "start_date", "end_date", "insurance_type_code", "income_class", "feed"),
    "registrations": (CHILD, "insurance_type_code"),
    "persons": ("resident_code", "sex", "birth_date"),
    "identities": ("resident_code", "person_code"),
}
"""Table → the columns a decision can read of it; the first names whom it is about."""
_EXPECTED = ("self_yen", "household_self_yen", "lowest_yen", "decided_by_nhi", "expected_high_yen")
"""The columns of HIGH_COST_ESTIMATES that the yen or the reason of a claim can depend on."""


Span = tuple[date, date]
"""From a month until before another."""


@dataclass(frozen=True)
class Knowledge:
    """What decisions on money rest on, as known at the end of a month."""

    eligibility: pl.DataFrame
    insurances: pl.DataFrame
    registrations: pl.DataFrame
    persons: pl.DataFrame
    identities: pl.DataFrame
    beneficiary_numbers: pl.DataFrame
    insurer_answers_known: pl.DataFrame
    high_cost_estimates: pl.DataFrame
    law: Law


@dataclass(frozen=True)
class Lines:
    """The rows decided this month whatever the news: open ones of the month before and new ones."""

    receipts: pl.DataFrame
    claims: pl.DataFrame

    def keys(self) -> pl.DataFrame:
        """(feed, delivery, line_no, beneficiary_no, service_month, institution_code, care, receipt_change) of every
        row."""
        receipts = self.receipts.select(
            pl.lit("receipts").alias("feed"),
            "delivery",
            "line_no",
            pl.col("rcpt_patient_beneficiary_no").alias("beneficiary_no"),
            "service_month",
            pl.col("rcpt_institution_code").alias("institution_code"),
            pl.col("rcpt_inpatient_outpatient_code").alias("care"),
            "receipt_change",
        )
        claims = self.claims.select(
            pl.lit("claims").alias("feed"),
            "delivery",
            "line_no",
            "beneficiary_no",
            "service_month",
            "institution_code",
            pl.col("inpatient_outpatient_code").alias("care"),
            pl.lit("0").alias("receipt_change"),
        )
        return pl.concat([receipts, claims])


@dataclass(frozen=True)
class News:
    """What touches lines: numbers, keys and the lines themselves, each with its cause and row; and service months."""

    numbers: pl.DataFrame
    keys: pl.DataFrame
    lines: pl.DataFrame
    amended: tuple[Span, ...]

    def in_amended_months(self) -> pl.Expr:
        """Whether the law of the row's service month was amended."""
        spans = (pl.col("service_month").is_between(*span, closed="left") for span in self.amended)
        return pl.any_horizontal(pl.lit(False), *spans)

    def touching(self, decisions: pl.DataFrame) -> pl.DataFrame:
        """The decisions about lines that are touched. It asks only what is the same in every decision of a line."""
        whole = pl.col("beneficiary_no").is_in(self.numbers["beneficiary_no"].implode())
        whole = whole | self.in_amended_months()
        rest = decisions.filter(~whole)
        keyed = rest.join(self.keys, on=list(_NUMBER_KEY), how="semi")
        named = rest.join(keyed, on="decision_no", how="anti").join(self.lines, on=LINE, how="semi")
        return pl.concat([decisions.filter(whole), keyed, named])


def _differing(before: pl.DataFrame, now: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """The rows of either month that the other does not have."""
    pairs = before.select(columns), now.select(columns)
    parts = [one.join(other, on=list(columns), how="anti", nulls_equal=True) for one, other in (pairs, reversed(pairs))]
    return pl.concat(parts).unique()


def _no_row(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.lit(None, dtype=REOPENED.schema[name]).alias(name) for name in _NEWS)


def _changed_children(before: Knowledge, now: Knowledge, arrivals: pl.DataFrame) -> pl.DataFrame:
    """(child, cause, news row) of everybody about whom the register says something else than a month ago.

    `arrivals`: TOUCHED, the row that made eligibility look at the child again. A new insurance is its own news.
    """
    parts = []
    for table, columns in _COMPARED.items():
        found = _differing(getattr(before, table), getattr(now, table), columns)
        cause = pl.lit(_ENTITLEMENT if table == "eligibility" else _OTHER).alias("cause")
        about = columns if table == "identities" else columns[:1]
        parts += [found.select(pl.col(name).alias(CHILD), cause) for name in about]
    children = as_person(pl.concat(parts), now.identities, CHILD).unique()
    insured = _differing(before.insurances, now.insurances, tuple(now.insurances.columns))
    rows = pl.concat([insured.select(CHILD, *LINE), arrivals.select(CHILD, *LINE).drop_nulls("delivery")])
    told = as_person(rows, now.identities, CHILD).unique(CHILD, keep="last", maintain_order=True)
    cited = told.select(CHILD, *(pl.col(name).alias(f"news_{name}") for name in LINE))
    return children.join(cited, on=CHILD, how="left", maintain_order="left").select(CHILD, "cause", *_NEWS)


def _new_answers(before: Knowledge, now: Knowledge) -> pl.DataFrame:
    """(child, service_month, institution_code, care, cause, news row) of insurers' answers learned or corrected."""
    columns = tuple(now.insurer_answers_known.columns)
    found = _differing(before.insurer_answers_known, now.insurer_answers_known, columns)
    return as_person(found, now.identities, CHILD).select(
        *PAID_KEY,
        pl.lit(_ANSWER).alias("cause"),
        pl.lit("insurer_answers").alias("news_feed"),
        pl.col("delivery").alias("news_delivery"),
        pl.col("line_no").alias("news_line_no"),
    )


def _holders(before: Knowledge, now: Knowledge) -> pl.DataFrame:
    """(beneficiary_no, child): every number either month knows, at the person of today."""
    both = pl.concat([known.beneficiary_numbers.select("beneficiary_no", CHILD) for known in (before, now)])
    return as_person(both, now.identities, CHILD).unique()


def _otherwise_expected(before: Knowledge, now: Knowledge) -> pl.DataFrame:
    """(line, cause, news row) of claims of which another 高額療養費 is expected; the row is the one that tells the
    class."""
    stood, stands = (known.high_cost_estimates.filter(pl.col("feed") == "claims") for known in (before, now))
    lines = _differing(stood, stands, (*LINE, *_EXPECTED)).select(LINE).unique()
    told = stands.select(*LINE, *(pl.col(f"class_{name}").alias(f"news_{name}") for name in LINE))
    found = lines.join(told, on=LINE, how="left", maintain_order="left")
    return found.select(*LINE, pl.lit(_OTHER).alias("cause"), *_NEWS).sort(LINE)


def _value_on(law: Law, name: str, day: date) -> object:
    standing = [one.value for one in law.versions.get(name, ()) if one.stands_on(day)]
    return standing[0] if standing else None


def amended(before: Law, now: Law) -> tuple[Span, ...]:
    """The spans of service months whose law was amended."""
    found: set[Span] = set()
    for name in sorted({*before.versions, *now.versions}):
        if name.startswith(_READ_ELSEWHERE):
            continue
        versions = (*before.versions.get(name, ()), *now.versions.get(name, ()))
        turns = sorted({day for one in versions for day in (one.from_date, one.until_date) if day is not None})
        ends = [*turns[1:], date.max]
        spans = [
            (start.replace(day=1), end)
            for start, end in zip(turns, ends, strict=True)
            if _value_on(before, name, start) != _value_on(now, name, start)
        ]
        found |= {(date.min, date.max)} if spans and name in _OF_APPLICATION else set(spans)
    return tuple(sorted(found))


def news(before: Knowledge, now: Knowledge, arrivals: pl.DataFrame, lines: Lines) -> News:
    """What a month has brought, by number, key and service month. `arrivals`: TOUCHED of the month."""
    held, keys = _holders(before, now), lines.keys()
    owned = keys.join(held, on="beneficiary_no")
    cited = [pl.col(name).alias(f"news_{name}") for name in LINE]
    signed = owned.filter(pl.col("receipt_change") != "0").select(*PAID_KEY, pl.lit(_SIGNED).alias("cause"), *cited)
    shared = owned.select(*PAID_KEY, pl.lit(_DUPLICATE).alias("cause"), *cited)
    answered = _new_answers(before, now)
    by_child = pl.concat([_changed_children(before, now, arrivals), _of_child(signed), _of_child(answered)])
    moved = _differing(before.beneficiary_numbers, now.beneficiary_numbers, ("beneficiary_no", CHILD))
    renumbered = _no_row(moved.select("beneficiary_no", pl.lit(_OTHER).alias("cause")))
    numbers = pl.concat([by_child.join(held, on=CHILD).select("beneficiary_no", "cause", *_NEWS), renumbered])
    keyed = pl.concat([signed, answered, shared]).join(held, on=CHILD)
    return News(
        _heaviest(numbers, ["beneficiary_no"]),
        _heaviest(keyed.select(*_NUMBER_KEY, "cause", *_NEWS), list(_NUMBER_KEY)),
        _otherwise_expected(before, now),
        amended(before.law, now.law),
    )


def _of_child(keyed: pl.DataFrame) -> pl.DataFrame:
    """News about one key as news about everything of the child: cause 9, for the key has a cause of its own."""
    return keyed.select(CHILD, pl.lit(_OTHER).alias("cause"), *_NEWS)


def _heaviest(frame: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row per key: the weightiest cause, and of several the last row."""
    weighed = frame.with_columns(pl.col("cause").replace_strict(_WEIGHT, return_dtype=pl.Int64).alias("weight"))
    ordered = weighed.sort("weight", *_NEWS, nulls_last=False)
    return ordered.unique(by, keep="last", maintain_order=True).drop("weight").sort(by)


def reopened(months: Iterable[pl.DataFrame], told: News, lines: Lines) -> pl.DataFrame:
    """REOPENED: the touched lines and the open ones as they stand, from the DECISIONS of months in their order.

    One month at a time is looked at; only touched rows are kept.
    """
    waiting = lines.keys().select(LINE)
    parts = [DECISIONS.empty()]
    for decisions in months:
        touched = told.touching(decisions)
        rest = decisions.join(touched, on="decision_no", how="anti").join(waiting, on=LINE, how="semi")
        parts += [touched, rest]
    return _with_causes(standing(pl.concat(parts)), told)


def _with_causes(stand: pl.DataFrame, told: News) -> pl.DataFrame:
    """Lines with why they are decided again: 2 where they waited, else what is known of their key, of their child or
    of themselves."""
    found = stand.drop("cause").join(told.keys, on=list(_NUMBER_KEY), how="left", maintain_order="left")
    found = found.join(told.numbers, on="beneficiary_no", how="left", suffix="_of_child", maintain_order="left")
    found = found.join(told.lines, on=LINE, how="left", suffix="_of_line", maintain_order="left")
    own = pl.col("cause").is_in([_SIGNED, _ANSWER])
    entitled = pl.col("cause_of_child") == _ENTITLEMENT
    cause = (
        pl.when(pl.col("judgement") == "4").then(pl.lit(_HELD)).when(own).then("cause")
        .when(entitled).then("cause_of_child").when(told.in_amended_months()).then(pl.lit(_LAW))
        .otherwise(pl.coalesce("cause", "cause_of_child", "cause_of_line"))
    )  # fmt: skip
    of_child = ~own.fill_null(False) & (entitled.fill_null(False) | pl.col("cause").is_null())
    last = [pl.coalesce(f"{name}_of_child", f"{name}_of_line") for name in _NEWS]
    rows = [pl.when(of_child).then(row).otherwise(name).alias(name) for name, row in zip(_NEWS, last, strict=True)]
    paid = pl.when("paid").then(pl.lit("1")).otherwise(pl.lit("0")).alias("paid")
    payee = pl.coalesce("payee", "guardian_resident_code").alias("guardian_resident_code")
    return found.with_columns(cause.alias("cause"), paid, payee, *rows).select(REOPENED.names).sort(REOPENED.key)
