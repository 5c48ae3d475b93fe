"""Claims worked out by hand: every reason at its edge, what is deducted, the steps in their order.

Many claims of one child are decided together, each of an institution of its own, so that none is another's duplicate.
"""

from datetime import date

import polars as pl

from assets.benefit.claims import last_claim_day, remaining_yen
from assets.benefit.rules import decide_claims
from schemas.law.book import Law
from schemas.records.feeds import CLAIMS, accepted
from schemas.records.high_cost import HIGH_COST_ESTIMATES
from schemas.records.register import ELIGIBILITY, INSURANCES
from tests.support.cases import (
    CHILD,
    LAW,
    MOTHER,
    answer,
    claim,
    frame,
    known_rows,
    law_with,
    usual_child,
)

Row = dict[str, object]
AUGUST = date(2026, 8, 1)
BORN, TENTH, END = date(2018, 6, 15), date(2026, 6, 10), date(2037, 4, 1)
ARTICLE = "川口市子ども医療費の支給に関する条例"


def place(at: int) -> str:
    return f"{at:010d}"


def apart(*rows: Row) -> list[Row]:
    """The rows, each with a number and an institution of its own."""
    return [claim(claim_no=f"C{at}", institution_code=place(at), line_no=at) | row for at, row in enumerate(rows, 1)]


