"""Every letter was printed or withheld, once, and nobody protected was printed with an unsafe address."""

import dagster as dg
import polars as pl

from assets.calendar import MONTHLY
from assets.described import check

_PARTS = {"withheld": dg.AssetIn("letters_withheld"), "pieces": dg.AssetIn("letter_pieces")}


@check("letters", MONTHLY, "作った通知 = 印刷した通知 + 差し止めた通知(1通ずつ)", more=_PARTS)
def every_letter_is_printed_or_withheld_once(
    letters: pl.DataFrame, withheld: pl.DataFrame, pieces: pl.DataFrame
) -> dg.AssetCheckResult:
    ended = pl.concat([withheld.select("document_no"), pieces.select("document_no")])
    lost = letters.join(ended, on="document_no", how="anti").height
    passed = lost == 0 and ended.height == letters.height and ended["document_no"].is_unique().all()
    return dg.AssetCheckResult(passed=passed, metadata={"letters": letters.height, "lost": lost})


@check("letters", MONTHLY, "この月に認定した子どもには、通知と受給資格証がちょうど1通ずつある")
def everyone_recognised_gets_one_notice_and_one_card(letters: pl.DataFrame) -> dg.AssetCheckResult:
    notices = letters.filter(pl.col("kind") == "recognition")["child_resident_code"].sort()
    cards = letters.filter(pl.col("kind") == "card")["child_resident_code"].sort()
    return dg.AssetCheckResult(passed=notices.equals(cards) and notices.is_unique().all())


NOTICE_CHECKS = [every_letter_is_printed_or_withheld_once, everyone_recognised_gets_one_notice_and_one_card]
