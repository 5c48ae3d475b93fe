"""What a receipt or a claim gets from the entitlement of its day: 入院のみ, 確認待ち, and one child with two numbers.

Both engines decide every case; the drawn ones are read off the days one by one as well.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.benefit.rules import benefit
from assets.high_cost.entries import entries
from assets.high_cost.rules import estimates
from assets.register.identities import as_person
from assets.second_engine.benefit import benefit as second
from assets.second_engine.differences import differences
from assets.second_engine.high_cost import ESTIMATED, LINE
from assets.second_engine.high_cost import entries as second_entries
from assets.second_engine.high_cost import estimates as second_estimates
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ESTIMATES
from schemas.records.register import ELIGIBILITY
from tests.support.cases import (
    CHILD,
    INSTITUTION,
    LAW,
    MOTHER,
    NUMBER,
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
from tests.support.draws import draws

JUNE, MONTH = date(2026, 6, 1), date(2026, 8, 1)
OLD, OLD_NUMBER = "000000000000007", "1000017"
INPATIENT, VISIT = "1", "2"


@cache
def usual() -> Register:
    """A child that has had two 宛名番号, and a beneficiary number under each."""
    return register(
        residents=[resident(CHILD, date(2018, 6, 15), date(2020, 6, 15)), resident(MOTHER, date(1990, 1, 1), sex="2")],
        nonresidents=[{"resident_code": OLD, "in_japan": "1", "same_person_code": CHILD, "latest_flag": "1"}],
        applications=[
            application(OLD, number=OLD_NUMBER, application_date=date(2018, 6, 20), event_date=date(2018, 6, 15)),
            application(application_date=date(2025, 4, 1), event_date=date(2025, 4, 1), application_reason="03"),
        ],
    )


def eligibility(*spans: tuple[int, str, str]) -> pl.DataFrame:
    """ELIGIBILITY from spans (first day of June 2026, reason, 給付区分), each until the next; before it the first."""
    days = [JUNE + timedelta(first - 1) for first, _, _ in spans]
    days[0] = date(2018, 6, 15)
    ends = [*days[1:], date(2037, 4, 1)]
    rows: list[dict[str, object]] = [
        {
            "child_resident_code": CHILD, "start_date": day, "end_date": end, "reason": reason, "benefit_class": kind,
            "entitled": "1" if reason == "00" else "0", "article": "条例", "guardian_resident_code": MOTHER,
            "faults": "" if reason == "00" else reason, "feed": "residents", "delivery": "d", "line_no": 1,
        }
        for (_, reason, kind), day, end in zip(spans, days, ends, strict=True)
    ]  # fmt: skip
    return frame(ELIGIBILITY, rows)


def decided(
    stands: pl.DataFrame,
    receipts: Sequence[dict[str, object]] = (),
    claims: Sequence[dict[str, object]] = (),
    before: pl.DataFrame | None = None,
    answers: Sequence[dict[str, object]] = (),
    about: Register | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(decisions, steps) of the first engine; the second must agree on every row."""
    about = about or usual()
    numbers, registrations, _, persons = whose(about)
    taken = [{"receipt_no": f"{at:06d}", "line_no": at} | row for at, row in enumerate(receipts, 1)]
    billed, claimed = frame(accepted(RECEIPTS), taken), frame(accepted(CLAIMS), list(claims))
    earlier = DECISIONS.empty() if before is None else before
    answered = known_rows("insurer_answers", list(answers))
    insured, same = insured_as(about, []), about.found.identities
    lines = entries(billed, claimed, LAW)
    expected = estimates(
        lines, numbers, registrations, persons, insured, as_person(answered, same, "child_resident_code"), LAW
    )
    decisions, steps, _, _ = benefit(
        receipts=billed, claims=claimed, beneficiary_numbers=numbers, registrations=registrations, eligibility=stands,
        persons=persons, identities=about.found.identities, insurer_answers_known=answered,
        insurances=insured, high_cost_estimates=expected, decided_before=earlier, law=LAW, month=MONTH,
    )  # fmt: skip
    paid = earlier.filter(pl.col("judgement") == "1").select(
        "child_resident_code", "service_month", "institution_code", "care"
    )
    expected_again = HIGH_COST_ESTIMATES.empty().select(*LINE, *ESTIMATED)
    if claims:
        lines_again = second_entries(billed, claimed, LAW)
        expected_again = second_estimates(lines_again, numbers, registrations, insured, answered, same, LAW)
    again = second(
        billed, claimed, numbers, registrations, stands, persons, about.found.identities, answered,
        known_rows("national_health_insurance", []), expected_again, paid, LAW, MONTH,
    )  # fmt: skip
    keys = ["subject", "feed", "delivery", "line_no"]
    assert differences(decisions, again, keys, ["judgement", "reason", "amount_yen"]).is_empty()
    return decisions, steps


