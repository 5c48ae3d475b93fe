"""高額療養費 once more: the lines that may count, and what is expected of each.

Belongs here: which columns and law values the SQL sees. What follows from them is high_cost_entries.sql, high_cost.sql.
"""

import polars as pl

from assets.second_engine.desk import answer
from schemas.law.book import Law
from schemas.records.high_cost import HIGH_COST_ENTRIES, HIGH_COST_ESTIMATES

LINE = ("feed", "delivery", "line_no")
ESTIMATED = (
    "counted", "self_yen", "household_children", "household_lines", "household_self_yen", "household_total_yen",
    "income_class", "class_source", "many_times", "limit_yen", "lowest_yen", "expected_high_yen",
    "expected_supplementary_yen", "decided_by_nhi",
)  # fmt: skip
_IN_FORCE = ("from_date", "until_date")
_CARD = (
    "child_resident_code", "start_date", "end_date", "insurance_type_code", "insurer_no", "symbol_number",
    "income_class", "feed", "delivery", "line_no",
)  # fmt: skip
_OPTIONAL = {
    "rcpt_income_class": "income_class",
    "rcpt_many_times": "many_times",
    **{f"rcpt_other_public_payer_no_{at}": f"payer_no_{at}" for at in (2, 3, 4)},
    **{f"rcpt_other_public_copay_yen_{at}": f"copay_yen_{at}" for at in (2, 3, 4)},
}
"""Items a receipt may carry → their name in the SQL; nulls where the layout has none."""


def _with_optional(receipts: pl.DataFrame) -> pl.DataFrame:
    return receipts.with_columns(
        pl.col(name).alias(column)
        if name in receipts.columns
        else pl.lit(None, dtype=pl.Int64() if "yen" in column else pl.String()).alias(column)
        for name, column in _OPTIONAL.items()
    )


def _scalar(law: Law, parameter: str, column: str) -> pl.DataFrame:
    return law.table(parameter).select(*_IN_FORCE, pl.col("value").alias(column))


def _limits(law: Law) -> pl.DataFrame:
    columns = (*_IN_FORCE, "income_class", "fixed_yen", "threshold_yen", "rate_percent", "many_times_yen")
    tables = ("high_cost.limits_until_2014", "high_cost.limits")
    return pl.concat([law.table(name).select(columns) for name in tables])


def entries(receipts: pl.DataFrame, claims: pl.DataFrame, law: Law) -> pl.DataFrame:
    """HIGH_COST_ENTRIES of these receipts and claims."""
    frames = {
        "receipts": _with_optional(receipts),
        "claims": claims,
        "floors": _scalar(law, "high_cost.household_floor_yen", "floor_yen"),
    }
    found = answer("high_cost_entries.sql", frames).cast(HIGH_COST_ENTRIES.schema)  # type: ignore[arg-type]
    return found.select(HIGH_COST_ENTRIES.names).sort(HIGH_COST_ENTRIES.key)


def estimates(
    entries: pl.DataFrame,
    beneficiary_numbers: pl.DataFrame,
    registrations: pl.DataFrame,
    insurances: pl.DataFrame,
    insurer_answers_known: pl.DataFrame,
    identities: pl.DataFrame,
    law: Law,
) -> pl.DataFrame:
    """LINE and ESTIMATED columns of every line that counts."""
    supplementary = law.table("supplementary.insurers").with_columns(pl.col("insurer_no").cast(pl.String))
    frames = {
        "entries": entries,
        "beneficiary_numbers": beneficiary_numbers.select("beneficiary_no", "child_resident_code"),
        "registrations": registrations.select("child_resident_code"),
        "insurances": insurances.select(_CARD),
        "insurer_answers": insurer_answers_known,
        "identities": identities.select("resident_code", "person_code"),
        "floors": _scalar(law, "high_cost.household_floor_yen", "floor_yen"),
        "limits": _limits(law),
        "many_rules": law.table("high_cost.many_times").select(*_IN_FORCE, "value").unnest("value"),
        "pools": law.table("high_cost.pools").select(*_IN_FORCE, "claim_class", "pool"),
        "prorations": _scalar(law, "high_cost.proration", "value"),
        "nhi_rules": _scalar(law, "high_cost.nhi_decides", "value"),
        "supplementary_rules": supplementary.drop("basis", "confirmed"),
    }
    columns = (*LINE, *ESTIMATED)
    schema = {name: HIGH_COST_ESTIMATES.schema[name] for name in columns}
    return answer("high_cost.sql", frames).cast(schema).select(columns)  # type: ignore[arg-type]
