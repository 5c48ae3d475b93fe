"""Decisions of receipts and claims: the order of tests, duplicates, answers, and the month as a whole."""

import itertools
import random
from datetime import date
from functools import cache

import polars as pl
import pytest

from assets.benefit.checker import unexplained, unfaithful
from assets.benefit.rules import benefit
from schemas.codes import BENEFIT_REASON
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, STEPS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from tests.support.cases import (
    CHILD,
    LAW,
    MOTHER,
    NUMBER,
    Register,
    answer,
    application,
    claim,
    decided_claims,
    decided_receipts,
    estimated,
    frame,
    insured_as,
    known_rows,
    receipt,
    register,
    resident,
    usual_child,
    whose,
)

MONTH = date(2026, 8, 1)
STAY = resident(CHILD, date(2018, 6, 15), date(2026, 5, 1))


@cache
def about() -> Register:
    """A child in the city and registered since May 2026."""
    return register(
        residents=[STAY, resident(MOTHER, date(1990, 1, 1), sex="2")],
        applications=[application(application_date=date(2026, 5, 2), event_date=date(2026, 5, 1))],
    )


WRONG: list[tuple[str, dict[str, object]]] = [
    ("E2", {"rcpt_patient_beneficiary_no": "7777777"}),
    ("R1", {"receipt_change": "2"}),
    ("H8", {"service_month": date(2009, 3, 1)}),
    ("H7", {"rcpt_public_payer_no": "81110000"}),
    ("H5", {"rcpt_patient_sex": "2"}),
    ("E1", {"service_month": date(2026, 4, 1)}),
    ("H3", {"rcpt_copay_rate": 20}),
    ("H2", {"rcpt_public_expense_yen": 899}),
    ("H4", {"rcpt_total_medical_cost_yen": 70_000, "rcpt_self_pay_yen": 21_000, "rcpt_public_expense_yen": 21_000}),
    ("N1", {"rcpt_total_medical_cost_yen": 0, "rcpt_self_pay_yen": 0, "rcpt_public_expense_yen": 0}),
]


def _pairs() -> list[tuple[str, dict[str, object]]]:
    """(reason of the earlier fault, a receipt with it and a later one)."""
    pairs = itertools.combinations(WRONG, 2)
    return [(name, receipt() | fault | more) for (name, fault), (_, more) in pairs if not fault.keys() & more.keys()]


def _reasons(rows: list[dict[str, object]]) -> list[str]:
    return decided_receipts(rows, about())[0]["reason"].to_list()


def test_the_child_written_by_hand_is_the_one_the_register_makes() -> None:
    made = register()
    assert all(hand.equals(one) for hand, one in zip(usual_child(), whose(made), strict=True))
    assert insured_as(None, []).equals(insured_as(made, []))


@pytest.mark.parametrize(("reason", "wrong"), WRONG, ids=[name for name, _ in WRONG])
def test_a_receipt_with_one_fault_is_decided_for_it(reason: str, wrong: dict[str, object]) -> None:
    assert _reasons([receipt() | wrong]) == [reason]


def test_of_two_faults_the_earlier_test_gives_the_reason() -> None:
    found = [(reason, *_reasons([row])) for reason, row in _pairs()]
    assert len(found) > 25
    assert [pair for pair in found if pair[0] != pair[1]] == []


@pytest.mark.parametrize(
    ("day", "reason"), [(None, "H6"), (date(2026, 6, 9), "P0"), (date(2026, 6, 10), "E3"), (date(2026, 6, 30), "E3")]
)
def test_in_a_month_of_change_the_first_day_decides_or_the_receipt_waits(day: date | None, reason: str) -> None:
    held: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2026, 6, 10)}]
    decisions, _ = decided_receipts([receipt(first_day=day)], register(single_parent=held))
    assert decisions["reason"].to_list() == [reason]


BORN = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("case", "more", "filed", "wrong", "reason"),
    [
        ("entitled from birth", {}, BORN, {}, "P0"),
        ("registered too late", {}, date(2026, 6, 29), {}, "H6"),
        ("gone before the month's end", {"resident_to_date": date(2026, 6, 25)}, BORN, {}, "H6"),
        ("gone, with a day", {"resident_to_date": date(2026, 6, 25)}, BORN, {"first_day": date(2026, 6, 24)}, "P0"),
        ("a first day before birth", {}, BORN, {"first_day": date(2026, 6, 9)}, "E1"),
        ("the month before birth", {}, BORN, {"service_month": date(2026, 5, 1)}, "E1"),
    ],
)
def test_the_month_of_birth_counts_from_the_birth(
    case: str, more: dict[str, object], filed: date, wrong: dict[str, object], reason: str
) -> None:
    gone = {"resident_to_reason": "51"} if more else {}
    about = register(
        residents=[resident(CHILD, BORN, **more, **gone), resident(MOTHER, date(1990, 1, 1), sex="2")],
        applications=[application(application_date=filed, event_date=BORN)],
    )
    row = receipt(rcpt_copay_rate=20, rcpt_patient_birth_date=BORN) | wrong
    assert decided_receipts([row], about)[0]["reason"].to_list() == [reason], case


