"""県補助 of one month, ready to print.

Here: the shape of the numbers and the equations between them. Not here: how they were counted, nor the page.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from reports.monthly.amounts import Amount, Equation

UNKNOWN_BAND: Final = "生年月日が不明"
SPLIT_SCHEMA: Final = pl.Schema(
    {"group": pl.String}
    | dict.fromkeys(
        ("count", "yen", "subsidised_yen", "own_yen", "prefecture_yen", "city_yen", "waiting_yen"), pl.Int64
    )
)
REDUCED_SCHEMA: Final = pl.Schema(
    {"subsidy_class": pl.String, "reduced": pl.String}
    | dict.fromkeys(("receipts", "treatment_days", "total_medical_cost_yen", "borne_yen"), pl.Int64)
)


@dataclass(frozen=True)
class Subsidies:
    """What a month adds, or takes back where late news made it less.

    `by_age` and `by_reason` have SPLIT_SCHEMA: yen = subsidised (県対象額) + own (市単独の額) + waiting, and yen =
    prefecture (県費) + city (市費) + waiting. `reduced` has REDUCED_SCHEMA: the receipts in kind of 国保 members.
    `decided` holds the yen the month's decisions add, `told` the 県費 of the report to the prefecture. Raises
    ValueError for a frame of another schema.
    """

    by_age: pl.DataFrame
    by_reason: pl.DataFrame
    reduced: pl.DataFrame
    decided: Amount
    told: Amount

    def __post_init__(self) -> None:
        """Check shapes, see the class."""
        wanted = {"by_age": SPLIT_SCHEMA, "by_reason": SPLIT_SCHEMA, "reduced": REDUCED_SCHEMA}
        if wrong := [name for name, schema in wanted.items() if getattr(self, name).schema != schema]:
            raise ValueError(f"県補助の表の形が違います: {', '.join(wrong)}")

    def equations(self) -> tuple[Equation, ...]:
        """The yen of the decisions against both tables, and the report to the prefecture against one."""
        decided = ("判定の増減", self.decided)
        reasons = {"県対象額": "subsidised_yen", "市単独の額": "own_yen", "確認待ち": "waiting_yen"}
        bands = {"県費": "prefecture_yen", "市費": "city_yen", "確認待ち": "waiting_yen"}
        reported = _terms(self.by_age, {"年齢区分別の県費": "prefecture_yen"})
        return (
            Equation("支給額", decided, _terms(self.by_reason, reasons), counted=False),
            Equation("支給額", decided, _terms(self.by_age, bands), counted=False),
            Equation("県費", ("県への実績報告", self.told), reported, counted=False),
        )


def _terms(rows: pl.DataFrame, columns: dict[str, str]) -> tuple[tuple[str, Amount], ...]:
    return tuple((label, Amount(0, int(rows[name].sum()))) for label, name in columns.items())
