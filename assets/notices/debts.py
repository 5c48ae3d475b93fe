"""The letter that claims a 返還: what was paid, what should have been and why, what was offset, what is owed. Pure.

Belongs here: which debts are claimed, the evidence of each, and the debts for which it does not suffice (INC-03).
Does not belong here: which debt may be claimed and when (assets/settlement), where a letter goes
(reports.letters.addressee).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import polars as pl

from assets.benefit.standing import LINE
from assets.notices.rules import people, told
from reports.letters.wareki import era_dates
from schemas.codes import BENEFIT_CAUSE
from schemas.records.feeds import FEEDS

_CHILD, _GUARDIAN, _DEBT = "child_resident_code", "guardian_resident_code", "debt_no"
_PEOPLE = [_GUARDIAN, _CHILD]
_OTHER_PLACES = ("guardian_mailing_", "mailing_", "residence_")
_PAID, _RIGHT, _OFFSET, _TWIN = "支給した額", "改めた支給額", "差し引いた額", "重なる支給"
_PART = ["what", "cited_no", "month", "how", "open_yen"]
_REVIEW_BODY = "審査支払機関を通じて医療機関等へ支払（現物給付）"
_TAKEN_OFF = "返還金に充当"
_DONE = "0"
UNPROVED = "支払った記録が支給した額に足りません。口座への振込と相殺を確認してください"


class Evidence(NamedTuple):
    """What debts rest on, of every month so far: the decisions about their lines and about the lines of the news,
    the offsets, the orders, and the bank's answers in the order they came."""

    decisions: pl.DataFrame
    offsets: pl.DataFrame
    orders: pl.DataFrame
    results: pl.DataFrame


def claimed(debts: pl.DataFrame, month: date) -> pl.DataFrame:
    """DEBTS that are claimed in this month: each in one month only, the first in which it may be."""
    return debts.filter((pl.col("claimed_month") == month) & (pl.col("open_yen") > 0))


def misclaimed(debts: pl.DataFrame, letters: pl.DataFrame, earlier: pl.DataFrame, month: date) -> pl.DataFrame:
    """(debt_no, letters, letters_before): debts claimed this month without exactly one letter of their own, and
    letters of debts that are not claimed this month or had one before. `letters`: LETTERS of the month, `earlier` of
    all months before."""
    counts = [
        rows.filter(pl.col("kind") == "debt").group_by(pl.col("subject_key").alias(_DEBT)).agg(pl.len().alias(name))
        for rows, name in ((letters, "letters"), (earlier, "letters_before"))
    ]
    wanted = claimed(debts, month).select(_DEBT, pl.lit(True).alias("wanted"))
    found = wanted.join(counts[0], on=_DEBT, how="full", coalesce=True).join(counts[1], on=_DEBT, how="left")
    told = found.with_columns(pl.col("letters", "letters_before").fill_null(0), pl.col("wanted").fill_null(False))
    right = pl.col("wanted") & (pl.col("letters") == 1) & (pl.col("letters_before") == 0)
    return told.filter(~right).drop("wanted").sort(_DEBT)


