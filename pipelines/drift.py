"""`kodomo drift`: what moved in a month's taxes, what it would change, and a person who lets it pass.

Belongs here: reading the month's delivery, and a trial of it as words. Does not belong here: what counts as moved
(assets/feeds), deciding (trial.py).
"""

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from assets.feeds.checks import tax_drift
from assets.feeds.drift import seal
from pipelines.trial import Arrived, Trial, tried
from reports.explain.trial import SHOWN, Biggest, Tried, Turn, trial_text
from resources.house import House
from schemas.codes import BENEFIT_REASON, CARE, DECISION_REASON, ELIGIBILITY_OUTCOME, JUDGEMENT, SUBSIDY_REASON
from schemas.records.feeds import RESIDENT_TAXES

_NONE = "なし"


def accepted_text(key: str, month: date, person: str, why: str) -> str:
    """One line per figure that moved and still waits, then what the delivery and the law would change; with a person,
    the figures are let pass. Raises ShelfError, DeliveryError."""
    house = House()
    arrived = Arrived.of(house, month)
    found = tax_drift(house, month, arrived.rows[RESIDENT_TAXES.name])
    lines = [
        f"{year}年度({load}) {figure}: {before:,} → {now:,}\n"
        for year, load, figure, before, now in found.iter_rows()
    ]  # fmt: skip
    if found.is_empty():
        lines = [f"{key}: 確認を待つ動きはありません\n"]
    lines.append(trial_text(told(tried(house, arrived, house.law))))
    if person and not found.is_empty():
        house.acceptances.accept(RESIDENT_TAXES.name, seal(found), person, why)
        lines.append(f"{person} が認めました: {why}\n")
    return "".join(lines)


def told(trial: Trial) -> Tried:
    """A trial in words, the most frequent turns first, and of lines and shares the biggest differences."""
    days = _said(trial.eligibility, _outcome)
    lines, shares = _said(trial.lines, _judgement), _said(trial.shares, _share)
    return Tried(
        children=days["child_resident_code"].n_unique(),
        entitlements=_turns(days, None),
        lines=_turns(lines, "amount_yen"),
        shares=_turns(shares, "prefecture_yen"),
        biggest=[*_biggest(lines, "amount_yen", "支給額"), *_biggest(shares, "prefecture_yen", "県費")],
        missing=trial.missing,
    )


def _outcome(when: str) -> pl.Expr:
    return _words(when, ("entitled", ELIGIBILITY_OUTCOME.labels), ("reason", DECISION_REASON.labels))


def _judgement(when: str) -> pl.Expr:
    return _words(when, ("judgement", JUDGEMENT.labels), ("reason", BENEFIT_REASON.labels))


def _share(when: str) -> pl.Expr:
    return _words(when, ("reason", SUBSIDY_REASON.labels))


def _words(when: str, *columns: tuple[str, Mapping[str, str]]) -> pl.Expr:
    """The labels of some columns of one side, joined; なし where the side has no such row."""
    labels = [pl.col(f"{when}_{name}").replace_strict(dict(said), return_dtype=pl.String) for name, said in columns]
    return pl.concat_str(labels, separator=" ").fill_null(_NONE)


def _said(rows: pl.DataFrame, words: Callable[[str], pl.Expr]) -> pl.DataFrame:
    return rows.with_columns(words(when).alias(when) for when in ("was", "is"))


def _turns(rows: pl.DataFrame, money: str | None) -> list[Turn]:
    yen = [pl.lit(0) if money is None else pl.col(f"{when}_{money}").sum() for when in ("was", "is")]
    sums = rows.group_by("was", "is").agg(pl.len().alias("count"), yen[0].alias("was_yen"), yen[1].alias("is_yen"))
    return [Turn(*row) for row in sums.sort("count", "was", "is", descending=[True, False, False]).iter_rows()]


def _biggest(rows: pl.DataFrame, money: str, what: str) -> list[Biggest]:
    size = pl.col("difference_yen").abs()
    found = rows.filter(size > 0).sort(size, "child_resident_code", "service_month", descending=[True, False, False])
    named = found.head(SHOWN).select(
        "child_resident_code",
        "service_month",
        pl.format("{} {}", pl.col("care").replace_strict(dict(CARE.labels)), pl.lit(what)),
        "was",
        "is",
        pl.col(f"was_{money}").fill_null(0),
        pl.col(f"is_{money}").fill_null(0),
    )
    return [Biggest(*row) for row in named.iter_rows()]
