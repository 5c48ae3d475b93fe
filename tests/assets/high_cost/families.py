"""Families with costly care: children on one card, their claims and receipts, and both engines' word on them.

Everything is synthetic. `Family.estimates()` asks both engines and fails where they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from assets.benefit.rules import decide_claims
from assets.high_cost.entries import entries
from assets.high_cost.rules import estimates
from assets.second_engine import high_cost as second
from assets.second_engine.differences import differences
from schemas.law.book import Law
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ENTRIES, HIGH_COST_ESTIMATES
from tests.support.cases import (
    LAW,
    MOTHER,
    Register,
    answer,
    application,
    claim,
    frame,
    insured_as,
    known_rows,
    receipt,
    register,
    resident,
    whose,
)

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
INSURER, CARD = "06110018", "1・1"
NO_KEYS = pl.DataFrame(
    schema={
        "child_resident_code": pl.String,
        "service_month": pl.Date,
        "institution_code": pl.String,
        "care": pl.String,
    }
)


def child(at: int) -> str:
    """The code of the child at a place."""
    return f"{100 + at:015d}"


def number(at: int) -> str:
    """The beneficiary number of the child at a place."""
    return f"{1_000_100 + at}"


def hospital(at: int) -> str:
    """An institution."""
    return f"11100001{at:02d}"


def children(*cards: tuple[str, str], insurance: str = "06") -> Register:
    """A register of children, one per card (insurer_no, symbol_number), all born in 2018."""
    birth = date(2018, 6, 15)
    return register(
        residents=[
            *(resident(child(at), birth) for at in range(len(cards))),
            resident(MOTHER, date(1985, 1, 1), sex="2"),
        ],
        applications=[
            application(
                child(at), number=number(at), application_date=date(2018, 6, 20), event_date=birth,
                insurance_type_code=insurance, insurer_no=insurer, insurance_symbol_number=symbol,
            )
            for at, (insurer, symbol) in enumerate(cards)
        ],
    )  # fmt: skip


def bill(who: int, total: int, where: int = 0, month: date = JULY, **more: object) -> dict[str, object]:
    """A claim of 30 % of `total` in a month."""
    own = total * 3 // 10
    return claim(
        beneficiary_no=number(who), first_visit_date=month.replace(day=5), institution_code=hospital(where),
        total_medical_cost_yen=total, partial=own, treatment_days=20, application_date=date(2026, 10, 1),
    ) | more  # fmt: skip


def told(who: int, high: int, where: int = 0, month: date = JULY, **more: object) -> dict[str, object]:
    """An insurer's answer about a bill."""
    number_of = f"R{who}-{where}-{month:%Y%m}"
    return answer(
        answer_no=number_of, child_resident_code=child(who), institution_code=hospital(where), service_month=month,
        insurer_no=INSURER, high_cost_benefit_yen=high, supplementary_benefit_yen=0, many_times="0",
    ) | more  # fmt: skip


SIBLINGS = children((INSURER, CARD), (INSURER, CARD))
STRANGERS = children((INSURER, CARD), (INSURER, "2・2"))


@dataclass(frozen=True)
class Family:
    """Children, what they had to pay, and what insurers and 国保 say."""

    about: Register = SIBLINGS
    bills: Sequence[dict[str, Any]] = ()
    answers: Sequence[dict[str, Any]] = ()
    receipts: Sequence[dict[str, Any]] = ()
    nhi: Sequence[dict[str, Any]] = ()
    law: Law = field(default=LAW)

    @property
    def claims(self) -> pl.DataFrame:
        """The bills as CLAIMS."""
        return frame(accepted(CLAIMS), [{"claim_no": f"C{at}"} | row for at, row in enumerate(self.bills, 1)])

    @property
    def billed(self) -> pl.DataFrame:
        """The receipts as RECEIPTS."""
        return frame(accepted(RECEIPTS), [receipt() | row for row in self.receipts])

    @property
    def told(self) -> pl.DataFrame:
        """The answers."""
        return known_rows("insurer_answers", [{"line_no": at} | row for at, row in enumerate(self.answers, 1)])

    @property
    def insured(self) -> pl.DataFrame:
        """INSURANCES."""
        return insured_as(self.about, list(self.nhi))

    def entries(self) -> pl.DataFrame:
        """HIGH_COST_ENTRIES, on which both engines agree."""
        found = HIGH_COST_ENTRIES.validated(entries(self.billed, self.claims, self.law))
        again = second.entries(self.billed, self.claims, self.law)
        values = [name for name in found.columns if name not in HIGH_COST_ENTRIES.key]
        assert differences(found, again, list(HIGH_COST_ENTRIES.key), values).is_empty()
        return found

    def estimates(self) -> pl.DataFrame:
        """HIGH_COST_ESTIMATES, on which both engines agree."""
        numbers, registrations, _, persons = whose(self.about)
        lines, insured = self.entries(), self.insured
        found = estimates(lines, numbers, registrations, persons, insured, self.told, self.law)
        same = self.about.found.identities
        again = second.estimates(lines, numbers, registrations, insured, self.told, same, self.law)
        different = differences(found, again, list(second.LINE), list(second.ESTIMATED))
        assert different.is_empty(), different.rows()
        return HIGH_COST_ESTIMATES.validated(found)

    def decided(self, month: date = date(2026, 11, 1)) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(decisions, steps) of the claims."""
        return decide_claims(
            self.claims, *whose(self.about), self.told, self.insured, self.estimates(), NO_KEYS, self.law, month
        )

    def outcomes(self) -> list[tuple[str, int]]:
        """(reason, yen) of the claims in their order."""
        decisions, _ = self.decided()
        return list(decisions.sort("line_no").select("reason", "amount_yen").iter_rows())
