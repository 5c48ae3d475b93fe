"""別添1, items 88–113 and 123–148: the last claim and the last receipt decided for a child, and what came of them.

Belongs here: which decision is a child's last, and the items of its row. Does not belong here: the register's own
items (annex1.py) and any decision.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.identities import as_person
from schemas.codes import OTHER_PAYER, REASON_TO_REJECTION
from schemas.law.book import Law
from schemas.records.annex1 import ANNEX1

_CHILD = "child_resident_code"
_BY_NO = {item.no: item.name for item in ANNEX1.items}
_CLAIMED = [_BY_NO[no] for no in (*range(88, 103), 104, 105)]
_BILLED = [_BY_NO[no] for no in range(123, 149) if no != 128]
_LINE = ["delivery", "line_no"]
_BANK_TRANSFER, _PAID = "1", "0"
_RESULTS = "bank.transfer_result"


def last_decided(decisions: pl.DataFrame, identities: pl.DataFrame, subject: str, day: date) -> pl.DataFrame:
    """DECISIONS of one subject, the last of each child in the months processed by `day`, under the person's number."""
    processed = pl.col("decided_month").dt.month_end() <= day
    known = decisions.filter((pl.col("subject") == subject) & processed & pl.col(_CHILD).is_not_null())
    ordered = as_person(known, identities, _CHILD).sort(_CHILD, "decided_month", "service_month", "decision_no")
    return ordered.unique(_CHILD, keep="last", maintain_order=True)


def of_claims(
    last: pl.DataFrame, claims: pl.DataFrame, decisions: pl.DataFrame, transfers: pl.DataFrame
) -> pl.DataFrame:  # fmt: skip
    """Items 88–111 of each child's last decided claim. `claims`: the accepted rows those decisions name.

    108 is the day the last of the `transfers` for that claim, by whichever of its `decisions`, is ordered for, 111 what
    came of that one.
    """
    paid = pl.col("judgement") == "1"
    rows = last.select(_CHILD, "decision_no", "judgement", "reason", "amount_yen", *_LINE)
    of_lines = transfers.join(decisions.select("decision_no", *_LINE), on="decision_no")
    latest = of_lines.sort("value_date", "payment_no").unique(_LINE, keep="last", maintain_order=True)
    ordered = latest.select(*_LINE, pl.col("value_date").alias("payment_date"), "transfer_result")
    found = rows.join(claims.select(*_LINE, *_CLAIMED), on=_LINE, how="left", maintain_order="left")
    found = found.join(ordered, on=_LINE, how="left", maintain_order="left")
    return found.select(
        _CHILD,
        *_CLAIMED,
        pl.col("amount_yen").alias("public_expense_yen"),
        pl.col("other_public_item_code").replace_strict(dict(OTHER_PAYER.labels)).alias("other_public_item"),
        pl.col("judgement").alias("judgement_result"),
        "payment_date",
        pl.col("reason").replace_strict(REASON_TO_REJECTION, default=None).alias("rejection_reason"),
        pl.when(paid).then(pl.lit(_BANK_TRANSFER)).alias("payment_method"),
        "transfer_result",
    )


def transferred(orders: pl.DataFrame, answers: pl.DataFrame, law: Law, day: date) -> pl.DataFrame:
    """The orders of the months processed by `day` with `transfer_result`: what the bank had said of each by then, in
    the codes of bank.transfer_result. `answers`: RESULTS_ENTERED, of which a return outlasts a payment.

    Raises LawGap for a day without such codes when there are orders.
    """
    made = orders.filter(pl.col("decided_month").dt.month_end() <= day)
    if made.is_empty():
        return made.with_columns(pl.lit(None, pl.String).alias("transfer_result"))
    said = answers.filter(pl.col("known_date") <= day).group_by("payment_no")
    told = made.join(said.agg((pl.col("result") != _PAID).any().alias("back")), on="payment_no", how="left")
    state = (
        pl.when(pl.col("back").is_null()).then(pl.lit("waiting"))
        .when(pl.col("back")).then(pl.lit("back"))
        .when(pl.col("attempt") > 1).then(pl.lit("paid_again"))
        .otherwise(pl.lit("paid"))
    )  # fmt: skip
    codes = law.at(day).mapping(_RESULTS)
    return told.with_columns(state.replace_strict(codes, return_dtype=pl.String).alias("transfer_result"))


def of_receipts(last: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Items 123–148 of each child's last decided receipt. `receipts`: the accepted rows those decisions name."""
    found = last.select(_CHILD, *_LINE).join(receipts.select(*_LINE, *_BILLED), on=_LINE, maintain_order="left")
    return found.select(_CHILD, *_BILLED, pl.col(_CHILD).alias("rcpt_patient_resident_code"))


def of_subsidies(subsidies: pl.DataFrame, identities: pl.DataFrame, day: date) -> pl.DataFrame:
    """64 of each child's last 支給, and `known_tax_status`, the 課税状況 of the last one of a receipt (for 127).

    `subsidies`: SUBSIDIES of every month so far.
    """
    processed = subsidies.filter(pl.col("booked_month").dt.month_end() <= day)
    ordered = as_person(processed, identities, _CHILD).sort(_CHILD, "booked_month", "service_month", "decision_no")
    billed = (pl.col("subject") == "receipt") & (pl.col("tax_status") != "0")
    return ordered.group_by(_CHILD).agg(
        pl.col("funding_class").last(),
        pl.col("tax_status").filter(billed).last().alias("known_tax_status"),
    )
