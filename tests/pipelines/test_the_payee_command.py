"""`kodomo payee`: two people let a payee pass, one sentence per step, exit 1 where a step is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from resources.house import House
from tests.resources.children import payment_entries
from tests.support.month import living_in

NUMBER = "0000000001"
WHY = ("--why", "改姓前の名義", "--evidence", "戸籍の附票")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living_in(tmp_path / "home") as house:
        house.ledger.enter_orders(payment_entries(2), run_id="r")
        yield house


def said(*words: str) -> tuple[int, str]:
    """The exit code and the one line."""
    result = CliRunner().invoke(app, ["payee", *words])
    (line,) = result.output.splitlines()
    return result.exit_code, line


def test_two_people_let_a_payee_pass_step_by_step(house: House) -> None:
    assert said("list") == (0, "通した受取人はありません")
    assert said("confirm", NUMBER, "--person", "乙")[0] == 1
    told = f"支払番号 {NUMBER}: 甲 が認め(改姓前の名義、証拠 戸籍の附票)、"
    assert said("accept", NUMBER, "--person", "甲", *WHY) == (0, f"{told}もう一人の確認を待っています")
    code, line = said("confirm", NUMBER, "--person", "甲")
    assert (code, "別の人" in line) == (1, True)
    assert house.payees.accepted(house.ledger.orders()).is_empty()
    assert said("confirm", NUMBER, "--person", "乙") == (0, f"{told}乙 が確認しました")
    assert said("list") == (0, f"{told}乙 が確認しました")
    assert house.payees.accepted(house.ledger.orders()).rows() == [(NUMBER, "甲と乙")]


def test_an_order_that_is_none_is_refused(house: House) -> None:
    assert said("accept", "0000000009", "--person", "甲", *WHY) == (
        1,
        "その番号の支払はありません。 支払番号を確認してください。",
    )
    assert house.payees.all() == []
