"""The equations of a month: what came in, was decided, ordered, filed and answered, each from its own table. Pure.

Belongs here: which rows are on which side. Does not belong here: deciding anything, adding up and signing
(reports/certificate).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.demands.rules import KEY, judged, never_settled, standing
from assets.months import last_day
from reports.certificate.equation import Equation, Term
from resources.ledger_attempts import AFTER_RETURN
from schemas.records.certificate import CERTIFICATE
from schemas.records.feeds import CONTROL_YEN, FEEDS

_LINE = ("feed", "delivery", "line_no")
_PAID, _REFUSED, _CHANGED, _HELD = "1", "2", "3", "4"
_DONE, _ANSWERED = "0", ["paid", "returned", "recalled"]
_ANSWER = ["payment_no", "value_date", "result"]
_NO_YEN = pl.lit(0, dtype=pl.Int64)
_ONE = pl.lit(1, dtype=pl.Int64)
_DECISION = pl.col("decision_no")
_SUBJECT = pl.concat_str("subject_kind", "subject_key", separator=":")


@dataclass(frozen=True)
class Frames:
    """The tables of a month. `delivered`: feed, delivery, rows, yen as the senders stated them; accepted, refused:
    by feed; `open_before`: feed, delivery, line_no, yen of what waited; `trailers`: batch_no, orders, total_yen read
    from the bank files; `members`: batch_no, payment_no, amount_yen; `filed`: BANK_FILES of the months up to this one
    that stood at its end, `sent` the orders of their batches; `handed_over`: batch_no, value_date of all that the
    ledger says were handed over; `entered`, `work`: the bank's answers of the month's nights as entered or kept for a
    person, with all earlier nights in `…_before` and all later ones in `entered_after`; `lapsed`: payment_no of orders
    that no file carried and that were ordered again; `asked`: LETTERS about accounts
    up to this month; `results`, `journal`: of the ledger, whenever they came."""

    month: date
    value_date: date
    delivered: pl.DataFrame
    accepted: Mapping[str, pl.DataFrame]
    refused: Mapping[str, pl.DataFrame]
    open_before: pl.DataFrame
    reopened: pl.DataFrame
    decisions: pl.DataFrame
    steps: pl.DataFrame
    differences: pl.DataFrame
    offsets: pl.DataFrame
    payables: pl.DataFrame
    debts: pl.DataFrame
    debts_before: pl.DataFrame
    orders: pl.DataFrame
    orders_before: pl.DataFrame
    ledger: pl.DataFrame
    preflight: pl.DataFrame
    bank_files: pl.DataFrame
    trailers: pl.DataFrame
    members: pl.DataFrame
    filed: pl.DataFrame
    sent: pl.DataFrame
    handed_over: pl.DataFrame
    lapsed: pl.DataFrame
    results: pl.DataFrame
    receipts_open: pl.DataFrame
    demand_lines: pl.DataFrame
    demand_differences: pl.DataFrame
    journal: pl.DataFrame
    entered: pl.DataFrame
    entered_before: pl.DataFrame
    entered_after: pl.DataFrame
    work: pl.DataFrame
    work_before: pl.DataFrame
    asked: pl.DataFrame


def equations(frames: Frames) -> list[Equation]:
    """Every equation of the month, in the order money flows."""
    return [
        *_feeds(frames),
        *_decided(frames),
        *_settled(frames),
        *_ordered(frames),
        *_filed(frames),
        *_answers(frames),
        *_demanded(frames),
    ]


def told(found: list[Equation]) -> pl.DataFrame:
    """CERTIFICATE of the equations."""
    rows = []
    for each in found:
        broken = each.broken()
        left, right = each.left, each.right
        sums = (_sum(left, "rows"), _sum(left, "yen"), _sum(right, "rows"), _sum(right, "yen"))
        rows.append((each.name, each.label, *sums, len(broken), broken[0][0] if broken else None))
    return pl.DataFrame(rows, schema=CERTIFICATE.schema, orient="row")


def _sum(terms: tuple[Term, ...], what: str) -> int:
    return sum(getattr(term, what) for term in terms)


def _term(label: str, frame: pl.DataFrame, key: pl.Expr, yen: pl.Expr, rows: pl.Expr = _ONE) -> Term:
    entries = frame.select(key.cast(pl.String).alias("key"), rows.alias("rows"), yen.cast(pl.Int64).alias("yen"))
    return Term(label, tuple(entries.sort("key", "rows", "yen").iter_rows()))


def _keyed(*columns: str) -> pl.Expr:
    return pl.concat_str(*columns, separator="/")


def _feeds(frames: Frames) -> list[Equation]:
    """Per feed: what the senders stated = accepted + refused, by delivery."""
    found = []
    for feed, rows in frames.accepted.items():
        yen = pl.sum_horizontal(_NO_YEN, *(pl.col(name).fill_null(0) for name in CONTROL_YEN.get(feed, ())))
        taken = rows.group_by("delivery").agg(pl.len().cast(pl.Int64).alias("rows"), yen.sum().alias("yen"))
        lines = frames.refused[feed].group_by("delivery", "line_no").agg(pl.col("yen").sum())
        turned = lines.group_by("delivery").agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("yen").sum())
        stated = frames.delivered.filter(pl.col("feed") == feed)
        left, *right = (
            _term(label, part, pl.col("delivery"), pl.col("yen"), pl.col("rows"))
            for label, part in (("送付票", stated), ("受理", taken), ("拒否", turned))
        )
        found.append(Equation(f"feed_{feed}", f"{FEEDS[feed].label}: 送付票 = 受理 + 拒否", (left,), tuple(right)))
    return found


def _decided(frames: Frames) -> list[Equation]:
    mine = frames.decisions.filter(pl.col("decided_month") == frames.month)
    return [_lines(frames, mine), _outcomes(frames, mine), _steps(frames, mine)]


def _lines(frames: Frames, mine: pl.DataFrame) -> Equation:
    """Each line that arrived, waited or is looked at again has exactly one decision that stands, on its demand."""
    key, waiting, again = _keyed(*_LINE), frames.open_before, frames.reopened.filter(pl.col("judgement") != _HELD)
    arrived = [
        _term(label, frames.accepted[feed], pl.concat_str(pl.lit(feed), "delivery", "line_no", separator="/"), demand)
        for feed, label, demand in (
            ("receipts", "届いたレセプト", pl.col("rcpt_public_expense_yen")),
            ("claims", "届いた支給申請", pl.col("partial_payment_yen")),
        )
    ]
    left = (
        *arrived,
        _term("前月からの保留", waiting, key, pl.col("yen")),
        _term("判定し直す行", again, key, pl.col("demand_yen")),
    )
    right = (
        _term("この月の判定", mine, key, pl.col("demand_yen")),
        _term("変わらない判定", again.join(mine, on=_LINE, how="anti"), key, pl.col("demand_yen")),
    )
    return Equation("lines", "どの行にも、その請求額についての判定がちょうど1つある", left, right)


def _outcomes(frames: Frames, mine: pl.DataFrame) -> Equation:
    """Demand = paid + not borne + refused + changed + held."""
    paid = mine.filter(pl.col("judgement") == _PAID)
    claims = paid.filter(pl.col("subject") == "claim").select("decision_no")
    valued = frames.steps.filter(pl.col("yen").is_not_null()).sort("decision_no", "step_no")
    less = valued.join(claims, on="decision_no", how="semi").filter(
        pl.int_range(pl.len()).over("decision_no") > 0
    )  # fmt: skip
    rest = [
        _term(label, mine.filter(pl.col("judgement") == judgement), _DECISION, pl.col("demand_yen"))
        for label, judgement in (("不支給", _REFUSED), ("返戻・増減", _CHANGED), ("保留", _HELD))
    ]
    right = (
        _term("支給", paid, _DECISION, pl.col("amount_yen")),
        _term("支給しない部分", less, _DECISION, -pl.col("yen"), _NO_YEN),
        *rest,
    )
    left = _term("請求", mine, _DECISION, pl.col("demand_yen"))
    return Equation("outcomes", "請求 = 支給 + 支給しない部分 + 不支給 + 返戻・増減 + 保留", (left,), right)


def _steps(frames: Frames, mine: pl.DataFrame) -> Equation:
    """Every decision has a first step, and its amount is the sum of its steps."""
    first = (pl.col("step_no") == 1).cast(pl.Int64)
    left = _term("支給額", mine, _DECISION, pl.col("amount_yen"))
    right = _term("根拠の和", frames.steps, _DECISION, pl.col("yen").fill_null(0), first)
    return Equation("steps", "支給額 = 根拠の和", (left,), (right,))


def _settled(frames: Frames) -> list[Equation]:
    return [_differences(frames), _payables(frames), _debts(frames)]


def _differences(frames: Frames) -> Equation:
    """What was decided = what was settled before + the difference, but for receipts demanded the first time."""
    stood = frames.reopened.select(*_LINE, "paid", "settled_yen")
    final = frames.decisions.filter(
        (pl.col("decided_month") == frames.month) & (pl.col("judgement") != _HELD)
    ).join(stood, on=_LINE, how="left")  # fmt: skip
    final = final.with_columns(pl.col("settled_yen").fill_null(0), pl.col("paid").fill_null("0"))
    first = (pl.col("subject") == "receipt") & (pl.col("reason") == "P0") & (pl.col("paid") != "1")
    same = ~first & (pl.col("amount_yen") == pl.col("settled_yen"))
    mine = frames.differences.filter(pl.col("decided_month") == frames.month)
    amount, settled = pl.col("amount_yen"), pl.col("settled_yen")
    right = (
        _term("すでに決めた額", final, _DECISION, settled, _NO_YEN),
        _term("差額", mine, _DECISION, pl.col("difference_yen")),
        _term("審査支払機関の請求による支給", final.filter(first), _DECISION, amount - settled),
        _term("額の変わらない判定", final.filter(same), _DECISION, _NO_YEN),
    )
    left = (_term("保留でない判定", final, _DECISION, amount),)
    return Equation("differences", "決めた額 = すでに決めた額 + 差額 + 審査支払機関の請求", left, right)


def _payables(frames: Frames) -> Equation:
    due = frames.differences.filter((pl.col("difference_yen") > 0) & (pl.col("counterpart") == "1"))
    payables = frames.payables.filter(pl.col("decided_month") == frames.month)
    offsets = frames.offsets.filter(pl.col("decided_month") == frames.month)
    right = (
        _term("支払う額", payables, _DECISION, pl.col("payable_yen")),
        _term("相殺", offsets, _DECISION, pl.col("offset_yen"), _NO_YEN),
    )
    left = (_term("保護者へ支払う差額", due, _DECISION, pl.col("difference_yen")),)
    return Equation("payables", "保護者へ支払う差額 = 支払う額 + 相殺", left, right)


def _debts(frames: Frames) -> Equation:
    back = frames.differences.filter((pl.col("difference_yen") < 0) & (pl.col("counterpart") == "1"))
    still = frames.debts_before.filter(pl.col("open_yen") > 0)
    debt = pl.col("debt_no")
    left = (
        _term("この月に生じた返還", back, _DECISION, -pl.col("difference_yen")),
        _term("前月からの返還", still, debt, pl.col("open_yen")),
    )
    right = (
        _term("残っている返還", frames.debts, debt, pl.col("open_yen")),
        _term("相殺", frames.offsets, debt, pl.col("offset_yen"), _NO_YEN),
    )
    return Equation("debts", "返還 = 残っている返還 + 相殺", left, right)


def _ordered(frames: Frames) -> list[Equation]:
    """What is payable is ordered, in the ledger and in the table, and never before."""
    paid = frames.payables.filter((pl.col("decided_month") == frames.month) & (pl.col("payable_yen") > 0))
    payable = _term("支払う額", paid, _SUBJECT, pl.col("payable_yen"))
    amount, number = pl.col("amount_yen"), pl.col("payment_no")
    decided = pl.col("decided_month")
    entered, entered_before = (frames.ledger.filter(when) for when in (decided == frames.month, decided < frames.month))
    told_now = frames.orders.filter(pl.col("decided_month") == frames.month)
    first = pl.col("attempt") == 1
    ever = frames.ledger.filter(first).join(paid, on=["subject_kind", "subject_key"], how="semi")
    before = frames.orders_before.filter(first).join(frames.orders.filter(first), on="subject_key", how="semi")
    subject = pl.col("subject_key")
    return [
        Equation(
            "ordered",
            "支払う額 = 台帳のこの月の1回目の支払命令",
            (payable,),
            (_term("台帳の1回目の支払命令", entered.filter(first), _SUBJECT, amount),),
        ),
        Equation(
            "orders",
            "支払命令の表 = 台帳のこの月の支払命令",
            (_term("支払命令の表", told_now, number, amount),),
            (_term("台帳の支払命令", entered, number, amount),),
        ),
        Equation(
            "orders_before",
            "前の月までの支払命令の表 = 台帳の前の月までの支払命令",
            (_term("前の月までの支払命令の表", frames.orders_before, _keyed("payment_no", "decided_month"), amount),),
            (_term("台帳の支払命令", entered_before, _keyed("payment_no", "decided_month"), amount),),
        ),
        _owed(frames),
        Equation(
            "once_in_the_ledger",
            "支払う額は、台帳のすべての月を通じて1度だけ命令されている(戻った支払の出し直しを除く)",
            (payable,),
            (_term("同じ対象の全期間の1回目の支払命令", ever, _SUBJECT, amount),),
        ),
        Equation(
            "once_over_months",
            "この月に1回目を命令した対象は、前の月までに命令されていない",
            (_term("支払う額", paid, subject, pl.col("payable_yen")),),
            (
                _term("この月の1回目の支払命令", told_now.filter(first), subject, amount),
                _term("前の月までの同じ対象の支払命令", before, subject, amount),
            ),
        ),
    ]


def _owed(frames: Frames) -> Equation:
    """Each first order up to this month is owed once in the journal, where only later orders are owed besides."""
    first = frames.ledger.filter(pl.col("attempt") == 1)
    until = pl.col("decided_month") <= frames.month
    later = first.filter(~until).select(pl.col("payment_no").alias("reference"))
    booked = frames.journal.filter(pl.col("event") == "decided").join(later, on="reference", how="anti")
    left = _term("この月までの1回目の支払命令", first.filter(until), pl.col("payment_no"), pl.col("amount_yen"))
    right = _term("仕訳帳の支払の決定", booked, pl.col("reference"), pl.col("amount_yen"))
    return Equation("owed", "この月までの1回目の支払命令 = 仕訳帳の支払の決定", (left,), (right,))


def _filed(frames: Frames) -> list[Equation]:
    """Trailer = table = batch; orders of the day = in the batch + held back by the pre-flight."""
    amount, number, batch = pl.col("amount_yen"), pl.col("payment_no"), pl.col("batch_no")
    counted = (pl.col("total_yen"), pl.col("orders"))
    mine = frames.bank_files.filter(pl.col("value_date") == frames.value_date)
    filed = _term("振込データの表", mine, batch, *counted)
    due = frames.ledger.filter(pl.col("value_date") == frames.value_date)
    faulty = frames.preflight.filter(pl.col("severity") == "error")
    loose = due.join(frames.members, on="payment_no", how="anti").join(faulty, on="payment_no", how="semi")
    missed = due.join(frames.lapsed, on="payment_no", how="semi")
    for other in (frames.members, loose):
        missed = missed.join(other, on="payment_no", how="anti")
    return [
        Equation(
            "trailer",
            "振込データのトレーラ = 振込データの表",
            (_term("トレーラ", frames.trailers, batch, *counted),),
            (filed,),
        ),
        Equation(
            "batch",
            "振込データの表 = 台帳の束",
            (filed,),
            (_term("台帳の束の支払命令", frames.members, batch, amount),),
        ),
        Equation(
            "batches",
            "この月までの振込データの表 = 台帳のそれらの束",
            (_term("この月までの振込データの表", frames.filed, batch, *counted),),
            (_term("台帳の束の支払命令", frames.sent, batch, amount),),
        ),
        _handed_over(frames),
        Equation(
            "due",
            "振込指定日の支払命令 = 束にあるもの + 点検で止めたもの + 取り下げ、日を過ぎて出し直したもの",
            (_term("振込指定日の支払命令", due, number, amount),),
            (
                _term("束にあるもの", frames.members, number, amount),
                _term("点検で止めたもの", loose, number, amount),
                _term("取り下げ、日を過ぎて出し直したもの", missed, number, amount),
            ),
        ),
    ]


def _handed_over(frames: Frames) -> Equation:
    """Each file for a day up to this month's last that was handed over is in the journal once, with all of its yen, and
    only files for later days are there besides."""
    due = pl.col("value_date") <= last_day(frames.month)
    gone = frames.filed.filter(due).join(frames.handed_over, on="batch_no", how="semi")
    later = frames.handed_over.filter(~due).select(pl.col("batch_no").alias("reference"))
    booked = frames.journal.filter(pl.col("event") == "released").join(later, on="reference", how="anti")
    left = _term("この月までの日に引き渡した振込データ", gone, pl.col("batch_no"), pl.col("total_yen"))
    right = _term("仕訳帳の引渡し", booked, pl.col("reference"), pl.col("amount_yen"))
    return Equation("handed_over", "この月までの日に引き渡した振込データ = 仕訳帳の引渡し", (left,), (right,))


def _answers(frames: Frames) -> list[Equation]:
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
    line, amount = _keyed("delivery", "line_no"), pl.col("amount_yen")
    left = _term("届いた振込結果", frames.accepted["bank_results"], line, amount)
    right = (
        _term("台帳に入力", frames.entered, line, amount),
        _term("職員が調べるもの", frames.work, line, amount),
    )
    return Equation("results", "届いた振込結果 = 台帳に入力 + 職員が調べるもの", (left,), right)


def _recorded(frames: Frames, ever: pl.DataFrame) -> Equation:
    """Each answer entered up to this month is once in the ledger, which holds no other but those of later nights."""
    orders = frames.ledger.select("payment_no", "amount_yen")
    held = _without_later(frames.results, ever, frames.entered_after, _ANSWER).join(orders, on="payment_no", how="left")
    key, amount = _keyed("payment_no", "result", "value_date"), pl.col("amount_yen").fill_null(0)
    left = _term("この月までに入力した振込結果", ever.unique(_ANSWER, keep="last", maintain_order=True), key, amount)
    right = _term("台帳の振込結果", held, key, amount)
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
    left = _term("この月までの振込結果", told, key, pl.col("amount_yen").fill_null(0))
    right = _term("仕訳帳の振込済・戻り", booked, key, pl.col("amount_yen"))
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
        _term("振込済", paid, number, amount),
        _term("銀行から戻ったもの", back, number, amount),
        _term("結果を待つもの", still, number, amount),
    )
    left = (_term("この月までの日に振り込むもの", sent, number, amount),)
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
        _term("出し直したもの", again, number, amount),
        _term("口座の回答を待つもの", asked, number, amount.fill_null(0)),
        _term("職員が調べるもの", doubted, number, amount.fill_null(0)),
    )
    label = "銀行から戻ったもの = 出し直したもの + 口座の回答を待つもの + 職員が調べるもの"
    return Equation("returned", label, (_term("銀行から戻ったもの", back, number, amount),), right)


def _demanded(frames: Frames) -> list[Equation]:
    """Line by line: what the reviewing bodies demand, now or before = what was decided now + the differences."""
    line = _keyed(*KEY)
    demands, told = standing(frames.accepted["review_body_demands"]), frames.demand_differences
    waiting = judged(never_settled(frames.receipts_open, frames.reopened), frames.decisions)
    came = pl.concat([judged(frames.accepted["receipts"], frames.decisions), waiting])
    receipts, fee = pl.col("receipts"), pl.col("fee_yen")
    difference, fee_difference = pl.col("difference_yen"), pl.col("fee_difference_yen")
    return [
        Equation(
            "demanded",
            "審査支払機関の請求 + 前月からの保留 = レセプトの判定 + 違い",
            (
                _term("請求", demands, line, pl.col("amount_yen"), receipts),
                _term("前月からの保留", waiting, line, pl.col("accepted_yen")),
            ),
            (
                _term("レセプトの判定", came, line, pl.col("amount_yen").fill_null(0)),
                _term("違い", told, line, difference, receipts),
            ),
        ),
        Equation(
            "demanded_fees",
            "審査支払手数料の請求 = 受理した件数による手数料 + 違い",
            (_term("請求の手数料", demands, line, fee, _NO_YEN),),
            (
                _term("受理した件数による手数料", frames.demand_lines, line, pl.col("fee_due_yen"), _NO_YEN),
                _term("違い", told, line, fee_difference, _NO_YEN),
            ),
        ),
    ]
