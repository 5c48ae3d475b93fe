"""Tests over drawn cases: always the same ones, a tenth of them in the fast suite, all of them in the slow one."""

from collections.abc import Callable
from os import environ
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

Test = TypeVar("Test", bound=Callable[..., None])
ALL_CASES = environ.get("KODOMO_DRAWS") == "all"
FAST_SHARE = 10
NO_FAULT = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
"""A busy machine is none, nor a folder shared by the cases of one test."""


def draws(cases: int, *, shrink: bool = True) -> Callable[[Test], Test]:
    """The decorator of a test that @given draws `cases` cases for. shrink=False where one case takes seconds."""
    chosen = settings(
        max_examples=cases if ALL_CASES else max(1, cases // FAST_SHARE),
        deadline=None,
        derandomize=True,
        phases=tuple(Phase) if shrink else (Phase.explicit, Phase.generate),
        suppress_health_check=NO_FAULT,
    )

    def marked(test: Test) -> Test:
        return pytest.mark.draws(chosen(test))

    return marked
