"""The truth about 県補助: what the prefecture and the city bear of every benefit, by what is known month by month.

Belongs here: the prefecture's ages, its copay, the untaxed, the limit of income and the half, over what truth_benefit
pays. It shares no code with the system under test.

truth_subsidy.parquet, one row per benefit (a child, a service month, an institution and 入外; a claim without an
institution by itself, with its delivery and line_no) and month in which something is said of it: month, amount_yen,
reason (SUBSIDY_REASON), subsidised_yen, prefecture_yen and city_yen (null while the income is not known). A benefit is
spoken of from the month that first pays it, and again only when one of these is another than before.
"""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from pipelines.city.calendar import day_after_age
from pipelines.city.truth_benefit import Books, Known
from pipelines.city.truth_eligibility import last_begun, month_of
from pipelines.city.truth_restriction import income_yen

COPAY_MONTH_YEN, COPAY_DAY_YEN = 1_000, 1_200
LIMIT_YEN = 6_980_000
WIDER_FROM = date(2024, 4, 1)
"""入院 to the third year of middle school, 通院 to the third year of primary school; before, until school."""
KNOWN_FROM = date(2017, 4, 1)
"""Of earlier months nothing is known of who is exempt."""
FIRST_MONTH_OF_TAX_YEAR = 6
_INPATIENT = ("1", "3")
_UNTAXED, _FILED, _REEXAMINED = "2", "1", "3"
_LINE = ["delivery", "line_no"]
_BENEFIT = ["child_resident_code", "service_month", "institution_code", "care", *_LINE]
_SAID = ["amount_yen", "reason", "subsidised_yen", "prefecture_yen", "city_yen"]
_NUMBER = ["subject", "claim_no", "review_body", "billing_month", "receipt_no"]
"""In whose order the benefits of one institution and month use up its copay."""
_KEY = ["child_resident_code", "service_month", "institution_code", "care", "own_delivery", "own_line_no"]


@dataclass(slots=True)
class Shares:
    """What is carried from one month to the next: every accepted tax row, the benefits ever paid with the number of
    the line that first paid them, and what was last said of each."""

    taxes: list[pl.DataFrame] = field(default_factory=list)
    paid: pl.DataFrame | None = None
    said: pl.DataFrame | None = None


def share_month(shares: Shares, month: date, books: Books, known: Known, standing: pl.DataFrame) -> pl.DataFrame:
    """Say of every benefit so far who bears it, by what is known at the end of the month; updates the shares.

    `books` as the month left them; `standing` as of truth_registration.registered. Returns month, _BENEFIT and _SAID of
    the benefits of which something else is true now.
    """
    lines = _guarded(_lines(books, known), standing)
    shares.paid = _ever_paid(lines, shares.paid)
    benefits = _benefits(lines, shares.paid)
    true = shared(benefits.join(_incomes(shares.taxes), on=["guardian_no", "tax_year"], how="left")).select(
        _BENEFIT + _SAID
    )
    before = true.clear() if shares.said is None else shares.said
    shares.said = true
    news = true.join(before, on=_BENEFIT + _SAID, how="anti", nulls_equal=True)
    return news.with_columns(pl.lit(month).alias("month")).sort(_BENEFIT)


def _lines(books: Books, known: Known) -> pl.DataFrame:
    """Every line of a registered child with its yen, its days, and the day it is decided by."""
    if books.receipts is None or books.claims is None:
        raise ValueError("no month was decided yet")
    names = ["delivery", "line_no", "beneficiary_no", "service_month", "institution_code", "care", "delivered_month"]
    whole = pl.when(pl.col("receipt_change") == _REEXAMINED).then(0).otherwise("days").alias("days")
    lines = pl.concat(
        [
            books.receipts.select(*names, *_NUMBER, pl.col("first_day").alias("day"), whole),
            books.claims.select(*names, *_NUMBER, pl.col("first_visit_date").alias("day"), "days"),
        ]
    )
    children = known.registered.select(
        "beneficiary_no", "person_no", "family_no", "birth_date", pl.col("resident_code").alias("child_resident_code")
    )
    found = lines.join(children, on="beneficiary_no", maintain_order="left").join(
        books.said.select(*_LINE, pl.col("said_yen").alias("yen")), on=_LINE
    )
    last = pl.col("service_month").dt.month_end()
    lived = pl.col("birth_date").clip("service_month", last)
    counted = month_of(found.with_columns(lived.alias("month_from")), known.spans)
    whole_month = (pl.col("held") + pl.col("by_scheme") + pl.col("other") == 0) & (pl.col("subject") == "receipt")
    alone = pl.col("institution_code").is_null()
    return counted.with_columns(
        pl.when(whole_month).then("month_from").otherwise(pl.coalesce("day", "month_from")).alias("day"),
        pl.when(alone).then("delivery").alias("own_delivery"),
        pl.when(alone).then("line_no").alias("own_line_no"),
    )


