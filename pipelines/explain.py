"""Why a decision on money came out as it did: its steps, read back from the shelf, with the law they rest on.

Belongs here: from the shelf to reports/explain. Why a child is entitled is in explain_child.py.
"""

import json
from typing import Any

import polars as pl

from reports.explain.decision import Decision, Replaced, Step, decision_html, decision_text
from resources.house import House
from schemas.codes import BENEFIT_CAUSE, BENEFIT_REASON, JUDGEMENT
from schemas.errors import CityError
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS, STEPS, SUBJECTS


class NoSuchDecision(CityError):
    """No month has a decision of that number."""


def explanation(house: House, decision_no: str) -> Decision:
    """The decision, its steps, the one it replaces and the one that replaces it. Raises NoSuchDecision."""
    later: str | None = None
    for key in reversed(house.shelf.partitions(DECISIONS.name)):
        decisions = house.shelf.read(DECISIONS, key)
        found = decisions.filter(pl.col("decision_no") == decision_no)
        if found.height:
            steps = house.shelf.read(STEPS, key).filter(pl.col("decision_no") == decision_no).sort("step_no")
            return _told(found.row(0, named=True), steps.to_dicts(), house.law, later)
        after = decisions.filter(pl.col("replaces_no") == decision_no)["decision_no"]
        later = after.item() if len(after) else later
    raise NoSuchDecision("その番号の判定はありません。番号は表 benefit_decisions の decision_no です。")


def _told(decision: dict[str, Any], steps: list[dict[str, Any]], law: Law, later: str | None) -> Decision:
    doubtful = {version.parameter for version in law.at(decision["decided_month"]).unconfirmed}
    return Decision(
        decision_no=decision["decision_no"],
        kind=SUBJECTS[decision["subject"]],
        outcome=JUDGEMENT.labels[decision["judgement"]],
        amount_yen=decision["amount_yen"],
        reason=BENEFIT_REASON.labels[decision["reason"]],
        steps=[_step(step, doubtful) for step in steps],
        replaces=_replaced(decision),
        replaced_by=later,
    )


def _replaced(decision: dict[str, Any]) -> Replaced | None:
    if decision["replaces_no"] is None:
        return None
    return Replaced(
        decision_no=decision["replaces_no"],
        before_yen=decision["before_yen"],
        difference_yen=decision["amount_yen"] - decision["before_yen"],
        cause=BENEFIT_CAUSE.labels[decision["cause"]],
    )


def _step(step: dict[str, Any], doubtful: set[str]) -> Step:
    return Step(
        label=step["label"],
        yen=step["yen"],
        text=step["text"],
        basis=step["article"],
        confirmed=step["parameter"] not in doubtful,
        source_file=step["delivery"],
        line=step["line_no"],
    )


def explained(decision_no: str, form: str) -> str:
    """The explanation as text, html or json."""
    told = explanation(House(), decision_no)
    if form == "json":
        return json.dumps(told, ensure_ascii=False, indent=2, default=str)
    return decision_html(told) if form == "html" else decision_text(told)
