"""No month ends with a yen or a row that is on one side only."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY
from assets.described import check


@check("certificate", MONTHLY, "照合証明書のどの等式も、件数・円・行ごとに成り立つ")
def every_equation_of_the_certificate_holds(certificate: pl.DataFrame) -> dg.AssetCheckResult:
    broken = certificate.filter(pl.col("broken") > 0)
    told = [f"{name}: {row}" for name, row in broken.select("equation", "first_broken").iter_rows()]
    return dg.AssetCheckResult(passed=not told, metadata={"broken": told})


CERTIFICATE_CHECKS = [every_equation_of_the_certificate_holds]
