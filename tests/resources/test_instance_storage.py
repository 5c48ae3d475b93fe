"""One dagster.yaml opens on both databases without a variable of its own, and keeps its history."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
import yaml
from sqlalchemy import inspect
from sqlalchemy.engine import URL

from resources.database import open_engine

ROOT = Path(__file__).parents[2]


@dg.op
def nothing() -> int:
    return 1


@dg.job
def quiet() -> None:
    nothing()


@pytest.fixture
def home(database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a DAGSTER_HOME with the project's dagster.yaml."""
    place = tmp_path / "place"
    place.mkdir()
    shutil.copy(ROOT / "dagster.yaml", place)
    monkeypatch.setenv("DAGSTER_HOME", str(place))
    monkeypatch.setenv("KODOMO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KODOMO_DATABASE_URL", raising=False)
    if database.get_backend_name() == "postgresql":
        plain = database.set(drivername="postgresql").render_as_string(hide_password=False)
        monkeypatch.setenv("KODOMO_DATABASE_URL", plain)
    return tmp_path / "home"


def test_history_survives_the_process_on_either_database(home: Path, database: URL) -> None:
    with dg.DagsterInstance.get() as instance:
        run_id = quiet.execute_in_process(instance=instance).run_id
    with dg.DagsterInstance.get() as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        assert instance.all_logs(run_id)
    in_sqlite = database.get_backend_name() == "sqlite"
    assert (home / "dagster" / "history" / "runs.db").exists() == in_sqlite
    if not in_sqlite:
        assert "event_logs" in inspect(open_engine(database)).get_table_names()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_runs_print_is_kept_nowhere_and_nothing_is_reported_home(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
        run_id = quiet.execute_in_process(instance=instance).run_id
        assert instance.compute_log_manager.get_log_data([run_id, "compute_logs", "x"]).stdout is None
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 4 * 3600
        assert instance.run_monitoring_max_resume_run_attempts == 0
        assert (instance.run_retries_enabled, instance.run_retries_max_retries) == (True, 2)
        assert not instance.run_retries_retry_on_asset_or_op_failure
        assert isinstance(instance.run_coordinator, dg.QueuedRunCoordinator)


def test_the_workspace_follows_no_directory() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text("utf-8"))
    assert workspace == {"load_from": [{"python_module": "pipelines.definitions"}]}
