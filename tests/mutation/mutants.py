"""The mutants of a module: each function or constant with one small change.

Belongs here: mutmut's own mutants, those of our own that suit Polars, and planting one in the imported module.
Does not belong here: running tests (__main__.py).
"""

import __future__

import difflib
import importlib
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators, operator_number, operator_string
from mutmut.mutation.pragma_handling import get_ignored_lines

CONSTANTS = "(constants)"
_DROPPED = {"cast", "drop_nulls", "fill_null", "filter", "shift", "sort", "unique"}
_PAIRS = (
    ("min", "max"),
    ("min_horizontal", "max_horizontal"),
    ("any_horizontal", "all_horizontal"),
    ("first", "last"),
    ("floor", "ceil"),
    ("left", "inner"),
    ("anti", "semi"),
    ("both", "none"),
    ("backward", "forward"),
)
_SWAPPED = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
_WORDS = {"closed": {"left": "both", "right": "both"}, "how": _SWAPPED, "keep": _SWAPPED, "strategy": _SWAPPED}


@dataclass(frozen=True)
class Mutant:
    """One change: `code` is the changed function, or the changed assignment of a constant.

    `made_of_it`: the constants of the module that are made with it, to be made again.
    """

    module: str
    function: str
    name: str
    code: str
    diff: str
    made_of_it: str = ""

    @property
    def ours(self) -> bool:
        """Whether mutmut has no such mutant."""
        return "__ours_" in self.name

    @property
    def place(self) -> str:
        """The function's full name."""
        return f"{self.module}.{self.function}"

    @property
    def constants(self) -> str:
        """The place of its module's constants."""
        return f"{self.module}.{CONSTANTS}"

    @property
    def places(self) -> tuple[str, str]:
        """What is in use when the function is called: itself, and the constants of its module."""
        return self.place, self.constants

    def standing(self) -> types.FunctionType:
        """The function as imported, below staticmethod and classmethod."""
        owner, _, own = self.function.rpartition(".")
        module = importlib.import_module(self.module)
        held: Any = vars(vars(module)[owner] if owner else module)[own]
        return getattr(held, "__func__", held)  # type: ignore[no-any-return]

    def plant(self) -> None:
        """Make the change in the imported module, for everybody who already holds the function or a constant."""
        module = importlib.import_module(self.module)
        if self.function == CONSTANTS:
            _made_again(module, self._compiled(self.code))
        else:
            self._exchange(module)
        if self.made_of_it:
            _made_again(module, self._compiled(self.made_of_it))

    def _compiled(self, code: str) -> types.CodeType:
        return compile(code, self.name, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)

    def _exchange(self, module: types.ModuleType) -> None:
        scope = dict(vars(module))
        exec(self._compiled(self.code), scope)
        changed, standing = scope[self.function.rpartition(".")[2]], self.standing()
        changed = getattr(changed, "__func__", changed)
        standing.__code__ = changed.__code__
        standing.__defaults__, standing.__kwdefaults__ = changed.__defaults__, changed.__kwdefaults__


def _made_again(module: types.ModuleType, assignments: types.CodeType) -> None:
    """Run assignments in the module; who has imported one of the names has the new value too."""
    before = dict(vars(module))
    exec(assignments, vars(module))
    new = {name: value for name, value in vars(module).items() if name in before and value is not before[name]}
    for other in list(sys.modules.values()):
        held = getattr(other, "__dict__", {})
        for name in new.keys() & held.keys():
            if held[name] is before[name]:
                held[name] = new[name]


def mutants(path: Path) -> list[Mutant]:
    """Every mutant of a file: mutmut's, numbered as mutmut numbers them, then ours; none twice."""
    wrapper = cst.MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    found = list(_made(path, wrapper, mutation_operators, "mutmut", _functions(wrapper.module)))
    theirs = {one.code for one in found}
    ours = [
        *_made(path, wrapper, [(cst.Call, _polars)], "ours", _functions(wrapper.module)),
        *_made(path, wrapper, _VALUES, "ours", _constants(wrapper.module)),
    ]
    return found + [one for one in ours if one.code not in theirs]


def unchanged(path: Path) -> list[Mutant]:
    """Every function of a file as it stands: planting them changes nothing."""
    module, dotted = cst.parse_module(path.read_text("utf-8")), _dotted(path)
    return [
        Mutant(dotted, name, name, _flush_left(module.code_for_node(node)), "", _made_of(module, name, node))
        for name, node in _functions(module)
        if not node.decorators
    ]


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