def reasons(*args: object, **more: object) -> list[str]:
    return decided(*args, **more)[0]["reason"].to_list()  # type: ignore[arg-type]


def of_care(care: str, **more: object) -> dict[str, object]:
    return receipt(rcpt_inpatient_outpatient_code=care, **more)


WHOLE, STAYS, REFUSED = ("00", "1"), ("00", "2"), ("11", "0")


@pytest.mark.parametrize(("care", "reason"), [("1", "P0"), ("3", "P0"), ("2", "E1"), ("4", "E1"), ("5", "E1")])
def test_an_entitlement_to_stays_in_hospital_pays_for_nothing_else(care: str, reason: str) -> None:
    stands = eligibility((1, *STAYS))
    visit = claim(inpatient_outpatient_code=care, institution_code="1110000016")
    assert reasons(stands, [of_care(care)], [visit]) == [reason, reason]


def test_a_refused_visit_says_that_only_stays_are_covered() -> None:
    _, steps = decided(eligibility((1, *STAYS)), [of_care(VISIT)])
    assert steps.filter(pl.col("label") == "資格の範囲")["text"].to_list() == [
        "この日の資格は入院だけで、外来などは支給の対象ではありません。"
    ]
    _, steps = decided(eligibility((1, *REFUSED)), [of_care(VISIT)])
    assert "資格の範囲" not in steps["label"].to_list()


@pytest.mark.parametrize(
    ("care", "day", "reason"),
    [(VISIT, None, "H6"), (VISIT, 9, "E1"), (VISIT, 10, "P0"), (INPATIENT, None, "P0"), (INPATIENT, 9, "P0")],
)
def test_in_a_month_in_which_visits_begin_to_be_covered_only_a_visit_needs_its_day(
    care: str, day: int | None, reason: str
) -> None:
    stands = eligibility((1, *STAYS), (10, *WHOLE))
    assert reasons(stands, [of_care(care, first_day=day and JUNE.replace(day=day))]) == [reason]


HELD_MONTHS = [
    ("held all month", [(1, "14", "0")], None, "H9"),
    ("held all month, the day said", [(1, "15", "0")], 5, "H9"),
    ("held from the 10th, no day", [(1, *WHOLE), (10, "16", "0")], None, "H9"),
    ("held from the 10th, before it", [(1, *WHOLE), (10, "16", "0")], 9, "P0"),
    ("held from the 10th, on it", [(1, *WHOLE), (10, "16", "0")], 10, "H9"),
    ("refused, then held, no day", [(1, *REFUSED), (10, "14", "0")], None, "H9"),
    ("refused, then held, before it", [(1, *REFUSED), (10, "14", "0")], 9, "E1"),
    ("on another scheme, then held", [(1, "05", "0"), (10, "14", "0")], 9, "E3"),
    ("held only after the month", [(1, *WHOLE), (31, "14", "0")], None, "P0"),
    ("held only before the month", [(1, "14", "0"), (1, *WHOLE)], None, "P0"),
]


@pytest.mark.parametrize(("case", "spans", "day", "reason"), HELD_MONTHS, ids=[case for case, *_ in HELD_MONTHS])
def test_a_receipt_waits_while_the_entitlement_of_its_day_is_ascertained(
    case: str, spans: list[tuple[int, str, str]], day: int | None, reason: str
) -> None:
    first = JUNE.replace(day=day) if day else None
    assert reasons(eligibility(*spans), [receipt(first_day=first)]) == [reason]


@pytest.mark.parametrize("held", ["14", "15", "16"])
def test_a_claim_on_a_day_to_be_ascertained_is_held_and_not_refused(held: str) -> None:
    decisions, steps = decided(eligibility((1, *WHOLE), (10, held, "0")), claims=[claim()])
    assert decisions.select("reason", "judgement", "amount_yen").rows() == [("H9", "4", 0)]
    assert steps.filter(pl.col("label") == "判定").select("feed", "line_no").rows() == [("residents", 1)]


