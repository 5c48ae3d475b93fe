"""The equations of a month: what came in, was decided, ordered, filed and answered, each from its own table. Pure.

Belongs here: which rows are on which side. Does not belong here: the bank's answers (answers.py), deciding anything,
adding up and signing (reports/certificate).
"""

from __future__ import annotations

import polars as pl

from assets.certificate.answers import answers
from assets.certificate.frames import NO_YEN, Frames, keyed, term
from assets.demands.rules import KEY, judged, never_settled, standing
from assets.months import last_day
from reports.certificate.equation import Equation, Term
from schemas.records.certificate import CERTIFICATE
from schemas.records.feeds import CONTROL_YEN, FEEDS

_LINE = ("feed", "delivery", "line_no")
_PAID, _REFUSED, _CHANGED, _HELD = "1", "2", "3", "4"
_DECISION = pl.col("decision_no")
_SUBJECT = pl.concat_str("subject_kind", "subject_key", separator=":")


def equations(frames: Frames) -> list[Equation]:
    """Every equation of the month, in the order money flows."""
    return [
        *_feeds(frames),
        *_decided(frames),
        *_settled(frames),
        *_ordered(frames),
        *_filed(frames),
        *answers(frames),
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


def _feeds(frames: Frames) -> list[Equation]:
    """Per feed: what the senders stated = accepted + refused, by delivery."""
    found = []
    for feed, rows in frames.accepted.items():
        yen = pl.sum_horizontal(NO_YEN, *(pl.col(name).fill_null(0) for name in CONTROL_YEN.get(feed, ())))
        taken = rows.group_by("delivery").agg(pl.len().cast(pl.Int64).alias("rows"), yen.sum().alias("yen"))
        lines = frames.refused[feed].group_by("delivery", "line_no").agg(pl.col("yen").sum())
        turned = lines.group_by("delivery").agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("yen").sum())
        stated = frames.delivered.filter(pl.col("feed") == feed)
        left, *right = (
            term(label, part, pl.col("delivery"), pl.col("yen"), pl.col("rows"))
            for label, part in (("送付票", stated), ("受理", taken), ("拒否", turned))
        )
        found.append(Equation(f"feed_{feed}", f"{FEEDS[feed].label}: 送付票 = 受理 + 拒否", (left,), tuple(right)))
    return found


def _decided(frames: Frames) -> list[Equation]:
    mine = frames.decisions.filter(pl.col("decided_month") == frames.month)
    return [_lines(frames, mine), _outcomes(frames, mine), _steps(frames, mine)]


def _lines(frames: Frames, mine: pl.DataFrame) -> Equation:
    """Each line that arrived, waited or is looked at again has exactly one decision that stands, on its demand."""
    key, waiting, again = keyed(*_LINE), frames.open_before, frames.reopened.filter(pl.col("judgement") != _HELD)
    arrived = [
        term(label, frames.accepted[feed], pl.concat_str(pl.lit(feed), "delivery", "line_no", separator="/"), demand)
        for feed, label, demand in (
            ("receipts", "届いたレセプト", pl.col("rcpt_public_expense_yen")),
            ("claims", "届いた支給申請", pl.col("partial_payment_yen")),
        )
    ]
    left = (
        *arrived,
        term("前月からの保留", waiting, key, pl.col("yen")),
        term("判定し直す行", again, key, pl.col("demand_yen")),
    )
    right = (
        term("この月の判定", mine, key, pl.col("demand_yen")),
        term("変わらない判定", again.join(mine, on=_LINE, how="anti"), key, pl.col("demand_yen")),
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
        term(label, mine.filter(pl.col("judgement") == judgement), _DECISION, pl.col("demand_yen"))
        for label, judgement in (("不支給", _REFUSED), ("返戻・増減", _CHANGED), ("保留", _HELD))
    ]
    right = (
        term("支給", paid, _DECISION, pl.col("amount_yen")),
        term("支給しない部分", less, _DECISION, -pl.col("yen"), NO_YEN),
        *rest,
    )
    left = term("請求", mine, _DECISION, pl.col("demand_yen"))
    return Equation("outcomes", "請求 = 支給 + 支給しない部分 + 不支給 + 返戻・増減 + 保留", (left,), right)


