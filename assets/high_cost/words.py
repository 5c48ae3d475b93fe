"""Words about a claim that waits for the insurer: what the answer may be, as far as this city can tell.

Belongs here: sentences and the facts in them. They pay nothing: no step here has yen.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.steps import Step
from assets.high_cost.limits import TABLE, tax_year
from schemas.codes import CLASS_SOURCE

_WAITS = pl.col("reason") == "H1"
_IN_HOUSEHOLD = _WAITS & pl.col("household_self_yen").is_not_null()
_CLASS_TOLD_BY = pl.col("class_source").replace_strict(dict(CLASS_SOURCE.labels), return_dtype=pl.String)
_MOST = (pl.col("household_self_yen") - pl.col("household_lowest_yen")).clip(0)


def _lapsed() -> pl.Expr:
    """Whether the insurer's time limit, counted from the month after the care, is over in the month of the decision.

    Source: 健康保険法193条.
    """
    months = pl.format("{}mo", pl.col("insurer_years") * 12 + 1)
    return pl.col("decided_month") >= pl.col("service_month").dt.offset_by(months)


WORDS_OF_CLAIM = (
    Step(80, "高額療養費の見込み", pl.lit(None),
         text=pl.when(_WAITS & pl.col("limit_yen").is_not_null()).then(
             pl.format("{}の適用区分{}、限度額{}円、見込額{}円",
                       _CLASS_TOLD_BY, "income_class", "limit_yen", "expected_high_yen")),
         parameter=TABLE, article=pl.col("limit_article"), source="class"),
    Step(81, "高額療養費の見込み", pl.lit(None),
         text=pl.when(_IN_HOUSEHOLD & pl.col("limit_yen").is_null()).then(
             pl.format("適用区分が分かりません。あっても合わせて{}円まで(最も低い限度額{}円)。非課税かは{}年度の課税によります",
                       _MOST, "household_lowest_yen", tax_year(pl.col("service_month"), pl.col("tax_year_begins")))),
         parameter=TABLE, article=pl.col("limit_article")),
    Step(82, "世帯合算", pl.lit(None),
         text=pl.when(_IN_HOUSEHOLD).then(
             pl.format("同じ保険証の子ども{}人の明細{}件、自己負担額{}円。大人の明細は分かりません",
                       "household_children", "household_lines", "household_self_yen")),
         parameter="high_cost.household_floor_yen", article=pl.col("limit_article")),
    Step(83, "附加給付の見込み", pl.lit(None),
         text=pl.when(_WAITS & pl.col("watched") & (pl.col("expected_supplementary_yen") > 0)).then(
             pl.format("見込額{}円", "expected_supplementary_yen")),
         parameter="supplementary.insurers", article=pl.col("deduction_article")),
    Step(84, "保険者への請求の期限", pl.lit(None), text=pl.when(_WAITS & _lapsed()).then("lapsed_text"),
         parameter="benefit.insurer_limit_years", article=pl.col("insurer_limit_basis")),
)  # fmt: skip
"""Words about a claim that waits: what the insurer's answer may be, as far as this city can tell. They pay nothing."""
