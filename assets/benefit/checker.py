"""The checker: adds every decision up again from its steps. It knows no law and none of the rules' code.

Belongs here: plain arithmetic over finished tables. Does not belong here: anything that decides.
What must hold of a decision: its steps are numbered 1, 2, 3 …; their yen add up to amount_yen; only a paid one
has an amount; a paid or emptied one (N1) starts from the demand or from more; one that changes another (R0) starts
from its demand and changes no more than that; any other has no yen; a receipt pays exactly what was demanded, a
claim's first yen is its demand. A decision replaces the one that stood, of which it knows the yen. Of a settlement:
every difference is what was decided less what was settled, each is paid, offset or owed, and nobody who is paid
still owes.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

PAID, HELD, REFUSED, CHANGED = "1", "4", "2", "3"
_JUDGEMENTS = {"P0": PAID, "R0": CHANGED, "R1": HELD}
_LINE = ("feed", "delivery", "line_no")
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


def unfaithful(
    decisions: pl.DataFrame, receipts: pl.DataFrame, claims: pl.DataFrame, reopened: pl.DataFrame | None = None
) -> pl.DataFrame:
    """(decision_no, fault) where the demand is not the amount in the file's line, or a row has not one decision.

    A decided row that is decided again (`reopened`) may keep the decision it has, unless it waited.
    """
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
    if reopened is not None:
        kept = reopened.filter(pl.col("judgement") != HELD).select("feed", "delivery", "line_no")
        for line in kept.iter_rows():
            inputs.pop(line, None)
    found += [("", "判定のない行があります")] * len(inputs)
    return pl.DataFrame(found, schema=_FOUND, orient="row")


def unchained(decisions: pl.DataFrame, reopened: pl.DataFrame) -> pl.DataFrame:
    """(decision_no, fault) of every decision that does not replace exactly the one that stood of its line."""
    stood = {
        (feed, delivery, line): (number, yen)
        for feed, delivery, line, number, yen in reopened.select(*_LINE, "decision_no", "amount_yen").iter_rows()
    }
    found: list[tuple[str, str]] = []
    for number, *line, replaces, before, cause in decisions.select(
        "decision_no", *_LINE, "replaces_no", "before_yen", "cause"
    ).iter_rows():
        earlier, yen = stood.get(tuple(line), (None, 0))
        if (replaces, before) != (earlier, yen) or (cause == "1") != (earlier is None):
            found.append((number, "代わられる判定かその支給額が違います"))
    return pl.DataFrame(found, schema=_FOUND, orient="row")


def _differing(decisions: pl.DataFrame, reopened: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """decision_no → (settled, amount) of every decision that changes what is final, first demands left out."""
    final = {
        (feed, delivery, line): (paid == "1", yen)
        for feed, delivery, line, paid, yen in reopened.select(*_LINE, "paid", "settled_yen").iter_rows()
    }
    wanted: dict[str, tuple[int, int]] = {}
    for number, *line, subject, judgement, reason, amount in decisions.select(
        "decision_no", *_LINE, "subject", "judgement", "reason", "amount_yen"
    ).iter_rows():
        paid, settled = final.get(tuple(line), (False, 0))
        demanded = subject == "receipt" and reason == "P0" and not paid
        if judgement != HELD and amount != settled and not demanded:
            wanted[number] = (settled, amount)
    return wanted


def _summed(offsets: pl.DataFrame, by: str) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for number, yen in offsets.select(by, "offset_yen").iter_rows():
        sums[number] += yen
    return sums


def _payables(payables: pl.DataFrame, due: dict[str, int], offset: dict[str, int]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number, difference, taken, rest in payables.select(
        "decision_no", "difference_yen", "offset_yen", "payable_yen"
    ).iter_rows():
        if due.pop(number, None) != difference or offset.pop(number, 0) != taken or difference - taken != rest:
            found.append((number, "支払う額が差額と相殺に合いません"))
    return found + [(number, "支払われない差額です") for number in due]


def _debts(debts: pl.DataFrame, owed: dict[str, tuple[int, int]], offset: dict[str, int]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number, first, before, taken, rest in debts.select(
        "debt_no", "first_yen", "owed_yen", "offset_yen", "open_yen"
    ).iter_rows():
        known = owed.pop(number, None) == (first, before)
        if not known or offset.pop(number, 0) != taken or before - taken != rest or rest < 0:
            found.append((number, "返還の残りが差額と相殺に合いません"))
    return found + [(number, "なくなった返還です") for number in owed]


def unsettled(
    decisions: pl.DataFrame,
    reopened: pl.DataFrame,
    differences: pl.DataFrame,
    offsets: pl.DataFrame,
    payables: pl.DataFrame,
    debts: pl.DataFrame,
    debts_before: pl.DataFrame,
) -> pl.DataFrame:
    """(number, fault) of everything in a month's settlement that does not add up."""
    wanted, found = _differing(decisions, reopened), list[tuple[str, str]]()
    due: dict[str, int] = {}
    owed = {number: (first, rest) for number, first, rest in debts_before.select(
        "debt_no", "first_yen", "open_yen").iter_rows() if rest > 0}  # fmt: skip
    for number, settled, amount, difference, guardian in differences.select(
        "decision_no", "settled_yen", "amount_yen", "difference_yen", pl.col("counterpart") == "1"
    ).iter_rows():
        if wanted.pop(number, None) != (settled, amount) or amount - settled != difference:
            found.append((number, "差額が判定に合いません"))
        if guardian and difference > 0:
            due[number] = difference
        elif guardian:
            owed[number] = (-difference, -difference)
    found += [(number, "差額のない判定です") for number in wanted]
    by_decision, by_debt = _summed(offsets, "decision_no"), _summed(offsets, "debt_no")
    found += _payables(payables, due, by_decision) + _debts(debts, owed, by_debt)
    found += [(number, "相手のない相殺です") for number in (*by_decision, *by_debt)]
    paid = payables.filter(pl.col("payable_yen") > 0)["guardian_resident_code"].unique()
    owing = debts.filter((pl.col("open_yen") > 0) & pl.col("guardian_resident_code").is_in(paid.implode()))
    found += [(number, "支払を受ける人に返還が残っています") for number in owing["debt_no"]]
    return pl.DataFrame(found, schema=_FOUND, orient="row")
