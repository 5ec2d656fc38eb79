"""How a single value from outside is read: strictly, and by its declared type."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
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
Where: TypeAlias = Callable[[Any], bool]

LARGEST_INT: Final = 2**53
_ABSENT: Final = type(None)


def malformed(advice: str, code: str = "invalid_argument") -> MalformedError:
    """The error of a value that stands right here; whoever reads around it adds the path."""
    return MalformedError(Problem("", code, advice))


def _text(value: Any, _: Any) -> str:
    if type(value) is not str:
        raise malformed("give text")
    return value


def _bool(value: Any, _: Any) -> bool:
    if type(value) is not bool:
        raise malformed("give true or false")
    return value


def _int(value: Any, _: Any) -> int:
    if type(value) is not int or abs(value) > LARGEST_INT:
        raise malformed("give a whole number within 53 bits")
    return value


def _float(value: Any, _: Any) -> float:
    if type(value) not in (int, float) or not -LARGEST_INT <= value <= LARGEST_INT:
        raise malformed("give a finite number within 53 bits")
    return math.fsum((value,))


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


def _timedelta(value: Any, hint: Any) -> timedelta:
    try:
        return timedelta(seconds=_int(value, hint))
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


def _secret(value: Any, hint: Any) -> Secret:
    return value if isinstance(value, Secret) else Secret(_text(value, hint))


def _content(value: Any, _: Any) -> Content:
    if not isinstance(value, Content):
        raise malformed("give a stream")
    return value


def _bytes(_: Any, __: Any) -> bytes:
    raise malformed("give no bytes here")


def members(hint: Any) -> tuple[Any, ...]:
    """The types that a union allows, None left out; none where *hint* is no union."""
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return tuple(each for each in typing.get_args(hint) if is_union and each is not _ABSENT)


def _is_policy(hint: Any) -> bool:
    return set(members(hint)) == {MessagingPolicy, UnknownPolicy}


def _policy(value: Any, hint: Any) -> MessagingPolicy | UnknownPolicy:
    return policy_of(_text(value, hint))


def _is_ids(hint: Any) -> bool:
    ids = members(hint)
    return len(ids) > 1 and all(isinstance(each, type) and issubclass(each, Id) for each in ids)


def _one_of_ids(value: Any, hint: Any) -> Id | None:
    if value is None and _ABSENT in typing.get_args(hint):
        return None
    for cls in members(hint):
        if isinstance(value, str) and value.startswith(cls.prefix):
            return _id(value, cls)
    raise malformed("give an id of the declared kind", "invalid_id")


def _is_ambiguous(hint: Any) -> bool:
    return len(members(hint)) > 1


def _ambiguous(value: Any, hint: Any) -> None:
    """What arrives never chooses the class that is made of it."""
    if value is None and _ABSENT in typing.get_args(hint):
        return
    raise malformed("leave it out; its kind cannot be told")


#: Class and its children: how they are read.
READ: Final[Mapping[type, Hook]] = {
    str: _text,
    bool: _bool,
    int: _int,
    float: _float,
    bytes: _bytes,
    datetime: _moment,
    date: _date,
    timedelta: _timedelta,
    Id: _id,
    Enum: _enum,
    Secret: _secret,
    Content: _content,
}

#: Which hints, by which hook; the later, the stronger.
READ_WHERE: Final[tuple[tuple[Where, Hook], ...]] = (
    (_is_ambiguous, _ambiguous),
    (_is_ids, _one_of_ids),
    (_is_policy, _policy),
)
