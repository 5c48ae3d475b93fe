"""A column made of another, where most values occur many times.

Belongs here: making each value once. Does not belong here: what is made of it.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def per_value(values: pl.Series, make: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`make` of a String column, whose rows it makes one by one; asked once for each value."""
    encoded = values.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    made = make(pl.Series(values.name, encoded.dictionary, pl.String))
    return made.gather(pl.Series(encoded.indices, dtype=pl.UInt32)).alias(values.name)
