"""One decision explained: the facts that decided it, each with its law and its source row.

Here: words and alignment. Not here: the steps themselves, which the rules give.
"""

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final, NotRequired, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.letters.wareki import yen

TEMPLATES: Final = Path(__file__).parent.parent / "templates"
UNCONFIRMED: Final = "未確認"


class Step(TypedDict):
    """One step: what it is, its yen or its text, the law it rests on and the input row it comes from.

    `confirmed` False marks a law value the city has not confirmed; absent counts as confirmed.
    """

    label: str
    yen: NotRequired[int | None]
    text: NotRequired[str | None]
    basis: NotRequired[str | None]
    confirmed: NotRequired[bool]
    source_file: NotRequired[str | None]
    line: NotRequired[int | None]


class Replaced(TypedDict):
    """The decision that stood before: its number, its yen, what the new one adds or takes back, and why."""

    decision_no: str
    before_yen: int
    difference_yen: int
    cause: str


class Decision(TypedDict):
    """A decision and its steps in the order they were taken; `replaced_by` is the number of a later one."""

    decision_no: str
    kind: str
    outcome: str
    amount_yen: int
    reason: str
    steps: list[Step]
    replaces: NotRequired[Replaced | None]
    replaced_by: NotRequired[str | None]


def _width(text: str) -> int:
    """Columns on a terminal: full-width and ambiguous characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "FWA" else 1 for c in text if not unicodedata.combining(c))


def _left(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _right(text: str, width: int) -> str:
    return " " * (width - _width(text)) + text


def value_of(step: Step) -> str:
    """The step's amount as 1,234円, else its text, else nothing."""
    amount = step.get("yen")
    return yen(amount) if amount is not None else step.get("text") or ""


def basis_of(step: Step) -> str:
    """The step's law, marked when the city has not confirmed it."""
    basis = step.get("basis") or ""
    return f"{basis}({UNCONFIRMED})" if basis and not step.get("confirmed", True) else basis


def source_of(step: Step) -> str:
    """Where the fact was read: file and line."""
    file, line = step.get("source_file"), step.get("line")
    return (f"{file} {line}行目" if line is not None else file) if file else ""


def history_of(decision: Decision) -> list[tuple[str, str]]:
    """(label, words) about the decisions before and after this one."""
    told: list[tuple[str, str]] = []
    before, after = decision.get("replaces"), decision.get("replaced_by")
    if before:
        words = f"{before['decision_no']}  {yen(before['before_yen'])}  差額 {yen(before['difference_yen'])}"
        told.append(("前の判定", f"{words}  {before['cause']}"))
    if after:
        told.append(("後の判定", after))
    return told


def decision_text(decision: Decision) -> str:
    """Lines for a terminal, columns aligned for full-width characters; ends with a line break."""
    rows = [(s["label"], value_of(s), basis_of(s), source_of(s)) for s in decision["steps"]]
    widths = [max((_width(row[i]) for row in rows), default=0) for i in range(4)]
    head = [
        f"決定番号  {decision['decision_no']}",
        f"種類      {decision['kind']}",
        f"結果      {decision['outcome']}  {yen(decision['amount_yen'])}",
        f"理由      {decision['reason']}",
        *(f"{label}  {words}" for label, words in history_of(decision)),
        "",
    ]
    steps = [
        "  ".join(
            (
                _right(str(number), 2),
                _left(label, widths[0]),
                _right(value, widths[1]),
                _left(basis, widths[2]),
                source,
            )
        ).rstrip()
        for number, (label, value, basis, source) in enumerate(rows, start=1)
    ]
    return "\n".join([*head, *steps]) + "\n"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The Jinja2 environment of the explanations: every text is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["yen"] = yen
    return made


def decision_html(decision: Decision) -> str:
    """The same as one self-contained HTML page; every text is escaped."""
    steps = [
        {"label": s["label"], "value": value_of(s), "basis": s.get("basis") or "", "source": source_of(s)}
        | {"confirmed": s.get("confirmed", True)}
        for s in decision["steps"]
    ]
    return (
        environment()
        .get_template("decision.html.j2")
        .render(decision=decision, steps=steps, history=history_of(decision))
    )
