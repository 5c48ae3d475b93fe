"""docs/ says what the declarations say, and every value of the law has its rule and its test."""

from pathlib import Path

import pytest

from pipelines.docs import MUNICIPALITY, pages, uses
from schemas.law.book import Law

DOCS = Path(__file__).parents[2] / "docs"
LAW = Law.load(MUNICIPALITY)
USES = uses(LAW)
_OF_ELIGIBILITY = ("age.", "restriction.", "registration.", "exclusions.", "guardian.", "income.")


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_the_one_in_docs(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run: kodomo docs"


@pytest.mark.parametrize("name", sorted(LAW.versions))
def test_a_value_of_the_law_is_read_by_a_rule_or_says_why_not(name: str) -> None:
    assert (name in USES.rules) != (LAW.of(name)[0].unused is not None)


@pytest.mark.parametrize("name", sorted(name for name in USES.rules if name.startswith(_OF_ELIGIBILITY)))
def test_a_value_that_decides_eligibility_is_named_by_a_test(name: str) -> None:
    assert USES.tests.get(name)


def test_a_rule_is_found_by_the_name_it_reads_directly_or_through_a_constant() -> None:
    assert "assets/register/registrations.py _registering" in USES.rules["registration.retro_days"]
    assert "assets/high_cost/limits.py limits" in USES.rules["high_cost.limits"]
    assert "設例 B4" in USES.tests["restriction.mode"]
