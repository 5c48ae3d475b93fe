"""What a delivery or a changed law would change, in words: counts, yen, and the biggest differences.

Here: words and their order; a child is named by the last four digits of its number. Not here: finding the differences.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from reports.letters.wareki import era_month, yen

SHOWN = 5
_SEEN = 4


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes what, in words: how many, and for money the yen before and after."""

    was: str
    now: str
    count: int
    was_yen: int = 0
    now_yen: int = 0

    @property
    def difference_yen(self) -> int:
        """What it adds or takes away."""
        return self.now_yen - self.was_yen


@dataclass(frozen=True, slots=True)
class Biggest:
    """One receipt, claim or share whose yen differ."""

    child_resident_code: str
    service_month: date
    what: str
    was: str
    now: str
    was_yen: int
    now_yen: int


@dataclass(frozen=True, slots=True)
class Tried:
    """A month without and with its news: children whose entitlement differs, lines that are decided otherwise, shares
    of the prefecture that differ, and of both the biggest, those of lines first. `missing`: feeds not delivered yet."""

    children: int
    entitlements: Sequence[Turn]
    lines: Sequence[Turn]
    shares: Sequence[Turn]
    biggest: Sequence[Biggest]
    missing: Sequence[str]


def masked(number: str) -> str:
    """A number by its last four digits."""
    return "*" * max(len(number) - _SEEN, 0) + number[-_SEEN:]


def trial_text(found: Tried) -> str:
    """The trial as lines; ends with a line break."""
    entitlements = [f"  {turn.was} → {turn.now}: {turn.count:,}期間" for turn in found.entitlements]
    lines = [
        "試算(個人住民税の納品と法の改正の前後で、この月を決めた違い。何も書き込まない)",
        *(f"  まだ届いていない: {feed}" for feed in found.missing),
        f"資格: {found.children:,}人",
        *entitlements,
        _total("判定(支給額)", found.lines),
        *_turns(found.lines),
        _total("県補助(県費)", found.shares),
        *_turns(found.shares),
    ]
    if found.biggest:
        lines += [f"差の大きいもの(それぞれ{SHOWN}件まで):", *(_one(each) for each in found.biggest)]
    return "\n".join([*lines, ""])


def _total(what: str, turns: Iterable[Turn]) -> str:
    all_turns = list(turns)
    was, now = sum(turn.was_yen for turn in all_turns), sum(turn.now_yen for turn in all_turns)
    count = sum(turn.count for turn in all_turns)
    return f"{what}: {count:,}件 {yen(was)} → {yen(now)} 差 {yen(now - was)}"


def _turns(turns: Iterable[Turn]) -> list[str]:
    return [f"  {turn.was} → {turn.now}: {turn.count:,}件 差 {yen(turn.difference_yen)}" for turn in turns]


def _one(each: Biggest) -> str:
    money = f"{each.was} {yen(each.was_yen)} → {each.now} {yen(each.now_yen)}"
    return f"  子ども {masked(each.child_resident_code)} {era_month(each.service_month)} {each.what}: {money}"