_VALUES = [(cst.BaseNumber, operator_number), (cst.BaseString, operator_string)]


def _made(
    path: Path, wrapper: cst.MetadataWrapper, operators: Any, by: str, places: Iterable[tuple[str, cst.CSTNode]]
) -> Iterator[Mutant]:
    """The mutants that operators make inside the places (name, node) of a file."""
    ignored = get_ignored_lines(str(path), path.read_text("utf-8"), wrapper)
    visitor = MutationVisitor(operators, ignored)
    wrapper.visit(visitor)
    module, dotted = wrapper.module, _dotted(path)
    numbers: dict[str, int] = {}
    for name, node in places:
        inside, before = {id(one) for one in _within(node)}, module.code_for_node(node)
        again = _made_of(module, name, node)
        for mutation in visitor.mutations:
            if id(mutation.original_node) not in inside:
                continue
            numbers[name] = numbers.get(name, 0) + 1
            after = module.code_for_node(_changed(node, mutation))
            diff = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
            said = "\n".join(line for line in diff if not line.startswith(("---", "+++", "@@")))
            yield Mutant(dotted, name, f"{name}__{by}_{numbers[name]}", _flush_left(after), said, again)


def _changed(node: cst.CSTNode, mutation: Mutation) -> Any:
    return deep_replace(node, mutation.original_node, mutation.mutated_node)


def _flush_left(code: str) -> str:
    lines = code.lstrip("\n").splitlines()
    return f"if True:\n{code}" if lines and lines[0].startswith(" ") else code


def _functions(module: cst.Module) -> Iterator[tuple[str, cst.FunctionDef]]:
    """(name, node) of every function and method."""
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            yield statement.name.value, statement
        elif isinstance(statement, cst.ClassDef):
            for method in statement.body.body:
                if isinstance(method, cst.FunctionDef):
                    yield f"{statement.name.value}.{method.name.value}", method


def _constants(module: cst.Module) -> Iterator[tuple[str, cst.CSTNode]]:
    """(CONSTANTS, node) of every assignment at the top, but for __all__."""
    for statement in module.body:
        assigned = isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], (cst.Assign, cst.AnnAssign)
        )
        if assigned and "__all__" not in module.code_for_node(statement):
            yield CONSTANTS, statement


def _made_of(module: cst.Module, name: str, node: cst.CSTNode) -> str:
    """The assignments at the top of a module that are made with a function or constant, in their order."""
    names = _assigned(node) if name == CONSTANTS else {name.partition(".")[0]}
    parts = [(_assigned(one) | ({one.name.value} if _is_definition(one) else set()), one) for one in module.body]
    grown = True
    while grown:
        more = {new for own, part in parts if names & _names(part) for new in own} - names
        names, grown = names | more, bool(more)
    assignments = [part for _, part in _constants(module) if part is not node and names & _assigned(part)]
    return "".join(module.code_for_node(part).lstrip("\n") for part in assignments)


def _is_definition(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.FunctionDef, cst.ClassDef))


def _assigned(node: cst.CSTNode) -> set[str]:
    """The names a statement at the top assigns."""
    if not isinstance(node, cst.SimpleStatementLine) or not isinstance(node.body[0], (cst.Assign, cst.AnnAssign)):
        return set()
    first = node.body[0]
    targets = [one.target for one in first.targets] if isinstance(first, cst.Assign) else [first.target]
    return {one.value for target in targets for one in _within(target) if isinstance(one, cst.Name)}


def _names(node: cst.CSTNode) -> set[str]:
    """Every name written in a statement, keywords and attributes too."""
    return {one.value for one in _within(node) if isinstance(one, cst.Name)}


def _within(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _within(child)


def _polars(call: cst.Call) -> Iterator[cst.BaseExpression]:
    """A call of Polars left out, or exchanged for its opposite, or with the other word in how=, keep=, closed=."""
    if isinstance(call.func, cst.Attribute):
        name = call.func.attr.value
        if name in _DROPPED:
            yield call.func.value
        if name in _SWAPPED:
            yield call.with_changes(func=call.func.with_changes(attr=cst.Name(_SWAPPED[name])))
    for at, arg in enumerate(call.args):
        words = _WORDS.get(arg.keyword.value, {}) if arg.keyword else {}
        word = words.get(arg.value.evaluated_value) if isinstance(arg.value, cst.SimpleString) else None
        if word is not None:
            changed = arg.with_changes(value=cst.SimpleString(f'"{word}"'))
            yield call.with_changes(args=[*call.args[:at], changed, *call.args[at + 1 :]])
