"""An equation of the certificate: terms on two sides, each the sum of its rows.

Belongs here: adding up, and which rows break the balance. Does not belong here: which tables the terms come from
(assets/certificate). Plain Python, so that it runs where the pipeline does not.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Entry = tuple[str, int, int]
"""What a row is called, how many rows it counts for, its yen."""


@dataclass(frozen=True)
class Term:
    """One number of an equation with the rows it is the sum of."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(rows for _, rows, _ in self.entries)

    @property
    def yen(self) -> int:
        """How many yen."""
        return sum(yen for _, _, yen in self.entries)


@dataclass(frozen=True)
class Equation:
    """The terms of the left side equal those of the right, in rows and in yen, key by key."""

    name: str
    label: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]

    @property
    def residual_rows(self) -> int:
        """Rows of the left less rows of the right."""
        return sum(term.rows for term in self.left) - sum(term.rows for term in self.right)

    @property
    def residual_yen(self) -> int:
        """Yen of the left less yen of the right."""
        return sum(term.yen for term in self.left) - sum(term.yen for term in self.right)

    def broken(self) -> list[Entry]:
        """The keys whose rows or yen differ between the sides, with left less right."""
        rows: dict[str, int] = defaultdict(int)
        yen: dict[str, int] = defaultdict(int)
        for sign, entries in ((1, _entries(self.left)), (-1, _entries(self.right))):
            for key, counted, amount in entries:
                rows[key] += sign * counted
                yen[key] += sign * amount
        return [(key, rows[key], yen[key]) for key in sorted(rows) if rows[key] or yen[key]]


def _entries(terms: Iterable[Term]) -> Iterable[Entry]:
    return (entry for term in terms for entry in term.entries)
