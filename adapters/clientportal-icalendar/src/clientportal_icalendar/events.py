"""Takes an iCalendar object apart into its events, each a table of lines; judges nothing.

The package's own reader remembers the zones that a file defines, for every file that comes after
it; here no file learns of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import Factory, define, field, frozen
from icalendar.parser import Contentline, Contentlines

from clientportal.errors import MalformedError, Problem

MOST_BYTES: Final = 1024 * 1024
TIMES: Final = frozenset(
    (
        *("DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE"),
        *("RECURRENCE-ID", "UID", "STATUS", "TRANSP"),
    )
)
_lines: Final[Callable[[str], Iterable[Any]]] = Contentlines.from_ical
_DEEPEST: Final = 10
_EVENT: Final = ["VCALENDAR", "VEVENT"]


@frozen
class Line:
    """One property: its parameters and its value."""

    params: Mapping[str, str]
    value: str = field(repr=False)


@define
class RawEvent:
    """The lines of one event that say when, by name; *index* is its place in the file."""

    index: int
    lines: dict[str, list[Line]] = Factory(dict)
    is_broken: bool = False

    def one(self, name: str) -> Line | None:
        """The line called *name*, the first where there are several."""
        return next(iter(self.lines.get(name, ())), None)


def _not_a_calendar() -> MalformedError:
    advice = "give a whole iCalendar file, in UTF-8"
    return MalformedError(Problem("content", "invalid_calendar", advice))


def events_of(content: bytes) -> tuple[RawEvent, ...]:
    """The events in *content*, in order.

    Raises `MalformedError`: `limit_exceeded` for more than a mebibyte, `invalid_calendar` for
    anything that does not begin and end as a calendar does.
    """
    if len(content) > MOST_BYTES:
        raise MalformedError(Problem("content", "limit_exceeded", "give a mebibyte at most"))
    found: list[RawEvent] = []
    inside: list[str] = []
    is_one = False
    for line in _lines(content.decode("utf-8-sig", "replace")):
        name, _, rest = line.partition(":")
        name = name.upper()
        if name == "BEGIN":
            is_one = _enter(inside, rest.strip().upper()) or is_one
            if inside == _EVENT:
                found.append(RawEvent(len(found)))
        elif name == "END":
            if not inside or inside.pop() != rest.strip().upper():
                raise _not_a_calendar()
        elif inside == _EVENT:
            _keep(found[-1], line)
    if inside or not is_one:
        raise _not_a_calendar()
    return tuple(found)


def _enter(inside: list[str], name: str) -> bool:
    """Go into a component; whether it is a calendar."""
    inside.append(name)
    if inside[0] != "VCALENDAR" or len(inside) > _DEEPEST:
        raise _not_a_calendar()
    return len(inside) == 1


def _keep(event: RawEvent, line: Contentline) -> None:
    """Keep a line that says when."""
    name = line.partition(":")[0].partition(";")[0].strip().upper()
    if name not in TIMES:
        return
    try:
        _, params, value = line.parts()
    except ValueError:
        event.is_broken = True
        return
    plain = {key.upper(): str(each) for key, each in params.items()}
    event.lines.setdefault(name, []).append(Line(plain, str(value)))