def test_a_number_at_two_children_is_nobodys() -> None:
    other = "000000000000009"
    about = register(
        residents=[STAY, resident(other, date(2018, 6, 15)), resident(MOTHER, date(1990, 1, 1), sex="2")],
        applications=[
            application(child, application_date=date(2026, 5, 2), event_date=date(2026, 5, 1))
            for child in (CHILD, other)
        ],
    )
    decisions, _ = decided_receipts([receipt()], about)
    assert decisions["reason"].to_list() == ["E2"]


def test_the_earlier_of_two_receipts_pays_and_a_faulty_one_does_not_stand_in_the_way() -> None:
    faulty = receipt(receipt_no="000001") | {"rcpt_public_expense_yen": 1}
    decisions, _ = decided_receipts([faulty, receipt(receipt_no="000002"), receipt(receipt_no="000003")])
    assert decisions["reason"].to_list() == ["H2", "P0", "D1"]


def test_the_order_of_lines_in_memory_does_not_decide_who_pays() -> None:
    first, second = receipt(receipt_no="000001", line_no=1), receipt(receipt_no="000002", line_no=2)
    decisions, _ = decided_receipts([second, first])
    paid = decisions.filter(pl.col("reason") == "P0")
    assert paid["line_no"].to_list() == [1]


def test_what_was_paid_before_is_not_paid_again() -> None:
    paid, _ = decided_receipts([receipt()])
    again, _ = decided_receipts(
        [receipt()], paid=paid.select("child_resident_code", "service_month", "institution_code", "care")
    )
    assert again["reason"].to_list() == ["D1"]


def test_claims_without_an_institution_are_never_each_others_duplicates() -> None:
    abroad = {"institution_code": None, "claim_class": "3"}
    decisions, _ = decided_claims([claim(claim_no="C1") | abroad, claim(claim_no="C2") | abroad])
    assert decisions["reason"].to_list() == ["P0", "P0"]


def test_the_insurers_answer_goes_before_what_the_claim_says_and_the_last_answer_counts() -> None:
    stated = claim(partial=60_000, total_medical_cost_yen=200_000, high_cost_benefit_yen=1)
    early = answer(answer_no="R1", high_cost_benefit_yen=5_000, answered_date=date(2026, 7, 1))
    late = answer(answer_no="R2", high_cost_benefit_yen=2_400, answered_date=date(2026, 7, 9))
    decisions, steps = decided_claims([stated], answers=[late, early])
    assert decisions["amount_yen"].to_list() == [57_600]
    assert steps.filter(pl.col("label") == "高額療養費").select("yen", "feed").rows() == [(-2_400, "insurer_answers")]


def test_a_claim_that_waits_says_what_the_answer_may_be_when_the_class_is_known() -> None:
    insured: list[dict[str, object]] = [{"resident_code": CHILD, "start_date": date(2020, 1, 1), "income_class": "エ"}]
    decisions, steps = decided_claims([claim(partial=60_000, total_medical_cost_yen=200_000)], insured=insured)
    assert decisions.select("reason", "judgement", "amount_yen").rows() == [("H1", "4", 0)]
    expected = steps.filter(pl.col("label") == "高額療養費の見込み")
    assert expected["text"].to_list() == ["国保の適用区分エ、限度額57600円、見込額2400円"]
    assert steps["yen"].null_count() == steps.height


@pytest.mark.parametrize(
    ("partial", "reason"), [(900, "P0"), (905, "P0"), (895, "P0"), (906, "H2"), (894, "H2"), (600, "H3")]
)
def test_each_visit_may_differ_by_five_yen(partial: int, reason: str) -> None:
    assert decided_claims([claim(partial=partial)])[0]["reason"].to_list() == [reason]


def test_three_visits_may_differ_by_fifteen_yen() -> None:
    rows = [claim(claim_no="C1", partial=915, treatment_days=3), claim(claim_no="C2", partial=916, treatment_days=3)]
    assert [decided_claims([row])[0]["reason"].item() for row in rows] == ["P0", "H2"]


