"""Receipts worked out by hand: every reason at its edge, the facts beside a receipt, the steps in their order.

Many receipts of one child are decided together, each of an institution of its own, so that none is another's duplicate.
"""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from assets.benefit.deciding import PAID_KEY
from assets.benefit.receipts import decided, judged, with_facts
from schemas.law.book import Law
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import RECEIPTS, accepted
from schemas.records.register import ELIGIBILITY
from tests.support.cases import CHILD, LAW, MOTHER, decided_receipts, frame, law_with, receipt, usual_child

Row = dict[str, object]
AUGUST = date(2026, 8, 1)
JUNE = date(2026, 6, 1)


def nothing_paid() -> pl.DataFrame:
    return DECISIONS.empty().select(PAID_KEY)


def apart(*rows: Row) -> list[Row]:
    """The rows, each of an institution of its own."""
    return [receipt(rcpt_institution_code=f"{at:010d}", line_no=at) | row for at, row in enumerate(rows, 1)]


def reasons(*rows: Row) -> list[str]:
    return decided_receipts(apart(*rows))[0]["reason"].to_list()


def money(self_pay: int, public: int | None = None, **more: object) -> Row:
    """A receipt of three times ten of this self pay."""
    asked = self_pay if public is None else public
    whole: Row = {"rcpt_self_pay_yen": self_pay, "rcpt_total_medical_cost_yen": self_pay * 10 // 3}
    return whole | {"rcpt_public_expense_yen": asked} | more


def test_who_and_which_payer() -> None:
    said: list[tuple[str, Row]] = [
        ("P0", {}),
        ("E2", {"rcpt_patient_beneficiary_no": "7777777"}),
        ("R1", {"receipt_change": "1"}),
        ("R1", {"receipt_change": "3"}),
        ("H8", {"service_month": date(2009, 3, 1)}),
        ("H7", {"rcpt_public_payer_no": "81112038"}),
        ("H5", {"rcpt_patient_sex": "2"}),
        ("H5", {"rcpt_patient_birth_date": date(2018, 6, 14)}),
    ]
    assert reasons(*(row for _, row in said)) == [reason for reason, _ in said]


@pytest.mark.parametrize("name", ["benefit.public_payer_no", "inkind.limit_yen"])
def test_a_month_without_either_law_waits(name: str) -> None:
    from_july = (replace(LAW.of(name)[-1], from_date=date(2026, 7, 1), until_date=None),)
    law = Law(LAW.municipality, {**LAW.versions, name: from_july})
    given = frame(accepted(RECEIPTS), apart({}, {"service_month": date(2026, 7, 1)}))
    assert judged(with_facts(given, *usual_child(), law), nothing_paid())["reason"].to_list() == ["H8", "P0"]


def test_a_child_whose_sex_the_city_does_not_know_is_not_compared() -> None:
    *who, persons = usual_child()
    nameless = persons.with_columns(pl.lit(None, dtype=pl.String).alias("sex"))
    given = frame(accepted(RECEIPTS), [receipt()])
    assert judged(with_facts(given, *who, nameless, LAW), nothing_paid())["reason"].to_list() == ["H5"]


def test_the_rate_of_the_age_the_points_and_the_sum() -> None:
    """D1: 287点 2割 574円。"""
    young = {"service_month": date(2025, 3, 1), "rcpt_copay_rate": 20, "rcpt_self_pay_yen": 574,
             "rcpt_total_medical_cost_yen": 2_870, "rcpt_public_expense_yen": 574}  # fmt: skip
    said: list[tuple[str, Row]] = [
        ("P0", young),
        ("H3", young | {"service_month": date(2025, 4, 1)}),
        ("H3", {"service_month": date(2025, 3, 1)}),
        ("P0", {"service_month": date(2025, 4, 1)}),
        ("H2", young | {"rcpt_self_pay_yen": 573, "rcpt_public_expense_yen": 573}),
        ("H2", money(900, 899)),
        ("H2", money(900, 901)),
    ]
    assert reasons(*(row for _, row in said)) == [reason for reason, _ in said]


def test_what_the_insurer_or_the_patient_paid_is_taken_off_where_no_other_payer_stands() -> None:
    payer: Row = {"rcpt_other_public_payer_no": "23110000", "rcpt_other_public_copay_yen": 800}
    kinds = ("supplementary_benefit", "high_cost_benefit", "counter")
    each = [money(900, 800, **{f"rcpt_{kind}_yen": 100}) for kind in kinds]
    together = money(900, 300, **{f"rcpt_{kind}_yen": 100 * at for at, kind in enumerate(kinds, 1)})
    beside = [payer | money(900, 800, **{f"rcpt_{kind}_yen": 100}) for kind in kinds]
    wrong = [money(900, 900, **{f"rcpt_{kind}_yen": 100}) for kind in kinds]
    assert reasons(*each, together, *beside, *wrong) == ["P0"] * 7 + ["H2"] * 3
    decisions, _ = decided_receipts(apart(*each, together, *beside))
    assert decisions["amount_yen"].to_list() == [800, 800, 800, 300, 800, 800, 800]


def test_what_another_payer_is_said_to_bear_must_be_what_goes() -> None:
    """自己負担900円、養育医療の一部負担500円: 公費は400円。"""
    payer: Row = {"rcpt_other_public_payer_no": "23110000", "rcpt_other_public_copay_yen": 500}
    said = [money(900, 500, rcpt_other_public_yen=yen) | payer for yen in (400, 399, 401)]
    assert reasons(*said) == ["P0", "H2", "H2"]


def test_21000_yen_are_claimed_and_bonesetters_too() -> None:
    """E1, E2: 6,999点は現物、7,000点は償還。"""
    payer: Row = {"rcpt_other_public_payer_no": "23110000", "rcpt_other_public_copay_yen": 500}
    said: list[tuple[str, Row]] = [
        ("P0", money(20_997)),
        ("H4", money(21_000)),
        ("H4", money(21_000, 500) | payer),
        ("H4", {"rcpt_inpatient_outpatient_code": "7"}),
        ("P0", {"rcpt_inpatient_outpatient_code": "6"}),
        ("N1", money(900, 0, rcpt_counter_yen=900)),
        ("N1", money(0)),
        ("P0", money(3, 1, rcpt_counter_yen=2)),
        ("N1", money(900, -100, rcpt_counter_yen=1_000)),
        ("HA", {"rcpt_other_public_payer_no": "99110000", "rcpt_other_public_copay_yen": 500,
                "rcpt_public_expense_yen": 500}),
    ]  # fmt: skip
    assert reasons(*(row for _, row in said)) == [reason for reason, _ in said]


def test_a_law_may_compare_21000_yen_with_what_other_payers_leave() -> None:
    law = law_with(inkind__limit_after_other_payers=True)
    payer: Row = {"rcpt_other_public_payer_no": "23110000"}
    rows = [
        money(30_000, copay) | payer | {"rcpt_other_public_copay_yen": copay, "rcpt_institution_code": f"{copay:010d}"}
        for copay in (20_999, 21_000)
    ]
    given = frame(accepted(RECEIPTS), [receipt() | row for row in rows])
    found = judged(with_facts(given, *usual_child(), law), nothing_paid())
    assert found["reason"].to_list() == ["P0", "H4"]


# ---- days ---------------------------------------------------------------------------------------------------------


def spans(*said: tuple[date, date, str, str, str]) -> pl.DataFrame:
    """ELIGIBILITY of the child: (from, until, entitled, class, reason)."""
    named = ("start_date", "end_date", "entitled", "benefit_class", "reason")
    whole = {"child_resident_code": CHILD, "guardian_resident_code": MOTHER, "feed": "residents", "delivery": "r_1"}
    return frame(ELIGIBILITY, [whole | dict(zip(named, one, strict=True)) for one in said])


def on_days(eligibility: pl.DataFrame, *rows: Row) -> pl.DataFrame:
    numbers, registrations, _, persons = usual_child()
    given = frame(accepted(RECEIPTS), apart(*rows))
    return judged(with_facts(given, numbers, registrations, eligibility, persons, LAW), nothing_paid())


BORN, TENTH, END = date(2018, 6, 15), date(2026, 6, 10), date(2037, 4, 1)


def day(number: int | None, **more: object) -> Row:
    """A receipt of June whose care began on this day."""
    return {"first_day": None if number is None else date(2026, 6, number)} | more


def test_where_the_entitlement_ends_within_the_month_the_first_day_decides() -> None:
    gone = spans((BORN, TENTH, "1", "1", "00"), (TENTH, END, "0", "1", "02"))
    found = on_days(gone, day(None), day(9), day(10), day(30), {"service_month": date(2026, 5, 1)},
                    {"service_month": date(2026, 7, 1)})  # fmt: skip
    assert found["reason"].to_list() == ["H6", "P0", "E1", "E1", "P0", "E1"]
    assert found["asked_day"].to_list()[:4] == [JUNE, date(2026, 6, 9), TENTH, date(2026, 6, 30)]


def test_another_scheme_is_named_as_the_reason() -> None:
    moved = spans((BORN, TENTH, "1", "1", "00"), (TENTH, END, "0", "1", "05"))
    found = on_days(moved, day(None), day(9), day(10), {"service_month": date(2026, 7, 1)})
    assert found["reason"].to_list() == ["H6", "P0", "E3", "E3"]
    before = spans((BORN, TENTH, "0", "1", "04"), (TENTH, END, "0", "1", "02"))
    assert on_days(before, day(None), day(9), day(10))["reason"].to_list() == ["E3", "E3", "E3"]


def test_days_still_to_be_ascertained_wait_unless_the_first_day_is_clear() -> None:
    unsure = spans((BORN, TENTH, "1", "1", "00"), (TENTH, END, "0", "1", "14"))
    found = on_days(unsure, day(None), day(9), day(10), {"service_month": date(2026, 7, 1)})
    assert found["reason"].to_list() == ["H9", "P0", "H9", "H9"]
    assert found["asked_day"].to_list() == [TENTH, date(2026, 6, 9), TENTH, date(2026, 7, 1)]
    never = spans((BORN, TENTH, "0", "1", "02"), (TENTH, END, "0", "1", "15"))
    assert on_days(never, day(None), day(9), day(10))["reason"].to_list() == ["H9", "E1", "H9"]


def test_an_entitlement_to_stays_only_covers_no_visit() -> None:
    stays = spans((BORN, END, "1", "2", "00"))
    rows = [{"rcpt_inpatient_outpatient_code": care} for care in "123456"]
    assert on_days(stays, *rows)["reason"].to_list() == ["P0", "E1", "P0", "E1", "E1", "E1"]
    later = spans((BORN, TENTH, "1", "1", "00"), (TENTH, END, "1", "2", "00"))
    half = [day(number, rcpt_inpatient_outpatient_code=care) for number in (9, 10, None) for care in "12"]
    assert on_days(later, *half)["reason"].to_list() == ["P0", "P0", "P0", "E1", "P0", "H6"]


def test_a_first_day_before_birth_is_no_day() -> None:
    numbers, registrations, _, persons = usual_child()
    born = persons.with_columns(pl.lit(TENTH).alias("birth_date"))
    row = {"rcpt_patient_birth_date": TENTH, "rcpt_copay_rate": 20, "rcpt_self_pay_yen": 600,
           "rcpt_public_expense_yen": 600}  # fmt: skip
    given = frame(accepted(RECEIPTS), apart(*(day(number) | row for number in (None, 9, 10))))
    entitled = spans((TENTH, END, "1", "1", "00"))
    found = judged(with_facts(given, numbers, registrations, entitled, born, LAW), nothing_paid())
    assert found["reason"].to_list() == ["P0", "E1", "P0"]


# ---- facts, numbers and steps -------------------------------------------------------------------------------------


def test_the_facts_beside_a_receipt() -> None:
    given = frame(accepted(RECEIPTS), apart({}, {"rcpt_patient_beneficiary_no": "7777777"}))
    found = with_facts(given, *usual_child(), LAW)
    said = ("child_resident_code", "sex", "birth_date", "insurance_type_code", "any_day", "every_day", "held_day",
            "asked_day", "entitled", "guardian_resident_code", "decider_feed", "legal_rate", "in_kind", "payer_no",
            "limit_yen", "limit_after_payers", "left_yen", "payer_fault")  # fmt: skip
    assert found.select(said).row(0) == (
        CHILD, "1", BORN, "01", True, True, False, JUNE, "1", MOTHER, "applications", 30, True, "81112039", 21_000,
        False, 900, None,
    )  # fmt: skip
    assert found.row(0, named=True)["rate_basis"].startswith("健康保険法110条")
    assert found.select(said[:4]).row(1) == (None,) * 4


def test_a_decision_has_its_line_number_demand_and_no_application() -> None:
    given = frame(
        accepted(RECEIPTS),
        apart({"receipt_no": "000007"}, money(900, 899, receipt_no="000008"), {"line_no": 77, "receipt_no": "000009"}),
    )
    found = decided(with_facts(given, *usual_child(), LAW), nothing_paid(), pl.lit(AUGUST))
    number = ("R-0-202607-0000000001-000007-0-202608", "R-0-202607-0000000002-000008-0-202608",
              "R-0-202607-0000000003-000009-0-202608")  # fmt: skip
    assert found["decision_no"].to_list() == list(number)
    assert found.select("subject", "demand_yen", "amount_yen", "judgement", "feed", "delivery", "line_no").rows() == [
        ("receipt", 900, 900, "1", "receipts", "receipts_1", 1),
        ("receipt", 899, 0, "4", "receipts", "receipts_1", 2),
        ("receipt", 900, 900, "1", "receipts", "receipts_1", 77),
    ]
    assert (found["application_date"].dtype, found["application_date"].null_count()) == (pl.Date, 3)
    assert found["decided_month"].to_list() == [AUGUST] * 3


def test_the_steps_of_a_receipt_name_every_yen_its_law_and_its_article() -> None:
    kinds = ("supplementary_benefit", "high_cost_benefit", "counter")
    row = money(900, 300, **{f"rcpt_{kind}_yen": 100 * at for at, kind in enumerate(kinds, 1)})
    _, steps = decided_receipts(apart(row))
    assert steps.select("step_no", "label", "yen", "text", "parameter", "article").rows() == [
        (1, "受給資格", None, "受診した日に受給資格があります。", None,
         "川口市子ども医療費の支給に関する条例（対象者）"),
        (2, "自己負担額", 900, "総医療費3000円×3割", "copay.rates",
         "健康保険法110条2項1号、国民健康保険法42条1項（就学前2割は平成20年4月から）"),
        (3, "附加給付", -100, None, None, "川口市子ども医療費の支給に関する条例（支給の額）"),
        (4, "高額療養費", -200, None, None, "川口市子ども医療費の支給に関する条例（支給の額）"),
        (5, "窓口で支払われた額", -300, None, None, "川口市子ども医療費の支給に関する条例（支給の額）"),
        (6, "判定", None, "保険診療の自己負担額を支給します。", None, "川口市子ども医療費の支給に関する条例（支給）"),
    ]  # fmt: skip


def test_the_steps_of_other_payers_follow_each_other_with_their_law() -> None:
    payers = {"": ("21", 500), "_2": ("16", 400), "_3": ("52", 400), "_4": ("54", 100)}
    stated: Row = {}
    for ending, (code, copay) in payers.items():
        stated |= {f"rcpt_other_public_payer_no{ending}": f"{code}110000",
                   f"rcpt_other_public_copay_yen{ending}": copay}  # fmt: skip
    row = money(900, 100, rcpt_total_medical_cost_yen=6_000, rcpt_self_pay_yen=1_800) | stated
    _, steps = decided_receipts(apart(row, {"rcpt_other_public_yen": 100, "rcpt_public_expense_yen": 800}))
    told = steps.filter(pl.col("label").str.contains("公費")).select("label", "yen", "text", "parameter", "article")
    ceilings = "public_payers.ceilings"
    assert told.rows() == [
        ("他の公費の負担", -1_300, "法別21 精神通院医療、一部負担500円", ceilings, "障害者総合支援法58条"),
        ("第2の他の公費の負担", -100, "法別16 育成医療、一部負担400円", ceilings, "障害者総合支援法58条"),
        ("第4の他の公費の負担", -300, "法別54 特定医療（指定難病）、一部負担100円", ceilings,
         "難病の患者に対する医療等に関する法律5条"),
        ("他の公費の負担", -100, None, ceilings, "川口市子ども医療費の支給に関する条例（支給の額）"),
    ]  # fmt: skip


def test_a_signed_row_has_the_step_of_its_change_and_the_words_about_its_original() -> None:
    back = {"receipt_change": "2", "line_no": 9, "known_date": date(2026, 9, 10), "delivery": "receipts_2"}
    signed = money(-1_200) | back | {"rcpt_institution_code": "0000000001"}
    decisions, steps = decided_receipts(apart({"line_no": 4}, signed))
    assert decisions.select("reason", "judgement", "amount_yen", "demand_yen").rows() == [
        ("P0", "1", 900, 900),
        ("R0", "3", -900, -1_200),
    ]
    told = steps.filter(pl.col("decision_no").str.contains("-2-202608"))
    article = "審査支払機関との契約"
    assert told.select("label", "yen", "text", "article", "feed", "delivery", "line_no").rows() == [
        ("元のレセプト", None, "元のレセプトの請求額900円", article, "receipts", "receipts_1", 4),
        ("過誤・再審査による増減", -1_200, None, article, "receipts", "receipts_2", 9),
        ("控除しきれない額", 300, None, article, "receipts", "receipts_2", 9),
        ("判定", None, "過誤・再審査により、支給した額を増減しました。", article, "receipts", "receipts_2", 9),
    ]


def test_the_same_care_is_paid_once_and_again_when_the_first_was_taken_back() -> None:
    same = {"rcpt_institution_code": "0000000001"}
    back = money(-900, receipt_change="1") | same | {"known_date": date(2026, 9, 10), "delivery": "receipts_2"}
    again = same | {"known_date": date(2026, 9, 11), "delivery": "receipts_3"}
    other = {"rcpt_institution_code": "0000000009"}
    rows = apart(same, back, again, again, other, other)
    decisions, _ = decided_receipts(rows)
    assert decisions.select("reason", "amount_yen").rows() == [
        ("P0", 900), ("P0", 900), ("D1", 0), ("R0", -900), ("P0", 900), ("D1", 0),
    ]  # fmt: skip


def test_care_that_cannot_come_in_kind_is_explained() -> None:
    rows = apart({"rcpt_inpatient_outpatient_code": "7"}, money(21_000), {"rcpt_patient_sex": "2",
                 "rcpt_inpatient_outpatient_code": "8"})  # fmt: skip
    _, steps = decided_receipts(rows)
    told = steps.filter(pl.col("label") == "現物給付の範囲").select("text", "parameter", "article", "line_no").rows()
    assert told == [("この入外は現物給付の対象ではありません（償還払い）。", "inkind.care", "現物給付の取扱い", 1)]
