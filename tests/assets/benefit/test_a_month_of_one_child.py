"""One month of one child: receipts beside claims, what waits, what is decided again, who takes a key first."""

from datetime import date

import polars as pl

from assets.benefit.rules import benefit, decide_claims, decide_receipts, still_open
from schemas.law.book import Law
from schemas.records.benefit import CLAIMS_OPEN, DECISIONS, RECEIPTS_OPEN, REOPENED, STEPS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.high_cost import HIGH_COST_ESTIMATES
from schemas.records.register import IDENTITIES, INSURANCES
from tests.support.cases import (
    CHILD,
    FATHER,
    LAW,
    MOTHER,
    answer,
    claim,
    frame,
    known_rows,
    law_with,
    receipt,
    usual_child,
)

Row = dict[str, object]
JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
NAMES = ("beneficiary_numbers", "registrations", "eligibility", "persons")


def in_kind(line: int = 1, known: date = date(2026, 8, 20), **more: object) -> Row:
    """A receipt of 900 yen that came in August."""
    return receipt(receipt_no=f"{line:06d}", line_no=line, known_date=known) | more


def applied(line: int = 1, known: date = date(2026, 8, 10), **more: object) -> Row:
    """A claim of 900 yen for the same care that came in August."""
    return claim(claim_no=f"C{line}", line_no=line, known_date=known, **more)


