"""Times as a calendar writes them: a day or a time on the wall, in a zone that may be unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from attrs import Factory, define, frozen
from icalendar import vDDDTypes, vDuration
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from clientportal.domain.moments import Interval, zone_of
from clientportal.errors import MalformedError
from clientportal_icalendar.events import Line

_value: Final[Callable[[str], Any]] = vDDDTypes.from_ical
_duration: Final[Callable[[str], timedelta]] = vDuration.from_ical
DAY: Final = timedelta(days=1)
#: How far the clocks of the world are before and behind UTC.
EASTMOST, WESTMOST = timedelta(hours=14), timedelta(hours=12)
_LONGEST: Final = timedelta(days=40_000)
#: A file that names more of them names none of the world's.
_MOST_ZONES: Final = 500
_YEARS: Final = range(3, 9990)


@frozen
class Wall:
    """A time on the wall of *zone*; *is_vague* where nobody knows which zone that is."""

    local: datetime
    zone: tzinfo
    is_day: bool = False
    is_vague: bool = False

    def at(self, local: datetime) -> datetime:
        """The moment of another time on the same wall, the first of two, or after a gap."""
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    @property
    def moment(self) -> datetime:
        """When it is."""
        return self.at(self.local)

    def on_wall(self, moment: datetime) -> datetime:
        """What the wall says at *moment*."""
        return moment.astimezone(self.zone).replace(tzinfo=None)


@frozen
class Span:
    """How long: days on the wall, then time that passes."""

    days: int = 0
    passing: timedelta = timedelta()

    def end(self, wall: Wall, start: datetime) -> datetime:
        """When what begins at *start* on *wall* is over."""
        return wall.at(start + timedelta(days=self.days)) + self.passing


@define
class Zones:
    """The zones of one file by the names it has for them; *floating* where it names none."""

    floating: tzinfo
    found: dict[str, tzinfo | None] = Factory(dict)

    def named(self, name: str) -> tzinfo | None:
        """The zone called *name*, as IANA or Windows do, with or without a path before it."""
        if name not in self.found and len(self.found) < _MOST_ZONES:
            self.found[name] = _zone(name)
        return self.found.get(name)

    def walls(self, line: Line) -> Iterator[tuple[Wall, Any]]:
        """Every time in *line*, and the end or length that a period has.

        Raises `ValueError` for what is no time.
        """
        for text in line.value.split(","):
            value = _value(text.strip())
            begin, rest = value if isinstance(value, tuple) else (value, None)
            yield self._wall(begin, line.params.get("TZID")), rest

    def wall(self, line: Line) -> Wall:
        """The one time in *line*. Raises `ValueError`."""
        (found,) = self.walls(line)
        return found[0]

    def _wall(self, value: object, name: str | None) -> Wall:
        if not isinstance(value, date) or value.year not in _YEARS:
            raise ValueError(type(value).__name__)
        if not isinstance(value, datetime):
            return Wall(datetime.combine(value, time()), self.floating, is_day=True)
        if value.tzinfo is not None:
            return Wall(value.replace(tzinfo=None), UTC)
        zone = self.floating if name is None else self.named(name)
        return Wall(value, zone or UTC, is_vague=zone is None)


def _zone(name: str) -> tzinfo | None:
    parts = WINDOWS_TO_OLSON.get(name, name).strip("/").split("/")
    for length in (3, 2, 1):
        try:
            return zone_of("/".join(parts[-length:]))
        except MalformedError:
            continue
    return None


def span_of(start: Wall, end: Wall | None, length: Line | None) -> Span:
    """How long an event takes. Raises `ValueError` where that cannot be told."""
    if end is not None:
        return _until(start, end)
    if length is not None:
        return length_of(length.value)
    return Span(days=1) if start.is_day else Span()


def _until(start: Wall, end: Wall) -> Span:
    if start.is_day and end.is_day and end.local > start.local:
        return Span(days=(end.local - start.local).days)
    if start.is_day and end.is_day and end.local == start.local:
        return Span(days=1)
    passing = end.moment - start.moment
    if start.is_day is not end.is_day or end.is_vague is not start.is_vague:
        raise ValueError("end")
    if not timedelta() <= passing <= _LONGEST:
        raise ValueError("end")
    return Span(passing=passing)


def length_of(text: str) -> Span:
    """A duration: its days are days on the wall, its hours are hours (RFC 5545, 3.3.6)."""
    _duration(text)  # raises where it is none
    days, _, rest = text.upper().lstrip("+").partition("T")
    whole = _duration(days) if any(each.isdigit() for each in days) else timedelta()
    passing = _duration(f"PT{rest}") if rest else timedelta()
    if days.startswith("-") or whole > _LONGEST or passing > _LONGEST:
        raise ValueError("length")
    return Span(days=whole.days, passing=passing)


def clipped(start: datetime, end: datetime, within: Interval) -> Interval | None:
    """What of a time lies *within*, or None."""
    first, last = max(start, within.start), min(end, within.end)
    return Interval(first, last) if first < last else None
