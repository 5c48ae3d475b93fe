"""What was accepted stays accepted, and a child has one number for ever."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from sqlalchemy import Engine

from resources.delivery import AcceptedDelivery
from resources.registry import Registry, RegistryError
from schemas.checkdigits import m10w21_holds
from tests.resources.children import CITY
from tests.support.postgres import on_both_databases

DELIVERY = AcceptedDelivery(
    feed="receipts",
    sequence=1,
    as_of=date(2026, 10, 10),
    load="diff",
    sha256="a" * 64,
    rows=1234,
    yen=9_999_999_999,
    partition="2026-10",
    file="receipts_diff_20261010_0001.csv",
    channel="linkage",
)
CHILDREN = [f"{number:015d}" for number in range(1, 6)]


@pytest.fixture
def registry(engine: Engine) -> Registry:
    return Registry(engine)


def numbers(registry: Registry, wanted: dict[str, str | None], first_serial: int = 1) -> pl.DataFrame:
    schema = {"child_resident_code": pl.String, "beneficiary_no": pl.String}
    frame = pl.DataFrame(list(wanted.items()), schema=schema, orient="row")
    return registry.beneficiary_numbers(CITY, frame, first_serial)


@on_both_databases
def test_accepted_deliveries_come_back_in_sequence(registry: Registry) -> None:
    second = replace(DELIVERY, sequence=2, file="receipts_diff_20261011_0002.csv")
    assert registry.accept(CITY, [second, DELIVERY]) == 2
    assert registry.accepted(CITY, "receipts") == [DELIVERY, second]
    assert registry.accepted("111007", "receipts") == registry.accepted(CITY, "claims") == []


def test_accepting_again_is_no_change(registry: Registry) -> None:
    assert [registry.accept(CITY, [DELIVERY]), registry.accept(CITY, [DELIVERY])] == [1, 0]
    assert registry.accepted(CITY, "receipts") == [DELIVERY]


@on_both_databases
@pytest.mark.parametrize("change", [{"sha256": "b" * 64}, {"rows": 1}, {"partition": "2026-11"}, {"yen": 0}], ids=str)
def test_the_same_sequence_with_other_content_is_refused_whole(registry: Registry, change: dict[str, object]) -> None:
    registry.accept(CITY, [DELIVERY])
    with pytest.raises(RegistryError, match="別の内容で受理"):
        registry.accept(CITY, [replace(DELIVERY, sequence=2), replace(DELIVERY, **change)])
    assert registry.accepted(CITY, "receipts") == [DELIVERY]


@on_both_databases
def test_children_without_a_number_get_the_next_free_ones(registry: Registry) -> None:
    given = numbers(registry, dict.fromkeys(reversed(CHILDREN[:3])))
    assert given["child_resident_code"].to_list() == CHILDREN[:3]
    assert given["beneficiary_no"].str.slice(0, 6).to_list() == ["000001", "000002", "000003"]
    assert all(map(m10w21_holds, given["beneficiary_no"]))
    assert not given["contradicts"].any()


def test_asking_again_gives_the_same_numbers(registry: Registry) -> None:
    first = numbers(registry, dict.fromkeys(CHILDREN[:2]))
    assert numbers(registry, dict.fromkeys(CHILDREN[:4])).head(2).equals(first)
    assert numbers(registry, dict.fromkeys(CHILDREN[:2])).equals(first)


def test_numbers_given_at_the_counter_are_kept_and_never_given_again(registry: Registry) -> None:
    at_counter = {CHILDREN[0]: "0000026", CHILDREN[1]: None, CHILDREN[2]: None}
    given = numbers(registry, at_counter)
    assert given["beneficiary_no"].str.slice(0, 6).to_list() == ["000002", "000001", "000003"]
    assert not given["contradicts"].any()


def test_a_number_of_another_child_is_not_given_but_told(registry: Registry) -> None:
    numbers(registry, {CHILDREN[0]: "1234566"})
    given = numbers(registry, {CHILDREN[0]: "0000026", CHILDREN[1]: "1234566", CHILDREN[2]: None})
    assert given["contradicts"].to_list() == [True, True, False]
    assert given["beneficiary_no"][0] == "1234566"
    assert given["beneficiary_no"].n_unique() == 3


@on_both_databases
def test_one_number_given_to_two_children_at_once_goes_to_the_first(registry: Registry) -> None:
    given = numbers(registry, {CHILDREN[1]: "1234566", CHILDREN[0]: "1234566"})
    assert given["contradicts"].to_list() == [False, True]
    assert given["beneficiary_no"][0] == "1234566"


def test_numbers_only_looked_at_are_the_ones_that_would_be_given_and_none_is_entered(registry: Registry) -> None:
    numbers(registry, {CHILDREN[0]: "1234566"})
    wanted = pl.DataFrame({"child_resident_code": CHILDREN[:3], "beneficiary_no": [None, None, None]}).cast(pl.String)
    looked, again = (registry.beneficiary_numbers(CITY, wanted, enter=False) for _ in range(2))
    assert looked.equals(again)
    assert looked["beneficiary_no"][0] == "1234566"
    others = numbers(registry, {CHILDREN[3]: None})["beneficiary_no"].to_list()
    assert others == looked["beneficiary_no"][1:2].to_list()


def test_a_child_named_twice_is_refused(registry: Registry) -> None:
    frame = pl.DataFrame({"child_resident_code": CHILDREN[:1] * 2, "beneficiary_no": ["1234566", None]})
    with pytest.raises(RegistryError, match="2度"):
        registry.beneficiary_numbers(CITY, frame)


def test_when_no_number_is_left_nothing_is_given(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="空きがありません"):
        numbers(registry, dict.fromkeys(CHILDREN), first_serial=999_998)
    assert numbers(registry, dict.fromkeys(CHILDREN[4:]))["beneficiary_no"][0].startswith("000001")


def test_cities_number_their_children_each_on_its_own(registry: Registry) -> None:
    frame = pl.DataFrame({"child_resident_code": CHILDREN[:1], "beneficiary_no": ["1234566"]})
    given = [registry.beneficiary_numbers(city, frame) for city in (CITY, "111007")]
    assert given[0].equals(given[1])
