"""Nothing is left over between the control files and the bank file."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY
from assets.described import check


@check("reconciliation", MONTHLY, "取込から振込データまで、どの等式も残差が0")
def every_equation_leaves_nothing_over(reconciliation: pl.DataFrame) -> dg.AssetCheckResult:
    left_over = reconciliation.filter(pl.col("residual") != 0)
    return dg.AssetCheckResult(
        passed=left_over.is_empty() and not reconciliation.is_empty(),
        metadata={"equations": reconciliation.height, "left_over": left_over.height},
    )


STATISTICS_CHECKS = [every_equation_leaves_nothing_over]
