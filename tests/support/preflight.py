"""What pre-flight finds, for tests that ask what is said of which row and not where in the file it stands."""

from typing import Any

import polars as pl

from reports.zengin.preflight import FINDING_SCHEMA, findings

WHERE = ("item", "sentence", "row_no")
PROBLEM_SCHEMA = {name: dtype for name, dtype in FINDING_SCHEMA.items() if name not in WHERE}


def problems(*asked: Any) -> pl.DataFrame:
    """`findings` without WHERE."""
    return findings(*asked).drop(WHERE)