def _guarded(lines: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """With guardian_no: the parent who is the guardian on the day, the first one before all registrations."""
    first = standing.sort("person_no", "start").unique("person_no", keep="first")
    found = last_begun(lines, standing, "day", {"guardian_slot": "slot"}).join(
        first.select("person_no", pl.col("guardian_slot").alias("first_slot")), on="person_no", how="left"
    )
    slot = pl.coalesce("slot", "first_slot").cast(pl.Int64)
    return found.with_columns((pl.col("family_no") * 10 + slot).alias("guardian_no"))


def _ever_paid(lines: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """_KEY and _NUMBER of the first line that paid each benefit."""
    now = lines.filter(pl.col("yen") != 0).sort(_NUMBER).select(_KEY + _NUMBER)
    both = now if before is None else pl.concat([before, now])
    return both.unique(_KEY, keep="first", maintain_order=True)


def _benefits(lines: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """The benefits ever paid: what is left of each, the days of care, and the guardian whom the last line pays."""
    ordered = lines.sort(pl.col("yen") > 0, "delivered_month", *_NUMBER)
    summed = ordered.group_by(_KEY, maintain_order=True).agg(
        pl.col("guardian_no", "birth_date").last(),
        pl.col("yen").sum().alias("amount_yen"),
        (pl.col("days") * pl.col("yen").sign()).sum().alias("days"),
    )
    month = pl.col("service_month")
    early = (month.dt.month() < FIRST_MONTH_OF_TAX_YEAR).cast(pl.Int64)
    return paid.join(summed, on=_KEY, nulls_equal=True).with_columns(
        (month.dt.year().cast(pl.Int64) - early).alias("tax_year"),
        pl.col("own_delivery").alias("delivery"),
        pl.col("own_line_no").alias("line_no"),
    )


def _incomes(taxes: list[pl.DataFrame]) -> pl.DataFrame:
    """guardian_no, tax_year, income_yen (null for who did not file) and taxed, of the last revision."""
    last = pl.concat(taxes).sort("revision_no", maintain_order=True)
    told = last.unique(["person_no", "tax_year"], keep="last", maintain_order=True)
    return told.select(pl.col("person_no").alias("guardian_no"), "tax_year", income_yen().alias("income_yen"), "taxed")


def _too_old() -> pl.Expr:
    """Whether the fiscal year in which the child reaches the prefecture's age is over by the end of the month."""
    inpatient, wider = pl.col("care").is_in(_INPATIENT), pl.col("service_month") >= WIDER_FROM
    over = pl.when(wider & inpatient).then(day_after_age(15)).when(wider).then(day_after_age(9))
    return pl.col("service_month").dt.month_end() >= over.otherwise(day_after_age(6))


def shared(benefits: pl.DataFrame) -> pl.DataFrame:
    """Benefits with reason, subsidised_yen, prefecture_yen and city_yen: the first that holds of nothing left, age,
    unknown law, unknown income, income and unknown tax; else what is above the copay, and half of it down to the yen.
    Those of one institution and month use its copay up in the order of _NUMBER."""
    reason = (
        pl.when(pl.col("amount_yen") <= 0).then(pl.lit("S0"))
        .when(_too_old()).then(pl.lit("S2"))
        .when(pl.col("service_month") < KNOWN_FROM).then(pl.lit("U3"))
        .when(pl.col("income_yen").is_null()).then(pl.lit("U1"))
        .when(pl.col("income_yen") > LIMIT_YEN).then(pl.lit("S3"))
        .when(pl.col("taxed").is_null()).then(pl.lit("U2"))
    )  # fmt: skip
    inpatient = pl.col("care").is_in(_INPATIENT)
    copay = (
        pl.when(pl.col("taxed") == _UNTAXED).then(0)
        .when(inpatient).then(COPAY_DAY_YEN * pl.col("days"))
        .otherwise(COPAY_MONTH_YEN)
    )  # fmt: skip
    told = benefits.with_columns(reason.alias("reason"), copay.alias("copay_yen")).sort(_NUMBER)
    together = pl.col("reason").is_null() & ~inpatient & pl.col("institution_code").is_not_null()
    alone = pl.when(~together).then(pl.int_range(pl.len()))
    place = ["child_resident_code", "service_month", "institution_code", alone]
    upto = pl.col("amount_yen").cum_sum().over(*place)
    above = (upto - pl.col("copay_yen")).clip(0) - (upto - pl.col("amount_yen") - pl.col("copay_yen")).clip(0)
    waits = pl.col("reason").str.starts_with("U").fill_null(False)
    yen = pl.when(pl.col("reason").is_null()).then(above).when(~waits).then(0).cast(pl.Int64)
    split = told.with_columns(yen.alias("subsidised_yen")).with_columns(
        (pl.col("subsidised_yen") // 2).alias("prefecture_yen")
    )
    some = pl.when(pl.col("subsidised_yen") > 0).then(pl.lit("S1")).otherwise(pl.lit("S4"))
    return split.with_columns(
        pl.coalesce("reason", some).alias("reason"),
        (pl.col("amount_yen") - pl.col("prefecture_yen")).alias("city_yen"),
    )
