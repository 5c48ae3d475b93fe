"""What another city lost over money paid automatically on what 国保 tells, replayed over the months of our rules."""

from datetime import date

import polars as pl

from assets.second_engine.benefit import benefit
from assets.second_engine.high_cost import entries, estimates
from assets.settlement.rules import Settlement
from schemas.records.feeds import CLAIMS, FEEDS, RECEIPTS, accepted
from schemas.records.register import known
from tests.support.cases import CHILD, LAW, MOTHER, NUMBER, answer, application, claim, frame, resident
from tests.support.months import Life, Month, settlements

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
BIRTH = date(2018, 6, 15)
PLACES = {"C1": "1110000008", "C2": "1110000016", "C3": "1110000024"}
SELF_YEN = 90_000
TOLD_FIRST = {"C1": 10_000, "C2": 30_000, "C3": 20_000}
TOLD_LATER = {"C1": 30_000, "C2": 10_000}
PAID_FIRST = {"C1": 80_000, "C2": 60_000, "C3": 70_000}
TRUE = {"C1": 60_000, "C2": 80_000, "C3": 70_000}

Yen = dict[str, int]
_NO_PAID = pl.DataFrame(
    schema=dict.fromkeys(("child_resident_code", "institution_code", "care"), pl.String) | {"service_month": pl.Date}
)


def naive_paid_once(first: Yen, _later: Yen) -> Yen:
    """Pays on what 国保 tells first, and is done."""
    return {no: SELF_YEN - yen for no, yen in first.items()}


def naive_paid_again(first: Yen, later: Yen) -> Yen:
    """Pays the whole corrected amount beside what it has paid."""
    return {no: yen + (SELF_YEN - later[no] if no in later else 0) for no, yen in naive_paid_once(first, later).items()}


def answers(yen: Yen, month: date) -> pl.DataFrame:
    """What the insurer tells in a month of the 高額療養費 of claims."""
    rows: list[dict[str, object]] = [
        answer(
            answer_no=f"R{no}", institution_code=PLACES[no], high_cost_benefit_yen=told, supplementary_benefit_yen=0,
            answered_date=month, known_date=month, delivery=f"insurer_answers_{month:%Y%m}",
        )
        for no, told in yen.items()
    ]  # fmt: skip
    return frame(known(FEEDS["insurer_answers"]), rows)


def family() -> dict[str, pl.DataFrame]:
    """One child of 国保 and its mother."""
    at = {"known_date": AUGUST, "history_no": 1}
    people = [resident(CHILD, BIRTH), resident(MOTHER, date(1990, 1, 1), sex="2")]
    filed = application(application_date=date(2018, 6, 20), event_date=BIRTH, known_date=AUGUST, delivery="a")
    return {
        "residents": frame(known(FEEDS["residents"]), [row | at | {"delivery": "r"} for row in people]),
        "applications": frame(known(FEEDS["applications"]), [filed]),
    }


def lived() -> Life:
    """Three claims paid in August; in September 国保 tells another amount of two of them."""
    life, none = Life(), accepted(CLAIMS).empty()
    visits = [
        claim(claim_no=no, institution_code=where, partial=SELF_YEN, total_medical_cost_yen=300_000, known_date=AUGUST)
        for no, where in PLACES.items()
    ]
    claims, receipts = frame(accepted(CLAIMS), visits), accepted(RECEIPTS).empty()
    told = {"insurer_answers": answers(TOLD_FIRST, AUGUST)}
    life.live(AUGUST, family() | told, receipts, claims, LAW)
    life.live(SEPTEMBER, {"insurer_answers": answers(TOLD_LATER, SEPTEMBER)}, receipts, none, LAW)
    return life


def second_opinion(life: Life, month: Month) -> Yen:
    """Yen of every claim so far, as the second engine decides them on what a month knew."""
    now = month.known
    told = now.insurer_answers_known
    expected = estimates(
        entries(life.receipts, life.claims, LAW),
        now.beneficiary_numbers,
        now.registrations,
        now.insurances,
        told,
        now.identities,
        LAW,
    )
    found = benefit(
        receipts=life.receipts,
        claims=life.claims,
        beneficiary_numbers=now.beneficiary_numbers,
        registrations=now.registrations,
        eligibility=now.eligibility,
        persons=now.persons,
        identities=now.identities,
        insurer_answers_known=told,
        national_health_insurance_known=life.known["national_health_insurance"],
        high_cost=expected,
        paid_before=_NO_PAID,
        law=LAW,
        month=month.month,
    )
    named = life.claims.select("delivery", "line_no", pl.col("claim_no").alias("subject_key"))
    return yen_of(found.join(named, on=["delivery", "line_no"]), "amount_yen")


def yen_of(rows: pl.DataFrame, column: str) -> Yen:
    """Yen by claim."""
    return dict(rows.sort("subject_key").select("subject_key", column).iter_rows())


def test_inc_05_what_国保_tells_later_is_paid_or_claimed_back_as_the_difference() -> None:
    """仙台市 2021-05: 国保の情報による自動払いで、三つの制度に過払いと支給漏れ。"""
    life = lived()
    first, later = life.months
    made: list[Settlement] = settlements(life, LAW)
    assert NUMBER in first.known.beneficiary_numbers["beneficiary_no"]
    assert yen_of(first.decisions, "amount_yen") == second_opinion(life, first) == PAID_FIRST
    changed = later.decisions.filter(pl.col("amount_yen") != pl.col("before_yen"))
    assert yen_of(changed, "amount_yen") == {no: TRUE[no] for no in TOLD_LATER}
    assert yen_of(life.stands(), "amount_yen") == second_opinion(life, later) == TRUE

    assert yen_of(made[0].differences, "difference_yen") == PAID_FIRST
    assert yen_of(made[1].differences, "difference_yen") == {"C1": -20_000, "C2": 20_000}
    assert made[1].differences.sort("subject_key")["kind"].to_list() == ["3", "2"]
    assert made[1].offsets["offset_yen"].to_list() == [20_000]
    assert made[1].debts["open_yen"].to_list() == made[1].payables["payable_yen"].to_list() == [0]


def test_inc_05_the_decision_of_the_first_month_stays_and_the_new_one_names_it() -> None:
    """仙台市 2021-05: what was paid wrongly must still be seen beside what is right."""
    first, later = lived().months
    stood = dict(first.decisions.select("subject_key", "decision_no").iter_rows())
    changed = later.decisions.filter(pl.col("subject_key").is_in(list(TOLD_LATER)))
    again = changed.sort("subject_key").select("subject_key", "replaces_no", "before_yen", "cause").rows()
    assert again == [(no, stood[no], PAID_FIRST[no], "4") for no in TOLD_LATER]
    assert not set(later.decisions["decision_no"]) & set(stood.values())


def test_inc_05_naive_automatic_payment_is_wrong_both_ways() -> None:
    once, again = naive_paid_once(TOLD_FIRST, TOLD_LATER), naive_paid_again(TOLD_FIRST, TOLD_LATER)
    assert {no: once[no] - TRUE[no] for no in TRUE} == {"C1": 20_000, "C2": -20_000, "C3": 0}
    assert {no: again[no] - TRUE[no] for no in TRUE} == {"C1": 80_000, "C2": 60_000, "C3": 0}
