"""The law book in its three readings of October 2014, for the tests of this folder."""

import pytest

from schemas.law.book import Law
from tests.assets.eligibility.parents import law_read_as


@pytest.fixture(scope="session")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Law]:
    """The readings of 2014-10: 滞納 alone (h1), the limits kept or raised (h2), both together (h3)."""
    modes = ("arrears", "income_or_arrears", "income_and_arrears")
    books = {
        f"{mode}/{persons}": law_read_as(tmp_path_factory.mktemp("law"), mode, persons=persons)
        for mode in modes
        for persons in ("higher", "each")
    }
    return books
