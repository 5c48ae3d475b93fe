"""How tests share what is dear: which run in one worker (those of a file, and the files of one `xdist_group`), and what
a worker keeps. pytest-xdist's own grouping does nothing under pytest 9.2 (pytest-dev/pytest-xdist#1386).
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.draws import ALL_CASES

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

_GROUP = re.compile(r'xdist_group\("(\w+)"\)')


@cache
def group_of(file: Path) -> str:
    """The group that a test file names, else the file."""
    named = _GROUP.search(file.read_text("utf-8"))
    return named[1] if named else str(file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups first: they are long, and the files fill what is left between the workers."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def pytest_collection_finish() -> None:
    """The fast suite keeps Dagster's engines; whoever only hands out work needs no Dagster."""
    if not ALL_CASES:
        from tests.support.history import one_engine_a_file

        one_engine_a_file()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadScopeScheduling | None":
    """Work is handed out by group and by file, in the order in which it was collected."""
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class ByGroupAndFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(config.rootpath / nodeid.split("::", 1)[0])

    return ByGroupAndFile(config, log)
