"""別添1, items 88–113 and 123–148: the last claim and the last receipt decided for a child, and what came of them.

Belongs here: which decision is a child's last, and the items of its row. Does not belong here: the register's own
items (annex1.py) and any decision.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from assets.register.identities import as_person
from schemas.codes import OTHER_PAYER, REASON_TO_REJECTION
from schemas.records.annex1 import ANNEX1

_CHILD = "child_resident_code"
_BY_NO = {item.no: item.name for item in ANNEX1.items}
_CLAIMED = [_BY_NO[no] for no in (*range(88, 103), 104, 105)]
_BILLED = [_BY_NO[no] for no in range(123, 149) if no != 128]
_LINE = ["delivery", "line_no"]
_BANK_TRANSFER, _NOT_YET_KNOWN = "1", "9"


def last_decided(decisions: pl.DataFrame, identities: pl.DataFrame, subject: str, day: date) -> pl.DataFrame:
    """DECISIONS of one subject, the last of each child in the months processed by `day`, under the person's number."""
    processed = pl.col("decided_month").dt.month_end() <= day
    known = decisions.filter((pl.col("subject") == subject) & processed & pl.col(_CHILD).is_not_null())
    ordered = as_person(known, identities, _CHILD).sort(_CHILD, "decided_month", "service_month", "decision_no")
    return ordered.unique(_CHILD, keep="last", maintain_order=True)


def of_claims(last: pl.DataFrame, claims: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Items 88–111 of each child's last decided claim. `claims`: the accepted rows those decisions name.

    108 is the day the transfer is ordered for; what came of it (111) is 9 未処理 until the bank has said so.
    """
    paid = pl.col("judgement") == "1"
    rows = last.select(_CHILD, "decision_no", "judgement", "reason", "amount_yen", *_LINE)
    ordered = orders.select("decision_no", pl.col("value_date").alias("payment_date"))
    found = rows.join(claims.select(*_LINE, *_CLAIMED), on=_LINE, how="left", maintain_order="left")
    found = found.join(ordered, on="decision_no", how="left", maintain_order="left")
    ordered_for = pl.col("payment_date").is_not_null()
    return found.select(
        _CHILD,
        *_CLAIMED,
        pl.col("amount_yen").alias("public_expense_yen"),
        pl.col("other_public_item_code").replace_strict(dict(OTHER_PAYER.labels)).alias("other_public_item"),
        pl.col("judgement").alias("judgement_result"),
        "payment_date",
        pl.col("reason").replace_strict(REASON_TO_REJECTION, default=None).alias("rejection_reason"),
        pl.when(paid).then(pl.lit(_BANK_TRANSFER)).alias("payment_method"),
        pl.when(ordered_for).then(pl.lit(_NOT_YET_KNOWN)).alias("transfer_result"),
    )


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
