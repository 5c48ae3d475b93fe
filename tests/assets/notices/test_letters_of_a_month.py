"""What each letter of a month says, and to whom it is about."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from assets.notices.rules import holders, letters_of_month, people
from reports.letters.addressee import address_letters
from reports.letters.kinds import KINDS
from schemas.records.benefit import DECISIONS
from schemas.records.feeds import APPLICATIONS
from schemas.records.notices import LETTER_KINDS, LETTER_MARKS
from schemas.records.payment import ORDERS
from schemas.records.register import CERTIFICATES, PERSONS, REGISTRATIONS, known
from schemas.records.settlement import PAYABLES
from tests.support.rows import valid_rows

OCTOBER = date(2026, 10, 1)
CHILD, GUARDIAN = "000000000000001", "000000000000002"


def one(record: Any, **values: Any) -> pl.DataFrame:
    row = valid_rows(record, 1, 1).with_columns(
        pl.lit(value, dtype=record.schema[name]).alias(name) for name, value in values.items()
    )
    return row.select(record.names)


def person(code: str, name: str, **values: Any) -> pl.DataFrame:
    usual: dict[str, Any] = {"protected": "0", "same_person_code": None}
    return one(PERSONS, resident_code=code, name=name, use_native_name="0", native_name=None, **usual | values)


def everyone(**guardian: Any) -> pl.DataFrame:
    registrations = one(
        REGISTRATIONS, child_resident_code=CHILD, guardian_resident_code=GUARDIAN, application_no="A-1",
        beneficiary_no="0000018",
    )  # fmt: skip
    applications = one(known(APPLICATIONS), application_no="A-1", child_resident_code=CHILD)
    persons = pl.concat([person(CHILD, "見本　花"), person(GUARDIAN, "見本　太郎").with_columns(**guardian)])
    return people(registrations, applications, persons)


def changes(change: str, reason: str = "00", day: date = date(2026, 10, 5)) -> pl.DataFrame:
    return pl.DataFrame({"child_resident_code": [CHILD], "change": [change], "reason": [reason], "date": [day]})


VALUE_DATE = date(2026, 11, 30)
SENTENCES = pl.DataFrame(
    {"code": ["02", "A1"], "reason": ["川口市から転出したため。", "災害共済給付の対象となるため。"]}
)
CERTIFICATE = one(
    CERTIFICATES, child_resident_code=CHILD, beneficiary_no="0000018", guardian_resident_code=GUARDIAN,
    benefit_class="1", valid_from_date=date(2026, 10, 5),
    valid_to_date=date(2040, 3, 31),
)  # fmt: skip


def claim(no: str, judgement: str, reason: str, demand: int, amount: int) -> pl.DataFrame:
    return one(
        DECISIONS, decision_no=f"C-{no}", subject="claim", subject_key=no, child_resident_code=CHILD,
        guardian_resident_code=GUARDIAN, judgement=judgement, reason=reason, demand_yen=demand, amount_yen=amount,
        service_month=date(2026, 8, 1), application_date=date(2026, 9, 1), care="2",
    )  # fmt: skip


def made(
    change: pl.DataFrame,
    decisions: pl.DataFrame | None = None,
    payables: pl.DataFrame | None = None,
    orders: pl.DataFrame | None = None,
) -> Any:
    decided = DECISIONS.empty() if decisions is None else decisions
    ordered = ORDERS.empty() if orders is None else orders
    due = PAYABLES.empty() if payables is None else payables
    return letters_of_month(everyone(), change, CERTIFICATE, decided, due, ordered, SENTENCES, OCTOBER)


def payable(no: str, difference: int, offset: int = 0) -> pl.DataFrame:
    return one(
        PAYABLES, decision_no=f"C-{no}", child_resident_code=CHILD, guardian_resident_code=GUARDIAN,
        difference_yen=difference, offset_yen=offset, payable_yen=difference - offset,
    )  # fmt: skip


def test_a_child_recognised_gets_one_notice_and_one_card_about_the_same_period() -> None:
    letters = made(changes("recognised"))
    (notice,), (card,) = letters["recognition"].to_dicts(), letters["card"].to_dicts()
    assert notice["valid_from_date"] == card["valid_from_date"] == date(2026, 10, 5)
    assert notice["document_no"] != card["document_no"]
    assert card["guardian_name"] == "見本　太郎"


def test_an_end_says_its_day_and_its_reason_in_words() -> None:
    (letter,) = made(changes("ended", "02"))["termination"].to_dicts()
    assert (letter["end_date"], letter["reason"]) == (date(2026, 10, 5), "川口市から転出したため。")


def test_paid_claims_of_a_child_share_one_letter_whose_lines_add_up() -> None:
    decisions = pl.concat([claim("1", "1", "P0", 9_000, 4_000), claim("2", "1", "P0", 1_000, 1_000)])
    orders = pl.concat(
        [
            one(ORDERS, decision_no=f"C-{no}", payment_no=f"{no:0>10}", value_date=VALUE_DATE, account_number="1234567")
            for no in ("1", "2")
        ]
    )
    due = pl.concat([payable("1", 4_000), payable("2", 1_000)])
    (letter,) = made(changes("none"), decisions, due, orders)["payment"].to_dicts()
    assert letter["amount_yen"] == 5_000 == sum(line["amount_yen"] for line in letter["details"])
    assert [line["deduction_yen"] for line in letter["details"]] == [5_000, 0]
    assert letter["payment_date"] == date(2026, 11, 30)
    assert "1234567" not in letter["account_text"]
    assert "567" in letter["account_text"]


def test_what_is_offset_is_told_as_taken_off_and_where_all_is_nothing_is_transferred() -> None:
    decisions = claim("1", "1", "P0", 9_000, 4_000)
    (letter,) = made(changes("none"), decisions, payable("1", 4_000, 4_000))["payment"].to_dicts()
    assert (letter["amount_yen"], letter["payment_date"]) == (0, None)
    assert letter["details"][0]["deduction_yen"] == 9_000
    assert letter["account_text"] == "振込はありません（返還金に充てました）"


def test_a_refused_claim_gets_the_sentence_of_its_reason_and_a_held_one_no_letter() -> None:
    decisions = pl.concat([claim("1", "2", "A1", 9_000, 0), claim("2", "4", "H1", 90_000, 0)])
    letters = made(changes("none"), decisions)
    (letter,) = letters["nonpayment"].to_dicts()
    assert [line["reason"] for line in letter["details"]] == ["災害共済給付の対象となるため。"]
    assert letters["payment"].is_empty()


def test_a_family_is_protected_when_the_child_or_the_guardian_is() -> None:
    assert everyone()["protected"].to_list() == [False]
    assert everyone(protected=pl.lit("1"))["protected"].to_list() == [True]


def test_a_family_is_protected_under_whichever_number_the_protection_stands() -> None:
    registrations = one(REGISTRATIONS, child_resident_code=CHILD, guardian_resident_code=GUARDIAN, application_no="A-1")
    applications = one(known(APPLICATIONS), application_no="A-1", child_resident_code=CHILD)
    first, second = "000000000000008", "000000000000009"
    persons = pl.concat(
        [
            person(CHILD, "見本　花"),
            person(GUARDIAN, "見本　太郎"),
            person(second, "見本　太郎", same_person_code=GUARDIAN),
            person(first, "見本　太郎", same_person_code=second, protected="1"),
        ]
    )
    assert people(registrations, applications, persons)["protected"].to_list() == [True]


@pytest.mark.parametrize(("kind", "covered"), [("1", "入院と通院"), ("2", "入院のみ")])
def test_notice_and_card_say_what_the_certificate_covers(kind: str, covered: str) -> None:
    valid = CERTIFICATE.with_columns(pl.lit(kind).alias("benefit_class"))
    letters = letters_of_month(
        everyone(),
        changes("recognised"),
        valid,
        DECISIONS.empty(),
        PAYABLES.empty(),
        ORDERS.empty(),
        SENTENCES,
        OCTOBER,
    )
    assert [letters[name]["care_covered"].item() for name in ("recognition", "card")] == [covered, covered]


def test_letters_about_a_certificate_go_to_the_guardian_it_names() -> None:
    registrations = one(REGISTRATIONS, child_resident_code=CHILD, guardian_resident_code="000000000000003")
    assert holders(registrations, CERTIFICATE)["guardian_resident_code"].to_list() == [GUARDIAN]
    assert holders(registrations, CERTIFICATE.clear())["guardian_resident_code"].to_list() == ["000000000000003"]


def test_every_kind_fits_its_template() -> None:
    decisions = pl.concat([claim("1", "1", "P0", 9_000, 4_000), claim("2", "2", "A1", 1_000, 0)])
    orders = one(ORDERS, decision_no="C-1", value_date=date(2026, 11, 30))
    both = pl.concat([changes("recognised"), changes("ended", "02"), changes("refused", "02")])
    for kind, frame in made(both, decisions, payable("1", 4_000), orders).items():
        addressed, withheld = address_letters(frame, KINDS[kind].columns)
        assert len(addressed) + withheld.height == frame.height == 1, kind


def test_no_two_kinds_of_letters_share_a_number() -> None:
    assert set(LETTER_MARKS) == set(LETTER_KINDS)
    assert len(set(LETTER_MARKS.values())) == len(LETTER_KINDS)
