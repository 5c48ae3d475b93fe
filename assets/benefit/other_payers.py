"""Other public payers of a receipt: what each bears, one after the other, and whether its law allows what it leaves.

Belongs here: the payers that pay before this benefit. Does not belong here: what the city pays after them.
"""

from __future__ import annotations

from functools import reduce

import polars as pl

from assets.register.dated import versions_on
from schemas.law.book import Law
from schemas.records.feeds import PAYERS_OF_A_RECEIPT

PAYERS = tuple(range(1, len(PAYERS_OF_A_RECEIPT) + 1))
_ROW = "_row"
_CODE = ("from_date", "law_code")


def _of(item: str, payer: int) -> str:
    return f"rcpt_other_public_{item}{PAYERS_OF_A_RECEIPT[payer - 1]}"


def _stands(payer: int) -> pl.Expr:
    return pl.col(_of("payer_no", payer)).is_not_null()


def any_stands() -> pl.Expr:
    """Whether another public payer stands on the receipt."""
    return pl.any_horizontal(_stands(payer) for payer in PAYERS)


def left_after(payer: int) -> pl.Expr:
    """What is left of the self pay after so many payers. Yen stated first without a number are taken off."""
    if payer == 0:
        return pl.col("rcpt_self_pay_yen")
    copay, before = pl.col(_of("copay_yen", payer)), left_after(payer - 1)
    unnumbered = before - pl.col(_of("yen", payer)).fill_null(0) if payer == 1 else before
    return pl.when(_stands(payer)).then(copay).otherwise(unnumbered)


def borne_by(payer: int) -> pl.Expr:
    """What a payer bears: all above the 一部負担 it leaves."""
    return left_after(payer - 1) - left_after(payer)


def _one_by_one(stated: pl.DataFrame) -> pl.DataFrame:
    """One row per receipt and payer: its number, the yen before and after it, what the receipt says it bears."""
    parts = [
        stated.select(
            _ROW,
            "service_month",
            pl.lit(payer).alias("payer"),
            _stands(payer).alias("stands"),
            pl.col(_of("payer_no", payer)).str.slice(0, 2).alias("law_code"),
            pl.col("rcpt_total_medical_cost_yen").alias("total_yen"),
            pl.col(_of("yen", payer)).alias("stated_yen"),
            pl.col(_of("copay_yen", payer)).alias("copay_yen"),
            left_after(payer - 1).alias("before_yen"),
        )
        for payer in PAYERS
    ]
    return pl.concat(parts).sort(_ROW, "payer")


def _with_law(payers: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`payers` with place, name and article of their 法別番号, its rate and its ceilings; null where none is said."""
    order, ceilings = law.table("public_payers.order"), law.table("public_payers.ceilings")
    said = order.select(*_CODE, "place", "name", "article")
    allowed = ceilings.group_by(_CODE).agg(
        pl.col("rate_percent").first(), pl.col("ceiling_yen").drop_nulls().alias("ceilings")
    )
    found = versions_on(payers, "service_month", order).join(said, on=_CODE, how="left", maintain_order="left")
    found = versions_on(found.drop("from_date"), "service_month", ceilings)
    return found.join(allowed, on=_CODE, how="left", maintain_order="left")


def _wrong_sum() -> pl.Expr:
    """The yen of a payer do not add up: none left is said, or what it bears is not what goes; or yen have no number."""
    stands, copay, stated = pl.col("stands"), pl.col("copay_yen"), pl.col("stated_yen")
    numbered = stands & (copay.is_null() | (stated != pl.col("before_yen") - copay).fill_null(False))
    unnumbered = ~stands & (pl.col("payer") > 1) & ((stated.fill_null(0) != 0) | (copay.fill_null(0) != 0))
    return numbered | unnumbered


def _unlawful() -> pl.Expr:
    """A payer leaves more than its law allows, more than was there, or stands where the order of law has no room."""
    copay, ceilings = pl.col("copay_yen"), pl.col("ceilings")
    share = pl.col("total_yen") * pl.col("rate_percent")
    above_share = (copay * 100 > share).fill_null(False)
    limited = (ceilings.list.len() > 0).fill_null(False)
    no_ceiling = limited & (copay * 100 != share) & ~ceilings.list.contains(copay)
    above_ceiling = limited & (copay > ceilings.list.max())
    before = pl.col("place").shift(1).over(_ROW)
    misplaced = pl.col("place").is_null() | (pl.col("place") <= before).fill_null(False)
    grown = (copay < 0) | (copay > pl.col("before_yen"))
    return misplaced | grown | above_share | no_ceiling | above_ceiling


def _judged(payers: pl.DataFrame) -> pl.DataFrame:
    """One row per receipt: payer_fault, and of each payer its article and words."""
    standing = payers.filter("stands").with_columns(_unlawful().alias("unlawful"))
    words = pl.format("法別{} {}、一部負担{}円", "law_code", "name", "copay_yen")
    told = standing.group_by(_ROW).agg(
        pl.col("unlawful").any(),
        *(
            pl.col("article").filter(pl.col("payer") == payer).first().alias(f"payer_article_{payer}")
            for payer in PAYERS
        ),
        *(words.filter(pl.col("payer") == payer).first().alias(f"payer_words_{payer}") for payer in PAYERS),
    )
    sums = payers.group_by(_ROW).agg(_wrong_sum().any().alias("wrong_sum"))
    fault = pl.when("wrong_sum").then(pl.lit("H2")).when("unlawful").then(pl.lit("HA"))
    return sums.join(told, on=_ROW, how="left").with_columns(fault.alias("payer_fault")).drop("wrong_sum", "unlawful")


def with_payers(rows: pl.DataFrame, law: Law) -> pl.DataFrame:
    """`rows` with left_yen (the self pay after every payer), payer_fault (H2, HA or none), and payer_article_n,
    payer_words_n of each payer that stands.

    Source: 医療保険、国の公費、地方公共団体の公費の順（public_payers.order）.
    """
    counted = rows.with_row_index(_ROW)
    later = [_of(item, payer) for payer in PAYERS[1:] for item in ("yen", "copay_yen")]
    said = reduce(lambda one, name: one | pl.col(name).is_not_null(), later, any_stands())
    judged = _judged(_with_law(_one_by_one(counted.filter(said)), law))
    found = counted.join(judged, on=_ROW, how="left", maintain_order="left").drop(_ROW)
    return found.with_columns(left_after(PAYERS[-1]).alias("left_yen"))