def _steps(frames: Frames, mine: pl.DataFrame) -> Equation:
    """Every decision has a first step, and its amount is the sum of its steps."""
    first = (pl.col("step_no") == 1).cast(pl.Int64)
    left = term("支給額", mine, _DECISION, pl.col("amount_yen"))
    right = term("根拠の和", frames.steps, _DECISION, pl.col("yen").fill_null(0), first)
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
        term("すでに決めた額", final, _DECISION, settled, NO_YEN),
        term("差額", mine, _DECISION, pl.col("difference_yen")),
        term("審査支払機関の請求による支給", final.filter(first), _DECISION, amount - settled),
        term("額の変わらない判定", final.filter(same), _DECISION, NO_YEN),
    )
    left = (term("保留でない判定", final, _DECISION, amount),)
    return Equation("differences", "決めた額 = すでに決めた額 + 差額 + 審査支払機関の請求", left, right)


def _payables(frames: Frames) -> Equation:
    due = frames.differences.filter((pl.col("difference_yen") > 0) & (pl.col("counterpart") == "1"))
    payables = frames.payables.filter(pl.col("decided_month") == frames.month)
    offsets = frames.offsets.filter(pl.col("decided_month") == frames.month)
    right = (
        term("支払う額", payables, _DECISION, pl.col("payable_yen")),
        term("相殺", offsets, _DECISION, pl.col("offset_yen"), NO_YEN),
    )
    left = (term("保護者へ支払う差額", due, _DECISION, pl.col("difference_yen")),)
    return Equation("payables", "保護者へ支払う差額 = 支払う額 + 相殺", left, right)


def _debts(frames: Frames) -> Equation:
    back = frames.differences.filter((pl.col("difference_yen") < 0) & (pl.col("counterpart") == "1"))
    still = frames.debts_before.filter(pl.col("open_yen") > 0)
    debt = pl.col("debt_no")
    left = (
        term("この月に生じた返還", back, _DECISION, -pl.col("difference_yen")),
        term("前月からの返還", still, debt, pl.col("open_yen")),
    )
    right = (
        term("残っている返還", frames.debts, debt, pl.col("open_yen")),
        term("相殺", frames.offsets, debt, pl.col("offset_yen"), NO_YEN),
    )
    return Equation("debts", "返還 = 残っている返還 + 相殺", left, right)


def _ordered(frames: Frames) -> list[Equation]:
    """What is payable is ordered, in the ledger and in the table, and never before."""
    paid = frames.payables.filter((pl.col("decided_month") == frames.month) & (pl.col("payable_yen") > 0))
    payable = term("支払う額", paid, _SUBJECT, pl.col("payable_yen"))
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
            (term("台帳の1回目の支払命令", entered.filter(first), _SUBJECT, amount),),
        ),
        Equation(
            "orders",
            "支払命令の表 = 台帳のこの月の支払命令",
            (term("支払命令の表", told_now, number, amount),),
            (term("台帳の支払命令", entered, number, amount),),
        ),
        Equation(
            "orders_before",
            "前の月までの支払命令の表 = 台帳の前の月までの支払命令",
            (term("前の月までの支払命令の表", frames.orders_before, keyed("payment_no", "decided_month"), amount),),
            (term("台帳の支払命令", entered_before, keyed("payment_no", "decided_month"), amount),),
        ),
        _owed(frames),
        Equation(
            "once_in_the_ledger",
            "支払う額は、台帳のすべての月を通じて1度だけ命令されている(戻った支払の出し直しを除く)",
            (payable,),
            (term("同じ対象の全期間の1回目の支払命令", ever, _SUBJECT, amount),),
        ),
        Equation(
            "once_over_months",
            "この月に1回目を命令した対象は、前の月までに命令されていない",
            (term("支払う額", paid, subject, pl.col("payable_yen")),),
            (
                term("この月の1回目の支払命令", told_now.filter(first), subject, amount),
                term("前の月までの同じ対象の支払命令", before, subject, amount),
            ),
        ),
    ]


