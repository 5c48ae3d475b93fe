"""Small decisions with their lines and taxes for tests of 県補助: state what matters, the rest is filled in."""

from datetime import date
from pathlib import Path
from shutil import copytree, ignore_patterns

import polars as pl
import yaml

from assets.subsidy.rules import standing, subsidies
from schemas.law.book import HERE, Law
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, RESIDENT_TAXES, accepted
from schemas.records.register import IDENTITIES, PERSONS
from schemas.records.subsidy import SUBSIDIES
from tests.support.cases import CHILD, INSTITUTION, LAW, MOTHER, frame

Rows = list[dict[str, object]]
DECIDED, SERVED = date(2026, 8, 1), date(2026, 6, 1)
FIVE_YEARS_OLD = date(2021, 4, 2)


def paid(number: int = 1, amount: int = 4_200, days: int = 1, change: str = "0", **more: object) -> dict[str, object]:
    """A decision that pays a receipt of June 2026 in August, with the days and 過誤区分 of its line."""
    return {
        "decision_no": f"R-{number:03d}-202608", "subject": "receipt", "decided_month": DECIDED,
        "child_resident_code": CHILD, "guardian_resident_code": MOTHER, "service_month": SERVED,
        "institution_code": INSTITUTION, "care": "2", "amount_yen": amount, "judgement": "1", "reason": "P0",
        "feed": "receipts", "delivery": "receipts_1", "line_no": number, "_days": days, "_change": change,
    } | more  # fmt: skip


def claimed(number: int = 1, amount: int = 4_200, days: int = 1, **more: object) -> dict[str, object]:
    """A decision that pays a claim of June 2026 in August."""
    claim = {"subject": "claim", "feed": "claims", "delivery": "claims_1", "decision_no": f"C-{number:03d}-202608"}
    return paid(number, amount, days) | claim | more


def taxed(
    income: int | None = 3_000_000, status: str | None = "1", year: int = 2026, **more: object
) -> dict[str, object]:
    """The guardian's tax row with this income after deductions; without income it is 未申告."""
    total = None if income is None else income + 80_000
    filing = "0" if income is None else "1"
    said = {"resident_code": MOTHER, "tax_year": year, "revision_no": 1, "filing": filing, "total_income_yen": total}
    return said | {"taxed": status} | more


def tables(decided: Rows, taxes: Rows, birth: date | None = FIVE_YEARS_OLD) -> dict[str, pl.DataFrame]:
    """DECISIONS, the lines they are about, the child, the taxes and no second numbers, by name."""
    lines = {(row["feed"], row["delivery"], row["line_no"]): row for row in decided}.values()
    receipts = [
        {
            "delivery": row["delivery"], "line_no": row["line_no"], "receipt_no": f"{row['line_no']:06d}",
            "rcpt_treatment_days": row["_days"], "receipt_change": row["_change"], "rcpt_insured_class": "1",
            "rcpt_total_medical_cost_yen": 10 * int(row["amount_yen"]),  # type: ignore[call-overload]
        }
        for row in lines if row["feed"] == "receipts"
    ]  # fmt: skip
    claims = [
        {"delivery": row["delivery"], "line_no": row["line_no"], "claim_no": f"C{row['line_no']}",
         "treatment_days": row["_days"]}
        for row in lines if row["feed"] == "claims"
    ]  # fmt: skip
    bare = [{name: said for name, said in row.items() if not name.startswith("_")} for row in decided]
    persons = [] if birth is None else [{"resident_code": CHILD, "birth_date": birth}]
    return {
        "decisions": frame(DECISIONS, bare),
        "receipts": frame(accepted(RECEIPTS), receipts),
        "claims": frame(accepted(CLAIMS), claims),
        "persons": frame(PERSONS, persons),
        "taxes": frame(accepted(RESIDENT_TAXES), taxes),
        "identities": IDENTITIES.empty(),
    }


def booked(
    decided: Rows,
    taxes: Rows | None = None,
    birth: date | None = FIVE_YEARS_OLD,
    before: pl.DataFrame | None = None,
    law: Law = LAW,
    month: date = DECIDED,
) -> pl.DataFrame:
    """SUBSIDIES of a month, valid. Without taxes the guardian earns 3,000,000 yen and is taxed."""
    known = tables(decided, [taxed()] if taxes is None else taxes, birth)
    stood = standing(SUBSIDIES.empty() if before is None else before)
    return SUBSIDIES.validated(subsidies(**known, before=stood, law=law, month=month))


def law_reading(folder: Path, name: str, value: object) -> Law:
    """The law book with another value of a parameter of 県補助, in every version."""
    copytree(HERE, folder, dirs_exist_ok=True, ignore=ignore_patterns("__pycache__"))
    path = folder / "saitama" / "subsidy.yaml"
    book = yaml.safe_load(path.read_text(encoding="utf-8"))
    for version in book[name]["versions"]:
        version["value"] = value
    path.write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    return Law.load("112038", folder)
