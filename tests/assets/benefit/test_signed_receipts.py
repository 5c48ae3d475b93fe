"""返戻・過誤・再審査: which receipt a signed row changes, by how much, and what may be paid after it."""

import itertools
from datetime import date

import polars as pl
import pytest

from assets.benefit.checker import unexplained
from assets.benefit.deciding import paid_keys
from schemas.records.register import IDENTITIES
from tests.support.cases import claim, decided_claims, decided_receipts, receipt

Row = dict[str, object]
EARLY, LATE = date(2026, 8, 10), date(2026, 9, 10)


def bill(yen: int = 900, line_no: int = 1, **more: object) -> Row:
    """A first receipt of so many yen, delivered in August."""
    return receipt(total=yen * 10 // 3, own=yen, line_no=line_no, known_date=EARLY, delivery="receipts_1") | more


def signed(yen: int, line_no: int = 9, change: str = "2", **more: object) -> Row:
    """A signed row of September."""
    money = ("rcpt_total_medical_cost_yen", "rcpt_self_pay_yen", "rcpt_public_expense_yen")
    later = {"receipt_change": change, "line_no": line_no, "known_date": LATE, "delivery": "receipts_2"}
    return receipt() | dict(zip(money, (yen * 10 // 3, yen, yen), strict=True)) | later | more


def again(yen: int = 900, line_no: int = 5, **more: object) -> Row:
    """The receipt billed again in September."""
    return bill(yen, line_no) | {"known_date": LATE, "delivery": "receipts_2"} | more


def outcomes(*rows: Row) -> list[tuple[str, str, int]]:
    """(judgement, reason, yen) of each row, in the order given."""
    numbered = [row | {"receipt_no": f"{at:06d}"} for at, row in enumerate(rows)]
    decisions, steps = decided_receipts(numbered)
    assert unexplained(decisions, steps).is_empty()
    ordered = decisions.sort(pl.col("subject_key").str.split("-").list.get(3))
    return list(ordered.select("judgement", "reason", "amount_yen").iter_rows())


PAID, TAKEN, DOUBLED = ("1", "P0", 900), ("3", "R0", -900), ("2", "D1", 0)
WAITS, NOTHING = ("4", "R1", 0), ("2", "R2", 0)


@pytest.mark.parametrize("change", ["1", "2", "3"])
def test_a_withdrawal_takes_back_what_its_original_was_paid(change: str) -> None:
    assert outcomes(bill(), signed(-900, change=change)) == [PAID, TAKEN]


@pytest.mark.parametrize(
    ("case", "row"),
    [
        ("another month", {"service_month": date(2026, 5, 1)}),
        ("another institution", {"rcpt_institution_code": "1110000016"}),
        ("another 入外", {"rcpt_inpatient_outpatient_code": "5"}),
        ("another reviewing body", {"review_body": "2"}),
        ("another 検索番号", {"rcpt_search_no": "B"}),
    ],
)
def test_a_signed_row_without_its_original_waits(case: str, row: Row) -> None:
    assert outcomes(bill(rcpt_search_no="A"), signed(-900, **row))[1] == WAITS, case


def test_a_signed_row_of_nobody_is_nobodys() -> None:
    assert outcomes(bill(), signed(-900, rcpt_patient_beneficiary_no="7777777"))[1] == ("2", "E2", 0)


@pytest.mark.parametrize("change", ["1", "2"])
def test_a_withdrawal_that_adds_yen_is_not_understood_and_waits(change: str) -> None:
    assert outcomes(bill(), signed(100, change=change)) == [PAID, WAITS]


def test_a_review_lowers_or_raises_what_was_paid() -> None:
    assert outcomes(bill(), signed(-150, change="3")) == [PAID, ("3", "R0", -150)]
    assert outcomes(bill(), signed(210, change="3")) == [PAID, ("3", "R0", 210)]


def test_several_signed_rows_take_turns_and_never_take_more_than_there_is() -> None:
    rows = [bill(), signed(-600, 1, "3"), signed(-600, 2, "3"), signed(-100, 3, "3"), signed(200, 4, "3")]
    assert [yen for _, _, yen in outcomes(*rows)] == [900, -600, -300, 0, 200]
    assert [yen for _, _, yen in outcomes(rows[0], *reversed(rows[1:]))] == [900, 200, 0, -300, -600]


def test_the_original_is_found_by_its_search_number_and_else_by_its_yen() -> None:
    two = [bill(900, 1, rcpt_search_no="A"), bill(600, 2, rcpt_search_no="B")]
    by_number = outcomes(*two, signed(-900, rcpt_search_no="A"))
    assert by_number == [PAID, ("1", "P0", 600), TAKEN]
    assert outcomes(*two, signed(-600, rcpt_search_no="B")) == [PAID, DOUBLED, NOTHING]
    assert outcomes(*two, signed(-600)) == [PAID, DOUBLED, NOTHING]
    assert outcomes(*two, signed(-900))[2] == TAKEN
    assert outcomes(*two, signed(-150, change="3"))[2] == WAITS
    assert outcomes(*two, signed(-900, rcpt_search_no="C"))[2] == WAITS


@pytest.mark.parametrize(
    ("case", "original", "expected"),
    [
        ("held", {"rcpt_public_expense_yen": 899}, WAITS),
        ("not entitled", {"rcpt_patient_sex": "2"}, WAITS),
        ("nothing to pay", {"rcpt_counter_yen": 900, "rcpt_public_expense_yen": 0}, NOTHING),
    ],
)
def test_a_signed_row_of_an_original_that_is_not_paid_takes_nothing(
    case: str, original: Row, expected: tuple[str, str, int]
) -> None:
    assert outcomes(bill() | original, signed(-900))[1] == expected, case


def test_a_receipt_billed_again_after_a_full_withdrawal_is_no_duplicate() -> None:
    for rows in itertools.permutations([again(600, 5), signed(-900, 9)]):
        found = dict(zip([row["line_no"] for row in rows], outcomes(bill(), *rows)[1:], strict=True))
        assert found == {5: ("1", "P0", 600), 9: TAKEN}
    assert outcomes(bill(), again(600), signed(-800, change="3"))[1] == DOUBLED
    assert outcomes(bill(), signed(-900), again(), again(line_no=6)) == [PAID, TAKEN, PAID, DOUBLED]


def test_the_second_withdrawal_takes_the_receipt_billed_again() -> None:
    assert outcomes(bill(), signed(-900, 8), again(), signed(-900, 9)) == [PAID, TAKEN, PAID, TAKEN]
    assert outcomes(bill(), signed(-900, 8), again(600), signed(-600, 9)) == [
        PAID,
        TAKEN,
        ("1", "P0", 600),
        ("3", "R0", -600),
    ]


def test_a_numbered_withdrawal_leaves_the_other_original_to_the_one_without_number() -> None:
    first, second = bill(900, 1, rcpt_search_no="A"), again(900, 5)
    found = outcomes(first, second, signed(-900, 8, rcpt_search_no="A"), signed(-900, 9))
    assert found == [PAID, PAID, TAKEN, TAKEN]


def test_a_withdrawn_receipt_leaves_room_for_a_claim_and_a_lowered_one_does_not() -> None:
    nobody = IDENTITIES.empty()
    for yen, reason in ((-900, "P0"), (-300, "D1")):
        decisions, _ = decided_receipts([bill(), signed(yen, change="3", receipt_no="000009")])
        claimed, _ = decided_claims([claim()], paid=paid_keys(decisions, nobody))
        assert claimed["reason"].to_list() == [reason]


def test_a_signed_row_is_explained_by_its_original_with_line_and_yen() -> None:
    _, steps = decided_receipts([bill(line_no=4), signed(-1_000, 9, "3", receipt_no="000009")])
    told = steps.filter(pl.col("decision_no").str.contains("-3-")).select("label", "yen", "text", "delivery", "line_no")
    assert told.rows()[:3] == [
        ("元のレセプト", None, "元のレセプトの請求額900円", "receipts_1", 4),
        ("過誤・再審査による増減", -1_000, None, "receipts_2", 9),
        ("控除しきれない額", 100, None, "receipts_2", 9),
    ]
    assert told["label"].to_list()[3:] == ["判定"]
