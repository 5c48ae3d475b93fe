"""Small registers, receipts and claims for tests: state what matters, the rest is filled in.

Everything is synthetic. `register(...)` runs the register rules over the rows given and decides eligibility.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property

import polars as pl

from assets.benefit.facts import beneficiary_numbers
from assets.benefit.rules import decide_claims, decide_receipts
from assets.eligibility import deciding
from assets.eligibility.known import Known
from assets.high_cost.entries import entries
from assets.high_cost.rules import estimates
from assets.register.insurances import insurances
from assets.register.registrations import registrations
from schemas.law.book import Law
from schemas.record import Item, Record
from schemas.records.feeds import FEEDS, accepted
from schemas.records.register import (
    BENEFICIARY_NUMBERS,
    ELIGIBILITY,
    IDENTITIES,
    KEPT,
    PERSONS,
    REGISTRATIONS,
    known,
)

LAW = Law.load("112038")
CHILD, MOTHER, FATHER = (f"{number:015d}" for number in (1, 2, 3))
NUMBER = "1000009"
INSTITUTION = "1110000008"
_NO_KEYS = pl.DataFrame(
    schema={
        "child_resident_code": pl.String,
        "service_month": pl.Date,
        "institution_code": pl.String,
        "care": pl.String,
    }
)


def law_with(law: Law = LAW, **values: object) -> Law:
    """The law book with other values of parameters (dots as double underscores)."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    changed = {name: tuple(replace(one, value=value) for one in law.of(name)) for name, value in named.items()}
    return Law(law.municipality, {**law.versions, **changed})


def _filler(item: Item) -> object:
    if item.nullable:
        return None
    kind = item.type
    if kind.codes is not None:
        return next(iter(kind.codes.labels))
    fillers = {"date": date(2026, 4, 1), "month": date(2026, 4, 1), "digits": "0" * (kind.length or 1), "text": "あ"}
    return fillers.get(kind.name, max(kind.minimum or 0, 0))


