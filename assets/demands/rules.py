"""A reviewing body's demand beside the receipts that came: line by line, and one row for each thing that differs. Pure.

Belongs here: which demand stands, what is put beside what, the fee that is due. Does not belong here: deciding receipts
(assets/benefit), the sums within one demand (the feed refuses a demand that does not add up).

What is demanded + the receipts still undecided after earlier demands = what was decided + the differences, in receipts
and yen; the fee demanded = the fee due + the differences.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from schemas.law.book import Law, LawError
from schemas.records.demands import DEMAND_DIFFERENCES, DEMAND_LINES, LINE_KEY
from schemas.records.feeds import DEMAND_TOTAL

KEY = list(LINE_KEY)
_BODY = ["review_body", "billing_month"]
NO_DEMAND, MORE, NOT_DEMANDED, OTHER_YEN, OTHER_UNIT, NO_UNIT, NOT_PAID, HELD, OTHER_CHANGE = "012345678"
_FEES = "review.fee_unit_sen"
_CLASSES = "review.fee_classes"
_ROUNDING = "review.fee_rounding"
_ROUNDED: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "down": lambda sen: sen // 100,
    "up": lambda sen: (sen + 99) // 100,
    "half_up": lambda sen: (sen + 50) // 100,
}
"""The values of review.fee_rounding; sen are never negative."""
_COUNTED = ("demanded_receipts", "accepted_receipts", "demanded_yen", "accepted_yen", "decided_yen", "fee_yen")
_NOTHING = pl.lit(0, pl.Int64)


def standing(demands: pl.DataFrame) -> pl.DataFrame:
    """The lines of the last demand of each body and billing month, without its total."""
    order = pl.format("{} {}", "known_date", "delivery")
    last = demands.filter(order == order.max().over(_BODY))
    return last.filter(pl.col("demand_class") != DEMAND_TOTAL)


def judged(receipts: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Accepted RECEIPTS under the key of their demand line, with their decision; null where there is none."""
    told = decisions.filter(pl.col("feed") == "receipts").select(
        "delivery", "line_no", "decision_no", "subject_key", "judgement", "amount_yen"
    )
    return receipts.select(
        *_BODY,
        pl.col("receipt_change").alias("demand_class"),
        "service_month",
        pl.col("rcpt_inpatient_outpatient_code").alias("care"),
        "delivery",
        "line_no",
        pl.col("rcpt_public_expense_yen").alias("accepted_yen"),
    ).join(told, on=["delivery", "line_no"], how="left", maintain_order="left")


