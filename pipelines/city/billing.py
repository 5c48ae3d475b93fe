"""From care to paper: which line becomes a receipt and which a claim, with the ordinary hard cases.

Belongs here: the route (現物 or 償還) and the amounts every line has. The rows of the two feeds are written by
receipts and claims.
"""

from datetime import date

import polars as pl

from pipelines.city.chance import Chance, key
from pipelines.city.truth_eligibility import HELD_REASONS, month_of, on_day
from pipelines.city.truth_story import SCHEME_REASONS

IN_KIND_LIMIT_YEN = 21_000
_CAPS = {"ア": 15_000, "イ": 10_000, "ウ": 5_000, "エ": 2_500, "オ": 1_250}
"""小児慢性特定疾病の自己負担上限月額."""
_LEAKS = {"02": 0.08, "none": 0.06, "12": 0.2, "11": 0.5, "99": 0.3}
_LEAKS |= dict.fromkeys(SCHEME_REASONS.values(), 0.03) | dict.fromkeys(HELD_REASONS, 0.6)
"""Share of care on days without entitlement that is billed all the same."""


def ten_yen(amount: pl.Expr) -> pl.Expr:
    """Rounded to 10 yen, 5 up (健保法75条)."""
    return (amount + 5) // 10 * 10


def priced(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with rate (20 or 30), total_yen, self_yen (exact) and partial_yen (paid at the counter)."""
    rate = pl.when(pl.col("first_visit").dt.truncate("1mo") < pl.col("school_from")).then(20).otherwise(30)
    stay, times = pl.col("line") == "hospital", pl.col("days")
    visit = pl.col("points") * (pl.col("rate") // 10)
    return lines.with_columns(rate.cast(pl.Int64).alias("rate")).with_columns(
        (pl.col("points") * pl.when(stay).then(1).otherwise(times) * 10).alias("total_yen"),
        (visit * pl.when(stay).then(1).otherwise(times)).alias("self_yen"),
        pl.when(stay).then(ten_yen(visit)).otherwise(ten_yen(visit) * times).alias("partial_yen"),
    )


def with_other_payer(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """Lines with payer_1 to payer_4 (法別番号 or null, in the order of the law), left_1 to left_4 (what each leaves),
    other_payer (the last of them) and other_copay_yen (what the child pays in the end)."""
    ill = chance.unit("other payer", "person_no")
    medical = pl.col("line").is_in(["medical", "pharmacy", "hospital"])
    premature = (pl.col("age") == 0) & (pl.col("line") == "hospital") & (ill > 0.6)
    payers = (
        pl.when(premature & (ill > 0.9)).then(pl.lit("23/52")).when(premature).then(pl.lit("23"))
        .when(medical & (ill < 0.0065)).then(pl.lit("52")).when(medical & (ill < 0.0075)).then(pl.lit("16"))
        .when(medical & (ill < 0.0085)).then(pl.lit("16/52")).when(medical & (ill < 0.009)).then(pl.lit("21/16/52"))
        .when(medical & (ill < 0.0093)).then(pl.lit("21/16/52/54")).otherwise(pl.lit(""))
    )  # fmt: skip
    found = lines.with_columns(payers.str.split("/").alias("payers"))
    for at in range(4):
        code = pl.col("payers").list.get(at, null_on_oob=True).replace("", None)
        found = found.with_columns(code.alias(f"payer_{at + 1}")).with_columns(_left_by(chance, at + 1))
    last = pl.coalesce("payer_4", "payer_3", "payer_2", "payer_1").alias("other_payer")
    copay = pl.coalesce("left_4", "left_3", "left_2", "left_1").alias("other_copay_yen")
    return found.with_columns(last, copay).drop("payers")


def _left_by(chance: Chance, nth: int) -> pl.Expr:
    """What the nth payer leaves: its share of the cost or its ceiling, and never more than there was."""
    before = pl.col("self_yen" if nth == 1 else f"left_{nth - 1}")
    total, cap = pl.col("total_yen"), pl.col("income_class").replace_strict(_CAPS)
    charge = chance.pick("other payer/charge", "person_no", [2_600, 5_400, 8_700])
    most = (
        pl.when(pl.col(f"payer_{nth}") == "52").then(pl.min_horizontal(total // 5, cap))
        .when(pl.col(f"payer_{nth}") == "54").then(pl.min_horizontal(total // 5, cap // 2))
        .when(pl.col(f"payer_{nth}") == "23").then(charge)
        .when(pl.col(f"payer_{nth}").is_not_null()).then(total // 10)
    )  # fmt: skip
    return pl.when(most.is_not_null()).then(pl.min_horizontal(most, before)).alias(f"left_{nth}")


def _mixed_month() -> pl.Expr:
    """Months in which a child is shut out by a scheme on some days and by something else on the others."""
    return (pl.col("good") == 0) & (pl.col("held") == 0) & (pl.col("by_scheme") > 0) & (pl.col("other") > 0)


def with_hard_months(lines: pl.DataFrame, chance: Chance, month: date) -> pl.DataFrame:
    """Lines of which every visit to a doctor is costly in a family's hard month: siblings at the same time, and one
    child at several institutions."""
    hard = chance.happens("billing/hard month", key("family_no", pl.lit(month.year * 12 + month.month)), 0.004)
    costly = (pl.col("line") == "medical") & hard
    factor = 12 + chance.whole("billing/how hard", "line_key", 30)
    return lines.with_columns(pl.when(costly).then(pl.col("points") * factor).otherwise("points").alias("points"))


def billed(lines: pl.DataFrame, chance: Chance, month: date, spans: pl.DataFrame) -> pl.DataFrame:
    """Lines of care that are billed at all, with route: receipt or claim, and again: in kind and by a form too.

    spans: the intervals of eligibility, everything known.
    """
    placed = lines.with_columns(pl.lit(month).alias("service_month")).with_columns(
        pl.max_horizontal("service_month", "birth_date").alias("month_from")
    )
    clear = month_of(placed, spans).filter(~_mixed_month())
    plain = clear.drop("good", "held", "by_scheme", "other", "month_from", "service_month")
    reasoned = on_day(plain, "first_visit", spans, "day_reason")
    leak = pl.col("day_reason").replace_strict({"00": 1.0} | _LEAKS, default=0.0)
    share = pl.when(pl.col("first_visit") < pl.col("granted")).then(1.0).otherwise(leak)
    kept = reasoned.filter(chance.happens("billing/leak", "line_key", share)).with_columns(_number(chance))
    return _routed(with_other_payer(priced(with_hard_months(kept, chance, month)), chance), chance)


def _number(chance: Chance) -> pl.Expr:
    """The number on the card: some children who were renumbered still show the old one."""
    old = pl.col("old_beneficiary_no").is_not_null() & chance.happens("billing/old number", "line_key", 0.2)
    return pl.when(old).then("old_beneficiary_no").otherwise("beneficiary_no").alias("beneficiary_no")


def _routed(lines: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    no_card = (pl.col("first_visit") < pl.col("app_date")) | (pl.col("day_reason") == "11")
    whole = chance.happens("billing/whole", "line_key", 0.0004) & (pl.col("other_payer").is_null())
    out = (pl.col("area") == "outside") | (pl.col("line") == "bonesetter") | (pl.col("self_yen") >= IN_KIND_LIMIT_YEN)
    forgotten = chance.happens("billing/forgotten", "line_key", 0.004)
    twice = chance.happens("billing/again", "line_key", 0.0006) & pl.col("other_payer").is_null()
    return lines.with_columns(
        pl.when(no_card | out | forgotten | whole).then(pl.lit("claim")).otherwise(pl.lit("receipt")).alias("route"),
        pl.when(whole).then(pl.lit("4")).otherwise(pl.lit("1")).alias("claim_class"),
        twice.alias("again"),
    )