@pytest.mark.parametrize("kind", ["1", "2", "3", "4"])
@pytest.mark.parametrize(("partial", "reason"), [(900, "P0"), (905, "P0"), (906, "H2"), (3_000, "H2")])
def test_no_kind_of_claim_is_paid_above_the_legal_share(kind: str, partial: int, reason: str) -> None:
    decisions, _ = decided_claims([claim(claim_class=kind, partial=partial)])
    assert decisions.select("reason", "amount_yen").rows() == [(reason, partial if reason == "P0" else 0)]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, ("H2", 0)),
        ({"other_adjustment_yen": 2_100}, ("P0", 900)),
        ({"other_public_expense_yen": 2_100}, ("P0", 900)),
        ({"high_cost_benefit_yen": 2_000, "supplementary_benefit_yen": 100}, ("P0", 900)),
        ({"high_cost_benefit_yen": 1}, ("H2", 0)),
        ({"other_adjustment_yen": 2_094}, ("H2", 0)),
        ({"other_adjustment_yen": 3_000}, ("N1", 0)),
    ],
)
def test_the_whole_cost_is_paid_only_as_far_as_stated_amounts_bring_it_down_to_the_share(
    stated: dict[str, object], expected: tuple[str, int]
) -> None:
    decisions, _ = decided_claims([claim(claim_class="4", partial=3_000, copay_yen=900, **stated)])
    assert decisions.select("reason", "amount_yen").rows() == [expected]


@pytest.mark.parametrize(("high", "expected"), [(2_100, ("P0", 900)), (0, ("H2", 0))])
def test_an_insurers_answer_brings_the_whole_cost_down_or_does_not(high: int, expected: tuple[str, int]) -> None:
    decisions, _ = decided_claims([claim(claim_class="4", partial=3_000)], answers=[answer(high_cost_benefit_yen=high)])
    assert decisions.select("reason", "amount_yen").rows() == [expected]


def test_another_payer_does_not_lift_a_claim_above_the_legal_share() -> None:
    rows = [claim(claim_no=f"C{at}", other_public_item_code="52", partial=yen) for at, yen in enumerate([500, 3_000])]
    assert [decided_claims([row])[0]["reason"].item() for row in rows] == ["P0", "H2"]


@pytest.mark.parametrize(
    ("partial", "reason"), [(1_120, "P0"), (1_125, "P0"), (1_126, "H2"), (1_115, "P0"), (1_114, "H2")]
)
def test_the_share_is_rounded_to_ten_yen_before_it_is_compared(partial: int, reason: str) -> None:
    decisions, _ = decided_claims([claim(total_medical_cost_yen=3_720, partial=partial)])
    assert decisions["reason"].to_list() == [reason]


def test_deductions_beyond_the_payment_leave_nothing_and_the_steps_still_add_up() -> None:
    decisions, steps = decided_claims([claim(high_cost_benefit_yen=1_000)])
    assert decisions.select("reason", "amount_yen").rows() == [("N1", 0)]
    assert steps["yen"].sum() == 0
    assert unexplained(decisions, steps).is_empty()


def test_a_decision_cites_the_line_of_its_file_and_the_law() -> None:
    decisions, steps = decided_receipts([receipt()])
    assert decisions["decision_no"].to_list() == ["R-0-202607-1110000008-000000-0-202608"]
    assert steps.select("step_no", "label", "yen", "parameter", "feed", "line_no").rows() == [
        (1, "受給資格", None, None, "applications", 1),
        (2, "自己負担額", 900, "copay.rates", "receipts", 1),
        (3, "判定", None, None, "receipts", 1),
    ]
    assert steps["article"].null_count() == 0


# ---- a month as a whole -------------------------------------------------------------------------------------------