def decided(
    *rows: Row,
    answers: tuple[Row, ...] = (),
    estimates: tuple[Row, ...] = (),
    eligibility: pl.DataFrame | None = None,
    insurance: str = "01",
    paid: pl.DataFrame | None = None,
    law: Law = LAW,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(decisions, steps) in August of these claims, with answers and estimates about them."""
    numbers, registrations, entitled, persons = usual_child()
    known = known_rows("insurer_answers", [answer() | {"line_no": at} | one for at, one in enumerate(answers, 1)])
    no_keys = pl.DataFrame(
        schema={"child_resident_code": pl.String, "service_month": pl.Date, "institution_code": pl.String,
                "care": pl.String}
    )  # fmt: skip
    return decide_claims(
        frame(accepted(CLAIMS), apart(*rows)),
        numbers,
        registrations.with_columns(pl.lit(insurance).alias("insurance_type_code")),
        entitled if eligibility is None else eligibility,
        persons,
        known,
        INSURANCES.empty(),
        frame(HIGH_COST_ESTIMATES, [{"feed": "claims", "delivery": "claims_1"} | one for one in estimates]),
        no_keys if paid is None else paid,
        law,
        AUGUST,
    )


def reasons(*rows: Row) -> list[str]:
    return decided(*rows)[0]["reason"].to_list()


def spent(total: int, partial: int | None = None, **more: object) -> Row:
    """A claim of 30 % of `total`, or of what was paid."""
    paid = total * 3 // 10 if partial is None else partial
    return {"total_medical_cost_yen": total, "copay_yen": paid, "partial_payment_yen": paid} | more


def test_who_accident_time_law_and_day() -> None:
    """D17, D18, D19: 5,000円から災害共済、第三者行為は支給しない。"""
    said: list[tuple[str, Row]] = [
        ("P0", {}),
        ("E2", {"beneficiary_no": "7777777"}),
        ("A2", {"accident": "2"}),
        ("A1", spent(5_000, accident="1")),
        ("P0", spent(4_900, accident="1")),
        ("P0", spent(5_000)),
        ("H8", {"service_month": date(2009, 3, 1)}),
        ("H8", {"service_month": date(2027, 8, 1)}),
        ("E1", {"first_visit_date": date(2018, 6, 14)}),
    ]
    assert reasons(*(row for _, row in said)) == [reason for reason, _ in said]


def test_five_years_from_the_day_after_the_treatment_ended() -> None:
    """2021年6月10日に終われば2026年6月10日まで。"""
    ended: Row = {"service_month": date(2021, 6, 1), "first_visit_date": date(2021, 6, 1),
                  "treatment_end_date": date(2021, 6, 10), "partial_payment_yen": 600, "copay_yen": 600}  # fmt: skip
    days = [ended | {"application_date": date(2026, 6, day)} for day in (10, 11)]
    assert reasons(*days) == ["P0", "T1"]
    said = {date(2021, 6, 10): date(2026, 6, 10), date(2020, 2, 28): date(2025, 2, 28),
            date(2020, 2, 29): date(2025, 2, 28), date(2021, 12, 31): date(2026, 12, 31)}  # fmt: skip
    asked = pl.DataFrame({"end": list(said)})
    assert asked.select(last_claim_day(pl.col("end"), pl.lit(5))).to_series().to_list() == list(said.values())


def spans(*said: tuple[date, date, str, str, str]) -> pl.DataFrame:
    """ELIGIBILITY of the child: (from, until, entitled, class, reason)."""
    named = ("start_date", "end_date", "entitled", "benefit_class", "reason")
    whole = {"child_resident_code": CHILD, "guardian_resident_code": MOTHER, "feed": "residents", "delivery": "r_1"}
    return frame(ELIGIBILITY, [whole | dict(zip(named, one, strict=True)) for one in said])


def on_day(day: int, **more: object) -> Row:
    visit = date(2026, 6, day)
    return {"first_visit_date": visit, "treatment_end_date": visit} | more


def test_the_first_visit_decides_about_the_entitlement() -> None:
    for reason, then in (("02", "E1"), ("05", "E3"), ("14", "H9")):
        about = spans((BORN, TENTH, "1", "1", "00"), (TENTH, END, "0", "1", reason))
        found, _ = decided(on_day(9), on_day(10), on_day(9, treatment_end_date=date(2026, 6, 30)), eligibility=about)
        assert found["reason"].to_list() == ["P0", then, "P0"]
    stays = spans((BORN, END, "1", "2", "00"))
    cares = [{"inpatient_outpatient_code": care} for care in "123456"]
    assert decided(*cares, eligibility=stays)[0]["reason"].to_list() == ["P0", "E1", "P0", "E1", "E1", "E1"]


def test_rate_and_rounding_at_each_visit() -> None:
    """D2: 3,720円の3割は1,116円、窓口では1,120円。1回につき5円まで違いうる。"""
    said: list[tuple[str, Row]] = [
        ("P0", spent(3_720, 1_120)),
        ("P0", spent(3_720, 1_125)),
        ("H2", spent(3_720, 1_126)),
        ("P0", spent(3_720, 1_115)),
        ("H2", spent(3_720, 1_114)),
        ("P0", spent(3_683, 1_100)),
        ("P0", spent(3_000, 915, treatment_days=3)),
        ("H2", spent(3_000, 916, treatment_days=3)),
        ("H3", spent(3_000, 600)),
        ("H3", spent(3_000, 605)),
        ("H2", spent(3_000, 606)),
        ("P0", spent(3_720, 740, service_month=date(2025, 3, 1), first_visit_date=date(2025, 3, 5))),
        ("H3", spent(3_720, 1_120, service_month=date(2025, 3, 1), first_visit_date=date(2025, 3, 5))),
    ]
    assert reasons(*(row for _, row in said)) == [reason for reason, _ in said]


def test_only_an_ordinary_claim_without_other_payer_is_held_to_its_rate_from_below() -> None:
    low = spent(3_000, 500)
    kinds = [low | {"claim_class": kind} for kind in "1234"]
    others: list[Row] = [
        low | {"other_public_item_code": "52"},
        low | {"other_public_expense_yen": 100},
        low | {"other_public_expense_yen": 0},
    ]
    assert reasons(*kinds, *others) == ["H2", "P0", "P0", "P0", "P0", "P0", "H2"]


def test_above_the_share_nothing_is_paid_but_what_stated_yen_bring_down_to_it() -> None:
    whole = spent(3_000, 3_000, claim_class="4", copay_yen=900)
    said: list[tuple[str, int, Row]] = [
        ("H2", 0, {}),
        ("P0", 900, {"other_adjustment_yen": 2_100}),
        ("P0", 905, {"other_adjustment_yen": 2_095}),
        ("H2", 0, {"other_adjustment_yen": 2_094}),
        ("P0", 900, {"high_cost_benefit_yen": 1_000, "supplementary_benefit_yen": 500, "other_adjustment_yen": 600}),
        ("P0", 899, {"high_cost_benefit_yen": 1_000, "supplementary_benefit_yen": 501,
                     "other_public_expense_yen": 600}),
        ("N1", 0, {"other_adjustment_yen": 3_000}),
        ("P0", 1, {"other_adjustment_yen": 2_999}),
        ("N1", 0, {"other_adjustment_yen": 3_001}),
    ]  # fmt: skip
    found, _ = decided(*(whole | row for _, _, row in said))
    assert found.select("reason", "amount_yen").rows() == [(reason, yen) for reason, yen, _ in said]
    assert found["demand_yen"].to_list() == [3_000] * 9
    asked = pl.DataFrame({"partial_payment_yen": [9_000], "high_yen": [1_000], "supplementary_yen": [200],
                          "other_payer_yen": [30], "adjustment_yen": [4]})  # fmt: skip
    assert asked.select(remaining_yen()).item() == 7_766


def estimate(line: int, household_yen: int, lowest_yen: int = 35_400, **more: object) -> Row:
    """What is estimated of the claim in this line."""
    return {"line_no": line, "household_self_yen": household_yen, "lowest_yen": lowest_yen, "counted": "1",
            "self_yen": household_yen, "decided_by_nhi": "0", "many_times": "0"} | more  # fmt: skip


def test_a_claim_waits_while_the_insurer_may_pay() -> None:
    """35,400円を超えれば高額療養費がありうる。附加給付は25,000円を超えるとき。"""
    own = spent(118_000, 35_400)
    estimates = (estimate(1, 35_400), estimate(2, 35_401))
    assert decided(own, own, estimates=estimates)[0]["reason"].to_list() == ["P0", "H1"]
    answered = (answer(institution_code=place(2), high_cost_benefit_yen=1_000, supplementary_benefit_yen=200),)
    found, _ = decided(own, own, estimates=estimates, answers=answered)
    assert found.select("reason", "amount_yen").rows() == [("P0", 35_400), ("P0", 34_200)]
    watched = decided(spent(83_400, 25_020), spent(83_300, 24_990), insurance="06")[0]
    assert watched["reason"].to_list() == ["H1", "P0"]


def test_what_was_paid_before_or_by_an_earlier_claim_is_a_duplicate() -> None:
    same: Row = {"institution_code": place(1)}
    found, _ = decided({}, same, same | {"inpatient_outpatient_code": "1"})
    assert found["reason"].to_list() == ["P0", "D1", "P0"]
    keys = {"child_resident_code": CHILD, "service_month": date(2026, 6, 1), "institution_code": place(1), "care": "2"}
    assert decided({}, paid=pl.DataFrame([keys]))[0]["reason"].to_list() == ["D1"]


def test_a_decision_has_its_number_line_and_day_of_application() -> None:
    found, _ = decided({"line_no": 7}, {"beneficiary_no": "7777777"})
    said = ("decision_no", "subject", "subject_key", "decided_month", "child_resident_code", "guardian_resident_code",
            "care", "application_date", "judgement", "feed", "delivery", "line_no")  # fmt: skip
    applied = date(2026, 7, 20)
    assert found.select(said).sort("decision_no").rows() == [
        ("C-C1-202608", "claim", "C1", AUGUST, CHILD, MOTHER, "2", applied, "1", "claims", "claims_1", 7),
        ("C-C2-202608", "claim", "C2", AUGUST, None, None, "2", applied, "2", "claims", "claims_1", 2),
    ]


def test_the_steps_of_a_claim_name_every_yen_its_article_and_its_source() -> None:
    row = spent(3_000, 3_000, claim_class="4", other_public_expense_yen=500, other_adjustment_yen=-100)
    told = (answer(institution_code=place(1), high_cost_benefit_yen=1_500, supplementary_benefit_yen=300, line_no=8),)
    _, steps = decided(row, answers=told)
    deducted = f"{ARTICLE}（支給の額）"
    assert steps.select("step_no", "label", "yen", "text", "article", "feed", "line_no").rows() == [
        (1, "受給資格", None, "受診した日に受給資格があります。", f"{ARTICLE}（対象者）", "applications", 1),
        (2, "一部負担額", 3_000, "総医療費3000円",
         "健康保険法110条2項1号、国民健康保険法42条1項（就学前2割は平成20年4月から）", "claims", 1),
        (3, "高額療養費", -1_500, None, deducted, "insurer_answers", 8),
        (4, "附加給付", -300, None, deducted, "insurer_answers", 8),
        (5, "他の公費の負担", -500, None, deducted, "claims", 1),
        (6, "その他の調整", 100, None, deducted, "claims", 1),
        (7, "判定", None, "保険診療の自己負担額を支給します。", f"{ARTICLE}（支給）", "claims", 1),
    ]  # fmt: skip
    _, nothing = decided(spent(0))
    assert nothing.select("label", "yen").rows() == [("受給資格", None), ("一部負担額", 0), ("判定", None)]


def test_a_law_of_another_rounding_lets_each_visit_differ_by_half_of_it() -> None:
    law = law_with(copay__rounding_yen=100)
    rows = [spent(3_720, paid) for paid in (1_100, 1_150, 1_151, 1_050, 1_049)]
    assert decided(*rows, law=law)[0]["reason"].to_list() == ["P0", "P0", "H2", "P0", "H2"]
    halves = [spent(3_500, paid) for paid in (1_150, 1_149, 1_050, 1_049)]
    assert decided(*halves, law=law)[0]["reason"].to_list() == ["P0", "P0", "P0", "H2"]
    to_the_yen = [spent(3_720, paid, treatment_days=3) for paid in (1_116, 1_117)]
    found, _ = decided(*to_the_yen, law=law_with(copay__rounding_yen=1))
    assert found["reason"].to_list() == ["P0", "H2"]


def test_after_two_years_a_waiting_claim_says_that_the_insurers_limit_has_passed() -> None:
    old: Row = {"service_month": date(2024, 7, 1), "first_visit_date": date(2024, 7, 5)}
    young = {"service_month": date(2024, 8, 1), "first_visit_date": date(2024, 8, 5)}
    waiting = spent(118_000, 23_600)
    rows = [waiting | old, waiting | young]
    _, steps = decided(*rows, estimates=(estimate(1, 40_000), estimate(2, 40_000)))
    told = steps.filter(pl.col("label") == "保険者への請求の期限").select("line_no", "article").rows()
    assert told == [(1, "健康保険法193条")]
