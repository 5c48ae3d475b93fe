"""別添1: the 158 items of every registered child as of any day, gathered from the register.

Belongs here: which table each item is read from. Does not belong here: deciding anything; the items of a claim and
a receipt (annex1_care.py). The entitlement of the child (22・23) is one thing, the period on its card (58・59) another.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from assets.eligibility.annex1_care import last_decided, of_claims, of_receipts, of_subsidies, transferred
from assets.eligibility.judged_years import RestrictedSpan, restricted_spans
from assets.eligibility.reading import certificates_on, state, state_spans, told_on
from assets.register.histories import standing
from assets.register.identities import as_person
from assets.register.intervals import covering, last_begun, last_day_of_age, merged
from assets.register.registrations import registrations
from schemas.codes import ARREARS_ITEM
from schemas.law.book import Law
from schemas.records.annex1 import ANNEX1

_CHILD, _GUARDIAN = "child_resident_code", "guardian_resident_code"
_BY_NO = {item.no: item.name for item in ANNEX1.items}
_TAX = [_BY_NO[no] for no in (*range(24, 45), *range(46, 49))]
_FILED = [
    _BY_NO[no] for no in (21, 45, 49, 50, 51, 52, 61, 68, 69, 70, 71, 73, 75, 76, *range(77, 88), *range(118, 123))
]
_MOVES = (
    "resident_class",
    "resident_from_date",
    "resident_from_reason",
    "resident_to_date",
    "resident_to_reason",
)
_NATIONAL = "national_health_insurance"
_NOT_ASKED = "9"
_NOT_COLLECTED, _NOTHING_TO_COLLECT = "0", "3"
_INPATIENT_ONLY = "2"
_RESTRICTED = ("09", "10")


def _person(persons: pl.DataFrame, addresses: pl.DataFrame, codes: pl.Series, prefix: str, day: date) -> pl.DataFrame:
    """Names, birth and sex as last known and the address of the day (else the last one known) of these people."""
    there = {"address": "address_of_day", "katagaki": "katagaki_of_day"}
    asked = persons.filter(pl.col("resident_code").is_in(codes.implode())).with_columns(pl.lit(day).alias("day"))
    found = covering(asked, "day", addresses, "resident_code", there)
    lived = pl.col("address_of_day").is_not_null()
    plain = ("name", "name_kana", "birth_date", "sex")
    return found.select(
        pl.col("resident_code").alias(f"{prefix}_resident_code"),
        *(pl.col(name).alias(f"{prefix}_{name}") for name in plain),
        pl.when(lived).then("address_of_day").otherwise("address").alias(f"{prefix}_address"),
        pl.when(lived).then("katagaki_of_day").otherwise("katagaki").alias(f"{prefix}_address_katagaki"),
        pl.col("use_native_name").alias(f"use_native_name_{prefix}"),
    )


def _moves(residents_known: pl.DataFrame, identities: pl.DataFrame, day: date) -> pl.DataFrame:
    """Items 9–13 as 住基 stood on the day; of who came later, as it stood first."""
    rows = as_person(standing(residents_known), identities, "resident_code").with_columns(
        (pl.col("change_date") <= day).alias("begun"),
        pl.when(pl.col("change_date") <= day).then(1).otherwise(-1).alias("sign"),
    )
    nearness = pl.col("change_date").cast(pl.Int32) * pl.col("sign")
    ordered = rows.with_columns(nearness.alias("near")).sort("resident_code", "begun", "near", "history_no")
    last = ordered.unique("resident_code", keep="last", maintain_order=True)
    return last.select(pl.col("resident_code").alias(_CHILD), *(pl.col(name).alias(f"child_{name}") for name in _MOVES))


def _judged_on(law: Law, day: date) -> RestrictedSpan | None:
    """The restricted days `day` belongs to; None on a day without restriction."""
    spans = restricted_spans(law, day + timedelta(days=1))
    return next((span for span in spans if span.start <= day < span.end), None)


def _taxes(known: pl.DataFrame, year: pl.Expr) -> pl.DataFrame:
    """The year of each person in its last revision, as in means.incomes. 未申告 leaves the yen null."""
    told = known.filter(year).sort("revision_no", "number", "known_date", "delivery", "line_no")
    last = told.unique("resident_code", keep="last", maintain_order=True)
    return last.select(pl.col("resident_code").alias(_GUARDIAN), *_TAX)


def _arrears(known: pl.DataFrame, base: pl.Expr) -> pl.DataFrame:
    """One column per 科目 (151–158) of each person at the base date, as last learned."""
    told = known.filter(base).sort("known_date", "delivery", "line_no")
    columns = [
        pl.col("arrears").filter(pl.col("arrears_item") == no).last().alias(_BY_NO[int(no)])
        for no in ARREARS_ITEM.labels
    ]
    return told.group_by(pl.col("resident_code").alias(_GUARDIAN)).agg(columns)


def _with_means(
    rows: pl.DataFrame, taxes: pl.DataFrame, arrears: pl.DataFrame, span: RestrictedSpan | None, day: date
) -> pl.DataFrame:
    """`rows` with the guardian's taxes and arrears: of the judged year for a child restricted on the day, else the
    last known by then, of arrears the last of each 科目."""
    taxes, arrears = taxes.filter(pl.col("tax_year") <= day.year), arrears.filter(pl.col("base_date") <= day)
    newest = pl.col("tax_year") == pl.col("tax_year").max().over("resident_code")
    latest = pl.col("base_date") == pl.col("base_date").max().over("resident_code", "arrears_item")
    parts = [(rows, newest, latest)]
    if span is not None:
        past_entry = pl.lit(day) > last_day_of_age(pl.col("child_birth_date"), span.after_years)
        year, base = pl.col("tax_year") == span.year.tax_year, pl.col("base_date") == span.year.base_date
        parts = [(rows.filter(~past_entry), newest, latest), (rows.filter(past_entry), year, base)]
    return pl.concat(
        part.join(_taxes(taxes, year), on=_GUARDIAN, how="left").join(_arrears(arrears, base), on=_GUARDIAN, how="left")
        for part, year, base in parts
    )


def _filed(applications_known: pl.DataFrame) -> pl.DataFrame:
    ordered = applications_known.sort("known_date", "delivery", "line_no")
    return ordered.unique("application_no", keep="last", maintain_order=True).select("application_no", *_FILED)


def _with_insurance(rows: pl.DataFrame, insurances: pl.DataFrame, day: date) -> pl.DataFrame:
    """`rows` with 61, 68 and 70 as the insurance of the day says them; else as the application does."""
    reads = {"insurance_type_code": "held_type", "symbol_number": "held_symbol", "feed": "held_feed"}
    found = covering(rows.with_columns(pl.lit(day).alias("day")), "day", insurances, _CHILD, reads)
    return found.with_columns(
        pl.when(pl.col("held_feed") == _NATIONAL).then(pl.lit("1")).otherwise("insured_class").alias("insured_class"),
        pl.coalesce("held_type", "insurance_type_code").alias("insurance_type_code"),
        pl.coalesce("held_symbol", "insurance_symbol_number").alias("insurance_symbol_number"),
    ).drop("day", "held_type", "held_symbol", "held_feed")


def _entitled_spans(eligibility: pl.DataFrame, inpatient_only: bool) -> pl.DataFrame:
    """(child, start_date, end_date, first, last): unbroken entitlement; of 入院のみ alone where asked for."""
    spans = state_spans(eligibility).filter(pl.col("state") == "1")
    if inpatient_only:
        spans = merged(
            eligibility.filter(pl.col("benefit_class") == _INPATIENT_ONLY).select(_CHILD, "start_date", "end_date"),
            [_CHILD],
        )
    return spans.with_columns(pl.col("start_date").alias("first"), pl.col("end_date").alias("last"))


def _result() -> pl.Expr:
    """55 of a state, its reason and whether the child was ever entitled: 停止 by income or arrears is no 消滅."""
    ever = pl.col("eligible_from_date").is_not_null()
    return (
        pl.when(pl.col("state") == "1").then(pl.lit("1"))
        .when(pl.col("state") == "3").then(pl.lit("3"))
        .when(pl.col("reason").is_in(_RESTRICTED)).then(pl.lit("5"))
        .when(ever).then(pl.lit("4"))
        .otherwise(pl.lit("2"))
    )  # fmt: skip


def _decided(eligibility: pl.DataFrame, day: date) -> pl.DataFrame:
    """22, 23, 55, 56, 62, 112, 149 and 150 on the day: the span of entitlement that covers it, or the last one begun;
    after the last interval the child is past its age (01)."""
    children = eligibility.select(_CHILD).unique(maintain_order=True).with_columns(pl.lit(day).alias("day"))
    said = {
        "state": "state",
        "reason": "reason",
        "benefit_class": "class_on_day",
        "ruled_reason": "ruled",
        "end_date": "until",
    }
    stands = eligibility.with_columns(state().alias("state"))
    found = last_begun(children, "day", stands, _CHILD, said)
    whole = {"first": "eligible_from_date", "last": "eligible_to_date"}
    found = last_begun(found, "day", _entitled_spans(eligibility, False), _CHILD, whole)
    stay = {"first": "inpatient_valid_from_date", "last": "stay_until"}
    found = last_begun(found, "day", _entitled_spans(eligibility, True), _CHILD, stay)
    over = pl.col("until") <= day
    found = found.filter(pl.col("reason").is_not_null()).with_columns(
        pl.when(over).then(pl.lit("2")).otherwise("state").alias("state"),
        pl.when(over).then(pl.lit("01")).otherwise("reason").alias("reason"),
    )
    return found.select(
        _CHILD,
        "eligible_from_date",
        "eligible_to_date",
        _result().alias("decision_result"),
        pl.col("reason").alias("decision_reason"),
        pl.when(over).then(pl.lit("0")).otherwise("class_on_day").alias("benefit_class"),
        (~over & pl.col("ruled").is_not_null()).cast(pl.Int8).cast(pl.String).alias("forced_correction_flag"),
        "inpatient_valid_from_date",
        pl.col("stay_until").dt.offset_by("-1d").alias("inpatient_valid_to_date"),
    )


def _decided_when(eligibility_decisions: pl.DataFrame, identities: pl.DataFrame, day: date) -> pl.DataFrame:
    """53 and 54: the last day of the month whose processing last changed, and last made, the child's decision."""
    processed = eligibility_decisions.filter(pl.col("decided_month").dt.month_end() <= day)
    month_end = pl.col("decided_month").dt.month_end()
    return as_person(processed, identities, _CHILD).group_by(_CHILD).agg(
        month_end.filter(pl.col("changed") == "1").max().alias("decision_date"),
        month_end.max().alias("decision_registered_date"),
    )  # fmt: skip


