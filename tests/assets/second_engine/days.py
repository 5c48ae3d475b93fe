"""What the law of eligibility says of one child on one day, in plain Python: no frame, no interval, no SQL.

Written from the text of the law as the project reads it, one function per paragraph, for tests to ask about every
day they like. Rows are dictionaries; a `City` holds them by table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from schemas.law.book import Law
from tests.assets.second_engine.small_city import TABLES, table

Row = dict[str, Any]
Said = tuple[str, str, str, str | None]
DAY = timedelta(days=1)
LEFT = {"51": "02", "52": "02", "53": "03"}


@dataclass(frozen=True)
class City:
    """Rows by table name, as `eligibility` takes them, and the law they are read under."""

    law: Law = field(repr=False)
    rows: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    def frames(self) -> dict[str, pl.DataFrame]:
        return {name: table(record, *self.rows.get(name, [])) for name, record in TABLES.items()}

    @cached_property
    def people(self) -> dict[str, Row]:
        return {row["resident_code"]: row for row in self.rows.get("persons", [])}

    @cached_property
    def aliases(self) -> dict[str, str]:
        return {row["resident_code"]: row["person_code"] for row in self.rows.get("identities", [])}

    @cached_property
    def children(self) -> list[str]:
        return sorted({row["child_resident_code"] for row in self.rows.get("registrations", [])} & set(self.people))

    @cached_property
    def _by_person(self) -> dict[str, dict[str, list[Row]]]:
        found: dict[str, dict[str, list[Row]]] = {}
        for name, rows in self.rows.items():
            owner = "child_resident_code" if rows and "child_resident_code" in rows[0] else "resident_code"
            for row in rows:
                person = self.aliases.get(row[owner], row[owner])
                found.setdefault(name, {}).setdefault(person, []).append(row)
        return found

    def of(self, name: str, person: str) -> list[Row]:
        """The rows of a person in a table, under any of its numbers."""
        return self._by_person.get(name, {}).get(person, [])

    def value(self, name: str, day: date) -> Any:
        return self.law.at(day).value(name)

    def holds(self, name: str, day: date) -> bool:
        """Whether a flag stands and is set; before the law book nothing is."""
        return any(one.value and one.stands_on(day) for one in self.law.of(name))


def covers(row: Row, day: date) -> bool:
    return bool(row["start_date"] <= day and (row["end_date"] is None or day < row["end_date"]))


def last_day_of_age(birth_date: date, years: int) -> date:
    """The first 31 March on or after the day before the birthday; born on 29 February, that is the 28th."""
    try:
        reached = birth_date.replace(year=birth_date.year + years) - DAY
    except ValueError:
        reached = date(birth_date.year + years, 2, 28)
    return date(reached.year + (reached > date(reached.year, 3, 31)), 3, 31)


def of_age(city: City, child: str, care: str, day: date) -> bool:
    years = city.value(f"age.{care}_until_years", day)
    birth_date: date = city.people[child]["birth_date"]
    return birth_date <= day <= last_day_of_age(birth_date, years)


def timeline(city: City, child: str) -> tuple[date, date] | None:
    """First day, and the day after the last on which either care is in scope."""
    birth_date: date = city.people[child]["birth_date"]
    versions = [one for care in ("inpatient", "outpatient") for one in city.law.of(f"age.{care}_until_years")]
    ends = []
    for one in versions:
        last = min(last_day_of_age(birth_date, one.value), (one.until_date or date.max) - DAY)
        if max(birth_date, one.from_date) <= last:
            ends.append(last + DAY)
    first = max(birth_date, min(one.from_date for one in versions))
    return (first, max(ends)) if ends else None


def not_here(city: City, child: str, day: date) -> str | None:
    stays = city.of("residences", child)
    if any(covers(stay, day) for stay in stays):
        return None
    ended = [stay for stay in stays if stay["end_date"] is not None and stay["end_date"] <= day]
    last = max(ended, key=lambda stay: (stay["end_date"], stay["start_date"]), default=None)
    return LEFT.get(last["end_reason"], "13") if last else "13"


def standing_registration(city: City, child: str, day: date) -> Row:
    """The registration last begun; before the first one, the first."""
    rows = sorted(city.of("registrations", child), key=itemgetter("registered_from_date"))
    begun = [row for row in rows if row["registered_from_date"] <= day]
    return begun[-1] if begun else rows[0]


def last_stay(city: City, person: str, day: date) -> Row | None:
    begun = [stay for stay in city.of("residences", person) if stay["start_date"] <= day]
    return max(begun, key=itemgetter("start_date"), default=None)


def guardian_fault(city: City, guardian: str, day: date) -> str | None:
    if guardian not in city.people:
        return "14"
    stay = last_stay(city, guardian, day)
    gone = stay is not None and stay["end_date"] is not None and stay["end_date"] <= day
    why = stay["end_reason"] if stay is not None and gone else None
    if why == "53":
        return "14" if city.value("guardian.death_suspends", day) else None
    if why == "52":
        return "12"
    coming = any(other["start_date"] > day for other in city.of("residences", guardian))
    outside = city.people[guardian]["in_japan"] == "0" and not coming and (gone or stay is None)
    return "12" if outside else None


def other_scheme(city: City, child: str, day: date) -> str | None:
    standing = {row["reason"] for row in city.of("schemes", child) if covers(row, day)}
    return next((code for code in city.value("exclusions.schemes_in_order", day) if code in standing), None)


def registered(city: City, child: str, day: date) -> bool:
    standing = standing_registration(city, child, day)
    if standing["registered_from_date"] > day:
        return False
    start: date = standing["begun_date"]
    school = last_day_of_age(city.people[child]["birth_date"], 6) + DAY
    losses = [stay["end_date"] for stay in city.of("residences", child) if stay["end_date"] is not None]
    for row in city.of("schemes", child):
        if row["start_date"] <= day and city.holds("registration.ends_when_other_scheme_begins", row["start_date"]):
            losses.append(row["start_date"])
    if start < school <= day and city.holds("registration.ends_at_school_entry", school):
        losses.append(school)
    for october in (date(year, 10, 1) for year in range(start.year, day.year + 1)):
        if max(school, start + DAY) <= october <= day and city.holds("registration.ends_every_october", october):
            losses.append(october)
    return not any(start < lost <= day for lost in losses)


def learned(row: Row) -> tuple[Any, ...]:
    return row["known_date"], row["delivery"], row["line_no"]


def in_arrears(city: City, person: str, base_date: date, items: Iterable[str]) -> bool | None:
    told: dict[tuple[str, str], Row] = {}
    for row in sorted(city.of("arrears_known", person), key=learned):
        if row["base_date"] == base_date and row["arrears_item"] in items:
            told[row["resident_code"], row["arrears_item"]] = row
    said = {item: {row["arrears"] for (_, one), row in told.items() if one == item} for item in items}
    if any("1" in values for values in said.values()):
        return True
    return None if any("9" in values or not values for values in said.values()) else False


def number(row: Row, item: str) -> int:
    return int(row.get(item) or 0)


def deducted(row: Row, rule: Row) -> int:
    if rule["kind"] == "flat":
        return int(rule["yen"])
    if rule["kind"] == "flag":
        return int(rule["yen"]) if row.get(rule["item"]) == rule["value"] else 0
    return number(row, rule["item"]) * (1 if rule["kind"] == "actual" else int(rule["yen"]))


def tax_row(city: City, person: str, tax_year: int) -> Row | None:
    rows = [row for row in city.of("resident_taxes_known", person) if row["tax_year"] == tax_year]
    last = max(rows, key=lambda row: (row["revision_no"], row["resident_code"], *learned(row)), default=None)
    return last if last and last["filing"] == "1" else None


def income_and_limit(city: City, person: str, tax_year: int, day: date) -> tuple[int, int] | None:
    row = tax_row(city, person, tax_year)
    if row is None:
        return None
    parts = sum(number(row, item) for item in city.value("income.parts", day))
    income = parts - sum(deducted(row, rule) for rule in city.value("income.deductions", day))
    spouse = row.get("spouse_deduction_class")
    kinds = ("dependents_0_15_count", "other_dependents_count", "specified_dependents_count")
    elderly = number(row, "elderly_dependents_count")
    dependants = sum(number(row, kind) for kind in kinds) + elderly + (spouse in ("1", "2"))
    limits = {one["dependants"]: one["limit_yen"] for one in city.value("restriction.income_limits", day)}
    more = max(dependants - max(limits), 0) * city.value("restriction.income_limit_more_yen", day)
    aged = (elderly + (spouse == "2")) * city.value("restriction.income_limit_elderly_yen", day)
    return max(income, 0), limits[min(dependants, max(limits))] + more + aged


def over_limit(city: City, parents: list[str], tax_year: int, day: date) -> bool | None:
    found = [income_and_limit(city, one, tax_year, day) for one in parents]
    each = city.value("restriction.income_persons", day) == "each"
    if each and any(one is not None and one[0] > one[1] for one in found):
        return True
    if any(one is None for one in found):
        return None
    income, limit = max((one for one in found if one is not None), key=itemgetter(0))
    return not each and income > limit


def either(one: bool | None, other: bool | None) -> bool | None:
    return True if one or other else None if one is None or other is None else False


def both(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if one is None or other is None else True


def judged_year(city: City, day: date) -> Row:
    how = city.value("restriction.year", day)
    year = day.year if day.month >= how["begins_month"] else day.year - 1
    base_date = date(year, how["arrears_month"], how["arrears_day"])
    return {"base_date": base_date, "tax_year": year + how["tax_year_offset"]}


def restriction(city: City, child: str, day: date) -> str | None:
    mode = city.value("restriction.mode", day)
    entry = last_day_of_age(city.people[child]["birth_date"], city.value("restriction.after_years", day))
    family = next((row for row in city.of("guardians", child) if covers(row, day)), None)
    if mode == "none" or day <= entry or family is None:
        return None
    parents = [one for one in (family["guardian_resident_code"], family["spouse_resident_code"]) if one]
    year = judged_year(city, day)
    items = city.value("restriction.arrears_items", day)
    owed = [in_arrears(city, one, year["base_date"], items) for one in parents]
    arrears = either(owed[0], owed[-1])
    if mode == "arrears":
        return {True: "10", None: "15", False: None}[arrears]
    over = over_limit(city, parents, year["tax_year"], day)
    if mode == "income_and_arrears":
        return {True: "10", None: "15", False: None}[both(over, arrears)]
    return "09" if over else {True: "10", None: "15", False: None}[either(over, arrears)]


def override(city: City, child: str, day: date) -> str | None:
    last: dict[str, Row] = {}
    for row in sorted(city.of("overrides_known", child), key=lambda row: (row["revision_no"], *learned(row))):
        last[row["override_no"]] = row
    standing = [row for row in last.values() if row["withdrawn"] == "0" and covers(row, day)]
    winner = max(standing, key=itemgetter("entered_date", "override_no"), default=None)
    return str(winner["outcome"]) if winner else None


def ruled(city: City, child: str, day: date) -> str:
    """The reason of the first test that fails; 00 where none does."""
    guardian = standing_registration(city, child, day)["guardian_resident_code"]
    return (
        not_here(city, child, day)
        or (None if of_age(city, child, "inpatient", day) else "01")
        or guardian_fault(city, guardian, day)
        or other_scheme(city, child, day)
        or (None if registered(city, child, day) else "11")
        or restriction(city, child, day)
        or "00"
    )


def said(city: City, child: str, day: date) -> Said:
    """(entitled, benefit_class, reason, ruled_reason) of a day inside the child's timeline."""
    reason, outcome = ruled(city, child, day), override(city, child, day)
    if outcome == "1":
        return "1", "1", "00", reason
    if outcome is not None:
        return "0", "0", {"2": "99", "3": "16"}[outcome], reason
    if reason != "00":
        return "0", "0", reason, None
    return "1", "1" if of_age(city, child, "outpatient", day) else "2", "00", None


def every_day(city: City, child: str) -> Iterator[tuple[date, date, Said]]:
    """The child's intervals, found by asking about each day of its timeline."""
    span = timeline(city, child)
    days = [span[0] + n * DAY for n in range((span[1] - span[0]).days)] if span else []
    for what, run in groupby(days, key=lambda day: said(city, child, day)):
        spell = list(run)
        yield spell[0], spell[-1] + DAY, what
