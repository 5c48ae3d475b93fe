"""A letter context of 川口市 and a way to address and render rows."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reports.letters.addressee import address_letters
from reports.letters.batch import LetterBatch, render
from reports.letters.context import LetterContext, letter_context
from reports.letters.fonts import bundled_fonts
from reports.letters.kinds import Kind
from tests.reports.letters.letter_rows import TIMESTAMP, frame


@pytest.fixture
def context() -> LetterContext:
    """川口市, issued on 2026-11-30."""
    return letter_context("112038", date(2026, 11, 30), "D20261130-01")


@pytest.fixture
def mail(context: LetterContext) -> Callable[..., LetterBatch]:
    """Address and render rows as one kind, with the bundled font."""

    def _mail(rows: list[dict[str, Any]], kind: Kind, **options: Any) -> LetterBatch:
        addressed, _ = address_letters(frame(rows, kind), kind.columns)
        return render(addressed, kind, context, bundled_fonts(), TIMESTAMP, **options)

    return _mail
