"""The family of the worked examples: a child, its mother (受給資格者) and its father.

Unless the example says otherwise it files every application in time, is never in arrears and earns 3,000,000 yen
each. Everything is synthetic.
"""

from datetime import date
from typing import Any

from schemas.codes import ARREARS_ITEM
from schemas.law.book import Law
from tests.support.cases import CHILD, FATHER, LAW, MOTHER, Register, application, register, resident

USUAL = date(2018, 6, 15)
PARENTS = {"母": MOTHER, "父": FATHER}
_YEARS = range(2013, 2024)
_RENEWED = range(2012, 2024)
_INCOME_YEN = 3_000_000
_NUMBERED = ("beneficiary_no", "application_no")
Row = dict[str, object]


def school_entry(birth: date) -> date:
    """1 April of the first year of school: who is born on 1 April is six on 31 March."""
    return date(birth.year + 6 + ((birth.month, birth.day) > (4, 1)), 4, 1)


def dutiful(birth: date) -> list[list[Any]]:
    """[種別, 理由, 申請日, 事由日] of everything a family has to file, each in time."""
    entry = school_entry(birth)
    grown = entry.replace(year=entry.year + 9)
    filed: list[list[Any]] = [["01", "01", birth, birth]]
    if date(2009, 4, 1) <= entry < date(2024, 10, 1):
        filed.append(["01", "03", entry.replace(month=2), entry])
    for october in (date(year, 10, 1) for year in _RENEWED):
        if entry <= october < grown:
            filed.append(["02", "09", october.replace(month=7), october])
    if grown <= date(2024, 10, 1):
        filed.append(["06", "04", date(2024, 7, 31), date(2024, 10, 1)])
    return filed


def _applications(case: dict[str, Any], birth: date) -> list[Row]:
    rows = [
        application(
            application_type=kind, application_reason=reason, application_date=filed, event_date=event,
            spouse_resident_code=FATHER, insurance_type_code=case.get("insurance", "01"),
        )
        for kind, reason, filed, event in case.get("filed", dutiful(birth))
    ]  # fmt: skip
    if "changed" in case:
        rows.append(
            application(
                guardian=FATHER, application_type="03", application_reason="08",
                application_date=case["changed"], event_date=case["changed"],
            )
        )  # fmt: skip
    return [row | {"application_no": f"A{at:03d}"} for at, row in enumerate(rows)]


def _taxes(case: dict[str, Any]) -> list[Row]:
    who, of_year, stated = case.get("income", (None, None, None))
    earned = {(code, year): _INCOME_YEN for code in PARENTS.values() for year in _YEARS}
    if who:
        earned[PARENTS[who], of_year] = stated
    return [
        {"resident_code": code, "tax_year": year, "revision_no": 1, "delivery": "resident_taxes_1"}
        | {"filing": "0" if income is None else "1", "total_income_yen": income}
        for (code, year), income in earned.items()
    ]


def _arrears(case: dict[str, Any]) -> list[Row]:
    who, of_year, item, flag = case.get("owes", (None, None, None, None))
    said = {(code, year, one): "0" for code in PARENTS.values() for year in _YEARS for one in ARREARS_ITEM.labels}
    if who:
        said[PARENTS[who], of_year, item] = flag
    return [
        {"resident_code": code, "base_date": date(year, 3, 31), "arrears_item": one, "arrears": stated}
        for (code, year, one), stated in said.items()
    ]


def family(case: dict[str, Any], law: Law = LAW) -> Register:
    """The register of an example and what is decided from it."""
    return register(law, **_rows(case))


def person_of(code: str, home: int) -> str:
    """The number of a person of the family at a place of the village."""
    return f"{home:06d}{code[6:]}"


def village(cases: list[dict[str, Any]], law: Law = LAW) -> Register:
    """The families of many examples side by side in one register: each is decided as if it were alone in it."""
    rows: dict[str, list[Row]] = {}
    for home, case in enumerate(cases):
        for feed, given in _rows(case).items():
            rows.setdefault(feed, []).extend(_moved(row, home) for row in given)
    return register(law, **rows)


def _moved(row: Row, home: int) -> Row:
    own = {name: person_of(str(said), home) for name, said in row.items() if name.endswith("resident_code") and said}
    return row | own | {name: f"{home:04d}{str(row[name])[-3:]}" for name in _NUMBERED if name in row}


def _rows(case: dict[str, Any]) -> dict[str, list[Row]]:
    birth = case.get("birth", USUAL)
    moved = {"resident_to_date": case["moved"], "resident_to_reason": "51"} if "moved" in case else {}
    died = {"resident_to_date": case["died"], "resident_to_reason": "53"} if "died" in case else {}
    rows: dict[str, list[Row]] = {
        "residents": [
            resident(CHILD, birth, **moved),
            resident(MOTHER, date(1975, 1, 1), sex="2", **died),
            resident(FATHER, date(1974, 1, 1)),
        ],
        "applications": _applications(case, birth),
        "resident_taxes": _taxes(case),
        "arrears": _arrears(case),
    }
    if "scheme" in case:
        feed, start, *end = case["scheme"]
        rows[feed] = [{"resident_code": CHILD, "start_date": start, "end_date": end[0] if end else None}]
    return rows
