"""A day's orders: judged, put in batches, and told in a report beside every file."""

import dataclasses
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.payment.bank import Bank
from assets.payment.rules import BankFileRefused
from resources.house import House
from schemas.records.payment import BANK_FILES, WORK
from tests.support.month import living_in

OCTOBER, DAY = date(2026, 10, 1), date(2026, 11, 30)
HOLDERS = {"C1": "ミホン ハナコ", "C2": "ミホン タロウ", "C3": "ミホン キュウセイ", "C4": "ヲカダ ハナコ"}
"""The guardian, her husband, her maiden name, a family whose name the bank cannot take."""
REGISTERED = pl.DataFrame({"beneficiary_no": ["0000018", "0000026"], "child_resident_code": ["1", "5"]})
PEOPLE = pl.DataFrame(
    [
        ("1", "A", "ミホン コ"),
        ("2", "A", "ミホン ハナコ"),
        ("3", "A", "ミホン タロウ"),
        ("5", "B", "ヲカダ コ"),
        ("6", "B", "ヲカダ ハナコ"),
    ],
    schema=["resident_code", "household_no", "name_kana"],
    orient="row",
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living_in(tmp_path / "home") as house:
        yield house


def entered(house: House) -> None:
    """The four orders in the ledger."""
    rows = pl.DataFrame({"subject_key": list(HOLDERS), "account_holder_kana": list(HOLDERS.values())}).with_columns(
        subject_kind=pl.lit("claim"), amount_yen=pl.lit(1_120, pl.Int64), bank_code=pl.lit("0017"),
        branch_code=pl.lit("357"), account_type=pl.lit("1"), value_date=pl.lit(DAY), decided_month=pl.lit(OCTOBER),
        account_number=pl.format("765432{}", pl.col("subject_key").str.slice(1)),
    )  # fmt: skip
    house.ledger.enter_orders(rows, run_id="r")


def bank(house: House) -> Bank:
    """What the monthly run of October makes of them."""
    told = house.ledger.orders()
    other = pl.col("account_holder_kana").str.starts_with("ヲ")
    known = told.with_columns(
        beneficiary_no=pl.when(other).then(pl.lit("0000026")).otherwise(pl.lit("0000018")),
        guardian_resident_code=pl.when(other).then(pl.lit("6")).otherwise(pl.lit("2")),
    )
    return Bank(house, OCTOBER, DAY, known, REGISTERED, PEOPLE)


def run(house: House) -> list[dict[str, object]]:
    """Prepare and lay out, as the month does."""
    made = bank(house)
    made.prepare()
    files = made.lay_out()
    assert pl.DataFrame(files, schema=BANK_FILES.schema).height == len(files)
    assert WORK.validated(made.work).height == made.work.height
    return files


def lying(house: House) -> set[str]:
    return {path.name for path in (house.outbox.root / house.municipality / "2026-10").iterdir()}


def content(house: House, name: str) -> str:
    return house.outbox.content(name).decode()


def test_a_file_and_its_report_lie_in_the_outbox_and_name_what_was_held_back(house: House) -> None:
    entered(house)
    (file,) = run(house)
    report = "preflight_112038-20261130-01"
    assert lying(house) == {"zengin_112038-20261130-01.txt", f"{report}.html", f"{report}.pdf"}
    told = content(house, f"{report}.html")
    assert (file["orders"], file["total_yen"]) == (2, 2_240)
    assert str(file["sha256"]) in told
    assert "2件 2,240円を除いて作りました" in told
    assert "ヲ（U+30F2）" in told
    assert "試験用のデータ" in told
    assert "誤りはありませんでした" in told
    assert "7654321" not in told


def test_a_payee_two_people_let_pass_goes_into_the_next_file_and_the_first_stays_as_it_is(house: House) -> None:
    entered(house)
    (first,) = run(house)
    number = house.ledger.orders().filter(subject_key="C3")["payment_no"].item()
    house.payees.propose(house.ledger.orders(), number, person="甲", why="改姓前の名義", evidence="戸籍の附票")
    assert run(house) == [first]
    house.payees.confirm(house.ledger.orders(), number, person="乙")
    again, second = run(house)
    assert again == first
    assert (second["batch_no"], second["orders"]) == ("112038-20261130-02", 1)
    told = bank(house).found.filter(payment_no=number, rule="Z15").select("severity", "sentence").rows()
    assert told == [("warning", "受取人は受給資格者でもその家族でもありません。甲と乙が確かめて通しました。")]
    assert "甲と乙" in content(house, "preflight_112038-20261130-02.html")
    assert run(house) == [first, second]


def test_a_day_without_orders_has_a_report_and_no_file(house: House) -> None:
    assert run(house) == []
    assert lying(house) == {"preflight_112038-20261130.html", "preflight_112038-20261130.pdf"}
    assert "支払はありません" in content(house, "preflight_112038-20261130.html")


def test_the_days_report_goes_once_there_is_a_file_and_each_file_keeps_its_own(house: House) -> None:
    assert run(house) == []
    day = {"preflight_112038-20261130.html", "preflight_112038-20261130.pdf"}
    assert lying(house) == day
    entered(house)
    made = bank(house)
    made.originator = dataclasses.replace(made.originator, account_no="見本")
    with pytest.raises(BankFileRefused):
        made.prepare()
    assert lying(house) == day
    run(house)
    own = {f"preflight_112038-20261130-01.{ending}" for ending in ("html", "pdf")}
    assert lying(house) == {"zengin_112038-20261130-01.txt", *own}
    journal = house.outbox.journal()
    run(house)
    assert (lying(house) & day, house.outbox.journal()) == (set(), journal)
    assert day < {entry["name"] for entry in journal}
    assert house.outbox.verify() == len(journal)


def test_without_a_batch_again_the_day_has_its_report_again(house: House) -> None:
    entered(house)
    (file,) = run(house)
    house.releases.withdraw(str(file["batch_no"]), "口座の誤り", person="乙")
    assert bank(house).lay_out() == []
    assert {"preflight_112038-20261130.html", "preflight_112038-20261130.pdf"} < lying(house)


def test_a_fault_of_the_whole_file_is_told_in_a_report_before_the_run_stops(house: House) -> None:
    entered(house)
    made = bank(house)
    made.originator = dataclasses.replace(made.originator, account_no="見本")
    with pytest.raises(BankFileRefused, match="振込依頼人の口座番号"):
        made.prepare()
    told = content(house, "preflight_112038-20261130.html")
    assert "振込データを作れません" in told
    assert "振込依頼人の口座番号が7桁以内の数字ではありません。" in told
    assert house.ledger.batches(DAY) == []