def never_settled(waiting: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """RECEIPTS_OPEN of the month before without those that were decided once and held again: what changes of them is a
    difference of the settlement. `reopened`: REOPENED."""
    fresh = reopened.filter((pl.col("feed") == "receipts") & pl.col("settled_no").is_null())
    return waiting.join(fresh, on=["delivery", "line_no"], how="semi", maintain_order="left")


def _units(law: Law, lines: pl.DataFrame) -> pl.DataFrame:
    """legal_unit_sen and rounding by what fixes a fee. Raises LawGap for a month the law does not cover."""
    kinds = lines.select("billing_month", "demand_class").unique().sort(pl.all())
    found = [_units_of(law, month, demand_class) for month, demand_class in kinds.iter_rows()]
    schema = {name: DEMAND_LINES.schema[name] for name in (*_BODY, "demand_class", "care", "legal_unit_sen")}
    return pl.concat([pl.DataFrame(schema=schema | {"rounding": pl.String()}), *found])


def _units_of(law: Law, month: date, demand_class: str) -> pl.DataFrame:
    now = law.at(month)
    sen = pl.col("sen") if demand_class in now.codes(_CLASSES) else _NOTHING
    return now.rows(_FEES).select(
        "review_body",
        pl.lit(month, pl.Date).alias("billing_month"),
        pl.lit(demand_class).alias("demand_class"),
        "care",
        sen.cast(pl.Int64).alias("legal_unit_sen"),
        pl.lit(now.text(_ROUNDING)).alias("rounding"),
    )


def _fee(receipts: str) -> pl.Expr:
    """The fee of so many receipts by the law's unit; 0 where the law has none."""
    sen = pl.col(receipts) * pl.col("legal_unit_sen")
    rounded = [pl.when(pl.col("rounding") == name).then(share(sen)) for name, share in _ROUNDED.items()]
    return pl.coalesce(*rounded, _NOTHING)


def lines(demands: pl.DataFrame, receipts: pl.DataFrame, law: Law) -> pl.DataFrame:
    """DEMAND_LINES, with `law_fee_yen` (the fee of the demanded receipts) and `demanded` (whether a demand stands for
    its body and month). `demands`: `standing`; `receipts`: `judged`.

    Raises LawError for a rounding that has no rule.
    """
    ours = receipts.group_by(KEY).agg(
        pl.len().cast(pl.Int64).alias("accepted_receipts"),
        pl.col("accepted_yen").sum(),
        pl.col("amount_yen").sum().alias("decided_yen"),
    )
    theirs = demands.select(
        *KEY,
        pl.col("receipts").alias("demanded_receipts"),
        pl.col("amount_yen").alias("demanded_yen"),
        "fee_unit_sen",
        "fee_yen",
    )
    both = theirs.join(ours, on=KEY, how="full", coalesce=True)
    fixed = both.join(_units(law, both), on=[*_BODY, "demand_class", "care"], how="left")
    if unknown := set(fixed["rounding"].drop_nulls()) - set(_ROUNDED):
        raise LawError(f"{_ROUNDING} の値は {'・'.join(_ROUNDED)} のどれかです: {sorted(unknown)}")
    there = demands.select(_BODY).unique().with_columns(pl.lit(True).alias("demanded"))
    counted = fixed.join(there, on=_BODY, how="left").with_columns(
        pl.col("demanded").fill_null(False), pl.col(*_COUNTED).fill_null(0)
    )
    return counted.with_columns(
        _fee("accepted_receipts").alias("fee_due_yen"), _fee("demanded_receipts").alias("law_fee_yen")
    ).sort(KEY)


def _line_no(difference: str) -> pl.Expr:
    months = [pl.col(name).dt.strftime("%Y%m") for name in ("billing_month", "service_month")]
    return pl.concat_str(pl.lit(difference), "review_body", months[0], "demand_class", months[1], "care", separator="-")


def _of_lines(
    rows: pl.DataFrame, difference: str, told: pl.Expr, receipts: pl.Expr, yen: pl.Expr, fee: pl.Expr
) -> pl.DataFrame:
    """DEMAND_DIFFERENCES of whole lines."""
    none = pl.lit(None, pl.String)
    return rows.select(
        _line_no(difference).alias("difference_no"),
        pl.lit(difference).alias("difference"),
        *KEY,
        none.alias("decision_no"),
        none.alias("subject_key"),
        receipts.alias("receipts"),
        yen.alias("difference_yen"),
        fee.alias("fee_difference_yen"),
        told.alias("told"),
    )


def _counted(found: pl.DataFrame) -> list[pl.DataFrame]:
    """Lines of which more or fewer receipts are demanded than came, or the same number for other yen."""
    more = pl.col("demanded_receipts") - pl.col("accepted_receipts")
    yen = pl.col("demanded_yen") - pl.col("accepted_yen")
    fee = pl.col("law_fee_yen") - pl.col("fee_due_yen")
    counts = ("demanded_receipts", "demanded_yen", "accepted_receipts", "accepted_yen")
    told = pl.format("請求 {}件 {}円、受理 {}件 {}円", *counts)
    cases = {
        NO_DEMAND: ~pl.col("demanded"),
        MORE: pl.col("demanded") & (more > 0),
        NOT_DEMANDED: pl.col("demanded") & (more < 0),
        OTHER_YEN: pl.col("demanded") & (more == 0) & (yen != 0),
    }
    return [_of_lines(found.filter(holds), case, told, more, yen, fee) for case, holds in cases.items()]


def _fees(found: pl.DataFrame) -> list[pl.DataFrame]:
    """Lines whose fee is not the law's for the receipts demanded."""
    over, lawful = pl.col("fee_yen") - pl.col("law_fee_yen"), pl.col("legal_unit_sen").is_not_null()
    told = pl.format("請求の単価 {}銭・手数料 {}円", "fee_unit_sen", "fee_yen")
    legal = pl.format("、定めの単価 {}銭・手数料 {}円", "legal_unit_sen", "law_fee_yen")
    other = (over != 0) | (pl.col("fee_unit_sen") != pl.col("legal_unit_sen"))
    stated = found.filter(pl.col("fee_unit_sen").is_not_null())
    return [
        _of_lines(stated.filter(lawful & other), OTHER_UNIT, told + legal, _NOTHING, _NOTHING, over),
        _of_lines(stated.filter(~lawful), NO_UNIT, told, _NOTHING, _NOTHING, over),
    ]


def _decided(receipts: pl.DataFrame) -> pl.DataFrame:
    """Receipts of which not the demanded yen were decided: one row each."""
    amount = pl.col("amount_yen").fill_null(0)
    judgement = pl.col("judgement")
    case = (
        pl.when(judgement == "2").then(pl.lit(NOT_PAID))
        .when(judgement.is_in(["1", "3"])).then(pl.lit(OTHER_CHANGE))
        .otherwise(pl.lit(HELD))
    )  # fmt: skip
    rows = receipts.filter((pl.col("accepted_yen") != amount) | judgement.is_null())
    return rows.with_columns(case.alias("difference"), amount.alias("decided")).select(
        pl.concat_str("difference", "delivery", "line_no", separator="-").alias("difference_no"),
        "difference",
        *KEY,
        "decision_no",
        "subject_key",
        _NOTHING.alias("receipts"),
        (pl.col("accepted_yen") - pl.col("decided")).alias("difference_yen"),
        _NOTHING.alias("fee_difference_yen"),
        pl.format("請求 {}円、支給 {}円", "accepted_yen", "decided").alias("told"),
    )


def differences(found: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """DEMAND_DIFFERENCES of `lines` and of `judged` receipts: those that came and those that waited."""
    parts = [*_counted(found), *_fees(found), _decided(receipts)]
    return pl.concat([DEMAND_DIFFERENCES.empty(), *parts]).sort("difference_no")


def compared(
    demands: pl.DataFrame, receipts: pl.DataFrame, waiting: pl.DataFrame, decisions: pl.DataFrame, law: Law
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DEMAND_LINES, DEMAND_DIFFERENCES) of a month's accepted demands and receipts and its decisions.

    `waiting`: `never_settled` receipts, demanded in an earlier month and decided again now.
    """
    came, waited = judged(receipts, decisions), judged(waiting, decisions)
    found = lines(standing(demands), came, law)
    return found.select(DEMAND_LINES.names), differences(found, pl.concat([came, waited]))
