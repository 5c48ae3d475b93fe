"""`kodomo docs`: the pages that are made from the declarations."""

from datetime import date
from pathlib import Path

from schemas.dictionary import dictionary
from schemas.law.book import Law
from schemas.law.page import law_page
from schemas.records.catalogue import TABLES

MUNICIPALITY = "112038"
LAW_MONTH = date(2026, 10, 1)


def pages() -> dict[str, str]:
    """File name under docs/ → its text."""
    return {"dictionary.md": dictionary(TABLES), "law.md": law_page(Law.load(MUNICIPALITY), LAW_MONTH)}


def write(folder: Path) -> None:
    """Write every page."""
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
