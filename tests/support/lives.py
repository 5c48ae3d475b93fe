"""Small cities drawn by chance: two children, three adults, whatever can happen to them since 2009, and when the city
learned of it. For property tests: the rows are possible, not likely."""

from datetime import date, timedelta
from random import Random

import polars as pl

from assets.eligibility.known import Known
from assets.register.rules import known as fold
from schemas.codes import ARREARS_ITEM
from schemas.records.feeds import FEEDS
from schemas.records.register import KEPT
from schemas.records.register import known as known_record
from tests.support.cases import frame

CHILDREN = ("000000000000011", "000000000000012")
ALIAS = "000000000000013"
ADULTS = ("000000000000021", "000000000000022")
OUTSIDER = "000000000000023"
PARENTS = (*ADULTS, OUTSIDER)
MONTHS = tuple(date(2026, month, 1) for month in (4, 5, 6, 7))
SCHEME_FEEDS = ("public_assistance", "severe_disability", "single_parent", "facilities")
Rows = dict[str, list[dict[str, object]]]

_FIRST, _LAST = date(2008, 1, 1), date(2026, 7, 31)
_DAYS = (_LAST - _FIRST).days
_SHARP = [
    date(2009, 4, 1),
    date(2012, 10, 1),
    date(2013, 10, 1),
    date(2014, 10, 1),
    date(2016, 4, 1),
    date(2024, 10, 1),
]


def _day(source: Random) -> date:
    """Any day since 2008; one in three stands at a date of the law."""
    if source.random() < 0.33:
        return source.choice(_SHARP) + timedelta(days=source.choice((-1, 0, 0, 1)))
    return _FIRST + timedelta(days=source.randrange(_DAYS))


def _stretch(source: Random) -> tuple[date, date | None]:
    start = _day(source)
    return start, None if source.random() < 0.4 else start + timedelta(days=source.choice((1, 30, 400, 2000)))


def _history(number: int, source: Random) -> dict[str, object]:
    return {
        "history_no": number,
        "history_branch_no": source.randrange(2),
        "operated_date": date(2026, 4, 1) + timedelta(days=source.randrange(90)),
        "latest_flag": "1",
        "deleted_flag": "1" if source.random() < 0.08 else "0",
    }


def _residents(births: dict[str, date], source: Random) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for code in (*CHILDREN, *ADULTS):
        start = births[code] if source.random() < 0.7 else _day(source)
        for number in range(1, source.randrange(1, 4) + 1):
            end = None if source.random() < 0.4 else start + timedelta(days=source.choice((1, 200, 1500, 4000)))
            rows.append(
                _history(number, source)
                | {
                    "resident_code": code, "birth_date": births[code],
                    "resident_from_date": start, "change_date": start, "resident_to_date": end,
                    "resident_to_reason": None if end is None else source.choice(("51", "52", "53", "54")),
                    "household_no": source.choice(("000000000000101", "000000000000102")),
                    "household_role": "04" if code in CHILDREN else source.choice(("01", "02", "03", "09")),
                }
            )  # fmt: skip
            start = (end or start) + timedelta(days=source.choice((0, 1, 90)))
    return rows


def _nonresidents(births: dict[str, date], source: Random) -> list[dict[str, object]]:
    told = [(OUTSIDER, None), (ALIAS, CHILDREN[1] if source.random() < 0.7 else None), (ADULTS[1], None)]
    return [
        _history(1, source)
        | {
            "resident_code": code, "birth_date": births.get(code, births[CHILDREN[1]]), "same_person_code": person,
            "in_japan": source.choice(("0", "1")), "deleted_flag": "0",
        }
        for code, person in told
    ]  # fmt: skip


def _schemes(source: Random) -> Rows:
    rows: Rows = {feed: [] for feed in SCHEME_FEEDS}
    for number in range(1, source.randrange(4) + 1):
        start, end = _stretch(source)
        about = {"resident_code": source.choice((*CHILDREN, ALIAS)), "start_date": start, "end_date": end}
        rows[source.choice(SCHEME_FEEDS)].append(_history(number, source) | about)
    return rows


