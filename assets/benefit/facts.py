"""What a decision rests on: the child behind a number, the entitlement of a month or a day, the legal rate.

Belongs here: facts beside receipts and claims, one column each. Does not belong here: what they lead to.
"""

from __future__ import annotations

import polars as pl

from assets.register.identities import as_person
from assets.register.intervals import covering, last_begun, last_day_of_age, merged, next_to_begin
from schemas.codes import HELD_REASONS
from schemas.law.book import Law
from schemas.records.register import BENEFICIARY_NUMBERS

CHILD = "child_resident_code"
OTHER_SCHEMES = ("04", "05", "06", "07")
INPATIENT = ("1", "3")
"""入外 that a 資格 for 入院のみ covers: 医科入院 and 歯科入院."""
_WHOLE, _INPATIENT_ONLY = "1", "2"
_SAID = {
    "entitled": "entitled",
    "benefit_class": "benefit_class",
    "reason": "eligibility_reason",
    "article": "eligibility_article",
    "guardian_resident_code": "guardian_resident_code",
    "feed": "decider_feed",
    "delivery": "decider_delivery",
    "line_no": "decider_line_no",
}


def beneficiary_numbers(applications_known: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """BENEFICIARY_NUMBERS of numbered applications: each number once per person, with the row that said it last."""
    told = as_person(applications_known.filter(pl.col("beneficiary_no").is_not_null()), identities, CHILD)
    key = list(BENEFICIARY_NUMBERS.key)
    last = told.sort("known_date", "delivery", "line_no").unique(key, keep="last", maintain_order=True)
    return last.select(BENEFICIARY_NUMBERS.names).sort(key)


def with_child(
    rows: pl.DataFrame, beneficiary_numbers: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame
) -> pl.DataFrame:
    """`rows` with the registered child of their beneficiary_no, its insurance, sex and birth; null where none has it.

    Every number of a child finds it. A number that stands at two children is nobody's.
    """
    insured = registrations.select(CHILD, "insurance_type_code")
    held = beneficiary_numbers.select("beneficiary_no", CHILD).unique().join(insured, on=CHILD)
    owners = held.filter(~pl.col("beneficiary_no").is_duplicated())
    people = persons.select(pl.col("resident_code").alias(CHILD), "sex", "birth_date")
    owned = rows.join(owners, on="beneficiary_no", how="left", maintain_order="left")
    return owned.join(people, on=CHILD, how="left", maintain_order="left")


def on_day(rows: pl.DataFrame, day: str, eligibility: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what the interval that covers `day` says; null outside all intervals."""
    return covering(rows, day, eligibility, CHILD, _SAID)


def entitled_to_care() -> pl.Expr:
    """Whether the interval of the day covers the row's care; null outside all intervals. Source: 条例（支給の対象）."""
    inpatient = (pl.col("benefit_class") == _INPATIENT_ONLY) & pl.col("care").is_in(INPATIENT)
    return (pl.col("entitled") == "1") & ((pl.col("benefit_class") == _WHOLE) | inpatient)


def inpatient_only() -> pl.Expr:
    """Whether the day is entitled, but for 入院 and not for the row's care."""
    return (pl.col("entitled") == "1") & ~entitled_to_care()


def waits() -> pl.Expr:
    """Whether the entitlement of the day is still to be ascertained by a person (14, 15, 16)."""
    return pl.col("eligibility_reason").is_in(HELD_REASONS).fill_null(False)


def in_month(rows: pl.DataFrame, eligibility: pl.DataFrame) -> pl.DataFrame:
    """`rows` with any_day and every_day: entitled to their care on some, on each day of the service month, counted
    from birth; `held_day`, `scheme_day`: still to be ascertained, on another scheme on some day of it; `first_held`;
    `first_sign`: its first day that is entitled, else that is on a scheme, else that an interval covers."""
    months = rows.with_columns(pl.col("service_month").dt.month_end().alias("_last"))
    found = _entitled_in_month(months, eligibility.filter(pl.col("entitled") == "1"))
    found = _last_in_month(found, eligibility.filter(pl.col("reason").is_in(OTHER_SCHEMES)), "scheme")
    found = _last_in_month(found, eligibility.filter(pl.col("reason").is_in(HELD_REASONS)), "held")
    begun = eligibility.select(CHILD, "start_date", "end_date", pl.col("start_date").alias("begin"))
    found = next_to_begin(found, "service_month", begun, CHILD, {"begin": "_next"})
    found = covering(found, "service_month", begun, CHILD, {"begin": "_covered"})
    month = pl.col("service_month")
    lived_from = pl.max_horizontal("service_month", "birth_date")
    every = (pl.col("good_from") <= lived_from) & (pl.col("good_to") > pl.col("_last"))
    some = pl.when(pl.col("good_from").is_not_null()).then("good_from").otherwise("scheme_from")
    covered = pl.when(pl.col("_covered").is_null()).then("_next").otherwise(month)
    return found.with_columns(
        pl.col("good_from").is_not_null().alias("any_day"),
        every.fill_null(False).alias("every_day"),
        pl.col("held_from").is_not_null().alias("held_day"),
        pl.when(pl.col("held_from").is_not_null()).then(pl.max_horizontal("held_from", month)).alias("first_held"),
        pl.col("scheme_from").is_not_null().alias("scheme_day"),
        pl.coalesce(pl.max_horizontal(some, pl.when(some.is_not_null()).then(month)), covered).alias("first_sign"),
    ).select(*rows.columns, "any_day", "every_day", "held_day", "first_held", "scheme_day", "first_sign")


def _entitled_in_month(months: pl.DataFrame, entitled: pl.DataFrame) -> pl.DataFrame:
    """`months` with good_from and good_to of the last span entitled to the row's care: 入院 counts every class."""
    whole = entitled.filter(pl.col("benefit_class") == _WHOLE)
    found = _last_in_month(_last_in_month(months, entitled, "stay"), whole, "visit")
    stay = pl.col("care").is_in(INPATIENT)
    return found.with_columns(
        pl.when(stay).then(f"stay_{bound}").otherwise(f"visit_{bound}").alias(f"good_{bound}")
        for bound in ("from", "to")
    )


def _last_in_month(months: pl.DataFrame, intervals: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """`months` with from and to of the last unbroken span of `intervals` in the service month; else nulls."""
    spans = merged(intervals.select(CHILD, "start_date", "end_date"), [CHILD]).with_columns(
        pl.col("start_date").alias("from"), pl.col("end_date").alias("to")
    )
    names = [f"{prefix}_from", f"{prefix}_to"]
    found = last_begun(months, "_last", spans, CHILD, dict(zip(("from", "to"), names, strict=True)))
    inside = pl.col(names[1]) > pl.col("service_month")
    return found.with_columns(pl.when(inside).then(name).alias(name) for name in names)


def other_scheme() -> pl.Expr:
    """Whether the reason for no entitlement is another scheme."""
    return pl.col("eligibility_reason").is_in(OTHER_SCHEMES).fill_null(False)


def legal_rate(birth_date: str, day: str, law: Law) -> pl.Expr:
    """負担割合 in percent on a day: the first age limit of copay.rates not yet passed. Null where no law stands."""
    rate = pl.lit(None, dtype=pl.Int64)
    versions = (
        law.table("copay.rates")
        .group_by("from_date", "until_date", maintain_order=True)
        .agg("until_years", "rate_percent")
    )
    for start, end, ages, rates in versions.iter_rows():
        steps = [
            pl.when(pl.col(day) <= last_day_of_age(pl.col(birth_date), age)).then(percent)
            for age, percent in sorted(zip(ages, rates, strict=True))
        ]
        inside = (pl.col(day) >= start) & (pl.lit(True) if end is None else pl.col(day) < end)
        rate = pl.when(inside).then(pl.coalesce(steps)).otherwise(rate)
    return rate


def first_that_holds(tests: list[tuple[str, pl.Expr]]) -> pl.Expr:
    """The code of the first test that holds; null when none does."""
    return pl.coalesce(pl.when(holds.fill_null(False)).then(pl.lit(code)) for code, holds in tests)
