"""What the decisions of a month mean in money: differences, offsets, what is paid, what is owed. Pure.

Belongs here: 追給, 返還, 相殺. Does not belong here: the decisions (assets/benefit), accounts and value dates
(assets/payment).

An amount is final until a later decision that is not held replaces it: while a line is held nothing is claimed back.
What a receipt is paid the first time is in the review body's demand and no difference.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from assets.benefit.replacing import AGAIN
from assets.benefit.standing import LINE
from assets.register.identities import as_person
from schemas.law.book import Law
from schemas.records.settlement import DEBTS, DIFFERENCES, OFFSETS, PAYABLES

_GUARDIAN, _CHILD = "guardian_resident_code", "child_resident_code"
_FIRST, _MORE, _BACK = "1", "2", "3"
_SIGNED = ("R0", "R1", "R2")
_OF_GUARDIAN, _OF_REVIEW_BODY = "1", "2"
_COUNTERPARTS = {"guardian": _OF_GUARDIAN, "review_body": _OF_REVIEW_BODY}
_NEWS = ("news_feed", "news_delivery", "news_line_no")


class Settlement(NamedTuple):
    """The four tables of a month."""

    differences: pl.DataFrame
    offsets: pl.DataFrame
    payables: pl.DataFrame
    debts: pl.DataFrame


def differences(
    decisions: pl.DataFrame,
    steps: pl.DataFrame,
    reopened: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
    month: date,
) -> pl.DataFrame:
    """DIFFERENCES of a month's decisions. Money back is owed by who was paid, more goes to who is entitled now."""
    rows = _beside_what_was_settled(decisions, steps, reopened)
    owed_by = _COUNTERPARTS[law.at(month).text("settlement.receipts_owed_by")]
    first = pl.col("paid") != "1"
    demanded = (pl.col("subject") == "receipt") & first & (pl.col("reason") == "P0")
    back = pl.col("difference_yen") < 0
    kind = (
        pl.when(back).then(pl.lit(_BACK))
        .when(first & (pl.col("subject") == "claim")).then(pl.lit(_FIRST))
        .otherwise(pl.lit(_MORE))
    )  # fmt: skip
    whom = [
        pl.when(back)
        .then(pl.coalesce(f"paid_{who}", f"{who}_resident_code"))
        .otherwise(pl.coalesce(f"{who}_resident_code", f"paid_{who}"))
        .alias(f"{who}_resident_code")
        for who in ("child", "guardian")
    ]
    sided = _with_counterparts(rows, owed_by).filter((pl.col("judgement") != "4") & (pl.col("difference_yen") != 0))
    told = sided.filter(~demanded).with_columns(kind.alias("kind"), *whom)
    return as_person(told, identities, _GUARDIAN, _CHILD).select(DIFFERENCES.names).sort("decision_no")


def _with_counterparts(rows: pl.DataFrame, owed_by: str) -> pl.DataFrame:
    """`rows` with the other side of their difference. A claim's is the guardian. A receipt is first paid to the
    review body; what differs later is between the city and `owed_by`. A signed row first stands in the review body's
    own account; when it changes with the receipt it corrects, it goes where that receipt's difference goes."""
    receipt, signed = pl.col("subject") == "receipt", pl.col("reason").is_in(_SIGNED)
    own = pl.when(pl.col("paid") == "1").then(pl.lit(owed_by)).otherwise(pl.lit(_OF_REVIEW_BODY))
    sided = rows.with_columns(own.alias("side"))
    key = [_CHILD, "service_month", "institution_code", "care"]
    corrected = sided.filter(receipt & ~signed & (pl.col("difference_yen") != 0)).group_by(key).agg(
        pl.col("side").min().alias("original_side")
    )  # fmt: skip
    found = sided.join(corrected, on=key, how="left", maintain_order="left")
    again = signed & pl.col("settled_no").is_not_null()
    side = (
        pl.when(~receipt).then(pl.lit(_OF_GUARDIAN))
        .when(again).then(pl.col("original_side").fill_null(_OF_REVIEW_BODY))
        .when(signed).then(pl.lit(_OF_REVIEW_BODY))
        .otherwise("side")
    )  # fmt: skip
    return found.with_columns(side.alias("counterpart"))


