"""The converter: a fresh one for whoever asks, and what is most often wanted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content
from clientportal.domain.ids import Id
from clientportal.domain.practices import AnyPolicy, UnknownPolicy
from clientportal.errors import MalformedError, Problem
from clientportal.serialization import records, scalars
from clientportal.serialization.wire import EVENTS, WIRE_NAMES, encode, loads

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")


def _unwritten(value: object) -> Any:
    msg = f"{type(value).__name__} is not serialized"
    raise TypeError(msg)


def _seconds(span: timedelta) -> int | float:
    whole, rest = divmod(span, timedelta(seconds=1))
    return span.total_seconds() if rest else whole


def _sorted(converter: Converter) -> Callable[[frozenset[Any]], list[Any]]:
    return lambda found: sorted(converter.unstructure(each) for each in found)


def make_converter() -> Converter:
    """A converter that reads strictly and writes JSON types; add hooks to it as you like.

    Reads: classes by their fields and no others, ids by their noun, moments in ISO 8601 with an
    offset, dates, spans in whole seconds, enumerations by value. Writes the same; frozen sets
    sorted, fields that hold a `Secret` or `Content` not at all.
    """
    from cattrs import Converter

    converter = Converter(detailed_validation=False, forbid_extra_keys=True)
    for kind, read in scalars.READ.items():
        converter.register_structure_hook(kind, read)
    for is_one, read in scalars.READ_WHERE:
        converter.register_structure_hook_func(is_one, read)
    for is_one, make in records.READ_WHERE:
        converter.register_structure_hook_factory(
            is_one, lambda hint, make=make: make(hint, converter)
        )
    converter.register_unstructure_hook_func(scalars.is_id, str)
    converter.register_unstructure_hook(datetime, datetime.isoformat)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(timedelta, _seconds)
    converter.register_unstructure_hook(UnknownPolicy, lambda policy: policy.raw)
    converter.register_unstructure_hook(Secret, _unwritten)
    converter.register_unstructure_hook(Content, _unwritten)
    converter.register_unstructure_hook_func(records.is_frozenset, _sorted(converter))
    converter.register_unstructure_hook_factory(
        records.is_record, lambda cls: records.writing(cls, converter)
    )
    return converter