def _certificates(
    eligibility: pl.DataFrame, asked: pl.DataFrame, persons: pl.DataFrame, law: Law, day: date
) -> pl.DataFrame:
    """58, 59, 60 and 65 of the certificate that covers the day. No 公費負担者番号 where the law gives none."""
    found = certificates_on(eligibility, asked, persons, law, day)
    numbers = [one.value for one in law.of("benefit.public_payer_no") if one.stands_on(day)]
    payer = pl.lit(numbers[0] if numbers else None, dtype=pl.String)
    return found.select(
        _CHILD, "valid_from_date", "valid_to_date", "subsidy_class", payer.alias("public_payer_no"),
        pl.lit("1").alias("scheme_class"),
    )  # fmt: skip


def _cards(cards: pl.DataFrame, identities: pl.DataFrame, day: date) -> pl.DataFrame:
    """114 and 115 of the last card issued: the day printed on it; nothing to collect where it ran out by itself."""
    processed = as_person(cards.filter(pl.col("issued_month").dt.month_end() <= day), identities, _CHILD)
    last = processed.sort(_CHILD, "issued_month", "valid_from_date").unique(_CHILD, keep="last", maintain_order=True)
    months = last["issued_month"].unique().to_list()
    printed = {month: told_on(month) for month in months}
    lost = (pl.col("replaced_month").dt.month_end() <= day).fill_null(False)
    ran_out = pl.col("valid_to_date") <= day
    return last.select(
        _CHILD,
        pl.col("issued_month").replace_strict(printed, return_dtype=pl.Date).alias("issue_date"),
        pl.when(ran_out)
        .then(pl.lit(_NOTHING_TO_COLLECT))
        .when(lost)
        .then(pl.lit(_NOT_COLLECTED))
        .alias("collection_class"),
    )


