"""Benefit once more: receipts, claims, the register and the law go in, one judgement with its yen comes out.

Belongs here: which columns and law values the SQL sees. What follows from them is benefit.sql.
"""

from datetime import date

import polars as pl

from assets.second_engine.desk import answer
from assets.second_engine.eligibility import scheme_order
from schemas.codes import HELD_REASONS
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS

RESULT = ("subject", "feed", "delivery", "line_no", "judgement", "reason", "amount_yen")
PAID_KEY = ("child_resident_code", "service_month", "institution_code", "care")
_STATE = ("child_resident_code", "start_date", "end_date", "entitled", "benefit_class", "reason")

_OF_SERVICE_MONTH = {
    "payer_numbers": "benefit.public_payer_no",
    "accident_minimums": "benefit.accident_minimum_yen",
    "supplementary_watches": "benefit.supplementary_watch_yen",
}
"""SQL table → the parameter it holds, picked by service month."""


def benefit(
    receipts: pl.DataFrame,
    claims: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    eligibility: pl.DataFrame,
    persons: pl.DataFrame,
    identities: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    national_health_insurance_known: pl.DataFrame,
    high_cost: pl.DataFrame,
    paid_before: pl.DataFrame,
    law: Law,
    month: date,
) -> pl.DataFrame:
    """RESULT columns, one row per receipt and claim of the month (open ones of earlier months included).

    high_cost: what this engine expects of each line (high_cost.estimates). paid_before: PAID_KEY of everything paid
    in earlier months, under the child's number of that time. Raises LawGap for a month without law.
    """
    frames = {
        "receipts": receipts,
        "claims": claims,
        "beneficiary_numbers": beneficiary_numbers.select("beneficiary_no", "child_resident_code"),
        "registrations": registrations.select("child_resident_code", "insurance_type_code"),
        "eligibility": eligibility.select(_STATE),
        "identities": identities.select("resident_code", "person_code"),
        "persons": persons.select("resident_code", "sex", "birth_date"),
        "insurer_answers": insurer_answers_known,
        "national_health_insurance": national_health_insurance_known,
        "high_cost": high_cost.filter(pl.col("feed") == "claims").drop("feed"),
        "paid_before": paid_before.select(PAID_KEY),
        **_law_tables(law, month),
    }
    schema = {name: DECISIONS.schema[name] for name in RESULT}
    return answer("benefit.sql", frames).cast(schema).select(RESULT)  # type: ignore[arg-type]


def _law_tables(law: Law, month: date) -> dict[str, pl.DataFrame]:
    in_force = ("from_date", "until_date")
    years = pl.col("until_years").cast(pl.Int32)
    limits = pl.concat(
        law.table(name).select(*in_force, "fixed_yen") for name in ("high_cost.limits_until_2014", "high_cost.limits")
    )
    lowest = limits.group_by(in_force).agg(pl.col("fixed_yen").min().alias("limit_yen"))
    return {
        "copay_rates": law.table("copay.rates").select(*in_force, years, "rate_percent"),
        "inkind_limits": law.table("inkind.limit_yen").select(*in_force, pl.col("value").alias("limit_yen")),
        "inkind_readings": law.table("inkind.limit_after_other_payers").select(
            *in_force, pl.col("value").alias("limit_after_other_payers")
        ),
        "inkind_care": law.table("inkind.care").select(*in_force, "value"),
        "payer_order": law.table("public_payers.order").select(*in_force, "law_code", "place"),
        "payer_ceilings": law.table("public_payers.ceilings").select(
            *in_force, "law_code", "rate_percent", "ceiling_yen"
        ),
        "lowest_limits": lowest,
        **{
            table: law.table(parameter).select(*in_force, pl.col("value").alias(parameter.removeprefix("benefit.")))
            for table, parameter in _OF_SERVICE_MONTH.items()
        },
        "held_reasons": pl.DataFrame({"reason": HELD_REASONS}),
        "other_schemes": scheme_order(law).select("reason").unique(),
        "supplementary_insurance_types": law.table("benefit.supplementary_insurance_types").select("value"),
        "rules": _rules(law, month),
    }


def _rules(law: Law, month: date) -> pl.DataFrame:
    """The values of the processing month in one row."""
    now = law.at(month)
    return pl.DataFrame(
        {
            "rounding_yen": now.yen("copay.rounding_yen"),
            "claim_limit_years": now.number("benefit.claim_limit_years"),
        },
        schema_overrides={"claim_limit_years": pl.Int32},
    )