def lines(claims: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """(feed, delivery, line_no): the lines of the debts and the receipts and claims that brought the news."""
    own = decisions.join(claims, left_on="decision_no", right_on=_DEBT, how="semi").select(LINE)
    news = claims.select(pl.col(f"news_{name}").alias(name) for name in LINE).drop_nulls("delivery")
    return pl.concat([own, news]).unique(maintain_order=True)


def debtors(
    claims: pl.DataFrame, registrations: pl.DataFrame, applications_known: pl.DataFrame, persons: pl.DataFrame
) -> pl.DataFrame:
    """`people` of the guardians who owe. An address stated by another guardian of the child is not theirs."""
    owing = claims.select(_CHILD, pl.col(_GUARDIAN).alias("owing")).unique().join(registrations, on=_CHILD)
    others = owing.filter(pl.col("owing") != pl.col(_GUARDIAN)).select(_CHILD, pl.col("owing").alias(_GUARDIAN))
    found = people(owing.drop(_GUARDIAN).rename({"owing": _GUARDIAN}), applications_known, persons)
    theirs = found.join(others.with_columns(other=True), on=[_CHILD, _GUARDIAN], how="left", maintain_order="left")
    stated = [name for name in found.columns if name.startswith(_OTHER_PLACES)]
    own = [pl.when(pl.col("other").is_null()).then(name).alias(name) for name in stated]
    return theirs.with_columns(own).drop("other")


def _transfers(evidence: Evidence) -> pl.DataFrame:
    """(line, value_dates, got_yen): what reached a guardian for a line, less what the bank says it could not pay."""
    last = evidence.results.unique("payment_no", keep="last", maintain_order=True)
    back = last.filter(pl.col("result") != _DONE)
    there = evidence.orders.join(back, on="payment_no", how="anti")
    sent = there.select("decision_no", "value_date", pl.col("amount_yen").alias("got_yen"))
    kept = evidence.offsets.select("decision_no", pl.lit(None, pl.Date).alias("value_date"), "offset_yen")
    both = pl.concat([sent, kept.rename({"offset_yen": "got_yen"})])
    lines_of = evidence.decisions.select("decision_no", *LINE)
    summed = both.join(lines_of, on="decision_no").sort("value_date").group_by(LINE)
    return summed.agg(pl.col("value_date").drop_nulls().unique(maintain_order=True), pl.col("got_yen").sum())


def _with_payments(claims: pl.DataFrame, evidence: Evidence, sentences: pl.DataFrame) -> pl.DataFrame:
    """Debts with the decision that paid (paid_…), the one that took its place (right_…), and how it was paid."""
    decided = told(evidence.decisions)
    right = decided.select(
        pl.col("decision_no").alias(_DEBT), *LINE, "subject", "visit", "institution_name", "judgement", "reason",
        pl.col("amount_yen").alias("right_yen"),
    )  # fmt: skip
    paid = decided.select(
        pl.col("decision_no").alias("paid_no"),
        pl.col("amount_yen").alias("paid_yen"),
        pl.col("decided_month").alias("paid_month"),
    )
    found = claims.join(right, on=_DEBT).join(paid, on="paid_no").join(_transfers(evidence), on=LINE, how="left")
    said = found.join(
        sentences.rename({"reason": "sentence"}), left_on="reason", right_on="code", how="left", maintain_order="left"
    )
    because = pl.col("cause").replace_strict(dict(BENEFIT_CAUSE.labels), return_dtype=pl.String)
    refused = (pl.col("judgement") == "2") & pl.col("sentence").is_not_null()
    why = pl.when(refused).then("sentence").otherwise(pl.format("{}により支給額を改めたため。", because))
    enough = (pl.col("subject") == "receipt") | (pl.col("got_yen").fill_null(0) >= pl.col("paid_yen"))
    return said.with_columns(why.alias("reason"), enough.alias("proved"), _how_paid(said), _news_text(because))


def _how_paid(rows: pl.DataFrame) -> pl.Series:
    days = rows.select(_DEBT, "value_date").explode("value_date")
    spelled = days.with_columns(era_dates(days["value_date"])).group_by(_DEBT).agg(
        pl.col("value_date").drop_nulls().str.join("・").alias("days")
    )  # fmt: skip
    how = (
        pl.when(pl.col("subject") == "receipt").then(pl.lit(_REVIEW_BODY))
        .when(pl.col("days") == "").then(pl.lit(_TAKEN_OFF))
        .otherwise(pl.format("{}に口座へ振込", "days"))
    )  # fmt: skip
    beside = rows.join(spelled, on=_DEBT, how="left", maintain_order="left").with_columns(pl.col("days").fill_null(""))
    return beside.select(how.alias("how_paid"))["how_paid"]


def _news_text(because: pl.Expr) -> pl.Expr:
    """What changed, and the row that said so."""
    feed = pl.col("news_feed").replace_strict({name: record.label for name, record in FEEDS.items()}, default=None)
    row = pl.format("{}（{} {}、{}行目）", because, feed, "news_delivery", "news_line_no")
    return pl.coalesce(row, because).alias("news_text")


def _twins(rows: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """The payment that stands where a debt is of something paid twice: the last decision about the line of the news."""
    last = decisions.sort("decided_month", "decision_no").unique(LINE, keep="last", maintain_order=True)
    cited = last.select(
        *(pl.col(name).alias(f"news_{name}") for name in LINE),
        pl.col("decision_no").alias("cited_no"),
        pl.col("decided_month").alias("month"),
        pl.format("{}円を支給", "amount_yen").alias("how"),
        pl.lit(0, pl.Int64).alias("open_yen"),
        pl.col("amount_yen").alias("stands_yen"),
    )
    found = rows.select(_DEBT, *(f"news_{name}" for name in LINE)).join(cited, on=[f"news_{name}" for name in LINE])
    return found.filter((pl.col("stands_yen") > 0) & (pl.col("cited_no") != pl.col(_DEBT)))


def _parts(rows: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """The lines of each letter, (debt_no, what, cited_no, month, how, open_yen): their yen add up to what is owed."""
    paid = rows.select(
        _DEBT, pl.col("paid_no").alias("cited_no"), pl.col("paid_month").alias("month"),
        pl.col("how_paid").alias("how"), pl.col("paid_yen").alias("open_yen"),
    )  # fmt: skip
    right = rows.select(
        _DEBT, pl.col(_DEBT).alias("cited_no"), pl.col("since_month").alias("month"), pl.col("reason").alias("how"),
        (-pl.col("right_yen")).alias("open_yen"),
    )  # fmt: skip
    offset = evidence.offsets.join(rows, on=_DEBT, how="semi").select(
        _DEBT, pl.col("decision_no").alias("cited_no"), pl.col("decided_month").alias("month"),
        pl.lit("この判定の支給から差引き").alias("how"), (-pl.col("offset_yen")).alias("open_yen"),
    )  # fmt: skip
    named = {_PAID: paid, _TWIN: _twins(rows, evidence.decisions).select(paid.columns), _RIGHT: right, _OFFSET: offset}
    return pl.concat(part.with_columns(pl.lit(name).alias("what")) for name, part in named.items())


def letters_of_debts(
    claims: pl.DataFrame, debtors: pl.DataFrame, evidence: Evidence, sentences: pl.DataFrame, due: date, month: date
) -> pl.DataFrame:
    """One letter per debt claimed this month, numbered DE-month-beneficiary-nth; `proved` where what was paid is on
    record."""
    rows = _with_payments(claims, evidence, sentences)
    parts = _parts(rows, evidence).sort("month", maintain_order=True)
    lists = parts.group_by(_DEBT, maintain_order=True).agg(pl.struct(_PART).alias("details"))
    found = debtors.join(rows, on=_PEOPLE).join(lists, on=_DEBT)
    nth = pl.col(_DEBT).rank("ordinal").over("recipient_no").cast(pl.String).str.zfill(2)
    number = pl.format("DE-{}-{}-{}", pl.lit(f"{month:%Y%m}"), "recipient_no", nth)
    return found.with_columns(number.alias("document_no"), pl.lit(due).alias("due_date")).sort("document_no")


def unproved_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """The letters that may not be sent because the record of the payment falls short, as WITHHELD rows."""
    return frame.filter(~pl.col("proved")).select(
        "document_no", pl.lit("debt").alias("kind"), _CHILD, pl.lit(UNPROVED).alias("reason")
    )
