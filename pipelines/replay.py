"""Past decisions made again from what was known then, and what made today's different.

Belongs here: reading the inputs a decision was made from and comparing. Does not belong here: deciding
(assets/eligibility) and the words (reports/explain).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.eligibility import rules
from assets.explanation.comparing import compared
from assets.register.identities import as_person, identities
from assets.register.intervals import merged
from pipelines.moments import Moment, moment
from reports.explain.changes import LATE, LAW, OVERRIDDEN, Change
from resources.house import House
from resources.registry import Volume
from resources.shelf import content_digest
from schemas.codes import DECISION_REASON, ELIGIBILITY_OUTCOME
from schemas.errors import CityError
from schemas.law.book import Law
from schemas.records.catalogue import RECORDS
from schemas.records.feeds import OVERRIDES
from schemas.records.register import (
    ELIGIBILITY,
    IDENTITIES,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    RESTRICTIONS,
    SCHEMES,
    known,
)
from schemas.records.statistics import LAW_BOOK

_MADE_FROM = (PERSONS, IDENTITIES, RESIDENCES, SCHEMES, REGISTRATION_PERIODS, RESTRICTIONS, known(OVERRIDES))
_CHILD = "child_resident_code"


class InputsUnknown(CityError):
    """The registry does not say which generations a volume was made from."""


@dataclass(frozen=True)
class Replayed:
    """A month's eligibility made again: rows then and now, how many are only in one, and both digests."""

    volume: Volume
    rows: int
    only_then: int
    only_again: int
    digest: str

    @property
    def same(self) -> bool:
        """Whether not one byte differs."""
        return self.digest == self.volume.digest

    def sentence(self) -> str:
        """一致 or 不一致, with the counts."""
        which = f"{self.volume.partition} 第{self.volume.generation}世代"
        if self.same:
            return f"一致: {which}の資格 {self.rows:,}行は、当時の入力から1行も違わず作り直せました。"
        return (
            f"不一致: {which}の資格 {self.volume.rows:,}行、作り直すと{self.rows:,}行。"
            f"当時だけの行 {self.only_then:,}、作り直しだけの行 {self.only_again:,}。"
        )


def replayed_month(house: House, key: str, generation: int | None = None) -> Replayed:
    """A generation (default: the current one) of a month's ELIGIBILITY, decided again from its own inputs.

    Raises ShelfError when a volume is missing, InputsUnknown when the registry does not name an input.
    """
    volume = house.shelf.standing(ELIGIBILITY, key, generation)
    stood = house.shelf.open(ELIGIBILITY, volume)
    again = ELIGIBILITY.validated(_decided_again(house, volume)).sort(ELIGIBILITY.key)
    return Replayed(volume, again.height, _only_in(stood, again), _only_in(again, stood), digest=content_digest(again))


def _only_in(one: pl.DataFrame, other: pl.DataFrame) -> int:
    return one.join(other, on=ELIGIBILITY.names, how="anti", nulls_equal=True).height


def _decided_again(house: House, volume: Volume) -> pl.DataFrame:
    read = {record.name: _input(house, volume, record.name) for record in _MADE_FROM}
    overrides = as_person(read[known(OVERRIDES).name], read[IDENTITIES.name], _CHILD)
    return rules.eligibility(
        read[PERSONS.name],
        read[RESIDENCES.name],
        read[SCHEMES.name],
        read[REGISTRATION_PERIODS.name],
        read[RESTRICTIONS.name],
        overrides,
        _law_of(house, volume),
    )


def _input(house: House, volume: Volume, dataset: str) -> pl.DataFrame:
    source = next((source for source in volume.inputs if source.dataset == dataset), None)
    if source is None:
        raise InputsUnknown(f"{volume.dataset} {volume.partition} の入力に {dataset} の記録がありません。")
    return house.shelf.read(RECORDS[dataset], source.partition, source.generation)


def _law_of(house: House, volume: Volume) -> Law:
    """The law book that stood when a volume was published: the one it was made by."""
    stood = house.shelf.as_of(LAW_BOOK.name, volume.partition, volume.published_at)
    if stood is None:
        raise InputsUnknown(f"{volume.dataset} {volume.partition} を決めたときの法の控えがありません。")
    return Law.from_frame(house.municipality, house.shelf.open(LAW_BOOK, stood))


def replayed_child(house: House, child: str, day: date) -> pl.DataFrame:
    """ELIGIBILITY of a child by what was known on a day and the law that stood."""
    then = moment(house, day).about(pl.Series([child]))
    return then.decided().filter(pl.col(_CHILD).is_in(_numbers(then, child).implode()))


def _numbers(then: Moment, child: str) -> pl.Series:
    """The number asked about and the one of the person it stands for."""
    asked = pl.DataFrame({_CHILD: [child]})
    person = as_person(asked, identities(then.known["nonresidents"]), _CHILD)
    return pl.concat([asked, person])[_CHILD].unique(maintain_order=True)


def intervals_text(rows: pl.DataFrame) -> str:
    """ELIGIBILITY as lines: first and last day, outcome, reason; ends with a line break."""
    said = merged(rows, [_CHILD, "entitled", "benefit_class", "reason"])
    told = said.with_columns(pl.col("end_date").dt.offset_by("-1d").alias("last_date"))
    lines = [
        f"{row['start_date']} 〜 {row['last_date']}  {_outcome(row['entitled'], row['reason'], row['benefit_class'])}"
        for row in told.iter_rows(named=True)
    ]
    return "\n".join([*lines, ""]) if lines else "この日までに知っていたことからは、資格の期間がありません。\n"


def _outcome(entitled: str | None, reason: str | None, benefit_class: str | None = None) -> str:
    if entitled is None or reason is None:
        return "なし"
    only_inpatient = "・入院のみ" if benefit_class == "2" else ""
    return f"{ELIGIBILITY_OUTCOME.labels[entitled]}({DECISION_REASON.labels[reason]}{only_inpatient})"


def differences(then: Moment, now: Moment, child: str | None = None) -> list[Change]:
    """What changed from then to now, by deciding four times: later data, then the law, then the overrides."""
    if child is not None:
        children = pl.Series([child])
        then, now = then.about(children), now.about(children)
    data = Moment(now.known, then.law, now.day).with_overrides_of(then)
    law = Moment(now.known, now.law, now.day).with_overrides_of(then)
    steps = [one.decided() for one in (then, data, law, now)]
    if child is not None:
        own = pl.col(_CHILD).is_in(_numbers(now, child).implode())
        steps = [step.filter(own) for step in steps]
    return [
        change
        for kind, before, after in zip((LATE, LAW, OVERRIDDEN), steps, steps[1:], strict=False)
        for change in _changes(kind, compared(before, after))
    ]


def _changes(kind: str, rows: pl.DataFrame) -> Iterator[Change]:
    for row in rows.iter_rows(named=True):
        was, now = (
            _outcome(*(row[f"{when}_{name}"] for name in ("entitled", "reason", "benefit_class")))
            for when in ("was", "is")
        )
        yield Change(kind, row[_CHILD], row["start_date"], row["end_date"], was, now)