def _beside_what_was_settled(decisions: pl.DataFrame, steps: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """Decisions with paid_no, settled_yen, difference_yen, whom it had been paid, and the row of the news."""
    stood = reopened.select(
        *LINE,
        "paid",
        "settled_no",
        "settled_yen",
        pl.col(_GUARDIAN).alias("paid_guardian"),
        pl.col(_CHILD).alias("paid_child"),
    )
    cited = steps.filter(pl.col("label") == AGAIN).select(
        "decision_no", *(pl.col(name.removeprefix("news_")).alias(name) for name in _NEWS)
    )
    rows = decisions.join(stood, on=LINE, how="left", maintain_order="left")
    rows = rows.join(cited, on="decision_no", how="left", maintain_order="left")
    settled = pl.col("settled_yen").fill_null(0)
    return rows.with_columns(
        pl.col("paid").fill_null("0"),
        settled.alias("settled_yen"),
        (pl.col("amount_yen") - settled).alias("difference_yen"),
        pl.col("settled_no").alias("paid_no"),
    )


def _laid_out(rows: pl.DataFrame, yen: str, order: list[str], prefix: str) -> pl.DataFrame:
    """`rows` in order with the yen of each guardian laid end to end: {prefix}_from, {prefix}_to."""
    ordered = rows.sort(_GUARDIAN, *order)
    until = pl.col(yen).cum_sum().over(_GUARDIAN)
    return ordered.with_columns((until - pl.col(yen)).alias(f"{prefix}_from"), until.alias(f"{prefix}_to"))


def offsets(owed: pl.DataFrame, due: pl.DataFrame, month: date) -> pl.DataFrame:
    """OFFSETS: each guardian's debts against the guardian's payments, oldest debt first, then by number.

    `owed`: debts with owed_yen and since_month; `due`: payments with difference_yen. Where the two, each laid end to
    end, lie over one another, one pays the other.
    """
    debts = _laid_out(owed, "owed_yen", ["since_month", "debt_no"], "owed")
    payments = _laid_out(due, "difference_yen", ["decision_no"], "due")
    both = debts.join(payments, on=_GUARDIAN)
    overlap = pl.min_horizontal("owed_to", "due_to") - pl.max_horizontal("owed_from", "due_from")
    met = both.with_columns(overlap.alias("offset_yen"), pl.lit(month).alias("decided_month"))
    return met.filter(pl.col("offset_yen") > 0).select(OFFSETS.names).sort(OFFSETS.key)


def _payments(found: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """What is due to guardians. A first payment is about the claim form, any later one about its own decision."""
    more = (pl.col("difference_yen") > 0) & (pl.col("counterpart") == _OF_GUARDIAN)
    first = pl.col("kind") == _FIRST
    about = decisions.select("decision_no", "beneficiary_no", "care", "application_date")
    return (
        found.filter(more)
        .join(about, on="decision_no")
        .with_columns(
            pl.when(first).then(pl.lit("claim")).otherwise(pl.lit("difference")).alias("subject_kind"),
            pl.when(first).then("subject_key").otherwise("decision_no").alias("subject_key"),
        )
    )


def _new_debts(found: pl.DataFrame, law: Law, month: date) -> pl.DataFrame:
    back = found.filter((pl.col("difference_yen") < 0) & (pl.col("counterpart") == _OF_GUARDIAN))
    wait = law.at(month).number("settlement.offset_wait_months")
    return back.select(
        pl.col("decision_no").alias("debt_no"),
        "paid_no",
        _GUARDIAN,
        _CHILD,
        "service_month",
        "cause",
        *_NEWS,
        pl.col("decided_month").alias("since_month"),
        (-pl.col("difference_yen")).alias("first_yen"),
        (-pl.col("difference_yen")).alias("owed_yen"),
        pl.col("decided_month").dt.offset_by(f"{wait}mo").alias("claim_month"),
        pl.lit(None, dtype=pl.Date).alias("claimed_month"),
    )


def _carried(debts_before: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    still = as_person(debts_before.filter(pl.col("open_yen") > 0), identities, _GUARDIAN, _CHILD)
    return still.with_columns(pl.col("open_yen").alias("owed_yen")).drop("offset_yen", "open_yen")


def _with_offsets(rows: pl.DataFrame, offset: pl.DataFrame, key: str, yen: str, rest: str) -> pl.DataFrame:
    """`rows` with offset_yen and what is left of `yen` as `rest`."""
    summed = offset.group_by(key).agg(pl.col("offset_yen").sum())
    found = rows.join(summed, on=key, how="left", maintain_order="left").with_columns(pl.col("offset_yen").fill_null(0))
    return found.with_columns((pl.col(yen) - pl.col("offset_yen")).alias(rest))


def _with_claims(debts: pl.DataFrame, law: Law, month: date) -> pl.DataFrame:
    """Debts with claimed_month, the first in which the debt has waited and the guardian's debts that have waited are
    together at least the minimum."""
    minimum = law.at(month).yen("settlement.claim_minimum_yen")
    ripe = (pl.col("claim_month") <= month) & (pl.col("open_yen") > 0)
    total = pl.when(ripe).then("open_yen").otherwise(0).sum().over(_GUARDIAN)
    now = pl.when(ripe & (total >= minimum)).then(pl.lit(month))
    return debts.with_columns(pl.coalesce("claimed_month", now).alias("claimed_month"))


def settle(
    decisions: pl.DataFrame,
    steps: pl.DataFrame,
    reopened: pl.DataFrame,
    debts_before: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
    month: date,
) -> Settlement:
    """The settlement of a month: its differences, and the debts of the month before, offset against one another."""
    found = differences(decisions, steps, reopened, identities, law, month)
    owed = pl.concat([_carried(debts_before, identities), _new_debts(found, law, month)], how="diagonal")
    due = _payments(found, decisions)
    offset = offsets(owed, due, month)
    payables = _with_offsets(due, offset, "decision_no", "difference_yen", "payable_yen")
    debts = _with_claims(_with_offsets(owed, offset, "debt_no", "owed_yen", "open_yen"), law, month)
    return Settlement(
        found,
        offset,
        payables.select(PAYABLES.names).sort(PAYABLES.key),
        debts.select(DEBTS.names).sort(DEBTS.key),
    )
