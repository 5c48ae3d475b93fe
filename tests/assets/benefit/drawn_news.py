"""Families, their receipts and claims, and news about them, each arriving in any of four months: for tests only."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import count

import polars as pl

from schemas.law.book import Law
from schemas.records.feeds import CLAIMS, FEEDS, RECEIPTS, accepted
from schemas.records.register import known
from tests.support.cases import INSTITUTION, LAW, application, claim, frame, receipt, resident
from tests.support.months import Life

MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
INSTITUTIONS = [INSTITUTION, "1110000016", None]
_SCHEMES = ("public_assistance", "single_parent", "severe_disability", "facilities")
_BIRTHS = (date(2018, 6, 15), date(2008, 4, 5), date(2026, 5, 20))
_DAY = timedelta(days=1)


@dataclass
class Drawn:
    """What arrives month by month: (feed, row) of news, receipts and claims."""

    lot: random.Random
    arrivals: dict[date, list[tuple[str, dict[str, object]]]] = field(default_factory=dict)
    lines: Iterator[int] = field(default_factory=lambda: count(1))

    def arrives(self, feed: str, row: dict[str, object], first: int = 0) -> None:
        """A row comes in one of the months, not before `first`."""
        month = self.lot.choice(MONTHS[first:])
        learned = month + self.lot.randrange(28) * _DAY
        placed = {"known_date": learned, "delivery": f"{feed}_{month:%Y%m}", "line_no": next(self.lines)}
        self.arrivals.setdefault(month, []).append((feed, row | placed))

    def at_once(self, feed: str, row: dict[str, object]) -> None:
        """A row known in the first month."""
        placed = {"known_date": MONTHS[0], "delivery": f"{feed}_first", "line_no": next(self.lines)}
        self.arrivals.setdefault(MONTHS[0], []).append((feed, row | placed))


def drawn(seed: int, families: int = 5) -> Drawn:
    """Families of one to three children; most of what is drawn comes late."""
    city = Drawn(random.Random(seed))
    for family in range(families):
        mother = f"{family:06d}{1:09d}"
        city.at_once("residents", resident(mother, date(1990, 1, 1), sex="2"))
        for no in range(2, 2 + city.lot.randint(1, 3)):
            _child(city, f"{family:06d}{no:09d}", mother, f"{family:03d}{no:04d}", f"H{family}")
    return city


def _child(city: Drawn, child: str, mother: str, number: str, home: str) -> None:
    lot, birth = city.lot, city.lot.choice(_BIRTHS)
    filed = application(
        child, mother, number, application_no=f"A{number}", application_date=birth + 5 * _DAY, event_date=birth,
        insurance_type_code=lot.choice(["01", "06"]), insurer_no="01110014", insurance_symbol_number=home,
    )  # fmt: skip
    put = city.at_once if lot.random() < 0.8 else city.arrives
    put("residents", resident(child, birth))
    put("applications", filed)
    if lot.random() < 0.4:
        gone = {"resident_to_date": lot.choice([date(2026, 5, 11), date(2026, 6, 10)]), "resident_to_reason": "51"}
        city.arrives("residents", resident(child, birth, history_no=2, **gone))
    if lot.random() < 0.5:
        start = lot.choice([date(2026, 4, 1), date(2026, 6, 10), date(2026, 6, 20)])
        end = lot.choice([None, date(2026, 7, 1)])
        scheme = {"resident_code": child, "start_date": start, "end_date": end, "latest_flag": "1"}
        city.arrives(lot.choice(_SCHEMES), scheme)
    if lot.random() < 0.3:
        insured = {"resident_code": child, "start_date": date(2026, 4, 1), "income_class": lot.choice("アウオ")}
        city.arrives("national_health_insurance", insured | {"symbol_number": home, "insurer_no": "00110019"})
    for at in range(lot.randint(2, 6)):
        _line(city, child, birth, number, at)


def _line(city: Drawn, child: str, birth: date, number: str, at: int) -> None:
    lot = city.lot
    month, day = lot.choice([date(2026, 5, 1), date(2026, 6, 1)]), lot.choice([None, date(2026, 6, 10)])
    care, where = lot.choice(["1", "2", "2", "2"]), lot.choice(INSTITUTIONS)
    if lot.random() < 0.5 and where is not None:
        billed = receipt(
            receipt_no=f"{number}{at}", service_month=month, first_day=day if month.month == 6 else None,
            rcpt_patient_beneficiary_no=number, rcpt_patient_birth_date=birth, rcpt_institution_code=where,
            rcpt_inpatient_outpatient_code=care, rcpt_copay_rate=_rate(birth),
        )  # fmt: skip
        city.arrives("receipts", billed)
        for _ in range(lot.choice([0, 0, 0, 1, 1, 2])):
            _signed(city, billed)
        return
    total = lot.choice([3000, 3000, 200_000])
    paid = total * _rate(birth) // 100
    asked = claim(
        claim_no=f"C{number}{at}", beneficiary_no=number, first_visit_date=month + 9 * _DAY, partial=paid,
        total_medical_cost_yen=total, institution_code=where, inpatient_outpatient_code=care,
        accident=lot.choice("00000012"),
    )  # fmt: skip
    city.arrives("claims", asked)
    for _ in range(lot.choice([0, 1, 1, 2])):
        told = {"answer_no": lot.choice([f"R{number}{at}", f"R{number}{at}b"]), "child_resident_code": child}
        yen = {"high_cost_benefit_yen": lot.randrange(paid + 1), "supplementary_benefit_yen": 0}
        about = {"service_month": month, "institution_code": where, "care": care, "answered_date": MONTHS[0]}
        city.arrives("insurer_answers", told | about | yen)


def _signed(city: Drawn, billed: dict[str, object]) -> None:
    """A row that takes a receipt back, whole or in part."""
    change, yen = city.lot.choice([("2", -_yen(billed)), ("1", -_yen(billed)), ("3", -100), ("3", 50)])
    money = {"rcpt_total_medical_cost_yen": yen * 10, "rcpt_self_pay_yen": yen, "rcpt_public_expense_yen": yen}
    number = f"{city.lot.randrange(10**6):06d}S"
    city.arrives("receipts", billed | money | {"receipt_change": change, "receipt_no": number})
    if change == "1" and city.lot.random() < 0.5:
        city.arrives("receipts", billed | {"receipt_no": number[:-1] + "A"})


def _yen(billed: dict[str, object]) -> int:
    return int(str(billed["rcpt_public_expense_yen"]))


def _rate(birth: date) -> int:
    return 20 if birth.year == 2026 else 30


def lived(city: Drawn, law: Law = LAW, amended: dict[date, Law] | None = None) -> Life:
    """The four months, one after another. `amended`: the law from a processing month on."""
    life = Life()
    for month in MONTHS:
        law = (amended or {}).get(month, law)
        life.live(month, *arrived(city, month), law)
    return life


@cache
def lived_once(seed: int, families: int = 5) -> Life:
    """The four months of a drawn city, lived once for every test that reads them: look, do not live on."""
    return lived(drawn(seed, families))


def arrived(city: Drawn, month: date) -> tuple[dict[str, pl.DataFrame], pl.DataFrame, pl.DataFrame]:
    """(news by feed, receipts, claims) of a month."""
    rows: dict[str, list[dict[str, object]]] = {}
    for feed, row in city.arrivals.get(month, []):
        usual = {"history_no": 1} if "history_no" in FEEDS[feed].names else {}
        rows.setdefault(feed, []).append(usual | row)
    receipts = frame(accepted(RECEIPTS), rows.pop("receipts", []))
    claims = frame(accepted(CLAIMS), rows.pop("claims", []))
    return {feed: frame(known(FEEDS[feed]), told) for feed, told in rows.items()}, receipts, claims
