"""What a decision rests on: the child behind a number, the entitlement of a month or a day, the legal rate.

Belongs here: facts beside receipts and claims, one column each. Does not belong here: what they lead to.
"""

from __future__ import annotations

import polars as pl

from assets.register.intervals import covering, last_begun, last_day_of_age, merged, next_to_begin
from schemas.law.book import Law

CHILD = "child_resident_code"
OTHER_SCHEMES = ("04", "05", "06", "07")
_SAID = {"entitled": "entitled", "reason": "eligibility_reason", "article": "eligibility_article"} | {
    "guardian_resident_code": "guardian_resident_code",
    "feed": "decider_feed",
    "delivery": "decider_delivery",
    "line_no": "decider_line_no",
}


def with_child(rows: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the child of their beneficiary_no, its insurance, sex and birth; null where none has the number.

    A number that stands at two children is nobody's.
    """
    last = registrations.sort(CHILD, "registered_from_date").unique(["beneficiary_no", CHILD], keep="last")
    owners = last.filter(~pl.col("beneficiary_no").is_duplicated()).select(
        "beneficiary_no", CHILD, "insurance_type_code"
    )
    people = persons.select(pl.col("resident_code").alias(CHILD), "sex", "birth_date")
    owned = rows.join(owners, on="beneficiary_no", how="left", maintain_order="left")
    return owned.join(people, on=CHILD, how="left", maintain_order="left")


def on_day(rows: pl.DataFrame, day: str, eligibility: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what the interval that covers `day` says; null outside all intervals."""
    return covering(rows, day, eligibility, CHILD, _SAID)


def in_month(rows: pl.DataFrame, eligibility: pl.DataFrame) -> pl.DataFrame:
    """`rows` with any_day and every_day: entitled on some, on each day of the service month, counted from birth;
    `scheme_day`: on another scheme on some day of it; `first_sign`: its first day that is entitled, else that is on
    a scheme, else that an interval covers."""
    months = rows.with_columns(pl.col("service_month").dt.month_end().alias("_last"))
    found = _last_in_month(months, eligibility.filter(pl.col("entitled") == "1"), "good")
    found = _last_in_month(found, eligibility.filter(pl.col("reason").is_in(OTHER_SCHEMES)), "scheme")
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
        pl.col("scheme_from").is_not_null().alias("scheme_day"),
        pl.coalesce(pl.max_horizontal(some, pl.when(some.is_not_null()).then(month)), covered).alias("first_sign"),
    ).drop("_last", "_next", "_covered", "good_from", "good_to", "scheme_from", "scheme_to")


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
