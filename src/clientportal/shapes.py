"""Whether a value from outside has the types it declares, all the way down.

attrs does not check annotations; a command built by hand in a host application could carry an id
of another noun, a naive datetime, true for a number. The portal checks every command and view here
before it runs, so that a wrong type is `MalformedError` and never a surprise in storage.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from clientportal.domain.ids import Id
from clientportal.domain.texts import BAD_PROSE
from clientportal.errors import MalformedError, Problem

T = TypeVar("T")
Problems: TypeAlias = tuple[Problem, ...]
#: What is wrong with a value, each problem under its path within the value.
Check: TypeAlias = Callable[[Any], Problems]

MOST: Final = 2**53
_ADVICE: Final[dict[str, str]] = {
    "invalid_argument": "give a value of the declared type",
    "invalid_id": "give an id of the declared kind",
    "invalid_moment": "give a datetime with its offset",
    "invalid_text": "remove NUL, other controls and lone surrogates",
}


def check(value: object) -> None:
    """Raise `MalformedError` with all problems unless *value* has the types it declares."""
    found = _attrs(value)
    if found:
        raise MalformedError(*found)


def checked(value: T) -> T:
    """*value*, if it has the types it declares; else as `check`."""
    check(value)
    return value


def _problem(code: str = "invalid_argument") -> Problems:
    return (Problem("", code, _ADVICE[code]),)


def _under(found: Iterable[tuple[str, Problems]]) -> Problems:
    return tuple(problem.under(path) for path, problems in found for problem in problems)


def _attrs(value: object) -> Problems:
    cls: Any = type(value)
    found = [(name, wrong) for name, is_ in _fields(cls) if (wrong := is_(getattr(value, name)))]
    return _under(found) if found else ()


@cache
def _fields(cls: type[Any]) -> tuple[tuple[str, Check], ...]:
    """The check of each attrs field of *cls*; computed once for a class."""
    if not attrs.has(cls):
        return ()
    hints = typing.get_type_hints(cls)
    return tuple((field.name, _check_of(hints[field.name])) for field in attrs.fields(cls))


def _check_of(hint: Any) -> Check:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = tuple(_check_of(each) for each in arguments if each is not type(None))
        return _any_of(kinds, optional=type(None) in arguments)
    if origin is tuple:
        return _tuple_of(arguments)
    if origin is frozenset:
        return _each(frozenset, _check_of(arguments[0]))
    if isinstance(hint, type):
        return _SIMPLE.get(hint) or _instance(hint)
    return _anything


def _anything(_: Any) -> Problems:
    return ()


def _any_of(checks: tuple[Check, ...], *, optional: bool) -> Check:
    def run(value: Any) -> Problems:
        if value is None and optional:
            return ()
        problems: Problems = ()
        for each in checks:
            found = each(value)
            if not found:
                return ()
            problems = problems or found
        return problems

    return run


def _tuple_of(arguments: tuple[Any, ...]) -> Check:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[T, ...]
        return _each(tuple, _check_of(arguments[0]))
    checks = tuple(_check_of(each) for each in arguments)

    def run(value: Any) -> Problems:
        if not isinstance(value, tuple) or len(value) != len(checks):
            return _problem()
        both = enumerate(zip(checks, value, strict=True))
        return _under((f"[{index}]", each(item)) for index, (each, item) in both)

    return run


def _each(kind: type[Any], one: Check) -> Check:
    def run(value: Any) -> Problems:
        if not isinstance(value, kind):
            return _problem()
        items: Iterable[Any] = value
        return _under((f"[{index}]", one(item)) for index, item in enumerate(items))

    return run


def _instance(kind: type) -> Check:
    code = "invalid_id" if issubclass(kind, Id) else "invalid_argument"
    deep = attrs.has(kind)

    def run(value: Any) -> Problems:
        if type(value) is not kind and not (isinstance(value, kind) and not issubclass(kind, Id)):
            return _problem(code)
        return _attrs(value) if deep else ()

    return run


def _text(value: Any) -> Problems:
    if not isinstance(value, str):
        return _problem()
    return _problem("invalid_text") if BAD_PROSE.search(value) else ()


def _whole(value: Any) -> Problems:
    return () if type(value) is int and -MOST <= value <= MOST else _problem()


def _moment(value: Any) -> Problems:
    is_aware = isinstance(value, datetime) and value.tzinfo is not None
    return () if is_aware else _problem("invalid_moment")


def _day(value: Any) -> Problems:
    return () if type(value) is date else _problem()


_SIMPLE: Final[Mapping[type, Check]] = {
    str: _text,
    int: _whole,
    datetime: _moment,
    date: _day,
    object: _anything,
}
