"""What a decision rests on: the child behind a number, the entitlement of a month or a day, the legal rate.

Belongs here: facts beside receipts and claims, one column each. Does not belong here: what they lead to.
"""

from __future__ import annotations

import polars as pl

from assets.register.identities import as_person
from assets.register.intervals import Timelines, fiscal_year, fiscal_year_of_age
from assets.register.places import gathered, places
from schemas.codes import HELD_REASONS
from schemas.law.book import Law
from schemas.records.register import BENEFICIARY_NUMBERS

CHILD = "child_resident_code"
OTHER_SCHEMES = ("04", "05", "06", "07")
INPATIENT = ("1", "3")
"""入外 that a 資格 for 入院のみ covers: 医科入院 and 歯科入院."""
_WHOLE, _INPATIENT_ONLY = "1", "2"
_KINDS = {
    "stay": pl.col("entitled") == "1",
    "visit": (pl.col("entitled") == "1") & (pl.col("benefit_class") == _WHOLE),
    "scheme": pl.col("reason").is_in(OTHER_SCHEMES),
    "held": pl.col("reason").is_in(HELD_REASONS),
}
"""Intervals entitled to 入院, to any care, on another scheme, and still to be ascertained."""
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


def owners(beneficiary_numbers: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """The registered child of each beneficiary_no, its insurance, sex and birth.

    Every number of a child stands for it. A number that stands at two children is nobody's.
    """
    held = beneficiary_numbers.select("beneficiary_no", CHILD)
    insured = gathered(
        registrations.select("insurance_type_code", there=True), places(held[CHILD], registrations[CHILD])
    )
    registered = held.with_columns(insured.get_columns()).filter("there").drop("there")
    several = registered["beneficiary_no"].cast(pl.Int64).is_duplicated()
    again = registered.filter(several).unique()
    single = pl.concat([registered.filter(~several), again.filter(~pl.col("beneficiary_no").is_duplicated())])
    known = gathered(persons.select("sex", "birth_date"), places(single[CHILD], persons["resident_code"]))
    return single.with_columns(known.get_columns())


def with_owner(rows: pl.DataFrame, owned: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what stands beside their beneficiary_no; null where it is nobody's."""
    at = places(rows["beneficiary_no"], owned["beneficiary_no"])
    return rows.with_columns(gathered(owned.drop("beneficiary_no"), at).get_columns())


def with_child(
    rows: pl.DataFrame, beneficiary_numbers: pl.DataFrame, registrations: pl.DataFrame, persons: pl.DataFrame
) -> pl.DataFrame:
    """`rows` with the registered child of their beneficiary_no, its insurance, sex and birth; else null."""
    return with_owner(rows, owners(beneficiary_numbers, registrations, persons))


def timelines(eligibility: pl.DataFrame) -> Timelines:
    """ELIGIBILITY ready to be asked about days and months."""
    return Timelines.of(eligibility.select(CHILD, "start_date", "end_date", *_SAID), CHILD)


def with_number(owned: pl.DataFrame, told: Timelines) -> pl.DataFrame:
    """`owned` with `_who`, the number of the child in the timelines; null where it has no interval."""
    at = places(owned[CHILD], told.people[CHILD])
    return owned.with_columns(gathered(told.people.select("_who"), at).get_columns())


def on_day(rows: pl.DataFrame, day: str, eligibility: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what the interval that covers `day` says; null outside all intervals."""
    told = timelines(eligibility)
    return rows.with_columns(told.said(told.covering(told.whose(rows), rows[day]), _SAID))


def said_on(rows: pl.DataFrame, day: str, told: Timelines, who: pl.Series, near: pl.Series) -> pl.DataFrame:
    """As `on_day`, of children whose numbers in the timelines are known, and the interval that most often is it."""
    return rows.with_columns(told.said(told.covering_near(who, rows[day], near), _SAID))


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


def in_month(rows: pl.DataFrame, told: Timelines, who: pl.Series, last: pl.Series) -> pl.DataFrame:
    """`rows` with any_day and every_day: entitled to their care on some, on each day of the service month, counted
    from birth; `held_day`, `scheme_day`: still to be ascertained, on another scheme on some day of it; `first_held`;
    `first_sign`: its first day that is entitled, else that is on a scheme, else that an interval covers.

    `last`: the place of the interval begun last by the end of the month. Where it covers the month, it tells all."""
    asked = rows.select("service_month", "birth_date", "care").with_columns(who.alias("_who"))
    spans = told.ordered.select("start_date", "end_date", *(kind.alias(name) for name, kind in _KINDS.items()))
    beside = asked.with_columns(gathered(spans, last).get_columns())
    month = pl.col("service_month")
    whole = (pl.col("start_date") <= month) & (pl.col("end_date") > month.dt.month_end())
    good = pl.when(pl.col("care").is_in(INPATIENT)).then("stay").otherwise("visit").fill_null(False)
    found = beside.select(
        good.alias("any_day"),
        good.alias("every_day"),
        pl.col("held").fill_null(False).alias("held_day"),
        pl.when("held").then(month).alias("first_held"),
        pl.col("scheme").fill_null(False).alias("scheme_day"),
        month.alias("first_sign"),
    )
    others = beside.select((~whole.fill_null(False)).arg_true()).to_series()
    turning = asked.select(pl.all().gather(others))
    told_each = _in_turning_month(turning, told.of_some(turning["_who"]))
    return rows.with_columns(found[name].scatter(others, told_each[name]) for name in found.columns)


def _in_turning_month(rows: pl.DataFrame, told: Timelines) -> pl.DataFrame:
    """What `in_month` adds, of months in which an interval begins or ends, or none stands."""
    who = rows["_who"]
    last = told.nearest(who, rows["service_month"].dt.month_end())
    spans = [_last_span(told, kind, last, name) for name, kind in _KINDS.items()]
    month, stay = pl.col("service_month"), pl.col("care").is_in(INPATIENT)
    inside = rows.with_columns(month.dt.month_end().alias("_last"), *(series for span in spans for series in span))
    inside = inside.with_columns(
        pl.when(pl.col(f"{name}_to") > month).then(f"{name}_{bound}").alias(f"{name}_{bound}")
        for name in _KINDS
        for bound in ("from", "to")
    ).with_columns(
        pl.when(stay).then(f"stay_{bound}").otherwise(f"visit_{bound}").alias(f"good_{bound}")
        for bound in ("from", "to")
    )
    lived_from = pl.max_horizontal("service_month", "birth_date")
    every = (pl.col("good_from") <= lived_from) & (pl.col("good_to") > pl.col("_last"))
    some = pl.max_horizontal(pl.coalesce("good_from", "scheme_from"), month)
    known = pl.any_horizontal(pl.col("good_from", "scheme_from").is_not_null())
    return inside.select(
        pl.col("good_from").is_not_null().alias("any_day"),
        every.fill_null(False).alias("every_day"),
        pl.col("held_from").is_not_null().alias("held_day"),
        pl.when(pl.col("held_from").is_not_null()).then(pl.max_horizontal("held_from", month)).alias("first_held"),
        pl.col("scheme_from").is_not_null().alias("scheme_day"),
        pl.when(known).then(some).otherwise(_first_covered(told, inside, ~known)).alias("first_sign"),
    )


def _last_span(told: Timelines, kind: pl.Expr, places: pl.Series, name: str) -> pl.DataFrame:
    """`name`_from and `name`_to of the last unbroken span of a kind of intervals that has begun by each place."""
    rows = told.ordered.select("_who", "start_date", "end_date", kind.alias("kind"))
    touches = (pl.col("_who") == pl.col("_who").shift()) & (pl.col("start_date") == pl.col("end_date").shift())
    goes_on = (pl.col("kind") & pl.col("kind").shift() & touches).fill_null(False)
    rows = rows.with_columns(goes_on.alias("goes_on"))
    begins, ends = pl.col("kind") & ~pl.col("goes_on"), pl.col("kind") & ~pl.col("goes_on").shift(-1, fill_value=False)
    first = rows.filter(begins).select("_who", pl.col("start_date").alias(f"{name}_from"))
    spans = first.with_columns(rows.filter(ends)["end_date"].alias(f"{name}_to"))
    begun = rows.select(begins.cum_sum().cast(pl.Int64).alias("begun"), "_who")
    asked = begun.select(pl.all().gather(places))
    there = asked.select(pl.when(pl.col("begun") > 0).then(pl.col("begun") - 1)).to_series()
    found = spans.select(pl.all().gather(there))
    same = found["_who"] == asked["_who"]
    return found.select(pl.when(same).then(f"{name}_{bound}").alias(f"{name}_{bound}") for bound in ("from", "to"))


def _first_covered(told: Timelines, rows: pl.DataFrame, asked: pl.Expr) -> pl.Series:
    """The first day from the service month on that an interval covers, where asked; else null."""
    where = rows.with_row_index("_row").filter(asked)
    who, month = where["_who"], where["service_month"]
    begun = told.ordered["start_date"].gather(told.nearest(who, month, "forward"))
    covered = told.covering(who, month).is_not_null()
    days = where.select("_row", pl.when(covered).then(month).otherwise(begun).alias("first_covered"))
    return rows.select(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias("_row")).join(
        days, on="_row", how="left", maintain_order="left"
    )["first_covered"]


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
            pl.when(fiscal_year(pl.col(day)) <= fiscal_year_of_age(pl.col(birth_date), age)).then(percent)
            for age, percent in sorted(zip(ages, rates, strict=True))
        ]
        inside = (pl.col(day) >= start) & (pl.lit(True) if end is None else pl.col(day) < end)
        rate = pl.when(inside).then(pl.coalesce(steps)).otherwise(rate)
    return rate


def first_that_holds(tests: list[tuple[str, pl.Expr]]) -> pl.Expr:
    """The code of the first test that holds; null when none does. Found as a small number, which is quicker."""
    codes = pl.Series([code for code, _ in tests])
    number = pl.coalesce(
        pl.when(holds.fill_null(False)).then(pl.lit(at, dtype=pl.UInt8)) for at, (_, holds) in enumerate(tests)
    )
    return pl.lit(codes).gather(number)
