"""The converter: a fresh one for whoever asks, and what is most often wanted of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content
from clientportal.domain.ids import Id
from clientportal.domain.practices import UnknownPolicy
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


def _made(make: Callable[[Any, Converter], Any], converter: Converter) -> Callable[[Any], Any]:
    return lambda hint: make(hint, converter)


def _sorted(converter: Converter) -> Callable[[frozenset[Any]], list[Any]]:
    return lambda found: sorted(converter.unstructure(each) for each in found)


WRITE: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    Id: str,
    datetime: datetime.isoformat,
    date: date.isoformat,
    timedelta: _seconds,
    Secret: _unwritten,
    Content: _unwritten,
}


def make_converter() -> Converter:
    """A converter that reads strictly and writes JSON types; add hooks to it as you like.

    Reads classes by their fields and no others, ids by their noun, moments in ISO 8601 with an
    offset, dates, spans in whole seconds, enumerations by value. Writes the same: frozen sets
    sorted, fields that hold a `Secret` or `Content` not at all.
    """
    from cattrs import Converter

    converter = Converter(detailed_validation=False)
    for kind, read in scalars.READ.items():
        converter.register_structure_hook(kind, read)
    for where, read in scalars.READ_WHERE:
        converter.register_structure_hook_func(where, read)
    for where, make in records.READ_WHERE:
        converter.register_structure_hook_factory(where, _made(make, converter))
    for kind, write in WRITE.items():
        converter.register_unstructure_hook(kind, write)
    converter.register_unstructure_hook_func(records.is_frozenset, _sorted(converter))
    converter.register_unstructure_hook_factory(
        records.is_record, _made(records.writing, converter)
    )
    converter.register_unstructure_hook(UnknownPolicy, lambda policy: policy.raw)
    return converter


def structure(cls: type[T], value: object, *, converter: Converter | None = None) -> T:
    """*value*, a mapping as JSON gives it, as a *cls*.

    Whoever reads often makes a *converter* once. Raises `MalformedError` with all problems, each
    with its dotted path.
    """
    return (converter or make_converter()).structure(value, cls)


def wire_of() -> Callable[[object], tuple[str, str]]:
    """What gives an event's or a command's name, and its canonical JSON without secrets."""
    converter = make_converter()
    writers: dict[type[Any], tuple[str, Callable[[Any], Any]]] = {
        cls: (name, records.writing(cls, converter)) for cls, name in WIRE_NAMES.items()
    }

    def wire(value: object) -> tuple[str, str]:
        cls = type(value)
        if cls not in writers:
            writers[cls] = (cls.name, records.writing(cls, converter))  # type: ignore[attr-defined] # a command
        name, write = writers[cls]
        return name, encode(write(value))

    return wire


def event_of(name: str, body: str, *, converter: Converter | None = None) -> Any:
    """The event called *name* on the wire, from its JSON.

    Raises `MalformedError`, with `unknown_event` for a name that a newer version may have given.
    """
    if name not in EVENTS:
        raise MalformedError(Problem("", "unknown_event", "read it with a newer version"))
    return structure(EVENTS[name], loads(body), converter=converter)
