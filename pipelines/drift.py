"""`kodomo drift`: what moved in a month's taxes, and a person who lets it pass.

Belongs here: reading the month's delivery and saying what was found. Does not belong here: what counts as moved.
"""

from datetime import date

from assets.feeds.checks import tax_drift
from assets.feeds.drift import seal
from resources.house import House
from schemas.records.feeds import RESIDENT_TAXES, accepted


def accepted_text(key: str, month: date, person: str, why: str) -> str:
    """One line per figure that moved and still waits; with a person, they are let pass. Raises ShelfError."""
    house = House()
    found = tax_drift(house, month, house.shelf.read(accepted(RESIDENT_TAXES), key))
    lines = [
        f"{year}年度({load}) {figure}: {before:,} → {now:,}\n"
        for year, load, figure, before, now in found.iter_rows()
    ]  # fmt: skip
    if found.is_empty():
        return f"{key}: 確認を待つ動きはありません\n"
    if person:
        house.acceptances.accept(RESIDENT_TAXES.name, seal(found), person, why)
        lines.append(f"{person} が認めました: {why}\n")
    return "".join(lines)
