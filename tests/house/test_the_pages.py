"""docs/ says what the declarations say."""

from pathlib import Path

import pytest

from pipelines.docs import pages

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_the_one_in_docs(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run: kodomo docs"
