"""The yen of a receipt, from its points: what the insured pays, what other payers bear, what is left for the city.

Belongs here: one statement of that arithmetic, which the reader computes and the writer holds its rows to. What is
then paid belongs to the rules. A 負担金額 of a KO is what the patient pays under that payer; none written is none.
Columns of a row: total_yen, rate, insurer_copay_yen (null where none is written), counter_yen, and per other payer
k from 1, in order: payer_k, part_k (the yen of its own points, null: all) and copay_k.
"""

import polars as pl

from schemas.uke.layout import MOST_PAYERS

OTHERS = range(1, MOST_PAYERS)


def self_pay() -> pl.Expr:
    """一部負担金 before rounding."""
    return pl.col("total_yen") * pl.col("rate") // 100


def borne(at: int) -> pl.Expr:
    """What the other payer `at` bears: all that the patient would pay of its part, less its 負担金額; null without one.

    A payer with the same part as the one before bears of what that one left.
    """
    before = _part(at) * pl.col("rate") // 100
    if at > 1:
        before = pl.when(_part(at) == _part(at - 1)).then(f"copay_{at - 1}").otherwise(before)
    return pl.when(pl.col(f"payer_{at}").is_not_null()).then(before - pl.col(f"copay_{at}"))


def _part(at: int) -> pl.Expr:
    return pl.min_horizontal(f"part_{at}", "total_yen")


def high_cost() -> pl.Expr:
    """高額療養費 in kind: what the insured would pay less the 負担金額 of the HO; null with other payers."""
    alone = pl.col("payer_1").is_null()
    return pl.when(alone).then((self_pay() - pl.col("insurer_copay_yen")).clip(lower_bound=0))


def left() -> pl.Expr:
    """What is left for the city's benefit."""
    others = pl.sum_horizontal(borne(at).fill_null(0) for at in OTHERS)
    return self_pay() - others - high_cost().fill_null(0) - pl.col("counter_yen").fill_null(0)
