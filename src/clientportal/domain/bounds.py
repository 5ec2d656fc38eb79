"""Bounds on lists that come from outside: how many, and each once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from attrs import Attribute

from clientportal.domain.texts import Validator
from clientportal.errors import MalformedError, Problem


def _itself(value: Any) -> Hashable:
    return value  # type: ignore[no-any-return] # whatever the caller's items are


def check_tuple(value: object, path: str) -> None:
    """Raise `MalformedError` (`invalid_argument`) unless *value* is a tuple."""
    if not isinstance(value, tuple):
        raise MalformedError(Problem(path, "invalid_argument", "give a tuple"))


def each_once(most: int, *, least: int = 1, key: Callable[[Any], Hashable] = _itself) -> Validator:
    """Attrs validator: *least* to *most* items, no two with the same *key*."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        check_tuple(value, attribute.name)
        if not least <= len(value) <= most:
            advice = f"give {least} to {most} of them"
            raise MalformedError(Problem(attribute.name, "limit_exceeded", advice))
        try:
            different = len({key(item) for item in value})
        except (TypeError, AttributeError, LookupError):
            advice = "give items of the declared type"
            raise MalformedError(Problem(attribute.name, "invalid_argument", advice)) from None
        if different != len(value):
            raise MalformedError(Problem(attribute.name, "duplicate", "name each of them once"))

    return validate


def whole(least: int, most: int) -> Validator:
    """Attrs validator: a whole number from *least* to *most*; true and false are no numbers."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if type(value) is not int or not least <= value <= most:
            advice = f"give a whole number from {least} to {most}"
            raise MalformedError(Problem(attribute.name, "invalid_argument", advice))

    return validate


def one_of(*choices: str) -> Validator:
    """Attrs validator: a tuple of some of *choices*."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        check_tuple(value, attribute.name)
        if any(item not in choices for item in value):
            advice = f"give some of {', '.join(choices)}"
            raise MalformedError(Problem(attribute.name, "invalid_argument", advice))

    return validate


def flag(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: true or false."""
    if not isinstance(value, bool):
        raise MalformedError(Problem(attribute.name, "invalid_argument", "give true or false"))
