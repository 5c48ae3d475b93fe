"""One child on one day explained: entitled or not, since when, until when, why, and what would change it.

Here: words, alignment and the page. Not here: the requirements themselves, which the rules give. No name, no address,
no birth date: the child is its number.
"""

import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date

from reports.explain.decision import UNCONFIRMED, environment
from reports.letters.wareki import era_date


@dataclass(frozen=True, slots=True)
class Ground:
    """One requirement: whether it holds, in one sentence, the law it rests on and the input row that says so.

    `confirmed` False marks a law value the city has not confirmed.
    """

    label: str
    holds: bool
    sentence: str
    article: str
    parameter: str | None
    confirmed: bool
    source_file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Overriding:
    """What an operator decided over the rules: who, why, from when to when, and what the rules had said."""

    override_no: str
    outcome: str
    why: str
    operator_code: str
    approver_code: str
    entered_date: date
    start_date: date
    end_date: date | None
    before: str
    after: str
    stands: bool
    source_file: str
    line: int


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about the child: its number, its month, why it was made and from which day it changed anything."""

    decision_no: str
    month: date
    cause: str
    previous_no: str | None
    changed_from_date: date | None
    source_file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class ChildOnDay:
    """A child on a day, by what was known on `known` (None: by everything known); `until` is the last day.

    `outcome` and `reason` are words; `changes` are the facts that would make a refused child entitled, all together.
    """

    child_resident_code: str
    day: date
    outcome: str
    benefit_class: str | None
    since: date | None
    until: date | None
    reason: str
    sentence: str
    article: str
    grounds: tuple[Ground, ...] = ()
    changes: tuple[str, ...] = ()
    overrides: tuple[Overriding, ...] = ()
    decisions: tuple[Decided, ...] = ()
    known: date | None = None


def source_of(file: str | None, line: int | None) -> str:
    """Where a fact was read: file and line."""
    if not file:
        return ""
    return f"{file} {line}行目" if line is not None else file


def basis_of(ground: Ground) -> str:
    """The requirement's article and parameter, marked when the city has not confirmed the value."""
    parameter = f"[{ground.parameter}]" if ground.parameter else ""
    doubt = "" if ground.confirmed else f"({UNCONFIRMED})"
    return f"{ground.article}{parameter}{doubt}"


def span_of(told: ChildOnDay) -> str:
    """期間 in words; an empty text where the law knows no day of the child."""
    if told.since is None:
        return ""
    return f"{era_date(told.since)}から" + (f"{era_date(told.until)}まで" if told.until else "")


def override_of(one: Overriding) -> str:
    """誰が・なぜ・いつからいつまで・前と後, in one line."""
    until = f"{era_date(one.end_date)}の前日まで" if one.end_date else "期限なし"
    state = "" if one.stands else "(取りやめ済み)"
    return (
        f"{one.override_no}{state} {one.outcome}: {era_date(one.start_date)}から{until}。"
        f"理由 {one.why.rstrip('。')}。"
        f"入力 {one.operator_code} 承認 {one.approver_code}({era_date(one.entered_date)})。"
        f"前 {one.before} → 後 {one.after}"
    )


def decision_of(one: Decided) -> str:
    """決定番号・処理月・きっかけ・何が変わったか, in one line."""
    changed = f"{era_date(one.changed_from_date)}から変わった" if one.changed_from_date else "結果は変わらない"
    before = f"(前 {one.previous_no})" if one.previous_no else ""
    return f"{one.decision_no}{before} {one.month:%Y-%m} {one.cause} {changed}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "FWA" else 1 for letter in text)


def _head(told: ChildOnDay) -> list[tuple[str, str]]:
    known = era_date(told.known) if told.known else "いま"
    rows = [
        ("子ども", told.child_resident_code),
        ("調べた日", era_date(told.day)),
        ("知っていた日", f"{known}までに知ったことによる"),
        ("結果", told.outcome),
        ("給付", told.benefit_class or ""),
        ("期間", span_of(told)),
        ("理由", f"{told.reason} {told.sentence}".strip()),
        ("根拠", told.article),
    ]
    return [(label, text) for label, text in rows if text]


def _listed(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _ground_lines(ground: Ground) -> list[str]:
    mark = "○" if ground.holds else "×"
    below = [text for text in (basis_of(ground), source_of(ground.source_file, ground.line)) if text]
    return [f"{mark} {ground.label}: {ground.sentence}", *(f"     {text}" for text in below)]


def child_text(told: ChildOnDay) -> str:
    """Lines for a terminal; ends with a line break."""
    head = [f"{label}{' ' * (14 - _width(label))}{text}" for label, text in _head(told)]
    grounds = [line for ground in told.grounds for line in _ground_lines(ground)]
    decided = [f"{decision_of(one)}  {source_of(one.source_file, one.line)}".rstrip() for one in told.decisions]
    overrides = [f"{override_of(one)}  {source_of(one.source_file, one.line)}" for one in told.overrides]
    return "\n".join(
        [
            *head,
            *_listed("要件", grounds),
            *_listed("資格があるには(すべて要る)", [f"・{change}" for change in told.changes]),
            *_listed("強制修正", overrides),
            *_listed("決定の記録", decided),
            "",
        ]
    )


def child_json(told: ChildOnDay) -> str:
    """The same as JSON; days as YYYY-MM-DD."""
    return json.dumps(asdict(told), ensure_ascii=False, indent=2, default=str) + "\n"


def child_html(told: ChildOnDay) -> str:
    """The same as one self-contained HTML page; every text is escaped."""
    grounds = [
        {"label": one.label, "holds": one.holds, "sentence": one.sentence, "article": one.article}
        | {"parameter": one.parameter, "confirmed": one.confirmed, "source": source_of(one.source_file, one.line)}
        for one in told.grounds
    ]
    overrides = [(override_of(one), source_of(one.source_file, one.line)) for one in told.overrides]
    decided = [(decision_of(one), source_of(one.source_file, one.line)) for one in told.decisions]
    page = environment().get_template("child.html.j2")
    return page.render(
        child=told.child_resident_code,
        head=_head(told),
        grounds=grounds,
        changes=told.changes,
        overrides=overrides,
        decisions=decided,
    )