def _age(birth: pl.Expr, day: date) -> pl.Expr:
    """Full years on `day`; 0 before birth."""
    had = (birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day()) <= day.month * 100 + day.day
    return (day.year - birth.dt.year() - 1 + had.cast(pl.Int32)).cast(pl.Int64).clip(0)


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Every item, with what an item that must be said says when nothing is known: 0, and 9 未照会 for arrears."""
    absent = [name for name in ANNEX1.names if name not in frame.columns]
    full = frame.with_columns(pl.lit(None, dtype=ANNEX1.schema[name]).alias(name) for name in absent)
    arrears = {_BY_NO[int(no)] for no in ARREARS_ITEM.labels}
    silent = [name for name in _silent() if name not in arrears]
    return full.with_columns(
        *(pl.col(name).fill_null(_NOT_ASKED) for name in arrears),
        *(pl.col(name).fill_null("0" if ANNEX1.schema[name] == pl.String else 0) for name in silent),
    )


def _silent() -> Iterable[str]:
    required = {_BY_NO[no] for no in (*range(24, 49), 112, 113, *range(151, 159))}
    return [item.name for item in ANNEX1.items if item.name in required and not item.nullable]


def annex1_register(
    *,
    persons: pl.DataFrame,
    residents_known: pl.DataFrame,
    identities: pl.DataFrame,
    addresses: pl.DataFrame,
    guardians: pl.DataFrame,
    insurances: pl.DataFrame,
    eligibility: pl.DataFrame,
    eligibility_decisions: pl.DataFrame,
    cards: pl.DataFrame,
    applications_known: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    arrears_known: pl.DataFrame,
    decisions: pl.DataFrame,
    claims: pl.DataFrame,
    receipts: pl.DataFrame,
    orders: pl.DataFrame,
    answers: pl.DataFrame,
    subsidies: pl.DataFrame,
    law: Law,
    day: date,
) -> pl.DataFrame:
    """ANNEX1 as of `day`: one row per child registered by an application filed by then, that the register of
    residents knows, with a known guardian.

    `applications_known` carry their numbers; `eligibility_decisions`, `decisions`, `orders` and `subsidies` of every
    month so far, `answers` (RESULTS_ENTERED) of every night; `cards` of the last month; `claims` and `receipts`: at
    least the accepted rows that `last_decided` names. What was not known on a day is left out by giving only what was
    known. Raises LawGap for a day without law.
    """
    asked = registrations(applications_known.filter(pl.col("application_date") <= day), identities, law)
    here = asked.select(_CHILD, pl.col(_GUARDIAN).alias("last_guardian"), "application_no", "beneficiary_no")
    here = covering(here.with_columns(pl.lit(day).alias("day")), "day", guardians, _CHILD, {_GUARDIAN: _GUARDIAN})
    here = here.with_columns(pl.coalesce(_GUARDIAN, "last_guardian").alias(_GUARDIAN)).drop("day", "last_guardian")
    rows = (
        here.join(_person(persons, addresses, here[_CHILD], "child", day), on=_CHILD)
        .join(_person(persons, addresses, here[_GUARDIAN].unique(), "guardian", day), on=_GUARDIAN)
        .join(_moves(residents_known, identities, day), on=_CHILD)
        .join(_filed(applications_known.join(here, on="application_no", how="semi")), on="application_no")
        .with_columns(_age(pl.col("child_birth_date"), day).alias("child_age"))
    )
    parents = rows[_GUARDIAN].unique().implode()
    taxes, arrears = (
        as_person(known.with_columns(number="resident_code"), identities, "resident_code").filter(
            pl.col("resident_code").is_in(parents)
        )
        for known in (resident_taxes_known, arrears_known)
    )
    rows = _with_insurance(_with_means(rows, taxes, arrears, _judged_on(law, day), day), insurances, day)
    claimed, billed = (last_decided(decisions, identities, subject, day) for subject in ("claim", "receipt"))
    parts = [
        _decided(eligibility, day),
        _decided_when(eligibility_decisions, identities, day),
        _certificates(eligibility, asked, persons, law, day),
        _cards(cards, identities, day),
        of_claims(claimed, claims, decisions, transferred(orders, answers, law, day)),
        of_receipts(billed, receipts),
        of_subsidies(subsidies, identities, day),
    ]
    for part in parts:
        rows = rows.join(part, on=_CHILD, how="left")
    rows = rows.with_columns(pl.coalesce("known_tax_status", "rcpt_tax_status").alias("rcpt_tax_status"))
    return _filled(rows).select(ANNEX1.names).sort(_CHILD)
