"""What code may not do, each check a function from a source to what it finds there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from tests.architecture.sources import (
    CORE,
    Finding,
    Function,
    Source,
    dotted,
    imported,
    is_for_types,
    is_protocol,
    last,
)

AMBIENT: Final = frozenset(
    {
        "SystemRandom",
        "environ",
        "environb",
        "getenv",
        "getenvb",
        "monotonic",
        "perf_counter",
        "time_ns",
        "today",
        "token_bytes",
        "token_hex",
        "token_urlsafe",
        "urandom",
        "utcnow",
        "uuid1",
        "uuid4",
    }
)
CLOCKS: Final = ("datetime.now", "DateTime.now", "pendulum.now", "time.time")
SHELL: Final = (f"{CORE}embedded/clock.py", f"{CORE}parts.py", f"{CORE}cli")
EAGER: Final = frozenset({"cattrs", "cryptography", "pendulum", "pluggy", "pyotp", "sqlite3"})
ASYNC: Final = (
    f"{CORE}flows.py",
    f"{CORE}portal.py",
    f"{CORE}ports/storage.py",
    "adapters/clientportal-sql/src/clientportal_sql/storage.py",
)
CHEATS: Final = (".sleep", ".MonkeyPatch")
UNFINISHED: Final = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
IGNORED: Final = re.compile(r"(?:type|pyright): ?ignore(\[[\w, -]+\])?[ #:-]*(.*)")
NOQA: Final = re.compile(r"noqa(?!: ?[A-Z]+[0-9]+)", re.IGNORECASE)


def ambient(source: Source) -> Iterator[Finding]:
    """Time, ids, randomness and environment come in as arguments, below the shell."""
    if source.path.startswith(SHELL):
        return
    for node in source.nodes:
        for name in imported(node):
            root, _, rest = name.partition(".")
            if root == "random" or rest.rpartition(".")[2] in AMBIENT or name in CLOCKS:
                yield node.lineno, f"imports {name}"
        if isinstance(node, ast.Call) and last(node) == "now" and dotted(node) != "self.now":
            yield node.lineno, f"calls {dotted(node)}"
        elif isinstance(node, ast.Attribute) and (
            node.attr in AMBIENT
            or dotted(node).split(".", 1)[-1] in CLOCKS
            or dotted(node) in CLOCKS
        ):
            yield node.lineno, f"uses {dotted(node)}"


def eager(source: Source) -> Iterator[Finding]:
    """What is slow to import is imported inside functions."""
    statements = [n for n in source.tree.body if not is_for_types(n)]
    for node in statements:
        for name in imported(node):
            root = name.partition(".")[0]
            if root in EAGER and (root, source.path) != ("pluggy", f"{CORE}ports/hookspecs.py"):
                yield node.lineno, f"imports {root} at the top"


def import_time(source: Source) -> Iterator[Finding]:
    """Importing a module defines names and does nothing else; there are no globals."""
    for node in source.tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_main = isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
        defines = ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.ClassDef | Function
        if not (is_text or is_main or is_for_types(node) or isinstance(node, defines)):
            yield node.lineno, f"does something when imported: {ast.unparse(node)[:40]}"
    for node in source.nodes:
        if isinstance(node, ast.Global):
            yield node.lineno, "changes a global"


def _is_decision(operand: ast.expr, deciding: frozenset[str]) -> bool:
    name = last(operand)
    if isinstance(operand, ast.Call):
        return name.startswith(("may_", "in_order")) or name in deciding
    return name.lower().endswith(("decision", "denied", "denial"))


def _deciding(source: Source) -> frozenset[str]:
    """The functions of a module that return a decision, or one that denies or nothing."""
    named = ((each.name, each.returns) for each in source.functions)
    return frozenset(
        name
        for name, returns in named
        if returns and "Decision" in ast.unparse(returns).split(" | ")
    )


def _tested(source: Source) -> Iterator[ast.AST]:
    """Expressions of which only the truth counts."""
    todo: list[ast.AST] = []
    for node in source.nodes:
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                todo.append(test)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                todo.append(operand)
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.BoolOp):
            todo.extend(node.values)


def chained(source: Source) -> Iterator[Finding]:
    """Decisions are chained by `in_order`, never by `and` or `or`, which would fail open.

    One decision among other conditions may be tested.
    """
    tested, deciding = set(_tested(source)), _deciding(source)
    for node in source.nodes:
        if isinstance(node, ast.BoolOp):
            count = sum(_is_decision(operand, deciding) for operand in node.values)
            if count > (1 if node in tested else 0):
                yield node.lineno, f"chains decisions: {ast.unparse(node)[:60]}"


def colour(source: Source) -> Iterator[Finding]:
    """Flows below, drivers above: `async def` only where something is driven."""
    if not source.path.startswith(ASYNC):
        for node in source.nodes:
            if isinstance(node, ast.AsyncFunctionDef):
                yield node.lineno, f"async def {node.name}"


def unfinished(source: Source) -> Iterator[Finding]:
    """No stub, no `pass`, no TODO; an ellipsis only in a protocol or an overload."""
    for line, comment in source.comments:
        if UNFINISHED.search(comment):
            yield line, "is unfinished by its own words"
    for node in source.nodes:
        if isinstance(node, ast.Pass):
            yield node.lineno, "pass"
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield node.lineno, "NotImplementedError"
    excused = {f for c in source.classes if is_protocol(c) for f in c.body}
    for function in source.functions:
        is_overload = any(last(d) == "overload" for d in function.decorator_list)
        statement = function.body[-1]
        is_ellipsis = isinstance(statement, ast.Expr) and ast.unparse(statement) == "..."
        if is_ellipsis and not is_overload and function not in excused:
            yield function.lineno, f"{function.name} has no body"


def justified(source: Source) -> Iterator[Finding]:
    """A silenced checker says which rule is silenced; a silenced type checker also why."""
    for line, comment in source.comments:
        ignored = IGNORED.search(comment)
        if ignored is not None and not (ignored[1] and ignored[2].strip()):
            yield line, f"no code or no reason: {comment}"
        if NOQA.search(comment):
            yield line, f"no code: {comment}"


def private(source: Source) -> Iterator[Finding]:
    """A name with an underscore stays in its module."""
    for node in source.nodes:
        for name in imported(node):
            if name.startswith("clientportal") and "._" in name and "__" not in name:
                yield node.lineno, f"imports {name}"


def documented(source: Source) -> Iterator[Finding]:
    """Every public name has a docstring."""
    if not ast.get_docstring(source.tree):
        yield 1, "the module has no docstring"
    todo: list[ast.Module | ast.ClassDef] = [source.tree]
    while todo:
        for node in todo.pop().body:
            if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
                is_overload = any(last(d) in {"overload", "setter"} for d in node.decorator_list)
                if not is_overload and not ast.get_docstring(node):
                    yield node.lineno, f"{node.name} has no docstring"
                if isinstance(node, ast.ClassDef):
                    todo.append(node)


def stated(source: Source) -> Iterator[Finding]:
    """The docstring of a test states the rule that it tests."""
    for function in source.functions:
        if function.name.startswith("test_") and not ast.get_docstring(function):
            yield function.lineno, f"{function.name} states no rule"


def honest(source: Source) -> Iterator[Finding]:
    """No mocks, no patching, no sleeping; what is skipped says why."""
    for node in source.nodes:
        name = dotted(node) if isinstance(node, ast.Attribute | ast.Name) else ""
        for used in (*imported(node), name):
            if used.startswith(("unittest.mock", "mock.")) or used.endswith(
                (".sleep", ".MonkeyPatch")
            ):
                yield node.lineno, f"uses {used}"
        if isinstance(node, ast.arg) and node.arg == "monkeypatch":
            yield node.lineno, "asks for monkeypatch"
        if isinstance(node, ast.Call) and last(node) in {"skip", "skipif", "xfail"}:
            is_method = dotted(node).startswith("pytest.")
            if is_method and not (node.args or any(k.arg == "reason" for k in node.keywords)):
                yield node.lineno, "skips without a reason"


def _calls(node: ast.AST) -> frozenset[str]:
    return frozenset(last(n) for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute))


def decided(source: Source) -> Iterator[Finding]:
    """Read, decide, refuse, change: every flow asks a policy, and catches nothing."""
    bodies = {n.name: _calls(n) for n in source.tree.body if isinstance(n, ast.ClassDef | Function)}
    for node in source.classes:
        if is_protocol(node) or not any(getattr(n, "name", "") == "flow" for n in node.body):
            continue
        seen: frozenset[str] = frozenset()
        known = bodies.get(node.name, _calls(node))
        while known != seen:
            seen, known = known, known.union(*(bodies.get(name, ()) for name in known))
        if not any(name.startswith("may_") for name in known):
            yield node.lineno, f"{node.name} asks no policy"
    for tried in source.nodes:
        if isinstance(tried, ast.Try):
            yield tried.lineno, "a flow catches nothing"
