"""The rules of the house: who imports whom, and what each room may not know."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "schemas": {"schemas"},
    "reports": {"schemas", "reports"},
    "resources": {"schemas", "resources"},
    "assets": {"schemas", "reports", "resources", "assets"},
    "pipelines": {"schemas", "reports", "resources", "assets", "pipelines"},
}
ROOMS = set(MAY_IMPORT)
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of the modules a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_room_imports_only_the_rooms_upstream_of_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms = {module.split(".")[0] for module in imported(path)} & ROOMS
    assert rooms <= MAY_IMPORT[room]


def pure(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in {"schemas", "reports"} or path.name == "rules.py"


@pytest.mark.parametrize("path", [path for path in MODULES if pure(path)], ids=name)
def test_nouns_reports_and_rules_know_no_dagster(path: Path) -> None:
    assert not any(module.split(".")[0] == "dagster" for module in imported(path))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nobody_reaches_into_the_private_parts_of_dagster(path: Path) -> None:
    assert not any(module.startswith("dagster._") for module in imported(path))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nobody_catches_every_exception(path: Path) -> None:
    caught = [node.type for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)]
    names = {getattr(kind, "id", None) for kind in caught}
    assert not names & {"Exception", "BaseException", None} - {None}
    assert None not in caught


def test_the_code_location_loads_without_pandas_and_within_its_budget() -> None:
    script = (
        "import time; start = time.perf_counter(); import pipelines.definitions, sys;"
        "print(time.perf_counter() - start, 'pandas' in sys.modules, len(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    _, pandas, modules = out.stdout.split()
    assert pandas == "False"
    assert int(modules) < IMPORT_BUDGET, "the code location imports more modules than it needs"


IMPORT_BUDGET = 2600