def _month(seed: int, count: int = 300) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Receipts and claims with all kinds of faults."""
    source = random.Random(seed)
    faults = [{}, {}, {}, {}, *(fault for _, fault in WRONG)]
    receipts = [
        receipt(
            total=10 * source.randrange(5, 9_000),
            receipt_no=f"{at:06d}",
            line_no=at,
            rcpt_institution_code=f"{source.randrange(40):010d}",
        )
        | source.choice(faults)
        for at in range(count)
    ]
    claims = [
        claim(
            claim_no=f"C{at:05d}",
            partial=(total := 10 * source.randrange(5, 30_000)) * 3 // 10,
            total_medical_cost_yen=total,
            line_no=at,
            institution_code=f"{source.randrange(40):010d}",
            accident=source.choice("00012"),
            high_cost_benefit_yen=source.choice([None, 500, 200_000]),
            other_adjustment_yen=source.choice([None, -30, 40]),
            beneficiary_no=source.choice([NUMBER, NUMBER, NUMBER, "7777777"]),
        )
        for at in range(count)
    ]
    return frame(accepted(RECEIPTS), receipts), frame(accepted(CLAIMS), claims)


def _decided(
    receipts: pl.DataFrame, claims: pl.DataFrame, before: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, ...]:
    answers, insured = known_rows("insurer_answers", []), insured_as(about(), [])
    return benefit(
        receipts=receipts,
        claims=claims,
        **dict(zip(("beneficiary_numbers", "registrations", "eligibility", "persons"), whose(about()), strict=True)),
        identities=about().found.identities,
        insurer_answers_known=answers,
        insurances=insured,
        high_cost_estimates=estimated(about(), claims, answers, insured, receipts),
        decided_before=DECISIONS.empty() if before is None else before,
        law=LAW,
        month=MONTH,
    )


@pytest.fixture(scope="module")
def month() -> tuple[pl.DataFrame, ...]:
    """(receipts, claims, decisions, steps, receipts still open, claims still open)."""
    receipts, claims = _month(7)
    return receipts, claims, *_decided(receipts, claims)


def test_every_row_has_one_decision_and_the_held_ones_stay_open(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, steps, open_receipts, open_claims = month
    for record, table in (
        (DECISIONS, decisions),
        (STEPS, steps),
        (RECEIPTS_OPEN, open_receipts),
        (CLAIMS_OPEN, open_claims),
    ):
        assert record.validated(table).height > 0
    assert decisions.height == receipts.height + claims.height
    assert decisions.filter(pl.col("judgement") == "4").height == open_receipts.height + open_claims.height
    assert decisions["reason"].n_unique() > 12
    assert set(decisions["reason"]) <= set(BENEFIT_REASON.labels)


def test_the_steps_of_every_decision_add_up(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, steps, _, _ = month
    assert unexplained(decisions, steps).is_empty()
    assert unfaithful(decisions, receipts, claims).is_empty()
    sums = steps.group_by("decision_no").agg(pl.col("yen").sum()).join(decisions, on="decision_no")
    assert (sums["yen"] == sums["amount_yen"]).all()


def test_deciding_again_gives_the_same_and_touches_no_input(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, *first = month
    kept = receipts.clone(), claims.clone()
    assert all(one.equals(other) for one, other in zip(first, _decided(receipts, claims), strict=True))
    assert receipts.equals(kept[0])
    assert claims.equals(kept[1])


def test_the_order_in_which_rows_arrive_changes_no_decision(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, steps, *_ = month
    again = _decided(
        receipts.sample(fraction=1.0, shuffle=True, seed=3), claims.sample(fraction=1.0, shuffle=True, seed=4)
    )
    assert again[0].sort("decision_no").equals(decisions.sort("decision_no"))
    assert again[1].sort("decision_no", "step_no").equals(steps.sort("decision_no", "step_no"))


def test_what_one_month_paid_the_next_does_not_pay(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, *_ = month
    again = _decided(receipts, claims, decisions)[0]
    assert decisions["amount_yen"].sum() > 0
    assert again["amount_yen"].sum() == 0


def test_the_checker_finds_every_one_of_200_falsified_yen(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, steps, *_ = month
    source = random.Random(11)
    for _ in range(200):
        column = source.choice(["amount_yen", "demand_yen", "yen"])
        table, kind = (steps, "steps") if column == "yen" else (decisions, "decisions")
        rows = table.with_row_index("at").filter(pl.col(column).is_not_null())["at"]
        at = source.choice(rows.to_list())
        off = pl.when(pl.int_range(pl.len()) == at).then(pl.col(column) + source.choice([-1, 1])).otherwise(column)
        false = table.with_columns(off.alias(column))
        given = (false, steps) if kind == "decisions" else (decisions, false)
        assert unexplained(*given).height + unfaithful(given[0], receipts, claims).height > 0


def test_the_checker_misses_no_lost_doubled_or_invented_step(month: tuple[pl.DataFrame, ...]) -> None:
    receipts, claims, decisions, steps, *_ = month
    stranger = steps.head(1).with_columns(pl.lit("X").alias("decision_no"))
    for false in (steps.slice(1), pl.concat([steps, steps.head(1)]), pl.concat([steps, stranger])):
        assert unexplained(decisions, false).height == 1
    assert unfaithful(decisions.slice(1), receipts, claims).height == 1
