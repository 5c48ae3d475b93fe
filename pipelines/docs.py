"""`kodomo docs`: the pages that are made from the declarations, and who reads which value of the law.

Belongs here: which pages there are, and the scan of rules and tests for the names of parameters.
Does not belong here: what a page says (schemas).
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from schemas.dictionary import dictionary
from schemas.law.book import Law
from schemas.law.page import Uses, law_page
from schemas.records.catalogue import TABLES

MUNICIPALITY = "112038"
_HOUSE = Path(__file__).parents[1]
_EXAMPLES = _HOUSE / "tests" / "law" / "worked_examples.yaml"


def _literals(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def _definitions(tree: ast.Module) -> dict[str, ast.AST]:
    """Functions, classes and constants of a module, by name."""
    found: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _readers(tree: ast.Module, names: set[str]) -> Iterator[tuple[str, str]]:
    """(parameter, function) where the name stands in the function or in a constant of the module it uses."""
    definitions = _definitions(tree)
    said = {name: _literals(node) & names for name, node in definitions.items()}
    constants = {name for name, node in definitions.items() if isinstance(node, ast.Assign | ast.AnnAssign)}
    for name in definitions.keys() - constants:
        used = {one.id for one in ast.walk(definitions[name]) if isinstance(one, ast.Name)} & constants
        yield from ((parameter, name) for parameter in said[name].union(*(said[one] for one in used)))


def _collected(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for parameter, reader in pairs:
        found.setdefault(parameter, set()).add(reader)
    return {parameter: tuple(sorted(readers)) for parameter, readers in sorted(found.items())}


def _sources(room: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((_HOUSE / room).rglob("*.py")):
        yield path.relative_to(_HOUSE).as_posix(), ast.parse(path.read_text("utf-8"))


def _rules(names: set[str]) -> Iterator[tuple[str, str]]:
    for path, tree in _sources("assets"):
        yield from ((parameter, f"{path} {reader}") for parameter, reader in _readers(tree, names))


def _tests(names: set[str]) -> Iterator[tuple[str, str]]:
    for path, tree in _sources("tests"):
        yield from ((parameter, path) for parameter in _literals(tree) & names)
    for case in yaml.safe_load(_EXAMPLES.read_text("utf-8")):
        yield from ((parameter, f"設例 {case['example']}") for parameter in case.get("parameter", "").split())


def uses(law: Law) -> Uses:
    """Which functions of assets/ name each parameter, and which tests and worked examples do."""
    names = set(law.versions)
    return Uses(_collected(_rules(names)), _collected(_tests(names)))


def pages() -> dict[str, str]:
    """File name under docs/ → its text."""
    law = Law.load(MUNICIPALITY)
    return {"dictionary.md": dictionary(TABLES), "law.md": law_page(law, uses(law))}


def write(folder: Path) -> None:
    """Write every page."""
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
