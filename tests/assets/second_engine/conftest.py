"""The law of the city, and one question to the second engine: what comes of these receipts and claims."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from assets.second_engine.benefit import benefit
from assets.second_engine.eligibility import eligibility
from assets.second_engine.high_cost import ESTIMATED, LINE, entries, estimates
from schemas.law.book import Law
from schemas.records.feeds import CLAIMS, INSURER_ANSWERS, NATIONAL_HEALTH_INSURANCE, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ESTIMATES
from schemas.records.register import INSURANCES
from tests.assets.second_engine.small_city import Decide, Judge, beneficiary_numbers, table

PAID = {"child_resident_code": pl.String, "service_month": pl.Date, "institution_code": pl.String, "care": pl.String}


@pytest.fixture(scope="session")
def law() -> Law:
    return Law.load("112038")


@pytest.fixture(scope="session")
def judged(law: Law) -> Judge:
    """The whole answer: receipts, then claims, in the order of their lines. Equal registers are judged once."""
    judged_registers: dict[str, pl.DataFrame] = {}

    def entitled(known: SimpleNamespace) -> pl.DataFrame:
        same = str([frame.rows() for frame in vars(known).values()])
        if same not in judged_registers:
            judged_registers[same] = eligibility(**vars(known), law=law)
        return judged_registers[same]

    def judged(known: SimpleNamespace, **given: Any) -> pl.DataFrame:
        born = {"rcpt_patient_birth_date": known.persons["birth_date"][0]}
        receipts = [born | row for row in given.get("receipts", [])]
        numbers, answers = (
            beneficiary_numbers(known.registrations),
            table(accepted(INSURER_ANSWERS), *given.get("answers", [])),
        )
        billed, claimed = table(accepted(RECEIPTS), *receipts), table(accepted(CLAIMS), *given.get("claims", []))
        insured = table(INSURANCES, *given.get("insurances", []))
        expected = HIGH_COST_ESTIMATES.empty().select(*LINE, *ESTIMATED)
        if not claimed.is_empty():
            lines = entries(billed, claimed, law)
            expected = estimates(lines, numbers, known.registrations, insured, answers, known.identities, law)
        result = benefit(
            receipts=billed,
            claims=claimed,
            beneficiary_numbers=numbers,
            registrations=known.registrations,
            identities=known.identities,
            eligibility=entitled(known),
            persons=known.persons,
            insurer_answers_known=answers,
            national_health_insurance_known=table(accepted(NATIONAL_HEALTH_INSURANCE), *given.get("nhi", [])),
            high_cost=expected,
            paid_before=pl.DataFrame(given.get("paid_before", []), schema=PAID, orient="row"),
            law=law,
            month=date(2026, 11, 1),
        )
        return result.sort(pl.col("subject") == "claim", "line_no")

    return judged


@pytest.fixture(scope="session")
def decide(judged: Judge) -> Decide:
    """(reason, yen) of each receipt, then of each claim, in the order of their lines."""

    def decided(known: SimpleNamespace, **given: Any) -> list[tuple[str, int]]:
        return list(judged(known, **given).select("reason", "amount_yen").iter_rows())

    return decided
