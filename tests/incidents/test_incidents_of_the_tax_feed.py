"""What happened in other cities when the meaning of a tax item moved, replayed against our gate and our income.

Each naive version stands beside its test: the test shows where it goes wrong, and that ours does not.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from assets.eligibility.means import incomes
from assets.feeds.checks import tax_drift
from assets.feeds.drift import drifted, seal
from resources.house import House
from resources.keys import KeyRing, key_file
from schemas.feeds.adapter import Adapter
from schemas.feeds.errors import DeliveryError
from schemas.feeds.layout import Source
from schemas.records.feeds import RESIDENT_TAXES, accepted
from schemas.records.register import IDENTITIES
from tests.support.cases import LAW, frame
from tests.support.month import living_in

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
NOW = LAW.at(OCTOBER)
ITEMS = yaml.safe_load((Path(__file__).with_name("tax_items.yaml")).read_text(encoding="utf-8"))
ADAPTER = Adapter.load("resident_taxes", "112038")
BASE_INCOME = 4_000_000
_NAMES = {item.no: item.name for item in RESIDENT_TAXES.items if item.no is not None}


def delivered(known: date = date(2026, 9, 10), people: int = 400, **changed: object) -> pl.DataFrame:
    """A full load of the year: every tenth person filed nothing, every fifth has medical costs, every eighth is a
    widow; `changed` is what the tax system writes into these columns now."""
    rows = [
        {
            "resident_code": f"{at:015d}", "tax_year": 2026, "revision_no": 1, "filing": "1" if at % 10 else "0",
            "taxed": "1", "total_income_yen": 2_000_000 + 10_000 * at if at % 10 else None, "known_date": known,
            "medical_expense_deduction_yen": 120_000 if at % 5 == 1 else 0, "widow_class": "4" if at % 8 == 3 else "0",
            "delivery": f"resident_taxes_full_{known:%Y%m%d}_0001.csv",
        }
        for at in range(people)
    ]  # fmt: skip
    return frame(accepted(RESIDENT_TAXES), [row | changed for row in rows])


def passes_the_rules(rows: pl.DataFrame) -> bool:
    """Naive: every row keeps every rule and there are as many as last time, so the file is the same kind of file."""
    return RESIDENT_TAXES.faults(rows).is_empty() and rows.height == delivered().height


CHANGES: list[tuple[str, dict[str, object], str]] = [
    ("a deduction is no longer sent", {"medical_expense_deduction_yen": 0}, "医療費控除 35"),
    ("a class is written in another way", {"widow_class": "1"}, "寡婦区分 33"),
    ("who filed nothing counts as no income", {"filing": "1", "total_income_yen": 0}, "未申告"),
    ("income stands in another item", {"retirement_income_yen": 1_000_000}, "退職所得 28"),
]


@pytest.mark.parametrize(("what", "changed", "figure"), CHANGES, ids=[change[0] for change in CHANGES])
def test_inc_07_a_setting_changed_in_the_tax_system_is_seen_before_anybody_is_decided(
    what: str, changed: dict[str, object], figure: str
) -> None:
    """大阪市 2009–11: a setting was changed, "we thought it had no effect"; 18 million yen paid wrongly."""
    october = delivered(date(2026, 10, 10), **changed)
    assert passes_the_rules(october)
    assert figure in drifted(delivered(), october, NOW)["figure"].to_list()


def test_inc_07_amounts_in_another_unit_are_seen_where_as_many_people_have_them() -> None:
    thousands = delivered(date(2026, 10, 10)).with_columns(pl.col("total_income_yen") // 1000)
    assert passes_the_rules(thousands)
    assert drifted(delivered(), thousands, NOW)["figure"].to_list() == ["総所得金額 27 の中央の額"]


def test_inc_07_an_ordinary_month_a_new_year_and_a_few_rows_pass() -> None:
    later = delivered(date(2026, 10, 10), people=410)
    assert drifted(delivered(), later, NOW).is_empty()
    assert drifted(delivered(), later.with_columns(tax_year=pl.lit(2027, pl.Int64), filing=pl.lit("0")), NOW).is_empty()
    assert drifted(delivered(), delivered(people=99, filing="0", total_income_yen=None), NOW).is_empty()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living_in(tmp_path) as house:
        KeyRing.create(key_file())
        house.shelf.publish(accepted(RESIDENT_TAXES), "2026-09", delivered(), run_id="test")
        yield house


def test_inc_07_what_moved_is_held_until_a_person_lets_exactly_that_pass(house: House) -> None:
    moved = delivered(date(2026, 10, 10), medical_expense_deduction_yen=0)
    found = tax_drift(house, OCTOBER, moved)
    assert not found.is_empty()
    house.acceptances.accept("resident_taxes", seal(found), "課税課の係長", "医療費控除は9月で送付を終えた")
    assert tax_drift(house, OCTOBER, moved).is_empty()
    more = delivered(date(2026, 10, 10), medical_expense_deduction_yen=0, widow_class="0")
    assert not tax_drift(house, OCTOBER, more).is_empty()
    assert tax_drift(house, OCTOBER, delivered(date(2026, 10, 10))).is_empty()


BASE = {"宛名番号": f"{2:015d}", "課税年度": "2026", "課税情報履歴番号": "1", "申告区分": "1", "課税区分": "1",
        "総所得金額": str(BASE_INCOME)}  # fmt: skip


def file_of(cells: dict[str, Any]) -> bytes:
    """A tax file of one person as the tax system writes it; a cell not named is 0."""
    headings = [column.column for column in ADAPTER.columns]
    row = {heading: "0" for heading in headings} | BASE | {name: str(said) for name, said in cells.items()}
    return (",".join(row) + "\r\n" + ",".join(row.values()) + "\r\n").encode()


def read_as(adapter: Adapter, cells: dict[str, Any]) -> pl.DataFrame:
    """The accepted row of a file through an adapter."""
    reading = adapter.read(file_of(cells), "resident_taxes_full_20261010_0001.csv")
    return adapter.typed(reading, adapter.record, Source("resident_taxes_full_20261010_0001.csv", OCTOBER)).accepted


def earned(rows: pl.DataFrame) -> tuple[int, int, int]:
    """(income, dependants, elderly) that the rules read out of a row."""
    return incomes(rows, IDENTITIES.empty(), LAW).select("income_yen", "dependants", "elderly").row(0)


def swapped(one: str, other: str) -> Adapter:
    """Naive: the mapping as it was typed in, with the items of two columns exchanged."""
    items = {column.column: column.item for column in ADAPTER.columns}
    turned = {one: items[other], other: items[one]}
    columns = tuple(replace(column, item=turned.get(column.column, column.item)) for column in ADAPTER.columns)
    return replace(ADAPTER, columns=columns)


def as_reviewed(adapter: Adapter, example: dict[str, Any]) -> bool:
    """Whether a file with one cell filled fills the item of that number, and moves the income and the dependants as
    the reviewed example says."""
    filled = read_as(adapter, {example["column"]: example["value"]})
    before, after = earned(read_as(adapter, {})), earned(filled)
    said = (example["income"], example["dependants"], example.get("elderly", 0))
    moved = tuple(new - old for new, old in zip(after, before, strict=True))
    return moved == said and str(filled[_NAMES[example["item_no"]]].item()) == str(example["value"])


@pytest.mark.parametrize("example", ITEMS, ids=[f"{example['item_no']} {example['column']}" for example in ITEMS])
def test_inc_08_each_tax_item_moves_the_income_as_its_reviewed_example_says(example: dict[str, Any]) -> None:
    """茅ヶ崎市 2017: tax items were mapped to the wrong place, and three offices judged incomes by them."""
    assert as_reviewed(ADAPTER, example)


def test_inc_08_every_item_from_24_to_48_has_one_example_under_its_own_heading() -> None:
    by_heading = {column.column: column.item for column in ADAPTER.columns}
    reviewed = {example["item_no"]: by_heading[example["column"]] for example in ITEMS}
    assert reviewed == _NAMES
    assert len(ITEMS) == len(reviewed) == 24


@pytest.mark.parametrize(
    ("one", "other"),
    [("医療費控除", "社会保険料控除"), ("その他障害扶養", "特別障害扶養"), ("総所得金額", "退職所得"),
     ("0～15歳の扶養数", "老人扶養数"), ("本人普通障害該当", "本人特別障害該当"), ("小規模共済等控除", "山林所得")],
)  # fmt: skip
def test_inc_08_a_mapping_with_two_items_exchanged_fails_its_examples(one: str, other: str) -> None:
    failing = [example["column"] for example in ITEMS if not as_reviewed(swapped(one, other), example)]
    assert sorted(failing) == sorted([one, other])


def with_income_tax_credit(row: dict[str, Any]) -> int:
    """Naive: the housing credit the person is told of is added back, whichever tax it was a credit against."""
    return int(row["総所得金額"]) - 80_000 + int(row["所得税の住宅借入金等特別控除"])


def test_inc_18_a_credit_against_income_tax_has_no_place_among_the_items_of_resident_tax() -> None:
    """未熟児養育医療 2025: after a change of the law the income-tax credit was added back instead of the one against
    resident tax. Here neither credit is part of an income, and a file that carries one is refused as a whole."""
    credit = {"所得税の住宅借入金等特別控除": 150_000}
    assert with_income_tax_credit(BASE | credit) != earned(read_as(ADAPTER, {}))[0] == BASE_INCOME - 80_000
    with pytest.raises(DeliveryError):
        ADAPTER.read(file_of(credit), "resident_taxes_full_20261010_0001.csv")


def test_inc_18_every_item_of_an_income_is_one_of_resident_tax() -> None:
    used = {*NOW.codes("income.parts"), *NOW.rows("income.deductions")["item"]} - {""}
    by_heading = {column.column: column.item for column in ADAPTER.columns}
    of_resident_tax = {by_heading[example["column"]] for example in ITEMS if example["tax"] == "住民税"}
    assert used <= of_resident_tax
    assert all(RESIDENT_TAXES[name].source == "個人住民税" for name in used)


def test_inc_18_a_heading_of_the_other_tax_is_not_taken_for_the_item() -> None:
    renamed = file_of({}).decode().replace("小規模共済等控除", "所得税の小規模企業共済等掛金控除").encode()
    with pytest.raises(DeliveryError):
        ADAPTER.read(renamed, "resident_taxes_full_20261010_0001.csv")
