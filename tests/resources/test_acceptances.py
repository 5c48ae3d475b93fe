"""Acceptances: who let which finding pass, once and for good."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError as SqlError

from resources.acceptances import ACCEPTANCES, Acceptances
from resources.database import open_engine, sqlite_url

FINDING, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def acceptances(tmp_path) -> Acceptances:
    return Acceptances(open_engine(sqlite_url(tmp_path / "kodomo.sqlite")), "112038")


def test_a_finding_passes_once_somebody_let_it_and_no_other_with_it(acceptances: Acceptances) -> None:
    assert not acceptances.accepted("resident_taxes", FINDING)
    acceptances.accept("resident_taxes", FINDING, "係長", "送付元に確かめた")
    assert acceptances.accepted("resident_taxes", FINDING)
    assert not acceptances.accepted("resident_taxes", OTHER)
    assert not acceptances.accepted("arrears", FINDING)
    assert not Acceptances(acceptances.engine, "110001").accepted("resident_taxes", FINDING)


def test_who_let_it_pass_first_stands_and_cannot_be_changed(acceptances: Acceptances) -> None:
    acceptances.accept("resident_taxes", FINDING, "係長", "送付元に確かめた")
    acceptances.accept("resident_taxes", FINDING, "別の人", "もう一度")
    with acceptances.engine.begin() as connection:
        assert connection.scalars(select(ACCEPTANCES.c.person)).all() == ["係長"]
    with pytest.raises(SqlError), acceptances.engine.begin() as connection:
        connection.execute(text("UPDATE acceptances SET person = 'x'"))
