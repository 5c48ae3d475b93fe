"""Builders for small register, receipt and claim tables: a child, and what is different about it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from schemas.record import Record
from schemas.records.feeds import ARREARS_FLAGS, OVERRIDES, RESIDENT_TAXES
from schemas.records.register import (
    BENEFICIARY_NUMBERS,
    GUARDIANS,
    IDENTITIES,
    PERSONS,
    REGISTRATION_PERIODS,
    RESIDENCES,
    SCHEMES,
    known,
)

CHILD, GUARDIAN = "000000000000001", "000000000000002"
NUMBER, PAYER, CLINIC = "1234566", "81112039", "1110000010"
Decide = Callable[..., list[tuple[str, int]]]
Judge = Callable[..., pl.DataFrame]
TABLES = {
    "persons": PERSONS,
    "residences": RESIDENCES,
    "schemes": SCHEMES,
    "registrations": REGISTRATION_PERIODS,
    "guardians": GUARDIANS,
    "resident_taxes_known": known(RESIDENT_TAXES),
    "arrears_known": known(ARREARS_FLAGS),
    "identities": IDENTITIES,
    "overrides_known": known(OVERRIDES),
}
"""What the second engine decides eligibility from, by its own names for it."""
SOURCE = {"delivery": "見本", "known_date": date(2026, 11, 10)}


def table(record: Record, *rows: Mapping[str, Any]) -> pl.DataFrame:
    """A frame of a record; a column not named is null."""
    return pl.DataFrame([{name: row.get(name) for name in record.names} for row in rows], schema=record.schema)


def register(birth_date: date, **changes: Any) -> SimpleNamespace:
    """The tables of one registered child and its guardian; `residences`, `schemes`, `guardian`,
    `registered_from_date`, `insurance_type_code` change it."""
    home = {"resident_code": CHILD, "start_date": birth_date, "end_date": None}
    guardian = {"resident_code": GUARDIAN, "birth_date": date(1985, 5, 5), "sex": "2", "in_japan": "1"}
    child = {"resident_code": CHILD, "birth_date": birth_date, "sex": "1", "in_japan": "1"}
    begun = changes.get("registered_from_date", max(birth_date, date(2024, 10, 1)))
    entry = {
        "child_resident_code": CHILD,
        "beneficiary_no": NUMBER,
        "guardian_resident_code": GUARDIAN,
        "registered_from_date": begun,
        "begun_date": begun,
        "insurance_type_code": changes.get("insurance_type_code", "01"),
    }
    rows = {
        "persons": [child, guardian | changes.get("guardian", {})],
        "residences": [{**home, **row} for row in changes.get("residences", [{}])],
        "schemes": [{"resident_code": CHILD, **row} for row in changes.get("schemes", [])],
        "registrations": [entry],
    }
    return SimpleNamespace(**{name: table(record, *rows.get(name, [])) for name, record in TABLES.items()})


def beneficiary_numbers(registrations: pl.DataFrame) -> pl.DataFrame:
    """BENEFICIARY_NUMBERS: the numbers of the registrations."""
    return registrations.select(BENEFICIARY_NUMBERS.names).unique(BENEFICIARY_NUMBERS.key)


def receipt(month: date, points: int, rate: int, line_no: int = 1, **changes: Any) -> dict[str, Any]:
    """A first receipt of a month that asks for points × 10 × rate %."""
    self_pay = points * 10 * rate // 100
    return {
        **SOURCE,
        "line_no": line_no,
        "receipt_change": "0",
        "service_month": month,
        "rcpt_patient_sex": "1",
        "rcpt_patient_beneficiary_no": NUMBER,
        "rcpt_institution_code": CLINIC,
        "rcpt_inpatient_outpatient_code": "2",
        "rcpt_copay_rate": rate,
        "rcpt_public_payer_no": PAYER,
        "rcpt_total_medical_cost_yen": points * 10,
        "rcpt_self_pay_yen": self_pay,
        "rcpt_public_expense_yen": self_pay,
    } | changes


def claim(visit_date: date, total_yen: int, paid_yen: int, line_no: int = 1, **changes: Any) -> dict[str, Any]:
    """A claim for one visit, applied for ten days later."""
    return {
        **SOURCE,
        "line_no": line_no,
        "beneficiary_no": NUMBER,
        "application_date": visit_date + timedelta(days=10),
        "claim_class": "1",
        "service_month": visit_date.replace(day=1),
        "first_visit_date": visit_date,
        "treatment_end_date": visit_date,
        "institution_code": CLINIC,
        "inpatient_outpatient_code": "2",
        "treatment_days": 1,
        "total_medical_cost_yen": total_yen,
        "copay_yen": paid_yen,
        "partial_payment_yen": paid_yen,
        "accident": "0",
        "outside_prefecture": "1",
    } | changes


def insurer_answer(month: date, high_cost_yen: int, supplementary_yen: int = 0, **changes: Any) -> dict[str, Any]:
    """What the insurer says of the child's month at the clinic, as an outpatient."""
    return {
        **SOURCE,
        "line_no": 1,
        "answer_no": "A-1",
        "child_resident_code": CHILD,
        "service_month": month,
        "institution_code": CLINIC,
        "care": "2",
        "high_cost_benefit_yen": high_cost_yen,
        "supplementary_benefit_yen": supplementary_yen,
        "answered_date": date(2026, 11, 1),
    } | changes
