"""別添1: the 158 items of every registered child, gathered from the register.

Belongs here: which table each item is read from. Does not belong here: deciding anything.
Items of a claim or a receipt (88–111, 123–148) are null: one child has many of them, in the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from schemas.codes import ARREARS_ITEM
from schemas.records.annex1 import ANNEX1

_CHILD = "child_resident_code"
_GUARDIAN = "guardian_resident_code"
_BY_NO = {item.no: item.name for item in ANNEX1.items}
_TAX = [_BY_NO[no] for no in (*range(24, 45), *range(46, 49))]
_FILED = [
    _BY_NO[no] for no in (21, 45, 49, 50, 51, 52, 61, 68, 69, 70, 71, 73, 75, 76, *range(77, 88), *range(118, 123))
]
_NOT_ASKED = "9"


def _names(prefix: str, use: str) -> dict[str, str]:
    """PERSONS item → the 別添1 item of the child or of the guardian."""
    plain = ("name", "name_kana", "birth_date", "sex", "address")
    return {
        "resident_code": f"{prefix}_resident_code",
        "katagaki": f"{prefix}_address_katagaki",
        "use_native_name": use,
    } | {name: f"{prefix}_{name}" for name in plain}


def _children(persons: pl.DataFrame) -> pl.DataFrame:
    moves = (
        "resident_class",
        "resident_from_date",
        "resident_from_reason",
        "resident_to_date",
        "resident_to_reason",
    )
    names = _names("child", "use_native_name_child") | {name: f"child_{name}" for name in moves}
    return persons.filter(pl.col("resident_from_date").is_not_null()).select(*names).rename(names)


def _guardians(persons: pl.DataFrame) -> pl.DataFrame:
    names = _names("guardian", "use_native_name_guardian")
    return persons.select(*names).rename(names)


def _taxes(resident_taxes_known: pl.DataFrame) -> pl.DataFrame:
    """The last year known of each person, in its last revision. 未申告 leaves the yen null."""
    ordered = resident_taxes_known.sort("resident_code", "tax_year", "revision_no", "known_date")
    last = ordered.unique("resident_code", keep="last", maintain_order=True)
    return last.select(pl.col("resident_code").alias(_GUARDIAN), *_TAX)


def _arrears(arrears_known: pl.DataFrame) -> pl.DataFrame:
    """One column per 科目 (151–158), the last known base date of each."""
    last = arrears_known.sort("base_date", "known_date").unique(
        ["resident_code", "arrears_item"], keep="last", maintain_order=True
    )
    columns = [
        pl.col("arrears").filter(pl.col("arrears_item") == no).last().alias(_BY_NO[int(no)])
        for no in ARREARS_ITEM.labels
    ]
    return last.group_by("resident_code").agg(columns).rename({"resident_code": _GUARDIAN})


def _filed(applications_known: pl.DataFrame) -> pl.DataFrame:
    once = applications_known.sort("known_date", "line_no").unique("application_no", keep="last", maintain_order=True)
    return once.select("application_no", *_FILED)


def _decided(eligibility: pl.DataFrame, day: date) -> pl.DataFrame:
    """22, 23, 53–56 as they stand on `day`: the span of the outcome that covers it, or the last one before."""
    begun = eligibility.filter(pl.col("start_date") <= day).sort(_CHILD, "start_date")
    last = begun.unique(_CHILD, keep="last", maintain_order=True)
    entitled = (pl.col("entitled") == "1") & (pl.col("end_date") > day)
    spans = (
        begun.filter(pl.col("entitled") == "1")
        .group_by(_CHILD)
        .agg(
            pl.col("start_date").last().alias("eligible_from_date"),
            pl.col("end_date").last().alias("eligible_to_date"),
        )
    )
    result = (
        pl.when(entitled)
        .then(pl.lit("1"))
        .when(pl.col("eligible_from_date").is_null())
        .then(pl.lit("2"))
        .otherwise(pl.lit("4"))
    )
    over = (pl.col("entitled") == "1") & (pl.col("end_date") <= day)
    return last.join(spans, on=_CHILD, how="left", maintain_order="left").select(
        _CHILD,
        "eligible_from_date",
        "eligible_to_date",
        result.alias("decision_result"),
        pl.when(over).then(pl.lit("01")).otherwise("reason").alias("decision_reason"),
    )


def _age(birth: pl.Expr, day: date) -> pl.Expr:
    """Full years on `day`."""
    had = (birth.dt.month().cast(pl.Int32) * 100 + birth.dt.day()) <= day.month * 100 + day.day
    return (day.year - birth.dt.year() - 1 + had.cast(pl.Int32)).cast(pl.Int64)


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
    persons: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    certificates: pl.DataFrame,
    applications_known: pl.DataFrame,
    resident_taxes_known: pl.DataFrame,
    arrears_known: pl.DataFrame,
    month: date,
) -> pl.DataFrame:
    """ANNEX1 at the end of `month`: one row per registered child that the register of residents knows, with a
    known guardian. Items 88–111 and 123–148 are null: their detail is in the decisions."""
    month_end = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    valid = certificates.select(_CHILD, "valid_from_date", "valid_to_date", "subsidy_class", "public_payer_no")
    rows = (
        registrations.select(_CHILD, _GUARDIAN, "application_no", "beneficiary_no")
        .join(_children(persons), on=_CHILD)
        .join(_guardians(persons), on=_GUARDIAN)
        .join(_filed(applications_known), on="application_no")
        .join(_taxes(resident_taxes_known), on=_GUARDIAN, how="left")
        .join(_arrears(arrears_known), on=_GUARDIAN, how="left")
        .join(_decided(eligibility, month_end), on=_CHILD, how="left")
        .join(valid, on=_CHILD, how="left")
        .with_columns(_age(pl.col("child_birth_date"), month_end).alias("child_age"))
    )
    return _filled(rows).select(ANNEX1.names).sort(_CHILD)
