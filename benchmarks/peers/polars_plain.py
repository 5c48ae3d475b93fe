"""The part of the law in Polars: one integer for child and day, sorted once, nearest intervals beside it."""

from __future__ import annotations

import operator
from datetime import date
from functools import reduce
from pathlib import Path

import polars as pl

from assets.register.places import back, gathered, places
from benchmarks.peers.plain_law import HELD, INPATIENT, OTHER, REASONS, SCHEME, STAY, WHOLE, PlainLaw

_DAYS = 100_000
_KINDS = (WHOLE, STAY, SCHEME, HELD)
RECEIPTS = [
    "delivery", "line_no", "known_date", "service_month", "first_day", "rcpt_patient_beneficiary_no",
    "rcpt_patient_sex", "rcpt_patient_birth_date", "rcpt_institution_code", "rcpt_inpatient_outpatient_code",
    "rcpt_copay_rate", "rcpt_public_payer_no", "rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_counter_yen",
    "rcpt_other_public_yen", "rcpt_supplementary_benefit_yen", "rcpt_high_cost_benefit_yen", "rcpt_public_expense_yen",
]  # fmt: skip
_CHILD = pl.col("child_resident_code").cast(pl.Int64).alias("child")


def _day(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int32).cast(pl.Int64)


def _columns(folder: Path, name: str, *columns: str | pl.Expr) -> pl.LazyFrame:
    return pl.scan_parquet(folder / f"{name}.parquet").select(*columns)


def _states(folder: Path, law: PlainLaw) -> pl.LazyFrame:
    """Intervals by child and start, and what each is."""
    entitled, whole = pl.col("entitled") == "1", pl.col("benefit_class") == "1"
    state = (
        pl.when(entitled).then(pl.when(whole).then(WHOLE).otherwise(STAY))
        .when(pl.col("reason").is_in(law.schemes)).then(SCHEME)
        .when(pl.col("reason").is_in(law.held)).then(HELD).otherwise(OTHER)
    )  # fmt: skip
    about = (_CHILD, _day("start_date").alias("start"), _day("end_date").alias("end"), state.alias("state"))
    return _columns(folder, "eligibility", *about)


