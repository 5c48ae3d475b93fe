"""A certificate outlives the key it was signed with, and a new one names the new key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.certificate.assets import _send
from pipelines.cli import app
from reports.certificate.equation import Equation, Term
from reports.certificate.signed import public_text, signer
from resources.house import House
from resources.keys import KeyRing, key_file
from tests.support.month import living_in

KEY = "2026-10"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living_in(tmp_path / "home") as house:
        KeyRing.create(key_file())
        yield house
        house.engine.dispose()


def made(house: House, yen: int) -> Path:
    """The file of a certificate over so many yen."""
    left, right = (Term(label, (("a", 1, yen),)) for label in ("請求", "支給"))
    _send(house, KEY, [Equation("outcomes", "請求 = 支給", (left,), (right,))])
    found = house.outbox.find(f"certificate_{KEY}.json")
    assert found is not None
    return found.path


def public_keys(house: House) -> list[str]:
    """Of today, then of before."""
    return [public_text(key.public_key()) for key in house.signing_keys]


def verify(path: Path, key: str) -> int:
    return CliRunner().invoke(app, ["verify", str(path), "--key", key]).exit_code


def test_made_again_after_a_rotation_it_keeps_its_signature(house: House) -> None:
    path = made(house, 700)
    before, entries = path.read_bytes(), len(house.outbox.journal())
    KeyRing.load(key_file()).rotated()
    assert made(house, 700).read_bytes() == before
    assert len(house.outbox.journal()) == entries
    today, older = public_keys(house)
    assert (verify(path, older), verify(path, today)) == (0, 1)
    assert older in path.with_suffix(".html").read_text()


def test_one_that_says_something_else_after_a_rotation_names_the_new_key(house: House, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_bytes(made(house, 700).read_bytes())
    KeyRing.load(key_file()).rotated()
    path = made(house, 701)
    today, older = public_keys(house)
    assert signer(path.read_bytes()) == today != older == signer(kept.read_bytes())
    assert today in path.with_suffix(".html").read_text()
    assert [verify(path, today), verify(path, older), verify(kept, older), verify(kept, today)] == [0, 1, 0, 1]


def test_the_command_shows_the_key_of_today_and_on_request_those_of_before(house: House) -> None:
    KeyRing.load(key_file()).rotated()
    assert CliRunner().invoke(app, ["public-key"]).output.split() == public_keys(house)[:1]
    assert CliRunner().invoke(app, ["public-key", "--all"]).output.split() == public_keys(house)
