"""Every asset tells the UI what it is, in Japanese, and who answers for it."""

import dagster as dg
import pytest

from assets.described import GROUPS
from pipelines.definitions import defs
from schemas.records.catalogue import RECORDS

SPECS = {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def japanese(text: str) -> bool:
    return any("\u3040" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_an_asset_has_description_owner_kind_group_and_columns(name: str) -> None:
    spec = SPECS[name]
    assert japanese(spec.description or "")
    assert spec.owners
    assert spec.kinds
    assert spec.group_name in GROUPS
    columns = spec.metadata["dagster/column_schema"]
    assert isinstance(columns, dg.TableSchema)
    assert tuple(column.name for column in columns.columns) == RECORDS[name].names
    assert all(japanese(column.description or "") for column in columns.columns if column.name not in LATIN)


LATIN = {"sha256", "yen", "file_name"}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_column_lineage_names_columns_that_exist(name: str) -> None:
    lineage = SPECS[name].metadata["dagster/column_lineage"]
    assert isinstance(lineage, dg.TableColumnLineage)
    for column, origins in lineage.deps_by_column.items():
        assert column in RECORDS[name].names
        for origin in origins:
            assert origin.column_name in RECORDS[origin.asset_key.to_user_string()].names


def test_every_table_of_the_catalogue_is_an_asset_and_every_asset_a_table() -> None:
    assert set(SPECS) == set(RECORDS)


def test_every_asset_is_partitioned_and_runs_in_exactly_one_job() -> None:
    jobs = [defs.resolve_job_def("nightly"), defs.resolve_job_def("monthly")]
    keys = [{key.to_user_string() for key in job.asset_layer.executable_asset_keys} for job in jobs]
    assert keys[0] | keys[1] == set(SPECS)
    assert not keys[0] & keys[1]
