"""`kodomo database`: one sentence per step, exit 1 with one sentence where a step is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from resources.house import House
from resources.ledger_roles import ROLES
from resources.schema import revisions, upgrade
from tests.support.month import living_in


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with living_in(tmp_path / "home") as house:
        yield house


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.output


def test_a_database_of_an_older_program_is_shown_refused_and_upgraded(house: House) -> None:
    first, newest = revisions()[0], revisions()[-1]
    assert said("database", "show") == (0, f"データベースの版 空(この版の kodomo は {newest})\n")
    upgrade(house.engine, first)
    code, told = said("database", "show")
    assert (code, told.startswith(f"データベースの版 {first}")) == (0, True)
    code, told = said("batch", "list")
    assert (code, "kodomo database upgrade" in told) == (1, True)
    assert said("database", "upgrade") == (0, f"データベースは版 {newest} です\n")
    assert said("batch", "list") == (0, "振込データはありません\n")


def test_the_rights_are_printed_for_the_dba(house: House) -> None:
    code, told = said("database", "roles")
    assert code == 0
    assert all(f"CREATE ROLE {role} NOLOGIN" in told for role in ROLES)
    assert "GRANT INSERT ON approvals TO kodomo_approver;\n" in told


def test_sqlite_takes_no_roles_and_no_logins(house: House) -> None:
    for words in (("roles", "--apply"), ("login", "tanaka", "--person", "田中")):
        code, told = said("database", *words)
        assert (code, "PostgreSQL" in told) == (1, True)