@cache
def all_days() -> pl.DataFrame:
    return eligibility((1, *WHOLE))


def test_both_numbers_of_a_child_find_it() -> None:
    rows = [receipt(), receipt(rcpt_patient_beneficiary_no=OLD_NUMBER, rcpt_institution_code="1110000016")]
    decisions, _ = decided(all_days(), rows)
    assert decisions["reason"].to_list() == ["P0", "P0"]
    assert decisions.select("beneficiary_no", "child_resident_code").rows() == [(NUMBER, CHILD), (OLD_NUMBER, CHILD)]


def test_the_same_care_under_two_numbers_is_paid_once() -> None:
    assert reasons(all_days(), [receipt(), receipt(rcpt_patient_beneficiary_no=OLD_NUMBER)]) == ["P0", "D1"]
    assert reasons(all_days(), [receipt()], [claim(beneficiary_no=OLD_NUMBER)]) == ["P0", "D1"]
    both = [claim(claim_no=f"C{at}", line_no=at, beneficiary_no=no) for at, no in enumerate((OLD_NUMBER, NUMBER), 1)]
    assert reasons(all_days(), claims=both) == ["P0", "D1"]


def test_what_was_paid_before_the_two_were_known_to_be_one_is_not_paid_again() -> None:
    first, _ = decided(all_days(), [receipt(rcpt_patient_beneficiary_no=OLD_NUMBER)])
    under_its_old_code = first.with_columns(pl.lit(OLD).alias("child_resident_code"))
    assert reasons(all_days(), [receipt()], before=under_its_old_code) == ["D1"]


def test_an_answer_about_the_old_code_counts() -> None:
    told = answer(child_resident_code=OLD, high_cost_benefit_yen=2_400, answered_date=date(2026, 7, 9))
    decisions, _ = decided(all_days(), claims=[claim(partial=60_000, total_medical_cost_yen=200_000)], answers=[told])
    assert decisions.select("reason", "amount_yen").rows() == [("P0", 57_600)]


KINDS = st.sampled_from([WHOLE, WHOLE, STAYS, REFUSED, ("05", "0"), ("14", "0"), ("15", "0")])
CARES = st.sampled_from(["1", "2", "5"])


@st.composite
def months(draw: st.DrawFn) -> list[tuple[int, str, str]]:
    days = sorted(draw(st.sets(st.integers(1, 31), min_size=1, max_size=4)))
    return [(day, *draw(KINDS)) for day in days]


def said_on(spans: list[tuple[int, str, str]], day: int) -> tuple[str, str]:
    """(reason, class) of a day of June; of any day before the first span, what it says."""
    return next(((reason, kind) for first, reason, kind in reversed(spans) if first <= day), spans[0][1:])


def paid_for(said: tuple[str, str], care: str) -> bool:
    return said == WHOLE or (said == STAYS and care in ("1", "3"))


def by_hand(spans: list[tuple[int, str, str]], care: str, day: int | None) -> str:
    """What a receipt of June gets, day by day."""
    every = [said_on(spans, one) for one in range(1, 31)]
    open_days = [said for said in every if paid_for(said, care) or said[0] in ("14", "15")]
    if not open_days:
        return "E3" if any(said[0] == "05" for said in every) else "E1"
    if all(paid_for(said, care) for said in every):
        return "P0"
    if day is None:
        return "H9" if any(said[0] in ("14", "15") for said in every) else "H6"
    reason = said_on(spans, day)[0]
    if reason in ("14", "15"):
        return "H9"
    return "P0" if paid_for(said_on(spans, day), care) else "E3" if reason == "05" else "E1"


@draws(20)
@given(months(), st.lists(st.tuples(CARES, st.none() | st.integers(1, 30)), min_size=1, max_size=5))
def test_every_receipt_gets_what_its_days_say_and_the_engines_agree(
    spans: list[tuple[int, str, str]], lines: list[tuple[str, int | None]]
) -> None:
    rows = [
        of_care(care, first_day=day and JUNE.replace(day=day), rcpt_institution_code=f"{INSTITUTION[:8]}{at:02d}")
        for at, (care, day) in enumerate(lines)
    ]
    assert reasons(eligibility(*spans), rows) == [by_hand(spans, care, day) for care, day in lines]
