"""The yen of a receipt, from its points: what the insured pays, what other payers bear, what is left for the city.

Belongs here: one statement of that arithmetic, which the reader computes and the writer holds its rows to. What is
then paid belongs to the rules. A 負担金額 of a KO is what the patient pays under that payer; none written is none.
"""

from dataclasses import dataclass

import polars as pl

from schemas.uke.layout import MOST_PAYERS


@dataclass(frozen=True, slots=True)
class Shares:
    """Columns of one receipt: total_yen, rate, insurer_copay_yen (null where none is written), counter_yen, and per
    other payer k (from 1, in order) payer_k, part_k (its own share of the total, null: all) and copay_k."""

    total: pl.Expr = pl.col("total_yen")
    rate: pl.Expr = pl.col("rate")

    @property
    def self_pay(self) -> pl.Expr:
        """一部負担金 before rounding."""
        return self.total * self.rate // 100

    def part(self, at: int) -> pl.Expr:
        """The share of the other payer `at` in the total."""
        return pl.min_horizontal(f"part_{at}", self.total)

    def borne(self, at: int) -> pl.Expr:
        """What the other payer `at` bears: all that the patient would pay of its part, less its 負担金額.

        A payer with the same part as the one before bears of what that one left.
        """
        before = self.part(at) * self.rate // 100
        if at > 1:
            same = self.part(at) == self.part(at - 1)
            before = pl.when(same).then(f"copay_{at - 1}").otherwise(before)
        return pl.when(pl.col(f"payer_{at}").is_not_null()).then(before - pl.col(f"copay_{at}"))

    @property
    def high_cost(self) -> pl.Expr:
        """高額療養費 in kind: 自己負担 less the 負担金額 of the HO; null with other payers, or where none is written."""
        return pl.when(pl.col("payer_1").is_null()).then(
            (self.self_pay - pl.col("insurer_copay_yen")).clip(lower_bound=0)
        )

    @property
    def left(self) -> pl.Expr:
        """What is left for the city's benefit."""
        others = [self.borne(at).fill_null(0) for at in range(1, MOST_PAYERS)]
        counter = pl.col("counter_yen").fill_null(0)
        return self.self_pay - pl.sum_horizontal(others) - self.high_cost.fill_null(0) - counter
