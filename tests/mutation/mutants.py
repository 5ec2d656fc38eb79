"""Small wrong versions of a module: one thing changed in each, by operators listed below.

A mutant is named by its line, its operator and its place among those of that operator, so that
a survivor can be told again from the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from typing import Final, NamedTuple

SWAPPED: Final[dict[type[ast.AST], tuple[type[ast.AST], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
CALLED: Final = {"all": "any", "any": "all", "min": "max", "max": "min"}


class Mutant(NamedTuple):
    """A module with one thing changed."""

    line: int
    change: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Where, and what."""
        return f"{self.line}: {self.change}"


def mutants(text: str) -> Iterator[Mutant]:
    """Every mutant of a module's text, in the order of its lines."""
    tree = ast.parse(text)
    constants = _answers(tree)
    skipped = set(_annotations(tree))
    for place, node in enumerate(ast.walk(tree)):
        if place in skipped:
            continue
        for change, field, index, other in _changes(node, constants):
            yield _changed(tree, place, (change, field, index, other))


def _changed(tree: ast.Module, place: int, edit: tuple[str, str, int | None, ast.AST]) -> Mutant:
    change, field, index, other = edit
    copy = deepcopy(tree)
    node = list(ast.walk(copy))[place]
    if index is None:
        setattr(node, field, other)
    elif other is GONE:
        del getattr(node, field)[index]
    else:
        getattr(node, field)[index] = other
    return Mutant(getattr(node, "lineno", 0), change, ast.fix_missing_locations(copy))


GONE: Final = ast.Pass()


def _answers(tree: ast.Module) -> tuple[str, ...]:
    """The constants that functions of the module return."""
    returned = (each.value for each in ast.walk(tree) if isinstance(each, ast.Return))
    names = (each.id for each in returned if isinstance(each, ast.Name) and each.id.isupper())
    return tuple(sorted(set(names)))


def _annotations(tree: ast.Module) -> Iterator[int]:
    """Places that hold no rule: types, and decorators."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        parts = [getattr(node, name, None) for name in ("annotation", "returns")]
        for part in (*parts, *getattr(node, "decorator_list", ())):
            inside.update(ast.walk(part) if isinstance(part, ast.AST) else ())
        if isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.dump(node.annotation):
            inside.update(ast.walk(node))
    return (place for place, node in enumerate(ast.walk(tree)) if node in inside)


Edit = tuple[str, str, int | None, ast.AST]


def _changes(node: ast.AST, constants: tuple[str, ...]) -> Iterator[Edit]:
    yield from _operators(node)
    yield from _conditions(node)
    yield from _values(node, constants)


def _operators(node: ast.AST) -> Iterator[Edit]:
    """One comparison, one of and/or, plus/minus, one of all/any and min/max for another."""
    if isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            for other in SWAPPED.get(type(op), ()):
                yield f"{_word(op)} -> {other.__name__}", "ops", index, other()
    if isinstance(node, ast.BoolOp | ast.BinOp):
        for other in SWAPPED.get(type(node.op), ()):
            yield f"{_word(node.op)} -> {other.__name__}", "op", None, other()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLED:
        other = CALLED[node.func.id]
        yield f"{node.func.id} -> {other}", "func", None, ast.Name(other, ast.Load())


def _conditions(node: ast.AST) -> Iterator[Edit]:
    """A condition turned round, a part of one left out, a filter left out."""
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        turned = ast.UnaryOp(ast.Not(), deepcopy(node.test))
        yield "condition turned round", "test", None, turned
    if isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            yield f"part {index + 1} of {_word(node.op)} left out", "values", index, GONE
    if isinstance(node, ast.comprehension):
        for index in range(len(node.ifs)):
            yield f"filter {index + 1} left out", "ifs", index, GONE


def _values(node: ast.AST, constants: tuple[str, ...]) -> Iterator[Edit]:
    """Not left out, a truth turned round, a number one more, an answer another or none."""
    for field, index, child in _children(node):
        if isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.Not):
            yield "not left out", field, index, deepcopy(child.operand)
        if isinstance(child, ast.Constant) and isinstance(child.value, bool):
            yield f"{child.value} -> {not child.value}", field, index, _constant(not child.value)
        elif isinstance(child, ast.Constant) and isinstance(child.value, int):
            yield f"{child.value} -> {child.value + 1}", field, index, _constant(child.value + 1)
    if isinstance(node, ast.Return):
        yield from _returned(node.value, constants)


def _returned(value: ast.expr | None, constants: tuple[str, ...]) -> Iterator[Edit]:
    if isinstance(value, ast.Name) and value.id in constants and len(constants) > 1:
        other = constants[(constants.index(value.id) + 1) % len(constants)]
        yield f"{value.id} -> {other}", "value", None, ast.Name(other, ast.Load())
    if value is not None and not _is_none(value):
        yield "return -> None", "value", None, _constant(None)


def _children(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield field, None, value
        elif isinstance(value, list):
            yield from ((field, at, each) for at, each in enumerate(value) if _is_node(each))


def _is_node(value: object) -> bool:
    return isinstance(value, ast.AST)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _constant(value: object) -> ast.Constant:
    return ast.Constant(value)


def _word(op: ast.AST) -> str:
    return type(op).__name__