def _intervals(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` in order of child and start, in one piece."""
    rows = rows if rows["child"].is_sorted() else rows.sort("child")
    rows = rows.with_columns(pl.col("child").rle_id().cast(pl.Int64).alias("who"))
    rows = rows.with_columns((pl.col("who") * _DAYS + pl.col("start")).alias("at"))
    return (rows if rows["at"].is_sorted() else rows.sort("at")).rechunk()


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    """Intervals with the days of each kind before each."""
    length = pl.col("end") - pl.col("start")
    spent = {kind: pl.when(pl.col("state") == kind).then(length).otherwise(0) for kind in _KINDS}
    return rows.with_columns((days.cum_sum() - days).alias(f"before_{kind}") for kind, days in spent.items())


def _owners(held: pl.DataFrame, people: pl.DataFrame, intervals: pl.DataFrame) -> pl.DataFrame:
    """Whose number it is: the child's number in the intervals, where they begin, sex and birth."""
    known = intervals.select("child", "who").filter(pl.col("who") != pl.col("who").shift(1, fill_value=-1))
    several = held["number"].is_duplicated()
    again = held.filter(several).unique()
    single = pl.concat([held.filter(~several), again.filter(~pl.col("number").is_duplicated())])
    parts = [
        gathered(table.drop("child"), places(single["child"], table["child"])).get_columns()
        for table in (people, known)
    ]
    return single.with_columns(*parts[0], *parts[1])


def _place(rows: pl.DataFrame, at: pl.Expr, intervals: pl.DataFrame) -> pl.Series:
    """The place of the interval of the same child begun last on or before the day; null where there is none."""
    begun = intervals.select("at", pl.col("who").alias("whose")).with_row_index("place")
    found = rows.select(at.alias("at"), "who").join_asof(begun, on="at", check_sortedness=False)
    return found.select(pl.when(pl.col("whose") == pl.col("who")).then("place")).to_series()


def _days(rows: pl.DataFrame, place: pl.Series, day: pl.Series, intervals: pl.DataFrame) -> pl.DataFrame:
    """Days of each kind before a day, counted from any one day of all."""
    known = place.fill_null(rows["first"])
    said = intervals.select(pl.col("start", "end", "state", "^before_.*$").gather(known))
    said = said.with_columns(day.alias("day"), place.is_not_null().alias("begun"))
    inside = pl.when("begun").then(pl.min_horizontal("day", "end") - pl.col("start")).otherwise(0)
    return said.select(
        (pl.col(f"before_{kind}") + pl.when(pl.col("state") == kind).then(inside).otherwise(0)).alias(f"{kind}")
        for kind in _KINDS
    )


def _in_turning_month(asked: pl.DataFrame, intervals: pl.DataFrame) -> pl.DataFrame:
    """Days of each kind in the month (who, month, next) as the difference of two counts."""
    few = _counted(intervals.filter(pl.col("who").is_in(asked["who"].unique().implode())).rechunk())
    first = few.select("who").with_row_index("first").unique("who", keep="first")
    rows = asked.join(first, on="who", how="left", maintain_order="left").with_row_index("row")
    both = []
    for bound in ("month", "next"):
        at = pl.col("who") * _DAYS + pl.col(bound)
        ordered = rows.sort(at)
        place = _place(ordered, at, few)
        both.append(_days(ordered, place, ordered[bound], few).with_columns(ordered["row"]).sort("row").drop("row"))
    return (both[1] - both[0]).select(pl.all().fill_null(0))


def _in_month(rows: pl.DataFrame, intervals: pl.DataFrame) -> pl.DataFrame:
    """`rows` with days entitled, on a scheme, to be ascertained, and all of the month. An interval that lasts all the
    month tells all of it; only the other months are counted."""
    asked = rows.select("who", "month", "next")
    at = pl.col("who") * _DAYS + pl.col("month")
    order = asked.select(at.arg_sort(nulls_last=True)).to_series()
    place = back(_place(asked.select(pl.all().gather(order)), at, intervals), order)
    said = asked.with_columns(gathered(intervals.select("end", "state"), place).get_columns())
    others = said.select((~(pl.col("end") >= pl.col("next")).fill_null(False)).arg_true()).to_series()
    days = said.select(
        pl.when(pl.col("state") == kind).then(pl.col("next") - pl.col("month")).otherwise(0).alias(f"{kind}")
        for kind in _KINDS
    )
    counted = _in_turning_month(asked.select(pl.all().gather(others)), intervals)
    days = days.select(days[name].scatter(others, counted[name]) for name in days.columns)
    whole, stay, scheme, held = (pl.lit(days[f"{kind}"]) for kind in _KINDS)
    born = pl.max_horizontal("month", pl.col("birth_date").cast(pl.Int32).cast(pl.Int64))
    return rows.with_columns(
        (whole + pl.when(pl.col("care").is_in(INPATIENT)).then(stay).otherwise(0)).alias("entitled"),
        scheme.alias("scheme"),
        held.alias("held"),
        (pl.col("next") - born).alias("days"),
    )


def _on_first_day(rows: pl.DataFrame, intervals: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what the interval of the first day is, where the month does not tell by itself."""
    partly = (pl.col("entitled") + pl.col("held") > 0) & (
        (pl.col("entitled") < pl.col("days")) | (pl.col("first_day") < pl.col("birth_date")).fill_null(False)
    )
    rows = rows.with_columns(partly.alias("partly")).with_row_index("row")
    asked = rows.filter(pl.col("partly") & pl.col("first_day").is_not_null())
    asked = asked.select(
        "row", "who", (pl.col("who") * _DAYS + _day("first_day")).alias("day"), _day("first_day").alias("d")
    ).sort("day")
    place = _place(asked, pl.col("day"), intervals)
    said = intervals.select(pl.col("state", "end").gather(place))
    states = pl.concat([asked.select("row", "d"), said], how="horizontal").select(
        "row", pl.when(pl.col("d") < pl.col("end")).then("state").otherwise(OTHER).fill_null(OTHER).alias("visit")
    )
    return rows.join(states, on="row", how="left", maintain_order="left")


def _standing(day: str, versions: tuple[tuple[date, object], ...]) -> pl.Expr:
    found = pl.lit(versions[0][1])
    for start, value in versions[1:]:
        found = pl.when(pl.col(day) >= start).then(pl.lit(value)).otherwise(found)
    return found


def _rate(months: pl.Series, law: PlainLaw) -> pl.Expr:
    """The first age not passed by the end of the fiscal year: who is born on or after 2 April so many years before.
    One day of birth for each month of all, as the year of a date is slow to find."""
    year_of = {month: month.year - (month.month < 4) for month in months.unique()}
    born = {
        age: pl.col("service_month").replace_strict(
            {month: date(year - age, 4, 2) for month, year in year_of.items()}, return_dtype=pl.Date
        )
        for age, _ in law.rates
    }
    return pl.coalesce(pl.when(pl.col("birth_date") >= born[age]).then(percent) for age, percent in law.rates)


def _code(reason: str) -> pl.Expr:
    """A reason as a small number: texts are laid beside the rows once, at the end."""
    return pl.lit(REASONS.index(reason), dtype=pl.UInt8)


def _reasons(rows: pl.DataFrame, law: PlainLaw) -> pl.DataFrame:
    """`rows` with the reasons before and after the test for duplicates, as numbers."""
    refusal = pl.when(pl.col("scheme") > 0).then(_code("E3")).otherwise(_code("E1"))
    covered = (pl.col("visit") == WHOLE) | ((pl.col("visit") == STAY) & pl.col("care").is_in(INPATIENT))
    early = (
        pl.when(pl.col("child").is_null()).then(_code("E2"))
        .when(pl.col("rcpt_public_payer_no") != _standing("service_month", law.payers)).then(_code("H7"))
        .when(pl.col("sex").ne_missing(pl.col("rcpt_patient_sex"))
              | pl.col("birth_date").ne_missing(pl.col("rcpt_patient_birth_date"))).then(_code("H5"))
        .when(pl.col("entitled") + pl.col("held") <= 0).then(refusal)
        .when(pl.col("partly") & pl.col("first_day").is_null())
        .then(pl.when(pl.col("held") > 0).then(_code("H9")).otherwise(_code("H6")))
        .when(pl.col("partly") & (pl.col("visit") == HELD)).then(_code("H9"))
        .when(pl.col("partly") & ~covered)
        .then(pl.when(pl.col("visit") == SCHEME).then(_code("E3")).otherwise(_code("E1")))
    )  # fmt: skip
    others = ("other_public", "supplementary_benefit", "high_cost_benefit", "counter")
    left = pl.col("rcpt_self_pay_yen") - pl.sum_horizontal(pl.col(f"rcpt_{name}_yen").fill_null(0) for name in others)
    sums = pl.col("rcpt_total_medical_cost_yen") * pl.col("rcpt_copay_rate") != pl.col("rcpt_self_pay_yen") * 100
    limit = _standing("service_month", law.limits)
    late = (
        pl.when(pl.col("rcpt_copay_rate") != _rate(rows["service_month"], law)).then(_code("H3"))
        .when(sums | (pl.col("rcpt_public_expense_yen") != left)).then(_code("H2"))
        .when(~pl.col("care").is_in(law.in_kind) | (pl.col("rcpt_self_pay_yen") >= limit)).then(_code("H4"))
        .when(pl.col("rcpt_public_expense_yen") <= 0).then(_code("N1")).otherwise(_code("P0"))
    )  # fmt: skip
    return rows.with_columns(early.alias("early"), late.alias("late"))


_KEY = ("child", "service_month", "rcpt_institution_code", "care")


def _paid_twice(rows: pl.DataFrame, folder: Path) -> pl.Series:
    """Whether the key was paid before, or by a row that came earlier."""
    before = pl.read_parquet(folder / "paid_before.parquet").select(
        _CHILD, "service_month", pl.col("institution_code").alias("rcpt_institution_code"), "care"
    )
    pays = pl.col("early").is_null() & (pl.col("late") == _code("P0"))
    keyed = rows.select(*_KEY, "known_date", "delivery", "line_no", pays.alias("pays")).with_row_index("at")
    hashed = reduce(operator.xor, (pl.col(name).hash(seed) for seed, name in enumerate(_KEY)))
    alike = keyed.filter(hashed.is_duplicated()).sort("known_date", "delivery", "line_no")
    earlier = (pl.col("pays").cast(pl.Int64).cum_sum() - pl.col("pays").cast(pl.Int64)).over(_KEY) > 0
    theirs = keyed.filter(pl.col("child").is_in(before["child"].implode()))
    twice = pl.concat([theirs.join(before, on=_KEY, how="semi")["at"], alike.filter(earlier)["at"]])
    return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True).scatter(twice, True)


def decide(folder: Path, law: PlainLaw) -> pl.DataFrame:
    """delivery, line_no, reason, amount_yen of every receipt."""
    number = pl.col("beneficiary_no").cast(pl.Int64).alias("number")
    registered = _columns(folder, "registrations", _CHILD)
    person = pl.col("resident_code").cast(pl.Int64).alias("child")
    states, held, people, receipts = pl.collect_all(
        [
            _states(folder, law),
            _columns(folder, "beneficiary_numbers", number, _CHILD).join(registered, on="child", how="semi"),
            _columns(folder, "persons", person, "sex", "birth_date"),
            _columns(folder, "receipts", *RECEIPTS),
        ]
    )
    intervals = _intervals(states)
    rows = receipts.with_columns(
        pl.col("rcpt_patient_beneficiary_no").cast(pl.Int64).alias("number"),
        pl.col("rcpt_inpatient_outpatient_code").alias("care"),
        _day("service_month").alias("month"),
        (_day("service_month") + pl.col("service_month").dt.days_in_month()).alias("next"),
    )
    owned = _owners(held, people, intervals)
    at = places(rows["number"], owned["number"])
    rows = rows.with_columns(gathered(owned.drop("number"), at).get_columns())
    rows = _reasons(_on_first_day(_in_month(rows, intervals), intervals), law)
    rows = rows.with_columns(_paid_twice(rows, folder).alias("twice"))
    code = pl.coalesce("early", pl.when("twice").then(_code("D1")), "late")
    reason = pl.lit(pl.Series(REASONS)).gather(code).alias("reason")
    paid = pl.when(code == _code("P0")).then("rcpt_public_expense_yen").otherwise(0)
    return rows.select("delivery", "line_no", reason, paid.alias("amount_yen"))
