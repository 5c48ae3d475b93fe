"""The 158 items of a child as of any day: each read from its own table, as it stood on that day."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.eligibility.annex1 import annex1_register
from schemas.records.annex1 import ANNEX1
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import CLAIMS, RECEIPTS, accepted
from schemas.records.payment import ORDERS, RESULTS_ENTERED
from schemas.records.register import CARDS, ELIGIBILITY_DECISIONS
from schemas.records.subsidy import SUBSIDIES
from tests.support.cases import (
    CHILD,
    FATHER,
    LAW,
    MOTHER,
    application,
    claim,
    frame,
    insured_as,
    receipt,
    register,
    resident,
)

BIRTH, TODAY = date(2018, 6, 15), date(2026, 5, 31)
USUAL = application(application_date=date(2018, 6, 20), event_date=BIRTH)
PARENT = resident(MOTHER, date(1990, 1, 1), sex="2", change_date=date(2010, 1, 1))
HOME = resident(CHILD, BIRTH, change_date=BIRTH, address="見本市1番")
Rows = list[dict[str, object]]


def _row(
    day: date = TODAY, nhi: Rows | None = None, tables: dict[str, pl.DataFrame] | None = None, **feeds: Rows
) -> Any:
    """The row of the child on a day, from known rows by feed and finished tables by name."""
    given: dict[str, Any] = {"residents": [HOME, PARENT], "applications": [USUAL]} | feeds
    about = register(**given)
    found, known = about.found, about.known
    made = {
        "eligibility_decisions": ELIGIBILITY_DECISIONS.empty(),
        "cards": CARDS.empty(),
        "decisions": DECISIONS.empty(),
        "claims": accepted(CLAIMS).empty(),
        "receipts": accepted(RECEIPTS).empty(),
        "orders": ORDERS.empty(),
        "answers": RESULTS_ENTERED.empty(),
        "subsidies": SUBSIDIES.empty(),
    } | (tables or {})
    rows = annex1_register(
        persons=found.persons,
        residents_known=known["residents"],
        identities=found.identities,
        addresses=found.addresses,
        guardians=found.guardians,
        insurances=insured_as(about, nhi or []),
        eligibility=about.eligibility,
        applications_known=known["applications"],
        resident_taxes_known=known["resident_taxes"],
        arrears_known=known["arrears"],
        law=LAW,
        day=day,
        **made,
    )
    return ANNEX1.validated(rows).row(0, named=True) if rows.height else None


def test_every_item_of_a_child_without_tax_arrears_claim_or_card_is_said_or_empty() -> None:
    row = _row()
    assert (row["child_age"], row["decision_result"], row["decision_reason"], row["benefit_class"]) == (
        7,
        "1",
        "00",
        "1",
    )
    assert (row["total_income_yen"], row["arrears_nhi_tax"], row["self_ordinary_disability"]) == (None, "9", "0")
    assert (row["eligible_from_date"], row["eligible_to_date"]) == (BIRTH, date(2037, 4, 1))
    assert (row["valid_from_date"], row["valid_to_date"], row["subsidy_class"]) == (BIRTH, date(2037, 3, 31), "2")
    assert (row["claim_branch_no"], row["issue_date"], row["forced_correction_flag"]) == (None, None, "0")


def test_before_the_first_application_there_is_no_row() -> None:
    assert _row(date(2018, 6, 19)) is None
    assert _row(date(2018, 6, 20))["child_age"] == 0


def test_the_last_revision_of_the_last_year_known_by_the_day_is_shown() -> None:
    taxes: Rows = [
        {"resident_code": MOTHER, "tax_year": year, "revision_no": revision, "filing": "1", "total_income_yen": income}
        for year, revision, income in [(2026, 1, 100), (2026, 2, 200), (2025, 9, 300)]
    ]
    arrears: Rows = [
        {"resident_code": MOTHER, "arrears_item": "154", "arrears": said, "base_date": date(2026, month, 1)}
        for said, month in [("1", 4), ("0", 3)]
    ]
    row = _row(resident_taxes=taxes, arrears=arrears)
    assert (row["total_income_yen"], row["arrears_nhi_tax"], row["arrears_municipal_tax"]) == (200, "1", "9")
    row = _row(date(2025, 12, 31), resident_taxes=taxes, arrears=arrears)
    assert (row["total_income_yen"], row["arrears_nhi_tax"]) == (300, "9")


PUPIL = date(2010, 6, 15)


def test_a_pupil_of_a_restricted_year_is_shown_with_the_year_that_was_judged() -> None:
    taxes: Rows = [
        {"resident_code": MOTHER, "tax_year": year, "revision_no": 1, "filing": "1", "total_income_yen": year}
        for year in (2019, 2020, 2021)
    ]
    arrears: Rows = [
        {"resident_code": MOTHER, "arrears_item": item, "arrears": said, "base_date": date(year, 3, 31)}
        for year, item, said in [(2019, "151", "0"), (2020, "154", "1"), (2021, "154", "0")]
    ]
    pupil = resident(CHILD, PUPIL, change_date=PUPIL)
    renewed = [
        application(
            application_type="02", application_reason="09", application_date=date(year, 8, 1),
            event_date=date(year, 10, 1),
        )
        for year in range(2017, 2024)
    ]  # fmt: skip
    feeds: dict[str, Any] = {
        "residents": [pupil, PARENT], "applications": renewed, "resident_taxes": taxes, "arrears": arrears,
    }  # fmt: skip
    judged = _row(date(2021, 9, 30), **feeds)
    assert (judged["total_income_yen"], judged["arrears_nhi_tax"], judged["arrears_municipal_tax"]) == (2020, "1", "9")
    assert (judged["decision_result"], judged["decision_reason"], judged["benefit_class"]) == ("5", "10", "0")
    free = _row(date(2024, 10, 1), **feeds)
    assert (free["total_income_yen"], free["arrears_nhi_tax"], free["decision_result"]) == (2021, "0", "1")


def test_address_moves_insurance_and_guardian_are_those_of_the_day() -> None:
    moved = HOME | {"history_no": 2, "change_date": date(2024, 2, 1), "address": "見本市2番"}
    gone = moved | {
        "history_no": 3, "change_date": date(2025, 7, 1), "resident_class": "04",
        "resident_to_date": date(2025, 7, 1), "resident_to_reason": "51",
    }  # fmt: skip
    taken_over = application(
        guardian=FATHER, application_type="03", application_reason="08", application_date=date(2023, 5, 1),
        event_date=date(2023, 5, 1),
    )  # fmt: skip
    father = resident(FATHER, date(1988, 1, 1), change_date=date(2010, 1, 1))
    nhi: Rows = [{"resident_code": CHILD, "start_date": date(2024, 4, 1), "symbol_number": "川口 12"}]
    feeds: dict[str, Any] = {
        "residents": [HOME, moved, gone, PARENT, father],
        "applications": [USUAL, taken_over],
    }
    items = ("child_address", "child_resident_class", "child_resident_to_date", "guardian_resident_code")
    insured = ("insured_class", "insurance_type_code", "insurance_symbol_number")
    found = {day: _row(day, nhi, **feeds) for day in (date(2020, 1, 1), date(2024, 6, 1), TODAY)}
    assert [tuple(row[item] for item in items) for row in found.values()] == [
        ("見本市1番", "01", None, MOTHER),
        ("見本市2番", "01", None, FATHER),
        ("見本市2番", "04", date(2025, 7, 1), FATHER),
    ]
    assert [tuple(row[item] for item in insured) for row in found.values()][1] == ("1", "00", "川口 12")
    assert found[date(2020, 1, 1)]["insurance_type_code"] == "01"
    last = found[TODAY]
    assert (last["decision_result"], last["decision_reason"], last["valid_from_date"]) == ("4", "02", None)
    assert (last["eligible_from_date"], last["eligible_to_date"]) == (BIRTH, date(2025, 7, 1))


def test_an_entitlement_to_stays_only_has_its_own_period() -> None:
    entered = date(2003, 6, 15)
    feeds: dict[str, Any] = {
        "residents": [resident(CHILD, entered, change_date=entered), PARENT],
        "applications": [
            application(
                application_type=kind, application_reason="09", application_date=date(year, month, 1),
                event_date=date(year, month, 1),
            )
            for kind, year, month in [("01", 2010, 4), ("06", 2012, 10)]
        ],
    }  # fmt: skip
    row = _row(date(2012, 6, 1), **feeds)
    assert (row["benefit_class"], row["subsidy_class"]) == ("2", "2")
    period = ("inpatient_valid_from_date", "inpatient_valid_to_date")
    assert [row[item] for item in period] == [date(2010, 4, 1), date(2012, 9, 30)]
    later = _row(date(2012, 10, 1), **feeds)
    assert later["benefit_class"] == "1"
    assert later["eligible_from_date"] == date(2010, 4, 1)
    assert later["valid_from_date"] == date(2012, 10, 1)


def test_an_override_that_stands_on_the_day_is_flagged() -> None:
    held: Rows = [
        {
            "override_no": "K1", "revision_no": 1, "child_resident_code": CHILD, "start_date": date(2026, 5, 10),
            "end_date": date(2026, 5, 20), "outcome": "3", "operator_code": "a", "approver_code": "b",
            "entered_date": date(2026, 5, 10), "withdrawn": "0",
        }
    ]  # fmt: skip
    stands, over = _row(date(2026, 5, 10), overrides=held), _row(date(2026, 5, 20), overrides=held)
    assert (stands["forced_correction_flag"], stands["decision_result"], stands["decision_reason"]) == ("1", "3", "16")
    assert (over["forced_correction_flag"], over["decision_result"]) == ("0", "1")


def _decision(number: str, subject: str, month: date, **more: object) -> dict[str, object]:
    return {
        "decision_no": number, "subject": subject, "decided_month": month, "child_resident_code": CHILD,
        "judgement": "1", "reason": "P0", "amount_yen": 900, "delivery": f"{subject}s_1", "line_no": 1,
    } | more  # fmt: skip


def test_the_last_claim_and_the_last_receipt_decided_by_the_day_are_shown_with_what_came_of_them() -> None:
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    decided = [
        _decision("C-1", "claim", april),
        _decision("C-2", "claim", may, line_no=2, judgement="2", reason="A2", amount_yen=0),
        _decision("R-1", "receipt", april, amount_yen=700),
    ]
    claims = [claim(claim_no=f"C{at}", line_no=at, claim_branch_no=at, other_public_item_code="52") for at in (1, 2)]
    tables = {
        "decisions": frame(DECISIONS, decided),
        "claims": frame(accepted(CLAIMS), claims),
        "receipts": frame(accepted(RECEIPTS), [receipt(rcpt_branch_no=7, claim_insurance_symbol_number="レセ 1")]),
        "orders": frame(ORDERS, [{"decision_no": "C-1", "value_date": date(2026, 6, 30), "decided_month": april}]),
    }
    row = _row(TODAY, tables=tables)
    assert (row["claim_branch_no"], row["judgement_result"], row["rejection_reason"]) == (2, "2", "06")
    assert (row["payment_method"], row["payment_date"], row["transfer_result"]) == (None, None, None)
    assert (row["rcpt_branch_no"], row["rcpt_patient_resident_code"]) == (7, CHILD)
    assert (row["claim_insurance_symbol_number"], row["insurance_symbol_number"]) == ("レセ 1", "あ")
    earlier = _row(date(2026, 5, 30), tables=tables)
    assert (earlier["claim_branch_no"], earlier["judgement_result"], earlier["public_expense_yen"]) == (1, "1", 900)
    assert (earlier["payment_date"], earlier["transfer_result"]) == (date(2026, 6, 30), "9")
    assert earlier["other_public_item"] == "小児慢性特定疾病"
    assert _row(date(2026, 4, 29), tables=tables)["judgement_result"] is None


def _order(number: str, day: date, month: date, **more: object) -> dict[str, object]:
    return {
        "payment_no": number, "decision_no": "C-1", "value_date": day, "decided_month": month, "attempt": 1,
    } | more  # fmt: skip


def _answer(number: str, result: str, known_date: date) -> dict[str, object]:
    return {"payment_no": number, "result": result, "known_date": known_date}


MAY_29, JUNE_30 = date(2026, 5, 29), date(2026, 6, 30)
ONCE = [_order("0000000001", MAY_29, date(2026, 4, 1))]
AGAIN = [*ONCE, _order("0000000002", JUNE_30, date(2026, 5, 1), attempt=2, replaces_no="0000000001")]
BACK_IN_MAY = _answer("0000000001", "2", date(2026, 5, 20))


@pytest.mark.parametrize(
    ("orders", "answers", "day", "result", "paid_on"),
    [
        (ONCE, [], TODAY, "9", MAY_29),
        (ONCE, [_answer("0000000001", "0", MAY_29)], date(2026, 5, 28), "9", MAY_29),
        (ONCE, [_answer("0000000001", "0", MAY_29)], TODAY, "0", MAY_29),
        *((ONCE, [_answer("0000000001", code, MAY_29)], TODAY, "1", MAY_29) for code in "29RK"),
        (ONCE, [_answer("0000000001", "0", MAY_29), _answer("0000000001", "K", TODAY)], date(2026, 5, 30), "0", MAY_29),
        (ONCE, [_answer("0000000001", "0", MAY_29), _answer("0000000001", "K", TODAY)], TODAY, "1", MAY_29),
        (ONCE, [_answer("0000000009", "0", MAY_29)], TODAY, "9", MAY_29),
        (AGAIN, [BACK_IN_MAY], date(2026, 5, 30), "1", MAY_29),
        (AGAIN, [BACK_IN_MAY], TODAY, "9", JUNE_30),
        (AGAIN, [BACK_IN_MAY, _answer("0000000002", "0", JUNE_30)], JUNE_30, "2", JUNE_30),
        (AGAIN, [BACK_IN_MAY, _answer("0000000002", "R", JUNE_30)], JUNE_30, "1", JUNE_30),
    ],
)
def test_what_came_of_the_last_transfer_follows_what_the_bank_had_said_by_the_day(
    orders: Rows, answers: Rows, day: date, result: str, paid_on: date
) -> None:
    tables = {
        "decisions": frame(DECISIONS, [_decision("C-1", "claim", date(2026, 4, 1))]),
        "claims": frame(accepted(CLAIMS), [claim(claim_no="C1", line_no=1)]),
        "orders": frame(ORDERS, orders),
        "answers": frame(RESULTS_ENTERED, answers),
    }
    row = _row(day, tables=tables)
    assert (row["transfer_result"], row["payment_date"]) == (result, paid_on)


def test_a_claim_that_is_not_paid_has_no_transfer_whose_result_could_be_told() -> None:
    tables = {
        "decisions": frame(DECISIONS, [_decision("C-1", "claim", date(2026, 4, 1), judgement="2", reason="A2")]),
        "claims": frame(accepted(CLAIMS), [claim(claim_no="C1", line_no=1)]),
        "answers": frame(RESULTS_ENTERED, [_answer("0000000001", "0", MAY_29)]),
    }
    assert _row(TODAY, tables=tables)["transfer_result"] is None


def test_who_bears_the_last_benefit_and_whether_the_guardian_is_taxed_are_shown_by_the_day() -> None:
    april, may = date(2026, 4, 1), date(2026, 5, 1)
    split = [
        {"decision_no": "C-1", "subject": "claim", "child_resident_code": CHILD, "booked_month": april,
         "service_month": april, "funding_class": "1", "tax_status": "2"},
        {"decision_no": "R-1", "subject": "receipt", "child_resident_code": CHILD, "booked_month": may,
         "service_month": april, "funding_class": "3", "tax_status": "1"},
    ]  # fmt: skip
    tables = {
        "subsidies": frame(SUBSIDIES, split),
        "decisions": frame(DECISIONS, [_decision("R-1", "receipt", april)]),
        "receipts": frame(accepted(RECEIPTS), [receipt(rcpt_tax_status="2")]),
    }
    row, earlier = _row(TODAY, tables=tables), _row(date(2026, 5, 30), tables=tables)
    assert (row["funding_class"], row["rcpt_tax_status"]) == ("3", "1")
    assert (earlier["funding_class"], earlier["rcpt_tax_status"]) == ("1", "2")
    assert _row(date(2026, 4, 29), tables=tables)["funding_class"] is None


def test_a_card_is_shown_with_the_day_printed_on_it_and_whether_it_is_to_be_collected() -> None:
    def shown(day: date, replaced: date | None, until: date = date(2037, 3, 31)) -> tuple[object, ...]:
        card = {
            "child_resident_code": CHILD, "issued_month": date(2026, 3, 1), "valid_from_date": BIRTH,
            "valid_to_date": until, "replaced_month": replaced,
        }  # fmt: skip
        row = _row(day, tables={"cards": frame(CARDS, [card])})
        return row["issue_date"], row["collection_class"], row["collection_date"]

    assert shown(date(2026, 3, 30), None) == (None, None, None)
    assert shown(TODAY, None) == (date(2026, 4, 1), None, None)
    assert shown(TODAY, date(2026, 5, 1)) == (date(2026, 4, 1), "0", None)
    assert shown(date(2026, 5, 30), date(2026, 5, 1)) == (date(2026, 4, 1), None, None)
    assert shown(TODAY, date(2026, 3, 1), until=date(2026, 3, 31)) == (date(2026, 4, 1), "3", None)


def test_the_months_that_decided_the_child_are_dated() -> None:
    made = [
        {"decision_no": f"E{month}", "child_resident_code": CHILD, "decided_month": date(2026, month, 1),
         "cause": "1", "changed": changed}
        for month, changed in [(4, "1"), (5, "0")]
    ]  # fmt: skip
    row = _row(tables={"eligibility_decisions": frame(ELIGIBILITY_DECISIONS, made)})
    assert (row["decision_date"], row["decision_registered_date"]) == (date(2026, 4, 30), date(2026, 5, 31))


def test_items_whose_meaning_nobody_confirmed_say_so() -> None:
    read = {25, 26, 29, 30, 70, 114, 115, 116, 117, 123, 148, 149, 150}
    doubtful = {item.no for item in ANNEX1.items if not item.confirmed}
    assert read <= doubtful
