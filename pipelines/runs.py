"""One Dagster run from the command line: the same run the UI shows, with a bar and an exit code.

Exit codes for the city's job manager: 0 done, 1 refused (a file, a rule or a check; the sentence says which),
3 trouble with the machine (disk, database, a defect). 2 is a wrong call of the command.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from uuid import uuid4

import dagster as dg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.definitions import defs
from resources.trouble import TROUBLE
from schemas.errors import CityError

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
STEP_ENDS = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.STEP_SKIPPED}
LOOK_EVERY_SECONDS = 0.3
CHECKOUT = Path(__file__).parents[1]
"""Where dagster.yaml lies, unless DAGSTER_HOME says otherwise."""


class Exit(IntEnum):
    """What a command ends with."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    TROUBLE = 3


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and one sentence per failed step or check."""

    exit: Exit
    run_id: str
    sentences: tuple[str, ...]


class NoSuchPartition(CityError):
    """A day or month before the first one, or one that has not begun."""


def run(job_name: str, key: str, instance: dg.DagsterInstance, progress: Progress) -> Outcome:
    """Run one partition of a job in this process."""
    job = defs.resolve_job_def(job_name)
    _refuse_unknown(job, key)
    run_id = str(uuid4())
    bar = progress.add_task(f"{job_name} {key}", total=len(job.all_node_defs))
    ended = _Ended(instance, run_id)
    with ThreadPoolExecutor(1) as worker:
        future = worker.submit(
            job.execute_in_process,
            partition_key=key,
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            run_config=QUIET,
        )
        while True:
            try:
                result = future.result(timeout=LOOK_EVERY_SECONDS)
                break
            except TimeoutError:
                progress.update(bar, completed=ended.count())
    progress.update(bar, completed=ended.count())
    return _outcome(result, run_id)


def _refuse_unknown(job: dg.JobDefinition, key: str) -> None:
    keys = job.partitions_def.get_partition_keys() if job.partitions_def else ()
    if key not in keys:
        raise NoSuchPartition(f"{key} は処理できません。{keys[0]} から {keys[-1]} までを指定してください。")


@dataclass
class _Ended:
    """How many steps of a run have ended; each look reads only what came since the last."""

    instance: dg.DagsterInstance
    run_id: str
    seen: int = 0
    cursor: str | None = None

    def count(self) -> int:
        """The number by now."""
        fresh = self.instance.get_records_for_run(self.run_id, self.cursor, of_type=STEP_ENDS)
        self.seen, self.cursor = self.seen + len(fresh.records), fresh.cursor
        return self.seen


def _outcome(result: dg.ExecuteInProcessResult, run_id: str) -> Outcome:
    ended = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    failures = [event for event in ended if not _of_a_check(event)]
    checks = [check for check in result.get_asset_check_evaluations() if not check.passed]
    sentences = [_sentence(event) for event in failures]
    sentences += [f"{check.asset_key.to_user_string()}: {check.check_name} が成り立ちません" for check in checks]
    if result.success and not checks:
        return Outcome(Exit.DONE, run_id, ())
    told = all(_told(event) for event in failures)
    return Outcome(Exit.REFUSED if told else Exit.TROUBLE, run_id, tuple(sentences))


def _of_a_check(event: dg.DagsterEvent) -> bool:
    """Whether a step ended only because its blocking check did not pass."""
    error = event.step_failure_data.error
    return error is not None and error.cls_name == "DagsterAssetCheckFailedError"


def _told(event: dg.DagsterEvent) -> bool:
    told = event.step_failure_data.user_failure_data
    return told is not None and TROUBLE not in told.metadata


def _sentence(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data is not None:
        return f"{event.step_key}: {data.user_failure_data.description}"
    return f"{event.step_key}: {data.error.cls_name if data.error else '不明な障害'}"


def run_all(job_name: str, keys: Iterable[str], console: Console) -> Outcome:
    """Run the partitions one after another; stop at the first that does not end well."""
    os.environ.setdefault("DAGSTER_HOME", str(CHECKOUT))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    last = Outcome(Exit.DONE, "", ())
    with dg.DagsterInstance.get() as instance, Progress(*columns, console=console, transient=True) as progress:
        for key in keys:
            last = run(job_name, key, instance, progress)
            if last.exit is not Exit.DONE:
                break
    for sentence in last.sentences:
        console.print(sentence, style="bold red", highlight=False, markup=False, soft_wrap=True)
    return last