def frame(record: Record, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of a record; items not given are null where they may be, else a filler. Lines are numbered."""
    usual = {item.name: _filler(item) for item in record.items}
    return pl.DataFrame([usual | {"line_no": at} | row for at, row in enumerate(rows, 1)], schema=record.schema)


def known_rows(feed: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    """Known rows of a feed; history rows are number 1 unless they say otherwise."""
    record = known(FEEDS[feed])
    usual: dict[str, object] = {"delivery": f"{feed}_1", "history_no": 1}
    return frame(record, [{name: value for name, value in usual.items() if name in record.names} | row for row in rows])


def resident(code: str, birth: date, start: date | None = None, **more: object) -> dict[str, object]:
    """A row of residents, in the city from `start` (default: birth)."""
    return {
        "resident_code": code,
        "birth_date": birth,
        "sex": "1",
        "resident_from_date": start or birth,
        "latest_flag": "1",
    } | more


def application(child: str = CHILD, guardian: str = MOTHER, number: str = NUMBER, **more: object) -> dict[str, object]:
    """A row of applications."""
    return {
        "application_no": f"A{child[-4:]}{more.get('application_date', '')}{more.get('application_type', '')}"[:20],
        "application_type": "01",
        "application_reason": "01",
        "child_resident_code": child,
        "guardian_resident_code": guardian,
        "beneficiary_no": number,
        "insurance_type_code": "01",
    } | more


USUAL_APPLICATION = application(application_date=date(2018, 6, 20), event_date=date(2018, 6, 15))


_MADE: dict[tuple[int, str], tuple[Law, "Register"]] = {}
"""Registers by the law and the rows they were read from: equal rows are read once."""


@dataclass(frozen=True)
class Register:
    """The register of a case, everything it was read from, and the eligibility decided from it."""

    known: Known
    found: deciding.Register
    eligibility: pl.DataFrame

    @property
    def persons(self) -> pl.DataFrame:
        """PERSONS."""
        return self.found.persons

    @property
    def registrations(self) -> pl.DataFrame:
        """REGISTRATION_PERIODS."""
        return self.found.registration_periods

    @cached_property
    def last_registrations(self) -> pl.DataFrame:
        """REGISTRATIONS."""
        return registrations(self.known["applications"], self.found.identities, LAW)

    @cached_property
    def numbers(self) -> pl.DataFrame:
        """BENEFICIARY_NUMBERS."""
        return beneficiary_numbers(self.known["applications"], self.found.identities)

    def standing_on(self, day: date, child: str = CHILD) -> dict[str, object]:
        """The ELIGIBILITY row of a day; empty outside all intervals."""
        found = self.eligibility.filter(
            (pl.col("child_resident_code") == child) & (pl.col("start_date") <= day) & (pl.col("end_date") > day)
        )
        return {} if found.is_empty() else found.row(0, named=True)

    def reason_on(self, day: date, child: str = CHILD) -> str:
        """DECISION_REASON on a day; 01 outside all intervals."""
        return str(self.standing_on(day, child).get("reason", "01"))


@cache
def _nothing_known() -> dict[str, pl.DataFrame]:
    return {feed.name: known(feed).empty() for feed in KEPT}


def register_of(feeds: dict[str, pl.DataFrame], law: Law = LAW) -> Register:
    """The register read off known rows of any feeds that are kept."""
    known_now = Known({feed: feeds.get(feed, nothing) for feed, nothing in _nothing_known().items()})
    found = deciding.register(known_now, law, date(2026, 10, 31))
    return Register(known_now, found, deciding.decided(found, law))


def register(law: Law = LAW, **rows: list[dict[str, object]]) -> Register:
    """A register from rows by feed. Without residents or applications: one child born 2018-06-15 with its mother,
    registered since its birth and, for school, since 1 April 2025."""
    mother = resident(MOTHER, date(1990, 1, 1), sex="2")
    usual = {
        "residents": [resident(CHILD, date(2018, 6, 15)), mother],
        "applications": [USUAL_APPLICATION],
    }
    given = usual | rows
    key = (id(law), repr(given))
    if key not in _MADE:
        _MADE[key] = (law, register_of({feed: known_rows(feed, each) for feed, each in given.items()}, law))
    return _MADE[key][1]


def receipt(**more: object) -> dict[str, object]:
    """A receipt of an ordinary visit: 300 points, 30 %, 900 yen, in June 2026."""
    total = more.pop("total", 3000)
    rate = more.get("rcpt_copay_rate", 30)
    own = more.pop("own", total * rate // 100)  # type: ignore[operator]
    return {
        "billing_month": date(2026, 7, 1), "service_month": date(2026, 6, 1), "receipt_change": "0",
        "delivery": "receipts_1", "rcpt_patient_beneficiary_no": NUMBER, "rcpt_patient_sex": "1",
        "rcpt_patient_birth_date": date(2018, 6, 15), "rcpt_institution_code": INSTITUTION,
        "rcpt_inpatient_outpatient_code": "2", "rcpt_copay_rate": rate, "rcpt_public_payer_no": "81112039",
        "rcpt_total_medical_cost_yen": total, "rcpt_self_pay_yen": own, "rcpt_public_expense_yen": own,
    } | more  # fmt: skip


def claim(**more: object) -> dict[str, object]:
    """A claim for one visit outside the prefecture: 3,000 yen, 30 %, 900 yen, on 10 June 2026."""
    first = more.get("first_visit_date", date(2026, 6, 10))
    partial = more.pop("partial", 900)
    return {
        "claim_no": "C1", "beneficiary_no": NUMBER, "application_date": date(2026, 7, 20), "claim_class": "1",
        "service_month": first.replace(day=1), "first_visit_date": first, "treatment_end_date": first,  # type: ignore[attr-defined]
        "institution_code": INSTITUTION, "inpatient_outpatient_code": "2", "treatment_days": 1,
        "total_medical_cost_yen": 3000, "copay_yen": partial, "partial_payment_yen": partial, "accident": "0",
        "delivery": "claims_1",
    } | more  # fmt: skip


Decided = tuple[pl.DataFrame, pl.DataFrame]


def whose(about: Register) -> tuple[pl.DataFrame, ...]:
    """What a decision on money is told of the register: BENEFICIARY_NUMBERS, REGISTRATIONS, ELIGIBILITY, PERSONS."""
    return about.numbers, about.last_registrations, about.eligibility, about.persons


@cache
def usual_child() -> tuple[pl.DataFrame, ...]:
    """`whose(register())` written by hand, which is quicker: the child of 2018 is entitled until it is 18."""
    said: dict[str, object] = {"child_resident_code": CHILD, "beneficiary_no": NUMBER, "delivery": "applications_1"}
    born, article = date(2018, 6, 15), "川口市子ども医療費の支給に関する条例（対象者）"
    registered = {"application_no": "A00012018-06-20", "registered_from_date": born, "guardian_resident_code": MOTHER}
    entitled = {
        "start_date": born, "end_date": date(2037, 4, 1), "entitled": "1", "benefit_class": "1", "reason": "00",
        "guardian_resident_code": MOTHER, "feed": "applications", "article": article, "line_no": 1,
    }  # fmt: skip
    named = {name: said[name] for name in ("child_resident_code", "delivery")}
    people = [(CHILD, "1", born), (MOTHER, "2", date(1990, 1, 1))]
    return (
        frame(BENEFICIARY_NUMBERS, [said]),
        frame(REGISTRATIONS, [said | registered | {"insurance_type_code": "01"}]),
        frame(ELIGIBILITY, [named | entitled]),
        frame(
            PERSONS,
            [
                {"resident_code": code, "sex": sex, "birth_date": birth, "resident_from_date": birth,
                 "household_no": "0" * 15, "resident_from_reason": "01", "in_japan": "1", "delivery": "residents_1"}
                for code, sex, birth in people
            ],
        ),
    )  # fmt: skip


def decided_receipts(
    rows: list[dict[str, object]], about: Register | None = None, paid: pl.DataFrame = _NO_KEYS
) -> Decided:
    """(decisions, steps) of receipts, in the order given."""
    given = frame(accepted(FEEDS["receipts"]), [{"receipt_no": f"{at:06d}"} | row for at, row in enumerate(rows)])
    return decide_receipts(given, *(whose(about) if about else usual_child()), paid, LAW, date(2026, 8, 1))


def insured_as(about: Register | None, insured: list[dict[str, object]]) -> pl.DataFrame:
    """INSURANCES of a register (none: of `usual_child`) with these rows of 国保."""
    nhi = known_rows("national_health_insurance", insured)
    if about is None:
        return insurances(nhi, known_rows("applications", [USUAL_APPLICATION]), IDENTITIES.empty())
    return insurances(nhi, about.known["applications"], about.found.identities)


def estimated(
    about: Register | None,
    claims: pl.DataFrame,
    answers: pl.DataFrame,
    insured: pl.DataFrame,
    receipts: pl.DataFrame | None = None,
    law: Law = LAW,
) -> pl.DataFrame:
    """HIGH_COST_ESTIMATES of these claims and receipts."""
    lines = entries(accepted(FEEDS["receipts"]).empty() if receipts is None else receipts, claims, law)
    numbers, registrations, _, persons = whose(about) if about else usual_child()
    return estimates(lines, numbers, registrations, persons, insured, answers, law)


def decided_claims(
    rows: list[dict[str, object]],
    about: Register | None = None,
    answers: list[dict[str, object]] | None = None,
    insured: list[dict[str, object]] | None = None,
    paid: pl.DataFrame = _NO_KEYS,
    law: Law = LAW,
    month: date = date(2026, 8, 1),
) -> Decided:
    """(decisions, steps) of claims, in the order given, with what insurers answered and 国保 knows."""
    claims, told = frame(accepted(FEEDS["claims"]), rows), known_rows("insurer_answers", answers or [])
    insured_by = insured_as(about, insured or [])
    return decide_claims(
        claims,
        *(whose(about) if about else usual_child()),
        told,
        insured_by,
        estimated(about, claims, told, insured_by, law=law),
        paid,
        law,
        month,
    )


def answer(**more: object) -> dict[str, object]:
    """An insurer's answer about the claim of `claim()`."""
    return {
        "answer_no": "R1", "child_resident_code": CHILD, "service_month": date(2026, 6, 1),
        "institution_code": INSTITUTION, "care": "2",
    } | more  # fmt: skip