def month_of(
    receipts: tuple[Row, ...] = (),
    claims: tuple[Row, ...] = (),
    before: tuple[Row, ...] = (),
    reopened: tuple[Row, ...] = (),
    answers: tuple[Row, ...] = (),
    same: tuple[tuple[str, str], ...] = (),
    month: date = AUGUST,
    law: Law = LAW,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(decisions, steps, receipts open, claims open)."""
    identities = [{"resident_code": code, "person_code": person} for code, person in same]
    found = benefit(
        receipts=frame(accepted(RECEIPTS), list(receipts)),
        claims=frame(accepted(CLAIMS), list(claims)),
        **dict(zip(NAMES, usual_child(), strict=True)),
        identities=frame(IDENTITIES, identities),
        insurer_answers_known=known_rows("insurer_answers", [answer() | row for row in answers]),
        insurances=INSURANCES.empty(),
        high_cost_estimates=HIGH_COST_ESTIMATES.empty(),
        decided_before=frame(DECISIONS, list(before)),
        law=law,
        month=month,
        reopened=frame(REOPENED, list(reopened)),
    )
    for record, table in zip((DECISIONS, STEPS, RECEIPTS_OPEN, CLAIMS_OPEN), found, strict=True):
        assert record.validated(table).columns == list(record.names)
    return found


def said(decisions: pl.DataFrame) -> list[tuple[str, str, int]]:
    """(decision number, reason, yen)."""
    return decisions.select("decision_no", "reason", "amount_yen").rows()


R1, C1, C2 = "R-0-202607-1110000008-000001-0-202608", "C-C1-202608", "C-C2-202608"


def test_receipts_then_claims_each_with_its_steps() -> None:
    elsewhere = applied(institution_code="1110000016")
    decisions, steps, open_receipts, open_claims = month_of((in_kind(),), (elsewhere,))
    assert said(decisions) == [(R1, "P0", 900), (C1, "P0", 900)]
    assert steps.select("decision_no", "step_no", "label", "yen").rows() == [
        (R1, 1, "受給資格", None), (R1, 2, "自己負担額", 900), (R1, 3, "判定", None),
        (C1, 1, "受給資格", None), (C1, 2, "一部負担額", 900), (C1, 3, "判定", None),
    ]  # fmt: skip
    assert decisions.select("cause", "before_yen", "replaces_no", "decided_month").rows() == [
        ("1", 0, None, AUGUST)
    ] * 2  # fmt: skip
    assert (open_receipts.height, open_claims.height) == (0, 0)


def test_what_waits_stays_open_as_it_came() -> None:
    elsewhere = "1110000016"
    held = in_kind(2, rcpt_public_expense_yen=899, rcpt_institution_code="1110000024")
    waits = applied(2, partial=600, institution_code=elsewhere)
    given = (in_kind(), held, in_kind(3, rcpt_patient_beneficiary_no="7777777"))
    decisions, steps, open_receipts, open_claims = month_of(given, (applied(), waits))
    assert [reason for _, reason, _ in said(decisions)] == ["P0", "H2", "E2", "D1", "H3"]
    assert open_receipts.equals(frame(accepted(RECEIPTS), [held]).select(RECEIPTS_OPEN.names))
    assert open_claims.equals(frame(accepted(CLAIMS), [waits]).select(CLAIMS_OPEN.names))
    assert steps["decision_no"].unique(maintain_order=True).to_list() == decisions["decision_no"].to_list()


def test_a_row_is_open_by_its_own_line_of_its_own_delivery() -> None:
    rows = pl.DataFrame({"delivery": ["a", "a", "b", "b", "c"], "line_no": [1, 2, 1, 2, 9], "yen": [5, 4, 3, 2, 1]})
    decided = pl.DataFrame({"delivery": ["b", "a", "a", "b", "c"], "line_no": [1, 2, 1, 2, 9],
                            "judgement": ["4", "4", "1", "3", "2"]})  # fmt: skip
    assert still_open(rows, decided)["yen"].to_list() == [4, 3]


# ---- one key, two kinds of line -----------------------------------------------------------------------------------


def test_in_one_month_the_receipt_takes_the_key_though_the_claim_came_first() -> None:
    assert said(month_of((in_kind(),), (applied(),))[0]) == [(R1, "P0", 900), (C1, "D1", 0)]
    held = in_kind(rcpt_public_expense_yen=899)
    assert said(month_of((held,), (applied(),))[0]) == [(R1, "H2", 0), (C1, "P0", 900)]


def test_a_claim_of_an_earlier_month_takes_the_key_from_the_month_after_it_came() -> None:
    """A held claim of July is decided in August beside the receipt of August, and goes before it."""
    july = applied(known=date(2026, 7, 31))
    assert said(month_of((in_kind(),), (july,))[0]) == [(R1, "D1", 0), (C1, "P0", 900)]
    both = (in_kind(known=date(2026, 7, 31)),)
    assert said(month_of(both, (july,))[0]) == [(R1, "P0", 900), (C1, "D1", 0)]
    first = applied(known=AUGUST)
    assert said(month_of((in_kind(),), (first,))[0]) == [(R1, "P0", 900), (C1, "D1", 0)]
    assert said(month_of((in_kind(known=date(2026, 8, 1)),), (july,))[0])[0][1] == "D1"


def test_a_claim_of_an_earlier_month_that_does_not_pay_leaves_the_key() -> None:
    july = applied(known=date(2026, 7, 31), partial=600)
    assert said(month_of((in_kind(),), (july,))[0]) == [(R1, "P0", 900), (C1, "H3", 0)]
    far = applied(known=date(2026, 7, 31), partial=600, institution_code="1110000016")
    assert said(month_of((in_kind(),), (far,))[0]) == [(R1, "P0", 900), (C1, "H3", 0)]


def test_of_claims_of_several_months_the_one_that_pays_last_says_since_when() -> None:
    """The first is refused as paid twice, so the receipt of July comes before the claim learned in July."""
    june, july = applied(1, known=date(2026, 6, 30)), applied(2, known=date(2026, 7, 20))
    found = said(month_of((in_kind(known=date(2026, 7, 9)),), (june, july))[0])
    assert found == [(R1, "D1", 0), (C1, "P0", 900), (C2, "D1", 0)]


def test_a_receipt_takes_the_key_from_the_claims_of_its_own_month_on() -> None:
    july = in_kind(known=date(2026, 7, 31))
    assert said(month_of((july,), (applied(known=date(2026, 7, 1)),))[0])[1][1] == "D1"
    assert said(month_of((july,), (applied(known=date(2026, 6, 30)),))[0]) == [(R1, "D1", 0), (C1, "P0", 900)]


def paid_before(**more: object) -> Row:
    """A payment of July for the same key."""
    return {
        "decision_no": "R-old-202607", "subject": "receipt", "decided_month": JULY, "child_resident_code": CHILD,
        "service_month": date(2026, 6, 1), "institution_code": "1110000008", "care": "2", "amount_yen": 900,
        "judgement": "1", "reason": "P0", "feed": "receipts", "delivery": "receipts_0",
    } | more  # fmt: skip


def test_what_stands_from_earlier_months_is_not_paid_again_under_any_number_of_the_child() -> None:
    assert [reason for _, reason, _ in said(month_of((in_kind(),), (applied(),), (paid_before(),))[0])] == ["D1", "D1"]
    moved = paid_before(child_resident_code=FATHER)
    assert [reason for _, reason, _ in said(month_of((in_kind(),), before=(moved,))[0])] == ["P0"]
    one_person = ((FATHER, CHILD),)
    assert [reason for _, reason, _ in said(month_of((in_kind(),), (), (moved,), same=one_person)[0])] == ["D1"]
    assert [reason for _, reason, _ in said(month_of((), (applied(),), (moved,), same=one_person)[0])] == ["D1"]


def test_an_answer_under_an_earlier_number_is_about_the_child() -> None:
    told = ({"child_resident_code": FATHER, "high_cost_benefit_yen": 100, "supplementary_benefit_yen": 0},)
    assert said(month_of((), (applied(),), answers=told)[0]) == [(C1, "P0", 900)]
    assert said(month_of((), (applied(),), answers=told, same=((FATHER, CHILD),))[0]) == [(C1, "P0", 800)]


# ---- decided again ------------------------------------------------------------------------------------------------


def stood(feed: str, amount: int, reason: str, **more: object) -> Row:
    """How a line stands before it is decided again."""
    kind = {"P0": "1", "R0": "3", "H2": "4", "H3": "4"}.get(reason, "2")
    return {
        "feed": feed, "delivery": f"{feed}_1", "line_no": 1, "decision_no": "old-202607", "arrived_month": JULY,
        "child_resident_code": CHILD, "guardian_resident_code": MOTHER, "judgement": kind, "reason": reason,
        "amount_yen": amount, "paid": "1", "cause": "3", "news_feed": "residents", "news_delivery": "n_1",
        "news_line_no": 4,
    } | more  # fmt: skip


def test_a_line_decided_again_as_it_stood_leaves_no_row_and_no_step() -> None:
    for feed, given in (("receipts", {"receipts": (in_kind(),)}), ("claims", {"claims": (applied(),)})):
        decisions, steps, *_ = month_of(**given, reopened=(stood(feed, 900, "P0"),))  # type: ignore[arg-type]
        assert (decisions.height, steps.height) == (0, 0)


def test_a_line_decided_again_otherwise_says_what_it_replaces_why_and_by_which_news() -> None:
    for feed, given in (("receipts", {"receipts": (in_kind(),)}), ("claims", {"claims": (applied(),)})):
        decisions, steps, *_ = month_of(**given, reopened=(stood(feed, 700, "P0"),))  # type: ignore[arg-type]
        assert decisions.select("reason", "amount_yen", "replaces_no", "before_yen", "cause").rows() == [
            ("P0", 900, "old-202607", 700, "3")
        ]
        told = steps.filter(pl.col("label") == "判定し直した理由").select("feed", "delivery", "line_no", "text").row(0)
        assert told[:3] == ("residents", "n_1", 4)
        assert told[3].endswith("前の判定old-202607の支給額700円")


def test_a_line_that_waited_is_told_again_every_month_and_others_of_the_month_stand_beside_it() -> None:
    held = in_kind(rcpt_public_expense_yen=899)
    again = stood("receipts", 0, "H2", cause="2", paid="0", news_delivery=None, news_feed=None, news_line_no=None)
    decisions, _, open_receipts, _ = month_of((held, in_kind(2)), (applied(),), reopened=(again,))
    assert said(decisions) == [(R1, "H2", 0), (R1.replace("000001", "000002"), "P0", 900), (C1, "D1", 0)]
    assert open_receipts["line_no"].to_list() == [1]


def test_what_did_not_change_leaves_the_rows_of_others_and_still_takes_its_key() -> None:
    unchanged = stood("receipts", 900, "P0")
    decisions, steps, *_ = month_of((in_kind(), in_kind(2)), (applied(2),), reopened=(unchanged,))
    assert said(decisions) == [(R1.replace("000001", "000002"), "D1", 0), (C2, "D1", 0)]
    assert set(steps["decision_no"]) == set(decisions["decision_no"])


def test_the_law_and_the_month_of_the_decision_are_those_that_are_given() -> None:
    law = law_with(benefit__accident_minimum_yen=3_000)
    injured = applied(accident="1")
    assert said(month_of((), (injured,))[0]) == [(C1, "P0", 900)]
    assert said(month_of((), (injured,), law=law)[0]) == [(C1, "A1", 0)]
    assert said(month_of((in_kind(),), month=SEPTEMBER)[0])[0][0].endswith("202609")
    other = law_with(benefit__public_payer_no="81112038")
    assert said(month_of((in_kind(),), law=other)[0]) == [(R1, "H7", 0)]


def test_a_refusal_for_a_stay_only_entitlement_says_so_in_both_kinds() -> None:
    numbers, registrations, eligibility, persons = usual_child()
    stays = eligibility.with_columns(pl.lit("2").alias("benefit_class"))
    no_keys = DECISIONS.empty().select("child_resident_code", "service_month", "institution_code", "care")
    who = (numbers, registrations, stays, persons)
    answers = known_rows("insurer_answers", [])
    receipts = frame(accepted(RECEIPTS), [in_kind()])
    claims = frame(accepted(CLAIMS), [applied()])
    estimates = HIGH_COST_ESTIMATES.empty()
    both = (
        decide_receipts(receipts, *who, no_keys, LAW, AUGUST),
        decide_claims(claims, *who, answers, INSURANCES.empty(), estimates, no_keys, LAW, AUGUST),
    )
    for decisions, steps in both:
        assert decisions.columns == list(DECISIONS.names)
        assert decisions["reason"].to_list() == ["E1"]
        assert steps.select("step_no", "label", "text").rows() == [
            (1, "資格の範囲", "この日の資格は入院だけで、外来などは支給の対象ではありません。"),
            (2, "判定", "受診した日に受給資格がないため。"),
        ]


def test_a_withdrawal_and_a_claim_that_waits_have_their_words() -> None:
    back = in_kind(2, rcpt_public_expense_yen=-900, rcpt_self_pay_yen=-900, rcpt_total_medical_cost_yen=-3_000,
                   receipt_change="2")  # fmt: skip
    decisions, steps, *_ = month_of((in_kind(), back), (applied(),))
    assert [(reason, yen) for _, reason, yen in said(decisions)] == [("P0", 900), ("R0", -900), ("P0", 900)]
    assert "元のレセプト" in steps["label"].to_list()
