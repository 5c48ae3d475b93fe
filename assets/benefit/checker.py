"""The checker: adds every decision up again from its steps. It knows no law and none of the rules' code.

Belongs here: plain arithmetic over finished tables. Does not belong here: anything that decides.
What must hold of a decision: its steps are numbered 1, 2, 3 …; their yen add up to amount_yen; only a paid one
has an amount; a paid or emptied one (N1) starts from the demand or from more; one that changes another (R0) starts
from its demand and changes no more than that; any other has no yen; a receipt pays exactly what was demanded, a
claim's first yen is its demand.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

PAID, HELD, REFUSED, CHANGED = "1", "4", "2", "3"
_JUDGEMENTS = {"P0": PAID, "R0": CHANGED, "R1": HELD}
_FOUND = pl.Schema({"decision_no": pl.String(), "fault": pl.String()})


def _steps_by_decision(steps: pl.DataFrame) -> dict[str, list[tuple[int, int | None]]]:
    found: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
    for decision_no, step_no, yen in steps.select("decision_no", "step_no", "yen").iter_rows():
        found[decision_no].append((step_no, yen))
    return found


def _judged(judgement: str, reason: str, amount: int) -> str | None:
    expected = _JUDGEMENTS.get(reason, HELD if reason[0] == "H" else REFUSED)
    if judgement != expected:
        return "判定結果が理由と合いません"
    if judgement == CHANGED:
        return None
    if (amount > 0) != (judgement == PAID):
        return "支給額が判定結果と合いません"
    return None


def _added(subject: str, reason: str, demand: int, amount: int, lines: list[tuple[int, int | None]]) -> str | None:
    yen = [value for _, value in sorted(lines) if value is not None]
    if sorted(number for number, _ in lines) != list(range(1, len(lines) + 1)):
        return "根拠の順が1から続いていません"
    if sum(yen) != amount:
        return "根拠の和が支給額になりません"
    if reason == "R0":
        return _changed(demand, amount, yen)
    if reason not in ("P0", "N1"):
        return "円の根拠があるのに支給がありません" if yen else None
    if subject == "receipt" and amount != max(demand, 0):
        return "支給額が請求額と違います"
    if subject == "claim" and yen[:1] != [demand]:
        return "最初の円が請求額ではありません"
    return None


def _changed(demand: int, amount: int, yen: list[int]) -> str | None:
    if yen[:1] != ([demand] if demand else []):
        return "最初の円が請求額ではありません"
    if not min(demand, 0) <= amount <= max(demand, 0):
        return "増減が請求額を超えています"
    return None


def unexplained(decisions: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """(decision_no, fault) of every decision whose steps do not explain it, and of steps without a decision."""
    by_decision = _steps_by_decision(steps)
    names = ("decision_no", "subject", "judgement", "reason", "demand_yen", "amount_yen")
    found: list[tuple[str, str]] = []
    for number, subject, judgement, reason, demand, amount in decisions.select(names).iter_rows():
        lines = by_decision.pop(number, [])
        fault = (
            _judged(judgement, reason, amount)
            or ("根拠がないか、判定番号が2度あります" if not lines else None)
            or _added(subject, reason, demand, amount, lines)
        )
        if fault:
            found.append((number, fault))
    found += [(number, "判定のない根拠です") for number in sorted(by_decision)]
    return pl.DataFrame(found, schema=_FOUND, orient="row")


def unfaithful(decisions: pl.DataFrame, receipts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """(decision_no, fault) where the demand is not the amount in the file's line, or a row has not one decision."""
    inputs = {
        ("receipts", delivery, line): yen
        for delivery, line, yen in receipts.select("delivery", "line_no", "rcpt_public_expense_yen").iter_rows()
    } | {
        ("claims", delivery, line): yen
        for delivery, line, yen in claims.select("delivery", "line_no", "partial_payment_yen").iter_rows()
    }
    found: list[tuple[str, str]] = []
    for number, feed, delivery, line, demand in decisions.select(
        "decision_no", "feed", "delivery", "line_no", "demand_yen"
    ).iter_rows():
        if inputs.pop((feed, delivery, line), None) != demand:
            found.append((number, "請求額が元の行と違うか、同じ行を2度判定しています"))
    found += [("", "判定のない行があります")] * len(inputs)
    return pl.DataFrame(found, schema=_FOUND, orient="row")
