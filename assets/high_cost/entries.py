"""The lines that may count towards 高額療養費: one shape for claims and receipts, whose they are, under which card.

Belongs here: what of a claim or a receipt 健康保険法施行令41条1項 looks at. Does not belong here: sums over lines.
"""

from __future__ import annotations

import polars as pl

from assets.benefit.facts import CHILD, with_child
from assets.benefit.other_payers import PAYERS, left_after
from assets.register.dated import dated
from assets.register.intervals import covering, next_to_begin
from schemas.law.book import Law
from schemas.records.feeds import NATIONAL_HEALTH_INSURANCE
from schemas.records.high_cost import HIGH_COST_ENTRIES

LINE = ("feed", "delivery", "line_no")
CARE_KEY = (CHILD, "service_month", "institution_code", "care")
"""One institution in one month, 入外 and 歯科 apart; 調剤 stands by itself, for no line names its prescriber."""
_FLOOR = {"high_cost.household_floor_yen": "floor_yen"}
_ORDINARY = "1"
_CARD = ("insurer_no", "symbol_number", "insurance_type_code")
_SOURCE = ("delivery", "line_no", "known_date")


def _of_claims(claims: pl.DataFrame) -> pl.DataFrame:
    return claims.select(
        pl.lit("claims").alias("feed"),
        *_SOURCE,
        "beneficiary_no",
        "service_month",
        pl.col("first_visit_date").alias("visit_date"),
        "institution_code",
        pl.col("inpatient_outpatient_code").alias("care"),
        "claim_class",
        "copay_yen",
        pl.col("other_public_expense_yen").fill_null(0).alias("other_payer_yen"),
        pl.col("total_medical_cost_yen").alias("total_yen"),
        pl.col("high_cost_benefit_yen").alias("stated_high_yen"),
        pl.col("supplementary_benefit_yen").alias("stated_supplementary_yen"),
        pl.lit(None, dtype=pl.String).alias("income_class"),
        pl.lit(None, dtype=pl.String).alias("many_times"),
    )


def _of_receipts(receipts: pl.DataFrame) -> pl.DataFrame:
    left = pl.coalesce(*(left_after(payer) for payer in (*reversed(PAYERS), 0)))
    return receipts.filter((pl.col("receipt_change") == "0") & pl.col("rcpt_self_pay_yen").is_not_null()).select(
        pl.lit("receipts").alias("feed"),
        *_SOURCE,
        pl.col("rcpt_patient_beneficiary_no").alias("beneficiary_no"),
        "service_month",
        pl.coalesce("first_day", "service_month").alias("visit_date"),
        pl.col("rcpt_institution_code").alias("institution_code"),
        pl.col("rcpt_inpatient_outpatient_code").alias("care"),
        pl.lit(_ORDINARY).alias("claim_class"),
        pl.col("rcpt_self_pay_yen").alias("copay_yen"),
        (pl.col("rcpt_self_pay_yen") - left).clip(0).alias("other_payer_yen"),
        pl.col("rcpt_total_medical_cost_yen").alias("total_yen"),
        pl.col("rcpt_high_cost_benefit_yen").alias("stated_high_yen"),
        pl.col("rcpt_supplementary_benefit_yen").alias("stated_supplementary_yen"),
        pl.col("rcpt_income_class").alias("income_class"),
        pl.col("rcpt_many_times").alias("many_times"),
    )


def entries(receipts: pl.DataFrame, claims: pl.DataFrame, law: Law) -> pl.DataFrame:
    """HIGH_COST_ENTRIES of a month's new receipts and claims: lines that reach the floor, or tell a class."""
    lines = dated(pl.concat([_of_claims(claims), _of_receipts(receipts)]), "service_month", law, _FLOOR)
    told = pl.col("income_class").is_not_null() | (pl.col("many_times") == "1")
    kept = lines.filter((pl.col("copay_yen") >= pl.col("floor_yen")) | told)
    return kept.select(HIGH_COST_ENTRIES.names).sort(HIGH_COST_ENTRIES.key)


def _with_card(lines: pl.DataFrame, insurances: pl.DataFrame) -> pl.DataFrame:
    """`lines` with the card of the day, else the first one after it; nhi_* where that of the day is 国保."""
    said = {name: f"card_{name}" for name in (*_CARD, "income_class", "feed", "delivery", "line_no")}
    found = covering(lines, "visit_date", insurances, CHILD, said)
    found = next_to_begin(found, "visit_date", insurances, CHILD, {name: f"next_{name}" for name in _CARD})
    there = pl.col("card_feed").is_not_null()
    national = pl.col("card_feed") == NATIONAL_HEALTH_INSURANCE.name
    return found.with_columns(
        *(pl.when(there).then(f"card_{name}").otherwise(f"next_{name}").alias(name) for name in _CARD),
        *(
            pl.when(national).then(f"card_{name}").alias(f"nhi_{name}")
            for name in ("income_class", "feed", "delivery", "line_no")
        ),
    ).select(pl.exclude("^(card|next)_.*$"))


def placed(
    entries: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    persons: pl.DataFrame,
    insurances: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """Entries of known children with card, household, pool, self_yen (after other public payers) and `counts`.

    household: the children of one card, as far as this city knows it; a child without insurance stands alone.
    counts: its self pay reaches the floor. Source: 健康保険法施行令41条1項1号.
    """
    owned = with_child(entries, beneficiary_numbers, registrations, persons).filter(pl.col(CHILD).is_not_null())
    rows = _with_card(owned.drop("insurance_type_code", "sex", "birth_date"), insurances)
    rows = dated(rows, "service_month", law, _FLOOR)
    card = pl.concat_str("insurer_no", "symbol_number", separator="|")
    return rows.with_columns(
        pl.coalesce(card, CHILD).alias("household"),
        pool_of("claim_class", "service_month", law).alias("pool"),
        (pl.col("copay_yen") - pl.col("other_payer_yen")).clip(0).alias("self_yen"),
    ).with_columns((pl.col("self_yen") >= pl.col("floor_yen")).alias("counts"))


def pool_of(claim_class: str, month: str, law: Law) -> pl.Expr:
    """The pool of a kind of claim in its month: only lines of one pool are added together."""
    pool = pl.lit(None, dtype=pl.String)
    for start, end, kind, name in (
        law.table("high_cost.pools").select("from_date", "until_date", "claim_class", "pool").iter_rows()
    ):
        stands = (pl.col(month) >= start) & (pl.lit(True) if end is None else pl.col(month) < end)
        pool = pl.when(stands & (pl.col(claim_class) == kind)).then(pl.lit(name)).otherwise(pool)
    return pool


def counted_once(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` in order with care_line, the same for lines about the same care, and `counted`: the first of them.

    A claim goes before a receipt, then the order of arrival; care without an institution or under another card is
    never the same.
    """
    own = pl.concat_str("feed", "delivery", "line_no", separator="|")
    same = pl.concat_str("household", CHILD, "service_month", "institution_code", "care", "pool", separator="|")
    ordered = lines.sort("feed", "known_date", "delivery", "line_no").with_columns(
        pl.coalesce(same, own).alias("care_line")
    )
    return ordered.with_columns((pl.int_range(pl.len()).over("care_line") == 0).alias("counted"))
