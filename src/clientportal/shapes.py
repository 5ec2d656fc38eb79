"""Whether a value from outside has the types it declares, all the way down.

attrs does not check annotations; a command built by hand in a host application could carry an id
of another noun, a naive datetime, true for a number. The portal checks every command and view here
before it runs, so that a wrong type is `MalformedError` and never a surprise in storage.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import attrs

from clientportal.domain.ids import Id
from clientportal.domain.texts import BAD_PROSE
from clientportal.errors import MalformedError, Problem

T = TypeVar("T")
_NOTHING: Final[Iterator[Problem]] = iter(())
Check: TypeAlias = Callable[[Any, str], Iterator[Problem]]

MOST: Final = 2**53
_ADVICE: Final[dict[str, str]] = {
    "invalid_argument": "give a value of the declared type",
    "invalid_id": "give an id of the declared kind",
    "invalid_moment": "give a datetime with its offset",
    "invalid_text": "remove NUL, other controls and lone surrogates",
}


def check(value: object) -> None:
    """Raise `MalformedError` with all problems unless *value* has the types it declares."""
    found = tuple(_attrs(value, ""))
    if found:
        raise MalformedError(*found)


def checked(value: T) -> T:
    """*value*, if it has the types it declares; else as `check`."""
    check(value)
    return value


def _problem(path: str, code: str = "invalid_argument") -> Problem:
    return Problem(path, code, _ADVICE[code])


def _attrs(value: object, path: str) -> Iterator[Problem]:
    cls: Any = type(value)
    for name, checks in _fields(cls):
        yield from checks(getattr(value, name), f"{path}.{name}" if path else name)


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


def _anything(_: Any, __: str) -> Iterator[Problem]:
    return _NOTHING


def _any_of(checks: tuple[Check, ...], *, optional: bool) -> Check:
    def run(value: Any, path: str) -> Iterator[Problem]:
        if value is None and optional:
            return _NOTHING
        problems: tuple[Problem, ...] = ()
        for each in checks:
            found = tuple(each(value, path))
            if not found:
                return _NOTHING
            problems = problems or found
        return iter(problems)

    return run


def _tuple_of(arguments: tuple[Any, ...]) -> Check:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[T, ...]
        return _each(tuple, _check_of(arguments[0]))
    checks = tuple(_check_of(each) for each in arguments)

    def run(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, tuple) or len(value) != len(checks):
            yield _problem(path)
            return
        for index, (each, item) in enumerate(zip(checks, value, strict=True)):
            yield from each(item, f"{path}[{index}]")

    return run


def _each(kind: type[Any], one: Check) -> Check:
    def run(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, kind):
            yield _problem(path)
            return
        items: Iterable[Any] = value
        for index, item in enumerate(items):
            yield from one(item, f"{path}[{index}]")

    return run


def _instance(kind: type) -> Check:
    code = "invalid_id" if issubclass(kind, Id) else "invalid_argument"
    deep = attrs.has(kind)

    def run(value: Any, path: str) -> Iterator[Problem]:
        if type(value) is not kind and not (isinstance(value, kind) and not issubclass(kind, Id)):
            yield _problem(path, code)
        elif deep:
            yield from _attrs(value, path)

    return run


def _text(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _problem(path)
    elif BAD_PROSE.search(value):
        yield _problem(path, "invalid_text")


def _whole(value: Any, path: str) -> Iterator[Problem]:
    if type(value) is not int or not -MOST <= value <= MOST:
        yield _problem(path)


def _moment(value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, datetime) or value.tzinfo is None:
        yield _problem(path, "invalid_moment")


def _day(value: Any, path: str) -> Iterator[Problem]:
    if type(value) is not date:
        yield _problem(path)


_SIMPLE: Final[Mapping[type, Check]] = {
    str: _text,
    int: _whole,
    datetime: _moment,
    date: _day,
    object: _anything,
}
