"""How a class or a sequence is read: all problems at once, each under its path."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content
from clientportal.errors import MalformedError, Problem
from clientportal.serialization.scalars import Hook, malformed, members

if TYPE_CHECKING:
    from cattrs import Converter

MOST_PROBLEMS: Final = 100
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z", re.ASCII)
_UNWRITTEN: Final = (Secret, Content)


def _each(items: Iterable[tuple[str, Callable[[], Any]]]) -> Iterator[Any]:
    """What each of *items* gives; all their problems together, each under its path."""
    problems: list[Problem] = []
    for path, read in items:
        try:
            value = read()
        except MalformedError as error:
            problems += (problem.under(path) for problem in error.problems)
        else:
            yield value
        if len(problems) >= MOST_PROBLEMS:
            break
    if problems:
        raise MalformedError(*problems[:MOST_PROBLEMS])


def _items(value: Any, hints: Iterable[Any], converter: Converter) -> Iterator[Any]:
    def reading(item: Any, hint: Any) -> Callable[[], Any]:
        return lambda: converter.structure(item, hint)

    pairs = enumerate(zip(value, hints, strict=False))
    return _each((f"[{index}]", reading(item, hint)) for index, (item, hint) in pairs)


def _sequence(hint: Any, converter: Converter) -> Hook:
    """Reads ``tuple[T, ...]``, ``tuple[A, B]`` and ``frozenset[T]`` from a list."""
    kind, arguments = typing.get_origin(hint), typing.get_args(hint)
    fixed = kind is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis)  # noqa: PLR2004

    def structure_one(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple | frozenset):
            raise malformed("give a list")
        if fixed and len(value) != len(arguments):
            raise malformed(f"give {len(arguments)} items")
        hints = arguments if fixed else [arguments[0]] * len(value)
        return kind(_items(value, hints, converter))  # type: ignore[misc] # a tuple or a frozenset

    return structure_one


def _unknown(value: Mapping[Any, Any], known: Iterable[str]) -> Iterator[Problem]:
    """A problem for each key that is no field; a key that is no name is not repeated."""
    for key in islice((key for key in value if key not in set(known)), MOST_PROBLEMS):
        path = key if isinstance(key, str) and _NAME.match(key) else "?"
        yield Problem(path, "unknown_field", "leave it out")


def _field(value: Mapping[Any, Any], one: Any, hint: Any, converter: Converter) -> Any:
    if one.alias not in value:
        raise malformed("give it a value", "missing_field")
    found = converter.structure(value[one.alias], hint)
    if one.converter is None:
        return found
    try:
        return one.converter(found)
    except MalformedError as error:
        raise MalformedError(*(problem._replace(path="") for problem in error.problems)) from None


def _judged(cls: type[Any], given: Mapping[str, Any]) -> Any:
    """The value of *given* fields, or the problems that all of its validators find."""
    probe = object.__new__(cls)
    fields = [one for one in attrs.fields(cls) if one.alias in given]
    for one in fields:
        object.__setattr__(probe, one.name, given[one.alias])

    def judging(one: Any) -> Callable[[], Any]:
        def judge() -> None:
            try:
                one.validator(probe, one, given[one.alias])
            except (TypeError, ValueError):
                raise MalformedError(
                    Problem(one.name, "invalid_argument", "give a value in range")
                ) from None

        return judge

    list(_each(("", judging(one)) for one in fields if one.validator is not None))
    return cls(**given)


def _record(cls: type[Any], converter: Converter) -> Hook:
    """Reads an attrs class from a mapping of its fields and no others."""
    attrs.resolve_types(cls)
    fields = [one for one in attrs.fields(cls) if one.init]
    hints = typing.get_type_hints(cls)
    needed = {one.alias for one in fields if one.default is attrs.NOTHING}

    def structure_one(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise malformed("give an object")
        given = [one for one in fields if one.alias in value or one.alias in needed]

        def reading(one: Any) -> Callable[[], Any]:
            return lambda: _field(value, one, hints[one.name], converter)

        def refuse() -> None:
            unknown = tuple(_unknown(value, [one.alias for one in fields]))
            if unknown:
                raise MalformedError(*unknown)

        read = list(_each([*((one.alias, reading(one)) for one in given), ("", refuse)]))
        return _judged(cls, {one.alias: item for one, item in zip(given, read, strict=False)})

    return structure_one


def _written(cls: type[Any], converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """Writes an attrs class without its secrets and content."""
    hints = typing.get_type_hints(cls)
    kept = [one.name for one in attrs.fields(cls) if not _is_unwritten(hints[one.name])]

    def unstructure_one(value: Any) -> dict[str, Any]:
        return {name: converter.unstructure(getattr(value, name)) for name in kept}

    return unstructure_one


def _is_unwritten(hint: Any) -> bool:
    return hint in _UNWRITTEN or any(each in _UNWRITTEN for each in members(hint))
