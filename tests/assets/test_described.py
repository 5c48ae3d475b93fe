"""What an asset says when the data is at fault."""

import errno

import dagster as dg
import polars as pl
import pytest

from assets.calendar import MONTHLY
from assets.described import honest, table
from resources.trouble import TROUBLE
from schemas.errors import CityError
from schemas.records.statistics import EQUATIONS


def refuse() -> pl.DataFrame:
    raise CityError("納品に誤りがあります。送り直してください。")


def test_a_city_error_becomes_a_failure_that_is_not_retried_and_carries_only_its_sentence() -> None:
    with pytest.raises(dg.Failure) as failed:
        honest(refuse)()
    assert failed.value.description == "納品に誤りがあります。送り直してください。"
    assert failed.value.allow_retries is False
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None


def test_a_full_disk_becomes_a_failure_that_is_trouble_and_may_be_tried_again() -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "full", "/home/somebody")

    with pytest.raises(dg.Failure) as failed:
        honest(full)()
    assert str(failed.value.description).startswith("ディスクの空きがありません(ENOSPC)。")
    assert failed.value.metadata == {TROUBLE: dg.MetadataValue.text("ENOSPC")}
    assert failed.value.allow_retries is True
    assert failed.value.__context__ is None


def test_any_other_error_stays_what_it_is() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        honest(broken)()


def test_a_table_is_a_partitioned_asset_named_after_its_record() -> None:
    @table(EQUATIONS, group="statistics", partitions=MONTHLY)
    def made() -> pl.DataFrame:
        return EQUATIONS.empty()

    (spec,) = made.specs
    assert spec.key.to_user_string() == EQUATIONS.name
    assert made.partitions_def == MONTHLY
    assert spec.metadata["record"] == EQUATIONS.name


def test_a_group_without_an_owner_is_no_group() -> None:
    with pytest.raises(KeyError):
        table(EQUATIONS, group="nobody", partitions=MONTHLY)(lambda: EQUATIONS.empty())
