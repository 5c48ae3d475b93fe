"""Days that drawn cities seldom reach: a dead guardian the law no longer waits for, and what an operator decided."""

from datetime import date
from typing import Any

from assets.second_engine.eligibility import eligibility
from schemas.law.book import Law
from tests.assets.second_engine.drawn_city import amended
from tests.assets.second_engine.small_city import CHILD, GUARDIAN, TABLES, register, table

BORN, FIRST = date(2001, 6, 1), date(2009, 5, 1)
GROWN = date(2017, 4, 1)
NEVER_RENEWED = (date(2012, 10, 1), GROWN, "0", "0", "11", None)
Rows = list[dict[str, Any]]


def said(law: Law, birth_date: date = BORN, **rows: Rows) -> list[tuple[Any, ...]]:
    """The intervals from FIRST on of a child registered then, with these rows besides."""
    known = vars(register(birth_date, registered_from_date=FIRST, guardian={"in_japan": "0"}))
    stays = [
        {"resident_code": CHILD, "start_date": birth_date},
        {"resident_code": GUARDIAN, "start_date": date(2000, 1, 1)},
    ]
    more = {name: table(TABLES[name], *given) for name, given in ({"residences": stays} | rows).items()}
    found = eligibility(**known | more, law=law).drop("child_resident_code").rows()
    return [row for row in found if row[0] >= FIRST]


def decision(outcome: str, start: date, end: date | None, **more: Any) -> dict[str, Any]:
    row = {"override_no": "M1", "revision_no": 1, "child_resident_code": CHILD, "start_date": start, "end_date": end}
    entered = {"entered_date": date(2026, 1, 5), "withdrawn": "0", "known_date": date(2026, 1, 6)}
    return row | entered | {"outcome": outcome, "delivery": "見本", "line_no": 1} | more


def test_a_dead_guardian_suspends_only_while_the_law_says_so(law: Law) -> None:
    died, eased = date(2010, 3, 2), date(2011, 7, 1)
    dead = [
        {"resident_code": CHILD, "start_date": BORN},
        {"resident_code": GUARDIAN, "start_date": date(2000, 1, 1), "end_date": died, "end_reason": "53"},
    ]
    flag = "guardian.death_suspends"
    assert said(amended(law, flag, (date(2009, 4, 1), True), (eased, False)), residences=dead) == [
        (FIRST, died, "1", "2", "00", None),
        (died, eased, "0", "0", "14", None),
        (eased, date(2012, 10, 1), "1", "2", "00", None),
        NEVER_RENEWED,
    ]


def test_an_operator_entitles_to_both_kinds_of_care_refuses_or_holds(law: Law) -> None:
    days = [date(2010, month, 1) for month in (1, 4, 7, 10)]
    decisions = [
        decision(outcome, start, end, override_no=f"M{outcome}")
        for outcome, start, end in zip("123", days, days[1:], strict=False)
    ]
    assert said(law, overrides_known=decisions) == [
        (FIRST, days[0], "1", "2", "00", None),
        (days[0], days[1], "1", "1", "00", "00"),
        (days[1], days[2], "0", "0", "99", "00"),
        (days[2], days[3], "0", "0", "16", "00"),
        (days[3], date(2012, 10, 1), "1", "2", "00", None),
        NEVER_RENEWED,
    ]


def test_an_override_withdrawn_or_outside_the_timeline_changes_nothing(law: Law) -> None:
    start = date(2010, 1, 1)
    revised = [decision("2", start, None), decision("2", start, None, revision_no=2, withdrawn="1")]
    assert said(law, overrides_known=revised) == said(law)
    assert said(law, overrides_known=[decision("1", GROWN, None)]) == said(law)
    assert said(law, overrides_known=[decision("1", start, start)]) == said(law)
