"""Amounts of one month and the equations between them.

Here: adding and comparing. Not here: which amounts a month has.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Amount:
    """A number of decisions or rows, and their yen."""

    count: int
    yen: int

    def __add__(self, other: "Amount") -> "Amount":
        """Both numbers added."""
        return Amount(self.count + other.count, self.yen + other.yen)

    def __sub__(self, other: "Amount") -> "Amount":
        """Both numbers subtracted."""
        return Amount(self.count - other.count, self.yen - other.yen)


NOTHING: Final = Amount(0, 0)


@dataclass(frozen=True)
class Equation:
    """left = sum of the right terms, each with its Japanese label; `measure` says what the yen are, `counted` whether
    the terms also have counts."""

    measure: str
    left: tuple[str, Amount]
    right: tuple[tuple[str, Amount], ...]
    counted: bool = True

    @property
    def residual(self) -> Amount:
        """left − right; zero in count and yen when the month reconciles."""
        return self.left[1] - sum((amount for _, amount in self.right), NOTHING)

    @property
    def holds(self) -> bool:
        """Whether nothing is left over."""
        return self.residual == NOTHING
