"""The years of the 支給制限 read off the law: which days are restricted, how, and what each year looks at.

Belongs here: judged years, the spans of days with one mode, the limits that stand, as small values.
Does not belong here: what a person earns or owes (means.py) and whom it stops (restrictions.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import polars as pl

from schemas.law.book import Law, LawError, LawGap, LawOfMonth

NONE, ARREARS, EITHER, BOTH = "none", "arrears", "income_or_arrears", "income_and_arrears"
"""The values of restriction.mode."""
HIGHER, EACH = "higher", "each"
"""The values of restriction.income_persons."""
_DATED = ("restriction.mode", "restriction.after_years", "restriction.income_persons", "restriction.income_limits")


@dataclass(frozen=True, slots=True)
class JudgedYear:
    """A year of judgement [first, end), the day by which arrears count, and the tax year it looks at."""

    first: date
    end: date
    base_date: date
    tax_year: int


@dataclass(frozen=True, slots=True)
class Limits:
    """所得限度額: yen for 0, 1, 2 … dependants, for each one more, and for each elderly dependant."""

    by_dependants: tuple[int, ...]
    more_yen: int
    elderly_yen: int

    def yen(self, dependants: pl.Expr, elderly: pl.Expr) -> pl.Expr:
        """The limit in yen of a person with so many dependants, so many of them elderly. 児童手当法施行令1条."""
        most = len(self.by_dependants) - 1
        table = dependants.clip(0, most).replace_strict(dict(enumerate(self.by_dependants)), return_dtype=pl.Int64)
        return table + (dependants - most).clip(0) * self.more_yen + elderly * self.elderly_yen


@dataclass(frozen=True, slots=True)
class RestrictedSpan:
    """Days [start, end) inside one judged year on which one mode holds. `limits` and
    `income_persons` are None where income is not looked at."""

    year: JudgedYear
    start: date
    end: date
    mode: str
    after_years: int
    income_persons: str | None
    limits: Limits | None
    arrears_items: tuple[str, ...]


def judged_years(law: Law, until: date) -> list[JudgedYear]:
    """Every judged year begun before `until`, in order. Source: restriction.year, as it stands on the first day."""
    begun = [
        (first, version.value)
        for version in law.of("restriction.year")
        for year in range(version.from_date.year, until.year + 1)
        if version.stands_on(first := date(year, version.value["begins_month"], 1)) and first < until
    ]
    begun.sort(key=lambda one: one[0])
    nexts = [first for first, _ in begun[1:]] + [date.max]
    return [_year(first, following, said) for (first, said), following in zip(begun, nexts, strict=False)]


def _year(first: date, following: date, said: dict[str, int]) -> JudgedYear:
    end = min(following, first.replace(year=first.year + 1))
    base_date = date(first.year, said["arrears_month"], said["arrears_day"])
    return JudgedYear(first, end, base_date, first.year + said["tax_year_offset"])


def restricted_spans(law: Law, until: date) -> list[RestrictedSpan]:
    """The restricted days before `until`, cut wherever the law changes or a judged year begins; in order.

    Raises LawGap for restricted days that no judged year covers, or that look at income without limits.
    """
    years = judged_years(law, until)
    turns = _turning_days(law) | {year.end for year in years} | {until}
    first = min(version.from_date for version in law.of("restriction.mode") if version.enacted)
    days = sorted(day for day in turns if first <= day <= until)
    spans = (_span(law.at(start), end, years) for start, end in pairwise(days))
    return [span for span in spans if span is not None]


def _turning_days(law: Law) -> set[date]:
    versions = [version for name in _DATED for version in law.of(name) if version.enacted]
    return {day for version in versions for day in (version.from_date, version.until_date) if day is not None}


def _span(now: LawOfMonth, end: date, years: Iterable[JudgedYear]) -> RestrictedSpan | None:
    mode = _said(now, "restriction.mode", NONE, ARREARS, EITHER, BOTH)
    if mode == NONE:
        return None
    year = next((one for one in years if one.first <= now.day < one.end), None)
    if year is None:
        raise LawGap(f"{now.day} の支給制限は、判定の年度（restriction.year）に入りません")
    income = mode != ARREARS
    return RestrictedSpan(
        year=year,
        start=now.day,
        end=end,
        mode=mode,
        after_years=now.number("restriction.after_years"),
        income_persons=_said(now, "restriction.income_persons", HIGHER, EACH) if income else None,
        limits=_limits(now) if income else None,
        arrears_items=now.codes("restriction.arrears_items"),
    )


def _said(now: LawOfMonth, name: str, *words: str) -> str:
    said = now.text(name)
    if said not in words:
        raise LawError(f"{name} の値は {'・'.join(words)} のどれかです")
    return said


def _limits(now: LawOfMonth) -> Limits:
    """The limits that stand. Raises LawGap without them, LawError unless they are for 0, 1, 2 … dependants."""
    rows = now.rows("restriction.income_limits").sort("dependants")
    if rows["dependants"].to_list() != list(range(rows.height)):
        raise LawError("restriction.income_limits は扶養親族等の数0から1つずつの表です")
    return Limits(
        tuple(rows["limit_yen"].to_list()),
        now.yen("restriction.income_limit_more_yen"),
        now.yen("restriction.income_limit_elderly_yen"),
    )