def _owed(frames: Frames) -> Equation:
    """Each first order up to this month is owed once in the journal, where only later orders are owed besides."""
    first = frames.ledger.filter(pl.col("attempt") == 1)
    until = pl.col("decided_month") <= frames.month
    later = first.filter(~until).select(pl.col("payment_no").alias("reference"))
    booked = frames.journal.filter(pl.col("event") == "decided").join(later, on="reference", how="anti")
    left = term("この月までの1回目の支払命令", first.filter(until), pl.col("payment_no"), pl.col("amount_yen"))
    right = term("仕訳帳の支払の決定", booked, pl.col("reference"), pl.col("amount_yen"))
    return Equation("owed", "この月までの1回目の支払命令 = 仕訳帳の支払の決定", (left,), (right,))


def _filed(frames: Frames) -> list[Equation]:
    """Trailer = table = batch; orders of the day = in the batch + held back by the pre-flight."""
    amount, number, batch = pl.col("amount_yen"), pl.col("payment_no"), pl.col("batch_no")
    counted = (pl.col("total_yen"), pl.col("orders"))
    mine = frames.bank_files.filter(pl.col("value_date") == frames.value_date)
    filed = term("振込データの表", mine, batch, *counted)
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
            (term("トレーラ", frames.trailers, batch, *counted),),
            (filed,),
        ),
        Equation(
            "batch",
            "振込データの表 = 台帳の束",
            (filed,),
            (term("台帳の束の支払命令", frames.members, batch, amount),),
        ),
        Equation(
            "batches",
            "この月までの振込データの表 = 台帳のそれらの束",
            (term("この月までの振込データの表", frames.filed, batch, *counted),),
            (term("台帳の束の支払命令", frames.sent, batch, amount),),
        ),
        _handed_over(frames),
        Equation(
            "due",
            "振込指定日の支払命令 = 束にあるもの + 点検で止めたもの + 取り下げ、日を過ぎて出し直したもの",
            (term("振込指定日の支払命令", due, number, amount),),
            (
                term("束にあるもの", frames.members, number, amount),
                term("点検で止めたもの", loose, number, amount),
                term("取り下げ、日を過ぎて出し直したもの", missed, number, amount),
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
    left = term("この月までの日に引き渡した振込データ", gone, pl.col("batch_no"), pl.col("total_yen"))
    right = term("仕訳帳の引渡し", booked, pl.col("reference"), pl.col("amount_yen"))
    return Equation("handed_over", "この月までの日に引き渡した振込データ = 仕訳帳の引渡し", (left,), (right,))


def _demanded(frames: Frames) -> list[Equation]:
    """Line by line: what the reviewing bodies demand, now or before = what was decided now + the differences."""
    line = keyed(*KEY)
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
                term("請求", demands, line, pl.col("amount_yen"), receipts),
                term("前月からの保留", waiting, line, pl.col("accepted_yen")),
            ),
            (
                term("レセプトの判定", came, line, pl.col("amount_yen").fill_null(0)),
                term("違い", told, line, difference, receipts),
            ),
        ),
        Equation(
            "demanded_fees",
            "審査支払手数料の請求 = 受理した件数による手数料 + 違い",
            (term("請求の手数料", demands, line, fee, NO_YEN),),
            (
                term("受理した件数による手数料", frames.demand_lines, line, pl.col("fee_due_yen"), NO_YEN),
                term("違い", told, line, fee_difference, NO_YEN),
            ),
        ),
    ]
