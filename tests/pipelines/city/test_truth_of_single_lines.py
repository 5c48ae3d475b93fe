"""The truth of single receipts and claims: the edges that a drawn city seldom meets."""

from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest

from pipelines.city.truth_benefit import Known, claim_lines, costly_lines, judged_claims, judged_receipts, receipt_lines
from schemas.records.feeds import FEEDS, accepted
from tests.support.cases import CHILD, INSTITUTION, NUMBER, claim, frame, receipt

MONTH, PAYER = date(2026, 8, 1), "81112039"
BORN = date(2026, 6, 10)
ANSWERS = {
    "child_resident_code": pl.String, "service_month": pl.Date, "institution_code": pl.String, "care": pl.String,
    "answer_high_yen": pl.Int64, "answer_supplementary_yen": pl.Int64, "answer_many_times": pl.String,
}  # fmt: skip


def child(birth: date, *turns: tuple[date, str]) -> Known:
    """One registered child, entitled since birth; from each turn on its days have that reason."""
    person = {
        "person_no": 12, "resident_code": CHILD, "beneficiary_no": NUMBER, "birth_date": birth, "sex": "1",
        "insurance_type_code": "01", "insurer_no": "01110018", "symbol_number": "1",
        "school_from": date(birth.year + 6, 4, 1),
    }  # fmt: skip
    days = [(birth, "00"), *turns, (date(birth.year + 18, 4, 1), "")]
    spans = [
        {"person_no": 12, "start_date": start, "end_date": end, "reason": reason}
        for (start, reason), (end, _) in pairwise(days)
        if start < end
    ]
    return Known(pl.DataFrame([person]), pl.DataFrame(spans))


def receipt_reason(known: Known, **more: object) -> str:
    row = receipt(rcpt_copay_rate=20, rcpt_patient_birth_date=BORN, **more)
    lines = receipt_lines(frame(accepted(FEEDS["receipts"]), [row]), "receipts_1", MONTH)
    return str(judged_receipts(lines, known, PAYER).select(pl.coalesce("early", "late")).item())


def claim_reason(answered_yen: int | None = None, **more: object) -> str:
    row = claim(**more)
    answered = (
        [(CHILD, row["service_month"], INSTITUTION, "2", answered_yen, 0, "0")] if answered_yen is not None else []
    )
    lines = claim_lines(frame(accepted(FEEDS["claims"]), [row]), "claims_1", MONTH)
    answers = pl.DataFrame(answered, schema=ANSWERS, orient="row")
    nothing = receipt_lines(frame(accepted(FEEDS["receipts"]), []), "receipts_1", MONTH)
    judged = judged_claims(lines, child(date(2010, 6, 15)), answers, [costly_lines(nothing, lines)])
    return str(judged.select(pl.coalesce("early", "late")).item())


@pytest.mark.parametrize(
    ("case", "turns", "wrong", "reason"),
    [
        ("entitled from birth", [], {}, "P0"),
        ("registered the day after", [(BORN, "11"), (date(2026, 6, 11), "00")], {}, "H6"),
        ("gone before the month's end", [(date(2026, 6, 25), "02")], {}, "H6"),
        ("gone, with a day", [(date(2026, 6, 25), "02")], {"first_day": date(2026, 6, 24)}, "P0"),
        ("a first day before birth", [], {"first_day": date(2026, 6, 9)}, "E1"),
        ("the month before birth", [], {"service_month": date(2026, 5, 1)}, "E1"),
    ],
)
def test_the_month_of_birth_counts_from_the_birth(
    case: str, turns: list[tuple[date, str]], wrong: dict[str, object], reason: str
) -> None:
    assert receipt_reason(child(BORN, *turns), **wrong) == reason, case


@pytest.mark.parametrize("held", ["14", "15", "16"])
@pytest.mark.parametrize(
    ("from_day", "first_day", "reason"),
    [(1, None, "H9"), (20, None, "H9"), (20, 19, "P0"), (20, 20, "H9")],
)
def test_a_month_with_days_that_wait_for_a_person_waits_unless_its_day_is_clear(
    held: str, from_day: int, first_day: int | None, reason: str
) -> None:
    known = child(BORN, (date(2026, 7, from_day), held))
    said = {"first_day": date(2026, 7, first_day)} if first_day else {}
    assert receipt_reason(known, service_month=date(2026, 7, 1), **said) == reason


@pytest.mark.parametrize("kind", ["1", "2", "3", "4"])
@pytest.mark.parametrize(("partial", "reason"), [(900, "P0"), (905, "P0"), (906, "H2"), (3_000, "H2")])
def test_no_kind_of_claim_is_paid_above_the_legal_share(kind: str, partial: int, reason: str) -> None:
    assert claim_reason(claim_class=kind, partial=partial) == reason


@pytest.mark.parametrize(
    ("answered_yen", "stated", "reason"),
    [
        (None, {"other_adjustment_yen": 2_100}, "P0"),
        (None, {"high_cost_benefit_yen": 2_000, "supplementary_benefit_yen": 100}, "P0"),
        (None, {"other_adjustment_yen": 2_094}, "H2"),
        (2_100, {}, "P0"),
        (0, {"high_cost_benefit_yen": 2_100}, "H2"),
    ],
)
def test_the_whole_cost_is_paid_only_as_far_as_amounts_bring_it_down_to_the_share(
    answered_yen: int | None, stated: dict[str, object], reason: str
) -> None:
    assert claim_reason(answered_yen, claim_class="4", partial=3_000, **stated) == reason


@pytest.mark.parametrize(
    ("treated", "last"),
    [
        (date(2024, 11, 10), date(2029, 11, 10)),
        (date(2024, 2, 28), date(2029, 2, 28)),
        (date(2024, 2, 29), date(2029, 2, 28)),
        (date(2023, 2, 28), date(2028, 2, 29)),
        (date(2024, 12, 31), date(2029, 12, 31)),
    ],
)
def test_five_years_end_on_the_eve_of_the_day_after_the_treatment(treated: date, last: date) -> None:
    """民法143条: counted from the day after the treatment, they end the day before that day five years on."""
    handed_in = (last, last + timedelta(days=1))
    assert [claim_reason(first_visit_date=treated, application_date=day) for day in handed_in] == ["P0", "T1"]
