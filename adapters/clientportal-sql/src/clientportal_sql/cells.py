"""How one value of the domain is kept in one cell, told by its type alone.

Moments are whole microseconds since 1970 in UTC, spans whole microseconds, days ISO text,
enumerations their values, ids their text; tuples and sets are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from attrs import fields, has

from clientportal.domain.ids import Id
from clientportal.domain.moments import MICROSECOND, microseconds, moment_of
from clientportal.domain.practices import AnyPolicy, MessagingPolicy, UnknownPolicy, policy_of
from clientportal_sql.tables import WHOLE

Turn = Callable[[Any], Any]


class Cell(NamedTuple):
    """One cell: its column type, and both ways between value and content (None: as it is)."""

    type: Any
    out: Turn | None = None
    back: Turn | None = None
    nullable: bool = False


def _same(value: Any) -> Any:
    return value


def _raw(policy: AnyPolicy) -> str:
    return policy.raw if isinstance(policy, UnknownPolicy) else policy.value


def _microseconds_of(span: timedelta) -> int:
    return span // MICROSECOND


def _span_of(value: int) -> timedelta:
    return timedelta(microseconds=value)


PLAIN: Final = {
    str: Cell(sa.Text),
    int: Cell(WHOLE),
    bool: Cell(WHOLE, int, bool),
    bytes: Cell(sa.LargeBinary),
    datetime: Cell(WHOLE, microseconds, moment_of),
    timedelta: Cell(WHOLE, _microseconds_of, _span_of),
    date: Cell(sa.Text, date.isoformat, date.fromisoformat),
}


def kinds_in(hint: Any) -> tuple[tuple[Any, ...], bool]:
    """The types a field may hold, None apart, and whether it may hold None."""
    if get_origin(hint) not in (Union, UnionType):
        return (hint,), False
    kinds = get_args(hint)
    return tuple(kind for kind in kinds if kind is not NoneType), NoneType in kinds


def cell_of(hint: Any) -> Cell:
    """The cell that keeps a value of type *hint*."""
    kinds, optional = kinds_in(hint)
    cell = _judged(kinds)
    return cell._replace(
        out=_unless_none(cell.out) if optional else cell.out,
        back=_unless_none(cell.back) if optional else cell.back,
        nullable=optional,
    )


def _unless_none(turn: Turn | None) -> Turn | None:
    if turn is None:
        return None
    return lambda value: None if value is None else turn(value)


def _judged(kinds: tuple[Any, ...]) -> Cell:
    first = kinds[0]
    if set(kinds) == {MessagingPolicy, UnknownPolicy}:
        return Cell(sa.Text, _raw, policy_of)
    if get_origin(first) in (tuple, frozenset):
        out, back = _structure(first)
        return Cell(
            sa.Text, lambda v: _dumps(out(v)) if v else "[]", lambda text: back(json.loads(text))
        )
    if issubclass(first, Id):
        return Cell(sa.Text, str, first.stored if len(kinds) == 1 else _by_prefix(kinds))
    if issubclass(first, Enum):
        return Cell(sa.Text, lambda v: v.value, {each.value: each for each in first}.__getitem__)
    return PLAIN[first]


def _by_prefix(kinds: tuple[type[Id], ...]) -> Turn:
    named = {kind.prefix: kind for kind in kinds}
    return lambda text: named[text[: text.index("_") + 1]].stored(text)


_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _structure(hint: Any) -> tuple[Turn, Turn]:
    """Both ways between *hint* and what JSON can say."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is frozenset:
        out, back = _structure(inner[0])
        return (lambda v: sorted(map(out, v))), (lambda v: frozenset(map(back, v)))
    if origin is tuple and inner[-1] is Ellipsis:
        out, back = _structure(inner[0])
        return (lambda v: [out(each) for each in v]), (lambda v: tuple([back(each) for each in v]))
    if origin is tuple:
        turns = [_structure(each) for each in inner]
        return (
            lambda v: [out(each) for each, (out, _) in zip(v, turns, strict=True)],
            lambda v: tuple([back(each) for each, (_, back) in zip(v, turns, strict=True)]),
        )
    if has(hint) and hint is not UnknownPolicy:
        return _members(hint)
    cell = cell_of(hint)
    return cell.out or _same, cell.back or _same


def _members(kind: type) -> tuple[Turn, Turn]:
    hints = get_type_hints(kind)
    turns = {f.name: _structure(hints[f.name]) for f in fields(kind)}
    return (
        lambda v: {name: out(getattr(v, name)) for name, (out, _) in turns.items()},
        lambda v: kind(**{name: back(v[name]) for name, (_, back) in turns.items()}),
    )
