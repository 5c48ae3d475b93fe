"""What the bank answered up to a month's last night, as equations. Pure.

Belongs here: each line, in the ledger, in its journal, of each payment, and what became of those that came back. Does
not belong here: the other equations (rules.py).
"""

from __future__ import annotations

import polars as pl

from assets.certificate.frames import Frames, keyed, term
from assets.months import last_day
from reports.certificate.equation import Equation
from resources.ledger_attempts import AFTER_RETURN

_DONE, _ANSWERED = "0", ["paid", "returned", "recalled"]
_ANSWER = ["payment_no", "value_date", "result"]


def answers(frames: Frames) -> list[Equation]:
    """What the bank answered up to this month's last night: each line, in the ledger, in its journal, of each payment,
    and what became of those that came back."""
    ever = pl.concat([frames.entered_before, frames.entered])
    is_back = pl.col("result") != _DONE
    back = ever.filter(is_back).unique("payment_no", keep="last", maintain_order=True)
    paid = ever.filter(~is_back).unique("payment_no", keep="last", maintain_order=True)
    paid = paid.join(back, on="payment_no", how="anti")
    known = [_arrived(frames), _recorded(frames, ever), _moved(frames, ever)]
    return [*known, _answered(frames, paid, back), _returned(frames, back)]


def _arrived(frames: Frames) -> Equation:
    """Each line of the bank that was accepted is entered or with a person."""
    line, amount = keyed("delivery", "line_no"), pl.col("amount_yen")
    left = term("届いた振込結果", frames.accepted["bank_results"], line, amount)
    right = (
        term("台帳に入力", frames.entered, line, amount),
        term("職員が調べるもの", frames.work, line, amount),
    )
    return Equation("results", "届いた振込結果 = 台帳に入力 + 職員が調べるもの", (left,), right)


def _recorded(frames: Frames, ever: pl.DataFrame) -> Equation:
    """Each answer entered up to this month is once in the ledger, which holds no other but those of later nights."""
    orders = frames.ledger.select("payment_no", "amount_yen")
    held = _without_later(frames.results, ever, frames.entered_after, _ANSWER).join(orders, on="payment_no", how="left")
    key, amount = keyed("payment_no", "result", "value_date"), pl.col("amount_yen").fill_null(0)
    left = term("この月までに入力した振込結果", ever.unique(_ANSWER, keep="last", maintain_order=True), key, amount)
    right = term("台帳の振込結果", held, key, amount)
    return Equation("recorded", "この月までに入力した振込結果 = 台帳の振込結果", (left,), (right,))


def _moved(frames: Frames, ever: pl.DataFrame) -> Equation:
    """Each answer up to this month moved the amount of its order once, and nothing but later answers moved another."""
    moved = ["payment_no", "back"]
    is_back = (pl.col("result") != _DONE).alias("back")
    told = ever.select("payment_no", is_back).unique(maintain_order=True)
    orders = frames.ledger.select("payment_no", "amount_yen")
    booked = frames.journal.filter(pl.col("event").is_in(_ANSWERED)).select(
        pl.col("reference").alias("payment_no"), (pl.col("event") != "paid").alias("back"), "amount_yen"
    )
    booked = _without_later(booked, told, frames.entered_after.with_columns(is_back), moved)
    told = told.join(orders, on="payment_no", how="left", maintain_order="left")
    key = pl.concat_str("payment_no", pl.when("back").then(pl.lit("戻り")).otherwise(pl.lit("振込済")), separator="/")
    left = term("この月までの振込結果", told, key, pl.col("amount_yen").fill_null(0))
    right = term("仕訳帳の振込済・戻り", booked, key, pl.col("amount_yen"))
    return Equation("moved", "この月までの振込結果 = 仕訳帳の振込済・戻り", (left,), (right,))


def _without_later(held: pl.DataFrame, known: pl.DataFrame, later: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """What the ledger holds without what only a later night told."""
    return held.join(later.join(known, on=key, how="anti"), on=key, how="anti")


def _answered(frames: Frames, paid: pl.DataFrame, back: pl.DataFrame) -> Equation:
    """Orders filed for a day up to this month's last = paid + came back + still open, in the bank's own yen."""
    number, amount = pl.col("payment_no"), pl.col("amount_yen")
    answered = pl.concat([paid, back]).select("payment_no")
    due = pl.col("value_date") <= last_day(frames.month)
    sent = frames.sent.filter(due | number.is_in(answered["payment_no"].implode()))
    still = frames.ledger.join(sent, on="payment_no", how="semi").join(answered, on="payment_no", how="anti")
    right = (
        term("振込済", paid, number, amount),
        term("銀行から戻ったもの", back, number, amount),
        term("結果を待つもの", still, number, amount),
    )
    left = (term("この月までの日に振り込むもの", sent, number, amount),)
    label = "振込データにある支払命令 = 振込済 + 銀行から戻ったもの + 結果を待つもの"
    return Equation("answered", label, left, right)


def _returned(frames: Frames, back: pl.DataFrame) -> Equation:
    """What came back is ordered again, or its guardian was asked for an account, or a person looks into it."""
    number, amount = pl.col("payment_no"), pl.col("amount_yen")
    orders = frames.ledger.select("payment_no", "amount_yen")
    again = frames.ledger.filter((pl.col("attempt") > 1) & (pl.col("decided_month") <= frames.month))
    again = again.select(pl.col("replaces_no").alias("payment_no"), "amount_yen")
    again = again.join(frames.lapsed, on="payment_no", how="anti")
    asked = frames.asked.select(pl.col("subject_key").alias("payment_no"))
    asked = asked.join(again, on="payment_no", how="anti").join(orders, on="payment_no", how="left")
    doubts = pl.concat([frames.work_before, frames.work]).filter(pl.col("trouble") == AFTER_RETURN)
    doubted = back.join(doubts, on="payment_no", how="semi")
    for other in (again, asked):
        doubted = doubted.join(other, on="payment_no", how="anti")
    doubted = doubted.select("payment_no").join(orders, on="payment_no", how="left")
    right = (
        term("出し直したもの", again, number, amount),
        term("口座の回答を待つもの", asked, number, amount.fill_null(0)),
        term("職員が調べるもの", doubted, number, amount.fill_null(0)),
    )
    label = "銀行から戻ったもの = 出し直したもの + 口座の回答を待つもの + 職員が調べるもの"
    return Equation("returned", label, (term("銀行から戻ったもの", back, number, amount),), right)
