"""A file of every kind, byte for byte as a reviewing body sends it, and what stands in it."""

from datetime import date
from pathlib import Path

import pytest

from schemas.records.feeds import FEEDS
from schemas.uke.lines import file_of, lines_of
from tests.support.uke import PAYER_NO, SOURCE, UKE, numbered

GOLDEN = Path(__file__).parents[2] / "golden" / "uke"
NHI, EMPLOYED, CHRONIC = "00" + numbered("11002"), numbered("0611016"), numbered("5211203")
ONE, TWO, THREE = (numbered(body) for body in ("000101", "000102", "000103"))
EXPECTED = {
    "medical": [
        {
            "line_no": 2, "review_body": "2", "billing_month": "202612", "receipt_no": "000001",
            "service_month": "202610", "insurer_no": NHI, "first_day": "20261005",
            "claim_insurance_symbol_number": "川口・1234567", "rcpt_branch_no": "2", "rcpt_insured_class": "1",
            "rcpt_medical_scheme": "1", "rcpt_tax_status": "1", "rcpt_patient_name": "川口　花子",
            "rcpt_patient_sex": "2", "rcpt_patient_birth_date": "20210506", "rcpt_patient_beneficiary_no": ONE,
            "rcpt_institution_code": numbered("111021001"), "rcpt_inpatient_outpatient_code": "2",
            "rcpt_treatment_days": "2", "rcpt_copay_rate": "20", "rcpt_public_payer_no": PAYER_NO,
            "rcpt_total_medical_cost_yen": "12340", "rcpt_self_pay_yen": "2468", "rcpt_counter_yen": "0",
            "rcpt_other_public_payer_no": None, "rcpt_high_cost_benefit_yen": None, "rcpt_public_expense_yen": "2468",
            "rcpt_search_no": "20261100000000001", "rcpt_income_class": "ウ", "rcpt_many_times": "0",
        },
        {
            "line_no": 12, "first_day": None, "claim_insurance_symbol_number": "7654321", "rcpt_branch_no": "0",
            "rcpt_patient_name": "髙﨑　湊", "rcpt_copay_rate": "30", "rcpt_self_pay_yen": "15000",
            "rcpt_other_public_payer_no": CHRONIC, "rcpt_other_public_yen": "12500",
            "rcpt_other_public_copay_yen": "2500", "rcpt_other_public_payer_no_2": None,
            "rcpt_public_expense_yen": "2500", "rcpt_income_class": "ウ", "rcpt_many_times": "1",
            "rcpt_patient_beneficiary_no": TWO,
        },
        {
            "line_no": 20, "review_body": "1", "service_month": "202609", "insurer_no": EMPLOYED,
            "rcpt_insured_class": "3", "rcpt_medical_scheme": "2", "rcpt_inpatient_outpatient_code": "1",
            "rcpt_copay_rate": "30", "rcpt_self_pay_yen": "120000", "rcpt_high_cost_benefit_yen": "37570",
            "rcpt_public_expense_yen": "82430", "rcpt_income_class": "ア", "rcpt_patient_beneficiary_no": THREE,
        },
    ],
    "dpc": [
        {
            "line_no": 2, "first_day": "20261003", "rcpt_inpatient_outpatient_code": "1", "rcpt_treatment_days": "4",
            "rcpt_copay_rate": "20", "rcpt_total_medical_cost_yen": "205000", "rcpt_self_pay_yen": "41000",
        }
    ],
    "dental": [
        {
            "line_no": 2, "billing_month": "202612", "service_month": "202610", "rcpt_patient_birth_date": "20200520",
            "rcpt_institution_code": numbered("113023001"), "rcpt_inpatient_outpatient_code": "4",
            "claim_insurance_symbol_number": "はーと・11", "rcpt_total_medical_cost_yen": "5800",
            "rcpt_public_expense_yen": "1160", "first_day": None,
        }
    ],
    "pharmacy": [
        {
            "line_no": 2, "rcpt_patient_name": "ｼｹﾝ ﾊﾙﾄ", "rcpt_inpatient_outpatient_code": "5",
            "rcpt_treatment_days": "3", "rcpt_total_medical_cost_yen": "11110", "rcpt_self_pay_yen": "3333",
            "rcpt_counter_yen": "500", "rcpt_public_expense_yen": "2833", "rcpt_search_no": "2026110000000000042",
            "first_day": "20261001",
        }
    ],
    "nursing": [
        {
            "line_no": 2, "rcpt_patient_sex": "2", "rcpt_patient_birth_date": "20240229",
            "rcpt_inpatient_outpatient_code": "6", "rcpt_total_medical_cost_yen": "54300", "rcpt_copay_rate": "20",
            "rcpt_self_pay_yen": "10860", "rcpt_public_expense_yen": "10860", "rcpt_treatment_days": "6",
        }
    ],
}  # fmt: skip


def golden(kind: str) -> bytes:
    return (GOLDEN / f"{kind}.uke").read_bytes()


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_a_file_of_every_kind_says_what_was_written_by_hand(kind: str) -> None:
    reading = UKE.read(golden(kind), f"{kind}.uke")
    assert reading.malformed.is_empty()
    found = reading.rows.to_dicts()
    assert len(found) == len(EXPECTED[kind])
    for row, expected in zip(found, EXPECTED[kind], strict=True):
        assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_its_receipts_are_accepted_whole(kind: str) -> None:
    sorted_rows = UKE.typed(UKE.read(golden(kind), "f"), FEEDS["receipts"], SOURCE)
    assert sorted_rows.refused.is_empty()
    assert sorted_rows.accepted.height == len(EXPECTED[kind])
    assert sorted_rows.accepted["service_month"].dt.year().unique().to_list() == [2026]
    assert sorted_rows.accepted["known_date"].unique().to_list() == [date(2026, 12, 10)]


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_what_was_read_is_written_back_byte_for_byte(kind: str) -> None:
    lines = lines_of(UKE, golden(kind), "f")
    assert file_of(lines.fields(), lines.ended) == golden(kind)
