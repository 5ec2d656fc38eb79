"""How a single value from outside is read: strictly, and by its declared type."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeAlias

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content
from clientportal.domain.ids import Id
from clientportal.domain.moments import check_moment
from clientportal.domain.practices import MessagingPolicy, UnknownPolicy, policy_of
from clientportal.errors import MalformedError, Problem

Hook: TypeAlias = Callable[[Any, Any], Any]

LARGEST_INT: Final = 2**53


def malformed(advice: str, code: str = "invalid_argument") -> MalformedError:
    return MalformedError(Problem("", code, advice))


def _exactly(kind: type, advice: str) -> Hook:
    def structure_one(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise malformed(advice)
        return value

    return structure_one


def _int(value: Any, _: Any) -> int:
    if type(value) is not int or abs(value) > LARGEST_INT:
        raise malformed("give a whole number within 53 bits")
    return value


def _float(value: Any, _: Any) -> float:
    if type(value) not in (int, float) or abs(value) > LARGEST_INT or not math.isfinite(value):
        raise malformed("give a finite number")
    return float(value)


def _moment(value: Any, _: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise malformed("give ISO 8601 with an offset", "invalid_moment") from None
    return check_moment(at, "")


def _date(value: Any, _: Any) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        day = None
    if type(day) is not date:
        raise malformed("give a date as YYYY-MM-DD", "invalid_date")
    return day


def _timedelta(value: Any, _: Any) -> timedelta:
    try:
        return timedelta(seconds=_int(value, _))
    except OverflowError:
        raise malformed("give fewer seconds") from None


def _id(value: Any, cls: type[Id]) -> Id:
    try:
        return cls(value)
    except MalformedError as error:
        raise MalformedError(error.problems[0]._replace(path="")) from None


def _enum(value: Any, cls: type[Enum]) -> Enum:
    for member in cls:
        if type(value) is type(member.value) and value == member.value:
            return member
    raise malformed(f"give one of {', '.join(str(member.value) for member in cls)}")


def _policy(value: Any, _: Any) -> MessagingPolicy | UnknownPolicy:
    return policy_of(_exactly(str, "give text")(value, _))


def _secret(value: Any, _: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(_exactly(str, "give text")(value, _))


def members(hint: Any) -> tuple[Any, ...]:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else ()


def _is_ids(hint: Any) -> bool:
    """Whether *hint* is a union of ids; None may be one of them."""
    ids = [each for each in members(hint) if each is not type(None)]
    return len(ids) > 1 and all(isinstance(each, type) and issubclass(each, Id) for each in ids)


def _one_of_ids(value: Any, hint: Any) -> Id | None:
    """The id whose prefix *value* has: the prefix says the noun, not the caller."""
    if value is None and type(None) in members(hint):
        return None
    for cls in members(hint):
        if cls is not type(None) and isinstance(value, str) and value.startswith(cls.prefix):
            return _id(value, cls)
    raise malformed("give an id of the declared kind", "invalid_id")


