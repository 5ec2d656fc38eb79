"""The fields of a class as columns, nested values flattened, and both ways between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, get_type_hints

from attrs import fields, has

from clientportal_sql.cells import Cell, cell_of, kinds_in
from clientportal_sql.statements import Row

Maker: TypeAlias = Callable[..., Any]


class Leaf(NamedTuple):
    """One column of a noun: its name, and the path of fields that leads to its value."""

    name: str
    path: tuple[str, ...]
    cell: Cell


def leaves_of(kind: type, path: tuple[str, ...] = (), *, optional: bool = False) -> Iterator[Leaf]:
    """The columns of *kind*, those of nested values flattened."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        (inner, *others), may_miss = kinds_in(hints[field.name])
        here = (*path, field.name)
        if not others and isinstance(inner, type) and has(inner):
            yield from leaves_of(inner, here, optional=optional or may_miss)
        else:
            cell = cell_of(hints[field.name])
            yield Leaf("_".join(here), here, cell._replace(nullable=cell.nullable or optional))


def maker_of(
    kind: type, columns: Mapping[tuple[str, ...], int], path: tuple[str, ...] = ()
) -> Maker:
    """What makes a *kind* out of a row, from the columns that *columns* counts.

    The fields are set as they are: what is stored was judged when it was made.
    """
    hints = get_type_hints(kind)
    parts: list[tuple[Any, int, Any, bool]] = []
    for field in fields(kind):
        (inner, *others), may_miss = kinds_in(hints[field.name])
        here, put = (*path, field.name), getattr(kind, field.name).__set__
        if not others and isinstance(inner, type) and has(inner):
            make = maker_of(inner, columns, here)
            first = min(at for leaf, at in columns.items() if leaf[: len(here)] == here)
            parts.append((put, first, _or_none(make, first) if may_miss else make, True))
        else:
            parts.append((put, columns[here], cell_of(hints[field.name]).back, False))
    return _made(kind, tuple(parts))


def _or_none(make: Maker, first: int) -> Maker:
    return lambda row, at: None if row[at + first] is None else make(row, at)


def _made(kind: type, parts: tuple[tuple[Any, int, Any, bool], ...]) -> Maker:
    new = object.__new__

    def make(row: Row, at: int = 0) -> Any:
        made: Any = new(kind)
        for put, column, back, nested in parts:
            if nested:
                put(made, back(row, at))
            elif back is None:
                put(made, row[at + column])
            else:
                put(made, back(row[at + column]))
        return made

    return make


def dump_of(leaves: tuple[Leaf, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What writes a state as a row of *leaves*."""
    get = attrgetter(*(leaf.path[0] for leaf in leaves), "__class__")  # never one alone
    plan = tuple((place, leaf.path[1:], leaf.cell.out) for place, leaf in enumerate(leaves))
    turned = tuple(each for each in plan if each[1] or each[2] is not None)

    def dump(state: Any) -> tuple[Any, ...]:
        *out, _ = get(state)
        for place, path, turn in turned:
            value = out[place]
            for name in path:
                value = None if value is None else getattr(value, name)
            out[place] = value if turn is None or value is None else turn(value)
        return tuple(out)

    return dump
