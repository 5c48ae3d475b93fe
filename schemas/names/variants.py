"""The characters that are written in several forms, as variants.yaml lists them.

Belongs here: reading that list. Does not belong here: comparing names (assets/matching).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("variants.yaml")


@dataclass(frozen=True, slots=True)
class Variants:
    """form → the character it counts as, where the list comes from, whether the city confirmed it, what to ask."""

    standard: Mapping[str, str]
    source: str
    confirmed: bool
    ask: str


@cache
def variants() -> Variants:
    """The list as it stands."""
    stated = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    standard = {form: character for character, forms in stated["variants"].items() for form in forms}
    return Variants(standard, stated["source"], stated["confirmed"], stated["ask"])
