"""How many children are entitled, wait or are not entitled on a day."""

from datetime import date

import polars as pl
import pytest

from assets.eligibility.reading import CHANGES
from assets.statistics.rules import people, standing_people
from reports.monthly.figures import People
from schemas.records.register import ELIGIBILITY
from tests.support.cases import frame

DAY = date(2026, 10, 31)
NO_CHANGES = pl.DataFrame(schema=CHANGES)


def stands(*reasons: tuple[str, str]) -> pl.DataFrame:
    """One child per (reason, 給付区分), since birth."""
    return frame(
        ELIGIBILITY,
        [
            {
                "child_resident_code": f"{at:015d}",
                "start_date": date(2018, 6, 15),
                "end_date": date(2037, 4, 1),
                "entitled": "1" if reason == "00" else "0",
                "reason": reason,
                "benefit_class": kind,
            }
            for at, (reason, kind) in enumerate(reasons, 1)
        ],
    )


@pytest.mark.parametrize("reason", ["14", "15", "16"])
def test_a_child_that_waits_for_a_person_is_counted_as_held(reason: str) -> None:
    found = stands(("00", "1"), (reason, "0"), ("04", "0"))
    assert standing_people(found, DAY) == People(registered=3, eligible=1, refused=1, held=1, ended=0)


def test_the_figures_tell_who_waits_from_who_is_refused_and_stays_from_all_care() -> None:
    found = people(stands(("00", "1"), ("00", "2"), ("14", "0"), ("15", "0"), ("10", "0")), NO_CHANGES, DAY)
    assert found.sort("group", "part").select("group", "part", "cases").rows() == [
        ("確認待ち", "保護者確認中", 1),
        ("確認待ち", "所得・滞納確認中", 1),
        ("資格あり", "該当", 1),
        ("資格あり(入院のみ)", "該当", 1),
        ("資格なし", "滞納", 1),
    ]
