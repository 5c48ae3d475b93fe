"""Defects: what can be wrong with a row, what must happen to it then, and which rows get one.

Two kinds: text defects are written over the finished line and must be refused by the feed's own rules; value
defects are well-formed rows whose benefit must be held or refused, each for one stated reason. Rows on which
other rows hang (a child's entry, its first application, its schemes) get none, so that nobody else suffers.

defects.parquet, one row per defective row: feed, file (with extension), line_no (in the file, its header
counted), key (the record's key joined by "/", before it was spoiled), defect, expected (refused|held|不支給) and
rule (of a refused row the rule it breaks, else the BENEFIT_REASON).
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.city.chance import Chance, key
from pipelines.city.numbers import numbered, numbered_column, padded

_UNASSIGNED = 900_000
_OTHER_PAYER_NO = numbered("8111999")
_LIMIT_COST_YEN = {20: 105_000, 30: 70_000}


@dataclass(frozen=True, slots=True)
class TextDefect:
    """Which item becomes what text, and the rule that must refuse the row."""

    item: str
    change: Callable[[str], str]
    rule: str


def _becomes(text: str) -> Callable[[str], str]:
    return lambda _: text


def _next_digit(text: str) -> str:
    return text[:-1] + str((int(text[-1]) + 1) % 10)


TEXT_DEFECTS: dict[str, dict[str, TextDefect]] = {
    "receipts": {
        "bad_code": TextDefect("rcpt_inpatient_outpatient_code", _becomes("9"), "コード"),
        "bad_date": TextDefect("rcpt_patient_birth_date", _becomes("20260230"), "型"),
        "required_missing": TextDefect("rcpt_patient_sex", _becomes(""), "必須"),
        "too_long": TextDefect("rcpt_patient_name", _becomes("ア" * 101), "桁数"),
        "wrong_check_digit": TextDefect("rcpt_patient_beneficiary_no", _next_digit, "検査数字"),
        "contradiction": TextDefect("billing_month", _becomes("202001"), "請求月が先"),
    },
    "claims": {
        "bad_code": TextDefect("accident", _becomes("7"), "コード"),
        "bad_date": TextDefect("application_date", _becomes("20260230"), "型"),
        "required_missing": TextDefect("first_visit_date", _becomes(""), "必須"),
        "wrong_check_digit": TextDefect("beneficiary_no", _next_digit, "検査数字"),
        "contradiction": TextDefect("application_date", _becomes("20100101"), "申請日が先"),
    },
    "residents": {
        "bad_code": TextDefect("household_role", _becomes("99"), "コード"),
        "bad_date": TextDefect("birth_date", _becomes("1985-02-30"), "型"),
        "required_missing": TextDefect("name", _becomes(""), "必須"),
        "too_long": TextDefect("address", _becomes("川" * 201), "桁数"),
        "contradiction": TextDefect("birth_date", _becomes("2099-01-01"), "生年月日が先"),
    },
    "national_health_insurance": {
        "bad_code": TextDefect("income_class", _becomes("カ"), "コード"),
        "bad_date": TextDefect("start_date", _becomes("2026-13-01"), "型"),
    },
    "public_assistance": {
        "bad_code": TextDefect("medical_aid", _becomes("5"), "コード"),
        "bad_date": TextDefect("start_date", _becomes("20260401"), "型"),
        "too_long": TextDefect("case_no", _becomes("C" * 11), "桁数"),
    },
    "applications": {
        "bad_code": TextDefect("identity_evidence", _becomes("8"), "コード"),
        "bad_date": TextDefect("event_date", _becomes("2026/04/01"), "型"),
        "required_missing": TextDefect("account_holder_kana", _becomes(""), "必須"),
        "too_long": TextDefect("account_holder_kana", _becomes("カ" * 31), "桁数"),
        "wrong_check_digit": TextDefect("beneficiary_no", _next_digit, "検査数字"),
    },
    "resident_taxes": {
        "bad_code": TextDefect("widow_class", _becomes("8"), "コード"),
        "bad_date": TextDefect("tax_year", _becomes("令和7"), "型"),
    },
    "arrears": {"bad_code": TextDefect("arrears", _becomes("5"), "コード")},
}
"""Feed → defect → what is written over the line."""

VALUE_DEFECTS: dict[str, dict[str, tuple[str, str]]] = {
    "receipts": {
        "unknown_beneficiary": ("不支給", "E2"),
        "expired_eligibility": ("不支給", "E1"),
        "doubled_receipt": ("不支給", "D1"),
        "nothing_to_pay": ("不支給", "N1"),
        "wrong_birth_date": ("held", "H5"),
        "wrong_sex": ("held", "H5"),
        "wrong_payer_no": ("held", "H7"),
        "wrong_rate": ("held", "H3"),
        "self_pay_off_by_one": ("held", "H2"),
        "over_in_kind_limit": ("held", "H4"),
    },
    "claims": {
        "unknown_beneficiary": ("不支給", "E2"),
        "doubled_claim": ("不支給", "D1"),
        "whole_cost_as_share": ("held", "H2"),
    },
}
"""Feed → defect → (expected, reason)."""


def chosen(rows: pl.DataFrame, eligible: pl.Expr, feed: str, chance: Chance, rate: float, turn: int) -> pl.DataFrame:
    """Rows with `defect`: rate × all rows of them, drawn by line_key from the eligible ones, every kind in turn;
    `turn` counts the deliveries, so that small ones do not all begin with the same kind."""
    kinds = sorted([*TEXT_DEFECTS.get(feed, {}), *VALUE_DEFECTS.get(feed, {})])
    count = round(rate * len(rows))
    order = pl.when(eligible).then(chance.bits(f"defect/{feed}", "line_key")).rank("ordinal")
    name = pl.lit(pl.Series(kinds)).gather((order.fill_null(1) - 1 + turn * count) % len(kinds))
    return (
        rows.with_columns(order.alias("order"))
        .with_columns(pl.when(pl.col("order") <= count).then(name).alias("defect"))
        .drop("order")
    )


def chosen_history(rows: pl.DataFrame, feed: str, chance: Chance, rate: float) -> pl.DataFrame:
    """Rows of a register feed with `defect`; only rows of which nothing hangs are eligible."""
    keyed = rows.with_columns(key("person_no", "history_no", "history_branch_no").alias("defect_key"))
    alone = (pl.col("slot") == 1) & ~pl.col("changes_guardian") & (pl.col("story") == "plain")
    valued = alone & pl.col("income_class").is_not_null() if feed == "national_health_insurance" else alone
    return _share(keyed, valued, feed, chance, rate)


def chosen_plain(
    rows: pl.DataFrame, eligible: pl.Expr, feed: str, chance: Chance, rate: float, by: str
) -> pl.DataFrame:
    """Rows of any other feed with `defect`, that share of the eligible ones."""
    return _share(rows.with_columns(pl.col(by).cast(pl.UInt64).alias("defect_key")), eligible, feed, chance, rate)


def _share(rows: pl.DataFrame, eligible: pl.Expr, feed: str, chance: Chance, rate: float) -> pl.DataFrame:
    kinds = list(TEXT_DEFECTS[feed])
    hit = eligible & chance.happens(f"defect/{feed}", "defect_key", rate)
    return rows.with_columns(pl.when(hit).then(chance.pick(f"defect/{feed}/kind", "defect_key", kinds)).alias("defect"))


def is_refused(feed: str) -> pl.Expr:
    """Rows whose defect must make the feed refuse them."""
    return pl.col("defect").is_in(list(TEXT_DEFECTS[feed])).fill_null(False)


def _changed(rows: pl.DataFrame, changes: dict[str, dict[str, pl.Expr]]) -> pl.DataFrame:
    """Rows with the items of their defect changed: defect → item → new value."""
    items = {item for change in changes.values() for item in change}
    return rows.with_columns(_one_changed(item, changes) for item in sorted(items))


def _one_changed(item: str, changes: dict[str, dict[str, pl.Expr]]) -> pl.Expr:
    value = pl.col(item)
    for name, change in changes.items():
        if item in change:
            value = pl.when((pl.col("defect") == name).fill_null(False)).then(change[item]).otherwise(value)
    return value.alias(item)


def with_receipt_defects(rows: pl.DataFrame, expired: pl.DataFrame) -> pl.DataFrame:
    """Receipts with the values their defect makes wrong; doubled receipts come last in the file.

    expired: beneficiary_no, birth_date, sex of children without entitlement in the month.
    """
    sound = (
        pl.when((pl.col("defect") == "expired_eligibility") & pl.lit(expired.is_empty())).then(None).otherwise("defect")
    )
    rows = rows.with_columns(sound.alias("defect"))
    stranger = numbered_column(_UNASSIGNED + pl.int_range(pl.len()) % 99_999, 6)
    other_sex = pl.when(pl.col("rcpt_patient_sex") == "1").then(pl.lit("2")).otherwise(pl.lit("1"))
    rate = 50 - pl.col("rcpt_copay_rate")
    wrong_share = pl.col("rcpt_total_medical_cost_yen") * rate // 100
    cost = pl.col("rcpt_copay_rate").replace_strict(_LIMIT_COST_YEN, default=0).cast(pl.Int64)
    nothing = pl.lit(0, dtype=pl.Int64)
    one_more = pl.col("rcpt_self_pay_yen") + 1
    money = ("rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_public_expense_yen")
    at = pl.int_range(pl.len()) % max(len(expired), 1)
    stale = {
        name: pl.lit(expired[source]).gather(at) if len(expired) else pl.col(name)
        for name, source in {
            "rcpt_patient_beneficiary_no": "beneficiary_no",
            "rcpt_patient_birth_date": "birth_date",
            "rcpt_patient_sex": "sex",
        }.items()
    }
    wrong = _changed(rows, {
        "unknown_beneficiary": {"rcpt_patient_beneficiary_no": stranger},
        "expired_eligibility": stale,
        "nothing_to_pay": dict.fromkeys(money, nothing),
        "wrong_birth_date": {"rcpt_patient_birth_date": pl.col("rcpt_patient_birth_date").dt.offset_by("1d")},
        "wrong_sex": {"rcpt_patient_sex": other_sex},
        "wrong_payer_no": {"rcpt_public_payer_no": pl.lit(_OTHER_PAYER_NO)},
        "wrong_rate": {"rcpt_copay_rate": rate, **dict.fromkeys(money[1:], wrong_share)},
        "self_pay_off_by_one": {"rcpt_self_pay_yen": one_more, "rcpt_public_expense_yen": one_more},
        "over_in_kind_limit": dict(zip(money, (cost, *(cost * pl.col("rcpt_copay_rate") // 100,) * 2), strict=True)),
    })  # fmt: skip
    return _with_copies(wrong, "doubled_receipt", "receipt_no", lambda line: padded(line, 6))


def with_claim_defects(rows: pl.DataFrame) -> pl.DataFrame:
    """Claims with the values their defect makes wrong; doubled claims come last in the file."""
    wrong = _changed(rows, {
        "unknown_beneficiary": {"beneficiary_no": numbered_column(_UNASSIGNED + pl.int_range(pl.len()), 6)},
        "whole_cost_as_share": {"partial_payment_yen": pl.col("total_medical_cost_yen")},
    })  # fmt: skip
    head = pl.col("claim_no").str.slice(0, 4)
    return _with_copies(wrong, "doubled_claim", "claim_no", lambda line: pl.format("{}{}", head, padded(line, 6)))


def _with_copies(rows: pl.DataFrame, name: str, number: str, numbering: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    """The rows; those with that defect are sound themselves and stand once more, renumbered, at the end."""
    doubled = (pl.col("defect") == name).fill_null(False)
    copies = rows.filter(doubled).with_columns((pl.int_range(1, pl.len() + 1) + len(rows)).alias("file_line"))
    copies = copies.with_columns(numbering(pl.col("file_line")).alias(number))
    originals = rows.with_columns(pl.when(~doubled).then("defect").alias("defect"))
    return pl.concat([originals, copies.select(originals.columns)])
