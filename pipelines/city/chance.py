"""Reproducible chance: every draw is a function of seed, stream name and key, never of order.

Belongs here: the counter-based generator (Polars' seeded hash of a key) and what is read off it. What is drawn,
and how often it happens, belongs to the other modules. Polars keeps the hash stable within one version: a new
Polars may make another city of the same seed.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

import polars as pl

_TABLE = 8192
_MOST = 6


def key(*columns: str | pl.Expr) -> pl.Expr:
    """One UInt64 key of several whole-number columns."""
    parts = [pl.col(part) if isinstance(part, str) else part for part in columns]
    numbers = [part.cast(pl.UInt64, wrap_numerical=True) for part in parts]
    return reduce(lambda state, number: state.hash(len(parts)) + number, numbers)


@dataclass(frozen=True, slots=True)
class Chance:
    """The draws of one seed."""

    seed: int

    def bits(self, stream: str, by: str | pl.Expr) -> pl.Expr:
        """64 random bits per row (UInt64)."""
        digest = hashlib.blake2b(f"{self.seed}/{stream}".encode(), digest_size=8).digest()
        counter = pl.col(by).cast(pl.UInt64) if isinstance(by, str) else by
        return counter.hash(int.from_bytes(digest, "big"))

    def unit(self, stream: str, by: str | pl.Expr) -> pl.Expr:
        """Uniform in [0, 1)."""
        return (self.bits(stream, by) // pl.lit(1 << 11, dtype=pl.UInt64)).cast(pl.Float64) * 2.0**-53

    def happens(self, stream: str, by: str | pl.Expr, share: float | pl.Expr) -> pl.Expr:
        """True for that share of the keys."""
        return self.unit(stream, by) < share

    def whole(self, stream: str, by: str | pl.Expr, bound: int | pl.Expr) -> pl.Expr:
        """Whole number from 0 to bound − 1 (Int64)."""
        return (self.unit(stream, by) * bound).floor().cast(pl.Int64)

    def pick(
        self, stream: str, by: str | pl.Expr, values: Sequence[str | int], weights: Sequence[float] | None = None
    ) -> pl.Expr:
        """One of the values, by weight (in steps of 1/8192)."""
        table = _spread(values, weights) if weights is not None else list(values)
        return pl.lit(pl.Series(table)).gather(self.whole(stream, by, len(table)))

    def normal(self, stream: str, by: str | pl.Expr) -> pl.Expr:
        """Standard normal (Box–Muller)."""
        radius = (-2.0 * (1.0 - self.unit(stream + "/r", by)).log()).sqrt()
        return radius * (2.0 * math.pi * self.unit(stream + "/a", by)).cos()

    def lag_days(self, stream: str, by: str | pl.Expr, mean: float, most: int) -> pl.Expr:
        """Whole days, exponential with that mean, at most `most`."""
        drawn = (-mean * (1.0 - self.unit(stream, by)).log()).floor().cast(pl.Int64)
        return pl.min_horizontal(drawn, pl.lit(most, dtype=pl.Int64))

    def events(self, stream: str, by: str | pl.Expr, rate: pl.Expr) -> pl.Expr:
        """How many events happen (Poisson, at most 6)."""
        drawn, term, total = self.unit(stream, by), (-rate).exp(), (-rate).exp()
        counted = (drawn > total).cast(pl.Int64)
        for step in range(1, _MOST):
            term = term * rate / step
            total = total + term
            counted = counted + (drawn > total).cast(pl.Int64)
        return counted


def _spread(values: Sequence[str | int], weights: Sequence[float]) -> list[str | int]:
    whole, upto = sum(weights), 0.0
    table: list[str | int] = []
    for value, weight in zip(values, weights, strict=True):
        upto += weight
        table += [value] * (round(upto / whole * _TABLE) - len(table))
    return table


def after(day: str | pl.Expr, days: pl.Expr) -> pl.Expr:
    """The date that many days later."""
    start = pl.col(day) if isinstance(day, str) else day
    return (start.cast(pl.Int32) + days.cast(pl.Int32)).cast(pl.Date)


def day(value: date) -> pl.Expr:
    """A date as an expression."""
    return pl.lit(value, dtype=pl.Date)


def between(chance: Chance, stream: str, by: str, first: date, last: date) -> pl.Expr:
    """A day from first to last, both included."""
    return after(day(first), chance.whole(stream, by, (last - first).days + 1))