def _applications(source: Random) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in range(source.randrange(2, 9)):
        event, child = _day(source), source.choice((*CHILDREN, ALIAS))
        rows.append(
            {
                "application_no": f"A{number}", "child_resident_code": child, "event_date": event,
                "application_date": event + timedelta(days=source.choice((0, 10, 15, 16, 40))),
                "application_type": source.choice(("01", "01", "02", "02", "03", "05", "06")),
                "application_reason": source.choice(("01", "03", "04", "08", "09")),
                "guardian_resident_code": source.choice((*PARENTS, "000000000000099")),
                "spouse_resident_code": source.choice((None, *PARENTS)),
                "beneficiary_no": "1000009", "insurance_type_code": "01",
            }
        )  # fmt: skip
    return rows


def _means(source: Random) -> Rows:
    taxes = [
        {
            "resident_code": code, "tax_year": year, "revision_no": revision, "filing": source.choice(("0", "1", "1")),
            "total_income_yen": None, "dependents_0_15_count": source.randrange(3),
        }
        for code in PARENTS for year in (2013, 2014) for revision in (1, 2) if source.random() < 0.6
    ]  # fmt: skip
    for row in taxes:
        row["total_income_yen"] = source.choice((0, 5_000_000, 9_000_000)) if row["filing"] == "1" else None
    arrears = [
        {
            "resident_code": code, "arrears_item": item, "base_date": date(year, 3, 31),
            "arrears": source.choice("00000129"),
        }
        for code in PARENTS for year in (2013, 2014, 2015) for item in ARREARS_ITEM.labels if source.random() < 0.8
    ]  # fmt: skip
    return {"resident_taxes": taxes, "arrears": arrears}


def _overrides(source: Random) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in range(source.randrange(3)):
        for revision in range(1, source.randrange(1, 3) + 1):
            start, end = _stretch(source)
            rows.append(
                {
                    "override_no": f"O{number}", "revision_no": revision, "start_date": start, "end_date": end,
                    "child_resident_code": source.choice((*CHILDREN, ALIAS)), "outcome": source.choice("123"),
                    "entered_date": _day(source), "withdrawn": source.choice("001"), "why": "確認のため",
                }
            )  # fmt: skip
    return rows


_CODES = ("resident_code", "child_resident_code", "guardian_resident_code", "spouse_resident_code", "same_person_code", "household_no")  # fmt: skip # noqa: E501
_NUMBERS = ("application_no", "override_no")


def cities(seed: int, count: int) -> Rows:
    """The rows of several small cities side by side, each with numbers of its own."""
    rows: Rows = {}
    for city in range(count):
        for feed, told in drawn(f"{seed} {city}").items():
            rows.setdefault(feed, []).extend(_moved(row, city) for row in told)
    return rows


def _moved(row: dict[str, object], city: int) -> dict[str, object]:
    """The row with every number moved into a range of its city's own."""
    codes = {name: f"{int(str(row[name])) + city * 1000:015d}" for name in _CODES if row.get(name) is not None}
    return row | codes | {name: f"{row[name]}-{city}" for name in _NUMBERS if name in row}


def drawn(seed: object) -> Rows:
    """The rows of one small city by feed; the same for the same seed."""
    source = Random(str(seed))
    births = {code: date(source.randrange(1995, 2012), 1, 1) + timedelta(source.randrange(366)) for code in CHILDREN}
    births |= dict.fromkeys(PARENTS, date(1980, 5, 5))
    return {
        "residents": _residents(births, source),
        "nonresidents": _nonresidents(births, source),
        "applications": _applications(source),
        "overrides": _overrides(source),
        **_schemes(source),
        **_means(source),
    }


def learned(rows: Rows, seed: int) -> Known:
    """What is known once every row has arrived, each on some day of MONTHS chosen by `seed`."""
    source = Random(seed)
    frames = {}
    for feed in KEPT:
        days = [source.choice(MONTHS) + timedelta(days=source.randrange(28)) for _ in rows.get(feed.name, [])]
        told = [
            row | {"known_date": day, "delivery": f"{feed.name}_{day}", "line_no": at}
            for at, (row, day) in enumerate(zip(rows.get(feed.name, []), days, strict=True), 1)
        ]
        record = known_record(feed)
        frames[feed.name] = fold(FEEDS[feed.name], record.empty(), frame(record, told).sort("known_date"))
    return Known(frames)


def said(eligibility: pl.DataFrame) -> pl.DataFrame:
    """What is decided, without the rows it came from."""
    return eligibility.drop("feed", "delivery", "line_no")
