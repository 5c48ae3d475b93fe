"""Why a child is entitled or not on a day: the register as known, read into an explanation.

Belongs here: from what was known and the law that stood to reports/explain/child.py. Does not belong here: the rules
(assets/eligibility) and the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from assets.eligibility import deciding
from assets.eligibility.deciding import Register
from assets.explanation.changing import what_would_change, with_the_unregistered
from assets.explanation.grounds import grounds, on_day
from assets.explanation.sentences import change_sentence, reason_said
from assets.months import last_day
from assets.register.identities import as_person
from assets.register.intervals import merged
from pipelines.moments import Moment, latest, moment
from reports.explain.child import ChildOnDay, Decided, Ground, Overriding, child_html, child_json, child_text
from resources.house import House
from schemas.codes import BENEFIT_CLASS, CAUSE, DECISION_REASON, HELD_REASONS, OVERRIDE
from schemas.errors import CityError
from schemas.law.book import Law
from schemas.records.register import ELIGIBILITY_DECISIONS

_CHILD = "child_resident_code"
_UNASKED = "11"


class NoSuchChild(CityError):
    """The register does not know the number, or not on that day."""


def child_explained(child: str, day: date, known: date | None, form: str) -> str:
    """The explanation of a child on a day, by what was known on `known` (None: now), as text, html or json."""
    house = House()
    then = latest(house) if known is None else moment(house, known)
    told = explained(house, then, child, day, known)
    return {"json": child_json, "html": child_html}.get(form, child_text)(told)


def explained(house: House, then: Moment, child: str, day: date, known: date | None = None) -> ChildOnDay:
    """A child on a day as `then` saw it. Raises NoSuchChild, LawGap for a day before the law book begins."""
    asked = then.about(pl.Series([child]))
    found = asked.register()
    person = str(as_person(pl.DataFrame({_CHILD: [child]}), found.identities, _CHILD)[_CHILD].item())
    _refuse_unknown(found, person, day)
    found = with_the_unregistered(found, pl.Series([person]))
    decided = deciding.decided(found, asked.law).filter(pl.col(_CHILD) == person)
    rows = on_day(decided, day)
    return replace(
        _told(decided, rows, found, asked.law, person, day),
        overrides=tuple(_overrides(found, decided, person)),
        decisions=tuple(_decisions(house, pl.Series([person, child]).unique(), known)),
        known=known,
    )


def _refuse_unknown(found: Register, person: str, day: date) -> None:
    births = found.persons.filter(pl.col("resident_code") == person)["birth_date"]
    if births.is_empty():
        raise NoSuchChild("その番号の子どもは、この日までに知った台帳にいません。")
    if day < births.item():
        raise NoSuchChild("この日には、まだ生まれていません。")


def _told(decided: pl.DataFrame, rows: pl.DataFrame, found: Register, law: Law, person: str, day: date) -> ChildOnDay:
    """The day itself: outcome, span, reason, grounds and what would change it."""
    if rows.is_empty():
        return _outside(decided, law, person, day)
    row = rows.row(0, named=True)
    now = law.at(row["start_date"])
    same = [_CHILD, "entitled", "benefit_class", "reason"]
    span = _covering(merged(decided.select(*same, "start_date", "end_date"), same), day)
    wanted = what_would_change(rows, found, law)
    sentences = [change_sentence(fact, code, day, law) for fact, code in wanted.select("fact", "code").iter_rows()]
    return ChildOnDay(
        child_resident_code=person,
        day=day,
        outcome=_outcome(row["entitled"], row["reason"]),
        benefit_class=BENEFIT_CLASS.labels[row["benefit_class"]] if row["entitled"] == "1" else None,
        since=span["start_date"],
        until=span["end_date"] - timedelta(days=1),
        reason=DECISION_REASON.labels[row["reason"]],
        sentence="職員の強制修正による。" if row["ruled_reason"] else reason_said(row["reason"], now)["sentence"],
        article=row["article"],
        grounds=tuple(_grounds(grounds(rows, found, law))),
        changes=tuple(sentences),
    )


def _covering(periods: pl.DataFrame, day: date) -> dict[str, date]:
    """The one period that covers a day."""
    return periods.filter((pl.col("start_date") <= day) & (day < pl.col("end_date"))).row(0, named=True)


def _outcome(entitled: str, reason: str) -> str:
    if entitled == "1":
        return "資格あり"
    if reason == _UNASKED:
        return "資格なし(未申請)"
    return "保留" if reason in HELD_REASONS else "資格なし"


def _outside(decided: pl.DataFrame, law: Law, person: str, day: date) -> ChildOnDay:
    """A day after the last one any age of the law reaches. Raises LawGap before the first day of the law book."""
    said, ended = reason_said("01", law.at(day)), decided["end_date"].max()
    return ChildOnDay(
        child_resident_code=person,
        day=day,
        outcome="資格なし",
        benefit_class=None,
        since=ended if isinstance(ended, date) else None,
        until=None,
        reason=DECISION_REASON.labels["01"],
        sentence=said["sentence"],
        article=said["article"],
    )


def _grounds(rows: pl.DataFrame) -> Iterator[Ground]:
    for row in rows.sort("place").iter_rows(named=True):
        yield Ground(
            label=row["label"],
            holds=row["holds"],
            sentence=row["sentence"],
            article=row["article"],
            parameter=row["parameter"],
            confirmed=row["confirmed"],
            source_file=row["delivery"],
            line=row["line_no"],
        )


def _overrides(found: Register, decided: pl.DataFrame, person: str) -> Iterator[Overriding]:
    """Every override of the child in its last revision, with what the rules say on its days and what stands."""
    own = found.overrides.filter(pl.col(_CHILD) == person).sort("override_no", "revision_no")
    for row in own.unique("override_no", keep="last", maintain_order=True).iter_rows(named=True):
        until = pl.lit(True) if row["end_date"] is None else pl.col("start_date") < row["end_date"]
        days = decided.filter((pl.col("end_date") > row["start_date"]) & until)
        yield Overriding(
            override_no=row["override_no"],
            outcome=OVERRIDE.labels[row["outcome"]],
            why=row["why"],
            operator_code=row["operator_code"],
            approver_code=row["approver_code"],
            entered_date=row["entered_date"],
            start_date=row["start_date"],
            end_date=row["end_date"],
            before=_reasons(days.select(pl.coalesce("ruled_reason", "reason")).to_series()),
            after=_reasons(days["reason"]),
            stands=row["withdrawn"] == "0",
            source_file=row["delivery"],
            line=row["line_no"],
        )


def _reasons(codes: pl.Series) -> str:
    return "・".join(DECISION_REASON.labels[code] for code in codes.unique(maintain_order=True)) or "なし"


def _decisions(house: House, children: pl.Series, known: date | None) -> Iterator[Decided]:
    """Every recorded decision about the child, of months that had ended by `known`."""
    keys = house.shelf.partitions(ELIGIBILITY_DECISIONS.name)
    rows = house.shelf.read_many(ELIGIBILITY_DECISIONS, keys).filter(pl.col(_CHILD).is_in(children.implode()))
    for row in rows.sort("decided_month", "decision_no").iter_rows(named=True):
        if known is None or last_day(row["decided_month"]) <= known:
            yield Decided(
                decision_no=row["decision_no"],
                month=row["decided_month"],
                cause=CAUSE.labels[row["cause"]],
                previous_no=row["previous_no"],
                changed_from_date=row["changed_from_date"],
                source_file=row["delivery"],
                line=row["line_no"],
            )
