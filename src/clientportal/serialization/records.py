"""How a class or a sequence is read: all problems at once, each under its path."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content
from clientportal.domain.ids import Id
from clientportal.errors import MalformedError, Problem
from clientportal.serialization.scalars import Hook, Where, malformed, members

if TYPE_CHECKING:
    from cattrs import Converter

Reading: TypeAlias = Callable[[], Any]

MOST_PROBLEMS: Final = 100
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z", re.ASCII)
_UNWRITTEN: Final = (Secret, Content)


def _tried(readings: Iterable[tuple[str, Reading]]) -> tuple[dict[str, Any], list[Problem]]:
    """What each of *readings* gives, by its path, and the problems of the others under theirs."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for path, read in readings:
        try:
            found[path] = read()
        except MalformedError as error:
            problems += (problem.under(path) for problem in error.problems)
        if len(problems) >= MOST_PROBLEMS:
            break
    return found, problems[:MOST_PROBLEMS]


def is_frozenset(hint: Any) -> bool:
    """Whether *hint* is ``frozenset[T]``."""
    return hint is frozenset or typing.get_origin(hint) is frozenset


def is_sequence(hint: Any) -> bool:
    """Whether *hint* is ``tuple[T, ...]``, ``tuple[A, B]`` or ``frozenset[T]``."""
    return typing.get_origin(hint) in (tuple, frozenset)


def _sequence(hint: Any, converter: Converter) -> Hook:
    kind: Any = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    is_open = kind is frozenset or arguments[1:] == (Ellipsis,)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise malformed("give a list")
        if not is_open and len(value) != len(arguments):
            raise malformed(f"give {len(arguments)} items")
        hints = arguments[:1] * len(value) if is_open else arguments
        found, problems = _tried(_items(value, hints, converter))
        if problems:
            raise MalformedError(*problems)
        return kind(found.values())

    return read


def _items(
    value: Iterable[Any], hints: Iterable[Any], converter: Converter
) -> Iterator[tuple[str, Reading]]:
    for index, (item, hint) in enumerate(zip(value, hints, strict=True)):
        yield f"[{index}]", partial(converter.structure, item, hint)


def is_record(cls: Any) -> bool:
    """Whether *cls* is an attrs class."""
    return isinstance(cls, type) and attrs.has(cls)


def _record(cls: type[Any], converter: Converter) -> Hook:
    """Reads an attrs class from a mapping of its fields and no others."""
    hints = typing.get_type_hints(cls)
    fields = {one.alias: one for one in attrs.fields(cls) if one.init}

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise malformed("give an object")
        given = (
            (alias, partial(_field, value, one, hints[one.name], converter))
            for alias, one in fields.items()
            if alias in value or one.default is attrs.NOTHING
        )
        found, problems = _tried(given)
        problems += (*_objections(cls, found), *_unknown(value, fields))
        if problems:
            raise MalformedError(*problems[:MOST_PROBLEMS])
        return cls(**found)

    return read


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


def _unknown(value: Mapping[Any, Any], fields: Mapping[str, Any]) -> Iterator[Problem]:
    """A key that is no name is not repeated: nobody knows what it holds."""
    for key in islice((key for key in value if key not in fields), MOST_PROBLEMS):
        path = key if isinstance(key, str) and _NAME.match(key) else "?"
        yield Problem(path, "unknown_field", "leave it out")


def _objections(cls: type[Any], given: Mapping[str, Any]) -> list[Problem]:
    """What the validators of *given* fields say: every one of them, also beside missing fields."""
    probe = object.__new__(cls)
    fields = [one for one in attrs.fields(cls) if one.alias in given]
    for one in fields:
        object.__setattr__(probe, one.name, given[one.alias])
    judged = [one for one in fields if one.validator is not None]
    return _tried(("", partial(_validate, probe, one)) for one in judged)[1]


def _validate(probe: Any, one: Any) -> None:
    try:
        one.validator(probe, one, getattr(probe, one.name))
    except (TypeError, ValueError):
        problem = Problem(one.name, "invalid_argument", "give a value in range")
        raise MalformedError(problem) from None
    except AttributeError:
        return  # it compares with a field that was not read, which has a problem of its own


def writing(cls: type[Any], converter: Converter) -> Callable[[Any], dict[str, Any]]:
    """What writes an attrs class as a mapping, without its secrets and content."""
    hints = typing.get_type_hints(cls)
    fields = [one for one in attrs.fields(cls) if one.init and not _is_unwritten(hints[one.name])]
    write = converter.unstructure
    kept = [(one.alias, one.name, _turn_of(hints[one.name], write)) for one in fields]

    def unstructure(value: Any) -> dict[str, Any]:
        return {
            alias: getattr(value, name) if turn is None else turn(getattr(value, name))
            for alias, name, turn in kept
        }

    return unstructure


def _turn_of(hint: Any, write: Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    """How JSON has a field of type *hint*; None: as it is."""
    if hint is datetime:
        return datetime.isoformat
    plain = isinstance(hint, type) and (hint in (bool, int, str) or issubclass(hint, Id))
    return None if plain else write


def _is_unwritten(hint: Any) -> bool:
    return hint in _UNWRITTEN or any(each in _UNWRITTEN for each in members(hint))


#: Which hints, and what makes their hook.
READ_WHERE: Final[tuple[tuple[Where, Callable[[Any, Converter], Hook]], ...]] = (
    (is_sequence, _sequence),
    (is_record, _record),
)
