"""`kodomo batch`: one sentence per step, exit 1 with one sentence where a step is refused."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pyrage
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from resources.database import utc_now
from resources.house import House
from tests.resources.children import payment_entries, prepare
from tests.support.month import living_in

BANK = pyrage.x25519.Identity.generate()  # type: ignore[attr-defined]
RECIPIENT = str(BANK.to_public())


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    with living_in(tmp_path / "home") as house, pytest.MonkeyPatch.context() as patch:
        if getattr(request, "param", "production") == "production":
            patch.setenv("KODOMO_MODE", "production")
        yield house


def batch_of(house: House) -> str:
    """A prepared batch whose deadline is still to come."""
    day: date = utc_now().date() + timedelta(days=25)
    house.ledger.enter_orders(payment_entries(3).with_columns(value_date=day), run_id="r")
    number = prepare(house.releases, day)
    assert number is not None
    return number


def said(*words: str) -> tuple[int, str]:
    """The exit code and the one line."""
    result = CliRunner().invoke(app, ["batch", *words])
    (line,) = result.output.splitlines()
    return result.exit_code, line


def test_two_persons_bring_a_file_to_the_bank_step_by_step(house: House, tmp_path: Path) -> None:
    number = batch_of(house)
    about = f"振込データ {number}(3件 303円)"
    key = ("--recipient", RECIPIENT)
    assert said("approve", number, "--person", "甲")[0] == 1
    assert said("approve", number, "--person", "乙") == (0, f"{about}を承認しました")
    assert said("release", number, "--person", "丙", *key) == (
        1,
        f"振込データ {number} は、まだ確定されていません。 kodomo batch show で状態を確認してください。",
    )
    assert said("seal", number, "--person", "乙") == (0, f"{about}を確定しました")
    assert said("release", number, "--person", "乙", *key)[0] == 1
    code, line = said("release", number, "--person", "丙", *key)
    file = tmp_path / "home" / "handover" / "112038" / f"zengin_{number}.txt.age"
    assert (code, line) == (0, f"{about}を引き渡しました: {file}")
    assert pyrage.decrypt(file.read_bytes(), [BANK]).startswith(b"payment_no")  # type: ignore[attr-defined]
    code, line = said("release", number, "--person", "丁", *key)
    assert code == 1
    assert " 丙 が引き渡しました。" in line
    assert said("erase", number, "--person", "乙") == (0, f"{about}の平文を消去しました")
    assert said("erase", number, "--person", "乙")[0] == 1
    shown = CliRunner().invoke(app, ["batch", "show", number]).output.splitlines()
    assert [line.split()[0] for line in shown[3:]] == ["作成済み", "承認済み", "確定済み", "引渡済み", "消去済み"]
    assert [line.split()[-1] for line in shown[3:]] == ["甲", "乙", "乙", "丙", "乙"]


def test_the_list_names_every_batch_and_where_it_stands(house: House) -> None:
    assert said("list") == (0, "振込データはありません")
    number = batch_of(house)
    code, line = said("list")
    assert code == 0
    assert line.startswith(f"{number} 作成済み 振込指定日 ")
    assert line.endswith(" 3件 303円")


def test_a_batch_is_withdrawn_for_a_reason_and_its_payments_go_into_the_next(house: House) -> None:
    number = batch_of(house)
    assert said("withdraw", number, "--person", "乙", "--reason", " ")[0] == 1
    done = said("withdraw", number, "--person", "乙", "--reason", "口座の誤り")
    assert done == (0, f"振込データ {number}(3件 303円)を取り下げました")
    assert said("list")[1].startswith(f"{number} 取下げ済み ")
    assert said("withdraw", number, "--person", "乙", "--reason", "口座の誤り")[0] == 1
    assert house.ledger.unbatched(date.max).height == 3


def test_an_unknown_number_is_refused_in_one_sentence(house: House) -> None:
    refused = (1, "その番号の振込データはありません。 番号を確認してください。")
    for step in ("approve", "seal", "erase"):
        assert said(step, "x", "--person", "乙") == refused
    assert said("release", "x", "--person", "乙", "--recipient", RECIPIENT) == refused
    assert said("show", "x") == refused


@pytest.mark.parametrize("house", ["test"], indirect=True)
def test_a_batch_of_a_test_environment_stays_here(house: House, tmp_path: Path) -> None:
    number = batch_of(house)
    assert " 試験 " in said("list")[1]
    for step in ("approve", "seal"):
        assert said(step, number, "--person", "乙")[0] == 0
    refused = said("release", number, "--person", "丙", "--recipient", RECIPIENT)
    assert refused[0] == 1
    assert "試験環境の振込データは引き渡せません。" in refused[1]
    assert not (tmp_path / "home" / "handover").exists()
