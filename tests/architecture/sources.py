"""Source files as the checks see them: a path, a text, a tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from tokenize import COMMENT, generate_tokens
from typing import Final, TypeAlias

from attrs import field, frozen

ROOT: Final = Path(__file__).parents[2]
CORE: Final = "src/clientportal/"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Finding: TypeAlias = tuple[int, str]
Find: TypeAlias = "Callable[[Source], Iterator[Finding]]"


@frozen
class Source:
    """One Python file; *path* is relative to the root of the repository, with slashes."""

    path: str
    text: str
    tree: ast.Module = field(init=False, repr=False, eq=False)
    nodes: tuple[ast.AST, ...] = field(init=False, repr=False, eq=False)

    @tree.default
    def _parsed(self) -> ast.Module:
        return ast.parse(self.text)

    @nodes.default
    def _walked(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (n for n in self.nodes if isinstance(n, Function))

    @property
    def classes(self) -> Iterator[ast.ClassDef]:
        """Every class."""
        return (n for n in self.nodes if isinstance(n, ast.ClassDef))

    @property
    def comments(self) -> Iterator[Finding]:
        """Every comment with its line."""
        tokens = generate_tokens(StringIO(self.text).readline)
        return ((t.start[0], t.string) for t in tokens if t.type == COMMENT)


@cache
def sources(*patterns: str, root: Path = ROOT) -> tuple[Source, ...]:
    """The files that match *patterns*, in the order of their paths."""
    paths = sorted({path for pattern in patterns for path in root.glob(pattern)})
    return tuple(
        Source(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in paths
    )


def dotted(node: ast.AST) -> str:
    """`a.b.c` for names and attributes, else the last part that has a name, or ``""``."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case ast.Call(func=func):
            return dotted(func)
        case ast.Subscript(value=value):
            return dotted(value)
    return ""


def last(node: ast.AST) -> str:
    """The last part of a dotted name."""
    return dotted(node).rpartition(".")[2]


def imported(node: ast.AST) -> tuple[str, ...]:
    """What an import statement names, dotted: `from a import b` gives `a.b`."""
    match node:
        case ast.Import(names=names):
            return tuple(alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names):
            return tuple(f"{module}.{alias.name}" for alias in names)
    return ()


def is_for_types(node: ast.stmt) -> bool:
    """Whether it is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and last(node.test) == "TYPE_CHECKING"


def is_protocol(node: ast.ClassDef) -> bool:
    """Whether the class is a `Protocol` itself."""
    return any(last(base) == "Protocol" for base in node.bases)
