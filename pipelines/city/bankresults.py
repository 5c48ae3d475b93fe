"""What the bank would answer to payment orders: most are paid, some bounce."""

import polars as pl

from pipelines.city.chance import Chance
from schemas.records.feeds import BANK_RESULTS

_RESULTS = (["0", "2", "9", "R", "K"], [990, 6, 2, 1, 1])
_REASONS = {"2": "該当口座なし", "9": "受取人名相違", "R": "資金返却", "K": "組戻済"}


def bank_results_for(orders: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Rows of bank_results for payment orders (payment_no, bank_code, branch_code, account_type, account_number,
    amount_yen, value_date), in their order."""
    drawn = orders.with_columns(
        Chance(seed).pick("bank result", pl.col("payment_no").cast(pl.UInt64), *_RESULTS).alias("result")
    )
    reason = pl.col("result").replace_strict(_REASONS, default=None, return_dtype=pl.String)
    return drawn.with_columns(reason.alias("reason_text")).select(BANK_RESULTS.names)
