"""Budgets at line width 100: a budget that hurts is a sign to redraw a room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.architecture.sources import Finding, Function, Source, is_for_types, is_protocol

MODULE: Final = 300
INIT: Final = 60
FUNCTION: Final = 25
POLICY: Final = 15
FLOW: Final = 30
POSITIONAL: Final = 4
METHODS: Final = 4


def modules(source: Source) -> Iterator[Finding]:
    """At most 300 lines a module."""
    lines = len(source.text.splitlines())
    if lines > MODULE:
        yield lines, f"{lines} lines, of {MODULE}"


def faces(source: Source) -> Iterator[Finding]:
    """At most 60 lines an `__init__.py`, and no class or logic in it."""
    if not source.path.endswith("__init__.py"):
        return
    lines = len(source.text.splitlines())
    if lines > INIT:
        yield lines, f"{lines} lines, of {INIT}"
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef | ast.For | ast.While | ast.Try | ast.With):
            yield node.lineno, "has logic"
        if isinstance(node, ast.If) and not is_for_types(node):
            yield node.lineno, "has logic"


def length(function: Function) -> int:
    """The lines of a function from its `def`, its docstring apart."""
    first = function.body[0]
    text = first if isinstance(first, ast.Expr) and ast.get_docstring(function) else None
    documented = 0 if text is None else (text.end_lineno or 0) - text.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def functions(source: Source) -> Iterator[Finding]:
    """At most 25 lines a function; a policy 15, a flow 30."""
    for function in source.functions:
        is_policy = "/policies/" in source.path and function.name.startswith("may_")
        most = POLICY if is_policy else FLOW if function.name == "flow" else FUNCTION
        lines = length(function)
        if lines > most:
            yield function.lineno, f"{function.name}: {lines} lines, of {most}"


def arguments(source: Source) -> Iterator[Finding]:
    """At most four positional arguments."""
    for function in source.functions:
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > POSITIONAL:
            yield function.lineno, f"{function.name}: {count} positional arguments"


def ports(source: Source) -> Iterator[Finding]:
    """At most four methods a port."""
    if "/ports/" not in source.path:
        return
    for node in source.classes:
        methods = [n for n in node.body if isinstance(n, Function)]
        if is_protocol(node) and len(methods) > METHODS:
            yield node.lineno, f"{node.name}: {len(methods)} methods, of {METHODS}"
