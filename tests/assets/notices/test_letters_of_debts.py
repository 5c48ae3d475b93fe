"""What the letter that claims a 返還 cites, to whom it goes, and when there is none."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.notices.checks import one_letter_ever
from assets.notices.debts import (
    UNPROVED,
    Evidence,
    claimed,
    debtors,
    letters_of_debts,
    lines,
    misclaimed,
    unproved_rows,
)
from assets.notices.rules import letter_rows
from assets.settlement.rules import settle
from reports.letters.addressee import NEEDS_SAFE_ADDRESS, address_letters
from reports.letters.kinds import DEBT
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.records.benefit import DECISIONS, REOPENED, STEPS
from schemas.records.feeds import APPLICATIONS, BANK_RESULTS, accepted
from schemas.records.notices import LETTERS, WITHHELD
from schemas.records.payment import ORDERS
from schemas.records.register import IDENTITIES, PERSONS, REGISTRATIONS, known
from schemas.records.settlement import DEBTS, OFFSETS
from tests.support.cases import LAW, frame
from tests.support.month import living_in

JULY, OCTOBER, DUE = date(2026, 7, 1), date(2026, 10, 1), date(2026, 12, 2)
PAID_ON = date(2026, 8, 31)
CHILD, MOTHER, FATHER = (f"{number:015d}" for number in (1, 2, 3))
SENTENCES = pl.DataFrame(
    {"code": ["E1", "D1"], "reason": ["受診した日に受給資格がないため。", "同じ医療費をすでに支給しているため。"]}
)
Row = dict[str, Any]


def decision(no: str, month: date, amount: int, line: int = 1, **more: Any) -> Row:
    return {
        "decision_no": no, "subject": "claim", "subject_key": no, "decided_month": month, "child_resident_code": CHILD,
        "guardian_resident_code": MOTHER, "service_month": date(2026, 5, 1), "institution_code": "1110000008",
        "care": "2", "amount_yen": amount, "judgement": "1" if amount else "2", "reason": "P0" if amount else "E1",
        "feed": "claims", "delivery": "claims_1", "line_no": line, "cause": "3", "before_yen": 0,
    } | more  # fmt: skip


def debt(no: str = "C-1-202607", first: int = 900, open_yen: int = 900, **more: Any) -> Row:
    return {
        "debt_no": no, "paid_no": "C-1-202606", "guardian_resident_code": MOTHER, "child_resident_code": CHILD,
        "service_month": date(2026, 5, 1), "cause": "3", "news_feed": "residents", "news_delivery": "residents_1",
        "news_line_no": 12, "since_month": JULY, "first_yen": first, "owed_yen": open_yen, "offset_yen": 0,
        "open_yen": open_yen, "claim_month": OCTOBER, "claimed_month": OCTOBER,
    } | more  # fmt: skip


PAID = decision("C-1-202606", date(2026, 6, 1), 900, cause="1")
NOTHING_RIGHT = decision("C-1-202607", JULY, 0)
OFFSET = {"debt_no": "C-1-202607", "decision_no": "C-9-202608", "guardian_resident_code": MOTHER, "offset_yen": 300}
ORDER = {"payment_no": "0000000001", "decision_no": "C-1-202606", "amount_yen": 900, "value_date": PAID_ON}


def evidence(
    *decisions: Row, offsets: tuple[Row, ...] = (), orders: tuple[Row, ...] = (ORDER,), answers: tuple[Row, ...] = ()
) -> Evidence:
    return Evidence(
        frame(DECISIONS, list(decisions)),
        frame(OFFSETS, [{"decided_month": date(2026, 8, 1)} | row for row in offsets]),
        frame(ORDERS, list(orders)),
        frame(accepted(BANK_RESULTS), list(answers)),
    )


def owing(claims: pl.DataFrame, registered: str = MOTHER, protected: str = "0", mailing: str | None = None) -> Any:
    usual = {"use_native_name": "0", "native_name": None, "same_person_code": None, "protected": "0"}
    home = {"address": "埼玉県川口市見本町1番地", "postal_code": "3320031"}
    persons = [
        usual | home | {"resident_code": code, "name": name, "birth_date": date(2020, 5, 1)}
        for code, name in ((CHILD, "見本　花"), (MOTHER, "見本　葉子"), (FATHER, "見本　太郎"))
    ]
    persons[1]["protected"] = protected
    registrations = [
        {
            "child_resident_code": CHILD, "guardian_resident_code": registered, "application_no": "A",
            "beneficiary_no": "0000018",
        }
    ]  # fmt: skip
    stated = {"guardian_mailing_address": mailing, "guardian_mailing_postal_code": mailing and "1000001"}
    bare = {f"{who}_{part}": None for who in ("mailing", "residence", "guardian_mailing") for part in
            ("postal_code", "address", "katagaki", "name")}  # fmt: skip
    application = bare | {"application_no": "A", "child_resident_code": CHILD} | stated
    return debtors(
        claims,
        frame(REGISTRATIONS, registrations),
        frame(known(APPLICATIONS), [application]),
        frame(PERSONS, persons),
    )


def written(found: Evidence, *debts: Row, **people: Any) -> pl.DataFrame:
    claims = claimed(frame(DEBTS, list(debts)), OCTOBER)
    return letters_of_debts(claims, owing(claims, **people), found, SENTENCES, DUE, OCTOBER)


def cited(letter: Row) -> list[tuple[str, str, str, int]]:
    return [(row["what"], row["cited_no"], row["how"], row["open_yen"]) for row in letter["details"]]


def test_inc_03_the_letter_cites_the_payment_the_decision_in_its_place_and_every_offset() -> None:
    """仙台市: refunds were claimed of 15 people who owed nothing, from a list nobody could check."""
    found = evidence(PAID, NOTHING_RIGHT, offsets=(OFFSET,))
    (letter,) = written(found, debt(open_yen=600)).to_dicts()
    assert cited(letter) == [
        ("支給した額", "C-1-202606", "令和8年8月31日に口座へ振込", 900),
        ("改めた支給額", "C-1-202607", "受診した日に受給資格がないため。", 0),
        ("差し引いた額", "C-9-202608", "この判定の支給から差引き", -300),
    ]
    assert letter["open_yen"] == 600 == sum(row["open_yen"] for row in letter["details"])
    assert letter["news_text"] == "資格の異動（住民基本台帳 residents_1、12行目）"
    assert (letter["due_date"], letter["proved"]) == (DUE, True)


def test_inc_03_of_something_paid_twice_both_payments_are_cited() -> None:
    """仙台市: 1,279 people were paid twice; the claim has to name the two payments."""
    twin = decision("R-8-202607", JULY, 900, 8, subject="receipt", feed="receipts", delivery="receipts_1")
    twice = decision("C-1-202607", JULY, 0, reason="D1")
    news = {"cause": "6", "news_feed": "receipts", "news_delivery": "receipts_1", "news_line_no": 8}
    (letter,) = written(evidence(PAID, twice, twin), debt(**news)).to_dicts()
    assert ("重なる支給", "R-8-202607", "900円を支給", 0) in cited(letter)
    assert ("支給した額", "C-1-202606", "令和8年8月31日に口座へ振込", 900) in cited(letter)
    assert letter["open_yen"] == 900


def test_an_amount_that_became_smaller_says_what_made_it_so() -> None:
    less = decision("C-1-202607", JULY, 200, cause="4")
    (letter,) = written(evidence(PAID, less), debt(first=700, open_yen=700, cause="4")).to_dicts()
    assert cited(letter)[1] == ("改めた支給額", "C-1-202607", "保険者の回答により支給額を改めたため。", -200)


def test_a_receipt_was_paid_through_the_review_body() -> None:
    of_receipt = {"subject": "receipt", "feed": "receipts", "delivery": "receipts_1"}
    found = evidence(PAID | of_receipt, NOTHING_RIGHT | of_receipt, orders=())
    (letter,) = written(found, debt()).to_dicts()
    assert cited(letter)[0][2] == "審査支払機関を通じて医療機関等へ支払（現物給付）"
    assert letter["proved"]


@pytest.mark.parametrize(
    ("orders", "answers"),
    [
        ((), ()),
        ((ORDER | {"amount_yen": 899},), ()),
        ((ORDER,), ({"payment_no": "0000000001", "result": "2"},)),
        ((ORDER,), ({"payment_no": "0000000001", "result": "0"}, {"payment_no": "0000000001", "result": "K"})),
    ],
)
def test_inc_03_where_the_money_never_arrived_nothing_is_claimed_and_a_person_looks(
    orders: tuple[Row, ...], answers: tuple[Row, ...]
) -> None:
    letters = written(evidence(PAID, NOTHING_RIGHT, orders=orders, answers=answers), debt())
    withheld = WITHHELD.validated(unproved_rows(letters))
    assert withheld.select("document_no", "reason").rows() == [("DE-202610-0000018-01", UNPROVED)]


def test_what_was_paid_by_an_offset_counts_as_paid() -> None:
    used = {"debt_no": "C-0-202605", "decision_no": "C-1-202606", "guardian_resident_code": MOTHER, "offset_yen": 900}
    (letter,) = written(evidence(PAID, NOTHING_RIGHT, orders=(), offsets=(used,)), debt()).to_dicts()
    assert cited(letter)[0][2] == "返還金に充当"
    assert [what for what, *_ in cited(letter)] == ["支給した額", "改めた支給額"]
    assert letter["proved"]


def test_every_debt_has_its_own_letter_and_number() -> None:
    other = [decision("C-2-202606", date(2026, 6, 1), 500, 2), decision("C-2-202607", JULY, 0, 2)]
    order = ORDER | {"payment_no": "0000000002", "decision_no": "C-2-202606", "amount_yen": 500}
    second = debt("C-2-202607", 500, 500, paid_no="C-2-202606")
    found = evidence(PAID, NOTHING_RIGHT, *other, orders=(ORDER, order))
    letters = written(found, debt(), second)
    assert letters["document_no"].to_list() == ["DE-202610-0000018-01", "DE-202610-0000018-02"]
    rows = LETTERS.validated(letter_rows(letters, "debt", OCTOBER))
    assert rows["subject_key"].to_list() == ["C-1-202607", "C-2-202607"]


def test_a_debt_is_claimed_in_one_month_and_never_again() -> None:
    owed = frame(DEBTS, [debt(claimed_month=None)])
    nothing = (frame(DECISIONS, []), frame(STEPS, []), frame(REOPENED, []))
    sent = []
    for month in (date(2026, 9, 1), OCTOBER, date(2026, 11, 1), date(2026, 12, 1)):
        owed = settle(
            *nothing, owed.with_columns(open_yen=pl.lit(1_500, pl.Int64)), IDENTITIES.empty(), LAW, month
        ).debts
        sent.append(claimed(owed, month).height)
    assert sent == [0, 1, 0, 0]


def test_a_debt_that_this_month_offset_to_nothing_is_not_claimed() -> None:
    assert claimed(frame(DEBTS, [debt(open_yen=0)]), OCTOBER).is_empty()


def test_the_letter_goes_to_who_was_paid_and_not_where_the_other_guardian_gets_mail() -> None:
    stated = "東京都千代田区見本町9番9号"
    mothers = written(evidence(PAID, NOTHING_RIGHT), debt(), mailing=stated)
    assert mothers["guardian_mailing_address"].to_list() == [stated]
    fathers = written(evidence(PAID, NOTHING_RIGHT), debt(guardian_resident_code=FATHER), mailing=stated)
    assert fathers["guardian_name"].to_list() == ["見本　太郎"]
    assert fathers["guardian_mailing_address"].to_list() == [None]


def test_a_protected_debtor_is_withheld_unless_an_address_for_mail_was_stated() -> None:
    found = evidence(PAID, NOTHING_RIGHT)
    _, withheld = address_letters(written(found, debt(), protected="1"), DEBT.columns)
    assert withheld["reason"].to_list() == [NEEDS_SAFE_ADDRESS]
    addressed, _ = address_letters(
        written(found, debt(), protected="1", mailing="東京都千代田区見本町9番9号"), DEBT.columns
    )
    assert addressed.frame["address"].to_list() == ["東京都千代田区見本町9番9号"]
    assert "見本町1番地" not in str(addressed.frame.rows())


def test_the_lines_asked_for_are_those_of_the_debts_and_of_the_news() -> None:
    claims = frame(DEBTS, [debt(news_feed="receipts", news_delivery="receipts_1", news_line_no=8)])
    own = frame(DECISIONS, [NOTHING_RIGHT])
    assert lines(claims, own).rows() == [("claims", "claims_1", 1), ("receipts", "receipts_1", 8)]


def letters_about(*debts: str, kind: str = "debt") -> pl.DataFrame:
    return frame(
        LETTERS, [{"document_no": f"{kind}-{at}", "kind": kind, "subject_key": no} for at, no in enumerate(debts)]
    )


ONE, TWO = debt("C-1-202607"), debt("C-2-202607")
WAITING = debt("C-3-202607", claimed_month=None)
OLDER = debt("C-4-202607", claimed_month=date(2026, 9, 1))
PAID_OFF = debt("C-5-202607", open_yen=0)


def test_each_debt_claimed_now_has_its_letter_and_no_other_debt_has_one() -> None:
    debts = frame(DEBTS, [ONE, TWO, WAITING, OLDER, PAID_OFF])
    sent, others = letters_about("C-1-202607", "C-2-202607"), letters_about("C-3-202607", kind="payment")
    earlier = pl.concat([letters_about("C-4-202607"), letters_about("C-1-202607", kind="payment")])
    assert misclaimed(debts, pl.concat([sent, others]), earlier, OCTOBER).is_empty()


@pytest.mark.parametrize(
    ("sent", "before", "wrong"),
    [
        (["C-1-202607"], [], ("C-2-202607", 0, 0)),
        (["C-1-202607", "C-2-202607", "C-2-202607"], [], ("C-2-202607", 2, 0)),
        (["C-1-202607", "C-2-202607"], ["C-2-202607"], ("C-2-202607", 1, 1)),
        (["C-1-202607", "C-2-202607", "C-3-202607"], [], ("C-3-202607", 1, 0)),
        (["C-1-202607", "C-2-202607", "C-4-202607"], ["C-4-202607"], ("C-4-202607", 1, 1)),
        (["C-1-202607", "C-2-202607", "C-5-202607"], [], ("C-5-202607", 1, 0)),
        (["C-1-202607", "C-2-202607", "C-9-202607"], [], ("C-9-202607", 1, 0)),
    ],
    ids=["forgotten", "twice", "again", "not yet", "long ago", "paid off", "of nothing"],
)
def test_a_debt_without_its_letter_or_a_letter_too_many_is_found(
    sent: list[str], before: list[str], wrong: tuple[str, int, int]
) -> None:
    debts = frame(DEBTS, [ONE, TWO, WAITING, OLDER, PAID_OFF])
    assert misclaimed(debts, letters_about(*sent), letters_about(*before), OCTOBER).rows() == [wrong]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A home in which September claimed one debt."""
    with living_in(tmp_path) as house:
        KeyRing.create(key_file())
        house.shelf.publish(LETTERS, "2026-09", letters_about("C-4-202607"), run_id="test")
        yield house


def test_the_check_fails_for_a_debt_that_september_had_claimed_already(house: House) -> None:
    debts = frame(DEBTS, [ONE, OLDER])
    assert one_letter_ever(house, letters_about("C-1-202607"), debts, OCTOBER).passed
    assert not one_letter_ever(house, letters_about("C-1-202607", "C-4-202607"), debts, OCTOBER).passed
    assert not one_letter_ever(house, letters_about(), debts, OCTOBER).passed
    again = frame(DEBTS, [ONE, debt("C-4-202607")])
    assert not one_letter_ever(house, letters_about("C-1-202607", "C-4-202607"), again, OCTOBER).passed
