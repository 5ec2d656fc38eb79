"""Finds every regular expression of the source, and pumps it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import product
from time import process_time
from typing import Any, Final

from attrs import field, frozen
from tests.architecture.sources import Source

MEGABYTE: Final = 1_000_000
AT_MOST: Final = 0.5
SIZES: Final = (*range(8, 33, 2), *(2**n for n in range(6, 20)), MEGABYTE)
PUMPS: Final = ("a", "0", " ", "<", "-a", "/a", "a@", "a.", "\\", "é")
USES: Final = frozenset({"match", "fullmatch", "search", "split", "sub", "findall", "finditer"})


@frozen
class Regex:
    """A pattern, where it stands, and by which method it is used."""

    where: str
    pattern: re.Pattern[Any] = field(repr=False)
    use: str

    def seconds(self, pump: str, size: int) -> float:
        """How long it looks at *size* letters of *pump* that end in what fits nothing."""
        text: Any = (pump * size)[:size] + "\0"
        nothing: Any = ""
        if isinstance(self.pattern.pattern, bytes):
            text, nothing = text.encode(), b""
        use = getattr(self.pattern, self.use)
        start = process_time()
        found = use(nothing, text) if self.use == "sub" else use(text)
        if self.use == "finditer":
            list(found)
        return process_time() - start

    def slow(self) -> Iterator[str]:
        """The pumps that make it take longer than half a second, up to a megabyte."""
        for pump, size in product(PUMPS, SIZES):
            if self.seconds(pump, size) > AT_MOST:
                yield f"{self.where}: {pump!r} * {size}"
                return


def _pattern(call: ast.Call) -> re.Pattern[Any]:
    given = (*call.args[1:], *(keyword.value for keyword in call.keywords))
    flags = (f.attr for f in given if isinstance(f, ast.Attribute) and f.attr.isupper())
    return re.compile(ast.literal_eval(call.args[0]), sum(getattr(re, flag) for flag in flags))


def regexes(found: Iterable[Source]) -> Iterator[Regex]:
    """Every pattern of the sources once for each method it is used by; all must be literals."""
    trees = tuple(found)
    for source in trees:
        for node in source.nodes:
            match node:
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call) if _made(
                    call, {"compile"}
                ) and _is_literal(call):
                    for use in sorted(_uses(name, trees)):
                        yield Regex(f"{source.path}: {name}.{use}", _pattern(call), use)
                case ast.Call(func=ast.Attribute(attr=use)) if _made(node, USES) and _is_literal(
                    node
                ):
                    yield Regex(f"{source.path}:{node.lineno}: {use}", _pattern(node), use)


def hidden(source: Source) -> Iterator[int]:
    """Lines where a pattern is put together, or is compiled without a name in the module."""
    named = {n.value for n in source.nodes if isinstance(n, ast.AnnAssign)}
    for node in source.nodes:
        if isinstance(node, ast.Call) and _made(node, USES | {"compile"}):
            compiled = _made(node, {"compile"})
            if not _is_literal(node) or (compiled and node not in named):
                yield node.lineno


def _is_literal(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant)


def _made(call: ast.Call, by: Iterable[str]) -> bool:
    return ast.unparse(call.func) in {f"re.{name}" for name in by}


def _uses(name: str, found: Iterable[Source]) -> set[str]:
    return {
        node.attr
        for source in found
        for node in source.nodes
        if isinstance(node, ast.Attribute)
        and node.attr in USES
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }
