"""Parents, what they earn and owe, and the children they raise: rows of small made-up families."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import polars as pl
import yaml

from assets.eligibility.means import means
from assets.eligibility.restrictions import restrictions
from schemas.law.book import HERE, Law
from schemas.record import Item, Record
from schemas.records.feeds import ARREARS_FLAGS, RESIDENT_TAXES
from schemas.records.register import GUARDIANS, IDENTITIES, PERSONS, RESTRICTIONS, known

CITY = "112038"
LAW = Law.load(CITY)
CHILD, MOTHER, FATHER, ALIAS = (f"{number:015d}" for number in (1, 2, 3, 902))
BIRTH = date(2003, 6, 15)
"""A child past entry to school in every restricted year until 2019-03-31."""
ITEMS = ("151", "152", "153", "154", "155", "156", "157", "158")
TAXES, ARREARS = known(RESIDENT_TAXES), known(ARREARS_FLAGS)
OCTOBER_2013, OCTOBER_2014 = date(2013, 10, 1), date(2014, 10, 1)

Row = dict[str, object]


def _filler(item: Item) -> object:
    if item.nullable:
        return None
    kind = item.type
    if kind.codes is not None:
        return next(iter(kind.codes.labels))
    fillers = {"date": date(2024, 4, 1), "month": date(2024, 4, 1), "digits": "0" * (kind.length or 1), "text": "あ"}
    return fillers.get(kind.name, 0)


def rows_of(record: Record, rows: list[Row]) -> pl.DataFrame:
    """Rows of a record, those not given null or filled; lines are numbered from 1."""
    filled = [{item.name: _filler(item) for item in record.items} | {"line_no": at} for at in range(1, len(rows) + 1)]
    both = [{name: (usual | row)[name] for name in record.names} for usual, row in zip(filled, rows, strict=True)]
    return pl.DataFrame(both, schema=record.schema)


def tax(code: str = MOTHER, year: int = 2013, income: int | None = 3_000_000, **more: object) -> Row:
    """A tax row; without income it is 未申告."""
    usual: Row = {"resident_code": code, "tax_year": year, "revision_no": 1, "delivery": "resident_taxes_1"}
    return usual | {"filing": "0" if income is None else "1", "total_income_yen": income} | more


def taxes(*rows: Row) -> pl.DataFrame:
    """Known rows of resident_taxes."""
    return rows_of(TAXES, list(rows))


def owing(code: str = MOTHER, year: int = 2013, said: str = "0", **by_item: str) -> list[Row]:
    """The eight items of a person by 31 March of a year; `i154="1"` says otherwise of one item, "" leaves it out."""
    found = {item: by_item.get(f"i{item}", said) for item in ITEMS}
    usual: Row = {"resident_code": code, "base_date": date(year, 3, 31), "delivery": "arrears_1"}
    return [usual | {"arrears_item": item, "arrears": flag} for item, flag in found.items() if flag]


def arrears(*rows: Row) -> pl.DataFrame:
    """Known rows of arrears."""
    return rows_of(ARREARS, list(rows))


def aliases(**persons: str) -> pl.DataFrame:
    """IDENTITIES from number → person, numbers written n<digits>."""
    named = [{"resident_code": number[1:], "person_code": person} for number, person in persons.items()]
    return rows_of(IDENTITIES, [dict(row) for row in named])


def children(**births: date) -> pl.DataFrame:
    """PERSONS of children, written n<digits>=birth."""
    return rows_of(PERSONS, [{"resident_code": code[1:], "birth_date": birth} for code, birth in births.items()])


def raised(
    child: str = CHILD,
    guardian: str = MOTHER,
    spouse: str | None = None,
    start: date = date(2009, 4, 1),
    end: date | None = None,
) -> Row:
    """A row of GUARDIANS."""
    parents: Row = {"guardian_resident_code": guardian, "spouse_resident_code": spouse}
    return {"child_resident_code": child, "start_date": start, "end_date": end, "spouse_declared": "1"} | parents


def guardians(*rows: Row) -> pl.DataFrame:
    """GUARDIANS."""
    return rows_of(GUARDIANS, list(rows))


def law_edited(folder: Path, edit: Callable[[dict[str, Any]], None]) -> Law:
    """The law book with another wording of the city's eligibility.yaml."""
    copytree(HERE, folder, dirs_exist_ok=True, ignore=ignore_patterns("__pycache__"))
    path = folder / "kawaguchi" / "eligibility.yaml"
    book: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    edit(book)
    path.write_text(yaml.dump(book, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")
    return Law.load(CITY, folder)


def law_read_as(folder: Path, mode: str, with_limits: bool = True, persons: str = "higher") -> Law:
    """The law book with another reading of October 2014, its limits still standing after it if `with_limits`."""

    def edit(book: dict[str, Any]) -> None:
        book["restriction.mode"]["versions"][2]["value"] = mode
        for name in ("income_persons", "income_limits", "income_limit_more_yen", "income_limit_elderly_yen"):
            (version,) = book[f"restriction.{name}"]["versions"]
            if with_limits:
                del version["until"]
        book["restriction.income_persons"]["versions"][0]["value"] = persons

    return law_edited(folder, edit)


def restricted(
    family: list[Row],
    taxed: list[Row],
    owed: list[Row],
    law: Law = LAW,
    births: pl.DataFrame | None = None,
    identities: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """RESTRICTIONS of a family (rows of GUARDIANS) from its taxes and arrears; one child unless `births` says more."""
    people = children(**{f"n{CHILD}": BIRTH}) if births is None else births
    named = IDENTITIES.empty() if identities is None else identities
    known = means(taxes(*taxed), arrears(*owed), named, law)
    return RESTRICTIONS.validated(restrictions(guardians(*family), people, known, law))


def on_day(found: pl.DataFrame, day: date, child: str = CHILD) -> set[str]:
    """The reasons that stand on a day."""
    own = pl.col("child_resident_code") == child
    return set(found.filter(own, pl.col("start_date") <= day, pl.col("end_date") > day)["reason"])
