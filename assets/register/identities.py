"""名寄せ: one person under several 宛名番号.

Belongs here: which number stands for the person, and reading a table by person instead of by number.
Does not belong here: finding out that two numbers are one person; the city's register says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from assets.register.histories import latest
from assets.register.intervals import united
from schemas.records.register import IDENTITIES


def identities(nonresidents_known: pl.DataFrame) -> pl.DataFrame:
    """IDENTITIES: the numbers that stand for somebody listed under another one. Source: 住登外の名寄せ先宛名番号.

    A chain of numbers ends at its last one, a circle at its smallest.
    """
    told = latest(nonresidents_known).filter(pl.col("same_person_code").is_not_null())
    named = dict(told.select("resident_code", "same_person_code").iter_rows())
    persons = pl.Series("person_code", [_person(code, named) for code in told["resident_code"]], dtype=pl.String)
    others = told.with_columns(persons).filter(pl.col("person_code") != pl.col("resident_code"))
    return others.select(IDENTITIES.names).sort("resident_code")


def _person(code: str, named: Mapping[str, str]) -> str:
    passed: list[str] = []
    while code in named and code not in passed:
        passed.append(code)
        code = named[code]
    return min(passed[passed.index(code) :]) if code in passed else code


def as_person(frame: pl.DataFrame, identities: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """`frame` in its order with the numbers in `columns` replaced by those of the persons; no row is lost."""
    numbers, persons = identities["resident_code"], identities["person_code"]
    return frame.with_columns(pl.col(column).replace(numbers, persons) for column in columns)


def united_as_person(periods: pl.DataFrame, identities: pl.DataFrame) -> pl.DataFrame:
    """Periods by resident_code read by person: those of two numbers that overlap become one (see `united`)."""
    return united(as_person(periods, identities, "resident_code"), "resident_code")
