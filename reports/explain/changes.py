"""What became different between then and now, in words: late facts, the law, overrides.

Here: words and their order. Not here: finding the differences.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from reports.letters.wareki import era_date

LATE, LAW, OVERRIDDEN = "遅れて届いた事実", "法の改正", "強制修正"
KINDS = (LATE, LAW, OVERRIDDEN)


@dataclass(frozen=True, slots=True)
class Change:
    """Days [start_date, end_date) of a child on which one of the KINDS changed the outcome; was → now in words."""

    kind: str
    child_resident_code: str
    start_date: date
    end_date: date
    was: str
    now: str


def changes_text(changes: Iterable[Change]) -> str:
    """Per kind each range of days, old → new; ends with a line break."""
    found = list(changes)
    lines = [line for kind in KINDS for line in _of_kind(kind, [one for one in found if one.kind == kind])]
    return "\n".join([*lines, ""])


def _of_kind(kind: str, changes: list[Change]) -> list[str]:
    if not changes:
        return [f"{kind}: 違いはない"]
    return [f"{kind}:", *(f"  {_range(one)}  {one.was} → {one.now}" for one in changes)]


def _range(one: Change) -> str:
    return f"{era_date(one.start_date)}から{era_date(one.end_date - timedelta(days=1))}まで"


def counts_text(changes: Iterable[Change]) -> str:
    """Per kind the number of children, of ranges and of days; ends with a line break."""
    found = list(changes)
    lines = []
    for kind in KINDS:
        mine = [one for one in found if one.kind == kind]
        children = len({one.child_resident_code for one in mine})
        days = sum((one.end_date - one.start_date).days for one in mine)
        lines.append(f"{kind}: {children:,}人 {len(mine):,}期間 {days:,}日")
    return "\n".join([*lines, ""])
