"""Receipts a UKE file can say, and lines of such files: for tests only."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import polars as pl

from schemas.checkdigits import m10w21
from schemas.feeds.adapter import Adapter
from schemas.feeds.layout import Source
from schemas.records.feeds import FEEDS
from schemas.uke.columns import other

UKE = Adapter.variant("receipts", "uke")
SOURCE = Source("receipts_diff_20261210_0001.uke", date(2026, 12, 10))
PAYER_NO = "81112039"
_CARES = {"1": "12", "3": "34", "4": "5", "6": "6"}


def numbered(body: str) -> str:
    """The body with its check digit."""
    return body + m10w21(body)


def file(*lines: str, ended: bool = True) -> bytes:
    """The file of these lines."""
    return "".join(f"{line}\r\n" for line in lines).encode("cp932") + (b"\x1a" if ended else b"")


def receipts(count: int, seed: int, tables: Sequence[str] = ("1", "3", "4", "6")) -> pl.DataFrame:
    """Receipts of some institutions of these 点数表, institution by institution, of the canonical shape."""
    source = Random(f"uke {seed}")
    places = sorted(source.choice(tables) + str(source.randrange(3)) for _ in range(count))
    frame = pl.DataFrame([_receipt(source, at + 1, *place) for at, place in enumerate(places)], schema=_schema())
    return frame.sort("review_body", "rcpt_institution_code", "receipt_no")


def _schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    record = FEEDS["receipts"].schema
    later: dict[str, pl.DataType | type[pl.DataType]] = {"rcpt_search_no": pl.String, "rcpt_income_class": pl.String}
    later["rcpt_many_times"] = pl.String
    for at in (2, 3, 4):
        later |= {other("payer_no", at): pl.String, other("yen", at): pl.Int64, other("copay_yen", at): pl.Int64}
    return {**record, **later}


def _receipt(source: Random, number: int, table: str, place: str) -> dict[str, object]:
    rate, unit = source.choice((20, 30)), 1 if table == "6" else 10
    total = source.randint(0, 90_000) * unit * (10 if unit == 1 else 1)
    self_pay, month, copays = (
        total * rate // 100,
        date(2026, source.randint(1, 12), 1),
        _copays(source, total * rate // 100),
    )
    national = source.random() < 0.5
    high = 0 if copays or source.random() < 0.7 else source.randint(0, self_pay)
    left = copays[-1] if copays else self_pay - high
    counter = source.choice((0, left // 2))
    known: dict[str, object] = {
        "review_body": "2" if national else "1", "billing_month": date(2026, 12, 1), "receipt_no": f"{number:06d}",
        "receipt_change": "0", "service_month": month,
        "insurer_no": "00" + numbered("11002") if national else numbered("0611016"),
        "first_day": source.choice((None, month + timedelta(source.randrange(28)))),
        "claim_insurance_symbol_number": source.choice((None, "１２３・４５６７", "9001", "記号・1")),
        "rcpt_branch_no": source.randrange(30), "rcpt_insured_class": "1" if national else "3",
        "rcpt_medical_scheme": "1" if national else "2",
        "rcpt_patient_name": source.choice(("髙橋　湊", "ｻﾄｳ ﾊﾅ", None)),
        "rcpt_patient_sex": source.choice("12"),
        "rcpt_patient_birth_date": date(2012, 1, 1) + timedelta(source.randrange(5000)),
        "rcpt_patient_beneficiary_no": numbered(f"{source.randrange(10**6):06d}"),
        "rcpt_institution_code": numbered(f"11{table}02{table}{place}01"),
        "rcpt_inpatient_outpatient_code": source.choice(_CARES[table]), "rcpt_treatment_days": source.randrange(20),
        "rcpt_copay_rate": rate, "rcpt_public_payer_no": PAYER_NO, "rcpt_total_medical_cost_yen": total,
        "rcpt_self_pay_yen": self_pay, "rcpt_counter_yen": counter,
        "rcpt_high_cost_benefit_yen": high or None, "rcpt_public_expense_yen": left - counter,
        "rcpt_search_no": source.choice((None, f"{source.randrange(10**16):017d}")),
        "rcpt_income_class": source.choice((None, *"アイウエオ")),
    }  # fmt: skip
    known["rcpt_many_times"] = known["rcpt_income_class"] and source.choice("01")
    income = known["rcpt_income_class"]
    known["rcpt_tax_status"] = income and ("2" if income == "オ" else "1")
    for at, copay in enumerate(copays, 1):
        before = [self_pay, *copays][at - 1]
        known |= {other("payer_no", at): numbered("5211203"), other("copay_yen", at): copay}
        known[other("yen", at)] = before - copay
    return known


def _copays(source: Random, self_pay: int) -> list[int]:
    found: list[int] = []
    for _ in range(source.choice((0, 0, 0, 1, 2, 3))):
        found.append(source.randint(0, [self_pay, *found][-1]))
    return found
